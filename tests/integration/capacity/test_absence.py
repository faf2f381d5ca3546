"""Who did not come three times pauses for themself, never at a desk; and may say why."""

from __future__ import annotations

import pytest

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import appeal, book, decide_appeal, move, turn
from tiercare.apps.capacity.models import Slot
from tiercare.apps.capacity.queries import absences, ours
from tiercare.apps.capacity.rules.absence import AppealState
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.messages.models import Message
from tiercare.apps.residents import queries as residents
from tiercare.kernel.refusal import Refused

from .conftest import later, slot_of, used
from .test_promises import altered

OPEN = Channel.OPEN


@pytest.fixture
def missed(hospital, session, register):
    """A resident who did not come to as many places as are too many; answers them and the bookings."""
    resident, made = register(), []
    limits = ours.absence_limits(hospital.id, on=ledger.today())
    for day in range(1, limits.most + 1):
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
    later(seconds=ours.absence_limits(hospital.id, on=ledger.today()).pause.total_seconds())
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


def test_who_pauses_may_still_move_what_they_have(hospital, session, missed) -> None:
    resident, _ = missed
    own = hospital.site.resident(resident)
    at, other = session({OPEN: 2}, days=2), session({OPEN: 2}, days=3)
    standing = book(hospital.family_doctor, slot_id=slot_of(at), resident_id=resident)
    moved = move(own, booking_id=standing.booking_id, slot_id=slot_of(other))
    assert (used(at), used(other)) == ({"OPEN": 0}, {"OPEN": 1})
    with pytest.raises(Refused) as refused:
        book(own, slot_id=slot_of(at), resident_id=resident)
    assert code(refused) == "capacity.paused_for_absence"
    assert moved.slot_id == slot_of(other)


@pytest.mark.parametrize(
    ("key", "by", "refused"),
    [
        ("absence_most", 0, True),
        ("absence_most", 1, False),
        ("absence_within_days", -89, False),
        ("absence_pause_days", -30, False),
    ],
)
def test_how_many_absences_within_what_time_pause_for_how_long_is_the_packs(
    hospital, session, missed, monkeypatch, key: str, by: int, refused: bool
) -> None:
    resident, _ = missed
    number = ours.number(key, hospital.id, on=ledger.today())
    packs = altered(f"NHC-41.{key}", number + by)
    monkeypatch.setattr(mandates, "packs", lambda extra=(): packs)
    at = session({OPEN: 1}, days=2)
    try:
        book(hospital.site.resident(resident), slot_id=slot_of(at), resident_id=resident)
    except Refused as raised:
        found = raised.refusals[0]
        assert refused and found.code == "capacity.paused_for_absence" and f"{number} 次" in found.sentence()
    else:
        assert not refused
    days = absences.pause_at(residents.person_of(resident), hospital.id)
    assert (days is not None) is refused


def test_the_office_sees_the_words_beside_all_that_was_missed(
    hospital, missed, django_assert_num_queries
) -> None:
    resident, bookings = missed
    own = hospital.site.resident(resident)
    first, second = (appeal(own, booking_id=each, words="当天住院抢救") for each in bookings[:2])
    decide_appeal(hospital.office, appeal_id=first, excused=True, answer="情况属实")
    with django_assert_num_queries(8):
        (shown,) = absences.appeals_here(hospital.office)
    assert (shown.appeal.id, shown.booking.id, shown.appeal.words) == (second, bookings[1], "当天住院抢救")
    assert [each.excused for each in shown.missed] == [False, False, True]  # the latest first
    assert [each.appeal.answer for each in absences.appeals_here(hospital.office, answered=True)] == [
        "情况属实"
    ]
    assert absences.appeals_here(hospital.site.actor(Role.REGISTRAR)) == []
    with pytest.raises(Refused):
        absences.appeals_here(hospital.family_doctor)
    told = absences.my_appeals(own, resident)
    assert {key: row.state for key, row in told.items()} == {
        bookings[0]: AppealState.EXCUSED,
        bookings[1]: AppealState.OPEN,
    }
