"""``tiercare facts import | check | export | synth``: extracts into the store of facts and out of it. Needs no database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from rich.console import Console
from rich.table import Table

from tiercare.cli.bootstrap import Stop
from tiercare.cli.facts_profile import profile_of
from tiercare.cli.policy import Packs, load
from tiercare.engines.measures.periods import NoPeriod, span
from tiercare.engines.measures.schema import facts as tables
from tiercare.engines.measures.store import Format, Store, export
from tiercare.engines.measures.synth import FIRST_YEAR, synth

app = typer.Typer(
    no_args_is_help=True, help="事实数据：导入、检查、导出、模拟生成 Facts: import, check, export, make up."
)

Facts = Annotated[Path | None, typer.Option("--facts", help="事实数据的文件夹，默认在安装目录的 facts 下")]
Memory = Annotated[str, typer.Option("--memory", help="最多用多少内存，如 4GB")]
Threads = Annotated[int | None, typer.Option("--threads", help="用几个核，默认全部")]


def folder(asked: Path | None) -> Path:
    """The store that was asked for, or the installation's."""
    return asked or Path(settings.FACTS_ROOT)


@app.command("synth")
def make_up(
    region: Annotated[str, typer.Option("--region", help="政策包，如 wuhu")],
    years: Annotated[int, typer.Option("--years", min=1, max=20, help="几年")] = 2,
    rows: Annotated[int, typer.Option("--rows", min=1000, help="大约多少诊疗人次")] = 200_000,
    seed: Annotated[int, typer.Option("--seed", help="同一个种子生成同样的数据")] = 1,
    first: Annotated[int, typer.Option("--from", help="从哪一年起")] = FIRST_YEAR,
    facts: Facts = None,
    packs: Packs = None,
) -> None:
    """生成一个地区的模拟数据，处处标明“模拟”。Make up a region's facts, marked as such everywhere."""
    known = load(packs)
    if region not in known.packs:
        raise Stop(f"没有政策包“{region}”。There is no pack “{region}”: {', '.join(sorted(known.packs))}.")
    root = folder(facts)
    console = Console()
    with console.status("生成模拟数据 making facts up …") as status:
        synth(
            root,
            profile_of(known.packs[region]),
            years,
            rows,
            seed,
            first_year=first,
            progress=lambda month: status.update(f"生成模拟数据 making facts up … {month}"),
        )
    with Store(root) as store:
        table = Table("表 table", "月份 months", "行 rows", title="模拟数据，不是真实数据 made up, not real")
        for name, fact in tables().items():
            months = store.months(name)
            count = sum(part.rows for part in store.parts(name))
            table.add_row(
                f"{fact.title.zh} {name}", f"{months[0]} – {months[-1]}" if months else "—", f"{count:,}"
            )
    console.print(table)
    console.print(f"接着可以 next: tiercare evaluate --pack {region}")


@app.command("export")
def take_out(
    fact: Annotated[str, typer.Argument(help="哪张表，如 visits")],
    path: Annotated[Path, typer.Option("-o", "--output", help="写到哪个文件")],
    period: Annotated[str, typer.Option("--period", help="年、季或月")],
    facts: Facts = None,
) -> None:
    """导出一张表（csv、xlsx、parquet，按文件名的后缀）。Export a table, by the name's ending."""
    ending = path.suffix.lstrip(".").lower()
    if fact not in tables():
        raise Stop(f"没有“{fact}”这张表。There is no table “{fact}”: {', '.join(tables())}.")
    if ending not in set(Format):
        raise Stop(f"不认识“{path.name}”的后缀，请用 .csv、.xlsx 或 .parquet。Use .csv, .xlsx or .parquet.")
    try:
        asked = span(period)
    except NoPeriod as error:
        raise Stop(
            f"“{error}”不是年、季或月，请写成 2025、2025Q3 或 2025-07。No year, quarter or month."
        ) from error
    with Store(folder(facts)) as store:
        count = export(store, fact, asked, path, Format(ending))
        made_up = "，模拟数据 made up" if store.synthetic else ""
    typer.echo(f"{path}: {count:,} 行 rows{made_up}")
