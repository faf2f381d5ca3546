"""Guardians book for their wards: as long as they decide for them, in their own name, and nobody else does."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis, Role
from tiercare.apps.capacity.commands import appeal, book, book_together, move, turn, wait, withdraw
from tiercare.apps.capacity.models import Appeal, Booking, Slot, Waiting
from tiercare.apps.capacity.queries import waiting
from tiercare.apps.capacity.queries.mine import my_booking, my_bookings
from tiercare.apps.capacity.queries.session import channel_at
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.workflow import Act, State
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event, Reading
from tiercare.apps.messages.models import Message
from tiercare.apps.residents import commands
from tiercare.apps.residents.models import Guardianship, Resident
from tiercare.kernel.refusal import Refused

from .conftest import later, slot_of, used

OPEN = Channel.OPEN
MOTHERS = date(1990, 2, 3)


def code(excinfo) -> str:
    return excinfo.value.refusals[0].code


@pytest.fixture
def child(hospital, register) -> UUID:
    return register("王小宝", birth_date=ledger.today() - timedelta(days=17 * 365))


@pytest.fixture
def mother(hospital, register, child):
    """Her actor; she decides for the child, as the township's desk recorded."""
    key = register("李晓红", birth_date=MOTHERS)
    guard(hospital, child, key)
    return hospital.site.resident(key)


def guard(hospital, child: UUID, guardian: UUID) -> UUID:
    return commands.set_guardian(
        hospital.site.actor(Role.REGISTRAR),
        resident_id=child,
        guardian_id=guardian,
        name="李晓红",
        phone="",
        relation="母亲",
    )


def everything(actor, ward: UUID, at: UUID, other: UUID) -> list[str]:
    """What somebody is told who tries everything for this resident; empty words where it was done."""
    with scoped(actor, persons=[ward]):
        made = Booking.objects.filter(resident_id=ward).latest("made_at").id
    pool = Slot.objects.get(id=slot_of(other)).session.pool_id
    today = ledger.today()
    acts = (
        lambda: book(actor, slot_id=slot_of(other), resident_id=ward),
        lambda: book(actor, slot_id=slot_of(other), resident_id=ward, hold=True),
        lambda: book_together(actor, resident_id=ward, slots=[slot_of(at), slot_of(other)]),
        lambda: turn(actor, booking_id=made, act=Act.CONFIRM),
        lambda: turn(actor, booking_id=made, act=Act.CANCEL),
        lambda: move(actor, booking_id=made, slot_id=slot_of(other)),
        lambda: wait(actor, pool_id=pool, resident_id=ward, first=today, last=today),
        lambda: appeal(actor, booking_id=made, words="示例"),
        lambda: my_bookings(actor, ward),
        lambda: my_booking(actor, ward, made),
        lambda: waiting.my_waiting(actor, ward),
        lambda: channel_at(actor, ward, pool_host(other)),
    )
    told = []
    for act in acts:
        try:
            act()
            told.append("")
        except Refused as refused:
            told.append(refused.refusals[0].code)
    return told


def pool_host(session_id: UUID) -> UUID:
    return Slot.objects.get(id=slot_of(session_id)).session.institution_id


def test_a_mother_books_confirms_moves_and_cancels_for_her_child(hospital, session, mother, child) -> None:
    at, other = session({OPEN: 2}), session({OPEN: 2}, days=3)
    held = book(mother, slot_id=slot_of(at), resident_id=child, hold=True)
    turn(mother, booking_id=held.booking_id, act=Act.CONFIRM)
    moved = move(mother, booking_id=held.booking_id, slot_id=slot_of(other))
    rows = my_bookings(mother, child)
    assert [(row.id, row.state) for row in rows] == [
        (moved.booking_id, State.BOOKED),
        (held.booking_id, State.MOVED),
    ]
    assert my_bookings(mother, mother.resident_id) == []
    turn(mother, booking_id=moved.booking_id, act=Act.CANCEL)
    with scoped(hospital.desk):
        made = Booking.objects.get(id=moved.booking_id)
        assert (made.resident_id, made.account_id, made.booked_by) == (child, mother.account_id, None)
        assert not Message.objects.filter(about_id=moved.booking_id, text__contains="已取消").exists()
    acts = Event.objects.filter(subject_id__in=[held.booking_id, moved.booking_id])
    assert {event.actor_id for event in acts} == {mother.account_id}
    assert used(at) == {"OPEN": 0} == used(other)


def test_what_a_mother_sees_of_her_child_is_on_record_as_hers(hospital, session, mother, child) -> None:
    book(mother, slot_id=slot_of(session({OPEN: 1})), resident_id=child)
    before = ledger.now()
    my_bookings(mother, child)
    with scoped(mother, persons=[child]):
        reading = Reading.objects.filter(resident_id=child, at__gte=before).latest("at")
    payload = Event.objects.get(pk=reading.event_id).payload
    assert (payload["what"], payload["basis"]) == ("bookings", Basis.GUARDIAN.value)


def test_she_waits_for_the_child_and_takes_it_off_again(hospital, session, mother, child, register) -> None:
    at = session({OPEN: 1})
    book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register("陈小刚"))
    pool, today = Slot.objects.get(id=slot_of(at)).session.pool_id, ledger.today()
    entry = wait(mother, pool_id=pool, resident_id=child, first=today, last=today)
    (row,) = waiting.my_waiting(mother, child)
    assert (row.id, row.ahead) == (entry, 0) and waiting.my_waiting(mother, mother.resident_id) == []
    withdraw(mother, waiting_id=entry)
    with scoped(hospital.desk):
        assert Waiting.objects.get().state == "WITHDRAWN" and not Message.objects.exists()


def test_she_says_why_the_child_did_not_come(hospital, session, mother, child) -> None:
    at = session({OPEN: 1}, days=1)
    made = book(mother, slot_id=slot_of(at), resident_id=child).booking_id
    later(seconds=(Slot.objects.get(session_id=at).during.upper - ledger.now()).total_seconds())
    turn(hospital.desk, booking_id=made, act=Act.MISS)
    appeal(mother, booking_id=made, words="孩子发烧住院")
    with scoped(hospital.office):
        assert Appeal.objects.get().resident_id == child


def test_a_stranger_does_nothing_of_it(hospital, session, mother, child, register) -> None:
    at, other = session({OPEN: 2}), session({OPEN: 2}, days=3)
    book(mother, slot_id=slot_of(at), resident_id=child, hold=True)
    stranger = hospital.site.resident(register("赵小丽", birth_date=date(1980, 1, 2)))
    told = everything(stranger, child, at, other)
    assert "" not in told
    assert set(told) == {"capacity.not_your_resident", "capacity.no_such_booking", "access.no_basis"}
    assert used(at) == {"OPEN": 1} and used(other) == {"OPEN": 0}


def test_nor_does_a_guardian_who_is_none_any_more(hospital, session, mother, child) -> None:
    at, other = session({OPEN: 2}), session({OPEN: 2}, days=3)
    book(mother, slot_id=slot_of(at), resident_id=child, hold=True)
    with scoped(hospital.site.actor(Role.REGISTRAR)):
        guardianship = Guardianship.objects.get(resident_id=child).id
    commands.end_guardian(
        hospital.site.actor(Role.REGISTRAR), resident_id=child, guardianship_id=guardianship
    )
    assert "" not in everything(mother, child, at, other)


def test_nor_the_mother_of_a_child_that_has_come_of_age(hospital, session, mother, child) -> None:
    born = ledger.today() - timedelta(days=17 * 365)
    of_age = born.replace(year=born.year + 18)
    later(days=(of_age - ledger.today()).days - 1)
    at, other = session({OPEN: 3}, days=5), session({OPEN: 2}, days=6)
    assert book(mother, slot_id=slot_of(at), resident_id=child, hold=True)  # the day before
    later(days=1)
    assert "" not in everything(mother, child, at, other)


def test_a_grown_ward_is_decided_for_until_somebody_ends_it(hospital, session, register) -> None:
    ward = register("王大伯", birth_date=date(1950, 1, 1))
    daughter = register("李晓红", birth_date=MOTHERS)
    guard(hospital, ward, daughter)
    later(days=400)
    at = session({OPEN: 1})
    assert book(hospital.site.resident(daughter), slot_id=slot_of(at), resident_id=ward)


def test_the_ward_of_two_entries_is_one_person(hospital, session, register, mother, child) -> None:
    """The guardianship stands in the entry that was merged into another."""
    other = register("王小宝", birth_date=date(2009, 5, 6))
    merge(hospital, child, into=other)
    at = session({OPEN: 1})
    taken = book(mother, slot_id=slot_of(at), resident_id=child)
    with scoped(hospital.desk):
        assert Booking.objects.get(id=taken.booking_id).resident_id == other
    assert turn(mother, booking_id=taken.booking_id, act=Act.CANCEL).state is State.CANCELLED
    assert [row.id for row in my_bookings(mother, child)] == [taken.booking_id]


def merge(hospital, entry: UUID, *, into: UUID) -> None:
    """Found to be one person; what the index does to find out is tested with it."""
    with scoped(hospital.site.actor(Role.REGISTRAR)):
        Resident.objects.filter(id=entry).update(master_id=into)
