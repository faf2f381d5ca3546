"""The pure rules of consent and emergency access."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.access.rules import Outcome, Purpose
from tiercare.apps.access.rules.consent import (
    BAD_EVIDENCE,
    LONGEST_TEXT,
    Asked,
    consent_refusals,
    end_of,
    evidence_refusal,
    glass_refusals,
    longest_until,
    review_refusals,
    words_refusals,
)
from tiercare.kernel.clock import day_of

DAYS = st.dates(date(2018, 1, 1), date(2100, 1, 1))


@given(today=DAYS, days=st.integers(-800, 800), at_desk=st.booleans())
def test_a_consent_runs_from_today_for_a_year_at_most(today, days, at_desk) -> None:
    asked = Asked([Purpose.TREATMENT], today + timedelta(days=days), "1" if at_desk else "")
    allowed = not consent_refusals(asked, today=today, at_desk=at_desk)
    assert allowed == (today <= asked.until <= longest_until(today))


@given(today=DAYS)
def test_a_year_has_365_or_366_days(today) -> None:
    assert (longest_until(today) - today).days in (365, 366)


@given(day=DAYS)
def test_the_last_day_belongs_to_the_consent(day) -> None:
    assert day_of(end_of(day) - timedelta(microseconds=1)) == day
    assert day_of(end_of(day)) == day + timedelta(days=1)


@given(text=st.text(max_size=30))
def test_an_explanation_is_taken_or_refused_by_its_length_and_its_letters(text) -> None:
    refused = bool(glass_refusals("other", text))
    visible = all(each.isprintable() or each in "\n\r\t" for each in text)
    assert refused == (len(text) < 10 or not visible)
    assert bool(glass_refusals("whatever", text))


def test_everything_that_is_missing_is_told_at_once() -> None:
    told = consent_refusals(Asked((), None), today=date(2026, 1, 1), at_desk=True)
    assert {refusal.at for refusal in told} == {"purposes", "until", "evidence"}
    assert {refusal.at for refusal in review_refusals("", "")} == {"outcome"}
    assert [refusal.at for refusal in review_refusals(Outcome.UNJUSTIFIED, "")] == ["remark"]
    assert review_refusals(Outcome.JUSTIFIED, "") == ()


def test_words_are_neither_empty_nor_endless_nor_invisible() -> None:
    assert [refusal.at for refusal in words_refusals("", at="text")] == ["text"]
    assert words_refusals("好" * LONGEST_TEXT, at="text") == ()
    assert len(words_refusals("好" * (LONGEST_TEXT + 1), at="text")) == 1
    assert len(words_refusals("好\x00", at="text")) == 1
    assert evidence_refusal("授权书\x1b") is BAD_EVIDENCE and evidence_refusal("授权书 1") is None
