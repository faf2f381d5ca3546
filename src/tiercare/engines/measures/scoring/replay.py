"""A result is computed again from what was kept of it, to the digit.

The record is one text: the card, every definition's version and wording, numerators and denominators as exact fractions, marks. It needs
neither the facts nor the packs of its day. Its SHA-256 is the result's digest, so a record that was touched is known.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

from pydantic import TypeAdapter

from ..periods import Span
from ..schema import Level
from .model import Mark, Scorecard, Taken


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that a result rests on."""

    card: Scorecard
    span: Span
    level: Level
    key: str
    taken: tuple[Taken, ...]
    marks: tuple[Mark, ...]


class Touched(ValueError):
    """A record is not the one whose digest was kept."""


@cache
def _as_text() -> TypeAdapter[Inputs]:
    return TypeAdapter(Inputs)


def text_of(inputs: Inputs) -> str:
    """The record of a result: JSON, fractions as ``n/d``."""
    return _as_text().dump_json(inputs).decode()


def inputs_from(text: str, digest: str) -> Inputs:
    """What a record says.

    Raises:
        Touched: if the text is not the one that ``digest`` was made of.
    """
    if digest_of(text) != digest:
        raise Touched(digest)
    return _as_text().validate_json(text)


def digest_of(text: str) -> str:
    """SHA-256 of a record."""
    return hashlib.sha256(text.encode()).hexdigest()
