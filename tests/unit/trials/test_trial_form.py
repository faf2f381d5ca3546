"""What is typed into the form of a trial is what is tried, and what is drawn stays on the scale."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.trials.rules.asked import Asked, at_field, faults
from tiercare.apps.trials.rules.trials import MOST_LIVES, MOST_SEEDS, RESIDENTS, SEEDS
from tiercare.engines.twin.levers import LEVERS
from tiercare.engines.twin.values import Misfit, setting
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text
from tiercare.web.frame import Frame
from tiercare.web.trials import figures, plotting, presenters, summing, words
from tiercare.web.trials.typing import Typed

FRAME = cast(Frame, SimpleNamespace(on=date(2019, 7, 1)))
NUMBERS = sorted(name for name, lever in LEVERS.items() if lever.unit not in {"flag", "word"})
SHARES = sorted(name for name, lever in LEVERS.items() if lever.unit == "share")


@given(st.sampled_from(sorted(LEVERS)), st.sampled_from(("a", "b")), st.data())
def test_what_the_engine_takes_survives_the_form(name: str, side: str, data: st.DataObject) -> None:
    lever = LEVERS[name]
    if lever.unit == "word":
        value: Any = data.draw(st.sampled_from(lever.words))
    elif lever.unit == "flag":
        value = data.draw(st.booleans())
    elif lever.unit in {"hours", "weeks"}:
        value = data.draw(st.integers(int(lever.low), int(lever.high)))
    else:
        value = round(data.draw(st.floats(lever.low, lever.high)), 4)
    typed = Typed({f"{side}.{name}": words.typed(name, value), "title": "示例"})
    asked = typed.asked(FRAME)
    assert typed.faults == []
    read = (asked.a if side == "a" else asked.b)[name]
    assert read == pytest.approx(value) if isinstance(value, float) else read == value
    assert not isinstance(setting(name, read), Misfit), "and the engine takes it"
    assert (asked.b if side == "a" else asked.a) == {}


@given(st.sampled_from(NUMBERS), st.text(max_size=8))
def test_what_is_read_is_taken_and_what_is_not_is_said_at_its_field(name: str, given_: str) -> None:
    typed = Typed({f"b.{name}": given_})
    asked = typed.asked(FRAME)
    if typed.faults:
        assert [each.at for each in typed.faults] == [f"b.{name}"] and name not in asked.b
        assert typed.faults[0].sentence("zh") and typed.faults[0].way_on("en")
    elif given_:
        assert not isinstance(setting(name, asked.b[name]), Misfit)


@pytest.mark.parametrize("name", SHARES)
def test_shares_are_typed_in_per_cent(name: str) -> None:
    assert Typed({f"b.{name}": "12.5"}).asked(FRAME).b == {name: 0.125}
    wrong = Typed({f"b.{name}": "101"})
    wrong.asked(FRAME)
    assert [each.code for each in wrong.faults] == ["trials.outside"]


def test_an_empty_form_asks_for_the_usual_size_and_nothing_changed() -> None:
    asked = Typed({}).asked(FRAME)
    assert (asked.a, asked.b, asked.residents, asked.seeds) == ({}, {}, RESIDENTS, SEEDS)
    assert [each.at for each in faults(asked)] == ["title"]


@given(st.integers(-5, 2 * MOST_LIVES), st.integers(-5, 2 * MOST_SEEDS))
def test_a_trial_that_is_let_through_is_small_enough(residents: int, seeds: int) -> None:
    wrong = {each.code for each in faults(Asked("示例", b={}, residents=residents, seeds=seeds))}
    assert bool(wrong & {"trials.bad_seeds", "trials.too_large"}) or residents * seeds <= MOST_LIVES


def test_faults_of_a_scenario_stand_at_the_fields_of_its_side() -> None:
    def at(place: str | None) -> str | None:
        return at_field(Refusal("x", Text("", ""), Text("", ""), at=place), "b").at

    assert [at("changes.reserve_share"), at("changes"), at("residents"), at(None)] == [
        "b.reserve_share",
        "b",
        "residents",
        None,
    ]


AMOUNT = st.one_of(st.none(), st.floats(-1e6, 1e6))
UNITS = st.sampled_from(("share", "days", "yuan", "count"))


@given(st.lists(st.floats(-1e4, 1e4), min_size=5, max_size=5))
def test_what_is_drawn_lies_on_its_scale_in_its_order_and_on_its_side_of_zero(values: list[float]) -> None:
    band_low, low, mean, high, band_high = sorted(values)
    raw = {"mean": mean, "low": low, "high": high, "band": {"low": band_low, "high": band_high}}
    drawn = plotting.drawn(raw)
    if drawn is None:
        assert not any(values)
        return
    places = [float(drawn[each]) for each in ("band_low", "low", "mean", "high", "band_high")]
    assert places == sorted(places)
    assert places[0] >= 0 and places[-1] <= plotting.WIDTH
    assert (float(drawn["mean"]) - float(drawn["zero"])) * mean >= 0
    assert plotting.drawn(raw | {"low": None}) is None, "with too few values there is no interval to draw"


@given(AMOUNT, UNITS)
def test_no_change_carries_no_sign(number: float | None, unit: str) -> None:
    told = figures.value(number, unit, change=True, bare=True)
    if number is None:
        assert told == "—"
    elif any(digit in told for digit in "123456789"):
        assert told.startswith("+" if number > 0 else "-")
    else:
        assert told[0] == "0"


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), UNITS)
def test_both_sides_of_a_row_are_told_with_as_many_digits(a: float, b: float, unit: str) -> None:
    digits = figures.digits_of(unit, a, b)
    told = [figures.value(each, unit, digits=digits, bare=True) for each in (a, b)]
    assert len({each.partition(".")[2].__len__() for each in told}) == 1
    for number, shown in zip((a, b), told, strict=True):
        given_ = number * (100 if unit == "share" else 1)
        assert float(shown.replace(",", "")) == pytest.approx(given_, abs=0.5 * 10.0**-digits + 1e-9)


@given(st.floats(1e-6, 1e-3), UNITS)
def test_a_difference_that_is_one_is_never_told_as_nothing(change: float, unit: str) -> None:
    digits = figures.digits_of(unit, 50.0, 50.0 + change, change=change)
    assert figures.value(change, unit, digits=digits, change=True).startswith("+")


def line_of(name: str, verdict: str, **more: Any) -> dict[str, Any]:
    """An outcome as the sentences read it."""
    raw = {"mean": -1.0 if verdict == "less" else 1.0, "robust": True, "alone": False, **more}
    return {
        "short": name,
        "headline": name in {"基层首诊率", "个人负担"},
        "verdict": verdict,
        "certain": verdict in presenters.CERTAIN,
        "a": "1",
        "b": "2",
        "within": "+1 至 +2",
        "leans": more.get("leans", []),
        "raw": raw,
    }


TOLD = {
    "line": {"residents": "2,000", "seeds": 8},
    "year": 2019,
    "policy": [
        {"short": "预留号源比例", "a": "10%", "b": "20%", "differs": True},
        {"short": "签约率", "a": "30%", "b": "30%", "differs": False},
    ],
    "sides": ("现行政策", "情景"),
}


def lost(group: str, *, sure: bool, place: bool = False) -> dict[str, Any]:
    raw = {"before": 100.0, "after": 112.0}
    return {"group": group, "short": "个人负担", "after": "112 元", "sure": sure, "place": place, "raw": raw}


def test_what_came_of_it_is_said_in_five_sentences() -> None:
    price = {"text": "每百元自付的负效用", "ours": True, "raw": -0.8}
    rows = [
        line_of("基层首诊率", "better", leans=[price]),
        line_of("个人负担", "worse", robust=False, leans=[price]),
        line_of("等床天数", "unclear", alone=True),
        line_of("签约率", "same"),
    ]
    losing = [lost("职工医保", sure=True), lost("住在甲镇", sure=True, place=True), lost("儿童", sure=False)]
    tried, did, lose, sure, leans = summing.sentences(TOLD, rows, losing, 4)
    assert "2,000 名虚构居民" in tried and "与现行政策相比，预留号源比例由 10% 改为 20%。" in tried
    assert "签约率" not in tried, "what is the same on both sides is not what is tried"
    assert did.startswith("更好的有基层首诊率由 1 升至 2（+1 至 +2）；更差的有个人负担由")
    assert lose == "吃亏的有 1 类人和 1 个地方的居民，最重的是职工医保（个人负担 +12.0 %）。"
    assert sure.startswith("4 项结果一起判断，2 项确有差别") and "其中 1 项换一组假设" in sure
    assert "1 项单看像有" in sure
    assert "每百元自付的负效用”（平台假设，牵动基层首诊率、个人负担）" in leans


def test_what_the_main_results_lean_on_is_named_first() -> None:
    price, visits = (
        {"text": text, "ours": True, "raw": raw} for text, raw in (("自付", 0.7), ("随访", -0.99))
    )
    rows = [line_of("个人负担", "worse", leans=[price]), line_of("控制率", "better", leans=[visits])]
    assert "“自付”" in summing.sentences(TOLD, rows, [], 2)[4]
    assert "“随访”" in summing.sentences(TOLD, rows[1:], [], 2)[4]


def test_what_is_not_known_is_said_to_be_not_known() -> None:
    rows = [line_of("基层首诊率", "unclear"), line_of("个人负担", "unclear")]
    _tried, did, lose, sure, leans = summing.sentences(TOLD, rows, [lost("儿童", sure=False)], 2)
    assert did == "没有哪一项看得出更好或更差。"
    assert lose == "没有哪一组人可以确定吃亏。"
    assert "0 项确有差别" in sure and "看不出差别。" in sure
    assert "还看不出结果最依赖哪条假设" in leans
    older = summing.sentences(TOLD, rows, [], None)[3]
    assert "早于多项校正" in older and "请再算一次" in older


def test_only_so_many_are_named_and_the_others_counted() -> None:
    rows = [line_of(f"第{n}项", "better") for n in range(5)]
    did = summing.sentences(TOLD, rows, [lost(f"第{n}组", sure=True) for n in range(9)], 5)
    assert did[1].count("升至") == 3 and "等 5 项；没有哪一项看得出更差" in did[1]
    assert did[2].count("第") == 3 and "9 类人" in did[2]
