"""The first page's numbers and lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from tiercare.apps.network.queries import Checked
from tiercare.apps.network.queries.detail import OpenObligation
from tiercare.apps.network.rules import Network
from tiercare.engines.policy import PackSet, State
from tiercare.web.pages import english, said

_ORDER = (
    *(State.VIOLATED, State.MISSED, State.AT_RISK, State.WAIVED),
    *(State.ADVICE, State.MET, State.NOT_APPLICABLE, State.NOT_IN_FORCE),
)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar, in per cent of its width."""

    state: State
    count: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class PackRow:
    """One level of policy: how many of its checked clauses stand how."""

    pack: str
    name: str
    total: int
    met: int
    parts: tuple[Part, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """A deadline of a card."""

    on: date
    days: int
    state: State
    sentence: str
    clause: str


def by_pack(packs: PackSet, pack_id: str, checked: Checked) -> list[PackRow]:
    """The chain of packs, the nation first."""
    rows = []
    for pack in packs.chain(pack_id):
        counted = Counter(s.state for s in checked.compliance.clauses if s.clause.pack == pack.id)
        total = sum(counted.values())
        parts, start = [], 0.0
        for state in _ORDER:
            if counted[state]:
                width = 100 * counted[state] / total
                parts.append(Part(state, counted[state], round(start, 2), round(width, 2)))
                start += width
        summary = "，".join(f"{said(part.state.label)} {part.count}" for part in parts)
        rows.append(PackRow(pack.id, said(pack.name), total, counted[State.MET], tuple(parts), summary))
    return rows


def deadlines(checked: Checked, *, limit: int) -> list[DeadlineRow]:
    """Deadlines missed and still open first, then the next ones to come."""
    rows = [
        DeadlineRow(
            v.deadline, (v.deadline - checked.on).days, v.state, said(v.card.sentence), v.card.clauses[0]
        )
        for v in checked.compliance.verdicts
        if v.deadline and (v.deadline >= checked.on or v.state is State.MISSED)
    ]
    return sorted(rows, key=lambda row: (row.on, row.clause))[:limit]


def obligations(found: Iterable[OpenObligation]) -> list[dict[str, Any]]:
    """Open obligations in the reader's language."""
    return [{"of": each, "text": each.text_en if english() else each.text_zh} for each in found]


def sizes(facts: Network) -> dict[str, int]:
    """What was looked at."""
    return {
        "institutions": len(list(facts.local())),
        "consortia": len(facts.consortia),
        "areas": len(facts.areas),
        "grids": len(facts.grids),
    }
