"""The referral office: accept by keyboard, return with a way on, report; the sheet and what its code opens; axe, widths."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from urllib.parse import urlparse

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import Site, url_of
from .looks import axe, wide

pytestmark = pytest.mark.journey

Open = Callable[..., Page]


def in_state(state: str, kind: str = "up") -> tuple[str, str]:
    """A request that stands so, by id and number."""
    with psycopg.connect(url_of("owner")) as connection:
        found = connection.execute(
            "SELECT id::text, number FROM exchange_request WHERE state = %s AND kind = %s ORDER BY made_at LIMIT 1",
            [state, kind],
        ).fetchone()
    assert found, f"nothing is {state}"
    return found[0], found[1]


def test_accepted_by_keyboard(as_role: Open, record_property) -> None:
    page = as_role("referral_office", width=1440, height=900)
    page.goto("/requests")
    begun = time.monotonic()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-act]").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    key = (page.locator("[data-act]").first.get_attribute("id") or "").removeprefix("b-")
    page.keyboard.press("Enter")
    expect(page.get_by_text("已接收。")).to_be_visible()
    taken = round(time.monotonic() - begun, 1)
    record_property("seconds_to_accept", taken)
    print(f"a referral accepted by keyboard: {taken} s (10 s are meant to do)")
    expect(page.locator(f"#r-{key}")).not_to_contain_text("待接收")
    # From the request itself it is one key as well.
    other, _ = in_state("SUBMITTED")
    page.goto(f"/requests/{other}")
    expect(page.locator("#do-accept")).to_be_focused()
    page.keyboard.press("Alt+Enter")
    expect(page.get_by_text("已接收。")).to_be_visible()


def test_opening_it_is_the_receipt_and_the_bell_counts_down(as_role: Open) -> None:
    key, _ = in_state("SUBMITTED")
    page = as_role("referral_office", width=1440, height=900)
    page.goto("/requests")
    before = int(page.locator(".bell-count").inner_text())
    with page.expect_response(re.compile("/receive")) as answer:
        page.goto(f"/requests/{key}")
    assert answer.value.status == 204
    expect(page.locator(".bell-count")).to_have_text(str(before - 1))
    page.reload()
    expect(page.locator("form.request-receive[action]")).to_have_count(0)
    # The sender opens it too, and is told of nothing that is not theirs.
    sender = as_role("primary_doctor")
    with sender.expect_response(re.compile("/seen")) as seen:
        sender.goto(f"/requests/{key}")
    assert seen.value.status == 200
    expect(sender.get_by_role("heading", level=1)).to_contain_text("原发性高血压")


def test_returned_with_what_is_missing_and_reported_back(as_role: Open) -> None:
    page = as_role("referral_office", width=1440, height=900)
    key, _ = in_state("SUBMITTED", "advice")
    page.goto(f"/requests/{key}")
    page.locator("#do-return").click()
    expect(page.locator("#code")).to_be_focused()
    page.locator("#code").select_option("incomplete")
    page.get_by_role("button", name="资料不全，请补充后再提交。").click()
    page.locator(".request-form form button[type=submit]").click()
    expect(page.locator("#alternative-error")).to_contain_text("可以怎么办")
    expect(page.locator("#words")).to_have_value("资料不全，请补充后再提交。")
    page.get_by_role("button", name="请补充近期化验").click()
    page.locator(".request-form form button[type=submit]").click()
    expect(page.get_by_text("已退回，对方会看到原因")).to_be_visible()

    key, _ = in_state("IN_CARE")
    page.goto(f"/requests/{key}")
    page.keyboard.press("Alt+Enter")
    expect(page.locator("#diagnosis")).to_be_focused()
    page.keyboard.type("（2级）")
    page.locator("#advice").fill("两周后复诊")
    page.locator(".request-form form button[type=submit]").click()
    expect(page.get_by_text("已回复，申请医生会收到通知")).to_be_visible()
    expect(page.locator(".request-report")).to_contain_text("两周后复诊")


def test_the_sheet_leads_to_where_it_is(as_role: Open, site: Site, browser: Browser) -> None:
    key, number = in_state("REPORTED")
    page = as_role("referral_office", width=1440, height=900)
    page.goto(f"/requests/{key}/sheet")
    expect(page.locator(".referral-number")).to_have_text(number)
    page.goto("/requests")
    with psycopg.connect(url_of("owner")) as connection:
        (resident,) = connection.execute(
            "SELECT resident_id::text FROM exchange_request WHERE id = %s", [key]
        ).fetchone() or ("",)
    doctor = as_role("primary_doctor")
    doctor.goto(f"/residents/{resident}")
    masked = re.search(r"\d{6}\*+([0-9X]{4})", doctor.locator("body").inner_text())
    assert masked
    visitor = browser.new_context(base_url=site.address, viewport={"width": 390, "height": 844}).new_page()
    visitor.goto(f"/r/{number}")
    visitor.locator("#last_four").fill("0000" if masked[1] != "0000" else "1111")
    visitor.keyboard.press("Enter")
    expect(visitor.locator(".refusals")).to_contain_text("对不上")
    visitor.locator("#last_four").fill(masked[1])
    visitor.keyboard.press("Enter")
    expect(visitor.locator(".request-where-says")).to_contain_text("已回复给您的医生")
    assert not axe(visitor) and not wide(visitor)
    visitor.context.close()


@pytest.mark.parametrize("language", ["", "en"])
def test_the_printed_sheet_is_one_side_of_a4_and_no_telephone_page(as_role: Open, language: str) -> None:
    key, _number = in_state("REPORTED")
    page = as_role("referral_office", width=1440, language=language)
    page.goto(f"/requests/{key}/sheet")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1
    # A4 without its margins is narrower than what counts as a telephone on a screen.
    page.set_viewport_size({"width": 703, "height": 1000})
    page.emulate_media(media="print")
    tops = (
        page.locator(".referral-facts tr")
        .first.locator("td")
        .evaluate_all("cells => cells.map((each) => each.getBoundingClientRect().top)")
    )
    assert len(tops) == 3 and len(set(tops)) == 1, "name, sex and year stand in one line"


@pytest.mark.parametrize(("width", "language"), [(1440, ""), (390, "en")])
def test_the_pages_are_accessible_and_fit(as_role: Open, width: int, language: str) -> None:
    page = as_role("referral_office", width=width, language=language)
    key, _ = in_state("SUBMITTED")
    accepted, _ = in_state("ACCEPTED")
    arrived, _ = in_state("ARRIVED")
    found = []
    for path in (
        *("/requests", "/requests?box=out", "/requests?box=escalated", "/requests/board", "/requests/inbox"),
        *(
            "/requests/settings",
            f"/requests/{key}",
            f"/requests/{key}?act=return",
            f"/requests/{key}?act=redirect",
        ),
        *(
            f"/requests/{key}?act=accept",
            f"/requests/{accepted}?act=schedule",
            f"/requests/{arrived}?act=report",
        ),
        *(f"/requests/{arrived}?act=assign", f"/requests/{arrived}/sheet"),
    ):
        page.goto(path)
        assert urlparse(page.url).path == path.partition("?")[0]
        found += [f"{path}: {each}" for each in axe(page)]
        if wide(page):
            found.append(f"{path} scrolls sideways at {width}")
    assert found == []
