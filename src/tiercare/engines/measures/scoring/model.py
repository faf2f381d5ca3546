"""A scorecard and what comes out of it, as frozen values. Scores are exact fractions; ``rounding.written`` alone rounds them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from tiercare.kernel.text import Text

from ..chance import Law
from ..evaluate import Value
from ..periods import Span
from ..schema import Level
from ..targets import Standing, Target

HUNDRED = Fraction(100)


@dataclass(frozen=True, slots=True)
class Curve:
    """Which share of its weight a value earns: straight lines between knots, level beyond the outermost.

    ``knots`` are (value, share), the values strictly ascending, so that no step can stand in it.

    Raises:
        ValueError: for fewer than two knots, values that do not ascend, or a share that is not from 0 to 1.
    """

    knots: tuple[tuple[Fraction, Fraction], ...]

    def __post_init__(self) -> None:
        if len(self.knots) < 2 or any(b[0] <= a[0] for a, b in pairwise(self.knots)):
            raise ValueError("the values of a curve ascend, and there are two at least")
        if any(not 0 <= share <= 1 for _, share in self.knots):
            raise ValueError("a share is from 0 to 1")

    @classmethod
    def between(cls, zero: Fraction, full: Fraction) -> Curve:
        """Nothing at ``zero``, everything at ``full``; more is better if ``full`` is the larger."""
        return cls(tuple(sorted([(zero, Fraction(0)), (full, Fraction(1))])))

    def at(self, value: Fraction) -> Fraction:
        """The share that ``value`` earns, from 0 to 1."""
        if value <= self.knots[0][0]:
            return self.knots[0][1]
        for (a, low), (b, high) in pairwise(self.knots):
            if value <= b:
                return low + (high - low) * (value - a) / (b - a)
        return self.knots[-1][1]

    @property
    def steepness(self) -> Fraction:
        """The most that the share changes per unit of the value."""
        return max(abs(high - low) / (b - a) for (a, low), (b, high) in pairwise(self.knots))


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of a scorecard.

    Attributes:
        weight: of a hundred; 0 for what is only held against its target.
        curve: ``None`` if ``weight`` is 0.
        target: the demand of a clause it is held against; ``None`` if there is none.
        law: how its numerator varies by chance; ``None`` for money and other sums.
        public: whether residents may be shown it.
    """

    indicator: str
    weight: Fraction
    curve: Curve | None
    target: Target | None
    law: Law | None
    public: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """Some lines under one heading; ``marked``: complete only when somebody has recorded that it is (XH-06); ``focus``: what a
    clause names as the chief focus (YN-85)."""

    id: str
    name: Text
    marked: bool
    measures: tuple[Measure, ...]
    focus: bool = False


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A scorecard in one version.

    Attributes:
        covered: the least share of the weight that has to be computable for a total, and to rest on large enough
            denominators for a rank.
        alpha: how often chance alone puts a value beyond the funnel.
        ours: whether weights and curves are ours, because no text gives them (定为我们的).
        level: who is assessed by it: counties or consortia.
        kinds: the kinds of consortium it is for; empty for all.
    """

    id: str
    version: int
    name: Text
    source: Text
    clauses: tuple[str, ...]
    ours: bool
    covered: Fraction
    alpha: Fraction
    panels: tuple[Panel, ...]
    level: Level = Level.CONSORTIUM
    kinds: tuple[str, ...] = ()

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All lines."""
        return tuple(measure for panel in self.panels for measure in panel.measures)

    @property
    def weight(self) -> Fraction:
        """A hundred, or 0 for a card that only holds values against targets."""
        return sum((measure.weight for measure in self.measures), Fraction(0))


@dataclass(frozen=True, slots=True)
class Mark:
    """Somebody has recorded that a panel is complete."""

    panel: str
    by: str
    on: date
    evidence: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What a line is computed from.

    Attributes:
        version, text: of the indicator's definition: numerator and denominator as written, other indicators it is made of.
        small: the denominator below which a value is not ranked; 0 where the denominator counts no cases.
        value: ``None`` where there are no data.
        before: of the period before, for targets that ask for a direction.
        centre: the region's own value, the middle of the funnel.
        uneven: by how much the places of this level differ more than by chance; 1 where that is not asked.
    """

    indicator: str
    version: int
    text: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    small: int
    value: Value | None
    before: Value | None
    centre: Value | None
    uneven: Fraction


class Why(StrEnum):
    """Why a line has no score. NOT_HERE: there are data, but none that belong to this place at this level."""

    NO_DATA = "no_data"
    NOT_HERE = "not_here"
    NO_DENOMINATOR = "no_denominator"
    NO_INDICATOR = "no_indicator"


WHY = {
    Why.NO_DATA: Text("还没有这一项的数据。", "There are no data for it yet."),
    Why.NOT_HERE: Text("这一级没有归到这里的数据。", "No data belong to this place at this level."),
    Why.NO_DENOMINATOR: Text("分母为零，没有值。", "The denominator is zero: there is no value."),
    Why.NO_INDICATOR: Text(
        "没有指标能算这一项；原因见对照的条款。", "No indicator computes it; the clause says why."
    ),
}


@dataclass(frozen=True, slots=True)
class Scored:
    """A line with what it earned.

    Attributes:
        points: share × weight, at most ``weight``; ``None`` with ``why`` where it cannot be computed.
        standing: against its target, with the operator as written; ``None`` if it has none.
        small: whether its denominator is too small for a rank.
        ordinary: whether it lies within the funnel around the region's value, widened by how uneven the places are; ``None`` if
            that cannot be said.
    """

    indicator: str
    weight: Fraction
    points: Fraction | None
    why: Why | None
    standing: Standing | None
    small: bool
    ordinary: bool | None


@dataclass(frozen=True, slots=True)
class PanelScore:
    """A panel's points of those that could be computed; ``complete`` is ``None`` where no mark is asked for."""

    panel: str
    points: Fraction
    of: Fraction
    complete: bool | None


@dataclass(frozen=True, slots=True)
class Result:
    """A scorecard for somebody over some time.

    Attributes:
        total: of a hundred, over the weight that could be computed; ``None`` if that is too little, or nothing is weighed.
        covered: the share of the weight that could be computed.
        firm: the share of it that rests on denominators large enough for a rank.
        established: whether every panel that asks for a mark is complete; ``None`` if none asks.
        digest: SHA-256 of everything it was computed from.
    """

    scorecard: str
    version: int
    span: Span
    level: Level
    key: str
    scored: tuple[Scored, ...]
    panels: tuple[PanelScore, ...]
    total: Fraction | None
    covered: Fraction
    firm: Fraction
    established: bool | None
    digest: str
