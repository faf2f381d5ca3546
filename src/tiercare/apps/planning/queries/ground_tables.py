"""What users bring to a ground by file: minutes of their own, positions, pairs that must or may not be, ways to close gaps.

Every fault is told with the rows it is about, as people count them; nothing is taken over from a file that has one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tiercare.engines.planning.lacking import Way
from tiercare.engines.planning.reading import in_china
from tiercare.engines.planning.regions import Region
from tiercare.engines.planning.tasks import Floats
from tiercare.kernel.text import Text

from . import ground_leads as leading
from .regions import Ground
from .table_rows import Line, number, rows_of

MINUTES = {"from": ("from", "起点", "从"), "to": ("to", "终点", "到"), "minutes": ("minutes", "分钟", "时间")}
POSITIONS = {"code": ("code", "代码", "编码"), "lng": ("lng", "经度"), "lat": ("lat", "纬度")}
PAIRS = {"place": ("place", "地方"), "lead": ("lead", "牵头医院"), "rule": ("rule", "规定")}
LINKS = {"from": ("from", "起点", "从"), "to": ("to", "终点", "到")}
WAYS = {
    "area": ("area", "县区"),
    "standard": ("standard", "标准"),
    "name": ("name", "办法"),
    "gives": ("gives", "每次增加"),
    "price": ("price", "价钱"),
    "most": ("most", "最多几次"),
}
_FIXED, _NEVER = {"fixed", "固定", "必须"}, {"never", "不得", "禁止"}
_OWN = Text("路程用的是上传的时间表。", "Minutes are those of the table that was given.")


def with_minutes(ground: Ground, content: bytes, name: str) -> Ground:
    """The ground with minutes from a table (from, to, minutes): between a place and a lead, either named by code or by its full name, or
    between two places where the lead's own place stands for it. What people travel, from the place to the lead, goes before the way back.

    Raises:
        Refused: for a file that cannot be read, names that are unknown, numbers that are none, pairs given twice otherwise, and holes.
    """
    lines = rows_of(content, name, MINUTES)
    region = ground.region
    given: dict[tuple[str, str], tuple[float, Line]] = {}
    known = _names(region)
    for line in lines.rows:
        ends = [lines.known(line, key, known, "planning.minutes_unknown") for key in ("from", "to")]
        minutes = lines.number(line, "minutes", "planning.minutes_number")
        if None in ends or minutes is None:
            continue
        pair = (str(ends[0]), str(ends[1]))
        before = given.get(pair)
        if before is not None and before[0] != minutes:
            lines.wrong("planning.minutes_twice", line, f"{line.texts['from']} → {line.texts['to']}")
        given[pair] = (minutes, line)
    table, holes, uneven = _filled(region, given)
    for place, lead in holes:
        lines.wrong("planning.minutes_holes", None, f"{place} → {lead}")
    lines.refuse()
    told = [_OWN]
    if uneven:
        shown = "、".join(f"{there.number}/{back.number}" for there, back in uneven[:5])
        fields = {"count": len(uneven), "rows": shown + ("…" if len(uneven) > 5 else "")}
        told.append(Text(_UNEVEN.fill(fields), _UNEVEN.fill(fields, "en")))
    return replace(ground, region=replace(region, minutes=table), told=(*ground.told, *told), estimated=False)


_UNEVEN = Text(
    "{count} 对地方往返时间不同，按去牵头医院的时间计算（第 {rows} 行）。",
    "{count} pairs differ there and back; the way to the lead counts (rows {rows}).",
)


def _names(region: Region) -> Mapping[str, str]:
    """Keys by whatever people may write; a name that two places bear is no name."""
    every = [(place.key, place.name) for place in region.places]
    every += [(lead.key, lead.name) for lead in region.leads]
    once = {name for name, count in Counter(name for _, name in every).items() if count == 1}
    return {name: key for key, name in every if name in once} | {key: key for key, _ in every}


def _filled(
    region: Region, given: Mapping[tuple[str, str], tuple[float, Line]]
) -> tuple[Floats, list[tuple[str, str]], list[tuple[Line, Line]]]:
    """The table, pairs that it lacks by name, and rows that differ there and back. A lead's way to its own place, and to those that it
    may not serve, is kept as estimated."""
    table, holes, uneven = region.minutes.astype(float).copy(), [], []
    for i, lead in enumerate(region.leads):
        for j, place in enumerate(region.places):
            # The lead itself before the place that it stands in.
            there = given.get((place.key, lead.key)) or given.get((place.key, lead.place))
            back = given.get((lead.key, place.key)) or given.get((lead.place, place.key))
            found = there or back
            if found is not None:
                table[i, j] = found[0]
            elif place.key != lead.place and (not lead.areas or place.area in lead.areas):
                holes.append((place.name, lead.name))
            if there is not None and back is not None and there[0] != back[0]:
                uneven.append((there[1], back[1]))
    return table, holes, uneven


def with_positions(ground: Ground, content: bytes, name: str) -> Ground:
    """The ground with positions of places and leads from a table (code, lng, lat), and minutes estimated from them.

    Raises:
        Refused: for a file that cannot be read, unknown codes, and coordinates that are none, are swapped, or lie outside China.
    """
    lines = rows_of(content, name, POSITIONS)
    region, at = ground.region, {}
    known = _names(region)
    for line in lines.rows:
        key = lines.known(line, "code", known, "planning.positions_unknown")
        lng, lat = (number(line.texts[each]) for each in ("lng", "lat"))
        if lng is None or lat is None:
            lines.wrong("planning.positions_number", line, line.texts["code"])
        elif not in_china((lng, lat)):
            swapped = in_china((lat, lng))
            lines.wrong("planning.swapped" if swapped else "planning.outside", line, line.texts["code"])
        elif key is not None:
            at[key] = (lng, lat)
    lines.refuse()
    places = [replace(each, at=at.get(each.key, each.at)) for each in region.places]
    leads = [replace(each, at=at.get(each.key, each.at)) for each in region.leads]
    minutes = leading.minutes_between(ground.network, leads, places)
    return replace(ground, region=replace(region, places=places, leads=leads, minutes=minutes))


def with_pairs(ground: Ground, content: bytes, name: str) -> Ground:
    """The ground with pairs from a table (place, lead, rule): ``fixed`` (固定) or ``never`` (不得).

    Raises:
        Refused: for a file that cannot be read, names that are unknown, and rules that are neither. What contradicts is found by
            ``reading.faults``.
    """
    lines = rows_of(content, name, PAIRS)
    region = ground.region
    places = {
        text: key for text, key in _names(region).items() if key in {each.key for each in region.places}
    }
    leads = {text: key for text, key in _names(region).items() if key in {each.key for each in region.leads}}
    fixed, never = dict(region.fixed), set(region.never)
    for line in lines.rows:
        place = lines.known(line, "place", places, "planning.pairs_unknown")
        lead = lines.known(line, "lead", leads, "planning.pairs_unknown")
        rule = line.texts["rule"].casefold()
        if rule not in _FIXED | _NEVER:
            lines.wrong("planning.pairs_rule", line, line.texts["rule"])
        elif place is not None and lead is not None:
            if rule in _NEVER:
                never.add((place, lead))
            elif fixed.setdefault(place, lead) != lead:
                lines.wrong("planning.pairs_twice", line, line.texts["place"])
    lines.refuse()
    return replace(ground, region=replace(region, fixed=fixed, never=frozenset(never)))


def with_links(ground: Ground, content: bytes, name: str) -> Ground:
    """The ground with neighbours from a table (from, to): places that a ferry, a bridge or a road joins though they share no border.

    Raises:
        Refused: for a file that cannot be read, places that are unknown, and a place joined to itself.
    """
    lines = rows_of(content, name, LINKS)
    region, leads = ground.region, {lead.key for lead in ground.region.leads}
    known = {text: key for text, key in _names(region).items() if key not in leads}
    beside = {(min(pair), max(pair)) for pair in region.beside}
    for line in lines.rows:
        one, other = (lines.known(line, key, known, "planning.links_unknown") for key in ("from", "to"))
        if one is None or other is None:
            continue
        if one == other:
            lines.wrong("planning.links_itself", line, line.texts["from"])
        beside.add((min(one, other), max(one, other)))
    lines.refuse()
    return replace(ground, region=replace(region, beside=beside))


def ways_from(areas: Mapping[str, str], standards: Sequence[str], content: bytes, name: str) -> list[Way]:
    """Ways of the user's own from a table (area, standard, name, gives, price, most); an empty area means every area.

    Args:
        areas: names by code; standards: the ids that a way may be for.

    Raises:
        Refused: for a file that cannot be read, areas or standards that are unknown, and numbers that are none.
    """
    lines = rows_of(content, name, WAYS)
    codes = {text: code for code, its in areas.items() for text in (code, its)}
    found = []
    for line in lines.rows:
        meant = list(areas)
        if line.texts["area"]:
            code = lines.known(line, "area", codes, "planning.ways_unknown")
            meant = [code] if code is not None else []
        standard = lines.known(line, "standard", {each: each for each in standards}, "planning.ways_unknown")
        gives, price, most = (
            lines.number(line, key, "planning.ways_number") for key in ("gives", "price", "most")
        )
        if gives is not None and (not gives or (most is not None and not math.isclose(most, round(most)))):
            lines.wrong("planning.ways_number", line, line.texts["name"])
        if standard is None or gives is None or price is None or most is None:
            continue
        text = Text(line.texts["name"], line.texts["name"])
        found += [
            Way(f"{code}.{line.number}", text, code, standard, gives, price, round(most)) for code in meant
        ]
    lines.refuse()
    return found
