"""What the packs say of planning, and the opposite where they say something else: weights, gaps, capacities."""

from __future__ import annotations

import math
from datetime import date

import pytest

from tiercare.apps.planning import queries
from tiercare.engines.planning.judging import Weight, broken
from tiercare.engines.planning.lacking import Way
from tiercare.engines.planning.proposing import proposed
from tiercare.engines.planning.regions import described
from tiercare.kernel.refusal import Refused
from tiercare.kernel.text import Text

from .regions import altered, laid_down

ON = date(2019, 7, 1)


def test_the_pack_weighs_and_the_proposal_follows(wuhu: str, monkeypatch: pytest.MonkeyPatch) -> None:
    region = queries.ground_of(wuhu, on=ON).region
    usual = queries.wishes_for(wuhu, on=ON)
    assert usual == queries.wishes_for("wuhu", on=ON)
    moved = proposed(region, usual, effort=0.1).parts.change / usual.change
    altered(monkeypatch, "NHC-06", plan_change_minutes=10_000, plan_uneven_minutes=0, plan_border_minutes=0)
    stay = queries.wishes_for(wuhu, on=ON)
    assert (stay.change, stay.uneven, stay.border) == (10_000, 0, 0)
    # Nobody's lead changes for a shorter way then, only for grids in one piece.
    assert proposed(region, stay, effort=0.1).parts.change / stay.change < moved


def test_where_no_text_is_in_force_nothing_but_the_way_counts(wuhu: str) -> None:
    silent = queries.wishes_for("4407", on=ON)
    assert (silent.uneven, silent.change, silent.border) == (0, 0, 0)
    assert math.isinf(silent.farthest)
    before = queries.wishes_for(wuhu, on=date(2018, 1, 1))
    assert math.isinf(before.farthest)


def test_a_wish_missed_is_no_rule_broken(wuhu: str, monkeypatch: pytest.MonkeyPatch) -> None:
    region = queries.ground_of(wuhu, on=ON).region
    altered(monkeypatch, "NHC-06", plan_lead_minutes=5, plan_beyond_minutes=0)
    wishes = queries.wishes_for(wuhu, on=ON)
    wrong = broken(region, wishes, proposed(region, wishes, effort=0.1))
    assert {each.kind for each in wrong} == {Weight.WISH}


def test_how_far_primary_care_may_be_stands_in_the_pack(wuhu: str, monkeypatch: pytest.MonkeyPatch) -> None:
    near = queries.ground_of(wuhu, on=ON).primary
    assert near is not None and near.limit == 30
    altered(monkeypatch, "NHC-06", plan_primary_minutes=0)
    every = queries.ground_of(wuhu, on=ON).primary
    assert every is not None and every.limit == 0
    assert every.share > near.share
    farthest = [minutes for _, minutes in every.beyond]
    assert farthest == sorted(farthest, reverse=True)


def test_gaps_follow_the_standard_of_the_pack(wuhu: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = queries.gaps_of(wuhu, on=ON)
    assert [row.standard.standard.id for row in found.rows] == ["beds"] * len(found.rows)
    assert all(row.standard.ours for row in found.rows), "no text of 芜湖 sets beds per head"
    sanshan = next(row for row in found.rows if row.area_name == "三山区")
    assert sanshan.wanted == pytest.approx(sanshan.people * 6 / 1000)
    assert sanshan.lacking == pytest.approx(sanshan.wanted - sanshan.has)
    assert sum(way.gives * times for way, times in sanshan.ways) >= sanshan.lacking - sanshan.left
    assert sanshan.price == pytest.approx(sum(way.price * times for way, times in sanshan.ways))
    assert "全科医生" in found.unknown[0][1].zh, "a register without doctors is no gap"
    shares = [row.lacking / row.wanted for row in found.rows]
    assert shares == sorted(shares, reverse=True)
    altered(monkeypatch, "NHC-06", plan_beds_per_1000=0.1)
    assert queries.gaps_of(wuhu, on=ON).rows == ()
    altered(monkeypatch, "NHC-06", plan_beds_per_1000=60)
    assert len(queries.gaps_of(wuhu, on=ON).rows) == found.met + len(found.rows)


def test_gaps_name_the_clauses_of_the_local_text(wuhu: str, monkeypatch: pytest.MonkeyPatch) -> None:
    laid_down("xinhui")
    found = queries.gaps_of("440705", on=ON)
    assert {each.standard.clauses for each in found.standards} >= {("XH-14",), ("XH-116",), ("XH-118",)}
    assert not any(each.ours for each in found.standards)
    rows = {row.standard.standard.id: row for row in found.rows}
    need = rows["general_hospitals"]
    assert need.wanted == math.ceil(need.people / 300_000)
    altered(monkeypatch, "XH-116", per_population=100_000)
    more = {row.standard.standard.id: row for row in queries.gaps_of("440705", on=ON).rows}
    assert more["general_hospitals"].wanted == math.ceil(need.people / 100_000) > need.wanted


def test_ways_of_the_users_own_replace_those_of_the_pack(wuhu: str) -> None:
    free = Way("x", Text("捐赠", "gift"), "340208", "beds", 1_000, 0)
    found = queries.gaps_of(wuhu, on=ON, ways=[free])
    rows = {row.area: row for row in found.rows}
    assert (rows["340208"].ways, rows["340208"].price, rows["340208"].left) == (((free, 1),), 0, 0)
    assert rows["340225"].left == rows["340225"].lacking
    assert not found.ways_ours


def test_beds_limit_a_grid_where_they_can(wuhu: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options = queries.Options(services=True)
    short = queries.ground_of(wuhu, on=ON, options=options)
    assert short.region.services == ["people"], "6 beds per 1,000 cannot be had in 无为, whatever the grids"
    assert "无为县人民医院的医疗机构床位至少差" in short.lacking[0].zh
    altered(monkeypatch, "NHC-06", plan_beds_per_1000=1.5)
    enough = queries.ground_of(wuhu, on=ON, options=options)
    assert enough.region.services == ["people", "beds"]
    plan = proposed(enough.region, queries.wishes_for(wuhu, on=ON), effort=0.2)
    assert [each for each in broken(enough.region, queries.wishes_for(wuhu, on=ON), plan) if each.by] == []
    # A plan that gives everything in a county to its smaller hospital is told so, in the words of the standard.
    small = next(lead for lead in enough.region.leads if lead.name == "无为县中医医院")
    areas = {place.key: place.area for place in enough.region.places}
    crowded = {key: small.key if areas[key] == "340225" else lead for key, lead in plan.lead_of.items()}
    said = broken(enough.region, queries.wishes_for(wuhu, on=ON), _plan(enough, wuhu, crowded))
    assert any("无为县中医医院的医疗机构床位不够" in each.text.zh for each in said)


def _plan(ground: queries.Ground, code: str, lead_of: dict[str, str]):
    return described(ground.region, queries.wishes_for(code, on=ON), lead_of)


def test_private_members_count_where_the_text_has_them(wuhu: str, monkeypatch: pytest.MonkeyPatch) -> None:
    altered(monkeypatch, "NHC-06", plan_beds_per_1000=1)
    options = queries.Options(services=True)
    beds = {
        lead.key: lead.room["beds"] for lead in queries.ground_of(wuhu, on=ON, options=options).region.leads
    }
    altered(monkeypatch, "NHC-04", ownership="public")
    public = {
        lead.key: lead.room["beds"] for lead in queries.ground_of(wuhu, on=ON, options=options).region.leads
    }
    assert sum(public.values()) < sum(beds.values())
    assert all(public[key] <= beds[key] for key in beds)


def test_the_only_maternal_hospital_serves_everybody_wherever_it_is_thought_to_stand(wuhu: str) -> None:
    ground = queries.ground_of(wuhu, on=ON, options=queries.Options(service=queries.Service.MATERNAL_CHILD))
    [lead] = ground.region.leads
    assert lead.name == "芜湖市妇幼保健院"
    assert len(ground.region.places) == 79
    assert "芜湖市妇幼保健院没有登记位置" in ground.told[-1].zh


def test_a_second_division_among_hospitals_of_one_kind(wuhu: str, monkeypatch: pytest.MonkeyPatch) -> None:
    service = queries.Service.TCM
    ground = queries.ground_of(wuhu, on=ON, options=queries.Options(service=service))
    assert {lead.name for lead in ground.region.leads} >= {"芜湖市中医医院", "无为县中医医院"}
    plan = proposed(ground.region, queries.wishes_for(wuhu, on=ON), effort=0.1)
    assert [
        each
        for each in broken(ground.region, queries.wishes_for(wuhu, on=ON), plan)
        if each.kind is Weight.RULE
    ] == []
    areas = {place.key: place.area for place in ground.region.places}
    names = {lead.key: lead.name for lead in ground.region.leads}
    county = {names[lead] for key, lead in plan.lead_of.items() if areas[key] == "340225"}
    assert county <= {"无为县中医医院", "芜湖市中医医院"}
    altered(monkeypatch, "NHC-06", plan_lead_level=3)
    alone = queries.ground_of(wuhu, on=ON, options=queries.Options(service=service))
    assert [lead.name for lead in alone.region.leads] == ["芜湖市中医医院"]
    altered(monkeypatch, "NHC-06", plan_lead_level=4)
    with pytest.raises(Refused, match=r"planning\.no_lead_of_kind"):
        queries.ground_of(wuhu, on=ON, options=queries.Options(service=service))
