"""Pages of the record: the timeline, the visit sheet, files, contacts; through the same gate as the file."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.translation import gettext

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records import commands, queries
from tiercare.apps.records.models import Condition, Encounter, Medication, Observation, PlannedContact
from tiercare.apps.records.rules.vocabulary import ContactKind, Stage, VisitKind
from tiercare.kernel.ids import uuid7

from ..records.conftest import HYPERTENSION, ward
from ..records.test_timeline import PDF
from .residents_desk import at_desk, given, register, site

__all__ = ["at_desk", "given", "register", "site", "ward"]


@pytest.fixture
def doctor(at_desk, ward) -> Client:
    client: Client = at_desk(Role.PRIMARY_DOCTOR)
    return client


def sheet(**more: str) -> dict[str, str]:
    return {
        "kind": "OUTPATIENT",
        "complaint": "头晕三天",
        "dx": "yfxgxy",
        "dx2": "E11.9 2型糖尿病",
        "f-sbp": "168",
        "f-dbp": "98",
        "f-chest_pain": "yes",
        "drug0": "苯磺酸氨氯地平片",
        "dose0": "5 mg 每日一次",
        "long0": "on",
        **more,
    }


def test_a_visit_is_noted_on_one_sheet_and_stands_in_the_timeline(doctor, ward) -> None:
    page = f"/residents/{ward.resident}/record"
    assert "还没有诊疗记录" in doctor.get(page).content.decode()
    form = doctor.get(f"{page}/visit").content.decode()
    assert 'list="diagnoses"' in form and "I10 原发性高血压" in form and 'name="f-sbp"' in form
    answer = doctor.post(f"{page}/visit", sheet())
    assert answer.status_code == 302 and page in answer["Location"]
    with scoped(ward.doctor):
        assert {each.code for each in Condition.objects.all()} == {"I10", "E11.9"}
        assert {each.item for each in Observation.objects.all()} == {"sbp", "dbp", "chest_pain"}
        assert Medication.objects.get().long_term
    shown = doctor.get(page).content.decode()
    for told in ("头晕三天", "原发性高血压", "168 mmHg", "苯磺酸氨氯地平片", "持续性胸背痛"):
        assert told in shown, told
    again = doctor.get(f"{page}/visit").content.decode()
    assert "2型糖尿病" in again  # what is known stands over the sheet


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"f-sbp": "一百六"}, "不是数"),
        ({"f-sbp": "1680"}, "超出可能范围"),
        ({"dx": "不知道什么病"}, "不是 ICD-10 编码"),
        ({"until0": "2026-02-31"}, "日期不存在"),
        (
            {"complaint": "", "dx": "", "dx2": "", "f-sbp": "", "f-dbp": "", "f-chest_pain": ""},
            "没有填写主诉",
        ),
    ],
)
def test_what_is_wrong_is_told_and_nothing_typed_is_lost(doctor, ward, more, told) -> None:
    answer = doctor.post(f"/residents/{ward.resident}/record/visit", sheet(**more))
    body = answer.content.decode()
    assert answer.status_code == 422 and told in body and "苯磺酸氨氯地平片" in body
    with scoped(ward.doctor):
        assert not Encounter.objects.exists()


def test_a_sheet_sent_twice_is_one_visit(doctor, ward) -> None:
    sent = sheet(once=str(uuid7()))
    for _ in range(2):
        assert doctor.post(f"/residents/{ward.resident}/record/visit", sent).status_code == 302
    with scoped(ward.doctor):
        assert Encounter.objects.count() == 1


def test_files_are_stored_and_taken_away_as_attachments(doctor, ward, at_desk) -> None:
    page = f"/residents/{ward.resident}/record"
    sent = {
        "kind": "REPORT",
        "title": "心电图",
        "file": SimpleUploadedFile("王小明.pdf", PDF, "application/pdf"),
    }
    assert doctor.post(f"{page}/document", sent).status_code == 302
    (entry,) = queries.timeline(ward.doctor, ward.resident).entries
    answer = doctor.get(f"{page}/documents/{entry.id}")
    assert answer.content == PDF and answer["Content-Type"] == "application/pdf"
    assert (
        answer["Content-Disposition"].startswith("attachment") and "王" not in answer["Content-Disposition"]
    )
    assert answer["X-Content-Type-Options"] == "nosniff" and answer["Cache-Control"] == "no-store"
    stranger = at_desk(Role.CLINICIAN, "stranger")
    assert stranger.get(f"{page}/documents/{entry.id}").status_code == 403
    lie = {"kind": "REPORT", "title": "x", "file": SimpleUploadedFile("x.pdf", b"MZ\x90", "application/pdf")}
    answer = doctor.post(f"{page}/document", lie)
    assert answer.status_code == 415 and "只收 PDF" in answer.content.decode()
    assert doctor.get(f"{page}/documents/{uuid7()}").status_code == 404


def test_a_large_file_is_refused_before_it_is_read(doctor, ward, monkeypatch) -> None:
    monkeypatch.setattr(queries, "document_limit", lambda actor: 1_000_000)
    large = SimpleUploadedFile("x.pdf", b"%PDF-" + b"0" * 3_000_000, "application/pdf")
    answer = doctor.post(
        f"/residents/{ward.resident}/record/document", {"kind": "REPORT", "title": "x", "file": large}
    )
    assert answer.status_code == 413 and "1 MB" in answer.content.decode()


def test_a_stay_is_marked_and_ended_with_the_reason(at_desk, ward) -> None:
    ward.at_hospital()
    clinician = at_desk(Role.CLINICIAN, "county_hospital")
    stay = commands.note_visit(
        ward.clinician,
        resident_id=ward.resident,
        kind=VisitKind.INPATIENT,
        complaint="胸痛",
        conditions=[HYPERTENSION],
    )
    assert "办理出院" in clinician.get(f"/residents/{ward.resident}/record").content.decode()
    marked = clinician.post(f"/encounters/{stay}/stage", {"stage": "ACUTE_RECOVERY"})
    assert marked.status_code == 302
    refused = clinician.post(f"/encounters/{stay}/end", {"disposition": "出院"})
    assert refused.status_code == 422 and "急性病恢复期" in refused.content.decode()
    done = clinician.post(f"/encounters/{stay}/end", {"disposition": "出院", "kept_reason": "家属要求"})
    assert done.status_code == 302
    with scoped(ward.clinician):
        row = Encounter.objects.get(id=stay)
        assert (row.stage, row.kept_reason) == (Stage.ACUTE_RECOVERY.value, "家属要求")


def test_contacts_are_planned_listed_done_in_one_step_and_raise_the_alarm(doctor, ward) -> None:
    ward.visit()
    plan = f"/residents/{ward.resident}/record/contact"
    assert "按指南建议不晚于" in doctor.get(plan).content.decode()
    day = (ledger.today() + timedelta(days=3)).isoformat()
    assert doctor.post(plan, {"kind": "FOLLOW_UP", "way": "HOME", "due_on": day}).status_code == 302
    past = doctor.post(plan, {"kind": "FOLLOW_UP", "due_on": "2020-01-01", "words": "问血压"})
    assert past.status_code == 422 and "问血压" in past.content.decode()
    with scoped(ward.doctor):
        key = PlannedContact.objects.get().id
    listed = doctor.get("/contacts").content.decode()
    assert (
        f"/contacts/{key}" in listed and day in listed and "王小明" not in listed
    )  # names are masked in lists
    form = doctor.get(f"/contacts/{key}")
    assert form.status_code == 200 and 'name="f-sbp"' in form.content.decode()
    sent = {"outcome": "REACHED", "f-sbp": "186", "f-dbp": "112", "f-severe_headache": "yes"}
    answer = doctor.post(f"/contacts/{key}", sent)
    assert answer.status_code == 302
    shown = doctor.get(answer["Location"]).content.decode()
    assert "达到转诊标准" in shown and "186 mmHg" in shown
    assert f"/contacts/{key}" in doctor.get("/contacts?show=alerts").content.decode()
    assert doctor.post(f"/contacts/{key}/cancel", {"reason": "x"}).status_code == 409
    assert doctor.get(f"/contacts/{uuid7()}").status_code == 404


def test_poor_control_is_listed_with_the_days(doctor, ward) -> None:
    assert "没有连续两次" in doctor.get("/contacts?show=control").content.decode()
    ward.series((168, 98), (170, 99))
    shown = doctor.get("/contacts?show=control").content.decode()
    assert (
        "控制不良，建议上转" in shown and "持续 0 天" in shown and "高血压" in shown and "王小明" not in shown
    )
    assert str(ward.resident) in shown


def test_lists_and_pages_close_to_others(at_desk, ward) -> None:
    key = commands.plan_contact(
        ward.doctor, resident_id=ward.resident, kind=ContactKind.FOLLOW_UP, due_on=ledger.today()
    )
    desk = at_desk(Role.REGISTRAR)
    assert desk.get(f"/residents/{ward.resident}/record").status_code == 403
    assert desk.get("/contacts").status_code == 403
    stranger = at_desk(Role.CLINICIAN, "stranger")
    assert stranger.get(f"/residents/{ward.resident}/record").status_code == 403
    assert stranger.get(f"/contacts/{key}").status_code == 404
    assert str(key) not in stranger.get("/contacts").content.decode()


def test_english_pages_say_no_chinese_of_ours(doctor, ward) -> None:
    assert gettext("诊疗记录")  # the lead merges the catalogue; the page must answer in either language
    doctor.cookies["tiercare_language"] = "en"
    for path in ("record", "record/visit", "record/document", "record/contact"):
        assert doctor.get(f"/residents/{ward.resident}/{path}").status_code == 200
    assert doctor.get("/contacts").status_code == 200


def test_a_wrong_entry_is_withdrawn_on_its_page_and_struck_through(doctor, at_desk, ward) -> None:
    visit = ward.visit(complaint="右侧肢体无力")
    record, page = f"/residents/{ward.resident}/record", f"/record-entries/visit/{visit}"
    assert page in doctor.get(record).content.decode()
    form = doctor.get(page).content.decode()
    for told in ("记错了的才撤回", "右侧肢体无力", "原发性高血压", "连同其中 4 项", "除您以外没有人打开过"):
        assert told in form, told
    wrong = doctor.post(page, {"entry": f"visit:{visit}", "why": "other", "reason": " "})
    assert wrong.status_code == 422 and "没有写明撤回的原因" in wrong.content.decode()
    done = doctor.post(
        page, {"entry": f"visit:{visit}", "why": "patient", "reason": "是同名的王小明"}, follow=True
    )
    told = done.content.decode()
    assert "已撤回" in told and "记错患者：这是另一个人的；是同名的王小明" in told
    shown = doctor.get(record).content.decode()
    assert "<s>门诊 · 右侧肢体无力</s>" in shown and "记错患者" in shown
    again = doctor.post(page, {"entry": f"visit:{visit}", "why": "patient"})
    assert again.status_code == 409 and "已经撤回" in again.content.decode()
    ward.at_hospital()
    theirs = at_desk(Role.CLINICIAN, "county_hospital")
    seen = theirs.get(record).content.decode()
    assert "已撤回" in seen and "记错患者" in seen and "右侧肢体无力" not in seen and "168" not in seen
    assert theirs.get(page).status_code == 404
    assert doctor.get(f"/record-entries/nothing/{visit}").status_code == 404


def test_one_line_is_withdrawn_on_the_page_of_its_visit(doctor, ward) -> None:
    visit = ward.visit()
    with scoped(ward.doctor):
        line = Observation.objects.get(item="sbp")
    page = f"/record-entries/visit/{visit}"
    assert f"reading:{line.id}" in doctor.get(page).content.decode()
    wrong = doctor.post(page, {"entry": f"reading:{line.id}", "why": "other"}).content.decode()
    assert f'value="reading:{line.id}" checked' in wrong, "what was chosen stays chosen: not the whole visit"
    answer = doctor.post(page, {"entry": f"reading:{line.id}", "why": "content"}, follow=True)
    assert answer.status_code == 200
    shown = doctor.get(f"/residents/{ward.resident}/record").content.decode()
    assert "<s>收缩压 168 mmHg</s>" in shown and "98 mmHg" in shown and "内容录入有误" in shown
    assert doctor.post(page, {"entry": "reading:x", "why": "content"}).status_code == 404
