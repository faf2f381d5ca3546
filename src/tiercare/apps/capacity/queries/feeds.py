"""What a hospital's own system has told, what is missing of it, and where it does not agree with us."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.text import Text

from ..rules.conflicts import CONFLICTS, ConflictKind, ConflictState, Way
from .keeping import own_place

MOST_MISSING, MOST_SHOWN = 100, 200

# Everything up to ``healed`` is told by full messages of every day ahead, so what was lost before it does not matter.
_MISSING = """
WITH healed AS (
    SELECT coalesce(min(coalesce(d.sequence, 0)), 0) AS upto
    FROM (SELECT DISTINCT day FROM capacity_feedsession WHERE feed_id = %(feed)s AND day >= %(today)s::date) known
    LEFT JOIN capacity_feedday d ON d.feed_id = %(feed)s AND d.day = known.day
), got AS (
    SELECT m.sequence, lead(m.sequence) OVER (ORDER BY m.sequence) AS following
    FROM capacity_feedmessage m, healed WHERE m.feed_id = %(feed)s AND m.sequence >= healed.upto
)
SELECT generate_series(got.sequence + 1, least(got.following - 1, got.sequence + %(most)s::int)) AS sequence
FROM got WHERE got.following > got.sequence + 1 ORDER BY 1 LIMIT %(most)s::int
"""
_FEEDS = """
SELECT f.id, f.source, f.heard_at, last.sequence, full_.sequence AS full_sequence, full_.taken_at AS full_at,
       ahead.sessions, ahead.standing, coalesce(open_.conflicts, 0) AS conflicts
FROM capacity_feed f
LEFT JOIN LATERAL (SELECT max(m.sequence) AS sequence FROM capacity_feedmessage m WHERE m.feed_id = f.id) last ON true
LEFT JOIN LATERAL (
    SELECT m.sequence, m.taken_at FROM capacity_feedmessage m WHERE m.feed_id = f.id AND m."full"
    ORDER BY m.sequence DESC LIMIT 1
) full_ ON true
CROSS JOIN LATERAL (
    SELECT count(*) AS sessions, count(s.session_id) AS standing FROM capacity_feedsession s
    WHERE s.feed_id = f.id AND s.ends > tiercare_now()
) ahead
LEFT JOIN LATERAL (
    SELECT count(*) AS conflicts FROM capacity_conflict c JOIN capacity_feedsession s ON s.id = c.told_id
    WHERE s.feed_id = f.id AND c.state = 'OPEN' AND s.ends > tiercare_now()
) open_ ON true
WHERE f.institution_id = %(institution)s AND (%(source)s::text = '' OR f.source = %(source)s::text)
ORDER BY f.source
"""
_CONFLICTS = """
SELECT c.id, f.source, c.kind, c.slot_key, c.said, c.kept, c.words, c.state, c.way, c.found_at, c.answered_at,
       c.settled_at, s.key AS session_key, s.day, s.starts, s.ends, s.pool AS pool_code, coalesce(p.name, '') AS pool,
       s.physician, s.session_id
FROM capacity_conflict c
JOIN capacity_feedsession s ON s.id = c.told_id
JOIN capacity_feed f ON f.id = s.feed_id
LEFT JOIN capacity_pool p ON p.institution_id = f.institution_id AND p.code = s.pool
WHERE f.institution_id = %(institution)s AND (%(source)s::text = '' OR f.source = %(source)s::text)
  AND c.state = %(state)s AND (c.state <> 'OPEN' OR s.ends > tiercare_now())
ORDER BY CASE WHEN c.state = 'OPEN' THEN s.starts END, c.settled_at DESC, s.key, c.kind, c.slot_key
LIMIT %(limit)s::int
"""


@dataclass(frozen=True, slots=True)
class FeedShown:
    """A system, when it was last heard, up to which sequence, what is missing, and how many conflicts stand.

    ``sessions`` are those told that are not over, ``standing`` those of them that are on offer here.
    """

    id: UUID
    source: str
    heard_at: datetime
    sequence: int | None
    full_sequence: int | None
    full_at: datetime | None
    sessions: int
    standing: int
    conflicts: int
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ConflictShown:
    """A conflict with the session as told; ``session_id`` is ours for it, if there is one. It names no resident."""

    id: UUID
    source: str
    kind: ConflictKind
    slot_key: str
    said: int
    kept: int
    words: Text | None
    state: ConflictState
    way: Way | None
    found_at: datetime
    answered_at: datetime | None
    settled_at: datetime | None
    session_key: str
    day: date
    starts: datetime
    ends: datetime
    pool_code: str
    pool: str
    physician: str
    session_id: UUID | None

    @property
    def meaning(self) -> Text:
        """What does not agree, with its numbers."""
        fields = {"said": self.said, "kept": self.kept}
        text = CONFLICTS[self.kind].meaning
        told = Text(text.fill(fields, "zh"), text.fill(fields, "en"))
        return Text(told.zh + self.words.zh, f"{told.en} {self.words.en}") if self.words else told


def missing(feed_id: UUID) -> tuple[int, ...]:
    """Sequences between those received that never came, since the last full word on every day ahead; at most 100."""
    found = rows(_MISSING, feed=feed_id, today=ledger.today(), most=MOST_MISSING)
    return tuple(row["sequence"] for row in found)


def feeds_of(actor: Actor, *, source: str = "") -> list[FeedShown]:
    """The systems of the actor's institution that have sent anything; with ``source`` that one.

    Raises:
        Refused: if the actor keeps no places.
    """
    found = rows(_FEEDS, institution=own_place(actor), source=source)
    return [FeedShown(**row, missing=missing(row["id"])) for row in found]


def conflicts_of(
    actor: Actor, *, source: str = "", state: ConflictState = ConflictState.OPEN, limit: int = MOST_SHOWN
) -> list[ConflictShown]:
    """Conflicts of the actor's institution: open ones by their day, settled ones the latest first.

    Raises:
        Refused: as ``feeds_of``.
    """
    asked = {"institution": own_place(actor), "source": source, "state": state.value, "limit": limit}
    return [_shown(row) for row in rows(_CONFLICTS, **asked)]


def _shown(row: dict[str, Any]) -> ConflictShown:
    words = json.loads(row["words"])
    return ConflictShown(
        **{
            **row,
            "kind": ConflictKind(row["kind"]),
            "state": ConflictState(row["state"]),
            "way": Way(row["way"]) if row["way"] else None,
            "words": Text(words["zh"], words["en"]) if words else None,
        }
    )
