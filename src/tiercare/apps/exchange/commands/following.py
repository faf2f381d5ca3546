"""What happens to the place, or at the counter, and the request follows: done by the platform itself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.capacity.workflow import Act as PlaceAct
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor

from .. import sql
from ..queries.allowed import due_in
from ..queries.requests import standing_of
from ..rules.acting import Said, Standing
from ..rules.kinds import kind_of
from ..workflow import OPEN, WRITTEN, Act, State, transition
from .turning import turn

# What a desk does to the booking says the same of the request.
_SAYS = {
    PlaceAct.ARRIVE: Act.ARRIVE,
    PlaceAct.ATTEND: Act.TAKE_IN,
    PlaceAct.MISS: Act.MISS,
}


def follow_booking(booking_id: UUID, act: PlaceAct) -> bool:
    """A booking took a step: the request that it belongs to goes with it, if it has not gone before. Returns whether
    it did. The same step told twice changes nothing."""
    host = Actor.system()
    with scoped(host, area="*"):
        found = rows(sql.OF_BOOKING, booking=booking_id)
        standing = standing_of(found[0]["id"]) if found else None
        if standing is None or standing.state in WRITTEN:
            return False  # a hold that lapses while somebody writes is told when they send
        if act in _SAYS:
            took = _took_step(host, standing, act)
            # Missed before anybody answered: nobody was waited for yet, and the place is gone.
            if took or act is not PlaceAct.MISS:
                return took
        moved = rows(sql.NEXT_BOOKING, request=standing.id)
        if moved:
            return _moved(standing, booking_id, moved[0]["id"], moved[0]["starts_at"])
        return _lost(host, standing)


def _took_step(host: Actor, standing: Standing, act: PlaceAct) -> bool:
    legs = kind_of(standing.kind).legs
    if act is PlaceAct.ATTEND and standing.state is not State.ARRIVED:
        # Seen without having checked in: that they came is a step of its own.
        if transition(standing.state, Act.ARRIVE, legs) is None:
            return False
        turn(host, request_id=standing.id, act=Act.ARRIVE)
    elif transition(standing.state, _SAYS[act], legs) is None:
        return False
    turn(host, request_id=standing.id, act=_SAYS[act])
    return True


def _moved(standing: Standing, was: UUID, booking_id: UUID, at: datetime) -> bool:
    due = due_in(State.SCHEDULED, standing, planned_at=at)
    return bool(
        rows(
            sql.MOVED,
            request=standing.id,
            booking=booking_id,
            was=was,
            at=at,
            due=due,
        )
    )


def _lost(host: Actor, standing: Standing) -> bool:
    if transition(standing.state, Act.LOSE_PLACE, kind_of(standing.kind).legs) is None:
        return False
    turn(host, request_id=standing.id, act=Act.LOSE_PLACE, said=Said())
    return True


def follow_death(resident_id: UUID) -> int:
    """The resident's entry was corrected: if it says that they died, what is open for them ends, and whoever has a part in
    it is told. Returns how many requests; told twice it changes nothing."""
    host = Actor.system()
    ground = residents.ground_to_book(resident_id, booker=None, on=ledger.today())
    if not ground.deceased:
        return 0
    with scoped(host, area="*"):
        found = rows(sql.OPEN_OF, person=list(ground.person), open=sorted(OPEN))
        for row in found:
            act = Act.WITHDRAW if row["state"] == State.DRAFT else Act.DIE
            turn(host, request_id=row["id"], act=act, said=Said(words="居民已登记去世"))
    return len(found)
