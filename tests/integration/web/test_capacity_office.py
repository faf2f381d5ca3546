"""The office's pages of places: pools, weeks, and publishing them."""

from __future__ import annotations

import re
from datetime import time, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import keep_week
from tiercare.apps.capacity.models import Pool, Session, Template
from tiercare.apps.capacity.rules.pools import WeekGiven
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.terms.models import CalendarDay
from tiercare.kernel.ids import uuid7

from .capacity_desk import (
    FRAME,
    acting_at,
    expert,
    given,
    hospital,
    office,
    promised,
    register,
    registers,
    sent,
    session,
    site,
    text_of,
    weekly,
)

__all__ = [
    "acting_at",
    "given",
    "hospital",
    "office",
    "promised",
    "register",
    "registers",
    "session",
    "site",
]  # fixtures

FAMILY = Channel.FAMILY_DOCTOR


# --- pools -------------------------------------------------------------------------------------------


def test_an_empty_register_says_what_to_do(office) -> None:
    text = text_of(office.get("/capacity/pools"))
    for said in ("还没有号源池", "还没有床位池", "还没有检查池", "新建号源池"):
        assert said in text


def test_a_pool_is_made_by_name_and_initials_and_gets_its_code(office, hospital, registers) -> None:
    answer = office.post(
        "/capacity/pools/new?kind=CLINIC",
        expert(clinician="oysl", share_family_doctor="20", share_referral="2.5", release_hours="48"),
    )
    pool = Pool.objects.get(institution_id=hospital.id)
    assert answer.status_code == 302 and answer["Location"].startswith(f"/capacity/pools/{pool.id}/week")
    assert (pool.code, pool.specialty_code, pool.slot_minutes) == ("xnkzjmz", "03.04", 15)
    assert (pool.department_id, pool.clinician_id) == (registers["department"], registers["first"])
    assert pool.shares == {"FAMILY_DOCTOR": 0.2, "REFERRAL": 0.025} and pool.release_hours == 48
    office.post("/capacity/pools/new?kind=CLINIC", expert())
    assert set(Pool.objects.values_list("code", flat=True)) == {"xnkzjmz", "xnkzjmz-2"}
    text = text_of(office.get("/capacity/pools"))
    assert "欧阳示例" in text and "家医 20%" in text and "提前 48 小时释放" in text


def test_a_pool_of_examinations_and_one_of_beds_keep_what_only_they_have(office, registers) -> None:
    office.post(
        "/capacity/pools/new?kind=EXAM",
        sent(
            name="胸部 CT",
            grade="EXAM",
            item="胸部 CT 平扫",
            equipment="示例 64 排",
            by="time",
            slot_minutes="10",
            preparation="去除金属物品",
            questions="体内有没有起搏器？\n\n是否怀孕？",
            fasting="on",
        ),
    )
    exam = Pool.objects.get(kind="EXAM")
    assert exam.equipment_id == registers["equipment"]
    assert exam.details == {
        "preparation": "去除金属物品",
        "questions": ["体内有没有起搏器？", "是否怀孕？"],
        "fasting": True,
    }
    office.post(
        "/capacity/pools/new?kind=BED",
        sent(name="心内一病区", grade="INPATIENT", by="number", ward="心内一病区", sex="F", isolation="on"),
    )
    ward = Pool.objects.get(kind="BED")
    assert ward.slot_minutes is None
    assert ward.details == {"ward": "心内一病区", "sex": "F", "isolation": True}


def test_everything_wrong_is_told_at_its_field_and_what_was_typed_stays(office, registers) -> None:
    text = text_of(
        office.post(
            "/capacity/pools/new?kind=CLINIC",
            expert(name="专家", clinician="查无此人", slot_minutes="十五", share_member="很多"),
        ),
        422,
    )
    for said in ("登记中没有“查无此人”", "“十五”不是整数", "“很多”不是百分比"):
        assert said in text
    assert 'value="专家"' in text and 'value="十五"' in text and 'value="很多"' in text
    assert 'href="#clinician"' in text and not Pool.objects.exists()


def test_shares_above_all_and_a_taken_code_are_refused(office, registers) -> None:
    office.post("/capacity/pools/new?kind=CLINIC", expert(code="zj-1"))
    text = text_of(office.post("/capacity/pools/new?kind=CLINIC", expert(code="zj-1", name="别的")), 409)
    assert "编号“zj-1”已经用于“心内科专家门诊”" in text and Pool.objects.get().name == "心内科专家门诊"
    over = text_of(office.post("/capacity/pools/new?kind=CLINIC", expert(share_member="130")), 422)
    assert "合计 130%" in over


def test_a_change_keeps_the_code_and_another_hospitals_pool_is_not_shown(
    office, acting_at, registers
) -> None:
    office.post("/capacity/pools/new?kind=CLINIC", expert(code="zj"))
    pool = Pool.objects.get()
    form = text_of(office.get(f"/capacity/pools/{pool.id}"))
    assert 'value="心内科专家门诊"' in form and 'value="示例心内科"' in form
    office.post(f"/capacity/pools/{pool.id}", expert(name="心内科名医", grade="NAMED", clinician="司徒示例"))
    pool.refresh_from_db()
    assert (pool.code, pool.name, pool.clinician_id) == ("zj", "心内科名医", registers["second"])
    stranger = acting_at(Role.REFERRAL_OFFICE, "stranger")
    for address in (f"/capacity/pools/{pool.id}", f"/capacity/pools/{pool.id}/week"):
        assert "心内科名医" not in text_of(stranger.get(address), 403)
    assert text_of(office.get(f"/capacity/pools/{uuid7()}"), 404)
    assert text_of(office.get("/capacity/pools/new?kind=SOUP"), 404)


def test_the_list_asks_once_however_many_pools_there_are(
    office, hospital, registers, django_assert_num_queries
) -> None:
    for number in range(12):
        hospital.pool(f"p-{number}", department_id=registers["department"])
    office.get("/capacity/pools")
    with django_assert_num_queries(
        FRAME + 4
    ):  # the day, the pools; what the institution is, the pack in force
        office.get("/capacity/pools")


# --- weeks -------------------------------------------------------------------------------------------


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', page)
    assert found is not None
    return found[1]


def test_a_session_goes_on_several_days_is_changed_and_taken_out(office, hospital, registers) -> None:
    pool = hospital.pool("xnk", slot_minutes=30)
    address = f"/capacity/pools/{pool.id}/week"
    opened = text_of(office.get(address + "?add=3-pm"))
    assert 'value="14:00"' in opened and re.search(r'name="day" value="3" checked', opened)
    line = {"starts": "08:00", "ends": "12:00", "capacity": "8", "slot_capacity": "1", "clinician": "stsl"}
    office.post(address, sent(seen=seen(opened), do="save", day=["1", "3", "5"], **line))
    lines = list(Template.objects.order_by("weekday"))
    assert [(each.weekday, each.starts, each.capacity) for each in lines] == [
        (day, time(8), 8) for day in (1, 3, 5)
    ]
    assert {each.clinician_id for each in lines} == {registers["second"]}
    page = text_of(office.get(f"{address}?line={lines[1].id}"))
    assert "改这一场" in page and "司徒示例" in page
    change = sent(seen=seen(page), line=lines[1].id, do="save", day=["4"], **(line | {"capacity": "6"}))
    office.post(address, change)
    assert sorted(Template.objects.values_list("weekday", "capacity")) == [(1, 8), (4, 6), (5, 8)]
    page = text_of(office.get(address))
    gone = Template.objects.get(weekday=4)
    office.post(address, sent(seen=seen(page), line=gone.id, do="remove"))
    assert sorted(Template.objects.values_list("weekday", flat=True)) == [1, 5]


def test_a_week_that_a_colleague_changed_is_not_written_over(office, hospital) -> None:
    pool = hospital.pool("xnk")
    address = f"/capacity/pools/{pool.id}/week"
    page = text_of(office.get(address))
    keep_week(hospital.office, pool_id=pool.id, lines=[WeekGiven(2, time(8), time(10), capacity=4)])
    sending = sent(seen=seen(page), do="save", day=["1"], starts="08:00", ends="09:30", capacity="7")
    text = text_of(office.post(address, sending), 409)
    assert "同事改动了" in text and 'value="7"' in text and 'value="09:30"' in text
    assert list(Template.objects.values_list("weekday", flat=True)) == [2]


def test_wrong_lines_are_told_and_lines_too_long_for_their_slots_are_marked(office, hospital) -> None:
    pool = hospital.pool("xnk", slot_minutes=60)
    address = f"/capacity/pools/{pool.id}/week"
    page = text_of(office.get(address))
    wrong = sent(seen=seen(page), do="save", starts="25:00", ends="12:00", capacity="-3")
    text = text_of(office.post(address, wrong), 422)
    assert "至少勾选一天" in text and "“25:00”不是时间" in text
    less = sent(seen=seen(page), do="save", day=["1"], starts="08:00", ends="12:00", capacity="-3")
    assert "号数须在 1 至 2000 之间" in text_of(office.post(address, less), 422)
    office.post(
        address, sent(seen=seen(page), do="save", day=["1"], starts="08:00", ends="12:00", capacity="9")
    )
    assert "时段只够 4 号" in text_of(office.get(address))


# --- publishing --------------------------------------------------------------------------------------


def test_nothing_to_publish_says_what_comes_first(office, hospital) -> None:
    assert "先建一个号源池" in text_of(office.get("/capacity/publish"))
    hospital.pool("xnk")
    assert "还没有排每周的场次" in text_of(office.get("/capacity/publish"))


def test_a_week_is_looked_at_then_published_once(office, hospital) -> None:
    weekly(hospital, shares={FAMILY: 0.25})
    text = text_of(office.get("/capacity/publish"))
    assert "放出这 7 场 56 号" in text and "家医 2" in text and not Session.objects.exists()
    fields = dict(re.findall(r'type="hidden" name="(first|last|once)" value="([^"]+)"', text))
    first = office.post("/capacity/publish", fields)
    again = office.post("/capacity/publish", fields)
    assert first.status_code == again.status_code == 302
    assert (
        first["Location"].startswith("/capacity/schedule?") and f"day={fields['first']}" in first["Location"]
    )
    assert Session.objects.count() == 7
    after = text_of(office.get("/capacity/publish"))
    assert "这些天没有还要放的号" in after and "已发布" in after


def test_a_holiday_is_left_out_with_its_name(office, hospital) -> None:
    pool = weekly(hospital)
    Template.objects.filter(pool=pool).update(on_holidays=False)
    monday = ledger.today() + timedelta(days=7 - ledger.today().weekday())
    CalendarDay.objects.update_or_create(day=monday, defaults={"workday": False, "name": "示例节"})
    text = text_of(office.get("/capacity/publish"))
    assert "示例节：1 场不放" in text and "chip-holiday" in text and "放出这 6 场" in text


def test_days_too_many_or_in_the_wrong_order_are_refused_on_the_page(office, hospital) -> None:
    weekly(hospital)
    today = ledger.today()
    long = {"first": today, "last": today + timedelta(days=40)}
    assert "一次最多查看和发布 28 天" in text_of(office.get("/capacity/publish", long), 422)
    wrong = {"first": today, "last": today - timedelta(days=1)}
    assert "日期次序颠倒" in text_of(office.get("/capacity/publish", wrong), 422)
    assert "不是可用的日期" in text_of(office.get("/capacity/publish", {"first": "soup"}), 422)


def test_what_cannot_be_cut_into_slots_is_refused_at_its_day(office, hospital) -> None:
    weekly(hospital, capacity=20, slot_minutes=15)
    text = text_of(office.get("/capacity/publish"))
    assert "这几天不能放" in text and "不够 20 个" in text and 'aria-disabled="true"' in text
    assert text_of(office.post("/capacity/publish", sent()), 422) and not Session.objects.exists()


def test_what_policy_promises_is_filled_in_and_shown_with_its_clause(office, hospital, promised) -> None:
    weekly(hospital, capacity=11)
    text = text_of(office.get("/capacity/publish"))
    assert "政策承诺" in text and "11 中留 3" in text and "应留 3" in text and "/clauses/TY-91" in text
    assert "政策要求" in text_of(office.get("/capacity/pools/new?kind=CLINIC"))
    office.post("/capacity/publish", sent())
    board = text_of(office.get("/capacity/quotas", {"day": Session.objects.order_by("day").first().day}))
    assert "全部兑现" in board and "应留 3，留 3" in board


def test_a_day_that_breaks_a_promise_is_refused_in_the_cards_words(office, hospital, promised) -> None:
    weekly(hospital, shares={Channel.REFERRAL: 1.0})
    text = text_of(office.get("/capacity/publish"))
    assert "这几天不能放" in text and "为家庭医生转诊预留0" in text and "/rules/taiyuan/lead_hospital" in text
    assert 'aria-disabled="true"' in text and "8 中留 0" in text
    refused = text_of(office.post("/capacity/publish", sent()), 422)
    assert "为家庭医生转诊预留0" in refused and not Session.objects.exists()


def test_a_physician_in_two_places_is_marked_before_publishing_refuses(office, hospital, registers) -> None:
    weekly(hospital, clinician_id=registers["first"])
    weekly(hospital, clinician_id=registers["first"], code="xnk-2", name="另一个门诊")
    assert "医师同一时间有两场" in text_of(office.get("/capacity/publish"))
    assert "已有另一个出诊安排" in text_of(office.post("/capacity/publish", sent()), 409)


def test_the_preview_asks_as_often_however_many_pools_there_are(
    office, hospital, django_assert_num_queries
) -> None:
    weekly(hospital)
    office.get("/capacity/publish")
    with CaptureQueriesContext(connection) as one:
        office.get("/capacity/publish")
    for number in range(5):
        weekly(hospital, code=f"p-{number}", name=f"门诊 {number}")
    with django_assert_num_queries(len(one)):
        office.get("/capacity/publish")
