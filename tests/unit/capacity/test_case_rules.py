"""Which steps a case has, when a step is done, and when a patient is ready for the institution below."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.capacity.rules.cases import (
    FUNCTIONS,
    CaseKind,
    Step,
    Unit,
    checklist,
    may_open,
    steps_of,
    unchecked,
)
from tiercare.apps.capacity.rules.criteria import (
    LONGEST_ITEM,
    MOST_ITEMS,
    Stage,
    proposes_down_referral,
    unmet,
    unusable,
)

KINDS = st.sampled_from(CaseKind)
RUN = st.frozensets(st.sampled_from(FUNCTIONS))
ITEMS = st.lists(st.text("甲乙丙丁戊", min_size=1, max_size=4), min_size=1, max_size=6, unique=True)


def unit(functions=(), *, level=3, day_surgery=True) -> Unit:
    return Unit(level, frozenset(step.value for step in functions), day_surgery)


@given(KINDS, RUN)
def test_what_the_centre_does_not_run_is_no_step_unless_the_case_would_be_none(kind, run) -> None:
    found, most, least = (steps_of(kind, unit(each)) for each in (run, FUNCTIONS, ()))
    assert set(least) <= set(found) <= set(most)
    assert set(found) == set(least) | (set(most) & run)
    assert [step for step in most if step in found] == list(found)  # the order is always the same
    assert Step.ADMISSION in least and Step.DISCHARGE in least
    assert (Step.OPERATION in least) is (kind is not CaseKind.ADMISSION)


@given(KINDS, st.sampled_from(Step), st.frozensets(st.integers(-1, 5)))
def test_a_step_is_done_when_everything_on_its_list_is_ticked(kind, step, ticked) -> None:
    wanted = checklist(kind, step)
    refusal = unchecked(kind, step, ticked)
    assert (refusal is None) is (set(range(len(wanted))) <= ticked)
    if refusal is not None:
        missing = [text.zh for at, text in enumerate(wanted) if at not in ticked]
        assert all(text in refusal.sentence("zh-hans") for text in missing)


@given(st.integers(0, 3), st.none() | st.integers(1, 3), st.booleans(), RUN)
def test_who_may_open_what(level, tier, day_surgery, run) -> None:
    here = unit(run, level=level, day_surgery=day_surgery)
    assert (may_open(CaseKind.ADMISSION, here, tier=tier) is None) is bool(run)
    assert (may_open(CaseKind.ELECTIVE_SURGERY, here, tier=tier) is None) is bool(run)
    by_day = may_open(CaseKind.DAY_SURGERY, here, tier=tier) is None
    assert by_day is (day_surgery and (tier is None or level >= tier))


@given(ITEMS, st.data(), st.sampled_from(["", "本人要求"]))
def test_discharge_needs_all_criteria_and_admission_one_or_a_word_why(items, data, note) -> None:
    met = data.draw(st.frozensets(st.sampled_from(items)))
    assert (unmet(Stage.ADMISSION, items, met, note) is None) is (bool(met) or bool(note))
    assert (unmet(Stage.DISCHARGE, items, met, note) is None) is (met == set(items) or bool(note))
    assert proposes_down_referral(Stage.DISCHARGE, items, met) is (met == set(items))
    assert not proposes_down_referral(Stage.ADMISSION, items, items)
    other = unmet(Stage.DISCHARGE, items, [*items, "别的"], "有话说")
    assert other is not None and other.code == "capacity.criteria_changed"


def test_nothing_is_proposed_where_there_are_no_criteria() -> None:
    assert not proposes_down_referral(Stage.DISCHARGE, [], [])


@pytest.mark.parametrize(
    ("disease", "items", "code"),
    [
        ("", ["甲"], "without_disease"),
        ("病" * 81, ["甲"], "without_disease"),
        ("肺\n炎", ["甲"], "without_disease"),
        ("肺炎", [], "without_items"),
        ("肺炎", ["甲", "甲"], "without_items"),
        ("肺炎", [str(n) for n in range(MOST_ITEMS + 1)], "without_items"),
    ],
)
def test_what_is_no_list_is_refused(disease, items, code) -> None:
    refusal = unusable(disease, items)
    assert refusal is not None and refusal.code == f"capacity.criteria_{code}"


def test_an_item_that_nobody_would_read_is_refused() -> None:
    assert unusable("肺炎", ["甲" * LONGEST_ITEM]) is None
    refusal = unusable("肺炎", ["甲" * (LONGEST_ITEM + 1)])
    assert refusal is not None and refusal.code == "capacity.criterion_too_long"
