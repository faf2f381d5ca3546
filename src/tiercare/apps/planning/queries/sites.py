"""Where county sub-centres would stand (TY-25, TY-58): which township hospitals should grow, so that people are near to one.

A hospital of level 2 or above, and a sub-centre that is managed as one, counts as near care that stands already.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from importlib import import_module
from typing import Any

import numpy as np

from tiercare.apps.network import queries as network
from tiercare.apps.network.rules import AreaKind, Category, Network
from tiercare.engines.planning.regions import Place
from tiercare.engines.planning.tasks import Floats
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from . import ground_leads as leading
from . import ground_places as placing
from .ours import number_in

_NONE = Refusal(
    code="planning.no_candidates",
    message=Text(
        "{where}没有登记位置的乡镇卫生院可选。",
        "There is no township hospital with a position to choose from in {where}.",
    ),
    instead=Text(
        "请先在机构登记中补上卫生院和位置，或换一个县。",
        "Record township hospitals with their positions first, or look at another county.",
    ),
    status=422,
)
_CANNOT = Refusal(
    code="planning.no_sites",
    message=Text("选不出次中心：{why}", "No sites can be chosen: {why}"),
    instead=Text(
        "请换一个个数、比例或分钟数。", "Ask for another number of sites, another share or other minutes."
    ),
    status=422,
)
_ASK = Refusal(
    code="planning.sites_how_many",
    message=Text("要设几个次中心，或要覆盖多少人？", "How many sub-centres, or how many people near?"),
    instead=Text(
        "请给个数，或给要覆盖的比例，二者选一。",
        "Give either the number of sites or the share of the people.",
    ),
    status=422,
)


class Aimed(StrEnum):
    """What a good choice is: most people within the minutes, or fewest minutes for all."""

    WITHIN = "within"
    MINUTES = "minutes"


@dataclass(frozen=True, slots=True)
class Site:
    """A township hospital that should grow, and how many people would have it for their nearest hospital."""

    id: str
    name: str
    area: str
    people: float


@dataclass(frozen=True, slots=True)
class Sites:
    """The sub-centres chosen.

    Attributes:
        within: minutes that count as near; people: all that were counted; before, near: those near without and with the sites.
        mean_before, mean: minutes to the nearest hospital or sub-centre, weighted by people; infinite where there is none.
        gap: how far this is from the best possible at most, 0: proven; candidates: how many there were to choose from.
    """

    region: str
    on: date
    within: float
    sites: tuple[Site, ...]
    people: float
    before: float
    near: float
    mean_before: float
    mean: float
    gap: float
    candidates: int


def sites_of(
    code: str,
    *,
    on: date,
    p: int | None = None,
    share: float | None = None,
    within: float | None = None,
    aim: Aimed = Aimed.WITHIN,
    area: str | None = None,
) -> Sites:
    """The best sites in the counties of a region (or one of them), ``p`` of them or as few as bring ``share`` (0 to 1) of the people near.

    Args:
        within: minutes that count as near; by default those that the pack allows to primary care (``plan_primary_minutes``).

    Raises:
        Refused: if neither or both of ``p`` and ``share`` are asked, nobody can be chosen, or the question has no answer.
    """
    if (p is None) == (share is None):
        raise Refused(_ASK)
    limit = number_in(code, "plan_primary_minutes", on=on) if within is None else within
    near = math.inf if limit is None else limit
    net = network.network_facts(code, on=on)
    places = [
        place
        for place in placing.townships(net, on).places
        if (place.area == area if area else _rural(net, place.area))
    ]
    areas = {place.area for place in places}
    candidates = [
        each
        for each in net.local()
        if each.category is Category.TOWNSHIP_CENTRE and each.division in areas and each.managed_as_level < 2
    ]
    at = leading.positions([each.id for each in net.local()], on)
    candidates = [each for each in candidates if each.id in at]
    if not candidates:
        where = net.area_name(area) if area else net.area_name(code)
        raise Refused(replace(_NONE, fields={"where": where}))
    minutes = np.array([leading.minutes_from(net, at[each.id], places) for each in candidates])
    there = _there(net, places, on)
    # HiGHS and the compiled search are loaded when somebody asks for them.
    solver: Any = import_module("tiercare.engines.planning.siting")
    people = np.array([place.people for place in places])
    task = solver.Siting(minutes, people, there, near)
    try:
        found = (
            solver.fewest(task, share)
            if p is None
            else solver.sited(task, p, solver.Aim(aim.value), effort=0.3)
        )
    except solver.Impossible as problem:
        why = Text("".join(x.zh for x in problem.reasons), " ".join(x.en for x in problem.reasons))
        raise Refused(replace(_CANNOT, fields={"why": why})) from problem
    chosen = list(found.sites)
    far = np.vstack([there[None, :], minutes[chosen]])
    closest = np.argmin(far, axis=0)
    sites = [
        Site(candidates[i].id, candidates[i].name, net.area_name(candidates[i].division), float(people[closest == k].sum()))
        for k, i in enumerate(chosen, start=1)
    ]  # fmt: skip
    total = float(people.sum())
    mean_before = float(there @ people) / total if np.isfinite(there).all() else math.inf
    return Sites(
        code, on, near, tuple(sites), total, found.before, found.near, mean_before, found.total / total, found.gap, len(candidates)
    )  # fmt: skip


def _rural(net: Network, area: str) -> bool:
    return area in net.areas and net.areas[area].kind is AreaKind.COUNTY


def _there(net: Network, places: list[Place], on: date) -> Floats:
    """Minutes to the nearest hospital of level 2 and above, or to a unit that is managed as one; infinite where none is on record."""
    standing = [
        each
        for each in net.local()
        if not (each.primary and each.managed_as_level < 2) and max(each.level, each.managed_as_level) >= 2
    ]
    at = leading.positions([each.id for each in standing], on)
    every = [leading.minutes_from(net, point, places) for _, point in sorted(at.items())]
    return np.min(every, axis=0) if every else np.full(len(places), np.inf)
