"""Months, quarters and years of the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from functools import total_ordering


class NoPeriod(ValueError):
    """The text names no month, quarter or year."""


@total_ordering
@dataclass(frozen=True, slots=True)
class Span:
    """Some whole months, written ``2025``, ``2025Q3`` or ``2025-07``; ``first`` and ``last`` are YYYYMM, both inside."""

    first: int
    last: int

    def __contains__(self, month: object) -> bool:
        return isinstance(month, int) and self.first <= month <= self.last

    def __lt__(self, other: Span) -> bool:
        return (self.first, self.last) < (other.first, other.last)

    @property
    def length(self) -> int:
        """How many months."""
        return _number(self.last) - _number(self.first) + 1

    def before(self) -> Span:
        """The period of the same length that ends where this one begins."""
        return self.moved(-self.length)

    def a_year_before(self) -> Span:
        """The same months of the year before."""
        return self.moved(-12)

    def moved(self, months: int) -> Span:
        """As many months later."""
        return Span(_month(_number(self.first) + months), _month(_number(self.last) + months))

    def months(self) -> tuple[int, ...]:
        """Its months in order."""
        return tuple(_month(_number(self.first) + at) for at in range(self.length))

    def __str__(self) -> str:
        year, month = divmod(self.first, 100)
        if self.length == 12 and month == 1:
            return str(year)
        if self.length == 3 and month % 3 == 1:
            return f"{year}Q{month // 3 + 1}"
        shown = f"{year}-{month:02}"
        return shown if self.length == 1 else f"{shown}..{self.last // 100}-{self.last % 100:02}"


def span(text: str) -> Span:
    """``2025``, ``2025Q3`` or ``2025-07``.

    Raises:
        NoPeriod: for anything else.
    """
    year, rest = text[:4], text[4:]
    if year.isascii() and year.isdigit() and 1949 <= int(year) <= 2200:
        base = int(year) * 100
        if not rest:
            return Span(base + 1, base + 12)
        if rest[0] == "Q" and rest[1:] in {"1", "2", "3", "4"}:
            return Span(base + int(rest[1]) * 3 - 2, base + int(rest[1]) * 3)
        if (
            rest[0] == "-"
            and len(rest) == 3
            and rest[1:].isascii()
            and rest[1:].isdigit()
            and 1 <= int(rest[1:]) <= 12
        ):
            return Span(base + int(rest[1:]), base + int(rest[1:]))
    raise NoPeriod(text)


def _number(month: int) -> int:
    return month // 100 * 12 + month % 100 - 1


def _month(number: int) -> int:
    return number // 12 * 100 + number % 12 + 1
