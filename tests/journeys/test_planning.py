"""The map of grids in a browser: a township dragged and sent by keyboard, what it costs and breaks, a proposal, a version, files, a phone."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tiercare.web.marks import DEMONSTRATION

from .conftest import Site
from .looks import axe, wide
from .test_assessing_journey import run

pytestmark = pytest.mark.journey
Open = Callable[..., Page]
FRAME = "?region=wuhu&on=2019-07-01"
# The site of journeys has no worker: what was asked for is searched here.
_SEARCH = """
import django
django.setup()
from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.planning import commands, models
from tiercare.kernel.actor import Actor
with scoped(Actor.system("test"), area=EVERYWHERE):
    waiting = list(models.Search.objects.filter(stage="WAITING").values_list("id", flat=True))
for each in waiting:
    commands.run_search(each)
"""


def township(page: Page, name: str) -> str:
    """Its key."""
    data = json.loads(page.locator("#planning-data").text_content() or "")
    return next(key for key, place in data["places"].items() if place["name"] == name)


def middle(page: Page, key: str) -> tuple[float, float]:
    """Where the middle of a township is on the screen."""
    page.locator(f"#map-after .cell[data-key='{key}']").scroll_into_view_if_needed()
    box = page.locator(f"#map-after .cell[data-key='{key}']").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def dragged(page: Page, name: str, onto: str) -> None:
    """A township moved by mouse into the grid that another lies in."""
    start, end = middle(page, township(page, name)), middle(page, township(page, onto))
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 12, start[1] + 8)
    page.mouse.move(*end, steps=5)
    with page.expect_response("**/planning/weigh**"):
        page.mouse.up()


def by_keyboard(page: Page, name: str, number: str) -> None:
    """The same by arrow keys and the list of grids."""
    page.locator(f"#map-after .cell[data-key='{township(page, name)}']").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#to")).to_be_focused()
    expect(page.locator("[data-fact=people]")).not_to_be_empty()
    choice = page.locator("#to option").filter(has_text=number).first
    with page.expect_response("**/planning/weigh**"):
        page.select_option("#to", label=choice.text_content() or "")


def test_a_township_is_moved_weighed_undone_proposed_kept_and_taken_along(as_role: Open, site: Site) -> None:
    city = as_role(width=1440, height=950)
    city.goto(f"/planning{FRAME}")
    expect(city.locator("#score")).to_contain_text("改划 0 个乡镇")
    before = city.locator("#score .plan-each strong").inner_text()
    found = axe(city)
    dragged(city, "三里镇", "工山镇")
    expect(city.locator("#score")).to_contain_text("改划 1 个乡镇")
    expect(city.locator("#score .plan-each strong")).not_to_have_text(before)
    expect(city.locator("#map-after .ring.is-changed")).to_have_count(1)
    dragged(city, "三里镇", "孙村镇")
    expect(city.locator("#score")).to_contain_text("不应由繁昌县人民医院负责")
    expect(city.locator("#map-after .ring.is-broken").first).to_be_attached()
    city.keyboard.press("Control+z")
    expect(city.locator("#score")).not_to_contain_text("不应由繁昌县人民医院负责")
    city.reload()
    expect(city.locator("[data-status]")).to_contain_text("已恢复")
    expect(city.locator("#score")).to_contain_text("改划 1 个乡镇")
    by_keyboard(city, "花桥镇", "芜湖县人民医院")
    expect(city.locator("#score")).to_contain_text("改划 2 个乡镇")
    city.get_by_role("button", name="与文件划分对照").click()
    expect(city.locator("#map-before")).to_be_visible()
    expect(city.locator("#map-before .ring.is-changed")).to_have_count(2)
    found += axe(city)
    city.fill("#title", "示例：按路程")
    city.get_by_role("button", name="存为新版本").click()
    expect(city.locator("main")).to_contain_text("已存为新版本")
    expect(city.locator(".plan-banner")).to_contain_text("人工调整")
    with city.expect_download() as file:
        city.get_by_role("button", name="GeoJSON").click()
    assert file.value.suggested_filename == f"{DEMONSTRATION.zh}-wuhu-20190701-plan.geojson"
    city.get_by_role("button", name="按这些权重提方案").click()
    expect(city.locator("[data-progress] [data-search]")).to_be_visible()
    run(site, _SEARCH)
    expect(city.locator(".plan-banner")).to_contain_text("计算得出", timeout=90_000)
    expect(city.locator("#score")).to_contain_text("规则都符合")
    found += axe(city)
    city.goto(f"/planning/plans{FRAME}")
    expect(city.get_by_role("link", name="示例：按路程").first).to_be_visible()
    city.goto(f"/planning/compare{FRAME}")
    expect(city.locator(".plan-map")).to_have_count(2)
    assert found + axe(city) == []


@pytest.mark.parametrize(("width", "language"), [(390, "zh-hans"), (390, "en"), (1280, "en")])
def test_planning_fits_and_is_accessible(as_role: Open, width: int, language: str) -> None:
    page = as_role(width=width, height=844, language=language)
    found = []
    for path in ("", "/layers", "/gaps", "/plans", "/compare"):
        page.goto(f"/planning{path}{FRAME}")
        found += ([f"{path} scrolls sideways"] if wide(page) else []) + axe(page)
    assert found == []


def test_a_phone_chooses_enlarges_and_moves(as_role: Open) -> None:
    page = as_role(width=390, height=844)
    page.goto(f"/planning{FRAME}")
    whole = page.locator("#map-after").get_attribute("viewBox")
    page.get_by_role("button", name="放大").click()
    assert page.locator("#map-after").get_attribute("viewBox") != whole
    page.get_by_role("button", name="全图").click()
    page.select_option("#place", label="三里镇")
    choice = page.locator("#to option").filter(has_text="南陵县人民医院").first.text_content()
    with page.expect_response("**/planning/weigh**"):
        page.select_option("#to", label=choice or "")
    expect(page.locator("#score")).to_contain_text("改划 1 个乡镇")
