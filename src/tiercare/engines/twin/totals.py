"""Totals of a year that calibration meets: what may be moved, what is to be met, and what a simulated year comes to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import yaml

from tiercare.kernel.text import Text

from . import tallies as count
from .acting import EMERGENCY, IN
from .assumptions import Assumptions, assumption
from .running import Year
from .state import OFFERED

NEEDS, ROOM = "needs", "room"
_OF_NEEDS = ("acute_child", "acute_adult", "acute_middle", "acute_elder")
_SCALES = {
    "visits": "log",
    "primary_share": "logit",
    "in_area": "logit",
    "admissions": "log",
    "secondary_to_tertiary": "log",
}
_EDGE = 1e-6  # shares of 0 and 1 have no logit


@dataclass(frozen=True, slots=True)
class Target:
    """A total to be met. ``tolerance`` is one standard deviation, in its own unit; ``confidence``: high, medium, low."""

    name: str
    value: float
    tolerance: float
    text: Text
    confidence: str = "medium"
    source: str | None = None

    @property
    def on_scale(self) -> float:
        """The value where differences are compared: logarithm, or logit of a share."""
        return scaled(self.value, _SCALES[self.name])

    @property
    def spread(self) -> float:
        """The tolerance on that scale."""
        share = _SCALES[self.name] == "logit"
        return self.tolerance / (self.value * (1 - self.value) if share else self.value)

    def off_scale(self, value: float) -> float:
        """A value of that scale in the target's unit."""
        return unscaled(value, _SCALES[self.name])


@dataclass(frozen=True, slots=True)
class Parameter:
    """What calibration moves: an assumption, or ``needs``; ``spread`` on its ``scale`` is what would not surprise."""

    name: str
    spread: float
    scale: str
    text: Text

    def value(self, base: Assumptions, moved: float) -> float:
        """Its value when it is moved by so many spreads from ``base``."""
        start = 1.0 if self.name == NEEDS else base[self.name]
        return unscaled(scaled(start, self.scale) + moved * self.spread, self.scale)


@cache
def _file() -> Mapping[str, Mapping[str, Mapping[str, object]]]:
    text = files(__package__).joinpath("targets.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, Mapping[str, object]]] = yaml.safe_load(text)
    return found


def default_targets() -> tuple[Target, ...]:
    """The national totals of ``targets.yaml``."""
    rows = _file()["targets"].items()
    return tuple(
        Target(
            name, float(str(row["value"])), float(str(row["tolerance"])), Text(str(row["zh"]), str(row["en"])),
            str(row["confidence"]), str(row["source"]),
        )
        for name, row in rows
    )  # fmt: skip


def parameters() -> tuple[Parameter, ...]:
    """What may be moved, in the order of the file."""
    found = []
    for name, row in _file()["parameters"].items():
        text = Text(str(row["zh"]), str(row["en"])) if "zh" in row else assumption(name).text
        found.append(Parameter(name, float(str(row["spread"])), str(row["scale"]), text))
    return tuple(found)


def moved(base: Assumptions, values: Mapping[str, float]) -> Assumptions:
    """``base`` with the parameters' values; ``needs`` becomes the rates that it multiplies."""
    changed = {name: value for name, value in values.items() if name != NEEDS}
    factor = values.get(NEEDS, 1.0)
    changed |= {name: base[name] * factor for name in _OF_NEEDS}
    return base.with_values({name: round(value, 6) for name, value in changed.items()})


def totals(year: Year) -> dict[str, float]:
    """The totals of the residents of the region; one whose denominator is zero is ``nan``.

    visits: outpatient and emergency visits a head; primary_share and in_area: of those; admissions: per 100; secondary_to_tertiary: visits at
    hospitals of level 2 over those of level 3, inside. And ``room``: slots that the region's hospitals offer a head, with the emergencies, who
    need none.
    """
    rows = year.visits[year.people.inside()[year.visits["person"]]]
    people = int(year.people.inside().sum())
    site, stay = year.ground.site[rows["site"]], rows["kind"] == IN
    inside, hospital = site["inside"][~stay], site["hospital"][~stay]
    tier = np.where(inside & hospital, site["tier"][~stay], -1)
    tertiary = int((tier == 2).sum())
    offered = year.state.places[
        year.ground.site["hospital"] & year.ground.site["inside"], : year.days, OFFERED
    ]
    urgent = int((hospital & inside & (rows["kind"][~stay] == EMERGENCY)).sum())
    admitted = int(stay.sum()) + int(year.state.tally[:, count.STILL_IN_BED].sum())
    every = len(inside)
    return {
        "visits": every / people if people else math.nan,
        "primary_share": float((~hospital).sum()) / every if every else math.nan,
        "in_area": float(inside.sum()) / every if every else math.nan,
        "admissions": 100 * admitted / people if people else math.nan,
        "secondary_to_tertiary": float((tier == 1).sum()) / tertiary if tertiary else math.nan,
        ROOM: (float(offered.sum(dtype=np.int64)) + urgent) / people if people else math.nan,
    }


def on_scales(told: Mapping[str, float]) -> dict[str, float]:
    """Totals where differences are compared."""
    return {name: scaled(value, _SCALES.get(name, "plain")) for name, value in told.items()}


def scaled(value: float, scale: str) -> float:
    """A value on its scale; ``nan`` where it has none."""
    if scale == "plain" or math.isnan(value):
        return value
    if scale == "log":
        return math.log(value) if value > 0 else math.nan
    share = min(max(value, _EDGE), 1 - _EDGE)
    return math.log(share / (1 - share))


def unscaled(value: float, scale: str) -> float:
    """Back from the scale."""
    if scale == "plain":
        return value
    return math.exp(value) if scale == "log" else 1 / (1 + math.exp(-value))
