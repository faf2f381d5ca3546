"""From the verdict to the fact, to an exception, and back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.journey

CLEAN = "region=wuhu&on=2019-07-01"
FAULTY = "region=wuhu&on=2019-09-01"
Open = Callable[..., Page]


def test_sign_in_leads_to_the_verdict_and_out_again(as_role: Open) -> None:
    page = as_role()
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("芜湖市")
    expect(page.get_by_text("演示数据（合成）").first).to_be_visible()
    expect(page.get_by_text("没有违反强制或“原则上”要求")).to_be_visible()


def test_another_day_another_verdict(as_role: Open) -> None:
    page = as_role()
    page.goto(f"/?{CLEAN}")
    page.get_by_label("截至").fill("2019-09-01")
    page.get_by_role("button", name="查看").click()
    page.wait_for_url("**on=2019-09-01**")
    expect(page.locator(".verdict-broken")).to_be_visible()


def test_filters_reload_the_list_and_stay_in_the_address(as_role: Open) -> None:
    page = as_role()
    page.goto(f"/compliance?{FAULTY}")
    before = page.locator("#results tbody tr").count()
    page.get_by_label("措辞").select_option("principle")
    page.wait_for_url("**force=principle**")
    expect(page.locator("#results tbody tr")).not_to_have_count(before)
    rows = page.locator("#results tbody tr")
    assert rows.count() == rows.filter(has_text="原则上").count() > 0
    page.reload()
    expect(page.get_by_label("措辞")).to_have_value("principle")


def test_an_exception_is_granted_seen_and_revoked(as_role: Open) -> None:
    page = as_role()
    page.goto(f"/compliance?{FAULTY}")
    row = page.locator("#results tbody tr").filter(has_text="WH-27")
    expect(row).to_contain_text("违反")
    row.get_by_role("link", name="WH-27", exact=True).click()
    page.get_by_text("批准例外", exact=True).first.click()
    page.get_by_role("button", name="确认批准例外").click()
    alert = page.locator("#refusals")
    expect(alert).to_contain_text("豁免要写明理由")
    page.get_by_label("理由").fill("两院合并过渡期")
    page.get_by_role("button", name="确认批准例外").click()
    expect(page.locator("#refusals")).to_contain_text("截止日期")
    expect(page.get_by_label("理由")).to_have_value("两院合并过渡期")
    page.get_by_label("截止日期（最后一天）").fill("2019-12-31")
    page.get_by_role("button", name="确认批准例外").click()
    expect(page.get_by_role("status")).to_contain_text("已批准例外")
    expect(page.locator("h1")).to_contain_text("已豁免")
    box = page.locator(".waiver-box")
    expect(box).to_contain_text("两院合并过渡期")
    expect(box).to_contain_text("2019-09-01 至 2019-12-31")

    page.goto(f"/waivers?{FAULTY}")
    page.get_by_role("button", name="撤销").first.click()
    expect(page.get_by_role("status")).to_contain_text("已撤销例外")
    page.goto(f"/compliance/WH-27?{FAULTY}")
    expect(page.locator("h1")).to_contain_text("违反")


def test_what_must_be_cannot_be_waived_and_says_why(as_role: Open) -> None:
    page = as_role()
    page.goto(f"/compliance/NHC-75?{CLEAN}")
    button = page.get_by_role("button", name="批准例外")
    expect(button).to_have_attribute("aria-disabled", "true")
    why = page.locator(f"#{button.get_attribute('aria-describedby')}")
    expect(why).to_be_visible()
    expect(why).to_contain_text("不能豁免")


def test_a_role_without_the_right_is_told_whom_to_ask(as_role: Open) -> None:
    page = as_role("clinician")
    page.goto(f"/compliance/WH-27?{FAULTY}")
    expect(page.get_by_role("button", name="批准例外")).to_have_attribute("aria-disabled", "true")
    expect(page.locator(".why")).to_contain_text("卫生健康行政部门")
    page.goto("/events")
    expect(page.locator("h1")).to_contain_text("不能继续")


def test_the_map_opens_a_consortium(as_role: Open) -> None:
    page = as_role()
    page.goto(f"/?{CLEAN}")
    page.locator("svg.map a[aria-label^='镜湖区']").dispatch_event("click")
    page.wait_for_url("**/consortia/**")
    expect(page.locator("h1")).to_contain_text("镜湖区城市医联体")
    expect(page.locator(".banner")).to_contain_text("芜湖市第二人民医院")
    expect(page.locator(".banner")).to_contain_text("文件载明")


def test_consortia_are_found_by_pinyin_initials(as_role: Open) -> None:
    page = as_role()
    page.goto(f"/consortia?{CLEAN}")
    page.get_by_label("名称或拼音首字母").press_sequentially("jhqcs")
    expect(page.locator("#results tbody tr")).to_have_count(1)
    expect(page.locator("#results")).to_contain_text("镜湖区城市医联体")
