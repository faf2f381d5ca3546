"""A region laid down for drives, in a database of its own that is copied for each: what a drive does is committed, and its processes
are really killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import override_settings
from psycopg import sql

from tiercare.apps.access.commands import Place, lay_down_demo_accounts
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import commands as network
from tiercare.apps.network.commands.demonstrating import lay_down_registers
from tiercare.apps.network.queries import network_facts
from tiercare.cli.demonstration import places
from tiercare.jobs.dispatcher import deliver_due
from tiercare.jobs.driving.ground import lay
from tiercare.jobs.driving.running import Drive, Driven, drive
from tiercare.jobs.sealer import seal_all
from tiercare.kernel.actor import Actor

from ... import database

REGION, DAYS = "wuhu", 3
_SYSTEM = Actor.system("test")
Name = sql.Identifier


@dataclass(frozen=True)
class Laid:
    """The database that is copied; ``first`` is the first day of every drive in it."""

    name: str
    home: Path
    first: date

    @contextmanager
    def copied(self) -> Iterator[None]:
        """Work in a copy, which is gone afterwards."""
        name = f"{self.name}_now"
        with elsewhere(name, source=self.name, home=self.home):
            yield

    @contextmanager
    def bare(self) -> Iterator[None]:
        """Work in a copy in which there is the region and its accounts, and nothing to drive on yet."""
        with elsewhere(f"{self.name}_now", source=f"{self.name}_bare", home=self.home):
            yield

    def drive(self, seed: int, *, acts: int, faults: bool = False, http: str = "") -> Driven:
        """Drive in the database that is connected now."""
        return drive(Drive(REGION, self.first, DAYS, acts, seed, faults, http=http))


@contextmanager
def elsewhere(name: str, *, source: str, home: Path) -> Iterator[None]:
    """Work in a new copy of a database, with another home; back in the one before afterwards."""
    before = str(connections["default"].settings_dict["NAME"])
    database.use("postgres")
    with database.admin() as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Name(name)))
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(Name(name), Name(source)))
        server.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(Name(name)))
    database.use(name)
    # Checkpoints are the copy's own: of another chain than the one before.
    (home / "checkpoints.jsonl").unlink(missing_ok=True)
    try:
        with override_settings(HOME=home):
            yield
    finally:
        database.use(before)
        database.drop(name)


@contextmanager
def laid_down(home: Path) -> Iterator[Laid]:
    """芜湖 with its registers and a ground to drive on, copied from the database of the tests."""
    name = f"{connections['default'].settings_dict['NAME']}_driven"
    source = str(connections["default"].settings_dict["NAME"])
    with elsewhere(name, source=source, home=home):
        with connections["owner"].cursor() as cursor:
            cursor.execute("UPDATE ledger_installation SET synthetic = true, clock_override = NULL")
        laid = network.lay_down_region(actor=_SYSTEM, pack_id=REGION)
        lay_down_registers(actor=_SYSTEM, region=REGION, on=laid.verdict_on)
        facts = network_facts(laid.region, on=laid.verdict_on)
        lay_down_demo_accounts(
            _SYSTEM,
            region=REGION,
            area=Place("芜湖市", laid.region),
            places=places(facts, laid.region),
            since=laid.verdict_on,
            folder=home,
        )
        database.use("postgres")
        with database.admin() as server:
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(Name(f"{name}_bare"), Name(name)))
        database.use(name)
        first = ledger.today() - timedelta(days=DAYS)
        lay(REGION, first=first, days=DAYS)
        deliver_due()  # once for all copies
        seal_all()
        # Whoever copies it must be alone in it: nobody stays connected.
        database.use("postgres")
        try:
            yield Laid(name, home, first)
        finally:
            database.drop(f"{name}_bare")


@contextmanager
def served() -> Iterator[str]:
    """The platform, served by a thread of this process from the database that is connected now; its address."""

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
