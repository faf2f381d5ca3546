"""Papers as plain values: what they still need, what they start from, how long they hold."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tiercare.apps.network.rules import PREDICATES, Kind, Role
from tiercare.apps.network.rules.paper_cards import (
    ASKERS,
    SECTION_NAMES,
    OnTheTable,
    Paper,
    PaperParty,
    section_name,
)
from tiercare.apps.network.rules.papers import (
    RENEWAL_WARNING,
    Life,
    Standing,
    charter_sections,
    demands,
    empty_sections,
    life,
    paper_kinds,
    shares,
    standing,
    whole_sections,
    wording,
    wording_fields,
)
from tiercare.engines.policy import load_packs

PACKS = load_packs()
LEAD, CENTRE = PaperParty("h", "区人民医院", Role.LEAD), PaperParty("c", "双水镇卫生院", Role.MEMBER)
START, END = date(2018, 3, 1), date(2021, 3, 1)


def test_every_asker_belongs_to_a_card() -> None:
    assert set(ASKERS) <= set(PREDICATES)
    assert set(ASKERS) <= {card.id for pack in PACKS for card in pack.cards}


def test_every_section_that_a_pack_asks_for_has_a_name_and_a_start() -> None:
    table = OnTheTable(
        Paper.AGREEMENT, Kind.CITY_GROUP, True, (LEAD, PaperParty("p", "康宁", Role.MEMBER, True))
    )
    charter = OnTheTable(Paper.CHARTER, Kind.CITY_GROUP, True, (LEAD, CENTRE))
    asked = {
        demand.word
        for pack in PACKS.packs
        for paper in (table, charter)
        for demand in demands(PACKS, pack, paper, on=date(2024, 6, 1))
    }
    assert len(asked) > 15
    assert asked <= set(SECTION_NAMES)
    given = dict.fromkeys(wording_fields(), "甲")
    assert [word for word in asked if not wording(word, given)] == []
    for kind in paper_kinds().values():
        assert set(kind.sections) <= set(SECTION_NAMES)
    assert set(charter_sections()) <= set(SECTION_NAMES)


def test_fields_without_a_value_are_left_to_be_filled_in_by_hand() -> None:
    assert wording("term", {"start": "2018-03-01"}).startswith("本协议自2018-03-01起施行，至＿＿＿＿止")
    assert wording("talent", {"party": "甲院", "others": "乙院"}, party="h").startswith("甲院按年度计划")
    assert wording("insurance", {}) == ""


def test_duties_are_asked_of_each_party_and_only_from_the_day_of_the_document() -> None:
    table = OnTheTable(Paper.AGREEMENT, Kind.CITY_GROUP, False, (LEAD, CENTRE))
    keys = {demand.key: demand.clauses for demand in demands(PACKS, "xinhui", table, on=START)}
    assert keys["content"] == ("XH-29",)
    assert keys["talent@h"] == keys["talent@c"] == ("XH-59",)
    assert demands(PACKS, "xinhui", table, on=date(2016, 12, 31)) == []
    assert demands(PACKS, "wuhu", table, on=date(2019, 7, 1)) == []
    about_none = OnTheTable(Paper.AGREEMENT, None, False, (LEAD, CENTRE))
    assert {d.party for d in demands(PACKS, "xinhui", about_none, on=START)} == {""}


def test_ties_that_another_agreement_holds_are_not_asked_for_again() -> None:
    def asked(*agreed: str) -> list[str]:
        table = OnTheTable(Paper.AGREEMENT, Kind.CITY_GROUP, False, (LEAD, CENTRE), frozenset(agreed))
        return [demand.word for demand in demands(PACKS, "yunnan", table, on=date(2018, 6, 1))]

    assert set(asked()) - set(asked("talent_sharing")) == {"talent_sharing"}


def test_a_refusal_names_section_party_and_clause() -> None:
    table = OnTheTable(Paper.AGREEMENT, Kind.CITY_GROUP, False, (LEAD, CENTRE))
    wanted = demands(PACKS, "xinhui", table, on=START)
    texts = {demand.key: "写了" for demand in wanted} | {"talent@c": " "}
    (refusal,) = empty_sections(wanted, texts, names={"c": CENTRE.name})
    assert refusal.sentence("zh") == "“人才培养（双水镇卫生院）”一节没有内容，不能签署。"
    assert "XH-59" in refusal.way_on("en")
    assert empty_sections(wanted, texts, names={}, given=["talent"]) == []
    assert "talent" not in whole_sections(texts)
    assert "capacity" in whole_sections(texts)


def test_sides_and_unknown_words_have_names() -> None:
    assert section_name("rights", "members", names={}).zh == "权利（其他成员单位）"
    assert section_name("insurance", "", names={}).zh == "insurance"


@pytest.mark.parametrize(
    ("signed", "on", "expected"),
    [
        (None, START, Life.DRAFT),
        (START, START - timedelta(days=1), Life.DRAFT),
        (START - timedelta(days=9), START - timedelta(days=1), Life.SIGNED),
        (START, START, Life.IN_FORCE),
        (START, END - RENEWAL_WARNING - timedelta(days=1), Life.IN_FORCE),
        (START, END - RENEWAL_WARNING, Life.ENDING),
        (START, END, Life.ENDED),
    ],
)
def test_the_life_of_an_agreement(signed: date | None, on: date, expected: Life) -> None:
    assert life(signed, START, END, on) is expected


def test_an_obligation_on_a_day_knows_nothing_of_later() -> None:
    assert standing(END, None, END) is Standing.DUE
    assert standing(END, None, END + timedelta(days=1)) is Standing.OVERDUE
    assert standing(START, END, START + timedelta(days=1)) is Standing.OVERDUE
    assert standing(END, START, START) is Standing.MET


def test_every_share_names_clauses_that_some_pack_holds() -> None:
    named = {clause for share in shares() for clause in share.clauses}
    assert named <= set(PACKS.clause)
    for clause in (*range(10, 15), *range(19, 26), *range(30, 34)):
        assert f"WH-{clause}" in named
