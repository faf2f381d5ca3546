"""The office's pages of places: the schedule, a session with its list, and the quotas of an area."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.integration.capacity.conftest import slot_of, used

from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import book
from tiercare.apps.capacity.models import Booking, Session
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event

from .capacity_desk import (
    FRAME,
    acting_at,
    given,
    hospital,
    office,
    register,
    registers,
    sent,
    session,
    site,
    text_of,
)
from .residents_desk import id_number

__all__ = ["acting_at", "given", "hospital", "office", "register", "registers", "session", "site"]  # fixtures

FAMILY, OPEN = Channel.FAMILY_DOCTOR, Channel.OPEN
NUMBERS = "一二三四五六七八九十"


# --- the board and a session -------------------------------------------------------------------------


def test_the_board_shows_how_full_each_session_is(office, hospital, register, session) -> None:
    key = session({FAMILY: 2, OPEN: 6})
    book(hospital.family_doctor, slot_id=slot_of(key), resident_id=register("王小明"))
    day = ledger.today() + timedelta(days=2)
    text = text_of(office.get("/capacity/schedule", {"day": day}))
    assert f"/capacity/sessions/{key}" in text and "<strong>1</strong>/8" in text and "预留余" in text
    assert "这一周还没有放号" in text_of(office.get("/capacity/schedule", {"day": day + timedelta(days=60)}))
    assert "没有这一种的场次" in text_of(office.get("/capacity/schedule", {"day": day, "kind": "BED"}))


def test_the_board_asks_once_however_many_sessions_there_are(
    office, hospital, session, django_assert_num_queries
) -> None:
    for _ in range(6):
        session({OPEN: 4})
    asked = {"day": (ledger.today() + timedelta(days=2)).isoformat()}
    office.get("/capacity/schedule", asked)
    with django_assert_num_queries(FRAME + 3):  # the sessions, the clock, the calendar
        office.get("/capacity/schedule", asked)


def test_a_session_shows_its_quotas_and_the_masked_list_and_leaves_a_record(
    office, hospital, register, session
) -> None:
    key = session({FAMILY: 2, OPEN: 6})
    resident = register("欧阳娜娜", phone="13877776666")
    book(hospital.family_doctor, slot_id=slot_of(key), resident_id=resident)
    text = text_of(office.get(f"/capacity/sessions/{key}"))
    assert "欧**娜" in text and "欧阳娜娜" not in text and "家庭医生转诊" in text
    assert "13877776666" not in text and "取消预约" in text
    assert "登记爽约" not in text and "签到" not in text.split("预约名单")[-1].split("</table>")[0]
    last = Event.objects.filter(kind="access.record_read").order_by("-sequence").first()
    assert last.payload["what"] == "bookings" and str(resident) in str(last.payload)


def test_a_session_asks_as_often_however_many_are_booked(
    office, hospital, register, session, django_assert_num_queries
) -> None:
    key = session({OPEN: 12})
    for number in range(2):
        book(hospital.family_doctor, slot_id=slot_of(key), resident_id=register(f"王{NUMBERS[number]}"))
    office.get(f"/capacity/sessions/{key}")
    with CaptureQueriesContext(connection) as two:
        office.get(f"/capacity/sessions/{key}")
    for number in range(2, 10):
        book(hospital.family_doctor, slot_id=slot_of(key), resident_id=register(f"王{NUMBERS[number]}"))
    with django_assert_num_queries(len(two)):
        office.get(f"/capacity/sessions/{key}")


def test_who_keeps_the_schedule_but_handles_no_bookings_sees_no_names(
    hospital, register, session, acting_at
) -> None:
    key = session({FAMILY: 2, OPEN: 6})
    book(hospital.family_doctor, slot_id=slot_of(key), resident_id=register("欧阳娜娜"))
    consortium = acting_at(Role.CONSORTIUM_OFFICE, "county_hospital")
    text = text_of(consortium.get(f"/capacity/sessions/{key}"))
    assert "欧**娜" not in text and "看数量，不看名单" in text and "各渠道的号" in text
    text_of(acting_at(Role.REFERRAL_OFFICE, "stranger").get(f"/capacity/sessions/{key}"), 403)
    text_of(acting_at(Role.PRIMARY_DOCTOR).get(f"/capacity/sessions/{key}"), 403)


def test_a_booking_is_cancelled_from_the_list(office, hospital, register, session) -> None:
    key = session({OPEN: 6})
    taken = book(hospital.family_doctor, slot_id=slot_of(key), resident_id=register("王小明"))
    acting = f"/capacity/sessions/{key}/turn"
    answer = office.post(acting, sent(booking=taken.booking_id, do="cancel"))
    assert answer.status_code == 302 and Booking.objects.count() == 0  # behind the wall
    assert used(key) == {"OPEN": 0}
    text = text_of(office.post(acting, sent(booking=taken.booking_id, do="cancel")), 409)
    assert "不能取消预约" in text and "各渠道的号" in text
    assert text_of(office.post(acting, sent(booking=taken.booking_id, do="stop")), 404)
    assert office.get(acting).status_code == 302


def test_places_are_lent_with_a_reason_or_refused_with_what_was_typed(office, session) -> None:
    key = session({FAMILY: 2, OPEN: 6})
    lending = f"/capacity/sessions/{key}/lend"
    some = {"source": "OPEN", "target": "REFERRAL", "units": "2"}
    refused = text_of(office.post(lending, sent(reason="", **some)), 422)
    assert "调剂要写明理由" in refused and re.search(
        r'<details class="adding" open><summary>.*?渠道之间调剂', refused
    )
    assert office.post(lending, sent(reason="转诊增多", **some)).status_code == 302
    assert used(key).keys() == {"FAMILY_DOCTOR", "OPEN", "REFERRAL"}
    assert "转诊增多" in text_of(office.get(f"/capacity/sessions/{key}"))
    many = sent(reason="转诊增多", **(some | {"units": "90"}))
    assert "没有 90 个未用的号" in text_of(office.post(lending, many), 409)


def test_a_session_is_stopped_and_the_board_says_so(office, hospital, register, session) -> None:
    key = session({OPEN: 6})
    book(hospital.family_doctor, slot_id=slot_of(key), resident_id=register("王小明"))
    stopping = f"/capacity/sessions/{key}/stop"
    assert "要写明原因" in text_of(office.post(stopping, sent(reason=" ", how="tell")), 422)
    assert office.post(stopping, sent(reason="医师参加抢救", how="tell")).status_code == 302
    text = text_of(office.get(f"/capacity/sessions/{key}"))
    assert "停诊原因：医师参加抢救" in text and "因停诊取消" in text and "停诊并通知" not in text
    board = office.get("/capacity/schedule", {"day": (ledger.today() + timedelta(days=2)).isoformat()})
    assert "block-stopped" in text_of(board)


def test_another_physician_takes_over(office, registers, session) -> None:
    key = session({OPEN: 6})
    acting = f"/capacity/sessions/{key}/substitute"
    assert "登记中没有" in text_of(office.post(acting, sent(clinician="查无此人", reason="进修")), 422)
    assert office.post(acting, sent(clinician="stsl", reason="进修")).status_code == 302
    assert Session.objects.get(id=key).clinician_id == registers["second"]


def test_walk_ins_are_allowed_beside_the_offer(office, session) -> None:
    key = session({OPEN: 6})
    office.post(f"/capacity/sessions/{key}/extra", sent(channel="WALK_IN", units="3", reason="流感季"))
    text = text_of(office.get(f"/capacity/sessions/{key}"))
    assert "另计" in text and "现场" in text


# --- the quotas of an area ---------------------------------------------------------------------------


def test_the_quota_board_shows_each_hospitals_day(client_of: Callable[..., Client], office, session) -> None:
    session({FAMILY: 3, OPEN: 5})
    asked = {"day": (ledger.today() + timedelta(days=2)).isoformat()}
    for client in (client_of(Role.COMMISSION), office):
        text = text_of(client.get("/capacity/quotas", asked))
        assert "门诊号源" in text and "专家号源" in text and ">8<" in text
    assert "还没有医院放号" in text_of(office.get("/capacity/quotas"))
    text_of(client_of(Role.OPERATOR).get("/capacity/quotas"), 403)
    assert "不是可用的日期" in text_of(office.get("/capacity/quotas", {"day": "soup"}), 422)


def test_numbers_of_residents_are_looked_up_for_walk_ins(office, session) -> None:
    key = session({OPEN: 6})
    asked = office.post(f"/capacity/sessions/{key}/walk-in", sent(number=id_number(sequence=333)))
    assert asked.status_code in {404, 409, 422} and "各渠道的号" in asked.content.decode()
