"""The API: one shape of failure in the user's language, who I am, strict bodies, one answer per key."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from ninja import Query, Router, Schema
from pydantic import Field

from tiercare.api.problems import Problem
from tiercare.api.root import build
from tiercare.api.writes import Body, once
from tiercare.apps.access.rules import Right, may
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .conftest import PASSWORD

LEAD = Refusal(
    code="network.one_lead",
    message=Text("{name}已有牵头医院。", "{name} already has a lead hospital."),
    instead=Text("请先变更牵头医院。", "Change the lead first."),
    fields={"name": Text("示例医联体", "the sample consortium")},
    clauses=("WH-07", "CN-03"),
    at="lead_id",
)
LATE = Refusal(
    code="network.too_late",
    message=Text("已过申请期。", "Too late to apply."),
    instead=Text("请等下一期。", "Wait for the next round."),
    clauses=("CN-03",),
)
router = Router()
done: list[str] = []


class Kind(StrEnum):
    CITY = "CITY"
    COUNTY = "COUNTY"


class Bed(Body):
    ward: str = Field(max_length=5)
    count: int = Field(ge=1)


class Plan(Body):
    name: str = Field(min_length=2)
    kind: Kind
    start: date
    lead_id: UUID
    beds: tuple[Bed, ...] = ()


class Done(Schema):
    name: str


@router.get("/refused")
def refused(request: HttpRequest) -> None:
    raise Refused(LEAD, LATE)


@router.get("/slow-down")
def slow_down(request: HttpRequest) -> None:
    raise Refused(
        Refusal(
            "x.slow",
            Text("请等 {seconds} 秒。", "Wait {seconds} s."),
            Text("稍候。", "Wait."),
            {"seconds": 7},
            status=429,
        )
    )


@router.get("/needs-right")
def needs_right(request: HttpRequest) -> None:
    raise Refused(may(request.actor, Right.NETWORK_DECIDE))


@router.get("/missing")
def missing(request: HttpRequest) -> None:
    raise Http404("secret name of a patient")


@router.get("/denied")
def denied(request: HttpRequest) -> None:
    raise PermissionDenied("secret")


@router.get("/suspicious")
def suspicious(request: HttpRequest) -> None:
    raise SuspiciousOperation("secret")


@router.get("/broken")
def broken(request: HttpRequest) -> None:
    raise RuntimeError("secret name of a patient")


@router.get("/open", auth=None)
def opened(request: HttpRequest) -> Done:
    return Done(name=request.actor.role)


@router.get("/pages")
def pages(request: HttpRequest, size: int = Query(20, le=100)) -> Done:
    return Done(name=str(size))


@router.post("/plans", response={201: Done, 409: Problem})
def make_plan(request: HttpRequest, payload: Plan) -> HttpResponse:
    def work() -> Done:
        if payload.name == "refused":
            raise Refused(LATE)
        done.append(payload.name)
        return Done(name=payload.name)

    return once(request, 201, work)


def probe() -> object:
    api = build("problems-tests")
    api.add_router("/probe", router)
    return api


class Site:
    urlpatterns = (path("api/", probe().urls), path("", include("tiercare.web.access.urls")))


@pytest.fixture(autouse=True)
def site(serve) -> None:
    serve(Site)
    done.clear()


def problem(response: HttpResponse, status: int) -> dict:
    """The answer as a problem, its shape checked against the schema that the OpenAPI document gives."""
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    found = json.loads(response.content)
    assert Problem.model_validate(found).model_dump() == found
    assert found["status"] == status
    assert found["type"] == f"urn:tiercare:problem:{found['code']}"
    UUID(found["instance"].removeprefix("urn:uuid:"))
    assert found["title"] and found["detail"] and found["way_on"] and found["errors"]
    assert "secret" not in response.content.decode()
    return found


def english(client: Client) -> Client:
    client.cookies["tiercare_language"] = "en"
    return client


def plan(**changes: object) -> dict[str, object]:
    return {"name": "方案", "kind": "CITY", "start": "2026-11-21", "lead_id": str(uuid4())} | changes


@pytest.fixture
def send(api) -> Callable[..., HttpResponse]:
    def post(body: object, key: str | None = None, client: Client = api) -> HttpResponse:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"idempotency-key": key} if key is not None else {}
        return client.post("/api/probe/plans", raw, content_type="application/json", headers=headers)

    return post


def test_a_refusal_is_a_problem_with_its_clauses_and_way_on(api) -> None:
    found = problem(api.get("/api/probe/refused"), 409)
    assert found["code"] == "network.one_lead"
    assert found["detail"] == "示例医联体已有牵头医院。"
    assert found["way_on"] == "请先变更牵头医院。"
    assert found["clauses"] == ["WH-07", "CN-03"]
    assert [(error["at"], error["code"], error["clauses"]) for error in found["errors"]] == [
        ("lead_id", "network.one_lead", ["WH-07", "CN-03"]),
        (None, "network.too_late", ["CN-03"]),
    ]


def test_and_in_english_for_who_picked_it(api) -> None:
    found = problem(english(api).get("/api/probe/refused"), 409)
    assert found["detail"] == "the sample consortium already has a lead hospital."
    assert found["errors"][1]["way_on"] == "Wait for the next round."
    assert found["title"] == "Not possible as things stand"


def test_slow_down_says_how_long(api) -> None:
    response = api.get("/api/probe/slow-down")
    assert problem(response, 429)["detail"] == "请等 7 秒。"
    assert response["Retry-After"] == "7"


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/api/probe/missing", 404, "api.not_found"),
        ("/api/nothing/here", 404, "api.not_found"),
        ("/api/", 404, "api.not_found"),
        ("/api/docs", 404, "api.not_found"),
        ("/api/probe/denied", 403, "api.forbidden"),
        ("/api/probe/suspicious", 400, "api.unreadable"),
        ("/api/probe/broken", 500, "api.broken"),
    ],
)
def test_every_failure_has_the_shape(api, address, status, code) -> None:
    assert problem(api.get(address), status)["code"] == code


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_an_unknown_address_is_unknown_by_every_method(api, method) -> None:
    assert problem(getattr(api, method)("/api/nothing"), 404)["code"] == "api.not_found"


def test_a_wrong_method_says_which_are_right(api) -> None:
    response = api.delete("/api/session")
    assert "DELETE" in problem(response, 405)["detail"]
    assert response["Allow"] == "GET"


def test_a_failure_of_ours_is_logged_under_its_instance(api, caplog) -> None:
    with caplog.at_level(logging.ERROR, "tiercare.api"):
        found = problem(api.get("/api/probe/broken"), 500)
    assert found["instance"] in caplog.text and "RuntimeError" in caplog.text


def test_a_visitor_is_asked_to_sign_in(client) -> None:
    found = problem(client.get("/api/probe/refused"), 401)
    assert found["code"] == "access.sign_in_first" and "登录" in found["way_on"]
    assert problem(client.get("/api/session"), 401)
    assert client.get("/api/probe/open").json() == {"name": "visitor"}


def test_a_missing_right_says_whom_to_ask(api, doctor) -> None:
    doctor.grants.update(role="auditor")
    found = problem(api.get("/api/probe/needs-right"), 403)
    assert found["code"] == "access.not_your_right" and "卫生健康行政部门" in found["way_on"]


def test_writing_with_the_cookie_alone_is_refused(doctor, send) -> None:
    strict = Client(enforce_csrf_checks=True)
    token = strict.get("/api/openapi.json") and "t" * 32
    strict.cookies["csrftoken"] = token
    data = {"username": "wang.li", "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert strict.post("/sign-in", data).status_code == 302
    found = problem(send(plan(), str(uuid4()), strict), 403)
    assert found["code"] == "api.forbidden" and "X-CSRFToken" in found["way_on"]
    assert done == []
    headers = {"idempotency-key": str(uuid4()), "x-csrftoken": strict.cookies["csrftoken"].value}
    assert (
        strict.post("/api/probe/plans", plan(), content_type="application/json", headers=headers).status_code
        == 201
    )


@pytest.mark.parametrize(
    ("changes", "at", "said"),
    [
        ({"name": None}, "name", "“name”须为文字。"),
        ({"name": "x"}, "name", "“name”至少 2 个字符。"),
        ({"kind": "SPACE"}, "kind", "“kind”只能是：'CITY' or 'COUNTY'。"),
        ({"start": "yesterday"}, "start", "“start”须为日期，如 2026-11-21。"),
        ({"lead_id": "1"}, "lead_id", "“lead_id”须为 UUID。"),
        ({"beds": "none"}, "beds", "“beds”须为列表。"),
        (
            {"beds": [{"ward": "内科", "count": 1}, {"ward": "外科", "count": 0}]},
            "beds.1.count",
            "“beds.1.count”不能小于 1。",
        ),
        ({"beds": [{"ward": "very long", "count": 1}]}, "beds.0.ward", "“beds.0.ward”最多 5 个字符。"),
        ({"role": "commission"}, "role", "没有“role”这一项，不能提交。"),
        ({"institution_id": str(uuid4())}, "institution_id", "没有“institution_id”这一项，不能提交。"),
    ],
)
def test_a_wrong_field_is_named_with_what_it_must_be(send, changes, at, said) -> None:
    """The last two are S4: nobody claims a role or an institution."""
    found = problem(send(plan(**changes), str(uuid4())), 422)
    assert found["detail"] == "提交的内容有 1 处需要更正。"
    (error,) = found["errors"]
    assert (error["at"], error["detail"]) == (at, said)
    assert error["way_on"] == "请在 JSON 正文中更正。"
    assert done == []


def test_all_wrong_fields_are_told_at_once_and_nothing_sent_is_repeated(send, api) -> None:
    response = send({"name": "x", "kind": "canary-34020219900101"}, str(uuid4()), english(api))
    found = problem(response, 422)
    assert [error["at"] for error in found["errors"]] == ["name", "kind", "start", "lead_id"]
    assert found["errors"][2]["detail"] == "“start” is missing."
    assert "canary" not in response.content.decode()


def test_a_wrong_query_parameter_is_named_too(api) -> None:
    found = problem(api.get("/api/probe/pages?size=101"), 422)
    assert found["errors"][0] | {"code": ""} == {
        "at": "size",
        "code": "",
        "detail": "“size”不能大于 100。",
        "way_on": "请在地址的查询参数中更正。",
        "clauses": [],
    }


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"[1]", b'"text"', b"null"])
def test_a_body_that_is_no_object_is_refused(send, body) -> None:
    response = send(body, str(uuid4()))
    problem(response, response.status_code)
    assert response.status_code in {400, 422} and done == []


def test_a_write_without_a_key_is_refused(send) -> None:
    found = problem(send(plan()), 428)
    assert found["code"] == "api.idempotency_key_missing" and "UUID" in found["way_on"]
    assert problem(send(plan(), "short"), 400)["errors"][0]["at"] == "Idempotency-Key"
    assert done == []


def test_the_same_request_is_done_once_and_answered_alike(send) -> None:
    key, body = str(uuid4()), plan()
    first, second = send(body, key), send(body, key)
    assert first.status_code == second.status_code == 201
    assert first.content == second.content and json.loads(first.content) == {"name": "方案"}
    assert second["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first
    assert done == ["方案"]


def test_a_key_is_not_used_for_something_else(send) -> None:
    key = str(uuid4())
    send(plan(), key)
    assert problem(send(plan(name="别的"), key), 422)["code"] == "ledger.idempotency_key_reused"
    assert done == ["方案"]


def test_a_refused_write_leaves_its_key_free(send) -> None:
    key = str(uuid4())
    assert problem(send(plan(name="refused"), key), 409)["code"] == "network.too_late"
    assert send(plan(), key).status_code == 201


def test_the_session_tells_who_i_am_and_what_i_may_do(api, doctor) -> None:
    me = api.get("/api/session").json()
    assert (me["account_id"], me["username"], me["role"]) == (str(doctor.id), "wang.li", "commission")
    assert (me["division_code"], me["institution_id"]) == ("3402", None)
    reaches = {each["right"]: each["reach"] for each in me["rights"]}
    assert reaches["network.decide"] == "area" and reaches["network.read"] == "anywhere"
    assert "access.manage" not in reaches
    assert [(held["role_name"], held["place_name"]) for held in me["roles_held"]] == [
        ("卫生健康行政部门", "芜湖市")
    ]
    assert english(api).get("/api/session").json()["roles_held"][0]["role_name"] == "Health commission"
    assert "password" not in {key for key in me if key != "must_change_password"}


def test_the_contract_is_published_and_names_the_problems(client) -> None:
    contract = client.get("/api/openapi.json").json()
    answers = contract["paths"]["/api/session"]["get"]["responses"]
    assert set(answers) == {"200", "401"}
    assert set(contract["components"]["schemas"]["Problem"]["required"]) >= {
        "type",
        "title",
        "status",
        "detail",
        "instance",
    }
    assert contract["components"]["schemas"]["Plan"]["additionalProperties"] is False
