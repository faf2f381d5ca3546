"""Episodes of care: which visit opened each, and at which institution (CX-06). Kept with the visits, judged anew whenever one
comes, ends or goes, since visits are entered late and out of order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from tiercare.apps.ledger.prepared import rows

from ..models import Condition, Encounter
from ..queries.ours import guidelines_at, guidelines_in, said, said_in
from ..rules.entries import Diagnosis
from ..rules.episodes import problem_named, problem_of

GAP = "episode_gap_days"
_SETTLE = "SELECT records_settle_episodes(%(persons)s::uuid[])"
_SETTLE_EACH = "SELECT count(records_settle_episodes(ARRAY[p])) FROM unnest(%(people)s::uuid[]) p"


def place_in_episode(area: str, conditions: Sequence[Diagnosis], *, on: date) -> dict[str, Any]:
    """The columns of a visit of ``on`` in this area by which its episode is found: for what it was, and within how many days
    it belongs to the one before. Where no pack is in force it belongs to none."""
    return {
        "problem": problem_of(conditions, guidelines_in(area, on=on)),
        "episode_gap": said_in(GAP, area, on=on).number,
    }


def settle(persons: Sequence[UUID]) -> None:
    """Find the episodes of a person from all their visits; ``persons`` are all entries of theirs, the master first."""
    rows(_SETTLE, persons=list(persons))


def place_many(visits: Sequence[Encounter], conditions: Sequence[Condition], *, on: date) -> None:
    """As ``place_in_episode``, of visits that are about to be written in bulk."""
    codes = {
        each.encounter_id: each.code
        for each in reversed(conditions)  # the first, if several are main
        if each.role == "MAIN"
    }
    houses = {each.institution_id for each in visits}
    books = {house: guidelines_at(house, on=on) for house in houses}
    gaps = {house: said(GAP, house, on=on).number for house in houses}
    for each in visits:
        code = codes.get(each.id, "")
        each.problem = problem_named(code, books[each.institution_id]) if code else ""
        each.episode_gap = gaps[each.institution_id]


def settle_many(people: Sequence[UUID]) -> None:
    """As ``settle``, of many people who have one entry each."""
    rows(_SETTLE_EACH, people=list(people))
