"""What people set out to do, what becomes of it and what goes wrong: pure, the same for the same seed, within its bounds."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.capacity.workflow import Act as PlaceAct
from tiercare.apps.capacity.workflow import State as PlaceState
from tiercare.apps.exchange.workflow import Act, By, Leg, State, transition
from tiercare.jobs.driving.faults import faults_of, no_faults
from tiercare.jobs.driving.killing import Slice
from tiercare.jobs.driving.lives import Booked, Seen, Side, next_of, next_of_booking, working
from tiercare.jobs.driving.script import CLOSES, MOST_ACTS, OPENS, STEP, Kind, Rates, Site, script
from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refused

NOON = datetime(2025, 3, 3, 12, tzinfo=ZONE)
SITES = [
    Site("a", "340223100", 30, 12, ("north", "south"), ("north",)),
    Site("b", "340223101", 7, 0, ("north",), ()),
    Site("nobody", "340223102", 0, 0, ("north",), ("north",)),
]
HERE, THERE = UUID(int=1), UUID(int=2)
seeds = st.integers(0, 2**32)
_PARTS = {Side.SENDER: {By.SENDER, By.EITHER}, Side.RECEIVER: {By.RECEIVER, By.EITHER, By.RECEIVER_OR_ABOVE}}


@given(seed=seeds, days=st.integers(1, 40), acts=st.integers(1, MOST_ACTS))
def test_everything_planned_can_be_done_where_it_is_planned(seed: int, days: int, acts: int) -> None:
    known = {each.id: each for each in SITES}
    before = (0, 0)
    count = 0
    for each in script(SITES, days=days, acts=acts, seed=seed):
        site = known[each.site]
        assert 0 <= each.person < site.people and each.target in site.hospitals and each.place == site.place
        assert 0 <= each.day < days and OPENS <= each.minute < CLOSES and each.minute % STEP == 0
        assert (each.day, each.minute) >= before, "in the order of the clock"
        if each.kind is Kind.BOOK_DOCTOR and site.signed:
            assert each.person < site.signed, "a family doctor books for those who have signed"
        if each.kind in {Kind.REFER, Kind.ASK}:
            assert each.target in site.refers, "nobody refers to where there is no desk for it"
        before, count = (each.day, each.minute), count + 1
    assert 1 <= count <= max(1, acts), "nothing planned takes less than one act"


def test_the_same_seed_plans_the_same_and_another_something_else() -> None:
    def of(seed: int) -> list[object]:
        return list(script(SITES, days=5, acts=400, seed=seed))

    assert of(7) == of(7)
    assert of(7) != of(8)


def test_what_is_planned_comes_to_about_what_may_be_done() -> None:
    rates = Rates()
    planned = list(script(SITES, days=30, acts=6_000, seed=3))
    expected = sum(rates.acts_of(each.kind) for each in planned)
    assert 0.8 * 6_000 < expected <= 6_000
    assert {each.kind for each in planned} == set(Kind)
    by_day = [sum(each.day == day for each in planned) for day in range(30)]
    assert max(by_day) - min(by_day) <= 1, (
        "every day has its share, so that the last is as lively as the first"
    )


def test_where_nobody_can_refer_places_are_booked() -> None:
    planned = list(script([SITES[1]], days=3, acts=300, seed=1))
    assert planned and not {each.kind for each in planned} & {Kind.REFER, Kind.ASK}


@pytest.mark.parametrize(
    ("sites", "days", "acts", "code"),
    [
        ([], 3, 60, "drive.nobody"),
        ([SITES[2]], 3, 60, "drive.nobody"),
        (SITES, 0, 60, "drive.days"),
        (SITES, 73_000, 60, "drive.days"),
        (SITES, 3, 0, "drive.acts"),
        (SITES, 3, MOST_ACTS + 1, "drive.acts"),
    ],
)
def test_what_cannot_be_driven_is_said_before_it_begins(
    sites: list[Site], days: int, acts: int, code: str
) -> None:
    with pytest.raises(Refused) as caught:
        script(sites, days=days, acts=acts, seed=1)
    refusal = caught.value.refusals[0]
    assert refusal.code == code and refusal.way_on("zh") and refusal.way_on("en")


def _seen(state: State, kind: str, *, urgency: int = 2, steps: int = 1) -> Seen:
    return Seen(
        *(UUID(int=9), kind, state, urgency, UUID(int=8), "I10", "原发性高血压", HERE, THERE),
        *(NOON + timedelta(days=1), None, NOON + timedelta(hours=2), "OFFICE", True, 3, NOON, NOON, steps),
    )


@given(
    state=st.sampled_from(list(State)),
    kind=st.sampled_from(["up", "down", "advice"]),
    urgency=st.integers(0, 2),
    steps=st.integers(0, 9),
    seed=seeds,
)
def test_whatever_comes_next_the_table_of_requests_knows_it_as_that_sides(
    state: State, kind: str, urgency: int, steps: int, seed: int
) -> None:
    legs = (Leg.REMOTE,) if kind == "advice" else (Leg.VISIT,)
    remote = kind == "advice" and state in {State.SCHEDULED, State.NO_SHOW, State.ARRIVED, State.IN_CARE}
    if remote:
        return  # a question comes nowhere near these
    seen = _seen(state, kind, urgency=urgency, steps=steps)
    found = next_of(seen, now=NOON, seed=seed, rates=Rates())
    if found is None:
        assert state in {State.CLOSED, State.WITHDRAWN, State.CANCELLED, State.DIED}
        return
    row = transition(state, found.act, legs)
    assert row is not None and row.by in _PARTS[found.side]
    assert found.at >= NOON
    assert found == next_of(seen, now=NOON, seed=seed, rates=Rates()), "whoever looks again decides the same"


def test_requests_end_in_every_way_that_the_table_has() -> None:
    """Followed from the sending on, as the table leads them: no rate of ours closes a way for good."""
    ends, acts = set(), set()
    for seed in range(600):
        seen = _seen(State.SUBMITTED, "up", urgency=1 + seed % 2)
        for steps in range(2, 30):
            found = next_of(seen, now=NOON, seed=seed, rates=Rates())
            if found is None:
                break
            row = transition(seen.state, found.act, (Leg.VISIT,))
            assert row is not None
            acts.add(found.act)
            seen = _seen(row.target, "up", steps=steps)
        ends.add(seen.state)
    assert ends == {State.CLOSED, State.WITHDRAWN, State.CANCELLED}
    assert acts >= set(Act) - {Act.DIE, Act.LOSE_PLACE, Act.SUPPLEMENT, Act.ARRIVE} | {Act.ARRIVE}


@given(seed=seeds, number=st.integers(1, 50))
def test_who_booked_comes_once_or_cancels_in_time(seed: int, number: int) -> None:
    booked = Booked(UUID(int=5), UUID(int=6), THERE, PlaceState.BOOKED, number, "demo-nk", NOON, None)
    at, act = next_of_booking(booked, now=NOON - timedelta(days=1), seed=seed, rates=Rates())
    assert (at < NOON) == (act is PlaceAct.CANCEL)
    assert act in {PlaceAct.CANCEL, PlaceAct.MISS, PlaceAct.ARRIVE}
    came = Booked(UUID(int=5), UUID(int=6), THERE, PlaceState.ARRIVED, number, "demo-nk", NOON, NOON)
    seen_at, then = next_of_booking(came, now=NOON, seed=seed, rates=Rates())
    assert then is PlaceAct.ATTEND and seen_at > NOON


@given(seed=seeds, state=st.sampled_from([State.RETURNED, State.ACCEPTED, State.IN_CARE]))
def test_who_is_refused_for_hours_does_what_can_be_done_instead(seed: int, state: State) -> None:
    """A returned one that cannot be sent again is given up, by name; one without a place gets a time."""
    seen = _seen(state, "up")
    first = next_of(seen, now=NOON, seed=seed, rates=Rates(returned=0))
    assert first is not None
    later = next_of(seen, now=first.at + timedelta(hours=4), seed=seed, rates=Rates(returned=0))
    assert later is not None and later.act is not Act.SUBMIT and not later.more and later.at == first.at


def test_who_was_not_registered_on_their_day_is_said_to_have_missed_it() -> None:
    booked = Booked(UUID(int=5), UUID(int=6), THERE, PlaceState.BOOKED, 1, "demo-nk", NOON, None)
    tomorrow = NOON + timedelta(days=1)
    assert next_of_booking(booked, now=tomorrow, seed=1, rates=Rates()) == (tomorrow, PlaceAct.MISS)


@given(hours=st.integers(0, 23), minutes=st.integers(0, 59))
def test_nobody_works_at_night(hours: int, minutes: int) -> None:
    at = NOON.replace(hour=hours, minute=minutes)
    then = working(at)
    assert then >= at and OPENS <= then.hour * 60 + then.minute < CLOSES and then - at < timedelta(hours=15)


@given(seed=seeds, days=st.integers(1, 30), hospitals=st.integers(1, 12))
def test_something_of_everything_goes_wrong_and_the_same_for_the_same_seed(
    seed: int, days: int, hospitals: int
) -> None:
    faults = faults_of(seed, days=days, windows=10, hospitals=hospitals)
    assert faults == faults_of(seed, days=days, windows=10, hospitals=hospitals)
    assert faults.kills and faults.offline and faults.kills <= set(range(days * 10))
    assert all(0 <= each.hospital < hospitals and each.first <= each.last for each in faults.offline)
    first = faults.offline[0]
    assert faults.is_offline(first.hospital, first.first) and not faults.is_offline(-1, first.first)
    keys = [f"key-{number}" for number in range(400)]
    assert any(map(faults.twice, keys)) and any(map(faults.late_twin, keys)) and any(map(faults.skew, keys))


@given(seed=seeds, key=st.text(max_size=20))
def test_without_faults_nothing_goes_wrong(seed: int, key: str) -> None:
    faults = no_faults(seed)
    assert not (faults.twice(key) or faults.late_twin(key) or faults.skew(key) or faults.kills)


@given(seed=seeds)
def test_another_process_is_told_all_of_its_window(seed: int) -> None:
    planned = tuple(script(SITES, days=2, acts=60, seed=seed))
    told = Slice("wuhu", NOON.date(), 2, 60, seed, Rates(missed=0.5, late=(1, 2)), 1, OPENS, planned)
    assert Slice.of(told.as_json()) == told
