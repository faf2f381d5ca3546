"""A work programme in a browser: from a gap of the register to a project, its progress, its end, and the number on the dashboard.
axe and widths."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page, expect

from .conftest import Site, url_of
from .looks import axe, wide
from .test_supervision import place_of

pytestmark = pytest.mark.journey
Open = Callable[..., Page]


def county_hospital() -> str:
    """A county hospital without anaesthesia equipment on the register, as the standard's page names it."""
    with psycopg.connect(url_of("owner")) as connection:
        found = connection.execute(
            "SELECT v.name FROM network_institutionversion v WHERE v.period @> CURRENT_DATE AND v.category = 'GENERAL'"
            " AND v.affiliation = 'COUNTY' AND starts_with(v.division_code, '3402') ORDER BY v.name LIMIT 1"
        ).fetchone()
    assert found
    return str(found[0])


def owned_by_the_office(key: str) -> None:
    """The project is the hospital's where the demonstration has an office: nobody signs in for the county hospital."""
    choice, name = place_of("referral_office")
    slug = choice.partition(":")[2]
    with psycopg.connect(url_of("owner")) as connection:
        connection.execute(
            "UPDATE evaluation_matter SET owner_institution = (SELECT id FROM network_institution WHERE slug = %s),"
            " subject_key = %s, subject_name = %s WHERE id = %s",
            [slug, slug, name, key],
        )


def test_from_a_gap_to_the_end(site: Site, as_role: Open, tmp_path: Path) -> None:
    hospital = county_hospital()
    city = as_role("commission", width=1440, height=900)
    city.goto("/projects")
    expect(city.get_by_role("heading", name="重点工作", exact=True)).to_be_visible()
    city.get_by_role("link", name="县医院薄弱专科", exact=True).first.click()
    axe(city)
    city.get_by_role("link", name=re.compile(f"立项：{hospital}")).first.click()
    expect(city.get_by_text("填补缺口：")).to_be_visible()
    form = city.locator("main form").filter(has=city.locator("#subject"))
    for name in ("specialty", "measure"):
        assert form.locator(f"#{name}").input_value(), "the gap says so"
    axe(city)
    form.get_by_role("button", name="立项并下达").click()
    expect(city.get_by_text("已立项，承办单位已能看到。")).to_be_visible()
    address = city.url.partition("?")[0]
    key = address.rpartition("/")[2]
    owned_by_the_office(key)

    house = as_role("referral_office", width=390, height=844)
    house.goto(address)
    assert not wide(house), "nothing scrolls sideways on a phone"
    axe(house)
    step(house, "登记进展", {"percent": "40%"}, "示例：已签采购合同")
    expect(house.get_by_text("完成 40%")).to_be_visible()
    step(house, "报送完成情况", {"done_on": today(house), "outcome": "示例：已装机"}, "示例：已装机")

    city.goto(address)
    city.locator("summary", has_text="验收办结").click()
    city.locator("#act-close").get_by_role("button", name="验收办结").click()
    expect(city.locator("h1")).to_contain_text("已办结")
    city.goto("/projects/list?programme=weak_specialty&box=done")
    expect(city.locator(f'a[href*="{key}"]')).to_be_visible()
    phone = as_role("commission", width=390, height=844)
    for page in (
        "/projects",
        "/projects/list?programme=weak_specialty",
        "/projects/new",
        "/projects/standards/weak_specialties",
    ):
        phone.goto(page)
        assert not wide(phone), page
    with psycopg.connect(url_of("owner")) as connection:
        connection.execute("UPDATE evaluation_matter SET state = 'WITHDRAWN' WHERE id = %s", [key])


def step(page: Page, name: str, fields: dict[str, str], words: str) -> None:
    """One of the steps at the side."""
    page.locator(".sup-acts summary", has_text=name).click()
    form = page.locator(".sup-act[open] form")
    for field, value in fields.items():
        form.locator(f'[name="{field}"]').fill(value)
    form.locator('[name="words"]').fill(words)
    form.get_by_role("button", name=name).click()


def today(page: Page) -> str:
    """The platform's day, as the form bounds it."""
    with psycopg.connect(url_of("owner")) as connection:
        (day,) = connection.execute(
            "SELECT (tiercare_now() AT TIME ZONE 'Asia/Shanghai')::date"
        ).fetchone() or ("",)
    return str(day)
