"""The place that goes with a request: held while it is written, booked when it is sent, given back when it fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.capacity import commands as capacity
from tiercare.apps.capacity import workflow as booking
from tiercare.apps.capacity.queries.places import times_of
from tiercare.apps.capacity.rules import refusals as booking_refusals
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from .. import sql
from ..queries.requests import standing_of
from ..rules import refusals
from ..rules.acting import Said, Standing
from ..workflow import FREES, WRITTEN, Act

# What becomes of the place with an act of the request; acts that free it give it back.
_FOLLOWS = {
    Act.SUBMIT: booking.Act.CONFIRM,
    Act.ARRIVE: booking.Act.ARRIVE,
    Act.TAKE_IN: booking.Act.ATTEND,
    Act.MISS: booking.Act.MISS,
}


@dataclass(frozen=True, slots=True)
class Placed:
    """The place and the time that a request has after an act; ``frees``: what it had before counts no more."""

    booking_id: UUID | None = None
    planned_at: datetime | None = None
    frees: bool = False


def hold_place(actor: Actor, *, request_id: UUID, slot_id: UUID) -> capacity.Taken:
    """Keep a place while the request is written; another one held for it before goes back. The institution that offers
    the place becomes the receiver.

    Raises:
        Refused: if there is no such request for the actor, or it has been sent.
        NoPlace: if there is no place; what was held stays.
    """
    refuse(may(actor, Right.REQUESTS_SEND, institution_id=actor.institution_id))
    with scoped(actor, whole=True):
        standing = standing_of(request_id)
        if standing is None or standing.sender != actor.institution_id:
            raise Refused(refusals.NO_SUCH_REQUEST)
        if standing.state not in WRITTEN:
            raise Refused(refusals.NOT_WRITTEN_ANY_MORE)
        taken = capacity.take_for_request(
            actor,
            slot_id=slot_id,
            resident_id=standing.resident_id,
            request_id=request_id,
            hold=True,
            instead_of=standing.booking_id,
            houses=standing.houses,
        )
        if taken.institution_id == standing.sender:
            raise Refused(refusals.TO_ONESELF)
        rows(
            sql.HELD,
            request=request_id,
            booking=taken.booking_id,
            at=taken.starts_at,
            to=taken.institution_id,
        )
    return taken


def drop_place(actor: Actor, *, request_id: UUID) -> None:
    """Give up the place that was held while writing, or has run out; the receiver is to name the time.

    Raises:
        Refused: if there is no such request of the actor's institution, or it has been sent.
    """
    refuse(may(actor, Right.REQUESTS_SEND, institution_id=actor.institution_id))
    with scoped(actor):
        standing = standing_of(request_id)
        if standing is None or standing.sender != actor.institution_id:
            raise Refused(refusals.NO_SUCH_REQUEST)
        if standing.state not in WRITTEN:
            raise Refused(refusals.NOT_WRITTEN_ANY_MORE)
        if standing.booking_id is not None:
            capacity.follow_request(
                actor,
                booking_id=standing.booking_id,
                act=booking.Act.CANCEL,
                houses=standing.houses,
            )
            rows(sql.DROPPED, request=request_id)


def place_with(actor: Actor, standing: Standing, act: Act, said: Said) -> Placed:
    """What the act does to the place, in its transaction and before the step. Time agreed on without a place is kept.

    Raises:
        Refused: if a hold has run out, or the time is past.
        NoPlace: if the place that it is scheduled to is not to be had.
    """
    if act is Act.SCHEDULE:
        return _scheduled(actor, standing, said)
    if standing.booking_id is None:
        return Placed()
    if act is Act.SUBMIT:
        return _sent(actor, standing, said)
    follow = booking.Act.CANCEL if act in FREES and act is not Act.MISS else _FOLLOWS.get(act)
    if follow is not None:
        capacity.follow_request(actor, booking_id=standing.booking_id, act=follow, houses=standing.houses)
    return Placed()


def _sent(actor: Actor, standing: Standing, said: Said) -> Placed:
    """The hold becomes a booking; sent to another institution than the place is of, the place goes back."""
    assert standing.booking_id is not None
    elsewhere = said.to is not None and said.to != standing.receiver
    act = booking.Act.CANCEL if elsewhere else booking.Act.CONFIRM
    try:
        state = capacity.follow_request(
            actor, booking_id=standing.booking_id, act=act, houses=standing.houses
        )
    except Refused as refused:
        if booking_refusals.LAPSED in refused.refusals:
            raise Refused(refusals.PLACE_LAPSED) from refused
        raise
    if elsewhere:
        return Placed()
    if state not in booking.OPEN:
        raise Refused(refusals.PLACE_LAPSED)
    return Placed(standing.booking_id, standing.planned_at)


def _scheduled(actor: Actor, standing: Standing, said: Said) -> Placed:
    if said.slot is None:
        if said.at is None:
            return Placed(standing.booking_id, standing.planned_at)
        if said.at < standing.now:
            raise Refused(refusals.TIME_PAST)
        if standing.booking_id is not None:
            # Another time was agreed on: the place is for somebody else.
            capacity.follow_request(
                actor,
                booking_id=standing.booking_id,
                act=booking.Act.CANCEL,
                houses=standing.houses,
            )
        return Placed(None, said.at, frees=True)
    at = times_of([said.slot])
    if not at or at[0].institution_id != standing.receiver:
        raise Refused(refusals.PLACE_ELSEWHERE)
    taken = capacity.take_for_request(
        actor,
        slot_id=said.slot,
        resident_id=standing.resident_id,
        request_id=standing.id,
        hold=False,
        instead_of=standing.booking_id,
        houses=standing.houses,
    )
    return Placed(taken.booking_id, taken.starts_at)
