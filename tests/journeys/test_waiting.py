"""The journey of a place that is gone: two wait, one is asked and declines, the other confirms on the phone; and an
absence that is explained, answered, and not counted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import urlparse

import psycopg
import pytest
from playwright.sync_api import Page, expect

from .conftest import url_of
from .looks import axe, wide
from .test_booking import signed_records
from .test_people import resident

__all__ = ["resident"]
pytestmark = pytest.mark.journey

Open = Callable[..., Page]
CARD = 4  # the fifth; the other journeys use those before


def card(site) -> str:
    found: str = json.loads((site.home / "demo_cards.json").read_text("utf-8"))[CARD]
    return found


def session_of(record: str) -> str:
    """The only session of the surgical clinic, whatever else is on offer by now; its path below the record."""
    with psycopg.connect(url_of("owner")) as connection:
        (key,) = connection.execute(
            "SELECT s.id FROM capacity_session s JOIN capacity_pool p ON p.id = s.pool_id WHERE p.code = 'wk'"
        ).fetchone() or ("",)
    return f"{urlparse(record).path}/book/{key}"


def book(page: Page, session: str) -> str:
    page.goto(session)
    page.locator("button.booking-time").first.click()
    page.get_by_role("button", name="确认预约").click()
    expect(page.get_by_text("预约成功")).to_be_visible()
    return urlparse(page.url).path


def test_two_wait_the_first_declines_and_the_second_confirms_on_the_phone(
    as_role: Open, resident, site
) -> None:
    doctor = as_role("primary_doctor")
    records = signed_records(doctor)
    session = session_of(records[0])
    book(doctor, session)
    # The reserve is gone with the first; this one is a place for everybody.
    booked = book(doctor, session.replace(records[0], records[1]))

    # Nothing is left: the session leads to the list.
    doctor.goto(session.replace(records[0], records[2]))
    doctor.locator(".booking-or-wait a").click()
    expect(doctor.locator("main")).to_contain_text("病情")
    doctor.get_by_label("尽快").check()
    doctor.get_by_role("button", name="加入候补").click()
    expect(doctor.locator("main")).to_contain_text("第一位")
    pool = re.findall(r"[0-9a-f-]{36}", waiting_link(doctor, session))[-1]

    own = resident(card(site))
    own.goto(f"/me/waiting/new/{pool}")
    assert axe(own) == []
    own.get_by_role("button", name="加入候补").click()
    expect(own.locator("main")).to_contain_text("前面还有 1 人")
    name = own.locator(".me-name strong").inner_text()

    doctor.goto(booked)
    doctor.locator("summary", has_text="取消预约").click()
    doctor.get_by_role("button", name="确定取消").click()
    host = as_role("referral_office")
    host.goto("/waiting")
    host.get_by_role("link", name=re.compile("外科专家门诊")).click()
    expect(host.locator(".waiting-line > li").first).to_contain_text("医生评估为“尽快”")
    found = axe(host)
    host.get_by_role("button", name="有号了").click()
    expect(host.locator(".waiting-offered")).to_contain_text("前确认")

    # The first is asked, and does not want it.
    doctor.goto("/waiting")
    found += axe(doctor)
    doctor.get_by_role("link", name="去确认").click()
    doctor.get_by_role("button", name="放回，不约了").click()
    host.get_by_role("button", name="有号了").click()
    expect(host.locator(".waiting-offered")).to_contain_text(name)

    own.goto("/me/bookings")
    expect(own.locator(".me-offer")).to_contain_text("您候补的号有了")
    expect(own.locator(".me-offer")).to_contain_text(re.compile(r"\d\d:\d\d 前确认"))
    found += axe(own)
    assert not wide(own)
    own.get_by_role("button", name="要这个号").click()
    expect(own.locator("main")).to_contain_text("已预约")
    own.get_by_role("link", name="消息").click()
    expect(own.locator("main")).to_contain_text("您候补的外科专家门诊有号了")
    host.reload()
    expect(host.locator("main")).to_contain_text("现在没有人等这个号")
    assert found == []


def waiting_link(page: Page, session: str) -> str:
    """Where the list of the clinic is, from the session's page."""
    page.goto(session)
    return page.locator(".booking-or-wait a").get_attribute("href") or ""


def test_an_absence_is_explained_and_excused(as_role: Open, resident, site) -> None:
    own = resident(card(site))
    own.goto("/me/bookings")
    own.locator("summary", has_text="以往的预约").click()
    own.get_by_role("link", name=re.compile("皮肤科门诊")).click()
    own.get_by_label("为什么没有来").fill("当天发烧住院，没能来。")
    found = axe(own)
    own.get_by_role("button", name="提交说明").click()
    expect(own.locator("main")).to_contain_text("等待答复")

    host = as_role("referral_office", width=390)
    host.goto("/absences")
    expect(host.locator(".appeal")).to_contain_text("当天发烧住院")
    found += axe(host)
    assert not wide(host)
    host.get_by_label("答复（居民会看到）").fill("已核实住院记录，不计入。")
    host.get_by_role("button", name="谅解，不计入").click()
    expect(host.locator("main")).to_contain_text("没有待答复的申诉")

    own.reload()
    expect(own.locator("main")).to_contain_text("已谅解，不计入：已核实住院记录，不计入。")
    own.get_by_role("link", name="消息").click()
    expect(own.locator("main")).to_contain_text("已予谅解")
    assert found == []


@pytest.mark.parametrize(("width", "language"), [(1440, ""), (390, "en")])
def test_the_pages_are_accessible_and_fit(as_role: Open, width: int, language: str) -> None:
    page = as_role("primary_doctor", width=width, language=language)
    record = signed_records(page)[3]
    form = waiting_link_or_session(page, record)
    found = []
    for path in ("/waiting", form):
        page.goto(path)
        found += axe(page)
        if wide(page):
            found.append(f"{path} scrolls sideways at {width}")
    assert found == []


def waiting_link_or_session(page: Page, record: str) -> str:
    """The form by which somebody is put on a list, from the times of a session."""
    page.goto(f"{record}/book?q=nk&go=1")
    page.goto(urlparse(page.locator(".booking-hit").first.get_attribute("href") or "").path)
    return urlparse(page.locator(".booking-or-wait a").get_attribute("href") or "").path
