"""``tiercare plan save`` and ``versions``: keep a plan that was found here where everybody can open it, and list what is kept."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tiercare.apps.network import queries as network
from tiercare.apps.planning import commands
from tiercare.apps.planning.queries import plans
from tiercare.apps.planning.rules.plans import SOURCE_NAMES, Source
from tiercare.cli import bootstrap
from tiercare.cli.network import RegionName, _day
from tiercare.cli.plan_ground import PlanFile, read
from tiercare.cli.policy import AsJson, Day
from tiercare.kernel.actor import Actor

app = typer.Typer()


@app.command()
def save(
    plan: PlanFile,
    title: Annotated[str, typer.Option(help="方案的名字 what it is called")],
    region: RegionName = bootstrap.DEFAULT_REGION,
    on: Day = None,
    words: Annotated[str, typer.Option(help="为什么这样划 why it is drawn like this")] = "",
) -> None:
    """保存为一个编号的版本，在网页上可以打开、征求意见。Keep as a numbered version, to be opened and discussed in the pages."""
    kept = read(plan)
    bootstrap.ready(region)
    code = network.region_of(region)
    draft = commands.Draft(
        title,
        kept.wishes,
        kept.lead_of,
        Source.FILE,
        words=words,
        what_if=kept.asked.what_if,
        on=_day(region, on),
    )
    number = commands.save_plan(Actor.system("cli"), code, draft)
    typer.echo(f"已保存为第 {number} 号方案。 Kept as plan {number}.")


@app.command()
def versions(region: RegionName = bootstrap.DEFAULT_REGION, as_json: AsJson = False) -> None:
    """列出已保存的方案。List the plans that are kept."""
    bootstrap.ready(region)
    found = plans.plans(Actor.system("cli"), network.region_of(region))
    if as_json:
        rows = [
            {
                "number": each.number,
                "title": each.title,
                "cost": each.cost,
                "gap": each.gap,
                "base_on": each.base_on,
            }
            for each in found
        ]
        typer.echo(json.dumps({"plans": rows}, ensure_ascii=False, indent=2, default=str))
        return
    table = Table(
        "编号 number", "名称 title", "来源 source", "代价 cost", "差距 gap", "底数 ground of", title=region
    )
    for each in found:
        gap = "—" if each.gap is None else f"{100 * each.gap:.2f} %"
        source = SOURCE_NAMES[each.source]
        cost = f"{each.cost:,.0f}"
        table.add_row(str(each.number), each.title, f"{source.zh} {source.en}", cost, gap, str(each.base_on))
    Console().print(table)
