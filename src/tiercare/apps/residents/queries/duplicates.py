"""Pairs that may be one person, entries that wait to be claimed, the merges, and what came of it day by day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor

from ..rules.doubles import likelihood
from .finding import Least, least, least_of, record
from .merging import refuse_without_index

_LAST = UUID(int=(1 << 128) - 1)
# Ours: as far back as a week's work and the week before can be compared.
DAYS = 14

_OPEN = """
SELECT d.id, d.first_id, d.second_id, d.division_code, d.weight, d.reasons, d.source, d.found_at
FROM residents_duplicate d
WHERE d.decision IS NULL AND (d.weight, d.id) < (%(weight)s, %(id)s)
  AND (NOT %(temporary)s OR EXISTS (SELECT FROM residents_resident r
                                    WHERE r.id IN (d.first_id, d.second_id) AND r.temporary))
ORDER BY d.weight DESC, d.id DESC
LIMIT %(limit)s
"""
_UNCLAIMED = """
SELECT r.id, r.name, r.sex, r.birth_date, r.division_code, r.institution_id, r.identity_kind, r.identity_sealed,
       r.temporary, r.deceased_on, r.registered_at
FROM residents_resident r
WHERE r.temporary AND r.master_id IS NULL AND r.moved_out_at IS NULL AND r.id < %(before)s
ORDER BY r.id DESC
LIMIT %(limit)s
"""
_MERGES = """
SELECT id, kept_id, merged_id, reason, at, undone_at, undone_reason FROM residents_merge
WHERE (at, id) < (%(at)s, %(id)s) ORDER BY at DESC, id DESC LIMIT %(limit)s
"""
_DAILY = """
SELECT (moment AT TIME ZONE 'Asia/Shanghai')::date AS day,
       count(*) FILTER (WHERE what = 'found') AS found,
       count(*) FILTER (WHERE what = 'merged') AS merged,
       count(*) FILTER (WHERE what = 'different') AS different,
       count(*) FILTER (WHERE what = 'parted') AS parted
FROM (
    SELECT found_at AS moment, 'found' AS what FROM residents_duplicate WHERE found_at >= %(since)s
    UNION ALL SELECT decided_at, 'different' FROM residents_duplicate
        WHERE decision = 'different' AND decided_at >= %(since)s
    UNION ALL SELECT at, 'merged' FROM residents_merge WHERE at >= %(since)s
    UNION ALL SELECT undone_at, 'parted' FROM residents_merge WHERE undone_at >= %(since)s
) AS happened
GROUP BY day
ORDER BY day DESC
"""
_WAITING = "SELECT count(*) AS number FROM residents_duplicate WHERE decision IS NULL"


@dataclass(frozen=True, slots=True)
class OpenPair:
    """A proposed pair on the list. ``likelihood``: the probability that it is one person; ``weight``: its log2 odds.

    ``reasons`` are keys of ``rules.doubles.LEVEL_NAMES``; ``source`` is ``desk`` or ``batch``.
    """

    id: UUID
    first: Least
    second: Least
    weight: float
    reasons: tuple[str, ...]
    source: str
    found_at: datetime

    @property
    def likelihood(self) -> float:
        """Between 0 and 1."""
        return likelihood(self.weight)


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """A temporary entry that has not been found to be anybody yet."""

    least: Least
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class MergeRow:
    """A merge, in force or undone."""

    id: UUID
    kept: Least
    merged: Least
    reason: str
    at: datetime
    undone_at: datetime | None
    undone_reason: str


@dataclass(frozen=True, slots=True)
class Day:
    """What came of the hunt for duplicates on one day, in the actor's area."""

    day: date
    found: int
    merged: int
    different: int
    parted: int


@dataclass(frozen=True, slots=True)
class Metrics:
    """How many pairs are undecided, and the last days on which anything happened, the latest first."""

    waiting: int
    days: tuple[Day, ...]


def open_pairs(
    actor: Actor, *, after: tuple[float, UUID] | None = None, limit: int = 20, temporary: bool = False
) -> list[OpenPair]:
    """The pairs of the actor's index that wait for a decision, the likeliest first.

    ``after``: weight and id of the last one seen. ``temporary``: only those with a temporary entry. Ask for one more
    than is shown to know whether there are more. The reading is recorded.

    Raises:
        Refused: if the actor keeps no index.
    """
    refuse_without_index(actor)
    weight, last = after or (float("inf"), _LAST)
    with scoped(actor, area=actor.division_code or ""):
        found = rows(_OPEN, weight=weight, id=last, limit=limit, temporary=temporary)
        known = _known(key for row in found for key in (row["first_id"], row["second_id"]))
        record(actor, "pair", Basis.IDENTITY, sorted(known))
    return [
        OpenPair(
            id=row["id"],
            first=known[row["first_id"]],
            second=known[row["second_id"]],
            weight=row["weight"],
            reasons=tuple(row["reasons"]),
            source=row["source"],
            found_at=row["found_at"],
        )
        for row in found
    ]


def unclaimed(actor: Actor, *, before: UUID | None = None, limit: int = 20) -> list[Unclaimed]:
    """Temporary entries of the actor's index that are nobody's yet, the latest first; the reading is recorded.

    Raises:
        Refused: if the actor keeps no index.
    """
    refuse_without_index(actor)
    with scoped(actor, area=actor.division_code or ""):
        found = rows(_UNCLAIMED, before=before or _LAST, limit=limit)
        record(actor, "pair", Basis.IDENTITY, [row["id"] for row in found])
    return [Unclaimed(least(row), row["registered_at"]) for row in found]


def merges(actor: Actor, *, before: tuple[datetime, UUID] | None = None, limit: int = 20) -> list[MergeRow]:
    """The merges of the actor's index, undone ones too, latest first; the reading is recorded.

    Raises:
        Refused: if the actor keeps no index.
    """
    refuse_without_index(actor)
    at, last = before or (datetime.max.replace(tzinfo=UTC), _LAST)
    with scoped(actor, area=actor.division_code or ""):
        found = rows(_MERGES, at=at, id=last, limit=limit)
        known = _known(key for row in found for key in (row["kept_id"], row["merged_id"]))
        record(actor, "pair", Basis.IDENTITY, sorted(known))
    return [_merge(row, known) for row in found]


def metrics(actor: Actor, *, days: int = DAYS) -> Metrics:
    """How the work on duplicates of the actor's index goes. Numbers only: no reading is recorded.

    Raises:
        Refused: if the actor keeps no index.
    """
    refuse_without_index(actor)
    with scoped(actor, area=actor.division_code or ""):
        waiting = rows(_WAITING)[0]["number"]
        since = ledger_queries.now() - timedelta(days=days)
        return Metrics(waiting, tuple(Day(**row) for row in rows(_DAILY, since=since)))


def _merge(row: dict[str, Any], known: dict[UUID, Least]) -> MergeRow:
    return MergeRow(
        id=row["id"],
        kept=known[row["kept_id"]],
        merged=known[row["merged_id"]],
        reason=row["reason"],
        at=row["at"],
        undone_at=row["undone_at"],
        undone_reason=row["undone_reason"],
    )


def _known(entries: Iterable[UUID]) -> dict[UUID, Least]:
    return {each.id: each for each in least_of(set(entries))}
