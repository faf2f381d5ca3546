"""Real servers in homes of their own. Nothing here touches the database that the other tests use."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tiercare.postgres import Binaries, Cluster, PostgresProblem, find_binaries, process, standing

AS_ROOT = os.geteuid() == 0

# Starts the server of a home and says who it is; then it does what the caller asked, or waits to be killed.
PROGRAM = """
import os, sys, time
from pathlib import Path
from tiercare.postgres import Cluster, find_binaries
home, owned, stay = Path(sys.argv[1]), sys.argv[2] == "owned", sys.argv[3] == "stay"
cluster = Cluster(home, binaries=find_binaries("embedded"))
print("begun", flush=True)
urls = cluster.start(owned=owned)
print(cluster.status().pid, urls.application, os.geteuid(), flush=True)
while stay:
    time.sleep(60)
"""


def program(home: Path, owned: str, stay: str, *before: str, **options: object) -> subprocess.Popen[str]:
    """Run ``PROGRAM`` as a process of its own, with what stands ``before`` the command."""
    command = [*before, sys.executable, "-c", PROGRAM, str(home), owned, stay]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def reported(running: subprocess.Popen[str]) -> tuple[int, str, int]:
    """What a ``program`` says once the server is ready: pid, address, user."""
    assert running.stdout and running.stderr
    lines = [running.stdout.readline(), running.stdout.readline()]
    assert lines[1], running.stderr.read()
    pid, url, user = lines[1].split()
    return int(pid), url, int(user)


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition comes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def servers_of(data: Path) -> list[int]:
    """All PostgreSQL processes at work in a data directory."""
    return [number for number in process.all_numbers() if process.works_in(number, data)]


def unguarded(folder: Path) -> bool:
    """Whether no guardian of this cluster folder is left."""
    handle = process.try_lock(folder / process.OWNERS_LOCK)
    if handle is None:
        return False
    os.close(handle)
    return True


def clear(folder: Path) -> None:
    """End whatever still serves a cluster folder, so that it can be removed."""
    for data in {*folder.glob("data-*"), *standing.base_of(folder).glob("data-*")}:
        if servers_of(data):
            assert process.end_server(data, folder, patience=20)
    if folder.is_dir():
        assert until(lambda: unguarded(folder), 90)


def kill_server(cluster: Cluster) -> Path:
    """``kill -9`` of the postmaster, as a crash; returns the data directory when all its processes are gone."""
    status = cluster.status()
    assert status.pid is not None
    os.kill(status.pid, 9)
    assert until(lambda: not servers_of(status.data), 90)
    return status.data


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    """Run one statement and commit."""
    with psycopg.connect(url) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def refusal(cluster: Cluster) -> PostgresProblem:
    """The problem that a start must end with, in both languages and with a way on."""
    with pytest.raises(PostgresProblem) as caught:
        cluster.start()
    problem = caught.value
    for language in ("zh-hans", "en"):
        message, way_on = problem.in_language(language).split("\n", 1)
        assert message.strip() and way_on.strip()
    return problem


@pytest.fixture(scope="session")
def binaries() -> Binaries:
    return find_binaries("embedded")


@pytest.fixture
def home() -> Iterator[Path]:
    """A home; whatever serves it at the end is stopped, and what root keeps elsewhere is removed.

    Its path is short: a socket's address holds 107 bytes, and the temporary folders of workers are long.
    """
    with tempfile.TemporaryDirectory(prefix="tc-") as short:
        folder = Path(short) / "home"
        yield folder
        inner = folder.resolve() / "postgres"
        clear(inner)
        if (base := standing.base_of(inner)) != inner:
            shutil.rmtree(base)


@pytest.fixture
def cluster(home: Path, binaries: Binaries) -> Cluster:
    return Cluster(home, binaries=binaries)
