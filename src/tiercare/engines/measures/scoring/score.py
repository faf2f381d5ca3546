"""Values become points.

``total = 100 × Σ points ÷ Σ weights`` over the lines that could be computed: what is not known neither costs nor earns (ours), as
long as the card's ``covered`` share of the weight is known; else there is no total.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ..chance import Law, ordinary
from ..evaluate import Value
from ..schema import Level
from ..targets import judge
from .inputs import in_funnel, middle_of
from .model import HUNDRED, Measure, PanelScore, Result, Scored, Taken, Why
from .replay import Inputs, digest_of, text_of


def score(inputs: Inputs) -> Result:
    """The result; the same inputs give the same digits and the same digest, whenever and wherever."""
    card = inputs.card
    taken = {each.indicator: each for each in inputs.taken}
    scored = tuple(_line(measure, taken.get(measure.indicator), card.alpha) for measure in card.measures)
    known = sum((each.weight for each in scored if each.points is not None), Fraction(0))
    firm = sum((each.weight for each in scored if each.points is not None and not each.small), Fraction(0))
    points = sum((each.points or Fraction(0) for each in scored), Fraction(0))
    weight = card.weight
    covered = known / weight if weight else Fraction(0)
    panels = _panels(inputs, scored)
    marked = [panel.complete for panel in panels if panel.complete is not None]
    return Result(
        scorecard=card.id,
        version=card.version,
        span=inputs.span,
        level=inputs.level,
        key=inputs.key,
        scored=scored,
        panels=panels,
        total=HUNDRED * points / known if known and covered >= card.covered else None,
        covered=covered,
        firm=firm / weight if weight else Fraction(0),
        established=all(marked) if marked else None,
        digest=digest_of(text_of(inputs)),
    )


def _line(measure: Measure, taken: Taken | None, alpha: Fraction) -> Scored:
    value = taken.value if taken else None
    why = _why(taken, value)
    points = None
    if measure.curve is not None and value is not None and value.value is not None:
        points = measure.weight * measure.curve.at(value.value)
    before = taken.before if taken else None
    small = taken is not None and value is not None and (value.denominator or 0) < taken.small
    return Scored(
        indicator=measure.indicator,
        weight=measure.weight,
        points=points,
        why=why,
        standing=judge(measure.target, value, before) if measure.target else None,
        small=small,
        ordinary=_ordinary(measure.law, value, taken, alpha),
    )


def _why(taken: Taken | None, value: Value | None) -> Why | None:
    if taken is None:
        return Why.NO_INDICATOR
    if value is None and taken.centre is not None and taken.centre.numerator is not None:
        return Why.NOT_HERE
    if value is None or value.numerator is None:
        return Why.NO_DATA
    return Why.NO_DENOMINATOR if value.value is None else None


def _ordinary(law: Law | None, value: Value | None, taken: Taken | None, alpha: Fraction) -> bool | None:
    """Whether a value lies within the funnel around the region's; the region within itself is no news."""
    if law is None or value is None or taken is None or taken.centre is None or value.level is Level.REGION:
        return None
    if not in_funnel(law, value, taken.centre):
        return None
    assert value.numerator is not None and value.denominator is not None
    centre = middle_of(taken.centre)
    return ordinary(law, int(value.numerator), value.denominator, centre, alpha, uneven=taken.uneven)


def _panels(inputs: Inputs, scored: Sequence[Scored]) -> tuple[PanelScore, ...]:
    lines = iter(scored)
    marks = {mark.panel for mark in inputs.marks}
    panels = []
    for panel in inputs.card.panels:
        mine = [next(lines) for _ in panel.measures]
        panels.append(
            PanelScore(
                panel=panel.id,
                points=sum((each.points or Fraction(0) for each in mine), Fraction(0)),
                of=sum((each.weight for each in mine if each.points is not None), Fraction(0)),
                complete=(panel.id in marks) if panel.marked else None,
            )
        )
    return tuple(panels)
