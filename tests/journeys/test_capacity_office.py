"""The office's journey: a pool is made, its week laid, next week published, places lent, and the session stopped."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .looks import axe, runs_out, wide

pytestmark = pytest.mark.journey

Open = Callable[..., Page]
NAME = "示例专家门诊"


def test_an_office_publishes_a_week_and_stops_a_session(as_role: Open) -> None:
    page = as_role("referral_office", width=1440)
    page.goto("/capacity/pools")
    page.get_by_role("link", name="新建号源池").first.click()
    expect(page.locator("[name=name]")).to_be_focused()
    page.keyboard.type(NAME)
    page.locator("[name=share_family_doctor]").fill("25")
    expect(page.locator("[data-shares-rest]")).to_have_text("75 %")
    page.locator("[name=specialty]").fill("专业")  # several: nothing is lost, all of them could be meant
    page.get_by_role("button", name="保存，去排班").click()
    expect(page.locator("#specialty-error")).to_contain_text("有几个符合")
    expect(page.locator("[name=name]")).to_have_value(NAME)
    page.locator("[name=specialty]").fill("")
    page.get_by_role("button", name="保存，去排班").click()

    page.get_by_role("link", name="周二上午加一场").click()
    page.locator("label.pick", has_text="周四").click()
    page.locator("[name=ends]").fill("10:00")
    page.locator("[name=capacity]").fill("8")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".week-grid a.block")).to_have_count(2)

    page.get_by_role("link", name="去放号").click()
    expect(page.locator("main")).to_contain_text("家医 2")
    page.get_by_role("button", name="放出这 2 场 16 号").click()
    expect(page.locator("main")).to_contain_text("已放号")
    block = page.locator("a.block", has_text=NAME).first
    expect(block).to_contain_text("0/8")
    block.click()

    page.get_by_text("渠道之间调剂").click()
    page.locator("[name=source]").select_option("OPEN")
    page.locator("[name=target]").select_option("REFERRAL")
    page.locator("#lend-units").fill("2")
    page.locator("#lend-reason").fill("转诊增多")
    page.get_by_role("button", name="调剂", exact=True).click()
    expect(page.locator("#quotas")).to_contain_text("调剂记录（1）")
    page.locator("summary", has_text="停诊").click()
    page.locator("#stop-reason").fill("医师参加抢救")
    page.get_by_role("button", name="停诊并通知").click()
    expect(page.locator("main")).to_contain_text("停诊原因：医师参加抢救")
    page.get_by_role("link", name="排班看板").click()
    expect(page.locator("a.block-stopped")).to_have_count(1)


@pytest.mark.parametrize(("width", "language"), [(1440, ""), (390, "en")])
def test_the_pages_are_accessible_and_fit(as_role: Open, width: int, language: str) -> None:
    page = as_role("referral_office", width=width, language=language)
    found = []
    page.goto("/capacity/pools")
    pools = page.locator("td.name a")
    addresses = ["/capacity/pools", "/capacity/publish", "/capacity/schedule", "/capacity/quotas"]
    addresses += [f"/capacity/pools/new?kind={kind}" for kind in ("CLINIC", "BED", "EXAM")]
    if pools.count():
        pool = pools.first.get_attribute("href") or ""
        addresses += [pool, pool.replace("?", "/week?")]
        later = page.evaluate("new Date(Date.now() + 7 * 864e5).toISOString().slice(0, 10)")
        addresses.append(f"/capacity/schedule?day={later}")
        page.goto(addresses[-1])
        blocks = page.locator("a.block")
        addresses += [blocks.first.get_attribute("href") or ""] if blocks.count() else []
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None and answer.status == 200, address
        found += axe(page)
        if wide(page):
            found.append(f"{address} scrolls sideways at {width}")
        if runs_out(page):
            found.append(f"{address} runs out of its card at {width}")
    assert found == []
