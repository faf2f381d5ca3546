"""B11: crashes, and the pid files that they leave."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tiercare.postgres import Cluster, Message, PostgresProblem, Urls, launch

from .conftest import kill_server, query, refusal, servers_of, until

pytestmark = pytest.mark.processes


@pytest.fixture
def crashed(cluster: Cluster) -> Iterator[tuple[Cluster, Path]]:
    """A cluster whose server was killed, with one committed row."""
    urls = cluster.start()
    query(urls.owner, "CREATE TABLE kept AS SELECT 1 AS number")
    yield cluster, kill_server(cluster)


@pytest.fixture
def bystander() -> Iterator[int]:
    """A live process of ours that is no PostgreSQL; it must live on."""
    sleeper = subprocess.Popen(["sleep", "300"])
    yield sleeper.pid
    assert sleeper.poll() is None
    sleeper.kill()
    sleeper.wait()


def _renumber(path: Path, pid: int) -> None:
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([f"{pid}\n", *lines[1:]]))


def _kept(cluster: Cluster) -> bool:
    return query(cluster.start().owner, "SELECT number FROM kept") == [(1,)]


def test_killed_server_recovers_every_committed_row(cluster: Cluster) -> None:
    urls = cluster.start()
    query(urls.owner, "CREATE TABLE acknowledged (number int PRIMARY KEY)")
    acknowledged = 0
    killer = threading.Timer(1.0, os.kill, (cluster.status().pid, signal.SIGKILL))
    with psycopg.connect(urls.owner, autocommit=True) as writer:
        killer.start()
        with pytest.raises(psycopg.OperationalError):
            while True:
                writer.execute("INSERT INTO acknowledged VALUES (%s)", [acknowledged + 1])
                acknowledged += 1
    killer.join()
    assert acknowledged > 10
    urls = cluster.start()  # at once, while processes of the killed server may still be there
    found = query(urls.owner, "SELECT count(*), max(number) FROM acknowledged")[0]
    assert found in {(acknowledged, acknowledged), (acknowledged + 1, acknowledged + 1)}


def test_stale_pid_file_of_a_process_that_is_gone(crashed: tuple[Cluster, Path]) -> None:
    cluster, data = crashed
    ended = subprocess.Popen(["true"])
    ended.wait()
    _renumber(data / "postmaster.pid", ended.pid)
    assert _kept(cluster)


def test_stale_pid_file_whose_number_is_anothers(crashed: tuple[Cluster, Path], bystander: int) -> None:
    cluster, data = crashed
    _renumber(data / "postmaster.pid", bystander)
    _renumber(cluster.folder / "socket" / ".s.PGSQL.5432.lock", bystander)
    assert cluster.status().state == "stopped"
    assert _kept(cluster)


def test_postgresql_alone_would_refuse_the_reused_number(
    crashed: tuple[Cluster, Path], bystander: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: without our word PostgreSQL takes the bystander for a rival."""
    cluster, data = crashed
    _renumber(data / "postmaster.pid", bystander)
    monkeypatch.setattr(launch, "_past_stale_files", lambda data, socket: {})
    problem = refusal(cluster)
    assert problem.code == "ended"
    assert "already exists" in problem.message.zh and str(data) in problem.message.zh


@pytest.mark.parametrize("content", ["", "garbage\n"])
def test_pid_file_without_a_number(crashed: tuple[Cluster, Path], content: str) -> None:
    cluster, data = crashed
    (data / "postmaster.pid").write_text(content)
    assert _kept(cluster)
    assert len(list(data.glob("postmaster.pid.unreadable-*"))) == 1


def test_stop_never_signals_a_bystander(crashed: tuple[Cluster, Path], bystander: int) -> None:
    cluster, data = crashed
    _renumber(data / "postmaster.pid", bystander)
    assert cluster.stop() is False


def test_a_server_with_the_wrong_start_time_is_not_adopted(cluster: Cluster) -> None:
    cluster.start()
    path = cluster.status().data / "postmaster.pid"
    original = path.read_text()
    lines = original.splitlines(keepends=True)
    path.write_text("".join([*lines[:2], f"{int(lines[2]) - 86_400}\n", *lines[3:]]))
    assert refusal(cluster).code == "other_server"
    path.write_text(original)
    cluster.start()


def test_lost_passwords_are_named(cluster: Cluster) -> None:
    cluster.start()
    secret = cluster.folder / "owner.json"
    secret.write_text(secret.read_text().replace('"tiercare_root": "', '"tiercare_root": "x'))
    problem = refusal(cluster)
    assert problem.code == "credentials_lost" and str(secret) in problem.message.zh


def _startup_process(data: Path) -> int | None:
    for pid in servers_of(data):
        try:
            title = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if title.startswith(b"postgres: startup"):
            return pid
    return None


def test_recovery_longer_than_a_short_wait(cluster: Cluster) -> None:
    """A wait of ten seconds, as other supervisors have, would call this a failed start."""
    urls = cluster.start()
    root = cluster.maintenance_url()
    for setting in ("max_wal_size = '4GB'", "checkpoint_timeout = '1h'"):
        with psycopg.connect(root, autocommit=True) as connection:
            connection.execute(f"ALTER SYSTEM SET {setting}")
    query(root, "SELECT pg_reload_conf()")
    query(
        urls.owner,
        "CREATE TABLE big AS SELECT n, repeat('诊', 50) AS text FROM generate_series(1, 800000) n",
    )
    data = kill_server(cluster)

    told: list[tuple[float, Message]] = []
    began = time.monotonic()
    answer: list[Urls] = []
    starting = threading.Thread(
        target=lambda: answer.append(
            cluster.start(progress=lambda m: told.append((time.monotonic() - began, m)))
        )
    )
    starting.start()
    assert until(lambda: _startup_process(data) is not None, 90)
    startup = _startup_process(data)
    assert startup is not None
    os.kill(startup, signal.SIGSTOP)  # a slow disk
    impatient = Cluster(cluster.folder.parent, binaries=cluster.binaries)
    try:
        time.sleep(8)
        with pytest.raises(PostgresProblem) as caught:
            impatient.start(timeout=3)
        assert caught.value.code == "slow"
    finally:
        os.kill(startup, signal.SIGCONT)
    starting.join(60)
    assert answer and query(answer[0].owner, "SELECT count(*) FROM big") == [(800_000,)]
    recovering = [when for when, message in told if "恢复" in message.zh]
    assert len(recovering) >= 3 and max(recovering) > 8
