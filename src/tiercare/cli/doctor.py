"""``tiercare doctor``: what this machine has, what it lacks, and what to type."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from django.apps import apps
from django.conf import settings

from tiercare.cli import bootstrap, running
from tiercare.postgres import PostgresProblem, find_binaries

FREE_NEEDED = (
    1024  # MB: environment 350, npm packages 170, database and backups of a demonstration region 300
)
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True, slots=True)
class Found:
    """One line of the list.

    Attributes:
        what: the thing looked for.
        seen: what was found.
        fine: whether it is as it should be.
        needed: False if only tests or pictures want it.
        remedy: what to type, where something is missing.
    """

    what: str
    seen: str
    fine: bool
    needed: bool = True
    remedy: str = ""


def doctor(
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 port that make run would use")] = 8000,
) -> None:
    """检查本机 check this machine: what is there, what is missing, what to type. Exit code 1 if it cannot serve."""
    found = [*_checks(), _port(port)]
    width = max(_columns(one.what) for one in found)
    for one in found:
        mark = "ok  " if one.fine else ("缺 ✗" if one.needed else "可选")
        typer.echo(f"{mark}  {one.what}{' ' * (width - _columns(one.what))}  {one.seen}")
        if not one.fine and one.remedy:
            typer.echo(f"      → {one.remedy}")
    if not all(one.fine or not one.needed for one in found):
        raise typer.Exit(1)


def _columns(text: str) -> int:
    """Width on a terminal, where a Chinese character takes two columns."""
    return sum(2 if ord(character) > 0x2E80 else 1 for character in text)


def _checks() -> Iterator[Found]:
    looks: tuple[Callable[[], Found], ...] = (
        *(_python, _environment, _assets, _static, _messages, _home),
        *(_postgres, _root, _database, _chromium, _fonts),
    )
    for look in looks:
        yield look()


def _python() -> Found:
    return Found(
        "Python ≥ 3.11",
        platform.python_version(),
        sys.version_info >= (3, 11),
        remedy="apt-get install python3",
    )


def _environment() -> Found:
    inside = sys.prefix != sys.base_prefix
    return Found("虚拟环境 virtual environment", sys.prefix, inside, needed=False, remedy="make setup")


def _assets() -> Found:
    folder = Path(apps.get_app_config("web").path) / "static" / "vendor"
    present = any(folder.rglob("*.css")) and any(folder.rglob("*.js"))
    return Found("前端资源 front-end assets", str(folder) if present else "–", present, remedy="make setup")


def _static() -> Found:
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    return Found(
        "静态文件 collected static files", str(manifest.parent), manifest.is_file(), remedy="make setup"
    )


def _messages() -> Found:
    catalogues = [po for folder in settings.LOCALE_PATHS for po in Path(folder).rglob("*.po")]
    stale = [
        po
        for po in catalogues
        if not po.with_suffix(".mo").exists() or po.with_suffix(".mo").stat().st_mtime < po.stat().st_mtime
    ]
    return Found(
        "译文 compiled translations",
        f"{len(catalogues) - len(stale)}/{len(catalogues)}",
        not stale,
        remedy="make setup",
    )


def _home() -> Found:
    near = next(folder for folder in (settings.HOME, *settings.HOME.parents) if folder.exists())
    free = shutil.disk_usage(near).free // 2**20
    writable = os.access(near, os.W_OK)
    return Found(
        "数据目录 home",
        f"{settings.HOME}  {free} MB" + ("" if writable else "  不可写 not writable"),
        free >= FREE_NEEDED and writable,
        remedy=f"腾出 {FREE_NEEDED} MB，或 or: export TIERCARE_HOME=/目录/有空间/folder/with/space",
    )


def _postgres() -> Found:
    what = "PostgreSQL 程序 programs"
    try:
        binaries = find_binaries("embedded")
    except PostgresProblem as problem:
        return Found(what, problem.message.zh, bootstrap.EXTERNAL, remedy=problem.way_on.zh)
    return Found(what, f"{binaries.version}  {binaries.folder}", True)


def _root() -> Found:
    """PostgreSQL refuses root: as root it stands in a user namespace, or under a system user."""
    what = "以普通用户身份运行数据库 database not as root"
    if os.geteuid() != 0:
        return Found(what, "普通用户 ordinary user", True)
    trial = subprocess.run(["unshare", "--user", "--map-user=1", "true"], capture_output=True, check=False)
    if shutil.which("unshare") and trial.returncode == 0:
        return Found(what, "用户命名空间 user namespace", True)
    return Found(
        what,
        "无用户命名空间，改用系统用户与 /var/lib/tiercare no user namespace: a system user instead",
        True,
    )


def _database() -> Found:
    what = "数据库 database"
    if bootstrap.EXTERNAL:
        return Found(what, f"{bootstrap.APPLICATION}（外部 external）", True)
    try:
        state = bootstrap.private_cluster().status().state
    except PostgresProblem as problem:
        return Found(what, problem.message.zh, False, remedy=problem.way_on.zh)
    return Found(what, {"absent": "首次 make run 时建立 made by the first make run"}.get(state, state), True)


def _port(port: int) -> Found:
    what = f"端口 port {port}"
    server = running.find(settings.HOME)
    if server and server.address.endswith(f":{port}/"):
        return Found(what, f"本平台正在服务 we serve there: {server.address}", True)
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError as error:
            return Found(
                what, str(error.strerror), False, remedy=f"PORT={port + 1 if port < 65535 else 8000} make run"
            )
    return Found(what, "空闲 free", True)


def _chromium() -> Found:
    names = (os.environ.get("CHROMIUM", ""), *CHROMIUMS)
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    return Found(
        "Chromium（仅测试用 tests only）",
        found or "–",
        found is not None,
        needed=False,
        remedy="apt-get install chromium",
    )


def _fonts() -> Found:
    what = "中文字体（仅截图用 screenshots only）"
    listed = ""
    if shutil.which("fc-list"):
        listed = subprocess.run(
            ["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False
        ).stdout
    family = listed.splitlines()[0] if listed.strip() else ""
    return Found(what, family or "–", bool(family), needed=False, remedy="apt-get install fonts-noto-cjk")
