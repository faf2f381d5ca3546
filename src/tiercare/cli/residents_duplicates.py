"""``tiercare residents duplicates``: compare all residents of an area and list those who may be one person."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tiercare.apps.residents import commands
from tiercare.cli import bootstrap
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

UNUSABLE = 2
_SAID = {
    commands.Phase.READING: "读取 reading {count:,}",
    commands.Phase.COMPARING: "比对 comparing {count:,}",
    commands.Phase.WRITING: "登记 listing {count:,}",
}


def duplicates(
    area: Annotated[str, typer.Option(help="行政区划代码，2、4 或 6 位，如 3402")],
) -> None:
    """全库查重：把疑似同一人的档案列入待核对。Compare an area's residents and list likely duplicates for review."""
    bootstrap.ready()
    parts = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    try:
        with Progress(*parts, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("查重 …", total=None)
            found = commands.hunt(
                Actor.system("cli"),
                area=area,
                told=lambda phase, count: progress.update(task, description=_SAID[phase].format(count=count)),
            )
    except Refused as refused:
        for refusal in refused.refusals:
            typer.echo(f"{refusal.sentence()}{refusal.way_on()}", err=True)
            typer.echo(f"{refusal.sentence('en')} {refusal.way_on('en')}", err=True)
        raise typer.Exit(UNUSABLE) from None
    typer.echo(
        f"比对 compared {found.looked_at:,} · 疑似 likely pairs {found.proposed:,} · 新列入 newly listed {found.new:,}"
    )
