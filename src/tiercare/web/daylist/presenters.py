"""The day and its queues as pages show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from tiercare.apps.capacity.queries import DaySession, Done, Queue, Waits
from tiercare.apps.capacity.queries.queue import Entry
from tiercare.apps.capacity.rules.queueing import PRECEDENCE_NAMES, Placed, Precedence
from tiercare.apps.capacity.rules.vocabulary import EXTRA, GRADE_NAMES, KIND_NAMES, SessionState
from tiercare.apps.capacity.workflow import ACT_NAMES, Act, State, transition, untimely
from tiercare.apps.network import queries as network
from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.rules import SEX_NAMES, Sex
from tiercare.engines.policy import ParameterAnswer
from tiercare.kernel.clock import day_of
from tiercare.web.booking import words
from tiercare.web.pages import english, said

_OFFERED_ACTS = (Act.ARRIVE, Act.ATTEND, Act.MISS)
_CALLED, _COMING = 3, 8  # how many a screen shows


def head(of: DaySession, *, now: datetime) -> dict[str, Any]:
    """A session with its counts."""
    return {
        "of": of,
        "time": f"{words.clock(of.starts_at)}–{words.clock(of.ends_at)}",
        "day": words.day(of.day, day_of(now)),
        "grade": said(GRADE_NAMES[of.grade]),
        "stopped": of.state is SessionState.STOPPED,
        "over": of.ends_at <= now,
        "running": of.starts_at <= now < of.ends_at,
        "longest": minutes(now - of.since) if of.since else "",
    }


def departments(found: Sequence[DaySession], *, now: datetime) -> list[dict[str, Any]]:
    """The sessions of a day by department, in the order they came."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for each in found:
        grouped.setdefault(each.department or said(KIND_NAMES[each.kind]), []).append(head(each, now=now))
    return [{"name": name, "sessions": sessions} for name, sessions in grouped.items()]


def totals(found: Sequence[DaySession]) -> list[tuple[str, int]]:
    """What all sessions that were not stopped come to."""
    on = [each for each in found if each.state is not SessionState.STOPPED]
    return [
        (_("待到院"), sum(each.expected for each in on)),
        (_("候诊"), sum(each.arrived for each in on)),
        (_("已就诊"), sum(each.seen for each in on)),
        (_("爽约"), sum(each.missed for each in on)),
        (_("现场号"), sum(each.walk_ins for each in on)),
        (_("加号"), sum(each.beyond for each in on)),
    ]


def queue(found: Queue, of: DaySession, *, now: datetime, today: date) -> list[dict[str, Any]]:
    """The queue, each with the reason for the place and what can be done; names as lists show them."""
    people = _people([each.resident_id for each in found.entries.values()])
    makers = {
        each.booked_by for each in found.entries.values() if each.booked_by not in (None, of.institution_id)
    }
    names = network.names_of_institutions({each for each in makers if each is not None}, on=today)
    return [
        _row(
            each,
            found.entries[each.waiting.booking_id],
            found.clause_of(each.precedence),
            people,
            names,
            of=of,
            now=now,
        )
        for each in found.placed
    ]


def _row(
    placed: Placed,
    entry: Entry,
    clause: str,
    people: Mapping[UUID, Mapping[str, Any]],
    names: Mapping[UUID, str],
    *,
    of: DaySession,
    now: datetime,
) -> dict[str, Any]:
    here = placed.waiting.present
    state = State.ARRIVED if here else State.BOOKED
    return {
        "id": placed.waiting.booking_id,
        "position": placed.position,
        "number": placed.waiting.number,
        "time": words.clock(placed.waiting.starts_at) if of.by_time else "",
        "who": people.get(entry.resident_id, {}),
        "code": placed.precedence.value,
        "name": said(PRECEDENCE_NAMES[placed.precedence]),
        "first": placed.precedence is not Precedence.OTHER,
        "clause": clause,
        "extra": words.kept(entry.drawn) if entry.drawn in EXTRA else "",
        "by": names.get(entry.booked_by, "") if entry.booked_by else "",
        "here": here,
        "arrived": words.clock(entry.arrived_at) if entry.arrived_at else "",
        "waited": minutes(now - entry.arrived_at) if here and entry.arrived_at else "",
        "called": words.clock(entry.called_at) if entry.called_at else "",
        "late": not here and placed.waiting.starts_at <= now,
        "acts": _acts(state, placed.waiting.starts_at, now),
    }


def _acts(state: State, starts_at: datetime, now: datetime) -> list[dict[str, str]]:
    return [
        {"code": act.value, "name": said(ACT_NAMES[act])}
        for act in _OFFERED_ACTS
        if transition(state, act) is not None and untimely(act, state, starts_at=starts_at, now=now) is None
    ]


def done(found: Sequence[Done]) -> list[dict[str, Any]]:
    """Who was seen, or did not come."""
    people = _people([each.resident_id for each in found])
    return [
        {
            "id": each.id,
            "number": each.number,
            "time": words.clock(each.starts_at),
            "who": people.get(each.resident_id, {}),
            "state": words.state(each.state),
            "extra": words.kept(each.drawn) if each.drawn in EXTRA else "",
            "at": words.clock(each.at),
            "waited": minutes(each.at - each.arrived_at)
            if each.arrived_at and each.state is State.ATTENDED
            else "",
        }
        for each in found
    ]


def screen(found: Queue, of: DaySession) -> dict[str, Any]:
    """Numbers, and nothing of anybody: who is called, the last first, and who comes then."""
    here = [each for each in found.placed if each.waiting.present]
    called = sorted(
        (each for each in here if found.entries[each.waiting.booking_id].called_at),
        key=lambda each: str(found.entries[each.waiting.booking_id].called_at),
        reverse=True,
    )
    coming = [each for each in here if each not in called]
    return {
        "called": [_numbered(each, of) for each in called[:_CALLED]],
        "coming": [_numbered(each, of) for each in coming[:_COMING]],
        "more": max(0, len(coming) - _COMING),
    }


def _numbered(placed: Placed, of: DaySession) -> dict[str, Any]:
    """A number; with its time where every slot has numbers of its own."""
    time = words.clock(placed.waiting.starts_at) if of.by_time else ""
    return {"time": time, "number": placed.waiting.number}


def ordered_by(by: ParameterAnswer | None) -> dict[str, Any]:
    """What orders the queue: the clause, and its classes in their order."""
    if by is None:
        return {}
    value = by.value if isinstance(by.value, tuple) else ()
    classes = [said(PRECEDENCE_NAMES[Precedence(str(each))]) for each in value]
    together = (", " if english() else "、").join(classes)
    return {"clause": by.clause.id, "gist": said(by.clause.gist), "classes": together}


def waited(found: Waits) -> list[dict[str, Any]]:
    """Both means, and how long each is against the longer."""
    longest = max((each.wait for each in (found.signed, found.others) if each.wait), default=None)
    return [
        {
            "name": name,
            "people": each.people,
            "mean": minutes(each.wait) if each.wait is not None else "",
            "width": f"{each.wait / longest * 100:.0f}" if each.wait and longest else "0",
        }
        for name, each in ((_("签约居民"), found.signed), (_("其他居民"), found.others))
    ]


def minutes(span: timedelta) -> str:
    """12 分, 1 小时 5 分."""
    whole = max(0, round(span.total_seconds() / 60))
    hours, rest = divmod(whole, 60)
    if not hours:
        return _("%(minutes)s 分") % {"minutes": rest}
    return _("%(hours)s 小时 %(minutes)s 分") % {"hours": hours, "minutes": rest}


def _people(found: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    return {
        each.id: {"name": each.name, "sex": said(SEX_NAMES[Sex(each.sex)]), "birth_year": each.birth_year}
        for each in residents.least_of(set(found))
    }
