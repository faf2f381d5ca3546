"""Key groups (重点人群) by age: prevalences that are plausible for China, assumed by us, no statistics to quote."""

from __future__ import annotations

from random import Random
from typing import Final

from .model import FEMALE

KEY_GROUPS: Final = (
    "elderly",
    "pregnant",
    "child_0_6",
    "hypertension",
    "diabetes",
    "tuberculosis",
    "severe_mental_disorder",
    "disability",
    "registered_poor",
    "special_family_planning",
)
POOR_RURAL: Final = 0.04  # of households
POOR_URBAN: Final = 0.012
BEREAVED: Final = 0.004  # couples past having children without a living child

# Ages that stand for groups whose exact borders a policy pack sets; here they only colour the picture.
_ELDERLY_FROM = 65
_CHILD_TO = 6
_PREGNANT = ((20, 0.02), (25, 0.06), (30, 0.045), (35, 0.015), (40, 0.002))  # from this age, five years each

# code: (from age, share) in rising order; the last that fits counts
_SHARES: dict[str, tuple[tuple[int, float], ...]] = {
    "hypertension": ((18, 0.03), (35, 0.12), (45, 0.25), (55, 0.38), (65, 0.52), (75, 0.58)),
    "diabetes": ((18, 0.015), (35, 0.06), (45, 0.11), (55, 0.18), (65, 0.21), (75, 0.2)),
    "tuberculosis": ((15, 0.0004), (45, 0.0007), (60, 0.0014)),
    "severe_mental_disorder": ((15, 0.003), (30, 0.0055), (60, 0.005)),
    "disability": ((0, 0.008), (18, 0.016), (45, 0.03), (60, 0.06), (75, 0.11)),
}
_OLDEST = 130


class Health:
    """Draws the key groups of people."""

    def __init__(self, rng: Random) -> None:
        self._random = rng.random
        self._by_age = [
            [(code, share) for code, steps in _SHARES.items() if (share := _at(steps, age))]
            for age in range(_OLDEST)
        ]
        self._pregnant = [_at((*_PREGNANT, (45, 0.0)), age) for age in range(_OLDEST)]

    def groups(self, sex: str, age: int, *, poor: bool, bereaved: bool) -> tuple[str, ...]:
        """Codes of the groups somebody belongs to, in the order of ``KEY_GROUPS``."""
        draw = self._random
        found = [code for code, share in self._by_age[age] if draw() < share]
        if age <= _CHILD_TO:
            found.insert(0, "child_0_6")
        elif age >= _ELDERLY_FROM:
            found.insert(0, "elderly")
        elif sex == FEMALE and draw() < self._pregnant[age]:
            found.insert(0, "pregnant")
        if poor:
            found.append("registered_poor")
        if bereaved:
            found.append("special_family_planning")
        return tuple(found)


def _at(steps: tuple[tuple[int, float], ...], age: int) -> float:
    """The share of the last step that begins at or below ``age``."""
    return next((share for start, share in reversed(steps) if start <= age), 0.0)
