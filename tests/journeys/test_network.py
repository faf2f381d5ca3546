"""The journey of issue 3: a county office keeps its registers, tries a change, and asks for what the city decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.journey

FRAME = "region=wuhu&on=2019-07-01"
AUGUST = "region=wuhu&on=2019-08-01"
Open = Callable[..., Page]


@dataclass(frozen=True)
class Told:
    """What one language says, and what this run of the journey makes, so that both can run on one platform."""

    language: str
    code: str
    specialty: str
    alliance: str
    missing: str
    category: str
    bad_date: str
    unknown_category: str
    unknown_division: str
    imported: str
    refused: str
    allowed: str
    draft: str
    waiting: str
    approved: str


ZH = Told(
    language="",
    code="zh",
    specialty="26",
    alliance="芜湖市麻醉专科联盟",
    missing="麻醉",
    category="村卫生室",
    bad_date="不是可用的日期",
    unknown_category="不是可填的机构类别",
    unknown_division="区划代码 349999",
    imported="已导入",
    refused="原则上只能与1家建立",
    allowed="改成这样可以办理",
    draft="草稿",
    waiting="待审批",
    approved="已批准",
)
EN = Told(
    language="en",
    code="en",
    specialty="31",
    alliance="芜湖市病理专科联盟",
    missing="pathology",
    category="Village clinic",
    bad_date="is not a usable date",
    unknown_category="is no category on the list",
    unknown_division="division code 349999",
    imported="Taken over",
    refused="in principle",
    allowed="What would be allowed",
    draft="draft",
    waiting="waiting for a decision",
    approved="approved",
)


def _file(told: Told, county: str) -> bytes:
    """Six clinics of the county; three rows hold the mistakes that people make."""
    head = "机构编码,机构名称,机构类别,级别,举办主体,隶属关系,县区代码,实有床位,生效日期"
    good = [
        f"journey-{told.code}-{n},示例村卫生室{told.code}{n}（演示）,{told.category},未定级,公立,乡镇（街道）,{county},0,2019-07-01"
        for n in (1, 2, 3)
    ]
    bad = [
        f"journey-{told.code}-4,示例村卫生室{told.code}4（演示）,{told.category},未定级,公立,乡镇（街道）,{county},0,2019-13-45",
        f"journey-{told.code}-5,示例村卫生室{told.code}5（演示）,卫生所,未定级,公立,乡镇（街道）,{county},0,2019-07-01",
        f"journey-{told.code}-6,示例村卫生室{told.code}6（演示）,{told.category},未定级,公立,乡镇（街道）,349999,0,2019-07-01",
    ]
    return "\r\n".join([head, *good, *bad]).encode("gb18030")


def _county(page: Page) -> str:
    """The county that this office is of: the one whose commission the demonstration shows."""
    page.goto(f"/explorer?{FRAME}")
    return {"芜湖县": "340221", "繁昌县": "340222", "南陵县": "340223", "无为县": "340225"}[
        next(
            name
            for name in ("芜湖县", "繁昌县", "南陵县", "无为县")
            if name in page.locator(".account-name, .account, header").all_inner_texts().__str__()
        )
    ]


def _mend(page: Page, place: str, cell: str, value: str) -> None:
    row = page.locator("article.bad-row").filter(has_text=place)
    box = row.locator(f"[name='cell.{cell}']")
    if box.evaluate("e => e.tagName") == "SELECT":
        box.select_option(value)
    else:
        box.fill(value)
    row.locator("button[type=submit]").click()
    page.wait_for_load_state()


@pytest.mark.parametrize("told", [ZH, EN], ids=["zh", "en"])
@pytest.mark.clause("WH-27", "WH-44", "NHC-17")
def test_a_county_imports_mends_tries_asks_and_the_city_approves(as_role: Open, told: Told) -> None:
    city = as_role("commission", language=told.language)
    city.goto(f"/compliance/NHC-17?{AUGUST}")
    before = city.locator("article.finding").filter(has_text=told.missing).count()
    assert before == 1

    county = as_role("county_commission", language=told.language)
    code = _county(county)
    _imports_and_mends(county, told, code)
    _drafts_a_second_partner(county, told, code)
    application = _asks_for_an_alliance(county, told, code)
    _city_approves(city, told, application)

    city.goto(f"/compliance/NHC-17?{AUGUST}")
    expect(city.locator("article.finding").filter(has_text=told.missing)).to_have_count(0)
    city.goto(f"/consortia?{AUGUST}&q={told.alliance}")
    expect(city.get_by_role("link", name=told.alliance)).to_be_visible()


def _imports_and_mends(page: Page, told: Told, county: str) -> None:
    page.goto(f"/imports?{FRAME}")
    page.set_input_files(
        "input[type=file]",
        {"name": "institutions.csv", "mimeType": "text/csv", "buffer": _file(told, county)},
    )
    page.locator("main form:has(input[type=file]) button[type=submit]").click()
    page.wait_for_url("**/imports/*-*")
    expect(page.locator("article.bad-row")).to_have_count(3)
    for said in (told.bad_date, told.unknown_category, told.unknown_division):
        expect(page.locator("article.bad-row").filter(has_text=said)).to_have_count(1)
    _mend(page, told.bad_date, "from", "2019-07-01")
    _mend(page, told.unknown_category, "category", told.category)
    _mend(page, told.unknown_division, "division", county)
    expect(page.locator("article.bad-row")).to_have_count(0)
    page.locator("form[action*='take-over'] button[type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(told.imported)
    page.goto(f"/institutions?{FRAME}&q=journey-{told.code}")
    expect(page.locator("#results tbody tr")).to_have_count(6)


def _drafts_a_second_partner(page: Page, told: Told, county: str) -> None:
    page.goto(f"/consortia?{AUGUST}&area={county}&kind=COUNTY_COMMUNITY")
    community = page.locator("#results tbody a").first.inner_text()
    page.goto(f"/changes/new?act=whole&{AUGUST}")
    page.fill("[name=child]", community)
    page.fill("[name=parent]", "市一院城乡医联体")
    page.fill("[name=start]", "2019-08-01")
    page.fill("[name=signed_on]", "2019-08-01")
    page.fill("[name=until]", "2021-01-01")
    page.locator("button[name=do][value=try]").click()
    look = page.locator("#look")
    expect(look).to_contain_text("WH-27")
    expect(look).to_contain_text(told.refused)
    expect(look).to_contain_text(told.allowed)
    page.locator("button[name=do][value=save]").click()
    page.wait_for_url("**/applications/*-*")
    expect(page.get_by_role("heading", level=1)).to_contain_text(told.draft)


def _asks_for_an_alliance(page: Page, told: Told, county: str) -> str:
    page.goto(f"/consortia?{AUGUST}&area={county}&kind=COUNTY_COMMUNITY")
    hospital = page.locator("#results tbody a").first.inner_text().removesuffix("医共体")
    page.goto(f"/changes/new?act=form&{AUGUST}")
    page.fill("[name=consortium_name]", told.alliance)
    page.select_option("[name=kind]", "SPECIALTY_ALLIANCE")
    page.select_option("[name=specialty]", told.specialty)
    page.select_option("[name=division]", "3402")
    page.fill("[name=start]", "2019-08-01")
    page.fill("[name=consented_on]", "2019-07-15")
    page.fill("[name=lead]", "芜湖市妇幼保健院")
    page.locator("[name=members]").first.fill(hospital)
    page.locator("button[name=do][value=try]").click()
    expect(page.locator("#look")).to_contain_text("WH-44")
    page.locator("button[name=do][value=submit]").click()
    page.wait_for_url("**/applications/*-*")
    expect(page.get_by_role("heading", level=1)).to_contain_text(told.waiting)
    return page.url


def _city_approves(page: Page, told: Told, application: str) -> None:
    page.goto(f"/applications?{AUGUST}")
    page.get_by_role("link", name=told.alliance).first.click()
    page.locator(
        "form[action$='approve'] button[type=submit], form[action*='approve?'] button[type=submit]"
    ).click()
    page.wait_for_load_state()
    expect(page.get_by_role("heading", level=1)).to_contain_text(told.approved)
    assert page.url.split("?")[0] == application.split("?", maxsplit=1)[0]
