"""The reckoning: deductible, then the fund's share of the rest, then its cap.

``benefit = min(cap, (cost - deductible) x ratio)``; the deductible of a referred stay counts on (国办发〔2017〕32号, XH-100:
对符合规定的转诊住院患者连续计算起付线): referred up, only what the higher one exceeds what was paid; referred down, nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from tiercare.kernel.money import Money
from tiercare.kernel.text import Text

from .model import (
    CARE_NAMES,
    INSURANCE_NAMES,
    NOTHING,
    Benefit,
    Benefits,
    Care,
    Case,
    Confidence,
    Continuity,
    Cover,
    Estimate,
    InsuranceKind,
    Line,
    Referral,
)

NOT_ON_RECORD = Estimate(
    known=False,
    caveat=Text(
        "未登记参保情况，无法估算；以医保结算为准。", "No insurance cover on record: no estimate can be made."
    ),
)
NO_BENEFIT = Estimate(
    known=False,
    caveat=Text(
        "本地待遇标准未录入，无法估算；以医保结算为准。", "The local benefits are not on record: no estimate."
    ),
)
NOT_IN_BASIC = Estimate(
    known=False,
    caveat=Text(
        "不属于基本医保（自费、公费或商业保险），不作估算。",
        "Not in the basic insurance: no estimate is made.",
    ),
)
_ASSUMED = Text(
    "估算，仅供参考：待遇标准为平台假设，以医保结算为准。",
    "An estimate only: the rates are assumptions; the settlement counts.",
)
_BY_TEXT = Text("估算，仅供参考，以医保结算为准。", "An estimate only; the settlement counts.")
_WHOLE = Text("{care}费用，其中医保范围外 {outside} 元", "{care}, {outside} yuan of it outside the insurance")
_FROM_START = Text("起付标准（{levels}级机构）", "Deductible at level {levels}")
_UP = Text(
    "上转连续计算起付线：{full} 元减去已付 {paid} 元",
    "Referred up, the deductible counts on: {full} − {paid}",
)
_DOWN = Text("下转连续计算起付线：不再付起付线", "Referred down, the deductible counts on: nothing more")
_SHARE = Text("{kind}支付其余的 {percent}%", "{kind} pays {percent} % of the rest")
_CAPPED = Text("不超过支付限额 {cap} 元", "At most {cap} yuan")
_OWN = Text("个人支付", "Paid by the patient")


def estimate(cover: Cover | None, case: Case, benefits: Benefits, *, on: date) -> Estimate:
    """What the patient would pay of a case, with every step; amounts in fen, rounded half up where the share is taken.

    ``known`` is false without cover, or where no benefit is written down for it at this level on that day.
    """
    if cover is None:
        return NOT_ON_RECORD
    row = benefit_of(benefits, cover.kind, case.care, case.level, on=on)
    if row is None:
        return NO_BENEFIT
    continuity = _continuity(benefits, on)
    deductible, step = _deductible(row, cover, case, continuity)
    due = min(deductible, case.cost)
    ratio = row.unreferred if case.referral is Referral.NONE else row.ratio
    share, fund = _fund(row, case, due, ratio)
    own = case.cost + case.outside - fund
    counts_on = case.referral is Referral.UP and _counts_on(case, continuity)
    least = case.cost + case.outside - _fund(row, case, NOTHING, ratio)[1] if counts_on else own
    shown = {"kind": INSURANCE_NAMES[row.cover], "percent": f"{(ratio * 100).normalize():f}"}
    lines = (
        Line(_WHOLE, case.cost + case.outside, {"care": CARE_NAMES[case.care], "outside": case.outside}),
        Line(step.text, due, step.fields),
        Line(_SHARE, share, shown),
        *([Line(_CAPPED, fund, {"cap": row.cap})] if fund < share else []),
        Line(_OWN, own),
    )
    return Estimate(
        known=True,
        out_of_pocket=own,
        fund_pays=fund,
        deductible=due,
        ratio=ratio,
        lines=lines,
        caveat=_ASSUMED if row.confidence is Confidence.ASSUMPTION else _BY_TEXT,
        at_least=least,
        confidence=row.confidence,
    )


def typical_case(
    benefits: Benefits, kind: InsuranceKind, *, care: Care, level: int, referral: Referral, on: date
) -> Case | None:
    """The case that is reckoned with before there is a bill; ``None`` where the benefits name no usual cost."""
    row = benefit_of(benefits, kind, care, level, on=on)
    return None if row is None or row.typical is None else Case(care, level, referral, row.typical)


def benefit_of(
    benefits: Benefits, kind: InsuranceKind, care: Care, level: int, *, on: date
) -> Benefit | None:
    """The row that holds; of several the last, which is the most local and the newest."""
    found: Iterator[Benefit] = (
        row
        for row in reversed(benefits.rows)
        if row.cover is kind and row.care is care and level in row.levels and on in row.period
    )
    return next(found, None)


def _continuity(benefits: Benefits, on: date) -> Continuity | None:
    return next((each for each in reversed(benefits.continuity) if on in each.period), None)


def _fund(row: Benefit, case: Case, due: Money, ratio: Decimal) -> tuple[Money, Money]:
    """The fund's share after so much of the deductible, and what of it the cap leaves."""
    share = (case.cost - due).share(ratio)
    return share, share if row.cap is None else min(share, row.cap)


def _counts_on(case: Case, continuity: Continuity | None) -> bool:
    """Whether the deductible counts on through a referral. Only stays continue; a visit pays its own."""
    return case.care is Care.INPATIENT and continuity is not None and continuity.continuous


def _deductible(row: Benefit, cover: Cover, case: Case, continuity: Continuity | None) -> tuple[Money, Line]:
    """What is still to pay of the deductible."""
    counts_on = _counts_on(case, continuity)
    if counts_on and case.referral is Referral.DOWN:
        return NOTHING, Line(_DOWN, NOTHING)
    if counts_on and case.referral is Referral.UP:
        left = max(NOTHING, row.deductible - cover.deductible_paid)
        return left, Line(_UP, left, {"full": row.deductible, "paid": cover.deductible_paid})
    levels = "、".join(str(each) for each in sorted(row.levels) if each)
    return row.deductible, Line(_FROM_START, row.deductible, {"levels": levels})


def percent(number: int) -> Decimal:
    """Per cent as a ratio, exactly."""
    return Decimal(number) / 100
