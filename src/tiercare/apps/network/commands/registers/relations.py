"""Write the registers whose rows are rows of one table: memberships, joinings, trusteeships, departments,
equipment, clinicians."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from psycopg.types.range import DateRange

from tiercare.apps.terms.queries import initials
from tiercare.kernel.ids import uuid7

from ... import models
from ...queries.histories import TABLES
from ...rules.histories import ATTRIBUTES
from ...rules.registers import CLINICIANS, REGISTERS
from .tables import (
    Changes,
    agreement_ids,
    clinician_ids,
    consortium_ids,
    institution_ids,
    known,
    remove,
    upsert,
)

# Which columns name something that stands in another table, and how its id is found.
_NAMED = {
    "consortium": consortium_ids,
    "parent": consortium_ids,
    "child": consortium_ids,
    "institution": institution_ids,
    "trustee": institution_ids,
    "entrusted": institution_ids,
    "agreement": agreement_ids,
}


def save_relations(register: str, changes: Changes) -> None:
    """Make the table say what the changed states say."""
    table = TABLES[register]
    if register == CLINICIANS.key:
        _save_people(changes)
    ids = _ids(register, changes)
    places = {**table.identity, **table.attributes}
    rows: list[Any] = []
    gone: set[UUID] = set()
    for identity, (found, after) in changes.items():
        kept = found.rows
        starts = {segment.start for segment in after.segments}
        gone |= {key for start, key in kept.items() if start not in starts}
        for segment in after.segments:
            if segment in found.state.segments:
                continue
            said = dict(zip(REGISTERS[register].identity, identity, strict=True)) | dict(
                zip(ATTRIBUTES[register], segment.attributes, strict=True)
            )
            fields = {places[key].field: _stored(ids, key, value) for key, value in said.items()}
            rows.append(
                table.model(
                    id=kept.get(segment.start) or uuid7(),
                    period=DateRange(segment.start, segment.end),
                    **fields,
                )
            )
    remove(table.model, gone)
    upsert(table.model, rows, ["period", *(place.field for place in table.attributes.values())])


def _stored(ids: Mapping[str, dict[str, UUID]], key: str, value: Any) -> Any:
    """What the field of ``key`` holds for what the column says."""
    if key not in ids:
        return value
    return known(ids[key], value) if value else None


def _ids(register: str, changes: Changes) -> dict[str, dict[str, UUID]]:
    """For each column that names something: ids by code."""
    found = {}
    for n, key in enumerate(REGISTERS[register].identity):
        finder = clinician_ids if register == CLINICIANS.key and key == "code" else _NAMED.get(key)
        if finder:
            found[key] = finder({identity[n] for identity in changes})
    if "agreement" in ATTRIBUTES[register]:
        found["agreement"] = agreement_ids(_agreements(register, changes))
    return found


def _agreements(register: str, changes: Changes) -> Iterable[str]:
    place = ATTRIBUTES[register].index("agreement")
    return {str(s.attributes[place]) for _, after in changes.values() for s in after.segments}


def _save_people(changes: Changes) -> None:
    """Clinicians by code: made where new; name, title and scope as the last row says."""
    said = {identity[0]: after.facets for identity, (_, after) in changes.items() if after.facets}
    ids = clinician_ids(said)
    rows = []
    for code, facets in said.items():
        name, title, scope = (str(part) for part in facets)
        rows.append(
            models.Clinician(
                id=ids.get(code) or uuid7(),
                code=code,
                name=name,
                initials=initials(name),
                title=title,
                scope_code=scope,
            )
        )
    upsert(models.Clinician, rows, ["name", "initials", "title", "scope_code"])
