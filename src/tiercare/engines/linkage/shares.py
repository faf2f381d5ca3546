"""How common a name is among Chinese: agreeing on 王伟 says little, agreeing on 欧阳娜娜 much."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import factorial, prod
from typing import Literal

from .sounds import coarse, syllable

Kind = Literal["characters", "sounds", "alike"]

# Ours. Given names of one character: some 15 % of all. A given character of rank r (from 0) has the share
# 0.2 / (r + 12), which gives 英 1.7 % and the whole list of common ones two thirds, as the published lists do.
# What is on no list is taken as rare, not as unique; no name is trusted to be rarer than one in a million,
# because nobody counted that far, and because clerks invent rare names by mistyping common ones.
ONE_CHARACTER = 0.15
_SCALE, _OFFSET = 0.2, 12
_OTHER_SURNAME = 2e-5
_OTHER_CHARACTER = 2e-4
RAREST = 1e-6
# Ours. Names go by generation and sex: two of one sex and decade bear one name about six times as often as two of
# the whole synthetic population. Who is compared mostly is of one sex and decade.
COHORT = 5


@dataclass(frozen=True, slots=True)
class _Table:
    surnames: Mapping[str, float]
    given: Mapping[str, float]


def share(kind: Kind, surname: str, given: Sequence[str]) -> float:
    """The share of a cohort with this surname and these given characters or sounds, at least ``RAREST``.

    surname: as one text, sounds of a compound one with a blank between.
    """
    table = _tables()[kind]
    return max(RAREST, COHORT * _joint(table, surname, given))


def share_in_any_order(kind: Kind, units: Sequence[str]) -> float:
    """The share of a cohort whose name has these units in whatever order, at least ``RAREST``.

    Never below ``share`` of one of the orders but for compound surnames, all of which are at the floor anyway.
    """
    table = _tables()[kind]
    orders = factorial(min(len(units), 4) - 1)  # of the given name; longer names are at the floor
    found = sum(_joint(table, unit, [*units[:n], *units[n + 1 :]]) for n, unit in enumerate(units))
    return max(RAREST, COHORT * orders * found)


def _joint(table: _Table, surname: str, given: Sequence[str]) -> float:
    length = ONE_CHARACTER if len(given) == 1 else 1 - ONE_CHARACTER
    shares = (table.given.get(unit, _OTHER_CHARACTER) for unit in given)
    return table.surnames.get(surname, _OTHER_SURNAME) * length * prod(shares)


@cache
def listed_names() -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Shares of the surnames and of the given characters that are on the lists; what is not is rare."""
    raw = json.loads(files(__package__).joinpath("shares.json").read_text(encoding="utf-8"))
    surnames = {name: holders / 10_000 for name, holders in raw["surnames"].items()}
    given = {character: _SCALE / (rank + _OFFSET) for rank, character in enumerate(raw["given"])}
    return surnames, given


@cache
def _tables() -> Mapping[Kind, _Table]:
    surnames, given = listed_names()
    sounds = _Table(
        _summed({name: " ".join(syllable(c) for c in name) for name in surnames}, surnames, _OTHER_SURNAME),
        _summed({c: syllable(c) for c in given}, given, _OTHER_CHARACTER),
    )
    alike = _Table(
        _summed({s: " ".join(map(coarse, s.split())) for s in sounds.surnames}, sounds.surnames, 0),
        _summed({s: coarse(s) for s in sounds.given}, sounds.given, 0),
    )
    return {"characters": _Table(surnames, given), "sounds": sounds, "alike": alike}


def _summed(heard: Mapping[str, str], shares: Mapping[str, float], rest: float) -> dict[str, float]:
    """Shares of what is heard, from the shares of what is written; each with the rest that no list holds."""
    found: dict[str, float] = {}
    for written, sound in heard.items():
        found[sound] = found.get(sound, rest) + shares[written]
    return found
