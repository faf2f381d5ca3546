"""What does not hang on a wall: numbers behind which too few stand. Whether that is so is decided by the engine's disclosure."""

from __future__ import annotations

from fractions import Fraction

from tiercare.apps.evaluation.queries.values import Number
from tiercare.engines.measures.disclosure import shown, shown_share
from tiercare.engines.measures.indicators import Form, Indicator


def few(number: Number | None, indicator: Indicator, least: int) -> bool:
    """Whether fewer than ``least`` stand behind a value: in the part, outside it, or in the whole. Where there is no value,
    nothing has to be hidden."""
    if number is None or number.value is None or number.numerator is None:
        return False
    part, whole = Fraction(number.numerator), Fraction(number.denominator or number.numerator)
    if indicator.form is Form.RATIO and indicator.unit.zh == "%" and 0 <= part <= whole:
        return shown_share(int(part), int(whole), small=least) is None
    return shown(int(whole), small=least) is None
