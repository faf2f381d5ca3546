"""The table of a request for a service of primary care: every path ends, and each side has only what is its own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.residents.workflow import (
    ACT_NAMES,
    OPEN,
    STATE_NAMES,
    STEPS,
    CareAct,
    CareSide,
    CareState,
    acts_from,
    care_step,
)

ACTS = st.lists(st.sampled_from(CareAct), max_size=30)


@given(ACTS)
def test_whatever_is_done_it_stands_in_one_state_and_what_is_closed_stays_closed(acts: list[CareAct]) -> None:
    state, closed = CareState.ASKED, False
    for act in acts:
        step = care_step(state, act)
        assert not (closed and step), "nothing leads out of a closed request"
        state = step.target if step else state
        closed = state not in OPEN


@given(st.sampled_from(CareState))
def test_an_open_request_can_always_be_closed_by_either_side(state: CareState) -> None:
    for side in CareSide:
        ends = [
            act
            for act in acts_from(state, side)
            if (step := care_step(state, act)) and step.target not in OPEN
        ]
        assert bool(ends) == (state in OPEN)


@given(st.sampled_from(CareState), st.sampled_from(CareAct))
def test_an_act_leads_to_one_state_and_is_done_by_one_side(state: CareState, act: CareAct) -> None:
    assert sum(row.source is state and row.act is act for row in STEPS) <= 1
    assert len({row.by for row in STEPS if row.act is act}) == 1
    assert len({row.target for row in STEPS if row.act is act}) == 1


def test_every_state_is_reached_and_everything_has_a_name() -> None:
    assert {row.target for row in STEPS} | {CareState.ASKED} == set(CareState)
    assert set(STATE_NAMES) == set(CareState) and set(ACT_NAMES) == set(CareAct)
