"""Places of requests: the app of requests, above this one, vouches for the request and has judged who may act on it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from .. import sql, workflow
from ..queries.bookings import own_booking
from ..queries.ground import as_ground, channel_by
from ..queries.hold import hold_at
from ..rules import refusals
from ..workflow import Act, State
from .booking import Taken, may_book, take
from .turning import lock, step

# What a place that cannot follow is given back for: who came on another day than they were booked for was seen.
_SEEN_ANYHOW = frozenset({Act.ARRIVE, Act.ATTEND})


def take_for_request(
    actor: Actor,
    *,
    slot_id: UUID,
    resident_id: UUID,
    request_id: UUID,
    hold: bool,
    instead_of: UUID | None = None,
    houses: Collection[UUID] = (),
) -> Taken:
    """Take the place that goes with a request: held while it is written, booked once it is sent. The request itself is
    the evidence for its channel; whose family doctor refers draws on their reserve. ``instead_of`` is given back,
    ``houses`` are the institutions that see that booking.

    Raises:
        Refused: if the actor does not book, the resident has died or has a place in this session already.
        NoPlace: if there is no place; the old one stays.
    """
    refuse(may_book(actor))
    found = rows(
        sql.GROUND,
        slot=slot_id,
        resident=resident_id,
        booker=actor.institution_id,
        source=request_id,
        besides=instead_of,
    )
    if not found:
        raise Refused(refusals.NOT_TAKEN["unknown"])
    ground = replace(as_ground(found[0]), requested=True)
    refuse(
        refusals.DECEASED if ground.deceased else None,
        refusals.NOT_TAKEN["twice"] if found[0]["twice"] else None,
    )
    channel = channel_by(actor, ground, own=False)
    if instead_of is not None:
        with scoped(actor, also=houses):
            lock([instead_of], [slot_id])
        follow_request(actor, booking_id=instead_of, act=Act.CANCEL, houses=houses)
    return take(
        actor,
        channel=channel,
        slot_id=slot_id,
        resident_id=ground.person[0],
        state=State.HELD if hold else State.BOOKED,
        source_id=request_id,
        swept=instead_of is not None,
        hold_for=hold_at(ground.host, on=found[0]["today"]) if hold else None,
    )


def follow_request(actor: Actor, *, booking_id: UUID, act: Act, houses: Collection[UUID]) -> State:
    """Take a booking on because its request went on; answers where it stands. ``houses`` are the institutions that
    see it. A booking that has gone its own way already stays where it is.

    Raises:
        Refused: if there is no such booking; a hold that is to be confirmed has run out; somebody is said not to have
            come before their time.
    """
    with scoped(actor, also=houses, whole=True):
        found = own_booking(booking_id)
        if found is None:
            raise Refused(refusals.NO_SUCH_BOOKING)
        if act is Act.CONFIRM and found.state is State.LAPSED:
            raise Refused(refusals.LAPSED)
        if act in {Act.ARRIVE, Act.ATTEND, Act.MISS}:
            early = workflow.untimely(act, found.state, starts_at=found.starts_at, now=ledger_queries.now())
            if early is not None and act not in _SEEN_ANYHOW:
                raise Refused(early)
            act = act if early is None else Act.CANCEL
        if workflow.transition(found.state, act) is None:
            return found.state
        step(actor, booking_id, act, "")
        return workflow.target(act)
