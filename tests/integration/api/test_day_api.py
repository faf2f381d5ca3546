"""The day through the API: sessions, the queue with its reasons, calling, walking in, and the waits."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from tests.integration.capacity.conftest import (
    hospital,
    later,
    session,
    slot_of,
    synthetic_clock,
    to_the_day,
)
from tests.integration.residents.conftest import given, register, site

from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import allow_extra, book, turn
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.kernel.ids import uuid7

from ..web.capacity_desk import acting_at

__all__ = ["acting_at", "given", "hospital", "register", "session", "site", "synthetic_clock"]  # fixtures

OPEN = Channel.OPEN
Post = Callable[..., tuple[int, dict[str, object]]]


@pytest.fixture
def desk(acting_at):
    """The registrar of the county hospital."""
    return acting_at(Role.REGISTRAR)


@pytest.fixture
def post(desk) -> Post:
    def run(path: str, body: dict[str, object] | None = None, key: str = "") -> tuple[int, dict[str, object]]:
        answer = desk.post(
            f"/api/capacity{path}",
            json.dumps(body or {}),
            content_type="application/json",
            headers={"Idempotency-Key": key or str(uuid7())},
        )
        return answer.status_code, json.loads(answer.content)

    return run


@pytest.fixture
def today(hospital, session, register):
    """A session of today and two who are booked, the second of them there."""
    at = session({OPEN: 9}, walk_ins=1)
    keys = [
        book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register(name)).booking_id
        for name in ("王小明", "李小红")
    ]
    to_the_day(at)
    turn(hospital.desk, booking_id=keys[1], act=Act.ARRIVE)
    return at, keys


def test_the_day_and_the_queue_say_who_stands_where_and_why(desk, hospital, today) -> None:
    at, keys = today
    found = desk.get("/api/capacity/sessions", {"day": ledger.today()}).json()["items"]
    assert [(each["id"], each["expected"], each["arrived"]) for each in found] == [(str(at), 1, 1)]
    queue = desk.get(f"/api/capacity/sessions/{at}/queue").json()
    assert [each["booking"] for each in queue["items"]] == [str(keys[1]), str(keys[0])]
    assert queue["clause"] == "WH-31" and queue["order"][0] == "acute_critical"
    first = queue["items"][0]
    assert first["present"] and first["precedence"] == "other" and "已到院" in first["reason"]
    read = Event.objects.filter(kind="access.record_read", institution_id=hospital.id).latest("sequence")
    assert len(read.payload["residents"]) == 2


def test_calling_is_done_once_for_each_key(post: Post, today) -> None:
    at, keys = today
    key = str(uuid7())
    assert post(f"/sessions/{at}/call", key=key) == (200, {"booking": str(keys[1])})
    assert post(f"/sessions/{at}/call", key=key) == (200, {"booking": str(keys[1])})
    status, problem = post(f"/sessions/{at}/call")
    assert (status, problem["code"]) == (409, "capacity.nobody_to_call")
    assert post(f"/queue/{keys[1]}/call")[0] == 200
    assert post(f"/queue/{keys[0]}/call")[1]["code"] == "capacity.not_there_to_call"
    assert Event.objects.filter(kind="capacity.called").count() == 2


def test_walking_in_and_beyond_the_offer(post: Post, hospital, today, register) -> None:
    at, _ = today
    guest, more = (register(name, actor=hospital.desk) for name in ("周小兵", "吴小燕"))
    status, taken = post(f"/sessions/{at}/walk-ins", {"resident": str(guest)})
    assert (status, taken["drawn"]) == (201, "WALK_IN")
    status, problem = post(f"/sessions/{at}/walk-ins", {"resident": str(more)})
    assert status == 409 and problem["alternatives"] is not None
    slot = str(slot_of(at))
    assert post("/overbookings", {"resident": str(more), "slot": slot})[0] == 409
    allow_extra(hospital.office, session_id=at, channel=Channel.OVERBOOK, units=1, reason="示例")
    assert post("/overbookings", {"resident": str(more), "slot": slot})[0] == 201


def test_the_waits_are_told_in_seconds(desk, hospital, today) -> None:
    at, keys = today
    later(minutes=25)
    turn(hospital.desk, booking_id=keys[1], act=Act.ATTEND)
    asked = {"first": ledger.today(), "last": ledger.today(), "session": at}
    assert desk.get("/api/capacity/waits", asked).json() == {
        "signed": {"people": 0, "seconds": None},
        "others": {"people": 1, "seconds": 1500.0},
    }
