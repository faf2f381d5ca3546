"""Scorecards over an assessment: for the region, and for those whom a weighed card assesses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..assessment import Assessment
from ..periods import Span
from ..schema import Level
from .inputs import inputs_of
from .model import Mark, Result, Scorecard
from .ranks import Rank, ranks
from .replay import text_of
from .score import score


@dataclass(frozen=True, slots=True)
class Outcome:
    """A card for the region, and where it is weighed for its consortia, or for counties if it assesses those.

    Attributes:
        records: of each result, by its digest, everything that it was computed from (``replay``).
    """

    card: Scorecard
    region: Result
    consortia: Sequence[Result]
    records: Mapping[str, str] = field(default_factory=dict)

    @property
    def ranks(self) -> Sequence[Rank]:
        """The consortia in order."""
        return ranks(self.consortia, self.card) if self.card.weight else ()


def outcomes(
    cards: Iterable[Scorecard], found: Assessment, span: Span, marks: Sequence[Mark]
) -> Iterator[Outcome]:
    """Scorecards over one period; of the region's ``marks`` those that had been made when it ended."""
    made = [mark for mark in marks if mark.on.year * 100 + mark.on.month <= span.last]
    indicators = {key: versions[-1] for key, versions in found.book.indicators.items()}
    units: dict[Level, set[str]] = {}
    for value in found.values:
        if value.span == span:
            units.setdefault(value.level, set()).add(value.key)
    for card in cards:
        records: dict[str, str] = {}

        def results(
            level: Level, keys: Sequence[str], card: Scorecard = card, records: dict[str, str] = records
        ) -> list[Result]:
            inputs = inputs_of(
                card,
                indicators,
                found.values,
                span=span,
                level=level,
                keys=keys,
                region=found.region,
                marks={found.region: made},
            )
            scored = [score(inputs[key]) for key in keys]
            records.update((each.digest, text_of(inputs[each.key])) for each in scored)
            return scored

        whole = results(Level.REGION, [found.region])[0]
        assessed = sorted(units.get(card.level, ())) if card.weight else []
        yield Outcome(card, whole, results(card.level, assessed), records)
