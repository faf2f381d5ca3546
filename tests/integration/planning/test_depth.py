"""Finer divisions, and the user's own tables: villages, minutes, positions, pairs, ways; every fault with its rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from tiercare.apps.planning import queries
from tiercare.engines.planning.judging import Weight, broken
from tiercare.engines.planning.proposing import proposed
from tiercare.engines.planning.reading import faults
from tiercare.engines.planning.regions import Region
from tiercare.engines.sheets import Table, write_xlsx
from tiercare.kernel.geo import components
from tiercare.kernel.refusal import Refused

from .regions import laid_down

ON = date(2019, 7, 1)
VILLAGES = queries.Options(level=queries.Level.VILLAGE)


@pytest.fixture
def ground(wuhu: str) -> queries.Ground:
    return queries.ground_of(wuhu, on=ON)


def small(ground: queries.Ground) -> queries.Ground:
    """One county of the ground: tables of it can be written out."""
    region, area = ground.region, "340222"
    keep = [j for j, place in enumerate(region.places) if place.area == area]
    places = [region.places[j] for j in keep]
    known = {place.key for place in places}
    rows = [i for i, lead in enumerate(region.leads) if lead.place in known]
    beside = {pair for pair in region.beside if known >= set(pair)}
    today = {key: lead for key, lead in region.today.items() if key in known}
    part = Region(places, [region.leads[i] for i in rows], region.minutes[np.ix_(rows, keep)], beside, today)
    return replace(ground, region=part)


def csv(head: str, *rows: str) -> bytes:
    return "\n".join([head, *rows]).encode()


def refusals(act) -> dict[str, str]:
    with pytest.raises(Refused) as caught:
        act()
    assert all(each.sentence("en") and each.way_on() and each.way_on("en") for each in caught.value.refusals)
    return {each.code: each.sentence() for each in caught.value.refusals}


def test_a_city_down_to_its_villages(wuhu: str, ground: queries.Ground) -> None:
    fine = queries.ground_of(wuhu, on=ON, options=VILLAGES)
    region, township = fine.region, fine.township
    assert township is not None and len(region.places) == 950
    assert faults(region) == []
    assert set(township.values()) == {place.key for place in ground.region.places}
    people: dict[str, float] = {}
    for place in region.places:
        people[township[place.key]] = people.get(township[place.key], 0) + place.people
    assert people == pytest.approx({place.key: place.people for place in ground.region.places})
    assert {key: region.today[key] for key in region.today} == {
        place.key: ground.region.today[township[place.key]] for place in region.places
    }
    assert len(components([place.key for place in region.places], region.beside)) == 1
    assert "示意" in fine.told[0].zh
    # Two hospitals of one town both stand in it now, each in a village of its own.
    town = next(place.key for place in ground.region.places if place.name == "湾沚镇")
    assert [township[lead.place] for lead in region.leads].count(town) == 2
    again = queries.ground_of(wuhu, on=ON, options=VILLAGES).region
    assert again.places == region.places and np.array_equal(again.minutes, region.minutes)


def test_grids_on_record_outlive_the_codes_of_their_areas(wuhu: str, ground: queries.Ground) -> None:
    """芜湖县, 繁昌县 and 无为县 became districts and a city in 2019 and 2020, 三山区 and 弋江区 were merged: the registers of the
    demonstration still name them as in 2019."""
    later = queries.ground_of(wuhu, on=date(2024, 7, 1))
    assert faults(later.region) == []
    assert len(later.region.places) >= len(ground.region.places)
    assert {lead.name for lead in later.region.leads} == {lead.name for lead in ground.region.leads}
    assert {key: later.region.today[key] for key in ground.region.today} == dict(ground.region.today)
    fine = queries.ground_of(wuhu, on=date(2024, 7, 1), options=VILLAGES)
    assert faults(fine.region) == []


@pytest.mark.parametrize(("pack", "code"), [("taiyuan", "1401"), ("chuxiong", "5323")])
def test_other_regions_are_whole_too(wuhu: str, pack: str, code: str) -> None:
    """Where registers give no position a hospital stands where its township or county is, and that is said."""
    laid_down(pack)
    on = date(2024, 7, 1)
    found = queries.ground_of(code, on=on)
    answering = {key for grid in found.network.grids.values() for key in grid.responsible}
    assert {lead.key for lead in found.region.leads} == answering, found.left_out
    assert found.left_out == ()
    assert "没有登记位置" in found.told[0].zh
    for options in (queries.Options(), queries.Options(service=queries.Service.TCM), VILLAGES):
        assert faults(queries.ground_of(code, on=on, options=options).region) == []


def test_villages_are_divided_within_the_rules(wuhu: str) -> None:
    fine = queries.ground_of(wuhu, on=ON, options=VILLAGES)
    wishes = queries.wishes_for(wuhu, on=ON)
    plan = proposed(fine.region, wishes, effort=0.1)
    assert plan.gap <= 0.02
    assert {each.kind for each in broken(fine.region, wishes, plan)} <= {Weight.WISH}


def test_minutes_of_the_users_own(ground: queries.Ground) -> None:
    county = small(ground)
    [lead], places = county.region.leads, county.region.places
    rows = [f"{place.key},{lead.name},{10 + j}" for j, place in enumerate(places) if place.key != lead.place]
    found = queries.with_minutes(county, csv("from,to,minutes", *rows), "m.csv")
    asked = [10 + j for j, place in enumerate(places) if place.key != lead.place]
    got = [found.region.minutes[0, j] for j, place in enumerate(places) if place.key != lead.place]
    assert got == asked
    assert not found.estimated and county.estimated
    # The same from a workbook, between places, the lead's own standing for it.
    table = Table(
        "m",
        ["起点", "终点", "分钟"],
        [(int(place.key), lead.place, 10 + j) for j, place in enumerate(places) if place.key != lead.place],
    )
    again = queries.with_minutes(county, write_xlsx([table]), "m.xlsx")
    assert np.array_equal(again.region.minutes, found.region.minutes)
    back = f"{lead.key},{next(place.key for place in places if place.key != lead.place)},99"
    uneven = queries.with_minutes(county, csv("from,to,minutes", *rows, back), "m.csv")
    assert np.array_equal(uneven.region.minutes, found.region.minutes), "the way to the lead counts"
    assert f"第 2/{len(rows) + 2} 行" in uneven.told[-1].zh


def test_what_is_wrong_with_minutes_is_told_with_the_rows(ground: queries.Ground) -> None:
    county = small(ground)
    [lead], first, second = county.region.leads, *(p.key for p in county.region.places[1:3])
    bad = csv(
        "from,to,minutes",
        f"{first},{lead.name},-3",
        f"火星,{lead.name},3",
        f"{second},{lead.name},soon",
        f"{second},{lead.name},5",
        f"{second},{lead.name},6",
    )
    said = refusals(lambda: queries.with_minutes(county, bad, "m.csv"))
    assert said["planning.minutes_number"] == "第 2、4 行：分钟数不是数或小于零：-3、soon。"
    assert said["planning.minutes_unknown"] == "第 3 行：不认识的地方或牵头医院：火星。"
    assert said["planning.minutes_twice"].startswith("第 6 行：同一对写了两次")
    assert "planning.minutes_holes" in said
    lacking = [place.name for place in county.region.places if place.key not in {second, lead.place}]
    assert f"时间表缺 {len(lacking)} 对：{lacking[0]} → 繁昌县人民医院" in said["planning.minutes_holes"]
    assert refusals(lambda: queries.with_minutes(county, b"a,b\n1,2\n", "m.csv"))
    assert refusals(lambda: queries.with_minutes(county, b"\x00\x01", "m.csv"))


def test_positions_of_the_users_own(ground: queries.Ground) -> None:
    county = small(ground)
    [lead], place = (
        county.region.leads,
        next(p for p in county.region.places if p.key != county.region.leads[0].place),
    )
    moved = queries.with_positions(
        county, csv("代码,经度,纬度", f"{place.key},{lead.at[0]},{lead.at[1]}"), "p.csv"
    )
    j = county.region.places.index(place)
    assert moved.region.places[j].at == lead.at
    assert moved.region.minutes[0, j] == 0
    bad = csv(
        "code,lng,lat", f"{place.key},31.2,118.3", f"{place.key},2.3,48.9", "x,118,31", f"{place.key},東,31"
    )
    said = refusals(lambda: queries.with_positions(county, bad, "p.csv"))
    assert said["planning.swapped"].startswith("第 2 行：经度和纬度像是写反了")
    assert said["planning.outside"].startswith("第 3 行")
    assert said["planning.positions_unknown"].startswith("第 4 行")
    assert said["planning.positions_number"].startswith("第 5 行")


def test_pairs_that_must_and_may_not_be(ground: queries.Ground, wuhu: str) -> None:
    free = [place for place in ground.region.places if place.area == "340225"]
    names = {lead.name: lead.key for lead in ground.region.leads}
    one, other = free[3].key, free[4].key
    rows = [f"{one},无为县中医医院,固定", f"{other},无为县中医医院,never"]
    region = queries.with_pairs(ground, csv("place,lead,rule", *rows), "p.csv").region
    assert region.fixed == {one: names["无为县中医医院"]}
    assert region.never == {(other, names["无为县中医医院"])}
    bad = csv(
        "place,lead,rule",
        f"{one},无为县中医医院,maybe",
        f"x,{names['无为县中医医院']},fixed",
        f"{one},无为县中医医院,fixed",
        f"{one},无为县人民医院,fixed",
    )
    said = refusals(lambda: queries.with_pairs(ground, bad, "p.csv"))
    assert {code: text.split("：")[0] for code, text in said.items()} == {
        "planning.pairs_rule": "第 2 行",
        "planning.pairs_unknown": "第 3 行",
        "planning.pairs_twice": "第 5 行",
    }
    # What contradicts another rule is found with everything else that is wrong with a region.
    both = [f"{one},无为县中医医院,fixed", f"{one},无为县中医医院,never"]
    wrong = faults(queries.with_pairs(ground, csv("place,lead,rule", *both), "p.csv").region)
    assert [each.code for each in wrong] == ["planning.fixed"]


def test_a_ferry_joins_what_no_border_does(ground: queries.Ground) -> None:
    county = small(ground)
    lonely = next(place for place in county.region.places if place.key != county.region.leads[0].place)
    cut = {pair for pair in county.region.beside if lonely.key not in pair}
    island = replace(county, region=replace(county.region, beside=cut))
    assert [each.code for each in faults(island.region)] == ["planning.apart"]
    row = f"{lonely.name},{county.region.leads[0].place}"
    assert faults(queries.with_links(island, csv("from,to", row), "l.csv").region) == []
    said = refusals(
        lambda: queries.with_links(
            island, csv("from,to", row, f"{lonely.key},x", f"{lonely.key},{lonely.name}"), "l.csv"
        )
    )
    assert said["planning.links_unknown"].startswith("第 3 行") and said["planning.links_itself"].startswith(
        "第 4 行"
    )


def test_ways_from_a_file(wuhu: str) -> None:
    areas = {"340208": "三山区", "340225": "无为县"}
    rows = ["三山区,beds,改建,50,1.5,3", ",beds,租用,10,9,2"]
    ways = queries.ways_from(areas, ["beds"], csv("area,standard,name,gives,price,most", *rows), "w.csv")
    assert [(way.area, way.gives, way.price, way.most) for way in ways] == [
        ("340208", 50, 1.5, 3),
        ("340208", 10, 9, 2),
        ("340225", 10, 9, 2),
    ]
    found = queries.gaps_of(wuhu, on=ON, ways=ways)
    assert {way.name.zh for row in found.rows for way, _ in row.ways} == {"改建", "租用"}
    bad = csv(
        "area,standard,name,gives,price,most",
        "某县,beds,甲,1,1,1",
        "三山区,cars,乙,1,1,1",
        "三山区,beds,丙,0,1,1",
    )
    said = refusals(lambda: queries.ways_from(areas, ["beds"], bad, "w.csv"))
    assert said["planning.ways_unknown"] == "第 2、3 行：不认识的县区或标准：某县、cars。"
    assert said["planning.ways_number"].startswith("第 4 行")
