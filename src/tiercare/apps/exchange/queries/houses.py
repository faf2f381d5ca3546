"""What an institution's own people choose from: its departments, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tiercare.apps.access.queries import names_of, scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse

_DEPARTMENTS = """
SELECT d.id, d.name FROM network_department d
WHERE d.institution_id = %(institution)s AND d.period @> %(on)s::date
ORDER BY coalesce(d.specialty_code = %(first)s::text OR d.specialty_code LIKE %(first)s::text || '.%%', false) DESC,
    d.specialty_code, d.name, d.id
"""
_NAMES = "SELECT d.id, d.name FROM network_department d WHERE d.id = ANY (%(ids)s::uuid[])"
# Those that count now or will; what was ended before its time is no news.
_STAND_INS = """
SELECT s.id, s.account_id, s.deputy_id, lower(s.period) AS first, upper(s.period) AS until,
       s.period @> %(on)s::date AS now
FROM exchange_standin s
WHERE s.institution_id = %(institution)s AND s.ended_at IS NULL AND upper(s.period) > %(on)s::date
ORDER BY lower(s.period), s.id
"""


@dataclass(frozen=True, slots=True)
class StandInRow:
    """While ``who`` is away, up to and without ``until``, what would come to them comes to ``deputy``."""

    id: UUID
    account_id: UUID
    who: str
    deputy: str
    first: date
    until: date
    now: bool


def departments_of(institution_id: UUID, *, on: date, first: str = "") -> list[tuple[UUID, str]]:
    """The departments that stand in the institution's register on a day, by id and name; those of the specialty ``first``
    before the others."""
    found = rows(_DEPARTMENTS, institution=institution_id, on=on, first=first)
    return [(row["id"], row["name"]) for row in found]


def department_names(ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Departments by name, whatever has become of them."""
    return {row["id"]: row["name"] for row in rows(_NAMES, ids=list(ids))} if ids else {}


def stand_ins(actor: Actor) -> list[StandInRow]:
    """Who of the actor's institution is away now or will be, and who stands in for them.

    Raises:
        Refused: if the actor has nothing to do with requests.
    """
    refuse(may(actor, Right.REQUESTS_SEND, institution_id=actor.institution_id))
    with scoped(actor):
        found = rows(_STAND_INS, institution=actor.institution_id, on=ledger.today())
    names = names_of({row[key] for row in found for key in ("account_id", "deputy_id")})
    return [
        StandInRow(
            row["id"],
            row["account_id"],
            names.get(row["account_id"], ""),
            names.get(row["deputy_id"], ""),
            row["first"],
            row["until"],
            row["now"],
        )
        for row in found
    ]
