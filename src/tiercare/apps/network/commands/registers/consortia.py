"""Write consortia: one version a segment; what never changes, and charters, besides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg.types.range import DateRange

from tiercare.apps.terms.queries import initials
from tiercare.kernel.ids import uuid7

from ... import models
from ...queries.histories import Found
from ...rules.histories import ATTRIBUTES, FACETS, State
from ...rules.registers import CONSORTIA
from .tables import Changes, remove, upsert

_OWN_FIELDS = ["kind", "specialty_code", "approved_on", "approved_by"]
_VERSION_FIELDS = [
    "period",
    "name",
    "initials",
    "division_code",
    "tight",
    "effective",
    "committee",
    "unified",
]


def save_consortia(changes: Changes) -> None:
    """Make the tables say what the changed states say."""
    own: list[models.Consortium] = []
    versions: list[models.ConsortiumVersion] = []
    charters: list[models.Charter] = []
    gone: set[UUID] = set()
    for (code,), (found, after) in changes.items():
        key = found.id or uuid7()
        if after.facets and after.facets != found.state.facets:
            own.append(_consortium(key, code, after))
        by_start = {row.period.lower: row for row in found.versions}
        gone |= {row.id for start, row in by_start.items() if start not in {s.start for s in after.segments}}
        versions += _versions(key, found, after)
        charters += [
            models.Charter(consortium_id=key, adopted_on=day) for day in after.charters - found.state.charters
        ]
        for day in found.state.charters - after.charters - found.state.worded:
            models.Charter.objects.filter(consortium_id=key, adopted_on=day).delete()
    upsert(models.Consortium, own, _OWN_FIELDS)
    remove(models.ConsortiumVersion, gone)
    upsert(models.ConsortiumVersion, versions, _VERSION_FIELDS)
    models.Charter.objects.bulk_create(charters)


def _consortium(key: UUID, code: str, after: State) -> models.Consortium:
    said: dict[str, Any] = dict(zip(FACETS[CONSORTIA.key], after.facets, strict=True))
    return models.Consortium(
        id=key,
        slug=code,
        kind=said["kind"],
        specialty_code=said["specialty"],
        approved_on=said["approved_on"],
        approved_by=said["approved_by"],
    )


def _versions(key: UUID, found: Found, after: State) -> list[models.ConsortiumVersion]:
    by_start = {row.period.lower: row for row in found.versions}
    rows = []
    for segment in after.segments:
        if segment in found.state.segments:
            continue
        said: dict[str, Any] = dict(zip(ATTRIBUTES[CONSORTIA.key], segment.attributes, strict=True))
        old = by_start.get(segment.start)
        rows.append(
            models.ConsortiumVersion(
                id=old.id if old else uuid7(),
                consortium_id=key,
                period=DateRange(segment.start, segment.end),
                name=said["name"],
                initials=initials(said["name"]),
                division_code=said["division"],
                tight=said["tight"],
                effective=said["effective"],
                committee=said["committee"],
                unified=list(said["unified"]),
            )
        )
    return rows
