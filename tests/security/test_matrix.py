"""Every endpoint as everybody: who passes (S1), what that leaves in the record (S13), what of a resident is seen (S14)."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from django.urls import URLPattern, URLResolver, get_resolver

from tiercare.api.root import api
from tiercare.apps.access.rights import Right, Role

from .matrix import ANYBODY, Came, Row, rows
from .probing import Cell, answers, asked_of, cell
from .world import RELATIONS, World

SNAPSHOT = Path(__file__).with_name("fields.yaml")
_ASKED: dict[str, list[Cell]] = {}

EVERY = pytest.mark.parametrize("row", rows(), ids=lambda row: row.key)
OF_PEOPLE = pytest.mark.parametrize("row", [row for row in rows() if row.personal], ids=lambda row: row.key)


def cells(row: Row, world: World) -> list[Cell]:
    """What everybody got from an endpoint; asked once."""
    if row.key not in _ASKED:
        _ASKED[row.key] = [cell(row, person, world) for person in asked_of(row, world)]
    return _ASKED[row.key]


# --- S1 --------------------------------------------------------------------------------------------------


@pytest.mark.security("S1")
@EVERY
def test_who_may_passes_and_nobody_else_learns_anything(row: Row, world: World) -> None:
    wrong = []
    for each in cells(row, world):
        expected = row.allows(each.person)
        right = each.came in row.ends if expected else each.came in (Came.REFUSED, Came.NOT_FOUND)
        if not right:
            wrong.append(
                f"{each.person.name}: {each.status} {each.came}, expected {'to pass' if expected else 'no'}"
            )
        if each.shown and not (expected and row.personal):
            wrong.append(f"{each.person.name}: shown {sorted(each.shown)}")
        if each.leaked:
            wrong.append(f"{each.person.name}: in headers {sorted(each.leaked)}")
    assert not wrong, "\n".join([row.key, *wrong])


def _pages(resolver: URLResolver, before: str = "") -> list[str]:
    found = []
    for each in resolver.url_patterns:
        address = before + str(each.pattern)
        if isinstance(each, URLPattern):
            found.append(address)
        elif not address.startswith("api/"):
            found += _pages(each, address)
    return found


@pytest.mark.security("S1")
def test_every_endpoint_has_a_row_and_every_row_an_endpoint() -> None:
    told = {(row.method, row.address) for row in rows()}
    served = {
        (method.upper(), path.lstrip("/"))
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method in methods
    } | {("GET", "api/openapi.json")}
    missing = [f"{method} /{path}" for method, path in sorted(served - told)]
    pages = {address for address in _pages(get_resolver()) if not address.startswith("api/")}
    missing += [f"/{address}" for address in sorted(pages - {address for _, address in told})]
    assert not missing, (
        f"no row in the matrix for {missing}: add one to tests/security/rows_people.py, rows_capacity.py, "
        "rows_network.py or rows_platform.py that says which right it needs and what it is about"
    )
    gone = sorted(
        f"{m} /{a}" for m, a in told if (m, a) not in served and (a not in pages or a.startswith("api/"))
    )
    assert not gone, f"the matrix names endpoints that are not served (any more): {gone}"


@pytest.mark.security("S1")
def test_what_has_no_row_is_not_answered(world: World) -> None:
    """A method that the matrix does not know answers nobody: so no way in is missing from it.

    The contract of the API answers any method the same: it is public, and nothing happens by asking for it.
    """
    by_address = defaultdict(list)
    for row in rows():
        by_address[row.address].append(row)
    wrong = []
    for address, of in by_address.items():
        able = next((each for each in world.people.values() if each.actor and of[0].allows(each)), None)
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - {row.method for row in of}:
            for person in filter(None, (world.people["anonymous"], able)):
                status = answers(of[0], method, person, world).status_code
                led_on = status in (301, 302) and person is able
                if led_on or status not in (301, 302, 401, 403, 404, 405):
                    wrong.append(f"{method} /{address} as {person.name}: {status}")
    assert [each for each in wrong if "/api/openapi.json" not in each] == []


@pytest.mark.security("S1")
def test_no_page_of_staff_opens_to_a_resident_be_it_about_themself(world: World) -> None:
    """They are sent to their own pages, or told no; the API answers them what is theirs."""
    own = {"sessions"}
    opened = [
        f"{row.key}: {each.status} {each.came}"
        for row in rows()
        if not row.is_api and not row.address.startswith("me") and row.needs != ANYBODY
        for each in cells(row, world)
        if each.person.role == Role.RESIDENT and row.address not in own
        if each.came is not Came.REFUSED or each.shown or each.readings
    ]
    assert opened == []


# --- S13 -------------------------------------------------------------------------------------------------


@pytest.mark.security("S13")
@OF_PEOPLE
def test_whatever_is_shown_or_refused_of_a_resident_is_recorded(row: Row, world: World) -> None:
    wrong = []
    for each in cells(row, world):
        wrong += [f"{each.person.name}: {what}" for what in _not_recorded(row, each)]
    assert not wrong, "\n".join([row.key, *wrong])


def _not_recorded(row: Row, found: Cell) -> list[str]:
    """What is wrong with the record that a request left."""
    passed, about_one = row.allows(found.person), row.of in ("resident", "ward")
    actor = found.person.actor
    wrong = []
    told_by_itself = {"birth_date"}  # the number that was typed says it
    if found.shown - told_by_itself and not any(each.result == "shown" for each in found.readings):
        wrong.append(f"shown {sorted(found.shown)} without a record")
    if not row.reads and any(each.result == "shown" for each in found.readings):
        wrong.append(f"recorded {found.readings[0].what} although nothing is to be shown")
    if row.reads and passed and about_one and not found.readings:
        wrong.append("no record")
    if row.reads and not passed and about_one and row.reaches_the_gate(found.person):
        refused = [each for each in found.readings if each.result == "refused"]
        wrong += [] if refused else ["the refusal is not recorded"]
    for each in found.readings:
        whole = actor is not None and (each.by, each.role) == (str(actor.account_id), actor.role)
        whole = whole and each.institution == str(actor.institution_id if actor else None)
        if not whole or not each.what or (each.result == "shown") is not bool(each.basis):
            wrong.append(f"recorded without who, for whom, what or why: {each}")
        if not passed and each.result == "shown" and each.basis != "self":
            wrong.append(f"recorded as shown although refused: {each}")
    if passed and row.reads and found.readings and row.reads not in {each.what for each in found.readings}:
        wrong.append(f"recorded as {sorted({each.what for each in found.readings})}, not {row.reads}")
    return wrong


# --- S14 -------------------------------------------------------------------------------------------------


@pytest.mark.security("S14")
@OF_PEOPLE
def test_each_role_sees_of_a_resident_what_was_reviewed(row: Row, world: World) -> None:
    reviewed = yaml.safe_load(SNAPSHOT.read_text(encoding="utf-8")).get(row.key, {})
    now = seen_by_role(cells(row, world))
    assert now == reviewed, (
        f"{row.key} shows something else of a resident than was reviewed. If that is meant, write into "
        f"tests/security/fields.yaml:\n{yaml.safe_dump({row.key: now}, allow_unicode=True)}"
    )
    # V14.2.6: numbers stand in the clear only after the recorded click, and in the file that is handed over.
    clear = {each.person.name for each in cells(row, world) if {"number", "phone"} & each.shown}
    assert not clear or row.reads in ("number", "move"), f"{row.key} shows numbers to {sorted(clear)}"


def seen_by_role(found: list[Cell]) -> dict[str, list[str]]:
    """Which fields whom: fields joined, then who sees just these; a role alone wherever it is."""
    grouped: dict[str, set[str]] = defaultdict(set)
    for each in found:
        if each.shown:
            grouped[", ".join(sorted(each.shown))].add(each.person.name)
    return {fields: _shortly(people) for fields, people in sorted(grouped.items())}


def _shortly(people: set[str]) -> list[str]:
    roles = {name.partition("@")[0] for name in people}
    anywhere = {role for role in roles if people >= {f"{role}@{relation}" for relation in RELATIONS}}
    return sorted({name for name in people if name.partition("@")[0] not in anywhere} | anywhere)


def test_a_right_of_residents_is_never_asked_for_without_a_record_or_a_reason() -> None:
    """Rows about one resident name what is recorded. The others answer with institutions, places and waiting lists, or do
    something for the ward and lead on to a page that is recorded; they say nothing of the ward."""
    silent = {row.key for row in rows() if row.of in ("resident", "ward") and not row.reads}
    assert silent == {
        "POST /me/of/<uuid:ward>/consents/find",
        "POST /api/capacity/stays",
        "GET /me/of/<uuid:ward>/teams",
        "GET /me/of/<uuid:ward>/bookings/new/<uuid:session_id>",
        "POST /me/of/<uuid:ward>/bookings/new/<uuid:session_id>",
        "POST /me/of/<uuid:ward>/bookings/<uuid:booking_id>/move",
        "POST /me/of/<uuid:ward>/bookings/<uuid:booking_id>/<str:act>",
        "GET /me/of/<uuid:ward>/waiting/new/<uuid:pool_id>",
        "POST /me/of/<uuid:ward>/waiting/new/<uuid:pool_id>",
        "POST /me/of/<uuid:ward>/waiting/<uuid:waiting_id>/<str:act>",
        "POST /me/of/<uuid:ward>/care/<uuid:request_id>/withdraw",
        "POST /api/care",
        "POST /api/records/{resident}/visits",
        "POST /api/records/{resident}/results",
        "POST /api/records/{resident}/documents",
        "POST /residents/<uuid:resident_id>/record/visit",
        "POST /residents/<uuid:resident_id>/record/document",
        "POST /residents/<uuid:resident_id>/record/contact",
    }
    assert {row.needs for row in rows() if row.reads} <= set(Right)
