"""The bundled register as it stands in the data files, before any database."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise

import pytest
from shapely.geometry import Point

from tiercare.apps.terms import bundled
from tiercare.apps.terms.bundled import Entry
from tiercare.kernel import geo
from tiercare.kernel.divisions import DivisionLevel, level_of


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return bundled.entries()


def test_no_entry_outlasts_its_parent(entries: list[Entry]) -> None:
    """Every row lies within the row above it, one level up, and stands after it."""
    seen: dict[object, Entry] = {}
    for entry in entries:
        assert entry.level is level_of(entry.code)
        if entry.parent is None:
            assert entry.level is DivisionLevel.PROVINCE
        else:
            above = seen[entry.parent]
            assert above.period.intersection(entry.period) == entry.period
            levels = list(DivisionLevel)
            assert levels.index(entry.level) == levels.index(above.level) + 1
        seen[entry.id] = entry


def test_townships_and_villages_have_no_gap(entries: list[Entry]) -> None:
    """The rows of one township follow each other from the first day of our records, whatever its county."""
    by_code = defaultdict(list)
    for entry in entries:
        if entry.level in (DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE):
            by_code[entry.code].append(entry.period)
    for periods in by_code.values():
        periods.sort()
        assert periods[0].start == bundled.RECORDS_BEGIN
        assert periods[-1].end is None
        assert all(a.end == b.start for a, b in pairwise(periods))


def test_every_code_of_the_edition_is_there(entries: list[Entry]) -> None:
    """No line of the file is lost when the rows are laid out."""
    assert {entry.code for entry in entries} == bundled.codes()


@pytest.mark.parametrize(
    ("county", "streets", "towns", "townships", "zones", "committees"),
    [
        ("140105", 7, 1, 2, 0, 152),
        ("340202", 10, 0, 0, 0, 67),
        ("340281", 0, 20, 0, 1, 277),
        ("440705", 1, 10, 0, 5, 242),
        ("532302", 0, 11, 3, 0, 168),
        ("140171", 6, 0, 0, 0, 51),
    ],
)
def test_counts_of_some_counties(
    entries: list[Entry], county: str, streets: int, towns: int, townships: int, zones: int, committees: int
) -> None:
    """As counted independently in the edition of 2023: streets, towns, townships, zones, committees."""
    now = [e for e in entries if e.code.startswith(county) and e.period.end is None]
    kinds = Counter(e.kind for e in now if e.level is DivisionLevel.TOWNSHIP)
    assert (kinds["街道"], kinds["镇"], kinds["乡"], kinds["功能区"]) == (streets, towns, townships, zones)
    assert sum(e.level is DivisionLevel.VILLAGE for e in now) == committees


def test_every_point_lies_in_the_outline_of_its_county(entries: list[Entry]) -> None:
    """Counties and townships, in 2019 and today; where no outline is, there is no point either."""
    area_of = {code: border.area for border in bundled.borders() for code in border.codes}
    county_of = {entry.id: entry.code for entry in entries if entry.level is DivisionLevel.COUNTY}
    for entry in entries:
        if entry.level is DivisionLevel.COUNTY:
            assert entry.point and area_of[entry.code].contains(Point(entry.point)), entry
        elif entry.level is DivisionLevel.TOWNSHIP:
            assert entry.parent and entry.point
            assert area_of[county_of[entry.parent]].contains(Point(entry.point)), entry
            assert entry.point_basis == bundled.ILLUSTRATIVE
        else:
            assert entry.point is None
            assert entry.point_basis == ""


def test_townships_of_a_county_hang_together(entries: list[Entry]) -> None:
    """In every county, of 2019 and of today, one can walk from any township to any other."""
    pairs = set(bundled.neighbours())
    below = defaultdict(set)
    for entry in entries:
        if entry.level is DivisionLevel.TOWNSHIP:
            below[entry.parent].add(entry.code)
    assert len(below) == 31 + 6  # counties with townships today, and six retired codes
    assert all(len(geo.components(codes, pairs)) == 1 for codes in below.values())


def test_outlines_can_be_used_and_do_not_overlap() -> None:
    """Every outline is valid, and those of 芜湖 cover the city once."""
    wuhu = [border.area for border in bundled.borders() if border.codes[0].startswith("3402")]
    assert len(wuhu) == 9
    for i, one in enumerate(wuhu):
        assert sum(one.intersection(other).area for other in wuhu[:i]) < 1e-6


def test_estimates_sum_to_the_census() -> None:
    """The counties of 芜湖 and 太原 sum to the city's census, on either day; and each county's townships to it."""
    people = {code: number for code, (number, _) in bundled.populations().items()}
    of_2019 = ["340202", "340203", "340207", "340208", "340221", "340222", "340223", "340225", "340271"]
    of_2023 = ["340202", "340207", "340209", "340210", "340212", "340223", "340271", "340272", "340281"]
    assert sum(people[c] for c in of_2019) == sum(people[c] for c in of_2023) == people["3402"] == 3_644_420
    assert sum(n for c, n in people.items() if c.startswith("1401") and len(c) == 6) == people["1401"]
    assert (
        sum(n for c, n in people.items() if c.startswith("440705") and len(c) == 9)
        == people["440705"]
        == 909_300
    )


def test_a_published_figure_is_not_called_an_estimate() -> None:
    """The census figure stands as published; what is reckoned from it says so."""
    people = bundled.populations()
    assert people["140123"] == (91_200, "2020 年常住：普查公报 9.12 万")
    assert people["340202"][1].startswith("估算，")


def test_the_crosswalk_holds_to_the_plan_of_2019() -> None:
    """The bridge zone's street belongs to 三山区, as the plan of 2019 says; the economic zone stays apart."""
    rows = {row["township"]: row for row in bundled.rows("crosswalk_2019.csv")}
    assert rows["340272004"]["county_2019"] == "340208"
    assert "大桥" in rows["340272004"]["basis"]
    assert rows["340271001"]["county_2019"] == "340271"
    assert rows["340210102"]["county_2019"] == "340221"
    assert rows["340210102"]["code_2018"] == "340221101"


def test_township_successions_begin_with_their_county() -> None:
    """A township's code changed on the day its county's did."""
    changes = {(row["old_code"], row["new_code"]): row["on"] for row in bundled.successions()}
    assert changes["340225100", "340281100"] == "2019-12-01"
    assert changes["532331101", "532302101"] == "2021-01-01"


def test_precision_is_never_better_than_known() -> None:
    """A change that is dated by its month or year stands on the first day of it."""
    for row in bundled.successions():
        day = date.fromisoformat(row["on"])
        assert row["precision"] in ("month", "year")
        assert day.day == 1
        assert row["precision"] == "month" or day.month == 1
