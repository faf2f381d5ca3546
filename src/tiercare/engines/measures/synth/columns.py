"""From NumPy to Arrow columns: keys, words, dates; and the calendar of the months that are made."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tiercare.engines.measures.schema import facts

Array: TypeAlias = npt.NDArray[Any]
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nothing to be mistaken for another
_EPOCH = date(1970, 1, 1).toordinal()
# Multiplied by an odd number, modulo a power of two: every number once, neighbours far apart.
_SCATTER, _BITS = 0x5851F42D4C957F2D | 1, 40


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of a fact table on their way out; ``month`` is the index of each row's month, ascending."""

    fact: str
    month: Array
    columns: Mapping[str, pa.Array]

    @property
    def rows(self) -> int:
        """How many."""
        return len(self.month)


class Calendar:
    """The months from January of ``first_year`` on; days are numbers since 1970-01-01."""

    def __init__(self, first_year: int, years: int) -> None:
        self.first_year = first_year
        self.months = tuple((first_year + n // 12) * 100 + n % 12 + 1 for n in range(12 * years))
        edges = [date(first_year + n // 12, n % 12 + 1, 1) for n in range(12 * years + 1)]
        self.edges: Array = np.array([each.toordinal() - _EPOCH for each in edges], np.int32)
        self.lengths: Array = np.diff(self.edges)
        self.days: Array = np.arange(self.edges[0], self.edges[-1], dtype=np.int32)
        self._of: Array = np.repeat(np.arange(len(self.months), dtype=np.int16), self.lengths)
        self.weekday: Array = (self.days + 3) % 7  # 1970-01-01 was a Thursday

    def month(self, days: Array) -> Array:
        """Index of the month of each day; those outside go to the nearest."""
        found: Array = self._of[np.clip(days - self.edges[0], 0, len(self.days) - 1)]
        return found

    def last_day(self, months: Array) -> Array:
        """Last day of each month."""
        days: Array = self.edges[months + 1] - 1
        return days


def day(when: date) -> int:
    """A date as days since 1970-01-01."""
    return when.toordinal() - _EPOCH


def stream(seed: int, what: str, chunk: int = 0) -> np.random.Generator:
    """Random numbers of their own for each purpose, so that one table does not disturb another."""
    return np.random.Generator(np.random.SFC64([seed, zlib.crc32(what.encode()), chunk]))


def pick(rng: np.random.Generator, shares: Sequence[float] | Array, count: int) -> Array:
    """Indices drawn in proportion to ``shares``."""
    edges = np.cumsum(np.asarray(shares, np.float64))
    found: Array = np.searchsorted(edges, rng.random(count) * edges[-1], side="right")
    return np.minimum(found, len(edges) - 1, dtype=np.int64)


class Rows:
    """Draws from one of many distributions: ``weights[row]`` are shares of ``what[row]``."""

    def __init__(self, weights: Sequence[Sequence[float]], what: Sequence[Sequence[int]]) -> None:
        edges = [np.cumsum(each) / np.sum(each) for each in weights]
        self._edges: Array = np.concatenate([row + part for row, part in enumerate(edges)])
        self._what: Array = np.concatenate([np.asarray(each, np.int32) for each in what])
        self._ends: Array = np.cumsum([len(each) for each in what]) - 1
        self.shares = [
            dict(zip(map(int, w), np.diff(e, prepend=0.0), strict=True))
            for w, e in zip(what, edges, strict=True)
        ]

    def draw(self, rng: np.random.Generator, rows: Array) -> Array:
        """One of each row."""
        at = np.searchsorted(self._edges, rows + rng.random(len(rows)), side="right")
        found: Array = self._what[np.minimum(at, self._ends[rows])]
        return found


@cache
def _pairs() -> Array:
    text = "".join(a + b for a in _DIGITS for b in _DIGITS).encode()
    return np.frombuffer(text, np.uint16)


def keys(
    prefix: str, numbers: Array, months: Sequence[int] | None = None, month: Array | None = None
) -> pa.Array:
    """Keys ``SYN`` + prefix (one letter) + YYMM if months are given + eight digits of ``numbers``."""
    head = f"SYN{prefix}".encode()
    wide = 4 + (4 if months else 0) + 8
    out = np.empty((len(numbers), wide // 2), np.uint16)
    out[:, :2] = np.frombuffer(head, np.uint16)
    at = 2
    if months is not None and month is not None:
        text = "".join(f"{each % 10000:04}" for each in months).encode()
        out[:, 2:4] = np.frombuffer(text, np.uint16).reshape(-1, 2)[month]
        at = 4
    pairs = _pairs()
    numbers = numbers.astype(np.uint64)
    for n in range(4):
        out[:, at + n] = pairs[((numbers >> np.uint64(10 * (3 - n))) & np.uint64(1023)).astype(np.int64)]
    offsets = np.arange(0, (len(numbers) + 1) * wide, wide, dtype=np.int32)
    return pa.StringArray.from_buffers(len(numbers), pa.py_buffer(offsets), pa.py_buffer(out))


def scattered(numbers: Array, salt: int) -> Array:
    """The same numbers in another order, none twice: pseudonyms say nothing about who is whose neighbour."""
    wide = numbers.astype(np.uint64) + np.uint64(salt % (1 << 20) << 18)
    return (wide * np.uint64(_SCATTER)) & np.uint64((1 << _BITS) - 1)


def named(indices: Array, names: pa.Array) -> pa.Array:
    """Names by index, none twice among them; a negative index is empty."""
    missing = indices < 0
    mask = missing if missing.any() else None
    return pa.DictionaryArray.from_arrays(pa.array(indices.astype(np.int32), mask=mask), names)


def texts(indices: Array, values: Sequence[str]) -> pa.Array:
    """Texts by index, of which some are the same. (A dictionary with a word twice is not written the same each time.)"""
    names = {each: n for n, each in enumerate(dict.fromkeys(values))}
    if not names:
        return pa.array([], pa.string())
    return named(np.array([names[each] for each in values], np.int32)[indices], pa.array(list(names)))


@cache
def words_of(fact: str, column: str) -> pa.Array:
    """The words that a column takes, in the order of ``facts.yaml``."""
    return pa.array(facts()[fact].columns[column].words)


def worded(fact: str, column: str, indices: Array) -> pa.Array:
    """Words of a column by index; a negative index is empty."""
    return named(indices, words_of(fact, column))


def word(fact: str, column: str, text: str) -> int:
    """The index of a word."""
    return facts()[fact].columns[column].words.index(text)


def dates(days: Array, missing: Array | None = None) -> pa.Array:
    """Days since 1970 as dates."""
    return pa.array(days.astype(np.int32), mask=missing).cast(pa.date32())


def counts(values: Array, missing: Array | None = None) -> pa.Array:
    """Whole numbers."""
    return pa.array(values.astype(np.int64), mask=missing)


def flags(values: Array, missing: Array | None = None) -> pa.Array:
    """Yes and no."""
    return pa.array(values.astype(np.bool_), mask=missing)


def serial(month: Array) -> Array:
    """A number for every row, from 0 within its month; ``month`` is ascending."""
    starts = np.searchsorted(month, np.arange(int(month[-1]) + 1 if len(month) else 0))
    return np.arange(len(month)) - starts[month]
