"""A hospital's office at its pages of places: who is signed in, what stands in its registers, a week on paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from time import time as time_now
from uuid import UUID

import pytest
from django.test import Client
from psycopg.types.range import DateRange
from tests.integration.capacity.conftest import Hospital, hospital, session

from tiercare.apps.access import models
from tiercare.apps.access.rules import SCOPE_OF, Role, Scope
from tiercare.apps.capacity.commands import keep_pool, keep_week
from tiercare.apps.capacity.models import Pool
from tiercare.apps.capacity.rules.pools import PoolGiven, WeekGiven
from tiercare.apps.capacity.rules.vocabulary import Grade, Kind
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates.models import Mandate
from tiercare.apps.network import queries as network
from tiercare.apps.network.models import Clinician, Department, Equipment, PracticeSite
from tiercare.kernel.ids import stable_id, uuid7
from tiercare.web.middleware import GRANT, SEEN_AT, SIGNED_IN_AT

from .residents_desk import given, register, site

__all__ = ["given", "hospital", "register", "session", "site"]  # fixtures

# Session and grant, installation, frame; then one statement for each thing that the page shows.
FRAME = 3


@pytest.fixture
def acting_at(site) -> Callable[..., Client]:
    """A client that acts in a role at one of the three institutions."""

    def sign_in(role: Role, place: str = "county_hospital") -> Client:
        name = f"{role.value[:10]}.{uuid7().hex[-8:]}"
        account = models.Account.objects.create(
            username=name, display_name=name, password="!", synthetic=True
        )
        of_consortium = SCOPE_OF[role] is Scope.CONSORTIUM
        grant = models.Grant.objects.create(
            account=account,
            role=role.value,
            scope=SCOPE_OF[role].value,
            division_code=site.division[:6],
            institution_id=None if SCOPE_OF[role] is Scope.REGION else getattr(site, place),
            consortium_id=stable_id("test", "consortium") if of_consortium else None,
            place_name="测试地点",
            period=DateRange(date(2019, 1, 1), None),
        )
        client = Client()
        client.force_login(account)
        stored = client.session
        stored[SIGNED_IN_AT] = stored[SEEN_AT] = time_now()
        stored[GRANT] = str(grant.id)
        stored.save()
        return client

    return sign_in


@pytest.fixture
def office(acting_at) -> Client:
    """The referral office of the county hospital."""
    client: Client = acting_at(Role.REFERRAL_OFFICE)
    return client


@pytest.fixture
def registers(hospital: Hospital) -> dict[str, UUID]:
    """A department, two physicians and a machine of the hospital."""
    since = DateRange(ledger.today(), None)
    department = Department.objects.create(
        institution_id=hospital.id, name="示例心内科", specialty_code="03.04", period=since
    )
    machine = Equipment.objects.create(
        institution_id=hospital.id, kind="ct", model="示例 64 排", count=1, period=since
    )
    made = {"department": department.id, "equipment": machine.id}
    for key, name, initials in (("first", "欧阳示例", "oysl"), ("second", "司徒示例", "stsl")):
        clinician = Clinician.objects.create(name=name, initials=initials, title="主任医师", synthetic=True)
        PracticeSite.objects.create(
            clinician=clinician, institution_id=hospital.id, ground="REGISTERED", period=since
        )
        made[key] = clinician.id
    return made


def text_of(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[-3000:]
    return answer.content.decode()


def sent(**more: object) -> dict[str, object]:
    return {"once": str(uuid7()), **more}


def expert(**more: object) -> dict[str, object]:
    values = {"name": "心内科专家门诊", "grade": "EXPERT", "by": "time", "slot_minutes": "15"}
    return sent(**(values | {"department": "示例心内科"} | more))


@pytest.fixture
def promised(hospital: Hospital) -> None:
    """The county under a pack that promises family doctors a share of what a lead hospital offers."""
    county = network.place_of(hospital.id, on=ledger.today()).division_code[:6]
    Mandate.objects.create(division_code=county, pack="taiyuan", period=DateRange(date(2019, 1, 1), None))


def weekly(hospital: Hospital, *, kind: Kind = Kind.CLINIC, capacity: int = 8, **more: object) -> Pool:
    """An expert clinic on every day of the week."""
    values = {"code": "xnk-zj", "name": "心内科专家门诊", "kind": kind, "grade": Grade.EXPERT} | more
    pool = keep_pool(hospital.office, institution_id=hospital.id, given=PoolGiven(**values))
    lines = [WeekGiven(day, time(8), time(10), capacity=capacity, on_holidays=True) for day in range(1, 8)]
    keep_week(hospital.office, pool_id=pool.id, lines=lines)
    return pool
