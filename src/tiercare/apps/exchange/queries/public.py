"""Where a request is, for whoever holds its sheet and knows the last four of the resident's number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor

from .. import worklist_sql as sql
from ..models import Desk
from ..rules.owners import Level
from ..workflow import State
from .lines import lines

_BY_NUMBER = f"{sql.COLUMNS} WHERE r.number = %(number)s AND r.state <> 'DRAFT'"


@dataclass(frozen=True, slots=True)
class Public:
    """As much as a sheet of paper may open: no name, no problem. ``phone`` is that of the desk which sees to it now; ``id``
    and the two below it are for further questions, never shown."""

    id: UUID
    booking_id: UUID | None
    department_id: UUID | None
    number: str
    kind: str
    state: State
    sender_name: str
    receiver_name: str
    owner_level: Level | None
    owner_name: str
    due_at: datetime | None
    planned_at: datetime | None
    phone: str


def public(number: str, last_four: str) -> Public | None:
    """The request, if both fit; the same nothing where there is none. The caller counts the tries first. It is no reading
    of a record: nothing of the resident is told.

    Raises:
        CannotOpen: if the keys of the sealed numbers are gone.
    """
    with scoped(Actor.system("web"), area="*"):
        found = rows(_BY_NUMBER, number=number.strip().upper())
        if not found or not residents.ends_in(found[0]["resident_id"], last_four):
            return None
        (line,) = lines(found)
    house = line.owner.institution_id if line.owner else line.receiver
    desk = Desk.objects.filter(institution_id=house).first() if house else None
    return Public(
        id=line.id,
        booking_id=line.booking_id,
        department_id=line.department_id,
        number=line.number,
        kind=line.kind,
        state=line.state,
        sender_name=line.sender_name,
        receiver_name=line.receiver_name,
        owner_level=line.owner.level if line.owner else None,
        owner_name=line.sender_name
        if line.owner and line.owner.institution_id == line.sender
        else line.receiver_name,
        due_at=line.due_at,
        planned_at=line.planned_at,
        phone=desk.phone if desk else "",
    )
