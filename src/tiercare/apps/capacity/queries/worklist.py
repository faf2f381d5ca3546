"""An institution's bookings by their day: made by it, or for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse

from ..rules.vocabulary import Kind
from ..workflow import State
from .bookings import COLUMNS, BookingRow, as_row


class When(StrEnum):
    """The day of the place against today."""

    TODAY = "today"
    COMING = "coming"
    PAST = "past"


class Side(StrEnum):
    """Bookings that the institution made, or that are for places of its own."""

    MADE = "made"
    HERE = "here"


_DAYS: Mapping[When, str] = {
    When.TODAY: "s.day = %(today)s::date",
    When.COMING: "s.day > %(today)s::date",
    When.PAST: "s.day < %(today)s::date",
}
_WHOSE: Mapping[Side, str] = {
    Side.MADE: "b.booked_by = %(institution)s",
    Side.HERE: "b.institution_id = %(institution)s",
}
_ORDER: Mapping[When, str] = {
    When.TODAY: "lower(l.during), b.id",
    When.COMING: "lower(l.during), b.id",
    When.PAST: "lower(l.during) DESC, b.id DESC",
}
_JOINED = "JOIN capacity_session s ON s.id = b.session_id"
_STANDS = "(CASE WHEN b.state = 'HELD' AND b.held_until <= tiercare_now() THEN 'LAPSED' ELSE b.state END)"
_FILTERED = (
    f"AND (%(states)s::text[] = '{{}}' OR {_STANDS} = ANY (%(states)s::text[]))"
    " AND (%(kind)s::text = '' OR s.kind = %(kind)s::text)"
)
_LISTS: Mapping[tuple[When, Side], str] = {
    (when, side): " ".join(
        (
            *(COLUMNS, _JOINED, "WHERE", _WHOSE[side], "AND", _DAYS[when], _FILTERED),
            *("ORDER BY", _ORDER[when], "LIMIT %(limit)s OFFSET %(skipped)s"),
        )
    )
    for when in When
    for side in Side
}
_COUNTED = """
SELECT CASE WHEN s.day = %(today)s::date THEN 'today' WHEN s.day > %(today)s::date THEN 'coming' ELSE 'past' END AS at,
       count(*)::integer AS units
FROM capacity_booking b"""
_COUNTS: Mapping[Side, str] = {
    side: " ".join((_COUNTED, _JOINED, "WHERE", _WHOSE[side], _FILTERED, "GROUP BY 1")) for side in Side
}
_RECENT = """
SELECT s.specialty_code, max(b.made_at) AS at FROM (
    SELECT session_id, made_at FROM capacity_booking WHERE booked_by = %(institution)s
    ORDER BY made_at DESC LIMIT 100
) b JOIN capacity_session s ON s.id = b.session_id
WHERE s.specialty_code <> '' GROUP BY 1 ORDER BY 2 DESC LIMIT %(limit)s
"""
_ITEMS = """
SELECT DISTINCT p.specialty_code, p.item FROM capacity_pool p
WHERE p.kind = 'EXAM' AND p.item <> '' AND EXISTS (
    SELECT FROM capacity_session s WHERE s.pool_id = p.id AND s.state = 'PUBLISHED' AND s.day >= %(on)s::date)
ORDER BY p.item, p.specialty_code
"""
_OFFERED = """
SELECT DISTINCT p.specialty_code FROM capacity_pool p
WHERE p.kind = %(kind)s AND p.specialty_code <> '' AND p.period @> %(on)s::date
"""


@dataclass(frozen=True, slots=True)
class Worklist:
    """A page of bookings, with how many there are by day under the same filters."""

    rows: tuple[BookingRow, ...]
    counts: Mapping[When, int]


def worklist(
    actor: Actor,
    *,
    when: When,
    side: Side = Side.MADE,
    states: Collection[State] = (),
    kind: Kind | None = None,
    page: int = 1,
    per_page: int = 20,
) -> Worklist:
    """The bookings of the actor's institution, today's and coming ones by time, past ones the latest first; recorded.

    Raises:
        Refused: if the actor does not book.
    """
    refuse(access.may(actor, Right.CAPACITY_BOOK, institution_id=actor.institution_id))
    values = {
        "institution": actor.institution_id,
        "today": ledger.today(),
        "states": [each.value for each in states],
        "kind": kind.value if kind else "",
    }
    with scoped(actor):
        counts = {row["at"]: row["units"] for row in rows(_COUNTS[side], **values)}
        found = [
            as_row(row)
            for row in rows(_LISTS[when, side], **values, limit=per_page, skipped=(page - 1) * per_page)
        ]
        residents.record_listed(actor, "bookings", [each.resident_id for each in found])
    return Worklist(tuple(found), {each: counts.get(each.value, 0) for each in When})


def recent_specialties(actor: Actor, *, limit: int = 6) -> list[str]:
    """The specialties for which the actor's institution booked last, the latest first."""
    if actor.institution_id is None:
        return []
    with scoped(actor):
        found = rows(_RECENT, institution=actor.institution_id, limit=limit)
    return [row["specialty_code"] for row in found]


def offered_specialties(kind: Kind) -> frozenset[str]:
    """The specialties in which any institution offers something of this kind today."""
    return frozenset(row["specialty_code"] for row in rows(_OFFERED, kind=kind.value, on=ledger.today()))


def offered_items() -> list[tuple[str, str]]:
    """The examinations that any institution offers from today on: the specialty under which it stands, and the item."""
    return [(row["specialty_code"], row["item"]) for row in rows(_ITEMS, on=ledger.today())]


def booked_person(bookings: Collection[BookingRow]) -> dict[UUID, residents.Least]:
    """How lists show the residents of these bookings, past the wall; the caller has recorded the reading."""
    found = residents.least_of({each.resident_id for each in bookings})
    return {each.id: each for each in found}
