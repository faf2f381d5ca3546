"""What a trial asks: two policies, each the pack's with some levers set otherwise, played by the same invented people under the same luck."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from uuid import UUID

from tiercare.kernel.refusal import Refusal

from .trials import (
    BAD_FIRST,
    BAD_SEEDS,
    FEWEST_SEEDS,
    FIRST_SEED,
    LONGEST_TITLE,
    MOST_FIRST,
    MOST_LIVES,
    MOST_SEEDS,
    NO_TITLE,
    RESIDENTS,
    SEEDS,
    TOO_LARGE,
)

Value = bool | int | float | str
SIDES = ("a", "b")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be tried.

    Attributes:
        on: as on which day the pack is read; today if none is named. The year of that day is played.
        a, b: levers set otherwise than the pack does; without any the side is the pack's policy as it is.
        residents: invented people who stand for the region's; seeds: how often it is repeated, from ``first_seed`` on.
        origin: the trial that it repeats or was copied from.
    """

    title: str
    b: Mapping[str, Value]
    a: Mapping[str, Value] = field(default_factory=dict)
    on: date | None = None
    residents: int = RESIDENTS
    seeds: int = SEEDS
    first_seed: int = FIRST_SEED
    origin: UUID | None = None


def faults(asked: Asked) -> Iterable[Refusal]:
    """What is wrong with its name and its size; the levers are the engine's to judge."""
    if not 0 < len(asked.title.strip()) <= LONGEST_TITLE:
        yield NO_TITLE
    if not FEWEST_SEEDS <= asked.seeds <= MOST_SEEDS:
        yield BAD_SEEDS
    elif asked.residents * asked.seeds > MOST_LIVES:
        yield replace(TOO_LARGE, fields={"most": MOST_LIVES, "lives": asked.residents * asked.seeds})
    if not 0 <= asked.first_seed <= MOST_FIRST:
        yield BAD_FIRST


def at_field(refusal: Refusal, side: str) -> Refusal:
    """A fault of a scenario, at the field of the form and of the API that it is about: ``b.reserve_share``; what both share keeps its name."""
    head, _dot, lever = (refusal.at or "").partition(".")
    if head != "changes":
        return refusal
    return replace(refusal, at=f"{side}.{lever}" if lever else side)


def digest(said: object) -> str:
    """Of plain values, the same on every machine."""
    return sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
