"""``tiercare twin drive``: synthetic people play through the platform's own commands, day by day."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.commands import return_clock
from tiercare.cli import bootstrap
from tiercare.cli.policy import AsJson
from tiercare.cli.twin_people import lived_of
from tiercare.jobs.driving.ground import Ground
from tiercare.jobs.driving.running import Drive, Driven, drive
from tiercare.jobs.driving.script import MOST_ACTS, People, refuse_size
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE

_DAYS, _SEED = 30, 1
_SHOWN_AT_MOST = 20
# Above that the whole chain is read once a week and at the end: every day it would cost more than the acts.
_LONG = 10
_WEEK = 7


def drive_command(
    days: Annotated[int, typer.Option("--days", help="推演的天数 days")] = _DAYS,
    acts: Annotated[int, typer.Option("--acts", help="最多多少步 acts at most")] = MOST_ACTS,
    seed: Annotated[int, typer.Option("--seed", help="随机种子：相同则人物与故障相同")] = _SEED,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="从哪一天起，默认到昨天为止")
    ] = None,
    faults: Annotated[
        bool, typer.Option("--faults", help="注入故障：杀进程、重发、迟到、时钟偏差、医院离线")
    ] = False,
    http: Annotated[
        str, typer.Option("--http", help="经 HTTP 推演：正在服务的平台的地址，如 http://127.0.0.1:8000")
    ] = "",
    region: Annotated[str, typer.Option("--region", help="政策包 id，如 taiyuan")] = bootstrap.DEFAULT_REGION,
    as_json: AsJson = False,
) -> None:
    """让虚构的居民、医生、医院按平台自己的命令过一段日子，每天末查不变量；有不符时退出码为 1。

    Synthetic people play through the platform's own commands under the database's simulated clock; every invariant is looked
    at at the end of every day. Only in a demonstration; while it plays, its clock is every other user's too.
    """
    refuse_size(days, acts)
    bootstrap.ready(region)
    return_clock(Actor.system("cli"))  # a drive may have been killed
    begins = first.date() if first else ledger.now().astimezone(ZONE).date() - timedelta(days=days)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("准备 laying the ground", total=days)
        asked = Drive(
            region, begins, days, acts, seed, faults, chain_each=_WEEK if days > _LONG else 1, http=http
        )

        def people(ground: Ground) -> People:
            bar.update(task, description="模拟本地居民的一年 simulating the region's people")
            return lived_of(ground, acts=acts, seed=seed)

        def tell(day: date) -> None:
            bar.update(task, description=f"推演 {day}", advance=1)

        done = drive(asked, people=people, told=tell)
    if as_json:
        typer.echo(json.dumps(as_told(asked, done), ensure_ascii=False, indent=2))
    else:
        _print(asked, done)
    if not done.kept:
        raise typer.Exit(1)


def as_told(asked: Drive, done: Driven) -> dict[str, Any]:
    """What a drive led to, for a program to read."""
    tally = done.tally
    played = max(done.seconds - done.checked, 1e-9)
    return {
        "synthetic": True,
        "region": asked.region,
        "first": asked.first.isoformat(),
        "days": asked.days,
        "seed": asked.seed,
        "acts": dict(sorted(tally.acts.items())),
        "refused": dict(sorted(tally.refused.items())),
        "refused_acts": dict(sorted(tally.refused_acts.items())),
        "faults": _positive(tally.faults),
        "other": _positive(tally.other),
        "findings": [
            {"day": each.day, "invariant": each.invariant, "seen": each.seen} for each in tally.findings
        ],
        "commands": tally.count,
        "seconds": round(done.seconds, 1),
        "seconds_looking": round(done.checked, 1),
        "commands_per_second": round(tally.count / played, 1),
        "cpu_ms_per_command": round(done.cpu * 1000 / max(1, tally.count), 1),
    }


def _positive(counted: Counter[str]) -> dict[str, int]:
    return {name: count for name, count in sorted(counted.items()) if count}


def _print(asked: Drive, done: Driven) -> None:
    console, told = Console(), as_told(asked, done)
    table = Table(
        "做了什么", "次数", title=f"推演（虚构）{asked.first} 起 {asked.days} 天 · 种子 {asked.seed}"
    )
    for title, rows in (
        ("办理 acts", told["acts"]),
        ("未办成 refused", told["refused"]),
        ("故障 faults", told["faults"]),
        ("平台 platform", told["other"]),
    ):
        if rows:
            table.add_row(f"[bold]{title}[/]", str(sum(rows.values())))
        for name, count in rows.items():
            table.add_row(f"  {name}", str(count))
    console.print(table)
    for each in done.tally.findings[:_SHOWN_AT_MOST]:
        console.print(f"[bold red]第 {each.day + 1} 天 {each.invariant}[/]：{each.seen}", highlight=False)
    kept = "[green]不变量每天都成立 every invariant held on every day[/]"
    broken = f"[bold red]不变量有 {len(done.tally.findings)} 处不符 findings[/]"
    console.print(kept if done.kept else broken)
    console.print(
        f"{told['commands']} 步 acts · {told['commands_per_second']} 步/秒 a second · "
        f"{told['cpu_ms_per_command']} 毫秒 CPU 每步 ms CPU an act · {told['seconds']} 秒 s，其中检查 looking {told['seconds_looking']} 秒"
    )
