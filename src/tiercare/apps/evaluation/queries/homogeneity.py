"""Quality at the level of the consortium: places by each indicator, and how far the members are apart (NHC-14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tiercare.apps.network.queries.members_by_key import Member
from tiercare.engines.measures.evaluate import Value
from tiercare.engines.measures.indicators import Direction, Indicator
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.schema import Level
from tiercare.engines.measures.scoring import Rank, value_ranks

from .values import Number


@dataclass(frozen=True, slots=True)
class Ranked:
    """A consortium's place by an indicator, and the best and the worst of its members.

    ``members``: how many of them have a value over at least the indicator's small number; of fewer than two nothing is
    compared, and ``best`` and ``worst`` are empty.
    """

    rank: Rank
    number: Number
    best: Number | None
    worst: Number | None
    members: int

    @property
    def spread(self) -> Fraction | None:
        """How far apart they are, in the indicator's own unit: the measure of homogeneity."""
        if self.best is None or self.worst is None or self.best.value is None or self.worst.value is None:
            return None
        return abs(Fraction(self.best.value) - Fraction(self.worst.value))


def ranked(
    numbers: Sequence[Number], indicator: Indicator, members: Mapping[str, Sequence[Member]]
) -> tuple[Ranked, ...]:
    """Consortia by an indicator of one period, the best first; ``numbers`` are those of consortia and of institutions."""
    together = {each.key: each for each in numbers if each.level == Level.CONSORTIUM}
    single = {each.key: each for each in numbers if each.level == Level.INSTITUTION}
    places = value_ranks([value for each in together.values() if (value := value_of(each))], indicator)
    down = indicator.direction is Direction.DOWN
    found = []
    for rank in places:
        inside = [single[each.key] for each in members.get(rank.key, ()) if each.key in single]
        counted = sorted(
            (each for each in inside if _counts(each, indicator)),
            key=lambda each: (Fraction(each.value or 0) * (1 if down else -1), each.key),
        )
        best, worst = (counted[0], counted[-1]) if len(counted) > 1 else (None, None)
        found.append(Ranked(rank, together[rank.key], best, worst, len(counted)))
    return tuple(found)


def value_of(number: Number | None) -> Value | None:
    """A kept number as the engine's value, to be judged and ranked by its rules."""
    if number is None:
        return None
    above, below, value = (
        None if each is None else Fraction(each)
        for each in (number.numerator, number.denominator, number.value)
    )
    return Value(
        number.indicator,
        number.version,
        span(number.span),
        Level(number.level),
        number.key,
        above,
        below,
        value,
    )


def _counts(number: Number, indicator: Indicator) -> bool:
    return number.value is not None and (number.denominator or 0) >= indicator.small
