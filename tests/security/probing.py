"""Asking one endpoint as everybody: what came back, what of the resident stood in it, what was recorded."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from django.db import connection

from tiercare.apps.access.rights import Right
from tiercare.kernel.ids import uuid7

from .matrix import Came, Row
from .world import (
    ADDRESS,
    GUARDIAN_PHONE,
    MASKED_NAME,
    MASKED_NUMBER,
    MASKED_PHONE,
    NAME,
    NUMBER,
    OTHER,
    OWN,
    PHONE,
    Person,
    World,
    answer_to,
    taken_back,
)

_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
# Where somebody is sent who may not pass.
_DOORS = {"/sign-in", "/me/sign-in", "/role", "/password", "/second-factor", "/confirm"}
_RESIDENTS = "/me"
_READINGS = """
SELECT payload ->> 'what', payload ->> 'basis', payload ->> 'result', actor_id, actor_role, institution_id,
       payload -> 'residents'
FROM ledger_event WHERE kind = 'access.record_read' AND sequence > %s ORDER BY sequence
"""


@dataclass(frozen=True)
class Reading:
    """A reading of the resident that the request left."""

    what: str
    basis: str
    result: str
    by: str
    role: str
    institution: str
    residents: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """One person's answer from one endpoint. ``shown`` are the planted things in it; ``leaked`` those in its headers."""

    person: Person
    status: int
    came: Came
    shown: frozenset[str]
    leaked: frozenset[str]
    readings: tuple[Reading, ...]


def asked_of(row: Row, world: World) -> Iterator[Person]:
    """Who asks: everybody of everywhere who has the right; whoever has not from the nearest place and the farthest.

    Each role asks once where no right is asked for, or nothing personal is held and no place decides.
    """
    placed = row.needs in set(Right) and (row.personal or row.of)
    for person in world.people.values():
        if row.asked_by and person.name not in row.asked_by:
            continue
        has_it = row.needs_place(person)
        if (
            person.relation in ("", OWN)
            or (placed and has_it)
            or (placed and row.personal and person.relation == OTHER)
        ):
            yield person


def cell(row: Row, person: Person, world: World) -> Cell:
    """Ask once; whatever it wrote is taken back."""
    with taken_back(), connection.cursor() as cursor:
        answer = asked(row, person, world)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        cursor.execute(_READINGS, [int(world.ids["last_event"])])
        readings = tuple(_reading(found) for found in cursor.fetchall())
    about = {world.ids[each] for each in ("resident", "twin", "ward", "neighbour")}
    return Cell(
        person=person,
        status=answer.status_code,
        came=came(answer, row),
        shown=planted(body.decode("utf-8", "replace"), world),
        leaked=planted(f"{answer.headers} {answer.cookies}", world),
        readings=tuple(each for each in readings if about & set(each.residents)),
    )


def asked(row: Row, person: Person, world: World) -> Any:
    """The answer to one request."""
    browser, sent, address = person.browser(), row.body(world), row.url(world)
    headers = {"Idempotency-Key": str(uuid7()), **row.headers}
    if row.method == "GET":
        return answer_to(browser.get(address, headers=headers))
    if row.is_api and "file" not in sent:
        told = json.dumps(sent)
        return answer_to(
            browser.generic(row.method, address, told, content_type="application/json", headers=headers)
        )
    return answer_to(browser.post(address, sent, headers=headers))


def answers(row: Row, method: str, person: Person, world: World) -> Any:
    """What comes of another method at the row's address."""
    with taken_back():
        sent = person.browser().generic(method, row.url(world), b"{}", content_type="application/json")
        return answer_to(sent)


def came(answer: Any, row: Row) -> Came:
    """Which class an answer is of: whether the check of rights was passed, not whether the form was right.

    A resident who opens any other page is sent to their own, which refuses it; among their own that is only the way.
    """
    if answer.status_code >= 500:
        return Came.BROKEN
    if answer.status_code == 404:
        return Came.NOT_FOUND
    if answer.status_code in (401, 403):
        return Came.REFUSED
    to = answer.headers.get("Location") or answer.headers.get("HX-Redirect")
    doors = _DOORS if row.address.startswith("me") else _DOORS | {_RESIDENTS}
    return Came.REFUSED if to and urlsplit(to).path in doors else Came.PASSED


def planted(text: str, world: World) -> frozenset[str]:
    """Which of the planted things stand in ``text``, in whatever spelling a page, an address or JSON gives them."""
    plain = unquote(html.unescape(text))
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), plain)
    run_together = plain.replace(" ", "").replace("\u2009", "")
    wanted = {
        "name": NAME,
        "number": NUMBER,
        "phone": PHONE,
        "address": ADDRESS,
        "birth_date": "1968-05-17",
        "card": world.ids["card_number"],
        "guardian_phone": GUARDIAN_PHONE,
        "masked_name": MASKED_NAME,
        "masked_number": MASKED_NUMBER,
        "masked_phone": MASKED_PHONE,
    }
    return frozenset(what for what, spelt in wanted.items() if spelt in run_together)


def _reading(row: tuple[Any, ...]) -> Reading:
    what, basis, result, by, role, institution, residents = row
    told = json.loads(residents) if isinstance(residents, str) else residents
    return Reading(what, basis, result, str(by), role, str(institution), tuple(told or ()))
