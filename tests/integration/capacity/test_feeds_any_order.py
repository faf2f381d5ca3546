"""Whatever the order in which messages come, doubled or lost before a full one: the same is on offer at the end.

At a lead hospital of 太原, where a fifth of an expert's places is promised, so that one session's reserve depends on
the others of the day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg.types.range import DateRange
from pytest_django.plugin import DjangoDbBlocker

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import NoPlace, receive
from tiercare.apps.capacity.commands.booking import take
from tiercare.apps.capacity.models import FeedSession, Pool, Slot
from tiercare.apps.capacity.queries import drift
from tiercare.apps.capacity.rules.feeds import Message, ToldSession, ToldSlot
from tiercare.apps.capacity.rules.shares import promised
from tiercare.apps.capacity.rules.vocabulary import Channel, Grade, Kind
from tiercare.apps.capacity.workflow import State
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import commands as network
from tiercare.apps.network import queries as network_queries
from tiercare.apps.network.models import Clinician, PracticeSite
from tiercare.apps.terms import commands as terms
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.ids import uuid7

from .feeding import caps, delta, full, moment, offered, standing, told

NOW = date(2024, 12, 2)
DAYS = (date(2024, 12, 10), date(2024, 12, 11))
SYSTEM = Actor.system("test")
KEYS, POOLS, PHYSICIANS, HOURS = ("a", "b", "c"), ("zj", "pt"), ("", "ys01", "ys02"), (8, 10, 13)
FAMILY = Channel.FAMILY_DOCTOR.value


@pytest.fixture(scope="module")
def office(
    synthetic_clock: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Actor]:
    """The office of a lead hospital of 太原 with an expert's and an ordinary clinic, and two physicians."""
    with (
        django_db_blocker.unblock(),
        override_settings(HOME=tmp_path_factory.mktemp("home")),
        transaction.atomic(),
    ):
        terms.lay_down_divisions(SYSTEM)
        network.lay_down_region(actor=SYSTEM, pack_id="taiyuan")
        ledger.set_clock(SYSTEM, at=datetime(NOW.year, NOW.month, NOW.day, 10, tzinfo=ZONE))
        hospital = network_queries.institution_by_slug("taiyuan-yangqu_hospital", on=NOW)
        assert hospital is not None
        whole = DateRange(NOW, None)
        for code, grade in (("zj", Grade.EXPERT), ("pt", Grade.ORDINARY)):
            Pool.objects.create(
                institution_id=hospital,
                code=code,
                name=f"示例{code}",
                kind=Kind.CLINIC.value,
                grade=grade.value,
                period=whole,
            )
        for code in PHYSICIANS[1:]:
            made = Clinician.objects.create(name=f"示例{code}", code=code, title="主任医师", synthetic=True)
            PracticeSite.objects.create(
                clinician=made, institution_id=hospital, ground="REGISTERED", period=whole
            )
        yield Actor(
            account_id=uuid7(),
            name="示例办公室",
            role=Role.REFERRAL_OFFICE.value,
            institution_id=hospital,
            division_code="140122",
            request_id=uuid7(),
        )
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _allowed(office: Actor, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@dataclass(frozen=True)
class End:
    """What is left of a run: what is on offer, the conflicts, and whether every counter is right."""

    offered: dict[str, Any]
    standing: set[tuple[str, str, str, int, int]]
    drift: list[Any]


class _Undo(Exception):
    pass


def after(office: Actor, first: Message, messages: Sequence[Message], people: int) -> End:
    """``first``, then so many bookings in the session it told, then the messages; taken back afterwards."""
    end = None
    try:
        with transaction.atomic():
            receive(office, message=first)
            for _ in range(people):
                _book(office, FeedSession.objects.get(key="a").session_id)
            for message in messages:
                receive(office, message=message)
            end = End(offered(), standing(), drift())
            raise _Undo
    except _Undo:
        assert end is not None
        return end


def _book(office: Actor, session: UUID) -> None:
    slot = Slot.objects.filter(session_id=session, used=0).order_by("during").first()
    if slot is None:
        slot = Slot.objects.filter(session_id=session).order_by("during").last()
    with scoped(office):
        try:
            take(office, channel=Channel.OPEN, slot_id=slot.id, resident_id=uuid7(), state=State.BOOKED)
        except NoPlace:
            return


FIRST = full(1, DAYS, told("a", DAYS[0], [(3, 0), (3, 0)], physician="ys01"))
slots = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=3)
sessions = st.builds(
    lambda key, day, places, pool, physician, hour, on_offer: told(
        key, day, places, pool=pool, physician=physician, hour=hour, on_offer=on_offer
    ),
    st.sampled_from(KEYS),
    st.sampled_from(DAYS),
    slots,
    st.sampled_from(POOLS),
    st.sampled_from(PHYSICIANS),
    st.sampled_from(HOURS),
    st.sampled_from([True, True, True, False]),
)


def several(day: st.SearchStrategy[ToldSession]) -> st.SearchStrategy[list[ToldSession]]:
    return st.lists(day, min_size=1, max_size=2, unique_by=lambda each: each.key)


@st.composite
def streams(draw: st.DrawFn) -> tuple[list[Message], list[Message], int]:
    """Messages in order, the same shuffled with some of them doubled, and how many have booked before."""
    made: list[Message] = []
    for number in range(draw(st.integers(2, 6))):
        found = draw(several(sessions))
        if draw(st.integers(0, 3)):
            made.append(delta(number + 2, *found))
        else:
            days = draw(st.sampled_from([DAYS, DAYS[:1], DAYS[1:]]))
            made.append(full(number + 2, days, *(each for each in found if each.day in days)))
    more = draw(st.lists(st.sampled_from(made), max_size=3))
    return made, draw(st.permutations([*made, *more])), draw(st.integers(0, 3))


# Without shrinking: a failure is told as it was found, within the time that a test has.
RUN = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    phases=(Phase.explicit, Phase.generate),
)


@RUN
@given(stream=streams())
def test_the_order_of_messages_and_their_doubles_do_not_matter(office: Actor, stream) -> None:
    made, shuffled, people = stream
    in_order, other = after(office, FIRST, made, people), after(office, FIRST, shuffled, people)
    assert (other.offered, other.standing) == (in_order.offered, in_order.standing)
    assert in_order.drift == []
    _nothing_hidden(in_order)


@RUN
@given(stream=streams(), last=several(sessions), lost=st.sets(st.integers(0, 5)))
def test_a_full_message_heals_what_was_lost(office: Actor, stream, last, lost) -> None:
    made, shuffled, people = stream
    heal = full(len(made) + 2, DAYS, *last)
    arrived = [each for each in shuffled if each.sequence - 2 not in lost]
    assert after(office, FIRST, [*arrived, heal], people) == after(office, FIRST, [*made, heal], people)


def _nothing_hidden(end: End) -> None:
    """Where a slot has more people than the system left room for, a conflict says so; and no counter is oversold."""
    for _, _, _, _, capacity, slots_, quotas in end.offered.values():
        assert sum(places for _, places, _ in slots_) == capacity
        assert sum(cap for cap, _ in quotas.values()) == capacity
        assert all(used <= cap for cap, used in quotas.values())


def test_the_reserve_is_shared_out_over_the_day_and_sold_reserves_are_told(office: Actor) -> None:
    share = mandates.packs().parameters["TY-91.reserve_lead_hospital"][0].value
    day = DAYS[0]
    receive(office, message=delta(1, told("a", day, [(5, 0)]), told("b", day, [(5, 0), (6, 0)], hour=13)))
    assert caps("a").get(FAMILY, 0) + caps("b")[FAMILY] == promised(16, float(share))
    # All of one sold elsewhere: what was kept there is gone, and the day keeps less than is promised of 16.
    receive(office, message=delta(2, told("a", day, [(5, 5)])))
    (sold,) = standing()
    assert sold[:2] == ("a", "PROMISE_SOLD") and sold[3] < sold[4]
    receive(office, message=delta(3, told("a", day, [(5, 2)])))
    assert standing() == set()


def test_a_session_by_which_the_day_would_keep_less_waits_until_it_is_mended(office: Actor) -> None:
    Pool.objects.filter(code="zj").update(shares={Channel.REFERRAL.value: 1.0})
    day = DAYS[0]
    receive(office, message=delta(1, told("a", day, [(5, 0)]), told("b", day, [(5, 0)], pool="pt", hour=13)))
    assert offered().keys() == {"b"}
    assert {each[:2] for each in standing()} == {("a", "LESS_PROMISED")}
    Pool.objects.filter(code="zj").update(shares={})
    receive(office, message=delta(2, told("b", day, [(4, 0)], pool="pt", hour=13)))
    assert offered().keys() == {"a", "b"} and standing() == set()


def test_places_and_times_of_a_slot_are_those_of_the_message(office: Actor) -> None:
    start = moment(DAYS[0], 8)
    odd = replace(
        told("a", DAYS[0], []),
        ends=start + timedelta(hours=2),
        slots=(
            ToldSlot("x", start, start + timedelta(minutes=7), 2),
            ToldSlot("y", start + timedelta(minutes=7), start + timedelta(hours=2), 3, 1),
        ),
    )
    receive(office, message=delta(1, odd))
    assert offered()["a"][5] == [(start, 2, 0), (start + timedelta(minutes=7), 2, 0)]
