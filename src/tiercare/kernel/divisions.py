"""Codes of administrative divisions (GB/T 2260 and the statistical codes below the county)."""

from __future__ import annotations

from enum import StrEnum


class DivisionLevel(StrEnum):
    """Five levels, from province to village."""

    PROVINCE = "PROVINCE"
    PREFECTURE = "PREFECTURE"
    COUNTY = "COUNTY"
    TOWNSHIP = "TOWNSHIP"
    VILLAGE = "VILLAGE"


_LENGTHS = {
    2: DivisionLevel.PROVINCE,
    4: DivisionLevel.PREFECTURE,
    6: DivisionLevel.COUNTY,
    9: DivisionLevel.TOWNSHIP,
    12: DivisionLevel.VILLAGE,
}
_PARENT_LENGTH = {4: 2, 6: 4, 9: 6, 12: 9}


def level_of(code: str) -> DivisionLevel:
    """The level of a compact code: 2, 4, 6, 9 or 12 digits.

    Raises:
        ValueError: for any other length or a non-digit.
    """
    if not code.isdigit() or len(code) not in _LENGTHS:
        raise ValueError(f"not a division code of 2, 4, 6, 9 or 12 digits: {code!r}")
    return _LENGTHS[len(code)]


def parent_code(code: str) -> str | None:
    """The code one level up, or ``None`` for a province. (Digits only; history may say otherwise.)"""
    level_of(code)
    length = _PARENT_LENGTH.get(len(code))
    return code[:length] if length else None


def is_within(code: str, area: str) -> bool:
    """True if ``code`` is ``area`` or lies below it by its digits."""
    return code.startswith(area)
