"""Fixtures of the ledger's tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from uuid import UUID

import pytest
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from tiercare.apps.ledger import commands, handlers
from tiercare.apps.ledger.events import EventPayload
from tiercare.apps.ledger.models import Event
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

_TABLES = (
    "ledger_event, ledger_delivery, ledger_unsealed, ledger_seal, ledger_checkpoint, ledger_idempotencykey, "
    "procrastinate_jobs, procrastinate_events, procrastinate_workers, procrastinate_periodic_defers"
)


@pytest.fixture
def owner(django_db_setup, django_db_blocker) -> Iterator[BaseDatabaseWrapper]:
    """The owner's connection, with which a test tampers; the test commits, and all is wiped after it.

    The database is not marked synthetic meanwhile.
    """
    mark = "UPDATE ledger_installation SET synthetic = %s, clock_override = NULL"
    with django_db_blocker.unblock():
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT synthetic FROM ledger_installation")
            was_synthetic = cursor.fetchone()
            cursor.execute(mark, [False])
        yield connections["owner"]
        with connections["owner"].cursor() as cursor:
            for table in commands.APPEND_ONLY:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"TRUNCATE {_TABLES}")
            cursor.execute(mark, was_synthetic)
            for table in commands.APPEND_ONLY:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for alias in ("default", "owner"):
            connections[alias].close()


@pytest.fixture
def home(settings, tmp_path: Path) -> Path:
    """Where keys and checkpoints of this test lie."""
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> handlers.Registry:
    """No handlers but those that the test subscribes."""
    registry = handlers.Registry()
    monkeypatch.setattr(handlers, "_registry", registry)
    return registry


@dataclass(frozen=True, slots=True)
class Noted(EventPayload):
    """An event for tests."""

    KIND: ClassVar[str] = "test.noted"
    number: int


class Notes:
    """Appends events ``test.noted``, each in a transaction of its own."""

    actor = Actor(account_id=uuid7(), name="张医生", role="doctor", request_id=uuid7())

    def append(self, number: int, subject: UUID | None = None) -> Event:
        with transaction.atomic():
            return commands.append(
                self.actor, Noted(number=number), subject_type="test.subject", subject_id=subject or uuid7()
            )


@pytest.fixture
def notes() -> Notes:
    return Notes()
