"""Copies of the database of a bench, to do there what must not be done here, or to hold a grown one against it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tiercare.cli import bootstrap
from tiercare.postgres import Urls
from tiercare.postgres.roles import DATABASE, OWNER


@contextmanager
def copied(name: str) -> Iterator[Urls]:
    """A copy of the database as it stands, until the end; nobody else may be at work in it while it is made."""
    here = _here()
    bootstrap.release()
    with psycopg.connect(bootstrap.private_cluster().maintenance_url(), autocommit=True) as root:
        root.execute(f"DROP DATABASE IF EXISTS {name}")
        root.execute(f"CREATE DATABASE {name} TEMPLATE {DATABASE} OWNER {OWNER}")
    try:
        yield Urls(*(url.replace(f"/{DATABASE}?", f"/{name}?") for url in (here.owner, here.application)))
    finally:
        with psycopg.connect(bootstrap.private_cluster().maintenance_url(), autocommit=True) as root:
            root.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def working_in(there: Urls) -> Iterator[None]:
    """This process, and what it starts, work in another database; afterwards in the first one again."""
    here = _here()
    bootstrap.release()
    bootstrap.use(there)
    try:
        yield
    finally:
        bootstrap.release()
        bootstrap.use(here)


def _here() -> Urls:
    return bootstrap.private_cluster().start(owned=True)
