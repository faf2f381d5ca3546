"""Residents see primary care beside a hospital before they book, and ask the station for the four services (XH-23)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import publish
from tiercare.apps.capacity.models import Pool, Session
from tiercare.apps.capacity.rules.vocabulary import Channel, SessionState
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.handlers import find
from tiercare.apps.ledger.models import Event
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.models import InstitutionVersion
from tiercare.apps.residents.events import CareTurned
from tiercare.apps.residents.models import CareRequest, Cover
from tiercare.engines.payment import Confidence
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.ids import uuid7
from tiercare.kernel.money import Money

from ..capacity.admitting import altered
from ..capacity.conftest import Hospital, hospital, later, session, synthetic_clock
from ..referrals.places import away
from ..referrals.seen import in_force, lifted
from ..residents.conftest import Site, given, register, site
from .residents_desk import at_desk, page_of
from .test_booking import doctor, patient, places_of
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
CARDIOLOGY = "03.04"
FOUR = ("home", "door_to_door", "medical_elderly", "health_management")


@pytest.fixture
def two(hospital: Hospital, session: Callable[..., UUID]) -> tuple[UUID, UUID]:
    """新会's plan in force: a clinic of the hospital in two days, and one of the township beside it in four."""
    away(hospital.site.township, of=hospital.id, km=5)
    there = session({Channel.OPEN: 3})
    pool = hospital.pool("own", institution_id=hospital.site.township)
    planned = [hospital.planned(pool, days=4, capacity=3, units={Channel.OPEN: 3})]
    office = hospital.site.actor(Role.REFERRAL_OFFICE)
    (here,) = publish(office, institution_id=hospital.site.township, planned=planned).session_ids
    in_force("xinhui")
    InstitutionVersion.objects.filter(institution_id=hospital.id).update(level=2)
    return there, here


def insured(resident: UUID) -> None:
    with scoped(Actor.system("test"), persons=[resident]):
        Cover.objects.create(
            resident_id=resident,
            scheme="RESIDENT",
            insured_area="3402",
            source="FILE",
            period=DateRange(ledger.today() - timedelta(days=9), None),
        )


def search(client: Client, **asked: str) -> str:
    answer = client.get("/me/bookings/new", {"go": "1", "far": "120", "q": CARDIOLOGY, **asked})
    assert answer.status_code == 200
    return answer.content.decode()


def rows_of(page: str) -> dict[str, list[str]]:
    """The lines of the comparison: name, then what stands in both columns."""
    found = re.search(r'<table class="booking-compared">.*?</table>', page, re.DOTALL)
    if found is None:
        return {}
    lines = re.findall(r"<tr><th scope=\"row\">(.*?)</th>(.*?)</tr>", found[0], re.DOTALL)
    text = re.compile(r"<[^>]+>")
    return {
        text.sub("", name).strip(): [
            text.sub("", each).strip() for each in re.findall(r"<td>(.*?)</td>", cells)
        ]
        for name, cells in lines
    }


def yuan(cells: list[str]) -> list[int]:
    """The amounts of both columns."""
    return [int(each.removesuffix(" 元")) for each in cells]


def ask(client: Client, service: str, words: str = "腿脚不便，要换药，上午在家"):
    return client.post("/me/care", {"once": str(uuid7()), "service": service, "words": words})


def turn(client: Client, key: UUID, act: str, **sent: str):
    return client.post(f"/care/{key}/{act}", {"once": str(uuid7())} | sent)


def typed(**later: float) -> str:
    return (ledger.now() + timedelta(**later)).astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")


def stands(site: Site) -> dict[str, CareRequest]:
    with scoped(site.actor(Role.PRIMARY_DOCTOR)):
        return {row.service: row for row in CareRequest.objects.order_by("asked_at")}


def inbox(client: Client) -> str:
    for event in Event.objects.filter(kind=CareTurned.KIND).order_by("sequence"):
        find("words.tell_of_care")(event)
    return page_of(client.get("/me/messages"))


@pytest.mark.clause("XH-23")
def test_primary_care_stands_beside_the_hospital_and_the_station_answers_each_of_the_four(
    of: Callable[..., Client],
    patient: UUID,
    two: tuple[UUID, UUID],
    doctor: Client,
    site: Site,
) -> None:
    there, here = two
    insured(patient)
    me = of(patient)
    page = search(me)
    lines = rows_of(page)
    cost, paid, own = (yuan(lines[f"{name} 估算"]) for name in ("看一次大约", "医保支付", "自己付"))
    assert [paid[at] + own[at] for at in (0, 1)] == cost and min(*paid, *own) > 0
    assert cost[0] < cost[1], "the usual costs of the pack, at their levels"
    assert f"自己约少付 {own[1] - own[0]} 元" in page and "平台假设" in page and "依据 XH-23" in page
    assert "5.0 公里" in page and f"/me/bookings/new/{here}" in page and f"/me/bookings/new/{there}" in page
    assert rows_of(places_of(doctor, patient, q=CARDIOLOGY)) == lines, "whoever books for them sees the same"

    assert all(f"/me/care?service={each}" in page for each in FOUR)
    for each in FOUR:
        assert ask(me, each).status_code == 302
    keys = {name: row.id for name, row in stands(site).items()}
    assert set(keys) == set(FOUR)
    station = page_of(doctor.get("/care"))
    assert station.count("等答复") == 4 and "王*明" in station and "王小明" not in station
    for each in FOUR[:3]:
        sent = {"visit_at": typed(hours=5), "words": "带换药包"}
        assert turn(doctor, keys[each], "agree", **sent).status_code == 302
    said = {"words": "近期没有体检排期", "instead": "下周三到卫生院体检"}
    assert turn(doctor, keys["health_management"], "decline", **said).status_code == 302
    told = inbox(me)
    assert told.count("答应了您的") == 3 and "近期没有体检排期。您可以：下周三到卫生院体检" in told
    assert "已约好" in page_of(me.get("/me/care"))
    later(hours=6)
    assert turn(doctor, keys["home"], "finish").status_code == 302
    assert me.post(f"/me/care/{keys['door_to_door']}/withdraw", {"once": str(uuid7())}).status_code == 302
    assert {name: row.state for name, row in stands(site).items()} == {
        "home": "DONE",
        "door_to_door": "WITHDRAWN",
        "medical_elderly": "AGREED",
        "health_management": "DECLINED",
    }


@pytest.mark.clause("XH-23")
def test_what_the_pack_no_longer_names_is_shown_and_taken_no_longer(
    of: Callable[..., Client],
    patient: UUID,
    two: tuple[UUID, UUID],
    doctor: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    insured(patient)
    me = of(patient)
    with monkeypatch.context() as other:
        altered(other, "XH-23", levers=("price",), services=("home",))
        page = search(me)
        assert set(rows_of(page)) == {"最早的号", "看一次大约 估算"} and "少付" not in page
        assert "/me/care?service=home" in page and "/me/care?service=door_to_door" not in page
        answer = ask(me, "door_to_door")
        assert answer.status_code == 422 and "政策没有列入上门服务" in answer.content.decode()
    with monkeypatch.context() as other:
        altered(other, "XH-23", levers=("capacity",))
        assert set(rows_of(search(me))) == {"最早的号", "能约的科"}
    with monkeypatch.context() as other:
        lifted(other, "XH-23")
        page = search(me)
        assert not rows_of(page) and "先看近处的基层" not in page and "/me/care" not in page
        assert "能在这里申请" in page_of(me.get("/me/care")) and ask(me, "home").status_code == 422
        assert not rows_of(places_of(doctor, patient, q=CARDIOLOGY))
    assert rows_of(search(me)), "in force again"


def test_only_what_is_known_is_said(
    of: Callable[..., Client], patient: UUID, two: tuple[UUID, UUID], hospital: Hospital
) -> None:
    me = of(patient)
    page = search(me)
    assert "未登记参保情况，无法估算" in page and "少付" not in page
    assert set(rows_of(page)) == {"最早的号", "看一次大约 估算", "能约的科"}
    Pool.objects.filter(institution_id=hospital.site.township).update(specialty_code="02")
    Session.objects.filter(institution_id=hospital.site.township).update(specialty_code="02")
    page = search(me)
    assert "先看全科医疗科" in page, "no cardiology near: general practice, and it says so"
    InstitutionVersion.objects.filter(institution_id=hospital.site.township).update(category="GENERAL")
    assert not rows_of(search(me)), "no primary care within reach has a place"


def test_without_a_hospital_on_the_list_there_is_nothing_to_compare(
    of: Callable[..., Client], patient: UUID, two: tuple[UUID, UUID], hospital: Hospital
) -> None:
    Session.objects.filter(institution_id=hospital.id).update(state=SessionState.STOPPED.value)
    assert not rows_of(search(of(patient)))


def test_it_asks_the_database_as_often_however_long_the_list(
    of: Callable[..., Client], patient: UUID, two: tuple[UUID, UUID], hospital: Hospital
) -> None:
    insured(patient)
    me = of(patient)
    search(me)
    few = asked(lambda: search(me))
    office = hospital.site.actor(Role.REFERRAL_OFFICE)
    for number in range(4):
        pool = hospital.pool(f"more{number}", institution_id=hospital.site.township)
        planned = [hospital.planned(pool, days=5 + number, capacity=3, units={Channel.OPEN: 3})]
        publish(office, institution_id=hospital.site.township, planned=planned)
    assert search(me).count("me-booking-when") >= 6
    assert asked(lambda: search(me)) == few
    ask(me, FOUR[0])
    one = asked(lambda: me.get("/me/care"))
    for each in FOUR[1:]:
        ask(me, each)
    assert page_of(me.get("/me/care")).count("等答复") == 4
    assert asked(lambda: me.get("/me/care")) == one


def asked(what: Callable[[], object]) -> int:
    """How many statements it takes."""
    with CaptureQueriesContext(connection) as found:
        what()
        return len(found)


def test_what_was_typed_stays_when_the_station_is_refused(
    of: Callable[..., Client], patient: UUID, two: tuple[UUID, UUID], doctor: Client, site: Site
) -> None:
    assert ask(of(patient), "home").status_code == 302
    key = stands(site)["home"].id
    answer = turn(doctor, key, "decline", words="人手不够", instead="")
    assert answer.status_code == 422 and 'value="人手不够"' in answer.content.decode()
    answer = turn(doctor, key, "agree", visit_at=typed(hours=-2), words="小王去")
    assert answer.status_code == 422 and "已经过去" in answer.content.decode()
    assert turn(doctor, key, "agree", visit_at="").status_code == 422
    assert turn(doctor, key, "dance").status_code == 404
    assert stands(site)["home"].state == "ASKED"


def api(client: Client, path: str, **body: object):
    headers = {"Idempotency-Key": str(uuid7())}
    return client.post(f"/api/care{path}", json.dumps(body), content_type="application/json", headers=headers)


def test_all_of_it_by_the_api(
    of: Callable[..., Client], patient: UUID, two: tuple[UUID, UUID], doctor: Client, site: Site
) -> None:
    insured(patient)
    me = of(patient)
    told = me.get("/api/care/compared", {"specialty": CARDIOLOGY}).json()
    assert (told["clause"], told["levers"]) == ("XH-23", ["capacity", "insurance", "price"])
    assert (told["primary"]["institution"], told["primary"]["session"]) == (str(site.township), str(two[1]))
    own = yuan(rows_of(search(me))["自己付 估算"])
    assert [told[side]["out_of_pocket"] for side in ("primary", "hospital")] == [f"{each}.00" for each in own]
    assert told == doctor.get(f"/api/care/compared?specialty={CARDIOLOGY}&resident={patient}").json()
    assert me.get("/api/care/compared", {"specialty": "no such\x00"}).status_code == 422

    listed = me.get("/api/care").json()
    assert (listed["items"], listed["services"], listed["station"]) == ([], list(FOUR), str(site.township))
    key = api(me, "", service="home", words="示例：要换药").json()["id"]
    again = api(me, "", service="home", words="示例：再要一次")
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "residents.care_asked_already")
    (item,) = doctor.get("/api/care").json()["items"]
    assert (item["id"], item["state"], item["resident"], item["overdue"]) == (
        key,
        "ASKED",
        str(patient),
        False,
    )
    assert api(doctor, f"/{key}/finish").status_code == 409
    when = (ledger.now() + timedelta(hours=3)).isoformat()
    assert api(doctor, f"/{key}/agree", visit_at="2026-01-01T08:00:00").status_code == 422, "without a zone"
    assert api(doctor, f"/{key}/agree", visit_at=when, words="小王去").status_code == 200
    assert api(me, f"/{key}/agree", visit_at=when).status_code == 403
    assert api(me, f"/{key}/withdraw").status_code == 200
    assert [each["state"] for each in me.get("/api/care").json()["items"]] == ["WITHDRAWN"]


def test_what_a_region_pays_by_its_own_text_is_what_is_shown(
    of: Callable[..., Client], patient: UUID, two: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    insured(patient)
    national = mandates.benefits("cn", mandates.packs())
    free = tuple(
        replace(row, deductible=Money(0), unreferred=Decimal(1), ratio=Decimal(1), confidence=Confidence.TEXT)
        for row in national.rows
    )
    monkeypatch.setattr(mandates, "benefits", lambda pack, known: replace(national, rows=free))
    page = search(of(patient))
    assert rows_of(page)["自己付 估算"] == ["0 元", "0 元"] and "少付" not in page and "平台假设" not in page
