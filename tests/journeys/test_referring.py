"""The journey of a referral: written by keyboard with a place in hand, and over a line that drops, where nothing is lost or doubled."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Page, Route, expect

from .looks import axe, wide
from .test_booking import demo_card, signed_records
from .test_people import resident

__all__ = ["resident"]
pytestmark = pytest.mark.journey

Open = Callable[..., Page]
LOSS = 0.3
# Records of the list that the other journeys leave alone.
KEYBOARD, DROPPED, LOOKED_AT = 8, 9, 10


def record_of(page: Page, which: int) -> str:
    return signed_records(page)[which]


def tab_to(page: Page, selector: str, *, most: int = 60) -> None:
    """Press Tab until the focus stands on what fits."""
    for _ in range(most):
        if page.evaluate("s => document.activeElement?.matches(s) ?? false", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"nothing that fits {selector} by keyboard")


def begin(page: Page, record: str, button: str = "转诊") -> str:
    """From the record to the form; answers its address."""
    page.goto(record)
    page.get_by_role("button", name=button, exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/referrals/[-0-9a-f]+/"))
    return urlparse(page.url).path


def test_by_keyboard_with_a_place_in_hand(as_role: Open, record_property) -> None:
    page = as_role("primary_doctor", width=1440)
    record = record_of(page, KEYBOARD)
    began = time.monotonic()
    begin(page, record)
    expect(page.locator("#problem")).to_be_focused()
    page.keyboard.type("反复头晕，血压控制不好")
    tab_to(page, "#reason")
    page.keyboard.type("血压 190/110，两联用药仍不达标，请协助调整。")
    tab_to(page, "#severity")
    page.keyboard.type("3 级，高危")
    tab_to(page, "button.booking-time")
    page.keyboard.press("Enter")
    expect(page.locator("[data-countdown]")).to_have_text(re.compile(r"4:\d\d"))
    expect(page.get_by_role("button", name="送出转诊")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/requests/[-0-9a-f]+"))
    taken = round(time.monotonic() - began, 1)
    record_property("seconds", taken)
    print(f"a referral by keyboard, from the record to the sending: {taken} s (60 s are meant to do)")
    expect(page.locator("main")).to_contain_text("芜湖县中医医院")
    page.goto(record)
    line = page.locator(".referral-line")
    expect(line).to_have_count(1)
    expect(line).to_contain_text("待接收")
    # Another for the same problem: the open one first.
    begun = page.get_by_role("button", name="转诊", exact=True)
    begun.click()
    page.wait_for_url(re.compile(r"/write"))


class Line:
    """A line that is cut, or loses every third message either way."""

    def __init__(self, seed: int) -> None:
        self.lost, self.cut, self.dropped = random.Random(seed), False, 0

    def __call__(self, route: Route) -> None:
        if route.request.resource_type not in {"fetch", "xhr"}:
            route.continue_()
        elif self.cut or self.lost.random() < LOSS / 2:
            self.dropped += 1
            route.abort("connectionfailed")
        elif self.lost.random() < LOSS / 2:
            self.dropped += 1
            route.fetch()  # it arrives, and the answer does not
            route.abort("connectionreset")
        else:
            route.continue_()


def test_a_line_that_drops_loses_and_doubles_nothing(as_role: Open) -> None:
    page = as_role("primary_doctor", width=1440)
    record = record_of(page, DROPPED)
    line = Line(5)
    page.goto("/bookings?when=coming")
    booked = page.locator("tbody tr").count()
    address = begin(page, record)
    page.route("**/*", line)
    saved = page.locator("#saved")
    page.locator("#problem").fill("慢性阻塞性肺疾病急性加重")
    page.locator("#reason").fill("气促加重三天。")
    expect(saved).to_contain_text("已保存", timeout=90_000)
    line.cut = True
    page.locator("#reason").fill("气促加重三天，血氧 91%，断线时写的这一句。")
    page.locator("#problem").focus()
    expect(saved).to_contain_text("线路断了", timeout=90_000)
    line.cut = False
    expect(saved).to_contain_text("已保存", timeout=90_000)
    expect(page.locator("#reason")).to_have_value("气促加重三天，血氧 91%，断线时写的这一句。")
    other = as_role("primary_doctor")
    other.goto(address)
    expect(other.locator("#reason")).to_have_value("气促加重三天，血氧 91%，断线时写的这一句。")
    page.locator("#severity").fill("中度急性加重")
    page.locator("button.booking-time").first.click()
    expect(page.locator("[data-countdown]")).to_be_visible(timeout=90_000)
    page.get_by_role("button", name="送出转诊").click()
    page.wait_for_url(re.compile(r"/requests/[-0-9a-f]+"), timeout=150_000)
    page.unroute_all()
    assert line.dropped > 0
    page.goto(record)
    expect(page.locator(".referral-line")).to_have_count(1)
    expect(page.locator(".referral-line")).to_contain_text("待接收")
    page.goto(f"/requests/{address.split('/')[2]}")
    expect(page.locator("main")).to_contain_text("断线时写的这一句")
    page.goto("/bookings?when=coming")
    assert page.locator("tbody tr").count() == booked + 1


@pytest.mark.parametrize(("width", "language"), [(1440, ""), (390, "en")])
def test_the_forms_are_accessible_and_fit(as_role: Open, width: int, language: str) -> None:
    page = as_role("primary_doctor", width=width, language=language)
    record = record_of(page, LOOKED_AT)
    page.goto(record)
    expect(page.locator(".referral-of")).to_be_visible()
    found = axe(page)
    paths = []
    for kind in ("up", "down", "advice"):
        page.goto(record)
        page.locator(f"form[action*='/refer/{kind}']").first.locator("button").click()
        page.wait_for_url(re.compile(r"/referrals/[-0-9a-f]+/"))
        paths.append(urlparse(page.url).path)
    for path in (*paths, f"{paths[0]}?emergency=1", "/referrals/ready"):
        page.goto(path)
        found += axe(page)
        if wide(page):
            found.append(f"{path} scrolls sideways at {width}")
    assert found == []


def test_the_residents_page_fits_a_telephone(resident, site) -> None:
    """Once signed in for both sizes of letters: a card asks for a code only so often."""
    page = resident(demo_card(site, "journey"))
    found = []
    for large in (False, True):
        if large:
            page.context.add_cookies([{"name": "tiercare_letters", "value": "large", "url": site.address}])
        page.goto("/me/referrals")
        found += axe(page)
        if wide(page):
            found.append(f"scrolls sideways, large letters: {large}")
    assert found == []
