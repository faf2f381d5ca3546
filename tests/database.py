"""Databases of the tests, copied from ones that were migrated, and 芜湖 laid down, once for all workers.

What a template was made from is noted on it as a digest: of other code or packs it is made anew. On the tests' own server
(tools/test.py) it stays for the next run; on any other server it goes with the run.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

ROOT = Path(__file__).parents[1]
KEPT = "TIERCARE_TEST_TEMPLATES_KEPT"  # set by tools/test.py
_MADE_FROM = ("apps", "config", "engines", "kernel", "policies")
Name = sql.Identifier


def base_name() -> str:
    """What the names of all our databases begin with."""
    return os.environ.get("TIERCARE_TEST_DATABASE", "test_tiercare")


def admin() -> psycopg.Connection:
    """The owner role on the server, connected to none of our databases."""
    owner = settings.DATABASES["owner"]
    return psycopg.connect(
        host=owner["HOST"],
        port=owner["PORT"] or None,
        user=owner["USER"],
        password=owner["PASSWORD"] or None,
        dbname="postgres",
        autocommit=True,
    )


def use(name: str) -> None:
    """Connect to this database from now on."""
    for alias in ("default", "owner"):
        connections[alias].close()
        if hasattr(connections[alias], "close_pool"):
            connections[alias].close_pool()
        connections[alias].settings_dict["NAME"] = name


def drop(name: str) -> None:
    """Away with it, whoever is connected."""
    with admin() as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Name(name)))


def migrated(name: str, *, anew: bool = False) -> None:
    """Make a database of this name with all tables; one that is there goes. Nothing is connected to it yet.

    Args:
        anew: make the template again, whatever it was made from.
    """
    _copy(name, "empty", _nothing, _migrate, anew=anew)


def with_wuhu(name: str, lay: Callable[[], None], *, anew: bool = False) -> None:
    """The same with 芜湖 in it, which ``lay`` puts into what the connections point to."""
    _copy(name, "wuhu", lambda template: migrated(template, anew=anew), lay, anew=anew)


def _copy(name: str, kind: str, make: Callable[[str], None], fill: Callable[[], None], *, anew: bool) -> None:
    """Who comes first makes and fills the template, the others wait for it."""
    template = f"{base_name()}_{kind}"
    with admin() as server:
        server.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [template])
        if anew or _noted(server, template) != _digest():
            make(template)
            before = str(connections["default"].settings_dict["NAME"])
            use(template)
            fill()
            use(before)
            server.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(Name(template), _digest()))
        _create(server, name, template)


def _nothing(name: str) -> None:
    with admin() as server:
        _create(server, name, "template0")


def _create(server: psycopg.Connection, name: str, template: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Name(name)))
    server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(Name(name), Name(template)))
    # The tests that pull the plug have servers of their own; the others need not wait for the disk.
    server.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(Name(name)))


def _migrate() -> None:
    from tiercare.apps.ledger.commands import grant_serving_role  # apps are ready only now

    call_command("migrate", database="owner", verbosity=0)
    grant_serving_role(role=settings.DATABASES["default"]["USER"])


def drop_templates() -> None:
    """At the end of a run on a server that is not only ours."""
    if os.environ.get(KEPT):
        return
    with suppress(psycopg.OperationalError):  # no test of this run asked a server
        for kind in ("empty", "wuhu"):
            drop(f"{base_name()}_{kind}")


def _noted(server: psycopg.Connection, name: str) -> str | None:
    found = server.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
    ).fetchone()
    return found[0] if found else None


@cache
def _digest() -> str:
    """Of all that can change what a template holds."""
    found = hashlib.sha256()
    for path in (Path(__file__), ROOT / "tests" / "conftest.py", ROOT / "requirements.lock", *_sources()):
        found.update(str(path.relative_to(ROOT)).encode())
        found.update(path.read_bytes() if path.exists() else b"")
    return found.hexdigest()


def _sources() -> list[Path]:
    every = (each for folder in _MADE_FROM for each in (ROOT / "src" / "tiercare" / folder).rglob("*"))
    return sorted(each for each in every if each.is_file() and "__pycache__" not in each.parts)
