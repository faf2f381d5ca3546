"""A request as a line of a list shows it: who, what, between whom, who must see to it and by when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import names_of
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import queries as network
from tiercare.apps.residents import queries as residents

from ..rules.kinds import Urgency
from ..rules.owners import Level, Owner
from ..workflow import State


@dataclass(frozen=True, slots=True)
class Line:
    """A request with its people and institutions by name; the resident's name is masked, as in every list."""

    id: UUID
    number: str
    kind: str
    state: State
    urgency: Urgency
    resident_id: UUID
    person: residents.Least | None
    problem_code: str
    problem: str
    sender: UUID
    sender_name: str
    sender_account: UUID
    receiver: UUID | None
    receiver_name: str
    department_id: UUID | None
    specialty: str
    owner: Owner | None
    owner_name: str
    due_at: datetime | None
    overdue: bool
    planned_at: datetime | None
    made_at: datetime
    sent_at: datetime | None
    received_at: datetime | None
    alarmed_at: datetime | None
    over_at: datetime | None
    booking_id: UUID | None
    parent_id: UUID | None
    version: int


def lines(found: Sequence[dict[str, Any]]) -> tuple[Line, ...]:
    """Rows of ``worklist_sql.COLUMNS`` with names: three statements, however many rows."""
    if not found:
        return ()
    houses = {
        row[key] for row in found for key in ("from_institution", "to_institution", "owner_institution")
    }
    names = network.names_of_institutions([each for each in houses if each], on=ledger.today())
    people = {each.id: each for each in residents.least_of({row["resident_id"] for row in found})}
    staff = names_of({row["owner_account"] for row in found if row["owner_account"]})
    return tuple(
        Line(
            id=row["id"],
            number=row["number"],
            kind=row["kind"],
            state=State(row["state"]),
            urgency=Urgency(row["urgency"]),
            resident_id=row["resident_id"],
            person=people.get(row["resident_id"]),
            problem_code=row["problem_code"],
            problem=row["problem"],
            sender=row["from_institution"],
            sender_name=names.get(row["from_institution"], ""),
            sender_account=row["from_account"],
            receiver=row["to_institution"],
            receiver_name=names.get(row["to_institution"], ""),
            department_id=row["to_department"],
            specialty=row["specialty"],
            owner=_owner(row),
            owner_name=staff.get(row["owner_account"], "") or names.get(row["owner_institution"], ""),
            due_at=row["due_at"],
            overdue=row["overdue"],
            planned_at=row["planned_at"],
            made_at=row["made_at"],
            sent_at=row["sent_at"],
            received_at=row["received_at"],
            alarmed_at=row["alarmed_at"],
            over_at=row["over_at"],
            booking_id=row["booking_id"],
            parent_id=row["parent_id"],
            version=row["version"],
        )
        for row in found
    )


def _owner(row: dict[str, Any]) -> Owner | None:
    if row["owner_level"] is None:
        return None
    return Owner(Level(row["owner_level"]), row["owner_institution"], row["owner_account"], row["owner_area"])
