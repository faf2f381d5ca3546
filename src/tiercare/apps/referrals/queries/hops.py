"""How requests move along village, township and county, each hop timed; and what is whose duty there (YN-22)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.residents.queries import person_of
from tiercare.engines.policy import PackSet, ParameterProblem, carries, parameter
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused
from tiercare.kernel.text import Text

from ..rules.levels import level_of, steps_between
from .statistics import Scope

CLAUSE, LEVELS = "YN-22", "YN-22.level_names"
_HOPS = """
SELECT h.*, a.name AS source_name, a.category AS source_category, b.name AS target_name, b.category AS target_category
FROM exchange_hops(%(institutions)s::uuid[], %(since)s, %(until)s) h
JOIN network_institutionversion a ON a.institution_id = h.source
    AND a.period @> (h.at AT TIME ZONE 'Asia/Shanghai')::date
JOIN network_institutionversion b ON b.institution_id = h.target
    AND b.period @> (h.at AT TIME ZONE 'Asia/Shanghai')::date
WHERE h.kind = ANY (%(kinds)s::text[])
ORDER BY h.at, h.request LIMIT %(most)s
"""
# Ours: what is read at once; a period with more is counted to here, and says so.
MOST = 20_000
_KINDS = ["up", "down", "lateral"]
# The request by which a resident was sent here for the same problem, as long as it is not forgotten.
_CAME_BY = """
SELECT r.id FROM exchange_request r
WHERE r.resident_id = ANY (%(persons)s::uuid[]) AND r.to_institution = %(house)s AND r.kind = 'up'
  AND starts_with(r.problem_code, %(problem)s) AND r.state IN ('ARRIVED', 'IN_CARE', 'REPORTED')
ORDER BY r.sent_at DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Hop:
    """A request on its way from one institution to another; ``climbs``: levels up (negative: down; ``None``: beside them).
    Seconds until the answer and until the patient came, where they did."""

    request_id: UUID
    number: str
    act: str
    source: str
    target: str
    source_level: str
    target_level: str
    climbs: int | None
    at: datetime
    to_answer: float | None
    to_arrival: float | None


@dataclass(frozen=True, slots=True)
class Between:
    """All hops from one level to another: how many, how many were answered, and the median seconds."""

    source: str
    target: str
    climbs: int | None
    hops: int
    answered: int
    arrived: int
    to_answer: float | None
    to_arrival: float | None


@dataclass(frozen=True, slots=True)
class Chain:
    """A patient's way over several institutions: its hops in order; ``seconds`` from the first sending to the last that
    happened."""

    number: str
    hops: tuple[Hop, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Hops:
    """What was counted. ``levels`` in the words of the text, the highest first; none where no text names any. ``ours`` are the
    levels whose duties stand in no text: we worded them, and the region has not put its own in their place."""

    scope: Scope
    levels: tuple[str, ...]
    duties: Mapping[str, tuple[Text, ...]]
    ours: frozenset[str]
    between: tuple[Between, ...]
    chains: tuple[Chain, ...]
    cut: bool

    @property
    def clauses(self) -> tuple[str, ...]:
        """The text that asks for it."""
        return (CLAUSE,) if self.levels else ()


def hops(scope: Scope, *, packs: PackSet | None = None) -> Hops:
    """How requests moved between the levels that the text in force names, and each level's duties. One query; where no text
    names levels nothing is counted."""
    on = min(scope.last, ledger.today())
    known = packs or mandates.packs()
    pack, levels = _levels(scope.area, on, known)
    if not levels:
        return Hops(scope, (), {}, frozenset(), (), (), False)
    at = {key: scope.values[key] for key in ("institutions", "since", "until")}
    found = rows(_HOPS, **at, kinds=_KINDS, most=MOST + 1)
    made = [(row["root"], _hop(row, levels)) for row in found[:MOST]]
    duties = {level: _duties(pack, level, on, known) for level in levels}
    return Hops(
        scope,
        levels,
        {level: items for level, (items, _ours) in duties.items()},
        frozenset(level for level, (_items, ours) in duties.items() if ours),
        _between([hop for _, hop in made], levels),
        _chains(made),
        len(found) > MOST,
    )


def came_by(actor: Actor, resident_id: UUID, problem_code: str) -> UUID | None:
    """The upward request by which the resident came to the actor's institution for the same problem (its ICD-10 category)
    and is cared for there; ``None`` where none did."""
    if actor.institution_id is None or not problem_code:
        return None
    persons = person_of(resident_id)
    with scoped(actor):
        found = rows(_CAME_BY, persons=list(persons), house=actor.institution_id, problem=problem_code[:3])
    return found[0]["id"] if found else None


def _levels(area: str, on: date, packs: PackSet) -> tuple[str, tuple[str, ...]]:
    try:
        pack = mandates.pack_in_force(area, on=on)
        value = parameter(packs, LEVELS, pack, on=on).value if carries(packs, LEVELS, pack) else None
    except (Refused, ParameterProblem):
        return "", ()
    return pack, tuple(str(each) for each in value) if isinstance(value, tuple) else ()


def _duties(pack: str, level: str, on: date, packs: PackSet) -> tuple[tuple[Text, ...], bool]:
    """The duties of a level: the pack's list, as the region last edited it; and whether the words are still ours."""
    wanted = f"duties_{level}"
    if not any(each.id == wanted for each in packs.lists_for(pack)):
        return (), False
    named, items = mandates.named_list(pack, wanted, on=on)
    return tuple(items), not named.defined_in_text and tuple(items) == named.items


def _hop(row: Mapping[str, Any], levels: Sequence[str]) -> Hop:
    source, target = (level_of(row[f"{side}_category"], levels) for side in ("source", "target"))
    return Hop(
        row["request"],
        row["number"],
        row["act"],
        row["source_name"],
        row["target_name"],
        source,
        target,
        steps_between(source, target, levels),
        row["at"],
        _seconds(row["at"], row["answered"]),
        _seconds(row["at"], row["arrived"]),
    )


def _between(found: Sequence[Hop], levels: Sequence[str]) -> tuple[Between, ...]:
    """By pair of levels, the way up first, from the lowest."""
    pairs: dict[tuple[str, str], list[Hop]] = {}
    for each in found:
        pairs.setdefault((each.source_level, each.target_level), []).append(each)

    def rank(pair: tuple[str, str]) -> tuple[int, int, int]:
        climbs = steps_between(*pair, levels)
        kind = 3 if climbs is None else 0 if climbs > 0 else 1 if climbs < 0 else 2
        return kind, -levels.index(pair[0]) if pair[0] in levels else 1, abs(climbs or 0)

    return tuple(
        Between(
            *pair,
            pairs[pair][0].climbs,
            len(pairs[pair]),
            sum(each.to_answer is not None for each in pairs[pair]),
            sum(each.to_arrival is not None for each in pairs[pair]),
            _median([each.to_answer for each in pairs[pair]]),
            _median([each.to_arrival for each in pairs[pair]]),
        )
        for pair in sorted(pairs, key=rank)
    )


def _chains(found: Sequence[tuple[UUID, Hop]], most: int = 50) -> tuple[Chain, ...]:
    """Those of more than one hop, the latest first."""
    by_root: dict[UUID, list[Hop]] = {}
    for root, hop in found:
        by_root.setdefault(root, []).append(hop)
    several = [each for each in by_root.values() if len(each) > 1]
    several.sort(key=lambda each: each[-1].at, reverse=True)
    return tuple(Chain(each[0].number, tuple(each), _lasted(each)) for each in several[:most])


def _lasted(found: Sequence[Hop]) -> float:
    last = found[-1]
    return (last.at - found[0].at).total_seconds() + max(last.to_answer or 0.0, last.to_arrival or 0.0)


def _seconds(since: datetime, until: datetime | None) -> float | None:
    return None if until is None else (until - since).total_seconds()


def _median(values: Sequence[float | None]) -> float | None:
    known = [each for each in values if each is not None]
    return median(known) if known else None
