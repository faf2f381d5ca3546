"""The line drops every third message, the tab is closed, the page loaded anew: what was typed is there, nothing is doubled,
and a line says what is saved (B5). What lies aside in the browser is sealed, names nobody, and goes with signing out."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import psycopg
import pytest
from playwright.sync_api import Error, Page, Request, Route, expect

from .conftest import url_of
from .test_booking import signed_records
from .test_referring import begin

pytestmark = pytest.mark.journey

Open = Callable[..., Page]
LOSS = 0.3
# Of the second page of the list: the other journeys take from the first, and what is planted from the third.
CUT, CUT_TOO, CLOSED, CHANGED, SIGNED_OUT, FILES = range(6)
LATE, SLOW, NO_SCRIPT = 6, 13, 14
PATIENT_FOR = 150_000  # ms: a line that drops every third message takes its time, on a busy machine more
A_PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
WORDS = "气促加重三天，血氧 91%。"


class Line:
    """Loses so many messages on the way there or back, pages and forms too; ``cut``: all of them."""

    def __init__(self, seed: int, loss: float = LOSS) -> None:
        self.lost, self.loss, self.cut = random.Random(seed), loss, False
        self.dropped: list[str] = []

    def __call__(self, route: Route) -> None:
        asked = route.request
        if urlparse(asked.url).path.startswith("/static/"):
            route.continue_()
        elif self.cut or self.lost.random() < self.loss / 2:
            self.dropped.append(f"{asked.resource_type} {asked.method}")
            route.abort("connectionfailed")
        elif self.lost.random() < self.loss / 2:
            self.dropped.append(f"{asked.resource_type} {asked.method} answer")
            route.fetch(max_redirects=0)  # it arrives, and the answer does not
            route.abort("connectionreset")
        else:
            route.continue_()


def insist(act: Callable[[], object]) -> None:
    """What somebody does whose page did not come: the same again."""
    for _ in range(20):
        try:
            act()
        except Error as error:
            # The last: a page whose load just broke is not there to be loaded anew for a moment.
            assert re.search("net::ERR|interrupted|Timeout|Not attached", error.message), error.message
        else:
            return
    raise AssertionError("never came")


def record_of(page: Page, which: int) -> str:
    """A record that no other journey writes into."""
    last = signed_records(page)[-1].split("/")[2]
    page.goto(f"/residents?after={last}")
    link = page.locator("#results tbody a").nth(which)
    return re.sub(r"\?.*", "", link.get_attribute("href") or "")


def rows(statement: str, *values: object) -> list[tuple]:
    with psycopg.connect(url_of("owner")) as connection:
        return connection.execute(statement, list(values)).fetchall()


def one_draft(key: str) -> tuple:
    (found,) = rows("SELECT state, payload, resident_id::text FROM exchange_request WHERE id = %s", key)
    return found


def stored(page: Page) -> dict[str, str]:
    kept: dict[str, str] = page.evaluate("() => ({...localStorage})")
    return {name: value for name, value in kept.items() if name.startswith("tiercare.draft.")}


@pytest.mark.parametrize(("seed", "which"), [(3, CUT), (11, CUT_TOO)])
def test_at_thirty_percent_loss_nothing_is_lost_or_doubled(as_role: Open, seed: int, which: int) -> None:
    page = as_role("primary_doctor", width=1440)
    record = record_of(page, which)
    line = Line(seed)
    page.context.route("**/*", line)
    insist(lambda: page.goto(record))
    insist(lambda: begin_again(page, record))
    address = urlparse(page.url).path
    key = address.split("/")[2]
    page.locator("#problem").fill("慢性阻塞性肺疾病急性加重")
    page.locator("#reason").fill(WORDS)
    page.locator("#severity").fill("中度急性加重")
    expect(page.locator("#saved")).to_contain_text("已保存", timeout=PATIENT_FOR)
    page.locator("#reason").fill(WORDS + "重新打开之前写的。")
    insist(page.reload)
    expect(page.locator("#reason")).to_have_value(WORDS + "重新打开之前写的。")
    expect(page.locator("#saved")).to_contain_text("已保存", timeout=PATIENT_FOR)
    page.locator("button.booking-time").first.click()
    expect(page.locator("[data-countdown]")).to_be_visible(timeout=PATIENT_FOR)
    page.get_by_role("button", name="送出转诊").click()
    insist(
        lambda: page.wait_for_url(
            re.compile(r"/requests/[-0-9a-f]+"), timeout=PATIENT_FOR, wait_until="commit"
        )
    )
    page.context.unroute("**/*")
    assert line.dropped
    state, payload, resident = one_draft(key)
    assert (state, payload["reason"]) == ("SUBMITTED", WORDS + "重新打开之前写的。")
    assert rows("SELECT count(*) FROM exchange_request WHERE resident_id = %s", resident) == [(1,)]
    assert rows("SELECT count(*) FROM exchange_step WHERE request_id = %s AND act = 'submit'", key) == [(1,)]
    held = "SELECT count(*) FROM capacity_booking WHERE source_id = %s AND state = 'BOOKED'"
    assert rows(held, key) == [(1,)]
    assert rows("SELECT count(*) FROM referrals_package WHERE request_id = %s", key) == [(1,)]
    page.goto(f"/requests/{key}")
    assert stored(page) == {}


def begin_again(page: Page, record: str) -> None:
    """Press the button; where its page did not come, go back and press it again: the one begun stands there."""
    page.goto(record)
    page.get_by_role("button", name="转诊", exact=True).click()
    page.wait_for_load_state("domcontentloaded")
    if "/refer/" in page.url:  # the open one, shown
        page.locator(".referral-line").first.click()
    page.wait_for_url(re.compile(r"/referrals/[-0-9a-f]+/write"), timeout=5_000)


def test_a_closed_tab_over_a_dead_line_and_it_is_there_again(as_role: Open) -> None:
    page = as_role("primary_doctor", width=1440)
    address = begin(page, record_of(page, CLOSED))
    name = page.locator(".person-name strong").inner_text()
    saved = page.locator("#saved")
    page.locator("#reason").fill("第一句，保存了。")
    page.locator("#problem").focus()
    expect(saved).to_contain_text("已保存")
    line = Line(1)
    line.cut = True
    page.context.route("**/*", line)
    page.locator("#reason").fill("第一句，保存了。断线以后写的第二句。")
    page.locator("#findings").evaluate("e => e.closest('details').open = true")
    page.locator("#findings").fill("双肺哮鸣音")
    expect(saved).to_contain_text("未保存：线路断了")
    kept = stored(page)
    ((where, what),) = kept.items()
    # Where it lies nobody is named, and what lies there is sealed.
    assert where == f"tiercare.draft.{address.split('/')[2]}"
    assert name not in where + what and "第二句" not in what and "plain" not in json.loads(what)
    page.close(run_before_unload=False)
    page.context.unroute("**/*")
    again = page.context.new_page()
    again.goto(address)
    expect(again.locator("#reason")).to_have_value("第一句，保存了。断线以后写的第二句。")
    expect(again.locator("#findings")).to_have_value("双肺哮鸣音")
    expect(again.locator("#saved")).to_contain_text("已保存")
    assert stored(again) == {}
    payload = one_draft(address.split("/")[2])[1]
    assert (payload["reason"], payload["findings"]) == ("第一句，保存了。断线以后写的第二句。", "双肺哮鸣音")


def test_what_changed_on_the_platform_meanwhile_is_never_overwritten_unasked(as_role: Open) -> None:
    page = as_role("primary_doctor", width=1440)
    address = begin(page, record_of(page, CHANGED))
    line = Line(1)
    line.cut = True
    page.context.route("**/*", line)
    page.locator("#reason").fill("本机上写的。")
    expect(page.locator("#saved")).to_contain_text("未保存")
    page.close()
    page.context.unroute("**/*")
    elsewhere = as_role("primary_doctor", width=1440)
    elsewhere.goto(address)
    elsewhere.locator("#reason").fill("另一台电脑上写的。")
    elsewhere.locator("#problem").focus()
    expect(elsewhere.locator("#saved")).to_contain_text("已保存")
    again = page.context.new_page()
    again.goto(address)
    expect(again.locator("#kept")).to_contain_text("没有保存到平台")
    expect(again.locator("#reason")).to_have_value("另一台电脑上写的。")
    again.get_by_role("button", name="用本机的").click()
    expect(again.locator("#reason")).to_have_value("本机上写的。")
    expect(again.locator("#saved")).to_contain_text("已保存")
    assert one_draft(address.split("/")[2])[1]["reason"] == "本机上写的。"


def test_signing_out_leaves_nothing_on_the_computer(as_role: Open, browser, site) -> None:
    """With a session of its own: the one that the other journeys share stays."""
    context = browser.new_context(
        base_url=site.address, viewport={"width": 1440, "height": 900}, locale="zh-CN"
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=username]", "wuhu.primary_doctor")
    page.fill("[name=password]", site.passwords["primary_doctor"])
    page.click("main form button[type=submit]")
    page.wait_for_url(f"{site.address}/")
    begin(page, record_of(page, SIGNED_OUT))
    line = Line(1)
    line.cut = True
    page.route("**/referrals/**", line)
    page.locator("#reason").fill("没有保存到平台的一句。")
    expect(page.locator("#saved")).to_contain_text("未保存")
    assert len(stored(page)) == 1
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.locator("details.account summary").click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url(re.compile("/sign-in|/$"))
    assert asked == ["beforeunload"]  # not saved: said before it goes
    assert stored(page) == {}
    context.close()


def test_a_file_is_uploaded_over_a_bad_line_once_and_one_that_lies_is_told(
    as_role: Open, tmp_path: Path
) -> None:
    page = as_role("primary_doctor", width=1440)
    address = begin(page, record_of(page, FILES))
    good, liar = tmp_path / "心电图.pdf", tmp_path / "化验单.pdf"
    good.write_bytes(A_PDF)
    liar.write_bytes(b"MZ\x90\x00 a program")
    page.locator("#problem").fill("胸闷")
    page.locator("#reason").fill("胸闷半天，心电图见附件。")
    page.locator(".referral-attach summary").click()
    page.locator("#file").set_input_files(liar)
    page.get_by_role("button", name="上传并一起带去").click()
    expect(page.locator("#file-error")).to_contain_text("只收 PDF")
    expect(page.locator("#reason")).to_have_value("胸闷半天，心电图见附件。")
    line = Line(8, loss=0.6)
    page.route("**/attach", line)
    page.locator("#file").set_input_files(good)
    page.get_by_role("button", name="上传并一起带去").click()
    box = page.locator("[name=with-documents]")
    expect(box).to_have_count(1, timeout=PATIENT_FOR)
    expect(box).to_be_checked()
    page.unroute("**/attach")
    # Chosen and not uploaded yet: it goes with the sending all the same.
    page.locator(".referral-attach").evaluate("e => e.open = true")
    page.locator("#file").set_input_files(good)
    page.locator("#severity").fill("中度")
    page.get_by_role("button", name="送出转诊").click()
    page.wait_for_url(re.compile(r"/requests/[-0-9a-f]+"))
    links = page.locator(".request-package a[download]")
    expect(links).to_have_count(2)
    resident = one_draft(address.split("/")[2])[2]
    assert rows("SELECT count(*) FROM records_document WHERE resident_id = %s", resident) == [(2,)]
    with page.expect_download() as taken:
        links.first.click()
    assert Path(taken.value.path()).read_bytes() == A_PDF


def test_a_saving_that_is_still_under_way_is_waited_for(as_role: Open) -> None:
    """The answer did not come in time and the same is sent again, while the first is at work: the page waits, says so, and
    scolds nobody."""
    page = as_role("primary_doctor", width=1440)
    address = begin(page, record_of(page, SLOW))
    ((account,),) = rows("SELECT id::text FROM access_account WHERE username = 'wuhu.primary_doctor'")
    saved, keys = page.locator("#saved"), []
    with psycopg.connect(url_of("owner"), autocommit=True) as twin:

        def under_way(route: Route) -> None:
            """The first of them finds its key held, as by the transaction of its twin."""
            if route.request.headers.get("x-draft") == "save":
                keys.append(parse_qs(route.request.post_data or "")["once"][0])
                if len(keys) == 1:
                    twin.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [account + keys[0]])
            route.continue_()

        page.route("**/write*", under_way)
        with page.expect_response(lambda answer: answer.status == 409):
            page.locator("#reason").fill(WORDS)
            page.locator("#problem").focus()
        with page.expect_response(lambda answer: answer.status == 409):
            expect(saved).to_contain_text("正在保存")
        expect(saved).to_contain_text("正在保存")
        expect(saved).not_to_contain_text("同一请求")
    expect(saved).to_contain_text("已保存")
    page.unroute("**/write*")
    assert len(keys) > 2 and set(keys) == {keys[0]}, "the same again, under its key"
    assert one_draft(address.split("/")[2])[1]["reason"] == WORDS


def test_a_saving_that_comes_after_the_page_was_loaded_anew_is_ones_own(as_role: Open) -> None:
    """It was on its way meanwhile. No colleague is blamed for it, nor for the line that drops when the page looks."""
    page = as_role("primary_doctor", width=1440)
    address = begin(page, record_of(page, LATE))
    late: list[Request] = []
    dropped: list[str] = []
    anew = False

    def slow(route: Route) -> None:
        nonlocal anew
        asked = route.request
        saving = asked.headers.get("x-draft") == "save"
        if asked.resource_type == "document":
            route.fulfill(response=route.fetch())
            anew = True
        elif saving and not anew:
            late.append(asked)
            route.abort("connectionreset")
        elif not saving and asked.resource_type == "fetch" and not dropped:
            dropped.append(asked.url)
            route.abort("connectionfailed")
        else:
            if late:
                page.context.request.post(late[0].url, headers=late[0].headers, data=late[0].post_data)
                late.clear()
            route.continue_()

    page.route("**/write*", slow)
    page.locator("#reason").fill(WORDS)
    page.locator("#problem").focus()
    expect(page.locator("#saved")).to_contain_text("未保存")
    aside = stored(page)
    page.locator("#reason").fill(WORDS + "重新打开之前写的。")
    page.wait_for_function(
        "was => Object.keys(was).every(name => localStorage[name] !== was[name])", arg=aside
    )
    page.reload()
    expect(page.locator("#saved")).to_contain_text("已保存", timeout=PATIENT_FOR)
    expect(page.locator("#reason")).to_have_value(WORDS + "重新打开之前写的。")
    assert dropped and not late
    assert one_draft(address.split("/")[2])[1]["reason"] == WORDS + "重新打开之前写的。"


def test_without_a_script_a_chosen_file_goes_with_the_sending(browser, site, tmp_path: Path) -> None:
    context = browser.new_context(
        base_url=site.address,
        viewport={"width": 1440, "height": 900},
        locale="zh-CN",
        java_script_enabled=False,
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=username]", "wuhu.primary_doctor")
    page.fill("[name=password]", site.passwords["primary_doctor"])
    page.click("main form button[type=submit]")
    page.wait_for_url(f"{site.address}/")
    page.goto(record_of(page, NO_SCRIPT))
    page.locator("form[action*='/refer/up'] button").first.click()
    page.wait_for_url(re.compile(r"/referrals/[-0-9a-f]+/write"))
    file = tmp_path / "心电图.pdf"
    file.write_bytes(A_PDF)
    page.locator("#problem").fill("胸闷")
    page.locator("#severity").fill("中度")
    page.locator(".referral-attach summary").click()
    page.locator("#file").set_input_files(file)
    # Refused first: the file stays with the draft, ticked, and the reason is asked for.
    page.locator("#reason").fill("")
    page.get_by_role("button", name="送出转诊").click()
    expect(page.locator("#reason-error")).to_be_visible()
    expect(page.locator("[name=with-documents]")).to_be_checked()
    page.locator("#reason").fill("胸闷半天，心电图见附件。")
    page.get_by_role("button", name="送出转诊").click()
    page.wait_for_url(re.compile(r"/requests/[-0-9a-f]+"))
    expect(page.locator(".request-package a[download]")).to_have_count(1)
    context.close()
