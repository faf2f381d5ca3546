"""The board's journey: a period, a consortium, the page behind a number; and the screen on the wall, which needs no hand."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from ..integration.evaluation.boards_made import CONTROLLED, chronic, laid, referral, visit
from ..integration.evaluation.facts_made import JINGHU, LEAD, STATION, lay
from .conftest import Site, journeys_environment
from .looks import axe, wide

pytestmark = pytest.mark.journey
Open = Callable[..., Page]
FRAME = "?region=wuhu&on=2019-09-01"


@pytest.fixture(scope="module", autouse=True)
def computed(site: Site) -> None:
    """A small 芜湖 by hand, enough visits for the screen on the wall, computed as an administrator does."""
    root = lay(site.home / "facts")
    chronic(root, CONTROLLED)
    given = {"place": "340202", "home": "340202", "consortium": JINGHU, "home_consortium": JINGHU}
    tiers = (("primary", STATION), ("tertiary", LEAD))
    laid(
        root,
        "3402",
        "visits",
        [
            visit(f"J{tier}{n}", date(2019, 2 + n % 9, 1 + n), tier=tier, institution=at, **given)
            for tier, at in tiers
            for n in range(20)
        ],
    )
    day = date(2019, 5, 6)
    ups = [referral(f"U{n}", day, "up", ("primary", "tertiary")) for n in range(14)]
    downs = [referral(f"D{n}", day, "down", ("tertiary", "primary")) for n in range(11)]
    laid(root, "3402", "referrals", [*ups, *downs])
    subprocess.run(
        [sys.executable, "-m", "tiercare.cli.main", "evaluation", "run", "--pack", "wuhu"],
        env={**os.environ, **journeys_environment(site.home)},
        check=True,
        capture_output=True,
        timeout=900,
    )


def test_from_the_board_to_the_page_behind_a_number(as_role: Open) -> None:
    page = as_role("commission", width=1440)
    page.goto("/" + FRAME)
    page.locator("#menu").get_by_text("指标看板").click()
    expect(page.locator("h1")).to_contain_text("2019年")
    page.get_by_label("统计时段").select_option(label="2019年一季度")
    expect(page.locator("h1")).to_contain_text("2019年一季度")
    page.get_by_label("医联体", exact=True).select_option(label="镜湖区城市医联体")
    expect(page.locator("h1")).to_contain_text("镜湖区城市医联体")
    tile = page.locator(".board-tile").filter(has_text="基层诊疗量占比")
    expect(tile.locator(".board-counts")).to_contain_text("/")
    link = tile.get_by_role("link", name="基层诊疗量占比")
    address = link.get_attribute("href") or ""
    assert f"level=consortium&key={JINGHU}" in address and "span=2019Q1" in address
    link.click()
    expect(page.locator("h1")).to_contain_text("基层诊疗量占比")


def test_places_bands_and_map_are_there_and_accessible(as_role: Open) -> None:
    for width, language in ((1440, "zh-hans"), (390, "en")):
        page = as_role("commission", width=width, language=language)
        page.goto("/board" + FRAME)
        assert page.locator("path.band").count() >= 4
        assert page.locator(".shades path.county").count() >= 2
        expect(page.locator("#quality-head")).to_be_visible()
        assert not wide(page)
        assert axe(page) == []


def test_the_wall_turns_by_itself_and_fits_its_screen(as_role: Open) -> None:
    page = as_role("commission", width=1920, height=1080)
    page.goto("/board/wall" + FRAME)
    expect(page.locator(".wall-tiles li").first).to_be_visible()
    for panel, shown in ((0, ".wall-tiles"), (1, ".wall-map"), (2, ".wall-flows")):
        page.goto(f"/board/wall{FRAME}&panel={panel}")
        expect(page.locator(shown)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollHeight") <= 1080
        assert not wide(page)
        small = page.evaluate(
            "[...document.querySelectorAll('.wall h1,.wall h2,.wall li,.wall p,.wall b,.wall span')]"
            ".filter(e => e.innerText.trim() && parseFloat(getComputedStyle(e).fontSize) < 24).map(e => e.innerText)"
        )
        assert small == []
        assert axe(page) == []
    # What the page does by itself when its seconds are over.
    page.evaluate(
        "htmx.ajax('GET', document.querySelector('#main').getAttribute('hx-get'),"
        " {target: '#main', select: '#main', swap: 'outerHTML'})"
    )
    expect(page.locator(".wall-tiles")).to_be_visible()
