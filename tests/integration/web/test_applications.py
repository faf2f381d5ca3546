"""Changes proposed, returned, mended and approved through the pages, by people signed in as in service."""

from __future__ import annotations

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
from tiercare.apps.network import commands, models
from tiercare.apps.network.workflow import render_diagram
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id, uuid7
from tiercare.kernel.period import Period

PASSWORD = "four unrelated green herons"
NEW = "/applications/new?kind=form_consortium"


def _id(kind: str, key: str) -> UUID:
    return stable_id("network", "wuhu", kind, key)


SECOND, FIRST = _id("institution", "second_hospital"), _id("institution", "first_hospital")


@pytest.fixture(autouse=True)
def quick_hashing(monkeypatch) -> None:
    """Argon2 at its cheapest: every test signs somebody in."""
    for name, value in {"time_cost": 1, "memory_cost": 64, "parallelism": 1}.items():
        monkeypatch.setattr(Argon2PasswordHasher, name, value)


@pytest.fixture
def sign_in(wuhu: str) -> Callable[..., Client]:
    """A browser in which somebody has signed in, in one role."""

    def make(username: str, role: Role) -> Client:
        system = Actor.system("test")
        account = access.create_account(system, username=username, display_name=username, password=PASSWORD)
        Account.objects.filter(pk=account.id).update(must_change_password=False)
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
            division_code=wuhu,
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
def commission(sign_in) -> Client:
    return sign_in("commission", Role.COMMISSION)


@pytest.fixture
def dermatology() -> None:
    """市二院 has a key specialty in dermatology, so that it may lead an alliance (WH-42)."""
    models.KeySpecialty.objects.create(
        institution_id=SECOND, code="13", rank="PROVINCIAL", period=DateRange(date(2018, 1, 1), None)
    )


ALLIANCE: dict[str, object] = {
    "title": "",
    "name": "芜湖市皮肤专科联盟",
    "kind": "SPECIALTY_ALLIANCE",
    "division": "3402",
    "specialty": "13",
    "lead": "芜湖市第二人民医院",
    "members": [],
    "start": "2019-08-01",
}


def _submitted(client: Client, **changed: object) -> models.Application:
    answer = client.post(NEW, ALLIANCE | changed)
    assert answer.status_code == 302, answer.content.decode()
    return models.Application.objects.get(id=UUID(answer["Location"].split("?")[0].rsplit("/", 1)[1]))


def _act(client: Client, application: models.Application, act: str, **data: str) -> HttpResponse:
    return client.post(f"/applications/{application.id}/{act}", data)


def _state(application: models.Application) -> str:
    application.refresh_from_db()
    return application.state


@pytest.mark.clause("WH-44")
def test_proposed_returned_mended_approved(
    wuhu: str, office: Client, commission: Client, dermatology: None
) -> None:
    first = office.get(NEW).content.decode()
    assert 'value="芜湖市第二人民医院" list="institutions"' in first, "the own hospital stands there as lead"
    application = _submitted(office)
    assert application.title == "组建芜湖市皮肤专科联盟"
    page = commission.get(f"/applications/{application.id}").content.decode()
    assert "在芜湖市组建专科联盟“芜湖市皮肤专科联盟”，由芜湖市第二人民医院牵头" in page
    assert "不会新增违反规则的事项" in page

    empty = _act(commission, application, "return", reason="  \n")
    shown = empty.content.decode()
    assert empty.status_code == 422 and 'id="reason-error"' in shown and "退回要写明理由" in shown
    long = "请补充成员单位" * 400
    too_long = _act(commission, application, "return", reason=long)
    assert too_long.status_code == 422 and long in too_long.content.decode(), "nothing typed is lost"
    assert _state(application) == "SUBMITTED"

    assert _act(commission, application, "return", reason="请补充成员单位").status_code == 302
    page = office.get(f"/applications/{application.id}").content.decode()
    assert "请补充成员单位" in page and "/resubmit" in page
    mending = office.get(f"/applications/{application.id}/resubmit").content.decode()
    assert 'value="芜湖市皮肤专科联盟"' in mending and "请补充成员单位" in mending
    again = office.post(
        f"/applications/{application.id}/resubmit", ALLIANCE | {"members": [str(FIRST), str(SECOND)]}
    )
    assert again.status_code == 302
    assert _state(application) == "SUBMITTED"
    assert application.payload["member_ids"] == [str(FIRST)], "the lead is not a second time a member"

    done = _act(commission, application, "approve")
    assert done.status_code == 302
    formed = models.Consortium.objects.get(slug=application.payload["slug"])
    assert formed.memberships.count() == 2
    page = commission.get(done["Location"]).content.decode()
    assert f"/consortia/{formed.id}?" in page and "流程已结束" in page
    assert [
        word for word in ("提交", "退回", "修改后再次提交", "批准") if f"<strong>{word}<" not in page
    ] == []


@pytest.mark.clause("WH-43")
def test_a_second_alliance_of_a_specialty_is_foretold_and_refused(office: Client, commission: Client) -> None:
    application = _submitted(office, name="芜湖市神经联盟二", specialty="03.03")
    foretold = commission.get(f"/applications/{application.id}").content.decode()
    assert "批准前预查" in foretold and "只能设置1个" in foretold and "WH-43" in foretold
    refused = _act(commission, application, "approve")
    shown = refused.content.decode()
    alert = shown[shown.index('role="alert"') : shown.index("申请内容")]
    assert refused.status_code == 422
    assert "只能设置1个" in alert and "WH-43" in alert and "其余成员并入" in alert
    assert _state(application) == "SUBMITTED"
    assert not models.Consortium.objects.filter(slug=application.payload["slug"]).exists()


@pytest.mark.clause("WH-27")
def test_a_community_joins_by_application_and_a_second_partner_is_foretold(
    office: Client, commission: Client
) -> None:
    child, parent = (
        _id("consortium", "community-fanchang-hospital"),
        _id("consortium", "urban-rural-second"),
    )
    sent = {"child": str(child), "parent": str(parent), "start": "2019-08-01"}
    answer = office.post("/applications/new?kind=join_community", sent)
    page = commission.get(answer["Location"]).content.decode()
    assert "繁昌县人民医院医共体”整体加入“" in page
    assert "WH-27" in page[page.index("批准前预查") : page.index("可做的操作")]
    there = next(str(row.parent_id) for row in models.Joining.objects.filter(child_id=child))
    answer = office.post("/applications/new?kind=join_community", sent | {"parent": there})
    page = commission.get(answer["Location"]).content.decode()
    assert "该医共体在这段时间已整体加入" in page
    refused = commission.post(answer["Location"].split("?")[0] + "/approve")
    assert refused.status_code == 409 and "该医共体在这段时间已整体加入" in refused.content.decode()


def test_what_was_typed_wrong_is_said_at_its_field_and_kept(office: Client) -> None:
    answer = office.post(
        NEW,
        ALLIANCE
        | {"specialty": "", "lead": "人民医院", "start": "31/12", "division": "", "members": [str(FIRST)]},
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    for field in ("specialty", "lead", "start", "division"):
        assert f'id="{field}-error"' in page, field
    assert 'value="芜湖市皮肤专科联盟"' in page and 'value="人民医院"' in page and 'value="31/12"' in page
    assert f'value="{FIRST}" checked' in page
    assert "请写出全名" in page, "several hospitals fit"
    assert models.Application.objects.count() == 0


def test_members_are_found_by_pinyin_and_nothing_is_submitted(office: Client) -> None:
    page = office.post(
        NEW, ALLIANCE | {"members": [str(SECOND)], "search": "whsdyrmyy", "find": "1"}
    ).content.decode()
    picker = page[page.index('id="picker"') :]
    assert f'value="{FIRST}"' in picker and f'value="{SECOND}" checked' in picker
    assert picker.count('type="checkbox"') == 2
    assert models.Application.objects.count() == 0


def test_the_lead_is_understood_by_pinyin_initials(office: Client) -> None:
    assert _submitted(office, lead="whsdyrmyy").payload["lead_id"] == str(FIRST)


def test_a_clinician_reads_but_neither_proposes_nor_decides(office: Client, sign_in) -> None:
    application = _submitted(office)
    clinician = sign_in("clinician", Role.CLINICIAN)
    listed = clinician.get("/applications").content.decode()
    assert application.title in listed and 'href="/applications/new' not in listed
    page = clinician.get(f"/applications/{application.id}").content.decode()
    assert page.count('aria-disabled="true" aria-describedby="why-') == 3
    assert "“医师”不能批准或退回申请" in page
    assert f"/applications/{application.id}/approve" not in page
    for act in ("approve", "return", "withdraw"):
        answer = _act(clinician, application, act, reason="不同意")
        assert answer.status_code == 403, act
    assert clinician.post(NEW, ALLIANCE).status_code == 403
    assert _state(application) == "SUBMITTED"
    assert models.Application.objects.count() == 1


def test_only_the_applicant_withdraws_and_then_nothing_is_left_to_do(
    office: Client, commission: Client, sign_in
) -> None:
    application = _submitted(office)
    other = sign_in("other", Role.CONSORTIUM_OFFICE)
    assert "这份申请由office提交" in other.get(f"/applications/{application.id}").content.decode()
    assert _act(other, application, "withdraw").status_code == 403
    assert _act(office, application, "withdraw").status_code == 302
    late = _act(commission, application, "approve")
    assert late.status_code == 409 and "目前是已撤回" in late.content.decode()
    assert _state(application) == "WITHDRAWN"


def test_an_office_reads_what_the_commission_itself_proposed(office: Client, commission: Client) -> None:
    application = _submitted(commission)
    page = office.get(f"/applications/{application.id}")
    assert page.status_code == 200 and "这份申请由commission提交" in page.content.decode()


def test_names_are_text_never_markup(office: Client, commission: Client) -> None:
    evil = "<script>alert(1)</script>"
    application = _submitted(office, title=evil, name=f'"><img src=x onerror=alert(1)>{evil}')
    for path in ("/applications", f"/applications/{application.id}"):
        page = commission.get(path).content.decode()
        assert "<script>alert" not in page and "<img src=x" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_the_list_costs_the_same_however_long(wuhu: str, commission: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert commission.get("/applications").status_code == 200
        return len(caught)

    actor = Actor(uuid7(), "办公室", "consortium_office", institution_id=SECOND, request_id=uuid7())

    def propose(times: int) -> None:
        for number in range(times):
            commands.submit_application(
                actor=actor,
                region=wuhu,
                kind="join_community",
                title=f"申请{number}",
                payload={"parent_id": str(SECOND), "child_id": str(SECOND), "start": "2019-08-01"},
            )

    propose(1)
    queries()
    few = queries()
    propose(15)
    assert queries() == few
    assert commission.get("/applications?state=APPROVED").content.decode().count("data-row") == 0
    assert commission.get("/applications?q=申请3").content.decode().count("data-row") == 1


def test_an_empty_list_says_what_to_do(office: Client) -> None:
    page = office.get("/applications").content.decode()
    assert "还没有变更申请" in page and 'href="/applications/new?' in page


def test_what_is_not_there_is_refused_in_words(office: Client) -> None:
    missing = office.get(f"/applications/{uuid7()}")
    assert missing.status_code == 404 and "请从申请列表中选择" in missing.content.decode()
    assert office.get("/applications/new?kind=merge").status_code == 404
    page = office.get("/applications/new?region=yunnan")
    assert page.status_code == 200 and "还没有登记机构" in page.content.decode()


def test_the_diagram_names_every_move() -> None:
    diagram = render_diagram()
    assert "SUBMITTED --> RETURNED : 退回 return" in diagram
    assert "RETURNED --> SUBMITTED : 修改后再次提交 resubmit" in diagram
    assert "APPROVED --> [*]" in diagram and "SUBMITTED --> [*]" not in diagram


def test_an_office_cannot_withdraw_what_the_commission_proposed(office: Client, commission: Client) -> None:
    assert _act(office, _submitted(commission), "withdraw").status_code == 403
