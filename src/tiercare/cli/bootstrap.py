"""What every command needs before its own work: a database that runs, is migrated and holds a region.

With ``TIERCARE_DATABASE_URL`` set, that server is used and nothing is started; ``TIERCARE_DATABASE_ADMIN_URL``
then names the role that migrates. Without it the private PostgreSQL of this home is started, shared with
every other command that runs, and ended with the last of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

import typer
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connections
from django.db.migrations.executor import MigrationExecutor
from psycopg.conninfo import conninfo_to_dict

from tiercare.apps.ledger.commands import grant_serving_role, record_version
from tiercare.apps.network.queries import laid_down_regions
from tiercare.cli.demonstration import lay_down
from tiercare.postgres import Cluster, Message, Urls, find_binaries

APPLICATION, ADMIN = "TIERCARE_DATABASE_URL", "TIERCARE_DATABASE_ADMIN_URL"
#: True if the environment names a database server of its own; asked once, since ``use`` sets the same variables.
EXTERNAL = bool(os.environ.get(APPLICATION))
DEFAULT_REGION = "wuhu"
_ONE_AT_A_TIME = 7_361_401  # advisory lock: two commands that start together migrate one after the other


class Stop(Exception):
    """A command cannot go on; the text says why, where and what to do, Chinese then English."""


def ready(region: str | None = None, *, asked: bool = not EXTERNAL) -> None:
    """Start the private database if there is no other, migrate it, and lay the region down if it is missing.

    Args:
        region: its pack; the demonstration region if the private database holds none yet and none is named.
        asked: whether demonstration data may be laid down. By default only in the private database: a server of
            your own is given such data when somebody asks for it, never as the side effect of a command.

    Raises:
        Stop: the server cannot be reached, or its tables are of a newer version.
        PostgresProblem: the private server cannot be started.
        Refused: there is no such region, or the database holds real data.
    """
    attach()
    with _alone():
        migrate()
        there = {laid.pack for laid in laid_down_regions()}
        wanted = region or (None if there else DEFAULT_REGION)
        if asked and wanted and wanted not in there:
            lay_down(wanted)


def attach() -> None:
    """Point the connections at the database, starting the private server if it is that one.

    Safe to call again. The private server ends with the last process that attached itself to it.
    """
    if not EXTERNAL:
        use(private_cluster().start(owned=True, progress=tell))


def revive(cluster: Cluster) -> bool:
    """Start the private database again if it is gone, however it went; False if it runs.

    The addresses stay the same, so whoever is connected to it gets there again.

    Raises:
        PostgresProblem: it cannot be started.
    """
    if cluster.status().pid is not None:
        return False
    tell(Message("数据库意外结束，正在重新启动…", "The database ended by itself; starting it again…"))
    attach()
    return True


def private_cluster() -> Cluster:
    """The private PostgreSQL of this home, not started."""
    return Cluster(settings.HOME, binaries=find_binaries("embedded"))


def tell(message: Message) -> None:
    """Say what is being waited for, beside the command's own output."""
    typer.echo(f"{message.zh} {message.en}", err=True)


def use(urls: Urls) -> None:
    """Connect to these addresses from now on, here and in every process started from here."""
    os.environ[APPLICATION], os.environ[ADMIN] = urls.application, urls.owner
    for alias, url in (("default", urls.application), ("owner", urls.owner)):
        parts = conninfo_to_dict(url)
        connections[alias].close()
        connections[alias].settings_dict.update(
            NAME=parts["dbname"],
            USER=parts["user"],
            PASSWORD=parts.get("password") or "",
            HOST=parts["host"],
            PORT=parts.get("port") or "",
        )


def release() -> None:
    """Give up the connections of this process, before it starts others or ends."""
    for alias in connections:
        connections[alias].close()
    connections["default"].close_pool()


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock under which a database is brought up to date, on the owner's connection."""
    try:
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
    except OperationalError as error:
        raise Stop(
            f"无法连接数据库：{error}\n请检查 {APPLICATION} 与 {ADMIN}，以及该服务器是否在运行。\n"
            f"The database cannot be reached. Check {APPLICATION} and {ADMIN}, and whether that server runs."
        ) from error
    try:
        yield
    finally:
        connections["owner"].close()  # which also frees the lock, whatever state the connection is in


def migrate() -> bool:
    """Apply the migrations that are missing, then give the serving role its rights; False if none was missing.

    Raises:
        Stop: the database knows migrations that this version does not.
    """
    executor = MigrationExecutor(connections["owner"])
    unknown = sorted(set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations))
    if unknown:
        app, name = unknown[-1]
        raise Stop(
            f"数据库来自更新版本的 Tiercare（本版本 {version('tiercare')} 不认识迁移 {app}.{name}），为避免损坏数据，未作任何改动。\n"
            "请安装该新版本后重试；或用 tiercare db restore 恢复升级前的备份；或另设 TIERCARE_HOME 从空库开始。\n"
            f"The database is of a newer Tiercare: {version('tiercare')} does not know migration {app}.{name}. Nothing was\n"
            "changed. Install that version, restore a backup made before the upgrade (tiercare db restore FILE), or set\n"
            "another TIERCARE_HOME to begin with an empty database."
        )
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    call_command("migrate", database="owner", verbosity=0, interactive=False)
    grant_serving_role(role=connections["default"].settings_dict["USER"])
    record_version(version=version("tiercare"))
    return True
