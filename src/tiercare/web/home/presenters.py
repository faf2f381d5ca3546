"""The first page's numbers and lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tiercare.apps.network.queries import Checked
from tiercare.apps.network.queries.detail import OpenObligation, Standing
from tiercare.engines.policy import PackSet, State
from tiercare.web import labels
from tiercare.web.labels import STATE_ICONS
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
    """A deadline of a clause, or of an obligation under an agreement (then ``consortium`` is its id).

    ``css`` colours the tag, ``icon`` and ``word`` say the same without colour.
    """

    on: date
    days: int
    sentence: str
    clause: str
    consortium: str
    name: str
    css: str
    icon: str
    word: str


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
        summary = (", " if english() else "，").join(
            f"{said(part.state.label)} {part.count}" for part in parts
        )
        rows.append(PackRow(pack.id, said(pack.name), total, counted[State.MET], tuple(parts), summary))
    return rows


def deadlines(checked: Checked, owed: Iterable[OpenObligation], *, limit: int) -> list[DeadlineRow]:
    """Deadlines of clauses and of agreements, the earliest first; those kept in the past are left out."""
    rows = [
        DeadlineRow(
            on=v.deadline,
            days=(v.deadline - checked.on).days,
            sentence=said(v.card.sentence),
            clause=v.card.clauses[0],
            consortium="",
            name="",
            css=v.state.value.lower(),
            icon=STATE_ICONS[v.state],
            word=said(v.state.label),
        )
        for v in checked.compliance.verdicts
        if v.deadline and (v.deadline >= checked.on or v.state is State.MISSED)
    ]
    rows += [_obligation(checked.on, each) for each in owed]
    return sorted(rows, key=lambda row: (row.on, row.clause, row.name))[:limit]


def _obligation(on: date, owed: OpenObligation) -> DeadlineRow:
    overdue = owed.standing is Standing.OVERDUE
    return DeadlineRow(
        on=owed.due,
        days=(owed.due - on).days,
        sentence=owed.text_en if english() else owed.text_zh,
        clause="",
        consortium=str(owed.consortium_id),
        name=owed.consortium_name,
        css="missed" if overdue else "not_applicable",
        icon="clock-x" if overdue else "calendar",
        word=labels.name("standing", owed.standing.value),
    )


def sizes(checked: Checked) -> dict[str, int]:
    """What was looked at."""
    size = checked.size
    return {
        "institutions": size.institutions,
        "consortia": size.consortia,
        "areas": size.areas,
        "grids": size.grids,
    }
