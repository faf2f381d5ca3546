"""The shapes of ``/api/planning``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from tiercare.apps.planning.rules.plans import LONGEST_TITLE, LONGEST_WORDS, MOST_EFFORT, Source, Stage

from .paging import Day, Words
from .writes import Body

_CODE = Field(max_length=12)


class WishesIO(Body):
    """Minutes: for each person off a lead's share, whose lead changes, across a border; the limit to the lead, and what exceeding it
    counts. What is left out is the pack's."""

    uneven: float | None = Field(None, ge=0, le=1000)
    change: float | None = Field(None, ge=0, le=1000)
    border: float | None = Field(None, ge=0, le=1000)
    farthest: float | None = Field(None, ge=0, le=10_000)
    far: float | None = Field(None, ge=0, le=10_000)


_PACK_WISHES = WishesIO.model_validate({})


class GroundPlaceOut(Schema):
    """A township or street; ``lead``: the consortium that answers for it today."""

    code: str
    name: str
    area: str
    people: float
    lng: float
    lat: float
    lead: str | None


class GroundLeadOut(Schema):
    """A hospital that may answer for a grid: its consortium, the place it stands in, the areas it may serve (all if empty)."""

    consortium: str
    name: str
    place: str
    share: float
    areas: list[str]


class GroundOut(Schema):
    """What is divided. ``digest`` changes with people, places, leads and minutes; positions are illustrative."""

    region: str
    on: date
    digest: str
    places: list[GroundPlaceOut]
    leads: list[GroundLeadOut]
    beside: list[tuple[str, str]]
    left_out: list[str]
    wishes: WishesIO


class GridPlanLineOut(Schema):
    """A version. ``gap``: how far its cost lies above the best possible at most; ``stale``: what it was drawn on
    has changed since."""

    number: int
    title: str
    source: Source
    cost: float
    gap: float | None
    base_on: date
    stale: bool
    made_at: datetime
    made_by: str
    matter: UUID | None
    state: str | None


class GridPlansOut(Schema):
    """The newest first."""

    items: list[GridPlanLineOut]


class GridPlanOut(GridPlanLineOut):
    """A version whole."""

    words: str
    wishes: WishesIO
    what_if: list[dict[str, Any]]
    lead_of: dict[str, str]
    costs: dict[str, float]
    bound: float | None
    seed: int | None
    parent: int | None


class GridPlanIn(Body):
    """A division to be kept as a version: the consortium of every place."""

    region: Words
    title: str = Field(max_length=LONGEST_TITLE)
    words: str = Field("", max_length=LONGEST_WORDS)
    wishes: WishesIO = _PACK_WISHES
    what_if: list[dict[str, Any]] = Field(default_factory=list, max_length=40)
    lead_of: dict[str, str] = Field(max_length=20_000)
    on: Day | None = None
    parent: int | None = Field(None, ge=1)


class PlanNumberOut(Schema):
    """Under which number it is kept."""

    number: int


class GridTryIn(Body):
    """A division to be looked at; nothing of it is kept."""

    region: Words
    wishes: WishesIO = _PACK_WISHES
    what_if: list[dict[str, Any]] = Field(default_factory=list, max_length=40)
    lead_of: dict[str, str] = Field(max_length=20_000)
    on: Day | None = None


class Both(Schema):
    """A sentence in both languages."""

    zh: str
    en: str


class GridTriedOut(Schema):
    """What a division comes to: its costs, what it breaks of the plan's own rules and wishes, which cards it would break and heal, and how many
    people would be nearer and farther than today."""

    costs: dict[str, float]
    broken: list[Both]
    cards_broken: list[str]
    cards_healed: list[str]
    nearer: float | None
    farther: float | None
    moved: float | None


class GridSearchIn(Body):
    """Search for a plan in the background."""

    region: Words
    title: str = Field(max_length=LONGEST_TITLE)
    wishes: WishesIO = _PACK_WISHES
    what_if: list[dict[str, Any]] = Field(default_factory=list, max_length=40)
    seed: int = Field(0, ge=0, lt=2**31)
    effort: float = Field(1.0, gt=0, le=MOST_EFFORT)
    on: Day | None = None


class GridSearchOut(Schema):
    """A search. ``progress``: seconds, cost and bound whenever one improved; ``why``: why there is no plan; ``number``: the plan's."""

    id: UUID
    title: str
    stage: Stage
    progress: list[tuple[float, float | None, float | None]]
    why: list[Both]
    number: int | None
    asked_at: datetime
    asked_by: str


class PlanKeyOut(Schema):
    """Under which id it can be asked for."""

    id: UUID


class PlanPartyOut(Schema):
    """Somebody whom a plan concerns: the commission of an area, or an institution there."""

    area: str
    institution_id: UUID | None
    name: str


class PlanPartiesOut(Schema):
    """Whom a plan concerns."""

    items: list[PlanPartyOut]


class PlanPartyIn(Body):
    """Somebody who is asked."""

    area: str = _CODE
    institution_id: UUID | None = None


class PlanDiscussionIn(Body):
    """Put a version to those whom it concerns; ``start`` is the day from which it would be the network."""

    region: Words
    words: str = Field(max_length=LONGEST_WORDS)
    parties: list[PlanPartyIn] = Field(min_length=1, max_length=500)
    opinions_by: date
    due_on: date
    start: date
