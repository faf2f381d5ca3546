"""Booking as desks and residents meet it: from a resident's page to a slip, moved, checked in, and refused."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlparse
from uuid import UUID

import pytest
from django.test import Client
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import book
from tiercare.apps.capacity.models import Booking, Pool
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.residents import commands
from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.models import ResponsibleDoctor
from tiercare.kernel.ids import uuid7

from ..capacity.conftest import HOLD, hospital, later, session, slot_of, synthetic_clock, used
from ..residents.conftest import given, register, site
from .residents_desk import at_desk, page_of
from .test_me import of

__all__ = ["at_desk", "given", "hospital", "of", "register", "session", "site", "synthetic_clock"]

FAMILY, MEMBER, OPEN = Channel.FAMILY_DOCTOR, Channel.MEMBER, Channel.OPEN
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def patient(hospital, register) -> UUID:
    """A resident for whom the township's doctor answers."""
    key = register("王小明")
    with scoped(hospital.family_doctor):
        ResponsibleDoctor.objects.create(
            resident_id=key,
            institution_id=hospital.site.township,
            doctor_name="示例医生",
            source="test",
            period=DateRange(ledger.today(), None),
        )
    return key


@pytest.fixture
def doctor(at_desk) -> Client:
    """The township's doctor."""
    return at_desk(Role.PRIMARY_DOCTOR)


def places_of(client: Client, resident: UUID, **asked: str) -> str:
    """The list of places for what was typed."""
    return page_of(client.get(f"/residents/{resident}/book", {"go": "1", "far": "120", **asked}, **HTMX))


def hold(client: Client, resident: UUID, at: UUID, **sent: str):
    sent = {"once": str(uuid7()), "slot": str(slot_of(at))} | sent
    return client.post(f"/residents/{resident}/book/{at}", sent)


def held(client: Client, resident: UUID, at: UUID) -> str:
    """The address of a booking that was just held."""
    answer = hold(client, resident, at)
    assert answer.status_code == 302, answer.content.decode()[-1500:]
    return urlparse(answer.headers["Location"]).path


def act(client: Client, address: str, what: str, **sent: str):
    return client.post(f"{address}/{what}", {"once": str(uuid7())} | sent)


def stand(resident: UUID, hospital) -> list[str]:
    with scoped(hospital.desk):
        return list(
            Booking.objects.filter(resident_id=resident).order_by("id").values_list("state", flat=True)
        )


def test_a_few_letters_find_the_first_place_and_say_for_whom_it_is_kept(
    doctor, patient, hospital, session
) -> None:
    at = session({FAMILY: 2, OPEN: 3})
    page = page_of(doctor.get(f"/residents/{patient}"))
    assert f"/residents/{patient}/book" in page
    page = page_of(doctor.get(f"/residents/{patient}/book"))
    assert "王小明" in page and re.search(r'id="q"[^>]*autofocus', page)
    for typed in ("心血管", "xxg", "03.04"):
        found = places_of(doctor, patient, q=typed)
        assert f"/residents/{patient}/book/{at}" in found, typed
        assert "家庭医生转诊预留 2" in found and "公开号源 3" in found
        assert re.search(r"booking-hit[^>]*autofocus", found)
    assert "没有机构放出这个科室的号" in places_of(doctor, patient, q="qqq")
    assert "王小明" not in found


def test_hold_confirm_and_the_slip_with_its_code(doctor, patient, hospital, session) -> None:
    at = session({FAMILY: 1, OPEN: 1})
    Pool.objects.update(details={"preparation": "带上以前的心电图"})
    slots = page_of(doctor.get(f"/residents/{patient}/book/{at}", **HTMX))
    assert str(slot_of(at)) in slots and "由本机构的家庭医生负责" in slots
    address = held(doctor, patient, at)
    page = page_of(doctor.get(address))
    seconds = re.search(r'data-seconds="(\d+)"', page)
    assert seconds is not None and 0 < int(seconds[1]) <= HOLD.total_seconds()
    assert "王小明" in page and "占号中" in page and used(at) == {"FAMILY_DOCTOR": 1, "OPEN": 0}
    assert act(doctor, address, "confirm").status_code == 302
    slip = page_of(doctor.get(f"{address}/slip"))
    assert "王*明" in slip and "王小明" not in slip and "带上以前的心电图" in slip and 'class="qr"' in slip
    assert stand(patient, hospital) == ["BOOKED"]


def test_a_form_sent_twice_holds_one_place(doctor, patient, hospital, session) -> None:
    at, key = session({OPEN: 5}), str(uuid7())
    first, again = (hold(doctor, patient, at, once=key) for _ in range(2))
    assert first.headers["Location"] == again.headers["Location"]
    assert stand(patient, hospital) == ["HELD"]


def test_the_loser_of_a_race_gets_the_nearest_others_in_place(
    doctor, patient, hospital, session, register
) -> None:
    at, near = session({OPEN: 1}), session({OPEN: 1}, days=3)
    book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register("李小红"))
    answer = hold(doctor, patient, at)
    page = page_of(answer, 409)
    assert "这个时段刚刚约满" in page and str(slot_of(near)) in page and "王小明" in page
    taken = hold(doctor, patient, at, slot=str(slot_of(near)))
    assert taken.status_code == 302 and used(near) == {"OPEN": 1}


def test_a_hold_that_ran_out_is_said_and_leads_on(doctor, patient, session) -> None:
    address = held(doctor, patient, session({OPEN: 1}))
    later(seconds=HOLD.total_seconds())
    page = page_of(act(doctor, address, "confirm"), 409)
    assert "占号时间已过" in page and "占号过期" in page and "再约一次" in page


def test_moving_gives_the_old_place_back_and_cancelling_the_new_one(
    doctor, patient, hospital, session, of
) -> None:
    at = session({OPEN: 4}, by_time=60)
    address = held(doctor, patient, at)
    act(doctor, address, "confirm")
    page = page_of(doctor.get(f"{address}/move"))
    others = [each for each in re.findall(r'name="slot" value="([^"]+)"', page) if each != str(slot_of(at))]
    answer = doctor.post(f"{address}/move", {"once": str(uuid7()), "slot": others[0]})
    moved = urlparse(answer.headers["Location"]).path
    assert stand(patient, hospital) == ["MOVED", "BOOKED"] and used(at) == {"OPEN": 1}
    assert act(doctor, moved, "cancel", reason="家里有事").status_code == 302
    assert stand(patient, hospital) == ["MOVED", "CANCELLED"] and used(at) == {"OPEN": 0}
    told = page_of(of(patient).get("/me/messages"))
    assert "的预约已改到" in told and "的预约已取消。家里有事" in told


def test_the_worklist_by_day_and_state_shows_masked_names_and_is_recorded(
    doctor, patient, hospital, session
) -> None:
    doctor.get(held(doctor, patient, session({OPEN: 4})))
    coming = page_of(doctor.get("/bookings?when=coming"))
    assert "王*明" in coming and "王小明" not in coming and "占号中" in coming
    assert "王*明" not in page_of(doctor.get("/bookings?when=today"))
    assert "没有符合条件的预约" in page_of(doctor.get("/bookings?when=coming&state=NO_SHOW"))
    assert page_of(doctor.get("/bookings?when=x&side=x&state=x&kind=x&page=-7&session=x"))
    with scoped(hospital.family_doctor):
        what = [each.payload["what"] for each in ledger.readings([patient], limit=20)]
    assert "bookings" in what and "booking" in what


def test_at_the_host_a_slip_checks_in_and_nobody_else_does(
    doctor, at_desk, patient, hospital, session
) -> None:
    address = held(doctor, patient, session({OPEN: 4}, days=1))
    act(doctor, address, "confirm")
    later(days=1)
    code = address.rpartition("/")[2].upper()
    host, elsewhere = at_desk(Role.REGISTRAR, "county_hospital"), at_desk(Role.REGISTRAR, "stranger")
    page = page_of(host.post("/bookings/desk", {"text": f"{code}\n"}))
    assert "王*明" in page and "签到" in page
    assert "没有这条预约" in page_of(elsewhere.post("/bookings/desk", {"text": code}), 404)
    assert "只有接诊机构" in page_of(doctor.post("/bookings/desk", {"text": code}), 403)
    done = host.post(f"/bookings/desk/{code.lower()}", {"once": str(uuid7())})
    assert urlparse(done.headers["Location"]).path == "/bookings/desk"
    assert stand(patient, hospital) == ["ARRIVED"]
    assert "今天在本机构" not in page_of(host.get("/bookings/desk"))


def test_a_card_at_the_desk_finds_todays_booking(doctor, at_desk, patient, hospital, session) -> None:
    address = held(doctor, patient, session({OPEN: 4}, days=1))
    act(doctor, address, "confirm")
    commands.issue_card(hospital.site.actor(Role.REGISTRAR), patient)
    later(days=1)
    host = at_desk(Role.REGISTRAR, "county_hospital")
    token = residents.show_token(hospital.site.resident(patient))
    page = page_of(host.post("/bookings/desk", {"text": token}, **HTMX))
    assert address.rpartition("/")[2] in page and "签到" in page
    nobody = page_of(host.post("/bookings/desk", {"text": "扫错了"}), 422)
    assert 'role="alert"' in nobody


def test_a_stranger_opens_neither_the_record_nor_the_booking(
    doctor, at_desk, patient, hospital, session
) -> None:
    at = session({OPEN: 4})
    address = held(doctor, patient, at)
    stranger = at_desk(Role.CLINICIAN, "stranger")
    assert stranger.get(f"/residents/{patient}/book").status_code == 403
    assert stranger.get(f"/residents/{patient}/book?q=xxg", **HTMX).status_code == 403
    assert hold(stranger, patient, at).status_code == 403
    for path in ("", "/slip", "/move"):
        assert stranger.get(f"{address}{path}").status_code == 404
    assert act(stranger, address, "cancel").status_code == 404
    assert act(doctor, address, "explode").status_code == 404
    host = at_desk(Role.REGISTRAR, "county_hospital")
    page = page_of(host.get(address))
    assert "王*明" in page and "王小明" not in page


def test_a_resident_books_sees_moves_and_cancels_on_their_own(patient, hospital, session, of) -> None:
    at = session({FAMILY: 1, OPEN: 3}, by_time=60)
    me = of(patient)
    assert "没有要去的预约" in page_of(me.get("/me/bookings"))
    found = page_of(me.get("/me/bookings/new", {"q": "xxg", "go": "1", "far": "120"}))
    assert f"/me/bookings/new/{at}" in found and "余 3" in found
    assert str(slot_of(at)) in page_of(me.get(f"/me/bookings/new/{at}"))
    sent = {"once": str(uuid7()), "slot": str(slot_of(at))}
    address = me.post(f"/me/bookings/new/{at}", sent).headers["Location"]
    assert "核对并确认" in page_of(me.get(address))
    assert act(me, address, "confirm").status_code == 302
    assert 'class="qr"' in page_of(me.get(address)) and address in page_of(me.get("/me/bookings"))
    page = page_of(me.get(f"{address}/move"))
    others = [each for each in re.findall(r'name="slot" value="([^"]+)"', page) if each != str(slot_of(at))]
    moved = me.post(f"{address}/move", {"once": str(uuid7()), "slot": others[0]}).headers["Location"]
    assert act(me, moved, "cancel").status_code == 302
    assert act(me, moved, "arrive").status_code == 404
    assert stand(patient, hospital) == ["MOVED", "CANCELLED"] and used(at)["OPEN"] == 0
    told = page_of(me.get("/me/messages"))
    assert "的预约已改到" in told and "已取消" not in told


def test_a_resident_does_not_reach_the_bookings_of_another(
    doctor, patient, hospital, session, register, of
) -> None:
    address = held(doctor, patient, session({OPEN: 3}))
    other = of(register("李小红"))
    key = address.rpartition("/")[2]
    assert other.get(f"/me/bookings/{key}").status_code == 404
    assert act(other, f"/me/bookings/{key}", "cancel").status_code == 404
    assert other.get("/bookings").headers["Location"] == "/me"
    assert key not in page_of(other.get("/me/bookings"))


def test_another_session_of_the_pool_is_a_click_away(doctor, patient, hospital) -> None:
    pool = hospital.pool()
    first, second = (
        hospital.offer(hospital.planned(pool, days=days, capacity=3)).session_ids[0] for days in (2, 4)
    )
    page = page_of(doctor.get(f"/residents/{patient}/book/{first}"))
    assert f"/residents/{patient}/book/{second}" in page
    tomorrow = (ledger.today() + timedelta(days=3)).isoformat()
    found = places_of(doctor, patient, q="xxg", **{"from": tomorrow})
    assert str(second) in found and str(first) not in found


def test_an_examination_is_found_by_its_item(doctor, patient, hospital) -> None:
    found = {}
    for code, item in (("ct", "CT 平扫"), ("mr", "磁共振平扫")):
        pool = hospital.pool(code, kind="EXAM", grade="EXAM", item=item, specialty_code="32")
        (found[item],) = hospital.offer(hospital.planned(pool, capacity=2, units={OPEN: 2})).session_ids
    for typed, item, other in (
        ("ct平", "CT 平扫", "磁共振平扫"),
        ("cgzps", "磁共振平扫", "CT 平扫"),
        ("磁共振", "磁共振平扫", "CT 平扫"),
    ):
        page = places_of(doctor, patient, q=typed, kind="EXAM")
        assert f"/book/{found[item]}" in page and f"/book/{found[other]}" not in page, typed
    whole = places_of(doctor, patient, kind="EXAM", specialty="32")
    assert all(f"/book/{key}" in whole for key in found.values())
    chip = places_of(doctor, patient, kind="EXAM", specialty="32|CT 平扫")
    assert f"/book/{found['磁共振平扫']}" not in chip and 'aria-pressed="true">CT 平扫' in chip
