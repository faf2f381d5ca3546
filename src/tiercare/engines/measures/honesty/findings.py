"""What a check found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tiercare.kernel.text import Text


class Kind(StrEnum):
    """What is unusual."""

    OLD = "old"
    MONTHS = "months"
    SILENT = "silent"
    EMPTY = "empty"
    HEAPING = "heaping"
    PILING = "piling"
    OVERWORKED = "overworked"
    NOBODY = "nobody"
    OVERLAPPING = "overlapping"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something unusual in the rows behind an indicator.

    Attributes:
        fact, column: where; the column is empty if it is about whole rows.
        institutions: whom it concerns; empty if everybody.
        rows: how many rows are behind it; ``keys`` the first of them, as the fact's key columns joined by a bar.
        strength: how strong it is, in the unit of its kind: a share, a ratio, days; larger is stronger.
        chance: how likely chance alone gives as much; ``None`` where it is no matter of chance.
    """

    kind: Kind
    fact: str
    column: str
    institutions: tuple[str, ...]
    rows: int
    keys: tuple[str, ...]
    strength: float
    chance: float | None
    text: Text


def said(words: Text, fields: Mapping[str, object]) -> Text:
    """``words`` with its fields filled in."""
    return Text(words.fill(fields), words.fill(fields, "en"))


def percent(share: float) -> str:
    """A share for people."""
    return f"{share * 100:.1f}%" if share < 0.995 else f"{share * 100:.0f}%"
