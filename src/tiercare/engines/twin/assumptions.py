"""The numbers of behaviour in the twin: ``assumptions.yaml``, each with its source or marked as ours, and the range it may lie in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import yaml

from tiercare.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Assumption:
    """One number, the range it may lie in, and where it comes from; without a ``source`` it is ours."""

    name: str
    value: float
    low: float
    high: float
    text: Text
    source: str | None = None

    @property
    def uncertain(self) -> bool:
        """Whether it has a range at all."""
        return self.low < self.high


@dataclass(frozen=True, slots=True)
class Assumptions:
    """The values that a run uses, by name."""

    values: Mapping[str, float]

    def __getitem__(self, name: str) -> float:
        return self.values[name]

    def with_values(self, changed: Mapping[str, float]) -> Assumptions:
        """The same with some others.

        Raises:
            KeyError: there is no such assumption.
        """
        for name in changed:
            assumption(name)
        return Assumptions({**self.values, **changed})

    def drawn(self, seed: int) -> Assumptions:
        """The same with everything uncertain drawn from its range (triangular, its value on top): what we do not know."""
        rng = np.random.Generator(np.random.PCG64([seed, 7]))
        changed = {}
        for each in uncertain():
            value = float(rng.triangular(each.low, min(max(each.value, each.low), each.high), each.high))
            # Moved by as much as the value in use differs from the one written down: a calibrated value stays the middle.
            changed[each.name] = value + self.values[each.name] - each.value
        return Assumptions({**self.values, **changed})


@cache
def all_of_them() -> Mapping[str, Assumption]:
    """The file, read once; in its order."""
    text = files(__package__).joinpath("assumptions.yaml").read_text(encoding="utf-8")
    found = {}
    for group in yaml.safe_load(text).values():
        for name, row in group.items():
            found[name] = Assumption(
                name,
                float(row["value"]),
                float(row["low"]),
                float(row["high"]),
                Text(row["zh"], row["en"]),
                row.get("source"),
            )
    return found


def assumption(name: str) -> Assumption:
    """One of them.

    Raises:
        KeyError: there is none of that name.
    """
    return all_of_them()[name]


def uncertain() -> Iterator[Assumption]:
    """Those with a range."""
    return (each for each in all_of_them().values() if each.uncertain)


@cache
def given() -> Assumptions:
    """As written down."""
    return Assumptions({name: each.value for name, each in all_of_them().items()})
