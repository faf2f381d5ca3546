"""What a page of planning is about: the ground of the day, the plan that is looked at, and the weights it is judged by."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, QueryDict

from tiercare.apps.network import queries as network
from tiercare.apps.planning import queries
from tiercare.apps.planning.queries import plans as kept
from tiercare.apps.planning.queries.ground_places import outlines_of
from tiercare.apps.planning.queries.supposing import supposed
from tiercare.engines.planning.regions import Plan, Region, Wishes, allowed, described
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from . import land

# What a slider can say: from, to, step; minutes. The pack's own value may lie outside and is then kept.
SLIDERS: Mapping[str, tuple[float, float, float]] = {
    "uneven": (0, 10, 0.5),
    "change": (0, 10, 0.5),
    "border": (0, 20, 1),
    "farthest": (15, 120, 5),
}
_MOST = 1_000_000.0
_NOT_A_PLAN = Refusal(
    code="planning.not_a_plan",
    message=Text("送来的划分与这个地区对不上。", "The division that was sent does not fit this region."),
    instead=Text(
        "底数可能刚变过：请重新打开网格规划，再改一次。",
        "The ground may have just changed: open the planning page again and repeat the move.",
    ),
    status=422,
)
_NOT_MINUTES = Refusal(
    code="planning.not_minutes",
    message=Text("权重要填分钟数。", "A weight is a number of minutes."),
    instead=Text("请填不小于 0 的数。", "Write a number not below 0."),
    status=422,
)


@dataclass(frozen=True, slots=True)
class Look:
    """A region looked at.

    Attributes:
        base: the ground of the day; ground: the same with what-ifs in it, which is what a plan is drawn on.
        today: a lead for every place: today's, and the nearest allowed one for ``owing``, which are in no grid today.
        plan: what is on the screen; before: what it is set beside, today's by the same weights on the ground of the day.
    """

    base: queries.Ground
    ground: queries.Ground
    land: land.Land | None
    wishes: Wishes
    today: Mapping[str, str]
    owing: tuple[str, ...]
    plan: Plan
    before: Plan
    what_if: Sequence[Mapping[str, Any]] = ()

    @property
    def region(self) -> Region:
        """What is divided."""
        return self.ground.region

    def holding(self, lead_of: Mapping[str, str]) -> Look:
        """The same with another plan on the screen."""
        return replace(self, plan=described(self.region, self.wishes, lead_of))

    def against(self, lead_of: Mapping[str, str]) -> Look:
        """The same beside another plan than today's."""
        return replace(
            self, today=lead_of, base=self.ground, before=described(self.region, self.wishes, lead_of)
        )


def look(
    request: HttpRequest,
    wishes: Wishes | None = None,
    lead_of: Mapping[str, str] | None = None,
    *,
    what_if: Sequence[Mapping[str, Any]] = (),
) -> Look:
    """The region of the page's frame, with what-ifs in it; without a plan today's grids.

    Raises:
        Refused: if no grid is on record there, or the plan is not of this region.
    """
    frame = request.frame
    base = queries.ground_of(network.region_of(frame.pack.id), on=frame.on)
    ground = supposed(base, what_if) if what_if else base
    region = ground.region
    weighing = wishes or queries.wishes_for(frame.pack.id, on=frame.on)
    today, owing = _whole(base.region, base.region.today)
    if lead_of is not None:
        _checked(region, lead_of)
    outlines = outlines_of({place.area for place in region.places}, frame.on)
    before = described(base.region, weighing, today)
    begun = lead_of if lead_of is not None else _whole(region, today)[0] if what_if else today
    plan = described(region, weighing, begun)
    return Look(base, ground, land.drawn(region, outlines), weighing, today, owing, plan, before, what_if)


def sent(request: HttpRequest) -> Look:
    """What a form of the page sent: a plan and its weights.

    Raises:
        Refused: if either is none.
    """
    posted = request.POST
    try:
        raw, changes = json.loads(posted.get("lead_of", "")), json.loads(posted.get("what_if") or "[]")
        lead_of = {str(key): str(value) for key, value in raw.items()}
        what_if = [dict(each) for each in changes]
    except (ValueError, AttributeError, TypeError):
        raise Refused(_NOT_A_PLAN) from None
    return look(request, weights(request, posted), lead_of, what_if=what_if)


def moved(look_: Look, place: str, to: str) -> Mapping[str, str]:
    """The plan on the screen with one township with another lead.

    Raises:
        Refused: if there is no such township or lead.
    """
    lead_of = {**look_.plan.lead_of, place: to}
    _checked(look_.region, lead_of)
    return lead_of


def bound_sent(request: HttpRequest, look_: Look) -> float | None:
    """The bound of the version that the page was opened with, while its weights and its ground are still those."""
    number = request.POST.get("version", "")
    if not number.isascii() or not number.isdigit():
        return None
    saved = kept.plan(request.actor, network.region_of(request.frame.pack.id), int(number))
    same = saved.wishes == look_.wishes and list(saved.what_if) == list(look_.what_if)
    return saved.bound if same and not is_old(look_, saved) else None


def on_ground(look_: Look, lead_of: Mapping[str, str]) -> Mapping[str, str]:
    """A division on the ground as it is now: what has gone is left out, what has come is with whom it is today."""
    places = {place.key for place in look_.region.places}
    return _whole(
        look_.region, {**look_.today, **{key: lead for key, lead in lead_of.items() if key in places}}
    )[0]


def is_old(look_: Look, saved: kept.Saved) -> bool:
    """Whether a version was drawn on another ground than this one."""
    return saved.line.ground != kept.ground_digest(look_.region)


def as_sent(lead_of: Mapping[str, str]) -> str:
    """A plan as a hidden field carries it."""
    return json.dumps(dict(sorted(lead_of.items())), separators=(",", ":"))


def what_if_sent(look_: Look) -> str:
    """What-ifs as a hidden field carries them."""
    return json.dumps([dict(each) for each in look_.what_if], ensure_ascii=False, separators=(",", ":"))


def weights(request: HttpRequest, given: QueryDict) -> Wishes:
    """The weights of a form; what it does not name is the pack's.

    Raises:
        Refused: for what is no number of minutes.
    """
    frame = request.frame
    own = queries.wishes_for(frame.pack.id, on=frame.on)
    return replace(own, **{name: _minutes(given, name) for name in SLIDERS if given.get(name)})


def _minutes(given: QueryDict, name: str) -> float:
    try:
        value = float(given.get(name, ""))
    except ValueError:
        raise Refused(replace(_NOT_MINUTES, at=name)) from None
    if not 0 <= value <= _MOST or math.isnan(value):
        raise Refused(replace(_NOT_MINUTES, at=name))
    return value


def _whole(region: Region, said: Mapping[str, str]) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """A lead for every place: the one that is said where it is there, else the nearest that may; and whose lead was not."""
    minutes, leads = allowed(region), {lead.key for lead in region.leads}
    today = {key: lead for key, lead in said.items() if lead in leads}
    owing = []
    for j, place in enumerate(region.places):
        if place.key not in today:
            owing.append(place.name)
            today[place.key] = region.leads[int(minutes[:, j].argmin())].key
    return today, tuple(owing)


def _checked(region: Region, lead_of: Mapping[str, str]) -> None:
    leads = {lead.key for lead in region.leads}
    if set(lead_of) != {place.key for place in region.places} or not set(lead_of.values()) <= leads:
        raise Refused(_NOT_A_PLAN)
