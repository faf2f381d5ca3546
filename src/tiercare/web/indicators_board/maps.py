"""The counties of a region, coloured by an indicator in steps of its own values; each county opens its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from tiercare.apps.evaluation.queries.boarding import Seen
from tiercare.apps.evaluation.queries.values import Number
from tiercare.apps.terms import queries as terms
from tiercare.engines.measures.indicators import Direction
from tiercare.web.frame import Frame
from tiercare.web.outlines import Projection, rings
from tiercare.web.pages import said

from .addresses import address
from .figures import counts, figure
from .hiding import few

WIDTH, HEIGHT, STEPS = 520.0, 420.0, 5
_LETTER, _LINE = 13.0, 15.0  # of the names on the map


def draw(
    seen: Seen, names: Mapping[tuple[str, str], str], frame: Frame, *, on: date, least: int = 0
) -> dict[str, Any] | None:
    """The map and the table beside it; without outlines only the table; ``None`` without a value. ``least``: a county of
    fewer stays uncoloured."""
    if seen.map is None or not seen.map[1]:
        return None
    indicator, numbers = seen.map
    shown = {key: each for key, each in numbers.items() if not (least and few(each, indicator, least))}
    ordered = sorted(
        (each for each in shown.values() if each.value is not None),
        key=lambda each: Fraction(each.value or 0),
        reverse=indicator.direction is not Direction.DOWN,
    )
    steps = _steps([Fraction(each.value or 0) for each in ordered])
    counties = [
        {
            "key": each.key,
            "name": names.get(("division", each.key), each.key),
            "value": figure(each.value, indicator),
            "counts": counts(each, indicator),
            "step": steps[Fraction(each.value or 0)],
            "href": address(frame, indicator.id, each),
        }
        for each in ordered
    ]
    return {
        "indicator": said(indicator.name),
        "id": indicator.id,
        "choices": [(each.id, said(each.name), each.id == indicator.id) for each in seen.maps],
        "down": indicator.direction is Direction.DOWN,
        "counties": counties,
        "drawn": _drawn(counties, on),
        "legend": _legend(ordered, steps, lambda value: figure(value, indicator)),
    }


def _steps(values: Sequence[Fraction]) -> dict[Fraction, int]:
    """From 1 (lowest) to ``STEPS`` by order, as many counties in each: one far off does not make all others alike."""
    distinct = sorted(set(values))
    if len(distinct) == 1:
        return {distinct[0]: (STEPS + 1) // 2}
    return {each: 1 + at * (STEPS - 1) // (len(distinct) - 1) for at, each in enumerate(distinct)}


def _legend(ordered: Sequence[Number], steps: Mapping[Fraction, int], shown: Any) -> list[tuple[int, str]]:
    legend = []
    for step in range(1, STEPS + 1):
        inside = [value for each in ordered if steps[value := Fraction(each.value or 0)] == step]
        if inside:
            low, high = shown(min(inside)), shown(max(inside))
            legend.append((step, low if low == high else f"{low} – {high}"))
    return legend


def _drawn(counties: Sequence[Mapping[str, Any]], on: date) -> dict[str, Any] | None:
    found = terms.outlines([each["key"] for each in counties], on=on)
    corners = [point for row in found.values() for ring in rings([row.ring]) for point in ring]
    projection = Projection.around(corners, width=WIDTH, height=HEIGHT)
    if projection is None:
        return None
    shapes = [
        {
            **each,
            "path": projection.path([found[each["key"]].ring]),
            **_middle(found[each["key"]].ring, projection),
        }
        for each in counties
        if each["key"] in found
    ]
    return {
        "width": f"{projection.width:.0f}",
        "height": f"{projection.height:.0f}",
        "shapes": _spaced(shapes, projection.width),
    }


def _middle(outline: Mapping[str, Any], projection: Projection) -> dict[str, float]:
    """The centre of the longest ring."""
    ring = max(rings([outline]), key=len)
    twice, x, y = 0.0, 0.0, 0.0
    for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = x0 * y1 - x1 * y0
        twice, x, y = twice + cross, x + (x0 + x1) * cross, y + (y0 + y1) * cross
    lng, lat = (x / (3 * twice), y / (3 * twice)) if twice else ring[0]
    at = projection.place(lng, lat)
    return {"at_x": at[0], "at_y": at[1]}


def _spaced(shapes: Sequence[Mapping[str, Any]], width: float) -> list[dict[str, Any]]:
    """Names moved up or down until none lies over another, short ones first; one without room is left to the table."""
    taken: list[tuple[float, float, float]] = []
    named = {}
    for shape in sorted(shapes, key=lambda each: len(each["name"])):
        half = (len(shape["name"]) * _LETTER + 4) / 2
        x = min(max(shape["at_x"], half), max(width - half, half))
        for shift in (0.0, -_LINE, _LINE, -2 * _LINE, 2 * _LINE):
            y = shape["at_y"] + shift
            if all(
                abs(x - other) >= half + its_half or abs(y - its_y) >= _LINE
                for other, its_y, its_half in taken
            ):
                taken.append((x, y, half))
                named[shape["key"]] = {"x": f"{x:.1f}", "y": f"{y:.1f}", "named": True}
                break
    return [{**shape, **named.get(shape["key"], {"x": "0", "y": "0", "named": False})} for shape in shapes]
