"""转诊办公室: the worklist, one request with its acts, bulk, the board, the inbox, and the numbers of statements."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.integration.capacity.conftest import synthetic_clock, to_the_day
from tests.integration.referrals.test_loop import patient, slot_in, stored

from tiercare.apps.access.models import Account
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.models import Request
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.workflow import Act, State
from tiercare.apps.ledger.models import Event
from tiercare.apps.referrals import commands

from .capacity_desk import acting_at, given, hospital, register, sent, session, site, text_of

__all__ = ["acting_at", "given", "hospital", "patient", "register", "session", "site", "synthetic_clock"]

pytestmark = pytest.mark.django_db
# Session, frame, installation; then the wall moved and put back (with its savepoint, in a test) around the mark and the
# counts of the boxes, and around counts, rows, the reading, names and people; the clock; departments and staff.
WORKLIST = 23
# Beside its own, a request asks what of its package was withdrawn (1) and how its filing with the insurer stands (5).
REQUEST, BELL, BOARD = 50, 8, 19
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def office(acting_at) -> Client:
    """The referral office of the county hospital, which receives."""
    client: Client = acting_at(Role.REFERRAL_OFFICE)
    return client


@pytest.fixture
def doctor(acting_at) -> Client:
    """Another doctor of the township that sends."""
    client: Client = acting_at(Role.PRIMARY_DOCTOR, "township")
    return client


@pytest.fixture
def referred(hospital, patient, session) -> Callable[..., Request]:
    """A referral up that was sent; with a place where one is asked for."""

    def run(place: UUID | None = None) -> Request:
        row = commands.start(hospital.family_doctor, resident_id=patient, kind="up", again="再次加重")
        if place is not None:
            exchange.hold_place(hospital.family_doctor, request_id=row.id, slot_id=slot_in(place))
            commands.send(hospital.family_doctor, request_id=row.id)
        else:
            content = exchange.Content(to_institution=hospital.id)
            commands.send(hospital.family_doctor, request_id=row.id, content=content)
        return row

    return run


def main_of(text: str) -> str:
    return text.partition("<main")[2]


def version_of(row: Request) -> str:
    return str(stored(row.id).version)


def test_the_worklist_shows_owner_and_time_and_masks_the_name(office, doctor, hospital, referred) -> None:
    row = referred()
    text = main_of(text_of(office.get("/requests")))
    line = text.partition(f'id="r-{row.id}"')[2].partition("</tr>")[0]
    assert "王*明" in line and "王小明" not in text
    assert "转诊办公室" in line and "还剩" in line and "紧急" in line and "原发性高血压" in line
    assert f"/requests/{row.id}/accept" in line
    read = Event.objects.filter(kind="access.record_read", institution_id=hospital.id).latest("sequence")
    assert read.payload["what"] == "requests"
    out = main_of(text_of(doctor.get("/requests", {"box": "out"})))
    assert str(row.id) in out and "/accept" not in out
    assert str(row.id) in main_of(text_of(doctor.get("/requests"))), "nothing came in: what was sent is shown"
    assert "没有由您经办的申请" in text_of(office.get("/requests", {"box": "mine"}))
    assert "没有符合条件" in text_of(office.get("/requests", {"state": "REPORTED"}))


def test_filters_and_search_by_initials_or_number(office, referred) -> None:
    row = referred()
    assert str(row.id) in text_of(office.get("/requests", {"kind": "up", "urgency": "URGENT"}))
    assert str(row.id) not in text_of(office.get("/requests", {"kind": "down"}))
    assert str(row.id) not in text_of(office.get("/requests", {"urgency": "ROUTINE"}))
    assert str(row.id) not in text_of(office.get("/requests", {"state": "overdue"}))
    for text in ("wxm", "王小", row.number):
        assert f'id="r-{row.id}"' in text_of(office.post("/requests", {"text": text})), text
    assert f'id="r-{row.id}"' not in text_of(office.post("/requests", {"text": "zhao"}))
    text_of(office.get("/requests", {"department": "soup"}), 422)


def test_a_number_of_letters_alone_is_found_as_a_number(office, hospital, referred) -> None:
    row = referred()
    with scoped(hospital.office):
        assert Request.objects.filter(id=row.id).update(number="ECGJZRJYEB") == 1
    assert f'id="r-{row.id}"' in text_of(office.post("/requests", {"text": "ecgjzrjyeb"}))
    assert f'id="r-{row.id}"' not in text_of(office.post("/requests", {"text": "ecgjzrjyec"}))


def test_a_list_that_is_as_it_was_is_not_sent_again_and_not_read(office, hospital, referred) -> None:
    row = referred()
    mark = re.search(r"since=([^\"&]+)", text_of(office.get("/requests")))
    assert mark
    reads = Event.objects.filter(kind="access.record_read").count()
    again = office.get("/requests", {"box": "in", "since": mark[1]}, **HTMX)
    assert again.status_code == 204 and Event.objects.filter(kind="access.record_read").count() == reads
    exchange.turn(hospital.office, request_id=row.id, act=Act.ACCEPT)
    assert "已接收" in text_of(office.get("/requests", {"box": "in", "since": mark[1]}, **HTMX))


def test_accepted_from_the_row_and_back_to_the_list(office, referred) -> None:
    row = referred()
    answer = office.post(
        f"/requests/{row.id}/accept", sent(version=version_of(row), **{"from": "list", "box": "in"})
    )
    assert answer.status_code == 302 and answer["Location"].startswith("/requests?")
    assert "已接收" in text_of(office.get(answer["Location"]))
    assert stored(row.id).state == State.ACCEPTED


def test_two_people_do_not_overwrite_each_other(office, hospital, referred) -> None:
    row = referred()
    version = version_of(row)
    exchange.turn(hospital.office, request_id=row.id, act=Act.ACCEPT)
    text = text_of(
        office.post(
            f"/requests/{row.id}/return", sent(version=version, code="other", words="晚了一步", advice="无")
        ),
        412,
    )
    assert "已有新的进展" in text and "晚了一步" in text
    assert stored(row.id).state == State.ACCEPTED
    text = text_of(office.post(f"/requests/{row.id}/accept", sent()), 409)
    assert "已经接收过了" in text


def test_the_page_shows_what_was_sent_its_grounds_and_the_package(office, referred) -> None:
    row = referred()
    text = main_of(text_of(office.get(f"/requests/{row.id}")))
    assert "王小明" in text, "the receiver must know whom to expect"
    for expected in ("转诊依据", "据此转诊", "随附病历", "头晕", "186", "现在谁负责", "最晚到", "提交"):
        assert expected in text, expected
    assert 'id="do-accept"' in text and 'id="do-return"' in text and 'id="do-arrive"' in text
    assert f'hx-post="/requests/{row.id}/receive' in text
    assert 'id="do-report"' not in text


def test_it_is_received_when_the_receivers_people_open_it(office, doctor, referred) -> None:
    row = referred()
    assert "/receive" not in text_of(doctor.get(f"/requests/{row.id}"))
    assert "对方还没有签收" in text_of(doctor.get(f"/requests/{row.id}"))
    assert office.post(f"/requests/{row.id}/receive", **HTMX).status_code == 204
    assert stored(row.id).received_at is not None
    assert "没有签收" not in text_of(doctor.get(f"/requests/{row.id}"))
    assert office.post(f"/requests/{row.id}/receive", sent()).status_code == 302
    text_of(doctor.post(f"/requests/{row.id}/receive", sent()), 404)


def test_a_return_needs_its_reason_and_a_way_on_beside_the_fields(office, doctor, hospital, referred) -> None:
    row = referred()
    form = text_of(office.get(f"/requests/{row.id}?act=return"))
    assert "资料不全，请补充" in form and 'data-block="advice"' in form and "建议转到" in form
    text = text_of(
        office.post(
            f"/requests/{row.id}/return", sent(version=version_of(row), code="incomplete", words="缺化验")
        ),
        422,
    )
    assert 'id="alternative-error"' in text and "缺化验" in text and stored(row.id).state == State.SUBMITTED
    text = text_of(
        office.post(f"/requests/{row.id}/return", sent(version=version_of(row), missing="请补血钾")), 422
    )
    assert 'id="words-error"' in text and "请补血钾" in text
    answer = office.post(
        f"/requests/{row.id}/return",
        sent(
            version=version_of(row),
            code="incomplete",
            words="缺化验",
            missing="请补血钾",
            to=str(hospital.site.stranger),
        ),
    )
    assert answer.status_code == 302
    text = text_of(doctor.get(f"/requests/{row.id}"))
    for expected in ("资料不全，请补充", "缺化验", "请补血钾", "建议转到", f"/referrals/{row.id}/write"):
        assert expected in text, expected


def test_scheduled_by_a_place_of_the_receiver_or_at_a_time_agreed_on(
    office, hospital, session, referred
) -> None:
    row = referred()
    key = session({Channel.REFERRAL: 1, Channel.OPEN: 1})
    exchange.turn(hospital.office, request_id=row.id, act=Act.ACCEPT)
    text = text_of(office.get(f"/requests/{row.id}?act=schedule"))
    slot = slot_in(key)
    assert f'value="{slot}"' in text, "the day of the first place is shown"
    assert "没有可用的号" in text_of(office.get(f"/requests/{row.id}?act=schedule&day=2031-01-01"))
    text = text_of(
        office.post(f"/requests/{row.id}/schedule", sent(version=version_of(row), at="2020-01-01T08:00")), 422
    )
    assert 'id="at-error"' in text
    text_of(office.post(f"/requests/{row.id}/schedule", sent(version=version_of(row), at="soup")), 422)
    assert (
        office.post(f"/requests/{row.id}/schedule", sent(version=version_of(row), slot=str(slot))).status_code
        == 302
    )
    assert stored(row.id).booking_id is not None
    assert "1 号" in text_of(office.get(f"/requests/{row.id}"))
    other = referred()
    exchange.turn(hospital.office, request_id=other.id, act=Act.ACCEPT)
    at = sent(version=version_of(other), at="2031-05-06T08:30")
    assert office.post(f"/requests/{other.id}/schedule", at).status_code == 302
    assert stored(other.id).booking_id is None and "2031-05-06" in text_of(
        office.get(f"/requests/{other.id}")
    )


@pytest.mark.clause("NHC-37")
def test_the_whole_way_through_the_pages(office, doctor, session, referred) -> None:
    key = session({Channel.REFERRAL: 1, Channel.OPEN: 1})
    row = referred(key)

    def do(client: Client, act: str, **more: str) -> str:
        answer = client.post(f"/requests/{row.id}/{act}", sent(version=version_of(row), **more))
        assert answer.status_code == 302, answer.content.decode()[-2000:]
        return text_of(client.get(answer["Location"]))

    assert "已预约" in do(office, "accept"), "accepted with a place in hand, it is scheduled by that"
    to_the_day(key)
    assert "已到院" in do(office, "arrive")
    assert "诊治中" in do(office, "take_in")
    text = text_of(
        office.post(f"/requests/{row.id}/report", sent(version=version_of(row), findings="左室肥厚")), 422
    )
    assert 'id="report-error"' in text and "左室肥厚" in text
    report = {
        "diagnosis": "高血压病3级",
        "diagnosis_code": "I10",
        "advice": "两周后复诊",
        "next_visit_on": "2031-01-09",
    }
    assert "待确认" in do(office, "report", **report)
    text = text_of(doctor.get(f"/requests/{row.id}"))
    assert (
        "高血压病3级" in text
        and "两周后复诊" in text
        and "2031-01-09" in text
        and 'id="do-acknowledge"' in text
    )
    assert "已办结" in do(doctor, "acknowledge")
    text = text_of(doctor.get(f"/requests/{row.id}"))
    assert "不再需要办理" in text and 'id="do-' not in text
    assert str(row.id) in text_of(doctor.get("/requests", {"box": "out", "state": "over"}))


def test_withdrawn_only_with_a_reason_and_never_after_arrival(office, doctor, hospital, referred) -> None:
    row = referred()
    assert 'id="words"' in text_of(doctor.get(f"/requests/{row.id}?act=withdraw"))
    text = text_of(doctor.post(f"/requests/{row.id}/withdraw", sent(version=version_of(row))), 422)
    assert 'id="words-error"' in text
    exchange.turn(hospital.office, request_id=row.id, act=Act.ARRIVE)
    text = text_of(doctor.post(f"/requests/{row.id}/withdraw", sent(words="不去了")), 409)
    assert "患者已到院，不能撤回" in text
    text_of(doctor.post(f"/requests/{row.id}/lose_place", sent()), 404)
    text_of(office.post(f"/requests/{row.id}/soup", sent()), 404)


def test_redirected_to_another_with_a_reason(office, hospital, referred) -> None:
    row = referred()
    text = text_of(office.get(f"/requests/{row.id}?act=redirect"))
    assert "转交给" in text and 'name="find"' in text
    text = text_of(
        office.post(f"/requests/{row.id}/redirect", sent(version=version_of(row), words="本院无床")), 422
    )
    assert 'id="to-error"' in text and "本院无床" in text
    assert "没有找到" in text_of(office.get("/requests/elsewhere", {"find": "无此机构"}))
    text_of(office.get("/requests/elsewhere"))


def test_given_to_somebody_of_the_house(office, hospital, referred) -> None:
    row = referred()
    account = Account.objects.get(id=office.session["_auth_user_id"])
    assert account.display_name in text_of(office.get(f"/requests/{row.id}?act=assign"))
    answer = office.post(f"/requests/{row.id}/assign", sent(version=version_of(row), account=str(account.id)))
    assert answer.status_code == 302
    assert f'id="r-{row.id}"' in text_of(office.get("/requests", {"box": "mine"}))
    accepted = sent(version=version_of(row), account=str(account.id))
    assert office.post(f"/requests/{row.id}/accept", accepted).status_code == 302
    assert stored(row.id).owner_account == account.id
    stranger = str(hospital.family_doctor.account_id)
    text = text_of(
        office.post(f"/requests/{row.id}/assign", sent(version=version_of(row), account=stranger)), 422
    )
    assert 'id="account-error"' in text


def test_bulk_does_what_it_can_and_says_of_the_rest_why(office, hospital, referred) -> None:
    first, second = referred(), referred()
    exchange.turn(hospital.office, request_id=second.id, act=Act.ACCEPT)
    ticked = [f"{first.id}.{version_of(first)}", f"{second.id}.1"]
    numbers = {f"number-{each.id}": each.number for each in (first, second)}
    text = text_of(office.post("/requests/bulk", {"act": "accept", "request": ticked, **numbers}))
    results = text.partition('id="results"')[2].partition("</section>")[0]
    assert first.number in results and second.number in results
    assert "已办理" in results and "已经接收过了" in results
    assert stored(first.id).state == State.ACCEPTED
    account = office.session["_auth_user_id"]
    ticked = [f"{first.id}.{version_of(first)}"]
    text_of(office.post("/requests/bulk", {"act": "assign", "account": account, "request": ticked}))
    assert str(stored(first.id).owner_account) == account
    text_of(office.post("/requests/bulk", {"act": "accept"}), 422)
    text_of(office.post("/requests/bulk", {"act": "soup"}), 404)
    assert "没有勾选" in text_of(office.post("/requests/bulk", {"act": "accept", "request": "soup"}))


def test_the_board_stands_by_state(office, hospital, referred) -> None:
    row = referred()
    text = main_of(text_of(office.get("/requests/board")))
    column = text.partition('id="c-SUBMITTED"')[2].partition("</section>")[0]
    assert f"/requests/{row.id}" in column and "王*明" in column
    mark = re.search(r"since=([^\"&]+)", text)
    assert mark and office.get("/requests/board", {"since": mark[1]}, **HTMX).status_code == 204
    exchange.turn(hospital.office, request_id=row.id, act=Act.ARRIVE)
    text = text_of(office.get("/requests/board", {"since": mark[1]}, **HTMX))
    assert str(row.id) in text.partition('id="c-ARRIVED"')[2].partition("</section>")[0]


def test_the_other_side_is_told_and_the_bell_counts_until_it_is_seen(
    office, doctor, hospital, referred
) -> None:
    row = referred()
    assert re.search(r'bell-count">1<', text_of(office.get("/requests/bell")))
    assert "收到一条新的申请" in text_of(office.get("/requests/inbox"))
    answer = office.post(f"/requests/inbox/{row.id}", sent())
    assert answer.status_code == 302 and f"/requests/{row.id}" in answer["Location"]
    assert "bell-count" not in text_of(office.get("/requests/bell"))
    assert "都看过了" in text_of(office.get("/requests/inbox", {"unseen": "1"}))
    exchange.turn(
        hospital.office,
        request_id=row.id,
        act=Act.RETURN,
        said=Said(code="other", words="无", alternative={"advice": "继续观察"}),
    )
    assert "bell-count" not in text_of(doctor.get("/requests/bell")), (
        "the doctor who sent it is told, not a colleague"
    )
    row = referred()
    assert "bell-count" not in text_of(office.post(f"/requests/{row.id}/seen", **HTMX))
    referred()
    assert office.post("/requests/inbox/seen", sent()).status_code == 302
    assert "bell-count" not in text_of(office.get("/requests/bell"))


def statements(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as found:
        text_of(client.get(address))
    return len(found)


def test_the_worklist_costs_the_same_however_many_stand_in_it(office, referred) -> None:
    referred()
    one = statements(office, "/requests")
    for _ in range(3):
        referred()
    assert statements(office, "/requests") == one == WORKLIST


def test_what_a_request_costs(office, doctor, referred) -> None:
    row = referred()
    assert statements(office, f"/requests/{row.id}") == REQUEST
    assert statements(office, "/requests/bell") == BELL
    assert statements(office, "/requests/board") == BOARD
