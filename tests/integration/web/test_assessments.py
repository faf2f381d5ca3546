"""Assessments through their pages: a year from its opening to what a resident reads; schemes; what a score is used for."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from psycopg.types.range import DateRange

from tiercare.apps.access import models
from tiercare.apps.access.rules import SCOPE_OF, Role
from tiercare.apps.evaluation.queries.assessing import units_of
from tiercare.apps.evaluation.queries.publishing import for_residents
from tiercare.apps.ledger import queries as clock
from tiercare.apps.network.queries.holders import holders
from tiercare.kernel.ids import uuid7
from tiercare.web.middleware import GRANT, SEEN_AT, SIGNED_IN_AT

from ..evaluation import assessments as made
from ..evaluation.assessments import CONTROL, JINGHU, SHARE, YIJIANG, commission

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40 + b"IEND\xaeB`\x82"
FRAME = "region=wuhu&on=2019-07-01"


@pytest.fixture(autouse=True)
def _facts(wuhu: str, settings, tmp_path) -> None:
    settings.FACTS_ROOT = tmp_path / "facts"


@pytest.fixture
def as_(wuhu: str) -> Callable[..., Client]:
    """A client that acts in a role for an area or an institution."""

    def signed_in(role: Role, area: str = "3402", institution: UUID | None = None) -> Client:
        account = models.Account.objects.create(
            username=f"t.{uuid7()}",
            display_name="测试",
            password="!",
            synthetic=True,
        )
        grant = models.Grant.objects.create(
            account=account,
            role=role.value,
            scope=SCOPE_OF[role].value,
            division_code=area,
            place_name="测试地点",
            institution_id=institution,
            consortium_id=UUID(int=5) if SCOPE_OF[role] == "CONSORTIUM" else None,
            period=DateRange(date(2019, 1, 1), None),
        )
        client = Client()
        client.force_login(account)
        session = client.session
        session[SIGNED_IN_AT] = session[SEEN_AT] = time.time()
        session[GRANT] = str(grant.id)
        session.save()
        return client

    return signed_in


def lead(key: str = JINGHU) -> UUID:
    return holders(on=clock.today()).consortia[key][0]


def post(client: Client, where: str, **sent):
    sent = {name: value for name, value in sent.items() if value is not None}
    return client.post(f"{where}?{FRAME}", sent, follow=True)


def text(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def open_one(city: Client) -> UUID:
    scheme = made.scheme()
    answer = post(
        city,
        "/assessments/new",
        period="2019",
        card=f"scheme:{scheme.id}",
        due_on=(clock.today() + timedelta(days=20)).isoformat(),
    )
    assert "考核已开始" in text(answer), text(answer)
    return UUID(answer.redirect_chain[-1][0].split("/")[2].split("?")[0])


@pytest.mark.clause("NHC-59", "NHC-65", "NHC-66")
def test_a_year_from_its_opening_to_what_residents_read(as_) -> None:
    made.planted()
    city, office = as_(Role.COMMISSION), as_(Role.CONSORTIUM_OFFICE, "340202", lead())
    matter = open_one(city)
    assert "等您自评" in text(office.get(f"/assessments?{FRAME}"))
    report = made.of(commission(), matter, JINGHU).report_id
    page = office.get(f"/assessments/reports/{report}?{FRAME}")
    assert "62.5 %" in text(page) and "500 / 800" in text(page)
    sent = {
        f"line.{CONTROL}.numerator": "144",
        f"line.{CONTROL}.denominator": "240",
        f"line.{CONTROL}.remark": "含村卫生室",
        "words": "已核对",
        "files": SimpleUploadedFile("台账.png", PNG),
    }
    assert "自评已报送" in text(post(office, f"/assessments/reports/{report}", **sent))
    page = city.get(f"/assessments/reports/{report}?{FRAME}")
    assert "两边不一样" in text(page) and "60 %" in text(page)
    proof = re.search(rf"/assessments/reports/{report}/files/([0-9a-f-]+)", page.content.decode())
    assert proof and city.get(proof.group(0)).headers["Content-Disposition"].startswith("attachment")
    undecided = post(city, f"/assessments/reports/{report}/review", **{f"line.{SHARE}.take": ""})
    assert undecided.status_code == 422 and "还没有定以谁的为准" in text(undecided)
    take = {f"line.{CONTROL}.take": "unit", f"line.{CONTROL}.why": "核对了台账"}
    assert "审核结果已保存" in text(post(city, f"/assessments/reports/{report}/review", **take))
    for each in units_of(commission(), matter):
        if each.report_id and each.report_state == "OPEN":
            made.report(made.owner_of(each), matter_id=each.report_id, lines={}, words="已核对")
            made.review(commission(), matter_id=each.report_id, decisions={})
    for act in ("submit", "approve", "lock"):
        assert post(city, f"/assessments/{matter}/{act}", words="已全部核对").status_code == 200
    page = text(city.get(f"/assessments/{matter}?{FRAME}"))
    assert "已锁定" in page and "75.0" in page and "20.0" in page
    mine = made.of(commission(), matter, JINGHU)
    again = text(city.get(f"/assessments/{matter}/units/{mine.id}?{FRAME}&again=1"))
    assert "复算一致" in again and "采用自报数" in again
    assert "75.0" in text(office.get(f"/assessments/{matter}/units/{mine.id}?{FRAME}"))
    clinician = as_(Role.CLINICIAN, "340203", lead(YIJIANG))
    assert "还没有公布的结果" in text(clinician.get(f"/assessments/published?{FRAME}"))
    visitor = Client()
    assert "还没有公布的结果" in text(visitor.get("/public/results/wuhu"))
    for audience in ("SECTOR", "RESIDENTS"):
        preview = city.get(f"/assessments/{matter}/publish?{FRAME}&audience={audience}")
        assert preview.status_code == 200
        chosen = [SHARE] if audience == "RESIDENTS" else None
        url = f"/assessments/{matter}/publish?{FRAME}&audience={audience}"
        answer = city.post(url, {"indicators": chosen} if chosen else {}, follow=True)
        assert "已公布" in text(answer), text(answer)
    listed = clinician.get(f"/assessments/published?{FRAME}")
    sector = re.search(
        r'/assessments/published/([0-9a-f-]+)[^"]*">[^<]*</a></td><td[^>]*>[^<]*</td><td[^>]*>行业',
        listed.content.decode(),
    )
    assert sector
    shown = text(clinician.get(f"/assessments/published/{sector.group(1)}?{FRAME}"))
    assert "75.0" in shown and "名次" in shown
    public = visitor.get("/public/results/wuhu")
    assert "62.5 %" in text(public) and "合成数据" in text(public) and "75.0" not in text(public)
    (stands,) = for_residents("3402")
    back = post(city, f"/assessments/published/{stands.id}/back", why="数据有误")
    assert "已撤回" in text(back)
    assert "还没有公布的结果" in text(visitor.get("/public/results/wuhu"))


@pytest.mark.clause("CX-38")
def test_a_county_defines_its_scheme_on_the_page_and_is_flagged_before(as_) -> None:
    county = as_(Role.COMMISSION, "340221")
    assert "还没有考核方案" in text(county.get(f"/assessments/schemes?{FRAME}"))
    url = f"/assessments/schemes/new?{FRAME}&card=cn_yearly"
    page = county.get(url)
    form = page.content.decode()
    sent = dict(re.findall(r'name="((?:row-\d+-(?:weight|zero|full|knots))|rows)" value="([^"]*)"', form))
    sent |= {
        name: value
        for name, block in re.findall(
            r'<select[^>]*name="(row-\d+-(?:panel|indicator))".*?>(.*?)</select>', form, re.S
        )
        for value in re.findall(r'value="([^"]*)" selected', block)[:1]
    }
    sent |= {"assessor": "县医共体管委会", "since": clock.today().isoformat(), "name": "县考核方案"}
    wrong = county.post(url, {**sent, "row-0-weight": "14"}, follow=True)
    assert wrong.status_code == 422 and "99" in text(wrong)
    bad = county.post(url, {**sent, "row-0-zero": "abc"}, follow=True)
    assert bad.status_code == 422 and "第 1 行" in text(bad)
    answer = county.post(url, sent, follow=True)
    assert "考核方案已定" in text(answer), text(answer)
    assert "县医共体管委会" in text(answer)
    city = text(as_(Role.COMMISSION).get(f"/assessments/schemes?{FRAME}"))
    assert "县考核方案" in city


@pytest.mark.clause("TY-115")
def test_the_appointment_sheet_shows_score_and_factor_until_the_county_switches_it_off(as_) -> None:
    made.planted()
    made.locked()
    county = as_(Role.COMMISSION, "340202")
    sent = {
        "active": "on",
        "uses": ["head_salary", "appointment"],
        "points": ["0", "60", "85"],
        "factor": ["0.8", "1.05", "1.2"],
        "since": clock.today().isoformat(),
    }
    assert "已挂钩" in text(post(county, "/assessments/factors", **sent))
    sheet = text(county.get(f"/assessments/use/consortium/{JINGHU}?{FRAME}"))
    assert "65.0" in sheet and "1.05" in sheet and "负责人年薪系数" in sheet
    off = post(county, "/assessments/factors", since=clock.today().isoformat())
    assert "不挂钩" in text(off)
    sheet = text(county.get(f"/assessments/use/consortium/{JINGHU}?{FRAME}"))
    assert "65.0" in sheet and "1.05" not in sheet and "本县没有挂钩" in sheet


@pytest.mark.clause("NHC-59")
def test_a_proposal_to_adjust_is_made_from_the_result_and_approved(as_) -> None:
    made.planted()
    matter = made.locked()
    mine = made.of(commission(), matter, JINGHU)
    city = as_(Role.COMMISSION)
    where = f"/assessments/{matter}/units/{mine.id}/adjust"
    assert post(city, where, change="lead", words="").status_code == 422
    answer = post(city, where, change="members", words="两家卫生院划到弋江", application="2026-3")
    assert "调整建议已提交" in text(answer)
    link = re.search(r'id="proposals".*?/assessments/([0-9a-f-]+)', answer.content.decode(), re.S)
    assert link
    page = city.get(f"/assessments/{link.group(1)}?{FRAME}")
    assert "依据的结果" in text(page) and "批准" in text(page)
    assert "已审定" in text(post(city, f"/assessments/{link.group(1)}/approve"))


@pytest.mark.clause("NHC-64", "WH-51")
def test_outcomes_stand_beside_those_of_the_year_before_and_feed_the_score(as_) -> None:
    made.planted()
    matter = made.locked()
    mine = made.of(commission(), matter, JINGHU)
    page = text(as_(Role.COMMISSION).get(f"/assessments/{matter}/units/{mine.id}?{FRAME}"))
    # 80/240 in 2018, 120/240 in 2019: better by a sixth; half of 40 points.
    assert "33.33 %" in page and "50 %" in page and "+16.67 % 改善" in page and "20.0 / 40" in page


def test_who_may_not_is_told_and_sees_nothing(as_) -> None:
    made.planted()
    matter = made.opened()
    report = made.of(commission(), matter, JINGHU).report_id
    stranger = as_(Role.CONSORTIUM_OFFICE, "340203", lead(YIJIANG))
    assert stranger.get(f"/assessments/reports/{report}?{FRAME}").status_code == 404
    assert stranger.get(f"/assessments/{matter}?{FRAME}").status_code == 404
    assert as_(Role.CLINICIAN, "340202", lead()).get(f"/assessments?{FRAME}").status_code == 403
    assert as_(Role.COMMISSION, "3401").get(f"/assessments/{matter}?{FRAME}").status_code == 404
    assert Client().get("/public/results/nowhere").status_code == 404
