"""The live score for the desk: Fellegi and Sunter's sum of log likelihood ratios, in pure Python.

Theory: I. Fellegi, A. Sunter, A theory for record linkage, JASA 64 (1969); commonness of names after
W. Winkler, Frequency-based matching, US Bureau of the Census (1989).
"""

from __future__ import annotations

from math import log2

from .features import Features, features
from .levels import COMPARISONS, relatives
from .model import Band, Parameters, Person, Score, shipped

# Ours, in bits. Among a million residents the odds of two records before looking are one to a million: 20 bits.
# 27 leave 99 to 1 that it is one person, 14 one in sixty that it is: worth a look while the patient stands there.
SAME_FROM = 27.0
PERHAPS_FROM = 14.0


def score(a: Person, b: Person) -> Score:
    """How much speaks for ``a`` and ``b`` being one person. Symmetric and deterministic; ids do not matter."""
    one, other = features(a), features(b)
    model = shipped()
    reasons = tuple(
        level for comparison in COMPARISONS if (level := comparison.level(one, other)) is not None
    )
    weight = round(sum(_bits(level, one, other, model) for level in reasons), 3)
    if weight >= SAME_FROM and relatives(reasons):
        return Score(weight, "perhaps", (*reasons, "relatives"))
    return Score(weight, _band(weight), reasons)


def _band(weight: float) -> Band:
    if weight >= SAME_FROM:
        return "same"
    return "perhaps" if weight >= PERHAPS_FROM else "different"


def _bits(level: str, a: Features, b: Features, model: Parameters) -> float:
    chances = model.levels[level]
    return log2(chances.m / (_commonness(level, a, b) or chances.u))


def _commonness(level: str, a: Features, b: Features) -> float | None:
    """What takes the place of u where the level is agreement on a value: how common that value is."""
    if not (a.name and b.name):
        return None
    match level:
        case "name.same":
            return max(a.name.folded_share, b.name.folded_share)
        case "name.swapped":
            return max(a.name.ordered_share, b.name.ordered_share)
        case "name.sound":
            return max(a.name.sound_share, b.name.sound_share)
        case "name.alike":
            return max(a.name.alike_share, b.name.alike_share)
        case _:
            return None
