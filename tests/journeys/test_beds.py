"""The ward's journey: beds entered, one kept, taken, changed and left, a gap of a day bed filled, mistakes on the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Page, expect

from .looks import axe, runs_out, wide
from .test_people import find, number

pytestmark = pytest.mark.journey

Open = Callable[..., Page]
WARD, DAY_WARD = "示例内科一区", "示例日间病房"


def enter(page: Page, ward: str, numbers: str, *, day: bool = False) -> None:
    page.goto("/beds/new")
    expect(page.locator("[name=ward]")).to_be_focused()
    page.keyboard.type(ward)
    page.locator("[name=numbers]").fill(numbers)
    page.locator("[name=day]").set_checked(day)
    page.get_by_role("button", name="登记", exact=True).click()


def tile(page: Page, ward: str, bed: str) -> str:
    """The address of a bed."""
    page.goto(f"/beds?ward={ward}")
    found = page.locator(".bed", has=page.locator(".bed-number", has_text=bed)).locator("a")
    return found.first.get_attribute("href") or ""


def registered(page: Page, sequence: int, name: str) -> str:
    """A patient whom the hospital's own desk registers today; the address of their record."""
    find(page, number(sequence))
    page.get_by_role("button", name="登记新居民").click()
    page.locator("[name=name]").fill(name)
    page.locator("[name=phone]").fill(f"16300000{sequence}")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_text("已登记。")).to_be_visible()
    return urlparse(page.url).path


@pytest.fixture(scope="module")
def ward(session_of, browser, site) -> Iterator[None]:
    """Four beds and two day beds, entered once."""
    context = browser.new_context(
        base_url=site.address, locale="zh-CN", storage_state=session_of("referral_office")
    )
    page = context.new_page()
    enter(page, WARD, "4-1")
    expect(page.locator("#numbers-error")).to_contain_text("不是床号")
    expect(page.locator("[name=ward]")).to_have_value(WARD)  # nothing is lost
    page.locator("[name=numbers]").fill("1-4")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_text("床位已登记。")).to_be_visible()
    enter(page, DAY_WARD, "日1-日2", day=True)
    yield
    context.close()


def test_a_bed_is_kept_taken_changed_and_left(as_role: Open, ward: None) -> None:
    page = as_role("referral_office", width=1440)
    record = registered(page, 961, "慕容示例")
    page.goto(record)
    page.get_by_role("link", name="安排床位").click()
    expect(page.locator("main")).to_contain_text("慕容示例")
    page.locator(".lane", has_text=WARD).locator("button.free-bed").first.click()
    expect(page.get_by_text("已预留，短信已告知患者。")).to_be_visible()
    expect(page.locator("h1")).to_contain_text(f"{WARD} 1 床")

    page.goto(tile(page, WARD, "2"))  # the same patient in a second bed, by number
    page.locator("[name=number]").fill(number(961))
    page.get_by_role("button", name="预留并告知患者").click()
    expect(page.locator("#refusals")).to_contain_text("已安排了别的床位")
    expect(page.locator("[name=number]")).to_have_value(number(961))

    page.goto(f"/beds?ward={WARD}")
    page.get_by_role("button", name="1 床入床").click()
    expect(page.get_by_text("已入床。")).to_be_visible()
    page.get_by_role("link", name="换床").click()
    page.locator(".lane", has_text=WARD).locator("button.free-bed", has_text="3").click()
    expect(page.get_by_text("已换床。")).to_be_visible()
    expect(page.locator("h1")).to_contain_text(f"{WARD} 3 床")
    page.get_by_text("改这张床，或停用").click()
    page.locator("[name=stopped]").check()
    page.locator("[name=why]").fill("漏水")
    page.get_by_role("button", name="保存").last.click()
    expect(page.locator("#refusals")).to_contain_text("1 位患者在床或已预留")
    expect(page.locator("[name=why]")).to_have_value("漏水")
    page.get_by_role("button", name="离床").click()
    expect(page.get_by_text("已离床，床位空出来了。")).to_be_visible()
    page.goto(f"/beds?ward={WARD}")
    expect(page.locator(".bed-free")).to_have_count(4)


def test_a_gap_of_a_day_bed_is_filled_on_a_phone(as_role: Open, ward: None) -> None:
    page = as_role("referral_office", width=390)
    registered(page, 962, "司徒示例")
    page.goto("/beds/day")
    page.get_by_role("link", name="后一天").click()
    page.get_by_role("link", name="06:00 – 22:00 空，可预留").first.click()
    expect(page.locator("#starts")).to_have_value(re.compile("T06:00$"))
    page.locator("[name=number]").fill(number(962))
    page.locator("#until").fill("")
    page.get_by_role("button", name="预留并告知患者").click()
    expect(page.locator("#until-error")).to_contain_text("须写明 24 小时以内的离床时间")
    starts = page.locator("#starts").input_value()
    page.locator("#until").fill(starts.replace("06:00", "10:00"))
    page.get_by_role("button", name="预留并告知患者").click()
    expect(page.get_by_text("已预留，短信已告知患者。")).to_be_visible()
    page.goto("/beds/day")
    page.get_by_role("link", name="后一天").click()
    expect(page.locator(".day-chip-planned")).to_contain_text("司**例")
    expect(page.get_by_role("link", name="10:00 – 22:00 空，可预留")).to_be_visible()
    page.goto(tile(page, DAY_WARD, "日1"))
    page.get_by_text("取消预留").click()
    page.get_by_role("button", name="确定取消").click()
    expect(page.get_by_text("已取消预留，短信已告知患者。")).to_be_visible()


@pytest.mark.parametrize(("width", "language"), [(1440, ""), (390, "en")])
def test_the_pages_are_accessible_and_fit(as_role: Open, ward: None, width: int, language: str) -> None:
    page = as_role("referral_office", width=width, language=language)
    bed = tile(page, WARD, "1")
    found = []
    addresses = ["/beds?ward=*", f"/beds/sheet?ward={WARD}", "/beds/day", "/beds/use", "/beds/new", bed]
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None and answer.status == 200, address
        found += axe(page)
        if wide(page):
            found.append(f"{address} scrolls sideways at {width}")
        if runs_out(page):
            found.append(f"{address} runs out of its card at {width}")
    assert found == []
