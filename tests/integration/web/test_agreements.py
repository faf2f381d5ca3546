"""The pages of agreements, charters, responsibilities, plans and the calendar."""

from __future__ import annotations

import re
import time
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tiercare.apps.access.rules import Role
from tiercare.apps.access.rules.sessions import FRESH_AT, FRESH_MINUTES, SIGNED_IN_AT
from tiercare.apps.ledger.models import Event
from tiercare.apps.network import models
from tiercare.kernel.ids import stable_id, uuid7

from .conftest import FRAME

_INLINE = re.compile(r"<style\b|\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)|javascript:", re.IGNORECASE)
QUERY = "?region=wuhu&on=2019-07-01"


def _consortium(key: str = "city-jinghu") -> str:
    return str(stable_id("network", "wuhu", "consortium", key))


def _institution(key: str) -> str:
    return str(stable_id("network", "wuhu", "institution", key))


def _agreement() -> str:
    return str(models.Agreement.objects.get(slug="wuhu-city-jinghu-2019").id)


def _pages() -> dict[str, int]:
    """Addresses, and how many statements each costs: never more than 12; the calendar looks through the wall besides."""
    return {
        "/agreements": 8,
        "/agreements/new": 4,
        f"/agreements/new?consortium={_consortium()}": 10,
        f"/agreements/{_agreement()}": 11,
        f"/agreements/{_agreement()}/sections/purpose": 11,
        "/agreements/responsibilities": 8,
        "/agreements/charter": 9,
        "/calendar": 15,
        "/calendar?month=2019-09": 16,
        "/calendar.ics": 16,
        "/calendar/plans": 7,
    }


def test_every_page_answers_holds_nothing_inline_and_asks_a_fixed_number_of_questions(client_of) -> None:
    client = client_of()
    client.get("/agreements", FRAME)
    expected, asked = _pages(), {}
    for address in expected:
        separator = "&" if "?" in address else "?"
        with CaptureQueriesContext(connection) as captured:
            response = client.get(f"{address}{separator}region=wuhu&on=2019-07-01")
        assert response.status_code == 200, address
        assert _INLINE.findall(response.content.decode()) == []
        asked[address] = len(captured)
    assert asked == expected
    assert max(number for address, number in asked.items() if "calendar" not in address) <= 12


def _post(client: Client, address: str, **given: object):
    return client.post(address + QUERY, {"once": str(uuid7()), **given})


def _draft(client: Client) -> models.Agreement:
    response = _post(
        client,
        "/agreements/new",
        consortium=_consortium(),
        kind="cooperation",
        start="2019-07-01",
        end="2022-07-01",
        institutions=[_institution("second_hospital")],
        governments=["340202"],
        others="芜湖市第一人民医院",
    )
    assert response.status_code == 302, response.content.decode()
    return models.Agreement.objects.get(title="镜湖区城市医联体合作协议")


def test_an_agreement_is_signed_only_by_who_has_just_shown_who_they_are(client_of) -> None:
    client = client_of()
    draft = _draft(client)
    page, party = f"/agreements/{draft.id}", draft.parties.order_by("id").first()
    assert "确认身份后签署" not in client.get(page, FRAME).content.decode()
    session = client.session
    session[SIGNED_IN_AT] -= 60 * FRESH_MINUTES
    session.save()
    stale = client.get(page, FRAME).content.decode()
    assert f"{page}/do/sign" not in stale
    assert f'href="/confirm?next=%2Fagreements%2F{draft.id}' in stale
    typed = {"party": str(party.id), "signed_by": "演示签署人", "signed_on": "2019-07-01"}
    asked = _post(client, f"{page}/do/sign", **typed).content.decode()
    assert "确认身份" in asked and "signed_on=2019-07-01" in asked
    party.refresh_from_db()
    assert party.signed_on is None
    session = client.session
    session[FRESH_AT] = time.time()
    session.save()
    assert _post(client, f"{page}/do/sign", **typed).status_code == 302
    party.refresh_from_db()
    assert str(party.signed_on) == "2019-07-01"


def test_from_draft_to_signature_on_the_pages(client_of) -> None:
    client = client_of()
    draft = _draft(client)
    page = f"/agreements/{draft.id}"
    parties = list(draft.parties.order_by("id"))
    assert len(parties) == 3
    shown = client.get(page, FRAME).content.decode()
    assert "草案，尚未签齐，不计入合规判定。" in shown
    assert "镜湖区人民政府、芜湖市第二人民医院、芜湖市第一人民医院本着政府主导" in shown

    saved = _post(client, f"{page}/sections/purpose", purpose="为镜湖居民<b>合作</b>。")
    assert saved.status_code == 302
    _post(
        client,
        f"{page}/do/add-owed",
        debtor="institution:wuhu-second_hospital",
        creditor="gov:340202",
        text="每周派专家",
        due="2019-12-31",
        clause="WH-10",
    )
    refused = _post(client, f"{page}/do/sign", party=str(parties[0].id), signed_by="", signed_on="2019-07-01")
    assert (refused.status_code, "没有填写签署人" in refused.content.decode()) == (422, True)
    for party in parties:
        _post(client, f"{page}/do/sign", party=str(party.id), signed_by="演示签署人", signed_on="2019-07-01")
    shown = client.get(page, FRAME).content.decode()
    assert "生效中" in shown
    assert "为镜湖居民&lt;b&gt;合作&lt;/b&gt;。" in shown
    assert "演示签署人" in shown
    refused = _post(client, f"{page}/sections/purpose", purpose="改")
    assert refused.status_code == 409
    (owed,) = models.Obligation.objects.filter(agreement=draft)
    events = Event.objects.count()
    met = _post(client, f"/agreements/obligations/{owed.id}/meet", met_on="2019-07-01")
    assert met.status_code == 302
    owed.refresh_from_db()
    assert (owed.met_on, Event.objects.count()) == (date(2019, 7, 1), events + 1)


def test_a_form_sent_twice_drafts_once(client_of) -> None:
    client = client_of()
    given = {
        "once": str(uuid7()),
        "consortium": _consortium(),
        "kind": "cooperation",
        "start": "2019-07-01",
        "end": "2022-07-01",
        "institutions": [_institution("second_hospital"), _institution("first_hospital")],
    }
    for _ in range(2):
        assert client.post("/agreements/new" + QUERY, given).status_code == 302
    assert models.Agreement.objects.filter(title="镜湖区城市医联体合作协议").count() == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"institutions": [], "others": ""}, "协议至少要有两方。"),
        ({"end": "2019-06-01"}, "协议期限为空"),
        ({"others": "没有这家医院"}, "没有“没有这家医院”这家机构。"),
        ({"others": "医院"}, "符合几家机构"),
        ({"start": "明天"}, "没有填写日期，或日期不存在。"),
        ({"kind": "marriage"}, "没有“marriage”这种协议。"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client_of, changed, said: str) -> None:
    given = {
        "consortium": _consortium(),
        "kind": "cooperation",
        "title": "我的标题",
        "start": "2019-07-01",
        "end": "2022-07-01",
        "institutions": [_institution("second_hospital")],
        "others": "芜湖市第一人民医院",
    }
    response = _post(client_of(), "/agreements/new", **{**given, **changed})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert "我的标题" in response.content.decode()


def test_a_clinician_reads_and_is_told_who_may_act(client_of) -> None:
    draft = _draft(client_of())
    client = client_of(Role.CLINICIAN)
    shown = client.get(f"/agreements/{draft.id}", FRAME).content.decode()
    assert "医联体办公室" in shown
    assert "登记签署" not in shown
    party = draft.parties.first()
    assert party is not None
    refused = _post(
        client, f"/agreements/{draft.id}/do/sign", party=str(party.id), signed_by="我", signed_on="2019-07-01"
    )
    assert refused.status_code == 403
    assert not draft.parties.filter(signed_on__isnull=False).exists()


@pytest.mark.parametrize(
    ("consortium", "clause"),
    [
        *(pytest.param("city-jinghu", key) for key in ("WH-10", "WH-14")),
        *(pytest.param("community-nanling-hospital", key) for key in ("WH-19", "WH-25")),
        *(pytest.param("urban-rural-second", key) for key in ("WH-30", "WH-33")),
    ],
)
def test_responsibilities_stand_side_by_side(client_of, consortium: str, clause: str) -> None:
    address = f"/agreements/responsibilities{QUERY}&consortium={_consortium(consortium)}"
    page = client_of().get(address).content.decode()
    row = page[page.index(f">{clause}</a>") :].partition("</tr>")[0]
    expected = "未到期" if (consortium, clause) == ("city-jinghu", "WH-14") else "尚未约定"
    if consortium == "urban-rural-second":
        expected = "未到期" if "未到期" in row else "尚未约定"
    assert expected in row


def test_charter_and_seats_on_the_page(client_of) -> None:
    client = client_of()
    consortium = _consortium()
    adopted = _post(
        client,
        "/agreements/charter",
        consortium=consortium,
        adopted_on="2019-07-01",
        **{"section:purpose": "宗旨", "section:bodies": "机构"},
    )
    assert adopted.status_code == 302
    seated = _post(
        client,
        "/agreements/charter/seats",
        consortium=consortium,
        office="理事长",
        held_by="市二院（演示）",
        seat_start="2019-07-01",
    )
    assert seated.status_code == 302
    page = client.get(f"/agreements/charter{QUERY}&consortium={consortium}").content.decode()
    assert "理事长" in page
    assert "2019-06-28" in page  # the older charter stays
    again = _post(
        client,
        "/agreements/charter",
        consortium=consortium,
        adopted_on="2019-06-01",
        **{"section:purpose": "旧"},
    )
    assert (again.status_code, "已有 2019-07-01 通过的章程" in again.content.decode()) == (422, True)


def test_the_calendar_shows_what_is_overdue_with_the_way_to_mend_it(client_of) -> None:
    client = client_of()
    later = {"region": "wuhu", "on": "2019-10-15"}
    page = client.get("/calendar", {**later, "month": "2019-12"}).content.decode()
    late = page[page.index('id="late"') :].partition("</section>")[0]
    owed = models.Obligation.objects.filter(due=date(2019, 9, 30)).first()
    assert owed is not None
    assert f"#owed-{owed.id}" in page
    assert "逾期未履行" in late
    assert "2019-12-31" in page
    only = client.get("/calendar", {**later, "kind": "LICENCE"}).content.decode()
    assert "逾期未履行" not in only
    mine = client.get("/calendar", {**later, "party": "gov:340202"}).content.decode()
    assert 'value="gov:340202" selected' in mine
    assert client.get("/calendar", {**later, "month": "2019-13"}).status_code == 400
    ending = client.get("/calendar", {"region": "wuhu", "on": "2020-11-15"}).content.decode()
    assert "该续签了" in ending


def test_the_download_is_escaped_icalendar(client_of) -> None:
    obligation = models.Obligation.objects.filter(due=date(2019, 9, 30)).first()
    assert obligation is not None
    obligation.text_zh = "转诊;机制,\nBEGIN:VEVENT" + "很长" * 60
    obligation.save()
    response = client_of().get("/calendar.ics", {"region": "wuhu", "on": "2019-07-01", "month": "2019-09"})
    body = response.content.decode()
    assert response.headers["Content-Type"].startswith("text/calendar")
    assert all(len(line.encode()) <= 75 for line in body.split("\r\n"))
    whole = body.replace("\r\n ", "")
    assert "转诊\\;机制\\,\\nBEGIN:VEVENT很长" in whole
    assert whole.count("\r\nBEGIN:VEVENT\r\n") == whole.count("\r\nEND:VEVENT\r\n") > 1
    assert "DTSTART;VALUE=DATE:20190930" in whole


def test_plans_and_their_milestones_on_the_page(client_of) -> None:
    client = client_of()
    given = {"division": "3402", "finished_on": "2019-06-30", "goal": "全覆盖"}
    refused = _post(client, "/calendar/plans", **given, stages="2020-12-31 覆盖全部乡镇\n明年 再说")
    assert (refused.status_code, "第 2 行“明年 再说”没有以日期开头。" in refused.content.decode()) == (
        422,
        True,
    )
    recorded = _post(client, "/calendar/plans", **given, stages="2020-12-31 覆盖全部乡镇|Every township")
    assert recorded.status_code == 302
    (stage,) = models.PlanMilestone.objects.all()
    page = client.get("/calendar", {**FRAME, "month": "2020-12"}).content.decode()
    assert f"#stage-{stage.id}" in page
    met = _post(client, f"/calendar/plans/{stage.id}/meet", met_on="2019-07-01")
    assert met.status_code == 302
    stage.refresh_from_db()
    assert stage.met_on == date(2019, 7, 1)


def test_an_unknown_paper_or_act_is_told_apart(client_of) -> None:
    client = client_of()
    assert client.get(f"/agreements/{uuid7()}", FRAME).status_code == 404
    assert _post(client, f"/agreements/{uuid7()}/do/sign", party=str(uuid7())).status_code == 404
    assert _post(client, f"/agreements/{_agreement()}/do/burn").status_code == 404
