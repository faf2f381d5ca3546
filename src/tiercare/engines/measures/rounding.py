"""The one place where a number is rounded: where it leaves to be read. Everything before is exact."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

_STORED = Decimal(1).scaleb(-12)


def written(value: Fraction, digits: int) -> Decimal:
    """``value`` to so many decimals, half up and away from zero (四舍五入): 2.5 → 3, -2.5 → -3, as people reckon by hand.

    Not half-even: a score of 89.95 read as 89.9 beside one of 90.05 read as 90.1 would only be asked about.
    """
    scaled = abs(value) * 10**digits
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(whole if value >= 0 else -whole).scaleb(-digits)


def shown(value: Fraction, unit: str) -> str:
    """A value as people read it: a share in per cent, money in yuan (it is kept in fen), two decimals at most."""
    if unit == "%":
        return f"{written(value * 100, 2).normalize():f} %"
    if unit == "元":
        return f"{written(value / 100, 2):,f} 元"
    return f"{written(value, 2).normalize():f}{f' {unit}' if unit else ''}"


def plain(value: Fraction | None) -> str:
    """A count as people read it: two decimals at most, thousands apart."""
    return "—" if value is None else f"{written(value, 2).normalize():,f}"


def stored(value: Fraction | None) -> Decimal | None:
    """A value as a table keeps it: twelve decimals. What is exact to the digit is the digest's."""
    return (
        None if value is None else (Decimal(value.numerator) / Decimal(value.denominator)).quantize(_STORED)
    )
