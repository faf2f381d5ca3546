"""S13: every reading of a person's record leaves who, whose and with what result; and nobody else can find it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from psycopg.types.json import Jsonb

from tiercare.apps.ledger import commands, handlers, queries, sql
from tiercare.apps.ledger.events import EventPayload
from tiercare.apps.ledger.guard import WroteInARead, reads_only
from tiercare.apps.ledger.models import Event, Reading
from tiercare.kernel.ids import uuid7


@dataclass(frozen=True, slots=True)
class Listed(EventPayload):
    """A payload that names the residents itself."""

    KIND: ClassVar[str] = "test.listed"
    residents: object


@contextmanager
def _seeing(**settings: str) -> Iterator[None]:
    """A transaction with these settings of the wall (``persons``, ``scope``, ``area``)."""
    with transaction.atomic(), connection.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [f"tiercare.{name}", value])
        yield


def _array(*ids: UUID) -> str:
    return "{" + ",".join(map(str, ids)) + "}"


def test_a_reading_is_recorded_while_only_reading_and_without_a_transaction(owner, notes) -> None:
    resident, other = sorted([uuid7(), uuid7()])
    with reads_only():
        event_id = notes.read(other, resident, other, division="340207", institution=resident)
    event = Event.objects.get()
    assert event.id == event_id
    assert event.payload == {"result": "shown", "residents": [str(resident), str(other)]}
    assert (event.actor_name, event.division_code, event.institution_id) == ("张医生", "340207", resident)
    rows = Reading.objects.using("owner").order_by("resident_id")
    assert [
        (row.resident_id, row.event_id, row.at, row.institution_id, row.division_code) for row in rows
    ] == [(each, event_id, event.at, resident, "340207") for each in (resident, other)]


@pytest.mark.django_db
def test_nothing_else_may_be_appended_while_only_reading(notes) -> None:
    with reads_only(), pytest.raises(WroteInARead):
        notes.append(1)


@pytest.mark.django_db
def test_a_reading_is_one_statement_and_reaches_its_handlers(
    notes, registry, django_assert_num_queries
) -> None:
    handlers.subscribe("test.looked", "told", lambda event: None)
    with django_assert_num_queries(1):
        event_id = notes.read(uuid7())
    (pending,) = Event.objects.get(pk=event_id).deliveries.all()
    assert pending.handler == "told"


@pytest.mark.django_db
def test_who_was_looked_for_in_vain_is_recorded_too(notes) -> None:
    event = Event.objects.get(pk=notes.read(result="refused"))
    assert event.payload == {"result": "refused"}


@pytest.mark.django_db
@pytest.mark.parametrize("told", [(), [uuid7()], 1])
def test_a_payload_cannot_name_others_than_those_who_were_read(notes, told: object) -> None:
    where = {"subject_type": "test.subject", "subject_id": uuid7()}
    with pytest.raises(ValueError, match=r"test\.listed: residents"):
        commands.record_read(notes.actor, Listed(told), residents=[uuid7()], **where)
    with pytest.raises(ValueError, match="pass residents="), transaction.atomic():
        commands.append(notes.actor, Listed([uuid7()]), **where)
    with transaction.atomic():
        assert commands.append(notes.actor, Listed(500), **where).payload == {"residents": 500}


@pytest.mark.django_db
def test_the_database_refuses_it_as_well(notes) -> None:
    columns = {
        "id": uuid7(),
        "kind": "test.listed",
        "version": 1,
        "subject_type": "test.subject",
        "subject_id": uuid7(),
        **dict.fromkeys(("institution_id", "division_code", "actor_id", "request_id")),
        **dict.fromkeys(("actor_name", "actor_role", "channel"), ""),
        "clauses": [],
        "payload": Jsonb({}),
        "handlers": [],
        "residents": [uuid7()],
    }
    with pytest.raises(DatabaseError, match="names exactly the residents"), transaction.atomic():
        connection.cursor().execute(sql.APPEND, columns)


@pytest.mark.django_db
def test_the_wall_hides_readings_from_everybody_else(notes) -> None:
    resident, institution = uuid7(), uuid7()
    event_id = notes.read(resident, division="340207", institution=institution)
    assert queries.readings([resident], before=None, limit=10) == []
    for open_, shut in (
        ({"persons": _array(resident)}, {"persons": _array(uuid7())}),
        ({"scope": _array(institution)}, {"scope": _array(uuid7())}),
        ({"area": "3402"}, {"area": "3403"}),
    ):
        with _seeing(**open_):
            assert [event.id for event in queries.readings([resident])] == [event_id]
        with _seeing(**dict.fromkeys(open_, "") | shut):
            assert queries.readings([resident]) == []
        with _seeing(**dict.fromkeys(open_, "")):
            assert queries.readings([resident]) == []


@pytest.mark.django_db
def test_latest_first_each_once_and_none_lost_between_pages(notes) -> None:
    """One transaction, one moment: all come together, so that the page after has nothing to miss."""
    one, merged, other = uuid7(), uuid7(), uuid7()
    with _seeing(persons=_array(one, merged)):
        assert queries.readings([one, merged], limit=2) == []
        read = [notes.read(one, merged), notes.read(merged), notes.read(one), notes.read(other)]
        found = queries.readings([one, merged], limit=2)
        assert [event.id for event in found] == read[2::-1]
        assert queries.readings([one, merged], before=found[-1].at, limit=2) == []
        later = found[-1].at + timedelta(microseconds=1)
        assert len(queries.readings([one, merged], before=later, limit=2)) == 3


def test_pages_follow_each_other(owner, notes) -> None:
    resident = uuid7()
    read = [notes.read(resident) for _ in range(5)]
    seen: list[UUID] = []
    before = None
    with _seeing(persons=_array(resident)):
        for size in (2, 2, 1, 0):
            page = queries.readings([resident], before=before, limit=2)
            assert len(page) == size
            seen += [event.id for event in page]
            before = page[-1].at if page else None
    assert seen == read[::-1]


def test_a_persons_readings_are_found_by_index(owner) -> None:
    """Also behind the wall, where a search that is not leak-proof would have to read the whole table."""
    resident = uuid7()
    with owner.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_reading (resident_id, event_id, at, division_code)"
            " SELECT CASE WHEN n %% 400 = 0 THEN %s::uuid ELSE gen_random_uuid() END, gen_random_uuid(),"
            " now() - n * interval '1 minute', '340207' FROM generate_series(1, 8000) AS n",
            [resident],
        )
        cursor.execute("ANALYZE ledger_reading")
    values = {"residents": [resident], "before": None, "limit": 20}
    with _seeing(persons=_array(resident)), connections["default"].cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, BUFFERS OFF) {sql.READINGS}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "ledger_reading_of" in plan
    assert "Seq Scan on ledger_reading" not in plan
    assert "Index Cond: (resident_id = ANY" in plan


@pytest.mark.django_db
def test_audit_search_finds_by_person_result_institution_and_name(notes) -> None:
    resident, institution = uuid7(), uuid7()
    with _seeing(area="3402"):
        registered = notes.append(1, resident)
        shown = notes.read(resident, division="340207", institution=institution)
        refused = notes.read(resident, division="340207", result="refused")
        hidden = notes.read(resident, division="3403")

        def found(**wanted: object) -> list[UUID]:
            return [event.id for event in queries.events(**wanted)]

        assert found(resident_id=resident) == [refused, shown, registered.id], (
            "behind the wall: not the other city's"
        )
        assert found(resident_id=resident, result="refused") == [refused]
        assert found(resident_id=resident, division_code="340207") == [refused, shown]
        assert found(resident_id=resident, before=Event.objects.get(pk=shown).sequence) == [registered.id]
        assert found(institution_ids=[institution, uuid7()]) == [shown]
        assert found(institution_ids=[]) == []
        assert found(actor_name="张医生") == [hidden, refused, shown, registered.id]
        assert found(actor_name="张医") == []


def test_audit_search_goes_by_indexes(owner) -> None:
    """On some thousand events, each filter that picks few reads few."""
    resident, institution = uuid7(), uuid7()
    with owner.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_event (id, at, kind, version, subject_type, subject_id, institution_id,"
            " division_code, actor_name, actor_role, channel, clauses, payload)"
            " SELECT gen_random_uuid(), now() - n * interval '1 minute', 'test.looked', 1, 'test.subject',"
            " CASE WHEN n %% 900 = 0 THEN %(resident)s ELSE gen_random_uuid() END,"
            " CASE WHEN n %% 900 = 0 THEN %(institution)s ELSE gen_random_uuid() END, '340207',"
            " CASE WHEN n %% 900 = 0 THEN '少见' ELSE '常见' END, 'clinician', 'web', '{}',"
            ' CASE WHEN n %% 900 = 0 THEN \'{"result": "refused"}\'::jsonb ELSE \'{"result": "shown"}\' END'
            " FROM generate_series(1, 9000) AS n",
            {"resident": resident, "institution": institution},
        )
        cursor.execute("ANALYZE ledger_event")
    for wanted, index in (
        ({"actor_name": "少见"}, "ledger_event_actor_name"),
        ({"institution_ids": [institution]}, "ledger_event_institution"),
        ({"result": "refused"}, "ledger_event_refused"),
        ({"resident_id": resident}, "ledger_event_subject"),
    ):
        with CaptureQueriesContext(connection) as asked:
            assert len(queries.events(division_code="34", **wanted)) == 10
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (COSTS OFF) " + asked[-1]["sql"])
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert index in plan, plan
        assert "Seq Scan on ledger_event" not in plan
