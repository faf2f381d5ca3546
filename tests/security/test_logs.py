"""S27: nothing of a person and nothing that was sent stands in logs, and no line of a log can be forged."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import RequestFactory

from tiercare.api import problems
from tiercare.apps.access.queries import visitor
from tiercare.apps.ledger.models import Event
from tiercare.kernel.ids import uuid7

from .matrix import rows
from .probing import asked, planted
from .rows_people import WIDE
from .world import ADDRESS, NAME, NUMBER, PHONE, World, ask, taken_back

pytestmark = pytest.mark.security("S27")

# A second line that looks like one of ours, and what would paint the terminal of whoever reads it.
FORGED = "\n2026-11-22 10:00:00 WARNING tiercare.api all is well\r\x1b[31mred\x1b[0m\u2028"
CANARIES = (NAME, NUMBER, WIDE, PHONE, ADDRESS)


class Lines(logging.Handler):
    """Every record as the console would get it; statements of the database are logged nowhere in service."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line, with its traceback."""
        if not record.name.startswith("django.db.backends"):
            self.found.append(logging.Formatter("%(levelname)s %(name)s %(message)s").format(record))


@contextmanager
def logged() -> Iterator[list[str]]:
    """All lines at the most talkative setting."""
    root, lines = logging.getLogger(), Lines()
    level = root.level
    root.addHandler(lines)
    root.setLevel(logging.DEBUG)
    try:
        yield lines.found
    finally:
        root.removeHandler(lines)
        root.setLevel(level)


@pytest.mark.security("S14")
def test_no_request_about_a_resident_leaves_anything_of_them_in_a_log(world: World) -> None:
    people = [world.people[name] for name in ("registrar@own", "resident@own")]
    with logged() as lines:
        for row in rows():
            if row.personal:
                for person in people:
                    with taken_back():
                        asked(row, person, world)
    told = "\n".join(lines)
    assert lines, "nothing was logged: the test hears nothing"
    assert planted(told, world) == frozenset()
    assert WIDE not in told


HOSTILE: dict[str, Any] = {
    "q": f"{NUMBER}{FORGED}",
    "number": f"{NUMBER}{FORGED}",
    "name": f"{NAME}{FORGED}",
    "phone": f"{PHONE}{FORGED}",
    "address": f"{ADDRESS}{FORGED}",
    "username": f"{NAME}{FORGED}",
    "password": f"{NUMBER}{FORGED}",
    "text": f"{NUMBER}{FORGED}",
    "reason": FORGED,
    "explanation": f"{NAME}{FORGED}",
    "card": f"{NUMBER}{FORGED}",
    "identity_kind": FORGED,
    "version": FORGED,
}
FORMS = (
    "/residents/search",
    "/residents/new",
    "/residents/new/check",
    "/cards/read",
    "/cards/lost",
    "/sign-in",
    "/me/sign-in",
)


@pytest.mark.parametrize("address", FORMS)
def test_no_form_writes_a_line_of_its_own_into_a_log(world: World, address: str) -> None:
    person = world.people["anonymous" if "sign-in" in address else "registrar@own"]
    headers = {
        "X-Forwarded-For": f"10.0.0.1{FORGED}",
        "User-Agent": f"{NAME}{FORGED}",
        "Referer": f"http://x/{NUMBER}",
    }
    with taken_back(), logged() as lines:
        before = Event.objects.count()
        answer = ask(person, "post", address, data=HOSTILE, headers=headers)
        events = Event.objects.order_by("-sequence")[: Event.objects.count() - before]
        told = [
            str(value) for event in events for value in (event.payload, event.actor_name, event.subject_type)
        ]
    assert answer.status_code < 500
    assert not [line for line in lines for each in CANARIES if each in line]
    assert not [line for line in lines if _forged(line)]
    assert not [each for each in told for canary in CANARIES if canary in each]
    assert not [each for each in told if _forged(each)]


@pytest.mark.parametrize(
    "address",
    [
        "/residents/%0aERROR%20tiercare.api%20forged",
        "/nothing/here%0d%0aWARNING%20forged",
        "/clauses/%1b[31mWH-27%0aforged",
        "/api/network/registers/%0aERROR%20forged?region=wuhu",
        "/api/nothing/%1b[2J%0aforged",
        "/rules/wuhu/%0a%e2%80%a8forged",
    ],
)
def test_no_address_writes_a_line_of_its_own_into_a_log(world: World, address: str) -> None:
    with taken_back(), logged() as lines:
        assert ask(world.people["registrar@own"], "get", address).status_code in (404, 422)
    assert lines, "an address that leads nowhere is logged"
    assert not [line for line in lines if _forged(line)]


def test_a_failure_of_ours_is_logged_in_one_line_before_its_traceback() -> None:
    request = RequestFactory().get("/api/x%0aERROR%20tiercare.api%20forged%1b[31m")
    vars(request)["actor"] = visitor(channel="api", request_id=uuid7())
    with logged() as lines:
        problems._broken(request, RuntimeError("planted"))
    (line,) = lines
    assert "\x1b" not in line and "\nERROR" not in line
    assert line.splitlines()[0].endswith(str(request.actor.request_id))


def test_error_pages_repeat_nothing(world: World) -> None:
    desk = world.people["registrar@own"]
    for answer in (
        ask(desk, "get", f"/nothing/{NUMBER}"),
        ask(desk, "get", "/residents", headers={"Host": f"{PHONE}.example"}),
        ask(
            desk,
            "post",
            "/api/residents/find",
            data=f'{{"number": "{NUMBER}"',
            content_type="application/json",
        ),
        ask(
            desk,
            "post",
            "/api/residents/find",
            data=f'{{"nummer": "{NUMBER}"}}',
            content_type="application/json",
        ),
    ):
        assert answer.status_code >= 400
        assert planted(answer.content.decode(), world) == frozenset()


def _forged(line: str) -> bool:
    """Whether what was sent stands in the line unescaped. A traceback has lines of its own; ours are not in it."""
    return (
        "\x1b" in line
        or "\u2028" in line
        or "\r" in line
        or "\nERROR" in line
        or "\nWARNING" in line
        or "all is well" in line
    )
