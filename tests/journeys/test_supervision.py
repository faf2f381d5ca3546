"""Supervision in a browser: the commission inspects, finds, has put right; the hospital proves it, is sent back once, and both
end; what nobody does in time goes up the line. axe and widths."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tiercare.web.marks import DEMONSTRATION

from .conftest import Site, journeys_environment, url_of
from .looks import axe, wide

pytestmark = pytest.mark.journey

Open = Callable[..., Page]
_ESCALATE = """
import django
django.setup()
from tiercare.apps.evaluation.commands import escalate_overdue
print(escalate_overdue())
"""


def place_of(role: str) -> tuple[str, str]:
    """Where a role of the demonstration acts: the institution as a form sends it, and its name."""
    with psycopg.connect(url_of("owner")) as connection:
        found = connection.execute(
            "SELECT 'institution:' || i.slug, v.name FROM access_account a JOIN access_grant g ON g.account_id = a.id"
            " JOIN network_institution i ON i.id = g.institution_id JOIN network_institutionversion v ON v.institution_id = i.id"
            " WHERE a.username = %s AND v.period @> CURRENT_DATE",
            [f"wuhu.{role}"],
        ).fetchone()
    assert found, role
    return found


def escalated(site: Site, key: str) -> None:
    """A day too late, and the hourly job."""
    with psycopg.connect(url_of("owner")) as connection:
        connection.execute("UPDATE evaluation_matter SET due_on = CURRENT_DATE - 2 WHERE id = %s", [key])
    environment = {**os.environ, **journeys_environment(site.home), "PYTHONPATH": "src"}
    told = subprocess.run(
        [sys.executable, "-c", _ESCALATE], env=environment, capture_output=True, text=True, check=True
    )
    assert int(told.stdout.strip().splitlines()[-1]) >= 1


def test_from_the_template_to_the_end(site: Site, as_role: Open, tmp_path: Path) -> None:
    choice, name = place_of("referral_office")
    city = as_role("commission", width=1440, height=900)
    city.goto("/supervision")
    city.get_by_role("link", name="安排检查", exact=True).click()
    city.get_by_role("link", name=re.compile("医联体建设成效评估")).click()
    city.select_option("#subject", choice)
    city.get_by_label("现场查看").check()
    city.get_by_role("button", name="下达检查").click()
    expect(city.get_by_text("检查已下达。请逐项判定。")).to_be_visible()
    inspection = city.url.partition("?")[0]
    axe(city)
    judge_all(city)
    city.get_by_role("button", name="下达整改").click()
    expect(city.get_by_text("整改已下达，对方已能看到。")).to_be_visible()
    step(city, "提交检查报告", "示例：评估报告")

    house = as_role("referral_office", width=390, height=844)
    house.goto("/supervision")
    house.get_by_role("link", name=re.compile("整改：机构能力和收入结构")).first.click()
    assert not wide(house), "nothing scrolls sideways on a phone"
    axe(house)
    mending = house.url.partition("?")[0]
    proof = tmp_path / "示例整改.pdf"
    proof.write_bytes(b"%PDF-1.4\nexample\n%%EOF")
    step(house, "报送整改结果", "示例：台账已补齐", proof)
    city.goto(mending)
    step(city, "退回", "示例：请附科室签字页")
    house.goto(mending)
    step(house, "报送整改结果", "示例：已附签字页", proof)
    city.goto(mending)
    with city.expect_download() as coming:
        city.get_by_role("link", name=re.compile("示例整改.pdf")).first.click()
    assert coming.value.suggested_filename == f"{DEMONSTRATION.zh}-示例整改.pdf"
    step(city, "核实办结", "")
    expect(city.locator("h1")).to_contain_text("已办结")
    city.goto(inspection)
    step(city, "办结", "")
    expect(city.locator("h1")).to_contain_text("已办结")
    city.goto(f"{inspection}/sheet")
    expect(city.locator("svg.qr")).to_be_visible()
    assert name in city.locator("h2").first.inner_text()


def test_what_nobody_does_goes_up_the_line(site: Site, as_role: Open) -> None:
    choice, _ = place_of("referral_office")
    city = as_role("commission", width=1440, height=900)
    city.goto("/supervision/goals")
    city.select_option("#goal", "key_task")
    city.select_option("#subject", choice)
    city.fill("#target", "12")
    city.fill("#title", "示例：设备台账清查")
    city.get_by_role("button", name="下达目标").click()
    expect(city.get_by_text("目标已下达。")).to_be_visible()
    city.get_by_role("link", name=re.compile("设备台账清查")).click()
    key = city.url.partition("?")[0].rpartition("/")[2]
    escalated(site, key)
    city.goto("/supervision?box=raised")
    line = city.locator("tr", has_text="设备台账清查")
    expect(line).to_contain_text("已上报 1 次")
    expect(line).to_contain_text("逾期 2 天")
    axe(city)
    city.goto("/supervision/goals")
    expect(city.locator("tr", has_text="设备台账清查")).to_contain_text("已过期限")
    for address in (
        "/supervision",
        "/supervision/goals",
        "/supervision/reports",
        "/supervision/quality",
        "/supervision/new",
    ):
        phone = as_role("commission", width=390, height=844)
        phone.goto(address)
        assert not wide(phone), address
        phone.close()


def judge_all(city: Page) -> None:
    """All seven items, the third gravely not met."""
    for number in range(7):
        item = city.locator(".sup-items > li").nth(number)
        item.locator("summary", has_text="判定").click()
        if number == 2:
            item.get_by_label("不符合", exact=True).check()
            item.get_by_label("有问题的，严重程度").select_option("grave")
        else:
            item.get_by_label("符合", exact=True).check()
        if item.get_by_label("目标", exact=True).count():
            item.get_by_label("目标", exact=True).fill("65%")
            item.get_by_label("实际", exact=True).fill("66%")
        item.get_by_label("看到了什么").fill(
            "示例：收入结构和设备台账不一致" if number == 2 else "示例：符合"
        )
        item.get_by_role("button", name="登记判定").click()
        expect(city.get_by_text(f"已判定 {number + 1} / 7 项")).to_be_visible()


def step(page: Page, name: str, words: str, file: Path | None = None) -> None:
    """One step of the matter."""
    form = page.locator(".sup-acts details", has=page.locator("summary", has_text=name)).first
    if form.get_attribute("open") is None:
        form.locator("summary").click()
    if words:
        form.locator("textarea").fill(words)
    if file is not None:
        form.locator("input[type=file]").set_input_files(file)
    form.get_by_role("button", name=name).click()
    expect(page.get_by_text("已办理。")).to_be_visible()
