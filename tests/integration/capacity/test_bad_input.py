"""The bad input of the requirement, all of it, through the pages and the API: clearly refused, and nothing lost."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest
from django.test import Client
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import book, keep_week
from tiercare.apps.capacity.models import Booking, Pool, Quota, Session, Slot, Template
from tiercare.apps.capacity.queries import drift
from tiercare.apps.capacity.rules.pools import WeekGiven
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network.models import Clinician, PracticeSite
from tiercare.apps.terms.commands import enter_day
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.ids import uuid7

from ..web.capacity_desk import acting_at, expert, registers, sent, text_of, weekly
from ..web.residents_desk import at_desk
from ..web.test_booking import doctor, patient
from .conftest import later, slot_of, used

__all__ = ["acting_at", "at_desk", "doctor", "patient", "registers"]  # fixtures

OPEN = Channel.OPEN


@pytest.fixture
def office(acting_at) -> Client:
    """The referral office of the county hospital."""
    client: Client = acting_at(Role.REFERRAL_OFFICE)
    return client


def posted(
    client: Client, address: str, body: dict[str, object], *, key: str = ""
) -> tuple[int, dict[str, object]]:
    """A write of the API; its status and what it says."""
    answer = client.post(
        f"/api/capacity/{address}",
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": key or str(uuid7())},
    )
    return answer.status_code, json.loads(answer.content)


def is_a_problem(answer: tuple[int, dict[str, object]], status: int, code: str) -> None:
    """Refused by name, with a sentence and a way on."""
    told, body = answer
    assert told == status, body
    assert code in [each["code"] for each in body["errors"]], body
    assert body["detail"] and body["way_on"]


def held(client: Client, resident: UUID, at: UUID) -> str:
    """A place held through the API; its booking."""
    status, body = posted(
        client, "bookings", {"slot": str(slot_of(at)), "resident": str(resident), "hold": True}
    )
    assert status == 201, body
    return str(body["id"])


def state_of(booking: str) -> str:
    with scoped(Actor.system(), area=EVERYWHERE):
        found: str = Booking.objects.get(id=booking).state
    return found


def published(office: Client, day: date) -> tuple[int, str]:
    answer = office.post("/capacity/publish", sent(first=day, last=day))
    return answer.status_code, answer.content.decode()


def line(**more: object) -> dict[str, object]:
    values = {"do": "save", "day": ["1"], "starts": "08:00", "ends": "12:00", "capacity": "8"}
    return sent(**(values | more))


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def kept_line(office: Client, pool: Pool, **more: object):
    address = f"/capacity/pools/{pool.id}/week"
    return office.post(address, line(seen=seen(text_of(office.get(address))), **more))


# --- schedules ---------------------------------------------------------------------------------------


def test_a_physician_at_two_sites_at_once_is_refused_with_the_day_and_both_sites(
    office, acting_at, hospital, site
) -> None:
    both = Clinician.objects.create(name="两处示例", title="主任医师", synthetic=True)
    for place in (hospital.id, site.stranger):
        PracticeSite.objects.create(
            clinician=both, institution_id=place, ground="REGISTERED", period=DateRange(ledger.today(), None)
        )
    day = ledger.today() + timedelta(days=3)
    elsewhere = hospital.pool(
        "there", institution_id=site.stranger, name="外院专家门诊", clinician_id=both.id
    )
    here = hospital.pool("here", clinician_id=both.id)
    for pool in (elsewhere, here):
        Template.objects.create(
            pool=pool,
            weekday=day.isoweekday(),
            starts=time(8),
            ends=time(11),
            capacity=4,
            on_holidays=True,
            period=DateRange(ledger.today(), None),
        )
    assert published(acting_at(Role.REFERRAL_OFFICE, "stranger"), day)[0] == 302
    status, text = published(office, day)
    assert status == 409
    for words in ("两处示例医师", f"{day} 08:00–11:00", "外院专家门诊"):
        assert words in text
    assert not Session.objects.filter(institution_id=hospital.id).exists()


def test_a_slot_in_the_past_is_neither_published_nor_booked(
    office, doctor, patient, hospital, session
) -> None:
    weekly(hospital)
    yesterday = ledger.today() - timedelta(days=1)
    status, _ = published(office, yesterday)
    assert status == 422 and not Session.objects.exists()
    at = session(
        {OPEN: 2}, days=1, hour=0
    )  # within the day for which the registration lets the record be read
    slot = slot_of(at)
    starts = Slot.objects.get(id=slot).during.lower
    later(seconds=(starts - ledger.now()).total_seconds() + 1)
    answer = posted(doctor, "bookings", {"slot": str(slot), "resident": str(patient)})
    is_a_problem(answer, 422, "capacity.slot_past")
    page = doctor.post(f"/residents/{patient}/book/{at}", {"once": str(uuid7()), "slot": str(slot)})
    assert page.status_code == 422 and "这个时段已经开始" in page.content.decode()
    assert used(at) == {"OPEN": 0}


@pytest.mark.parametrize("capacity", ["-3", "0", "2001", "99999999999", "1e3", "８", "十", ""])
def test_a_negative_or_absurd_capacity_is_refused_and_stays_typed(office, hospital, capacity: str) -> None:
    pool = hospital.pool("xnk")
    answer = kept_line(office, pool, capacity=capacity)
    text = text_of(answer, 422)
    assert "号数须在 1 至 2000 之间" in text or "不是整数" in text
    assert f'name="capacity" inputmode="numeric" value="{capacity}"' in text
    assert not Template.objects.exists()


def test_lowering_under_what_is_booked_is_refused_or_moves_people_by_choice(
    office, hospital, session, register
) -> None:
    at = session({OPEN: 3})
    for name in ("王小明", "李小红"):
        book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register(name))
    address = f"/capacity/sessions/{at}/resize"
    text = text_of(office.post(address, sent(capacity="1", how="keep", reason="设备检修")), 409)
    assert "已约 2 个，不能直接减到 1 个" in text and "改约多出来的居民" in text
    assert 'value="设备检修"' in text and used(at) == {"OPEN": 2}
    assert office.post(address, sent(capacity="1", how="move", reason="设备检修")).status_code == 302
    assert used(at) == {"OPEN": 1} and Session.objects.get(id=at).capacity == 1 and drift() == []


@pytest.mark.parametrize(
    ("share", "says"), [("130", "合计 130%"), ("-5", "合计 -5%"), ("很多", "不是百分比")]
)
def test_a_quota_of_a_hundred_and_thirty_percent_is_refused(office, registers, share: str, says: str) -> None:
    text = text_of(office.post("/capacity/pools/new?kind=CLINIC", expert(share_referral=share)), 422)
    assert says in text and 'value="心内科专家门诊"' in text and not Pool.objects.exists()


def test_shares_that_only_together_are_too_much_are_refused(office, registers) -> None:
    shares = {"share_family_doctor": "60", "share_referral": "60"}
    text = text_of(office.post("/capacity/pools/new?kind=CLINIC", expert(**shares)), 422)
    assert "合计 120%" in text and not Pool.objects.exists()


def test_a_template_across_a_holiday_is_left_out_and_said(office, hospital) -> None:
    pool = hospital.pool("xnk")
    keep_week(
        hospital.office,
        pool_id=pool.id,
        lines=[WeekGiven(day, time(8), time(11), capacity=4) for day in range(1, 8)],
    )
    day = ledger.today() + timedelta(days=4)
    enter_day(Actor.system(), day=day, workday=False, name="院庆")
    first, last = day - timedelta(days=1), day + timedelta(days=1)
    for each in (first, last):
        enter_day(Actor.system(), day=each, workday=True, name="上班")
    text = text_of(office.get("/capacity/publish", {"first": first, "last": last}))
    assert "院庆：1 场不放" in text
    assert office.post("/capacity/publish", sent(first=first, last=last)).status_code == 302
    assert set(Session.objects.values_list("day", flat=True)) == {first, last}


def test_the_hour_24_is_the_end_of_the_day_and_nothing_else(office, hospital) -> None:
    pool = hospital.pool("xnk")
    assert kept_line(office, pool, starts="20:00", ends="24:00").status_code == 302
    assert Template.objects.get().ends == time(0)
    assert "24:00" in text_of(office.get(f"/capacity/pools/{pool.id}/week"))
    day = ledger.today() + timedelta(days=7 - ledger.today().isoweekday() + 1)
    enter_day(Actor.system(), day=day, workday=True, name="上班")
    assert published(office, day)[0] == 302
    ends = Session.objects.get().during.upper.astimezone(ZONE)
    assert ends == datetime.combine(day + timedelta(days=1), time(0), ZONE)
    for starts, end, says in (
        ("24:00", "12:00", "“24:00”不是时间"),
        ("08:00", "24:01", "不是时间"),
        ("25:00", "12:00", "不是时间"),
        ("12:00", "08:00", "结束时间须晚于开始时间"),
        ("08:00", "08:00", "结束时间须晚于开始时间"),
    ):
        answer = kept_line(office, pool, starts=starts, ends=end)
        assert answer.status_code == 422, (starts, end)
        assert says in answer.content.decode()
    assert Template.objects.count() == 1


# --- bookings ----------------------------------------------------------------------------------------


def test_a_cancelled_hold_is_not_confirmed(doctor, patient, session) -> None:
    at = session({OPEN: 1})
    booking = held(doctor, patient, at)
    assert posted(doctor, f"bookings/{booking}/cancel", {})[0] == 200
    is_a_problem(posted(doctor, f"bookings/{booking}/confirm", {}), 409, "capacity.not_in_this_state")
    page = doctor.post(f"/bookings/{booking}/confirm", {"once": str(uuid7())})
    assert page.status_code == 409 and "已取消" in page.content.decode()
    assert state_of(booking) == "CANCELLED" and used(at) == {"OPEN": 0}


def test_confirming_twice_says_so_and_changes_nothing(doctor, patient, session) -> None:
    at = session({OPEN: 1})
    booking, key = held(doctor, patient, at), str(uuid7())
    assert posted(doctor, f"bookings/{booking}/confirm", {}, key=key)[0] == 200
    assert posted(doctor, f"bookings/{booking}/confirm", {}, key=key)[0] == 200  # the same request again
    is_a_problem(posted(doctor, f"bookings/{booking}/confirm", {}), 409, "capacity.not_in_this_state")
    page = doctor.post(f"/bookings/{booking}/confirm", {"once": str(uuid7())})
    assert page.status_code == 409
    assert state_of(booking) == "BOOKED" and used(at) == {"OPEN": 1}


def test_the_hold_of_another_is_neither_seen_nor_confirmed(
    doctor, patient, at_desk, acting_at, session
) -> None:
    at = session({OPEN: 1})
    booking = held(doctor, patient, at)
    stranger = acting_at(Role.REFERRAL_OFFICE, "stranger")
    is_a_problem(posted(stranger, f"bookings/{booking}/confirm", {}), 404, "capacity.no_such_booking")
    assert stranger.post(f"/bookings/{booking}/confirm", {"once": str(uuid7())}).status_code == 404
    host = acting_at(Role.REFERRAL_OFFICE)
    assert posted(host, f"bookings/{booking}/confirm", {})[0] == 403  # seen, but not theirs to decide
    assert state_of(booking) == "HELD"


def test_a_clock_ten_minutes_off_decides_nothing(doctor, patient, session) -> None:
    """Whoever sends a time of their own is refused; the hold ends by the database's clock."""
    at = session({OPEN: 1})
    slot, ahead = slot_of(at), (ledger.now() + timedelta(minutes=10)).isoformat()
    for name in ("made_at", "held_until", "now"):
        body = {"slot": str(slot), "resident": str(patient), "hold": True, name: ahead}
        assert posted(doctor, "bookings", body)[0] == 422
    behind = {"Date": "Thu, 01 Jan 1970 00:00:00 GMT"}
    answer = doctor.post(
        "/api/capacity/bookings",
        json.dumps({"slot": str(slot), "resident": str(patient), "hold": True}),
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid7()), **behind},
    )
    until = datetime.fromisoformat(json.loads(answer.content)["held_until"])
    assert timedelta(0) < until - ledger.now() < timedelta(minutes=10)
    booking = json.loads(answer.content)["id"]
    later(minutes=10)
    is_a_problem(posted(doctor, f"bookings/{booking}/confirm", {}), 409, "capacity.hold_lapsed")
    assert posted(doctor, "bookings", {"slot": str(slot), "resident": str(patient)})[0] == 201
    assert used(at) == {"OPEN": 1} and drift() == []


@pytest.mark.parametrize(
    "body",
    [
        {"slot": "no-uuid"},
        {"slot": "00000000-0000-0000-0000-000000000000"},
        {"resident": "00000000-0000-0000-0000-000000000000"},
        {"hold": "vielleicht"},
        {"channel": "FAMILY_DOCTOR"},
        {"institution": "00000000-0000-0000-0000-000000000000"},
    ],
)
def test_a_body_that_is_wrong_or_claims_a_channel_is_refused(doctor, patient, session, body) -> None:
    at = session({Channel.FAMILY_DOCTOR: 1, OPEN: 1})
    whole = {"slot": str(slot_of(at)), "resident": str(patient), **body}
    status, told = posted(doctor, "bookings", whole)
    assert status in {404, 422} and told["detail"] and told["way_on"]
    assert sum(Quota.objects.filter(session_id=at).values_list("used", flat=True)) == 0
