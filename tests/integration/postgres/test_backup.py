"""C6: what is saved comes back, what is damaged is refused, and a backup is proven by restoring it."""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tiercare.postgres import Binaries, Cluster, PostgresProblem, Urls, backup, find_binaries, restore, verify
from tiercare.postgres.manifest import manifest_path

from .conftest import query, servers_of

pytestmark = pytest.mark.processes

_SCHEMA = """
    CREATE EXTENSION btree_gist;
    CREATE TABLE beds (id int PRIMARY KEY, place text, period daterange,
        CONSTRAINT one_at_a_time EXCLUDE USING gist (place WITH =, period WITH &&));
    INSERT INTO beds SELECT n, '床位' || n, daterange('2019-07-01', '2019-08-01') FROM generate_series(1, 500) n;
    CREATE TABLE secrets (id int); INSERT INTO secrets VALUES (1), (2);
    ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;
    CREATE POLICY nobody_reads ON secrets USING (false);
    GRANT SELECT ON beds, secrets TO tiercare_app;
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, binaries: Binaries) -> Iterator[tuple[Cluster, Urls]]:
    cluster = Cluster(tmp_path_factory.mktemp("backup"), binaries=binaries)
    yield cluster, cluster.start()
    cluster.stop()
    assert not servers_of(cluster.status().data)


@pytest.fixture
def urls(served: tuple[Cluster, Urls]) -> Urls:
    """Addresses of a database with rows in it, made anew for each test."""
    cluster, addresses = served
    root = cluster.maintenance_url()
    names = [
        str(name) for (name,) in query(root, "SELECT datname FROM pg_database WHERE datname LIKE 'tiercare%'")
    ]
    with psycopg.connect(root, autocommit=True) as connection:
        for name in names:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        connection.execute("CREATE DATABASE tiercare OWNER tiercare_owner")
    query(addresses.owner, _SCHEMA)
    return addresses


@pytest.fixture
def saved(urls: Urls, binaries: Binaries, tmp_path: Path) -> Path:
    return backup(urls, tmp_path, binaries=binaries)


def _everything(url: str) -> list[tuple[object, ...]]:
    return query(url, "SELECT id, place, period FROM beds ORDER BY id") + query(
        url, "SELECT id FROM secrets ORDER BY 1"
    )


def _databases(urls: Urls) -> set[str]:
    return {
        str(name)
        for (name,) in query(urls.owner, "SELECT datname FROM pg_database WHERE datname LIKE 'tierc%'")
    }


def test_round_trip(urls: Urls, saved: Path, binaries: Binaries) -> None:
    before = _everything(urls.owner)
    query(urls.owner, "DELETE FROM beds WHERE id > 3; INSERT INTO secrets VALUES (3)")
    after = _everything(urls.owner)
    with psycopg.connect(urls.application, autocommit=True) as at_work:  # cut off by the swap
        done = restore(urls, saved, binaries=binaries)
        with pytest.raises(psycopg.OperationalError):
            at_work.execute("SELECT 1")
    assert _everything(urls.owner) == before
    assert done.manifest.tables == {"public.beds": 500, "public.secrets": 2}
    assert done.previous is not None
    assert _everything(urls.owner.replace("@/tiercare?", f"@/{done.previous}?")) == after
    assert _databases(urls) == {"tiercare", done.previous}
    # rights, policies and constraints came back, too
    assert query(urls.application, "SELECT (SELECT count(*) FROM beds), (SELECT count(*) FROM secrets)") == [
        (500, 0)
    ]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        query(urls.application, "DELETE FROM beds")
    with pytest.raises(psycopg.errors.ExclusionViolation):
        query(urls.owner, "INSERT INTO beds VALUES (501, '床位1', daterange('2019-07-15', '2019-07-16'))")


def test_into_a_database_that_does_not_exist(urls: Urls, saved: Path, binaries: Binaries) -> None:
    assert restore(urls, saved, into="tiercare_copy", binaries=binaries).previous is None
    assert _everything(urls.owner.replace("@/tiercare?", "@/tiercare_copy?")) == _everything(urls.owner)


def test_backup_while_rows_arrive_counts_its_own_moment(
    urls: Urls, binaries: Binaries, tmp_path: Path
) -> None:
    enough = threading.Event()

    def write() -> None:
        with psycopg.connect(urls.owner, autocommit=True) as connection:
            while not enough.is_set():
                connection.execute("INSERT INTO secrets VALUES (9)")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        saved = backup(urls, tmp_path, binaries=binaries)
    finally:
        enough.set()
        writer.join()
    proof = verify(urls, saved, binaries=binaries)
    assert 2 <= proof.manifest.tables["public.secrets"] < len(query(urls.owner, "SELECT 1 FROM secrets"))


def test_backup_is_private_whole_and_never_overwritten(
    urls: Urls, saved: Path, binaries: Binaries, tmp_path: Path
) -> None:
    assert {path.name for path in tmp_path.iterdir()} == {saved.name, manifest_path(saved).name}
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    with pytest.raises(PostgresProblem) as caught:
        backup(urls, saved, binaries=binaries)
    assert caught.value.code == "target_exists"


def test_backup_that_fails_leaves_no_file(urls: Urls, binaries: Binaries, tmp_path: Path) -> None:
    query(urls.owner, "ALTER TABLE secrets FORCE ROW LEVEL SECURITY")  # then even the owner sees too few rows
    with pytest.raises(PostgresProblem) as caught:
        backup(urls, tmp_path, binaries=binaries)
    assert caught.value.code == "backup_failed" and "secrets" in caught.value.message.zh
    assert not list(tmp_path.iterdir())
    with pytest.raises(PostgresProblem) as caught:
        backup(urls, tmp_path / "missing" / "x.dump", binaries=binaries)
    assert caught.value.code == "backup_failed"


@pytest.mark.parametrize("hurt", ["flipped", "cut", "no manifest", "torn manifest"])
def test_damaged_backup(urls: Urls, saved: Path, binaries: Binaries, hurt: str) -> None:
    content = bytearray(saved.read_bytes())
    if hurt == "flipped":
        content[len(content) // 2] ^= 1
        saved.write_bytes(content)
    elif hurt == "cut":
        saved.write_bytes(content[:-100])
    elif hurt == "no manifest":
        manifest_path(saved).unlink()
    else:
        manifest_path(saved).write_text(manifest_path(saved).read_text()[:-20])
    before = _everything(urls.owner)
    for attempt in (restore, verify):
        with pytest.raises(PostgresProblem) as caught:
            attempt(urls, saved, binaries=binaries)
        assert caught.value.code == "damaged" and str(saved) in caught.value.message.zh
    assert _everything(urls.owner) == before and _databases(urls) == {"tiercare"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"app": "99.0"}, "newer_backup"),
        ({"postgres": 99}, "newer_backup"),
        ({"format": 2}, "newer_backup"),
        ({"tables": {"public.beds": 499, "public.secrets": 2}}, "rows_differ"),
    ],
)
def test_backup_that_does_not_fit(
    urls: Urls, saved: Path, binaries: Binaries, change: dict[str, object], code: str
) -> None:
    told = json.loads(manifest_path(saved).read_text())
    manifest_path(saved).write_text(json.dumps(told | change))
    before = _everything(urls.owner)
    with pytest.raises(PostgresProblem) as caught:
        restore(urls, saved, binaries=binaries)
    assert caught.value.code == code
    assert _everything(urls.owner) == before and _databases(urls) == {"tiercare"}


def test_restore_that_breaks_off_leaves_the_old_database(urls: Urls, saved: Path, binaries: Binaries) -> None:
    """A dump that the sum vouches for but PostgreSQL cannot read."""
    from tiercare.postgres.manifest import sha256

    saved.write_bytes(saved.read_bytes()[: saved.stat().st_size // 2])
    told = json.loads(manifest_path(saved).read_text())
    manifest_path(saved).write_text(json.dumps(told | {"sha256": sha256(saved)}))
    before = _everything(urls.owner)
    with pytest.raises(PostgresProblem) as caught:
        restore(urls, saved, binaries=binaries)
    assert caught.value.code == "restore_failed"
    assert _everything(urls.owner) == before and _databases(urls) == {"tiercare"}


def test_proof_with_pages_and_indexes_checked(
    served: tuple[Cluster, Urls], urls: Urls, saved: Path, binaries: Binaries
) -> None:
    proof = verify(urls, saved, binaries=binaries, maintenance=served[0].maintenance_url())
    assert proof.amcheck and proof.manifest.rows == 502
    assert _databases(urls) == {"tiercare"}


def test_programs_of_another_version(urls: Urls, tmp_path: Path) -> None:
    if not any(Path("/usr/lib/postgresql").glob("15/bin/initdb")):
        pytest.skip("no PostgreSQL 15 of the system is installed")
    with pytest.raises(PostgresProblem) as caught:
        backup(urls, tmp_path, binaries=find_binaries("system", major=15))
    assert caught.value.code == "programs_differ" and "postgresql-client-18" in caught.value.way_on.zh


def test_no_server(binaries: Binaries, tmp_path: Path) -> None:
    nowhere = f"postgresql://tiercare_owner:x@/tiercare?host={tmp_path}"
    with pytest.raises(PostgresProblem) as caught:
        backup(Urls(nowhere, nowhere), tmp_path, binaries=binaries)
    assert caught.value.code == "unreachable"
