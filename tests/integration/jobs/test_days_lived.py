"""The days that a demonstration opens on, lived by the twin's people: once, marked, and every page has something to show afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import queries as capacity
from tiercare.apps.capacity.models import Appeal, Bed, Booking, Case, Session, Stay, Waiting
from tiercare.apps.capacity.rules.beds import StayState
from tiercare.apps.capacity.workflow import State
from tiercare.apps.ledger import commands as ledger_commands
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.messages.models import Message
from tiercare.apps.network import queries as network
from tiercare.apps.residents.models import Resident
from tiercare.cli import demonstration_month
from tiercare.cli.demonstration import places
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE

from .driving import REGION, Laid

pytestmark = [pytest.mark.processes, pytest.mark.timeout(1800)]
DAYS = 7
_SYSTEM = Actor.system("test")
_REQUESTS = """
SELECT count(*) AS sent, count(*) FILTER (WHERE payload ->> 'driven' = 'true') AS driven, count(DISTINCT to_institution) AS hospitals,
       count(DISTINCT problem_code) AS problems FROM exchange_request WHERE kind = 'up'
"""


@pytest.fixture
def noon(laid: Laid, settings, django_db_blocker: DjangoDbBlocker) -> Iterator[datetime]:
    """A demonstration of which nothing is laid down but the region, by a clock that stands at noon."""
    settings.DEMO_DAYS = DAYS
    with django_db_blocker.unblock(), laid.bare():
        at = datetime(2026, 11, 25, 12, 30, tzinfo=ZONE)
        ledger_commands.set_clock(_SYSTEM, at=at)
        yield at


def test_the_last_days_were_lived_and_every_page_has_something_to_show(
    noon: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    real = _people(synthetic=False)
    demonstration_month.show(REGION)
    said = capsys.readouterr().out
    assert "不变量每天都成立" in said and "虚构" in said and "预留兑现" in said
    assert ledger.installation().clock_override == noon
    month = ledger.month_of(REGION)
    assert month is not None and month.played and month.first == noon.date() - timedelta(days=DAYS)
    assert capacity.drift() == [] and _people(synthetic=False) == real, (
        "nobody who was made up counts as real"
    )
    with scoped(_SYSTEM, area=EVERYWHERE):
        _places_were_used(noon)
        _house_is_full(noon)
        (found,) = rows(_REQUESTS)
    assert found["sent"] == found["driven"] > 5 and found["hospitals"] > 2 and found["problems"] > 3
    before = _counted()

    demonstration_month.show(REGION)
    said = capsys.readouterr().out
    assert "hospitals 12" not in said and "预留兑现" in said
    assert _counted() == before, "once only"


def _places_were_used(noon: datetime) -> None:
    hospital, today = _shown(noon.date()), noon.date()
    states = Booking.objects.filter(source_id=None, session__day__lt=today).values_list("state", flat=True)
    assert {State.ATTENDED.value, State.NO_SHOW.value} <= set(states)
    assert State.BOOKED.value not in states, "days that are over are settled"
    of_today = set(Booking.objects.filter(session__day=today).values_list("state", flat=True))
    assert State.ATTENDED.value in of_today, "today is lived as far as it has come"
    assert not Booking.objects.filter(changed_at__gt=noon).exists()
    assert Booking.objects.filter(
        institution_id=hospital, session__day__gt=today, state=State.BOOKED.value
    ).exists()
    assert Appeal.objects.exists()
    assert Session.objects.filter(day__gt=today + timedelta(days=20)).exists(), "there is something to book"


def _house_is_full(noon: datetime) -> None:
    hospital = _shown(noon.date())
    lying = Stay.objects.filter(institution_id=hospital, state=StayState.IN.value)
    ordinary = Bed.objects.filter(institution_id=hospital, day=False).count()
    assert 0.6 < lying.filter(bed__day=False).count() / ordinary <= 1
    assert not lying.filter(during__startswith__gt=noon).exists()
    assert Stay.objects.filter(institution_id=hospital, state=StayState.PLANNED.value).exists()
    assert Waiting.objects.filter(institution_id=hospital).exists()
    assert Case.objects.filter(institution_id=hospital, state="OPEN").exists()
    moved = Booking.objects.filter(institution_id=hospital, session__day__gt=noon.date()).values(
        "resident_id"
    )
    assert Message.objects.filter(resident_id__in=moved, text__contains="停诊").exists(), (
        "those whose physician fell ill were moved and told"
    )


def test_before_the_doors_open_today_is_not_begun(noon: datetime, settings) -> None:
    early, settings.DEMO_DAYS = noon.replace(hour=6), 1
    ledger_commands.set_clock(_SYSTEM, at=early)
    demonstration_month.show(REGION)
    month = ledger.month_of(REGION)
    assert month is not None and (month.played, month.days) == (True, 1)
    with scoped(_SYSTEM, area=EVERYWHERE):
        assert not Booking.objects.filter(made_at__gt=early).exists()


def _shown(on: date) -> object:
    area = network.region_of(REGION)
    return places(network.network_facts(area, on=on), area)[Role.REFERRAL_OFFICE].institution_id


def _people(*, synthetic: bool) -> int:
    with scoped(_SYSTEM, area=EVERYWHERE):
        return Resident.objects.filter(synthetic=synthetic).count()


def _counted() -> tuple[int, ...]:
    with scoped(_SYSTEM, area=EVERYWHERE):
        return (
            Booking.objects.count(),
            Session.objects.count(),
            Stay.objects.count(),
            Resident.objects.count(),
        )
