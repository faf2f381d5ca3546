"""The register in the database: laid down once, read on any day, codes of any age resolved."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from psycopg.types.range import DateRange
from shapely.geometry import Point

from tiercare.apps.terms import queries
from tiercare.apps.terms.bundled import RECORDS_BEGIN
from tiercare.apps.terms.commands import LaidDown, lay_down_divisions
from tiercare.apps.terms.models import Adjacency, Division, DivisionSuccession, Outline, Specialty
from tiercare.kernel import geo
from tiercare.kernel.actor import Actor
from tiercare.kernel.divisions import DivisionLevel
from tiercare.kernel.ids import stable_id

PLAN_DAY, EDITION_DAY = date(2019, 7, 1), date(2023, 7, 1)
OF_2019 = {
    "340202": "镜湖区",
    "340203": "弋江区",
    "340207": "鸠江区",
    "340208": "三山区",
    "340221": "芜湖县",
    "340222": "繁昌县",
    "340223": "南陵县",
    "340225": "无为县",
    "340271": "芜湖经济技术开发区",
}
OF_2023 = {
    "340202": "镜湖区",
    "340207": "鸠江区",
    "340209": "弋江区",
    "340210": "湾沚区",
    "340212": "繁昌区",
    "340223": "南陵县",
    "340271": "芜湖经济技术开发区",
    "340272": "安徽芜湖三山经济开发区",
    "340281": "无为市",
}

pytestmark = pytest.mark.django_db


def names(rows: list[Division]) -> dict[str, str]:
    return {row.code: row.name for row in rows}


@pytest.mark.parametrize(("on", "expected"), [(PLAN_DAY, OF_2019), (EDITION_DAY, OF_2023)])
def test_counties_of_wuhu(register: LaidDown, on: date, expected: dict[str, str]) -> None:
    """Exactly the areas of the plan of 2019, and exactly those of the edition of 2023."""
    assert names(queries.children("3402", on=on)) == expected


def test_the_days_of_the_changes(register: LaidDown) -> None:
    """无为 turns into a city before the districts are redrawn."""
    between = names(queries.children("3402", on=date(2020, 1, 1)))
    assert between["340281"] == "无为市"
    assert between["340221"] == "芜湖县"
    assert "340225" not in between


def test_lay_down_counts_what_it_adds(register: LaidDown) -> None:
    """The counts are those of the tables."""
    assert register == LaidDown(
        divisions=Division.objects.count(),
        successions=DivisionSuccession.objects.count(),
        outlines=Outline.objects.count(),
        adjacencies=Adjacency.objects.count(),
        specialties=Specialty.objects.count(),
    )
    assert register.divisions > 4900
    assert register.outlines == 159


def test_lay_down_twice_changes_nothing(register: LaidDown) -> None:
    """No row is added, none is altered."""
    before = list(Division.objects.values_list().order_by("id"))
    assert lay_down_divisions(Actor.system()).total == 0
    assert list(Division.objects.values_list().order_by("id")) == before


def test_lay_down_leaves_what_is_there_and_adds_what_is_missing(register: LaidDown) -> None:
    """A name that somebody corrected stays; a village that is gone comes back."""
    Division.objects.filter(code="340202").update(name="镜湖区（更正）")
    Division.objects.filter(code="340202012001").delete()
    again = lay_down_divisions(Actor.system())
    assert (again.divisions, again.total) == (1, 1)
    assert queries.division("340202", on=EDITION_DAY).name == "镜湖区（更正）"
    assert queries.division("340202012001", on=EDITION_DAY) is not None


def test_no_two_rows_of_one_code_on_one_day(register: LaidDown) -> None:
    """The database refuses an overlapping row, by the name of its constraint, and accepts an adjoining one."""
    old = queries.division("340221", on=PLAN_DAY)
    kept = {
        "code": "340221",
        "name": "芜湖县",
        "initials": "whx",
        "level": "COUNTY",
        "kind": "县",
        "parent": old.parent,
    }
    with pytest.raises(IntegrityError, match="division_code_once_a_day"), transaction.atomic():
        Division.objects.create(id=stable_id("test", "1"), period=DateRange(date(2020, 6, 30), None), **kept)
    Division.objects.create(id=stable_id("test", "2"), period=DateRange(date(2020, 7, 1), None), **kept)


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"level": "TOWNSHIP"}, "division_level_fits_code"),
        ({"code": "34022X"}, "division_level_fits_code"),
        ({"parent_id": None}, "division_parent_above"),
        ({"point_lng": None}, "division_point_whole"),
        ({"point_basis": ""}, "division_point_whole"),
        ({"point_lat": 118.0, "point_lng": 531.0}, "division_point_whole"),
        ({"period": DateRange(None, None)}, "division_period_not_empty"),
        ({"period": DateRange(empty=True)}, "division_period_not_empty"),
    ],
)
def test_the_database_refuses_misshapen_rows(
    register: LaidDown, changed: dict[str, object], constraint: str
) -> None:
    """Level against code, parent, place and period."""
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Division.objects.filter(code="340223").update(**changed)


def test_townships_stand_under_the_county_of_the_day(register: LaidDown) -> None:
    """六郎镇 belonged to 芜湖县; the street of the bridge zone to 三山区."""
    assert queries.division("340210102", on=PLAN_DAY).parent.code == "340221"
    assert queries.division("340210102", on=EDITION_DAY).parent.code == "340210"
    sanshan = names(queries.townships_of("340208", on=PLAN_DAY))
    assert sorted(sanshan.values()) == sorted(["三山街道", "保定街道", "龙湖街道", "高安街道", "峨桥镇"])
    assert queries.townships_of("340208", on=EDITION_DAY) == []
    assert (
        len(queries.townships_of("3402", on=PLAN_DAY))
        == len(queries.townships_of("3402", on=EDITION_DAY))
        == 79
    )


def test_villages_follow_their_township(register: LaidDown) -> None:
    """The villages of a city are as many on either day, each under one county."""
    for on, county in ((PLAN_DAY, "340225"), (EDITION_DAY, "340281")):
        assert len(queries.children(county, on=on, level=DivisionLevel.VILLAGE)) == 277
    assert [row.code for row in queries.ancestors("340281100001", on=PLAN_DAY)] == [
        "34",
        "3402",
        "340225",
        "340281100",
    ]
    assert queries.lies_within("340281100001", "340225", on=PLAN_DAY)
    assert not queries.lies_within("340281100001", "340225", on=EDITION_DAY)
    assert not queries.lies_within("340225", "340225", on=EDITION_DAY)


def test_before_our_records_nothing_is_claimed(register: LaidDown) -> None:
    """A day before the register begins has no answer, not a wrong one."""
    early = RECORDS_BEGIN - timedelta(days=1)
    assert queries.division("34", on=early) is None
    assert queries.ancestors("340202", on=early) == []
    answer = queries.resolve("340202", on=early)
    assert answer.codes == ()
    assert str(RECORDS_BEGIN) in answer.explained.zh


@pytest.mark.parametrize(
    ("code", "on", "expected"),
    [
        ("340202", PLAN_DAY, ("340202",)),
        ("340225", EDITION_DAY, ("340281",)),
        ("340281", PLAN_DAY, ("340225",)),
        ("340203", EDITION_DAY, ("340209",)),
        ("340208", EDITION_DAY, ("340209", "340272")),
        ("340209", PLAN_DAY, ("340203", "340208")),
        ("340272", PLAN_DAY, ("340208",)),
        ("340221", EDITION_DAY, ("340210",)),
        ("340222", EDITION_DAY, ("340212",)),
        ("340211", EDITION_DAY, ("340212",)),
        ("340211", PLAN_DAY, ("340222",)),
        ("532331", EDITION_DAY, ("532302",)),
        ("532302", PLAN_DAY, ("532331",)),
        ("340221101", EDITION_DAY, ("340210102",)),
        ("340221101", PLAN_DAY, ("340210102",)),
        ("530422", EDITION_DAY, ("530481",)),
        ("999999", EDITION_DAY, ()),
    ],
)
def test_codes_resolve_forward_and_back(
    register: LaidDown, code: str, on: date, expected: tuple[str, ...]
) -> None:
    """A retired code finds its successors, a new one its predecessors, a valid one itself."""
    assert queries.resolve(code, on=on).codes == expected


def test_a_resolution_explains_itself(register: LaidDown) -> None:
    """Which change, when, by which document, in both languages."""
    answer = queries.resolve("340208", on=EDITION_DAY)
    assert {step.kind for step in answer.steps} == {"merged", "split"}
    for text in (answer.explained.zh, answer.explained.en):
        assert "国函〔2020〕80号" in text
        assert "2020-07-01" in text
    assert queries.resolve("340202", on=PLAN_DAY).explained.zh == "340202 在 2019-07-01 有效。"


@pytest.mark.parametrize("on", [PLAN_DAY, EDITION_DAY])
def test_every_township_point_lies_in_its_county(register: LaidDown, on: date) -> None:
    """For each county with townships: inside its outline, and connected by the stored neighbours."""
    counties = {
        row.parent.code
        for city in ("3402", "1401", "5323", "4407")
        for row in queries.townships_of(city, on=on)
    }
    assert len(counties) == 31
    for code in counties:
        towns = queries.townships_of(code, on=on)
        area = geo.outline_from(queries.outline_of(code, on=on).ring)
        assert all(area.contains(Point(town.point)) for town in towns)
        codes = {town.code for town in towns}
        assert len(geo.components(codes, queries.adjacent_pairs(codes))) == 1


def test_neighbours_of_the_day(register: LaidDown) -> None:
    """南陵县 borders on other codes in 2019 than in 2023; the ground is the same."""
    then = {row.code for row in queries.neighbours("340223", on=PLAN_DAY)}
    now = {row.code for row in queries.neighbours("340223", on=EDITION_DAY)}
    assert then == {"340202", "340203", "340208", "340221", "340222"}
    assert now == {"340202", "340209", "340272", "340210", "340212"}
    assert queries.neighbours("340203", on=EDITION_DAY) == []


def test_counties_of_a_prefecture_hang_together(register: LaidDown) -> None:
    """On either day, and so do all counties of 云南."""
    for area, on in (("3402", PLAN_DAY), ("3402", EDITION_DAY), ("1401", PLAN_DAY), ("5323", EDITION_DAY)):
        codes = {row.code for row in queries.children(area, on=on)}
        assert len(geo.components(codes, queries.adjacent_pairs(codes))) == 1
    yunnan = {row.code for row in queries.children("53", on=EDITION_DAY, level=DivisionLevel.COUNTY)}
    assert len(yunnan) == 129
    assert len(geo.components(yunnan, queries.adjacent_pairs(yunnan))) == 1


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("镜湖", "340202"),
        ("jhq", "340202"),
        ("340202", "340202"),
        (" 芜湖市 ", "3402"),
        ("无为", "340281"),
        ("会城", "440705001"),
    ],
)
def test_search_finds_first_what_was_meant(register: LaidDown, text: str, first: str) -> None:
    """By characters, by pinyin initials, by code."""
    assert queries.search(text, on=EDITION_DAY)[0].code == first


def test_search_forgives_a_wrong_character_and_keeps_to_the_day(register: LaidDown) -> None:
    """瓦矶山 is not 弋矶山; the county of 2019 is not found in 2023; nothing finds nothing."""
    assert "340202017" in {row.code for row in queries.search("瓦矶山街道", on=EDITION_DAY)}
    assert "340221" in {row.code for row in queries.search("芜湖县", on=PLAN_DAY)}
    assert "340221" not in {row.code for row in queries.search("芜湖县", on=EDITION_DAY)}
    assert queries.search("  ", on=EDITION_DAY) == []
    towns = queries.search("340202", on=EDITION_DAY, level=DivisionLevel.TOWNSHIP, limit=3)
    assert [row.level for row in towns] == ["TOWNSHIP"] * 3


def test_a_wrong_question_is_an_error(register: LaidDown) -> None:
    """Children of a higher level, or of a code that is none."""
    with pytest.raises(ValueError, match="does not lie below"):
        queries.children("340202", on=PLAN_DAY, level=DivisionLevel.PREFECTURE)
    with pytest.raises(ValueError, match="not a division code"):
        queries.children("芜湖", on=PLAN_DAY)


def test_township_codes_of_several_counties(register: LaidDown) -> None:
    """By county, with the county of the day; a code that was not in force that day has none."""
    then = queries.township_codes(["340208", "340209"], on=PLAN_DAY)
    assert then["340209"] == []
    assert then["340208"] == [row.code for row in queries.townships_of("340208", on=PLAN_DAY)] != []


def test_specialty_names_of_the_day(register: LaidDown) -> None:
    """One name a code, that of the day."""
    names_now, names_then = (queries.specialty_names(on=on) for on in (PLAN_DAY, date(2015, 1, 1)))
    assert (names_now["24"], names_then["24"]) == ("安宁疗护科", "临终关怀科")
    assert names_now["03.10"] == "老年病专业"


def test_specialties_of_the_day(register: LaidDown) -> None:
    """03.10 is 老年病专业; 24 changed its name in 2017; some stand on a third level; later ones come later."""
    tree = {node.code: node for node in queries.specialty_tree(on=PLAN_DAY)}
    internal = {node.code: node.name for node in tree["03"].children}
    assert internal["03.10"] == "老年病专业"
    assert internal["03.11"] == "其他"
    assert [leaf.code for leaf in tree["04"].children[0].children] == ["04.01.01", "04.01.02", "04.01.03"]
    assert tree["24"].name == "安宁疗护科"
    assert queries.specialty("24", on=date(2015, 1, 1)).name == "临终关怀科"
    assert queries.specialty("28", on=date(2005, 1, 1)) is None
    assert len(tree) == 35
