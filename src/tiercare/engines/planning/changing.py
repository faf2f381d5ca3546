"""What if: a region with a lead opened, closed, upgraded, or merged into another; or why that cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tiercare.kernel.text import Text

from .regions import Lead, Region, allowed
from .tasks import Floats


class Unchangeable(ValueError):
    """A change that cannot be; ``reason`` says why, ``keys`` are those it is about."""

    def __init__(self, reason: Text, keys: Sequence[str] = ()) -> None:
        super().__init__(reason.en)
        self.reason, self.keys = reason, tuple(keys)


@dataclass(frozen=True, slots=True)
class Open:
    """A hospital answers for a grid from now on; ``minutes`` from it to each place, in their order."""

    lead: Lead
    minutes: Floats


@dataclass(frozen=True, slots=True)
class Close:
    """A lead answers no more; its places go to others, and as none of them can stay that weighs nothing."""

    lead: str


@dataclass(frozen=True, slots=True)
class Upgrade:
    """A lead has other means from now on. What is ``None`` stays; ``areas`` empty: it may serve every area; services in ``room`` replace
    those of the same name."""

    lead: str
    share: float | None = None
    room: Mapping[str, float] | None = None
    areas: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """A lead becomes part of another, which then has the means and may serve the areas of both; the other's seat stays."""

    lead: str
    into: str


WhatIf = Open | Close | Upgrade | Merge


def changed(region: Region, changes: Sequence[WhatIf]) -> Region:
    """The region with every change in it, one after another.

    Raises:
        Unchangeable: if one of them cannot be: a lead that is not there, the last one closed, an area left to nobody.
    """
    for change in changes:
        if isinstance(change, Open):
            region = _opened(region, change)
        elif isinstance(change, Close):
            region = _without(region, _known(region, change.lead))
        elif isinstance(change, Upgrade):
            region = _upgraded(region, change)
        else:
            region = _merged(region, change)
    _nobody_left_alone(region)
    return region


def _known(region: Region, key: str) -> Lead:
    found = next((lead for lead in region.leads if lead.key == key), None)
    if found is None:
        raise Unchangeable(Text(f"“{key}”不是这里的牵头医院。", f"“{key}” is no lead here."), [key])
    return found


def _opened(region: Region, change: Open) -> Region:
    new = change.lead
    names = {place.key: place.name for place in region.places}
    if any(lead.key == new.key for lead in region.leads):
        zh, en = f"{new.name}已经是这里的牵头医院。", f"{new.name} is a lead here already."
        raise Unchangeable(Text(zh, en), [new.key])
    if new.place not in names:
        zh = f"{new.name}不在规划的地方之内。"
        raise Unchangeable(Text(zh, f"{new.name} stands in none of the places that are planned."), [new.key])
    seated = next((lead for lead in region.leads if lead.place == new.place), None)
    if seated is not None:
        zh = f"{names[new.place]}已有牵头医院{seated.name}，一处只能有一个：请细分到村或社区，或合并。"
        en = f"{names[new.place]} has the lead {seated.name} already, and a place has one: divide finer, or merge them."
        raise Unchangeable(Text(zh, en), [new.key, seated.key])
    # What was fixed elsewhere in the place of a lead cannot stay: a lead's own place is its own.
    fixed = {place: key for place, key in region.fixed.items() if place != new.place}
    minutes = np.vstack([region.minutes, change.minutes[None, :]])
    return replace(region, leads=[*region.leads, new], minutes=minutes, fixed=fixed)


def _without(region: Region, lead: Lead) -> Region:
    if len(region.leads) == 1:
        zh = f"{lead.name}是唯一的牵头医院，不能关闭。"
        raise Unchangeable(Text(zh, f"{lead.name} is the only lead and cannot close."), [lead.key])
    keep = [i for i, each in enumerate(region.leads) if each.key != lead.key]
    return replace(
        region,
        leads=[region.leads[i] for i in keep],
        minutes=region.minutes[keep],
        today={place: key for place, key in region.today.items() if key != lead.key},
        fixed={place: key for place, key in region.fixed.items() if key != lead.key},
        never=frozenset((place, key) for place, key in region.never if key != lead.key),
    )


def _upgraded(region: Region, change: Upgrade) -> Region:
    before = _known(region, change.lead)
    share = before.share if change.share is None else change.share
    room = dict(before.room) | dict(change.room or {})
    if share < 0 or any(amount < 0 for amount in room.values()):
        zh = f"{before.name}的床位和人力不能小于零。"
        raise Unchangeable(Text(zh, f"The means of {before.name} cannot be below zero."), [before.key])
    areas = before.areas if change.areas is None else change.areas
    return _with(region, replace(before, share=share, room=room, areas=areas))


def _merged(region: Region, change: Merge) -> Region:
    gone, stays = _known(region, change.lead), _known(region, change.into)
    if gone.key == stays.key:
        zh = f"{gone.name}不能与自己合并。"
        raise Unchangeable(Text(zh, f"{gone.name} cannot merge with itself."), [gone.key])
    # A service that one of them does not limit is not limited afterwards.
    room = {name: gone.room[name] + stays.room[name] for name in gone.room if name in stays.room}
    areas = gone.areas | stays.areas if gone.areas and stays.areas else frozenset()
    today = {place: stays.key if key == gone.key else key for place, key in region.today.items()}
    fixed = {place: stays.key if key == gone.key else key for place, key in region.fixed.items()}
    left = replace(_without(region, gone), today=today, fixed=fixed)
    return _with(left, replace(stays, share=gone.share + stays.share, room=room, areas=areas))


def _with(region: Region, lead: Lead) -> Region:
    return replace(region, leads=[lead if each.key == lead.key else each for each in region.leads])


def _nobody_left_alone(region: Region) -> None:
    nearest = allowed(region).min(axis=0)
    alone = [place for j, place in enumerate(region.places) if not np.isfinite(nearest[j])]
    if alone:
        areas = sorted({place.area for place in alone})
        shown = "、".join(place.name for place in alone[:5]) + ("…" if len(alone) > 5 else "")
        zh = f"改动之后没有牵头医院可以服务 {len(alone)} 个地方：{shown}。请让邻近的牵头医院服务这个县区，或保留原来的。"
        en = f"After the change no lead may serve {len(alone)} places: {shown}. Let a lead nearby serve the area, or keep the old one."
        raise Unchangeable(Text(zh, en), areas)
