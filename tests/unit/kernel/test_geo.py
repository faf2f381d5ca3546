"""Geography: points inside, cells that tile, neighbours that are neighbours both ways."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point, Polygon, box, mapping
from shapely.geometry.base import BaseGeometry

from tiercare.kernel import geo
from tiercare.kernel.geo import Terrain

WUHU, HEFEI = (118.38, 31.33), (117.28, 31.86)
SQUARE = box(118.0, 31.0, 119.0, 32.0)


@st.composite
def outlines(draw: st.DrawFn) -> BaseGeometry:
    """Star-shaped areas, so also bent ones, of the size of a county."""
    radii = draw(st.lists(st.floats(0.05, 0.5), min_size=5, max_size=14))
    angles = [2 * math.pi * i / len(radii) for i in range(len(radii))]
    corners = [(118 + r * math.cos(a), 31 + r * math.sin(a)) for r, a in zip(radii, angles, strict=True)]
    return Polygon(corners)


keys = st.sets(st.text("0123456789", min_size=1, max_size=9), min_size=1, max_size=14)


def test_distance_of_two_cities() -> None:
    """芜湖 to 合肥 is 120 km as the crow flies; and nowhere is far from itself."""
    assert geo.distance_km(WUHU, HEFEI) == pytest.approx(119.6, abs=0.5)
    assert geo.distance_km(WUHU, WUHU) == 0


def test_a_degree_of_the_meridian() -> None:
    """One degree of latitude is a 360th of the circumference."""
    expected = 2 * math.pi * geo.EARTH_RADIUS_KM / 360
    assert geo.distance_km((100.0, 25.0), (100.0, 26.0)) == pytest.approx(expected, rel=1e-9)


@given(
    st.tuples(st.floats(-180, 180), st.floats(-90, 90)), st.tuples(st.floats(-180, 180), st.floats(-90, 90))
)
def test_distance_is_symmetric_and_bounded(a: geo.LngLat, b: geo.LngLat) -> None:
    """The way back is as long as the way there, and nothing is farther than half round the earth."""
    assert geo.distance_km(a, b) == pytest.approx(geo.distance_km(b, a), abs=1e-9)
    assert geo.distance_km(a, b) <= math.pi * geo.EARTH_RADIUS_KM + 1e-6


def test_travel_is_slower_in_the_mountains_and_in_town() -> None:
    """30 km of plain take less than the same of hills, and those less than mountains; a town is slow too."""
    minutes = {terrain: geo.travel_minutes(30, terrain) for terrain in Terrain}
    assert minutes[Terrain.PLAIN] < minutes[Terrain.HILL] < minutes[Terrain.MOUNTAIN]
    assert minutes[Terrain.PLAIN] == pytest.approx(52.0)
    assert minutes[Terrain.URBAN] > minutes[Terrain.PLAIN]
    assert geo.travel_minutes(0, Terrain.HILL) == 0


@pytest.mark.parametrize("km", [-0.1, math.nan])
def test_no_negative_distance(km: float) -> None:
    """A distance that is none is refused."""
    with pytest.raises(ValueError, match="must not be negative"):
        geo.travel_minutes(km, Terrain.PLAIN)


@settings(max_examples=40, deadline=None)
@given(outlines(), keys)
def test_points_cells_and_neighbours(outline: BaseGeometry, names: set[str]) -> None:
    """Points lie inside, cells tile the outline, and their neighbourhood hangs together."""
    points = geo.seed_points(outline, names)
    assert set(points) == names
    assert all(outline.contains(Point(point)) for point in points.values())
    cells = geo.voronoi_cells(outline, points)
    assert sum(cell.area for cell in cells.values()) == pytest.approx(outline.area, rel=1e-6)
    assert all(cells[name].covers(Point(points[name])) for name in names)
    for a in names:
        for b in names - {a}:
            assert cells[a].intersection(cells[b]).area < 1e-9 * outline.area
    pairs = geo.adjacency(cells)
    assert all(a < b for a, b in pairs)
    assert len(geo.components(names, pairs)) == 1


@settings(max_examples=20, deadline=None)
@given(outlines(), keys)
def test_adjacency_does_not_depend_on_the_order(outline: BaseGeometry, names: set[str]) -> None:
    """Who is whose neighbour is the same whichever is asked first."""
    cells = geo.voronoi_cells(outline, geo.seed_points(outline, names))
    assert geo.adjacency(cells) == geo.adjacency(dict(reversed(cells.items())))


@settings(max_examples=20, deadline=None)
@given(outlines(), keys)
def test_same_keys_same_points(outline: BaseGeometry, names: set[str]) -> None:
    """The order of the keys does not matter, and a second call gives the same."""
    assert geo.seed_points(outline, sorted(names)) == geo.seed_points(outline, sorted(names, reverse=True))


def test_other_keys_other_points() -> None:
    """Two counties of one shape do not get the same picture."""
    first, second = geo.seed_points(SQUARE, ["a", "b"]), geo.seed_points(SQUARE, ["c", "d"])
    assert set(first.values()) != set(second.values())


def test_points_are_spread() -> None:
    """Nine points in a square keep their distance: no two nearer than half of an even grid's step."""
    points = list(geo.seed_points(SQUARE, [str(i) for i in range(9)]).values())
    nearest = min(math.dist(a, b) for i, a in enumerate(points) for b in points[:i])
    assert nearest > 1 / 6


def test_points_of_an_outline_in_parts_lie_in_the_largest() -> None:
    """An exclave gets no point of its own, yet belongs to somebody's cell."""
    exclave = box(119.5, 31.0, 119.6, 31.1)
    outline = MultiPolygon([exclave, SQUARE])
    points = geo.seed_points(outline, "abc")
    assert all(SQUARE.contains(Point(point)) for point in points.values())
    cells = geo.voronoi_cells(outline, points)
    assert sum(cell.intersection(exclave).area for cell in cells.values()) == pytest.approx(exclave.area)


def test_a_corner_is_no_border() -> None:
    """Squares that touch along a side are neighbours, those that meet in a corner are not."""
    cells = {f"{x}{y}": box(x, y, x + 1, y + 1) for x in range(2) for y in range(2)}
    assert geo.adjacency(cells) == {("00", "01"), ("00", "10"), ("01", "11"), ("10", "11")}


def test_components_tell_apart_what_does_not_touch() -> None:
    """Two groups, the larger first."""
    assert geo.components("abcde", [("a", "b"), ("b", "c"), ("d", "e")]) == [{"a", "b", "c"}, {"d", "e"}]


@pytest.mark.parametrize(
    ("outline", "fault"),
    [
        (Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), "crosses itself"),
        (Point(0, 0), "must be an area"),
        (Polygon(), "must be an area"),
        (box(500_000, 3_400_000, 501_000, 3_401_000), "not degrees"),
    ],
)
def test_faulty_outlines_are_named(outline: BaseGeometry, fault: str) -> None:
    """A bow tie, a point, nothing, and metres instead of degrees."""
    assert fault in (geo.outline_fault(outline) or "")
    with pytest.raises(ValueError, match=fault):
        geo.seed_points(outline, ["a"])


@pytest.mark.parametrize(
    "geojson",
    [{"type": "Point", "coordinates": [1, 2]}, {"type": "Polygon", "coordinates": [[[1, 2], [3, 4]]]}, {}],
)
def test_geojson_that_is_no_area(geojson: dict[str, object]) -> None:
    """Anything else is refused with a ValueError, never with a library's own error."""
    with pytest.raises(ValueError, match=r"outline|area"):
        geo.outline_from(geojson)


def test_geojson_there_and_back() -> None:
    """An outline survives being written."""
    assert geo.outline_from(mapping(SQUARE)).equals(SQUARE)


def test_impossible_requests() -> None:
    """The same point twice, the same key twice, no point at all, more points than there is room for."""
    with pytest.raises(ValueError, match="same point"):
        geo.voronoi_cells(SQUARE, {"a": WUHU, "b": WUHU})
    with pytest.raises(ValueError, match="at least one"):
        geo.voronoi_cells(SQUARE, {})
    with pytest.raises(ValueError, match="once only"):
        geo.seed_points(SQUARE, ["a", "a"])
    with pytest.raises(ValueError, match="no room"):
        geo.seed_points(box(118.0, 31.0, 118.00003, 31.00003), [str(i) for i in range(40)])
