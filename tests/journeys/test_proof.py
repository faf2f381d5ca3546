"""The proof's journey: from the quota board to a day, by keyboard, to a file; and what several people and pools do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tiercare.kernel.clock import ZONE

from .looks import axe, wide

pytestmark = pytest.mark.journey

Open = Callable[..., Page]
FIRST = datetime.now(ZONE).date()
LAST = FIRST + timedelta(days=13)
PROOF = f"/capacity/quotas/proof?first={FIRST}&last={LAST}"


def test_an_official_goes_from_the_board_to_a_day_and_takes_the_file(as_role: Open) -> None:
    page = as_role("commission", width=1440)
    page.goto("/capacity/quotas")
    page.get_by_role("link", name="兑现证明").click()
    page.locator("#first").fill(FIRST.isoformat())
    page.locator("#last").fill(LAST.isoformat())
    page.keyboard.press("Enter")
    expect(page.locator(".verdict")).to_contain_text(f"{FIRST} 至 {LAST}")
    cells = page.locator("a.pc")
    assert cells.count() > 10
    cells.first.focus()
    page.keyboard.press("Enter")
    rows = page.locator(".proof-lines tbody tr")
    expect(rows.first).to_be_visible()
    assert len({text.split()[0] for text in rows.all_inner_texts()}) == 1  # one day
    with page.expect_download() as file:
        page.get_by_role("link", name="Excel").click()
    assert file.value.suggested_filename.endswith(".xlsx")


def test_the_last_day_before_the_first_is_said_and_stays_typed(as_role: Open) -> None:
    page = as_role("referral_office")
    page.goto(f"/capacity/quotas/proof?first={LAST}&last={FIRST}")
    expect(page.locator("#refusals")).to_contain_text("截止日早于起始日")
    expect(page.locator("#first")).to_have_value(LAST.isoformat())


def test_an_examination_is_found_by_its_item(as_role: Open) -> None:
    page = as_role("primary_doctor")
    page.goto("/residents")
    page.locator("td a[href^='/residents/']").first.click()
    page.goto(page.url.partition("?")[0] + "/book?kind=EXAM")
    page.locator("#q").fill("ctps")
    page.get_by_role("button", name="找号").click()
    expect(page.locator(".booking-chip[aria-pressed=true]")).to_have_text("CT 平扫")
    expect(page.locator("a.booking-hit").first).to_contain_text("CT 平扫")


@pytest.mark.parametrize(("width", "language"), [(1440, ""), (390, "en")])
def test_the_proof_is_accessible_and_fits(as_role: Open, width: int, language: str) -> None:
    found = []
    for role in ("commission", "referral_office"):
        page = as_role(role, width=width, language=language)
        for address in (
            PROOF,
            "/capacity/quotas/proof",
            "/capacity/quotas",
            "/compliance/places?region=taiyuan",
        ):
            answer = page.goto(address)
            assert answer is not None and answer.status == 200, address
            found += axe(page)
            if wide(page):
                found.append(f"{address} scrolls sideways at {width}")
    assert found == []
