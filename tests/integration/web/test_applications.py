"""Changes tried, drafted, submitted, returned, mended, approved and undone through the pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from psycopg.types.range import DateRange

from tiercare.apps.access import commands as access
from tiercare.apps.access.models import Account
from tiercare.apps.access.rules import Role
from tiercare.apps.network import models
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id, uuid7
from tiercare.kernel.period import Period

PASSWORD = "four unrelated green herons"
FRAME = "region=wuhu&on=2019-07-01"
QUERY_LIMIT = 15


def _id(kind: str, key: str) -> UUID:
    return stable_id("network", "wuhu", kind, key)


SECOND = _id("institution", "second_hospital")


@pytest.fixture(autouse=True)
def quick_hashing(monkeypatch) -> None:
    """Argon2 at its cheapest: every test signs somebody in."""
    for name, value in {"time_cost": 1, "memory_cost": 64, "parallelism": 1}.items():
        monkeypatch.setattr(Argon2PasswordHasher, name, value)


@pytest.fixture
def sign_in(wuhu: str) -> Callable[..., Client]:
    """A browser in which somebody has signed in, in one role."""

    def make(username: str, role: Role, area: str = wuhu) -> Client:
        system = Actor.system("test")
        account = access.create_account(system, username=username, display_name=username, password=PASSWORD)
        Account.objects.filter(pk=account.id).update(must_change_password=False, synthetic=True)
        place = {
            Role.COMMISSION: {},
            Role.CLINICIAN: {"institution_id": SECOND},
            Role.CONSORTIUM_OFFICE: {
                "institution_id": SECOND,
                "consortium_id": _id("consortium", "city-jinghu"),
            },
        }[role]
        access.grant(
            system,
            account_id=account.id,
            role=role,
            place_name="芜湖市",
            division_code=area,
            period=Period(date(2018, 1, 1)),
            **place,
        )
        client = Client()
        client.post("/sign-in", {"username": username, "password": PASSWORD})
        return client

    return make


@pytest.fixture
def office(sign_in) -> Client:
    return sign_in("office", Role.CONSORTIUM_OFFICE)


@pytest.fixture
def city(sign_in) -> Client:
    return sign_in("city", Role.COMMISSION)


@pytest.fixture
def county(sign_in) -> Client:
    return sign_in("county", Role.COMMISSION, "340225")


@pytest.fixture
def dermatology() -> None:
    """市二院 has a key specialty in dermatology, so that it may lead an alliance (WH-42)."""
    models.KeySpecialty.objects.create(
        institution_id=SECOND, code="13", rank="PROVINCIAL", period=DateRange(date(2018, 1, 1), None)
    )


START: dict[str, object] = {"start": "2019-08-01"}
PARTNER: dict[str, object] = {
    "child": "无为县人民医院医共体",
    "parent": "市二院城乡医联体",
    "start": "2019-08-01",
    "signed_on": "2019-08-01",
    "until": "2021-01-01",
    "code_": "wuhu-test-paper",
}
ALLIANCE: dict[str, object] = {
    "consortium_name": "芜湖市皮肤专科联盟",
    "kind": "SPECIALTY_ALLIANCE",
    "division": "3402",
    "specialty": "13",
    "lead": "芜湖市第二人民医院",
    "members": ["无为县人民医院", "", ""],
    "start": "2019-08-01",
    "consented_on": "2019-07-15",
    "code_": "wuhu-test-skin",
}


def _sent(client: Client, act: str, typed: dict[str, object], do: str = "try") -> HttpResponse:
    return client.post(f"/changes/new?act={act}&{FRAME}", typed | {"do": do})


def _kept(client: Client, act: str, typed: dict[str, object], do: str = "submit") -> models.Application:
    answer = _sent(client, act, typed, do)
    assert answer.status_code == 302, answer.content.decode()
    return models.Application.objects.get(id=UUID(answer["Location"].split("?")[0].rsplit("/", 1)[1]))


def _get(client: Client, application: models.Application) -> str:
    return client.get(f"/applications/{application.id}?{FRAME}").content.decode()


def _act(client: Client, application: models.Application, act: str, **data: str) -> HttpResponse:
    return client.post(f"/applications/{application.id}/{act}?{FRAME}", data)


def _state(application: models.Application) -> str:
    application.refresh_from_db()
    return application.state


@pytest.mark.clause("WH-27")
@pytest.mark.clause("WH-44")
def test_a_county_sees_why_not_and_what_would_be_allowed_then_asks_for_an_alliance_and_gets_it(
    county: Client, city: Client, dermatology: None
) -> None:
    page = _sent(county, "whole", PARTNER).content.decode()
    assert "会违反 1 条规则" in page and "WH-27" in page and "弋矶山医院" in page
    assert "怎么办" in page and "改成这样可以办理" in page
    assert 'name="instead" value="replace=on"' in page
    assert models.Application.objects.count() == 0, "trying keeps nothing"
    assert 'aria-describedby="why-apply"' in page

    other = _sent(county, "whole", PARTNER | {"instead": "replace=on"}).content.decode()
    assert "可以办理" in other and "会违反" not in other
    assert re.search(r'name="replace" value="on" checked', other)

    page = _sent(county, "form", ALLIANCE).content.decode()
    assert "可以办理" in page and "须芜湖市卫生健康行政部门审批" in page and "WH-44" in page
    application = _kept(county, "form", ALLIANCE)
    assert application.title == "组建芜湖市皮肤专科联盟"
    assert 'class="chip">等您审批' in city.get(f"/applications?{FRAME}").content.decode()
    assert 'class="chip">等您审批' not in county.get(f"/applications?{FRAME}").content.decode()
    shown = city.post(f"/applications/{application.id}/look?{FRAME}").content.decode()
    assert "可以办理" in shown and "芜湖市第二人民医院以“牵头医院”身份加入“芜湖市皮肤专科联盟”" in shown
    done = _act(city, application, "approve")
    assert done.status_code == 302
    assert models.Consortium.objects.get(slug="wuhu-test-skin").approved_by == "city"
    page = city.get("/consortia?region=wuhu&on=2019-08-01").content.decode()
    assert "芜湖市皮肤专科联盟" in page
    page = _get(city, application)
    assert "<strong>批准</strong>" in page and "撤销" in page


def test_returned_with_a_reason_mended_in_its_form_and_submitted_again(
    county: Client, city: Client, dermatology: None
) -> None:
    application = _kept(county, "form", ALLIANCE)
    empty = _act(city, application, "return", reason="  \n")
    shown = empty.content.decode()
    assert empty.status_code == 422 and 'id="reason-error"' in shown and "退回要写明理由" in shown
    long = "请补充成员单位" * 400
    too_long = _act(city, application, "return", reason=long)
    assert too_long.status_code == 422 and long in too_long.content.decode(), "nothing typed is lost"
    assert _act(city, application, "return", reason="请补充成员单位").status_code == 302
    page = _get(county, application)
    assert "请补充成员单位" in page and f"/changes/{application.id}" in page
    mending = county.get(f"/changes/{application.id}?{FRAME}").content.decode()
    assert 'value="芜湖市皮肤专科联盟"' in mending and "请补充成员单位" in mending
    more = ALLIANCE | {"members": ["无为县人民医院", "芜湖市第一人民医院"], "do": "resubmit"}
    again = county.post(f"/changes/{application.id}?{FRAME}", more)
    assert again.status_code == 302, again.content.decode()
    assert _state(application) == "SUBMITTED"
    assert _act(city, application, "approve").status_code == 302
    assert models.Membership.objects.filter(consortium__slug="wuhu-test-skin").count() == 3


@pytest.mark.clause("WH-43")
def test_a_second_alliance_of_a_specialty_is_foretold_and_refused(county: Client, city: Client) -> None:
    application = _kept(county, "form", ALLIANCE | {"specialty": "03.03", "consortium_name": "神经联盟二"})
    foretold = city.post(f"/applications/{application.id}/look?{FRAME}").content.decode()
    assert "只能设置1个" in foretold and "WH-43" in foretold
    refused = _act(city, application, "approve")
    alert = refused.content.decode()
    assert refused.status_code == 422 and "只能设置1个" in alert and 'role="alert"' in alert
    assert _state(application) == "SUBMITTED"
    assert not models.Consortium.objects.filter(slug="wuhu-test-skin").exists()


def test_beds_take_effect_directly_and_are_undone(county: Client) -> None:
    typed = {"institution": "无为县人民医院", "beds": "1234", "start": "2019-08-01"}
    page = _sent(county, "level", typed).content.decode()
    assert "<del>1100</del>" in page and "<ins>1234</ins>" in page
    application = _kept(county, "level", typed, "apply")
    assert _state(application) == "APPLIED"
    back = _act(county, application, "undo")
    undo = models.Application.objects.get(id=UUID(back["Location"].split("?")[0].rsplit("/", 1)[1]))
    assert (undo.state, undo.title) == ("DRAFT", "撤销：变更无为县人民医院的级别或床位")
    assert _act(county, undo, "apply").status_code == 302
    assert not models.InstitutionVersion.objects.filter(beds=1234).exists()


@pytest.mark.parametrize(
    ("act", "typed", "told"),
    [
        (
            "join",
            {"institution": "芜湖市第一人民医院", "consortium": "市二院城乡医联体", "role": "MEMBER"},
            "加入",
        ),
        ("leave", {"institution": "无为县人民医院", "consortium": "芜湖市心血管专科联盟"}, "退出"),
        (
            "lead",
            {"consortium": "芜湖市心血管专科联盟", "institution": "芜湖市第一人民医院", "old": "MEMBER"},
            "牵头医院",
        ),
        ("unwhole", {"child": "无为县人民医院医共体", "parent": "弋矶山医院城乡医联体"}, "整体退出"),
        ("entrust", {"entrusted": "无为县中医医院", "trustee": "无为县人民医院"}, "托管"),
        (
            "agreement",
            {
                "heading": "合作协议",
                "parties": ["无为县中医医院", "无为县人民医院"],
                "signed_on": "2019-07-20",
                "until": "2021-01-01",
                "code_": "wuhu-n3",
            },
            "合作协议",
        ),
        ("reorganise-merge", {"sources": ["演示无为民营医院"], "into": "无为县人民医院"}, "不再存在"),
        (
            "reorganise-rename",
            {"institution": "无为县人民医院", "new_name": "无为市人民医院"},
            "无为市人民医院",
        ),
        ("reorganise-close", {"institution": "演示无为民营医院", "end_all": "on"}, "不再存在"),
        (
            "reorganise-merge-consortia",
            {"sources": ["芜湖市脑血管专科联盟"], "into": "芜湖市心血管专科联盟"},
            "不再存在",
        ),
        (
            "reorganise-rename-consortium",
            {"consortium": "芜湖市心血管专科联盟", "new_name": "芜湖心脏联盟"},
            "芜湖心脏联盟",
        ),
        ("reorganise-dissolve", {"consortium": "芜湖市脑血管专科联盟"}, "不再存在"),
        (
            "reorganise-split",
            {"origin": "无为县中医医院", "new_name": "无为针灸医院", "beds": "20", "code_": "wuhu-n1"},
            "无为针灸医院",
        ),
        (
            "reorganise-split-consortium",
            {
                "origin": "弋江区城市医联体",
                "new_name": "第二",
                "lead": "芜湖市第五人民医院",
                "code_": "wuhu-n2",
            },
            "第二",
        ),
    ],
)
def test_every_form_is_tried_and_kept(city: Client, act: str, typed: dict[str, object], told: str) -> None:
    typed = typed | {"start": "2019-08-01"}
    page = _sent(city, act, typed)
    shown = page.content.decode()
    assert page.status_code == 200 and 'role="alert"' not in shown, shown[shown.find('role="alert"') :][:400]
    assert "登记的变化" in shown and told in shown and "处登记不成立" not in shown
    application = _kept(city, act, typed, "save")
    assert _state(application) == "DRAFT" and told in _get(city, application)
    assert city.get(f"/changes/{application.id}?{FRAME}").status_code == 200


def test_closing_without_ending_what_rests_on_it_says_what_does(city: Client) -> None:
    typed = {"institution": "演示无为民营医院", "start": "2019-08-01"}
    page = _sent(city, "reorganise-close", typed).content.decode()
    assert "名下还有" in page and "无为县人民医院医共体" in page and "一并终止" in page


def test_what_was_typed_wrong_is_said_at_its_field_and_kept(county: Client) -> None:
    wrong = ALLIANCE | {"lead": "人民医院", "start": "31/12", "division": "", "consortium_name": ""}
    answer = _sent(county, "form", wrong, "submit")
    page = answer.content.decode()
    assert answer.status_code == 422
    for field in ("lead", "start", "division", "consortium_name"):
        assert f'id="{field}-error"' in page, field
    assert 'value="人民医院"' in page and 'value="31/12"' in page and 'value="无为县人民医院"' in page
    assert "请写出全名或编码" in page, "several hospitals fit"
    assert models.Application.objects.count() == 0


def test_things_are_found_by_pinyin_and_code(county: Client) -> None:
    found = county.get(f"/changes/find?{FRAME}&kind=institution&lead=whsdyrmyy").content.decode()
    assert 'value="芜湖市第一人民医院"' in found
    found = county.get(
        f"/changes/find?{FRAME}&kind=consortium&kinds=COUNTY_COMMUNITY&child="
    ).content.decode()
    assert "医共体" in found and "专科联盟" not in found
    application = _kept(county, "form", ALLIANCE | {"lead": "whsdyrmyy"}, "save")
    assert application.payload["entries"][1]["cells"]["institution"] == "wuhu-first_hospital"


def test_a_clinician_tries_but_neither_keeps_nor_decides(county: Client, sign_in) -> None:
    application = _kept(county, "form", ALLIANCE)
    clinician = sign_in("clinician", Role.CLINICIAN)
    tried = _sent(
        clinician, "reorganise-rename", {"institution": "无为县人民医院", "new_name": "新名"} | START
    )
    assert "可以办理" in tried.content.decode() and 'aria-describedby="why-save"' in tried.content.decode()
    page = _get(clinician, application)
    assert page.count('aria-disabled="true" aria-describedby="why-') == 3
    for act in ("approve", "return", "withdraw"):
        assert _act(clinician, application, act, reason="不同意").status_code == 403, act
    assert _sent(clinician, "form", ALLIANCE, "submit").status_code == 403
    assert _state(application) == "SUBMITTED"


def test_a_draft_is_its_authors_alone_and_only_the_applicant_withdraws(
    county: Client, city: Client, office: Client
) -> None:
    draft = _kept(county, "whole", PARTNER, "save")
    assert city.get(f"/applications/{draft.id}?{FRAME}").status_code == 404
    assert draft.title not in city.get(f"/applications?{FRAME}").content.decode()
    assert _act(county, draft, "submit").status_code == 302
    assert _act(office, draft, "withdraw").status_code == 403
    assert "这份申请由county提交" in _get(office, draft)
    assert _act(county, draft, "withdraw").status_code == 302
    late = _act(city, draft, "approve")
    assert late.status_code == 409 and "目前是已撤回" in late.content.decode()


def test_nobody_approves_what_he_proposed(city: Client, dermatology: None) -> None:
    application = _kept(city, "form", ALLIANCE)
    page = _get(city, application)
    assert "自己提交的申请不能由自己审批" in page and "另一位人员" in page
    assert _act(city, application, "approve").status_code == 403
    assert _state(application) == "SUBMITTED"


def test_names_are_text_never_markup(county: Client, city: Client) -> None:
    evil = "<script>alert(1)</script>"
    application = _kept(county, "form", ALLIANCE | {"title": evil, "consortium_name": f'"><img src=x>{evil}'})
    for path in ("/applications", f"/applications/{application.id}"):
        page = city.get(f"{path}?{FRAME}").content.decode()
        assert "<script>alert" not in page and "<img src=x" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_lists_and_pages_cost_the_same_however_long(county: Client, city: Client) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert city.get(f"{path}?{FRAME}").status_code == 200
        return len(caught)

    first, draft = _kept(county, "form", ALLIANCE), _kept(city, "form", ALLIANCE, "save")
    assert "所以不能直接生效" in _get(city, draft), "the button says so before it is pressed"
    paths = ("/applications", f"/applications/{first.id}", f"/applications/{draft.id}", "/changes/new")
    for path in paths:
        queries(path)
    few = [queries(path) for path in paths]
    for number in range(12):
        _kept(county, "form", ALLIANCE | {"title": f"申请{number}"})
    assert [queries(path) for path in paths] == few
    assert max(few) <= QUERY_LIMIT, few
    assert city.get(f"/applications?{FRAME}&state=APPROVED").content.decode().count("data-row") == 0
    assert city.get(f"/applications?{FRAME}&q=申请3").content.decode().count("data-row") == 1


def test_what_is_not_there_is_refused_in_words(office: Client) -> None:
    missing = office.get(f"/applications/{uuid7()}?{FRAME}")
    assert missing.status_code == 404 and "请从申请列表中选择" in missing.content.decode()
    assert office.get(f"/changes/new?act=merge&{FRAME}").status_code == 404
    page = office.get("/changes/new?region=yunnan")
    assert page.status_code == 200 and "还没有登记机构" in page.content.decode()
    assert "还没有变更申请" in office.get(f"/applications?{FRAME}").content.decode()
