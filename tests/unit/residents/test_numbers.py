"""Identity numbers: what is hard, what is told, what is never shown."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from tiercare.apps.residents.rules import (
    IdentityKind,
    Number,
    Sex,
    fold_number,
    guess_kind,
    mask_number,
    read_number,
)
from tiercare.kernel.refusal import Refusal

TODAY = date(2026, 11, 22)
days = st.dates(date(1900, 1, 1), TODAY)


def number(born: date, sequence: int, area: int) -> str:
    body = f"{area:06d}{born:%Y%m%d}{sequence:03d}"
    return body + ric.calc_check_digit(body + "0")


@given(days, st.integers(0, 999), st.integers(110000, 659999))
def test_any_area_and_sequence_passes_with_its_check_digit(born: date, sequence: int, area: int) -> None:
    read = read_number(IdentityKind.ID_CARD, number(born, sequence, area), today=TODAY)
    assert read == Number(
        IdentityKind.ID_CARD, number(born, sequence, area), born, Sex.MALE if sequence % 2 else Sex.FEMALE
    )


@given(days, st.integers(0, 999), st.integers(0, 17), st.integers(1, 9))
def test_one_mistyped_digit_is_always_noticed(born: date, sequence: int, place: int, by: int) -> None:
    right = number(born, sequence, 340223)
    digit = right[place]
    wrong = right[:place] + (str((int(digit) + by) % 10) if digit.isdigit() else str(by)) + right[place + 1 :]
    assert isinstance(read_number(IdentityKind.ID_CARD, wrong, today=TODAY), Refusal)


@pytest.mark.parametrize(
    "typed",
    [
        "34052419800101001X",
        "34052419800101001x",
        " 340524 19800101 001X ",
        "３４０５２４１９８００１０１００１Ｘ",
    ],
)
def test_widths_blanks_and_case_are_the_same_number(typed: str) -> None:
    read = read_number(IdentityKind.ID_CARD, typed, today=TODAY)
    assert isinstance(read, Number) and read.value == "34052419800101001X"


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (IdentityKind.PASSPORT, "E1234567\x00"),
        (IdentityKind.PASSPORT, "我的证件"),
        (IdentityKind.PASSPORT, "A" * 200),
        (IdentityKind.ID_CARD, ""),
        (IdentityKind.ID_CARD, "340524198001010"),
        (IdentityKind.PHONE, "12812345678"),
        (IdentityKind.HK_MACAO_TAIWAN_RESIDENT, "34052419800101001X"),
        (IdentityKind.NONE, "1"),
    ],
)
def test_what_is_no_such_number_is_refused_without_repeating_it(kind: IdentityKind, typed: str) -> None:
    refusal = read_number(kind, typed, today=TODAY)
    assert isinstance(refusal, Refusal)
    if typed:
        assert typed not in refusal.sentence() + refusal.way_on() + refusal.sentence("en")


def test_a_number_born_tomorrow_does_not_exist() -> None:
    assert isinstance(
        read_number(IdentityKind.ID_CARD, number(date(2026, 11, 23), 1, 340223), today=TODAY), Refusal
    )


@given(st.sampled_from(["86", "+86", ""]), st.integers(3, 9), st.integers(0, 999_999_999))
def test_phones_are_one_number_with_and_without_the_country(prefix: str, second: int, rest: int) -> None:
    plain = f"1{second}{rest:09d}"
    read = read_number(IdentityKind.PHONE, prefix + plain, today=TODAY)
    assert isinstance(read, Number) and read.value == plain
    assert IdentityKind.PHONE in guess_kind(plain)


@given(st.text("0123456789X", min_size=5, max_size=18))
def test_a_mask_hides_most_and_keeps_the_length_it_shows(value: str) -> None:
    masked = mask_number(IdentityKind.PASSPORT, value)
    assert masked.count("*") >= min(2, len(value) - 3)
    assert value not in masked


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold_number(fold_number(text)) == fold_number(text)
