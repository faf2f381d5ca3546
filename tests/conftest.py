"""The test database: made and migrated by the owner role, used by the application role, as in service."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from tiercare.kernel.actor import Actor

from . import database
from .clause_ledger import ClauseLedger
from .scheduling import LongestFirst


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--write-ledger``: leave the record of clauses shown by tests."""
    parser.addoption(
        "--write-ledger", action="store_true", help="write policies/ledger.json after a green run"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Watch the run for the clause ledger."""
    config.pluginmanager.register(ClauseLedger(config.getoption("--write-ledger")), "clause-ledger")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """A whole run, ``--dist loadfile``: the longest first."""
    return LongestFirst(config, log) if config.getoption("dist") == "loadfile" else None


def database_name() -> str:
    """The test database of this worker."""
    return "_".join(filter(None, (database.base_name(), os.environ.get("PYTEST_XDIST_WORKER", ""))))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was imported and collected stays: looking through it for rubbish all the time costs a tenth of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 10)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """When all workers are done, nothing of ours stays on a server of others."""
    if not hasattr(session.config, "workerinput"):
        database.drop_templates()


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A migrated database made by its owner, handed to the application role; with 芜湖 where any test asks for it."""
    name, anew = database_name(), bool(request.config.getvalue("create_db"))
    with django_db_blocker.unblock():
        if any("_wuhu" in item.fixturenames for item in request.session.items):
            database.with_wuhu(name, _lay_wuhu, anew=anew)
        else:
            database.migrated(name, anew=anew)
        database.use(name)
    yield
    with django_db_blocker.unblock():
        database.use("postgres")
        database.drop(name)


_LEDGER_TABLES = (
    "ledger_event, ledger_reading, ledger_delivery, ledger_unsealed, ledger_seal, ledger_checkpoint, "
    "ledger_idempotencykey, "
    "procrastinate_jobs, procrastinate_events, procrastinate_workers, procrastinate_periodic_defers, "
    "evaluation_factsdue"  # noted by whoever hands events on
)


def wipe_ledger() -> None:
    """Empty the ledger, the queue and the work noted as their owner, for tests that commit; in service nobody can."""
    from tiercare.apps.ledger.commands import APPEND_ONLY

    with connections["owner"].cursor() as cursor:
        for table in APPEND_ONLY:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(f"TRUNCATE {_LEDGER_TABLES}")
        for table in APPEND_ONLY:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.fixture
def emptied_afterwards(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test commits; ledger and queue are emptied after it."""
    with django_db_blocker.unblock():
        yield
        wipe_ledger()
        for alias in ("default", "owner"):
            connections[alias].close()
        connections["default"].close_pool()  # the test may have ended its idle connections


def _lay_wuhu() -> None:
    from tiercare.apps.network.commands import lay_down_region
    from tiercare.apps.terms.commands import lay_down_divisions

    actor = Actor.system("test")
    lay_down_divisions(actor=actor)
    lay_down_region(actor=actor, pack_id="wuhu")
    wipe_ledger()  # its events would be found by tests that count their own


@pytest.fixture(scope="session")
def _wuhu(django_db_setup: None) -> None:
    """芜湖, laid down once for the whole run; tests work in transactions of their own."""


@pytest.fixture
def wuhu(_wuhu: None, db: None) -> str:
    """芜湖 as its document lays it down; answers its division code."""
    return "3402"
