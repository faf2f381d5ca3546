"""Who is ready to go down: asked once for the page and once for the API; and the proposal of a visit stands at the visit too."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.exchange.models import Request
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records import commands
from tiercare.apps.records import queries as records
from tiercare.apps.records.rules.vocabulary import Stage, VisitKind
from tiercare.apps.records.rules.withdrawing import What
from tiercare.apps.referrals import queries
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

from ..records.conftest import Ward, pressure, ward
from ..records.test_followup import STABLE, tertiary
from ..residents.conftest import given, register, site
from .residents_desk import at_desk, page_of

__all__ = ["at_desk", "given", "register", "site", "ward"]
pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
# Twice begin, wall and end; the requests on the way, the list, the record of the reading; twice the clock and what packs say there.
LISTS = 17


@pytest.fixture
def marked(ward: Ward) -> list[UUID]:
    """A stay that goes on, and one that ended without a plan, of one patient."""
    ward.at_hospital()
    inside, left = (
        ward.visit(ward.clinician, kind=VisitKind.INPATIENT, stage=Stage.POSTOP_RECOVERY) for _ in range(2)
    )
    with scoped(SYSTEM, area="*"), connection.cursor() as cursor:
        cursor.execute("UPDATE records_encounter SET ended_at = tiercare_now() WHERE id = %s", [left])
    return [inside, left]


def asked(found: CaptureQueriesContext, words: str) -> int:
    return sum(words in each["sql"] for each in found.captured_queries)


def readings(ward: Ward) -> int:
    told = ledger.events(kind="access.record_read", subject_id=ward.resident, limit=50)
    return sum(each.payload["what"] == "going_down" for each in told)


def test_both_lists_are_asked_for_once(ward, marked, django_assert_num_queries) -> None:
    queries.who_goes_down(ward.office)  # what packs say is kept from here on
    before = readings(ward)
    with django_assert_num_queries(LISTS):
        found = queries.who_goes_down(ward.office)
    assert [each.encounter_id for each in (*found.inside, *found.left)] == marked
    assert readings(ward) == before + 1


@pytest.mark.parametrize("address", ["/referrals/ready", "/api/referrals/ready"])
def test_the_page_and_the_api_ask_once(ward, marked, at_desk, address) -> None:
    desk = at_desk(Role.REFERRAL_OFFICE, "county_hospital")
    desk.get(address)
    before = readings(ward)
    with CaptureQueriesContext(connection) as found:
        shown = page_of(desk.get(address))
    assert all(str(each) in shown for each in marked)
    assert asked(found, "e.stage_at AS since") == 1
    assert asked(found, "SELECT DISTINCT r.resident_id FROM exchange_request") == 1
    assert readings(ward) == before + 1


def proposed(ward: Ward) -> UUID:
    tertiary(ward)
    ward.at_hospital()
    return ward.visit(ward.clinician, conditions=[STABLE], readings=pressure(128, 78))


def test_a_proposal_stands_at_its_visit_for_whoever_may_act_on_it(ward, at_desk) -> None:
    proposed(ward)
    ward.visit()  # the township's own
    page = f"/residents/{ward.resident}/record"
    (prompt,) = records.open_prompts(ward.clinician)
    start = f"/referrals/ready/visit/{prompt.id}"
    desk = at_desk(Role.CLINICIAN, "county_hospital")
    before = readings(ward)
    shown = page_of(desk.get(page))
    assert shown.count("可以下转到基层继续治疗") == 1 and f'action="{start}' in shown
    assert readings(ward) == before, "the page is one reading of the record, not two"
    assert "可以下转到基层" not in page_of(at_desk(Role.PRIMARY_DOCTOR).get(page))
    # One click.
    answer = desk.post(start, {"once": str(uuid7()), "again": "本院已诊治"})
    assert answer.status_code == 302 and answer["Location"].partition("?")[0].endswith("/plan")
    with scoped(SYSTEM, area="*"):
        assert Request.objects.get().kind == "down"
    assert start not in page_of(desk.get(page))


def test_a_proposal_goes_with_a_reason_or_with_its_visit(ward, at_desk) -> None:
    desk: Client = at_desk(Role.CLINICIAN, "county_hospital")
    page = f"/residents/{ward.resident}/record"
    first = proposed(ward)
    assert "可以下转到基层继续治疗" in page_of(desk.get(page))
    sent = {"once": str(uuid7()), "reason": "需复查动态血压"}
    assert desk.post(f"/referrals/ready/decline/visit/{first}", sent).status_code == 302
    assert "可以下转到基层继续治疗" not in page_of(desk.get(page))
    second = ward.visit(ward.clinician, conditions=[STABLE], readings=pressure(126, 76))
    assert "可以下转到基层继续治疗" in page_of(desk.get(page))
    commands.withdraw(ward.clinician, what=What.VISIT, entry_id=second, reason="记错患者")
    assert "可以下转到基层继续治疗" not in page_of(desk.get(page))
