"""Residents as the fact tables name them: a pseudonym, where they live, with whom they signed, where they are insured.

A pseudonym is a keyed hash of the person, the same in every table and every month; without the installation's keys nobody
leads it back. Entries that were found to be one person have one. The register holds the present address only, so whoever
moves is counted there from then on, in the months that are written anew too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.secrecy import KeyRing

from ..rules.groups import age_on
from . import vault

_PSEUDONYM = "facts.person"
# Entry → the entry that leads its person, of those that were merged; a chain ends at who was merged into nobody.
_MERGED = """
WITH RECURSIVE up AS (
    SELECT r.id, r.master_id AS lead FROM residents_resident r WHERE r.master_id IS NOT NULL
    UNION
    SELECT up.id, r.master_id FROM up JOIN residents_resident r ON r.id = up.lead WHERE r.master_id IS NOT NULL
)
SELECT up.id, up.lead FROM up JOIN residents_resident r ON r.id = up.lead WHERE r.master_id IS NULL
"""
_LEADS = """
SELECT id, division_code, birth_date FROM residents_resident WHERE id = ANY (%(leads)s::uuid[])
"""
_DOCTORS = """
SELECT resident_id AS id, institution_id AS value, period FROM residents_responsibledoctor
WHERE resident_id = ANY (%(entries)s::uuid[]) AND period && daterange(%(first)s::date, %(last)s::date, '[]')
ORDER BY lower(period), id
"""
_COVERS = """
SELECT resident_id AS id, insured_area AS value, period FROM residents_cover
WHERE resident_id = ANY (%(entries)s::uuid[]) AND period && daterange(%(first)s::date, %(last)s::date, '[]')
  AND insured_area <> ''
ORDER BY lower(period), id
"""


@dataclass(frozen=True, slots=True)
class FactPerson:
    """A person as the fact tables say it. ``home`` is a division; spells are a period and an institution, or an area."""

    key: str
    home: str
    birth_date: date | None
    _doctors: tuple[tuple[Any, UUID], ...]
    _covers: tuple[tuple[Any, str], ...]

    def signed_at(self, day: date) -> UUID | None:
        """The institution that answered for them on a day."""
        return next((value for period, value in self._doctors if day in period), None)

    def insured_at(self, day: date) -> str | None:
        """The division where they were insured on a day."""
        return next((value for period, value in self._covers if day in period), None)

    def age(self, day: date) -> int | None:
        """In whole years; nothing of a day before birth."""
        return age_on(self.birth_date, day) if self.birth_date and self.birth_date <= day else None


class FactPeople:
    """Looks people up for the rows of a stretch of days. The caller stands in ``scoped`` over the whole index."""

    def __init__(self, first: date, last: date) -> None:
        self._days = {"first": first, "last": last}
        self._ring: KeyRing = vault.ring()
        self._lead: dict[UUID, UUID] = {row["id"]: row["lead"] for row in rows(_MERGED)}
        self._entries: dict[UUID, list[UUID]] = defaultdict(list)
        for entry, lead in self._lead.items():
            self._entries[lead].append(entry)

    def key(self, entry: UUID) -> str:
        """The pseudonym of the person to whom an entry belongs; of somebody outside the index (staff), of their id."""
        return self._ring.blind(_PSEUDONYM, str(self.lead(entry))).hex()

    def lead(self, entry: UUID) -> UUID:
        """The entry that leads the person."""
        return self._lead.get(entry, entry)

    def of(self, entries: Collection[UUID]) -> Mapping[UUID, FactPerson]:
        """The people to whom these entries belong, by entry."""
        leads = {entry: self.lead(entry) for entry in entries}
        every = sorted({each for lead in leads.values() for each in (lead, *self._entries.get(lead, ()))})
        known = {row["id"]: row for row in rows(_LEADS, leads=sorted(set(leads.values())))}
        doctors, covers = self._spells(_DOCTORS, every), self._spells(_COVERS, every)
        people = {
            lead: FactPerson(
                self.key(lead),
                row["division_code"],
                row["birth_date"],
                tuple(doctors.get(lead, ())),
                tuple(covers.get(lead, ())),
            )
            for lead, row in known.items()
        }
        return {entry: people[lead] for entry, lead in leads.items() if lead in people}

    def _spells(self, statement: str, entries: Collection[UUID]) -> Mapping[UUID, list[tuple[Any, Any]]]:
        found: dict[UUID, list[tuple[Any, Any]]] = defaultdict(list)
        for row in rows(statement, entries=list(entries), **self._days):
            found[self.lead(row["id"])].append((row["period"], row["value"]))
        return found
