"""Several desks at once: what they share is really committed, and a gate at a row stops whoever comes there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Any, TypeVar
from uuid import UUID

import psycopg
import pytest
from django.db import connection, connections, transaction
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.residents.models import ResponsibleDoctor
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from ..residents.conftest import Site, three_institutions

# The longest that anything here waits for another connection; what takes longer hangs.
PATIENCE = 90.0

Act = Callable[[], object]
Answer = TypeVar("Answer")
# Who waits for a lock of another connection of this database.
_WAITING = """
SELECT count(DISTINCT l.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE NOT l.granted AND a.datname = current_database()
"""
_WRITTEN = (
    "capacity_pool, words_message, residents_resident, residents_token, residents_responsibledoctor,"
    " access_carerelation"
)


@pytest.fixture
def site(_wuhu: None, emptied_afterwards: None, settings, tmp_path) -> Iterator[Site]:
    """The three institutions, for tests that commit: what is done there is seen by other connections."""
    settings.HOME = tmp_path
    yield three_institutions()
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"TRUNCATE {_WRITTEN} CASCADE")
        cursor.execute("UPDATE ledger_installation SET clock_override = NULL")


@pytest.fixture
def desks() -> Iterator[Desks]:
    """Eight people who work at the same time."""
    with ThreadPoolExecutor(8) as pool:
        found = Desks(pool)
        try:
            yield found
        finally:
            found.let_everybody_go()


def sign(site: Site, doctor: Actor, resident_id: UUID) -> UUID:
    """The township's doctor answers for the resident."""
    with scoped(doctor):
        ResponsibleDoctor.objects.create(
            resident_id=resident_id,
            institution_id=site.township,
            doctor_name="示例医生",
            source="test",
            period=DateRange(ledger.today(), None),
        )
    return resident_id


def said(act: Act) -> str:
    """``done``, or the code of the first reason why not."""
    try:
        act()
    except Refused as refused:
        return refused.refusals[0].code.removeprefix("capacity.")
    return "done"


@dataclass
class Paused:
    """Somebody whose work is done but not committed."""

    said: Future[str]
    done: Event = field(default_factory=Event)
    go_on: Event = field(default_factory=Event)
    keep: bool = True

    def end(self, *, keep: bool = True) -> str:
        """Commit it, or take it back."""
        self.keep = keep
        self.go_on.set()
        return self.said.result(PATIENCE)


@dataclass
class Desks:
    """People at work, each with a connection of their own."""

    pool: ThreadPoolExecutor
    paused: list[Paused] = field(default_factory=list)

    def start(self, act: Act) -> Future[str]:
        """Somebody begins."""
        return self.pool.submit(alone, said, act)

    def pause(self, act: Act) -> Paused:
        """Somebody does their work and does not commit it yet."""
        found = Paused(Future())
        self.paused.append(found)

        def in_a_transaction() -> None:
            with transaction.atomic():
                act()
                found.done.set()
                found.go_on.wait(PATIENCE)
                transaction.set_rollback(not found.keep)

        def run() -> str:
            try:
                return said(in_a_transaction)
            finally:
                found.done.set()

        found.said = self.pool.submit(alone, run)
        assert found.done.wait(PATIENCE)
        return found

    def let_everybody_go(self) -> None:
        """Nobody is left waiting for a test that failed."""
        for each in self.paused:
            each.go_on.set()


def at_once(desks: Desks, acts: Sequence[Act]) -> list[str]:
    """What everybody is told who begins at the same time."""
    return [each.result(PATIENCE) for each in [desks.start(act) for act in acts]]


def alone(run: Callable[..., Answer], *arguments: object) -> Answer:
    """The work of one of the pool's threads, with a connection that is given back."""
    try:
        return run(*arguments)
    finally:
        connections["default"].close()


@contextmanager
def gate(table: str, *key: object) -> Iterator[None]:
    """Everybody who would change this row stops there, until it is left."""
    columns = {"capacity_quota": ("session_id", "channel")}.get(table, ("id",))
    condition = " AND ".join(f"{name} = %s" for name in columns)
    with psycopg.connect(**_owner()) as holder:
        found = holder.execute(f"SELECT 1 FROM {table} WHERE {condition} FOR UPDATE", key).fetchall()
        assert len(found) == 1, (table, key)
        yield


def _owner() -> dict[str, Any]:
    owner = connections["owner"].settings_dict
    return {
        "host": owner["HOST"],
        "port": owner["PORT"] or None,
        "user": owner["USER"],
        "password": owner["PASSWORD"] or None,
        "dbname": owner["NAME"],
    }


def until_waiting(number: int, *works: Future[str]) -> bool:
    """Wait until so many stand before a lock; false if one of ``works`` came through instead."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if waiting() >= number:
            return True
        if any(each.done() for each in works):
            return False
        time.sleep(0.001)
    raise AssertionError(f"{waiting()} wait, expected {number}")


def until_settled(work: Future[str], others: int) -> None:
    """Wait until ``work`` is done or stands before a lock beside ``others``."""
    end = time.monotonic() + PATIENCE
    while not work.done() and waiting() <= others:
        assert time.monotonic() < end
        time.sleep(0.001)


def waiting() -> int:
    """How many wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        return int(cursor.fetchone()[0])


def all_done(works: Sequence[Future[str]]) -> list[str]:
    """What they were told."""
    assert not wait(works, PATIENCE).not_done
    return [each.result() for each in works]


def deadlocks() -> int:
    """Of this database so far, as every connection that has ended has told."""
    connections["default"].close()
    connections["default"].close_pool()
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
