"""The journey of a place: a family doctor books from the reserve by keyboard, the resident moves it and is told."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Page, expect

from .looks import axe, wide
from .test_people import resident

__all__ = ["resident"]
pytestmark = pytest.mark.journey

Open = Callable[..., Page]
# What a practised desk may take for a booking (seconds), from the resident's page on.
QUICK = 20.0
# The signed residents whose cards the demonstration hands out; the other journeys use the third and fourth.
CARDS = {"journey": 0, "telephone": 1}


def demo_card(site, which: str) -> str:
    card: str = json.loads((site.home / "demo_cards.json").read_text("utf-8"))[CARDS[which]]
    return card


def book_by_keyboard(page: Page, record: str) -> str:
    """From the record to the confirmed booking, typing and Enter only; answers the booking's address."""
    page.goto(record)
    began = time.monotonic()
    page.locator(".head-actions").get_by_role("link", name="预约").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("xxg")
    page.keyboard.press("Enter")
    expect(page.locator(".booking-hit").first).to_be_focused()
    page.keyboard.press("Tab")  # the day after tomorrow: its reserve is not released yet
    expect(page.locator(".booking-hit").nth(1)).to_contain_text("家庭医生转诊预留")
    page.keyboard.press("Enter")
    expect(page.locator("button.booking-time").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/bookings/*")
    expect(page.locator("[data-seconds]")).to_have_text(re.compile(r"4:\d\d"))
    expect(page.get_by_role("button", name="确认预约")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("预约成功")).to_be_visible()
    assert time.monotonic() - began < QUICK
    return urlparse(page.url).path


def signed_records(page: Page) -> list[str]:
    """The first residents of the list: those who have cards, and a family doctor."""
    page.goto("/residents")
    links = page.locator("#results tbody a").all()
    found = [re.sub(r"\?.*", "", link.get_attribute("href") or "") for link in links]
    return list(dict.fromkeys(found))


def test_from_the_reserve_to_the_message(as_role: Open, resident, site) -> None:
    doctor = as_role("primary_doctor")
    own = resident(demo_card(site, "journey"))
    name = own.locator(".me-name").inner_text().strip()
    for record in signed_records(doctor):
        doctor.goto(record)
        full = doctor.locator(".person-name strong").inner_text()
        if full[0] == name[0] and full[-1] == name[-1]:
            break
    booked = book_by_keyboard(doctor, record)
    expect(doctor.locator("main")).to_contain_text("家庭医生转诊预留")
    doctor.get_by_role("link", name="打印预约单").click()
    expect(doctor.locator(".slip")).to_contain_text("芜湖县中医医院")
    expect(doctor.locator(".slip .qr")).to_be_visible()

    own.get_by_role("link", name="预约", exact=True).click()
    expect(own.locator("main")).to_contain_text("心血管内科专家门诊")
    own.goto(f"/me{booked}")
    before = own.locator(".booking-facts").inner_text()
    own.get_by_role("link", name="改约").click()
    own.locator("button.booking-time").last.click()
    expect(own.get_by_text("已改约")).to_be_visible()
    assert own.locator(".booking-facts").inner_text() != before
    moved = urlparse(own.url).path
    own.get_by_role("link", name="消息").click()
    expect(own.locator("main")).to_contain_text("的预约已改到")

    host = as_role("referral_office")
    host.goto("/bookings?side=here&when=coming")
    expect(host.locator("main")).to_contain_text(name)
    host.goto("/bookings/desk")
    host.keyboard.type(moved.rpartition("/")[2].upper())
    host.keyboard.press("Enter")
    expect(host.locator("#found")).to_contain_text("不是今天，不能签到")
    doctor.goto(booked)
    expect(doctor.locator("main")).to_contain_text("已改约")


@pytest.mark.parametrize(("width", "language"), [(1440, ""), (390, "en")])
def test_the_pages_are_accessible_and_fit(as_role: Open, width: int, language: str) -> None:
    page = as_role("primary_doctor", width=width, language=language)
    record = signed_records(page)[-1]
    page.goto(f"{record}/book?q=xxg&go=1")
    session = urlparse(page.locator(".booking-hit").first.get_attribute("href") or "").path
    found = []
    for path in ("/bookings", "/bookings?when=coming", "/bookings/desk", "/care", f"{record}/book", session):
        page.goto(path)
        found += axe(page)
        if wide(page):
            found.append(f"{path} scrolls sideways at {width}")
    assert found == []


@pytest.mark.parametrize("large", [False, True])
def test_the_residents_pages_fit_a_telephone(resident, site, large: bool) -> None:
    page = resident(demo_card(site, "telephone"))
    if large:
        page.context.add_cookies([{"name": "tiercare_letters", "value": "large", "url": site.address}])
    page.goto("/me/bookings/new")
    page.locator("#q").fill("nk")
    page.keyboard.press("Enter")
    session = page.locator(".me-booking").nth(1 if large else 0).get_attribute("href") or ""
    found = []
    for path in ("/me/bookings", "/me/bookings/new?q=nk&go=1", session, "/me/messages", "/me/care"):
        page.goto(path)
        found += axe(page)
        if wide(page):
            found.append(f"{path} scrolls sideways")
    page.goto(session)
    page.locator("button.booking-time").first.click()
    page.get_by_role("button", name="确认预约").click()
    expect(page.locator(".qr")).to_be_visible()
    found += axe(page)
    page.goto(f"{urlparse(page.url).path}/move")
    found += axe(page)
    if wide(page):
        found.append("moving scrolls sideways")
    assert found == []
