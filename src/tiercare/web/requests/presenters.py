"""Lists of requests as pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from tiercare.apps.exchange.queries import Line, NoticeRow
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.exchange.rules.owners import Level
from tiercare.apps.exchange.rules.telling import ESCALATED, FILING, NOTICE_NAMES, RECORD_GONE, UNHEARD
from tiercare.apps.exchange.workflow import WRITTEN, Act, State
from tiercare.apps.residents.rules import SEX_NAMES, Sex
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of
from tiercare.web.pages import said

from . import words

# Columns of the triage board, in the order in which a request goes through them.
COLUMNS = (
    State.SUBMITTED,
    State.ACCEPTED,
    State.SCHEDULED,
    State.ARRIVED,
    State.IN_CARE,
    State.NO_SHOW,
)
# What the receiver does next, by where it stands.
_NEXT_HERE: Mapping[State, Act] = {
    State.SUBMITTED: Act.ACCEPT,
    State.ACCEPTED: Act.SCHEDULE,
    State.ARRIVED: Act.TAKE_IN,
    State.IN_CARE: Act.REPORT,
}
_AT_ONCE = frozenset({Act.ACCEPT, Act.ARRIVE, Act.TAKE_IN, Act.ACKNOWLEDGE})
_LOUD = frozenset(
    {
        *(ESCALATED, UNHEARD, RECORD_GONE, FILING),
        *(Act.RETURN.value, Act.MISS.value, Act.LEAVE.value, Act.LOSE_PLACE.value),
    }
)


def lines(found: Iterable[Line], actor: Actor, *, now: datetime) -> list[dict[str, Any]]:
    """Requests, one a row, each with the one thing that is to be done next by whoever looks."""
    return [line(each, actor, now=now) for each in found]


def line(row: Line, actor: Actor, *, now: datetime) -> dict[str, Any]:
    """One request."""
    today = day_of(now)
    return {
        "id": row.id,
        "number": row.number,
        "kind": words.kind(row.kind),
        "state": words.state(row.state),
        "urgency": words.urgency(row.urgency),
        "pressing": row.urgency is not Urgency.ROUTINE,
        "person": person(row),
        "problem": row.problem,
        "problem_code": row.problem_code,
        "sender": row.sender_name,
        "receiver": row.receiver_name,
        "owner": words.owner(row.owner, row.owner_name),
        "mine": row.owner is not None and row.owner.account_id == actor.account_id,
        "due": words.due(row.due_at, now),
        "planned": words.moment(row.planned_at, today) if row.planned_at else "",
        "sent": words.moment(row.sent_at, today) if row.sent_at else "",
        "unheard": row.state is State.SUBMITTED and row.received_at is None,
        "alarmed": row.alarmed_at is not None and row.received_at is None,
        "escalated": row.owner is not None and row.owner.level in {Level.LEAD, Level.COMMISSION},
        "version": row.version,
        "next": next_act(row, actor, today=today),
        "write": written_at(row, actor),
        "draft": row.state is State.DRAFT,
        "returned": row.state is State.RETURNED,
    }


def person(row: Line) -> Mapping[str, Any]:
    """Whom it is about, as lists show them; nothing where the reader may not see anybody."""
    if row.person is None:
        return {}
    return {
        "name": row.person.name,
        "sex": said(SEX_NAMES[Sex(row.person.sex)]),
        "birth_year": row.person.birth_year,
        "number": row.person.number,
    }


def next_act(row: Line, actor: Actor, *, today: date) -> dict[str, str]:
    """The step that a row offers as its one button: what is mostly next for whoever looks. Those that need nothing said are
    done by it; the others open their form (``form``). What else can be done, the request's page offers; the command
    judges anyway."""
    own = actor.institution_id
    if own == row.sender and row.state is State.REPORTED:
        return _next(Act.ACKNOWLEDGE)
    if own != row.receiver or row.receiver == row.sender:
        return {}
    due_here = row.planned_at is not None and day_of(row.planned_at) <= today
    if row.state is State.SCHEDULED and due_here:
        return _next(Act.ARRIVE)
    return _next(_NEXT_HERE[row.state]) if row.state in _NEXT_HERE else {}


def _next(act: Act) -> dict[str, str]:
    return {"code": act.value, "name": words.act(act), "form": "" if act in _AT_ONCE else "yes"}


def written_at(row: Line, actor: Actor) -> str:
    """Where its sender writes on at it, while it is not sent or was returned."""
    if actor.institution_id != row.sender or row.state not in WRITTEN:
        return ""
    view = {"down": "referrals:plan", "advice": "referrals:ask"}.get(row.kind, "referrals:write")
    return reverse(view, args=[row.id])


def board(found: Sequence[Line], actor: Actor, *, now: datetime) -> list[dict[str, Any]]:
    """What came in by where it stands."""
    return [
        {
            "state": words.state(each),
            "cards": [line(row, actor, now=now) for row in found if row.state is each],
        }
        for each in COLUMNS
    ]


def notices(found: Iterable[NoticeRow], *, now: datetime) -> list[dict[str, Any]]:
    """What somebody was told."""
    today = day_of(now)
    return [
        {
            "id": each.id,
            "request_id": each.request_id,
            "number": each.number,
            "what": said(NOTICE_NAMES[each.about]) if each.about in NOTICE_NAMES else each.about,
            "loud": each.about in _LOUD,
            "at": words.moment(each.at, today),
            "seen": each.seen_at is not None,
            "kind": words.kind(each.kind),
            "problem": each.problem,
            "urgency": words.urgency(each.urgency),
            "pressing": each.urgency is not Urgency.ROUTINE,
            "state": words.state(each.state),
            "due": words.due(each.due_at, now),
            "other": each.other,
        }
        for each in found
    ]


def chips(counts: Mapping[str, int], chosen: str) -> list[dict[str, Any]]:
    """Counts that open the list behind them: by state, then what is overdue and what nobody has seen."""
    shown = [{"code": "", "name": _("全部在办"), "count": counts["open"], "colour": ""}]
    for each in State:
        if counts.get(each.value):
            tag = words.state(each)
            shown.append({"code": each.value, "name": tag["name"], "count": counts[each.value], "colour": ""})
    shown.append({"code": "overdue", "name": _("逾期"), "count": counts["overdue"], "colour": "violated"})
    shown.append(
        {"code": "unheard", "name": _("未签收报警"), "count": counts["unheard"], "colour": "at_risk"}
    )
    return [each | {"chosen": each["code"] == chosen} for each in shown]
