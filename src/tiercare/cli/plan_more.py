"""``tiercare plan sponsors`` and ``tiercare plan sites``: who supports whom, and where sub-centres would stand."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from tiercare.apps.network import queries as network
from tiercare.apps.planning.queries.sites import Aimed, sites_of
from tiercare.apps.planning.queries.sponsors import Covered, Sponsors, sponsors_of
from tiercare.cli import bootstrap
from tiercare.cli.network import RegionName, _day
from tiercare.cli.policy import AsJson, Day

_COVERED = {Covered.COUNTY: "三级包县 county", Covered.TOWNSHIP: "二级包乡 township"}


def register(app: typer.Typer) -> None:
    """Add the commands to ``tiercare plan``."""
    app.command()(sponsors)
    app.command()(sites)


def sponsors(region: RegionName = "taiyuan", on: Day = None, as_json: AsJson = False) -> None:
    """对口支援：三级医院包县、二级医院包乡，没人包的由集团兜底并列出。Who supports whom, and whom the group takes."""
    bootstrap.ready(region)
    found = sponsors_of(network.region_of(region), on=_day(region, on))
    if as_json:
        rows = [asdict(row) for row in found.rows]
        typer.echo(
            json.dumps(
                {"region": found.region, "on": found.on.isoformat(), "gap": found.gap, "rows": rows},
                ensure_ascii=False,
                indent=2,
            )
        )
        return
    console = Console()
    console.print(_table(found))
    for row in found.fallen:
        console.print(
            f"[yellow]集团兜底 the group's lead takes[/] {row.area} {row.name} → {row.sponsor_name}"
        )
    best = (
        "已证路程最少 proven fewest minutes"
        if found.gap == 0
        else f"距最少不超过 at most {100 * found.gap:.2f} % above the fewest"
    )
    console.print(f"{len(found.rows)} 处 areas；集团兜底 with the group {len(found.fallen)}；{best}")
    if found.unplaced:
        console.print(f"[dim]没有登记位置或人口 without position or people: {'、'.join(found.unplaced)}[/]")


def sites(
    region: RegionName = "taiyuan",
    on: Day = None,
    p: Annotated[int | None, typer.Option("-p", help="设几个次中心 how many sub-centres", min=1)] = None,
    share: Annotated[
        float | None,
        typer.Option(help="至少覆盖百分之几的人，求最少几个 fewest that bring this % near", min=0, max=100),
    ] = None,
    within: Annotated[float | None, typer.Option(help="几分钟内算近 minutes that count as near")] = None,
    aim: Annotated[
        Aimed, typer.Option(help="覆盖最多的人，或总路程最少 most people near, or fewest minutes")
    ] = Aimed.WITHIN,
    area: Annotated[str | None, typer.Option(help="只看一个县（区划代码）one county only, by code")] = None,
    as_json: AsJson = False,
) -> None:
    """县域次中心设在哪里：从乡镇卫生院里选。Which township hospitals should grow into sub-centres."""
    bootstrap.ready(region)
    found = sites_of(
        network.region_of(region),
        on=_day(region, on),
        p=p,
        share=None if share is None else share / 100,
        within=within,
        aim=aim,
        area=area,
    )
    if as_json:
        told: dict[str, Any] = asdict(found)
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2, default=str))
        return
    console = Console()
    table = Table("次中心 sub-centre", "县区 area", "就近的人 people nearest", title=f"{region} {found.on}")
    for site in found.sites:
        table.add_row(site.name, site.area, f"{site.people:,.0f}")
    console.print(table)
    console.print(
        f"{found.within:g} 分钟内到得了医院或次中心 within reach: {found.before:,.0f} → {found.near:,.0f} / {found.people:,.0f} 人；"
        f"平均 mean {found.mean_before:.1f} → {found.mean:.1f} 分钟 min；"
        + ("已证最优 proven best" if found.gap == 0 else f"差距不超过 gap at most {100 * found.gap:.2f} %")
    )
    console.print("路程由位置估算。 Minutes are estimated from positions.", style="dim")


def _table(found: Sponsors) -> Table:
    """Each area with its sponsor, counties first."""
    table = Table(
        "包 covers", "县区 area", "地方 place", "对口医院 sponsor", "级 level", "分钟 min", "原有合作 together",
        title=f"{found.region} {found.on}",
    )  # fmt: skip
    for row in found.rows:
        minutes = "—" if row.minutes is None else f"{row.minutes:.0f}"
        sponsor = f"[yellow]{row.sponsor_name} 兜底[/]" if row.fallen else row.sponsor_name
        name = row.name if row.name != row.area else "—"
        together = "是 yes" if row.together else ""
        table.add_row(_COVERED[row.covered], row.area, name, sponsor, str(row.level), minutes, together)
    return table
