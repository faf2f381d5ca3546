"""What goes in and what comes out, and the trained parameters between."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

Band = Literal["same", "perhaps", "different"]


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of one person without the identity number. Empty text and None both mean unknown.

    sex: "1" male, "2" female (GB/T 2261.1); anything else is unknown. phone_hash: the blind index of the number,
    so that phones are equal or not, nothing between. address_code: 12-digit division code of village or
    neighbourhood, or a prefix of it filled up with zeros. address_text: the rest as written.
    """

    id: str
    name: str
    sex: str | None = None
    birth_date: date | None = None
    phone_hash: str | None = None
    address_code: str | None = None
    address_text: str | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """How much speaks for one person. weight: sum of log2 likelihood ratios, in bits, before any prior.

    reasons: keys of the levels found, ``<field>.<level>`` as in ``levels.COMPARISONS``, fields that one side lacks
    left out; then ``relatives`` where that kept a pair out of the band "same".
    """

    weight: float
    band: Band
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records of a register that are probably one person; id_a comes first in the input."""

    id_a: str
    id_b: str
    probability: float
    weight: float  # bits, prior included: log2 of the odds
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chances:
    """How often a level is seen: m among pairs of one person, u among pairs of two."""

    m: float
    u: float


@dataclass(frozen=True, slots=True)
class Parameters:
    """A trained model: the chances of every level by its key; matches expected per record of a register."""

    levels: Mapping[str, Chances]
    matches_per_record: float


def parameters_from(raw: Mapping[str, object]) -> Parameters:
    """Parameters from what ``training.train`` gives and JSON holds. KeyError, TypeError, ValueError if not so."""
    levels, share = raw["levels"], raw["matches_per_record"]
    if not isinstance(levels, Mapping) or not isinstance(share, float):
        raise TypeError("levels must be a mapping, matches_per_record a number")
    return Parameters(
        {key: Chances(float(value["m"]), float(value["u"])) for key, value in levels.items()}, share
    )


@cache
def shipped() -> Parameters:
    """The parameters that come with the package."""
    text = files(__package__).joinpath("parameters.json").read_text(encoding="utf-8")
    return parameters_from(json.loads(text))
