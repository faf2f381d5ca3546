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


@pytest.fixture
def owner(emptied_afterwards: None) -> Iterator[BaseDatabaseWrapper]:
    """The owner's connection, with which a test tampers; the test commits, and all is wiped after it.

    The database is not marked synthetic meanwhile.
    """
    mark = "UPDATE ledger_installation SET synthetic = %s, clock_override = NULL"
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT synthetic FROM ledger_installation")
        was_synthetic = cursor.fetchone()
        cursor.execute(mark, [False])
    yield connections["owner"]
    with connections["owner"].cursor() as cursor:
        cursor.execute(mark, was_synthetic)


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
