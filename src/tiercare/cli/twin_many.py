"""``tiercare twin compare | calibrate | sensitivity``: many simulated years, with progress. Needs no database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, TimeElapsedColumn, TimeRemainingColumn

from tiercare.cli import twin_compared, twin_fitted, twin_plot
from tiercare.cli.policy import AsJson, Packs, load
from tiercare.cli.spark import session
from tiercare.cli.twin import BAD_INPUT, engine, put, stage, tell, told
from tiercare.cli.twin_shown import print_scenario
from tiercare.engines.twin.readiness import Staged, comparable
from tiercare.engines.twin.values import nearest
from tiercare.kernel.refusal import Refused

app = typer.Typer()

Base = Annotated[Path, typer.Argument(help="情景文件：比较的起点 the base", exists=True, dir_okay=False)]
Other = Annotated[
    Path, typer.Argument(help="情景文件：要试的政策 the policy to try", exists=True, dir_okay=False)
]
Processes = Annotated[
    int | None, typer.Option("--processes", min=1, help="用几个核，默认全部 on how many cores")
]
SparkMaster = Annotated[
    str | None,
    typer.Option(
        "--spark-master", help="在 Spark 上算：local[2] 或集群的地址 play on Spark, not on these cores"
    ),
]
First = Annotated[int, typer.Option("--first", min=0, help="从哪个种子起 the first seed")]


@app.command()
def compare(
    base: Base,
    other: Other,
    seeds: Annotated[int, typer.Option("--seeds", help="多少个种子 how many pairs of years")] = 50,
    first: First = 1,
    fixed: Annotated[
        bool, typer.Option("--fixed", help="不抽取假设，只看偶然性 chance only, assumptions as written")
    ] = False,
    plot: Annotated[Path | None, typer.Option("--plot", help="画成图（SVG） a plot as SVG")] = None,
    processes: Processes = None,
    spark_master: SparkMaster = None,
    packs: Packs = None,
    as_json: AsJson = False,
) -> None:
    """比较两个情景：各项结果相差多少、有多可靠、靠哪些假设、谁吃亏（模拟）。Two scenarios: differences with intervals, and who loses."""
    known = load(packs)
    a, b = stage(base, known), stage(other, known)
    told(lambda: comparable(a, b))
    comparing, player = engine("comparing"), _player(spark_master)
    with _progress("比较 comparing …") as progress:
        found = _done(
            lambda: comparing.compare(
                *(_policy(comparing, each) for each in (a, b)),
                profile=a.profile,
                residents=a.scenario.residents,
                seeds=seeds,
                first=first,
                year=a.scenario.year,
                uncertain=not fixed,
                processes=processes,
                player=player,
                progress=progress,
            )
        )
    if plot is not None:
        plot.write_text(twin_plot.drawn(found), encoding="utf-8")
    if as_json:
        put(twin_compared.told(found, a, b))
        return
    console = Console()
    twin_compared.show(console, found, a, b)
    if plot is not None:
        console.print(f"图 plot: {plot}")


@app.command()
def calibrate(
    base: Base,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="每次几个种子 seeds of each run")] = 2,
    first: First = 1,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="把校准后的假设写成情景文件 write a scenario with what was found"),
    ] = None,
    processes: Processes = None,
    spark_master: SparkMaster = None,
    packs: Packs = None,
    as_json: AsJson = False,
) -> None:
    """校准：调整假设，使基准年合乎已知总量，并说明哪些分不清（模拟）。Fit assumptions to known totals; what they cannot tell is named."""
    staged = stage(base, load(packs))
    scenario, player = staged.scenario, _player(spark_master)
    with _progress("校准 calibrating …") as progress:
        fit = _done(
            lambda: engine("calibrating").calibrate(
                staged.profile,
                scenario.levers,
                staged.benefits,
                residents=scenario.residents,
                seeds=seeds,
                first=first,
                year=scenario.year,
                assumptions=scenario.assumptions,
                processes=processes,
                player=player,
                progress=progress,
            )
        )
    if out is not None:
        out.write_text(twin_fitted.as_scenario(staged, fit), encoding="utf-8")
    if as_json:
        put(twin_fitted.told(staged, fit))
        return
    console = Console()
    twin_fitted.show(console, staged, fit)
    if out is not None:
        console.print(f"可作情景用 a scenario with these assumptions: {out}")


@app.command()
def sensitivity(
    base: Base,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against", help="看与这个情景的差别 of the difference to this one", exists=True, dir_okay=False
        ),
    ] = None,
    seeds: Annotated[int, typer.Option("--seeds", help="每端几个种子 seeds at each end")] = 3,
    first: First = 1,
    assumption: Annotated[
        list[str] | None,
        typer.Option("--assumption", help="只看这些假设 only these, by default all that act"),
    ] = None,
    outcome: Annotated[
        str | None, typer.Option("--outcome", help="一项结果的全部影响 every swing of one outcome")
    ] = None,
    processes: Processes = None,
    spark_master: SparkMaster = None,
    packs: Packs = None,
    as_json: AsJson = False,
) -> None:
    """敏感性：每个假设从低到高，各项结果摆动多少（模拟）。How far each outcome swings with each assumption."""
    known = load(packs)
    staged = stage(base, known)
    other = stage(against, known) if against is not None else None
    told(lambda: comparable(staged, other or staged))
    outcomes = engine("outcomes").OUTCOMES
    if outcome is not None and outcome not in outcomes:
        near = "、".join(nearest(outcome, outcomes)) or "、".join(outcomes)
        typer.echo(f"没有结果“{outcome}”：{near}。There is no outcome “{outcome}”: {near}.", err=True)
        raise typer.Exit(BAD_INPUT)
    comparing, player = engine("comparing"), _player(spark_master)
    with _progress("敏感性 swinging …") as progress:
        found = _done(
            lambda: engine("sensitivity").sensitivity(
                _policy(comparing, staged),
                profile=staged.profile,
                residents=staged.scenario.residents,
                seeds=seeds,
                first=first,
                year=staged.scenario.year,
                names=assumption,
                against=_policy(comparing, other) if other is not None else None,
                processes=processes,
                player=player,
                progress=progress,
            )
        )
    if as_json:
        put(twin_fitted.swings_told(staged, found))
        return
    console = Console()
    for each in (staged, *([other] if other is not None else [])):
        print_scenario(console, each)
    twin_fitted.show_swings(console, found, outcomes, outcome)


def _player(master: str | None) -> Any:
    """Who plays the years elsewhere; nobody where Spark was not asked for.

    Raises:
        Stop: Spark is not installed here, or does not start.
    """
    return None if master is None else engine("many").on_spark(session(master))


def _policy(comparing: Any, staged: Staged) -> Any:
    scenario = staged.scenario
    return comparing.Policy(scenario.name, scenario.levers, staged.benefits, scenario.changed_assumptions)


def _done(run: Callable[[], Any]) -> Any:
    """What came of many runs; refusals end with code 2, a stop with 1."""
    try:
        return run()
    except Refused as refused:
        tell(refused.refusals)
        raise typer.Exit(BAD_INPUT) from refused
    except engine("many").Stopped as stopped:
        typer.echo("已停止。 Stopped.", err=True)
        raise typer.Exit(1) from stopped


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on the error stream; what is inside says how many of how many are done."""
    columns = (*Progress.get_default_columns()[:-1], TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, many: bar.update(task, completed=done, total=many)
