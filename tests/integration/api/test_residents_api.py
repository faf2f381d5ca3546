"""``/api/residents``: the same rules as on the pages, as problems and JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from psycopg.types.range import DateRange
from tests.integration.residents.conftest import given, id_number, register, site

from tiercare.apps.access import models
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger.models import Event, IdempotencyKey
from tiercare.kernel.ids import uuid7
from tiercare.web.middleware import GRANT, SEEN_AT, SIGNED_IN_AT

from .asking import problem

__all__ = ["given", "register", "site"]  # fixtures

BIRTH = date(1968, 5, 17)
CANARY, CANARY_PHONE = id_number(BIRTH, 77), "13877776666"


@pytest.fixture
def at_desk(site) -> Callable[..., Client]:
    """A client that acts at one of the three institutions."""

    def sign_in(role: Role = Role.REGISTRAR, place: str = "township") -> Client:
        account = models.Account.objects.create(
            username=f"api.{role.value}.{place}", display_name="测试", password="!", synthetic=True
        )
        grant = models.Grant.objects.create(
            account=account,
            role=role.value,
            scope="INSTITUTION",
            division_code=site.division[:6],
            institution_id=getattr(site, place),
            place_name="测试地点",
            period=DateRange(date(2019, 1, 1), None),
        )
        client = Client()
        client.force_login(account)
        session = client.session
        session[SIGNED_IN_AT] = session[SEEN_AT] = time.time()
        session[GRANT] = str(grant.id)
        session.save()
        return client

    return sign_in


@pytest.fixture
def canary(register) -> UUID:
    return register("欧阳娜娜", number=CANARY, birth_date=BIRTH, phone=CANARY_PHONE)


def send(client: Client, path: str = "", *, method: str = "post", key: str = "", **body: Any):
    headers = {"Idempotency-Key": key or str(uuid7())} | body.pop("headers", {})
    call = getattr(client, method)
    return call(f"/api/residents{path}", json.dumps(body), content_type="application/json", headers=headers)


def person(**more: Any) -> dict[str, Any]:
    return {
        "name": "王小明",
        "sex": "1",
        "birth_date": BIRTH.isoformat(),
        "division": "340223",
        "number": id_number(BIRTH, 101),
        "address": "示例路 1 号",
    } | more


def masked(answer, status: int = 200) -> Any:
    """The body, with the promise that the planted numbers are nowhere in the answer."""
    assert answer.status_code == status, answer.content
    for secret in (CANARY, CANARY_PHONE):
        assert secret not in answer.content.decode() and secret not in str(answer.headers)
    return json.loads(answer.content)


def test_a_resident_is_registered_once_per_key(at_desk) -> None:
    client, key = at_desk(), str(uuid7())
    made = send(client, key=key, **person())
    assert made.status_code == 201 and set(made.json()) == {"id", "institution", "keeps_file"}
    again = send(client, key=key, **person())
    assert again.json() == made.json() and again["Idempotency-Replayed"] == "true"
    assert len(client.get("/api/residents").json()["items"]) == 1


def test_a_number_that_is_somebodys_is_a_problem_with_the_candidates(at_desk, canary) -> None:
    answer = send(at_desk(place="stranger"), **person(number=CANARY, name="张三"))
    body = masked(answer, 409)
    assert problem(answer, 409)["code"] == "residents.already_registered"
    (candidate,) = body["candidates"]
    assert (candidate["id"], candidate["name"]) == (str(canary), "欧**娜")
    shown = Event.objects.filter(kind="access.record_read").order_by("-sequence").first()
    assert shown.payload["residents"] == [str(canary)]


def test_look_alikes_are_passed_by_naming_them(at_desk, register) -> None:
    first, client = register("王小明", phone="13800001111"), at_desk()
    asked = person(name="王晓明", phone="13800001111")
    refused = send(client, **asked)
    assert problem(refused, 409)["code"] == "residents.likely_double"
    despite = [each["id"] for each in refused.json()["candidates"]]
    assert despite == [str(first)]
    assert send(client, **asked, despite=despite).status_code == 201


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ({"number": "1234"}, "number"),
        ({"birth_date": "1970-01-01"}, "birth_date"),
        ({"name": "王😀"}, "name"),
        ({"division": "999999"}, "division_code"),
        ({"nation": "99"}, "nation"),
        ({"institution_id": str(uuid7())}, "institution_id"),
        ({"keeps_file": True}, "keeps_file"),
        ({"synthetic": True}, "synthetic"),
        ({"sex": "7"}, "sex"),
    ],
)
def test_what_is_wrong_or_not_yours_to_send_is_refused(at_desk, wrong, at) -> None:
    told = problem(send(at_desk(), **person(**wrong)), 422)
    assert at in {error["at"] for error in told["errors"]}
    assert person()["number"] not in str(told)


def test_finding_by_number_shows_the_least_everywhere(at_desk, canary) -> None:
    client = at_desk(place="stranger")
    for number in (CANARY, CANARY_PHONE, f" {CANARY[:6]} {CANARY[6:]} "):
        (found,) = masked(send(client, "/find", number=number))["items"]
        assert (found["id"], found["name"], found["birth_year"]) == (str(canary), "欧**娜", 1968)
    assert masked(send(client, "/find", number="E12345678"))["items"] == []


def test_a_name_finds_in_the_own_list_only(at_desk, canary) -> None:
    client = at_desk()
    for name in ("欧阳", "oynn"):
        assert [each["id"] for each in masked(send(client, "/search", name=name))["items"]] == [str(canary)]
    assert masked(send(at_desk(place="stranger"), "/search", name="欧阳"))["items"] == []


def test_the_list_goes_on_by_cursor_without_a_gap(at_desk, register) -> None:
    keys = [
        register(f"王{'一二三四五六七八九十'[n % 10]}{'甲乙丙'[n // 10]}", birth_date=date(1950, 1, 1 + n))
        for n in range(23)
    ]
    client = at_desk()
    first = client.get("/api/residents").json()
    second = client.get("/api/residents", {"cursor": first["next"]}).json()
    assert [UUID(each["id"]) for each in first["items"] + second["items"]] == keys
    assert len(first["items"]) == 20 and second["next"] is None
    assert problem(client.get("/api/residents", {"cursor": "x"}), 422)


def test_a_record_is_masked_until_revealed_and_the_reveal_is_recorded_and_not_kept(at_desk, canary) -> None:
    client = at_desk(Role.PRIMARY_DOCTOR)
    record = masked(client.get(f"/api/residents/{canary}"))
    assert record["name"] == "欧阳娜娜" and {each["kind"] for each in record["numbers"]} == {
        "id_card",
        "phone",
    }
    shown = send(client, f"/{canary}/reveal")
    assert {each["value"] for each in shown.json()["numbers"]} == {CANARY, CANARY_PHONE}
    last = Event.objects.filter(kind="access.record_read").order_by("-sequence").first()
    assert last.payload["what"] == "number"
    assert not IdempotencyKey.objects.exists()


def test_without_a_ground_everything_of_a_person_is_refused_alike_and_recorded(at_desk, canary) -> None:
    client = at_desk(Role.PRIMARY_DOCTOR, "stranger")
    answers = {}
    for key in (canary, uuid7()):
        answers[key] = [
            problem(client.get(f"/api/residents/{key}"), 403),
            problem(send(client, f"/{key}/reveal"), 403),
            problem(send(client, f"/{key}", method="patch", name="王", headers={"If-Match": '"1"'}), 403),
        ]
    one, other = ([{**each, "instance": ""} for each in told] for told in answers.values())
    assert one == other and {each["code"] for each in one} == {"access.no_basis"}
    refused = Event.objects.filter(payload__result="refused", payload__residents=[str(canary)])
    assert sorted(event.payload["what"] for event in refused) == ["correction", "file", "number"]


def test_a_correction_holds_the_version_that_was_read(at_desk, canary) -> None:
    client = at_desk()
    tag = client.get(f"/api/residents/{canary}")["ETag"]
    assert problem(send(client, f"/{canary}", method="patch", name="欧阳纳纳"), 428)
    done = send(client, f"/{canary}", method="patch", name="欧阳纳纳", headers={"If-Match": tag})
    assert done.json() == {"id": str(canary), "version": 2, "fields": ["name"]}
    late = send(client, f"/{canary}", method="patch", address="别处", headers={"If-Match": tag})
    assert "测试 改了姓名" in problem(late, 412)["detail"]
    for tag in ('"x"', "W/"):
        assert problem(send(client, f"/{canary}", method="patch", name="王", headers={"If-Match": tag}), 412)


@pytest.mark.parametrize("body", [{"name": None}, {"version": 9}, {"keeps_file": True}, {"known_at": []}])
def test_a_correction_takes_nothing_but_its_fields(at_desk, canary, body) -> None:
    assert problem(send(at_desk(), f"/{canary}", method="patch", headers={"If-Match": '"1"'}, **body), 422)


def test_who_may_not_register_or_list_is_told_so(at_desk, canary) -> None:
    clinician = at_desk(Role.CLINICIAN)
    assert problem(send(clinician, **person()), 403)["code"] == "access.not_your_right"
    office = at_desk(Role.PRIMARY_DOCTOR)
    assert send(office, **person()).status_code == 201
    assert problem(Client().get("/api/residents"), 401)
