"""The register in the test database, for tests that read it and for tests that change it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from tiercare.apps.terms.commands import LaidDown, lay_down_divisions
from tiercare.apps.terms.models import Division
from tiercare.kernel.actor import Actor

TABLES = ("terms_outline", "terms_adjacency", "terms_divisionsuccession", "terms_division", "terms_specialty")


def empty_register() -> None:
    """Take every row out of the tables of this app."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table}")


@pytest.fixture
def no_register(db: None) -> None:
    """An empty register for one test, whatever other tests have laid down."""
    empty_register()


@pytest.fixture(scope="module")
def register(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[LaidDown]:
    """The bundled register, laid down once for a module; each test still rolls back what it does itself.

    Tests of higher apps may have laid it down before: then it is laid down anew and left as they had it.
    """
    with django_db_blocker.unblock():
        was_there = Division.objects.exists()
        empty_register()
        counted = lay_down_divisions(Actor.system())
    yield counted
    if not was_there:
        with django_db_blocker.unblock():
            empty_register()
