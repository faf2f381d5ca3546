"""The journey down: the receiver's drug list, the plan with its gap, and the next visit in place at the receiver."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import HERE, Site, journeys_environment
from .looks import axe, wide
from .test_booking import signed_records
from .test_writing_cut import rows

pytestmark = pytest.mark.journey

Open = Callable[..., Page]
# A record of the list that the other journeys leave alone.
DOWN = 12


def test_a_list_is_kept_by_hand_and_by_file(as_role: Open, tmp_path: Path) -> None:
    page = as_role("primary_doctor", width=1440)
    page.goto("/formulary")
    page.fill("#name", "苯磺酸氨氯地平片")
    page.fill("#strength", "5 mg×28")
    page.get_by_role("button", name="列入目录").click()
    expect(page.locator("table")).to_contain_text("苯磺酸氨氯地平片")
    page.fill("#name", "二甲双胍片")
    page.fill("#code", "A10B")
    page.get_by_role("button", name="列入目录").click()
    expect(page.locator("#refusals")).to_contain_text("只是一类药")
    file = tmp_path / "目录.csv"
    file.write_text("药品通用名,规格,药品编码\n阿司匹林肠溶片,100 mg,B01AC06\n,1 g,\n", "utf-8")
    page.set_input_files("#file", file)
    page.get_by_role("button", name="导入").click()
    expect(page.locator("#check")).to_contain_text("有误 1")
    file.write_text("药品通用名,规格,药品编码\n阿司匹林肠溶片,100 mg,B01AC06\n", "utf-8")
    page.set_input_files("#file", file)
    page.get_by_role("button", name="导入").click()
    expect(page.locator("table").last).to_contain_text("阿司匹林肠溶片")


def test_a_receiver_without_a_list_is_unknown_and_the_table_follows_what_is_typed(as_role: Open) -> None:
    page = as_role("primary_doctor", width=1440)
    page.goto(signed_records(page)[DOWN])
    page.locator("form[action*='/refer/down']").first.locator("button").click()
    page.wait_for_url(re.compile(r"/referrals/[-0-9a-f]+/plan"))
    first = page.locator("#drug-box tbody tr").first
    page.fill("#drug-1", "硫酸氢氯吡格雷片")
    page.locator("#dose-1").click()
    expect(first).to_contain_text("未知")
    expect(page.locator("#drug-1")).to_have_value("硫酸氢氯吡格雷片")
    page.select_option("#instead-1", "SUBSTITUTE")
    page.fill("#reason", "病情稳定，转回村卫生室继续治疗。")
    for name in ("plan_treatment", "rehabilitation", "nursing"):
        page.fill(f"[name={name}]", "照方案")
    page.locator("#group input").first.check()
    page.get_by_role("button", name="送出下转").click()
    expect(page.locator("#refusals")).to_contain_text("硫酸氢氯吡格雷片")


@pytest.fixture
def planted(site: Site) -> dict[str, str]:
    """A clinic of the township, and a patient of the hospital who can go down to it."""
    command = [sys.executable, str(HERE / "planted_township.py")]
    environment = {**os.environ, **journeys_environment(site.home)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


def reach(page: Page, what: str) -> None:
    """By Tab alone, as somebody without a mouse goes on."""
    for _ in range(80):
        if page.evaluate("what => document.activeElement.matches(what)", what):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{what} is not reached by Tab")


def test_the_next_visit_is_picked_at_the_receiver_with_the_keyboard(
    as_role: Open, planted: dict[str, str]
) -> None:
    page = as_role("clinician", width=1440)
    page.goto("/referrals/ready")
    row = page.locator("#main tr", has=page.locator(f"a[href*='{planted['resident']}']"))
    row.locator("button").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/referrals/[-0-9a-f]+/plan"))
    key = page.url.split("/referrals/")[1].split("/")[0]
    # The receiver that keeps the patient's file stands first and chosen, with its own clinic.
    expect(page.locator("#places")).to_contain_text("全科门诊（下转复诊）")
    page.locator("#reason").fill("血压达标两周，病情稳定。")
    for name in ("plan_treatment", "rehabilitation", "nursing"):
        page.locator(f"[name={name}]").fill("照方案")
    page.locator("#plan").focus()
    reach(page, ".referral-day")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # another day than the first
    expect(page.locator(".referral-day").nth(1)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)
    page.locator("#slot").focus()
    reach(page, "button.booking-time")
    page.keyboard.press("Enter")
    held = page.locator(".referral-held")
    expect(held).to_contain_text("全科门诊（下转复诊）")
    expect(held.locator("[data-countdown]")).to_be_visible()
    expect(page.locator(".referral-bar [type=submit]")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/requests/{key}"))
    day = date.fromisoformat(planted["day"]) + timedelta(days=1)
    expect(page.locator("#main")).to_contain_text(f"{day:%m-%d}")
    ((state, at, on),) = rows(
        "SELECT b.state, (lower(s.during) AT TIME ZONE 'Asia/Shanghai')::date, c.next_visit_on"
        " FROM exchange_request r JOIN capacity_booking b ON b.id = r.booking_id"
        " JOIN capacity_slot s ON s.id = b.slot_id JOIN records_careplan c ON c.request_id = r.id WHERE r.id = %s",
        key,
    )
    assert (state, at, on) == ("BOOKED", day, day), "the place is the next visit of the plan"


@pytest.mark.parametrize(("width", "language"), [(1440, ""), (390, "en")])
def test_the_pages_are_accessible_and_fit(as_role: Open, width: int, language: str) -> None:
    page = as_role("clinician", width=width, language=language)
    found = []
    for path in ("/referrals/ready", "/formulary", "/followup/alerts", "/followup/surveys"):
        page.goto(path)
        found += axe(page)
        if wide(page):
            found.append(f"{path} scrolls sideways at {width}")
    assert found == []
