"""太原: every county has its tertiary hospital, every township one of level 2, and whom nobody can take goes to the group (TY-60); sub-centres."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from django.test import Client

from tiercare.apps.network import queries as network
from tiercare.apps.network.rules import AreaKind, Network
from tiercare.apps.planning.queries.sites import Aimed, sites_of
from tiercare.apps.planning.queries.sponsors import Covered, Sponsored, sponsors_of

from ..web.conftest import client_of, plain_static_files
from .regions import altered, laid_down, refusals

__all__ = ["client_of", "plain_static_files"]
REGION, ON = "1401", date(2024, 12, 31)
FRAME = {"region": "taiyuan", "on": "2024-12-31"}


@pytest.fixture
def net(wuhu: str) -> Network:
    laid_down("taiyuan")
    return network.network_facts(REGION, on=ON)


def leads_of(net: Network, row: Sponsored) -> set[str]:
    """The leads of the consortia that answer for a place's township or county."""
    county = row.code[:6]
    answering = [
        consortium
        for grid in net.grids.values()
        if {row.code, county} & set(grid.places)
        for consortium in grid.responsible
    ]
    return {lead.id for consortium in answering for lead in net.leads(consortium)}


def of(covered: Covered) -> list[Sponsored]:
    return [row for row in sponsors_of(REGION, on=ON).rows if row.covered is covered]


@pytest.mark.clause("TY-60")
def test_each_county_has_a_tertiary_and_each_township_a_level_two_sponsor(net: Network) -> None:
    counties, towns = of(Covered.COUNTY), of(Covered.TOWNSHIP)
    assert {row.code for row in counties} == {
        area.code for area in net.areas.values() if area.kind is AreaKind.COUNTY
    }
    assert {row.code[:6] for row in towns} == {row.code for row in counties}
    assert all(row.code[6:] >= "100" for row in towns)  # townships, not streets
    assert {net.institutions[row.sponsor].level for row in counties if not row.fallen} == {3}
    assert {net.institutions[row.sponsor].level for row in towns if not row.fallen} == {2}
    # Nobody takes more than the pack gives room for, and a county's own hospital is no support from outside.
    assert max(Counter(row.sponsor for row in counties).values()) <= 2
    assert max(Counter(row.sponsor for row in towns if not row.fallen).values()) <= 4
    assert all(net.institutions[row.sponsor].division != row.code for row in counties)
    assert sponsors_of(REGION, on=ON).gap == 0


@pytest.mark.clause("TY-60")
def test_whom_nobody_has_room_for_is_given_to_the_group_and_listed(
    net: Network, monkeypatch: pytest.MonkeyPatch, client_of
) -> None:
    before = sponsors_of(REGION, on=ON)
    client: Client = client_of(area="1401")
    page = client.get("/planning/sponsors", FRAME).content.decode()
    assert all(row.name in page and row.sponsor_name in page for row in before.rows)
    assert ("集团兜底</h2>" in page) == bool(before.fallen)
    # Less room: as few as possible fall back, each to the lead of the group that answers there.
    altered(monkeypatch, "TY-60", sponsor_townships_most=1)
    after = sponsors_of(REGION, on=ON)
    able = [key for key, (_, _, room) in after.taken.items() if room == 1]
    towns = [row for row in after.rows if row.covered is Covered.TOWNSHIP]
    assert len(after.fallen) == len(towns) - len(able) > 0
    assert all({row.sponsor} == leads_of(net, row) & {row.sponsor} for row in after.fallen)
    page = client.get("/planning/sponsors", FRAME).content.decode()
    listed = page[page.index('id="fallen"') : page.index("</section>", page.index('id="fallen"'))]
    assert all(row.name in listed and row.sponsor_name in listed for row in after.fallen)


@pytest.mark.clause("TY-60")
def test_who_may_support_and_who_stands_in_is_the_texts(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Only tertiary hospitals may send: no township finds one of level 2, all go to their group.
    altered(monkeypatch, "TY-60", sender_tier=3)
    towns = of(Covered.TOWNSHIP)
    assert towns
    assert all(row.fallen and row.sponsor in leads_of(net, row) for row in towns)
    # And where no group stands in, that is said with names rather than hidden.
    altered(monkeypatch, "TY-60", fallback="none")
    found = refusals(lambda: sponsors_of(REGION, on=ON))
    assert towns[0].name in found["planning.no_sponsors"].sentence()
    # A text that gives counties to level 2 and says nothing of townships.
    altered(monkeypatch, "TY-60", sender_tier=2, fallback="group", tier2_covers="county", tier3_covers="none")
    assert of(Covered.TOWNSHIP) == []
    assert {net.institutions[row.sponsor].level for row in of(Covered.COUNTY) if not row.fallen} == {2}


def test_where_no_text_rules_it_nothing_is_made_up(wuhu: str) -> None:
    assert set(refusals(lambda: sponsors_of("3402", on=date(2019, 7, 1)))) == {"planning.no_sponsoring"}


def test_sub_centres_bring_people_near(net: Network) -> None:
    five = sites_of(REGION, on=ON, p=5)
    assert len({site.id for site in five.sites}) == 5
    assert {net.institutions[site.id].category for site in five.sites} == {"TOWNSHIP_CENTRE"}
    assert five.before < five.near <= five.people
    assert five.mean < five.mean_before
    assert five.gap == 0
    more, fewer = sites_of(REGION, on=ON, p=6), sites_of(REGION, on=ON, p=4)
    assert fewer.near <= five.near <= more.near
    minutes = sites_of(REGION, on=ON, p=5, aim=Aimed.MINUTES)
    assert minutes.mean <= five.mean
    enough = sites_of(REGION, on=ON, share=five.near / five.people)
    assert len(enough.sites) <= 5
    assert enough.near >= five.near - 1
    county = sites_of(REGION, on=ON, p=1, area="140121")
    assert county.sites[0].area == "清徐县"
    assert county.sites[0].people <= county.people < five.people


def test_a_question_without_an_answer_says_so(net: Network) -> None:
    assert set(refusals(lambda: sites_of(REGION, on=ON))) == {"planning.sites_how_many"}
    assert set(refusals(lambda: sites_of(REGION, on=ON, p=500))) == {"planning.no_sites"}
    assert set(refusals(lambda: sites_of(REGION, on=ON, share=1.0, within=1.0))) == {"planning.no_sites"}
    assert set(refusals(lambda: sites_of(REGION, on=ON, p=1, area="140105"))) <= {"planning.no_candidates"}
