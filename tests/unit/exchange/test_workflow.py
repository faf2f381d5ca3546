"""The one table: nobody is stuck in it, nobody is without an owner, every way ends."""

from __future__ import annotations

import pytest

from tiercare.apps.exchange.workflow import (
    ACT_NAMES,
    OPEN,
    OVER,
    STATE_NAMES,
    TRANSITIONS,
    Act,
    By,
    Leg,
    Side,
    State,
    ways,
)

KINDS = [(Leg.VISIT,), (Leg.REMOTE,)]


def test_one_act_leads_to_one_place() -> None:
    keys = [(row.source, row.act) for row in TRANSITIONS if row.leg is not Leg.REMOTE]
    assert len(keys) == len(set(keys))
    assert set(STATE_NAMES) == set(State)
    assert set(ACT_NAMES) == set(Act)
    assert {row.act for row in TRANSITIONS} == set(Act) - {Act.SUPPLEMENT}, "adding to it is no step"


def test_an_open_request_has_an_owner_and_one_that_is_over_has_none() -> None:
    for row in TRANSITIONS:
        assert (row.owner is None) == (row.target in OVER), row
        assert row.source in OPEN, row


@pytest.mark.parametrize("legs", KINDS)
def test_every_way_ends_and_every_state_on_it_can_be_reached(legs: tuple[Leg, ...]) -> None:
    rows = ways(legs)
    reached = {State.DRAFT}
    while more := {row.target for row in rows if row.source in reached} - reached:
        reached |= more
    ends = set(OVER)
    while more := {row.source for row in rows if row.target in ends} - ends:
        ends |= more
    assert reached <= ends
    assert reached >= {State.CLOSED, State.WITHDRAWN, State.CANCELLED, State.DIED, State.RETURNED}
    if Leg.VISIT in legs:
        assert reached == set(State)


@pytest.mark.parametrize("legs", KINDS)
def test_whoever_owns_a_request_can_take_it_on(legs: tuple[Leg, ...]) -> None:
    rows = ways(legs)
    owners = {(row.target, row.owner) for row in rows if row.owner is not None} | {(State.DRAFT, Side.SENDER)}
    may = {
        Side.SENDER: {By.SENDER, By.EITHER},
        Side.RECEIVER: {By.RECEIVER, By.EITHER, By.RECEIVER_OR_ABOVE},
    }
    for state, owner in owners:
        mine = [
            row for row in rows if row.source is state and row.by in may[owner] and row.act is not Act.DIE
        ]
        assert any(row.target is not state for row in mine), (state, owner)


def test_nobody_withdraws_who_has_arrived() -> None:
    after = {State.ARRIVED, State.IN_CARE, State.REPORTED}
    assert not [row for row in TRANSITIONS if row.source in after and row.act in {Act.WITHDRAW, Act.CANCEL}]
    assert not [row for row in TRANSITIONS if row.act is Act.REPORT and row.source is State.SCHEDULED]
