"""The filing with the insurer on the pages and in the API: both sides see it, either goes on with it; cover on the record."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client
from tests.integration.capacity.admitting import altered
from tests.integration.referrals.insurer_site import Agency, agency_on
from tests.integration.referrals.test_filing import accepted, cover, insured, patient, xinhui

from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.referrals import commands
from tiercare.kernel.ids import uuid7

from ..capacity.conftest import synthetic_clock
from .capacity_desk import acting_at, given, hospital, register, session, site, text_of

__all__ = [
    "accepted",
    "acting_at",
    "given",
    "hospital",
    "insured",
    "patient",
    "register",
    "session",
    "site",
    "synthetic_clock",
    "xinhui",
]
pytestmark = pytest.mark.django_db


@pytest.fixture
def both(acting_at) -> tuple[Client, Client]:
    """The township's doctor, the hospital's office."""
    return acting_at(Role.PRIMARY_DOCTOR, "township"), acting_at(Role.REFERRAL_OFFICE)


@pytest.fixture
def agency(tmp_path: Path) -> Iterator[Agency]:
    with agency_on(tmp_path) as one:
        yield one


def post(client: Client, path: str, **sent: str):
    return client.post(path, {"once": str(uuid7())} | sent)


def asked(client: Client, path: str, body: dict[str, str] | None = None):
    return client.post(
        f"/api/requests/{path}",
        body or {},
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid7())},
    )


@pytest.mark.clause("XH-43")
def test_both_sides_see_receipt_and_number(
    both: tuple[Client, Client], insured: UUID, accepted: Callable[..., UUID], agency: Agency
) -> None:
    request = accepted(insured)
    assert post(both[1], f"/requests/{request}/receive").status_code == 302
    commands.send_filings()
    for client in both:
        page = text_of(client.get(f"/requests/{request}"))
        assert "已备案" in page and "YB000001" in page and "已签收" in page and "随附病历" in page
        told = client.get(f"/api/requests/{request}/filing").json()
        assert (told["state"], told["number"], told["task"]) == ("ACCEPTED", "YB000001", False)
        assert "没有需要处理的备案" in text_of(client.get("/requests/filings"))


def test_what_is_not_connected_is_listed_taken_along_and_its_number_entered(
    both: tuple[Client, Client], insured: UUID, accepted: Callable[..., UUID]
) -> None:
    doctor, office = both
    request = accepted(insured)
    for client in both:
        assert "未接入：请手工备案" in text_of(client.get("/requests/filings"))
        assert [each["state"] for each in client.get("/api/requests/filings").json()["items"]] == [
            "UNCONNECTED"
        ]
    file = doctor.get("/requests/filings?format=xlsx")
    with zipfile.ZipFile(io.BytesIO(file.content)) as parts:
        told = "".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml"))
    assert "未接入：请手工备案" in told
    assert "王小明" not in told, "sheets are lost: names are masked"
    page = text_of(post(office, f"/requests/{request}/filing/number", number=" "), 422)
    assert "没有填写备案号" in page
    answer = post(office, f"/requests/{request}/filing/number", number="SG-2026-17")
    assert answer.status_code == 302
    assert "SG-2026-17" in text_of(doctor.get(f"/requests/{request}"))
    again = asked(doctor, f"{request}/filing/number", {"number": "SG-2026-18"})
    assert (again.status_code, again.json()["code"]) == (409, "referrals.filing_not_now")
    assert post(doctor, f"/requests/{request}/filing/nonsense").status_code == 404


def test_refused_the_cover_is_corrected_on_the_record_and_it_is_filed_again(
    both: tuple[Client, Client],
    acting_at,
    site,
    patient: UUID,
    accepted: Callable[..., UUID],
    agency: Agency,
) -> None:
    doctor, office = both
    wrong = cover(site, patient, "EMPLOYEE")
    agency.script = ["refused"]
    request = accepted(patient)
    commands.send_filings()
    page = text_of(office.get(f"/requests/{request}"))
    assert "参保状态异常" in page and "重新备案" in page
    desk = acting_at(Role.REGISTRAR, "township")
    record = text_of(desk.get(f"/residents/{patient}"))
    assert "医保参保" in record and "职工医保" in record
    today = ledger.today().isoformat()
    assert post(desk, f"/residents/{patient}/end-cover", cover=str(wrong), ended_on=today).status_code == 302
    typed = {"scheme": "RESIDENT", "area": "999999", "since": today}
    page = text_of(post(desk, f"/residents/{patient}/record-cover", **typed), 422)
    assert "区划代码不在册" in page and 'value="999999"' in page, "what was typed stands in the form"
    right = typed | {"area": "340223"}
    assert post(desk, f"/residents/{patient}/record-cover", **right).status_code == 302
    assert "城乡居民医保" in text_of(desk.get(f"/residents/{patient}"))
    told = desk.get(f"/api/residents/{patient}/covers").json()["items"]
    assert [each["scheme"] for each in told] == ["RESIDENT", "EMPLOYEE"]
    assert asked(doctor, f"{request}/filing/again").json()["state"] == "WAITING"
    commands.send_filings()
    assert "已备案" in text_of(office.get(f"/requests/{request}"))


def test_taken_back_by_hand(
    both: tuple[Client, Client], insured: UUID, accepted: Callable[..., UUID]
) -> None:
    doctor, office = both
    request = accepted(insured)
    assert asked(doctor, f"{request}/filing/number", {"number": "SG-1"}).status_code == 200
    assert post(doctor, f"/requests/{request}/cancel", words="改日").status_code == 302
    assert "请手工撤销备案" in text_of(office.get(f"/requests/{request}"))
    assert post(office, f"/requests/{request}/filing/undone").status_code == 302
    assert asked(office, f"{request}/filing/undone").status_code == 409
    assert "备案已撤销" in text_of(doctor.get(f"/requests/{request}"))


def test_no_filing_no_word_of_it(
    both: tuple[Client, Client], insured: UUID, accepted: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    altered(monkeypatch, "XH-43", services=())
    request = accepted(insured)
    assert 'id="filing"' not in text_of(both[0].get(f"/requests/{request}"))
    assert both[0].get(f"/api/requests/{request}/filing").status_code == 404
