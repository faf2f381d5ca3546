"""Documents: what may be kept, what lies about itself, and who gets the bytes."""

from __future__ import annotations

import hashlib

import pytest

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.records import commands, queries
from tiercare.apps.records.models import Document
from tiercare.apps.records.rules.vocabulary import DocumentKind
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .conftest import altered, codes
from .test_timeline import PDF

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20 + b"IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 30 + b"\xff\xd9"
DICOM = b"\0" * 128 + b"DICM" + b"\0" * 40


def add(ward, **more):
    values = {"resident_id": ward.resident, "kind": DocumentKind.REPORT, "title": "心电图", "content": PDF}
    return commands.add_document(ward.doctor, **(values | more))


@pytest.mark.parametrize(
    ("content", "kept"), [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")]
)
def test_files_are_kept_as_what_they_are(ward, content, kept) -> None:
    key = add(ward, content=content, media_type="")
    file = queries.document(ward.doctor, ward.resident, key)
    assert (file.content, file.media_type) == (content, kept)
    assert file.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"content": b""}, "records.file_empty"),
        ({"content": b"MZ\x90\x00 a program"}, "records.file_type"),
        ({"content": b"<html><script>alert(1)</script></html>"}, "records.file_type"),
        ({"content": PNG, "media_type": "application/pdf"}, "records.file_lies"),
        ({"content": PDF[:-8]}, "records.file_cut_off"),
        ({"content": DICOM}, "records.dicom_by_reference"),
        ({"content": None}, "records.no_file"),
        ({"content": None, "reference": "javascript:alert(1)"}, "records.bad_reference"),
        ({"content": None, "reference": "https://pacs.example/\n"}, "records.bad_reference"),
        ({"request_id": uuid7()}, "records.others_request"),
        ({"encounter_id": uuid7()}, "records.no_such_encounter"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_way_on(ward, more, code) -> None:
    with pytest.raises(Refused) as refused:
        add(ward, **more)
    assert codes(refused) == {code}
    assert all(each.way_on() and each.way_on("en") for each in refused.value.refusals)
    assert not Document.objects.exists()


def test_the_largest_size_stands_in_the_pack(ward, monkeypatch) -> None:
    large = PDF[:-6] + b"\0" * 1_100_000 + b"%%EOF\n"
    assert add(ward, content=large)
    packs = altered("NHC-69.document_most_mb", 1)
    monkeypatch.setattr(mandates, "packs", lambda: packs)
    with pytest.raises(Refused) as refused:
        add(ward, content=large)
    (refusal,) = refused.value.refusals
    assert refusal.code == "records.file_too_large" and "1 MB" in refusal.sentence() and refusal.status == 413


def test_an_attachment_belongs_to_this_patients_request(ward, register) -> None:
    request = ward.by_request()
    other = register("李小红")
    key = commands.add_document(
        ward.clinician,
        resident_id=ward.resident,
        kind=DocumentKind.IMAGE,
        title="胸部 CT",
        reference="urn:oid:1.2.840.1",
        request_id=request,
    )
    assert queries.request_documents(ward.clinician, request) == [key]
    with pytest.raises(Refused) as refused:  # the township keeps both files, but the request is the other's
        commands.add_document(
            ward.doctor,
            resident_id=other,
            kind=DocumentKind.IMAGE,
            title="胸部 CT",
            content=PNG,
            request_id=request,
        )
    assert codes(refused) == {"records.others_request"}


def test_bytes_leave_by_the_gate_only(ward, register) -> None:
    key, other = add(ward), register("李小红")
    with pytest.raises(Refused) as refused:
        queries.document(ward.stranger, ward.resident, key)
    assert codes(refused) == {"access.no_basis"}
    with pytest.raises(Refused) as refused:  # under another patient whom the doctor may read
        queries.document(ward.doctor, other, key)
    assert codes(refused) == {"records.no_such_document"}
    with scoped(ward.stranger):
        assert not Document.objects.exists()


def test_a_file_sent_twice_is_one(ward) -> None:
    sent = {"source": "ris-01", "source_key": "EX77", "dated_at": ledger.now()}
    assert add(ward, **sent) == add(ward, **sent)
    with pytest.raises(Refused) as refused:
        add(ward, **sent | {"content": PNG})
    assert codes(refused) == {"records.key_taken"}
