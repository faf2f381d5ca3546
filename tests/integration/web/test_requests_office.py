"""The desk of an institution, who stands in for whom, what a commission oversees, the sheet, and what its code opens."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.test import Client
from psycopg.types.range import DateRange
from tests.integration.capacity.conftest import later, synthetic_clock
from tests.integration.referrals.test_loop import PLAN, patient, stay_of, stored

from tiercare.apps.access.models import Account
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.access.rules.rates import LIMITS, Rated
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.models import Desk, StandIn
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.mandates.models import Mandate
from tiercare.apps.network.queries import names_of_institutions
from tiercare.apps.records import commands as records
from tiercare.apps.records.models import Observation
from tiercare.apps.records.rules.entries import Reading
from tiercare.apps.records.rules.withdrawing import What
from tiercare.apps.referrals import commands
from tiercare.apps.residents import queries as residents

from .capacity_desk import acting_at, given, hospital, register, sent, session, site, text_of
from .test_requests import main_of, office, referred

__all__ = [
    "acting_at",
    "given",
    "hospital",
    "office",
    "patient",
    "referred",
    "register",
    "session",
    "site",
    "synthetic_clock",
]
pytestmark = pytest.mark.django_db


@pytest.fixture
def commission(acting_at) -> Client:
    """Oversees the county."""
    client: Client = acting_at(Role.COMMISSION)
    return client


def me(client: Client) -> Account:
    found: Account = Account.objects.get(id=client.session["_auth_user_id"])
    return found


def test_the_desk_is_named_with_its_people(office, hospital) -> None:
    text = text_of(office.get("/requests/settings"))
    assert "还没有登记" in text and me(office).display_name in text
    text = text_of(office.post("/requests/settings", sent(name="转诊中心", phone="0553-1234567")), 422)
    assert 'id="staff-error"' in text and "0553-1234567" in text
    desk = sent(name="转诊中心", phone="0553-1234567", staff=str(me(office).id))
    assert office.post("/requests/settings", desk).status_code == 302
    kept = Desk.objects.get(institution_id=hospital.id)
    assert (kept.name, kept.staff) == ("转诊中心", [me(office).id])
    assert 'value="转诊中心"' in text_of(office.get("/requests/settings"))
    assert Event.objects.filter(kind="exchange.desk_kept").exists()
    text_of(office.post("/requests/settings", sent(name="转诊中心", staff="soup")), 422)


def test_only_the_office_names_the_desk_others_see_it(acting_at, hospital, office) -> None:
    office.post("/requests/settings", sent(name="转诊中心", phone="123", staff=str(me(office).id)))
    clinician = acting_at(Role.CLINICIAN)
    text = main_of(text_of(clinician.get("/requests/settings")))
    assert "转诊中心" in text and 'name="staff"' not in text
    assert (
        clinician.post("/requests/settings", sent(name="别的", staff=str(me(clinician).id))).status_code
        == 403
    )


def test_somebody_stands_in_and_comes_back_early(office, acting_at, hospital) -> None:
    colleague, today = me(acting_at(Role.CLINICIAN)), ledger.today()
    away = {"account": str(me(office).id), "deputy": str(colleague.id), "first": today.isoformat()}
    text = text_of(
        office.post("/requests/settings/absence", sent(**away, last=(today - timedelta(days=1)).isoformat())),
        422,
    )
    assert 'id="last-error"' in text
    same = away | {"deputy": str(me(office).id), "last": today.isoformat()}
    text_of(office.post("/requests/settings/absence", sent(**same)), 422)
    assert office.post("/requests/settings/absence", sent(**away, last=today.isoformat())).status_code == 302
    with scoped(hospital.office):
        row = StandIn.objects.get()
    assert row.period.upper == today + timedelta(days=1)
    text = text_of(office.get("/requests/settings"))
    assert colleague.display_name in text and "代办中" in text
    end = f"/requests/settings/absence/{row.id}/end"
    assert acting_at(Role.CLINICIAN).post(end, sent()).status_code == 403
    assert office.post(end, sent()).status_code == 302
    assert "现在没有人请人代办" in text_of(office.get("/requests/settings"))
    assert office.post(end, sent()).status_code == 404


@pytest.mark.clause("XH-42")
def test_the_commission_sees_who_has_no_desk_where_a_document_asks_for_one(
    commission, office, hospital
) -> None:
    name = names_of_institutions([hospital.id], on=ledger.today())[hospital.id]
    text = main_of(text_of(commission.get("/requests/settings")))
    assert "没有文件要求登记" in text and name not in text
    Mandate.objects.create(
        division_code=hospital.site.division[:6], pack="xinhui", period=DateRange(date(2019, 1, 1), None)
    )
    text = main_of(text_of(commission.get("/requests/settings")))
    assert name in text and "没有登记的不能收发转诊" in text
    assert "本地区要求至少" in text_of(office.get("/requests/settings"))
    office.post("/requests/settings", sent(name="转诊中心", phone="123", staff=str(me(office).id)))
    assert name not in main_of(text_of(commission.get("/requests/settings")))


def test_what_nobody_saw_to_comes_up_to_the_commission(commission, office, referred) -> None:
    row = referred()
    assert "没有升级到这里" in text_of(commission.get("/requests"))
    for _ in range(4):
        left = stored(row.id).due_at - ledger.now()
        later(minutes=1 + left.total_seconds() / 60)
        exchange.escalate_overdue()
        if stored(row.id).owner_level == "COMMISSION":
            break
    text = main_of(text_of(commission.get("/requests")))
    assert f'id="r-{row.id}"' in text and "卫生健康委" in text and "/accept" not in text
    case = main_of(text_of(commission.get(f"/requests/{row.id}")))
    assert (
        "已升级督办" in case
        and "王小明" not in case
        and "随附病历" not in case
        and 'id="do-redirect"' in case
    )
    assert commission.get("/requests/board").status_code == 403
    assert commission.get("/requests/inbox").status_code == 403
    assert commission.post(f"/requests/{row.id}/accept", sent()).status_code == 403
    escalated = main_of(text_of(office.get("/requests")))
    assert "卫生健康委" in escalated


def test_whoever_has_no_part_in_it_finds_nothing(acting_at, referred) -> None:
    row = referred()
    stranger = acting_at(Role.REFERRAL_OFFICE, "stranger")
    for address in ("", "/sheet"):
        assert stranger.get(f"/requests/{row.id}{address}").status_code == 404
    for act in ("accept", "receive", "assign", "withdraw"):
        assert stranger.post(f"/requests/{row.id}/{act}", sent(words="x")).status_code == 404
    assert stored(row.id).state == "SUBMITTED"
    assert acting_at(Role.REGISTRAR).get("/requests").status_code == 403


def test_the_sheet_up_has_its_number_its_code_and_no_full_name(office, session, referred) -> None:
    row = referred(session({Channel.REFERRAL: 1, Channel.OPEN: 1}))
    text = main_of(text_of(office.get(f"/requests/{row.id}/sheet")))
    for expected in (
        row.number,
        "双向转诊单",
        "王*明",
        "示例池",
        "以前的病历、检查报告和片子",
        "转诊依据",
        'class="qr"',
        f"/r/{row.number}",
    ):
        assert expected in text, expected
    assert "王小明" not in text
    assert "演示数据（合成），不能使用" in text, "the database of the tests is a synthetic one"


def test_the_sheet_down_has_the_plan(acting_at, hospital, patient) -> None:
    clinician = hospital.site.actor(Role.CLINICIAN, "county_hospital")
    down = commands.go_down(clinician, encounter_id=stay_of(hospital, patient, clinician))
    assert acting_at(Role.CLINICIAN).get(f"/requests/{down.id}/sheet").status_code in {404, 409}
    payload = {"reason": "术后恢复良好", "group": "convalescent", "plan": PLAN | {"warnings": ["胸痛"]}}
    content = exchange.Content(to_institution=hospital.family_doctor.institution_id, payload=payload)
    commands.send(clinician, request_id=down.id, content=content)
    text = main_of(text_of(acting_at(Role.PRIMARY_DOCTOR, "township").get(f"/requests/{down.id}/sheet")))
    for expected in ("下转", "下转计划", "氨氯地平", "每周步行五次", "低盐饮食", "胸痛", "康复期"):
        assert expected in text, expected


def test_the_code_opens_where_it_is_to_whoever_knows_the_last_four(
    hospital, patient, session, referred
) -> None:
    row = referred(session({Channel.REFERRAL: 1, Channel.OPEN: 1}))
    anybody = Client()
    text = text_of(anybody.get(f"/r/{row.number}"))
    assert "最后四位" in text and "原发性高血压" not in text
    number = last_four(patient)
    answer = anybody.post(f"/r/{row.number}", {"last_four": number})
    text = text_of(answer)
    for expected in ("待接收", "现在谁负责", "最晚到", "就诊时间", "去的时候请带", "身份证"):
        assert expected in text, expected
    assert "高血压" not in text and "王" not in text.partition("<main")[2]
    assert answer["Cache-Control"] == "no-store"


def test_the_public_page_says_what_this_patient_takes_along(hospital, patient, session, referred) -> None:
    report = records.record_results(
        hospital.family_doctor,
        resident_id=patient,
        title="心脏彩超",
        readings=[Reading("lvmi", words="左室肥厚")],
    )
    row = referred(session({Channel.REFERRAL: 1, Channel.OPEN: 1}))
    anybody, four = Client(), {"last_four": last_four(patient)}
    text = text_of(anybody.post(f"/r/{row.number}", four))
    for expected in ("心脏彩超（", "医保卡", "正在吃的药，连药盒一起带", " 号"):
        assert expected in text, expected
    assert "左室肥厚" not in text and "王" not in text.partition("<main")[2]
    records.withdraw(hospital.family_doctor, what=What.DOCUMENT, entry_id=report, reason="记错患者")
    text = text_of(anybody.post(f"/r/{row.number}", four))
    assert "心脏彩超" not in text and "以前的病历、检查报告和片子" in text


def test_the_case_says_what_of_the_package_was_withdrawn(hospital, patient, referred, office) -> None:
    row = referred()
    with scoped(hospital.family_doctor):
        line = Observation.objects.get(item="sbp")
    records.withdraw(hospital.family_doctor, what=What.READING, entry_id=line.id, reason="数值录入错误")
    text = main_of(text_of(office.get(f"/requests/{row.id}")))
    assert "<s>收缩压</s>" in text and "数值录入错误，请勿据此诊治" in text
    assert not re.search(r"\b186\b", text)
    assert "112 mmHg" in text, "what was not withdrawn stands"


def test_wrong_four_signs_tell_nothing_and_are_counted(patient, referred) -> None:
    row, anybody = referred(), Client()
    wrong = text_of(anybody.post(f"/r/{row.number}", {"last_four": "0000"}), 404)
    unknown = text_of(anybody.post("/r/AAAAAAAAAA", {"last_four": "0000"}), 404)
    assert "对不上" in wrong and "对不上" in unknown
    text_of(anybody.post(f"/r/{row.number}", {"last_four": "12"}), 422)
    most = min(each.most for each in LIMITS[Rated.SHEET_OPENED])
    statuses = {anybody.post(f"/r/{row.number}", {"last_four": "0000"}).status_code for _ in range(most)}
    assert statuses == {404, 429}
    assert anybody.post(f"/r/{row.number}", {"last_four": last_four(patient)}).status_code == 429


def last_four(resident: UUID) -> str:
    """As a mask leaves them."""
    (least,) = residents.least_of([resident])
    return least.number[-4:]
