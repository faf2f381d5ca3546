"""S18: walking through numbers, cards and ids gets nobody far, and tells nothing on the way."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from tiercare.apps.access import queries as access
from tiercare.apps.access.rules.rates import Rated

from .matrix import Row, rows
from .probing import planted
from .rows_people import WIDE
from .scraping import a_minutes_worth, posted
from .world import World, answer_to, ask, taken_back

pytestmark = pytest.mark.security("S18")


@pytest.fixture(autouse=True)
def within_one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the limits stands still: a test must not run over the end of a window."""
    now = datetime.now(UTC)
    monkeypatch.setattr(access, "wall_clock", lambda: now)


_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}|[A-Za-z0-9]{64}")


@pytest.mark.parametrize(
    ("what", "address", "sent"),
    [
        (Rated.RESIDENT_LOOKUP, "/api/residents/find", {"number": "340223199901010011"}),
        (Rated.CARD_SCAN, "/api/cards/scan", {"text": "1234567890123456"}),
    ],
)
def test_whoever_walks_through_numbers_is_told_to_wait(
    world: World, what: Rated, address: str, sent: dict[str, str]
) -> None:
    """Looking in vain counts like finding, and the answer says for how long (V2.4.1)."""
    with taken_back():
        statuses = [
            posted(world, "registrar@own", address, sent).status_code for _ in range(a_minutes_worth(what))
        ]
        assert 429 not in statuses
        refused = posted(world, "registrar@own", address, sent)
        assert refused.status_code == 429
        assert 0 < int(refused["Retry-After"]) <= 3600
        assert posted(world, "registrar@sister", address, sent).status_code == statuses[0], "others go on"


def test_registering_is_no_way_around_the_limit_of_looking_up(world: World) -> None:
    """A number that is somebody's shows the bearer, masked; that is a look-up and counts as one."""
    sent = {"number": WIDE, "name": "甘慕篮", "birth_date": "1968-05-17", "division": "340223"}
    with taken_back():
        for _ in range(a_minutes_worth(Rated.RESIDENT_LOOKUP)):
            told = posted(world, "registrar@other", "/api/residents", sent)
            assert told.status_code == 409
        refused = posted(world, "registrar@other", "/api/residents", sent)
        assert refused.status_code == 429 and int(refused["Retry-After"]) > 0
        assert planted(refused.content.decode(), world) == frozenset()


def test_the_pages_of_the_desk_are_limited_alike(world: World) -> None:
    with taken_back():
        for _ in range(a_minutes_worth(Rated.RESIDENT_LOOKUP)):
            answer = ask(world.people["clinician@other"], "post", "/residents/search", data={"q": WIDE})
            assert planted(answer.content.decode(), world)
        answer = ask(world.people["clinician@other"], "post", "/residents/search", data={"q": WIDE})
        assert planted(answer.content.decode(), world) == frozenset()
        assert "超过了平台的限度" in answer.content.decode()


def test_a_card_that_does_not_exist_is_answered_like_one_of_nobodys(world: World) -> None:
    """Sixteen digits that are none, and a token of another key: nothing tells how near one came."""
    with taken_back():
        one, two = (
            posted(world, "registrar@other", "/api/cards/scan", {"text": number})
            for number in ("8000000000000009", "1234567890123456")
        )
    assert one.status_code == two.status_code and one.status_code in (404, 422)


ABOUT_ONE = [row for row in rows() if row.of == "resident" and row.method == "GET"]


@pytest.mark.parametrize("row", ABOUT_ONE, ids=lambda row: row.key)
def test_who_has_no_ground_cannot_tell_whether_there_is_such_a_person(row: Row, world: World) -> None:
    """The same answer, word for word, for a resident and for an id of nobody's."""
    for name in ("registrar@other", "clinician@sister", "resident@other"):
        person = world.people[name]
        if row.allows(person):
            continue
        there, nowhere = (
            _told(row, person.name, world, ids)
            for ids in (world.ids, world.ids | {"resident": world.ids["nothing"]})
        )
        assert there == nowhere, name


def _told(row: Row, name: str, world: World, ids: dict[str, str]) -> tuple[int, str]:
    with taken_back():
        address = row.url(World(world.people, ids))
        answer = answer_to(world.people[name].browser().get(address))
        return answer.status_code, _UUID.sub("*", answer.content.decode())
