"""The tree of areas: the way down to the chosen one, its neighbours on the same level, and its parts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from tiercare.apps.network.queries.explorer import Counted, Surroundings, surroundings
from tiercare.apps.network.queries.ranges import NATION
from tiercare.apps.network.rules.reach import PROVINCE_NAMES
from tiercare.apps.terms import queries as terms
from tiercare.engines.policy import PackSet
from tiercare.kernel.divisions import DivisionLevel
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web.pages import said

_CODE = re.compile(r"[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}")
_NONE = Counted()
_DEPTHS = {2: 0, 4: 1, 6: 2, 9: 3}
NATION_NAME = Text("全国", "The whole country")


@dataclass(frozen=True, slots=True)
class Node:
    """An area in the tree; ``region`` is the pack that its link opens."""

    code: str
    name: str
    depth: int
    counted: Counted
    grids: tuple[str, ...]
    region: str
    chosen: bool = False
    open: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """The chosen area: the way to it from the nation, the tree, its parts, and what surrounds it.

    ``counties`` are, for a province, the codes of the counties of each prefecture: they draw its outline.
    """

    code: str
    name: str
    trail: tuple[tuple[str, str, str], ...]
    nodes: tuple[Node, ...]
    parts: tuple[Node, ...]
    county: str
    counties: Mapping[str, Sequence[str]]
    around: Surroundings


def chosen_area(asked: str, region: str) -> str:
    """The area asked for, if it lies in the region; the region itself otherwise.

    Raises:
        Refused: for what is no code of an area.
    """
    if not asked:
        return region
    if not _CODE.fullmatch(asked):
        raise Refused(
            Refusal(
                code="web.not_an_area",
                message=Text("“{area}”不是行政区划代码。", "“{area}” is not the code of an area."),
                instead=Text(
                    "请用 2、4、6 或 9 位代码，或从地区树中选择。",
                    "Use a code of 2, 4, 6 or 9 digits, or choose in the tree of areas.",
                ),
                fields={"area": asked[:20]},
                at="area",
                status=400,
            )
        )
    # Townships bear the codes of a later year, whose county may have had other digits then.
    digits = min(len(region), 4) if len(asked) > 6 else len(region)
    return asked if region == NATION or asked[:digits] == region[:digits] else region


def look_around(area: str, packs: PackSet, *, on: date) -> Place:
    """The tree around ``area``, with its counts.

    Raises:
        Refused: if there was no such area on that day.
    """
    ways = {area[:length] for length in (2, 4, 6) if len(area) >= length} | {area}
    known = terms.divisions(ways if area != NATION else list(PROVINCE_NAMES), on=on)
    names = {code: row.name for code, row in known.items()}
    county = ""
    if len(area) > 6:
        row = known.get(area)
        if row is None or row.parent is None:
            raise Refused(_no_such_area(area, on))
        county = row.parent.code
        names[county] = row.parent.name
    way = _way(area, county)
    parted = _parted(area, way)
    levels, counties = _levels(area, way, known, names, on)
    shown = {each for code in parted for each in levels[code]}
    around = surroundings(
        area, whole=[code for code in way[1:] if code not in shown], parted=parted, on=on, county=county
    )
    names = dict(around.planned_names) | names
    _add_unregistered(parted, levels, around.counts)
    if area not in {*names, *PROVINCE_NAMES, NATION} and around.counts.get(area, _NONE) == _NONE:
        raise Refused(_no_such_area(area, on))

    def node(code: str, depth: int) -> Node:
        return Node(
            code,
            _name(code, names),
            depth,
            around.counts.get(code, _NONE),
            around.grids.get(code, ()),
            region_of(packs, code),
            chosen=code == area,
            open=code in way,
        )

    nodes: list[Node] = []

    def unfold(codes: Sequence[str]) -> None:
        for code in codes:
            nodes.append(node(code, _DEPTHS[len(code)]))
            if code in way and code in levels:
                unfold(levels[code])

    unfold([way[1]] if len(way) > 1 else levels[NATION])
    parts = [node(code, 0) for code in levels.get(area, ())]
    trail = tuple((code, _name(code, names), region_of(packs, code)) for code in way)
    return Place(area, _name(area, names), trail, tuple(nodes), tuple(parts), county, counties, around)


def region_of(packs: PackSet, code: str) -> str:
    """The pack whose area holds this one."""
    found = packs.find(code)
    return found.id if found else ""


def _way(area: str, county: str) -> list[str]:
    """From the nation down to the area."""
    if area == NATION:
        return [NATION]
    above = county or area
    ways = [above[:length] for length in (2, 4, 6) if len(above) >= length]
    return [NATION, *ways, *([area] if county else [])]


def _levels(
    area: str, way: Sequence[str], known: Iterable[str], names: dict[str, str], on: date
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Parts by area: all of the chosen one and of the one above it, further up only the way down; names are
    put in. For a province also the counties of each prefecture."""
    if area == NATION:
        return {NATION: sorted(known)}, {}
    levels: dict[str, list[str]] = {}
    counties: dict[str, list[str]] = {}
    for code in _parted(area, way):
        if code == area and len(code) == 2:
            for row in terms.children(code, on=on, level=DivisionLevel.COUNTY):
                assert row.parent is not None, "a county lies in a prefecture"
                names[row.parent.code] = row.parent.name
                counties.setdefault(row.parent.code, []).append(row.code)
            levels[code] = sorted(counties)
        else:
            rows = terms.children(code, on=on)
            names |= {row.code: row.name for row in rows}
            levels[code] = [row.code for row in rows]
    for above, below in pairwise(way[1:]):
        levels.setdefault(above, [below])
    return levels, counties


def _parted(area: str, way: Sequence[str]) -> list[str]:
    """The areas whose parts are shown and counted: the chosen one and the one above it."""
    above = [way[-2]] if len(way) > 2 else []
    return [code for code in (*above, area) if len(code) <= 6]


def _add_unregistered(
    parted: Iterable[str], levels: dict[str, list[str]], counts: Mapping[str, Counted]
) -> None:
    """Areas that hold something but stand in no register of divisions are shown by their code."""
    for code in parted:
        if len(code) < 6:
            length = 2 if code == NATION else len(code) + 2
            within = "" if code == NATION else code
            found = {each for each in counts if len(each) == length and each.startswith(within)}
            levels[code] = sorted({*levels[code], *found})


def _name(code: str, names: Mapping[str, str]) -> str:
    if code == NATION:
        return said(NATION_NAME)
    if code in names:
        return names[code]
    return said(PROVINCE_NAMES[code]) if code in PROVINCE_NAMES else code


def _no_such_area(area: str, on: date) -> Refusal:
    resolution = terms.resolve(area, on=on)
    return Refusal(
        code="web.no_such_area",
        message=Text("{on} 没有代码为 {area} 的地区。", "On {on} there was no area of code {area}."),
        instead=resolution.explained,
        fields={"area": area, "on": on},
        at="area",
        status=404,
    )
