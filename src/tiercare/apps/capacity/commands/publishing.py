"""Putting sessions on offer (放号): checked, shared out, held against what policy promises, then open; all or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.engines.policy import State as Standing
from tiercare.engines.policy import Verdict
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import Pool
from ..queries.promises import Bound, bound, offers, verdicts
from ..rules.planning import MOST_SESSIONS, Planned, faults, share_out, slots_of
from ..rules.shares import Offer, resources_of
from ..rules.vocabulary import OFFERED, RESERVED, Channel
from . import publishing_sql as sql
from .clashes import clash

SUBJECT = "network.institution"
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Published:
    """What went on offer."""

    session_ids: tuple[UUID, ...]
    units: int
    kept: dict[Channel, int]


def publish(actor: Actor, *, institution_id: UUID, planned: Sequence[Planned]) -> Published:
    """Put sessions of one institution on offer, with their places shared out among the channels.

    Raises:
        Refused: if the actor does not keep this institution's schedule; with everything that is wrong with any
            session; if a day would offer less than policy promises, with the card's own sentence.
    """
    refuse(access.may(actor, Right.CAPACITY_KEEP, institution_id=institution_id))
    now = ledger_queries.now()
    refuse(
        *_misfits(institution_id, planned), *(fault for each in planned for fault in faults(each, now=now))
    )
    with transaction.atomic():
        lock_schedule(institution_id)
        laid = prepare(institution_id, planned)
        try:
            with transaction.atomic():
                sessions = _write(institution_id, laid, now)
        except IntegrityError as error:
            raise Refused(clash(error)) from error
        kept = {channel: sum((each.units or {}).get(channel, 0) for each in laid) for channel in RESERVED}
        ledger.append(
            actor,
            events.SessionsPublished(
                days=tuple(sorted({each.day for each in laid})),
                sessions=tuple(sessions),
                units=sum(each.capacity for each in laid),
                kept={channel.value: units for channel, units in kept.items() if units},
            ),
            subject_type=SUBJECT,
            subject_id=institution_id,
            institution_id=institution_id,
            division_code=actor.division_code,
        )
    return Published(tuple(sessions), sum(each.capacity for each in laid), kept)


def prepare(institution_id: UUID, planned: Sequence[Planned]) -> list[Planned]:
    """The sessions with their places shared out, as they would be published; writes nothing.

    Raises:
        Refused: if on some day less would be kept than policy promises.
    """
    laid: list[Planned] = []
    days: dict[date, list[Planned]] = {}
    for each in planned:
        days.setdefault(each.day, []).append(each)
    known = offers([institution_id], min(days), max(days))
    for day, wanted in sorted(days.items()):
        binding = bound(institution_id, on=day)
        if binding is None:
            raise Refused(_CLOSED_THEN)
        shared = share_out(wanted, known.get(day, ()), binding.promises)
        _hold_against(binding, shared, known.get(day, ()), day)
        laid += [replace(each, release=binding.release) for each in shared]
    return laid


def _hold_against(binding: Bound, shared: Sequence[Planned], before: Sequence[Offer], day: date) -> None:
    """Raises ``Refused`` with the cards' own sentences where the day's offer breaks a promise."""
    refuse(*broken_promises(binding, together(binding.hospital.id, shared, before), day))


def broken_promises(binding: Bound, offered: Sequence[Offer], day: date) -> list[Refusal]:
    """What the cards say against the offers of a day, in their own words."""
    return [
        _refusal(verdict, finding)
        for verdict in verdicts(binding, offered, on=day)
        if verdict.state is Standing.VIOLATED
        for finding in verdict.findings
    ]


def promises_short(institution_id: UUID, day: date) -> list[Refusal]:
    """What the cards say against what an institution has on offer on a day."""
    binding = bound(institution_id, on=day)
    if binding is None:
        return []
    return broken_promises(binding, offers([institution_id], day, day).get(day, ()), day)


def together(institution_id: UUID, shared: Sequence[Planned], before: Sequence[Offer]) -> list[Offer]:
    """The offers of a day with the new sessions counted in."""
    units: dict[str, dict[Channel, int]] = {each.resource: dict(each.kept) for each in before}
    for each in shared:
        for resource in resources_of(each.kind, each.grade):
            known = units.setdefault(resource, {})
            for channel, places in (each.units or {}).items():
                known[channel] = known.get(channel, 0) + places
    return [
        Offer(institution_id, resource, sum(known.values()), known)
        for resource, known in sorted(units.items())
    ]


def _refusal(verdict: Verdict, finding: Any) -> Refusal:
    return Refusal(
        code=verdict.card.id,
        message=Text(verdict.sentence(finding), verdict.sentence(finding, "en")),
        instead=Text(verdict.remedy(finding), verdict.remedy(finding, "en")),
        clauses=verdict.card.clauses,
        at="units",
        status=422,
    )


def _misfits(institution_id: UUID, planned: Sequence[Planned]) -> list[Refusal]:
    if not 1 <= len(planned) <= MOST_SESSIONS:
        return [_HOW_MANY]
    wanted = {each.pool_id for each in planned}
    own = set(Pool.objects.filter(institution_id=institution_id, id__in=wanted).values_list("id", flat=True))
    return [] if own == wanted else [_NOT_YOUR_POOL]


def lock_schedule(institution_id: UUID) -> None:
    """One publication of an institution at a time: a day's shares are judged over all of it."""
    with connection.cursor() as cursor:
        cursor.execute(sql.LOCK_SCHEDULE, [str(institution_id)])


def _write(institution_id: UUID, laid: Sequence[Planned], now: datetime) -> list[UUID]:
    """The rows of all sessions, slots and quotas, in three statements."""
    hours = dict(
        Pool.objects.filter(id__in={each.pool_id for each in laid}).values_list("id", "release_hours")
    )
    ids = [uuid7() for _ in laid]
    with connection.cursor() as cursor:
        cursor.executemany(
            sql.SESSION,
            [_session(key, institution_id, each, now) for key, each in zip(ids, laid, strict=True)],
        )
        cursor.executemany(
            sql.SLOT,
            [
                {"id": uuid7(), "session": key, "starts": start, "ends": end, "capacity": places}
                for key, each in zip(ids, laid, strict=True)
                for start, end, places in slots_of(each)
            ],
        )
        cursor.executemany(
            sql.QUOTA,
            [
                quota
                for key, each in zip(ids, laid, strict=True)
                for quota in _quotas(key, each, hours[each.pool_id])
            ],
        )
    return ids


def _session(key: UUID, institution_id: UUID, planned: Planned, now: datetime) -> dict[str, Any]:
    return {
        "id": key,
        "institution": institution_id,
        "pool": planned.pool_id,
        "day": planned.day,
        "starts": planned.starts,
        "ends": planned.ends,
        "capacity": planned.capacity,
        "clinician": planned.clinician_id,
        "place": planned.place,
        "now": now,
    }


def _quotas(key: UUID, planned: Planned, release_hours: int | None) -> list[dict[str, Any]]:
    units = planned.units or {}
    before = planned.release if release_hours is None else timedelta(hours=release_hours)
    found = [
        {
            "session": key,
            "channel": channel.value,
            "holder": NOBODY,
            "cap": units.get(channel, 0),
            "release": None if channel is Channel.OPEN else planned.starts - before,
        }
        for channel in OFFERED
        if channel is Channel.OPEN or units.get(channel, 0)
    ]
    if planned.walk_ins:
        walk: dict[str, Any] = {
            "session": key,
            "channel": Channel.WALK_IN.value,
            "holder": NOBODY,
            "release": None,
        }
        found.append({**walk, "cap": planned.walk_ins})
    return found


_HOW_MANY = Refusal(
    code="capacity.nothing_to_publish",
    message=Text("一次须发布 1 至 {most} 个场次。", "Publish 1 to {most} sessions at a time."),
    instead=Text(
        "请选择要发布的日期和场次；更多的请分几次。",
        "Choose days and sessions; more of them in several goes.",
    ),
    fields={"most": MOST_SESSIONS},
    status=422,
)
_NOT_YOUR_POOL = Refusal(
    code="capacity.not_your_pool",
    message=Text("所选的池不属于本机构。", "A pool of these is not your institution's."),
    instead=Text("请从本机构的池中选择。", "Choose from your institution's pools."),
    at="pool",
    status=404,
)
_CLOSED_THEN = Refusal(
    code="capacity.institution_closed",
    message=Text("机构在所选日期不在登记中。", "The institution is not open on that day."),
    instead=Text("请选择机构在册的日期。", "Choose a day on which it is on the register."),
    at="day",
    status=422,
)
