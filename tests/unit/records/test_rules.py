"""The pure rules of records: diagnoses as they are typed, files by their bytes, control from readings, what cannot be."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tiercare.policies
from tiercare.apps.records.rules.checking import no_text, wrong_conditions, wrong_drugs, wrong_times
from tiercare.apps.records.rules.contacts import alerts_of, outcome_refusal
from tiercare.apps.records.rules.control import Control, Day, control_of, with_control
from tiercare.apps.records.rules.delicate import is_special
from tiercare.apps.records.rules.entries import Diagnosis, Drug, Reading, as_reading, flag_of
from tiercare.apps.records.rules.files import file_refusal, media_type_of, size_refusal
from tiercare.apps.records.rules.icd import CATEGORIES, read_diagnosis
from tiercare.apps.records.rules.vocabulary import STAGE_IN_PACK, ContactOutcome, Flag, Stage
from tiercare.apps.terms.pinyin import initials
from tiercare.engines.guidelines import Direction, load_guidelines

CN = Path(tiercare.policies.__path__[0]) / "cn"
BOOK = load_guidelines([CN])
FIXED = {"age": 52.0, "sex": "M"}
START = date(2026, 1, 5)


def days(*pressures: tuple[int, int]) -> list[Day]:
    return [
        Day(START + timedelta(days=14 * n), {"sbp": float(sbp), "dbp": float(dbp)})
        for n, (sbp, dbp) in enumerate(pressures)
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I10", ("I10", "原发性高血压")),
        ("i10", ("I10", "原发性高血压")),
        ("yfxgxy", ("I10", "原发性高血压")),
        ("痛风", ("M10", "痛风")),
        ("E11.900 2型糖尿病", ("E11.900", "2型糖尿病")),
        ("I63.9", ("I63.9", "脑梗死")),
        ("K59.0 便秘", ("K59.0", "便秘")),
        ("K59.0", None),  # not on the list, and without a name
        ("高血压", None),  # several
        ("不知道", None),
        ("", None),
        ("z", None),
    ],
)
def test_a_diagnosis_is_read_by_code_name_or_pinyin(text, found) -> None:
    assert read_diagnosis(text, initials) == found


def test_every_disease_of_the_guidelines_can_be_entered() -> None:
    heads = {code[:3] for code in CATEGORIES}
    for table in BOOK.tables.values():
        assert heads & set(table.icd10), table.disease
    assert wrong_conditions([Diagnosis(code, name) for code, name in list(CATEGORIES.items())[:1]]) == []


@given(st.binary(max_size=400))
def test_no_bytes_break_the_check_of_files_and_what_passes_is_of_a_known_type(content: bytes) -> None:
    refusal = file_refusal(content, claimed="", most=None)
    assert refusal is not None or media_type_of(content) in {"application/pdf", "image/jpeg", "image/png"}


def test_sizes_stand_before_content() -> None:
    assert size_refusal(2_000_000, 1_000_000) is not None and size_refusal(2_000_000, None) is None
    refusal = file_refusal(b"%PDF-" + b"0" * 2_000_000, claimed="", most=1_000_000)
    assert refusal is not None and refusal.code == "records.file_too_large"


@pytest.mark.parametrize(
    ("pressures", "control"),
    [
        ([], Control.UNKNOWN),
        ([(150, 95)], Control.NOT_YET),
        ([(130, 80)], Control.AT_TARGET),
        ([(130, 80), (150, 95), (152, 96)], Control.POOR),
        ([(150, 95), (130, 80), (128, 78)], Control.STABLE),
        ([(150, 95), (130, 80), (150, 95)], Control.NOT_YET),
        ([(150, 95), (150, 95), (130, 80)], Control.AT_TARGET),
    ],
)
def test_control_is_what_the_last_two_readings_say(pressures, control) -> None:
    assert control_of(BOOK, "hypertension", days(*pressures), fixed=FIXED).control is control


def test_the_age_moves_the_target_and_the_guidelines_hold_it() -> None:
    series = days((146, 86), (147, 85))
    assert control_of(BOOK, "hypertension", series, fixed=FIXED).control is Control.POOR
    older = control_of(BOOK, "hypertension", series, fixed={"age": 70.0, "sex": "M"})
    assert older.control is Control.STABLE and older.proposal is Direction.DOWN


def test_control_is_as_old_as_the_second_reading() -> None:
    standing = control_of(BOOK, "hypertension", days((130, 80), (160, 95), (161, 96), (165, 97)), fixed=FIXED)
    assert standing.since == START + timedelta(days=28) and standing.proposal is Direction.UP
    # Severity classes of another source are no classes of control.
    fev = [Day(START, {"fev1": 40.0}), Day(START + timedelta(days=90), {"fev1": 41.0})]
    assert control_of(BOOK, "copd", fev, fixed=FIXED).control is Control.UNKNOWN


@given(
    st.lists(st.tuples(st.integers(90, 220), st.integers(50, 130)), min_size=2, max_size=8),
    st.randoms(use_true_random=False),
)
def test_the_order_in_which_readings_come_changes_nothing(pressures, chance) -> None:
    series = days(*pressures)
    shuffled = list(series)
    chance.shuffle(shuffled)
    assert control_of(BOOK, "hypertension", shuffled, fixed=FIXED) == control_of(
        BOOK, "hypertension", series, fixed=FIXED
    )


def test_what_somebody_stated_is_not_written_over() -> None:
    poor = control_of(BOOK, "hypertension", days((160, 95), (161, 96)), fixed=FIXED)
    assert with_control({}, [poor])["not_at_target_twice"] is True
    assert with_control({"not_at_target_twice": False}, [poor])["not_at_target_twice"] is False
    assert "not_at_target_twice" not in with_control({}, [])


def test_only_urgent_criteria_in_which_the_answers_take_part_are_alerts() -> None:
    answers = {"sbp": 190.0, "dbp": 115.0, "chest_pain": True}
    found = alerts_of(BOOK, ["hypertension"], answers, {}, tier=1, on=date(2026, 11, 1))
    assert "HT-E-3" in found
    known = {"consciousness_change": True}
    assert alerts_of(BOOK, ["hypertension"], {"sbp": 120.0}, known, tier=1, on=date(2026, 11, 1)) == ()
    assert alerts_of(BOOK, ["hypertension"], {}, known, tier=1, on=date(2026, 11, 1)) == ()


def test_outcomes_ask_for_what_they_owe() -> None:
    assert outcome_refusal(ContactOutcome.REACHED, "", {"sbp": 130.0}) is None
    assert outcome_refusal(ContactOutcome.REFUSED, " ", {}) is not None
    assert outcome_refusal(ContactOutcome.NOT_REACHED, "无人接听", {}) is None


def test_flags_follow_the_range_unless_the_laboratory_says() -> None:
    low, high = Decimal("3.5"), Decimal("5.3")
    assert flag_of(Reading("K", Decimal("6.1"), low=low, high=high)) is Flag.HIGH
    assert flag_of(Reading("K", Decimal("3.5"), low=low, high=high)) is Flag.NORMAL
    assert flag_of(Reading("K", Decimal("1"), low=low, high=high, flag=Flag.NORMAL)) is Flag.NORMAL
    assert flag_of(Reading("K", Decimal("1"))) is Flag.NONE
    assert as_reading("smoking", True).words == "yes" and as_reading("sbp", 138.0).value == Decimal("138.0")


def test_small_things_that_cannot_be() -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    assert wrong_times(now, None, now=now) == [] and len(wrong_times(now, now - timedelta(1), now=now)) == 1
    assert wrong_drugs([Drug("甲", since=date(2026, 2, 1), until=date(2026, 1, 1))])
    assert no_text("好\x00") and no_text("\ud800") and not no_text("好😀")


def test_what_can_brand_is_told_by_code_alone_or_in_a_list() -> None:
    assert is_special("F20.0") and is_special(["I10", "B20"]) and is_special(iter(["A15.0"]))
    assert not is_special("I10") and not is_special([]) and not is_special("F45.0")


def test_every_group_of_the_packs_is_a_stage() -> None:
    named = {"acute_recovery", "postop_recovery", "critical_stable", "chronic_stable", "convalescent"}
    assert set(STAGE_IN_PACK) == named
    assert frozenset().union(*STAGE_IN_PACK.values()) == frozenset(Stage) - {Stage.NONE}
