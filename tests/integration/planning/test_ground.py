"""芜湖 as the planner sees it, a proposal for it, and what the region's cards say of proposals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tiercare.apps.network import queries as network
from tiercare.apps.network.rules import Kind
from tiercare.apps.planning.queries import Ground, ground_of, verdict_of
from tiercare.apps.planning.queries.verdicts import following, grids_of
from tiercare.engines.planning.checker import faults_of_division
from tiercare.engines.planning.judging import broken
from tiercare.engines.planning.proposing import proposed
from tiercare.engines.planning.reading import faults
from tiercare.engines.planning.regions import Wishes, described, held_of, prepared
from tiercare.kernel.refusal import Refused

ON = date(2019, 7, 1)
WISHES = Wishes(uneven=2.0, change=2.0, border=5.0, farthest=60.0)


@pytest.fixture
def ground(wuhu: str) -> Ground:
    return ground_of(wuhu, on=ON)


def test_the_region_is_whole_and_nothing_is_wrong_with_it(ground: Ground) -> None:
    region = ground.region
    assert faults(region) == []
    assert {place.key for place in region.places} == set(region.today)
    assert len({place.area for place in region.places}) == len(ground.network.areas)
    assert {lead.key for lead in region.leads} == {
        key for grid in ground.network.grids.values() for key in grid.responsible
    }
    areas = {place.key: place.area for place in region.places}
    for lead in region.leads:
        assert areas[lead.place] == ground.network.consortia[lead.key].division
    assert ground.left_out == ()


def test_the_larger_of_two_hospitals_in_one_township_has_it_for_its_seat(ground: Ground) -> None:
    net, names = ground.network, {place.key: place.name for place in ground.region.places}
    beds = {lead.key: net.leads(lead.key)[0].beds for lead in ground.region.leads}
    seats = {names[lead.place]: beds[lead.key] for lead in ground.region.leads}
    in_county = [
        beds[lead.key] for lead in ground.region.leads if net.consortia[lead.key].division == "340221"
    ]
    assert seats["湾沚镇"] == max(in_county)


def test_a_proposal_is_connected_bounded_and_within_the_rules(ground: Ground) -> None:
    region = ground.region
    plan = proposed(region, WISHES, effort=0.5)
    task = prepared(region, WISHES)
    beside = {j: task.beside[task.first[j] : task.first[j + 1]].tolist() for j in range(task.need.shape[0])}
    assert (
        faults_of_division(
            task.cost.tolist(),
            task.need.tolist(),
            task.room.tolist(),
            task.seat.tolist(),
            beside,
            task.fair.tolist(),
            task.balance,
            held_of(region, plan.lead_of).tolist(),
            claimed_cost=plan.parts.total,
            claimed_bound=plan.bound,
        )
        == []
    )
    assert plan.gap <= 0.01
    assert {each.rule for each in broken(region, WISHES, plan)} <= {"far"}
    assert plan.parts.total <= described(region, WISHES, region.today).parts.total
    communities = {
        lead.key: lead.areas
        for lead in region.leads
        if ground.network.consortia[lead.key].kind is Kind.COUNTY_COMMUNITY
    }
    for place in region.places:
        answering = plan.lead_of[place.key]
        if answering in communities:
            assert place.area in communities[answering]


def test_primary_care_goes_with_its_township_and_the_cards_see_it(ground: Ground) -> None:
    today, net = dict(ground.region.today), ground.network
    same = verdict_of("wuhu", net, today, on=ON)
    assert (same.broken, same.worsened, same.healed) == ((), (), ()) and following(net, today) == ()
    # A township of one community handed to the other: what belongs to the first would work in the second's grid.
    first, second = sorted(
        each.id for each in net.of_kind(Kind.COUNTY_COMMUNITY) if each.division == "340221"
    )
    seats = {lead.place for lead in ground.region.leads}
    moved = next(key for key, lead in sorted(today.items()) if lead == first and key not in seats)
    drawn = {**today, moved: second}
    stays = network.difference("wuhu", net, replace(net, grids=grids_of(net, drawn)), on=ON)
    card = "cn/across_grids_only_kinds_named"
    assert card in {v.card.key for v in (*stays.broken, *stays.worsened)}
    goes = following(net, drawn)
    assert {net.institutions[each.institution].township for each in goes} == {moved}
    assert {(each.old, each.new) for each in goes} == {(first, second)}
    assert all(net.institutions[each.institution].primary for each in goes)
    after = verdict_of("wuhu", net, drawn, on=ON)
    assert card not in {v.card.key for v in (*after.broken, *after.worsened)}


def test_grids_bear_their_names_and_counties_that_lie_whole_in_one(ground: Ground) -> None:
    grids = grids_of(ground.network, ground.region.today)
    assert {key: set(grid.places) for key, grid in grids.items()} == {
        key: set(grid.places) for key, grid in ground.network.grids.items()
    }
    assert {grid.name for grid in grids.values()} == {grid.name for grid in ground.network.grids.values()}


def test_without_grids_on_record_it_says_so(wuhu: str) -> None:
    with pytest.raises(Refused, match=r"planning\.no_grids"):
        ground_of("1401", on=ON)


def test_network_of_the_day_is_left_as_it_was(ground: Ground) -> None:
    verdict_of("wuhu", ground.network, ground.region.today, on=ON)
    assert network.network_facts("3402", on=ON).grids == ground.network.grids
