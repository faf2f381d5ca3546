"""Writing a referral as doctors meet it: started from the record, kept while it is typed, sent with a place, and refused."""

from __future__ import annotations

import json
import re
from urllib.parse import urlparse

import pytest

from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import book
from tiercare.apps.capacity.models import Booking
from tiercare.apps.referrals.queries import package_of
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

from ..capacity.conftest import HOLD, hospital, later, session, slot_of, synthetic_clock, used
from ..residents.conftest import given, register, site
from .referrals_desk import (
    FAMILY,
    HTMX,
    OPEN,
    SAVE,
    SEND,
    begin,
    doctor,
    hold,
    of_form,
    patient,
    row_of,
    scoped_all,
    write,
)
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


def test_from_the_patient_page_it_is_prefilled_with_why_and_how_urgent(
    doctor, patient, hospital, session
) -> None:
    session({FAMILY: 2, OPEN: 3})
    page = page_of(doctor.get(f"/residents/{patient}"))
    assert f"/residents/{patient}/refer/up" in page and f"/residents/{patient}/book" in page
    address = begin(doctor, patient)
    page = page_of(doctor.get(address))
    assert "王小明" in page and "原发性高血压" in page and "I10" in page
    assert "收缩压 ≥" in page and "国家基层高血压防治管理指南" in page
    assert re.search(rf'name="to" value="{hospital.id}"[^>]*checked', page)
    assert "本医联体牵头医院" in page and "最早有号" in page
    assert "氨氯地平片" in page and re.search(r'name="with-drugs"[^>]*checked', page)
    assert f"{address.rpartition('/')[0]}/hold" in page
    lines = page_of(doctor.get(f"/residents/{patient}/referrals", **HTMX))
    assert address in lines and "接着写" in lines


def test_what_is_typed_is_kept_and_kept_once(doctor, patient) -> None:
    address = begin(doctor, patient)
    sent = write(doctor, address, reason="头晕，血压控制不好", once=str(uuid7()))
    first, again = (doctor.post(address, sent, **SAVE) for _ in range(2))
    assert first.status_code == 200 and first.content == again.content
    told = json.loads(first.content)
    assert told["version"] == int(sent["version"]) + 1 and re.fullmatch(r"\d\d:\d\d", told["at"])
    row = row_of(address)
    assert row.payload["reason"] == "头晕，血压控制不好" and row.version == told["version"]
    assert "头晕，血压控制不好" in page_of(doctor.get(address))


def test_two_who_write_at_once_are_told(doctor, patient) -> None:
    address = begin(doctor, patient)
    sent = write(doctor, address)
    assert doctor.post(address, sent | {"once": str(uuid7()), "reason": "甲"}, **SAVE).status_code == 200
    late = doctor.post(address, sent | {"once": str(uuid7()), "reason": "乙"}, **SAVE)
    assert late.status_code == 412 and "已有新的进展" in json.loads(late.content)["refusals"][0]["sentence"]
    assert row_of(address).payload["reason"] == "甲"


def test_a_place_is_held_once_and_booked_with_the_sending(doctor, patient, hospital, session) -> None:
    at = session({FAMILY: 2, OPEN: 3})
    address, key = begin(doctor, patient), str(uuid7())
    for _ in range(2):
        page = page_of(hold(doctor, address, at, key))
    seconds = re.search(r'data-countdown="(\d+)"', page)
    assert seconds is not None and 0 < int(seconds[1]) <= HOLD.total_seconds()
    assert sum(used(at).values()) == 1 and 'hx-swap-oob="true"' in page
    sent = write(doctor, address, reason="请协助调整用药")
    answer = doctor.post(address, sent, **SEND)
    assert answer.status_code == 200, answer.content.decode()[-1500:]
    assert json.loads(answer.content)["location"].startswith(f"/requests/{row_of(address).id}")
    again = doctor.post(address, sent, **SEND)
    assert again.content == answer.content
    row = row_of(address)
    assert (row.state, row.to_institution) == ("SUBMITTED", hospital.id)
    with scoped_all():
        assert list(Booking.objects.filter(resident_id=patient).values_list("state", flat=True)) == ["BOOKED"]
    assert urlparse(doctor.get(address).headers["Location"]).path == f"/requests/{row.id}"


def test_a_hold_that_ran_out_is_said_and_the_nearest_offered(
    doctor, patient, hospital, session, synthetic_clock
) -> None:
    at = session({OPEN: 2})
    near = session({OPEN: 2}, days=3)
    address = begin(doctor, patient)
    page_of(hold(doctor, address, at))
    later(seconds=HOLD.total_seconds() + 1)
    page = page_of(doctor.get(f"{address.rpartition('/')[0]}/places", **HTMX))
    assert "已超时释放" in page and str(slot_of(near)) in page
    sent = write(doctor, address, reason="请协助调整用药")
    refused = page_of(doctor.post(address, sent, **SEND), 409)
    assert "已超时释放" in refused and "请协助调整用药" in refused
    sent = of_form(refused) | {"without_place": "1"}
    assert doctor.post(address, sent, **SEND).status_code == 200
    assert row_of(address).booking_id is None


def test_the_loser_of_a_race_is_offered_others(doctor, patient, hospital, session, register) -> None:
    at, near = session({OPEN: 1}), session({OPEN: 1}, days=3)
    book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register("李小红"))
    page = page_of(hold(doctor, begin(doctor, patient), at))
    assert "刚刚约满" in page and str(slot_of(near)) in page


def test_without_a_problem_or_a_reason_it_is_refused_beside_the_fields(doctor, patient, hospital) -> None:
    address = begin(doctor, patient)
    sent = write(doctor, address, reason="", problem="")
    page = page_of(doctor.post(address, sent, **SEND), 422)
    assert 'id="problem-error"' in page or "还没有写主要问题" in page
    sent = write(doctor, address, reason="")
    page = page_of(doctor.post(address, sent, **SEND), 422)
    assert 'id="reason-error"' in page and "还没有写转诊理由" in page and 'href="#reason"' in page
    assert row_of(address).state == "DRAFT"


def test_an_answer_to_what_is_missing_changes_what_holds(doctor, patient) -> None:
    address = begin(doctor, patient)
    sent = write(doctor, address)
    assert any(name.startswith("fact-") for name in sent) or "再知道这些" in page_of(doctor.get(address))
    page = page_of(
        doctor.post(
            f"{address.rpartition('/')[0]}/criteria", sent | {"fact-consciousness_change": "yes"}, **HTMX
        )
    )
    assert "HT-E-1" in page and "急危重" in page
    assert row_of(address).payload.get("observed") in ({}, None)


def test_an_emergency_needs_two_fields_and_the_papers_come_afterwards(doctor, patient, hospital) -> None:
    answer = doctor.post(f"/residents/{patient}/refer/up", {"once": str(uuid7()), "emergency": "1"})
    assert "emergency=1" in answer.headers["Location"]
    page = page_of(doctor.get(answer.headers["Location"]))
    assert "立即转诊" in page and "急危重症就近" in page
    assert re.search(r'name="to"[^>]*checked', page)
    address = urlparse(answer.headers["Location"]).path
    sent = of_form(page) | {"problem": "意识丧失", "reason": "呼之不应，血压 210/130，已给氧"}
    assert doctor.post(address, sent, **SEND).status_code == 200
    row = row_of(address)
    assert (row.state, row.urgency, row.booking_id) == ("SUBMITTED", 0, None)
    papers = f"{address.rpartition('/')[0]}/supplement"
    assert "补充转诊资料" in page_of(doctor.get(papers))
    sent = of_form(page_of(doctor.get(papers))) | {"findings": "双侧瞳孔等大", "once": str(uuid7())}
    assert doctor.post(papers, sent).status_code == 302
    assert row_of(address).payload["findings"] == "双侧瞳孔等大"


def test_an_open_one_for_the_same_problem_comes_first(doctor, patient) -> None:
    address = begin(doctor, patient)
    doctor.post(address, write(doctor, address, reason="请协助调整用药"), **SEND)
    answer = doctor.post(f"/residents/{patient}/refer/up", {"once": str(uuid7())})
    page = page_of(answer, 409)
    assert "因同一问题已有在办的申请" in page and f"/requests/{row_of(address).id}" in page
    other = begin(doctor, patient, again="家属要求另看一家")
    assert row_of(other).payload["again"] == "家属要求另看一家"


def test_minimum_necessary_only_what_is_ticked_goes(doctor, patient) -> None:
    address = begin(doctor, patient)
    sent = write(doctor, address, reason="请协助调整用药")
    del sent["with-drugs"]
    assert doctor.post(address, sent, **SEND).status_code == 200
    row = row_of(address)
    actor = Actor(
        account_id=row.from_account,
        name="甲",
        role=Role.PRIMARY_DOCTOR.value,
        institution_id=row.from_institution,
        division_code="340223",
        request_id=uuid7(),
    )
    packed = package_of(actor, row.id)
    assert packed is not None and packed.content["drugs"] == [] and packed.content["problems"]


def test_strangers_and_other_roles_do_not_reach_the_form(doctor, at_desk, patient) -> None:
    address = begin(doctor, patient)
    stranger = at_desk(Role.CLINICIAN, "stranger")
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, {"once": str(uuid7())}, **SAVE).status_code == 404
    for part in ("destinations", "places"):
        assert stranger.get(f"{address.rpartition('/')[0]}/{part}", **HTMX).status_code == 404
    assert stranger.post(f"/residents/{patient}/refer/up", {"once": str(uuid7())}).status_code == 403
    assert at_desk(Role.REGISTRAR).get(address).status_code == 403
    assert doctor.post(f"/residents/{patient}/refer/sideways", {}).status_code == 404


def test_destinations_by_specialty_and_all_of_them(doctor, patient) -> None:
    base = begin(doctor, patient).rpartition("/")[0]
    page = page_of(doctor.get(f"{base}/destinations", {"q": "yk", "typed": "1"}, **HTMX))
    assert 'value="10"' in page and "眼科" in page
    page = page_of(doctor.get(f"{base}/destinations", {"specialty": "03", "urgency": "0"}, **HTMX))
    assert "急危重症就近" in page
    # Another specialty has another order: who stood first in the old one is not kept.
    chosen = re.findall(r'name="to" value="([^"]+)"[^>]*checked', page)
    moved = page_of(doctor.get(f"{base}/destinations", {"q": "yk", "typed": "1", "to": chosen[0]}, **HTMX))
    assert re.findall(r'name="to" value="([^"]+)"', moved)[0] in re.findall(
        r'name="to" value="([^"]+)"[^>]*checked', moved
    )
    few, many = (
        page_of(doctor.get(f"{base}/destinations", {"specialty": "03", **more}, **HTMX)).count('name="to"')
        for more in ({}, {"all": "1"})
    )
    assert many > few
