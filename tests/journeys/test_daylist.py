"""The day at the hospital: check in and call by keyboard, the list renews itself under the hands, the screen follows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from urllib.parse import urlparse

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tiercare.kernel.clock import ZONE

from .conftest import url_of
from .looks import axe, wide

pytestmark = pytest.mark.journey

Open = Callable[..., Page]
SetClock = Callable[[datetime | None], None]


@pytest.fixture
def clock(site) -> Iterator[SetClock]:
    """Sets the platform's clock, and lets it go on afterwards."""

    def run(at: datetime | None) -> None:
        with psycopg.connect(url_of("owner")) as connection:
            connection.execute("UPDATE ledger_installation SET clock_override = %s", [at])

    yield run
    run(None)


def on(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE)


def booked(page: Page, record: str) -> str:
    """One of tomorrow's places of the general clinic, booked by the township; answers the booking's address."""
    tomorrow = datetime.now(ZONE).date() + timedelta(days=1)
    with psycopg.connect(url_of("owner")) as connection:
        (key,) = connection.execute(
            "SELECT s.id FROM capacity_session s JOIN capacity_pool p ON p.id = s.pool_id"
            " WHERE p.code = 'nk' AND s.day = %s",
            [tomorrow],
        ).fetchone() or ("",)
    page.goto(f"{urlparse(record).path}/book/{key}")
    page.locator("#slots button.booking-time, button.booking-time").first.click()
    page.get_by_role("button", name="确认预约").click()
    expect(page.get_by_text("预约成功")).to_be_visible()
    return urlparse(page.url).path.rpartition("/")[2]


def of_the_township(*, signed: bool) -> str:
    """The record of somebody that the township looks after and nobody has booked for: with a family doctor, or without."""
    with psycopg.connect(url_of("owner")) as connection:
        (key,) = connection.execute(
            "SELECT r.id FROM residents_resident r JOIN access_account a ON a.username = 'wuhu.primary_doctor'"
            " JOIN access_grant g ON g.account_id = a.id AND g.institution_id = r.institution_id"
            " WHERE r.master_id IS NULL AND NOT r.temporary AND r.deceased_on IS NULL AND %s = EXISTS ("
            "   SELECT FROM residents_responsibledoctor d WHERE d.resident_id = r.id)"
            " AND NOT EXISTS (SELECT FROM capacity_booking b WHERE b.resident_id = r.id) ORDER BY r.id LIMIT 1",
            [signed],
        ).fetchone() or ("",)
    return f"/residents/{key}"


def rows_of(page: Page) -> list[str]:
    """The bookings of the queue, in its order."""
    found = page.locator(".queue-rows tbody tr").all()
    return [(row.get_attribute("id") or "").removeprefix("r-") for row in found]


def test_a_morning_at_the_door(as_role: Open, clock: SetClock) -> None:
    doctor = as_role("primary_doctor")
    plain = booked(doctor, of_the_township(signed=False))
    referred = booked(doctor, of_the_township(signed=True))
    tomorrow = datetime.now(ZONE).date() + timedelta(days=1)
    clock(on(tomorrow, 7, 30))

    desk = as_role("referral_office", width=1440, height=900)
    desk.goto("/daylist")
    desk.get_by_role("link", name="内科普通门诊").click()
    queue = urlparse(desk.url).path
    order = rows_of(desk)
    assert order.index(referred) < order.index(plain)
    row = desk.locator(f"#r-{referred}")
    expect(row).to_contain_text("预约转诊")
    expect(row.get_by_role("link", name="NHC-41")).to_be_visible()
    expect(desk.locator("#call-next")).to_be_disabled()

    # Somebody checks in at another window: this list renews itself, and what has the focus keeps it.
    desk.locator(f"#b-{referred}-arrive").focus()
    other = as_role("referral_office")
    other.goto(queue)
    other.locator(f"#b-{plain}-arrive").click()
    desk.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(desk.locator(f"#r-{plain}")).to_contain_text("07:30")
    assert rows_of(desk)[0] == plain, "who is there comes before who is not"
    expect(desk.locator(f"#b-{referred}-arrive")).to_be_focused()

    # By keyboard: check in, call, see; the first who is called is the one who comes first.
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("已签到")).to_be_visible()
    expect(desk.locator(f"#b-{referred}-attend")).to_be_focused()
    assert rows_of(desk)[:2] == [referred, plain]
    screen = as_role("referral_office")
    screen.goto(f"{queue}/screen")
    expect(screen.locator(".screen-called")).to_contain_text("请稍候")
    desk.keyboard.press("n")
    expect(desk.locator(f"#r-{referred}")).to_contain_text("叫过")
    # Within its five seconds, by itself; a machine that does much else may take longer.
    expect(screen.locator(".screen-called")).to_contain_text(re.compile(r"\d 号"), timeout=90_000)
    assert not re.search("[王李张刘陈杨黄赵]", screen.locator("#numbers").inner_text())
    clock(on(tomorrow, 7, 42))
    expect(desk.locator(f"#b-{referred}-attend")).to_be_focused()
    desk.keyboard.press("ArrowDown")
    expect(desk.locator(f"#b-{plain}-attend")).to_be_focused()
    desk.keyboard.press("ArrowUp")
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("已登记就诊")).to_be_visible()
    expect(desk.locator(".done-rows")).to_contain_text("等了 12 分")
    expect(desk.locator("#call-next")).to_be_focused()
    desk.goto(f"/daylist?day={tomorrow}")
    expect(desk.locator(".waits")).to_contain_text("签约居民")
    expect(desk.locator(".waits")).to_contain_text("12 分")


@pytest.mark.parametrize(("width", "language"), [(1440, ""), (390, "en")])
def test_the_pages_are_accessible_and_fit(as_role: Open, clock: SetClock, width: int, language: str) -> None:
    tomorrow = datetime.now(ZONE).date() + timedelta(days=1)
    clock(on(tomorrow, 7, 50))
    page = as_role("referral_office", width=width, language=language)
    page.goto("/daylist")
    session = urlparse(page.locator(".day-rows a").last.get_attribute("href") or "").path
    found = []
    for path in ("/daylist", session, f"{session}/screen", "/daylist/waits"):
        page.goto(path)
        found += axe(page)
        if wide(page):
            found.append(f"{path} scrolls sideways at {width}")
    assert found == []
