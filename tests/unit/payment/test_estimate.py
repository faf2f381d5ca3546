"""What a patient would pay: exact to the fen, step by step, and never more for having been referred."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tiercare.engines.payment import (
    Benefit,
    Benefits,
    Care,
    Case,
    Confidence,
    Cover,
    InsuranceKind,
    Referral,
    benefit_of,
    estimate,
    load_benefits,
    typical_case,
)
from tiercare.engines.policy import load_packs
from tiercare.engines.policy.load import PackErrors, own_folder
from tiercare.kernel.money import Money

ON = date(2026, 1, 1)
CN = own_folder() / "cn"
BOOK = load_benefits([CN])
NOTHING = Money(0)
STAY = Case(Care.INPATIENT, 3, Referral.NONE, Money.yuan(20_000))
RESIDENT = Cover(InsuranceKind.RESIDENT)

amounts = st.integers(0, 50_000_000).map(Money)
rates = st.integers(0, 100).map(lambda n: Decimal(n) / 100)


@st.composite
def books(draw: st.DrawFn) -> Benefits:
    """What any region may write down: a referral is never paid worse than none; perhaps with caps."""
    rows = []
    for level in range(4):
        ratio = draw(rates)
        row = replace(
            BOOK.rows[0],
            levels=frozenset({level}),
            deductible=draw(amounts),
            ratio=ratio,
            unreferred=min(ratio, draw(rates)),
            cap=draw(st.none() | amounts),
        )
        rows += [replace(row, care=care, cover=kind) for care in Care for kind in InsuranceKind]
    continuity = tuple(replace(each, continuous=draw(st.booleans())) for each in BOOK.continuity)
    return Benefits(tuple(rows), continuity)


covers = st.builds(Cover, st.sampled_from(InsuranceKind), amounts)
cases = st.builds(Case, st.sampled_from(Care), st.integers(0, 3), st.sampled_from(Referral), amounts, amounts)


def paid(cover: Cover, case: Case, book: Benefits) -> tuple[Money, Money]:
    """By the patient and by the fund."""
    found = estimate(cover, case, book, on=ON)
    assert found.known
    assert found.out_of_pocket is not None
    assert found.fund_pays is not None
    return found.out_of_pocket, found.fund_pays


@given(covers, cases, books())
def test_the_two_shares_are_the_bill_and_none_is_negative(cover: Cover, case: Case, book: Benefits) -> None:
    own, fund = paid(cover, case, book)
    assert own + fund == case.cost + case.outside
    assert NOTHING <= fund <= case.cost
    assert own >= case.outside


@given(covers, cases, amounts, books())
def test_a_higher_bill_is_never_cheaper_for_anybody(
    cover: Cover, case: Case, more: Money, book: Benefits
) -> None:
    before = paid(cover, case, book)
    after = paid(cover, replace(case, cost=case.cost + more), book)
    assert after[0] >= before[0]
    assert after[1] >= before[1]


@given(covers, cases, books())
def test_a_referral_is_never_dearer_than_none(cover: Cover, case: Case, book: Benefits) -> None:
    alone, _ = paid(cover, replace(case, referral=Referral.NONE), book)
    for referral in (Referral.UP, Referral.DOWN):
        assert paid(cover, replace(case, referral=referral), book)[0] <= alone


@given(covers, cases, amounts, books())
def test_what_was_paid_of_the_deductible_is_never_to_anybodys_harm(
    cover: Cover, case: Case, more: Money, book: Benefits
) -> None:
    later = replace(cover, deductible_paid=cover.deductible_paid + more)
    assert paid(later, case, book)[0] <= paid(cover, case, book)[0]


@given(covers, cases, books())
def test_the_lines_tell_what_was_reckoned(cover: Cover, case: Case, book: Benefits) -> None:
    found = estimate(cover, case, book, on=ON)
    assert found.lines[0].amount == case.cost + case.outside
    assert found.lines[1].amount == found.deductible
    assert found.lines[-1].amount == found.out_of_pocket
    for line in found.lines:
        for language in ("zh", "en"):
            assert "{" not in line.sentence(language)


def test_referred_up_only_the_difference_is_still_to_pay() -> None:
    """国办发〔2017〕32号, facts/08 §8.4: max(0, D_upper - D_lower_paid)."""
    lower, upper = (benefit_of(BOOK, InsuranceKind.RESIDENT, Care.INPATIENT, n, on=ON) for n in (1, 3))
    assert lower is not None
    assert upper is not None
    paid_below = Cover(InsuranceKind.RESIDENT, lower.deductible)
    up = estimate(paid_below, replace(STAY, referral=Referral.UP), BOOK, on=ON)
    assert up.deductible == upper.deductible - lower.deductible
    more = Cover(InsuranceKind.RESIDENT, upper.deductible + Money(1))
    assert estimate(more, replace(STAY, referral=Referral.UP), BOOK, on=ON).deductible == NOTHING
    by_themself = estimate(paid_below, STAY, BOOK, on=ON)
    assert by_themself.deductible == upper.deductible


def test_referred_down_there_is_no_deductible() -> None:
    back = Case(Care.INPATIENT, 1, Referral.DOWN, Money.yuan(3000))
    found = estimate(RESIDENT, back, BOOK, on=ON)
    row = benefit_of(BOOK, InsuranceKind.RESIDENT, Care.INPATIENT, 1, on=ON)
    assert row is not None
    assert found.deductible == NOTHING
    assert found.fund_pays == Money.yuan(3000).share(row.ratio)


def test_a_deductible_ends_with_a_bill_below_it() -> None:
    small = replace(STAY, cost=Money(1))
    found = estimate(RESIDENT, small, BOOK, on=ON)
    assert (found.deductible, found.out_of_pocket, found.fund_pays) == (Money(1), Money(1), NOTHING)


def test_the_deductible_of_a_referred_stay_counts_on_as_the_region_says() -> None:
    """新会 lets it count on, by its own text; a pack that says it starts anew makes the referred pay it whole."""
    packs = load_packs()
    book = load_benefits([Path(pack.folder) for pack in packs.chain("xinhui")])
    assert book.continuity[-1].clauses == ("XH-100",)
    before = Cover(InsuranceKind.RESIDENT, Money.yuan(200))
    up = replace(STAY, referral=Referral.UP)
    anew = replace(book, continuity=(*book.continuity[:-1], replace(book.continuity[-1], continuous=False)))
    row = benefit_of(book, InsuranceKind.RESIDENT, Care.INPATIENT, 3, on=ON)
    assert row is not None
    assert estimate(before, up, book, on=ON).deductible == row.deductible - Money.yuan(200)
    assert estimate(before, up, anew, on=ON).deductible == row.deductible


def test_nothing_is_estimated_without_a_cover_or_without_a_benefit() -> None:
    for cover, book in ((None, BOOK), (RESIDENT, Benefits())):
        found = estimate(cover, STAY, book, on=ON)
        assert not found.known
        assert found.out_of_pocket is found.fund_pays is found.ratio is None
        assert found.caveat.zh
    assert not estimate(RESIDENT, STAY, BOOK, on=date(2017, 1, 1)).known


def test_an_assumed_rate_is_told_as_one() -> None:
    assert {row.confidence for row in BOOK.rows} == {Confidence.ASSUMPTION}
    told = estimate(RESIDENT, STAY, BOOK, on=ON).caveat
    assert told.zh.startswith("估算，仅供参考")
    assert "假设" in told.zh
    known = replace(BOOK, rows=tuple(replace(row, confidence=Confidence.TEXT) for row in BOOK.rows))
    assert "假设" not in estimate(RESIDENT, STAY, known, on=ON).caveat.zh


def test_each_level_of_care_has_its_own_deductible_and_rate() -> None:
    """不同级别医疗机构实行不同的起付标准和支付比例: the higher, the more is left to the patient."""
    for kind in InsuranceKind:
        for care in Care:
            rows = [benefit_of(BOOK, kind, care, level, on=ON) for level in range(4)]
            assert None not in rows
            held: list[Benefit] = [row for row in rows if row is not None]
            assert [row.ratio for row in held] == sorted((row.ratio for row in held), reverse=True)
            assert [row.deductible for row in held] == sorted(row.deductible for row in held)


def test_a_usual_case_stands_in_for_the_bill() -> None:
    usual = typical_case(
        BOOK, InsuranceKind.RESIDENT, care=Care.INPATIENT, level=3, referral=Referral.UP, on=ON
    )
    assert usual is not None
    assert usual.cost > NOTHING
    none = replace(BOOK, rows=tuple(replace(row, typical=None) for row in BOOK.rows))
    assert (
        typical_case(none, InsuranceKind.RESIDENT, care=Care.INPATIENT, level=3, referral=Referral.UP, on=ON)
        is None
    )


def test_the_more_local_row_takes_the_place(tmp_path: Path) -> None:
    local = tmp_path / "local"
    local.mkdir()
    (local / "benefits.yaml").write_text(
        """
benefits:
  - cover: RESIDENT
    care: INPATIENT
    confidence: text
    source: {zh: 示例, en: example}
    since: 2025-01-01
    until: 2026-01-02
    levels:
      - {levels: [3], deductible: 900, percent: 61, percent_unreferred: 41}
""",
        encoding="utf-8",
    )
    book = load_benefits([CN, local])
    assert estimate(RESIDENT, STAY, book, on=ON).deductible == Money.yuan(900)
    assert estimate(RESIDENT, STAY, book, on=date(2026, 1, 2)).deductible != Money.yuan(900)
    assert estimate(RESIDENT, replace(STAY, level=2), book, on=ON).known
    assert book.version != BOOK.version
    assert load_benefits([tmp_path]).rows == ()


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ("percent: 61", "percent: 101", "benefits.0.levels.0.percent"),
        ("percent_unreferred: 41", "percent_unreferred: 62", "benefits.0.levels.0.percent_unreferred"),
        ("levels: [3]", "levels: [3, 3]", "benefits.0.levels"),
        ("until: 2026-01-02", "until: 2025-01-01", "benefits.0.until"),
        ("deductible: 900", "deductible: -1", "benefits.0.levels.0.deductible"),
        ("deductible: 900", "deductible: 900.5", "benefits.0.levels.0.deductible"),
        ("confidence: text", "confidence: sure", "benefits.0.confidence"),
        ("care: INPATIENT", "kare: INPATIENT", "benefits.0.kare"),
    ],
)
def test_a_wrong_file_is_told_where_and_what(tmp_path: Path, before: str, after: str, key: str) -> None:
    text = """
benefits:
  - cover: RESIDENT
    care: INPATIENT
    confidence: text
    source: {zh: 示例, en: example}
    since: 2025-01-01
    until: 2026-01-02
    levels:
      - {levels: [3], deductible: 900, percent: 61, percent_unreferred: 41}
"""
    assert before in text
    (tmp_path / "benefits.yaml").write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(PackErrors) as told:
        load_benefits([tmp_path])
    assert key in {problem.key for problem in told.value.problems}
    assert all(problem.line > 1 for problem in told.value.problems)


def test_a_bill_has_no_negative_amount() -> None:
    with pytest.raises(ValueError, match="negative"):
        Case(Care.INPATIENT, 1, Referral.NONE, Money(-1))


@given(st.integers(0, 100), amounts)
def test_the_share_is_rounded_half_up_to_the_fen(percent: int, cost: Money) -> None:
    assume(cost > NOTHING)
    ratio = Decimal(percent) / 100
    row = replace(BOOK.rows[0], ratio=ratio, unreferred=ratio, deductible=NOTHING, cap=None)
    book = Benefits((replace(row, levels=frozenset({3})),))
    _, fund = paid(RESIDENT, replace(STAY, cost=cost), book)
    assert abs(fund.fen * 100 - cost.fen * percent) <= 50
