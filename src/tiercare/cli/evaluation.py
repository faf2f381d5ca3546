"""``tiercare evaluation``: compute a pack's indicators and keep them for the pages; write a bulletin."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from tiercare.apps.evaluation.commands.running import run as run_and_keep
from tiercare.apps.evaluation.queries.runs import run_of
from tiercare.cli import bootstrap
from tiercare.cli.bootstrap import Stop
from tiercare.cli.bulletins import bulletin
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

app = typer.Typer(
    no_args_is_help=True,
    help="指标、考核与通报 Indicators, assessments and bulletins kept on the platform.",
)

app.command("bulletin")(bulletin)


@app.command("run")
def run(
    pack: Annotated[str, typer.Option("--pack", help="政策包 pack, such as wuhu")],
    year: Annotated[
        list[int] | None, typer.Option("--year", help="哪几年，默认有数据的最近两年 which years")
    ] = None,
) -> None:
    """计算一个地区的指标并保存，页面随之更新。Compute a region's indicators and keep them."""
    bootstrap.ready(pack)
    console = Console()
    try:
        with console.status("正在计算 computing …"):
            key = run_and_keep(Actor.system("cli"), pack, years=year or ())
    except Refused as refused:
        first = refused.refusals[0]
        raise Stop(
            f"{first.sentence()}{first.way_on()}\n{first.sentence('en')} {first.way_on('en')}"
        ) from refused
    kept = run_of(Actor.system("cli"), key)
    made_up = "（模拟数据 made up）" if kept.synthetic else ""
    console.print(
        f"已保存 kept {kept.values:,} 个值 values，{'、'.join(kept.years)}{made_up}；复算凭据 digest {kept.digest}"
    )
