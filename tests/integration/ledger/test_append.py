import json
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tiercare.apps.ledger import commands, handlers, queries, sql
from tiercare.apps.ledger.chain import FIELDS, canonical
from tiercare.apps.ledger.events import EventPayload, encode
from tiercare.apps.ledger.models import Delivery, Event, Unsealed
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

_TABLES = commands.APPEND_ONLY
_COLUMN = {"ledger_seal": "hash = hash", "ledger_reading": "at = at"}
_CHANGES = ("UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE")


@dataclass(frozen=True, slots=True)
class Anything(EventPayload):
    KIND: ClassVar[str] = "test.anything"
    value: object


def _append(actor, value: object = None) -> Event:
    return commands.append(actor, Anything(value), subject_type="test.subject", subject_id=uuid7())


@pytest.mark.django_db
def test_an_event_says_who_what_whom_and_on_which_clause(notes) -> None:
    subject, institution = uuid7(), uuid7()
    given_back = commands.append(
        notes.actor,
        Anything("芜湖"),
        subject_type="network.institution",
        subject_id=subject,
        institution_id=institution,
        division_code="340207",
        clauses=("WH-07",),
    )
    event = Event.objects.get()
    for field in Event._meta.concrete_fields:
        assert getattr(event, field.attname) == getattr(given_back, field.attname)
    assert event.actor_id == notes.actor.account_id
    assert (event.actor_name, event.actor_role, event.channel) == ("张医生", "doctor", "web")
    assert (event.kind, event.version, event.payload) == ("test.anything", 1, {"value": "芜湖"})
    assert (event.subject_id, event.institution_id, event.clauses) == (subject, institution, ["WH-07"])
    assert event.at == queries.now()
    assert Unsealed.objects.get().event_id == event.id


def test_an_event_needs_the_transaction_of_its_change(owner, notes) -> None:
    with pytest.raises(RuntimeError, match="needs the transaction"):
        _append(notes.actor)
    assert not Event.objects.exists()


def test_a_rollback_leaves_neither_event_nor_delivery(owner, notes, registry) -> None:
    handlers.subscribe("test.noted", "first", lambda event: None)
    with pytest.raises(KeyError), transaction.atomic():
        notes.append(1)
        assert Delivery.objects.count() == 1
        raise KeyError
    assert not Event.objects.exists()
    assert not Delivery.objects.exists()
    assert not Unsealed.objects.exists()


@pytest.mark.django_db
def test_every_subscribed_handler_gets_its_delivery(notes, registry) -> None:
    handlers.subscribe("test.noted", "first", lambda event: None)
    handlers.subscribe("test.noted", "second", repr)
    handlers.subscribe("test.other", "third", str)
    event = notes.append(1)
    found = Delivery.objects.values_list("event_id", "handler", "state", "subject_id", "sequence")
    assert set(found) == {
        (event.id, name, "PENDING", event.subject_id, event.sequence) for name in ("first", "second")
    }


@pytest.mark.django_db
@pytest.mark.parametrize("table", _TABLES)
@pytest.mark.parametrize("change", _CHANGES)
def test_the_application_role_cannot_change_the_ledger(table: str, change: str) -> None:
    statement = change.format(table).replace("id = id", _COLUMN.get(table, "id = id"))
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.parametrize("table", _TABLES)
@pytest.mark.parametrize("change", _CHANGES)
def test_the_trigger_stops_the_owner_too(owner, table: str, change: str) -> None:
    statement = change.format(table).replace("id = id", _COLUMN.get(table, "id = id"))
    with pytest.raises(IntegrityError, match="append-only"), owner.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement", ["CREATE TABLE mine ()", "ALTER TABLE ledger_event DISABLE TRIGGER ALL"]
)
def test_the_application_role_cannot_change_tables(statement: str) -> None:
    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "table",
    ["ledger_event", "ledger_unsealed", "ledger_reading", "ledger_seal", "ledger_delivery"],
)
def test_the_application_role_adds_to_the_ledger_through_functions_only(table: str) -> None:
    with pytest.raises(DatabaseError, match=f"permission denied for table {table}"), transaction.atomic():
        connection.cursor().execute(f"INSERT INTO {table} DEFAULT VALUES")


@pytest.mark.django_db
def test_the_application_role_cannot_hide_what_waits() -> None:
    for statement in ("DELETE FROM ledger_unsealed", "DELETE FROM ledger_delivery"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)


@pytest.mark.django_db
def test_the_functions_are_for_the_serving_role_alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, prosecdef, array_to_string(proacl, ' ') ~ '(^| )=', proconfig FROM pg_proc"
            " WHERE proname IN ('ledger_append', 'ledger_seal_batch') ORDER BY proname"
        )
        path = ["search_path=pg_catalog, public, pg_temp"]
        assert cursor.fetchall() == [
            ("ledger_append", True, False, path),
            ("ledger_seal_batch", True, False, path),
        ]


def test_nobody_chooses_an_events_number(owner, notes) -> None:
    event = notes.append(1)
    event.pk, event.sequence = uuid7(), 10**9
    with pytest.raises(DatabaseError, match="non-DEFAULT value"), transaction.atomic(using="owner"):
        event.save(force_insert=True, using="owner")


@pytest.mark.parametrize("role", ["no_such_role", "owner"])
def test_only_a_plain_role_may_serve(owner, role: str) -> None:
    name = owner.settings_dict["USER"] if role == "owner" else role
    with pytest.raises(Refused) as refused:
        commands.grant_serving_role(role=name)
    assert refused.value.refusals[0].code == "ledger.unfit_serving_role"


def test_higher_apps_name_append_only_tables_of_their_own(owner) -> None:
    role = connection.settings_dict["USER"]

    def may(right: str) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT has_table_privilege('ledger_delivery', %s)", [right])
            return cursor.fetchone()[0]

    commands.grant_serving_role(role=role, append_only=("ledger_delivery",))
    assert [may(right) for right in ("SELECT", "INSERT", "UPDATE", "DELETE")] == [True, False, False, False]
    commands.grant_serving_role(role=role)
    assert may("UPDATE")
    assert not may("INSERT")


_numbers = st.integers() | st.decimals(allow_nan=False, allow_infinity=False, places=3)
_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
_values = st.recursive(
    st.none() | st.booleans() | _numbers | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.django_db
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(value=_values)
def test_what_is_hashed_survives_the_database(notes, value: object) -> None:
    """jsonb stores keys in its own order and numbers in its own form; the canonical form must not see it."""
    event = _append(notes.actor, value)
    with connection.cursor() as cursor:
        cursor.execute(sql.UNSEALED, {"limit": 10**6})
        (row,) = (row for row in cursor.fetchall() if row[0] == str(event.id))
    local = list(row)
    local[FIELDS.index("payload")] = json.dumps(encode(Anything(value)))
    assert canonical(row) == canonical(local)


@pytest.mark.django_db
def test_the_audit_list_filters_and_pages(notes) -> None:
    subject = uuid7()
    kept = [notes.append(number, subject) for number in range(5)]
    other = _append(notes.actor)
    newest_first = [event.id for event in reversed(kept)]
    first = queries.events(subject_id=subject, limit=3)
    second = queries.events(subject_id=subject, before=first[-1].sequence, limit=3)
    assert [event.id for event in (*first, *second)] == newest_first
    assert [event.id for event in queries.events(kind="test.anything")] == [other.id]
    assert len(queries.events(kind="test.")) == len(queries.events(actor_id=notes.actor.account_id)) == 6
    assert queries.events(actor_id=uuid7()) == []
    now = queries.now()
    assert len(queries.events(since=now, until=now + timedelta(seconds=1))) == 6
    assert queries.events(until=now) == []
