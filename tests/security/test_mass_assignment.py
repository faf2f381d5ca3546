"""S4: what a body or a form says beyond its fields counts for nothing."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest
from django.db import connection

from tiercare.api.root import api
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.queries.scoping import EVERYWHERE
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

from .matrix import Came, Row, rows
from .probing import came
from .world import CITY, FAR, Person, World, answer_to, taken_back

pytestmark = pytest.mark.security("S4")

# What an attacker would write beside the fields: whose, in which state, with which rights.
EXTRAS: dict[str, str] = {
    "id": "{nothing}",
    "status": "approved",
    "state": "APPROVED",
    "institution_id": "{far_hospital}",
    "institution": "{far_hospital}",
    "actor": "{account}",
    "account_id": "{account}",
    "resident_id": "{far_resident}",
    "owner": "{account}",
    "owner_id": "{account}",
    "role": "operator",
    "is_staff": "1",
    "is_superuser": "1",
    "is_active": "1",
    "synthetic": "1",
    "must_change_password": "",
    "keeps_file": "1",
    "known_at": "{far_hospital}",
    "master_id": "{far_resident}",
    "temporary": "1",
    "moved_out_at": "2020-01-01",
    "registered_at": "2020-01-01",
    "division_code": FAR,
    "region": "xinhui",
    "decided_by": "自己",
    "decided_by_division": FAR,
    "reviewed_by": "{account}",
    "recorded_by": "{account}",
    "given_by": "guardian",
    "granted_by": "{account}",
    "revoked_at": "2020-01-01",
    "withdrawn_at": "2020-01-01",
    "since": "2020-01-01",
    "review_due": "2020-01-01",
}
# Fields of that name that a form really has: asking for them is no attack.
OWN_FIELDS = {"accounts/new": {"role", "institution"}, "consents/<uuid:resident_id>": {"given_by"}}

_FIXED = (
    "residents_",
    "access_",
    "network_application",
    "network_agreement",
    "network_importbatch",
    "mandates_waiver",
)
# Secrets, random numbers and moments are others every time.
_VOLATILE = re.compile(
    r"(_at|since|until|due|period|session_data|_hash|sealed|blind|expire_date|password|digest|receipt|slug)$|^(at|number)$"
)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")

WRITES = [row for row in rows() if row.method != "GET" and row.needs not in ("anybody", "first step")]
API = [row for row in WRITES if row.is_api and not row.variant]
FORMS = [row for row in WRITES if not row.is_api]


def who_may(row: Row, world: World) -> Person:
    """Somebody who passes the check of rights there; where nobody of this world does, somebody who signed in: what a body
    may hold is judged before."""
    people = [each for each in world.people.values() if each.actor is not None]
    return next((each for each in people if row.allows(each)), people[0])


def has_body(row: Row) -> bool:
    """Whether the contract knows a JSON body for it."""
    path = api.get_openapi_schema()["paths"][f"/{row.address}"]
    return "application/json" in path[row.method.lower()].get("requestBody", {}).get("content", {})


@pytest.fixture(scope="module")
def with_a_body() -> list[Row]:
    found = [row for row in API if has_body(row)]
    assert len(found) >= 20
    return found


def test_a_body_of_the_api_holds_its_fields_and_no_other(world: World, with_a_body: list[Row]) -> None:
    wrong = []
    for row in with_a_body:
        person = who_may(row, world)
        for name in EXTRAS.keys() - row.send.keys():
            sent = row.body(world) | {name: EXTRAS[name].format(**world.ids)}
            with taken_back():
                answer = _sent_to_the_api(row, person, world, sent)
            told = json.loads(answer.content)
            if answer.status_code != 422 or name not in {each["at"] for each in told["errors"]}:
                wrong.append(f"{row.key} took {name}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_what_stands_beside_the_fields_of_a_nested_row_is_refused_too(world: World) -> None:
    row = next(each for each in API if each.key == "POST /api/network/registers")
    sent = row.body(world)
    sent["entries"][0] |= {"institution_id": world.ids["far_hospital"]}
    with taken_back():
        assert _sent_to_the_api(row, who_may(row, world), world, sent).status_code == 422


@pytest.mark.parametrize(
    "row", [row for row in API if row.address.count("{") and "send" in row.__dict__], ids=lambda row: row.key
)
def test_an_endpoint_without_a_body_reads_none(row: Row, world: World) -> None:
    if has_body(row):
        return
    person = who_may(row, world)
    plain, more = (_left_behind(world, row, person, sent) for sent in ({}, EXTRAS))
    assert plain == more


@pytest.mark.parametrize("row", FORMS, ids=lambda row: row.key)
def test_a_form_writes_the_same_with_and_without_them(row: Row, world: World) -> None:
    """The same form once as it is and once with everything beside: the rows afterwards are the same."""
    person = who_may(row, world)
    extras = {
        name: value.format(**world.ids)
        for name, value in EXTRAS.items()
        if name not in row.send and name not in OWN_FIELDS.get(row.address, ())
    }
    plain, before = _left_behind(world, row, person, row.body(world))
    more, after = _left_behind(world, row, person, row.body(world) | extras)
    assert (plain, sorted((before - after).elements())) == (more, sorted((after - before).elements()))


def _sent_to_the_api(row: Row, person: Person, world: World, sent: dict[str, Any]) -> Any:
    headers = {"Idempotency-Key": str(uuid7()), **row.headers}
    request = person.browser().generic(
        row.method, row.url(world), json.dumps(sent), content_type="application/json", headers=headers
    )
    return answer_to(request)


def _left_behind(world: World, row: Row, person: Person, sent: dict[str, Any]) -> tuple[Came, Counter[str]]:
    """How it was answered, and all rows of people, rights and papers afterwards; taken back."""
    with taken_back():
        by_page = not row.is_api
        answer = (
            answer_to(person.browser().post(row.url(world), sent))
            if by_page
            else _sent_to_the_api(row, person, world, sent)
        )
        everybody = [world.ids[name] for name in ("resident", "ward", "neighbour", "twin", "one", "two")]
        with scoped(Actor.system("test"), area=EVERYWHERE, persons=everybody), connection.cursor() as cursor:
            return came(answer, row), _all_rows(cursor, world)


def _all_rows(cursor: Any, world: World) -> Counter[str]:
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    tables = [name for (name,) in cursor.fetchall() if name.startswith(_FIXED) and name != "access_session"]
    known = {value for value in world.ids.values() if _UUID.fullmatch(value)}
    known |= {str(each.actor.account_id) for each in world.people.values() if each.actor}
    found: Counter[str] = Counter()
    for table in tables:
        cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t")
        for (told,) in cursor.fetchall():
            columns = {name: value for name, value in json.loads(told).items() if not _VOLATILE.search(name)}
            plain = _UUID.sub(
                lambda each: each[0] if each[0] in known else "new", json.dumps(columns, sort_keys=True)
            )
            found[f"{table} {plain}"] += 1
    return found


def test_the_comparison_would_notice_a_row_that_changed(world: World) -> None:
    """The tests above compare something: one field of one row is enough."""
    system, resident = Actor.system("test"), [world.ids["resident"]]
    with taken_back(), scoped(system, area=EVERYWHERE, persons=resident), connection.cursor() as cursor:
        before = _all_rows(cursor, world)
        cursor.execute("UPDATE residents_resident SET keeps_file = NOT keeps_file WHERE id = %s", resident)
        assert sum((_all_rows(cursor, world) - before).values()) == 1
    with taken_back(), scoped(system, area=CITY), connection.cursor() as cursor:
        before = _all_rows(cursor, world)
        cursor.execute("UPDATE access_account SET synthetic = true WHERE id = %s", [world.ids["account"]])
        assert sum((_all_rows(cursor, world) - before).values()) == 1
