"""Beside what a session offers: walk-ins (现场号) and, where the hospital allows it, places beyond the offer (加号)."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import Session
from ..queries.places import times_of
from ..rules import refusals
from ..rules.vocabulary import EXTRA, Channel
from ..workflow import State
from .booking import Taken, channel_for, may_book, take
from .publishing import NOBODY

SUBJECT = "capacity.session"
# Ours, against slips of the finger: nobody sees so many beside those booked.
MOST_EXTRA = 200

_SET = """
INSERT INTO capacity_quota (session_id, channel, holder_id, cap)
VALUES (%(session)s, %(channel)s, %(nobody)s, %(units)s)
ON CONFLICT (session_id, channel, holder_id) DO UPDATE SET cap = excluded.cap
WHERE capacity_quota.used <= excluded.cap
RETURNING cap
"""
# The slot that is under way or comes next: a walk-in is seen when the turn comes.
_SLOT_NOW = """
SELECT l.id, s.institution_id, s.day, s.day = (tiercare_now() AT TIME ZONE 'Asia/Shanghai')::date AS is_today
FROM capacity_session s JOIN capacity_slot l ON l.session_id = s.id
WHERE s.id = %(session)s
ORDER BY upper(l.during) <= tiercare_now(), lower(l.during) LIMIT 1
"""


def allow_extra(actor: Actor, *, session_id: UUID, channel: Channel, units: int, reason: str) -> None:
    """Say how many may come beside those booked; they never count as offered, and keep no promise.

    Raises:
        Refused: if the actor does not keep the session, the number is absurd or below those who came already.
    """
    if channel not in EXTRA or not 0 <= units <= MOST_EXTRA or not 1 <= len(reason.strip()) <= 200:
        raise Refused(_WRONG_EXTRA)
    with transaction.atomic():
        session = Session.objects.filter(id=session_id).first()
        if session is None:
            raise Refused(refusals.NOT_TAKEN["unknown"])
        refuse(may(actor, Right.CAPACITY_KEEP, institution_id=session.institution_id))
        if not rows(_SET, session=session_id, channel=channel.value, nobody=NOBODY, units=units):
            raise Refused(_CAME_ALREADY)
        ledger.append(
            actor,
            events.ExtraAllowed(channel=channel.value, units=units, reason=reason.strip()),
            subject_type=SUBJECT,
            subject_id=session_id,
            institution_id=session.institution_id,
            division_code=actor.division_code,
        )


def walk_in(actor: Actor, *, session_id: UUID, resident_id: UUID) -> Taken:
    """Register somebody who stands at the host's desk, as arrived, on a place kept for those who just come.

    Raises:
        Refused: if the actor is not the host's desk, or the session is on another day; as ``book``.
        NoPlace: if the session keeps no place for walk-ins, or none is left.
    """
    return _extra(actor, session_id, resident_id, Channel.WALK_IN, State.ARRIVED)


def overbook(actor: Actor, *, slot_id: UUID, resident_id: UUID) -> Taken:
    """Give somebody a place beyond the offer, where the hospital has allowed some.

    Raises:
        Refused: if the actor is not the host's; as ``book``.
        NoPlace: if none is allowed, or none is left.
    """
    refuse(may_book(actor))
    found = times_of([slot_id])
    if not found:
        raise Refused(refusals.NOT_TAKEN["unknown"])
    return _extra(actor, found[0].session_id, resident_id, Channel.OVERBOOK, State.BOOKED, slot_id)


def _extra(
    actor: Actor,
    session_id: UUID,
    resident_id: UUID,
    channel: Channel,
    state: State,
    slot_id: UUID | None = None,
) -> Taken:
    refuse(may_book(actor))
    found = rows(_SLOT_NOW, session=session_id)
    if not found:
        raise Refused(refusals.NOT_TAKEN["unknown"])
    if actor.institution_id != found[0]["institution_id"]:
        raise Refused(refusals.HOST_ONLY)
    if channel is Channel.WALK_IN and not found[0]["is_today"]:
        raise Refused(replace(_ANOTHER_DAY, fields={"day": found[0]["day"]}))
    slot = slot_id or found[0]["id"]
    with scoped(actor):
        _, person = channel_for(actor, slot, resident_id, None)
        return take(actor, channel=channel, slot_id=slot, resident_id=person[0], state=state)


_ANOTHER_DAY = Refusal(
    code="capacity.walk_in_another_day",
    message=Text(
        "这一场在 {day}，不是今天，不能挂现场号。",
        "The session is on {day}: nobody walks in for another day.",
    ),
    instead=Text(
        "请预约那一天的号，或选今天的场次。", "Book a place of that day, or choose a session of today."
    ),
    at="session",
)
_WRONG_EXTRA = Refusal(
    code="capacity.wrong_extra",
    message=Text(
        "现场号和加号须在 0 至 {most} 之间，并写明理由。",
        "0 to {most} places beside the offer, with the reason.",
    ),
    instead=Text("请更正后保存。", "Correct it, then save."),
    fields={"most": MOST_EXTRA},
    at="units",
    status=422,
)
_CAME_ALREADY = Refusal(
    code="capacity.extra_used",
    message=Text("已经有更多人用了现场号或加号。", "More people than that have come already."),
    instead=Text("数量不能少于已用的。", "The number cannot go below those used."),
    at="units",
)
