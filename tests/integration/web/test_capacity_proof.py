"""The page of the proof: what it says first, its grid and lines, what is refused of a question, and its files."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db.models import F
from tests.integration.capacity.test_promises import altered, clock, offer
from tests.integration.capacity.test_promises import session as planned

from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import book, lend
from tiercare.apps.capacity.models import Quota
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.engines.sheets import read

from ..capacity.conftest import later, slot_of, synthetic_clock
from .capacity_desk import acting_at, given, hospital, office, promised, register, session, site, text_of

__all__ = [
    "acting_at",
    "given",
    "hospital",
    "office",
    "promised",
    "register",
    "session",
    "site",
    "synthetic_clock",
]  # fixtures

FAMILY, REFERRAL, OPEN = Channel.FAMILY_DOCTOR, Channel.REFERRAL, Channel.OPEN
PAGE = "/capacity/quotas/proof"


@pytest.fixture
def commission(acting_at):
    """Watches over the county."""
    return acting_at(Role.COMMISSION)


@pytest.fixture
def day() -> date:
    return ledger.today() + timedelta(days=2)


@pytest.fixture
def at(promised, session) -> UUID:
    """A session whose hospital is bound to keep a fifth: two of ten."""
    key: UUID = session({FAMILY: 2, REFERRAL: 1, OPEN: 7})
    return key


def asked(client, day: date, **more: object) -> str:
    return text_of(client.get(PAGE, {"first": day, "last": day, **more}))


def short_of_one(at: UUID) -> None:
    """One of the two kept is taken away past the command."""
    Quota.objects.filter(session_id=at, channel=FAMILY.value).update(cap=F("cap") - 1)
    Quota.objects.filter(session_id=at, channel=OPEN.value).update(cap=F("cap") + 1)


def test_a_kept_promise_is_said_first_and_shown_by_day(office, at, day, hospital, register) -> None:
    book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register())
    lend(hospital.office, session_id=at, source=OPEN, target=REFERRAL, units=1, reason="转诊增多")
    text = asked(office, day)
    assert "每日兑现" in text and "天未兑现" not in text
    assert 'class="pc pc-met"' in text and "兑现：放出 10，预留 2" in text
    assert "≥ 20%，应留 2，留 2" in text and "TY-91" in text
    assert "/capacity/quotas/proof.xlsx?" in text


def test_a_broken_day_is_counted_named_and_linked(office, commission, at, day) -> None:
    short_of_one(at)
    for client in (office, commission):
        text = asked(client, day)
        assert "1 天未兑现" in text and 'class="pc pc-violated"' in text and "−1" in text
        assert "示例池 pool-1" in text and "TY-91" in text and "至少2" in text
    assert "/capacity/pools/" in asked(office, day)  # its own pool can be opened and mended
    assert "/capacity/pools/" not in asked(commission, day)


def test_the_pack_decides_what_is_kept(office, at, day, monkeypatch) -> None:
    half = altered("TY-91.reserve_lead_hospital", 0.5)
    monkeypatch.setattr(mandates, "packs", lambda extra=(): half)
    text = asked(office, day)
    assert "1 天未兑现" in text and "≥ 50%，应留 5，留 2" in text


def test_a_resource_or_a_hospital_narrows_it(commission, at, day, hospital) -> None:
    whole = asked(commission, day)
    name = network.place_of(hospital.id, on=day).name
    assert "门诊号源</td>" in whole and "专家号源</td>" in whole and name in whole
    narrowed = asked(commission, day, resource="outpatient_slot", hospital=hospital.id)
    assert "门诊号源</td>" in narrowed and "专家号源</td>" not in narrowed
    assert "这段时间的政策没有规定预留" in narrowed  # the share is promised of experts' places


def test_nothing_offered_is_no_verdict(office, day) -> None:
    text = asked(office, day)
    assert "这段时间没有医院放号" in text and "每日兑现" not in text


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ({"first": "2026-02-02", "last": "2026-02-01"}, "截止日早于起始日"),
        ({"first": "1950-01-01", "last": "2190-01-01"}, "一次最多证明 367 天"),
        ({"first": "昨天"}, "不是可用的日期"),
        ({"first": "2026-02-30"}, "不是可用的日期"),
        ({"first": "0000-00-00"}, "不是可用的日期"),
        ({"resource": "beds'; --"}, "没有这类资源"),
        ({"area": "34%"}, "没有这个地区"),
        ({"hospital": "1"}, "没有这家医院"),
    ],
)
def test_absurd_questions_are_refused_in_words(commission, question: dict[str, str], says: str) -> None:
    for address in (PAGE, f"{PAGE}.xlsx", f"{PAGE}.json"):
        answer = commission.get(address, question)
        assert answer.status_code == 422
        assert says in answer.content.decode()


def test_nobody_sees_another_area_or_hospital(commission, office, acting_at, hospital, site) -> None:
    assert commission.get(PAGE, {"area": "4407"}).status_code == 403
    assert office.get(PAGE, {"hospital": site.stranger}).status_code == 403
    assert office.get(PAGE, {"area": "3402"}).status_code == 403
    doctor = acting_at(Role.PRIMARY_DOCTOR, "township")
    assert doctor.get(PAGE).status_code == 403


def test_the_files_hold_the_same_question(commission, at, day) -> None:
    short_of_one(at)
    question = {"first": day, "last": day, "resource": "expert_slot"}
    told = json.loads(commission.get(f"{PAGE}.json", question).content)
    assert told["kept"] is False and {each["resource"] for each in told["days"]} == {"expert_slot"}
    answer = commission.get(f"{PAGE}.xlsx", question)
    assert "attachment" in answer["Content-Disposition"]
    days, broken = read(answer.content, "proof.xlsx", is_header=lambda cells: "日期" in cells).sheets
    assert len(days.lines) == len(broken.lines) == 1
    commission.cookies["tiercare_language"] = "en"
    english = commission.get(f"{PAGE}.xlsx", question).content
    sheets = read(english, "proof.xlsx", is_header=lambda cells: "day" in cells).sheets
    assert [sheet.name for sheet in sheets] == ["every day", "not kept"]


def test_many_hospitals_over_many_months_are_shown_by_month(commission, at, day) -> None:
    text = text_of(commission.get(PAGE, {"first": day - timedelta(days=100), "last": day}))
    assert "按月" not in text  # one hospital: by day, a table for each month
    assert text.count('class="proof-grid"') == 1


LEAD = "每日在专家号源、住院床位和预约检查中为家庭医生转诊的患者预留"


def test_the_board_of_compliance_shows_the_cards_about_places(
    commission, acting_at, promised, session, site, synthetic_clock
) -> None:
    at = session({FAMILY: 2, OPEN: 8})
    later(days=3)
    question = {"region": "taiyuan", "area": site.division[:6]}

    def shown() -> str:
        return text_of(commission.get("/compliance/places", question))

    text = shown()
    assert LEAD in text and "TY-91" in text and text.count("tag-met") == 1
    short_of_one(at)
    text = shown()
    assert text.count("tag-violated") == 1 and "1 天，1 家医院" in text
    assert "/capacity/quotas/proof?" in text
    assert "/compliance/places" in text_of(commission.get("/compliance", {"region": "taiyuan"}))
    clause = text_of(commission.get("/compliance/TY-91", {"region": "taiyuan"}))
    assert "看最近 30 天的判定" in clause and "还没有规则检查" not in clause
    of_hospital = text_of(acting_at(Role.REFERRAL_OFFICE).get("/compliance/places", question))
    assert "1 天，1 家医院" in of_hospital and "/capacity/quotas/proof?" not in of_hospital
    other = text_of(commission.get("/compliance/places", {"region": "taiyuan", "area": "140121"}))
    assert "tag-violated" not in other and "tag-not_applicable" in other


@pytest.mark.clause("NHC-40")
def test_the_board_shows_the_months_and_warns_of_the_one_that_keeps_less(
    office, hospital, synthetic_clock, monkeypatch
) -> None:
    clock(date(2027, 1, 2))
    for day, kept in ((date(2027, 1, 11), 10), (date(2027, 2, 10), 6)):
        offer(hospital.id, planned(hospital.id, day, {REFERRAL: kept, OPEN: 20 - kept}))
    clock(date(2027, 3, 5))
    months = text_of(office.get("/capacity/quotas", {"day": "2027-03-05"})).partition("months-head")[2]
    assert re.search(r'data-label="2027-01">.*?<span>10</span>', months)
    assert re.search(r'data-label="2027-02">.*?<span>6 .*?比上月少', months)
    assert "tag-at_risk" in months and "2027-02为基层预留号源6，上月10" in months
    down = altered("NHC-40.direction", "down")
    monkeypatch.setattr(mandates, "packs", lambda extra=(): down)
    assert "tag-at_risk" not in text_of(office.get("/capacity/quotas", {"day": "2027-03-05"}))
