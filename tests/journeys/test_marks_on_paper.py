"""What a demonstration prints says so on every sheet: by the banner or a line of the sheet's own, and at the head of each page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .test_every_page import FRAME

pytestmark = pytest.mark.journey

Open = Callable[..., Page]
HEADS = """() => [...document.styleSheets].filter(each => each.href?.includes("tiercare/synthetic"))
  .flatMap(each => [...each.cssRules]).map(each => each.cssText).join(" ")"""


def printed(page: Page, address: str) -> Page:
    """The page as paper shows it."""
    page.goto(address)
    page.emulate_media(media="print")
    return page


def test_a_list_keeps_the_banner_on_paper(as_role: Open) -> None:
    page = printed(as_role(), f"/institutions{FRAME}")
    expect(page.locator("p.synthetic")).to_be_visible()
    expect(page.locator("p.synthetic")).to_contain_text("演示数据（合成）")
    heads = page.evaluate(HEADS)
    assert "@page" in heads and "@top-center" in heads and "演示数据（合成）" in heads


def test_a_paper_to_be_signed_says_it_at_the_foot(as_role: Open) -> None:
    page = as_role()
    page.goto(f"/agreements{FRAME}")
    addresses = page.locator("main a").evaluate_all("found => found.map(each => each.getAttribute('href'))")
    paper = [each for each in addresses if re.match(r"/agreements/[0-9a-f-]{36}", each)][-1]
    page = printed(page, paper)
    expect(page.locator("p.synthetic")).to_be_hidden()
    foot = page.locator(".page-foot")
    expect(foot).to_be_visible()
    expect(foot).to_contain_text("演示数据（合成）")
    assert "演示数据（合成）" in page.evaluate(HEADS)
