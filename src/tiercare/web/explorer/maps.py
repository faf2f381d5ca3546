"""The map of an area: outlines of its parts, institutions as signs whose shape tells what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext, gettext_noop

from tiercare.apps.network.queries.listing import Located
from tiercare.apps.network.rules import Category
from tiercare.apps.terms import queries as terms
from tiercare.web.outlines import Position, Projection, rings

from .tree import Node, Place

WIDTH, HEIGHT = 600.0, 520.0
SIGN = 12.0
_LETTER, _LINE = 13.0, 15.0  # of the names on the map

# Sign -> what it stands for. Shapes, since some readers see no colours.
SIGNS: Mapping[str, str] = {
    "square": gettext_noop("综合医院"),
    "diamond": gettext_noop("中医（民族医）医院"),
    "triangle": gettext_noop("专科、妇幼、康复、护理"),
    "cross": gettext_noop("专业公共卫生"),
    "circle": gettext_noop("乡镇卫生院、社区中心"),
    "dot": gettext_noop("站、室、诊所"),
}
_SIGN_OF = {
    Category.GENERAL: "square",
    Category.TCM: "diamond",
    Category.PUBLIC_HEALTH: "cross",
    Category.TOWNSHIP_CENTRE: "circle",
    Category.COMMUNITY_CENTRE: "circle",
    Category.COMMUNITY_STATION: "dot",
    Category.VILLAGE_CLINIC: "dot",
    Category.CLINIC: "dot",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """A part with its outline; ``x`` and ``y`` are where its name stands, if there is room for it."""

    node: Node
    path: str
    x: float
    y: float
    named: bool = True


@dataclass(frozen=True, slots=True)
class Sign:
    """An institution's sign, by its upper left corner; ``illustrative`` where the place is only drawn to be
    looked at."""

    id: UUID
    name: str
    sign: str
    x: float
    y: float
    illustrative: bool


@dataclass(frozen=True, slots=True)
class Map:
    """What the template draws. ``ground`` is the area's own outline where its parts have none; ``bare`` are
    the parts without an outline."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    ground: str
    signs: tuple[Sign, ...]
    legend: tuple[tuple[str, str], ...]
    bare: tuple[Node, ...]

    @property
    def illustrative(self) -> bool:
        """True where some place is illustrative."""
        return any(sign.illustrative for sign in self.signs)


def sign_of(category: Category) -> str:
    """The shape that stands for a kind of institution."""
    return _SIGN_OF.get(category, "triangle")


def draw(place: Place, located: Sequence[Located], *, on: date) -> Map:
    """The map of a place; without any outline it holds only the parts, to be shown as tiles. One query."""
    drawn_by = place.counties or {node.code: (node.code,) for node in place.parts}
    own = place.county or (place.code if len(place.code) == 6 else "")
    wanted = {code for codes in drawn_by.values() for code in codes if len(code) == 6} | (
        {own} if own else set()
    )
    rows = terms.outlines(wanted, on=on) if wanted else {}
    outlines = {part: [rows[code].ring for code in codes if code in rows] for part, codes in drawn_by.items()}
    ground = [rows[own].ring] if own in rows else []
    corners = [point for rings_ in (*outlines.values(), ground) for ring in rings(rings_) for point in ring]
    projection = Projection.around(corners, width=WIDTH, height=HEIGHT)
    if projection is None:
        return Map(0, 0, (), "", (), (), place.parts)
    shapes = tuple(
        _shape(node, outlines[node.code], projection) for node in place.parts if outlines.get(node.code)
    )
    signs = tuple(_sign(each, projection) for each in located)
    used = {sign.sign for sign in signs}
    return Map(
        width=projection.width,
        height=projection.height,
        shapes=_spaced(shapes, projection.width),
        ground=projection.path(ground),
        signs=tuple(sign for sign in signs if _within(sign, projection)),
        legend=tuple((sign, gettext(word)) for sign, word in SIGNS.items() if sign in used),
        bare=tuple(node for node in place.parts if not outlines.get(node.code)),
    )


def _shape(node: Node, outlines: Sequence[Mapping[str, Any]], projection: Projection) -> Shape:
    x, y = projection.place(*_middle(outlines))
    return Shape(node, projection.path(outlines), x, y)


def _spaced(shapes: Sequence[Shape], width: float) -> tuple[Shape, ...]:
    """Names moved up or down until none lies over another; one without room is left to the tree."""
    taken: list[tuple[float, float, float]] = []
    placed = []
    for shape in shapes:
        half = (len(shape.node.name) * _LETTER + _LETTER * 2) / 2
        x = min(max(shape.x, half), max(width - half, half))
        free = [
            shape.y + shift
            for shift in (0.0, -_LINE, _LINE, -2 * _LINE, 2 * _LINE)
            if all(
                abs(x - other) >= half + its_half or abs(shape.y + shift - y) >= _LINE
                for other, y, its_half in taken
            )
        ]
        if free:
            taken.append((x, free[0], half))
        placed.append(replace(shape, x=x, y=free[0] if free else shape.y, named=bool(free)))
    return tuple(placed)


def _middle(outlines: Sequence[Mapping[str, Any]]) -> Position:
    """The centre of the longest ring: where the name of an area stands well enough."""
    ring = max(rings(outlines), key=len)
    twice, x, y = 0.0, 0.0, 0.0
    for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = x0 * y1 - x1 * y0
        twice, x, y = twice + cross, x + (x0 + x1) * cross, y + (y0 + y1) * cross
    return (x / (3 * twice), y / (3 * twice)) if twice else ring[0]


def _sign(of: Located, projection: Projection) -> Sign:
    x, y = projection.place(of.lng, of.lat)
    return Sign(of.id, of.name, sign_of(of.category), x - SIGN / 2, y - SIGN / 2, of.illustrative)


def _within(sign: Sign, projection: Projection) -> bool:
    """A place far outside its area (a wrong coordinate) would only smear the picture."""
    return 0 <= sign.x + SIGN / 2 <= projection.width and 0 <= sign.y + SIGN / 2 <= projection.height
