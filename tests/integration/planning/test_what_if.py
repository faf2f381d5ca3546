"""A region supposed otherwise: leads opened, closed, upgraded, merged, by the names that people use."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tiercare.apps.planning import queries
from tiercare.engines.planning.comparing import compared
from tiercare.engines.planning.proposing import proposed
from tiercare.engines.planning.reading import faults
from tiercare.engines.planning.regions import Wishes, described
from tiercare.kernel.refusal import Refused

ON = date(2019, 7, 1)


@pytest.fixture
def ground(wuhu: str) -> queries.Ground:
    return queries.ground_of(wuhu, on=ON)


def key(ground: queries.Ground, name: str) -> str:
    return next(lead.key for lead in ground.region.leads if lead.name == name)


def refused(ground: queries.Ground, *rows: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        queries.supposed(ground, rows)
    refusal = caught.value.refusals[0]
    assert refusal.sentence("en") and refusal.way_on("zh") and refusal.way_on("en")
    return refusal.code, refusal.sentence("zh")


def test_nothing_supposed_changes_nothing(ground: queries.Ground) -> None:
    assert queries.supposed(ground, []) == ground


def test_a_hospital_of_the_county_opens_and_the_cards_can_judge_it(ground: queries.Ground) -> None:
    found = queries.supposed(ground, [{"act": "open", "institution": "繁昌县中医医院"}])
    assert len(found.region.leads) == len(ground.region.leads) + 1
    assert faults(found.region) == []
    new = key(found, "繁昌县中医医院")
    wishes = Wishes()
    plan = proposed(found.region, wishes, effort=0.2)
    got = compared(found.region, described(ground.region, wishes, ground.region.today), plan)
    assert got.gain > 0
    cards = queries.verdict_of("wuhu", found.network, plan.lead_of, on=ON)
    assert cards is not None
    assert found.network.consortia[new].name == "繁昌县中医医院（设想）"
    assert new not in ground.network.consortia


def test_closing_merging_and_upgrading(ground: queries.Ground) -> None:
    small, large = key(ground, "芜湖县中医医院"), key(ground, "芜湖县人民医院")
    closed = queries.supposed(ground, [{"act": "close", "lead": small}])
    assert small not in {lead.key for lead in closed.region.leads}
    merged = queries.supposed(ground, [{"act": "merge", "lead": "芜湖县中医医院", "into": large}])
    shares = {lead.key: lead.share for lead in merged.region.leads}
    assert shares[large] == 600 + 200
    grown = queries.supposed(
        ground,
        [
            {"act": "upgrade", "lead": "无为县中医", "share": "900", "room": {"beds": 950}},
            {"act": "upgrade", "lead": large, "areas": ["340221", "340223"]},
        ],
    )
    after = {lead.name: lead for lead in grown.region.leads}
    assert (after["无为县中医医院"].share, after["无为县中医医院"].room) == (900.0, {"beds": 950.0})
    assert after["芜湖县人民医院"].areas == {"340221", "340223"}


def test_what_is_supposed_counts_before_it_is_said_that_beds_are_lacking(wuhu: str) -> None:
    ground = queries.ground_of(wuhu, on=ON, options=queries.Options(services=True))
    assert "无为县人民医院的医疗机构床位至少差" in ground.lacking[0].zh
    enough = [
        {"act": "upgrade", "lead": lead.key, "room": {"beds": 9_000}}
        for lead in ground.region.leads
        if lead.areas
    ]
    grown = queries.supposed(ground, enough)
    assert grown.region.services == ["people", "beds"]
    assert {lead.room["beds"] for lead in grown.region.leads} == {9_000}
    more = queries.supposed(ground, [*enough, {"act": "open", "institution": "繁昌县中医医院"}])
    opened = next(lead for lead in more.region.leads if lead.name == "繁昌县中医医院")
    assert 0 < opened.room["beds"] < 9_000
    assert "还没有成员" in more.told[-1].zh
    merged = queries.supposed(
        ground, [*enough[1:], {"act": "merge", "lead": "芜湖县中医医院", "into": "芜湖县人民医院"}]
    )
    assert next(x for x in merged.region.leads if x.name == "芜湖县人民医院").room["beds"] == 18_000


def test_what_cannot_be_supposed_says_so_and_names_the_way_on(ground: queries.Ground) -> None:
    both = [{"act": "close", "lead": "无为县人民医院"}, {"act": "close", "lead": "无为县中医医院"}]
    code, said = refused(ground, *both)
    assert code == "planning.what_if_impossible" and "没有牵头医院可以服务 21 个地方" in said
    assert (
        refused(ground, {"act": "open", "institution": "芜湖县人民医院"})[0] == "planning.what_if_impossible"
    )
    assert refused(ground, {"act": "close", "lead": "某{医院}"}) == (
        "planning.what_if_nobody",
        "这里没有“某{医院}”。",
    )
    assert refused(ground, {"act": "close", "lead": "医院"})[1] == "“医院”不止一家，请写全名。"
    assert refused(ground, {"act": "sell", "lead": "x"})[0] == "planning.what_if_act"
    assert refused(ground, {})[0] == "planning.what_if_act"
    large = {"act": "upgrade", "lead": "无为县人民医院"}
    assert refused(ground, {**large, "share": "many"})[0] == "planning.what_if_number"
    assert refused(ground, {**large, "share": "-1"})[0] == "planning.what_if_impossible"
    assert refused(ground, {**large, "areas": ["999999"]})[0] == "planning.what_if_area"
