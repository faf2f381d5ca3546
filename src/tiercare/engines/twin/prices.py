"""What the fund pays of a bill in the twin: the region's benefits as tables, with the levers on top."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np

from tiercare.engines.measures.synth.columns import Array
from tiercare.engines.payment import Benefits, Care, InsuranceKind, benefit_of

from .assumptions import Assumptions
from .levers import Levers, PaymentMode
from .residents import EMPLOYEE, RESIDENT

OUTPATIENT, INPATIENT = range(2)
SELF_SHARE, SHARE, DEDUCTIBLE, CAP = range(4)
AWAY = 3  # the column of hospitals outside, after the three tiers
_KINDS = {RESIDENT: InsuranceKind.RESIDENT, EMPLOYEE: InsuranceKind.EMPLOYEE}
_CARE = {OUTPATIENT: Care.OUTPATIENT, INPATIENT: Care.INPATIENT}
_TIERS = ("primary", "secondary", "tertiary")
_NO_CAP = 1 << 40


class Prices(NamedTuple):
    """Amounts in fen, shares in ten-thousandths.

    Attributes:
        table: (cover, care, tier, 4): of the rest after the deductible what the fund pays if not referred (SELF_SHARE) and if referred
            (SHARE), the deductible, the cap of a year.
        middle: (care, tier) what a case costs, median; ``spread`` of its logarithm by care.
    """

    table: Array
    middle: Array
    spread: Array


def prices_of(benefits: Benefits, levers: Levers, given: Assumptions, *, on: date) -> Prices:
    """The tables of a day. Where the benefits say nothing of a cover, care and level the fund pays nothing."""
    table = np.zeros((3, 2, 4, 4), np.int64)
    table[..., CAP] = _NO_CAP
    for cover, kind in _KINDS.items():
        for care, what in _CARE.items():
            for tier in range(3):
                row = benefit_of(benefits, kind, what, tier + 1, on=on)
                if row is None:
                    continue
                gap = round(levers.reimbursement_gap * 100) * tier
                cut = round(levers.unreferred_cut * 100) * (tier > 0)
                share, unreferred = (
                    round(row.ratio * 10_000) - gap,
                    round(row.unreferred * 10_000) - gap - cut,
                )
                cap = _NO_CAP if row.cap is None else row.cap.fen
                table[cover, care, tier] = unreferred, share, row.deductible.fen, cap
            table[cover, care, AWAY] = table[cover, care, 2]
            table[cover, care, AWAY, : SHARE + 1] -= round(given["outside_points"] * 100)
    table[..., : SHARE + 1] = np.clip(table[..., : SHARE + 1], 0, 10_000)
    return Prices(table, _middle(levers, given), np.array([given["spread_visit"], given["spread_stay"]]))


def mode_of(levers: Levers, given: Assumptions) -> dict[str, float]:
    """The incentives of the payment mode as factors: days, cost, admit, down, up; 1 is payment by item."""
    names = {
        PaymentMode.DRG: "drg",
        PaymentMode.DIP: "dip",
        PaymentMode.GLOBAL_BUDGET: "package",
        PaymentMode.CAPITATION_PACKAGE: "package",
    }
    found = dict.fromkeys(("days", "cost", "admit", "down", "up"), 1.0)
    name = names.get(levers.payment_mode)
    if name is not None:
        found |= {what: given[f"{name}_{what}"] for what in found if f"{name}_{what}" in given.values}
    return found


def expected_own(prices: Prices, referred: bool) -> Array:
    """(cover, care, tier) what somebody expects to pay of a case themselves, in yuan; the deductible as if nothing was paid of it."""
    middle = prices.middle[None]
    due = np.minimum(prices.table[..., DEDUCTIBLE], middle)
    fund = np.minimum(
        (middle - due) * prices.table[..., SHARE if referred else SELF_SHARE] / 10_000, prices.table[..., CAP]
    )
    own: Array = (middle - fund) / 100
    return own


def _middle(levers: Levers, given: Assumptions) -> Array:
    cost = mode_of(levers, given)["cost"]
    rows = [[given[f"{care}_{tier}"] * 100 for tier in _TIERS] for care in ("visit", "stay")]
    rows[INPATIENT] = [each * cost for each in rows[INPATIENT]]
    return np.rint([[*row, row[-1]] for row in rows]).astype(np.int64)
