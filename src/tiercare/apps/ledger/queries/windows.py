"""Readings of a person's record, narrowed: by ground or outcome, by whom and when, or one by its event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import connection

# Two entries of one person may stand in the same event (a list), hence the semi-join.
_FOUND = """
SELECT e.id, e.sequence, e.at, e.actor_id, e.actor_name, e.actor_role, e.institution_id, e.division_code,
       coalesce(e.payload ->> 'what', ''), coalesce(e.payload ->> 'basis', ''),
       coalesce(e.payload ->> 'purpose', ''), coalesce(e.payload ->> 'result', '') = 'refused'
FROM ledger_event e
WHERE e.id IN (SELECT r.event_id FROM ledger_reading r WHERE r.resident_id = ANY (%(residents)s)
               AND (%(event)s::uuid IS NULL OR r.event_id = %(event)s::uuid)
               AND (%(since)s::timestamptz IS NULL OR r.at >= %(since)s::timestamptz)
               AND (%(until)s::timestamptz IS NULL OR r.at < %(until)s::timestamptz))
  AND (%(by)s::uuid IS NULL OR e.actor_id = %(by)s::uuid)
  AND (%(not_by)s::uuid IS NULL
       OR e.actor_id IS DISTINCT FROM %(not_by)s::uuid AND e.payload ->> 'basis' IS DISTINCT FROM 'self')
  AND (%(before)s::bigint IS NULL OR e.sequence < %(before)s::bigint)
  AND CASE %(only)s WHEN 'refused' THEN e.payload ->> 'result' = 'refused'
                    WHEN 'emergency' THEN e.payload ->> 'basis' = 'emergency' ELSE true END
ORDER BY e.sequence DESC
LIMIT %(limit)s
"""
_COUNTED = """
SELECT (SELECT count(*) FROM ledger_reading r JOIN ledger_event e ON e.id = r.event_id
        WHERE r.resident_id = w.resident AND r.at >= w.since AND r.at < w.until AND e.actor_id = w.by)
FROM unnest(%(residents)s::uuid[], %(by)s::uuid[], %(since)s::timestamptz[], %(until)s::timestamptz[])
     WITH ORDINALITY AS w (resident, by, since, until, place)
ORDER BY w.place
"""


class Only(StrEnum):
    """Which readings are asked for."""

    ALL = "all"
    REFUSED = "refused"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class SeenReading:
    """One reading: who, acting as what and for which institution, when, which part, on what ground, or refused."""

    id: UUID
    sequence: int
    at: datetime
    actor_id: UUID | None
    actor_name: str
    actor_role: str
    institution_id: UUID | None
    division_code: str | None
    what: str
    basis: str
    purpose: str
    refused: bool


@dataclass(frozen=True, slots=True)
class Window:
    """What one account may have read of one resident; ``since`` is included, ``until`` excluded."""

    resident_id: UUID
    account_id: UUID
    since: datetime
    until: datetime


def readings_of(
    residents: Sequence[UUID],
    *,
    only: Only = Only.ALL,
    not_by: UUID | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[SeenReading]:
    """Who read the records of these people (one person's entries, say), latest first.

    ``not_by`` leaves one account out, and what people read of themselves; ``before`` is the sequence of the last one on the page before. Stands under
    row-level security, as ``readings`` does.
    """
    return _found(residents, only=only.value, not_by=not_by, before=before, limit=limit)


def readings_within(window: Window, *, limit: int = 200) -> list[SeenReading]:
    """What the account read of the resident in the window, latest first; what the caller's wall shows of it."""
    return _found(
        [window.resident_id], by=window.account_id, since=window.since, until=window.until, limit=limit
    )


def reading_of(residents: Sequence[UUID], event_id: UUID) -> SeenReading | None:
    """The reading of this event, if it was one of these people's records."""
    return next(iter(_found(residents, event=event_id, limit=1)), None)


def counted_within(windows: Sequence[Window]) -> list[int]:
    """How many readings there were in each window, in the order given; one statement."""
    values = {
        "residents": [window.resident_id for window in windows],
        "by": [window.account_id for window in windows],
        "since": [window.since for window in windows],
        "until": [window.until for window in windows],
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, values)
        return [row[0] for row in cursor.fetchall()]


def _found(residents: Sequence[UUID], **asked: object) -> list[SeenReading]:
    values = dict.fromkeys(("event", "by", "not_by", "since", "until", "before"))
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, {**values, "only": Only.ALL.value, "residents": list(residents), **asked})
        return [SeenReading(*row) for row in cursor.fetchall()]
