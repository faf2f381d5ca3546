"""Consents, emergency access and reviews through the API: the same commands, the same refusals."""

from __future__ import annotations

import pytest
from django.test import Client

from tiercare.apps.access.rules import Role
from tiercare.kernel.ids import uuid7

from ..residents.care import WHY, reads, tomorrow
from ..residents.conftest import given, register, site
from ..web.test_me import of
from ..web.test_reviews import signed_in

__all__ = ["given", "of", "register", "signed_in", "site"]


def post(client: Client, where: str, body: dict[str, object], key: str | None = None):
    headers = {"Idempotency-Key": key or str(uuid7())}
    return client.post(where, body, content_type="application/json", headers=headers)


@pytest.mark.clause("TY-103")
def test_a_resident_gives_and_withdraws_and_sees_who_read(site, register, of) -> None:
    key = register()
    client, doctor = of(key), site.actor(Role.CLINICIAN, "stranger", "示例医师")
    asked = {
        "grantee_id": str(site.stranger),
        "purposes": ["treatment"],
        "until": tomorrow().isoformat(),
    }
    again = str(uuid7())
    made = post(client, f"/api/consents/of/{key}", asked, again)
    assert made.status_code == 201
    assert post(client, f"/api/consents/of/{key}", asked, again).json() == made.json()
    assert reads(doctor, key) == "consent"
    (row,) = client.get(f"/api/consents/of/{key}").json()["items"]
    assert (row["id"], row["in_force"], row["purposes"]) == (made.json()["id"], True, ["treatment"])
    assert post(client, f"/api/consents/of/{key}/{row['id']}/withdraw", {}).json() == {"done": True}
    assert reads(doctor, key) == ""
    seen = client.get(f"/api/consents/of/{key}/readings?limit=2").json()
    assert [each["refused"] for each in seen["items"]] == [True, False]
    event = seen["items"][1]["event_id"]
    assert (
        post(client, f"/api/consents/of/{key}/readings/{event}/objection", {"text": "不是我"}).status_code
        == 201
    )
    assert client.get(f"/api/consents/of/{key}/readings?limit=2").json()["items"][1]["objected"]


def test_what_is_no_field_is_refused_and_nobody_speaks_for_another(site, register, of) -> None:
    key, other = register(), register("李四海")
    client = of(key)
    asked = {"grantee_id": str(site.stranger), "purposes": ["treatment"], "until": tomorrow().isoformat()}
    for more in ({"given_by": "guardian"}, {"since": "2019-01-01"}, {"purposes": ["curiosity"]}):
        assert post(client, f"/api/consents/of/{key}", asked | more).status_code == 422
    for answer in (
        post(client, f"/api/consents/of/{other}", asked),
        client.get(f"/api/consents/of/{other}"),
        client.get(f"/api/consents/of/{other}/readings"),
        client.get(f"/api/consents/of/{uuid7()}"),
        client.get("/api/consents/reviews"),
        post(client, f"/api/consents/of/{key}/glass", {"reason": "other", "explanation": WHY}),
    ):
        assert answer.status_code == 403 and answer["Content-Type"] == "application/problem+json"
    assert Client().get(f"/api/consents/of/{key}").status_code == 401


def test_glass_is_broken_reviewed_and_counted(site, register, signed_in) -> None:
    key = register()
    client, doctor = signed_in(Role.CLINICIAN)
    short = post(client, f"/api/consents/of/{key}/glass", {"reason": "other", "explanation": "急"})
    assert short.status_code == 422 and short.json()["code"] == "access.glass_explanation"
    assert (
        post(client, f"/api/consents/of/{key}/glass", {"reason": "other", "explanation": WHY}).status_code
        == 201
    )
    assert reads(doctor, key) == "emergency"
    assert client.get("/api/consents/reviews").status_code == 403

    auditor, _ = signed_in(Role.AUDITOR, name="示例审计")
    told = auditor.get("/api/consents/reviews").json()
    assert (told["all"], told["reviewed"], told["items"][0]["readings"]) == (1, 0, 1)
    where = f"/api/consents/reviews/{told['items'][0]['id']}"
    assert post(auditor, where, {"outcome": "unjustified"}).json()["code"] == "access.review_remark"
    assert post(auditor, where, {"outcome": "justified"}).status_code == 200
    assert post(auditor, where, {"outcome": "justified"}).status_code == 409
    assert auditor.get("/api/consents/reviews?reviewed=true").json()["items"][0]["outcome"] == "justified"


def test_an_objection_is_answered(site, register, of, signed_in) -> None:
    key = register()
    reads(site.actor(Role.PRIMARY_DOCTOR, name="示例医生"), key)
    client = of(key)
    (read,) = client.get(f"/api/consents/of/{key}/readings").json()["items"]
    made = post(
        client, f"/api/consents/of/{key}/readings/{read['event_id']}/objection", {"text": "不是我"}
    ).json()
    auditor, _ = signed_in(Role.AUDITOR, name="示例审计")
    where = f"/api/consents/objections/{made['id']}/answer"
    assert post(auditor, where, {"upheld": True}).status_code == 422
    assert post(auditor, where, {"upheld": True, "answer": "属实"}).status_code == 200
    assert post(client, where, {"upheld": True, "answer": "属实"}).status_code == 403
