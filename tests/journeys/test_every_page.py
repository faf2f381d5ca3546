"""What holds on every page: accessible, no sideways scrolling on a phone, usable by keyboard, light, in English too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .looks import axe, runs_out, wide

pytestmark = pytest.mark.journey

FRAME = "?region=wuhu&on=2019-09-01"
PAGES = (
    *("/", "/compliance", "/compliance/WH-27", "/compliance/NHC-75", "/consortia", "/rules"),
    *("/rules/wuhu/one_tertiary_partner_per_community", "/clauses", "/clauses/WH-27", "/waivers", "/lists"),
    *("/lists/tertiary_general_hospitals", "/events", "/no-such-page", "/compliance/XX-99"),
    *("/applications", "/changes/new", "/explorer", "/institutions", "/agreements", "/agreements/new"),
    *("/agreements/responsibilities", "/agreements/charter", "/calendar", "/calendar/plans", "/imports"),
    *("/centre/figures", "/referrals/statistics", "/referrals/statistics/cases"),
    *("/referrals/statistics/first-contact", "/referrals/statistics/hops"),
    *("/referrals/statistics/register", "/board", "/board/panels"),
    *("/institution-plans", "/institution-plans/versions"),
    *("/planning", "/planning/layers", "/planning/gaps", "/planning/plans"),
)
Open = Callable[..., Page]


@pytest.mark.parametrize("width", [1280])
def test_axe_finds_nothing_serious(as_role: Open, width: int) -> None:
    page = as_role(width=width)
    found = []
    for path in PAGES:
        page.goto(path + FRAME)
        found += axe(page)
    page.goto("/consortia" + FRAME)
    page.locator("#results tbody a").first.click()
    page.wait_for_url("**/consortia/**")
    found += axe(page)
    assert found == []


def test_sign_in_page_is_accessible(browser, site) -> None:
    context = browser.new_context(base_url=site.address)
    page = context.new_page()
    page.goto("/sign-in")
    assert axe(page) == []
    context.close()


@pytest.mark.parametrize(
    ("width", "language"), [(1440, "zh-hans"), (1280, "en"), (390, "en"), (320, "zh-hans")]
)
def test_every_page_fits(as_role: Open, width: int, language: str) -> None:
    """No page scrolls sideways; English words are longer than Chinese ones: a table that pushes past its card lies
    over the next."""
    page = as_role(width=width, height=800, language=language)
    page.goto("/consortia" + FRAME)
    first = page.locator("#results tbody a").first.get_attribute("href")
    assert first is not None
    found = []
    for path in (first, *(path + FRAME for path in PAGES)):
        page.goto(path)
        if wide(page):
            found.append(f"{path} scrolls sideways")
        if width > 1000 and runs_out(page):
            found.append(f"{path} runs out of its card")
    assert found == []


def test_the_menu_is_a_drawer_on_a_phone(as_role: Open) -> None:
    page = as_role(width=390)
    page.goto("/" + FRAME)
    link = page.locator("#menu").get_by_text("条款台账")
    expect(link).not_to_be_visible()
    page.get_by_role("button", name="菜单").click()
    expect(link).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).not_to_be_visible()
    page.get_by_role("button", name="菜单").click()
    link.click()
    page.wait_for_url("**/clauses**")


def test_everything_can_be_done_by_keyboard(as_role: Open) -> None:
    page = as_role()
    page.goto("/" + FRAME)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Alt+2")
    page.wait_for_url("**/compliance**")
    page.get_by_label("关键字").focus()
    page.keyboard.type("/2")  # letters and signs stay text while somebody types
    expect(page.get_by_label("关键字")).to_have_value("/2")
    page.get_by_label("关键字").fill("WH-27")
    page.keyboard.press("Enter")
    expect(page.locator("#results tbody tr")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    link = page.locator("#results .id a")
    link.focus()
    outline = link.evaluate("e => getComputedStyle(e).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/compliance/WH-27**")


def test_english_is_complete_on_the_pages(as_role: Open) -> None:
    page = as_role()
    page.goto("/compliance" + FRAME)
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_contain_text("Compliance board of Wuhu")
    assert page.evaluate("document.documentElement.lang") == "en"
    expect(page.locator("#results tbody tr").filter(has_text="WH-27")).to_contain_text("violated")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("h1")).to_contain_text("合规看板")


def test_a_page_is_light_after_the_first(as_role: Open, site) -> None:
    page = as_role()
    page.goto("/" + FRAME)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    received = [0]
    session.on(
        "Network.loadingFinished",
        lambda event: received.__setitem__(0, received[0] + event["encodedDataLength"]),
    )
    heavy = []
    for path in PAGES:
        received[0] = 0
        page.goto(
            path + FRAME
        )  # everything a page needs is there when it has loaded: htmx asks nothing by itself
        if received[0] > 200_000:
            heavy.append((path, received[0]))
    assert heavy == []
