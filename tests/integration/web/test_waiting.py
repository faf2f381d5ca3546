"""Waiting lists and objections as desks and residents meet them, and that whoever is turned away is counted."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import appeal, book, offer_next, turn, wait
from tiercare.apps.capacity.models import Appeal, Booking, Slot, TurnedAway, Waiting
from tiercare.apps.capacity.queries import ours
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.rules.waiting import Urgency
from tiercare.apps.capacity.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.ids import uuid7

from ..capacity.conftest import hospital, later, session, slot_of, synthetic_clock
from ..capacity.test_absence import missed
from ..capacity.test_for_wards import child, mother
from ..capacity.test_waiting import full
from ..residents.conftest import given, register, site
from .residents_desk import at_desk, page_of
from .test_me import of

__all__ = [
    "at_desk",
    "child",
    "full",
    "given",
    "hospital",
    "missed",
    "mother",
    "of",
    "register",
    "session",
    "site",
    "synthetic_clock",
]
OPEN = Channel.OPEN


def sent(**more: str) -> dict[str, str]:
    today = ledger.today()
    return {
        "once": str(uuid7()),
        "first": today.isoformat(),
        "last": (today + timedelta(days=9)).isoformat(),
    } | more


def entry_of(hospital, resident: UUID) -> Waiting:
    with scoped(hospital.office):
        return Waiting.objects.get(resident_id=resident)


def put(hospital, pool, resident: UUID, urgency: Urgency = Urgency.ROUTINE) -> UUID:
    today = ledger.today()
    return wait(
        hospital.family_doctor,
        pool_id=pool.id,
        resident_id=resident,
        first=today,
        last=today + timedelta(days=9),
        urgency=urgency,
    )


def freed(hospital, full) -> None:
    """The only place comes free and is offered to the first in line."""
    turn(hospital.family_doctor, booking_id=full[2].booking_id, act=Act.CANCEL)
    assert offer_next(full[1]) == 1


def test_where_nothing_is_free_one_is_put_on_the_list(at_desk, hospital, full, register) -> None:
    pool, resident, doctor = full[0], register(), at_desk(Role.PRIMARY_DOCTOR)
    asked = {"q": "心血管", "go": "1", "far": "120"}
    places = page_of(doctor.get(f"/residents/{resident}/book", asked, HTTP_HX_REQUEST="true"))
    address = f"/residents/{resident}/wait/{pool.id}"
    assert "没有心血管内科专业的余号" in places or address in places
    assert address in places
    assert address in page_of(doctor.get(f"/residents/{resident}/book/{full[1]}"))
    form = page_of(doctor.get(address))
    assert "王小明" in form and "紧急" in form
    wrong = page_of(doctor.post(address, sent(last="2020-01-01", urgency="SOON")), 422)
    assert "请重新选择日期" in wrong and 'value="2020-01-01"' in wrong
    assert doctor.post(address, sent(urgency="SOON")).status_code == 302
    assert entry_of(hospital, resident).urgency == Urgency.SOON
    page = page_of(doctor.get("/waiting"))
    assert "王*明" in page and "第一位" in page and "尽快" in page and "王小明" not in page
    again = page_of(doctor.post(address, sent()), 409)
    assert "已在这里候补" in again


def test_a_desk_is_not_asked_how_urgent_it_is(at_desk, hospital, full, register) -> None:
    resident, desk = register(), at_desk(Role.REGISTRAR)
    address = f"/residents/{resident}/wait/{full[0].id}"
    assert "由您评估" not in page_of(desk.get(address))
    desk.post(address, sent(urgency="EMERGENCY"))
    assert entry_of(hospital, resident).urgency == Urgency.ROUTINE


def test_the_host_sees_its_line_with_the_reasons_and_nobody_else_does(
    at_desk, hospital, full, register
) -> None:
    pool = full[0]
    put(hospital, pool, register("王小明"))
    put(hospital, pool, register("李小红"), Urgency.URGENT)
    address = f"/waiting/pools/{pool.id}"
    host = at_desk(Role.REGISTRAR, "county_hospital")
    page = page_of(host.get(address))
    assert page.index("李*红") < page.index("王*明") and "医生评估为“紧急”" in page
    assert "2 人候补" in page_of(host.get("/waiting"))
    for place in ("township", "stranger"):
        page_of(at_desk(Role.REGISTRAR, place).get(address), 404)
    turn(hospital.family_doctor, booking_id=full[2].booking_id, act=Act.CANCEL)
    assert host.post(f"{address}/offer", {"once": str(uuid7())}).status_code == 302
    page = page_of(host.get(address))
    assert "已通知，等确认" in page and "前确认" in page


def test_taking_somebody_off_leads_back_to_where_it_was_asked(at_desk, hospital, full, register) -> None:
    pool, host = full[0], at_desk(Role.REGISTRAR, "county_hospital")
    entry = put(hospital, pool, register())
    answer = host.post(f"/waiting/{entry}/withdraw", {"once": str(uuid7()), "pool": str(pool.id)})
    assert answer.status_code == 302 and answer.headers["Location"].startswith(f"/waiting/pools/{pool.id}?")
    page_of(host.post(f"/waiting/{entry}/withdraw", {"once": str(uuid7())}), 404)


def test_a_resident_waits_sees_the_place_in_line_and_confirms_in_one_tap(
    of, hospital, full, register
) -> None:
    pool, first, me = full[0], register("李小红"), register("王小明")
    ahead = put(hospital, pool, first)
    own = of(me)
    assert own.post(f"/me/waiting/new/{pool.id}", sent()).status_code == 302
    page = page_of(own.get("/me/bookings"))
    assert "前面还有 1 人" in page and "李" not in page
    freed(hospital, full)
    other = of(first)
    assert "您候补的号有了" in page_of(other.get("/me/bookings"))
    assert other.post(f"/me/waiting/{ahead}/decline", {"once": str(uuid7())}).status_code == 302
    assert "已放弃这个号" in page_of(other.get("/me/bookings"))
    assert offer_next(full[1]) == 1
    mine = entry_of(hospital, me)
    page = page_of(own.get("/me/bookings"))
    assert "您候补的号有了" in page and "过时给下一位" in page
    answer = own.post(f"/me/waiting/{mine.id}/confirm", {"once": str(uuid7())})
    assert answer.headers["Location"] == f"/me/bookings/{mine.booking_id}"
    assert "已预约" in page_of(own.get(answer.headers["Location"]))
    with scoped(hospital.desk):
        assert Booking.objects.get(id=mine.booking_id).state == "BOOKED"


def test_too_late_is_said_kindly_and_a_strangers_entry_is_none(of, hospital, full, register) -> None:
    pool, me = full[0], register("王小明")
    entry = put(hospital, pool, me)
    freed(hospital, full)
    stranger = of(register("李小红"))
    page_of(stranger.post(f"/me/waiting/{entry}/confirm", {"once": str(uuid7())}), 404)
    page_of(stranger.post(f"/me/waiting/{entry}/withdraw", {"once": str(uuid7())}), 404)
    later(minutes=ours.number("waiting_offer_minutes", hospital.id, on=ledger.today()))
    own = of(me)
    page = page_of(own.post(f"/me/waiting/{entry}/confirm", {"once": str(uuid7())}), 409)
    assert "占号时间已过" in page
    assert "逾期未确认" in page_of(own.get("/me/bookings"))


def test_a_mother_has_pages_for_her_child(of, hospital, session, mother, child) -> None:
    at = session({OPEN: 2})
    own = of(mother.resident_id)
    assert f"/me/of/{child}/bookings" in page_of(own.get("/me/family"))
    pages = f"/me/of/{child}/bookings"
    answer = own.post(f"{pages}/new/{at}", {"once": str(uuid7()), "slot": str(slot_of(at))})
    assert answer.status_code == 302 and answer.headers["Location"].startswith(pages)
    held = answer.headers["Location"]
    assert own.post(f"{held}/confirm", {"once": str(uuid7())}).status_code == 302
    assert "您正在看家人的页面" in page_of(own.get(held)) and held in page_of(own.get(pages))
    assert held.rpartition("/")[2] not in page_of(own.get("/me/bookings"))
    page_of(own.get(held.replace(f"/of/{child}", "")), 404)  # it is the child's, not hers
    with scoped(hospital.desk):
        assert Booking.objects.get().resident_id == child


def test_a_stranger_has_none_of_them(of, hospital, session, mother, child, register) -> None:
    at = session({OPEN: 2})
    booking = book(mother, slot_id=slot_of(at), resident_id=child).booking_id
    stranger = of(register("赵小丽"))
    pages = f"/me/of/{child}"
    for address in ("bookings", "bookings/new", f"bookings/new/{at}", f"bookings/{booking}", "messages"):
        page_of(stranger.get(f"{pages}/{address}"), 403)
    pool = Slot.objects.get(id=slot_of(at)).session.pool_id
    for address in (f"bookings/{booking}/cancel", f"bookings/{booking}/appeal", f"waiting/new/{pool}"):
        page_of(stranger.post(f"{pages}/{address}", sent(words="示例")), 403)
    page_of(stranger.post(f"/me/bookings/{booking}/cancel", {"once": str(uuid7())}), 404)
    with scoped(hospital.desk):
        assert Booking.objects.get().state == "BOOKED" and not Waiting.objects.exists()


def test_a_pause_is_said_before_they_try_and_an_objection_lifts_it(of, at_desk, hospital, missed) -> None:
    resident, bookings = missed
    own = of(resident)
    page = page_of(own.get("/me/bookings"))
    assert "自助预约暂停到" in page and "急需就诊" in page
    booking = f"/me/bookings/{bookings[0]}"
    assert "为什么没有来" in page_of(own.get(booking))
    wordless = page_of(own.post(f"{booking}/appeal", {"once": str(uuid7()), "words": "字" * 300}), 422)
    assert "请写明原因" in wordless and "字" * 300 in wordless
    own.post(f"{booking}/appeal", {"once": str(uuid7()), "words": "当天住院抢救"})
    assert "等待答复" in page_of(own.get(booking))
    office = at_desk(Role.REGISTRAR, "county_hospital")
    page = page_of(office.get("/absences"))
    assert "当天住院抢救" in page and "王*明" in page and f"共有 {len(bookings)} 次没有来" in page
    with scoped(hospital.office):
        key = Appeal.objects.get().id
    empty = {"once": str(uuid7()), "answer": " ", "decision": "excused"}
    assert "请写明原因" in page_of(office.post(f"/absences/{key}", empty), 422)
    assert "当天住院抢救" not in page_of(at_desk(Role.REGISTRAR).get("/absences"))
    sent_by = {"once": str(uuid7()), "answer": "情况属实，保重身体", "decision": "excused"}
    page_of(at_desk(Role.REGISTRAR).post(f"/absences/{key}", sent_by), 404)
    assert office.post(f"/absences/{key}", sent_by).status_code == 302
    assert "情况属实" in page_of(office.get("/absences?answered=1"))
    assert "情况属实，保重身体" in page_of(own.get(booking)) and "已谅解" in page_of(own.get(booking))
    assert "自助预约暂停" not in page_of(own.get("/me/bookings"))


def test_upheld_it_stays_counted(of, at_desk, hospital, missed) -> None:
    resident, bookings = missed
    key = appeal(hospital.site.resident(resident), booking_id=bookings[0], words="忘了")
    office = at_desk(Role.REGISTRAR, "county_hospital")
    office.post(f"/absences/{key}", {"once": str(uuid7()), "answer": "请提前取消", "decision": "upheld"})
    own = of(resident)
    page = page_of(own.get(f"/me/bookings/{bookings[0]}"))
    assert "维持登记" in page and "请提前取消" in page
    assert "自助预约暂停" in page_of(own.get("/me/bookings"))


def api(client: Client, address: str, **body: object):
    return client.post(
        f"/api/capacity/{address}",
        json.dumps(body, default=str),
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid7())},
    )


@pytest.mark.parametrize("way", ["page", "own page", "api", "move on a page", "move by api"])
def test_whoever_is_turned_away_is_counted_once_whichever_way_they_came(
    at_desk, of, hospital, session, full, register, way: str
) -> None:
    at, resident = full[1], register("王小明")
    doctor = at_desk(Role.PRIMARY_DOCTOR)
    slot = {"once": str(uuid7()), "slot": str(slot_of(at))}
    if "move" in way:
        there = book(
            hospital.family_doctor, slot_id=slot_of(session({OPEN: 1}, days=4)), resident_id=resident
        )
    ways = {
        "page": lambda: doctor.post(f"/residents/{resident}/book/{at}", slot),
        "own page": lambda: of(resident).post(f"/me/bookings/new/{at}", slot),
        "api": lambda: api(doctor, "bookings", slot=slot_of(at), resident=resident),
        "move on a page": lambda: doctor.post(f"/bookings/{there.booking_id}/move", slot),
        "move by api": lambda: api(doctor, f"bookings/{there.booking_id}/move", slot=slot_of(at)),
    }
    assert ways[way]().status_code == 409
    assert list(TurnedAway.objects.values_list("session_id", "outcome")) == [(at, "full")]


def test_waiting_and_objecting_through_the_api(at_desk, of, hospital, full, register, missed) -> None:
    pool, (absent, bookings), me = full[0], missed, register("赵小丽")
    doctor = at_desk(Role.PRIMARY_DOCTOR)
    host = at_desk(Role.REGISTRAR, "county_hospital")
    days = {"first": ledger.today(), "last": ledger.today()}
    made = api(doctor, "waiting", pool=pool.id, resident=me, urgency="URGENT", **days)
    assert made.status_code == 201
    key = made.json()["id"]
    assert api(doctor, "waiting", pool=pool.id, resident=me, **days).status_code == 409
    (item,) = host.get("/api/capacity/waiting", {"pool": str(pool.id)}).json()["items"]
    assert (item["id"], item["urgency"], item["resident"]) == (key, "URGENT", str(me))
    (item,) = of(me).get("/api/capacity/waiting").json()["items"]
    assert item["ahead"] == 0
    assert [each["id"] for each in doctor.get("/api/capacity/waiting").json()["items"]] == [key]
    assert api(host, "waiting/offer", pool=pool.id).json() == {"offered": 0}
    assert api(doctor, "waiting/offer", pool=pool.id).status_code == 403
    assert api(doctor, f"waiting/{key}/withdraw").json()["state"] == "WITHDRAWN"
    said = api(of(absent), "appeals", booking=bookings[0], words="当天住院抢救")
    assert said.status_code == 201
    (item,) = host.get("/api/capacity/appeals").json()["items"]
    assert item["words"] == "当天住院抢救" and len(item["missed"]) == len(bookings)
    decided = api(host, f"appeals/{item['id']}/decide", excused=True, answer="情况属实")
    assert decided.json()["state"] == "EXCUSED"
    assert host.get("/api/capacity/appeals").json()["items"] == []
