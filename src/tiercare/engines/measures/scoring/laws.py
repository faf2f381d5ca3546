"""How an indicator's numerator varies by chance, read off its definition: what a funnel around it is drawn by."""

from __future__ import annotations

from ..chance import Law
from ..indicators import Form, How, Indicator

_COUNTED = frozenset({How.COUNT, How.DISTINCT})


def law_of(indicator: Indicator) -> Law | None:
    """Cases out of cases vary as a share (BINOMIAL), cases out of anything else as a rate (POISSON); money, middles, changes and
    what is made of other indicators have no such law (``None``)."""
    if indicator.form is not Form.RATIO or not indicator.denominator:
        return None
    if any(part.aggregate.how not in _COUNTED for part in indicator.numerator):
        return None
    above = {(part.fact, part.attribution, part.aggregate.how) for part in indicator.numerator}
    below = {(part.fact, part.attribution, part.aggregate.how) for part in indicator.denominator}
    return Law.BINOMIAL if above == below else Law.POISSON
