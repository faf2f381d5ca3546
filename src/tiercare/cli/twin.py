"""``tiercare twin``: levers of policy, scenarios, and what a region would look like under them. All of it is simulated; needs no database."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.status import Status

from tiercare.cli import twin_shown
from tiercare.cli.bootstrap import Stop
from tiercare.cli.facts_profile import profile_of
from tiercare.cli.policy import AsJson, Day, Packs, day, load
from tiercare.engines.measures.synth import Profile
from tiercare.engines.policy import PackErrors, PackSet
from tiercare.engines.twin.from_packs import Resolved, levers_of
from tiercare.engines.twin.readiness import Staged, staged
from tiercare.engines.twin.scenarios import Scenario, located, read_scenario
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

T = TypeVar("T")
BAD_INPUT = 2
_INVENTED_SEED = 1  # one invented region for all, so that two scenarios meet in the same one

app = typer.Typer(
    no_args_is_help=True,
    help="区域推演：先试政策，再推行（模拟，不是真实数据） A simulated region: try a policy before adopting it.",
)

File = Annotated[
    Path, typer.Argument(help="情景文件（YAML） a scenario", exists=True, dir_okay=False, readable=True)
]
Seed = Annotated[
    int, typer.Option("--seed", min=0, help="同一个种子得同样的结果 the same seed, the same result")
]


@app.command()
def levers(
    pack: Annotated[
        str | None, typer.Option("--pack", help="政策包：各杠杆取值及其条款 values in a pack")
    ] = None,
    on: Day = None,
    packs: Packs = None,
    as_json: AsJson = False,
) -> None:
    """列出政策杠杆：名称、范围，以及在某个政策包里的取值和条款。The levers, their range, and what a pack sets by which clause."""
    resolved: Resolved | None = None
    if pack is not None:
        known = load(packs)
        if pack not in known.packs:
            typer.echo(
                f"没有政策包“{pack}”。There is no pack “{pack}”: {', '.join(sorted(known.packs))}.", err=True
            )
            raise typer.Exit(BAD_INPUT)
        resolved = told(lambda: levers_of(known, pack, on=day(on)))
    if as_json:
        put(twin_shown.levers_told(resolved))
        return
    Console().print(twin_shown.levers_table(resolved))


@app.command()
def check(file: File, packs: Packs = None, as_json: AsJson = False) -> None:
    """检查情景文件；有问题时逐条说明，退出码为 2。Check a scenario; every fault is told, exit code 2."""
    staged = stage(file, load(packs))
    if as_json:
        put(twin_shown.scenario_told(staged))
        return
    twin_shown.print_scenario(Console(), staged)
    typer.echo("可以模拟。 It can be run.")


@app.command()
def run(
    file: File,
    seed: Seed = 1,
    facts: Annotated[
        Path | None, typer.Option("--facts", help="把模拟的事实表写到这个文件夹 write fact tables there")
    ] = None,
    packs: Packs = None,
    as_json: AsJson = False,
) -> None:
    """模拟一年并列出结果（模拟数据）。Play one year and show what came of it; everything is made up."""
    told(lambda: refuse(_taken(facts)))
    staged = stage(file, load(packs))
    scenario, outcomes = staged.scenario, engine("outcomes")
    with waiting(f"模拟 simulating … {scenario.name.zh}") as status:
        year = engine("running").simulate(
            staged.profile,
            scenario.levers,
            residents=scenario.residents,
            seed=seed,
            year=scenario.year,
            benefits=staged.benefits,
            assumptions=scenario.assumptions,
        )
        found = outcomes.outcomes(year)
        if facts is not None:
            engine("facts").write_facts(
                year, facts, progress=lambda month: status.update(f"写事实表 writing facts … {month}")
            )
    if as_json:
        put(twin_shown.run_told(staged, seed, outcomes.OUTCOMES, found))
        return
    console = Console()
    twin_shown.print_scenario(console, staged)
    twin_shown.print_outcomes(console, seed, outcomes.OUTCOMES, found)
    if facts is not None:
        console.print(
            f"{facts}: 模拟的事实表 simulated facts; tiercare evaluate --pack {scenario.pack} --facts {facts}"
        )


def stage(file: Path, packs: PackSet) -> Staged:
    """A scenario from a file, ready to be played, or everything that stands against it printed and exit code 2."""
    scenario = told(lambda: read_scenario(file, packs))
    return told(lambda: staged(scenario, profile_for(scenario, packs), packs))


def profile_for(scenario: Scenario, packs: PackSet) -> Profile:
    """The region in which it is played: the pack's, or the one that exists nowhere.

    Raises:
        Refused: the pack lays none down, or none that could be filled with people.
    """
    if scenario.invented:
        return Profile.invented(_INVENTED_SEED)
    try:
        return profile_of(packs.packs[scenario.pack])
    except Stop:
        message = Text(
            "政策包“{pack}”没有机构和区划，无法模拟。", "The pack “{pack}” lays no region down to simulate."
        )
        instead = Text(
            "请换一个政策包，或写 region: invented 用虚拟地区。", "Take another pack, or region: invented."
        )
        fields = {"pack": scenario.pack}
    except (
        ValueError
    ) as problem:  # places without people, no hospital, a member of a consortium that there is none of
        message = Text(
            "政策包“{pack}”的地区没有医院、没有居民，或机构与医联体对不上，无法模拟（{why}）。",
            "The region of “{pack}” has no hospital, no people, or members of unknown consortia: {why}.",
        )
        instead = Text("请检查该政策包的 region 文件夹。", "Look at the region folder of the pack.")
        fields = {"pack": scenario.pack, "why": str(problem)}
    raise Refused(Refusal("scenario_no_region", message, instead, fields, at="pack"))


def _taken(folder: Path | None) -> Refusal | None:
    """Simulated facts never lie among others."""
    if folder is None or not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return None
    return Refusal(
        "twin_facts_folder",
        Text(
            "“{folder}”里已有内容：模拟的事实表不与别的数据混放。",
            "“{folder}” is not empty: simulated facts are not put among others.",
        ),
        Text("请给出一个新的或空的文件夹。", "Name a new or an empty folder."),
        {"folder": folder},
        at="--facts",
    )


def tell(refusals: Sequence[Refusal]) -> None:
    """Every refusal with its place, Chinese and English, on the error stream."""
    for each in refusals:
        typer.echo(f"{located(each, 'zh')}\n  {located(each, 'en')}", err=True)
    typer.echo(f"共 {len(refusals)} 处问题。 {len(refusals)} problem(s).", err=True)


def told(ask: Callable[[], T]) -> T:
    """What was asked for, or everything that stands against it printed and exit code 2."""
    try:
        return ask()
    except Refused as refused:
        tell(refused.refusals)
        raise typer.Exit(BAD_INPUT) from refused
    except PackErrors as errors:
        for problem in errors.problems:
            typer.echo(f"{problem.sentence('zh')}\n  {problem.sentence('en')}", err=True)
        raise typer.Exit(BAD_INPUT) from errors


def waiting(what: str) -> Status:
    """Says what is being waited for, beside the command's own output."""
    return Console(stderr=True).status(what)


def engine(name: str) -> Any:
    """A part of the twin that is compiled: no other command should wait for it."""
    return import_module(f"tiercare.engines.twin.{name}")


def put(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
