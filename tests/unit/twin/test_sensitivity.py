"""One assumption at a time: what it does is seen, what it cannot do is not, and nothing swings what it does not touch."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tiercare.engines.twin.assumptions import assumption, given
from tiercare.engines.twin.comparing import Policy
from tiercare.engines.twin.levers import Levers, PaymentMode
from tiercare.engines.twin.many import Stopped
from tiercare.engines.twin.sensitivity import Sensitivity, sensitivity
from tiercare.kernel.refusal import Refused
from tiercare.kernel.text import Text

from .years import PROFILE, YEAR, benefits

BASE = Policy(Text("基准", "base"), Levers(), benefits())


def found(*names: str, seeds: int = 2, policy: Policy = BASE, **more: object) -> Sensitivity:
    """A small one."""
    given_ = {"profile": PROFILE, "residents": 1200, "year": YEAR, "processes": 1, **more}
    return sensitivity(policy, names=names or None, seeds=seeds, **given_)


def test_an_assumption_swings_what_it_touches_and_nothing_else() -> None:
    """The share of the fund's income only fills the fund; the swing is that of the range, exactly."""
    told = found("year_share")
    assert [each.outcome for each in told.tornados if each.swings] == ["fund_surplus"]
    (swing,) = told["fund_surplus"].swings
    share = assumption("year_share")
    assert swing.certain
    assert swing.low < told["fund_surplus"].base < swing.high
    steep = swing.size / (share.high - share.low)  # yuan a head for the whole income
    assert swing.high - told["fund_surplus"].base == pytest.approx(steep * (share.high - share.value))
    assert given()["income_resident"] < steep < given()["income_employee"]


def test_the_widest_comes_first() -> None:
    told = found("price", "weekend", "year_share", "visit_primary", seeds=3)["own_payment"]
    sizes = [abs(each.size) for each in told.swings]
    assert len(sizes) >= 2
    assert sizes == sorted(sizes, reverse=True)


def test_ends_move_with_the_value_in_use() -> None:
    """A calibrated value stays the middle of its range."""
    there = given()["year_share"] + 0.3
    moved = found("year_share", assumptions=given().with_values({"year_share": there}))["fund_surplus"]
    plain = found("year_share")["fund_surplus"]
    assert moved.base > plain.base
    assert moved.swings[0].size == pytest.approx(plain.swings[0].size)
    for each in (moved, plain):
        assert each.swings[0].low < each.base < each.swings[0].high


def test_what_a_policy_makes_of_it_is_looked_at_against_another() -> None:
    """Against itself nothing swings; against wider gaps in reimbursement the effect leans on how people mind the price."""
    same = found("price", "year_share", against=BASE)
    assert all(
        each.base in (0, pytest.approx(float("nan"), nan_ok=True)) and not each.swings
        for each in same.tornados
    )
    wider = replace(BASE, levers=Levers(reimbursement_gap=25))
    told = found("price", "year_share", against=wider)["primary_first"]
    assert told.base > 0
    assert [each.assumption.name for each in told.swings] == ["price"]
    assert told.swings[0].size > 0


def test_only_what_can_act_is_looked_at() -> None:
    with pytest.raises(Refused) as refused:
        found("drg_cost", "price", "no_such")
    assert refused.value.refusals[0].fields["names"] == "drg_cost, no_such"
    paid = replace(BASE, levers=Levers(payment_mode=PaymentMode.DRG))
    assert found("drg_cost", policy=paid)["own_payment"].swings[0].size > 0
    with pytest.raises(Refused):
        found("price", seeds=0)


def test_progress_is_told_and_heard() -> None:
    done: list[tuple[int, int]] = []
    found("year_share", progress=lambda now, of: done.append((now, of)))
    assert done == [(k, 4) for k in range(1, 5)]
    with pytest.raises(Stopped):
        found("year_share", progress=lambda now, of: now < 2)
