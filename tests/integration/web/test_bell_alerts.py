"""Answers of a follow-up beyond the limits ring at those who have to handle them, until they are handled (TY-68)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records import commands
from tiercare.apps.records.models import FollowUpAlert, FormAnswer
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

from ..records.conftest import Ward, ward
from ..residents.conftest import given, register, site
from .residents_desk import at_desk, page_of

__all__ = ["at_desk", "given", "register", "site", "ward"]
pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
NOBODY = "没看过或待处理"


def alert(ward: Ward, *, due_in: timedelta = timedelta(hours=4)) -> UUID:
    """Raised by the county hospital, for the township to handle."""
    with scoped(SYSTEM, area="*"):
        answer = FormAnswer.objects.create(
            resident_id=ward.resident,
            institution_id=ward.site.county_hospital,
            form="nursing",
            version=1,
            contact_id=uuid7(),
            year=2020,
            answers={"bleeding": True},
        )
        return FollowUpAlert.objects.create(
            resident_id=ward.resident,
            institution_id=ward.site.township,
            raiser_id=ward.site.county_hospital,
            doctor_name="示例医生",
            answer=answer,
            form="nursing",
            items={"bleeding": True},
            due_at=ledger.now() + due_in,
        ).id


def bell(desk: Client) -> str:
    return page_of(desk.get("/requests/bell"))


def test_an_alert_rings_where_it_is_owed_until_it_is_handled(ward, at_desk) -> None:
    here, raiser = at_desk(Role.PRIMARY_DOCTOR), at_desk(Role.CLINICIAN, "county_hospital")
    assert NOBODY not in bell(here)
    key, late = alert(ward), alert(ward, due_in=-timedelta(hours=1))
    assert '<b class="bell-count">2</b>' in bell(here) and NOBODY in bell(here)
    assert NOBODY not in bell(raiser), "who raised it owes nothing"
    shown = page_of(here.get("/requests/inbox"))
    first, second = shown.index(f"/followup/alerts/{late}"), shown.index(f"/followup/alerts/{key}")
    assert first < second and "超时未处理" in shown and "王*明" in shown and "王小明" not in shown
    assert "/followup/alerts/" not in page_of(raiser.get("/requests/inbox"))
    # What nobody has seen can be marked as seen; an alert goes by being handled.
    here.post("/requests/inbox/seen", {"once": str(uuid7())})
    assert '<b class="bell-count">2</b>' in bell(here)
    for each in (key, late):
        commands.handle_alert(ward.doctor, alert_id=each, handling="已电话随访，出血已止。")
    assert NOBODY not in bell(here) and "随访预警，等" not in page_of(here.get("/requests/inbox"))


def test_the_reading_of_the_inbox_is_recorded_and_the_bell_is_none(ward, at_desk) -> None:
    here = at_desk(Role.PRIMARY_DOCTOR)
    alert(ward)

    def read() -> int:
        told = ledger.events(kind="access.record_read", subject_id=ward.resident, limit=20)
        return sum(each.payload["what"] == "contacts" for each in told)

    bell(here)
    assert read() == 0
    here.get("/requests/inbox")
    assert read() == 1


def test_the_api_counts_them(ward, at_desk) -> None:
    key = alert(ward)
    here = at_desk(Role.PRIMARY_DOCTOR)
    assert here.get("/api/requests/inbox").json() == {"items": [], "unseen": 0, "alerts": 1}
    assert at_desk(Role.CLINICIAN, "county_hospital").get("/api/requests/inbox").json()["alerts"] == 0
    commands.handle_alert(ward.doctor, alert_id=key, handling="已处理")
    assert here.get("/api/requests/inbox").json()["alerts"] == 0
