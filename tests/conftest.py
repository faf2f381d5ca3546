"""The test database: made and migrated by the owner role, used by the application role, as in service."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql
from pytest_django.plugin import DjangoDbBlocker

from tiercare.kernel.actor import Actor

from .clause_ledger import ClauseLedger


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--write-ledger``: leave the record of clauses shown by tests."""
    parser.addoption(
        "--write-ledger", action="store_true", help="write policies/ledger.json after a green run"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Watch the run for the clause ledger."""
    config.pluginmanager.register(ClauseLedger(config.getoption("--write-ledger")), "clause-ledger")


def database_name() -> str:
    """The test database of this worker."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    return "_".join(filter(None, (os.environ.get("TIERCARE_TEST_DATABASE", "test_tiercare"), worker)))


def _admin() -> psycopg.Connection:
    owner = settings.DATABASES["owner"]
    return psycopg.connect(
        host=owner["HOST"],
        port=owner["PORT"] or None,
        user=owner["USER"],
        password=owner["PASSWORD"] or None,
        dbname="postgres",
        autocommit=True,
    )


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Make the database anew, migrate it as its owner, hand it to the application role."""
    name = database_name()
    with _admin() as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        # The tests that pull the plug have servers of their own; the others need not wait for the disk.
        admin.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(sql.Identifier(name)))
    for alias in ("default", "owner"):
        connections[alias].settings_dict["NAME"] = name
    with django_db_blocker.unblock():
        from tiercare.apps.ledger.commands import grant_serving_role  # apps are ready only now

        call_command("migrate", database="owner", verbosity=0)
        grant_serving_role(role=settings.DATABASES["default"]["USER"])
        connections["owner"].close()
    yield
    with django_db_blocker.unblock():
        for alias in ("default", "owner"):
            connections[alias].close()
            if alias == "default" and hasattr(connections[alias], "close_pool"):
                connections[alias].close_pool()
    with _admin() as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


_LEDGER_TABLES = (
    "ledger_event, ledger_reading, ledger_delivery, ledger_unsealed, ledger_seal, ledger_checkpoint, "
    "ledger_idempotencykey, "
    "procrastinate_jobs, procrastinate_events, procrastinate_workers, procrastinate_periodic_defers"
)


def wipe_ledger() -> None:
    """Empty the ledger and the queue as their owner, for tests that commit; in service nobody can."""
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


@pytest.fixture(scope="session")
def _wuhu(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """芜湖, laid down once for the whole run; tests work in transactions of their own."""
    with django_db_blocker.unblock():
        from tiercare.apps.network.commands import lay_down_region
        from tiercare.apps.terms.commands import lay_down_divisions

        actor = Actor.system("test")
        lay_down_divisions(actor=actor)
        lay_down_region(actor=actor, pack_id="wuhu")
        wipe_ledger()  # its events would be found by tests that count their own
        connections["owner"].close()


@pytest.fixture
def wuhu(_wuhu: None, db: None) -> str:
    """芜湖 as its document lays it down; answers its division code."""
    return "3402"
