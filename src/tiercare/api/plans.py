"""``/api/planning``: a region as the planner sees it, versions of its plan, searches for a better one, what a division would come to.

``region`` is a pack's id or a division code. Minutes times people is the unit of every cost.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from tiercare.apps.access.rules import Right
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.apps.planning import commands, queries
from tiercare.apps.planning.queries import plans as kept
from tiercare.apps.planning.queries.supposing import supposed
from tiercare.apps.planning.rules.plans import (
    Source,
    misfit,
)
from tiercare.engines.planning.comparing import compared
from tiercare.engines.planning.judging import broken
from tiercare.engines.planning.regions import Wishes, described
from tiercare.kernel.refusal import Refused

from .directory import may
from .etags import answered
from .paging import Day, Words, day_of, known_only
from .plans_shapes import (
    Both,
    GridPlanIn,
    GridPlanOut,
    GridPlansOut,
    GridSearchIn,
    GridSearchOut,
    GridTriedOut,
    GridTryIn,
    GroundOut,
    PlanDiscussionIn,
    PlanKeyOut,
    PlanNumberOut,
    PlanPartiesOut,
    PlanPartyOut,
    WishesIO,
)
from .problems import Problem
from .writes import once

router = Router(tags=["planning"])
READ = {401: Problem, 403: Problem, 404: Problem, 422: Problem}
WRITE = {**READ, 409: Problem, 428: Problem}


@router.get("/ground", response={200: GroundOut, **READ}, summary="规划底数 · What is divided")
def ground(request: HttpRequest, region: Words, on: Day | None = None) -> HttpResponse:
    """The region of a day, today if none is named: places, leads, who lies beside whom, and the weights of its pack."""
    may(request, Right.NETWORK_READ)
    known_only(request, "region", "on")
    code, day = network.region_of(region), day_of(on)
    found = queries.ground_of(code, on=day)
    here = found.region
    return answered(
        request,
        {
            "region": code,
            "on": day,
            "digest": kept.ground_digest(here),
            "places": [
                {
                    "code": p.key,
                    "name": p.name,
                    "area": p.area,
                    "people": p.people,
                    "lng": p.at[0],
                    "lat": p.at[1],
                    "lead": here.today.get(p.key),
                }
                for p in here.places
            ],
            "leads": [
                {
                    "consortium": x.key,
                    "name": x.name,
                    "place": x.place,
                    "share": x.share,
                    "areas": sorted(x.areas),
                }
                for x in here.leads
            ],
            "beside": sorted(sorted(pair) for pair in here.beside),
            "left_out": list(found.left_out),
            "wishes": kept.plain_wishes(queries.wishes_for(code, on=day)),
        },
    )


@router.get("/plans", response={200: GridPlansOut, **READ}, summary="方案版本 · Versions of the plan")
def plans(request: HttpRequest, region: Words) -> HttpResponse:
    """Those that you may see."""
    may(request, Right.NETWORK_READ)
    known_only(request, "region")
    code = network.region_of(region)
    found = kept.plans(request.actor, code)
    now = {day: _digest(code, day) for day in {each.base_on for each in found}}
    return answered(request, {"items": [_line(each, now[each.base_on]) for each in found]})


@router.get("/plans/{int:number}", response={200: GridPlanOut, **READ}, summary="一个方案 · One version")
def plan(request: HttpRequest, number: int, region: Words) -> HttpResponse:
    """With its division and what it was reckoned with."""
    may(request, Right.NETWORK_READ)
    known_only(request, "region")
    code = network.region_of(region)
    saved = kept.plan(request.actor, code, number)
    return answered(
        request,
        {
            **_line(saved.line, _digest(code, saved.line.base_on)),
            "words": saved.words,
            "wishes": kept.plain_wishes(saved.wishes),
            "what_if": list(saved.what_if),
            "lead_of": saved.lead_of,
            "costs": saved.costs,
            "bound": saved.bound,
            "seed": saved.seed,
            "parent": saved.parent,
        },
    )


@router.post("/plans", response={201: PlanNumberOut, **WRITE}, summary="保存方案 · Keep a version")
def save(request: HttpRequest, body: GridPlanIn) -> HttpResponse:
    """Its costs are reckoned here; a version is never changed."""
    may(request, Right.NETWORK_DECIDE)
    code = network.region_of(body.region)
    draft = commands.Draft(
        body.title,
        _wishes(body.wishes, code, body.on),
        body.lead_of,
        Source.FILE,
        parent=body.parent,
        words=body.words,
        what_if=body.what_if,
        on=body.on,
    )
    return once(request, 201, lambda: PlanNumberOut(number=commands.save_plan(request.actor, code, draft)))


@router.post("/try", response={200: GridTriedOut, **READ}, summary="试划 · What a division would come to")
def try_out(request: HttpRequest, body: GridTryIn) -> GridTriedOut:
    """Nothing is kept, so no key is needed."""
    may(request, Right.NETWORK_READ)
    code, on = network.region_of(body.region), day_of(body.on)
    found = supposed(queries.ground_of(code, on=on), body.what_if)
    strange = kept.misfits(found.region, body.lead_of)
    if strange:
        raise Refused(misfit(strange))
    wishes = _wishes(body.wishes, code, on)
    drawn = described(found.region, wishes, body.lead_of)
    cards = queries.verdict_of(mandates.pack_in_force(code, on=on), found.network, body.lead_of, on=on)
    beside = None
    if not kept.misfits(found.region, found.region.today):
        beside = compared(found.region, described(found.region, wishes, found.region.today), drawn)
    parts = {name: getattr(drawn.parts, name) for name in drawn.parts.__slots__}
    return GridTriedOut(
        costs=parts | {"total": drawn.parts.total},
        broken=[Both(zh=each.text.zh, en=each.text.en) for each in broken(found.region, wishes, drawn)],
        cards_broken=[verdict.card.key for verdict in cards.broken],
        cards_healed=[verdict.card.key for verdict in cards.healed],
        nearer=beside.gain if beside else None,
        farther=beside.lose if beside else None,
        moved=beside.moved if beside else None,
    )


@router.post("/searches", response={202: PlanKeyOut, **WRITE}, summary="开始寻找方案 · Search for a plan")
def ask(request: HttpRequest, body: GridSearchIn) -> HttpResponse:
    """Answers at once; ask for the search until it is over. One of a region goes on at a time."""
    may(request, Right.NETWORK_DECIDE)
    code = network.region_of(body.region)
    asked = commands.Asked(
        body.title, _wishes(body.wishes, code, body.on), body.what_if, body.seed, body.effort, body.on
    )
    return once(request, 202, lambda: PlanKeyOut(id=commands.ask_search(request.actor, code, asked)))


@router.get(
    "/searches/{uuid:key}", response={200: GridSearchOut, **READ}, summary="寻找的进展 · How a search stands"
)
def search(request: HttpRequest, key: UUID) -> GridSearchOut:
    """With its curve so far."""
    may(request, Right.NETWORK_READ)
    known_only(request)
    found = kept.search(request.actor, key)
    return GridSearchOut(
        id=found.id,
        title=found.title,
        stage=found.stage,
        progress=list(found.progress),
        why=[Both(zh=zh, en=en) for zh, en in found.why],
        number=found.number,
        asked_at=found.asked_at,
        asked_by=found.asked_by,
    )


@router.post(
    "/searches/{uuid:key}/stop", response={200: PlanKeyOut, **WRITE}, summary="停止寻找 · Stop a search"
)
def stop(request: HttpRequest, key: UUID) -> HttpResponse:
    """Nothing of it is kept."""
    may(request, Right.NETWORK_DECIDE)

    def stopped() -> PlanKeyOut:
        commands.stop_search(request.actor, key)
        return PlanKeyOut(id=key)

    return once(request, 200, stopped)


@router.get(
    "/plans/{int:number}/parties",
    response={200: PlanPartiesOut, **READ},
    summary="涉及的单位 · Whom a plan concerns",
)
def parties(request: HttpRequest, number: int, region: Words) -> PlanPartiesOut:
    """Counties of which a place changes, and the leads that lose or gain one."""
    may(request, Right.NETWORK_READ)
    known_only(request, "region")
    line = kept.plan(request.actor, network.region_of(region), number).line
    found = commands.parties_of(request.actor, line.id)
    return PlanPartiesOut(
        items=[
            PlanPartyOut(area=each.party.area, institution_id=each.party.institution_id, name=each.name)
            for each in found
        ]
    )


@router.post(
    "/plans/{int:number}/discussion", response={201: PlanKeyOut, **WRITE}, summary="征求意见 · Discuss a plan"
)
def discuss(request: HttpRequest, number: int, body: PlanDiscussionIn) -> HttpResponse:
    """Answers the matter; it goes on under ``/api/supervision/matters``: opinions, approval by a second person, taking effect."""
    may(request, Right.NETWORK_DECIDE)
    line = kept.plan(request.actor, network.region_of(body.region), number).line
    asked = [commands.Party(each.area, each.institution_id) for each in body.parties]
    what = commands.Discussion(line.id, body.words, asked, body.opinions_by, body.due_on, body.start)
    return once(request, 201, lambda: PlanKeyOut(id=commands.discuss(request.actor, what)))


def _digest(code: str, day: date) -> str:
    return kept.ground_digest(queries.ground_of(code, on=day).region)


def _line(line: kept.Listed, digest: str) -> dict[str, Any]:
    return {
        "number": line.number,
        "title": line.title,
        "source": line.source,
        "cost": line.cost,
        "gap": line.gap,
        "base_on": line.base_on,
        "stale": line.ground != digest,
        "made_at": line.made_at,
        "made_by": line.made_by,
        "matter": line.matter,
        "state": line.state.value if line.state else None,
    }


def _wishes(given: WishesIO, code: str, on: date | None) -> Wishes:
    """The pack's, with what was given in their place."""
    known: Mapping[str, float | None] = kept.plain_wishes(queries.wishes_for(code, on=day_of(on)))
    mixed = {**known, **given.model_dump(exclude_none=True)}
    return Wishes(**{name: math.inf if each is None else each for name, each in mixed.items()})
