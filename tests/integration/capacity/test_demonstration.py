"""The days that a demonstration plays: what is under way afterwards, the clock, and being ended on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.capacity import queries
from tiercare.apps.capacity.commands.demonstration import Played, Shown, play_month
from tiercare.apps.capacity.models import Appeal, Bed, Booking, Case, Session, Stay, Waiting
from tiercare.apps.capacity.rules.beds import StayState
from tiercare.apps.capacity.workflow import State
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.messages.models import Message
from tiercare.apps.network import commands as network
from tiercare.apps.network import queries as network_queries
from tiercare.apps.network.commands.demonstrating import lay_down_registers
from tiercare.apps.residents.models import Resident
from tiercare.apps.terms import commands as terms
from tiercare.cli.demonstration import places
from tiercare.kernel.actor import Actor

from ..residents.care import later

SYSTEM = Actor.system("test")
DAYS = 4


@dataclass(frozen=True)
class Region:
    """Wuhu as laid down, and where the demonstration's accounts work."""

    shown: Shown
    today: date

    def play(self, **more: object) -> Played:
        """The last days up to yesterday; places for a fortnight more."""
        first, last = self.today - timedelta(days=DAYS), self.today - timedelta(days=1)
        until = self.today + timedelta(days=14)
        return play_month(
            SYSTEM, region="wuhu", first=first, last=last, until=until, shown=self.shown, pace=3, **more
        )


@pytest.fixture(scope="module")
def region(
    synthetic_clock: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Region]:
    """The region, once for this file; taken back afterwards."""
    with (
        django_db_blocker.unblock(),
        override_settings(HOME=tmp_path_factory.mktemp("home")),
        transaction.atomic(),
    ):
        terms.lay_down_divisions(SYSTEM)
        laid = network.lay_down_region(actor=SYSTEM, pack_id="wuhu")
        lay_down_registers(actor=SYSTEM, region="wuhu", on=laid.verdict_on)
        later()  # at ten past some hour of today: the days before are over
        today = ledger.today()
        at = {role.value: place for role, place in places(_facts(today), "3402").items()}
        yield Region(Shown(at["referral_office"].institution_id, at["registrar"].institution_id), today)
        transaction.set_rollback(True)


def _facts(on: date):
    return network_queries.network_facts("3402", on=on)


@pytest.fixture
def _taken_back(region: Region, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.usefixtures("_taken_back")
def test_ended_on_the_way_it_leaves_nothing_and_the_clock_as_it_was(region: Region) -> None:
    before = ledger.installation().clock_override

    def told(day: date) -> None:
        assert Session.objects.exists() and ledger.installation().clock_override != before
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        region.play(told=told)
    assert ledger.installation().clock_override == before
    assert not Session.objects.exists() and not Bed.objects.exists()


@pytest.mark.usefixtures("_taken_back")
def test_afterwards_every_page_has_something_to_show(region: Region) -> None:
    before, real = ledger.installation().clock_override, Resident.objects.filter(synthetic=False).count()
    played = region.play()
    assert (played.hospitals, played.bookings > 100) == (12, True)
    assert ledger.installation().clock_override == before
    assert queries.drift() == []
    hospital, now = region.shown.hospital, ledger.now()
    with scoped(SYSTEM, area=EVERYWHERE):
        assert Resident.objects.filter(synthetic=False).count() == real, (
            "nobody who was made up counts as real"
        )
        states = set(
            Booking.objects.filter(institution_id=hospital, session__day__lt=region.today).values_list(
                "state", flat=True
            )
        )
        assert {State.ATTENDED.value, State.NO_SHOW.value} <= states
        assert State.BOOKED.value not in states, "days that are over are settled"
        ahead = Booking.objects.filter(institution_id=hospital, session__day__gt=region.today)
        assert ahead.filter(state=State.BOOKED.value).exists()
        lying = Stay.objects.filter(institution_id=hospital, state=StayState.IN.value)
        ordinary = Bed.objects.filter(institution_id=hospital, day=False).count()
        assert 0.7 < lying.filter(bed__day=False).count() / ordinary <= 1
        assert not lying.filter(during__startswith__gt=now).exists()
        assert Stay.objects.filter(institution_id=hospital, state=StayState.PLANNED.value).exists()
        assert Waiting.objects.filter(institution_id=hospital).count() == 4
        assert Case.objects.filter(institution_id=hospital, state="OPEN").exists()
        assert Appeal.objects.exists()
        moved = Message.objects.filter(resident_id__in=ahead.values("resident_id"), text__contains="停诊")
        assert moved.exists(), "those whose physician fell ill were moved and told"
    assert region.play() == Played(), "once only"
