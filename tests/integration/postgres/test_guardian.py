"""B11: no server is left when its owner is gone, however the owner went."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from tiercare.postgres import Cluster, PostgresProblem, process

from .conftest import AS_ROOT, program, query, reported, servers_of, unguarded, until

pytestmark = pytest.mark.processes


@pytest.mark.parametrize("way", ["here", "service"])
def test_owner_killed(home: Path, cluster: Cluster, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "service":
        if not AS_ROOT:
            pytest.skip("only root needs a system user for the server")
        monkeypatch.setenv("TIERCARE_NO_USERNS", "1")
    owner = program(home, "owned", "stay")
    reported(owner)
    data = cluster.status().data
    assert servers_of(data)
    owner.kill()  # and not waited for: a zombie is gone, too
    assert until(lambda: not servers_of(data), 90)
    assert until(lambda: unguarded(cluster.folder), 90)
    owner.communicate()
    assert not (data / "postmaster.pid").exists()  # a clean end, nothing to recover


@pytest.mark.parametrize("delay", [0.0, 0.03, 0.1, 0.2, 0.4])
def test_owner_killed_while_it_starts(home: Path, cluster: Cluster, delay: float) -> None:
    cluster.start()
    cluster.stop()
    owner = program(home, "owned", "stay")
    assert owner.stdout
    owner.stdout.readline()
    time.sleep(delay)
    owner.kill()
    owner.communicate()
    data = cluster.status().data
    assert until(
        lambda: not servers_of(data) and not process.is_held(cluster.folder / process.RUNNING_LOCK), 15
    )
    assert query(cluster.start().application, "SELECT 1") == [(1,)]


def test_an_owner_takes_over_a_server_that_runs(home: Path, cluster: Cluster) -> None:
    cluster.start()
    before = cluster.status()
    owner = program(home, "owned", "stay")
    assert reported(owner)[0] == before.pid
    owner.kill()
    owner.communicate()
    assert until(lambda: not servers_of(before.data), 90)


def test_the_last_of_two_owners_counts(home: Path, cluster: Cluster) -> None:
    first, second = program(home, "owned", "stay"), program(home, "owned", "stay")
    assert reported(first)[0] == reported(second)[0]
    data = cluster.status().data
    first.kill()
    first.communicate()
    time.sleep(2)
    assert servers_of(data)
    second.kill()
    second.communicate()
    assert until(lambda: not servers_of(data), 90)


def test_without_an_owner_it_stays_until_it_is_stopped(home: Path, cluster: Cluster) -> None:
    starter = program(home, "free", "leave")
    pid = reported(starter)[0]
    starter.communicate(timeout=120)
    time.sleep(1.5)
    assert cluster.status().pid == pid
    cluster.stop()
    assert not servers_of(cluster.status().data)


def test_no_silent_start_without_a_guardian(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(PostgresProblem) as caught:
        cluster.start(owned=True)
    assert caught.value.code == "no_guardian" and "/nonexistent/python" in caught.value.message.zh
    assert not servers_of(cluster.status().data)


def test_stopping_ends_the_guardian_of_a_living_owner(home: Path, cluster: Cluster) -> None:
    owner = program(home, "owned", "stay")
    reported(owner)
    cluster.stop()
    assert until(lambda: unguarded(cluster.folder), 90)
    assert owner.poll() is None
    owner.kill()
    owner.communicate()
