"""Regions in names: what a plan costs on paper, what is broken and lacking in words, what changes for whom."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tiercare.engines.planning.comparing import compared, evenness
from tiercare.engines.planning.explaining import why
from tiercare.engines.planning.judging import broken
from tiercare.engines.planning.proposing import proposed
from tiercare.engines.planning.reading import faults
from tiercare.engines.planning.regions import Plan, Region, Wishes, described, grids
from tiercare.engines.planning.tasks import Impossible

from .regions_made import road

TODAY = {"v0": "west", "v1": "west", "v2": "west", "v3": "west", "v4": "east", "v5": "east"}


def test_everybody_goes_to_the_nearer_hospital_when_nothing_else_counts() -> None:
    plan = proposed(road(), Wishes())
    assert grids(plan) == {"west": ["v0", "v1", "v2"], "east": ["v3", "v4", "v5"]}
    # 200 × 10 + 300 × 20 + 400 × 20 + 500 × 10
    assert plan.parts.travel == 21_000
    assert plan.gap == 0.0
    assert plan.minutes["v3"] == 20


def test_unevenness_moves_a_village_when_it_is_worth_the_way() -> None:
    # West has 600 of 2,100 people, fair are 1,050: v3 (400) would leave 50 too few instead of 450, for 10 minutes × 400 people more.
    assert grids(proposed(road(), Wishes(uneven=4.9)))["west"] == ["v0", "v1", "v2"]
    even = proposed(road(), Wishes(uneven=5.1))
    assert grids(even)["west"] == ["v0", "v1", "v2", "v3"]
    assert even.parts.uneven == pytest.approx(5.1 * 100)


def test_today_is_kept_when_change_weighs_more_than_the_way() -> None:
    region = road(today=TODAY)
    assert dict(proposed(region, Wishes(change=10.1)).lead_of) == TODAY
    moved = proposed(region, Wishes(change=9.9))
    assert moved.lead_of["v3"] == "east"
    assert moved.parts.change == pytest.approx(9.9 * 400)


def test_a_border_is_crossed_only_for_a_longer_way() -> None:
    region = road((100, 100, 100, 100, 100, 100, 100))  # v3, of county a, lies in the middle
    assert proposed(region, Wishes(border=1.0)).lead_of["v3"] == "west"
    assert proposed(region, Wishes(border=1.0)).parts.border == 0.0


def test_what_somebody_fixed_or_forbade_holds() -> None:
    assert proposed(road(fixed={"v2": "east"}), Wishes()).lead_of["v2"] == "east"
    assert proposed(road(never=frozenset({("v3", "east")})), Wishes()).lead_of["v3"] == "west"


def test_capacity_pushes_villages_to_the_farther_hospital() -> None:
    plan = proposed(road(east={"people": 1_100}), Wishes())
    assert grids(plan)["east"] == ["v4", "v5"]
    assert broken(road(east={"people": 1_100}), Wishes(), plan) == []


def test_who_reaches_nobody_in_time_is_named_and_goes_to_the_nearest() -> None:
    plan = proposed(road(), Wishes(farthest=15))
    assert plan.beyond == ("v2", "v3")
    assert plan.lead_of["v2"] == "west"
    said = why(road(), Wishes(farthest=15))
    assert [text.zh for text in said] == ["2 个地方在 15 分钟内到不了任何牵头医院：村2、村3；只能归最近的。"]
    assert "reach no lead within 15 minutes" in said[0].en


def test_what_cannot_be_is_explained_by_whose_room_is_lacking() -> None:
    region = road(
        east={"people": 900}, west={"people": 1_500}, never=frozenset({("v4", "west"), ("v3", "west")})
    )
    with pytest.raises(Impossible) as caught:
        proposed(region, Wishes())
    said = [text.zh for text in caught.value.reasons]
    assert len(said) == 1
    assert said[0].startswith("东医院的人口容量至少差 600：")
    assert "村5" in said[0]


def test_who_lies_behind_another_seat_cannot_be_shared_with_those_before_it() -> None:
    # v4 and v5 lie behind the seat of "middle": east alone can have them, and has no room for both.
    region = road()
    west, east = region.leads
    leads = [west, replace(east, key="middle", name="中医院", place="v3", room={"people": 900})]
    behind = replace(region, leads=leads, minutes=region.minutes)
    with pytest.raises(Impossible) as caught:
        proposed(behind, Wishes())
    assert [text.zh for text in caught.value.reasons] == [
        "中医院的人口容量至少差 600：村5、村4、村3等地没有别的牵头医院可去。"
    ]


def test_a_plan_of_somebody_else_is_judged_by_every_rule() -> None:
    region = road(west={"people": 500})
    plan = described(region, Wishes(farthest=40), {**TODAY, "v1": "east", "v5": "west"})
    rules = {each.rule: each for each in broken(region, Wishes(farthest=40), plan)}
    assert set(rules) == {"seat", "pieces", "capacity", "pair"}
    assert rules["capacity"].by == 100 + 300 + 400 + 600 - 500
    assert rules["seat"].places == ("v5",)
    assert rules["pair"].places == ("v5",)
    unassigned = Plan({k: v for k, v in TODAY.items() if k != "v3"}, {}, plan.parts)
    assert [each.places for each in broken(road(), Wishes(), unassigned) if each.rule == "unassigned"] == [
        ("v3",)
    ]


def test_who_gains_and_who_loses() -> None:
    region = road(today=TODAY)
    before, after = described(region, Wishes(), TODAY), proposed(region, Wishes())
    got = compared(region, before, after)
    assert [(each.place, each.before, each.after, each.minutes) for each in got.changes] == [
        ("v3", "west", "east", -10.0)
    ]
    assert (got.gain, got.lose, got.moved) == (400, 0, 400)
    assert got.after.mean == pytest.approx(10.0)
    assert got.after.mean < got.before.mean


def test_evenness_on_paper() -> None:
    # Two villages of 100: one at 0 minutes, one at 10. Mean 5; the worst tenth travels 10; half the people bear all: Gini ½ by trapezes.
    region = road((100.0, 100.0))
    plan = described(region, Wishes(), {"v0": "west", "v1": "west"})
    got = evenness(region, plan)
    assert (got.mean, got.worst, got.gini) == (5.0, 10.0, 0.5)
    same = described(replace(region, minutes=np.full((2, 2), 7.0)), Wishes(), {"v0": "west", "v1": "west"})
    assert evenness(region, same).gini == pytest.approx(0.0)


def test_a_good_region_has_no_faults() -> None:
    assert faults(road()) == []


def spoilt() -> list[tuple[str, Region]]:
    base = road()
    places, leads = list(base.places), list(base.leads)
    holes = base.minutes.copy()
    holes[0, 2] = math.nan
    return [
        ("planning.swapped", replace(base, places=[replace(places[0], at=(31.0, 118.0)), *places[1:]])),
        ("planning.outside", replace(base, places=[replace(places[0], at=(2.3, 48.9)), *places[1:]])),
        ("planning.nobody", replace(base, places=[replace(places[0], people=0), *places[1:]])),
        ("planning.people", replace(base, places=[replace(places[0], people=-1), *places[1:]])),
        ("planning.need", replace(base, places=[replace(places[0], need={"beds": math.nan}), *places[1:]])),
        ("planning.twice", replace(base, places=[*places, places[0]])),
        ("planning.empty", replace(base, leads=[])),
        ("planning.holes", replace(base, minutes=holes)),
        ("planning.shape", replace(base, minutes=np.zeros((2, 3)))),
        ("planning.seat", replace(base, leads=[leads[0], replace(leads[1], place="nowhere")])),
        ("planning.beside", replace(base, beside=[*base.beside, ("v0", "x")])),
        ("planning.one_place", replace(base, leads=[leads[0], replace(leads[1], place="v0")])),
        ("planning.one_spot", replace(base, leads=[leads[0], replace(leads[1], at=leads[0].at)])),
        ("planning.share", replace(base, leads=[leads[0], replace(leads[1], share=-1)])),
        ("planning.fixed", replace(base, fixed={"v5": "west"})),
        ("planning.fixed", replace(base, fixed={"v1": "west"}, never=frozenset({("v1", "west")}))),
        ("planning.fixed_unknown", replace(base, fixed={"v9": "west"})),
        ("planning.capacity", road(east={"people": 900}, west={"people": 900})),
    ]


@pytest.mark.parametrize(("code", "region"), spoilt(), ids=lambda each: each if isinstance(each, str) else "")
def test_what_is_wrong_is_said_with_its_rows(code: str, region: Region) -> None:
    found = {each.code: each for each in faults(region)}
    assert code in found
    assert found[code].text.zh
    assert found[code].text.en


def test_islands_are_allowed_when_declared_and_still_need_a_way() -> None:
    region = replace(road(), beside=[("v0", "v1"), ("v2", "v3"), ("v4", "v5")])
    assert [each.code for each in faults(region)] == ["planning.apart"]
    declared = faults(region, islands=frozenset({"v2", "v3"}))
    assert [each.code for each in declared] == ["planning.island"]
    ferry = replace(region, beside=[*region.beside, ("v1", "v2")])
    assert faults(ferry) == []
