"""The drug list of an institution on a day, and what it lacks of a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network.queries.sheets import Encoding, SheetFile, sheet_files, table_of, template_of
from tiercare.engines.sheets import write_xlsx

from ..rules.formularies import DRUGS, Compared, Listed, compare

_LIST = """
SELECT id, code, name, strength, lower(period) AS since, changed_by FROM records_formularyitem
WHERE institution_id = %(institution)s AND period @> %(on)s::date ORDER BY name, strength, id
"""
NAME = "药品目录"


@dataclass(frozen=True, slots=True)
class Item:
    """A drug on the list, since when, and who entered it."""

    id: UUID
    code: str
    name: str
    strength: str
    since: date
    changed_by: str


def formulary(institution_id: UUID, *, on: date) -> list[Item]:
    """What the institution has on that day, by name. It tells nothing of anybody, so whoever sends there may see it."""
    return [Item(**row) for row in rows(_LIST, institution=institution_id, on=on)]


def drug_gap(institution_id: UUID | None, drugs: Sequence[tuple[str, str]], *, on: date) -> list[Compared]:
    """How each drug, as code and name, stands to the institution's list that day, in their order; where it keeps none, or
    none is chosen, nobody knows."""
    found = formulary(institution_id, on=on) if institution_id is not None else []
    listed = [Listed(each.code, each.name, each.strength) for each in found] or None
    return [compare(code, name, listed) for code, name in drugs]


def formulary_template() -> bytes:
    """An empty sheet to fill in."""
    return write_xlsx([template_of(DRUGS)])


def formulary_export(institution_id: UUID, *, on: date, encoding: Encoding | None = None) -> SheetFile:
    """The list as a file; taken over again it changes nothing."""
    found = [[each.name, each.strength, each.code] for each in formulary(institution_id, on=on)]
    (file,) = sheet_files(
        [table_of(DRUGS, [column.name.zh for column in DRUGS.columns], found)], encoding=encoding, name=NAME
    )
    return file
