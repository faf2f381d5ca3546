"""Write institutions: one version a segment, and what came or went with it in tables of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from psycopg.types.range import DateRange

from tiercare.apps.terms import queries as terms
from tiercare.apps.terms.queries import initials
from tiercare.kernel.ids import uuid7

from ... import models
from ...queries.histories import CHILDREN, Child
from ...queries.lookups import one_of
from ...rules.histories import ATTRIBUTES, Attributes
from ...rules.registers import INSTITUTIONS
from ...rules.timeline import Segment
from .tables import Changes, remove, upsert

_KEYS = ATTRIBUTES[INSTITUTIONS.key]
_VERSION_FIELDS = [
    f.attname
    for f in models.InstitutionVersion._meta.concrete_fields
    if f.attname not in ("id", "institution_id")
]
_FIELDS: Mapping[str, str] = {
    "name": "name",
    "category": "category",
    "grade": "grade",
    "owner": "owner",
    "affiliation": "affiliation",
    "funding": "funding",
    "division": "division_code",
    "township": "township_code",
    "beds": "beds",
    "licence": "licence_number",
    "licence_until": "licence_until",
    "qualified": "qualified",
    "subcentre": "subcentre",
}
Run = tuple[date, date | None]


def save_institutions(changes: Changes) -> None:
    """Make the tables say what the changed states say."""
    ids = _save_own(changes)
    points = _points(changes)
    versions: list[models.InstitutionVersion] = []
    gone: set[UUID] = set()
    for identity, (found, after) in changes.items():
        by_start = {row.period.lower: row for row in found.versions}
        starts = {segment.start for segment in after.segments}
        gone |= {row.id for start, row in by_start.items() if start not in starts}
        for segment in after.segments:
            there = by_start.get(segment.start)
            if there and there.period.upper == segment.end and segment in found.state.segments:
                continue
            row = _version(found.versions, segment, points)
            row.institution_id = ids[identity[0]]
            versions.append(row)
    remove(models.InstitutionVersion, gone)
    upsert(models.InstitutionVersion, versions, _VERSION_FIELDS)
    for kind in CHILDREN:
        _save_children(kind, changes, ids)


def _save_own(changes: Changes) -> dict[str, UUID]:
    """The institutions themselves: made where new; credit codes set, cleared first so that two may swap."""
    ids = {identity[0]: found.id or uuid7() for identity, (found, _) in changes.items()}
    rows, cleared = [], []
    for (code,), (found, after) in changes.items():
        credit = str(after.facets[0]) if after.facets and after.facets[0] else None
        before = str(found.state.facets[0]) if found.state.facets and found.state.facets[0] else None
        if found.id is None or credit != before:
            rows.append(models.Institution(id=ids[code], slug=code, social_credit_code=credit))
        if before and credit != before:
            cleared.append(ids[code])
    if cleared:
        models.Institution.objects.filter(one_of("id", cleared)).update(social_credit_code=None)
    upsert(models.Institution, rows, ["social_credit_code"])
    return ids


def _version(
    before: list[models.InstitutionVersion], segment: Segment[Attributes], points: Mapping[str, Any]
) -> models.InstitutionVersion:
    """The row for a segment: the one that begins then, or a copy of the one that held, or a new one.

    Whatever the register has no column for (where a figure comes from, a drawn place) goes along.
    """
    said: dict[str, Any] = dict(zip(_KEYS, segment.attributes, strict=True))
    old = next((row for row in before if segment.start in row.period), None)
    row = models.InstitutionVersion(
        id=old.id if old and old.period.lower == segment.start else uuid7(),
        period=DateRange(segment.start, segment.end),
        basis=old.basis if old else models.Basis.ENTERED,
        beds_basis=old.beds_basis if old else models.Basis.ENTERED,
        level=int(said["level"]),
        managed_as_level=int(said["managed_as_level"] or 0),
        initials=old.initials if old and old.name == said["name"] else initials(said["name"]),
    )
    for key, field in _FIELDS.items():
        setattr(row, field, said[key])
    row.place_is_illustrative = said["lng"] is None
    if said["lng"] is not None:
        row.lng, row.lat = said["lng"], said["lat"]
    elif old and old.place_is_illustrative and old.township_code == row.township_code:
        row.lng, row.lat = old.lng, old.lat
    else:
        row.lng, row.lat = points.get(row.township_code, (None, None))
    return row


def _points(changes: Changes) -> dict[str, tuple[float, float]]:
    """The points of townships where institutions have no place of their own, as of the last day named."""
    township, lng = _KEYS.index("township"), _KEYS.index("lng")
    wanted = [
        (str(segment.attributes[township]), segment.start)
        for _, after in changes.values()
        for segment in after.segments
        if segment.attributes[township] and segment.attributes[lng] is None
    ]
    if not wanted:
        return {}
    rows = terms.divisions(sorted({code for code, _ in wanted}), on=max(day for _, day in wanted))
    return {
        code: (row.point_lng, row.point_lat)
        for code, row in rows.items()
        if row.point_lng is not None and row.point_lat is not None
    }


def _save_children(kind: str, changes: Changes, ids: Mapping[str, UUID]) -> None:
    """End, start or restore the rows of a child table whose days changed; the others stay untouched."""
    model, words = CHILDREN[kind]
    fresh: list[Any] = []
    gone: set[UUID] = set()
    for (code,), (found, after) in changes.items():
        old: dict[str, list[Child]] = defaultdict(list)
        for child in found.children.get(kind, ()):
            old[child.word].append(child)
        was, now = _runs(kind, found.state.segments), _runs(kind, after.segments)
        for word in sorted(was.keys() | now.keys()):
            if was.get(word) == now.get(word):
                continue
            kept = {child.start: child.id for child in old[word]}
            runs = now.get(word, [])
            gone |= {key for start, key in kept.items() if start not in {run[0] for run in runs}}
            for start, end in runs:
                said = dict(zip(words, word.split("="), strict=True))
                fresh.append(
                    model(
                        id=kept.get(start) or uuid7(),
                        institution_id=ids[code],
                        period=DateRange(start, end),
                        **said,
                    )
                )
    remove(model, gone)
    upsert(model, fresh, ["period"])


def _runs(kind: str, segments: Iterable[Segment[Attributes]]) -> dict[str, list[Run]]:
    """On which days each word of a column held, without breaks between segments that touch."""
    place = _KEYS.index(kind)
    runs: dict[str, list[Run]] = defaultdict(list)
    for segment in segments:
        words = segment.attributes[place]
        for word in words if isinstance(words, tuple) else ():
            own = runs[word]
            if own and own[-1][1] == segment.start:
                own[-1] = (own[-1][0], segment.end)
            else:
                own.append((segment.start, segment.end))
    return runs
