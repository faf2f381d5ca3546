"""A file that was chosen and not uploaded: the ordinary sending of the form takes it along, with no script to do it before."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from tiercare.apps.ledger import commands as ledger
from tiercare.apps.records import queries as records
from tiercare.apps.records.models import Document
from tiercare.apps.records.rules.vocabulary import DocumentKind
from tiercare.apps.referrals import queries
from tiercare.web import pages

from ..capacity.conftest import hospital, session, synthetic_clock
from ..records.test_timeline import PDF
from ..residents.conftest import given, register, site
from .referrals_desk import SEND, begin, doctor, of_form, patient, row_of, scoped_all, write
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


def pdf(content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile("心电图.pdf", content, "application/pdf")


def documents(patient: UUID) -> list[Document]:
    with scoped_all():
        return list(Document.objects.filter(resident_id=patient).order_by("id"))


def packed(doctor: Client, hospital, address: str) -> set[str]:
    """The documents that went along with it, as the receiver has them."""
    package = queries.package_of(hospital.office, row_of(address).id)
    assert package is not None
    return {str(each["id"]) for each in package.content["documents"]}


@pytest.mark.parametrize("kind", ["up", "advice"])
def test_it_goes_with_the_sending(doctor, patient, hospital, kind) -> None:
    address = begin(doctor, patient, kind)
    assert 'enctype="multipart/form-data"' in page_of(doctor.get(address))
    sent = write(doctor, address, reason="请协助", question="怎样调药？", to=str(hospital.id))
    sent |= {"file": pdf(), "file_kind": "IMAGE", "file_title": ""}
    answer = doctor.post(address, sent)
    assert answer.status_code == 302 and "/requests/" in answer["Location"], page_of(answer, 422)[-1500:]
    (made,) = documents(patient)
    assert (made.title, made.kind, bytes(made.content or b"")) == ("心电图", DocumentKind.IMAGE, PDF)
    assert packed(doctor, hospital, address) == {str(made.id)}
    # The same form once more: done is done, and one file is one file.
    assert doctor.post(address, sent | {"file": pdf()}).status_code == 302
    assert len(documents(patient)) == 1


def test_where_the_sending_is_refused_the_file_stays_with_the_draft_and_is_not_doubled(
    doctor, patient, hospital
) -> None:
    address = begin(doctor, patient)
    sent = write(doctor, address, reason="", to=str(hospital.id)) | {"file": pdf(), "file_title": "化验单"}
    shown = page_of(doctor.post(address, sent), 422)
    (made,) = documents(patient)
    assert made.title == "化验单" and f'value="{made.id}" checked' in shown and "reason-error" in shown
    assert 'name="file_title" value=""' in shown
    # The form of before, sent again: its version is over, and so is the file in it.
    doctor.post(address, sent | {"file": pdf()})
    assert documents(patient) == [made]
    mended = of_form(shown) | {"reason": "请协助调整用药", "with-documents": str(made.id)}
    assert doctor.post(address, mended).status_code == 302
    assert packed(doctor, hospital, address) == {str(made.id)}


def test_a_file_that_lies_is_told_beside_its_field_and_nothing_is_sent(doctor, patient, hospital) -> None:
    address = begin(doctor, patient)
    sent = write(doctor, address, reason="请协助", to=str(hospital.id)) | {"file": pdf(b"MZ\x90\x00")}
    shown = page_of(doctor.post(address, sent), 415)
    assert 'id="file-error"' in shown and "只收 PDF" in shown and "请协助" in shown
    assert documents(patient) == [] and row_of(address).state == "DRAFT"


def test_one_that_is_too_large_is_refused_before_it_is_read(doctor, patient, hospital, monkeypatch) -> None:
    address = begin(doctor, patient)
    sent = write(doctor, address, reason="请协助", to=str(hospital.id))
    monkeypatch.setattr(records, "document_limit", lambda actor: 1000)
    answer = doctor.post(address, sent | {"file": pdf(PDF + b" " * 2_000_000)})
    assert answer.status_code == 413 and documents(patient) == []
    assert row_of(address).state == "DRAFT"


def test_the_token_of_the_form_is_still_asked_for(patient, doctor) -> None:
    address = begin(doctor, patient)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = doctor.cookies
    assert strict.post(address, {"reason": "x"}).status_code == 403
    assert strict.post(address, {"reason": "x"}, **SEND).status_code == 403


def test_a_script_whose_twin_is_under_way_is_told_to_wait(doctor, patient, hospital, monkeypatch) -> None:
    """The answer has the code by which the page's script waits (``referrals.js``); without a script it is the form again."""
    monkeypatch.setattr(pages, "_TRIES", 1)  # the server waits a while itself
    address = begin(doctor, patient)
    sent = write(doctor, address, reason="请协助", to=str(hospital.id))
    twin = connection.copy()
    try:
        with twin.cursor() as cursor:  # as the transaction of the first sending holds its key
            key = f"{doctor.session['_auth_user_id']}{sent['once']}"
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])
            for mode in ("save", "send"):
                answer = doctor.post(address, sent, HTTP_X_DRAFT=mode)
                assert answer.status_code == 409, mode
                assert answer.json()["refusals"][0]["code"] == ledger.TWIN_IN_FLIGHT
            assert "请协助" in page_of(doctor.post(address, sent), 409)
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])
    finally:
        twin.close()
    assert doctor.post(address, sent, **SEND).status_code == 200
