"""The way down, questions, and the residents' pages: planned, answered, converted, and told in plain words."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlparse
from uuid import UUID

import pytest
from django.test import Client

from tiercare.apps.access.rules import Role
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records import commands as records
from tiercare.apps.records.rules.entries import Diagnosis, Drug
from tiercare.apps.records.rules.vocabulary import Stage, VisitKind
from tiercare.kernel.ids import uuid7

from ..capacity.conftest import hospital, session, synthetic_clock
from ..residents.conftest import given, register, site
from .referrals_desk import FAMILY, OPEN, SEND, begin, doctor, hold, of_form, patient, row_of, write
from .residents_desk import at_desk, page_of
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
def hospital_desk(at_desk) -> Client:
    """The county hospital's referral office."""
    return at_desk(Role.REFERRAL_OFFICE, "county_hospital")


@pytest.fixture
def recovered(doctor, patient, hospital) -> UUID:
    """The patient was referred, seen at the hospital, and is marked as stable; answers the visit."""
    address = begin(doctor, patient)
    doctor.post(address, write(doctor, address, reason="请协助调整用药", to=str(hospital.id)), **SEND)
    office = hospital.site.actor(Role.CLINICIAN, "county_hospital")
    for act in (Act.ACCEPT, Act.ARRIVE):
        exchange.turn(office, request_id=row_of(address).id, act=act)
    return records.note_visit(
        office,
        resident_id=patient,
        kind=VisitKind.OUTPATIENT,
        conditions=(Diagnosis("I10", "原发性高血压"),),
        drugs=(Drug("缬沙坦胶囊", dose="80mg 每日一次", long_term=True),),
        stage=Stage.CHRONIC_STABLE,
    )


def test_down_needs_group_and_the_whole_plan_and_leaves_it_with_the_receiver(
    hospital_desk, doctor, recovered, patient, hospital
) -> None:
    page = page_of(hospital_desk.get("/referrals/ready"))
    assert "王*明" in page and "慢性病稳定期" in page and f"/referrals/ready/{recovered}" in page
    sent = {"once": str(uuid7()), "again": "上转已看，转回基层"}
    answer = hospital_desk.post(f"/referrals/ready/{recovered}", sent)
    assert answer.status_code == 302, page_of(answer, answer.status_code)[-1500:]
    address = urlparse(answer.headers["Location"]).path
    page = page_of(hospital_desk.get(address))
    assert "缬沙坦胶囊" in page and "居民的责任医生在此" in page
    assert re.search(rf'name="to" value="{hospital.site.township}"[^>]*checked', page)
    assert re.search(r'name="group" value="chronic_stable"[^>]*checked', page)
    form = of_form(page) | {"reason": "血压达标两周"}
    partly = form | {"plan_treatment": "", "rehabilitation": "每天步行", "nursing": ""}
    refused = page_of(hospital_desk.post(address, partly, **SEND), 422)
    assert 'id="plan-error"' in refused and "每天步行" in refused and "接续治疗" in refused
    day = (ledger.today() + timedelta(days=14)).isoformat()
    whole = form | {
        "version": of_form(refused)["version"],
        "once": of_form(refused)["once"],
        "plan_treatment": "继续缬沙坦 80mg 每日一次",
        "rehabilitation": "每天步行三十分钟",
        "nursing": "每周量血压三次并记录",
        "warnings": "胸痛\n说话不清",
        "next_visit_on": day,
        "guidance_on": day,
        "guidance_words": "看血压记录",
        "drug_name": "缬沙坦胶囊",
        "drug_dose": "80mg",
        "drug_code": "",
    }
    assert hospital_desk.post(address, whole, **SEND).status_code == 200
    row = row_of(address)
    assert row.payload["plan"]["warnings"] == ["胸痛", "说话不清"]
    assert row.payload["guidance"] == [{"due_on": day, "words": "看血压记录"}]
    assert "王*明" not in page_of(hospital_desk.get("/referrals/ready"))


def test_a_question_is_answered_and_becomes_a_referral_without_retyping(
    doctor, at_desk, patient, hospital
) -> None:
    address = begin(doctor, patient, "advice")
    assert address.endswith("/ask")
    page_of(doctor.post(address, write(doctor, address, question=""), **SEND), 422)
    sent = write(doctor, address, question="二联仍不达标，下一步？", findings="心率 88", to=str(hospital.id))
    assert doctor.post(address, sent, **SEND).status_code == 200
    row = row_of(address)
    answer = f"/referrals/{row.id}/answer"
    assert "还没有答复" in page_of(doctor.get(answer))
    assert doctor.post(f"/referrals/{row.id}/convert/up", {"once": str(uuid7())}).status_code == 409
    office = hospital.office
    exchange.turn(office, request_id=row.id, act=Act.ACCEPT)
    exchange.turn(
        office, request_id=row.id, act=Act.REPORT, said=Said(content={"advice": "请来院查继发性原因"})
    )
    page = page_of(doctor.get(answer))
    assert "请来院查继发性原因" in page and f"/referrals/{row.id}/convert/up" in page
    moved = doctor.post(f"/referrals/{row.id}/convert/up", {"once": str(uuid7())})
    page = page_of(doctor.get(moved.headers["Location"]))
    assert "二联仍不达标，下一步？" in page and "心率 88" in page and "请来院查继发性原因" in page


def test_the_resident_sees_where_it_is_who_acts_and_what_to_bring(
    doctor, patient, hospital, session, of, register
) -> None:
    at = session({FAMILY: 1, OPEN: 1})
    address = begin(doctor, patient)
    own = of(patient)
    assert "没有正在办的转诊" in page_of(own.get("/me/referrals"))
    hold(doctor, address, at)
    doctor.post(address, write(doctor, address, reason="私下的话"), **SEND)
    row = row_of(address)
    listed = page_of(own.get("/me/referrals"))
    assert "正在等医院接收" in listed and f"/me/referrals/{row.id}" in listed
    page = page_of(own.get(f"/me/referrals/{row.id}"))
    assert "谁在办" in page and "转诊办公室" in page and "身份证或健康卡" in page and row.number in page
    assert "私下的话" not in page
    assert of(register("李小红")).get(f"/me/referrals/{row.id}").status_code == 404
    exchange.turn(hospital.office, request_id=row.id, act=Act.ACCEPT)
    page = page_of(own.get(f"/me/referrals/{row.id}"))
    assert "时间已经定好" in page and "/me/bookings/" in page
