"""A thing noticed, and what the pieces that notice share: the pack's limits, and numbers that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Any

from tiercare.engines.measures.load import Book
from tiercare.engines.measures.periods import Span
from tiercare.engines.measures.schema import Level
from tiercare.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something noticed, with its sentence in both languages and the keys of the first cases behind it."""

    kind: str
    name: str
    span: Span
    level: Level
    key: str
    content: Mapping[str, Any]
    indicator: str = ""


def finite(number: float | None) -> float | None:
    """JSON knows no infinity: what is beyond any measure has none."""
    return number if number is not None and isfinite(number) else None


def both(text: Text) -> dict[str, str]:
    """A sentence as content holds it."""
    return {"zh": text.zh, "en": text.en}


def listed(book: Book, name: str) -> Sequence[str]:
    """A list of the pack, empty where it has none of this name."""
    given = book.given.get(name)
    return given.value if given is not None and isinstance(given.value, list) else ()


def number(book: Book, name: str) -> int | None:
    """A number of the pack, if it has one of this name."""
    given = book.given.get(name)
    return given.value if given is not None and isinstance(given.value, int) else None


def share(book: Book, name: str) -> Fraction | None:
    """A number of per cent of the pack as a share of one."""
    percent = number(book, name)
    return None if percent is None else Fraction(percent, 100)
