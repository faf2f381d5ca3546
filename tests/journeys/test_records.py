"""The journey of a visit by keyboard alone: the sheet, the timeline, a follow-up that raises the alarm; and the phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Page, expect

from .looks import axe, wide
from .test_booking import signed_records

pytestmark = pytest.mark.journey

Open = Callable[..., Page]


def fill(page: Page, label: str, text: str) -> None:
    page.get_by_label(label, exact=True).focus()
    page.keyboard.type(text)


def test_a_doctor_notes_a_visit_plans_a_call_and_the_answers_raise_the_alarm(
    as_role: Open, tmp_path: Path
) -> None:
    doctor = as_role("primary_doctor", width=1440)
    record = urlparse(signed_records(doctor)[4]).path
    doctor.goto(record)
    doctor.get_by_role("link", name="诊疗记录").click()
    found = axe(doctor)
    doctor.get_by_role("link", name="记录就诊").press("Enter")
    expect(doctor.get_by_label("主诉")).to_be_focused()
    found += axe(doctor)
    doctor.keyboard.type("头晕三天")
    fill(doctor, "主要诊断", "I10 原发性高血压")
    doctor.locator("#f-sbp").fill("168")
    doctor.locator("#f-dbp").fill("98")
    doctor.locator("#drug0").fill("苯磺酸氨氯地平片")
    doctor.locator("#dose0").fill("5 mg 每日一次")
    doctor.keyboard.press("Enter")
    expect(doctor.locator("main")).to_contain_text("已记入健康档案")
    expect(doctor.locator(".record-line").first).to_contain_text("168 mmHg")
    found += axe(doctor)

    doctor.get_by_role("link", name="上传文件").click()
    file = tmp_path / "心电图.pdf"
    file.write_bytes(b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n")
    doctor.get_by_label("标题").fill("心电图")
    doctor.locator("#file").set_input_files(file)
    found += axe(doctor)
    doctor.get_by_role("button", name="存入档案").click()
    with doctor.expect_download() as taken:
        doctor.get_by_role("link", name="取文件").first.click()
    assert taken.value.path().read_bytes() == file.read_bytes()

    doctor.get_by_role("link", name="安排随访").click()
    expect(doctor.locator("main")).to_contain_text("按指南建议不晚于")
    found += axe(doctor)
    doctor.get_by_role("button", name="安排", exact=True).click()
    expect(doctor.locator("main")).to_contain_text("将要做的")
    found += _calls(as_role, record)
    assert found == []


def _calls(as_role: Open, record: str) -> list[str]:
    """The call that was planned, done on a telephone: its answers raise the alarm."""
    phone = as_role("primary_doctor", width=390)
    phone.goto("/contacts")
    found = axe(phone)
    assert not wide(phone)
    phone.get_by_role("link", name="去做").last.click()
    assert not wide(phone)
    found += axe(phone)
    phone.locator("#f-sbp").fill("186")
    phone.locator("#f-dbp").fill("112")
    phone.get_by_label("剧烈头痛或头晕").check()
    phone.get_by_role("button", name="记下这次随访").click()
    expect(phone.get_by_role("alert")).to_contain_text("达到转诊标准")
    found += axe(phone)
    for path in ("record", "record/visit", "record/document", "record/contact"):
        phone.goto(f"{record}/{path}")
        assert not wide(phone), path
    phone.goto("/contacts?show=control")
    found += axe(phone)
    assert not wide(phone)
    return found


def test_coverage_is_counted_for_the_commission(as_role: Open) -> None:
    page = as_role("commission")
    page.goto("/coverage")
    expect(page.locator("main")).to_contain_text("人有诊疗记录")
    assert axe(page) == []
    assert not wide(page)


@pytest.mark.parametrize("width", [1440, 390])
def test_an_entry_in_error_is_withdrawn_by_keyboard(as_role: Open, width: int) -> None:
    doctor = as_role("primary_doctor", width=width)
    record = urlparse(signed_records(doctor)[5]).path
    doctor.goto(f"{record}/record/visit")
    doctor.keyboard.type("记到别人名下的主诉")
    doctor.locator("#f-sbp").fill("178")
    doctor.locator("#f-dbp").fill("104")
    doctor.keyboard.press("Enter")
    line = doctor.locator(".record-line", has_text="记到别人名下的主诉").first
    expect(line).to_contain_text("178 mmHg")
    line.get_by_role("link", name="记错了，撤回").press("Enter")
    expect(doctor.get_by_role("heading", level=1)).to_have_text("撤回记录")
    found = axe(doctor)
    assert not wide(doctor)
    doctor.get_by_label("重复录入").press("Space")
    doctor.get_by_label("补充说明", exact=False).press("Enter")  # a form is sent from any of its fields
    expect(doctor.locator("main")).to_contain_text("已撤回")
    found += axe(doctor)
    doctor.goto(f"{record}/record")
    gone = doctor.locator(".record-line.is-gone", has_text="记到别人名下的主诉").first
    expect(gone).to_contain_text("重复录入")
    expect(gone.locator("s")).to_contain_text("记到别人名下的主诉")
    found += axe(doctor)
    assert not wide(doctor)
    assert found == []
