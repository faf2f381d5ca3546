"""Starts that must not happen, each with the place and the way on."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tiercare.postgres import Cluster, PostgresProblem, binaries, checks, find_binaries

from .conftest import AS_ROOT, clear, query, refusal

pytestmark = pytest.mark.processes


@pytest.fixture
def small_disk(home: Path) -> Iterator[Path]:
    """A file system of 150 MB under the home."""
    home.mkdir()
    mounted = (
        AS_ROOT
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=150m", "tiercare-test", home], check=False
        ).returncode
    )
    if not mounted:
        pytest.skip("a small file system can only be mounted by root")
    yield home
    clear(home / "postgres")
    subprocess.run(["umount", "--lazy", home], check=True)


def _resize(home: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", home], check=True)


def test_full_disk_is_named_and_the_start_works_when_there_is_room(
    small_disk: Path, cluster: Cluster
) -> None:
    problem = refusal(cluster)
    assert problem.code == "disk_full"
    assert str(cluster.folder) in problem.message.zh and "150 MB" in problem.message.zh
    assert not list(cluster.folder.glob("*data-*"))
    _resize(small_disk, "600m")
    urls = cluster.start()
    query(urls.owner, "CREATE TABLE kept AS SELECT 1 AS number")
    cluster.stop()
    _resize(small_disk, "150m")
    assert refusal(cluster).code == "disk_full"
    _resize(small_disk, "600m")
    assert query(cluster.start().owner, "SELECT number FROM kept") == [(1,)]
    cluster.stop()


def test_disk_that_fills_up_while_the_database_is_made(
    small_disk: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "NEEDED_FREE", 0)
    _resize(small_disk, "20m")
    assert refusal(cluster).code == "disk_full"
    assert cluster.status().state == "absent"
    _resize(small_disk, "600m")
    assert query(cluster.start().application, "SELECT 1") == [(1,)]
    cluster.stop()


def test_data_of_a_newer_version(cluster: Cluster) -> None:
    cluster.start()
    data = cluster.status().data
    cluster.stop()
    newer = data.with_name("data-99")
    data.rename(newer)
    (newer / "PG_VERSION").write_text("99\n")
    problem = refusal(cluster)
    assert problem.code == "newer_data" and str(newer) in problem.message.en
    assert not data.exists()  # in particular, no empty database beside it


def test_data_of_another_build_of_the_same_version(cluster: Cluster) -> None:
    cluster.start()
    data = cluster.status().data
    cluster.stop()
    with (data / "global" / "pg_control").open("r+b") as control:
        control.seek(8)  # pg_control_version
        control.write((1999).to_bytes(4, "little"))
    assert refusal(cluster).code == "newer_data"


def test_data_of_an_older_version(cluster: Cluster) -> None:
    old = cluster.folder / "data-15"
    old.mkdir(parents=True)
    (old / "PG_VERSION").write_text("15\n")
    problem = refusal(cluster)
    assert problem.code == "older_data" and str(old) in problem.message.zh


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "9p", "fuse.sshfs", "virtiofs"])
def test_shared_mounts(
    home: Path, cluster: Cluster, kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mounts = tmp_path / "mounts"
    shared = tmp_path / "共享 盘"
    escaped = str(shared).replace(" ", r"\040")
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/export {escaped} {kind} rw 0 0\n", encoding="utf-8")
    monkeypatch.setattr(checks, "MOUNTS", mounts)
    problem = refusal(Cluster(shared / "home", binaries=cluster.binaries))
    assert problem.code == "shared_mount" and kind in problem.message.zh
    assert not shared.exists()
    checks.refuse_shared_mount(home)  # beside it, nothing is shared


def test_a_local_disk_mounted_inside_a_share_is_fine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/vda / ext4 rw 0 0\nserver:/x /srv nfs4 rw 0 0\n/dev/vdb /srv/local ext4 rw 0 0\n")
    monkeypatch.setattr(checks, "MOUNTS", mounts)
    checks.refuse_shared_mount(Path("/srv/local/home"))
    with pytest.raises(PostgresProblem):
        checks.refuse_shared_mount(Path("/srv/locally"))


@pytest.mark.skipif(not AS_ROOT, reason="only root can give files away")
@pytest.mark.parametrize("whole", [True, False])
def test_folder_of_somebody_else(cluster: Cluster, whole: bool) -> None:
    cluster.start()
    data = cluster.status().data
    cluster.stop()
    folder = cluster.folder if whole else data
    os.chown(folder, 12_345, 12_345)
    problem = refusal(cluster)
    assert problem.code == "foreign_folder"
    assert "12345" in problem.message.zh and str(folder) in problem.way_on.zh
    os.chown(folder, 0, 0)


def test_home_below_a_file(tmp_path: Path, cluster: Cluster) -> None:
    (tmp_path / "file").write_text("")
    assert refusal(Cluster(tmp_path / "file" / "home", binaries=cluster.binaries)).code == "unwritable"


def test_socket_folder_that_is_open_to_others(cluster: Cluster) -> None:
    (cluster.folder / "socket").mkdir(parents=True, mode=0o755)
    problem = refusal(cluster)
    assert problem.code == "socket_folder" and str(cluster.folder / "socket") in problem.way_on.zh


def test_missing_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "SYSTEM_ROOT", tmp_path)
    with pytest.raises(PostgresProblem) as caught:
        find_binaries("system")
    assert caught.value.code == "binaries_missing"
    with pytest.raises(PostgresProblem) as caught:
        find_binaries("embedded", major=14)
    assert caught.value.code == "binaries_missing"


def test_programs_of_a_version_that_is_too_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "14" / "bin"
    folder.mkdir(parents=True)
    for name in ("postgres", "initdb", "pg_controldata", "pg_dump", "pg_restore", "psql"):
        (folder / name).write_text('#!/bin/sh\necho "postgres (PostgreSQL) 14.9"\n')
        (folder / name).chmod(0o755)
    monkeypatch.setattr(binaries, "SYSTEM_ROOT", tmp_path)
    with pytest.raises(PostgresProblem) as caught:
        find_binaries("system")
    assert caught.value.code == "binaries_old" and "14.9" in caught.value.message.zh


def test_folder_still_in_use_elsewhere(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """As from another container that shares the folder: its processes are not seen, but its lock is."""
    from tiercare.postgres import cluster as module
    from tiercare.postgres import process

    cluster.start()
    cluster.stop()
    monkeypatch.setattr(module, "_LINGER", 1.0)
    handle = process.try_lock(cluster.folder / process.RUNNING_LOCK)
    assert handle is not None
    assert refusal(cluster).code == "still_in_use"
    os.close(handle)
    cluster.start()
