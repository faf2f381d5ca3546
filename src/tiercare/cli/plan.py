"""``tiercare plan``: divide a region into grids, hold a plan against the rules, set it beside today's, and say what is lacking."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.checking import Difference
from tiercare.apps.planning import queries
from tiercare.cli import bootstrap, plan_more, plan_shown
from tiercare.cli.network import RegionName, _day
from tiercare.cli.plan_ground import (
    SHOWN,
    Asked,
    Border,
    Change,
    Closes,
    Farthest,
    LevelOption,
    Links,
    Merges,
    Minutes,
    Opens,
    Pairs,
    PlanFile,
    Positions,
    Ready,
    ServiceOption,
    Services,
    Uneven,
    Upgrades,
    drawn_on,
    fits,
    plain,
    read,
    ready,
    weighed,
    what_if,
)
from tiercare.cli.policy import AsJson, Day
from tiercare.engines.planning.comparing import Compared, compared
from tiercare.engines.planning.judging import Weight, broken
from tiercare.engines.planning.regions import Plan, Region, Wishes, described
from tiercare.engines.planning.tasks import Impossible

app = typer.Typer(no_args_is_help=True, help="网格规划 Grids of a region: proposed, checked, compared; gaps.")
plan_more.register(app)

Seed = Annotated[int, typer.Option(help="随机种子 the same seed gives the same plan")]
Effort = Annotated[float, typer.Option(help="多找一会儿 how long to go on improving, 1 by default")]


@app.command()
def solve(
    region: RegionName = bootstrap.DEFAULT_REGION,
    on: Day = None,
    uneven: Uneven = None,
    change: Change = None,
    border: Border = None,
    farthest: Farthest = None,
    level: LevelOption = queries.Level.TOWNSHIP,
    service: ServiceOption = queries.Service.AREAL,
    services: Services = False,
    minutes: Minutes = None,
    positions: Positions = None,
    pairs: Pairs = None,
    links: Links = None,
    opens: Opens = None,
    closes: Closes = None,
    upgrades: Upgrades = None,
    merges: Merges = None,
    seed: Seed = 0,
    effort: Effort = 1.0,
    out: Annotated[Path | None, typer.Option(help="把方案写到文件 write the plan to a file")] = None,
    as_json: AsJson = False,
) -> None:
    """划分网格：列出方案、差距、规则结论和得失。Propose grids, with the gap, the rules' verdict and who gains."""
    options = queries.Options(level, service, services)
    rows = what_if(opens, closes, upgrades, merges)
    drawn = ready(region, on, Asked(options, minutes, positions, pairs, links, rows))
    wishes = weighed(region, drawn.day, uneven=uneven, change=change, border=border, farthest=farthest)
    plan, drawn = _proposed(drawn, wishes, seed=seed, effort=effort)
    told = {
        "region": region,
        "on": drawn.day.isoformat(),
        "wishes": plain(wishes),
        "drawn_on": drawn_on(drawn.ground.options),
        "what_if": rows,
        **plan_shown.told(drawn.supposed.region, plan),
    }
    if out is not None:
        out.write_text(json.dumps(told, ensure_ascii=False, indent=2), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(told | _judged(region, drawn, wishes, plan), ensure_ascii=False, indent=2))
        return
    _print_solved(region, drawn, wishes, plan)


@app.command()
def check(
    plan: PlanFile,
    region: RegionName = bootstrap.DEFAULT_REGION,
    on: Day = None,
    minutes: Minutes = None,
    positions: Positions = None,
    pairs: Pairs = None,
    links: Links = None,
    as_json: AsJson = False,
) -> None:
    """核对一份方案：逐条列出它违反什么；违反规则时退出码为 1。What a plan breaks; exit code 1 if a rule."""
    kept = read(plan)
    asked = replace(kept.asked, minutes=minutes, positions=positions, pairs=pairs, links=links)
    drawn = ready(region, on, asked)
    fits(drawn.supposed.region, kept.lead_of)
    whole = described(drawn.supposed.region, kept.wishes, kept.lead_of)
    wrong = broken(drawn.supposed.region, kept.wishes, whole)
    cards = _cards(region, drawn.supposed, whole, drawn.day)
    if as_json:
        typer.echo(json.dumps(_judged(region, drawn, kept.wishes, whole), ensure_ascii=False, indent=2))
    else:
        _print_wrong(Console(), wrong, cards)
    if any(each.kind is Weight.RULE for each in wrong) or (cards is not None and cards.broken):
        raise typer.Exit(1)


@app.command()
def compare(
    plan: PlanFile,
    region: RegionName = bootstrap.DEFAULT_REGION,
    on: Day = None,
    minutes: Minutes = None,
    positions: Positions = None,
    as_json: AsJson = False,
) -> None:
    """把方案与今天的网格并列：谁近了、谁远了，是否更均衡。A plan beside today's grids: who gains and who loses."""
    kept = read(plan)
    drawn = ready(region, on, replace(kept.asked, minutes=minutes, positions=positions))
    after = drawn.supposed.region
    fits(after, kept.lead_of)
    beside = _beside_today(
        drawn.ground.region, after, kept.wishes, described(after, kept.wishes, kept.lead_of)
    )
    if beside is None:
        typer.echo(
            "今天的网格没有覆盖所有地方，无从比较。 Today's grids leave places out; nothing to compare.",
            err=True,
        )
        raise typer.Exit(1)
    if as_json:
        typer.echo(json.dumps(plan_shown.compared(beside), ensure_ascii=False, indent=2))
        return
    plan_shown.print_beside(Console(), drawn.ground.region, after, beside)


@app.command()
def gaps(
    region: RegionName = bootstrap.DEFAULT_REGION,
    on: Day = None,
    ways: Annotated[
        Path | None,
        typer.Option(
            help="自己的办法和价钱 your own ways: area,standard,name,gives,price,most",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """对照标准逐县区列出短缺，以及最省钱的补法。What areas lack against the standards, and the cheapest ways to close it."""
    bootstrap.ready(region)
    day, code = _day(region, on), network.region_of(region)
    net = network.network_facts(code, on=day)
    found = queries.gaps_of(code, on=day, net=net)
    if ways is not None:
        names = {area.code: area.name for area in net.areas.values()}
        standards = [each.standard.id for each in found.standards]
        own = queries.ways_from(names, standards, ways.read_bytes(), ways.name)
        found = queries.gaps_of(code, on=day, net=net, ways=own)
    if as_json:
        typer.echo(json.dumps(plan_shown.gaps_told(found), ensure_ascii=False, indent=2))
        return
    console = Console()
    if not found.standards and not found.unknown:
        console.print("这里的政策包没有写人均标准。 The pack here sets no standards.")
        return
    console.print(plan_shown.gaps_table(found, f"{region} {day}"))
    for _, why in found.unknown:
        console.print(f"[yellow]{why.zh}[/] {why.en}")
    unit = f"{found.price_unit.zh} {found.price_unit.en}" if found.ways_ours else ""
    console.print(f"达标 met {found.met}；短缺 gaps {len(found.rows)}；合计 total {found.price:,.0f} {unit}")


def _proposed(drawn: Ready, wishes: Wishes, *, seed: int, effort: float) -> tuple[Plan, Ready]:
    """The plan, and the ground that it is a plan of: without the means by service where no connected grids keep them."""
    # The solvers are compiled: no other command should wait for them.
    solver: Any = import_module("tiercare.engines.planning.proposing")
    try:
        return solver.proposed(drawn.supposed.region, wishes, seed=seed, effort=effort), drawn
    except Impossible as problem:
        _tell_impossible(problem)
        if not drawn.ground.options.services:
            raise typer.Exit(1) from problem
    typer.echo("改为只按人口划分。 Dividing by people alone.", err=True)
    alone = replace(
        drawn, ground=queries.by_people_alone(drawn.ground), supposed=queries.by_people_alone(drawn.supposed)
    )
    try:
        return solver.proposed(alone.supposed.region, wishes, seed=seed, effort=effort), alone
    except Impossible as problem:
        _tell_impossible(problem)
        raise typer.Exit(1) from problem


def _tell_impossible(problem: Impossible) -> None:
    typer.echo("没有可行的方案。 There is no plan that keeps the capacities.", err=True)
    for text in problem.reasons:
        typer.echo(f"{text.zh} {text.en}", err=True)


def _cards(region: str, ground: queries.Ground, plan: Plan, day: date) -> Difference | None:
    """What the cards say; nothing where the region is divided otherwise than among its consortia, or finer than its grids are."""
    options = ground.options
    if options.service is not queries.Service.AREAL or options.level is not queries.Level.TOWNSHIP:
        return None
    return queries.verdict_of(region, ground.network, plan.lead_of, on=day)


def _judged(region: str, drawn: Ready, wishes: Wishes, plan: Plan) -> dict[str, Any]:
    cards = _cards(region, drawn.supposed, plan, drawn.day)
    return {
        **plan_shown.broken(broken(drawn.supposed.region, wishes, plan)),
        "cards_broken": [verdict.card.key for verdict in cards.broken] if cards else [],
        "cards_healed": [verdict.card.key for verdict in cards.healed] if cards else [],
    }


def _print_solved(region: str, drawn: Ready, wishes: Wishes, plan: Plan) -> None:
    console, after = Console(), drawn.supposed.region
    console.print(plan_shown.table(after, plan, f"{region} {drawn.day}"))
    plan_shown.print_worth(console, plan)
    plan_shown.print_ground(console, drawn.supposed)
    cards = _cards(region, drawn.supposed, plan, drawn.day)
    _print_wrong(console, broken(after, wishes, plan), cards)
    for verdict in (*cards.broken, *cards.worsened) if cards else ():
        lines = "；".join(verdict.sentence(finding) for finding in verdict.findings[:SHOWN])
        console.print(f"  [red]{verdict.card.key}[/] {lines}")
    beside = _beside_today(drawn.ground.region, after, wishes, plan)
    if beside is not None:
        plan_shown.print_beside(console, drawn.ground.region, after, beside)


def _print_wrong(console: Console, wrong: list[Any], cards: Difference | None) -> None:
    plan_shown.print_wrong(
        console, wrong, len(cards.broken) if cards else 0, len(cards.healed) if cards else 0
    )


def _beside_today(before: Region, after: Region, wishes: Wishes, plan: Plan) -> Compared | None:
    """The plan beside today's grids as they are, whatever is supposed for the plan."""
    if set(before.today) != {place.key for place in before.places}:
        return None
    return compared(after, described(before, wishes, before.today), plan)
