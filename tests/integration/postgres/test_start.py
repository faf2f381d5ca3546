"""The first start, every later one, and two at once."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import psycopg
import pytest

from tiercare.config import env
from tiercare.postgres import Cluster, find_binaries

from .conftest import program, query, reported, servers_of

pytestmark = pytest.mark.processes


@pytest.mark.parametrize("kind", ["embedded", "system"])
def test_first_start_makes_what_the_platform_needs(home: Path, kind: str) -> None:
    if kind == "system" and not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        pytest.skip("no PostgreSQL of the system is installed")
    cluster = Cluster(home, binaries=find_binaries("embedded" if kind == "embedded" else "system"))
    assert cluster.status().state == "absent"
    urls = cluster.start()
    query(urls.owner, "CREATE EXTENSION btree_gist")
    query(urls.owner, "CREATE EXTENSION pg_trgm")
    facts = query(
        urls.owner,
        "SELECT current_setting('data_checksums'), current_setting('server_encoding'),"
        " current_setting('listen_addresses'), cardinality(show_trgm('芜湖市')) > 1",
    )
    assert facts == [("on", "UTF8", "", True)]
    roles = query(
        urls.owner, "SELECT rolname, rolsuper, rolcreatedb FROM pg_roles WHERE rolname LIKE 'tiercare%'"
    )
    assert sorted(roles) == [
        ("tiercare_app", False, False),
        ("tiercare_owner", False, True),
        ("tiercare_root", True, True),
    ]
    assert cluster.stop() is True
    assert cluster.stop() is False
    assert cluster.status().state == "stopped"


def test_the_application_cannot_change_tables(cluster: Cluster) -> None:
    urls = cluster.start()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        query(urls.application, "CREATE TABLE mine (id int)")


def test_addresses_are_understood_by_the_settings(cluster: Cluster) -> None:
    urls = cluster.start()
    for url, role in ((urls.owner, "tiercare_owner"), (urls.application, "tiercare_app")):
        told = env.database(url)
        with psycopg.connect(
            host=str(told["HOST"]),
            port=str(told["PORT"]),
            user=str(told["USER"]),
            password=str(told["PASSWORD"]),
            dbname=str(told["NAME"]),
        ) as connection:
            assert connection.info.user == role


def test_a_password_is_asked_even_of_the_files_owner(cluster: Cluster) -> None:
    socket = (cluster.start(), cluster.status().socket)[1]
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(host=str(socket), user="tiercare_root", dbname="postgres", passfile="/dev/null")


def test_secrets_and_socket_are_private(cluster: Cluster) -> None:
    cluster.start()
    socket = cluster.status().socket
    assert socket is not None
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    for name in ("owner.json", "server.log"):
        assert stat.S_IMODE((cluster.folder / name).stat().st_mode) == 0o600
    assert not (cluster.folder / "initial-password").exists()


def test_second_start_adopts_the_same_server(cluster: Cluster, home: Path) -> None:
    urls = cluster.start()
    pid = cluster.status().pid
    assert Cluster(home, binaries=cluster.binaries).start() == urls
    assert cluster.status().pid == pid


def test_data_and_passwords_stay_over_a_restart(cluster: Cluster) -> None:
    urls = cluster.start()
    query(urls.owner, "CREATE TABLE kept AS SELECT '芜湖' AS place")
    cluster.stop()
    assert cluster.start() == urls
    assert query(urls.owner, "SELECT place FROM kept") == [("芜湖",)]


def test_four_first_starts_at_once_make_one_server(home: Path, cluster: Cluster) -> None:
    started = [program(home, "free", "leave") for _ in range(4)]
    answers = {reported(one) for one in started}
    for one in started:
        one.communicate(timeout=180)
    assert len(answers) == 1
    assert len([pid for pid in servers_of(cluster.status().data) if pid == cluster.status().pid]) == 1


def test_an_interrupted_first_start_leaves_no_database_and_the_next_one_heals(
    home: Path, cluster: Cluster
) -> None:
    first = program(home, "free", "leave")
    assert first.stdout
    first.stdout.readline()
    half_made = cluster.folder / f"new-data-{cluster.binaries.major}"
    while not (half_made / "base").exists() and first.poll() is None:
        os.sched_yield()
    first.kill()
    first.communicate()
    assert half_made.exists() and cluster.status().state == "absent"
    urls = cluster.start()
    assert query(urls.application, "SELECT 1") == [(1,)]
    assert not half_made.exists()


@pytest.mark.parametrize("name", ["分级 诊疗,主 库", "long-" * 30])
def test_a_home_whose_path_no_socket_can_have(tmp_path: Path, name: str, cluster: Cluster) -> None:
    odd = Cluster(tmp_path / name, binaries=cluster.binaries)
    urls = odd.start()
    try:
        assert query(urls.application, "SELECT current_database()") == [("tiercare",)]
        socket = odd.status().socket
        assert socket and len(os.fsencode(socket / ".s.PGSQL.5432")) <= 107
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    finally:
        odd.stop()
    assert not socket.exists()
