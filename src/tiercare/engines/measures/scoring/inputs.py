"""What results rest on, picked out of the values of a run: for all places of a level at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from ..chance import ONE, Law, unevenness
from ..evaluate import Value
from ..indicators import Form, Indicator
from ..periods import Span
from ..schema import Level
from .model import Mark, Scorecard, Taken
from .replay import Inputs

COUNTED = frozenset({Form.RATIO, Form.MEDIAN, Form.GROWTH})  # whose denominator says of how many
ENOUGH = 10  # places, before their unevenness is estimated (ours)
CUT = Fraction(1, 10)  # of the places on either side pulled in for it (Spiegelhalter 2005)


def inputs_of(
    card: Scorecard,
    indicators: Mapping[str, Indicator],
    values: Iterable[Value],
    *,
    span: Span,
    level: Level,
    keys: Sequence[str],
    region: str,
    marks: Mapping[str, Sequence[Mark]] | None = None,
) -> Mapping[str, Inputs]:
    """Everything the results of some places rest on.

    Args:
        indicators: by id, in the version that the run used.
        values: those of ``evaluate``; of the span, of the one before, and of the region.
        keys: the places that are scored; the funnel is drawn from all of the level.
        marks: what was recorded of each place.
    """
    mine: dict[str, list[Value]] = defaultdict(list)
    for each in values:
        mine[each.indicator].append(each)
    laws = {measure.indicator: measure.law for measure in card.measures if measure.law}
    names = sorted({measure.indicator for measure in card.measures if measure.indicator in indicators})
    taken: dict[str, list[Taken]] = {key: [] for key in keys}
    for name in names:
        of = _taken(indicators[name], mine[name], laws.get(name), span, level, keys, region)
        for key in keys:
            taken[key].append(of[key])
    return {key: Inputs(card, span, level, key, tuple(taken[key]), _sorted(marks, key)) for key in keys}


def _sorted(marks: Mapping[str, Sequence[Mark]] | None, key: str) -> tuple[Mark, ...]:
    return tuple(sorted((marks or {}).get(key, ()), key=lambda mark: (mark.panel, mark.on)))


def _taken(
    definition: Indicator,
    values: Sequence[Value],
    law: Law | None,
    span: Span,
    level: Level,
    keys: Sequence[str],
    region: str,
) -> Mapping[str, Taken]:
    """One indicator for all places."""
    found = {(each.span, each.level, each.key): each for each in values}
    centre = found.get((span, Level.REGION, region))
    uneven = _uneven(law, [each for each in values if (each.span, each.level) == (span, level)], centre)
    text = (definition.text.get("numerator", ()), definition.text.get("denominator", ()), definition.of)
    return {
        key: Taken(
            indicator=definition.id,
            version=definition.version,
            text=text,
            small=definition.small if definition.form in COUNTED else 0,
            value=found.get((span, level, key)),
            before=found.get((span.before(), level, key)),
            centre=centre,
            uneven=uneven,
        )
        for key in keys
    }


def _uneven(law: Law | None, places: Sequence[Value], centre: Value | None) -> Fraction:
    if law is None or centre is None:
        return ONE
    able = [each for each in places if in_funnel(law, each, centre)]
    counted = [(int(each.numerator or 0), each.denominator or ONE) for each in able]
    return unevenness(law, counted, middle_of(centre), cut=CUT) if len(counted) >= ENOUGH else ONE


def middle_of(centre: Value) -> Fraction:
    """The region's share or rate."""
    return (centre.numerator or Fraction(0)) / (centre.denominator or ONE)


def in_funnel(law: Law, value: Value, centre: Value) -> bool:
    """Whether both have counts, and for BINOMIAL whether the numerator is a part of the denominator."""
    if not value.denominator or not centre.denominator or value.numerator is None or centre.numerator is None:
        return False
    if law is Law.BINOMIAL and not (
        0 <= value.numerator <= value.denominator and centre.numerator <= centre.denominator
    ):
        return False
    whole = law is Law.POISSON or value.denominator.denominator == 1
    return value.numerator.denominator == 1 and whole
