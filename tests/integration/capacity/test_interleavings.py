"""Two at one place, step by step: the first is stopped before each row that it changes, then done but not committed.

Whatever the point, both are told what one of the two orders one after the other would have told them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.capacity.commands import book, move, turn
from tiercare.apps.capacity.models import Booking, Slot
from tiercare.apps.capacity.queries import drift
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.actor import Actor

from .conftest import HOLD, Hospital, later, slot_of, to_the_day, used
from .racing import Desks, desks, gate, sign, site, until_settled, until_waiting

__all__ = ["desks", "site"]  # fixtures

FAMILY, OPEN = Channel.FAMILY_DOCTOR, Channel.OPEN
# Where the first is stopped: before the row of its booking, of its slot, of its quota.
POINTS = ("booking", "slot", "quota")
NAMES = ("王小明", "李小红", "张小军", "赵小刚", "钱小玲", "孙小英")


@dataclass
class Scene:
    """One full session of one place, somebody who has it, somebody who holds a place elsewhere, and two who want one."""

    hospital: Hospital
    desks: Desks
    here: UUID
    there: UUID
    mine: UUID
    wanting: list[UUID]

    @property
    def doctor(self) -> Actor:
        return self.hospital.family_doctor

    def book(self, who: int = 0) -> Callable[[], object]:
        """One of those who want the place here."""
        return lambda: book(self.doctor, slot_id=slot_of(self.here), resident_id=self.wanting[who])

    def turn(self, act: Act) -> Callable[[], object]:
        """Something becomes of the booking here."""
        return lambda: turn(self.doctor, booking_id=self.mine, act=act)

    def move(self) -> Callable[[], object]:
        """The booking here goes there, where there is room."""
        return lambda: move(self.doctor, booking_id=self.mine, slot_id=slot_of(self.there))

    def gate(self, point: str) -> AbstractContextManager[None]:
        """Whoever would change this row stops."""
        return {
            "booking": lambda: gate("capacity_booking", self.mine),
            "slot": lambda: gate("capacity_slot", slot_of(self.here)),
            "quota": lambda: gate("capacity_quota", self.here, "OPEN"),
            "nowhere": nullcontext,
        }[point]()

    def together(
        self,
        point: str,
        first: Callable[[], object],
        second: Callable[[], object],
        between: Callable[[], None] = lambda: None,
    ) -> tuple[str, str]:
        """The first gets as far as ``point``, the second as far as it can; then both go on."""
        with self.gate(point):
            one = self.desks.start(first)
            stopped = until_waiting(1, one)
            between()
            other = self.desks.start(second)
            until_settled(other, others=1 if stopped else 0)
        return one.result(20), other.result(20)

    def uncommitted(
        self,
        first: Callable[[], object],
        second: Callable[[], object],
        *,
        keep: bool,
        between: Callable[[], None] = lambda: None,
    ) -> tuple[str, str]:
        """The first is done, the second gets as far as it can; then the first commits, or is taken back."""
        one = self.desks.pause(first)
        between()
        other = self.desks.start(second)
        until_settled(other, others=0)
        return one.end(keep=keep), other.result(20)

    def whole(self) -> tuple[int, int]:
        """Places used here and there; nothing drifts."""
        assert drift() == []
        return used(self.here)["OPEN"], used(self.there)["OPEN"]


@pytest.fixture
def scene(hospital, session, register, desks) -> Callable[..., Scene]:
    def run(*, hold: bool = False, full: bool = True) -> Scene:
        here = session({OPEN: 1 if full else 2}, days=2)
        there = session({OPEN: 1}, days=3)
        first, *rest = [register(name) for name in NAMES[:3]]
        mine = book(hospital.family_doctor, slot_id=slot_of(here), resident_id=first, hold=hold).booking_id
        return Scene(hospital, desks, here, there, mine, rest)

    return run


def states() -> list[str]:
    with scoped(Actor.system("test"), area=EVERYWHERE):
        return sorted(Booking.objects.values_list("state", flat=True))


# --- two want the last place


@pytest.mark.parametrize("point", ["nowhere", "slot", "quota"])
def test_two_who_book_the_last_place(scene, point: str) -> None:
    stage = scene(full=False)
    assert sorted(stage.together(point, stage.book(0), stage.book(1))) == ["done", "slot_full"]
    assert stage.whole() == (2, 0)


@pytest.mark.parametrize("keep", [True, False])
def test_the_second_waits_for_what_becomes_of_the_first(scene, keep: bool) -> None:
    """No spurious refusal: whose place it is, is known when the first has committed, and not before."""
    stage = scene(full=False)
    expected = ("done", "slot_full" if keep else "done")
    assert stage.uncommitted(stage.book(0), stage.book(1), keep=keep) == expected
    assert stage.whole() == (2, 0)
    assert states() == ["BOOKED", "BOOKED"]


# --- one books while the one who has the place gives it up


@pytest.mark.parametrize("point", POINTS)
def test_cancelling_and_then_booking(scene, point: str) -> None:
    stage = scene()
    cancelled, booked = stage.together(point, stage.turn(Act.CANCEL), stage.book())
    assert cancelled == "done" and booked in {"done", "slot_full"}
    assert stage.whole() == (1 if booked == "done" else 0, 0)


@pytest.mark.parametrize("point", ["slot", "quota"])
def test_booking_and_then_cancelling(scene, point: str) -> None:
    stage = scene()
    booked, cancelled = stage.together(point, stage.book(), stage.turn(Act.CANCEL))
    assert cancelled == "done" and booked in {"done", "slot_full"}
    assert stage.whole() == (1 if booked == "done" else 0, 0)


@pytest.mark.parametrize("keep", [True, False])
def test_a_place_that_is_being_given_up_is_no_place_yet(scene, keep: bool) -> None:
    """Nobody waits for it: they are told what is so, and where the nearest others are."""
    stage = scene()
    assert stage.uncommitted(stage.turn(Act.CANCEL), stage.book(), keep=keep) == ("done", "slot_full")
    assert stage.whole() == (0 if keep else 1, 0)
    assert stage.desks.start(stage.book()).result(20) == ("done" if keep else "slot_full")


# --- a hold runs out while it is confirmed


@pytest.mark.parametrize("point", POINTS)
def test_confirming_in_time_and_somebody_who_wants_the_place_a_moment_later(scene, point: str) -> None:
    stage = scene(hold=True)
    outcome = stage.together(point, stage.turn(Act.CONFIRM), stage.book(), _lapse)
    assert outcome in {("done", "slot_full"), ("hold_lapsed", "done")}
    assert stage.whole() == (1, 0)


@pytest.mark.parametrize("point", POINTS)
def test_sweeping_and_somebody_who_confirms_too_late(scene, point: str) -> None:
    stage = scene(hold=True)
    _lapse()
    assert stage.together(point, stage.book(), stage.turn(Act.CONFIRM)) == ("done", "hold_lapsed")
    assert stage.whole() == (1, 0)
    assert states() == ["BOOKED", "LAPSED"]


@pytest.mark.parametrize("keep", [True, False])
def test_a_confirmation_that_is_not_committed_when_the_time_runs_out(scene, keep: bool) -> None:
    stage = scene(hold=True)
    outcome = stage.uncommitted(stage.turn(Act.CONFIRM), stage.book(), keep=keep, between=_lapse)
    assert outcome == ("done", "slot_full" if keep else "done")
    assert stage.whole() == (1, 0)


@pytest.mark.parametrize("point", POINTS)
def test_two_who_sweep_at_once_give_a_place_back_once(scene, point: str) -> None:
    stage = scene(hold=True)
    _lapse()
    assert sorted(stage.together(point, stage.book(0), stage.book(1))) == ["done", "slot_full"]
    assert stage.whole() == (1, 0)


# --- one moves a booking while another cancels it


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("moves_first", [True, False])
def test_moving_and_cancelling_the_same_booking(scene, point: str, moves_first: bool) -> None:
    stage = scene()
    acts = [stage.move(), stage.turn(Act.CANCEL)]
    one, other = acts if moves_first else reversed(acts)
    outcome = stage.together(point, one, other)
    assert sorted(outcome) == ["done", "not_in_this_state"]
    moved = outcome[0 if moves_first else 1] == "done"
    assert stage.whole() == ((0, 1) if moved else (0, 0))
    assert states() == (["BOOKED", "MOVED"] if moved else ["CANCELLED"])


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("moves_first", [True, False])
def test_what_is_not_committed_of_moving_or_cancelling_is_waited_for(
    scene, keep: bool, moves_first: bool
) -> None:
    stage = scene()
    acts = [stage.move(), stage.turn(Act.CANCEL)]
    one, other = acts if moves_first else reversed(acts)
    outcome = stage.uncommitted(one, other, keep=keep)
    assert outcome == ("done", "not_in_this_state" if keep else "done")
    assert stage.whole() == ((0, 1) if moves_first is keep else (0, 0))


@pytest.mark.parametrize("point", [*POINTS, "nowhere"])
def test_a_place_that_a_move_leaves_is_taken_by_who_wants_it(scene, point: str) -> None:
    stage = scene()
    moved, booked = stage.together(point, stage.move(), stage.book())
    assert moved == "done" and booked in {"done", "slot_full"}
    assert stage.whole() == (1 if booked == "done" else 0, 1)


# --- nobody waits in a ring


def test_who_sweeps_on_the_way_to_a_booking_does_not_wait_for_who_has_it(scene) -> None:
    """Cancelling looked before the other hold lapsed, checking in afterwards: one sweeps, the other has the booking."""
    stage = scene(full=False)
    to_the_day(stage.here)
    book(stage.doctor, slot_id=slot_of(stage.here), resident_id=stage.wanting[0], hold=True)
    desk = stage.hospital.desk
    with ExitStack() as at_the_quota:
        at_the_quota.enter_context(stage.gate("quota"))
        with stage.gate("booking"):
            cancelling = stage.desks.start(stage.turn(Act.CANCEL))
            assert until_waiting(1, cancelling)
            _lapse()
            arriving = stage.desks.start(lambda: turn(desk, booking_id=stage.mine, act=Act.ARRIVE))
            assert until_waiting(2, arriving)
        until_settled(cancelling, others=1)
    assert sorted([cancelling.result(20), arriving.result(20)]) in (
        ["done", "done"],
        ["done", "not_in_this_state"],
    )
    assert drift() == []


def test_who_books_anew_does_not_wait_in_a_ring_for_the_cancellation_of_the_old_booking(scene) -> None:
    """The same resident at two desks: one gives the place up while the other takes one in the same session."""
    stage = scene(full=False)
    me = _resident_of(stage.mine)
    with stage.gate("quota"):
        booking = stage.desks.start(lambda: book(stage.doctor, slot_id=slot_of(stage.here), resident_id=me))
        until_settled(booking, others=0)
        cancelling = stage.desks.start(stage.turn(Act.CANCEL))
        until_settled(cancelling, others=1)
    outcome = (booking.result(20), cancelling.result(20))
    assert outcome in {("done", "done"), ("booked_already", "done")}
    assert stage.whole() == (1 if outcome[0] == "done" else 0, 0)


def test_who_loses_the_race_for_one_quota_does_not_wait_for_the_next_in_a_ring(
    hospital, session, register, desks
) -> None:
    """After the release a family doctor tries the reserve and then the rest, everybody else the other way round."""
    doctor = hospital.family_doctor
    at = session({FAMILY: 1, OPEN: 1}, by_time=60, per_slot=1)
    slots = list(Slot.objects.filter(session_id=at).order_by("during").values_list("id", flat=True))
    signed = [sign(hospital.site, doctor, register(name)) for name in NAMES[:2]]
    others = [register(name) for name in NAMES[2:4]]
    later(
        seconds=(
            Slot.objects.get(id=slots[0]).during.lower - timedelta(hours=1) - ledger.now()
        ).total_seconds()
    )

    def booking(who: UUID, slot: UUID) -> Callable[[], object]:
        return lambda: book(doctor, slot_id=slot, resident_id=who)

    first_reserved, first_open = (
        desks.pause(booking(signed[0], slots[0])),
        desks.pause(booking(others[0], slots[1])),
    )
    works = [desks.start(booking(signed[1], slots[2]))]
    assert until_waiting(1, *works)
    works.append(desks.start(booking(others[1], slots[3])))
    assert until_waiting(2, *works)
    assert first_reserved.end() == "done"
    until_settled(works[0], others=1)
    assert first_open.end() == "done"
    assert [each.result(20) for each in works] == ["slot_full"] * 2
    assert used(at) == {"FAMILY_DOCTOR": 1, "OPEN": 1}
    assert drift() == []


def _lapse() -> None:
    later(seconds=HOLD.total_seconds())


def _resident_of(booking: UUID) -> UUID:
    with scoped(Actor.system("test"), area=EVERYWHERE):
        return Booking.objects.get(id=booking).resident_id
