"""A year's assessment in a browser: a scheme, the opening, a self-report, its review, approval, lock, and what residents read."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import ROOT, Site, journeys_environment
from .looks import axe, wide

pytestmark = pytest.mark.journey

Open = Callable[..., Page]
# A year of made-up numbers, for the consortium of the demonstration's office and one beside it.
_PLANT = """
import django
django.setup()
from tests.integration.evaluation import assessments as made
from tiercare.apps.access.models import Grant
from tiercare.apps.ledger import queries as clock
from tiercare.apps.network.queries.holders import holders
lead = Grant.objects.get(account__username="wuhu.consortium_office").institution_id
mine = min(key for key, held in holders(on=clock.today()).consortia.items() if lead in held)
counts = {"primary_visit_share": (500, 800, 200, 400), "chronic_control_rate": (120, 240, 40, 160),
          "completed_down_up_ratio": (80, 200, 30, 150), "primary_support_reach": (6, 8, 2, 8)}
made.planted({name: {("region", "3402"): (a + c, b + d), ("consortium", mine): (a, b),
                     ("consortium", made.JINGHU if mine != made.JINGHU else made.YIJIANG): (c, d)}
              for name, (a, b, c, d) in counts.items()})
"""
_OTHERS = """
import sys
from uuid import UUID
import django
django.setup()
from tests.integration.evaluation import assessments as made
matter = UUID(sys.argv[1])
for each in made.units_of(made.commission(), matter):
    if each.report_id and each.report_state == "OPEN":
        made.report(made.owner_of(each), matter_id=each.report_id, lines={}, words="已核对")
        made.review(made.commission(), matter_id=each.report_id, decisions={})
"""


def run(site: Site, program: str, *arguments: str) -> None:
    environment = {**os.environ, **journeys_environment(site.home), "PYTHONPATH": f"src{os.pathsep}."}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert not done.returncode, done.stderr


def defined(city: Page) -> list[str]:
    """The city's own scheme, and a year begun by it."""
    city.goto("/assessments/schemes?region=wuhu")
    city.get_by_role("link", name="从这张起草").first.click()
    city.get_by_label("由谁考核").fill("市医联体考核组")
    city.locator("#since").fill(city.evaluate("new Date(Date.now() + 288e5).toISOString().slice(0, 10)"))
    city.locator("[name=row-0-weight]").fill("14")
    expect(city.locator("[data-weights-sum]")).to_have_text("99")
    city.locator("[name=row-0-weight]").fill("15")
    expect(city.locator("[data-weights-sum]")).to_have_text("100")
    found = axe(city)
    city.get_by_role("button", name="定为方案").click()
    expect(city.locator("main")).to_contain_text("考核方案已定")
    city.goto("/assessments/new?region=wuhu")
    city.select_option("#period", "2019")
    city.get_by_role("button", name="开始并下发自评").click()
    expect(city.locator("main")).to_contain_text("考核已开始")
    return found + axe(city)


def reported(office: Page, file: Path) -> list[str]:
    """The office's own number of a line, on a phone, with a file that proves it."""
    office.goto("/assessments?region=wuhu")
    office.locator(".assess-mine a").filter(has_text="2019").first.click()
    expect(office.locator("main")).to_contain_text("120 / 240")
    office.locator("[name='line.chronic_control_rate.numerator']").fill("144")
    office.locator("[name='line.chronic_control_rate.denominator']").fill("240")
    office.get_by_label("自评说明").fill("已核对台账")
    file.write_bytes(b"%PDF-1.7\n%%EOF\n")
    office.locator("#files").set_input_files(file)
    assert not wide(office)
    found = axe(office)
    office.get_by_role("button", name="报送自评").click()
    expect(office.locator("main")).to_contain_text("自评已报送")
    return found


def reviewed(city: Page, report: str) -> list[str]:
    """The commission accepts it, with the reason."""
    city.goto(f"{report}?region=wuhu")
    expect(city.locator("main")).to_contain_text("两边不一样")
    city.get_by_label("采用自报数").check()
    city.locator("[name='line.chronic_control_rate.why']").fill("核对了台账")
    found = axe(city)
    city.get_by_role("button", name="保存审核结果").click()
    expect(city.locator("main")).to_contain_text("审核结果已保存")
    return found


def published(city: Page, matter: str) -> list[str]:
    """Approved, locked, and in part shown to residents."""
    city.goto(f"{matter}?region=wuhu")
    city.locator("#words-submit").fill("已全部审核")
    for button, then in (
        ("自评审完，提交审定", "已提交审定"),
        ("审定并算分", "结果已算出"),
        ("锁定结果", "结果不再改变"),
    ):
        city.get_by_role("button", name=button).click()
        expect(city.locator("main")).to_contain_text(then)
    found = axe(city)
    city.get_by_role("link", name="向居民公布").click()
    expect(city.locator("main")).to_contain_text("不公布的，和为什么")
    found += axe(city)
    city.get_by_role("button", name="向居民公布").click()
    expect(city.locator("main")).to_contain_text("已公布")
    return found


def test_from_the_scheme_to_what_residents_read(
    site: Site, as_role: Open, browser: Browser, tmp_path: Path
) -> None:
    run(site, _PLANT)
    city, office = as_role("commission", width=1440, height=900), as_role("consortium_office", width=390)
    found = defined(city)
    matter = city.url.partition("?")[0]
    found += reported(office, tmp_path / "台账.pdf")
    found += reviewed(city, office.url.partition("?")[0])
    run(site, _OTHERS, matter.rpartition("/")[2])
    found += published(city, matter)
    context = browser.new_context(
        base_url=site.address, viewport={"width": 390, "height": 844}, locale="zh-CN"
    )
    visitor = context.new_page()
    visitor.goto("/public/results/wuhu")
    expect(visitor.locator("main")).to_contain_text("60 %")
    expect(visitor.locator("main")).not_to_contain_text("得分")
    assert not wide(visitor)
    found += axe(visitor)
    context.close()
    assert found == []
