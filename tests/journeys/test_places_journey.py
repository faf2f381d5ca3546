"""The whole way of a place: a week is published, a family doctor books from what is kept, what is left opens and a
resident takes it, the physician stops the clinic, and everybody is moved and told; the proof of the day tells it all."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Page, expect

from tiercare.kernel.clock import ZONE

from .conftest import Site, journeys_environment
from .test_booking import signed_records
from .test_daylist import SetClock, clock
from .test_people import resident

__all__ = ["clock", "resident"]
pytestmark = pytest.mark.journey

Open = Callable[..., Page]
Signed = Callable[[str], Page]
NAME, SPECIALTY = "耳鼻喉专家门诊", "耳鼻咽喉科"
KEPT_FOR, COMES = 2, 3  # cards: whom the doctor books from the reserve, who comes once it is open
WHY = "医师参加抢救"


def card(site: Site, which: int) -> str:
    found: str = json.loads((site.home / "demo_cards.json").read_text("utf-8"))[which]
    return found


def days() -> tuple[date, date]:
    """A Wednesday and the Friday after it, behind everything that was planted."""
    first = datetime.now(ZONE).date() + timedelta(days=28)
    wednesday = first + timedelta(days=(2 - first.weekday()) % 7)
    return wednesday, wednesday + timedelta(days=2)


def publish_a_week(page: Page, wednesday: date) -> None:
    """Three places on Wednesday and ten on Friday, two fifths of them kept for family doctors."""
    page.goto("/capacity/pools")
    page.get_by_role("link", name="新建号源池").first.click()
    page.locator("[name=name]").fill(NAME)
    page.locator("[name=specialty]").fill(SPECIALTY)
    page.locator("[name=share_family_doctor]").fill("40")
    page.get_by_role("button", name="保存，去排班").click()
    for day, places in (("周三", 3), ("周五", 10)):
        page.get_by_role("link", name=f"{day}上午加一场").click()
        page.locator("[name=capacity]").fill(str(places))
        page.get_by_role("button", name="保存").click()
        expect(page.locator(".week-grid a.block", has_text=f"{places} 号")).to_have_count(1)
    page.goto(f"/capacity/publish?first={wednesday}&last={wednesday + timedelta(days=2)}")
    expect(page.locator(f"a.block:has-text('{NAME}')", has_text="3 号")).to_contain_text("家医 2")
    expect(page.locator(f"a.block:has-text('{NAME}')", has_text="10 号")).to_contain_text("家医 4")
    page.get_by_role("button", name=re.compile("^放出这")).click()
    expect(page.locator("main")).to_contain_text("已放号")


def open_session(page: Page, search: str, day: date) -> str:
    """Find the clinic's session of the day; its identifier."""
    page.goto(f"{search}?q={SPECIALTY}&go=1&far=120&from={day}")
    found = page.locator(".booking-hit", has_text=f"{day:%m-%d}").first
    expect(found).to_be_visible()
    address = urlparse(found.get_attribute("href") or "").path
    page.goto(address)
    return address.rpartition("/")[2]


def book(page: Page) -> str:
    """Take the first place of the session and confirm it; the booking's address."""
    page.locator("button.booking-time").first.click()
    page.get_by_role("button", name="确认预约").click()
    expect(page.get_by_text("预约成功").or_(page.get_by_text("已预约")).first).to_be_visible()
    return urlparse(page.url).path


def record_of(page: Page, name: str) -> str:
    """The signed resident of that name, as the resident's own page masks it or not."""
    for record in signed_records(page):
        page.goto(record)
        shown = page.locator(".person-name strong").inner_text()
        if shown[0] == name[0] and shown[-1] == name[-1]:
            return record
    raise AssertionError(name)


def told(site: Site, *arguments: str) -> Any:
    """What ``tiercare capacity`` says of the platform that the browser used."""
    command = [sys.executable, "-m", "tiercare.cli.main", "capacity", *arguments]
    environment = {**os.environ, **journeys_environment(site.home)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def proof(site: Site, day: date) -> dict[str, Any]:
    """The line of the proof about experts on that day: nobody else publishes any so late."""
    found = told(site, "proof", "--from", str(day), "--to", str(day), "--json")
    assert found["kept"]
    (line,) = [each for each in found["days"] if each["resource"] == "expert_slot"]
    return dict(line)


def test_from_the_published_week_to_the_proof(
    as_role: Open, resident: Signed, site: Site, clock: SetClock
) -> None:
    wednesday, friday = days()
    office = as_role("referral_office", width=1440)
    publish_a_week(office, wednesday)

    kept_for, comes = resident(card(site, KEPT_FOR)), resident(card(site, COMES))
    doctor = as_role("primary_doctor")
    record = record_of(doctor, kept_for.locator(".me-name").inner_text().strip())
    session = open_session(doctor, f"{record}/book", wednesday)
    reserved = book(doctor)
    expect(doctor.locator("main")).to_contain_text("家庭医生转诊预留")
    unsigned = signed_records(doctor)[9]
    open_session(doctor, f"{unsigned}/book", wednesday)
    other = book(doctor)

    # One place is left, and it is kept: whoever comes by themself does not get it until it is released.
    comes.goto(f"/me/bookings/new?q={SPECIALTY}&go=1&far=120&from={wednesday}")
    expect(comes.locator(".me-booking", has_text=f"{friday:%m-%d}")).to_have_count(1)
    expect(comes.locator(".me-booking", has_text=f"{wednesday:%m-%d}")).to_have_count(0)
    clock(datetime.combine(wednesday - timedelta(days=1), time(20), ZONE))
    comes.goto(f"/me/bookings/new/{session}")
    own = book(comes)

    before = proof(site, wednesday)
    assert (before["offered"], before["kept"]["FAMILY_DOCTOR"]) == (3, 2)
    assert (before["used_entitled"], before["released"], before["used_after_release"]) == (1, 1, 1)
    assert before["used_by_others_before_release"] == 0

    office.goto(f"/capacity/schedule?day={wednesday}")
    block = office.locator("a.block", has_text=NAME).first
    expect(block).to_contain_text("3/3")
    block.click()
    office.locator("summary", has_text="停诊").click()
    office.locator("#stop-reason").fill(WHY)
    office.get_by_role("button", name="停诊并通知").click()
    expect(office.locator("main")).to_contain_text(WHY)

    for page, booking in ((doctor, reserved), (doctor, other), (comes, own)):
        page.goto(booking)
        expect(page.locator("main")).to_contain_text("停诊")
    moved_to = f"{friday.month}月{friday.day}日"
    for page in (kept_for, comes):
        page.goto("/me/bookings")
        expect(page.locator(".me-booking, .me-bookings, main")).to_contain_text([NAME])
        page.get_by_role("link", name="消息").click()
        for part in (WHY, moved_to):
            expect(page.locator("main")).to_contain_text(part)
    office.goto(f"/capacity/schedule?day={friday}")
    expect(office.locator("a.block", has_text=NAME).last).to_contain_text("3/10")

    assert told(site, "reconcile", "--json") == []
    after = proof(site, friday)
    assert (after["offered"], after["kept"]["FAMILY_DOCTOR"]) == (10, 4)
    assert (after["used_entitled"], after["used_by_others_before_release"]) == (1, 0)
