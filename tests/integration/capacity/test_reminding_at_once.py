"""Reminders in real transactions: two workers at once, and one that dies in the middle."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest
from django.db import OperationalError, connection

from tiercare.apps.access.queries import scoped
from tiercare.apps.capacity.commands import book, remind
from tiercare.apps.capacity.models import Booking
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.messages.models import Message

from .conftest import later, slot_of
from .racing import Desks, _owner, at_once, desks, site

__all__ = ["desks", "site"]  # fixtures
NAMES = ("王小明", "李小红", "张小军", "赵小刚", "钱小玲", "孙小英", "周小东")


@pytest.fixture
def booked(hospital, session, register) -> list[UUID]:
    """Bookings of which it is time to remind."""
    at = session({Channel.OPEN: 9})
    doctor = hospital.family_doctor
    keys = [book(doctor, slot_id=slot_of(at), resident_id=register(name)).booking_id for name in NAMES]
    with scoped(hospital.desk):
        starts = Booking.objects.select_related("slot").get(id=keys[0]).slot.during.lower
    later(seconds=(starts - ledger.now()).total_seconds() - 3600)
    return keys


def told(hospital) -> list[UUID]:
    with scoped(hospital.desk):
        return sorted(Message.objects.values_list("about_id", flat=True))


def test_workers_at_once_remind_everybody_once(hospital, booked, desks: Desks) -> None:
    counts: list[int] = []
    said = at_once(desks, [lambda: counts.append(remind(batch=2))] * 4)
    assert said == ["done"] * 4 and sum(counts) == len(NAMES)
    assert told(hospital) == sorted(booked)


@pytest.mark.parametrize("keep", [True, False])
def test_who_comes_while_another_is_at_it_leaves_them_to_it(
    hospital, booked, desks: Desks, keep: bool
) -> None:
    at_it = desks.pause(lambda: remind(batch=100))
    assert remind() == 0  # and waits for nobody
    at_it.end(keep=keep)
    assert remind() == (0 if keep else len(NAMES))
    assert told(hospital) == sorted(booked)


def test_what_a_killed_worker_had_begun_is_done_by_the_next(hospital, booked, desks: Desks) -> None:
    pids: list[int] = []

    def begin() -> None:
        remind(batch=100)
        pids.append(connection.connection.info.backend_pid)

    killed = desks.pause(begin)
    with psycopg.connect(**_owner()) as owner:
        owner.execute("SELECT pg_terminate_backend(%s)", pids)
    with pytest.raises(OperationalError):
        killed.end()
    assert told(hospital) == []
    assert remind() == len(NAMES)
    assert told(hospital) == sorted(booked)
