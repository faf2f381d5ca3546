"""Weighted draws, many at a time: one draw costs a list's ``pop``."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from importlib.resources import files
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

_AT_ONCE = 256
Item = TypeVar("Item")


class Chance(Random):
    """Random numbers that a seed repeats: everything here is made up, nothing is a secret."""


class Deck(Generic[Item]):
    """Items to draw from with their weights, by the random numbers of one generation."""

    __slots__ = ("_cumulative", "_hand", "_items", "_rng")

    def __init__(self, rng: Random, items: Sequence[Item], weights: Sequence[float]) -> None:
        self._rng = rng
        self._items = items
        self._cumulative = list(accumulate(weights))
        self._hand: list[Item] = []

    def draw(self) -> Item:
        """One item."""
        if not self._hand:
            self._hand = self._rng.choices(self._items, cum_weights=self._cumulative, k=_AT_ONCE)
        return self._hand.pop()


def ranked(rng: Random, items: Sequence[str]) -> Deck[str]:
    """Items whose first is the most frequent and the tenth a third as frequent, as given names are."""
    return Deck(rng, items, [1 / (rank + 5) for rank in range(len(items))])


def rows_of(file: str) -> list[dict[str, str]]:
    """The rows of one of this engine's data files."""
    text = files(__package__).joinpath("data", file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
