"""The office's files and its hospital's own system: a file with faults is mended and taken over, a conflict is repaired."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tiercare.engines.sheets import Table, write_xlsx

from .looks import axe, runs_out, wide

pytestmark = pytest.mark.journey

Open = Callable[..., Page]
HEADER = ["池编号", "池名称", "种类", "类别", "检查项目", "每号分钟"]
SHOTS = os.environ.get("TIERCARE_SHOTS", "")


def book(*rows: list[str]) -> dict[str, Any]:
    """A workbook of pools, as the browser sends one."""
    content = write_xlsx([Table("号源床位检查池", HEADER, rows)])
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return {"name": "检查池.xlsx", "mimeType": kind, "buffer": content}


def shot(page: Page, name: str) -> None:
    """A picture for whoever asks for one."""
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def send(page: Page, body: dict[str, Any]) -> dict[str, Any]:
    """A message of the hospital's system, with the session of who is signed in."""
    token = page.evaluate("document.querySelector('[name=csrfmiddlewaretoken]').value")
    headers = {"X-CSRFToken": token, "Idempotency-Key": str(uuid4()), "Referer": page.url}
    answer = page.request.post("/api/capacity/feeds/his-1", data=body, headers=headers)
    assert answer.ok, answer.text()
    found: dict[str, Any] = answer.json()
    return found


def test_a_file_is_mended_and_taken_over(as_role: Open, tmp_path: Path) -> None:
    page = as_role("referral_office", width=1440)
    page.goto("/capacity/files")
    shot(page, "files")
    page.get_by_role("button", name="上传并检查").click()
    expect(page.locator("#refusals")).to_contain_text("没有选择文件")
    page.locator("#file").set_input_files(
        book(
            ["ct-1", "CT 平扫一室", "检查", "检查", "", "15"],
            ["mr-1", "磁共振", "检查", "专科门诊", "头颅 MRI", "30"],
        )
    )
    page.get_by_role("button", name="上传并检查").click()
    expect(page.locator("#counts")).to_contain_text("有 2 行有误")
    expect(page.locator("#faults + table")).to_contain_text("号源床位检查池!2")
    expect(page.locator("#faults + table")).to_contain_text("检查池要写明检查项目")
    shot(page, "file-faults")
    page.get_by_role("link", name="上传改好的文件").click()
    page.locator("#file").set_input_files(book(["ct-1", "CT 平扫一室", "检查", "检查", "胸部 CT 平扫", "15"]))
    page.get_by_role("button", name="上传并检查").click()
    expect(page.locator("#counts")).to_contain_text("将有 1 行变更")
    page.get_by_role("button", name="全部导入").click()
    expect(page.locator("#counts")).to_contain_text("已导入 1 行变更")
    page.goto("/capacity/pools")
    expect(page.locator("main")).to_contain_text("CT 平扫一室")

    # What is exported comes back unchanged.
    page.goto("/capacity/files")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Excel", exact=True).click()
    waiting.value.save_as(tmp_path / "export.xlsx")
    page.locator("#file").set_input_files(tmp_path / "export.xlsx")
    page.get_by_role("button", name="上传并检查").click()
    expect(page.locator("#counts")).to_contain_text("全部未变")


def test_a_conflict_with_the_hospital_s_system_is_shown_and_repaired(as_role: Open) -> None:
    """It tells of a session in a pool that is not entered, and a message of it is lost."""
    page = as_role("referral_office", width=1440)
    page.goto("/capacity/feeds")
    expect(page.locator("main")).to_contain_text("还没有发来过号源")
    day = page.evaluate("new Date(Date.now() + 5 * 864e5).toISOString().slice(0, 10)")
    times = {"starts": f"{day}T14:00:00+08:00", "ends": f"{day}T15:00:00+08:00"}
    session = {"key": "S1", "pool": "us-1", **times, "slots": [{"key": "S1-1", "capacity": 6, **times}]}
    page.goto("/capacity/files")
    assert send(page, {"sequence": 1, "kind": "full", "days": [day], "sessions": [session]})["conflicts"] == 1
    assert send(page, {"sequence": 3, "kind": "delta", "sessions": [session]})["missing"] == [2]
    page.goto("/capacity/feeds")
    expect(page.locator("#conflicts")).to_contain_text("要处理的不一致 1 条")
    conflict = page.locator("article.conflict")
    expect(conflict).to_contain_text("没有编号为“us-1”的池")
    expect(page.locator("#systems + table")).to_contain_text("2")
    shot(page, "feeds-conflict")
    conflict.get_by_role("button", name="告知医院系统").click()
    expect(conflict).to_contain_text("告知医院系统。")
    conflict.get_by_role("button", name="重新核对").click()
    expect(page.locator("#conflicts")).to_contain_text("要处理的不一致 1 条")  # nothing was mended
    page.goto("/capacity/files")
    page.locator("#file").set_input_files(book(["us-1", "彩超一室", "检查", "检查", "腹部彩超", ""]))
    page.get_by_role("button", name="上传并检查").click()
    page.get_by_role("button", name="全部导入").click()
    page.goto("/capacity/feeds")
    page.get_by_role("button", name="重新核对").click()
    expect(page.locator("#conflicts")).to_contain_text("两边一致")
    expect(page.locator("main")).to_contain_text("最近处理的")
    page.goto(f"/capacity/schedule?day={day}&kind=EXAM")
    expect(page.locator("a.block", has_text="彩超一室").first).to_contain_text("0/6")


@pytest.mark.parametrize(("width", "language"), [(1440, ""), (390, "en")])
def test_the_pages_are_accessible_and_fit(as_role: Open, width: int, language: str) -> None:
    page = as_role("referral_office", width=width, language=language)
    page.goto("/capacity/files")
    times = {"starts": "2030-01-07T14:00:00+08:00", "ends": "2030-01-07T15:00:00+08:00"}
    session = {"key": "S9", "pool": "none", **times, "slots": [{"key": "S9-1", "capacity": 6, **times}]}
    send(page, {"sequence": uuid4().int % 2**40 + 10, "kind": "delta", "sessions": [session]})
    page.locator("#file").set_input_files(book(["x 1", "CT", "检查", "检查", "", "15"]))
    page.locator("form[enctype] button[type=submit]").click()
    page.wait_for_url("**/capacity/files/*")
    found = []
    checked = page.url.split("#")[0]
    for address in ("/capacity/files", "/capacity/feeds", "/capacity/registers", checked):
        answer = page.goto(address)
        assert answer is not None and answer.status == 200, address
        shot(page, f"{address.split('?')[0].strip('/').split('/')[-1][:9]}-{width}{language}")
        found += axe(page)
        if wide(page):
            found.append(f"{address} scrolls sideways at {width}")
        if runs_out(page):
            found.append(f"{address} runs out of its card at {width}")
    assert found == []
