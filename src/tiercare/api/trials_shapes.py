"""The shapes of ``/api/trials``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from tiercare.apps.trials.rules.trials import (
    FEWEST_SEEDS,
    FIRST_SEED,
    LONGEST_TITLE,
    MOST_FIRST,
    MOST_SEEDS,
    RESIDENTS,
    SEEDS,
    Stage,
)

from .paging import Day, Words
from .writes import Body

Changes = dict[str, bool | int | float | str]
_FEW: Any = Field(default_factory=dict, max_length=40)


class TrialSaidOut(Schema):
    """A sentence in both languages."""

    zh: str
    en: str


class TrialLeverOut(Schema):
    """A lever that a trial can set: its range or words, and what the region's pack sets, by which clause; ``ours``: no text sets it."""

    name: str
    title: TrialSaidOut
    unit: str
    low: float
    high: float
    words: list[str]
    value: bool | int | float | str
    clause: str
    ours: bool


class TrialLeversOut(Schema):
    """In the order of the form."""

    items: list[TrialLeverOut]


class TrialIn(Body):
    """Two policies to be set against each other: levers set otherwise than the pack does (shares from 0 to 1). An empty ``a`` is the policy as it
    is."""

    region: Words
    title: str = Field(max_length=LONGEST_TITLE)
    a: Changes = _FEW
    b: Changes = _FEW
    on: Day | None = None
    residents: int = RESIDENTS
    seeds: int = Field(SEEDS, ge=FEWEST_SEEDS, le=MOST_SEEDS)
    first_seed: int = Field(FIRST_SEED, ge=0, le=MOST_FIRST)


class TrialAgainIn(Body):
    """The same once more, with as many seeds as before if none are named."""

    seeds: int | None = Field(None, ge=FEWEST_SEEDS, le=MOST_SEEDS)


class TrialKeyOut(Schema):
    """Under which id it can be asked for."""

    id: UUID


class TrialLineOut(Schema):
    """A trial. ``done`` of ``seeds`` are played; ``simulated``: the mark that has to stand wherever any of it is shown."""

    id: UUID
    title: str
    stage: Stage
    base_on: date
    residents: int
    seeds: int
    first_seed: int
    done: int
    asked_at: datetime
    asked_by: str
    simulated: TrialSaidOut


class TrialsOut(Schema):
    """The newest first."""

    items: list[TrialLineOut]


class TrialOut(TrialLineOut):
    """A trial whole. ``policy``: every lever as the pack set it and as both sides play it; ``inputs``: the same give the same result, to the digit;
    ``stale``: pack or program have changed since; ``why``: why there is no result."""

    a: Changes
    b: Changes
    policy: list[dict[str, Any]]
    notices: list[TrialSaidOut]
    pack_digest: str
    engine: str
    inputs: str
    stale: bool
    result: dict[str, Any] | None
    why: list[TrialSaidOut]
    origin: UUID | None
