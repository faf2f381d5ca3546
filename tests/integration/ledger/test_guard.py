import pytest
from django.db import connection, transaction
from psycopg import sql

from tiercare.apps.ledger import queries
from tiercare.apps.ledger.guard import MARKER, WroteInARead, reads_only
from tiercare.apps.ledger.models import Event, IdempotencyKey


@pytest.mark.django_db
def test_a_read_that_writes_fails_before_anything_is_written(notes) -> None:
    with reads_only(), pytest.raises(WroteInARead, match="ledger_append"):
        notes.append(1)
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_orm_writes_and_composed_statements_are_seen() -> None:
    with reads_only(), connection.cursor() as cursor:
        with pytest.raises(WroteInARead):
            IdempotencyKey.objects.all().delete()
        with pytest.raises(WroteInARead):
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier("ledger_delivery")))


@pytest.mark.django_db
def test_reading_goes_on_as_before() -> None:
    with reads_only(), transaction.atomic():
        assert queries.events() == []


@pytest.mark.django_db
def test_the_read_record_may_be_written() -> None:
    with reads_only(), connection.cursor() as cursor:
        cursor.execute(f"{MARKER} UPDATE ledger_delivery SET attempts = 0")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_delivery SET attempts = 0")
