"""``/api/trials``: levers of a region's policy, and trials of another: asked for, looked at, stopped, run again. All of it is simulated.

``region`` is a pack's id or a division code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from tiercare.apps.access.rules import Right
from tiercare.apps.network import queries as network
from tiercare.apps.trials import commands
from tiercare.apps.trials.queries import staging
from tiercare.apps.trials.queries import trials as kept
from tiercare.apps.trials.rules.trials import MARK
from tiercare.engines.twin.levers import LEVERS
from tiercare.engines.twin.values import plain

from .directory import may
from .etags import answered
from .paging import Day, Words, day_of, known_only
from .problems import Problem
from .trials_shapes import (
    TrialAgainIn,
    TrialIn,
    TrialKeyOut,
    TrialLeversOut,
    TrialOut,
    TrialsOut,
)
from .writes import once

router = Router(tags=["trials"])
READ = {401: Problem, 403: Problem, 404: Problem, 422: Problem}
WRITE = {**READ, 409: Problem, 428: Problem}


@router.get("/levers", response={200: TrialLeversOut, **READ}, summary="政策杠杆 · Levers of a policy")
def levers(request: HttpRequest, region: Words, on: Day | None = None) -> HttpResponse:
    """What can be tried, and what the region's pack sets on a day (today if none is named), by which clause."""
    may(request, Right.NETWORK_READ)
    known_only(request, "region", "on")
    resolved = staging.resolved_of(network.region_of(region), on=day_of(on))
    items = []
    for name, lever in LEVERS.items():
        origin = resolved.origins[name]
        items.append(
            {
                "name": name,
                "title": {"zh": lever.name.zh, "en": lever.name.en},
                "unit": lever.unit,
                "low": lever.low,
                "high": lever.high,
                "words": list(lever.words),
                "value": plain(getattr(resolved.levers, name)),
                "clause": origin.clause.id if origin.clause else "",
                "ours": origin.ours,
            }
        )
    return answered(request, {"items": items})


@router.get("", response={200: TrialsOut, **READ}, summary="试算列表 · Trials of a region")
def trials(request: HttpRequest, region: Words) -> HttpResponse:
    """Those that you may see."""
    may(request, Right.NETWORK_READ)
    known_only(request, "region")
    found = kept.trials(request.actor, network.region_of(region))
    return answered(request, {"items": [_line(each) for each in found]})


@router.post("", response={202: TrialKeyOut, **WRITE}, summary="开始试算 · Try a policy")
def ask(request: HttpRequest, body: TrialIn) -> HttpResponse:
    """Answers at once; ask for the trial until it is over. One of a region goes on at a time."""
    may(request, Right.NETWORK_DECIDE)
    code = network.region_of(body.region)
    asked = commands.Asked(
        title=body.title,
        a=body.a,
        b=body.b,
        on=body.on,
        residents=body.residents,
        seeds=body.seeds,
        first_seed=body.first_seed,
    )
    return once(request, 202, lambda: TrialKeyOut(id=commands.ask_trial(request.actor, code, asked)))


@router.get("/{uuid:key}", response={200: TrialOut, **READ}, summary="一次试算 · One trial")
def trial(request: HttpRequest, key: UUID) -> HttpResponse:
    """How far it has come, and what came of it."""
    may(request, Right.NETWORK_READ)
    known_only(request)
    found = kept.trial(request.actor, key)
    return answered(
        request,
        _line(found.line)
        | {
            "a": found.a,
            "b": found.b,
            "policy": list(found.policy),
            "notices": _both(found.notices),
            "pack_digest": found.pack_digest,
            "engine": found.engine,
            "inputs": found.inputs,
            "stale": found.stale,
            "result": found.result,
            "why": _both(found.why),
            "origin": found.origin,
        },
    )


@router.post("/{uuid:key}/stop", response={200: TrialKeyOut, **WRITE}, summary="停止试算 · Stop a trial")
def stop(request: HttpRequest, key: UUID) -> HttpResponse:
    """Nothing of it is kept but that it was asked for."""
    may(request, Right.NETWORK_DECIDE)

    def stopped() -> TrialKeyOut:
        commands.stop_trial(request.actor, key)
        return TrialKeyOut(id=key)

    return once(request, 200, stopped)


@router.post(
    "/{uuid:key}/again", response={202: TrialKeyOut, **WRITE}, summary="再算一次 · Run a trial again"
)
def again(request: HttpRequest, key: UUID, body: TrialAgainIn) -> HttpResponse:
    """Under the pack as it is now; answers the new one."""
    may(request, Right.NETWORK_DECIDE)
    return once(
        request, 202, lambda: TrialKeyOut(id=commands.repeat_trial(request.actor, key, seeds=body.seeds))
    )


def _line(line: kept.Listed) -> dict[str, Any]:
    return {
        "id": line.id,
        "title": line.title,
        "stage": line.stage,
        "base_on": line.base_on,
        "residents": line.residents,
        "seeds": line.seeds,
        "first_seed": line.first_seed,
        "done": line.done,
        "asked_at": line.asked_at,
        "asked_by": line.asked_by,
        "simulated": {"zh": MARK.zh, "en": MARK.en},
    }


def _both(told: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"zh": zh, "en": en} for zh, en in told]
