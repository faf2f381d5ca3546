"""The API of requests: the whole way by HTTP, what may be done now, versions, places, documents, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tiercare.api.requests_shapes import ActWord
from tiercare.api.root import api
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.exchange.workflow import TRANSITIONS, Act, By
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

from ..capacity.conftest import hospital, session, slot_of
from ..exchange.conftest import VISIT, _kinds
from ..records.test_timeline import PDF
from ..residents.care import synthetic_clock
from ..residents.conftest import Site, given, register, site
from ..web.residents_desk import at_desk
from .asking import problem

__all__ = ["_kinds", "at_desk", "given", "hospital", "register", "session", "site", "synthetic_clock"]
WHY = {"code": "incomplete", "words": "缺少心电图", "alternative": {"missing": ["心电图"]}}
SYSTEM = Actor.system("test")


@dataclass(frozen=True)
class Two:
    """The township's doctor and the hospital's office at their screens, and whom it is about."""

    site: Site
    resident: UUID
    doctor: Client
    office: Client

    def draft(self, **more: Any) -> dict[str, Any]:
        """A request begun by the doctor."""
        answer = send(self.doctor, "", self.body(**more))
        assert answer.status_code == 201, answer.content
        made: dict[str, Any] = answer.json()
        return made

    def body(self, **more: Any) -> dict[str, Any]:
        """What begins one."""
        values = {
            "kind": VISIT.id,
            "resident": str(self.resident),
            "urgency": "ROUTINE",
            "problem_code": "I10",
            "problem": "原发性高血压",
            "to": str(self.site.county_hospital),
        }
        return values | more

    def sent(self, **more: Any) -> str:
        """A request that was sent; its id."""
        key: str = self.draft(**more)["id"]
        act(self.doctor, key, "submit")
        return key


def send(client: Client, path: str, body: Any, *, method: str = "post", key: str = "", **headers: str) -> Any:
    return getattr(client, method)(
        f"/api/requests{path}",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": key or str(uuid7()), **headers},
    )


def act(client: Client, key: str, what: str, **said: Any) -> dict[str, Any]:
    answer = send(client, f"/{key}/acts/{what}", said)
    assert answer.status_code == 200, answer.content
    turned: dict[str, Any] = answer.json()
    return turned


@pytest.fixture
def two(site, register, at_desk) -> Two:
    clients = [at_desk(Role.PRIMARY_DOCTOR), at_desk(Role.REFERRAL_OFFICE, "county_hospital")]
    for client in clients:
        client.raise_request_exception = False
    return Two(site, register("王小明"), *clients)


def test_every_act_of_people_has_an_address() -> None:
    assert set(get_args(ActWord)) == {row.act.value for row in TRANSITIONS if row.by is not By.PLATFORM}
    # The place goes away by itself; what is added afterwards has an address of its own.
    assert set(Act) - set(get_args(ActWord)) == {Act.LOSE_PLACE, Act.SUPPLEMENT}


def test_the_contract_shows_an_example_of_every_body_that_says_something() -> None:
    schemas = api.get_openapi_schema()["components"]["schemas"]
    bodies = set()
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method in methods.values():
            content = method.get("requestBody", {}).get("content", {}).get("application/json", {})
            if path.startswith(("/api/requests", "/api/referrals")) and content:
                bodies.add(content["schema"]["$ref"].rpartition("/")[2])
    said = {name for name in bodies if schemas[name].get("properties")}
    assert len(said) >= 10
    assert {name for name in said if not schemas[name].get("examples")} == set()


def test_the_whole_way_with_an_owner_and_a_time_at_every_step(two) -> None:
    begun = two.draft()
    assert begun["state"] == "DRAFT" and begun["due_at"] and len(begun["number"]) == 10
    key = begun["id"]
    way = [
        (two.doctor, "submit", "SUBMITTED", ("OFFICE", two.site.county_hospital)),
        (two.office, "accept", "ACCEPTED", ("OFFICE", two.site.county_hospital)),
        (two.office, "arrive", "ARRIVED", ("OFFICE", two.site.county_hospital)),
        (two.office, "take_in", "IN_CARE", ("PERSON", two.site.county_hospital)),
        (two.office, "report", "REPORTED", ("PERSON", two.site.township)),
    ]
    for client, what, state, (level, house) in way:
        assert what in client.get(f"/api/requests/{key}").json()["acts"]
        turned = act(client, key, what, content={"diagnosis": "高血压3级"} if what == "report" else None)
        assert (turned["state"], turned["owner"]["level"], turned["owner"]["institution"]) == (
            state,
            level,
            str(house),
        )
        assert turned["due_at"] > ledger.now().isoformat()[:19]
    shown = two.doctor.get(f"/api/requests/{key}")
    assert shown.json()["steps"][-1]["content"] == {"diagnosis": "高血压3级"}
    assert set(shown.json()["acts"]) == {"acknowledge", "die"}
    over = act(two.doctor, key, "acknowledge")
    assert (over["state"], over["owner"], over["due_at"]) == ("CLOSED", None, None)
    assert two.doctor.get(f"/api/requests/{key}").json()["acts"] == []


def test_lists_count_and_filter_and_show_no_more_than_a_masked_name(two) -> None:
    first = two.sent(urgency="URGENT")
    second = two.sent(problem_code="E11", problem="2型糖尿病")
    listed = two.office.get("/api/requests").json()
    assert [each["id"] for each in listed["items"]] == [first, second]  # the urgent one first
    assert listed["counts"] == {"open": 2, "SUBMITTED": 2, "overdue": 0, "unheard": 0}
    assert listed["items"][0]["person"]["name"] == "王*明"
    assert listed["items"][0]["owner"]["institution"] == str(two.site.county_hospital)
    ask = two.office.get
    assert [each["id"] for each in ask("/api/requests", {"urgency": "ROUTINE"}).json()["items"]] == [second]
    find = {"text": "wxm"}
    assert len(send(two.office, "/search", find).json()["items"]) == 2
    assert send(two.office, "/search", find | {"state": ["ACCEPTED"]}).json()["items"] == []
    problem(ask("/api/requests", find), 422)  # a name stands in no address
    paged = ask("/api/requests", {"per_page": 1}).json()
    assert paged["more"] and paged["items"][0]["id"] == first
    assert ask("/api/requests", {"per_page": 1, "page": 2}).json()["items"][0]["id"] == second
    number = listed["items"][1]["number"]
    assert [each["id"] for each in ask("/api/requests", {"number": number}).json()["items"]] == [second]
    assert len(two.doctor.get("/api/requests", {"box": "out"}).json()["items"]) == 2
    assert two.doctor.get("/api/requests").json()["items"] == []
    problem(ask("/api/requests", {"urgent": "1"}), 422)  # a misspelt filter answers with nothing at all
    problem(ask("/api/requests", {"state": "NOWHERE"}), 422)


def test_what_changed_meanwhile_is_told_and_not_written_over(two) -> None:
    begun = two.draft()
    path = f"/{begun['id']}"
    read_as = two.doctor.get(f"/api/requests{path}")["ETag"]
    assert read_as == '"1"'
    problem(send(two.doctor, path, {"problem": "甲"}, method="patch"), 428)
    kept = send(two.doctor, path, {"problem": "甲"}, method="patch", **{"If-Match": read_as})
    assert (kept.status_code, kept["ETag"]) == (200, '"2"')
    lost = send(two.doctor, path, {"problem": "乙"}, method="patch", **{"If-Match": read_as})
    problem(lost, 412)
    problem(send(two.doctor, f"{path}/acts/submit", {}, **{"If-Match": read_as}), 412)
    problem(send(two.doctor, f"{path}/acts/submit", {}, **{"If-Match": '"abc"'}), 412)
    assert two.doctor.get(f"/api/requests{path}").json()["problem"] == "甲"
    gone = send(two.doctor, f"{path}/acts/submit", {}, **{"If-Match": kept["ETag"]})
    assert (gone.json()["state"], gone["ETag"]) == ("SUBMITTED", '"3"')
    told = problem(send(two.doctor, path, {"problem": "丙"}, method="patch", **{"If-Match": "*"}), 409)
    assert told["code"] == "exchange.not_written_any_more"


def test_what_leads_nowhere_is_answered_with_what_may_be_done(two) -> None:
    key = two.sent()
    told = problem(send(two.office, f"/{key}/acts/report", {}), 409)
    assert (told["code"], told["acts"]) == (
        "exchange.not_in_this_state",
        two.office.get(f"/api/requests/{key}").json()["acts"],
    )
    problem(send(two.doctor, f"/{key}/acts/accept", {}), 403)
    problem(send(two.office, f"/{key}/acts/lose_place", {}), 422)
    problem(send(two.office, f"/{uuid4()}/acts/accept", {}), 404)
    problem(two.office.get(f"/api/requests/{uuid4()}"), 404)


def test_the_same_key_answers_the_same_and_another_body_is_refused(two) -> None:
    key = str(uuid7())
    first, again = (send(two.doctor, "", two.body(), key=key) for _ in range(2))
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    problem(send(two.doctor, "", two.body(problem="别的"), key=key), 422)
    step = str(uuid7())
    path = f"/{first.json()['id']}/acts/submit"
    one, two_ = (send(two.doctor, path, {}, key=step) for _ in range(2))
    assert one.json() == two_.json() and two_["ETag"] == one["ETag"]
    no_key = two.doctor.post("/api/requests", two.body(), content_type="application/json")
    problem(no_key, 428)


def test_a_place_is_held_while_writing_and_booked_on_sending(two, session) -> None:
    offered = session({Channel.REFERRAL: 1})
    slot = str(slot_of(offered))
    key = two.draft()["id"]
    held = send(two.doctor, f"/{key}/place", {"slot": slot})
    assert held.status_code == 201, held.content
    assert held.json()["held_until"] and held.json()["institution"] == str(two.site.county_hospital)
    other = two.draft(problem_code="E11", problem="2型糖尿病")["id"]
    told = problem(send(two.doctor, f"/{other}/place", {"slot": slot}), 409)
    assert told["alternatives"] == []
    assert act(two.doctor, key, "submit")["state"] == "SUBMITTED"
    assert act(two.office, key, "accept")["state"] == "SCHEDULED"  # the place was in hand
    shown = two.office.get(f"/api/requests/{key}").json()
    assert shown["booking"] == held.json()["id"] and shown["planned_at"] == held.json()["starts_at"]


def test_notices_come_and_are_seen(two) -> None:
    key = two.sent()
    box = two.office.get("/api/requests/inbox").json()
    assert [(each["request"], each["about"]) for each in box["items"]] == [(key, "submit")]
    assert box["unseen"] == 1
    assert send(two.office, f"/{key}/receive", {}).status_code == 200
    assert send(two.office, f"/{key}/receive", {}).status_code == 200
    assert two.office.get(f"/api/requests/{key}").json()["received_at"]
    problem(send(two.doctor, f"/{key}/receive", {}), 404)
    assert send(two.office, "/inbox/seen", {"request": key}).json() == {"seen": 1}
    assert two.office.get("/api/requests/inbox", {"unseen_only": True}).json() == {
        "items": [],
        "unseen": 0,
        "alerts": 0,
    }


def test_within_the_house_it_goes_to_somebody(two) -> None:
    key = two.sent()
    problem(send(two.office, f"/{key}/assign", {"account": str(uuid4())}), 422)
    problem(send(two.doctor, f"/{key}/assign", {}), 409)
    back = send(
        two.office, f"/{key}/assign", {}, **{"If-Match": two.office.get(f"/api/requests/{key}")["ETag"]}
    )
    assert back.status_code == 200
    problem(send(two.office, f"/{key}/assign", {}, **{"If-Match": '"1"'}), 412)


def test_documents_go_with_the_request_of_their_own_resident(two, at_desk) -> None:
    key = two.sent()

    def add(client: Client, **more: Any) -> Any:
        file = SimpleUploadedFile("x.pdf", more.pop("content", PDF), more.pop("claims", "application/pdf"))
        form = {"kind": "REPORT", "title": "心电图", "file": file} | more
        head = {"Idempotency-Key": str(uuid7())}
        return client.post(f"/api/requests/{key}/documents", form, headers=head)

    for client in (two.doctor, two.office):
        made = add(client)
        assert made.status_code == 201, made.content
        assert made.json()["request"] == key
    problem(add(two.doctor, claims="image/png"), 415)
    problem(add(two.doctor, content=b""), 422)
    problem(add(at_desk(Role.CLINICIAN, "stranger")), 404)
    by_reference = two.office.post(
        f"/api/requests/{key}/documents",
        {"kind": "IMAGE", "title": "CT", "reference": "urn:oid:1.2.3"},
        headers={"Idempotency-Key": str(uuid7())},
    )
    assert by_reference.status_code == 201


class _NeverRead:
    """A body of which nobody reads anything."""

    def read(self, *_: int) -> bytes:
        raise AssertionError("it was read")

    readline = read


def test_two_gigabytes_are_refused_unread(two) -> None:
    key = two.sent()
    answer = two.office.generic(
        "POST",
        f"/api/requests/{key}/documents",
        content_type="multipart/form-data; boundary=x",
        headers={"Idempotency-Key": str(uuid7())},
        **{"CONTENT_LENGTH": str(2 * 1024**3), "wsgi.input": _NeverRead()},
    )
    told = problem(answer, 413)
    assert "2048 MB" in told["detail"]


@pytest.mark.parametrize(
    ("more", "status", "at"),
    [
        ({"kind": "nothing"}, 422, "kind"),
        ({"problem_code": "高血压"}, 422, "problem_code"),
        ({"problem": "甲\x00"}, 422, "problem"),
        ({"problem": "甲" * 121}, 422, "problem"),
        ({"specialty": "3"}, 422, "specialty"),
        ({"urgency": "SOON"}, 422, "urgency"),
        ({"owner": "me"}, 422, "owner"),
        ({"from": str(uuid4())}, 422, "from"),
        ({"state": "ACCEPTED"}, 422, "state"),
        ({"payload": {"reason": "甲\x00"}}, 422, "payload.reason"),
        ({"payload": {"ground": "重"}}, 422, "payload.ground"),
        ({"payload": {"plan": {"next_visit_on": "soon"}}}, 422, "payload.plan.next_visit_on"),
        ({"payload": {"guidance": [{"words": "甲"}]}}, 422, "payload.guidance.0.due_on"),
        ({"payload": {"package": {"documents": ["x"]}}}, 422, "payload.package.documents.0"),
        ({"payload": {"much": "甲" * 50_000}}, 422, "payload"),
        ({"resident": str(uuid4())}, 403, "resident"),
    ],
)
def test_bad_input_is_told_where_it_stands_and_nothing_is_kept(two, more, status, at) -> None:
    told = problem(send(two.doctor, "", two.body(**more)), status)
    assert told["errors"][0]["at"] == at
    assert two.doctor.get("/api/requests", {"box": "mine"}).json()["items"] == []


@pytest.mark.parametrize(
    "raw",
    [
        '{"words": NaN}',
        '{"content": {"a": NaN}}',
        '{"content": {"a": "\\ud800"}}',
        '{"words": "\\ud800"}',
        '{"content": {"a": ' + "[" * 40 + "]" * 40 + "}}",
        '{"content": ' + '{"a":' * 5000 + "1" + "}" * 5001,
        "[]",
        "",
        '{"at": "2026-11-22T10:00:00"}',
        '{"content": {"a": 1e999}}',
    ],
)
def test_no_body_breaks_the_server(two, raw) -> None:
    key = two.sent()
    answer = two.office.generic(
        "POST",
        f"/api/requests/{key}/acts/accept",
        raw,
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid7())},
    )
    problem(answer, 400 if answer.status_code == 400 else 422)
    assert two.office.get(f"/api/requests/{key}").json()["state"] == "SUBMITTED"


def test_nobody_else_learns_that_it_is_there(two, at_desk) -> None:
    key = two.sent()
    stranger = at_desk(Role.REFERRAL_OFFICE, "stranger")
    stranger.raise_request_exception = False
    problem(stranger.get(f"/api/requests/{key}"), 404)
    problem(send(stranger, f"/{key}/acts/accept", {}), 404)
    problem(send(stranger, f"/{key}/receive", {}), 404)
    assert stranger.get("/api/requests").json()["items"] == []
    desk = at_desk(Role.REGISTRAR, "county_hospital")
    problem(desk.get("/api/requests"), 403)
