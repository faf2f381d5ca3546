"""The pages of supervision: the board, a matter with its steps, goals, the library; what is done on them by whom."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from psycopg.types.range import DateRange

from tiercare.apps.access import models
from tiercare.apps.access.rules import SCOPE_OF, Role
from tiercare.apps.evaluation import commands
from tiercare.apps.evaluation.rules.kinds import KindId
from tiercare.apps.evaluation.rules.standing import Party
from tiercare.apps.evaluation.workflow import Act
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.web.middleware import GRANT, SEEN_AT, SIGNED_IN_AT

from ..evaluation.supervised import PDF, Parties, do, file, parties, shown, stored
from ..residents.conftest import site

__all__ = ["parties", "site"]
AT = "?region=wuhu"


@pytest.fixture
def as_(parties: Parties) -> Callable[[Actor], Client]:
    """A browser in which that actor is signed in."""

    def sign_in(actor: Actor) -> Client:
        account, _ = models.Account.objects.get_or_create(
            id=actor.account_id,
            defaults={
                "username": actor.account_id.hex,
                "display_name": actor.name,
                "password": "!",
                "synthetic": True,
            },
        )
        grant = models.Grant.objects.filter(account=account).first() or models.Grant.objects.create(
            account=account,
            role=actor.role,
            scope=SCOPE_OF[Role(actor.role)].value,
            division_code=actor.division_code or "340223",
            place_name="测试地点",
            institution_id=actor.institution_id,
            consortium_id=uuid7() if SCOPE_OF[Role(actor.role)] == "CONSORTIUM" else None,
            period=DateRange(date(2019, 1, 1), None),
        )
        browser = Client()
        browser.force_login(account)
        session = browser.session
        session[SIGNED_IN_AT] = session[SEEN_AT] = time.time()
        session[GRANT] = str(grant.id)
        session.save()
        return browser

    return sign_in


def read(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[-3000:]
    return answer.content.decode()


def sent(**more: object) -> dict[str, object]:
    return {"once": str(uuid7()), **more}


def posted(answer) -> str:
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return answer.url


def paper(name: str = "整改.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF, "application/pdf")


def test_a_commission_plans_finds_and_has_put_right_and_the_hospital_answers(parties: Parties, as_) -> None:
    city, member = as_(parties.city), as_(parties.member)
    page = read(city.get(f"/supervision/new{AT}"))
    assert "医联体建设成效评估" in page and "每 365 天一次" in page
    page = read(city.get(f"/supervision/new{AT}&template=effect_evaluation"))
    assert "暗访" in page and parties.township in page
    body = {"template": "effect_evaluation", "mode": "mystery_visit", "subject": parties.township}
    refused = read(city.post(f"/supervision/new{AT}", sent(**body, due_on="2001-01-01")), 422)
    assert "期限不能早于今天" in refused
    here = posted(city.post(f"/supervision/new{AT}", sent(**body)))
    key = re.search(r"matters/([0-9a-f-]{36})", here)[1]
    page = read(city.get(here))
    assert (
        "暗访" in page
        and "已判定 0 / 7 项" in page
        and "提交检查报告" in page
        and "办结" not in page.split("经过")[0].split("现在可以办")[0]
    )
    judge = f"/supervision/matters/{key}/judge{AT}"
    wrong = read(city.post(judge, sent(item="capability", judgement="not_met", words="示例：设备停用")), 422)
    assert "严重程度" in wrong and "示例：设备停用" in wrong, "what was typed stays"
    posted(
        city.post(
            judge, sent(item="capability", judgement="not_met", severity="serious", words="示例：设备停用")
        )
    )
    page = read(city.get(here))
    assert "1 个问题待下达整改" in page
    entry = shown(parties.city, stored_id(key)).entries[-1].id
    posted(city.post(f"/supervision/matters/{key}/rectify{AT}", sent(entry=str(entry))))
    page = read(city.get(here))
    assert "整改：机构能力和收入结构" in page
    assert "整改：机构能力和收入结构" not in read(as_(parties.stranger).get(f"/supervision{AT}"))
    board = read(member.get(f"/supervision{AT}"))
    mending = re.search(r"matters/([0-9a-f-]{36})", board)[1]
    page = read(member.get(f"/supervision/matters/{mending}{AT}"))
    assert "报送整改结果" in page and 'aria-disabled="true"' in page and "这一步由下达单位办理" in page
    step = f"/supervision/matters/{mending}/"
    posted(member.post(f"{step}submit{AT}", sent(words="示例：已修好", file=paper(), version=1)))
    stale = read(member.post(f"{step}submit{AT}", sent(words="示例", version=1)), 409)
    assert "不能报送" in stale
    posted(city.post(f"{step}return{AT}", sent(words="示例：缺验收单")))
    posted(member.post(f"{step}submit{AT}", sent(words="示例：补验收单", file=paper("验收单.pdf"))))
    page = read(city.get(f"/supervision/matters/{mending}{AT}"))
    proof = re.findall(r"/supervision/proofs/([0-9a-f-]{36})", page)
    assert len(proof) == 2 and "验收单.pdf" in page
    got = city.get(f"/supervision/proofs/{proof[0]}{AT}")
    assert (
        got.content == PDF and got["Content-Type"] == "application/pdf" and got["Cache-Control"] == "no-store"
    )
    assert got["Content-Disposition"].startswith("attachment") and got["X-Content-Type-Options"] == "nosniff"
    assert as_(parties.stranger).get(f"/supervision/proofs/{proof[0]}{AT}").status_code == 404
    posted(city.post(f"{step}close{AT}", sent()))
    assert stored(mending).state == "CLOSED"


def stored_id(key: str):
    from uuid import UUID

    return UUID(key)


def test_a_twice_sent_form_is_done_once(parties: Parties, as_) -> None:
    city = as_(parties.city)
    body = sent(template="effect_evaluation", mode="site_visit", subject=parties.township)
    first = posted(city.post(f"/supervision/new{AT}", body))
    assert posted(city.post(f"/supervision/new{AT}", body)) == first


def test_goals_are_set_and_shown_red(parties: Parties, as_) -> None:
    city = as_(parties.city)
    body = {
        "year": "2030",
        "goal": "key_task",
        "subject": "division:340223",
        "target": "120",
        "title": "示例任务",
    }
    missing = read(city.post(f"/supervision/goals{AT}", sent(**{**body, "target": ""})), 422)
    assert "请填一个数" in missing and 'value="示例任务"' in missing
    posted(city.post(f"/supervision/goals{AT}", sent(**body)))
    page = read(city.get(f"/supervision/goals{AT}&year=2030"))
    assert "2030年：示例任务（南陵县）" in page and "≥ 120 项" in page and "按计划" in page
    key = re.search(r"matters/([0-9a-f-]{36})", page)[1]
    do(parties.county, key, Act.NOTE, "示例：完成三项", figures={"actual": "3"})
    page = read(city.get(f"/supervision/matters/{key}{AT}"))
    assert "sup-spark" in page and "3 项" in page and "承办单位登记" in page
    county = read(as_(parties.county).get(f"/supervision/goals{AT}&year=2030"))
    assert "示例任务" in county
    assert "示例任务" not in as_(parties.elsewhere).get(f"/supervision/goals{AT}&year=2030").content.decode()


def test_the_library_asks_lists_and_keeps(parties: Parties, as_) -> None:
    county, member = as_(parties.county), as_(parties.member)
    wrong = read(
        county.post(f"/supervision/reports{AT}", sent(topic="capability_programmes", period="去年")), 422
    )
    assert "报告期写得不对" in wrong
    here = posted(
        county.post(f"/supervision/reports{AT}", sent(topic="capability_programmes", period="2026"))
    )
    page = read(county.get(here))
    assert "未报" in page
    board = read(member.get(f"/supervision{AT}"))
    key = re.search(r"matters/([0-9a-f-]{36})", board)[1]
    page = read(member.get(f"/supervision/matters/{key}{AT}"))
    assert "优质服务基层行" in page and "达到推荐标准" in page
    answers = {
        "quality_service_campaign": "recommended",
        "capability_appraisal": "none",
        "community_specialty": "none",
        "community_hospital_pilot": "under_way",
    }
    posted(member.post(f"/supervision/matters/{key}/submit{AT}", sent(words="示例", file=paper(), **answers)))
    page = read(county.get(here))
    assert "已报 1 家" in page and "达到推荐标准" in page
    assert "基层服务能力提升四项工作" in read(county.get(f"/supervision/reports{AT}"))


def test_the_sheet_prints_with_a_code_and_english_is_whole(parties: Parties, as_) -> None:
    key = parties.inspection()
    city = as_(parties.city)
    page = read(city.get(f"/supervision/matters/{key}/sheet{AT}"))
    assert 'class="qr"' in page and "被检查单位签字" in page and "□ 符合" in page
    assert read(city.get(f"/supervision/quality{AT}"))
    city.cookies["tiercare_language"] = "en"
    for address in ("", "/new", "/goals", "/reports", "/quality", f"/matters/{key}"):
        read(city.get(f"/supervision{address}{AT}"))


def test_a_file_of_a_kind_that_is_not_kept_is_refused(parties: Parties, as_) -> None:
    key = parties.inspection()
    mending = parties_mending(parties, key)
    bad = SimpleUploadedFile("a.exe", b"MZ" + b"0" * 99, "application/pdf")
    answer = as_(parties.member).post(
        f"/supervision/matters/{mending}/submit{AT}", sent(words="示例：写好的话", file=bad)
    )
    assert answer.status_code in (409, 415, 422) and "示例：写好的话" in answer.content.decode()
    assert stored(mending).state == "OPEN"


def parties_mending(parties: Parties, key):
    from tiercare.apps.evaluation.commands import supervision

    return supervision.rectify(parties.city, matter_id=key, entry_id=parties.finding(key))


def test_the_calendar_holds_matters_regular_inspections_and_targets(parties: Parties, as_) -> None:
    key = parties.inspection()
    due = stored(key).due_on
    city = as_(parties.city)
    frame = f"{AT}&on={parties_today()}"
    page = read(city.get(f"/calendar{frame}&month={due:%Y-%m}"))
    assert f"/supervision/matters/{key}" in page and "督导事项" in page
    assert "应安排：分级诊疗试点评估考核" in read(city.get(f"/calendar{frame}"))
    assert "医联体建设成效评估" not in read(as_(parties.stranger).get(f"/calendar{frame}&month={due:%Y-%m}"))
    ics = read(city.get(f"/calendar.ics{frame}&kind=MATTER"))
    assert "BEGIN:VEVENT" in ics and str(key) in ics.replace("\r\n ", "")
    targets = read(city.get("/calendar?region=xinhui&on=2017-06-01&month=2017-12&kind=TARGET"))
    assert "基层诊疗量占比 ≥ 65 %" in targets or "≥ 65 %" in targets


def parties_today() -> str:
    from tiercare.apps.ledger import queries as ledger

    return ledger.today().isoformat()


def test_the_same_by_the_api_once_for_each_key(parties: Parties, as_) -> None:
    city, member = as_(parties.city), as_(parties.member)

    def post(browser: Client, address: str, body: dict[str, object], key: str = "", status: int = 201):
        answer = browser.post(
            f"/api/supervision/{address}",
            json.dumps(body),
            content_type="application/json",
            headers={"Idempotency-Key": key or str(uuid7())},
        )
        assert answer.status_code == status, answer.content.decode()
        return answer

    told = city.get("/api/supervision/templates").json()
    assert "effect_evaluation" in {each["id"] for each in told["inspections"]}
    plan = {"template": "effect_evaluation", "mode": "site_visit", "subject": parties.township}
    first = post(city, "inspections", plan, key="the-same-plan")
    again = post(city, "inspections", plan, key="the-same-plan")
    assert first.json() == again.json() and again["Idempotency-Replayed"] == "true"
    key = first.json()["id"]
    post(
        city,
        f"matters/{key}/judgements",
        {"item": "staff", "judgement": "partly", "severity": "minor", "words": "示例"},
        status=200,
    )
    case = city.get(f"/api/supervision/matters/{key}").json()
    entry = case["entries"][-1]["id"]
    made = post(city, f"matters/{key}/rectifications", {"entry": entry}).json()["id"]
    assert post(city, f"matters/{key}/rectifications", {"entry": entry}, status=409).json()["code"] == (
        "evaluation.taken_up"
    )
    mine = member.get("/api/supervision/matters").json()
    assert [each["id"] for each in mine["items"]] == [made] and mine["counts"]["mine"] == 1
    done = post(member, f"matters/{made}/acts/submit", {"words": "示例：已改", "version": 1}, status=200)
    assert done.json()["state"] == "SUBMITTED"
    stale = post(city, f"matters/{made}/acts/close", {"version": 1}, status=412)
    assert stale.json()["code"] == "evaluation.changed_meanwhile"
    post(city, f"matters/{made}/acts/close", {"version": 2}, status=200)
    goal = {"goal": "key_task", "year": 2030, "subject": "division:340223", "target": "7"}
    post(city, "goals", goal)
    assert city.get("/api/supervision/goals?year=2030").json()["items"][0]["target"] == "7"
    assert post(city, "reports", {"topic": "county_capability", "period": "2030"}).json()["asked"] > 0
    assert as_(parties.elsewhere).get(f"/api/supervision/matters/{key}").status_code == 404


def test_an_alert_shows_the_numbers_and_cases_behind_it(parties: Parties, as_) -> None:
    content = {
        "zh": "示例：两项流向偏向牵头医院",
        "en": "An example",
        "flows": [
            {"flow": "patients", "up": [10, 30], "stay": [90, 70], "cases": 30, "keys": ["SYN-1", "SYN-2"]}
        ],
    }
    payload = {
        "rule": "siphon",
        "account": False,
        "template": "signal_check",
        "synthetic": True,
        "content": content,
    }
    what = commands.Issue(
        KindId.ALERT,
        "疑似“虹吸”：示例",
        Party("3402"),
        stored(parties.inspection()).due_on,
        subject_type="consortium",
        subject_key="wuhu-city-jinghu",
        payload=payload,
    )
    key = commands.issue(Actor.system("test"), what, issuer=Party("3402"))
    page = read(as_(parties.city).get(f"/supervision/matters/{key}{AT}"))
    assert "演示数据（合成）" in page and "SYN-1" in page and "10 → 30" in page and "稳定期常见病" in page
    assert "subject=consortium%3Awuhu-city-jinghu" in page and f"parent={key}" in page
    assert "报核实结果" in page and "不必核实，撤销" in page


def test_who_has_no_part_sees_nothing(parties: Parties, as_) -> None:
    key = parties.inspection()
    assert as_(parties.elsewhere).get(f"/supervision/matters/{key}{AT}").status_code == 404
    assert as_(parties.stranger).get(f"/supervision/matters/{key}{AT}").status_code == 404
    assert file().name
