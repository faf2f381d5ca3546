"""B3 of the reliability catalogue, with real processes and ``kill -9``."""

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from tiercare.apps.ledger import commands, handlers, queries
from tiercare.apps.ledger.events import EventPayload
from tiercare.apps.ledger.models import Delivery, Event
from tiercare.jobs import sweeper
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

pytestmark = pytest.mark.processes


@dataclass(frozen=True, slots=True)
class Noted(EventPayload):
    KIND: ClassVar[str] = "test.noted"


@pytest.fixture(autouse=True)
def _registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "_registry", handlers.Registry())
    handlers.subscribe("test.noted", "effect", lambda event: None)


def _note() -> UUID:
    subject = uuid7()
    with transaction.atomic():
        commands.append(Actor.system(), Noted(), subject_type="test.subject", subject_id=subject)
    return subject


def _effects(subject: UUID) -> int:
    return Event.objects.filter(subject_id=subject).exclude(kind="test.noted").count()


def _until(met: Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def _here(child: subprocess.Popen[str]) -> None:
    assert child.stdout.readline() == "here\n"


def _status(job: int) -> tuple[str, int]:
    row = ProcrastinateJob.objects.get(pk=job)
    return row.status, row.attempts


@pytest.mark.parametrize("point", ["claimed", "handled", "marked", "committed"])
def test_a_dispatcher_killed_at_any_point_leaves_exactly_one_effect(start_child, point: str) -> None:
    subject = _note()
    child = start_child("deliver", point)
    _here(child)
    child.kill()
    child.wait()
    assert _effects(subject) == (1 if point == "committed" else 0)

    def delivered() -> bool:
        start_child("deliver", "never").wait(20)
        return Delivery.objects.get().state == "DONE"

    _until(delivered)
    start_child("deliver", "never").wait(20)
    assert _effects(subject) == 1


@pytest.mark.parametrize("point", ["before", "after"])
def test_a_job_whose_worker_was_killed_is_done_once_by_the_next(start_child, point: str) -> None:
    subject = uuid7()
    job = app.configure_task("test.effect").defer(subject_id=str(subject))
    child = start_child("work", point)
    _here(child)
    assert sweeper.sweep_stalled_jobs() == 0, "its worker is alive"
    child.kill()
    child.wait()
    start_child("work", "never").wait(20)
    assert _status(job) == ("doing", 0), "procrastinate alone leaves it for ever"
    time.sleep(1.1)
    assert sweeper.sweep_stalled_jobs(silent_seconds=1) == 1
    assert _status(job) == ("todo", 1)
    start_child("work", "never").wait(20)
    assert _status(job)[0] == "succeeded"
    assert _effects(subject) == 1


def test_a_job_that_keeps_ending_its_worker_is_given_up(start_child) -> None:
    job = app.configure_task("test.effect").defer(subject_id=str(uuid7()))
    for attempt in range(1, sweeper.MOST_ATTEMPTS + 1):
        child = start_child("work", "before")
        _here(child)
        child.kill()
        child.wait()
        assert sweeper.sweep_stalled_jobs(silent_seconds=0) == 1
        expected = "failed" if attempt == sweeper.MOST_ATTEMPTS else "todo"
        assert _status(job)[0] == expected
    assert sweeper.sweep_stalled_jobs(silent_seconds=0) == 0


def test_the_background_process_does_everything_and_ends_cleanly(start_child, home) -> None:
    child = start_child("run")
    _here(child)
    noted, deferred = _note(), uuid7()
    job = app.configure_task("test.effect").defer(subject_id=str(deferred))
    _until(lambda: _effects(noted) == 1 and _status(job)[0] == "succeeded" and queries.state().unsealed == 0)
    last = _note()
    _until(lambda: _effects(last) == 1)
    child.send_signal(signal.SIGTERM)
    assert child.wait(15) == 0
    assert child.stdout.read() == "stopped\n"
    report = queries.verify_chain()
    assert report.intact
    assert (report.sealed, report.signed, report.unsealed) == (5, 5, 0)


def test_the_background_process_outlives_its_connections(start_child) -> None:
    child = start_child("run")
    _here(child)
    first = _note()
    _until(lambda: _effects(first) == 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone()[0] >= 3
    second, deferred = _note(), uuid7()
    job = app.configure_task("test.effect").defer(subject_id=str(deferred))
    _until(
        lambda: _effects(second) == 1 and _status(job)[0] == "succeeded" and queries.state().unsealed == 0, 40
    )
    child.send_signal(signal.SIGINT)
    assert child.wait(15) == 0
