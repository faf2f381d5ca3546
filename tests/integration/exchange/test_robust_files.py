"""Attachments that are not this patient's, files that lie, claims about others' entries: refused, and nothing changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tiercare.apps.access.queries import scoped
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.models import Request
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

from ..api.test_requests_api import two
from ..capacity.conftest import hospital, later, session, synthetic_clock
from ..records.test_timeline import PDF
from ..residents.conftest import given, register, site
from ..web.residents_desk import at_desk

__all__ = [
    "at_desk",
    "given",
    "hospital",
    "register",
    "session",
    "site",
    "synthetic_clock",
    "two",
]
from .test_robust import refused

SYSTEM = Actor.system("test")


def test_attachments_of_another_patient_and_files_that_lie(two, register) -> None:
    key, other = two.sent(), register("李小红")

    def file(content: bytes = PDF, claims: str = "application/pdf") -> dict[str, Any]:
        return {"kind": "REPORT", "title": "报告", "file": SimpleUploadedFile("x.pdf", content, claims)}

    def add(path: str, form: dict[str, Any]) -> Any:
        return two.doctor.post(path, form, headers={"Idempotency-Key": str(uuid7())})

    others = f"/api/records/{other}/documents"
    refused(two.doctor, key, lambda: add(others, file() | {"request": key}), 422, "records.others_request")
    mine = f"/api/requests/{key}/documents"
    refused(two.doctor, key, lambda: add(mine, file(claims="image/png")), 415, "records.file_lies")
    refused(two.doctor, key, lambda: add(mine, file(b"MZ" + PDF)), 415, "records.file_type")
    refused(two.doctor, key, lambda: add(mine, file(PDF[:-6])), 422, "records.file_cut_off")


def test_another_patients_file_never_travels_and_the_sender_is_told(two, register) -> None:
    """What is ticked is of this resident's record; a file that is not stops the sending, and says what to do."""
    other = register("李小红")
    form = {"kind": "REPORT", "title": "他人的报告", "reference": "urn:oid:1.2.3"}

    def added(path: str) -> str:
        answer = two.doctor.post(path, form, headers={"Idempotency-Key": str(uuid7())})
        return answer.json()["id"]

    theirs = added(f"/api/records/{other}/documents")
    key = two.draft(
        kind="up",
        payload={
            "reason": "示例",
            "ground": {"beyond": "capacity"},
            "package": {"documents": [theirs]},
        },
    )["id"]
    head = {"Idempotency-Key": str(uuid7())}
    sent = two.doctor.post(
        f"/api/requests/{key}/acts/submit", {}, content_type="application/json", headers=head
    )
    assert sent.status_code == 422, sent.content
    told = sent.json()["errors"][0]
    assert (told["code"], told["at"]) == ("referrals.not_their_document", "package")
    assert "重新勾选" in sent.content.decode()
    with scoped(SYSTEM, area="*"):
        assert Request.objects.get(id=key).state == "DRAFT"
    own = added(f"/api/requests/{key}/documents")
    mended = {"payload": {"package": {"documents": [own]}}}
    sent = two.doctor.post(
        f"/api/referrals/{key}/send",
        mended,
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid7())},
    )
    assert sent.status_code == 200, sent.content
    package = two.office.get(f"/api/referrals/{key}/package").json()
    assert [each["id"] for each in package["content"]["documents"]] == [own]


def test_overdue_while_nobody_looks_it_still_has_an_owner(two) -> None:
    """Nothing lapses: hours and days later it is somebody else's, with a new time."""
    key = two.sent(urgency="EMERGENCY")
    seen = []
    for _ in range(4):
        later(days=3)
        exchange.escalate_overdue()
        with scoped(SYSTEM, area="*"):
            row = Request.objects.get(id=key)
        assert row.due_at is not None and row.due_at > ledger.now() - timedelta(minutes=1)
        seen.append(row.owner_level)
    assert seen[-1] == "COMMISSION"
    assert len(set(seen)) >= 2 or seen[0] == "COMMISSION"
