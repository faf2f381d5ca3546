"""What lies on the land: a layer as the colour of areas, institutions as signs, and the table beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.network.queries import listing
from tiercare.apps.planning.queries.ground_places import outlines_of
from tiercare.apps.planning.queries.layers import DEMAND, RESOURCES, Item, Layer, Layers, layers_of
from tiercare.web.explorer.maps import SIGNS, sign_of
from tiercare.web.outlines import Projection, rings
from tiercare.web.pages import page, said

from .figures import people

STEPS = 5
WIDTH, HEIGHT = 640.0, 560.0


@require_safe
@page(Right.NETWORK_READ)
def layers(request: HttpRequest) -> HttpResponse:
    """``/planning/layers?layer=&item=``: the first layer and its first figure, unless another is asked for."""
    frame = request.frame
    found = layers_of(request.actor, frame.pack.id, on=frame.on)
    chosen = next((each for each in found.layers if each.id == request.GET.get("layer")), None)
    chosen = chosen or (found.layers[0] if found.layers else None)
    if chosen is None:
        return render(request, "planning/layers.html", {"layers": []})
    item = next((each for each in chosen.items if each.id == request.GET.get("item")), chosen.items[0])
    steps = _steps(_coloured(found, chosen, item))
    # Demand stands beside whatever is looked at, and resources beside demand.
    wanted = {DEMAND, chosen.id} | ({RESOURCES} if chosen.id == DEMAND else set())
    beside = [each for each in found.layers if each.id in wanted]
    context = {
        "layers": [{"of": each, "chosen": each is chosen} for each in found.layers],
        "chosen": chosen,
        "item": item,
        "items": [(each, each is item) for each in chosen.items],
        "span": found.span,
        "counts": any(each.indicator for each in chosen.items),
        "columns": _columns(beside),
        "rows": _rows(found, beside, steps, chosen),
        "total": _total(beside),
        "map": _map(request, found, chosen, item, steps),
    }
    return render(request, "planning/layers.html", context)


def _coloured(found: Layers, layer: Layer, item: Item) -> Mapping[str, float]:
    """What an area is coloured by: the figure for so many people, where it is one that people are set beside."""
    figures = layer.figures.get(item.id, {})
    if not item.per:
        return figures
    return {
        area: value / found.people[area] * item.per
        for area, value in figures.items()
        if found.people.get(area)
    }


def _steps(values: Mapping[str, float]) -> Mapping[str, int]:
    """From 1 (lowest) to ``STEPS`` by order: one area far off does not make all others alike."""
    distinct = sorted(set(values.values()))
    if len(distinct) == 1:
        return dict.fromkeys(values, (STEPS + 1) // 2)
    return {
        area: 1 + distinct.index(value) * (STEPS - 1) // (len(distinct) - 1) for area, value in values.items()
    }


def _columns(every: Sequence[Layer]) -> list[dict[str, Any]]:
    return [
        {"of": layer, "items": [_head(item) for item in layer.items], "span": len(layer.items)}
        for layer in every
    ]


def _head(item: Item) -> dict[str, Any]:
    return {"of": item, "per": people(item.per) if item.per else ""}


def _rows(
    found: Layers, beside: Sequence[Layer], steps: Mapping[str, int], chosen: Layer
) -> list[dict[str, Any]]:
    return [
        {
            "code": code,
            "name": area.name,
            "step": steps.get(code),
            "cells": [
                _cell(item, layer.figures[item.id].get(code), found.people.get(code, 0), mine=layer is chosen)
                for layer in beside
                for item in layer.items
            ],
        }
        for code, area in sorted(found.net.areas.items())
    ]


def _cell(item: Item, value: float | None, living: int, *, mine: bool) -> dict[str, Any]:
    rate = ""
    if value is not None and item.per and living:
        rate = rated(value / living * item.per)
    return {"value": shown(item, value), "rate": rate, "mine": mine, "name": said(item.name)}


def _total(beside: Sequence[Layer]) -> list[str]:
    """Sums of what can be added up; shares cannot."""
    return [
        "" if item.part == "value" else shown(item, sum(layer.figures[item.id].values()))
        for layer in beside
        for item in layer.items
    ]


def shown(item: Item, value: float | None) -> str:
    """A figure as it is read: shares in per cent, the rest counted."""
    if value is None:
        return ""
    return f"{100 * value:.1f}%" if item.part == "value" else f"{value:,.0f}"


def _map(
    request: HttpRequest, found: Layers, layer: Layer, item: Item, steps: Mapping[str, int]
) -> dict[str, Any] | None:
    outlines = outlines_of(set(found.net.areas), request.frame.on)
    drawn = {code: shapely.geometry.mapping(outline) for code, outline in outlines.items()}
    corners = [point for ring in rings(drawn.values()) for point in ring]
    projection = Projection.around(corners, width=WIDTH, height=HEIGHT)
    if projection is None:
        return None
    values, figures = _coloured(found, layer, item), layer.figures.get(item.id, {})
    shapes = []
    for code, outline in outlines.items():
        at = outline.centroid if outline.contains(outline.centroid) else shapely.point_on_surface(outline)
        x, y = projection.place(at.x, at.y)
        told = shown(item, figures.get(code)) or "—"
        rate = rated(values[code]) if item.per and code in values else ""
        name = found.net.areas[code].name
        shapes.append(
            {
                "path": projection.path([drawn[code]]),
                "step": steps.get(code),
                "name": name,
                "value": rate or told,
                "x": f"{x:g}",
                "y": f"{y:g}",
            }
        )
    return {
        "width": f"{projection.width:.0f}",
        "height": f"{projection.height:.0f}",
        "shapes": shapes,
        "signs": _signs(request, found, layer, item, projection),
        "legend": _legend(item, values, steps),
    }


def _signs(
    request: HttpRequest, found: Layers, layer: Layer, item: Item, projection: Projection
) -> list[dict[str, Any]]:
    """Institutions of the layer: hospitals for resources, those that an item counts elsewhere."""
    net = found.net
    wanted = {
        each.id
        for each in net.local()
        if (each.category in item.categories)
        or (item.id == "telemedicine" and "telemedicine_node" in each.facilities)
        or (layer.id == RESOURCES and not item.categories and not each.primary)
    }
    if not wanted:
        return []
    _institutions, located = listing.institutions(net.region, listing.Wanted(), on=request.frame.on)
    found_signs = []
    for each in located:
        if str(each.id) in wanted:
            x, y = projection.place(each.lng, each.lat)
            found_signs.append(
                {"sign": sign_of(each.category), "x": f"{x:.1f}", "y": f"{y:.1f}", "name": each.name}
            )
    return found_signs


def _legend(item: Item, values: Mapping[str, float], steps: Mapping[str, int]) -> list[tuple[int, str]]:
    found = []
    for step in range(1, STEPS + 1):
        inside = [values[area] for area, at in steps.items() if at == step]
        if inside:
            low, high = (_short(item, each) for each in (min(inside), max(inside)))
            found.append((step, low if low == high else f"{low} – {high}"))
    return found


def _short(item: Item, value: float) -> str:
    if item.part == "value":
        return f"{100 * value:.1f}%"
    return rated(value) if item.per else f"{value:,.0f}"


def rated(value: float) -> str:
    """A figure for so many people: two decimals below ten, where areas differ in them."""
    return f"{value:,.2f}" if value < 10 else f"{value:,.1f}"


__all__ = ["SIGNS", "layers"]
