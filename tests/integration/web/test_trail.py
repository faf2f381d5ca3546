"""Audit search: who, where, what, when, whose and with what result, in one's own area and without any number."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tiercare.apps.access.events import RecordRead
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import commands
from tiercare.apps.network import models
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.web.trail.views import PER_PAGE

from .conftest import FRAME

RESIDENT, OTHER = uuid7(), uuid7()
DOCTOR = Actor(account_id=uuid7(), name="赵测试", role="clinician", request_id=uuid7())
CANARIES = ("340203199001011234", "34020319900101123X", "13812345678")


def _read(
    *residents: UUID, actor: Actor = DOCTOR, area: str = "340207", result: str = "shown", what: str = "file"
) -> UUID:
    payload = RecordRead(
        what=what, basis="encounter", purpose="treatment", result=result, residents=residents
    )
    hospital = models.Institution.objects.order_by("slug").first()
    return commands.record_read(
        actor,
        payload,
        residents=residents,
        subject_type="residents.resident",
        subject_id=residents[0],
        institution_id=hospital.id,
        division_code=area,
    )


def _rows(text: str) -> int:
    return text[text.index('id="results"') :].count("<tr>") - 1 if "<tbody>" in text else 0


@pytest.fixture
def page(client_of):
    """``page(**filters)``: the auditor's page, and the events in it by their place in the trail."""
    client = client_of(Role.AUDITOR)

    def asked(**filters: object) -> tuple[str, int]:
        given = FRAME | {name: str(value) for name, value in filters.items()}
        response = client.get("/events", given, follow=True)
        assert response.status_code == 200
        text = response.content.decode()
        return text, _rows(text)

    return asked


def test_a_reading_says_who_whose_where_why_and_with_what_result(page) -> None:
    _read(RESIDENT)
    text, count = page(kind="access.record_read")
    assert count == 1
    name = models.InstitutionVersion.objects.filter(
        institution__in=models.Institution.objects.order_by("slug")[:1]
    )
    for words in ("赵测试", "医师", name.first().name, "已调阅", "1 位居民", str(RESIDENT), "依据", "诊"):
        assert words in text, words


def test_filters_narrow(page) -> None:
    _read(RESIDENT)
    _read(OTHER, actor=Actor(account_id=uuid7(), name="钱测试", role="registrar"), result="refused")
    kind = {"kind": "access.record_read"}
    assert page(**kind)[1] == 2
    assert page(**kind, actor="赵测试")[1] == page(actor=DOCTOR.account_id)[1] == 1
    assert page(**kind, actor="赵")[1] == 0
    assert "被拒绝" in page(**kind, result="refused")[0]
    assert page(result="shown")[1] == page(result="refused")[1] == 1
    name = models.Institution.objects.order_by("slug").first().slug
    assert page(**kind, institution=name)[1] == 2
    assert page(**kind, since="2000-01-01", until="2001-01-01")[1] == 0


def test_a_resident_is_found_in_readings_and_in_what_happened(page) -> None:
    _read(RESIDENT, OTHER)
    _read(OTHER)
    assert page(resident=RESIDENT)[1] == 1
    assert page(resident=OTHER)[1] == 2
    assert page(resident=uuid7())[1] == 0


def test_a_resident_of_another_area_is_not_found(page) -> None:
    _read(RESIDENT, area="532301")
    assert page(resident=RESIDENT)[1] == page(kind="access.record_read")[1] == 0


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"resident": "340203199001011234"}, "请勿填写姓名或证件号码"),
        ({"resident": "王小明"}, "请勿填写姓名或证件号码"),
        ({"institution": "没有这样的医院"}, "没有找到这家机构"),
    ],
)
def test_what_cannot_be_found_is_told_why_and_not_repeated(page, filters: dict[str, str], words: str) -> None:
    text, count = page(**filters)
    assert count == 0
    assert words in text
    assert filters.get("resident", "–") not in text


@pytest.mark.parametrize(
    "filters",
    [
        {"before": "9" * 40},
        {"before": "١"},
        {"since": "2019-99-99", "until": "\x00"},
        {"kind": "ledger", "result": "shown'--", "actor": "%"},
        {"actor": "\x00"},
        {"institution": "\x00"},
        {"until": "9999-12-31"},
        {"since": "0001-01-01"},
    ],
)
def test_nonsense_finds_something_or_nothing_and_breaks_nothing(page, filters: dict[str, str]) -> None:
    page(**filters)


def test_no_number_of_a_person_is_ever_shown(page) -> None:
    """Should one have got into an event, by a defect or by somebody who wrote past the program."""
    for canary in CANARIES:
        _read(
            RESIDENT, what=f"看了{canary}", actor=Actor(account_id=None, name=f"张{canary}", role="clinician")
        )
    text, count = page(kind="access.record_read")
    assert count == len(CANARIES)
    assert [canary for canary in CANARIES if canary in text] == []


def test_the_page_takes_the_same_queries_however_much_it_finds(client_of) -> None:
    client = client_of(Role.AUDITOR)

    def queries(**filters: object) -> int:
        with CaptureQueriesContext(connection) as asked:
            response = client.get("/events", FRAME | filters)
        assert response.status_code == 200
        return len(asked)

    queries()
    plain = queries(kind="access.record_read")
    with transaction.atomic():
        for _ in range(PER_PAGE + 5):
            _read(RESIDENT)
    assert plain == 8
    assert queries(kind="access.record_read") == plain + 1, "and the institutions' names"
    found = {"kind": "access.record_read", "resident": str(RESIDENT)}
    assert queries(**found) == plain + 1 + 4, "and the wall is raised and taken down"


def test_pages_follow_each_other_with_all_filters(client_of) -> None:
    client = client_of(Role.AUDITOR)
    for _ in range(PER_PAGE + 5):
        _read(RESIDENT)
    filters = {"kind": "access.record_read", "actor": "赵测试", "result": "shown", "resident": str(RESIDENT)}
    first = client.get("/events", FRAME | filters).content.decode()
    (link,) = re.findall(r'href="(/events\?[^"]*before=[^"]*)"', first)
    second = client.get(link.replace("&amp;", "&")).content.decode()
    assert (_rows(first), _rows(second)) == (PER_PAGE, 5)
