"""The order of a session's queue: the same for the same facts, by the region's list, and every place with its reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.capacity.rules.queueing import (
    BELONGS,
    PRECEDENCE_NAMES,
    Precedence,
    Waiting,
    in_order,
    known,
)
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.engines.policy import load_packs
from tiercare.kernel.clock import ZONE

PACKS = load_packs()
EIGHT = datetime(2024, 12, 2, 8, tzinfo=ZONE)

waiting = st.builds(
    Waiting,
    booking_id=st.uuids(),
    starts_at=st.integers(0, 3).map(lambda n: EIGHT + timedelta(minutes=15 * n)),
    number=st.integers(1, 4),
    present=st.booleans(),
    channel=st.sampled_from(Channel),
    acute=st.booleans(),
    signed=st.booleans(),
    partner=st.booleans(),
)
queues = st.lists(waiting, max_size=12, unique_by=lambda each: each.booking_id)
orders = st.lists(st.sampled_from(Precedence), max_size=6).map(known)


@given(queues, orders, st.randoms())
def test_everybody_once_and_the_same_whatever_comes_first(several, order, shuffle) -> None:
    placed = in_order(several, order)
    mixed = list(several)
    shuffle.shuffle(mixed)
    assert in_order(mixed, order) == placed
    assert [each.position for each in placed] == list(range(1, len(several) + 1))
    assert {each.waiting.booking_id for each in placed} == {each.booking_id for each in several}


@given(queues, orders)
def test_nobody_stands_behind_somebody_of_a_later_class(several, order) -> None:
    placed = in_order(several, order)
    for before, after in pairwise(placed):
        if before.waiting.present == after.waiting.present:
            assert order.index(before.precedence) <= order.index(after.precedence)
            if before.precedence is after.precedence:
                assert (before.waiting.starts_at, before.waiting.number) <= (
                    after.waiting.starts_at,
                    after.waiting.number,
                )
        else:
            assert before.waiting.present
    for each in placed:
        assert BELONGS[each.precedence](each.waiting)
        earlier = order[: order.index(each.precedence)]
        assert not [name for name in earlier if BELONGS[name](each.waiting)]


@given(waiting, orders)
def test_a_place_says_why_in_both_languages(one, order) -> None:
    (placed,) = in_order([one], order)
    for language in ("zh", "en"):
        said = placed.reason(language)
        assert PRECEDENCE_NAMES[placed.precedence].in_language(language) in said
        assert f"{one.starts_at:%H:%M}" in said and str(one.number) in said


def test_every_pack_names_classes_that_are_known_and_its_own_priorities_among_them() -> None:
    told = {"referred_appointment", "family_doctor_referral", "partner_lead_referral"}
    named = [clause for pack in PACKS for clause in pack.clauses if clause.parameters]
    ordered = {}
    for clause in named:
        values = {parameter.key: parameter.value for parameter in clause.parameters}
        if "queue_order" in values:
            ordered[clause.id] = known(values["queue_order"])
            own = {*values.get("priority", ()), *values.get("condition", ())} & (told | set(Precedence))
            assert own and own <= set(values["queue_order"])
    assert set(ordered) == {"NHC-41", "YN-49", "TY-93", "WH-31", "XH-48"}
    assert {order[-1] for order in ordered.values()} == {Precedence.OTHER}


def test_a_word_that_is_no_class_is_an_error() -> None:
    with pytest.raises(ValueError, match="vip"):
        known(["vip"])
