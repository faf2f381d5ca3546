"""What comes back to whoever wrote: returned by a template and sent again, passed on to another hospital, a question that
becomes a referral, papers after an emergency; with the mistakes that people make on the way, each told with the way on."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Page, expect

from .looks import axe, wide
from .test_referring import begin
from .test_writing_cut import A_PDF, record_of, rows

pytestmark = pytest.mark.journey

Open = Callable[..., Page]
# Of the second page of the list, after those of ``test_writing_cut``.
RETURNED, REDIRECTED, ASKED, URGENT, TIMED = range(8, 13)
HOST = "芜湖县中医医院"


def sent(page: Page, which: int, problem: str = "反复头晕") -> str:
    """Write and send one to the host; answers its id."""
    address = begin(page, record_of(page, which))
    page.locator("#problem").fill(problem)
    page.locator("#reason").fill("血压 190/110，两联用药仍不达标。")
    page.locator("#severity").fill("3 级，高危")
    page.locator(".referral-destination", has_text=HOST).locator("input").check()
    page.get_by_role("button", name="送出转诊").click()
    page.wait_for_url(re.compile(r"/requests/[-0-9a-f]+"))
    return address.split("/")[2]


def submit(page: Page) -> None:
    page.locator(".request-form form button[type=submit]").click()


def test_returned_with_a_template_mended_and_sent_again(as_role: Open) -> None:
    doctor, office = as_role("primary_doctor", width=1440), as_role("referral_office", width=1440)
    key = sent(doctor, RETURNED)
    office.goto(f"/requests/{key}")
    office.locator("#do-return").click()
    office.locator("#code").select_option("incomplete")
    office.get_by_role("button", name="资料不全，请补充后再提交。").click()
    submit(office)
    # No alternative: what was chosen and written stands there still.
    expect(office.locator("#alternative-error")).to_contain_text("可以怎么办")
    expect(office.locator("#code")).to_have_value("incomplete")
    office.get_by_role("button", name="请补充近期化验").click()
    submit(office)
    expect(office.get_by_text("已退回，对方会看到原因")).to_be_visible()
    doctor.goto(f"/requests/{key}")
    doctor.get_by_role("link", name="补充后再提交").click()
    expect(doctor.locator(".referral-returned")).to_contain_text("请补充近期化验")
    expect(doctor.locator("#reason")).to_have_value("血压 190/110，两联用药仍不达标。")
    doctor.locator("#findings").fill("肌酐 96，心电图左室高电压。")
    doctor.get_by_role("button", name="送出转诊").click()
    doctor.wait_for_url(re.compile(r"/requests/[-0-9a-f]+"))
    expect(doctor.locator("main")).to_contain_text("肌酐 96")
    office.goto(f"/requests/{key}")
    expect(office.locator(".request-state")).to_contain_text("待接收")


def test_passed_on_to_another_by_name_and_never_to_a_closed_one(as_role: Open) -> None:
    doctor, office = as_role("primary_doctor", width=1440), as_role("referral_office", width=1440)
    key = sent(doctor, REDIRECTED)
    office.goto(f"/requests/{key}?act=redirect")
    submit(office)  # nothing chosen: the browser asks for it
    expect(office.locator(".request-form")).to_be_visible()
    assert (
        rows("SELECT state, to_institution::text FROM exchange_request WHERE id = %s", key)[0][0]
        == "SUBMITTED"
    )
    ((closed, name),) = rows(
        "SELECT v.institution_id::text, v.name FROM network_institutionversion v WHERE upper(v.period) <= current_date"
        " AND NOT EXISTS (SELECT FROM network_institutionversion n WHERE n.institution_id = v.institution_id"
        " AND n.period @> current_date) ORDER BY v.institution_id LIMIT 1"
    ) or [("", "")]
    office.locator("#find").press_sequentially("whsder")
    found = office.locator("#found-places label", has_text="芜湖市第二人民医院")
    expect(found.locator("input")).to_be_checked()
    office.locator("#words").fill("患者家在市区，就近治疗")
    if closed:  # somebody has an old page open: it is refused, and what was written stands there
        found.locator("input").evaluate("(e, id) => { e.value = id; }", closed)
        submit(office)
        expect(office.locator("#to-error")).to_contain_text("没有在开业")
        expect(office.locator("#words")).to_have_value("患者家在市区，就近治疗")
        assert name
        office.locator("#find").press_sequentially("whsder")
        expect(found.locator("input")).to_be_checked()
    submit(office)
    expect(office.locator(".notice-success, .notice").first).to_be_visible()
    doctor.goto(f"/requests/{key}")
    expect(doctor.locator(".lead")).to_contain_text("芜湖市第二人民医院")
    expect(doctor.locator(".request-steps")).to_contain_text("患者家在市区，就近治疗")


def test_a_question_its_answer_and_the_referral_that_becomes_of_it(as_role: Open) -> None:
    doctor, office = as_role("primary_doctor", width=1440), as_role("referral_office", width=1440)
    page = doctor
    address = begin(page, record_of(page, ASKED), "咨询")
    page.get_by_role("button", name="送出咨询").click()
    # Nothing asked: said beside the field.
    expect(page.locator("#question-error")).to_be_visible()
    page.locator("#question").fill("二甲双胍不耐受，如何调整？")
    page.locator("#problem").fill("2 型糖尿病")
    page.locator("#findings").fill("糖化 8.5%")
    page.locator(".referral-destination", has_text=HOST).locator("input").check()
    page.get_by_role("button", name="送出咨询").click()
    page.wait_for_url(re.compile(r"/requests/[-0-9a-f]+"))
    key = address.split("/")[2]
    office.goto(f"/requests/{key}")
    office.locator("#do-accept").click()
    office.goto(f"/requests/{key}?act=report")
    office.locator("#advice").fill("改用 SGLT2 抑制剂，三个月后复查；仍高请转来。")
    submit(office)
    expect(office.locator(".request-report")).to_contain_text("SGLT2")
    page.goto(f"/referrals/{key}/answer")
    expect(page.locator(".referral-answer")).to_contain_text("三个月后复查")
    expect(page.locator("#acknowledge")).to_be_focused()
    page.get_by_role("button", name="转为上转").click()
    page.wait_for_url(re.compile(r"/referrals/[-0-9a-f]+/write"))
    assert key not in page.url
    expect(page.locator("#problem")).to_have_value("2 型糖尿病")
    expect(page.locator("#reason")).to_have_value("二甲双胍不耐受，如何调整？")
    expect(page.locator("#findings")).to_have_value("糖化 8.5%")
    expect(page.locator(".referral-answer")).to_contain_text("SGLT2")
    page.goto(f"/referrals/{key}/answer")
    page.keyboard.press("Enter")
    expect(page.get_by_text("已办结").first).to_be_visible()


def test_an_emergency_goes_first_and_its_papers_follow_with_a_picture(as_role: Open, tmp_path: Path) -> None:
    page = as_role("primary_doctor", width=1440)
    page.goto(record_of(page, URGENT))
    page.get_by_role("button", name="急危重").click()
    page.wait_for_url(re.compile(r"/write"))
    page.locator("#problem").fill("意识丧失")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#reason-error")).to_be_visible()
    page.locator("#reason").fill("呼之不应，血压 210/130，已给氧。")
    page.get_by_role("button", name="立即转诊").click()
    page.wait_for_url(re.compile(r"/requests/[-0-9a-f]+"))
    key = urlparse(page.url).path.split("/")[2]
    page.get_by_role("link", name="补充资料").click()
    page.locator("#findings").fill("双侧瞳孔等大")
    page.locator(".referral-attach summary").click()
    liar, good = tmp_path / "x.pdf", tmp_path / "心电图.pdf"
    liar.write_bytes(b"MZ\x90\x00")
    good.write_bytes(A_PDF)
    page.locator("#file").set_input_files(liar)
    page.get_by_role("button", name="补充", exact=True).click()
    expect(page.locator("#file-error")).to_contain_text("只收 PDF")
    expect(page.locator("#findings")).to_have_value("双侧瞳孔等大")
    page.locator("#file").set_input_files(good)
    page.get_by_role("button", name="补充", exact=True).click()
    page.wait_for_url(re.compile(rf"/requests/{key}"))
    expect(page.locator("main")).to_contain_text("双侧瞳孔等大")
    expect(page.locator(".request-package a[download]")).to_have_count(1)


@pytest.mark.parametrize(("width", "language"), [(1440, ""), (390, "en")])
def test_these_pages_are_accessible_and_fit(as_role: Open, width: int, language: str) -> None:
    page = as_role("primary_doctor", width=width, language=language)
    answered = rows("SELECT id::text FROM exchange_request WHERE kind = 'advice' ORDER BY made_at LIMIT 1")[
        0
    ][0]
    urgent = rows(
        "SELECT id::text FROM exchange_request WHERE urgency = 0 AND state = 'SUBMITTED' AND kind = 'up' ORDER BY made_at LIMIT 1"
    )
    found = []
    for path in (f"/referrals/{answered}/answer", *(f"/referrals/{key}/supplement" for (key,) in urgent)):
        page.goto(path)
        found += [f"{path}: {each}" for each in axe(page)]
        if wide(page):
            found.append(f"{path} scrolls sideways at {width}")
    page.goto(record_of(page, TIMED))
    page.locator("form[action*='/refer/up'] button").first.click()
    page.wait_for_url(re.compile(r"/referrals/[-0-9a-f]+/write"))
    draft = urlparse(page.url).path
    page.locator("#find").press_sequentially("wh")
    expect(page.locator("#found .booking-chip").first).to_be_visible()
    page.locator(".referral-attach summary").click()
    found += axe(page)
    page.locator("#found .booking-chip").first.click()
    expect(page.locator(".referral-wished")).to_be_visible()
    found += axe(page)
    if wide(page):
        found.append(f"{draft} scrolls sideways at {width}")
    assert found == []
