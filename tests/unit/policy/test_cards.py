"""Every rule card: its predicate, its examples, its words, and that its numbers come from the pack."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from string import Formatter

import pytest

from tiercare.apps.capacity.rules import cards as capacity
from tiercare.apps.capacity.rules import plain as plain_day
from tiercare.apps.network.rules import PREDICATES
from tiercare.apps.network.rules.plain import from_plain
from tiercare.engines.policy import (
    PackSet,
    Parameter,
    RuleCard,
    State,
    Strength,
    Verdict,
    Waiver,
    evaluate,
    load_packs,
)
from tiercare.engines.policy.load import own_folder
from tiercare.engines.policy.model import Example, Value
from tiercare.kernel.period import Period

PACKS = load_packs()
CARDS = [card for pack in PACKS for card in pack.cards]
BROKEN = {State.VIOLATED, State.AT_RISK, State.MISSED, State.ADVICE}

# What judges the cards of each app, and how it reads their examples.
JUDGES = {"network": PREDICATES, "capacity": capacity.PREDICATES}
READERS = {
    "network": lambda example: from_plain(example.facts),
    "capacity": lambda example: plain_day.from_plain(example.facts, on=example.on),
}

by_card = pytest.mark.parametrize("card", [pytest.param(card, id=card.key) for card in CARDS])


def verdict_on(example: Example, card: RuleCard, packs: PackSet = PACKS, waivers: list[Waiver] | None = None):
    """The card's verdict on the example's facts, on the example's day."""
    facts = READERS[card.app](example)
    (verdict,) = evaluate(packs, [card], JUDGES[card.app], facts, on=example.on, waivers=waivers or [])
    return verdict


def first_broken(card: RuleCard) -> Example:
    return next(example for example in card.examples if State(example.verdict) in BROKEN)


def examples() -> Iterator[object]:
    """Each example once; a broken one shows every clause that its card serves."""
    for card in CARDS:
        for example in card.examples:
            broken = State(example.verdict) in BROKEN
            marks = [pytest.mark.clause(clause) for clause in card.clauses] if broken else []
            yield pytest.param(card, example, id=f"{card.key}/{example.name}", marks=marks)


def test_every_pack_brings_cards() -> None:
    assert set(PACKS.packs) == {"cn", "yunnan", "chuxiong", "xinhui", "taiyuan", "wuhu"}
    assert [pack.id for pack in PACKS if not pack.cards] == []
    assert len({card.id for card in CARDS}) >= 30


def test_cards_and_predicates_belong_together() -> None:
    for app, predicates in JUDGES.items():
        assert {card.id for card in CARDS if card.app == app} == set(predicates)
    assert {card.app for card in CARDS} == set(JUDGES)


def test_what_a_card_promises_is_what_its_predicate_holds() -> None:
    """Places are shared out by the cards that promise a share, and by no other."""
    promising = {card.id for card in CARDS if card.app == "capacity" and "share" in card.parameters}
    assert promising == set(capacity.BOUND)


@by_card
def test_a_card_comes_into_force_no_earlier_than_its_documents(card: RuleCard) -> None:
    documents = {PACKS.document[PACKS.clause[clause].document] for clause in card.clauses}
    assert card.period.start == max(document.in_force_from for document in documents)


@by_card
def test_a_card_is_shown_kept_and_broken(card: RuleCard) -> None:
    states = {State(example.verdict) for example in card.examples}
    assert State.MET in states
    if card.deadline:  # on the last day still at risk, the day after missed
        assert {State.AT_RISK, State.MISSED} <= states
    else:
        assert states & {State.VIOLATED, State.AT_RISK, State.ADVICE}


@pytest.mark.parametrize(("card", "example"), list(examples()))
def test_example_gets_its_verdict(card: RuleCard, example: Example) -> None:
    verdict = verdict_on(example, card)
    assert verdict.state is State(example.verdict)
    if verdict.state in BROKEN:
        assert verdict.findings
        said = [text for finding in verdict.findings for text in words(verdict, finding)]
        assert not [text for text in said if "{" in text or "None" in text or not text]


def words(verdict: Verdict, finding) -> tuple[str, ...]:
    """Message and remedy in both languages, which are four different texts."""
    said = (
        verdict.sentence(finding, "zh"),
        verdict.sentence(finding, "en"),
        verdict.remedy(finding, "zh"),
        verdict.remedy(finding, "en"),
    )
    assert len(set(said)) == 4
    return said


# --- numbers come from the pack, and from nowhere else -------------------------------------------------


def altered(packs: PackSet, name: str, value: Value) -> PackSet:
    """The same packs with one parameter of another value."""
    changed = dict(packs.packs)
    clause = packs.clause[name.partition(".")[0]]
    pack = changed[clause.pack]
    parameters = tuple(replace(p, value=value) if p.name == name else p for p in clause.parameters)
    clauses = tuple(replace(c, parameters=parameters) if c.id == clause.id else c for c in pack.clauses)
    changed[pack.id] = replace(pack, clauses=clauses)
    return PackSet(changed)


def other_values(parameter: Parameter) -> list[Value]:
    """Values that somebody could write there instead."""
    value = parameter.value
    others: dict[str, list[Value]] = {
        "ratio": [0.0, 0.5, 1.0],
        "range": [(0, 0), (100, 200)],
        "date": [date(2000, 1, 1), date(2100, 1, 1)],
        "year": [2000, 2100],
    }
    if parameter.type in {"integer", "number"}:
        assert isinstance(value, int | float)
        return [value + 1, value - 1, value + 100]
    return [other for other in others.get(parameter.type, []) if other != value]


def numbers() -> Iterator[object]:
    for card in CARDS:
        for name in dict.fromkeys([*card.parameters.values(), *([card.deadline] if card.deadline else [])]):
            if any(other_values(parameter) for parameter in PACKS.parameters[name]):
                yield pytest.param(card, name, id=f"{card.key}/{name}")


@pytest.mark.parametrize(("card", "name"), list(numbers()))
def test_another_number_in_the_pack_gives_another_verdict(card: RuleCard, name: str) -> None:
    (parameter,) = PACKS.parameters[name]
    flipped = [
        (value, example.name)
        for value in other_values(parameter)
        for example in card.examples
        if verdict_on(example, card, altered(PACKS, name, value)).state is not State(example.verdict)
    ]
    assert flipped


def word_lists() -> Iterator[object]:
    for card in CARDS:
        for name in card.parameters.values():
            if PACKS.parameters[name][0].type == "list":
                yield pytest.param(card, name, id=f"{card.key}/{name}")


@pytest.mark.parametrize(("card", "name"), list(word_lists()))
def test_a_shorter_list_in_the_pack_gives_another_verdict(card: RuleCard, name: str) -> None:
    (parameter,) = PACKS.parameters[name]
    assert isinstance(parameter.value, tuple)
    shorter = [tuple(w for w in parameter.value if w != word) for word in parameter.value]
    assert [
        example.name
        for value in shorter
        for example in card.examples
        if verdict_on(example, card, altered(PACKS, name, value)).state is not State(example.verdict)
    ]


@by_card
def test_no_policy_number_is_typed_into_the_words(card: RuleCard) -> None:
    for text in (card.message, card.remedy, card.sentence):
        for language in ("zh", "en"):
            literal = "".join(part for part, *_ in Formatter().parse(text.in_language(language)))
            assert not re.search(r"\d|[一二两三四五六七八九十]+\s*[个家所]|\d\s*%", literal), literal


@pytest.mark.clause("WH-29")
def test_a_changed_pack_on_disk_changes_verdict_and_message(tmp_path: Path) -> None:
    folder = shutil.copytree(own_folder() / "wuhu", tmp_path / "wuhu")
    file = folder / "clauses" / "2-tasks.yaml"
    before = '{key: max_county_hospital_led, op: "=", value: 2,'
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, before.replace("value: 2", "value: 1")), encoding="utf-8")
    packs = load_packs([tmp_path])
    card = next(c for c in packs.cards_for("wuhu") if c.id == "tertiary_partner_caps")
    example = next(e for e in card.examples if e.verdict == "MET")  # two led by county hospitals, one TCM
    verdict = verdict_on(example, card, packs)
    assert verdict.state is State.VIOLATED
    assert "最多1家和1家" in verdict.sentence(verdict.findings[0], "zh")
    assert "1 and 1 at most" in verdict.sentence(verdict.findings[0], "en")


# --- wording decides about waivers ---------------------------------------------------------------------


@by_card
def test_only_in_principle_can_be_waived(card: RuleCard) -> None:
    example = first_broken(card)
    broken = verdict_on(example, card)
    waivers = [
        Waiver(card.key, finding.subject, Period(example.on), "市卫健委医政科", "过渡期")
        for finding in broken.findings
    ]
    waived = verdict_on(example, card, waivers=waivers)
    if card.force.value == "principle":
        assert waived.state is State.WAIVED
        assert [waiver for _, waiver in waived.waived] == waivers
        assert "豁免" in card.remedy.zh and "waiver" in card.remedy.en
    else:
        assert (waived.state, waived.waived) == (broken.state, ())
        assert "申请豁免" not in card.remedy.zh


@by_card
def test_wording_decides_what_a_breach_is_called(card: RuleCard) -> None:
    expected = {
        Strength.BINDING: State.VIOLATED,
        Strength.WAIVABLE: State.VIOLATED,
        Strength.TARGET: State.AT_RISK,
        Strength.ADVISORY: State.ADVICE,
    }
    if card.deadline is None:
        assert verdict_on(first_broken(card), card).state is expected[card.force.strength]


def test_a_waiver_ends_and_names_its_subject() -> None:
    card = next(c for c in CARDS if c.key == "wuhu/one_city_consortium_per_district")
    example = first_broken(card)
    subject = verdict_on(example, card).findings[0].subject
    lapsed = Waiver(card.key, subject, Period(date(2019, 6, 25), example.on), "市卫健委", "过渡期")
    elsewhere = Waiver(card.key, "area:340208", Period(example.on), "市卫健委", "过渡期")
    of_another_pack = Waiver("cn/" + card.id, subject, Period(example.on), "市卫健委", "过渡期")
    assert verdict_on(example, card, waivers=[lapsed, elsewhere, of_another_pack]).state is State.VIOLATED


# --- inheritance ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", list(PACKS.packs))
def test_replaces_removes_just_the_card_it_names(pack: str) -> None:
    inherited = [card for part in PACKS.chain(pack) for card in part.cards]
    removed = {card.key for card in inherited} - {card.key for card in PACKS.cards_for(pack)}
    assert removed == {f"{card.replaces}/{card.id}" for card in inherited if card.replaces}


def test_only_who_may_lead_is_replaced_and_never_a_target() -> None:
    replacing = {card.key: card for card in CARDS if card.replaces}
    assert {(card.key, card.replaces) for card in replacing.values()} == {
        ("yunnan/who_may_lead_city_group", "cn"),
        ("yunnan/who_may_lead_county_community", "cn"),
        ("chuxiong/who_may_lead_city_group", "yunnan"),
        ("chuxiong/who_may_lead_county_community", "yunnan"),
        ("xinhui/who_may_lead_city_group", "cn"),
        ("taiyuan/who_may_lead_city_group", "cn"),
    }
    assert not [card.key for card in replacing.values() if card.deadline]


def test_the_nearest_document_says_who_may_lead() -> None:
    leading = [card.key for card in PACKS.cards_for("chuxiong") if card.id == "who_may_lead_city_group"]
    assert leading == ["chuxiong/who_may_lead_city_group"]


@pytest.mark.clause("CX-45")
@pytest.mark.clause("NHC-82")
def test_dates_of_two_levels_stand_side_by_side() -> None:
    """In November 2018 the nation's date has passed and the prefecture's has not."""
    cards = [card for card in PACKS.cards_for("chuxiong") if card.id == "every_place_in_one_grid"]
    facts = from_plain({"region": "5323", "areas": {"532331": {"name": "禄丰县"}}})
    verdicts = evaluate(PACKS, cards, PREDICATES, facts, on=date(2018, 11, 15))
    assert {v.card.pack: (v.state, v.deadline) for v in verdicts} == {
        "cn": (State.MISSED, date(2018, 10, 31)),
        "chuxiong": (State.AT_RISK, date(2018, 11, 30)),
    }
