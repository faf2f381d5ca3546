"""Where an institution stands: its name and area, whether it is primary care, and the consortia it belongs to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from tiercare.apps.ledger.prepared import prepared, rows

from ..rules import Category, Kind

# Those that keep residents' files and answer for a township or community (基层医疗卫生机构).
PRIMARY_CARE: tuple[Category, ...] = (
    Category.TOWNSHIP_CENTRE,
    Category.COMMUNITY_CENTRE,
    Category.COMMUNITY_STATION,
    Category.VILLAGE_CLINIC,
)
# A township has one centre; a station or a clinic answers only where there is none.
_ANSWERS = {category.value: rank for rank, category in enumerate(PRIMARY_CARE)}


@dataclass(frozen=True, slots=True)
class Place:
    """An institution on a day. ``division_code`` is its township where that is known, otherwise its county."""

    id: UUID
    name: str
    division_code: str
    primary_care: bool
    consortia: Mapping[UUID, Kind]
    level: int

    def organisations(self, kinds: Collection[Kind]) -> frozenset[UUID]:
        """The institution itself and its consortia of these kinds: for whom it may receive what is shared."""
        return frozenset((self.id, *(key for key, kind in self.consortia.items() if kind in kinds)))


# A consortium that joined another as a whole brings its members along.
_PLACE = """
WITH own AS (
    SELECT consortium_id FROM network_membership WHERE institution_id = %(id)s AND period @> %(on)s::date
), all_of_them AS (
    SELECT consortium_id FROM own
    UNION
    SELECT j.parent_id FROM network_joining j JOIN own ON own.consortium_id = j.child_id AND j.period @> %(on)s::date
)
SELECT v.institution_id, v.name, coalesce(nullif(v.township_code, ''), v.division_code), v.category,
       (SELECT json_object_agg(c.id, c.kind) FROM network_consortium c
        WHERE c.id IN (SELECT consortium_id FROM all_of_them) AND EXISTS (
            SELECT FROM network_consortiumversion w WHERE w.consortium_id = c.id AND w.period @> %(on)s::date)), v.level
FROM network_institutionversion v
WHERE v.institution_id = %(id)s AND v.period @> %(on)s::date
"""
# Today, by the platform's clock: the day on which somebody books.
_SHARE = """
WITH day AS (SELECT (tiercare_now() AT TIME ZONE 'Asia/Shanghai')::date AS today),
own AS (
    SELECT m.institution_id, m.consortium_id FROM network_membership m, day
    WHERE m.institution_id IN (%(one)s, %(other)s) AND m.period @> day.today
), belongs AS (
    SELECT institution_id, consortium_id FROM own
    UNION
    SELECT own.institution_id, j.parent_id
    FROM own JOIN network_joining j ON j.child_id = own.consortium_id, day WHERE j.period @> day.today
)
SELECT EXISTS (
    SELECT FROM belongs one JOIN belongs other USING (consortium_id)
    WHERE one.institution_id = %(one)s AND other.institution_id = %(other)s) AS shared
"""
_FELLOWS = """
WITH day AS (SELECT (tiercare_now() AT TIME ZONE 'Asia/Shanghai')::date AS today),
belongs AS (
    SELECT m.institution_id, m.consortium_id FROM network_membership m, day WHERE m.period @> day.today
    UNION
    SELECT m.institution_id, j.parent_id
    FROM network_membership m JOIN network_joining j ON j.child_id = m.consortium_id, day
    WHERE m.period @> day.today AND j.period @> day.today
)
SELECT DISTINCT other.institution_id FROM belongs one JOIN belongs other USING (consortium_id)
WHERE one.institution_id = %(one)s AND other.institution_id <> %(one)s
"""
# Members of the consortia that an institution leads, and of those that joined one of them as a whole.
_LED = """
WITH led AS (
    SELECT m.consortium_id FROM network_membership m
    WHERE m.institution_id = %(lead)s AND m.role = 'LEAD' AND m.period @> %(on)s::date
), all_of_them AS (
    SELECT consortium_id FROM led
    UNION
    SELECT j.child_id FROM network_joining j JOIN led ON led.consortium_id = j.parent_id AND j.period @> %(on)s::date
)
SELECT DISTINCT m.institution_id FROM network_membership m JOIN all_of_them USING (consortium_id)
WHERE m.period @> %(on)s::date AND m.institution_id <> %(lead)s
"""
_NEAREST = """
SELECT v.institution_id FROM network_institutionversion v
WHERE v.township_code = %(township)s AND v.category = ANY (%(categories)s) AND v.period @> %(on)s::date
ORDER BY array_position(%(categories)s, v.category::text), v.level DESC, v.institution_id
LIMIT 1
"""
_ALL_NEAREST = """
SELECT DISTINCT ON (v.township_code) v.township_code, v.institution_id FROM network_institutionversion v
WHERE v.township_code <> '' AND v.category = ANY (%(categories)s) AND v.period @> %(on)s::date
ORDER BY v.township_code, array_position(%(categories)s, v.category::text), v.level DESC, v.institution_id
"""


def place_of(institution_id: UUID, *, on: date) -> Place | None:
    """The institution as it stands on that day; ``None`` if it is not open then."""
    with prepared() as cursor:
        cursor.execute(_PLACE, {"id": institution_id, "on": on})
        row = cursor.fetchone()
    if row is None:
        return None
    key, name, division, category, consortia, level = row
    kinds = {UUID(each): Kind(kind) for each, kind in (consortia or {}).items()}
    return Place(key, name, division, Category(category) in PRIMARY_CARE, kinds, level)


def fellows_of(institution_id: UUID) -> frozenset[UUID]:
    """The institutions that share a consortium with this one today (``share_a_consortium``)."""
    return frozenset(row["institution_id"] for row in rows(_FELLOWS, one=institution_id))


def led_by(lead: UUID, *, on: date) -> frozenset[UUID]:
    """The members of the consortia that this institution leads on that day; empty if it leads none."""
    return frozenset(row["institution_id"] for row in rows(_LED, lead=lead, on=on))


def share_a_consortium(one: UUID, other: UUID) -> bool:
    """Whether both stand in one consortium today, directly or with a consortium that joined it."""
    (row,) = rows(_SHARE, one=one, other=other)
    return bool(row["shared"])


def primary_care_of(division_code: str, *, on: date) -> UUID | None:
    """The primary-care institution of the township in which ``division_code`` lies; ``None`` where none is known."""
    if len(division_code) < 9:
        return None
    values = {"township": division_code[:9], "categories": list(_ANSWERS), "on": on}
    with prepared() as cursor:
        cursor.execute(_NEAREST, values)
        row = cursor.fetchone()
    return row[0] if row else None


def primary_care_by_township(*, on: date) -> dict[str, UUID]:
    """What ``primary_care_of`` answers for every township for which it answers at all; for bulk work."""
    with connection.cursor() as cursor:
        cursor.execute(_ALL_NEAREST, {"categories": list(_ANSWERS), "on": on})
        return dict(cursor.fetchall())


def institution_by_slug(slug: str, *, on: date) -> UUID | None:
    """The institution of that code if it is open on that day."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.id FROM network_institution i JOIN network_institutionversion v ON v.institution_id = i.id"
            " WHERE i.slug = %s AND v.period @> %s::date",
            [slug, on],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def institution_codes(region: str) -> set[str]:
    """The codes of all institutions that stand or ever stood in ``region`` (a division code)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT i.slug FROM network_institution i"
            " JOIN network_institutionversion v ON v.institution_id = i.id WHERE starts_with(v.division_code, %s)",
            [region],
        )
        return {slug for (slug,) in cursor.fetchall()}


def names_of_institutions(ids: Collection[UUID], *, on: date) -> dict[UUID, str]:
    """Their names on that day, or the last they had before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (institution_id) institution_id, name FROM network_institutionversion"
            " WHERE institution_id = ANY (%s) AND lower(period) <= %s"
            " ORDER BY institution_id, lower(period) DESC",
            [list(ids), on],
        )
        return dict(cursor.fetchall())
