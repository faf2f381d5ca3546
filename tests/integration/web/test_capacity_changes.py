"""The office's forms when others change things too, what history shows, and taking a proposed share."""

from __future__ import annotations

import re
from datetime import date, time, timedelta

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.capacity.commands import keep_week
from tiercare.apps.capacity.models import Pool, Template
from tiercare.apps.capacity.rules.pools import WeekGiven
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates.models import Mandate
from tiercare.apps.network import queries as network
from tiercare.apps.network.models import InstitutionVersion

from ..capacity.conftest import later, synthetic_clock
from ..capacity.test_proposals import past
from .capacity_desk import (
    acting_at,
    expert,
    given,
    hospital,
    office,
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
    "register",
    "registers",
    "session",
    "site",
    "synthetic_clock",
]  # fixtures


def hidden(page: str, name: str = "seen") -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def test_whoever_saves_a_pool_second_is_told_and_sees_what_changed(
    office, registers, synthetic_clock
) -> None:
    office.post("/capacity/pools/new?kind=CLINIC", expert(code="zj"))
    pool = Pool.objects.get()
    address = f"/capacity/pools/{pool.id}"
    first = second = hidden(text_of(office.get(address)))
    later(minutes=1)
    assert office.post(address, expert(name="甲改的", clinician="oysl", seen=first)).status_code == 302
    text = text_of(office.post(address, expert(name="乙改的", seen=second)), 409)
    assert "同事改动了这个池" in text and 'value="乙改的"' in text
    assert "<del>心内科专家门诊</del>" in text and "<ins>甲改的</ins>" in text and "欧阳示例" in text
    assert Pool.objects.get().name == "甲改的"
    # Having seen that, they may.
    assert office.post(address, expert(name="乙改的", seen=hidden(text))).status_code == 302


def test_the_second_of_two_weeks_is_told_and_a_line_that_is_gone_is_named(office, hospital) -> None:
    pool = weekly(hospital)
    address = f"/capacity/pools/{pool.id}/week"
    page = text_of(office.get(address))
    line = Template.objects.order_by("weekday").first()
    change = {
        "line": line.id,
        "do": "save",
        "day": ["1"],
        "starts": "08:00",
        "ends": "10:00",
        "capacity": "4",
    }
    assert office.post(address, sent(seen=hidden(page), **change)).status_code == 302
    text = text_of(office.post(address, sent(seen=hidden(page), **change)), 409)
    assert "这一场已被同事改动或去掉" in text
    more = {"do": "save", "day": ["1"], "starts": "14:00", "ends": "15:00", "capacity": "4"}
    assert "同事改动了这个池的每周排班" in text_of(office.post(address, sent(seen=hidden(page), **more)), 409)
    history = text_of(office.get(f"/capacity/pools/{pool.id}"))
    assert "<del>周一 08:00–10:00 8 号</del>" in history and "<ins>周一 08:00–10:00 4 号</ins>" in history


def test_a_line_that_begins_later_stays_when_another_is_changed(office, hospital) -> None:
    pool = hospital.pool("xnk")
    soon = ledger.today() + timedelta(days=9)
    lines = [
        WeekGiven(1, time(8), time(10), capacity=8),
        WeekGiven(2, time(8), time(10), capacity=8, since=soon),
    ]
    keep_week(hospital.office, pool_id=pool.id, lines=lines)
    address = f"/capacity/pools/{pool.id}/week"
    page = text_of(office.get(address))
    assert f"自 {soon} 起" in page
    more = {"do": "save", "day": ["3"], "starts": "08:00", "ends": "10:00", "capacity": "4"}
    assert office.post(address, sent(seen=hidden(page), **more)).status_code == 302
    standing = Template.objects.filter(period__endswith=None).order_by("weekday")
    assert [(row.weekday, row.period.lower) for row in standing] == [
        (1, ledger.today()),
        (2, soon),
        (3, ledger.today()),
    ]


@pytest.fixture
def sets_its_share(hospital) -> None:
    """The county under a pack that has hospitals of the second level set a share themselves."""
    county = network.place_of(hospital.id, on=ledger.today()).division_code[:6]
    Mandate.objects.create(division_code=county, pack="xinhui", period=DateRange(date(2019, 1, 1), None))
    InstitutionVersion.objects.filter(institution_id=hospital.id).update(level=2, category="GENERAL")


@pytest.mark.clause("XH-41")
def test_a_proposed_share_is_shown_with_its_numbers_and_taken_with_one_click(
    office, hospital, sets_its_share
) -> None:
    pool = weekly(hospital, capacity=20)
    publish = "/capacity/publish"
    day = ledger.today() + timedelta(days=3)
    asked = {"first": day, "last": day}
    text = text_of(office.get(publish, asked))
    assert "还没有设预留比例" in text and "无从建议" in text and "不能放" in text
    assert office.post(publish, sent(**asked)).status_code == 422
    past(pool, 5, {Channel.REFERRAL: 2, Channel.OPEN: 11})
    for address in (publish, "/capacity/pools"):
        text = text_of(office.get(address, asked if address == publish else {}))
        assert "13 个预约，其中转诊来的 2 个；向上取整，建议预留 16%" in text and "XH-41" in text
    form = text_of(office.get(f"/capacity/pools/{pool.id}", {"propose": 1}))
    assert re.search(r'name="share_referral"[^>]*value="16"', form)
    assert office.post("/capacity/shares", sent(resource="outpatient_slot")).status_code == 302
    pool.refresh_from_db()
    assert pool.shares == {"REFERRAL": 0.16}
    text = text_of(office.get(publish, asked))
    assert "还没有设预留比例" not in text and "转诊 4" in text
    assert office.post(publish, sent(**asked)).status_code == 302
    assert "没有要求医院为这类资源" in text_of(office.post("/capacity/shares", sent(resource="beds")), 422)
