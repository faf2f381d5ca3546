"""The table of filings: every state is reached, what waits for somebody has a way on, waits grow up to the longest."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tiercare.apps.referrals.rules.filing import (
    DUE,
    OVER,
    STATE_NAMES,
    TASKS,
    TRANSITIONS,
    WAY_ON,
    Act,
    State,
    Waits,
    after,
    beginning,
)
from tiercare.apps.referrals.rules.insurer import Message, Outcome, read_answer, signature
from tiercare.apps.residents.rules.cover import Scheme

BEGINS = {beginning(scheme, connected=line) for scheme in (None, *Scheme) for line in (True, False)}


def test_every_state_has_a_name_and_is_reached() -> None:
    assert set(STATE_NAMES) == set(State)
    assert BEGINS | set(TRANSITIONS.values()) == set(State)


def test_what_waits_for_somebody_says_the_way_on_and_has_one() -> None:
    assert set(WAY_ON) == set(TASKS)
    for state in TASKS:
        assert any(after(state, act) for act in (Act.AGAIN, Act.NUMBER, Act.UNDONE))


def test_what_a_worker_has_can_be_claimed_answered_and_given_up() -> None:
    for state in DUE:
        sent = after(state, Act.CLAIM)
        assert sent in DUE
        assert sent is not None
        assert all(after(sent, act) for act in (Act.CLAIM, Act.ACCEPT, Act.REFUSE, Act.GIVE_UP))


def test_a_referral_that_is_off_ends_every_filing() -> None:
    for state in set(State) - OVER:
        assert after(state, Act.END) in OVER


def test_what_may_have_arrived_is_never_dropped() -> None:
    for state in (State.SENT, State.ACCEPTED, State.FAILED, State.BY_HAND):
        assert after(state, Act.END) is not State.DROPPED


def test_waits_grow_to_the_longest_and_outlast_what_is_under_way() -> None:
    waits = Waits(timedelta(seconds=30), 2, timedelta(minutes=10), 9, timedelta(seconds=10))
    assert [waits.after(n).total_seconds() for n in (1, 2, 3, 6, 500)] == [30, 60, 120, 600, 600]
    slow = Waits(timedelta(seconds=5), 2, timedelta(minutes=10), 9, timedelta(seconds=40))
    assert slow.after(1) == timedelta(seconds=80)


def test_answers_are_read() -> None:
    good = read_answer(200, json.dumps({"result": "accepted", "number": "YB1", "message": "好"}).encode())
    assert (good.outcome, good.number, good.words) == (Outcome.ACCEPTED, "YB1", "好")
    bad = read_answer(422, b'{"code": "E1", "message": "no"}')
    assert (bad.outcome, bad.words) == (Outcome.REFUSED, "E1 no")
    assert read_answer(404, b"<html>").words == "HTTP 404"
    assert (
        len(read_answer(200, json.dumps({"result": "refused", "message": "长" * 999}).encode()).words) == 300
    )


@pytest.mark.parametrize(
    ("status", "body"), [(200, b""), (200, b"[]"), (200, b'{"result": "soon"}'), (302, b"{}"), (503, b"{}")]
)
def test_what_is_no_answer_is_tried_again(status: int, body: bytes) -> None:
    with pytest.raises(OSError, match=r"HTTP|cannot be read"):
        read_answer(status, body)


def test_a_message_made_anew_is_the_same_and_its_signature_covers_time_and_body() -> None:
    one, two = Message("k", {"a": 1, "b": "中"}), Message("k", {"b": "中", "a": 1})
    assert one.as_bytes() == two.as_bytes()
    signed = signature("key", "t", one.as_bytes())
    assert len(signed) == 64
    others = {
        signature("key", "u", one.as_bytes()),
        signature("yek", "t", one.as_bytes()),
        signature("key", "t", b"{}"),
    }
    assert signed not in others
