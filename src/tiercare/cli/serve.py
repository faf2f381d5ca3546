"""``tiercare serve`` and ``tiercare stop``: the platform as one process that starts, watches and ends the others."""

from __future__ import annotations

import errno
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from types import FrameType
from typing import Annotated, NoReturn

import typer
from django.conf import settings

from tiercare.apps.access.commands import short_messages
from tiercare.apps.ledger.commands import return_clock
from tiercare.apps.network.queries import demonstration_day
from tiercare.cli import (
    bootstrap,
    children,
    demonstration,
    demonstration_evaluation,
    demonstration_month,
    demonstration_referral,
    running,
    words,
)
from tiercare.cli.bootstrap import Stop
from tiercare.cli.demonstration_people import cards
from tiercare.cli.network import print_verdict
from tiercare.kernel.actor import Actor

HOST = "127.0.0.1"
READY_WITHIN = 60.0  # seconds for the web server to answer /healthz once it was started
LOOK = 0.5  # seconds between two looks at what was started
START_WITHIN = 900.0  # seconds for everything before that, crash recovery of a large database included


def serve(
    region: Annotated[
        str, typer.Option(help="政策包 policy pack of the region to show")
    ] = bootstrap.DEFAULT_REGION,
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 port on 127.0.0.1")] = 8000,
    detach: Annotated[bool, typer.Option("--detach", help="在后台运行 return when it serves")] = False,
) -> None:
    """启动平台 serve the platform: database, migrations, the region with its verdict and its month, jobs, web."""
    if region is None and not bootstrap.EXTERNAL:
        region = bootstrap.DEFAULT_REGION
    place = running.occupy(settings.HOME)
    if place is None:
        _already_running(region, port)
        return
    _refuse_busy(port)
    if detach:
        os.close(place)
        _serve_detached(region, port)
        return
    _on_signals(_end)
    running.announce(settings.HOME, "", region or "")
    try:
        _serve(region, port)
    finally:
        running.withdraw(settings.HOME)


def stop() -> None:
    """停止平台 end the server that runs in this home, and its database."""
    server = running.find(settings.HOME)
    if server is None:
        typer.echo("没有在运行。 Nothing is running.")
        return
    typer.echo(f"正在停止 stopping {server.address or server.pid} …")
    by_itself = running.end(server)
    if not bootstrap.EXTERNAL:
        _await_database_end()
    typer.echo(
        "已停止。 Stopped." if by_itself else "已强制停止。 Stopped by force: it did not end by itself."
    )


def _await_database_end() -> None:
    """The private database ends with its last user, a moment after the server; another command may still use it."""
    cluster = bootstrap.private_cluster()
    deadline = time.monotonic() + 10.0
    while cluster.status().state not in {"absent", "stopped"} and time.monotonic() < deadline:
        time.sleep(0.1)


def _serve(region: str | None, port: int) -> None:
    """Everything in its order; ends by a signal or a failure only."""
    typer.echo("· 启动数据库、更新表结构、写入地区数据 database, migrations, the region's data …")
    bootstrap.ready(region, asked=region is not None)
    # A demonstration's days may have been broken off while they were played.
    return_clock(Actor.system("cli"))
    told = words.today()
    if region:
        told = demonstration_day(region) or told
        print_verdict(region, told)
        demonstration_month.show(region)
        demonstration_referral.show(region)
        demonstration_evaluation.show(region)
    typer.echo("\n· 启动网页服务与后台任务 web server and background jobs …")
    started = [children.start("web", port), children.start("jobs", port)]
    try:
        _await_healthy(port, started)
        address = f"http://{HOST}:{port}/"
        typer.echo(welcome(address, region, told))
        bootstrap.release()
        running.announce(settings.HOME, address, region or "")
        _watch(started)
    finally:
        _on_signals(signal.SIG_IGN)  # the end is not interrupted by a second Ctrl-C
        children.end(started)


def welcome(address: str, region: str | None, on: date) -> str:
    """Where it answers, and one demonstration account per role."""
    lines = ["", f"平台已就绪 Tiercare is serving:  {address}", ""]
    listed = demonstration.accounts(region, on) if region else []
    if listed:
        lines.append(
            "演示账号（人员均为虚构） demonstration accounts (nobody is real): 账号 name, 密码 password, 角色 role"
        )
        lines += [f"  {name:<26} {password:<18} {what}" for name, password, what in listed]
    numbers = cards() if region else []
    if numbers:
        lines += [
            f"居民门户 for residents:  {address}me   健康卡号 card number {numbers[0]}",
            f"  （短信不发出，验证码写在 codes are not sent but written to {settings.HOME / short_messages.FILE}）",
        ]
    lines += ["", "停止：Ctrl-C 或 make stop。 To end: Ctrl-C or make stop."]
    return "\n".join(lines)


def _on_signals(handler: Callable[[int, FrameType | None], object] | signal.Handlers) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """A person or the system asks for the end: an ordinary exit, so that everything is taken down in order."""
    sys.exit(0)


def _refuse_busy(port: int) -> None:
    """Ask for the port before anything is started.

    Raises:
        Stop: somebody else has it, or an ordinary user may not have it.
    """
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                zh, en = "已被其他程序占用", "is in use by another program"
            else:
                zh, en = f"无法使用（{error.strerror}）", f"cannot be used ({error.strerror})"
            other = port + 1 if 1024 <= port < 65535 else 8000
            raise Stop(
                f"端口 {port} {zh}。请换一个端口：\n  PORT={other} make run\n"
                f"Port {port} {en}. Choose another: PORT={other} make run"
            ) from error


def _await_healthy(port: int, started: list[subprocess.Popen[bytes]]) -> None:
    """Return once /healthz answers 200.

    Raises:
        Stop: a child ended, or the time is over.
    """
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        _refuse_ended(started)
        if _healthy(port):
            return
        time.sleep(0.25)
    raise Stop(
        f"网页服务在 {READY_WITHIN:.0f} 秒内没有就绪，请查看上面的输出；make run 可重试。\n"
        f"The web server did not answer /healthz within {READY_WITHIN:.0f} s; see the lines above, then try make run again."
    )


def _healthy(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _watch(started: list[subprocess.Popen[bytes]]) -> NoReturn:
    """Wait for a signal; a child that ends by itself ends the platform, and whoever keeps it running starts it again.

    The private database is started again here: web and jobs wait for it and connect anew.
    """
    cluster = None if bootstrap.EXTERNAL else bootstrap.private_cluster()
    while True:
        _refuse_ended(started)
        if cluster is not None and bootstrap.revive(cluster):
            bootstrap.release()
            typer.echo("数据库已恢复。 The database is back.")
        time.sleep(LOOK)


def _refuse_ended(started: list[subprocess.Popen[bytes]]) -> None:
    for child in started:
        if child.poll() is not None:
            name = " ".join(str(word) for word in child.args[2:4]) if isinstance(child.args, list) else "?"
            raise Stop(
                f"后台进程 {name} 意外结束（退出码 {child.returncode}），平台已停止。请查看上面的输出，然后 make run。\n"
                f"The process {name} ended by itself (exit code {child.returncode}), so the platform stopped.\n"
                "See the lines above, then: make run"
            )


def _already_running(region: str | None, port: int) -> None:
    """Say where the running server answers; wait for it if it is only starting."""
    deadline = time.monotonic() + START_WITHIN
    while (server := running.find(settings.HOME)) and not server.address and time.monotonic() < deadline:
        time.sleep(0.2)
    if server is None or not server.address:
        raise Stop(
            "另一个 tiercare serve 正在启动或停止，请稍后重试。\nAnother tiercare serve is starting or ending; try again in a moment."
        )
    typer.echo(f"已在运行 already running:  {server.address}  ({server.region})")
    if (server.region, server.address) != (region or "", f"http://{HOST}:{port}/"):
        typer.echo("要换地区或端口，请先 make stop。 For another region or port: make stop first.")


def _serve_detached(region: str | None, port: int) -> None:
    """Start the server in a session of its own, show what it says until it serves, and leave it running.

    Raises:
        Exit: with the server's own exit code, if it ended instead.
    """
    log = settings.HOME / "log" / "server.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "tiercare.cli.main",
        "serve",
        "--port",
        str(port),
        *(["--region", region] if region else []),
    ]
    columns = str(max(shutil.get_terminal_size((120, 24)).columns, 100))  # what it prints is shown here
    with log.open("wb") as output:
        log.chmod(0o600)  # it holds the passwords of the demonstration
        child = subprocess.Popen(
            command,
            env={**os.environ, "COLUMNS": columns},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    with log.open(encoding="utf-8", errors="replace") as said:
        while True:
            ended, server = (
                child.poll(),
                running.find(settings.HOME),
            )  # asked first: all they said is then in the log
            typer.echo(said.read(), nl=False)
            if ended is not None:
                raise typer.Exit(ended)
            if server and server.pid == child.pid and server.address:
                break
            time.sleep(0.2)
    typer.echo(f"日志 log: {log}")
