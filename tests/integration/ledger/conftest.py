"""Fixtures of the ledger's tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
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
    _forget_readings()
    with connections["owner"].cursor() as cursor:
        cursor.execute(mark, was_synthetic)


def _forget_readings() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_reading DISABLE TRIGGER USER")
        cursor.execute("TRUNCATE ledger_reading")
        cursor.execute("ALTER TABLE ledger_reading ENABLE TRIGGER USER")


@pytest.fixture
def home(settings, tmp_path: Path) -> Path:
    """Where keys and checkpoints of this test lie."""
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def sealed(owner: BaseDatabaseWrapper, home: Path, notes: Notes) -> SimpleNamespace:
    """Ten events at positions 1 to 10, sealed in two goes, each signed; the fourth and ninth are readings.

    ``events`` in their order; ``residents`` the two whose records were read, both of them by the fourth.
    """
    residents = sorted([uuid7(), uuid7()])
    for first in (0, 5):
        with transaction.atomic():
            for number in range(first, first + 5):
                if number % 5 == 3:
                    notes.read(*residents[: 2 - first // 5], division="340207", institution=uuid7())
                else:
                    notes.append(number)
        commands.seal()
        commands.checkpoint(every=timedelta(0))
    events = list(Event.objects.order_by("sequence"))
    return SimpleNamespace(owner=owner, home=home, events=events, residents=residents)


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


@dataclass(frozen=True, slots=True)
class Looked(EventPayload):
    """A reading for tests; ``record_read`` adds whose record it was."""

    KIND: ClassVar[str] = "test.looked"
    result: str = "shown"


class Notes:
    """Appends events ``test.noted`` and ``test.looked``, each in a transaction of its own."""

    actor = Actor(account_id=uuid7(), name="张医生", role="doctor", request_id=uuid7())

    def append(self, number: int, subject: UUID | None = None) -> Event:
        with transaction.atomic():
            return commands.append(
                self.actor, Noted(number=number), subject_type="test.subject", subject_id=subject or uuid7()
            )

    def read(
        self,
        *residents: UUID,
        division: str | None = None,
        institution: UUID | None = None,
        result: str = "shown",
    ) -> UUID:
        return commands.record_read(
            self.actor,
            Looked(result),
            residents=residents,
            subject_type="test.subject",
            subject_id=uuid7(),
            division_code=division,
            institution_id=institution,
        )


@pytest.fixture
def notes() -> Notes:
    return Notes()
