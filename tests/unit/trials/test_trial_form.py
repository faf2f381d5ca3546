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
from tiercare.web.trials import plotting, presenters, words
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


@given(
    st.lists(
        st.tuples(st.floats(-1e4, 1e4), st.lists(st.floats(-1e4, 1e4), min_size=5, max_size=5)), max_size=6
    )
)
def test_everything_drawn_lies_on_the_scale_in_its_order(found: list[tuple[float, list[float]]]) -> None:
    rows = []
    for base, values in found:
        band_low, low, mean, high, band_high = sorted(values)
        raw = {
            "a": {"mean": base},
            "mean": mean,
            "low": low,
            "high": high,
            "band": {"low": band_low, "high": band_high},
        }
        rows.append({"raw": raw, "name": "", "word": "", "tag": "", "icon": "", "verdict": ""})
    drawn = plotting.plot(rows)
    if drawn is None:
        assert all(not base or not any(sorted(values)[1:4:2]) for base, values in found)
        return
    assert len(drawn["rows"]) == sum(bool(base) for base, _ in found), "without a base there is no per cent"
    for row in drawn["rows"]:
        places = [float(row[each]) for each in ("band_low", "low", "mean", "high", "band_high")]
        assert places == sorted(places)
        assert places[0] >= 0 and places[-1] <= plotting.WIDTH


@given(AMOUNT, st.sampled_from(("share", "days", "yuan", "count")))
def test_no_change_carries_no_sign(number: float | None, unit: str) -> None:
    told = presenters.value(number, unit, change=True, bare=True)
    if number is None:
        assert told == "—"
    elif any(digit in told for digit in "123456789"):
        assert told.startswith("+" if number > 0 else "-")
    else:
        assert told[0] == "0"
