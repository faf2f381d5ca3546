"""Who did not come three times pauses for themself, never at a desk; and may say why."""

from __future__ import annotations

import pytest

from tiercare.apps.access.queries import scoped
from tiercare.apps.capacity.commands import appeal, book, decide_appeal, turn
from tiercare.apps.capacity.models import Slot
from tiercare.apps.capacity.rules.absence import MOST_MISSED, PAUSE
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.messages.models import Message
from tiercare.kernel.refusal import Refused

from .conftest import later, slot_of

OPEN = Channel.OPEN


@pytest.fixture
def missed(hospital, session, register):
    """A resident who did not come to as many places as are too many; answers them and the bookings."""
    resident, made = register(), []
    for day in range(1, MOST_MISSED + 1):
        at = session({OPEN: 1}, days=day)
        taken = book(hospital.family_doctor, slot_id=slot_of(at), resident_id=resident)
        made.append((taken.booking_id, Slot.objects.get(session_id=at).during.upper))
    for booking, over in made:
        later(seconds=(over - ledger.now()).total_seconds())
        turn(hospital.desk, booking_id=booking, act=Act.MISS)
    return resident, [booking for booking, _ in made]


def code(excinfo) -> str:
    return excinfo.value.refusals[0].code


def test_booking_for_oneself_pauses_and_a_doctor_still_books(hospital, session, missed) -> None:
    resident, _ = missed
    own = hospital.site.resident(resident)
    at = session({OPEN: 2}, days=2)
    with pytest.raises(Refused) as refused:
        book(own, slot_id=slot_of(at), resident_id=resident)
    assert code(refused) == "capacity.paused_for_absence"
    assert book(hospital.family_doctor, slot_id=slot_of(at), resident_id=resident)
    later(seconds=PAUSE.total_seconds())
    after = session({OPEN: 2}, days=2)
    assert book(own, slot_id=slot_of(after), resident_id=resident)


def test_an_excused_absence_does_not_count(hospital, session, missed) -> None:
    resident, bookings = missed
    own = hospital.site.resident(resident)
    entry = appeal(own, booking_id=bookings[0], words="当天住院抢救")
    with pytest.raises(Refused) as refused:
        appeal(own, booking_id=bookings[0], words="再说一次")
    assert code(refused) == "capacity.appeal_once"
    with pytest.raises(Refused):
        decide_appeal(hospital.family_doctor, appeal_id=entry, excused=True, answer="不是我们医院")
    decide_appeal(hospital.office, appeal_id=entry, excused=True, answer="情况属实")
    at = session({OPEN: 2}, days=2)
    assert book(own, slot_id=slot_of(at), resident_id=resident)
    with scoped(hospital.office):
        assert "情况属实" in Message.objects.get().text


def test_nobody_objects_for_another_or_to_what_was_not_missed(hospital, session, register, missed) -> None:
    _, bookings = missed
    other = register("李小红")
    with pytest.raises(Refused) as refused:
        appeal(hospital.site.resident(other), booking_id=bookings[0], words="替人说话")
    assert code(refused) == "capacity.no_such_booking"
    mine = book(hospital.family_doctor, slot_id=slot_of(session({OPEN: 1}, days=4)), resident_id=other)
    with pytest.raises(Refused) as refused:
        appeal(hospital.site.resident(other), booking_id=mine.booking_id, words="还没到时间")
    assert code(refused) == "capacity.not_absent"
