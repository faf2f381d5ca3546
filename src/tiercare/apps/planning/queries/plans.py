"""Saved plans, searches for them, and what a plan comes to on the ground as it is now."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.evaluation.queries.matters import area_of
from tiercare.apps.evaluation.workflow import State
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network.rules import Network
from tiercare.engines.planning.regions import Region, Wishes
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from .. import models
from ..rules.plans import NO_SUCH_PLAN, NO_SUCH_SEARCH, Source, Stage

_MOST = 500  # versions of a region that a list shows
# How far the discussion of each plan has come; the last one that was not withdrawn counts.
_DISCUSSED = """
SELECT DISTINCT ON (subject_key) subject_key, id, state FROM evaluation_matter
WHERE kind = 'PLAN' AND subject_type = 'plan' AND subject_key = ANY (%(plans)s::text[]) AND state <> 'WITHDRAWN'
ORDER BY subject_key, made_at DESC, id DESC
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """A version in a list. ``cost`` in minutes times people; ``gap`` is how far it lies above the best possible at most, ``None`` where no
    search has bounded it; ``state`` that of its discussion."""

    id: UUID
    region: str
    number: int
    title: str
    source: Source
    cost: float
    gap: float | None
    base_on: date
    ground: str
    made_at: datetime
    made_by: str
    matter: UUID | None
    state: State | None


@dataclass(frozen=True, slots=True)
class Saved:
    """A version whole: as listed, with its division and what it was reckoned with."""

    line: Listed
    words: str
    wishes: Wishes
    what_if: Sequence[Mapping[str, Any]]
    lead_of: Mapping[str, str]
    layout: Sequence[Mapping[str, Any]]
    costs: Mapping[str, float]
    bound: float | None
    seed: int | None
    parent: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """A search: ``progress`` are (seconds, cost, bound); ``why`` says in zh and en why there is no plan; ``number`` is that of the plan it
    found."""

    id: UUID
    region: str
    title: str
    stage: Stage
    progress: Sequence[tuple[float, float | None, float | None]]
    why: Sequence[tuple[str, str]]
    number: int | None
    asked_at: datetime
    asked_by: str


def plans(actor: Actor, region: str) -> list[Listed]:
    """The versions of a region that the actor may see, the newest first.

    Raises:
        Refused: if the actor may not see networks there.
    """
    refuse(may(actor, Right.NETWORK_READ, division=region))
    with scoped(actor, area=area_of(actor)):
        found = list(
            models.Plan.objects.filter(region=region)
            .defer("lead_of", "layout", "words")
            .order_by("-number")[:_MOST]
        )
        discussed = _discussed([row.id for row in found])
    return [_listed(row, discussed) for row in found]


def plan(actor: Actor, region: str, number: int) -> Saved:
    """A version whole.

    Raises:
        Refused: if there is none for the actor.
    """
    refuse(may(actor, Right.NETWORK_READ, division=region))
    with scoped(actor, area=area_of(actor)):
        row = models.Plan.objects.select_related("parent").filter(region=region, number=number).first()
        if row is None:
            raise Refused(NO_SUCH_PLAN)
        discussed = _discussed([row.id])
    return _saved(row, discussed)


def plan_by_id(actor: Actor, plan_id: UUID) -> Saved:
    """The same by its id.

    Raises:
        Refused: if there is none for the actor.
    """
    with scoped(actor, area=area_of(actor)):
        row = models.Plan.objects.select_related("parent").filter(id=plan_id).first()
        if row is None:
            raise Refused(NO_SUCH_PLAN)
        discussed = _discussed([row.id])
    return _saved(row, discussed)


def search(actor: Actor, search_id: UUID) -> Found:
    """A search as it stands.

    Raises:
        Refused: if there is none for the actor.
    """
    with scoped(actor, area=area_of(actor)):
        row = models.Search.objects.select_related("plan").filter(id=search_id).first()
    if row is None:
        raise Refused(NO_SUCH_SEARCH)
    return _found(row)


def searches(actor: Actor, region: str, *, most: int = 20) -> list[Found]:
    """The last searches of a region, the newest first.

    Raises:
        Refused: if the actor may not see networks there.
    """
    refuse(may(actor, Right.NETWORK_READ, division=region))
    with scoped(actor, area=area_of(actor)):
        found = models.Search.objects.select_related("plan").filter(region=region).order_by("-asked_at")
        return [_found(row) for row in found[:most]]


def ground_digest(region: Region) -> str:
    """What a plan was drawn on, as a digest: places with their people, leads, minutes, neighbours. Today's grids are no part of it."""
    said = [
        sorted((p.key, p.area, p.people, sorted(p.need.items())) for p in region.places),
        sorted((x.key, x.place, x.share, sorted(x.room.items()), sorted(x.areas)) for x in region.leads),
        sorted(sorted(pair) for pair in region.beside),
        [[round(float(each), 2) for each in row] for row in region.minutes],
    ]
    return sha256(json.dumps(said).encode()).hexdigest()


def layout_of(net: Network) -> list[dict[str, Any]]:
    """Every consortium of a network, of all kinds together: a version says how the whole of it stood (WH-01)."""
    return [
        {
            "id": each.id,
            "name": each.name,
            "kind": each.kind.value,
            "area": each.division,
            "lead": next((lead.name for lead in net.leads(each.id)), ""),
            "members": len(net.members(each.id)),
        }
        for each in sorted(net.consortia.values(), key=lambda c: (c.kind.value, c.name, c.id))
        if not each.beyond
    ]


def misfits(region: Region, lead_of: Mapping[str, str]) -> list[str]:
    """Keys of a division that the region does not know, and places that it leaves out."""
    places, leads = {place.key for place in region.places}, {lead.key for lead in region.leads}
    return sorted((set(lead_of) ^ places) | (set(lead_of.values()) - leads))


def plain_wishes(wishes: Wishes) -> dict[str, float | None]:
    """Wishes as they are kept; no limit is ``None``."""
    given = {name: float(getattr(wishes, name)) for name in Wishes.__slots__}
    return {name: None if each == math.inf else each for name, each in given.items()}


def wishes_from(kept: Mapping[str, Any]) -> Wishes:
    """Wishes as they were kept; what is no wish any more is left out."""
    given = {name: kept[name] for name in Wishes.__slots__ if name in kept}
    return Wishes(**{name: math.inf if each is None else float(each) for name, each in given.items()})


def _discussed(ids: Sequence[UUID]) -> Mapping[str, Mapping[str, Any]]:
    found = rows(_DISCUSSED, plans=[str(each) for each in ids])
    return {row["subject_key"]: row for row in found}


def _listed(row: models.Plan, discussed: Mapping[str, Mapping[str, Any]]) -> Listed:
    at = discussed.get(str(row.id))
    cost = float(row.costs["total"])
    gap = None
    if row.bound is not None:
        gap = max(0.0, cost - row.bound) / row.bound if row.bound > 0 else 0.0
    return Listed(
        row.id,
        row.region,
        row.number,
        row.title,
        Source(row.source),
        cost,
        gap,
        row.base_on,
        row.ground,
        row.made_at,
        row.made_by_name,
        at["id"] if at else None,
        State(at["state"]) if at else None,
    )


def _saved(row: models.Plan, discussed: Mapping[str, Mapping[str, Any]]) -> Saved:
    return Saved(
        _listed(row, discussed),
        row.words,
        wishes_from(row.wishes),
        row.what_if,
        row.lead_of,
        row.layout,
        row.costs,
        row.bound,
        row.seed,
        row.parent.number if row.parent else None,
    )


def _found(row: models.Search) -> Found:
    return Found(
        row.id,
        row.region,
        row.title,
        Stage(row.stage),
        [(seconds, cost, bound) for seconds, cost, bound in row.progress],
        [(zh, en) for zh, en in row.why],
        row.plan.number if row.plan else None,
        row.asked_at,
        row.asked_by_name,
    )
