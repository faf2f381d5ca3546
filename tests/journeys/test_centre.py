"""The admission centre's journey: day surgery from the booking to the follow-up on one page, with a mistake on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Page, expect

from .looks import axe, wide
from .test_people import find, number

pytestmark = pytest.mark.journey

Open = Callable[..., Page]
# A tertiary hospital of the demonstration, and the county's, which may not do day surgery.
TERTIARY, COUNTY = "other_registrar", "referral_office"
PROCEDURE, DISEASE = "腹腔镜胆囊切除术", "胆囊结石"


def run_a_centre(page: Page) -> None:
    """All six functions, day surgery, one procedure, and when patients may leave."""
    page.goto("/centre/settings")
    for box in page.locator("#unit [name=functions]").all():
        box.check()
    page.locator("#unit [name=day_surgery]").check()
    page.locator("#unit").get_by_role("button", name="保存").click()
    expect(page.locator("#unit")).to_contain_text("6 项开了 6 项")
    if page.locator("#catalogue").get_by_text(PROCEDURE).count() == 0:
        page.locator("#name").fill(PROCEDURE)
        page.get_by_role("button", name="加入目录").click()
        expect(page.locator("#catalogue")).to_contain_text("1 个术式")
        page.locator("#disease").fill(DISEASE)
        page.locator("label.pick", has_text="出院标准").click()
        page.locator("#items").fill("能下床活动\n进食无恶心")
        page.locator("#criteria").get_by_role("button", name="保存", exact=True).click()
        expect(page.locator("#criteria")).to_contain_text("第 1 版，2 条")


def register(page: Page, sequence: int, name: str) -> str:
    """Somebody new at this hospital; answers the address of their record."""
    find(page, number(sequence))
    page.get_by_role("button", name="登记新居民").click()
    page.locator("[name=name]").fill(name)
    page.locator("[name=phone]").fill(f"16300000{sequence}")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_text("已登记。")).to_be_visible()
    return urlparse(page.url).path


def done(page: Page, step: str) -> None:
    """Tick all that stands on the step's list, and finish it."""
    ahead = page.locator("#next")
    expect(ahead.locator(".case-line strong")).to_have_text(step)
    for box in ahead.locator("[name=ticked], [name=met]").all():
        box.check()
    ahead.get_by_role("button", name=f"{step}办好了").click()
    expect(page.get_by_text("已办理")).to_be_visible()


def test_day_surgery_is_done_on_one_page(as_role: Open) -> None:
    page = as_role(TERTIARY, width=1440, height=900)
    run_a_centre(page)
    register(page, 971, "宇文清和")
    page.get_by_role("link", name="入院、手术").click()
    page.locator("label.pick", has_text="日间手术").click()
    page.locator("#department").fill("没有这个科")
    page.locator("#disease").fill(DISEASE)
    page.get_by_role("button", name="开立", exact=True).click()  # a mistake: nothing that was typed is lost
    expect(page.locator("#department-error")).to_contain_text("没有“没有这个科”")
    expect(page.locator("#disease")).to_have_value(DISEASE)
    page.locator("#department").fill(page.locator("#departments option").first.get_attribute("value") or "")
    page.get_by_role(
        "button", name="开立", exact=True
    ).click()  # and another: day surgery without its procedure
    expect(page.locator("#procedure-error")).to_contain_text("目录")
    page.locator("#procedure").select_option(label=PROCEDURE)
    page.get_by_role("button", name="开立", exact=True).click()
    expect(page.locator(".case-step")).to_have_count(6)
    case = urlparse(page.url).path

    done(page, "预约")
    page.locator("#next [name=ticked]").first.check()
    page.locator("#note-step").fill("血压偏高，复测")
    page.get_by_role("button", name="术前评估办好了").click()
    expect(page.locator("#refusals")).to_contain_text("还有未核对的项目")
    expect(page.locator("#note-step")).to_have_value("血压偏高，复测")
    expect(page.locator("#next [name=ticked]").first).to_be_checked()
    done(page, "术前评估")
    expect(page.locator(".is-done", has_text="术前评估")).to_contain_text("血压偏高，复测")
    for step in ("办理入院", "手术", "出院评估"):
        done(page, step)
    expect(page.locator(".case-proposal")).to_contain_text("建议下转")
    done(page, "随访")
    assert urlparse(page.url).path == case
    expect(page.locator(".lead").first).to_contain_text("已办结")
    page.goto("/centre")
    expect(page.locator("main")).not_to_contain_text(PROCEDURE)
    page.goto("/centre/figures")
    expect(page.locator("section", has=page.locator("#share-head"))).to_contain_text("100.0%")


def test_an_admission_books_its_examination_and_is_given_up(as_role: Open) -> None:
    page = as_role(TERTIARY, width=390, height=844)
    run_a_centre(page)
    register(page, 972, "公孙例一")
    page.goto("/centre/new")
    page.locator("#text").fill(number(972))
    page.keyboard.press("Enter")
    page.locator("label.pick", has_text="住院").click()
    page.locator("#department").fill(page.locator("#departments option").first.get_attribute("value") or "")
    page.get_by_role("button", name="开立", exact=True).click()
    expect(page.locator("#next .case-line strong")).to_have_text("检查检验预约")
    case = urlparse(page.url).path
    page.get_by_role("link", name="约检查").click()
    page.locator("[name=far]").select_option("120")
    page.locator("#q").fill("影像")
    page.keyboard.press("Enter")
    page.locator(".booking-hit").first.click()
    page.locator("button.booking-time").first.click()
    page.get_by_role("button", name="确认预约").click()
    page.get_by_role("link", name="回到入出院办理").click()
    assert urlparse(page.url).path == case
    expect(page.locator("#next")).to_contain_text("CT 平扫")
    page.get_by_text("不需要这一步").click()
    page.get_by_role("button", name="跳过").click()
    expect(page.locator("#note-error")).to_contain_text("要写明理由")
    page.locator("#reason-skip").fill("检查已在门诊约好")
    page.get_by_role("button", name="跳过").click()
    expect(page.locator(".is-left-out")).to_contain_text("检查已在门诊约好")
    page.get_by_role("link", name="给患者的单子").click()
    expect(page.locator(".case-sheet")).to_contain_text("公**一")
    page.goto(case)
    page.get_by_text("取消这次办理").click()
    page.locator("#reason-cancel").fill("患者改去外院")
    page.get_by_role("button", name="确定取消").click()
    expect(page.locator(".lead").first).to_contain_text("已取消")


def test_a_county_hospital_sees_why_it_opens_no_day_surgery(as_role: Open) -> None:
    page = as_role(COUNTY)
    page.goto("/centre/settings")
    page.locator("#unit [name=day_surgery]").check()
    page.locator("#unit").get_by_role("button", name="保存").click()
    expect(page.locator("#unit .notice")).to_contain_text("三级医院")
    page.locator("#unit [name=day_surgery]").uncheck()
    page.locator("#unit").get_by_role("button", name="保存").click()
    expect(page.locator("#unit .notice")).to_have_count(0)


@pytest.mark.parametrize(("width", "language"), [(1440, ""), (390, "en")])
def test_the_pages_are_accessible_and_fit(as_role: Open, width: int, language: str) -> None:
    page = as_role(TERTIARY, width=width)
    run_a_centre(page)
    at = (width == 390) + 2 * bool(language)
    record = register(page, 963 + at, ("上官二例", "夏侯三示", "尉迟四例", "令狐五示")[at])
    page.get_by_role("link", name="入院、手术").click()
    page.locator("label.pick", has_text="择期手术").click()
    page.locator("#disease").fill(DISEASE)
    page.locator("#department").fill(page.locator("#departments option").first.get_attribute("value") or "")
    page.get_by_role("button", name="开立", exact=True).click()
    case = urlparse(page.url).path
    resident = re.sub(r".*/", "", record)
    if language:
        page.context.add_cookies(
            [{"name": "tiercare_language", "value": language, "url": page.url.split(case)[0]}]
        )
    found = []
    for path in (
        *("/centre", "/centre/new", f"/centre/new?resident={resident}", case, f"{case}/sheet"),
        *("/centre/settings", "/centre/figures"),
    ):
        answer = page.goto(path)
        assert answer is not None and answer.status == 200, path
        found += axe(page)
        if wide(page):
            found.append(f"{path} scrolls sideways at {width}")
    assert found == []
