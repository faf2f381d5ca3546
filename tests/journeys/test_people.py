"""The journey of issue 4: a desk registers by card, a stranger is refused and breaks glass, and all of it is seen."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from stdnum.cn import ric

from .conftest import Site
from .looks import axe, wide

pytestmark = pytest.mark.journey

Open = Callable[..., Page]
PAGES = {
    "registrar": ("/residents", "/residents/new", "/cards", "/cards/arrivals", "/cards/lost"),
    "index_keeper": ("/duplicates", "/duplicates/merges", "/duplicates/unclaimed"),
    "operator": ("/accounts", "/accounts/new", "/accounts/rights", "/accounts/holders", "/second-factor"),
    "auditor": ("/reviews", "/reviews/objections", "/events"),
    "clinician": ("/sessions", "/password"),
}


def number(sequence: int) -> str:
    """An identity number of the range kept for demonstrations."""
    body = f"340210{date(1971, 3, 9):%Y%m%d}{sequence:03d}"
    return body + ric.calc_check_digit(body + "0")


@pytest.fixture
def resident(browser: Browser, site: Site) -> Iterator[Callable[[str], Page]]:
    """A resident's telephone, signed in by card number and the code that was sent."""
    contexts = []

    def signed_in(card: str) -> Page:
        context = browser.new_context(
            base_url=site.address, viewport={"width": 390, "height": 844}, locale="zh-CN"
        )
        contexts.append(context)
        page = context.new_page()
        page.goto("/me/sign-in")
        page.locator("[name=card]").fill(card)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url("**/me/sign-in/code**")
        page.locator("[name=code]").fill(code_sent(site.home))
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url(f"{site.address}/me")
        return page

    yield signed_in
    for context in contexts:
        context.close()


def code_sent(home: Path) -> str:
    """The code of the last message in the file that stands for the messenger."""
    last = (home / "outbox" / "sms.jsonl").read_text("utf-8").splitlines()[-1]
    found = re.search(r"\d{6}", json.loads(last)["text"])
    assert found is not None
    return found[0]


def find(page: Page, text: str) -> None:
    """Type or scan into the one box, which has the focus, and press Enter."""
    page.goto("/residents")
    expect(page.locator("[name=q]")).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_a_desk_a_stranger_a_reviewer_and_the_resident(as_role: Open, resident) -> None:
    told = "车祸昏迷送来抢救，家属还没有到场"
    page = as_role("registrar")
    find(page, number(951))  # scanned: not known, and the number is carried over
    page.get_by_role("button", name="登记新居民").click()
    expect(page.locator("[name=number]")).to_have_value(number(951))
    expect(page.locator("[name=birth_date]")).to_have_value("1971-03-09")
    page.locator("[name=name]").fill("欧阳示例")
    page.locator("[name=phone]").fill("16300000951")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_text("已登记。")).to_be_visible()
    expect(page.locator("main")).to_contain_text("340210********" + number(951)[-4:])
    expect(page.locator("main")).not_to_contain_text(number(951))
    page.get_by_role("button", name="显示号码").click()
    expect(page.locator("main")).to_contain_text(number(951))

    page.get_by_role("link", name="健康卡").first.click()
    page.get_by_role("button", name="发卡").click()
    page.get_by_role("link", name="打印居民健康卡").click()
    card = re.search(r"80\d{2}(?:\s?\d{4}){3}", page.locator("main").inner_text())
    assert card is not None

    stranger = as_role("other_hospital")
    find(stranger, number(951))
    expect(stranger.locator("main")).to_contain_text("欧**例")
    expect(stranger.locator("main")).not_to_contain_text("欧阳示例")
    stranger.get_by_role("link", name="打开档案").click()
    expect(stranger.get_by_role("heading", name="档案没有打开")).to_be_visible()
    stranger.get_by_role("link", name="紧急调阅").click()
    stranger.locator("[name=reason][value=cannot_consent]").check()
    stranger.locator("[name=explanation]").fill("昏迷")
    stranger.get_by_role("button", name="打开档案").click()
    expect(stranger.locator("[name=explanation]")).to_have_value(
        "昏迷"
    )  # too short: nothing opens or is lost
    expect(stranger.locator("[name=reason][value=cannot_consent]")).to_be_checked()
    stranger.locator("[name=explanation]").fill(told)
    stranger.get_by_role("button", name="打开档案").click()
    expect(stranger.locator("main")).to_contain_text("查看依据：紧急调阅")
    expect(stranger.locator("main")).to_contain_text("欧阳示例")

    auditor = as_role("auditor")
    auditor.goto("/reviews")
    auditor.locator("tr", has_text=told).get_by_role("link").first.click()
    auditor.locator("[name=outcome][value=justified]").check()
    auditor.locator("[name=remark]").fill("急诊记录相符")
    auditor.get_by_role("button", name="记录结论").click()
    expect(auditor.locator("main")).to_contain_text("审核结论已记录")

    own = resident(card[0].replace(" ", ""))
    own.get_by_role("link", name="谁看过").click()
    for seen in ("外院医师", "皖南医学院第二附属医院", "挂号登记员", told, "理由成立"):
        expect(own.locator("main")).to_contain_text(seen)
    expect(own.locator("main")).to_contain_text("没")  # and that somebody was not let in


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_are_accessible_and_fit(as_role: Open, width: int) -> None:
    found = []
    for role, pages in PAGES.items():
        page = as_role(role, width=width)
        for path in pages:
            answer = page.goto(path)
            assert answer is not None and answer.status == 200, path
            if width > 1000:  # what axe reads is the same on a telephone
                found += axe(page)
            if wide(page):
                found.append(f"{path} scrolls sideways at {width}")
    assert found == []


@pytest.mark.parametrize("language", ["", "en"])
def test_the_residents_pages_are_accessible_on_a_telephone(resident, site, language: str) -> None:
    card = json.loads((site.home / "demo_cards.json").read_text("utf-8"))[2 if language else 3]
    page = resident(card)
    if language:
        page.context.add_cookies([{"name": "tiercare_language", "value": language, "url": site.address}])
    found = []
    for path in ("/me", "/me/readings", "/me/consents", "/me/objections", "/me/family", "/me/move"):
        page.goto(path)
        found += axe(page)
        if wide(page):
            found.append(f"{path} scrolls sideways")
    assert found == []
