"""Where to and what goes along, as doctors meet it: the resident's wish, every institution, the department, files."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg.types.range import DateRange

from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Reading
from tiercare.apps.network.models import Department, InstitutionVersion
from tiercare.apps.records import commands as records
from tiercare.apps.records import queries as record_queries
from tiercare.apps.records.models import Document
from tiercare.apps.records.rules.vocabulary import DocumentKind
from tiercare.kernel.ids import uuid7

from ..capacity.conftest import hospital, session, synthetic_clock
from ..records.test_timeline import PDF
from ..residents.conftest import given, register, site
from .referrals_desk import HTMX, SAVE, SEND, begin, doctor, patient, row_of, scoped_all, write
from .residents_desk import at_desk, page_of

__all__ = [
    "at_desk",
    "doctor",
    "given",
    "hospital",
    "patient",
    "register",
    "session",
    "site",
    "synthetic_clock",
]

pytestmark = pytest.mark.django_db


def listed(page: str) -> list[str]:
    """The institutions of a list, in its order."""
    return re.findall(r'<input[^>]*type="radio" name="to" value="([^"]+)"', page)


def chosen(page: str) -> list[str]:
    return re.findall(r'type="radio" name="to" value="([^"]+)"[^>]*checked', page)


def base(address: str) -> str:
    return address.rpartition("/")[0]


def a_file(
    content: bytes = PDF, claims: str = "application/pdf", name: str = "心电图.pdf"
) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, claims)


def attach(client, address: str, file: SimpleUploadedFile | None, **more: str):
    """Press “上传并一起带去” on the form as it stands."""
    sent = write(client, address, once=str(uuid7()), **more)
    return client.post(f"{base(address)}/attach", sent | ({"file": file} if file else {}))


@pytest.fixture
def departments(hospital) -> list[UUID]:
    """The hospital's surgery and cardiology, in the order of their codes reversed."""
    period = DateRange(ledger.today(), None)
    named = (("普外科", "04.01"), ("心血管内科", "03.04"))
    return [
        Department.objects.create(
            institution_id=hospital.id, name=name, specialty_code=code, period=period
        ).id
        for name, code in named
    ]


def documents_of(resident: UUID) -> list[Document]:
    with scoped_all():
        return list(Document.objects.filter(resident_id=resident).order_by("id"))


def readings_of(resident: UUID) -> int:
    with scoped_all():
        return Reading.objects.filter(resident_id=resident).count()


@pytest.mark.clause("WH-15")
def test_none_is_hidden_some_first_all_by_a_click(doctor, patient) -> None:
    address = begin(doctor, patient)
    few = page_of(doctor.get(f"{base(address)}/destinations", {"specialty": ""}, **HTMX))
    said_all = re.search(r"显示全部 (\d+) 家", few)
    assert said_all is not None and len(listed(few)) < int(said_all[1])
    everything = page_of(doctor.get(f"{base(address)}/destinations", {"specialty": "", "all": "1"}, **HTMX))
    assert len(listed(everything)) == len(set(listed(everything))) == int(said_all[1])
    assert "显示全部" not in everything
    # Every hospital of the second level or above of the city stands in it, whoever owns it.
    hospitals = InstitutionVersion.objects.filter(
        division_code__startswith="3402", level__gte=2, period__contains=ledger.today(), category="GENERAL"
    ).values_list("institution_id", flat=True)
    assert {str(each) for each in hospitals} - {str(row_of(address).from_institution)} <= set(
        listed(everything)
    )


def test_all_of_them_cost_no_more_statements_than_some(doctor, patient) -> None:
    address = begin(doctor, patient)
    counted = []
    for more in ({}, {"all": "1"}):
        with CaptureQueriesContext(connection) as asked:
            page_of(doctor.get(f"{base(address)}/destinations", {"specialty": "03", **more}, **HTMX))
        counted.append(len(asked))
    assert counted[0] == counted[1]


def test_the_resident_asks_for_one_by_name_and_it_comes_first(doctor, patient, hospital) -> None:
    address = begin(doctor, patient)
    plain = page_of(doctor.get(f"{base(address)}/destinations", {"specialty": "03.04", "all": "1"}, **HTMX))
    last = listed(plain)[-1]
    name = InstitutionVersion.objects.get(institution_id=last, period__contains=ledger.today())
    for text in (name.name, name.initials):
        found = page_of(doctor.get(f"{base(address)}/find", {"find": text}, **HTMX))
        assert f"wish={last}" in found and name.name in found
    wished = page_of(
        doctor.get(
            f"{base(address)}/destinations", {"specialty": "03.04", "wish": last, "wished": "1"}, **HTMX
        )
    )
    assert listed(wished)[0] == last and chosen(wished) == [last]
    assert "居民选择" in wished and "改为无特别要求" in wished
    # Kept with the draft, there again, and told to the receiver.
    sent = write(doctor, address, wish=last, to=last, reason="患者点名", once=str(uuid7()))
    assert doctor.post(address, sent, **SAVE).status_code == 200
    assert row_of(address).payload["choice"]["wish"] == last
    again = page_of(doctor.get(address))
    assert chosen(again) == [last] and "改为无特别要求" in again
    assert doctor.post(address, write(doctor, address, reason="患者点名"), **SEND).status_code == 200
    case = page_of(doctor.get(f"/requests/{row_of(address).id}"))
    assert "患者的意愿" in case and name.name in case
    assert "没有叫这个名称" in page_of(
        doctor.get(
            f"{base(begin(doctor, patient, 'advice', again='另问'))}/find", {"find": "无此医院"}, **HTMX
        )
    )


def test_a_wish_that_cannot_be_met_says_why_and_the_list_stays(doctor, patient, hospital) -> None:
    """Not licensed is a reason; a consortium is none."""
    address = begin(doctor, patient)
    with_eyes = listed(
        page_of(doctor.get(f"{base(address)}/destinations", {"specialty": "10", "all": "1"}, **HTMX))
    )
    others = InstitutionVersion.objects.filter(
        division_code__startswith="3402", level__gte=1, period__contains=ledger.today()
    ).exclude(institution_id__in=[*with_eyes, row_of(address).from_institution])
    wish = str(others.first().institution_id)
    page = page_of(
        doctor.get(f"{base(address)}/destinations", {"specialty": "10", "wish": wish, "wished": "1"}, **HTMX)
    )
    assert "没有登记这个诊疗科目" in page and "另选机构" in page
    assert wish not in listed(page) and len(listed(page)) >= 1


def test_the_department_is_chosen_where_there_is_one(doctor, patient, hospital, departments) -> None:
    address = begin(doctor, patient)
    other, key = departments
    page = page_of(
        doctor.get(f"{base(address)}/departments", {"to": str(hospital.id), "specialty": "03.04"}, **HTMX)
    )
    # That of the specialty first.
    assert re.findall(r'<option value="([^"]*)"', page) == ["", str(key), str(other)]
    assert "心血管内科" in page and "由对方安排" in page
    sent = write(doctor, address, to=str(hospital.id), department=str(key), once=str(uuid7()))
    assert doctor.post(address, sent, **SAVE).status_code == 200
    assert row_of(address).to_department == key
    assert re.search(rf'value="{key}"[^>]*selected', page_of(doctor.get(address)))
    # Another institution has other departments; half typed it is kept without, sent it is refused.
    elsewhere = next(each for each in listed(page_of(doctor.get(address))) if each != str(hospital.id))
    sent = write(doctor, address, to=elsewhere, department=str(key), once=str(uuid7()))
    assert doctor.post(address, sent, **SAVE).status_code == 200
    assert row_of(address).to_department is None
    sent = write(doctor, address, to=elsewhere, department=str(key), reason="请协助调整用药")
    refused = page_of(doctor.post(address, sent, **SEND), 422)
    assert "科室" in refused and row_of(address).state == "DRAFT"
    sent = write(doctor, address, to=str(hospital.id), department=str(other), reason="请协助调整用药")
    assert doctor.post(address, sent, **SEND).status_code == 200
    assert row_of(address).to_department == other


def test_let_the_receiver_name_the_department_again(doctor, patient, hospital, departments) -> None:
    address = begin(doctor, patient)
    key = departments[0]
    for department, kept in ((str(key), key), ("", None)):
        sent = write(doctor, address, to=str(hospital.id), department=department, once=str(uuid7()))
        assert doctor.post(address, sent, **SAVE).status_code == 200
        assert row_of(address).to_department == kept


def test_what_is_needed_below_narrows_the_list_and_is_kept(at_desk, patient, hospital) -> None:
    office = at_desk(Role.REFERRAL_OFFICE, "township")
    address = begin(office, patient, "down")
    page = page_of(office.get(address))
    assert 'name="function" value="rehabilitation"' in page
    wide, narrow = (
        listed(
            page_of(office.get(f"{base(address)}/destinations", {"needing": "1", "all": "1"} | more, **HTMX))
        )
        for more in ({}, {"function": "long_term_care"})  # rehabilitation stands open to all here (WH-04)
    )
    assert set(narrow) < set(wide)
    sent = write(office, address, needing="1", function="long_term_care", once=str(uuid7()))
    assert office.post(address, sent, **SAVE).status_code == 200
    assert row_of(address).payload["functions"] == ["long_term_care"]
    assert re.search(r'value="long_term_care" checked', page_of(office.get(address)))


def test_a_file_goes_along_and_the_receiver_takes_it_away(doctor, at_desk, patient, hospital) -> None:
    address = begin(doctor, patient)
    answer = attach(doctor, address, a_file(), reason="上传时正在写的", file_kind="REPORT")
    assert answer.status_code == 302 and "#file-" in answer.headers["Location"], answer.content.decode()[
        -900:
    ]
    (document,) = documents_of(patient)
    assert (document.title, document.media_type) == ("心电图", "application/pdf")
    page = page_of(doctor.get(address))
    assert "上传时正在写的" in page
    assert re.search(rf'name="with-documents" value="{document.id}"[^>]*checked', page)
    sent = write(doctor, address, to=str(hospital.id), reason="请协助调整用药")
    assert doctor.post(address, sent, **SEND).status_code == 200
    case = f"/requests/{row_of(address).id}"
    office = at_desk(Role.REFERRAL_OFFICE, "county_hospital")
    shown = page_of(office.get(case))
    found = re.search(r'href="(/residents/[^"]+/record/documents/[^"]+)"', shown)
    assert found is not None and "心电图" in shown
    read = readings_of(patient)
    taken = office.get(found[1].replace("&amp;", "&"))
    assert taken.content == PDF and taken["Content-Disposition"].startswith("attachment")
    assert readings_of(patient) == read + 1
    assert at_desk(Role.CLINICIAN, "stranger").get(found[1]).status_code == 403
    through_api = office.get(f"/api/referrals/{row_of(address).id}/package").json()
    assert [each["id"] for each in through_api["content"]["documents"]] == [str(document.id)]


def test_what_stands_in_the_record_is_chosen_by_reference(doctor, patient, hospital) -> None:
    kept, left = (
        records.add_document(
            hospital.family_doctor,
            resident_id=patient,
            kind=DocumentKind.REPORT,
            title=title,
            content=PDF,
            media_type="application/pdf",
        )
        for title in ("带去的", "不带的")
    )
    address = begin(doctor, patient)
    sent = write(doctor, address, reason="请协助调整用药") | {"with-documents": str(kept)}
    assert doctor.post(address, sent, **SEND).status_code == 200
    package = doctor.get(f"/api/referrals/{row_of(address).id}/package").json()
    assert [each["id"] for each in package["content"]["documents"]] == [str(kept)]
    assert str(left) not in str(package)


@pytest.mark.parametrize(
    ("content", "claims", "status", "says"),
    [
        (b"MZ\x90\x00" + PDF, "application/pdf", 415, "只收 PDF"),
        (PDF, "image/png", 415, "自称"),
        (PDF[:-6], "application/pdf", 422, "不完整"),
    ],
)
def test_a_file_that_lies_is_refused_and_nothing_typed_is_lost(
    doctor, patient, content, claims, status, says
) -> None:
    address = begin(doctor, patient)
    answer = attach(doctor, address, a_file(content, claims), reason="正在写的理由")
    page = page_of(answer, status)
    assert 'id="file-error"' in page and says in page and "正在写的理由" in page
    assert documents_of(patient) == [] and row_of(address).state == "DRAFT"


def test_no_file_and_a_file_too_large(doctor, patient, monkeypatch) -> None:
    address = begin(doctor, patient)
    assert "没有文件" in page_of(attach(doctor, address, None), 422)
    monkeypatch.setattr(record_queries, "document_limit", lambda actor: 1_000_000)
    page = page_of(attach(doctor, address, a_file(b"%PDF-" + b"0" * 3_000_000)), 413)
    assert "超过 1 MB" in page and documents_of(patient) == []
    page = page_of(attach(doctor, address, a_file(b"%PDF-" + b"0" * 1_500_000), reason="正在写的"), 413)
    assert 'id="file-error"' in page and "正在写的" in page


def test_another_patients_file_is_refused_beside_the_package(doctor, patient, hospital, register) -> None:
    other = register("李小红")
    theirs = records.add_document(
        hospital.family_doctor,
        resident_id=other,
        kind=DocumentKind.REPORT,
        title="他人的",
        reference="urn:oid:1.2",
    )
    address = begin(doctor, patient)
    sent = write(doctor, address, reason="请协助调整用药") | {"with-documents": str(theirs)}
    page = page_of(doctor.post(address, sent, **SEND), 422)
    assert 'id="package-error"' in page and "不在这位患者的档案里" in page and "重新勾选" in page
    assert "他人的" not in page.replace("可能是别人的", "") and row_of(address).state == "DRAFT"


def test_the_upload_is_the_senders_alone_and_only_while_it_is_written(doctor, at_desk, patient) -> None:
    address = begin(doctor, patient)
    stranger = at_desk(Role.CLINICIAN, "stranger")
    sent = {"file": a_file(), "once": str(uuid7())}
    assert stranger.post(f"{base(address)}/attach", sent).status_code == 404
    assert doctor.post(address, write(doctor, address, reason="请协助调整用药"), **SEND).status_code == 200
    answer = doctor.post(f"{base(address)}/attach", {"file": a_file(), "once": str(uuid7())})
    assert answer.status_code == 302 and "/requests/" in answer.headers["Location"]
    assert documents_of(patient) == []


def test_papers_of_an_emergency_come_with_their_files(doctor, patient) -> None:
    address = begin(doctor, patient, emergency="1")
    sent = write(doctor, f"{address}?emergency=1", problem="意识丧失", reason="呼之不应")
    assert doctor.post(address, sent, **SEND).status_code == 200
    papers = f"{base(address)}/supplement"
    files = [a_file(), a_file(name="化验单.pdf")]
    sent = write(doctor, papers, findings="双侧瞳孔等大", once=str(uuid7()))
    lie = doctor.post(papers, sent | {"file": a_file(b"MZ\x90")})
    assert "只收 PDF" in page_of(lie, 415) and "双侧瞳孔等大" in lie.content.decode()
    assert doctor.post(papers, sent | {"file": files, "once": str(uuid7())}).status_code == 302
    package = doctor.get(f"/api/referrals/{row_of(address).id}/package").json()
    assert sorted(each["title"] for each in package["content"]["documents"]) == ["化验单", "心电图"]
    case = page_of(doctor.get(f"/requests/{row_of(address).id}"))
    assert case.count("/record/documents/") == 2
