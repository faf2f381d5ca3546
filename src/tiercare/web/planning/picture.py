"""The map of a plan as the template draws it and as the script moves it: cells by grid, lines between grids, seats, names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from tiercare.engines.planning.regions import allowed, neighbours

from .asking import Look
from .figures import Numbered, leads_by_key, people
from .land import Cell, Land

_LETTER, _LINE, _BADGE = (
    11.0,
    12.5,
    18.0,
)  # units of the picture: a character's width, a line's height, a seat's disc


def picture(look: Look, marks: Sequence[Numbered]) -> dict[str, Any] | None:
    """What both maps share, and the cells, lines and changed townships of each; ``None`` where there is no outline to draw."""
    land = look.land
    if land is None:
        return None
    by_lead = leads_by_key(marks)
    changed = [key for key, lead in look.plan.lead_of.items() if look.today[key] != lead]
    return {
        "width": f"{land.projection.width:.0f}",
        "height": f"{land.projection.height:.0f}",
        "paths": [(cell.key, cell.path) for cell in land.cells.values() if cell.path],
        "lines": [(at, edge.path) for at, edge in enumerate(land.edges)],
        "counties": land.counties,
        "seats": _seats(look, land, marks),
        "names": _names(look, land, marks, by_lead),
        "before": _side(look, land, by_lead, look.before.lead_of, ()),
        "after": _side(look, land, by_lead, look.plan.lead_of, changed),
    }


def data(look: Look, marks: Sequence[Numbered]) -> dict[str, Any]:
    """What the script needs to move townships: nothing that the page does not show."""
    by_lead = leads_by_key(marks)
    minutes, beside = allowed(look.region), neighbours(look.region)
    index = {lead.key: i for i, lead in enumerate(look.region.leads)}
    seat_of = {lead.place: lead.key for lead in look.region.leads}
    areas = look.ground.network.areas
    return {
        "leads": [
            {
                "key": each.lead.key,
                "no": each.no,
                "hue": each.hue,
                "hatch": each.hatch,
                "name": each.lead.name,
                "seat": each.lead.place,
            }
            for each in marks
        ],
        "places": {
            place.key: {
                "name": place.name,
                "area": areas[place.area].name if place.area in areas else place.area,
                "people": people(place.people),
                "count": place.people,
                "seat": seat_of.get(place.key, ""),
                "beside": sorted(beside[place.key]),
                # In the order of ``leads``; a dash where the lead may not answer for the place.
                "minutes": [
                    round(float(look.region.minutes[index[each.lead.key], j]))
                    if each.lead.key in index and np.isfinite(minutes[index[each.lead.key], j])
                    else None
                    for each in marks
                ],
            }
            for j, place in enumerate(look.region.places)
        },
        "today": dict(look.today),
        "held": dict(look.plan.lead_of),
        "numbers": {key: mark.no for key, mark in by_lead.items()},
        "words": _words(),
    }


def options(look: Look) -> list[tuple[str, list[tuple[str, str]]]]:
    """Townships by area, for the list to choose from."""
    areas = look.ground.network.areas
    found: dict[str, list[tuple[str, str]]] = {}
    for place in sorted(look.region.places, key=lambda place: (place.area, place.key)):
        name = areas[place.area].name if place.area in areas else place.area
        found.setdefault(name, []).append((place.key, place.name))
    return list(found.items())


def _side(
    look: Look,
    land: Land,
    by_lead: Mapping[str, Numbered],
    lead_of: Mapping[str, str],
    changed: Sequence[str],
) -> dict[str, Any]:
    places = {place.key: place for place in look.region.places}
    return {
        "cells": [
            {
                "key": cell.key,
                "x": f"{cell.x:g}",
                "y": f"{cell.y:g}",
                "point": not cell.path,
                "of": by_lead[lead_of[cell.key]],
                "says": _("{place}，{people} 人，{no} 号网格 {lead}").format(
                    place=places[cell.key].name,
                    people=people(places[cell.key].people),
                    no=by_lead[lead_of[cell.key]].no,
                    lead=by_lead[lead_of[cell.key]].lead.name,
                ),
            }
            for cell in land.cells.values()
        ],
        "edges": [
            {
                "at": at,
                "one": edge.one,
                "other": edge.other,
                "border": lead_of[edge.one] != lead_of[edge.other],
            }
            for at, edge in enumerate(land.edges)
        ],
        "changed": changed,
    }


def _seats(look: Look, land: Land, marks: Sequence[Numbered]) -> list[dict[str, Any]]:
    """Where leads stand: in the middle of their township, so that no two cover each other."""
    return [
        {"of": mark, "x": f"{land.cells[mark.lead.place].x:g}", "y": f"{land.cells[mark.lead.place].y:g}"}
        for mark in marks
        if mark.lead.place in land.cells
    ]


def _names(
    look: Look, land: Land, marks: Sequence[Numbered], by_lead: Mapping[str, Numbered]
) -> list[dict[str, Any]]:
    """Names that have room, those with more people first; the script shows more when the map is drawn larger."""
    seats = {mark.lead.place for mark in marks}
    taken = [_box(land.cells[key], 2.0, _BADGE) for key in seats if key in land.cells]
    found = []
    ordered = sorted(look.region.places, key=lambda place: (place.key not in seats, -place.people, place.key))
    for place in ordered:
        cell = land.cells.get(place.key)
        if cell is None:
            continue
        y = cell.y + (_BADGE if place.key in seats else 4.0)
        half = (len(place.name) + (0 if place.key in seats else 1)) * _LETTER / 2
        box = (cell.x - half, y - _LINE, cell.x + half, y + 2)
        inside = box[0] >= 0 and box[2] <= land.projection.width
        named = inside and not any(_over(box, other) for other in taken)
        if named:
            taken.append(box)
        found.append(
            {
                "key": place.key,
                "name": place.name,
                "x": f"{cell.x:g}",
                "y": f"{y:g}",
                "named": named,
                "seat": place.key in seats,
                "before": by_lead[look.before.lead_of[place.key]].no,
                "after": by_lead[look.plan.lead_of[place.key]].no,
            }
        )
    return found


def _box(cell: Cell, wide: float, high: float) -> tuple[float, float, float, float]:
    return (cell.x - wide / 2, cell.y - high / 2, cell.x + wide / 2, cell.y + high / 2)


def _over(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _words() -> dict[str, str]:
    return {
        "cell": _("{place}，{people} 人，{no} 号网格 {lead}"),
        "minutes": _("{n} 分钟"),
        "not_allowed": _("不在服务范围"),
        "today_map": _("今天的网格"),
        "moved": _("{place}：从 {before} 号改划 {after} 号网格"),
        "seat": _("{lead} 就在这里，这个乡镇要留在它自己的网格里"),
        "lost": _("没有连上平台，改划已记在这一页，费用还没有重算。请检查网络后再试一次。"),
        "weighing": _("正在重算……"),
        "searching": _("正在找更好的方案……"),
        "restored": _("已恢复您上次没有保存的改划。"),
    }


def files(look: Look, marks: Sequence[Numbered]) -> Iterator[dict[str, Any]]:
    """The townships of a plan as GeoJSON features."""
    by_lead, land = leads_by_key(marks), look.land
    areas = look.ground.network.areas
    for place in look.region.places:
        cell = land.cells.get(place.key) if land is not None else None
        lead, today = by_lead[look.plan.lead_of[place.key]], by_lead[look.today[place.key]]
        yield {
            "type": "Feature",
            "id": place.key,
            "geometry": dict(cell.outline)
            if cell is not None
            else {"type": "Point", "coordinates": list(place.at)},
            "properties": {
                "code": place.key,
                "name": place.name,
                "area_code": place.area,
                "area": areas[place.area].name if place.area in areas else place.area,
                "people": round(place.people),
                "grid": lead.no,
                "consortium": lead.consortium,
                "consortium_id": lead.lead.key,
                "lead": lead.lead.name,
                "minutes": round(look.plan.minutes[place.key], 1),
                "grid_today": today.no,
                "lead_today": today.lead.name,
                "changed": lead.lead.key != today.lead.key,
                "illustrative": True,
            },
        }
