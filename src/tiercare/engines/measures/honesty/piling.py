"""Values that pile up just on the good side of a limit, against those just beyond it.

Four windows of equal width: two on either side. If the density is a straight line there, the inner two differ by a third of what the
outer two differ by; what is more than that, in standard errors, is the finding (after McCrary 2008). Choose the width as a multiple
of ten where readings are rounded, so that each window holds as many round numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tiercare.kernel.text import Text

from ..chance import discoveries, normal_tail
from ..evaluate import Tables
from ..expressions import Node
from ..on_ibis import on_ibis
from ..periods import Span
from ..schema import facts
from .findings import Finding, Kind, said
from .rows import institution_of, sample, within

_FINDING = Text(
    "{who}的{fact}“{column}”刚好达到{at}的有{good}例，差一点没达到的只有{bad}例（按两边的趋势应为{due:.0f}例对{rest:.0f}例）。"
    "请抽查这些记录的原始测量。",
    "At {who}, {good} values of “{column}” in “{fact}” just meet {at} and only {bad} just miss it (by the trend on either side {due:.0f} "
    "against {rest:.0f}). Check the original readings of these rows.",
)


@dataclass(frozen=True, slots=True)
class Edge:
    """The limit to look at.

    Attributes:
        where: which rows; ``None`` for all.
        at: the limit: values below it are on one side, from it on upwards on the other.
        width: of a window, in the column's unit.
        below: whether the good side is below.
        least: with fewer values in the inner windows nothing is said.
        ratio: how many times as many as due have to be on the good side.
        false: at most this share of the findings may be chance.
        concerns: other columns that were derived from it, such as a flag whether a target is met.
    """

    fact: str
    column: str
    where: Node | None
    at: int
    width: int
    below: bool
    least: int
    ratio: float
    false: float
    concerns: tuple[str, ...] = ()


def piling(tables: Tables, edge: Edge, span: Span) -> list[Finding]:
    """Institutions with too many values just on the good side."""
    who = institution_of(facts()[edge.fact])
    assert who is not None, "only what an institution answers for is looked at"
    rows = within(tables, edge.fact, span)
    rows = rows if edge.where is None else rows.filter(on_ibis(edge.where, rows))
    value = rows[edge.column]
    rows = rows.filter(
        rows[who].notnull(), value.between(edge.at - 2 * edge.width, edge.at + 2 * edge.width - 1)
    )
    value = rows[edge.column]
    borders = [edge.at + step * edge.width for step in (-2, -1, 0, 1, 2)]
    windows = {
        f"w{at}": rows.count(where=value.between(low, low + edge.width - 1))
        for at, low in enumerate(borders[:-1])
    }
    counted = {
        row["institution"]: (row["w0"], row["w1"], row["w2"], row["w3"])
        for row in tables.run(rows.group_by(institution=rows[who]).aggregate(**windows))
    }
    good = (edge.at - edge.width, edge.at - 1) if edge.below else (edge.at, edge.at + edge.width - 1)
    return [
        Finding(
            Kind.PILING,
            edge.fact,
            edge.column,
            (key,),
            counted[key][1 if edge.below else 2],
            sample(tables, edge.fact, rows.filter(rows[who] == key, value.between(*good))),
            found.ratio,
            found.chance,
            found.text(edge, key),
        )
        for key, found in judge_windows(counted, edge).items()
    ]


@dataclass(frozen=True, slots=True)
class Pile:
    """An institution's inner windows, and what was due on the good side."""

    good: int
    bad: int
    due: float
    chance: float

    @property
    def ratio(self) -> float:
        """How many times as many as due."""
        return self.good / self.due

    def text(self, edge: Edge, key: str) -> Text:
        """In words."""
        fields = {
            "who": key,
            "fact": facts()[edge.fact].title,
            "column": edge.column,
            "at": f"<{edge.at}" if edge.below else f"≥{edge.at}",
            "good": self.good,
            "bad": self.bad,
            "due": self.due,
            "rest": self.good + self.bad - self.due,
        }
        return said(_FINDING, fields)


def judge_windows(windows: Mapping[str, tuple[int, int, int, int]], edge: Edge) -> dict[str, Pile]:
    """Those that pile up.

    Args:
        windows: counts in ascending order of the values, two windows below the limit and two from it on, by institution.
    """
    piles = {}
    for key, counts in sorted(windows.items()):
        far_good, good, bad, far_bad = counts if edge.below else counts[::-1]
        inner = good + bad
        if inner >= edge.least:
            slope = (far_good - far_bad) / 3
            due = min(max((inner + slope) / 2, 1.0), float(inner))
            error = math.sqrt(inner + (far_good + far_bad) / 9)
            piles[key] = Pile(good, bad, due, normal_tail((good - bad - slope) / error))
    stand = discoveries([pile.chance for pile in piles.values()], edge.false)
    return {
        key: pile
        for (key, pile), beyond in zip(piles.items(), stand, strict=True)
        if beyond and pile.ratio >= edge.ratio
    }
