"""The pages of what follows a discharge: the form at a contact, its alert, the green channel in one step, the survey."""

from __future__ import annotations

from uuid import UUID

import pytest

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.exchange.models import Request
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records.models import FollowUpAlert, FormAnswer, PlannedContact
from tiercare.apps.records.rules.vocabulary import VisitKind
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

from ..records.conftest import Ward, in_force, ward
from ..records.test_followup import discharged
from ..residents.conftest import given, register, site
from .residents_desk import at_desk, page_of

__all__ = ["at_desk", "given", "in_force", "register", "site", "ward"]
pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")


def asked_here(ward: Ward) -> UUID:
    """A contact of the township with the nursing form."""
    with scoped(SYSTEM, area="*"):
        return PlannedContact.objects.create(
            resident_id=ward.resident,
            institution_id=ward.site.township,
            planner_id=ward.site.township,
            kind="NURSING",
            form="nursing",
            due_on=ledger.today(),
            way="PHONE",
        ).id


def test_a_form_is_filled_in_and_its_alert_goes_by_the_green_channel(ward, in_force, at_desk) -> None:
    in_force("taiyuan")
    ward.visit()
    desk, key = at_desk(Role.PRIMARY_DOCTOR), asked_here(ward)
    page = page_of(desk.get(f"/contacts/{key}"))
    assert "护理随访表" in page and "伤口或穿刺处怎么样" in page and 'name="q-temperature"' in page
    sent = {"once": str(uuid7()), "outcome": "REACHED", "q-bleeding": "yes", "q-temperature": "九度"}
    answer = desk.post(f"/contacts/{key}", sent)
    assert answer.status_code == 422 and "不是数" in answer.content.decode()
    sent |= {"once": str(uuid7()), "q-temperature": "39", "q-wound": "pus", "q-drugs_missed": "no"}
    assert desk.post(f"/contacts/{key}", sent).status_code == 302
    listed = page_of(desk.get("/followup/alerts"))
    assert "伤口感染或裂开（流脓或裂开）" in listed and "发热，可能感染（39 ℃）" in listed
    with scoped(SYSTEM, area="*"):
        alert = FollowUpAlert.objects.get()
    one = page_of(desk.get(f"/followup/alerts/{alert.id}"))
    assert "走绿色通道转诊" in one
    empty = desk.post(f"/followup/alerts/{alert.id}", {"once": str(uuid7()), "handling": ""})
    assert empty.status_code == 422 and "怎样处理" in empty.content.decode()
    answer = desk.post(f"/followup/alerts/{alert.id}/refer", {"once": str(uuid7())})
    assert answer.status_code == 302 and "emergency=1" in answer["Location"]
    with scoped(SYSTEM, area="*"):
        alert.refresh_from_db()
        row = Request.objects.get(id=alert.request_id)
    assert alert.handled_at is not None and (row.urgency, row.payload["alert_id"]) == (0, str(alert.id))
    assert "出血" in row.payload["reason"] and "急危重" in page_of(desk.get(answer["Location"]))


def test_the_survey_is_asked_and_counted(ward, in_force, at_desk) -> None:
    in_force("taiyuan")
    stay = discharged(ward)
    desk = at_desk(Role.CLINICIAN, "county_hospital")
    assert f"/followup/surveys/{stay}" in page_of(desk.get("/followup/surveys"))
    assert "总的来说" in page_of(desk.get(f"/followup/surveys/{stay}"))
    wrong = desk.post(f"/followup/surveys/{stay}", {"once": str(uuid7()), "q-overall": "5"})
    assert wrong.status_code == 422
    sent = {"once": str(uuid7()), "q-overall": "5", "q-explained": "4", "q-handover": "4"}
    assert desk.post(f"/followup/surveys/{stay}", sent).status_code == 302
    with scoped(SYSTEM, area="*"):
        assert FormAnswer.objects.get(about_id=stay).answers["overall"] == 5
    page = page_of(desk.get("/followup/surveys"))
    assert "1 次住院有评价" in page and "5.00" in page and "已评价" in page


def test_who_stays_is_said_with_the_reason(ward, at_desk) -> None:
    from ..records.test_followup import STABLE, tertiary

    tertiary(ward)
    ward.at_hospital()
    visit = ward.visit(ward.clinician, kind=VisitKind.OUTPATIENT, conditions=[STABLE], readings=[])
    desk = at_desk(Role.CLINICIAN, "county_hospital")
    assert "提示下转" in page_of(desk.get("/referrals/ready"))
    address = f"/referrals/ready/decline/visit/{visit}"
    empty = desk.post(address, {"once": str(uuid7()), "reason": ""})
    assert empty.status_code == 422 and "没有写明为什么不下转" in empty.content.decode()
    assert desk.post(address, {"once": str(uuid7()), "reason": "需复查"}).status_code == 302
    assert "不采纳 1 次" in page_of(desk.get("/referrals/ready"))
