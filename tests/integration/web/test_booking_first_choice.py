"""Who has signed is shown primary care of their consortium first, and books wherever they like (YN-48)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from django.test import Client
from psycopg.types.range import DateRange

from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import publish
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates.models import Mandate
from tiercare.apps.network.models import InstitutionVersion

from ..capacity.conftest import Hospital, hospital, session, synthetic_clock
from ..referrals.places import away
from ..referrals.seen import lifted
from ..residents.conftest import given, register, site
from .residents_desk import at_desk
from .test_booking import doctor, held, patient, places_of
from .test_me import of

__all__ = [
    "at_desk",
    "doctor",
    "given",
    "hospital",
    "of",
    "patient",
    "register",
    "session",
    "site",
    "synthetic_clock",
]
pytestmark = pytest.mark.django_db


@pytest.fixture
def two(hospital: Hospital, session: Callable[..., UUID]) -> tuple[UUID, UUID]:
    """A clinic of the hospital in two days, and one of the township, of the same specialty, in four."""
    away(hospital.site.township, of=hospital.id, km=5)
    there = session({Channel.OPEN: 3})
    pool = hospital.pool("own", institution_id=hospital.site.township)
    office = hospital.site.actor(Role.REFERRAL_OFFICE)
    planned = hospital.planned(pool, days=4, capacity=3, units={Channel.OPEN: 3})
    (here,) = publish(office, institution_id=hospital.site.township, planned=[planned]).session_ids
    return there, here


def in_yunnan() -> None:
    Mandate.objects.create(division_code="340223", pack="yunnan", period=DateRange(date(2017, 1, 1), None))


def order(page: str, *sessions: UUID) -> list[UUID]:
    """In which order these sessions stand on the page, as far as they do."""
    places = [(page.find(f"/{each}"), each) for each in sessions]
    return [each for at, each in sorted(places) if at >= 0]


@pytest.mark.clause("YN-48")
def test_primary_care_of_the_consortium_stands_first_and_blocks_nothing(
    doctor: Client,
    patient: UUID,
    two: tuple[UUID, UUID],
    of: Callable[..., Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there, here = two
    page = places_of(doctor, patient, q="03.04")
    assert order(page, *two) == [there, here] and "建议先到" not in page, (
        "by time, where no text asks for more"
    )
    in_yunnan()
    page = places_of(doctor, patient, q="03.04")
    assert order(page, *two) == [here, there] and "建议先到" in page
    name = InstitutionVersion.objects.get(
        institution_id=doctor_of(patient), period__contains=ledger.today()
    ).name
    assert f"已和{name}签约" in page and page.count("签约医联体基层") == 1
    own = of(patient).get("/me/bookings/new", {"go": "1", "far": "120", "q": "03.04"}).content.decode()
    assert order(own, *two) == [here, there] and f"已和{name}签约" in own
    assert held(doctor, patient, there), "the hospital can be booked all the same"

    lifted(monkeypatch, "YN-48")
    page = places_of(doctor, patient, q="03.04")
    assert order(page, *two) == [there, here] and "建议先到" not in page


def doctor_of(patient: UUID) -> UUID:
    from tiercare.apps.residents import queries as residents

    signed = residents.ground_to_book(patient, booker=None, on=ledger.today()).signed_at
    assert signed is not None
    return signed


def test_who_has_not_signed_is_shown_places_by_time(
    doctor: Client, register: Callable[..., UUID], two: tuple[UUID, UUID]
) -> None:
    in_yunnan()
    page = places_of(doctor, register("李小红"), q="03.04")
    assert order(page, *two) == list(two) and "建议先到" not in page
