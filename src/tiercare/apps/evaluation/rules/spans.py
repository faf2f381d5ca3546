"""Which periods a run computes, and for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tiercare.engines.measures.periods import Span, span
from tiercare.engines.measures.schema import Level

# Months and quarters draw lines; nobody ranks a village clinic by the month. Years go down to every institution.
WITHIN_YEAR: frozenset[Level] = frozenset({Level.REGION, Level.DIVISION, Level.CONSORTIUM})


@dataclass(frozen=True, slots=True)
class Periods:
    """The years of a run, and the quarters and months in them of which there are facts."""

    years: tuple[Span, ...]
    parts: tuple[Span, ...]

    @property
    def all(self) -> tuple[Span, ...]:
        """All of them."""
        return (*self.years, *self.parts)


def periods_of(years: Sequence[int], months: Sequence[int]) -> Periods:
    """The periods of ``years``, quarters and months only where ``months`` (YYYYMM) has facts."""
    present = sorted(month for month in months if month // 100 in years)
    quarters = sorted({f"{month // 100}Q{(month % 100 + 2) // 3}" for month in present})
    return Periods(
        tuple(span(str(year)) for year in sorted(years)),
        (*(span(each) for each in quarters), *(span(f"{m // 100}-{m % 100:02d}") for m in present)),
    )


def last_years(months: Sequence[int], most: int = 2) -> list[int]:
    """The newest whole years of which there are facts, at most so many, and those begun after them; oldest first. Without a
    whole one the newest begun."""
    every = sorted({month // 100 for month in months})
    whole = [year for year in every if _whole(year, months)]
    if not whole:
        return every[-most:]
    return sorted({*whole[-most:], *(year for year in every if year > whole[-1])})


def shown_first(spans: Sequence[str]) -> str:
    """Of a run's periods the one that a page opens with: its newest year with all twelve months, or its newest year."""
    years = sorted(each for each in spans if each.isdigit())
    months = [int(each.replace("-", "")) for each in spans if "-" in each]
    whole = [each for each in years if _whole(int(each), months)]
    return (whole or years or [""])[-1]


def _whole(year: int, months: Sequence[int]) -> bool:
    return {year * 100 + number for number in range(1, 13)} <= set(months)
