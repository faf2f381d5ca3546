"""What is wrong with a region before anything is computed: in words, with the rows it is about."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tiercare.kernel.geo import LngLat, components, distance_km
from tiercare.kernel.text import Text

from .regions import PEOPLE, Region, neighbours

WEST, EAST, SOUTH, NORTH = 73.0, 136.0, 3.0, 54.0  # degrees: the mainland and the seas of China
ONE_SPOT = 0.03  # km: nearer than this two leads stand on the same ground
SHOWN = 5  # names in a sentence


@dataclass(frozen=True, slots=True)
class Fault:
    """Something to mend. ``code`` names it for machines, ``text`` says it, ``keys`` are the places and leads it is about."""

    code: str
    text: Text
    keys: tuple[str, ...] = ()


def faults(region: Region, *, islands: frozenset[str] = frozenset()) -> list[Fault]:
    """Everything wrong with a region; empty when it can be divided.

    Args:
        islands: places that are known to touch no other, or only others of these: allowed because somebody declared them. They still need
            a way (a ferry) to be in a grid with others.
    """
    found = [*_keys(region), *_positions(region), *_people(region)]
    if found:
        return found
    return [*_minutes(region), *_leads(region), *_fixed(region), *_room(region), *_islands(region, islands)]


def _named(region: Region, keys: Sequence[str]) -> str:
    names = {lead.key: lead.name for lead in region.leads} | {
        place.key: place.name for place in region.places
    }
    shown = "、".join(f"{names.get(key, '')}（{key}）" for key in keys[:SHOWN])
    return shown + ("…" if len(keys) > SHOWN else "")


def _fault(region: Region, code: str, zh: str, en: str, keys: Sequence[str]) -> Fault:
    fields = {"names": _named(region, keys), "count": len(keys)}
    return Fault(code, Text(zh.format(**fields), en.format(**fields)), tuple(keys))


def _keys(region: Region) -> Iterator[Fault]:
    if not region.places or not region.leads:
        zh, en = "没有可划分的地方或没有牵头医院。", "There are no places to divide, or no leads."
        yield Fault("planning.empty", Text(zh, en))
    counts = Counter([each.key for each in region.places]) + Counter([each.key for each in region.leads])
    twice = [key for key, count in counts.items() if count > 1]
    if twice:
        yield _fault(
            region,
            "planning.twice",
            "{names}出现了不止一次：每行要有自己的编码。",
            "{names} occur more than once: every row needs a key of its own.",
            twice,
        )
    known = {each.key for each in region.places}
    homeless = [lead.key for lead in region.leads if lead.place not in known]
    if homeless:
        yield _fault(
            region,
            "planning.seat",
            "牵头医院{names}所在的地方不在名单里。",
            "The leads {names} stand in a place that is not listed.",
            homeless,
        )
    strange = sorted({key for pair in region.beside for key in pair} - known)
    if strange:
        yield _fault(
            region,
            "planning.beside",
            "相邻关系里有名单以外的地方：{names}。",
            "Neighbours name places that are not listed: {names}.",
            strange,
        )


def in_china(at: LngLat) -> bool:
    """Whether a longitude and latitude lie in the mainland or the seas of China, by its bounding box."""
    return WEST <= at[0] <= EAST and SOUTH <= at[1] <= NORTH


def _positions(region: Region) -> Iterator[Fault]:
    every = [(place.key, place.at) for place in region.places] + [
        (lead.key, lead.at) for lead in region.leads
    ]
    outside = [(key, at) for key, at in every if not in_china(at)]
    swapped = [key for key, at in outside if in_china((at[1], at[0]))]
    lost = [key for key, _ in outside if key not in set(swapped)]
    if swapped:
        yield _fault(
            region,
            "planning.swapped",
            "{names}的经度和纬度像是写反了：先写经度（73–136），再写纬度（3–54）。",
            "Longitude and latitude of {names} seem swapped: longitude (73–136) comes first, then latitude (3–54).",
            swapped,
        )
    if lost:
        yield _fault(
            region,
            "planning.outside",
            "{names}的坐标不在中国范围内，请核对。",
            "The coordinates of {names} lie outside China; please check.",
            lost,
        )


def _people(region: Region) -> Iterator[Fault]:
    wrong = [each.key for each in region.places if not math.isfinite(each.people) or each.people < 0]
    if wrong:
        yield _fault(
            region,
            "planning.people",
            "{names}的人口不是数或小于零。",
            "The people of {names} are no number, or below zero.",
            wrong,
        )
    nobody = [each.key for each in region.places if each.people == 0]
    if nobody:
        yield _fault(
            region,
            "planning.nobody",
            "{names}没有人口：请补上人口，或从名单里去掉。",
            "{names} have no people: give their number, or leave them out.",
            nobody,
        )
    short = [
        each.key for each in region.places if any(not math.isfinite(n) or n < 0 for n in each.need.values())
    ]
    if short:
        yield _fault(
            region,
            "planning.need",
            "{names}的需求量不是数或小于零。",
            "The needs of {names} are no numbers, or below zero.",
            short,
        )


def _minutes(region: Region) -> Iterator[Fault]:
    shape = (len(region.leads), len(region.places))
    if region.minutes.shape != shape:
        zh = f"时间表应有 {shape[0]} 行 {shape[1]} 列，实有 {region.minutes.shape}。"
        en = f"The table of minutes should have {shape[0]} rows and {shape[1]} columns, it has {region.minutes.shape}."
        yield Fault("planning.shape", Text(zh, en))
        return
    holes = ~np.isfinite(region.minutes) | (region.minutes < 0)
    empty = [place.key for j, place in enumerate(region.places) if holes[:, j].any()]
    if empty:
        yield _fault(
            region,
            "planning.holes",
            "时间表里到{names}的时间有缺或小于零：每一对都要有分钟数。",
            "Minutes to {names} are missing or below zero: every pair needs a number.",
            empty,
        )


def _leads(region: Region) -> Iterator[Fault]:
    by_place: dict[str, list[str]] = defaultdict(list)
    for lead in region.leads:
        by_place[lead.place].append(lead.key)
    for keys in by_place.values():
        if len(keys) > 1:
            yield _fault(
                region,
                "planning.one_place",
                "牵头医院{names}在同一个地方：一处只能有一个网格的牵头医院，请细分到村或社区，或合并。",
                "The leads {names} stand in one place, and a place is in one grid only: divide finer, or merge them.",
                keys,
            )
    leads = list(region.leads)
    for i, one in enumerate(leads):
        for other in leads[i + 1 :]:
            if one.place != other.place and distance_km(one.at, other.at) < ONE_SPOT:
                yield _fault(
                    region,
                    "planning.one_spot",
                    "牵头医院{names}的坐标几乎重合，请核对。",
                    "The leads {names} stand on almost the same spot; please check.",
                    [one.key, other.key],
                )
    if not any(lead.share > 0 for lead in leads) or any(lead.share < 0 for lead in leads):
        yield _fault(
            region,
            "planning.share",
            "牵头医院{names}的份额（床位）要大于零。",
            "The shares (beds) of {names} must be above zero.",
            [lead.key for lead in leads if lead.share <= 0],
        )


def _fixed(region: Region) -> Iterator[Fault]:
    leads, areas = (
        {lead.key: lead for lead in region.leads},
        {place.key: place.area for place in region.places},
    )
    seats = {lead.place: lead.key for lead in region.leads}
    for place, key in sorted(region.fixed.items()):
        if place not in areas or key not in leads:
            yield _fault(
                region,
                "planning.fixed_unknown",
                "固定关系里有名单以外的：{names}。",
                "A fixed pair names what is not listed: {names}.",
                [place, key],
            )
            continue
        contradicts = (
            (place, key) in region.never
            or (bool(leads[key].areas) and areas[place] not in leads[key].areas)
            or seats.get(place, key) != key
        )
        if contradicts:
            yield _fault(
                region,
                "planning.fixed",
                "固定关系{names}与别的规定矛盾（不许配对、服务范围，或那里有别的牵头医院）。",
                "The fixed pair {names} contradicts another rule (a forbidden pair, the area served, or another lead's seat).",
                [place, key],
            )


def _room(region: Region) -> Iterator[Fault]:
    for service in region.services:
        rooms = [lead.room.get(service, math.inf) for lead in region.leads]
        wanted = sum(p.people if service == PEOPLE else p.need.get(service, 0.0) for p in region.places)
        if sum(rooms) < wanted:
            what = region.named(service)
            zh = f"{what.zh}：全区域需要 {wanted:,.0f}，所有牵头医院合起来只有 {sum(rooms):,.0f}，差 {wanted - sum(rooms):,.0f}。"
            en = f"{what.en}: the region needs {wanted:,.0f}, all leads together have {sum(rooms):,.0f}; {wanted - sum(rooms):,.0f} are lacking."
            yield Fault("planning.capacity", Text(zh, en), tuple(lead.key for lead in region.leads))


def _islands(region: Region, islands: frozenset[str]) -> Iterator[Fault]:
    beside = neighbours(region)
    parts = components(list(beside), region.beside)
    seats = {lead.place for lead in region.leads}
    for part in parts:
        if part & seats:
            continue
        undeclared = sorted(part - islands)
        zh, en = (
            "{names}与任何有牵头医院的地方都不相连：请登记轮渡或桥梁（相邻关系）。",
            "{names} are connected to no place with a lead: record the ferry or bridge as neighbours.",
        )
        if undeclared:
            zh, en = zh + "确是孤岛的，请先声明。", en + " If they are islands, declare them."
        yield _fault(region, "planning.apart" if undeclared else "planning.island", zh, en, sorted(part))
