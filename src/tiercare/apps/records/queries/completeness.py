"""How many people of an area have a record, by element and by source (XH-21, TY-107). Counts only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse

_COUNTED = "SELECT element, institution_id, source, people, entries FROM records_counted(%(area)s)"
# What a record from birth to death is made of, in the order in which pages show it.
ELEMENTS = ("encounter", "condition", "observation", "medication", "document", "plan", "contact")


@dataclass(frozen=True, slots=True)
class Element:
    """How many people have this element, and how many entries there are."""

    element: str
    people: int
    entries: int


@dataclass(frozen=True, slots=True)
class Source:
    """What one institution contributes by one system."""

    institution_id: UUID
    institution: str
    source: str
    element: str
    people: int
    entries: int


@dataclass(frozen=True, slots=True)
class Completeness:
    """An area's coverage: ``people`` are all registered there, each person once; ``with_record`` have any entry."""

    division_code: str
    people: int
    with_record: int
    elements: tuple[Element, ...]
    sources: tuple[Source, ...]


def completeness(actor: Actor, *, division_code: str) -> Completeness:
    """How complete the records of an area's residents are.

    Raises:
        Refused: without the right over this area.
    """
    refuse(access.may(actor, Right.RECORDS_MEASURE, division=division_code))
    found = rows(_COUNTED, area=division_code)
    whole = {row["element"]: row for row in found if row["institution_id"] is None}
    names = network.names_of_institutions(
        {row["institution_id"] for row in found if row["institution_id"]}, on=ledger_queries.today()
    )
    nothing = {"people": 0, "entries": 0}
    return Completeness(
        division_code,
        whole["people"]["people"],
        whole["any"]["people"],
        tuple(
            Element(each, whole.get(each, nothing)["people"], whole.get(each, nothing)["entries"])
            for each in ELEMENTS
        ),
        tuple(
            Source(
                row["institution_id"],
                names.get(row["institution_id"], ""),
                row["source"],
                row["element"],
                row["people"],
                row["entries"],
            )
            for row in sorted(found, key=lambda row: (-row["people"], row["element"], row["source"]))
            if row["institution_id"] is not None
        ),
    )
