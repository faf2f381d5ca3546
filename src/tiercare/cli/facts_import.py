"""``tiercare facts mapping | check | import``: an extract is looked at, tried, taken, and what was wrong with it is told."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tiercare.cli import words
from tiercare.cli.bootstrap import Stop
from tiercare.cli.facts import Facts, Memory, Threads, folder
from tiercare.cli.policy import AsJson, load
from tiercare.engines.measures.importing import (
    FromFile,
    Limits,
    Report,
    Weight,
    import_file,
    load_mapping,
    own_mapping,
    propose,
    touched,
)
from tiercare.engines.measures.load import load_book
from tiercare.engines.measures.periods import Span
from tiercare.engines.measures.rounding import shown
from tiercare.engines.measures.schema import facts as tables
from tiercare.engines.measures.store import Mode, Store
from tiercare.engines.policy import PackErrors

app = typer.Typer()
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="csv、xlsx 或 parquet 文件")]
Mapped = Annotated[
    Path | None, typer.Option("--mapping", "-m", help="映射文件；不给则当作本平台导出的文件来读")
]
Fact = Annotated[str, typer.Option("--fact", help="哪张表，如 visits；有映射文件时不用写")]
Region = Annotated[str, typer.Option("--region", help="区划代码，如 3402；有映射文件时不用写")]
_WEIGHTS = {
    Weight.FAULT: "[red]未收 put aside[/]",
    Weight.SUSPICION: "[yellow]存疑 doubtful[/]",
    Weight.NOTE: "[dim]提示 note[/]",
}
_MOST_TOUCHED = 10


@app.command("mapping")
def draft(
    file: File,
    region: Annotated[str, typer.Option("--region", help="区划代码，如 3402")],
    fact: Fact = "",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="写到哪个文件，默认显示")] = None,
) -> None:
    """按表头起草一份映射文件，供核对后使用。Draft a mapping file from the header, to be checked by hand."""
    if fact and fact not in tables():
        raise Stop(f"没有“{fact}”这张表。There is no table “{fact}”: {', '.join(tables())}.")
    made = propose(file, region, fact)
    if output is None:
        typer.echo(made.text)
    else:
        output.write_text(made.text, "utf-8")
        typer.echo(f"{output}（{made.fact}）")
    for name in made.missing:
        says = tables()[made.fact].columns[name].says if name in tables()[made.fact].columns else None
        typer.echo(f"缺少 missing: {name} {says.zh if says else ''}", err=True)


@app.command("check")
def check(
    file: File,
    mapping: Mapped = None,
    fact: Fact = "",
    region: Region = "",
    facts: Facts = None,
    memory: Memory = "2GB",
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """只检查、不导入，逐项说明问题。Check an extract and tell what is wrong; nothing is taken."""
    limits = Limits(memory, threads)
    report = import_file(
        file, _mapping(file, mapping, fact, region), folder(facts), at=words.now(), limits=limits, take=False
    )
    _told(report, as_json=as_json)
    if report.quarantined or report.refused:
        raise typer.Exit(1)


@app.command("import")
def take_in(
    file: File,
    mapping: Mapped = None,
    fact: Fact = "",
    region: Region = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="取代这些月份已有的数据 in place of those months")
    ] = False,
    facts: Facts = None,
    memory: Memory = "2GB",
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """导入一份数据：好的收下，有问题的放入待核区并说明原因。Take an extract; bad rows are put aside with the reason."""
    root = folder(facts)
    read = _mapping(file, mapping, fact, region)
    mode = Mode.REPLACE if replace else Mode.ADD
    report = import_file(file, read, root, at=words.now(), mode=mode, limits=Limits(memory, threads))
    _told(report, as_json=as_json)
    if report.quarantined and not as_json:
        _touched(root, report)
    if report.refused:
        raise typer.Exit(1)


def _mapping(file: Path, mapping: Path | None, fact: str, region: str) -> FromFile:
    if mapping is not None:
        try:
            return load_mapping(mapping)
        except PackErrors as errors:
            raise Stop(
                "\n".join(f"{each.sentence('zh')}\n  {each.sentence('en')}" for each in errors.problems)
            ) from errors
    if fact not in tables() or not region:
        raise Stop(
            "请给映射文件（--mapping），或者写明 --fact 和 --region；可先用 tiercare facts mapping 起草。\n"
            "Give a mapping file (--mapping), or --fact and --region; tiercare facts mapping drafts one."
        )
    return own_mapping(fact, region, fen=file.suffix.lower() == ".parquet")


def _told(report: Report, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(asdict(report), ensure_ascii=False, indent=2))
        return
    console = Console()
    console.print(
        f"{report.file} → {report.fact}: 共 {report.came:,} 行，收下 {report.kept:,}，待核 {report.quarantined:,}，"
        f"存疑 {report.suspected:,} rows came, taken, put aside, doubtful"
    )
    if report.refused:
        console.print(f"[bold red]整批未收 the whole batch was not taken: {report.refused}[/]")
    mark = "模拟数据，不是真实数据 made up, not real" if report.synthetic else None
    months = Table("月份 month", "来 came", "收 taken", "待核 aside", title=mark)
    for each in report.counts:
        months.add_row(str(each.month or "—"), f"{each.came:,}", f"{each.kept:,}", f"{each.quarantined:,}")
    console.print(months)
    if report.findings:
        table = Table(
            "结果", "问题 what", "行数 rows", "例如第几行 e.g. rows", "原值 values", "怎么办 the way on"
        )
        for found in report.findings:
            table.add_row(
                _WEIGHTS[found.weight],
                escape(found.sentence("zh")),
                f"{found.rows:,}",
                "、".join(map(str, found.places)),
                escape("、".join(found.values)),
                escape(found.fix.zh),
            )
        console.print(table)


def _touched(root: Path, report: Report) -> None:
    """Which indicators the rows put aside may still move."""
    months = [each.month for each in report.counts if each.month]
    packs = load(None)
    pack = packs.find(report.region)
    if pack is None or not months:
        return
    with Store(root, regions=[report.region]) as store:
        found = touched(store, load_book(packs, pack.id).on(words.today()), Span(min(months), max(months)))
    waiting = sorted((each for each in found if each.waiting), key=lambda each: -(each.share or 0))
    if waiting:
        table = Table(
            "指标 indicator", "待核行占比 share put aside", title="待核的行涉及的指标 indicators touched"
        )
        for each in waiting[:_MOST_TOUCHED]:
            table.add_row(each.indicator, shown(each.share, "%") if each.share is not None else "—")
        Console().print(table)
