"""The journey of a month's extract: sent with its faults, its columns checked, tried, taken; the indicator moves; the same file
is known when it comes again, and next month's needs one click."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ..integration.evaluation.extracts import extract, visit, with_faults
from .conftest import Site, journeys_environment
from .looks import axe, wide

pytestmark = pytest.mark.journey
Open = Callable[..., Page]
FRAME = "?region=wuhu&on=2025-12-31"


@pytest.fixture(scope="module", autouse=True)
def nothing_there(site: Site) -> Iterator[None]:
    """The region without facts; those of other journeys come back afterwards."""
    facts, aside = site.home / "facts", site.home / "facts-aside"
    if facts.exists():
        facts.rename(aside)
    yield
    facts.rename(site.home / "facts-of-this-journey")
    if aside.exists():
        aside.rename(facts)


def computed(site: Site) -> None:
    """As an administrator does; what the board's button leaves to a job."""
    subprocess.run(
        [sys.executable, "-m", "tiercare.cli.main", "evaluation", "run", "--pack", "wuhu"],
        env={**os.environ, **journeys_environment(site.home)},
        check=True,
        capture_output=True,
        timeout=900,
    )


def counts(page: Page) -> str:
    """Numerator and denominator on the page of the primary share."""
    page.goto(f"/indicators/primary_visit_share{FRAME}&span=2025")
    return " ".join(page.locator(".ind-counts").first.inner_text().split())


def send(page: Page, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    page.goto(f"/facts/import{FRAME}")
    page.get_by_label("数据文件").set_input_files(path)
    page.get_by_role("button", name="上传", exact=True).click()


def looked_at(page: Page) -> None:
    """Accessible, and no wider than the window."""
    assert axe(page) == []
    assert not wide(page)


def test_a_month_comes_in(as_role: Open, site: Site, tmp_path: Path) -> None:
    page = as_role("commission", width=1440)
    page.goto("/" + FRAME)
    page.locator("#menu").get_by_text("事实数据").click()
    expect(page.get_by_text("这个地区还没有事实数据。")).to_be_visible()
    file = tmp_path / "门诊明细 2025-03.csv"
    send(page, file, with_faults())
    # The columns: all found; the office says who it is, and a column that was chosen anew shows its words at once.
    expect(page.get_by_text("必填项都有来源")).to_be_visible()
    looked_at(page)
    page.get_by_label("“怎样来的”在文件里是哪一列").select_option("")
    expect(page.get_by_text("还有 1 个必填项没有来源")).to_be_visible()
    page.get_by_label("“怎样来的”在文件里是哪一列").select_option("来院方式")
    expect(page.get_by_text("必填项都有来源")).to_be_visible()
    page.get_by_label("数据来自").fill("市医保局")
    page.get_by_role("button", name="检查（不入库）").click()
    # What was found.
    expect(page.get_by_role("heading", name="可以收下 4 行，4 行有问题")).to_be_visible()
    for wrong in (
        "“就诊日期”里的日期不存在",
        "“机构编号”不在本区划的机构名单里",
        "与前面一行完全相同",
        "有千分位",
    ):
        expect(page.get_by_text(wrong)).to_be_visible()
    expect(page.get_by_text("2025/2/30", exact=True)).to_be_visible()
    expect(page.locator(".facts-moved li").first).to_be_visible()
    looked_at(page)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV GB18030").click()
    assert "示例不存在医院" in Path(waiting.value.path()).read_text("gb18030")
    page.get_by_role("button", name="收下好的 4 行，其余待核").click()
    expect(page.get_by_text("已入库，并记入操作留痕。")).to_be_visible()
    expect(page.get_by_text("这一批是模拟数据，不是真实数据。")).to_be_visible()
    looked_at(page)
    # The number, then what moves it.
    computed(site)
    assert counts(page) == "分子 0 / 分母 4"
    send(page, tmp_path / "补报.csv", extract([visit(30, 机构层级="基层")]))
    expect(page.get_by_role("heading", name="没有一行可以收下")).to_be_visible()
    page.get_by_role("link", name="改列的对应").click()
    page.locator("select[name='w.tier.基层']").select_option("primary")
    page.get_by_role("button", name="检查（不入库）").click()
    page.get_by_role("button", name="全部收下").click()
    expect(page.get_by_role("link", name="到指标看板重新计算")).to_be_visible()
    computed(site)
    assert counts(page) == "分子 1 / 分母 5"
    # The same again.
    send(page, file, with_faults())
    expect(page.locator("#refusals")).to_contain_text("同样内容的文件已在")
    # Next month.
    send(page, tmp_path / "四月.csv", extract([visit(n, 就诊日期="2025-04-02") for n in range(40, 43)]))
    expect(page.get_by_role("heading", name="3 行全部可以收下")).to_be_visible()


def test_its_pages_fit_a_phone_and_are_accessible(as_role: Open) -> None:
    for width, language in ((390, "zh-hans"), (1440, "en")):
        page = as_role("commission", width=width, language=language)
        for address in ("/facts", "/facts/import", "/facts/tables/visits"):
            page.goto(address + FRAME)
            looked_at(page)
        page.locator("#batches").locator("xpath=../..").locator("tbody a").first.click()
        page.wait_for_url("**/facts/batches/**")
        looked_at(page)
        page.goto("/facts/import" + FRAME)
        page.locator("tbody a").first.click()
        page.wait_for_url("**/facts/import/**")
        looked_at(page)
        page.goto(f"{page.url.partition('#')[0]}&columns=1")
        looked_at(page)
