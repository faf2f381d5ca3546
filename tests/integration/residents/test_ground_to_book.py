"""Whether somebody may book for a resident is looked up by the resident, however many there are."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection, connections
from psycopg.types.range import DateRange
from pytest_django.plugin import DjangoDbBlocker

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.residents.models import Resident, ResponsibleDoctor
from tiercare.apps.residents.queries import ground_to_book

# What this transaction has fetched from a table, by whatever way.
_READ = """
SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables WHERE relname = %s
"""
# So often a connection plans a function's statement anew; then it may keep the plan (PostgreSQL, "Plan Caching").
PLANNED = 6


@pytest.fixture
def counted_while_empty(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The planner knows that nobody has a doctor; what it is told outside a test's transaction, it believes."""
    with django_db_blocker.unblock(), connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) residents_responsibledoctor")


@pytest.mark.usefixtures("counted_while_empty")
def test_the_doctor_of_one_resident_is_found_without_reading_those_of_others(site, register) -> None:
    """Right after a village was entered into a table that was counted while it was empty, by a connection that planned
    its question then: neither what the planner believes nor what it remembers may cost a reading of everybody."""
    asked = register("王小明")
    for _ in range(PLANNED):
        ground_to_book(asked, booker=site.township, on=ledger.today())
    with scoped(site.actor(Role.PRIMARY_DOCTOR)):
        neighbours = Resident.objects.bulk_create(
            Resident(
                name=f"示例{at}",
                sex="1",
                birth_date="1980-01-01",
                division_code=Resident.objects.get(id=asked).division_code,
                institution_id=site.township,
                identity_kind="none",
                synthetic=True,
                known_at=[site.township],
            )
            for at in range(400)
        )
        ResponsibleDoctor.objects.bulk_create(_doctor(site, each.id) for each in neighbours)
        before = _read()
        found = ground_to_book(asked, booker=site.township, on=ledger.today())
        assert found.signed_at is None
        assert _read() - before <= 1
        signed = ground_to_book(neighbours[7].id, booker=site.township, on=ledger.today())
        assert signed.signed_at == site.township


def _doctor(site, resident_id: UUID) -> ResponsibleDoctor:
    return ResponsibleDoctor(
        resident_id=resident_id,
        institution_id=site.township,
        doctor_name="示例医生",
        source="test",
        period=DateRange(ledger.today(), None),
    )


def _read() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_READ, ["residents_responsibledoctor"])
        return int(cursor.fetchone()[0])
