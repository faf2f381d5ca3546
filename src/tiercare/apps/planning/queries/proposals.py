"""How an application that ties institutions together stands to the criteria of the pack (YN-01, YN-16): the registers' part and what
moved between the partners so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network.commands.drafts import Readiness
from tiercare.apps.network.queries import ours
from tiercare.apps.network.queries.proposals import Proposal, pairs_of, partner_ids
from tiercare.apps.network.rules.choosing import Answer
from tiercare.apps.network.rules.pairing import Grade, Judged, measured
from tiercare.kernel.clock import ZONE

MONTHS = "cooperation_months"
# Counts alone: whose requests they were stays behind the wall.
_BETWEEN = """
SELECT c.sender, c.receiver, count(*)::integer AS n
FROM exchange_counted(%(ids)s::uuid[], %(since)s::timestamptz, %(until)s::timestamptz) c
WHERE c.sender = ANY (%(ids)s::uuid[]) AND c.receiver = ANY (%(ids)s::uuid[]) AND c.sender <> c.receiver
GROUP BY c.sender, c.receiver
"""


def judged_of(
    standing: Readiness, pack: str, *, said: Mapping[tuple[str, str], tuple[Grade | None, str]] | None = None
) -> list[Judged]:
    """Every criterion that the pack asks for, by data, with what a clerk ``said`` of it (by clause and criterion: grade and words); nothing
    where the application ties nobody together."""
    found = standing.proposal
    if found is None:
        return []
    asked = {side.code for side in standing.sides}
    agreed = {side.code for side in standing.sides if side.answer is Answer.AGREED}
    known = partner_ids(found)
    pairs = pairs_of(found, agreed=agreed | (set(known) - asked), requests=_requests(found, known, pack))
    kept = said or {}
    return [
        Judged(clause, measured(word, pairs), *kept.get((clause, word), (None, "")))
        for clause, word in found.asked
    ]


def _requests(found: Proposal, known: Mapping[str, UUID], pack: str) -> Mapping[frozenset[str], int]:
    """Requests between each two of them in the months that the pack looks back from the proposal's first day; none where it says no number."""
    months = ours.number(MONTHS, pack, on=found.on)
    if not months:
        return {}
    code_of = {key: code for code, key in known.items()}
    between = _between(list(known.values()), _back(found.on, int(months)), found.on)
    counted: Counter[frozenset[str]] = Counter()
    for row in between:
        counted[frozenset({code_of[row["sender"]], code_of[row["receiver"]]})] += row["n"]
    return counted


def _between(ids: Collection[UUID], first: date, after: date) -> list[dict[str, Any]]:
    since, until = (datetime.combine(day, time.min, ZONE) for day in (first, after))
    return [dict(row) for row in rows(_BETWEEN, ids=list(ids), since=since, until=until)] if ids else []


def _back(day: date, months: int) -> date:
    """The first of the month so many months before a day."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)
