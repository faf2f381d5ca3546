"""Places that came free are offered to those who wait: held for a while for the first, then for the next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.messages import commands as messages
from tiercare.apps.messages.commands import Word
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused, refuse

from ..models import Pool, Waiting
from ..queries import ours
from ..rules import refusals
from ..rules.vocabulary import OFFERED, Channel
from ..rules.waiting import WaitingState, offer_stands
from ..rules.wording import spoken
from ..workflow import State
from .booking import NoPlace, Taken, take
from .waiting import SUBJECT, end_waiting, put

OFFER = "waiting_offer_minutes"
# Free slots of a pool's session for whoever waits; the UPDATE of taking decides.
_FREE = """
SELECT l.id, lower(l.during) AS starts_at FROM capacity_slot l
WHERE l.session_id = %(session)s AND l.used < l.capacity AND lower(l.during) > tiercare_now()
ORDER BY lower(l.during), l.id
"""
_SESSION = "SELECT pool_id, institution_id, day, state FROM capacity_session WHERE id = %(session)s"
# One at a time in line; whoever is being offered something just now is left to whoever does it, and whoever has a place
# in the session needs no other.
_NEXT = """
SELECT w.id, w.resident_id, w.booked_by, w.channel FROM capacity_waiting w
WHERE w.pool_id = %(pool)s AND w.state = 'WAITING' AND %(day)s::date BETWEEN w.first AND w.last
  AND w.id <> ALL (%(tried)s::uuid[])
  AND w.channel || coalesce(w.booked_by::text, '') <> ALL (%(vain)s::text[])
  AND NOT capacity_booked_as(%(session)s, residents_person(w.resident_id), NULL)
ORDER BY w.urgency, w.made_at, w.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
"""
_WAITED_FOR = "SELECT session FROM capacity_waited_for(%(offered)s::text[], %(pool)s::uuid) AS session"
# What ended an offer; of a session that was stopped the hospital's, so that the place in line is kept.
_ENDED = {
    State.BOOKED: WaitingState.TAKEN,
    State.CANCELLED: WaitingState.DECLINED,
    State.STOPPED: WaitingState.WAITING,
}


def sweep_lapsed() -> int:
    """Give back every hold whose time ran out, so that those who wait are asked in time; how many sessions had some.

    Nobody needs it to get a place: whoever wants one sweeps the session first.
    """
    found = rows("SELECT session FROM capacity_lapsed_sessions() AS session")
    for row in found:
        with transaction.atomic():
            rows(
                "SELECT capacity_sweep(%(session)s, %(note)s, NULL) AS swept",
                session=row["session"],
                note=uuid7(),
            )
    return len(found)


def ask_waiting() -> int:
    """Offer all that can be had by somebody who waits, whatever made it free: a reserve that was released tells nobody.
    Ends the waiting of those whose days have passed. How many were offered something."""
    for row in rows("SELECT institution FROM capacity_waiting_over() AS institution"):
        end_waiting(row["institution"])
    return sum(offer_next(row["session"]) for row in rows(_WAITED_FOR, offered=_CHANNELS, pool=None))


def offer_by_hand(actor: Actor, *, pool_id: UUID) -> int:
    """Offer what is free in a pool to those who wait for it, now; how many were offered something.

    Raises:
        Refused: if there is no such pool, or the actor does not book for the institution that offers it.
    """
    pool = Pool.objects.filter(id=pool_id).first()
    if pool is None:
        raise Refused(refusals.NO_SUCH_POOL)
    refuse(may(actor, Right.CAPACITY_BOOK, institution_id=pool.institution_id))
    if actor.institution_id != pool.institution_id:
        raise Refused(refusals.HOST_ONLY)
    found = rows(_WAITED_FOR, offered=_CHANNELS, pool=pool_id)
    return sum(offer_next(row["session"], by=actor) for row in found)


def offer_next(session_id: UUID, *, by: Actor | None = None) -> int:
    """Offer what is free in a session to those who wait for it, in their order; how many were offered something.

    The platform's own work, after places have come free, or a desk's of the host (``by``); each offer is a hold that
    lapses by itself.
    """
    found = rows(_SESSION, session=session_id)
    if not found or found[0]["state"] != "PUBLISHED":
        return 0
    # Where somebody found nothing, nobody finds anything who would draw on the same places: a line may be long.
    session, offered, tried, vain = found[0], 0, list[UUID](), list[str]()
    host = by or replace(Actor.system(), institution_id=session["institution_id"])
    while True:
        with scoped(host):
            line = rows(
                _NEXT,
                session=session_id,
                pool=session["pool_id"],
                day=session["day"],
                tried=tried,
                vain=vain,
            )
            if not line:
                return offered
            tried.append(line[0]["id"])
            taken = _first_free(host, session_id, line[0])
            if taken is None:
                vain.append(line[0]["channel"] + str(line[0]["booked_by"] or ""))
            else:
                offered += 1
                row = Waiting.objects.get(id=line[0]["id"])
                row.booking_id = taken.booking_id
                put(host, row, WaitingState.OFFERED, "offer")
                messages.tell(host, [_word(row, taken)], institution_id=session["institution_id"])


def settle(booking_id: UUID, state: State, institution_id: UUID) -> None:
    """What became of an offer: confirmed it is taken; lapsed or declined it is over, and the next is asked; where the
    hospital stopped the session, they wait on."""
    host = replace(Actor.system(), institution_id=institution_id)
    with scoped(host):
        row = (
            Waiting.objects.select_for_update()
            .filter(booking_id=booking_id, state=WaitingState.OFFERED.value)
            .first()
        )
        if row is not None:
            ended = _ENDED.get(state, WaitingState.LAPSED)
            if ended is WaitingState.WAITING:
                row.booking_id = None
            put(host, row, ended, "settle")


def _first_free(host: Actor, session_id: UUID, line: dict[str, Any]) -> Taken | None:
    """Hold the first place that can be had for somebody in the line. What cannot be had is no refusal of theirs: they
    are not counted as turned away."""
    assert host.institution_id is not None
    now = ledger_queries.now()
    longest = ours.minutes(OFFER, host.institution_id, on=day_of(now))
    for slot in rows(_FREE, session=session_id):
        try:
            with transaction.atomic():
                return take(
                    host,
                    channel=Channel(line["channel"]),
                    slot_id=slot["id"],
                    resident_id=line["resident_id"],
                    state=State.HELD,
                    for_institution=line["booked_by"],
                    hold_for=offer_stands(slot["starts_at"] - now, longest),
                )
        except NoPlace as lost:
            if lost.refusals[0].code != refusals.NOT_TAKEN["full"].code:
                return None  # what is left of the session is kept for others
    return None


def _word(row: Waiting, taken: Taken) -> Word:
    assert taken.held_until is not None
    text = (
        f"【分级诊疗】您候补的{row.pool.name}有号了：{spoken(taken.starts_at)}，"
        f"请在{spoken(taken.held_until)}前确认，过时顺延给下一位。"
    )
    return Word(row.resident_id, text, SUBJECT, row.id)


_CHANNELS = [each.value for each in OFFERED]
