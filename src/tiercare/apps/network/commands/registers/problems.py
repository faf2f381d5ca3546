"""What is wrong with a row, as it is told: place, column, value, why, and how to mend it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from tiercare.kernel.text import Text

from ...rules.entries import Entry

# Looking for what somebody meant is worth its while for so many rows; a file with more is wrong as a whole.
EXPLAINED = 50


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that cannot be taken. ``message`` and ``fix`` are finished sentences, not to be filled: names in
    them may hold braces."""

    place: str
    register: str
    column: str
    value: str
    message: Text
    fix: Text


@dataclass(slots=True)
class Problems:
    """Problems by the number of the row."""

    entries: Sequence[Entry]
    found: dict[int, list[RowProblem]] = field(default_factory=lambda: defaultdict(list))
    explained: int = 0

    def add(self, n: int, column: str, message: Text, fix: Text, value: object = None) -> None:
        """Row ``n`` has this problem in ``column``."""
        entry = self.entries[n]
        shown = entry.values.get(column) if value is None else value
        self.found[n].append(RowProblem(entry.place, entry.register, column, _shown(shown), message, fix))

    def may_explain(self) -> bool:
        """Whether looking for what was meant is still worth it; counts."""
        self.explained += 1
        return self.explained <= EXPLAINED

    def __contains__(self, n: int) -> bool:
        return n in self.found

    def in_order(self) -> Iterator[RowProblem]:
        """All of them, in the order of the rows."""
        for n in sorted(self.found):
            yield from self.found[n]


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "、".join(str(part) for part in value)
    return value.isoformat() if isinstance(value, date) else str(value)
