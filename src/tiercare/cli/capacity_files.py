"""``tiercare capacity template | export | import``: pools, weeks and beds of an institution as files, in and out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tiercare.apps.capacity import commands
from tiercare.apps.capacity.commands.place_files import Tried
from tiercare.apps.capacity.queries import place_files
from tiercare.apps.capacity.rules.files import REGISTERS
from tiercare.apps.ledger import queries as clock
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.sheets import Encoding as CsvEncoding
from tiercare.cli import bootstrap
from tiercare.cli.bootstrap import Stop
from tiercare.cli.network_files import Encoding, Format, sources_of
from tiercare.cli.policy import AsJson
from tiercare.kernel.actor import Actor

_UNUSABLE = 2
_SHOWN_AT_MOST = 50

Institution = Annotated[str, typer.Option("--institution", help="机构编码")]
RegionName = Annotated[str, typer.Option("--region", help="政策包 id，如 taiyuan")]
Files = Annotated[list[Path], typer.Argument(help=".xlsx、.xls 或 .csv；几个文件作为一组")]
Output = Annotated[Path, typer.Option("-o", "--output", help="文件；CSV 有几种登记表时为文件夹")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("template")(template)
    app.command("export")(export)
    app.command("import")(import_)


def template(output: Output) -> None:
    """写出空白模板：号源床位检查池、周排班、床位。Write an empty workbook. Needs no database."""
    _write(output, place_files.template())


def export(
    output: Output,
    institution: Institution,
    form: Annotated[Format, typer.Option("--format")] = Format.XLSX,
    encoding: Annotated[Encoding, typer.Option("--encoding", help="CSV 的编码")] = Encoding.UTF8,
    region: RegionName = bootstrap.DEFAULT_REGION,
) -> None:
    """导出一家机构今天的池、排班和床位；原样导入不会有任何变化。Write what stands today."""
    bootstrap.ready(region)
    written_as: CsvEncoding | None = None
    if form is Format.CSV:
        written_as = "gb18030" if encoding is Encoding.GB18030 else "utf-8-sig"
    files = place_files.export(_institution(institution), encoding=written_as)
    if len(files) == 1 and not output.is_dir():
        _write(output, files[0].content)
        return
    output.mkdir(parents=True, exist_ok=True)
    for file in files:
        _write(output / file.name, file.content)


def import_(
    files: Files,
    institution: Institution,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不导入")] = False,
    as_json: AsJson = False,
    region: RegionName = bootstrap.DEFAULT_REGION,
) -> None:
    """导入一家机构的池、排班和床位，全部或一行也不导入。退出码：0 成功，2 有行不对。Take files over, all or none."""
    sources = sources_of(files, "")
    bootstrap.ready(region)
    actor, where = Actor.system("cli"), _institution(institution)
    tried = commands.try_places(actor, institution_id=where, sources=sources)
    taken = not tried.bad and not dry_run
    if taken:
        commands.import_places(actor, institution_id=where, sources=sources)
    if as_json:
        answer = {"rows": tried.counts, "faults": tried.faults, "notes": tried.notes, "taken_over": taken}
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        _print(tried, taken)
    if tried.bad:
        raise typer.Exit(_UNUSABLE)


def _print(tried: Tried, taken: bool) -> None:
    console = Console(soft_wrap=True)
    table = Table("登记表", "行", "新增", "变更", "无变化", "有误")
    for key, counted in tried.counts.items():
        names = ("rows", "created", "changed", "unchanged", "bad")
        table.add_row(REGISTERS[key].name.zh, *(str(counted[name]) for name in names))
    console.print(table)
    for fault in tried.faults[:_SHOWN_AT_MOST]:
        column = REGISTERS[fault["register"]].by_key.get(fault["column"])
        name = f" {column.name.zh}" if column is not None else ""
        console.print(escape(f"{fault['place']}{name}：{fault['message']['zh']}{fault['fix']['zh']}"))
    if len(tried.faults) > _SHOWN_AT_MOST:
        console.print(f"……共 {len(tried.faults)} 处 in all")
    changes = any(each["created"] or each["changed"] for each in tried.counts.values())
    if tried.bad or not taken:
        console.print("没有导入任何数据。 Nothing was taken over.")
    else:
        console.print("已导入。 Taken over." if changes else "全部未变。 Nothing has changed.")


def _institution(slug: str) -> UUID:
    found = network.institution_by_slug(slug, on=clock.today())
    if found is None:
        raise Stop(f"没有编码为“{slug}”的机构。\nThere is no institution {slug!r}.")
    return found


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Stop(f"写不了 {file}：{error.strerror}。\nCannot write {file}.") from error
    typer.echo(str(file), err=True)
