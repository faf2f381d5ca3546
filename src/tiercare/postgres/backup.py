"""Backup to one file with a manifest, restore beside and swap by name, and the proof that a backup can be restored."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from .binaries import Binaries, quiet_environment
from .manifest import FORMAT, Manifest, manifest_path, read_manifest, sha256, write_manifest
from .problems import Message, PostgresProblem
from .roles import Urls

Progress = Callable[[Message], None]
_TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass
                      AND d.deptype = 'e')
    ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Restored:
    """A finished restore: the database of that name is now the backup; what it was before is kept as ``previous``."""

    database: str
    previous: str | None
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Verification:
    """A proof: the backup was restored into a scratch database, its rows counted, its pages and indexes checked.

    Attributes:
        manifest: of the backup.
        proven_at: ISO 8601, UTC.
        amcheck: whether ``pg_amcheck`` ran too; it needs the maintenance address.
    """

    manifest: Manifest
    proven_at: str
    amcheck: bool


def _silent(message: Message) -> None:
    """For callers that show no progress."""


def backup(urls: Urls, target: Path, *, binaries: Binaries, progress: Progress = _silent) -> Path:
    """Save the whole database, as of one moment, while it is in use.

    Args:
        urls: the owner's address is used.
        target: the file to make, or a directory, in which it is named by the time.
        binaries: programs of the server's major version.

    Returns:
        the backup file; its manifest lies beside it.

    Raises:
        PostgresProblem: ``unreachable``, ``programs_differ``, ``target_exists`` or ``backup_failed``; then no file
            is left.
    """
    now = datetime.now(UTC)
    if target.is_dir():
        target = target / f"tiercare-{now:%Y%m%d-%H%M%S}.dump"
    if target.exists() or manifest_path(target).exists():
        raise PostgresProblem(
            "target_exists",
            Message(f"备份文件 {target} 已存在,不会覆盖。", f"{target} exists and is not overwritten."),
            Message("请换一个文件名,或给出一个目录。", "Give another name, or a directory."),
        )
    draft = target.with_name(f".{target.name}.draft")
    with _connected(urls.owner) as connection:
        major = _same_major(connection, binaries)
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        try:
            with connection.transaction():
                row = connection.execute("SELECT pg_export_snapshot()").fetchone()
                assert row is not None
                progress(Message("正在备份数据库…", "Saving the database…"))
                os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))  # patients' data
                arguments = (
                    "--format=custom",
                    "--lock-wait-timeout=60000",
                    f"--snapshot={row[0]}",
                    f"--file={draft}",
                )
                _run(binaries, "pg_dump", urls.owner, *arguments, code="backup_failed")
                tables = _count(connection)
            digest = sha256(draft)
            manifest = Manifest(FORMAT, version("tiercare"), major, now.isoformat(), digest, tables)
            draft.rename(target)
            write_manifest(target, manifest)
        except OSError as error:
            raise _failed("backup_failed", f"{target}: {error}") from error
        finally:
            draft.unlink(missing_ok=True)
    return target


def restore(
    urls: Urls, source: Path, *, into: str | None = None, binaries: Binaries, progress: Progress = _silent
) -> Restored:
    """Bring a backup back: into a fresh database, checked, then put in the place of the old one by renaming.

    Until the swap the old database serves untouched; the swap is one transaction. Sessions on the old one are cut.

    Args:
        urls: the owner's address; the owner may create databases and end other sessions (``pg_signal_backend``).
        source: a backup with its manifest beside it.
        into: name of the database; that of the address if not given.

    Raises:
        PostgresProblem: ``damaged``, ``newer_backup``, ``programs_differ``, ``unreachable``, ``rows_differ`` or
            ``restore_failed``; then the old database is as it was.
    """
    manifest = read_manifest(source)
    name = into or str(conninfo_to_dict(urls.owner)["dbname"])
    with _connected(urls.owner, "postgres") as admin:
        _refuse_newer(manifest, source, _same_major(admin, binaries))
        with _scratch(admin, f"{name}_restoring") as fresh:
            progress(Message("正在恢复备份…", "Restoring the backup…"))
            _fill(urls, source, manifest, fresh, binaries)
            progress(Message("正在换上恢复的数据库…", "Swapping the databases…"))
            previous = _swap(admin, fresh, name)
    return Restored(name, previous, manifest)


def verify(
    urls: Urls,
    source: Path,
    *,
    binaries: Binaries,
    maintenance: str | None = None,
    progress: Progress = _silent,
) -> Verification:
    """Prove a backup: restore it into a scratch database, count its rows, check its pages and indexes, drop it.

    Args:
        maintenance: the superuser's address (``Cluster.maintenance_url``); without it ``pg_amcheck`` is left out.

    Raises:
        PostgresProblem: as ``restore``, and ``damaged`` for what ``pg_amcheck`` finds.
    """
    manifest = read_manifest(source)
    with _connected(urls.owner, "postgres") as admin:
        _refuse_newer(manifest, source, _same_major(admin, binaries))
        with _scratch(admin, "tiercare_proof") as scratch:
            progress(Message("正在试恢复备份…", "Restoring the backup on trial…"))
            _fill(urls, source, manifest, scratch, binaries)
            checked = maintenance is not None and binaries.has("pg_amcheck")
            if maintenance is not None and checked:
                progress(Message("正在检查数据页和索引…", "Checking pages and indexes…"))
                address = make_conninfo(maintenance, dbname=scratch)
                _run(binaries, "pg_amcheck", address, "--install-missing", "--jobs=2", code="damaged")
    return Verification(manifest, datetime.now(UTC).isoformat(), checked)


# -- parts ------------------------------------------------------------------------------------------------------


@contextmanager
def _connected(url: str, database: str | None = None) -> Iterator[psycopg.Connection]:
    address = make_conninfo(url, dbname=database) if database else url
    try:
        connection = psycopg.connect(address, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise PostgresProblem(
            "unreachable",
            Message(f"无法连接数据库:{error}", f"The database cannot be reached: {error}"),
            Message(
                "请检查数据库是否在运行:tiercare db status。", "Check whether it runs: tiercare db status."
            ),
        ) from error
    with connection:
        yield connection


def _same_major(connection: psycopg.Connection, binaries: Binaries) -> int:
    """Programs of another version write files that the server's own cannot read, or the other way round."""
    major = connection.info.server_version // 10_000
    if major != binaries.major:
        raise PostgresProblem(
            "programs_differ",
            Message(
                f"服务器是 PostgreSQL {major},而程序 {binaries.folder} 是 {binaries.version}。",
                f"The server is PostgreSQL {major}; the programs in {binaries.folder} are {binaries.version}.",
            ),
            Message(
                f"请安装同版本的程序:apt-get install postgresql-client-{major}。",
                f"Install programs of its version: apt-get install postgresql-client-{major}.",
            ),
        )
    return major


def _count(connection: psycopg.Connection) -> dict[str, int]:
    counts = {}
    connection.execute(
        "SET row_security = off"
    )  # a policy that hides rows is an error here, not a smaller number
    for schema, table in connection.execute(_TABLES).fetchall():
        row = connection.execute(
            sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))
        ).fetchone()
        counts[f"{schema}.{table}"] = row[0] if row else 0
    return counts


def _run(binaries: Binaries, program: str, url: str, *arguments: str, code: str) -> None:
    """Run a client program; address and password go by the environment, where other users cannot read them."""
    options = psycopg.pq.Conninfo.parse(url.encode())
    address = {one.envvar.decode(): one.val.decode() for one in options if one.envvar and one.val is not None}
    command = [binaries.program(program), "--no-password", *arguments]
    environment = quiet_environment() | address
    ran = subprocess.run(
        command, capture_output=True, text=True, errors="replace", check=False, env=environment
    )
    if ran.returncode:
        raise _failed(code, f"{program}: {(ran.stderr + ran.stdout).strip()[-800:]}")


@contextmanager
def _scratch(admin: psycopg.Connection, prefix: str) -> Iterator[str]:
    """A new database, dropped at the end if it still has its name."""
    name = f"{prefix[:40]}_{secrets.token_hex(4)}"
    try:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg.Error as error:
        raise _failed("restore_failed", str(error)) from error
    try:
        yield name
    finally:
        # A connection that broke on the way has its own error on the way out; it must not be hidden by this one.
        with suppress(psycopg.OperationalError):
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def _fill(urls: Urls, source: Path, manifest: Manifest, database: str, binaries: Binaries) -> None:
    address = make_conninfo(urls.owner, dbname=database)
    options = ("--exit-on-error", "--no-owner", "--jobs=2", f"--dbname={database}")
    _run(binaries, "pg_restore", address, *options, str(source.resolve()), code="restore_failed")
    with _connected(address) as connection:
        found = _count(connection)
        connection.execute("ANALYZE")
    differing = sorted(
        f"{table}: {manifest.tables.get(table)} → {found.get(table)}"
        for table in manifest.tables.keys() | found.keys()
        if manifest.tables.get(table) != found.get(table)
    )
    if differing:
        shown = "; ".join(differing[:5])
        raise PostgresProblem(
            "rows_differ",
            Message(
                f"恢复后的行数与备份清单不符:{shown}",
                f"Rows after the restore differ from the manifest: {shown}",
            ),
            Message("原数据库未改动;请换一份备份。", "The old database is as it was; use another backup."),
        )


def _swap(admin: psycopg.Connection, fresh: str, name: str) -> str | None:
    """Put the fresh database in the place of the old one; the old one keeps its rows under another name."""
    new, old = sql.Identifier(fresh), sql.Identifier(name)
    take_place = sql.SQL("ALTER DATABASE {} RENAME TO {}").format(new, old)
    if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        admin.execute(take_place)
        return None
    previous = f"{name[:40]}_before_{datetime.now(UTC):%Y%m%d%H%M%S}"
    kept = sql.Identifier(previous)
    admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(old))
    try:
        cut = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s"
        admin.execute(cut, [name]).fetchall()
        with admin.transaction():
            admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(old, kept))
            admin.execute(take_place)
    except psycopg.Error as error:
        admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(old))
        raise _failed("restore_failed", str(error)) from error
    admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(kept))
    return previous


def _refuse_newer(manifest: Manifest, source: Path, major: int) -> None:
    ours = version("tiercare")
    if manifest.format <= FORMAT and manifest.postgres <= major and _numbers(manifest.app) <= _numbers(ours):
        return
    raise PostgresProblem(
        "newer_backup",
        Message(
            f"{source} 由更新的版本备份(平台 {manifest.app},PostgreSQL {manifest.postgres}),"
            f"本机是平台 {ours},PostgreSQL {major}。",
            f"{source} was made by a newer version (Tiercare {manifest.app}, PostgreSQL {manifest.postgres});"
            f" this is Tiercare {ours}, PostgreSQL {major}.",
        ),
        Message("请先升级本机的平台,再恢复。", "Upgrade this installation first, then restore."),
    )


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text))


def _failed(code: str, reason: str) -> PostgresProblem:
    return PostgresProblem(
        code,
        Message(f"备份或恢复没有完成:{reason}", f"Backup or restore did not finish: {reason}"),
        Message(
            "数据库未改动;请按上述原因处理后重试。",
            "The database is as it was; remove the cause and try again.",
        ),
    )
