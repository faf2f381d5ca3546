"""Plans of institutions and what is put on record about applications, for other systems."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from django.test import Client

from tiercare.apps.network import models

PLAN = {
    "division": "3402",
    "kind": "INSTITUTION_SETTING",
    "title": "芜湖市医疗机构设置规划（演示）",
    "adopted_on": "2018-01-01",
    "start": "2018-01-01",
    "lines": [{"area": "340202", "subject": "beds", "level": "3", "allowed": 100}],
}


def _post(api: Client, path: str, body: object) -> object:
    return api.post(
        f"/api/network/{path}",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid4())},
    )


def test_a_version_is_kept_read_and_compared(wuhu: str, api: Client) -> None:
    made = _post(api, "institution-plans", PLAN)
    assert made.status_code == 201 and made.json()["number"] == 1, made.content
    wrong = _post(
        api, "institution-plans", PLAN | {"lines": [{"area": "440705", "subject": "beds", "allowed": 1}]}
    )
    assert wrong.status_code == 422 and "lines.1.area" in wrong.content.decode()
    again = _post(api, "institution-plans", PLAN)
    assert again.status_code == 422, "it does not begin after the one before"
    (listed,) = api.get("/api/network/institution-plans?region=3402").json()["items"]
    assert (listed["number"], listed["lines"][0]["allowed"], listed["end"]) == (1, 100, None)
    one = api.get(f"/api/network/institution-plans/{listed['id']}").json()
    assert one == listed
    compared = api.get("/api/network/institution-plans/comparison?region=3402&on=2019-07-01").json()
    (line,) = compared["items"]
    assert line["existing"] > 100 and line["left"] < 0 and line["limits"] is False
    assert api.get(f"/api/network/institution-plans/{uuid4()}").status_code == 404


def test_what_an_application_still_needs_is_told(wuhu: str, api: Client, doctor) -> None:
    application = models.Application.objects.create(
        region="3402", kind="KEEPING", title="演示", payload={"entries": []}, starts_on=date(2019, 8, 1),
        state="SUBMITTED", applicant_id=uuid4(), applicant_name="演示", decided_by_division="3402",
    )  # fmt: skip
    told = api.get(f"/api/network/applications/{application.id}/grounds").json()
    assert told == {
        "marks": [], "overridden": False, "sides": [], "scores": [], "mean": None, "missing": [],
    }  # fmt: skip
    refused = _post(api, f"applications/{application.id}/override", {"reason": "演示"})
    assert refused.status_code == 409 and refused.json()["code"] == "override_of_nothing"
    assert _post(api, f"applications/{application.id}/scores", {"said": []}).status_code == 409
    assert _post(api, f"applications/{application.id}/confirmation", {"agreed": True}).status_code == 403


def test_the_lists_say_where_no_text_asks_for_them(wuhu: str, api: Client) -> None:
    surplus = api.get("/api/network/institution-plans/surplus?region=3402")
    flows = api.get("/api/network/institution-plans/flows?region=3402&first=2019-01-01&last=2019-06-30")
    assert [surplus.status_code, flows.status_code] == [404, 404]
    assert surplus.json()["code"] == "planning.surplus_not_asked"
