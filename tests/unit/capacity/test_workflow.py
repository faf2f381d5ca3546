"""The table of transitions: a function, with an end for everybody, and one answer to whether a place goes back."""

from __future__ import annotations

from collections import Counter

import pytest

from tiercare.apps.capacity import workflow
from tiercare.apps.capacity.workflow import ACT_NAMES, COUNTED, OPEN, STATE_NAMES, TRANSITIONS, Act, By, State

FINAL = [state for state in State if not any(row.source is state for row in TRANSITIONS)]


def test_from_a_state_an_act_leads_to_one_state() -> None:
    found = Counter((row.source, row.act) for row in TRANSITIONS)
    assert set(found.values()) == {1}


def test_an_act_leads_to_the_same_state_wherever_it_leads_on_from() -> None:
    for act in Act:
        assert {row.target for row in TRANSITIONS if row.act is act} == {workflow.target(act)}


def test_the_table_is_read_the_same_by_everybody() -> None:
    for act in Act:
        leads = {state for state in State if workflow.transition(state, act) is not None}
        assert leads == set(workflow.sources(act)) and leads
        for state in leads:
            row = workflow.transition(state, act)
            assert row is not None and row.target is workflow.target(act)


def test_every_state_is_reached_and_whatever_is_open_can_end() -> None:
    assert {row.target for row in TRANSITIONS} | {State.HELD} == set(State)
    assert set(FINAL) == set(State) - set(OPEN)
    for state in OPEN:
        reached, new = {state}, {state}
        while new:
            new = {row.target for row in TRANSITIONS if row.source in new} - reached
            reached |= new
        assert reached & set(FINAL)
        assert workflow.transition(state, Act.STOP) is not None, "a stopped session lets go of everybody"


def test_nothing_goes_on_from_a_place_that_went_back() -> None:
    for row in TRANSITIONS:
        assert row.source in COUNTED
        assert row.source in OPEN


def test_a_place_goes_back_exactly_where_it_no_longer_counts() -> None:
    assert set(OPEN) < set(COUNTED)
    for row in TRANSITIONS:
        assert row.frees is (row.source in COUNTED and row.target not in COUNTED)
    kept_for_good = set(COUNTED) - set(OPEN)
    assert kept_for_good == {State.ATTENDED, State.NO_SHOW}
    assert set(State) - set(COUNTED) == {row.target for row in TRANSITIONS if row.frees}


def test_only_time_lets_a_hold_lapse_and_only_the_host_sees_somebody_come() -> None:
    assert [row.act for row in TRANSITIONS if row.by is By.TIME] == [Act.LAPSE]
    for act in (Act.ARRIVE, Act.ATTEND, Act.MISS, Act.STOP):
        assert {row.by for row in TRANSITIONS if row.act is act} == {By.HOST}
    assert workflow.sources(Act.LAPSE) == (State.HELD,)
    assert not {Act.ARRIVE, Act.ATTEND, Act.MISS, Act.MOVE} & {
        row.act for row in TRANSITIONS if row.source is State.HELD
    }, "a hold is confirmed first"


def test_states_and_acts_have_names_in_both_languages() -> None:
    assert set(STATE_NAMES) == set(State) and set(ACT_NAMES) == set(Act)
    assert all(name.zh and name.en for name in (*STATE_NAMES.values(), *ACT_NAMES.values()))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_not_possible_now_is_said_for_every_pair(language: str) -> None:
    for act in Act:
        for state in State:
            refusal = workflow.not_now(act, state)
            assert STATE_NAMES[state].in_language(language) in refusal.sentence(language)
            assert ACT_NAMES[act].in_language(language) in refusal.sentence(language)
            assert refusal.way_on(language)
