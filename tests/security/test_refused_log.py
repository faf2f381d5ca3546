"""S27: who was refused what stands in the log, by ids and codes, and nothing of what was sent or of whom it was about."""

from __future__ import annotations

import logging
import re

import pytest
from django.conf import settings

from tiercare.apps.access.rules.rates import Rated
from tiercare.web.refused import LoggedRefusals

from .matrix import rows
from .probing import asked, planted
from .rows_people import WIDE
from .scraping import a_minutes_worth, posted
from .test_logs import FORGED, Lines, logged
from .world import NAME, NUMBER, PHONE, World, ask, taken_back

pytestmark = pytest.mark.security("S27")

LINE = re.compile(
    r"INFO tiercare\.refused status=(200|302|403|404|429) codes=([a-z_.,-]+) account=([0-9a-f-]{36}|-) role=([a-z_]+)"
    r" institution=([0-9a-f-]{36}|-) method=([A-Z]+) route=(\S+) request=([0-9a-f-]{36})"
)


def refusals(lines: list[str]) -> list[tuple[str, ...]]:
    """The lines of the log of refusals, taken apart; one that has another shape fails."""
    found = []
    for line in lines:
        if " tiercare.refused " in line:
            parts = LINE.fullmatch(line)
            assert parts is not None, line
            found.append(parts.groups())
    return found


@pytest.mark.parametrize(
    ("who", "method", "address", "code", "route"),
    [
        (
            "registrar@other",
            "get",
            "/residents/{resident}",
            "access.no_basis",
            "residents/<uuid:resident_id>",
        ),
        (
            "registrar@other",
            "post",
            "/residents/{resident}/reveal",
            "access.no_basis",
            "residents/<uuid:resident_id>/reveal",
        ),
        ("auditor@own", "get", "/residents", "access.not_your_right", "residents"),
        (
            "clinician@own",
            "post",
            "/consents/{resident}/move",
            "access.not_your_right",
            "consents/<uuid:resident_id>/move",
        ),
        ("commission@own", "get", "/me/readings", "access.not_your_right", "me/readings"),
        ("resident@own", "get", "/me/of/{neighbour}", "access.no_basis", "me/of/<uuid:ward>"),
        (
            "registrar@other",
            "get",
            "/api/residents/{resident}",
            "access.no_basis",
            "api/residents/<uuidstr:key>",
        ),
        (
            "resident@own",
            "get",
            "/residents/{resident}",
            "access.not_for_residents",
            "residents/<uuid:resident_id>",
        ),
        ("auditor@own", "get", "/reviews/{nothing}", None, "reviews/<uuid:glass_id>"),
    ],
)
def test_one_line_says_who_as_what_for_which_place_and_why(
    world: World, who: str, method: str, address: str, code: str | None, route: str
) -> None:
    person = world.people[who]
    assert person.actor is not None
    with taken_back(), logged() as lines:
        answer = ask(person, method, address.format(**world.ids) + "?q=" + NUMBER)
    ((status, codes, account, role, institution, asked_by, name, _request),) = refusals(lines)
    assert (status, asked_by) == (str(answer.status_code), method.upper())
    assert (account, role) == (str(person.actor.account_id), person.role)
    assert institution == str(person.actor.institution_id or "-")
    assert code is None or code in codes.split(",")
    assert name == f"/{route}"


def test_whatever_is_refused_of_everything_is_logged_once_and_tells_nothing(world: World) -> None:
    """Every endpoint, as four people who may not: one line for each 403, 404 and 429, and each resident sent away."""
    wrong = []
    for row in rows():
        for name in ("registrar@other", "insurance@own", "resident@other", "unassigned"):
            with taken_back(), logged() as lines:
                answer = asked(row, world.people[name], world)
            found, status = refusals(lines), answer.status_code
            sent_away = answer.get("Location") == "/me" and not row.address.startswith("me")
            if len(found) != (status in (403, 404, 429) or sent_away):
                wrong.append(f"{row.key} as {name}: {status}, {found}")
            told = "\n".join(line for line in lines if " tiercare.refused " in line)
            if planted(told, world) or WIDE in told or world.ids["resident"] in told:
                wrong.append(f"{row.key} as {name}: {told}")
    assert wrong == []


def test_nothing_that_is_sent_gets_into_the_line(world: World) -> None:
    sent = {"destination": f"{NAME}{FORGED}", "evidence": f"{NUMBER}{FORGED}"}
    headers = {"User-Agent": f"{PHONE}{FORGED}", "Referer": f"http://x/{NUMBER}"}
    address = f"/consents/{world.ids['resident']}/move?{NUMBER}"
    with taken_back(), logged() as lines:
        ask(world.people["clinician@own"], "post", address, data=sent, headers=headers)
    assert len(refusals(lines)) == 1


def test_a_limit_that_was_reached_is_logged(world: World) -> None:
    sent = {"number": NUMBER}
    with taken_back(), logged() as lines:
        for _ in range(a_minutes_worth(Rated.RESIDENT_LOOKUP) * 2):
            if posted(world, "clinician@other", "/api/residents/find", sent).status_code == 429:
                break
    ((status, codes, account, *_rest),) = refusals(lines)
    assert (status, codes) == ("429", "access.too_often")
    assert account == str(world.actor("clinician@other").account_id)


def test_an_address_that_leads_nowhere_is_nobodys_refusal(world: World) -> None:
    with taken_back(), logged() as lines:
        assert ask(world.people["registrar@own"], "get", f"/nothing/{NUMBER}").status_code == 404
    assert refusals(lines) == []


def test_the_settings_let_the_line_through() -> None:
    """At the level of the console nothing below a warning comes out, but for this logger."""
    assert settings.LOGGING["loggers"]["tiercare.refused"] == {"level": "INFO"}
    assert logging.getLogger("tiercare.refused").isEnabledFor(logging.INFO)
    assert f"{LoggedRefusals.__module__}.{LoggedRefusals.__name__}" in settings.MIDDLEWARE
    lines = Lines()
    assert lines.level <= logging.INFO
