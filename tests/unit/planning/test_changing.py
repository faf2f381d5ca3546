"""What if: leads opened, closed, upgraded and merged, on paper; what cannot be is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiercare.engines.planning.changing import Close, Merge, Open, Unchangeable, Upgrade, WhatIf, changed
from tiercare.engines.planning.comparing import compared
from tiercare.engines.planning.judging import Weight, broken
from tiercare.engines.planning.proposing import proposed
from tiercare.engines.planning.reading import faults
from tiercare.engines.planning.regions import Lead, Region, Wishes, described, grids

from .regions_made import road

TODAY = {"v0": "west", "v1": "west", "v2": "west", "v3": "east", "v4": "east", "v5": "east"}
MIDDLE = Open(
    Lead("middle", "中医院", "v2", (118.02, 31.0), 1.0),
    np.array([20.0, 10.0, 0.0, 10.0, 20.0, 30.0]),
)


def refused(region: Region, changes: Sequence[WhatIf]) -> str:
    with pytest.raises(Unchangeable) as caught:
        changed(region, changes)
    assert caught.value.reason.en
    return caught.value.reason.zh


def test_one_more_hospital_is_nearer_for_somebody_and_farther_for_nobody_who_stays() -> None:
    region = road(today=TODAY)
    more = changed(region, [MIDDLE])
    assert faults(more) == []
    plan = proposed(more, Wishes())
    assert {"v2", "v3"} <= set(grids(plan)["middle"])  # v1 is ten minutes from both
    before = described(region, Wishes(), TODAY)
    got = compared(more, before, plan)
    assert (got.lose, got.gain) == (0, 300 + 400)
    assert got.after.mean < got.before.mean


def test_a_place_has_one_lead_and_a_lead_stands_in_a_place_that_is_planned() -> None:
    region = road()
    assert "已有牵头医院西医院" in refused(region, [replace(MIDDLE, lead=replace(MIDDLE.lead, place="v0"))])
    assert "不在规划的地方" in refused(region, [replace(MIDDLE, lead=replace(MIDDLE.lead, place="x"))])
    assert "已经是这里的牵头医院" in refused(region, [MIDDLE, MIDDLE])


def test_who_closes_leaves_everybody_to_the_others_and_the_last_stays() -> None:
    region = road(today=TODAY, fixed={"v1": "west"}, never=frozenset({("v2", "west")}))
    left = changed(region, [Close("west")])
    assert (dict(left.fixed), left.never) == ({}, frozenset())
    assert set(left.today) == {"v3", "v4", "v5"}
    plan = proposed(left, Wishes(change=1.0))
    assert set(plan.lead_of.values()) == {"east"}
    # That those whom west had have another lead is no choice of the plan's, and weighs nothing.
    assert plan.parts.change == 0
    assert "唯一" in refused(region, [Close("west"), Close("east")])
    assert "不是这里的牵头医院" in refused(region, [Close("north")])


def test_an_area_that_nobody_serves_after_a_closure_is_named() -> None:
    base = road()
    west, east = base.leads
    region = replace(
        base, leads=[replace(west, areas=frozenset({"a"})), replace(east, areas=frozenset({"b"}))]
    )
    assert "3 个地方：村0、村1、村2" in refused(region, [Close("west")])
    assert (
        changed(region, [Upgrade("east", areas=frozenset({"a", "b"})), Close("west")]).leads[0].key == "east"
    )


def test_an_upgrade_takes_more_of_the_burden() -> None:
    region = road()
    assert grids(proposed(region, Wishes(uneven=3.0)))["east"] == ["v3", "v4", "v5"]
    larger = changed(region, [Upgrade("west", share=3.0)])
    assert len(grids(proposed(larger, Wishes(uneven=6.0)))["west"]) > 3
    roomy = changed(road(west={"beds": 5}), [Upgrade("west", room={"beds": 9, "gp": 2})])
    assert dict(roomy.leads[0].room) == {"beds": 9, "gp": 2}
    assert "不能小于零" in refused(region, [Upgrade("west", share=-1.0)])


def test_a_merger_adds_means_and_areas_and_takes_the_people_along() -> None:
    region = road(today=TODAY, west={"beds": 5, "gp": 1}, east={"beds": 7}, fixed={"v1": "west"})
    one = changed(region, [Merge("west", "east")])
    [lead] = one.leads
    assert (lead.key, lead.share, dict(lead.room)) == ("east", 2.0, {"beds": 12})
    assert set(one.today.values()) == {"east"}
    assert dict(one.fixed) == {"v1": "east"}
    # Nobody's lead changes by it: they merged.
    assert described(one, Wishes(change=1.0), dict.fromkeys(TODAY, "east")).parts.change == 0
    assert "与自己合并" in refused(region, [Merge("west", "west")])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from([MIDDLE, Close("west"), Close("east"), Close("middle")]),
            st.builds(Merge, st.sampled_from(["west", "east", "middle"]), st.sampled_from(["west", "east"])),
            st.builds(Upgrade, st.sampled_from(["west", "middle"]), st.floats(0.1, 9.0)),
        ),
        max_size=4,
    )
)
def test_whatever_is_supposed_can_be_divided_or_is_refused(changes: list[WhatIf]) -> None:
    region = road(today=TODAY)
    try:
        found = changed(region, changes)
    except Unchangeable as problem:
        assert problem.reason.zh and problem.reason.en
        return
    assert faults(found) == []
    assert found.minutes.shape == (len(found.leads), len(found.places))
    plan = proposed(found, Wishes(), effort=0.1)
    assert [each for each in broken(found, Wishes(), plan) if each.kind is Weight.RULE] == []
    assert set(TODAY) == set(plan.lead_of)
    assert region.today == TODAY and len(region.leads) == 2  # what was there stays as it was
