"""``tiercare network template | export | import | try``: the registers as files, in and out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tiercare.apps.ledger import queries as clock
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries
from tiercare.apps.network.commands import imports as commands
from tiercare.apps.network.queries import sheets
from tiercare.apps.network.rules.registers import REGISTERS
from tiercare.cli import bootstrap
from tiercare.cli.policy import AsJson, Day, Packs, load
from tiercare.engines.policy import PackSet
from tiercare.engines.sheets import LIMIT_BYTES
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused

BROKEN, UNUSABLE = 1, 2
_SHOWN_AT_MOST = 50


class Format(StrEnum):
    """How registers are written."""

    XLSX = "xlsx"
    CSV = "csv"


class Encoding(StrEnum):
    """How a CSV is encoded; UTF-8 with a byte order mark, which Excel needs."""

    UTF8 = "utf-8"
    GB18030 = "gb18030"


RegionName = Annotated[str, typer.Option("--region", help="政策包 id，如 wuhu")]
Registers = Annotated[
    list[str] | None, typer.Option("--register", help=f"登记表，可多次：{' '.join(REGISTERS)}")
]
Register = Annotated[str, typer.Option("--register", help="CSV 是哪一种登记表，看不出时填")]
Files = Annotated[list[Path], typer.Argument(help=".xlsx、.xls 或 .csv；几个文件作为一组")]
Output = Annotated[Path, typer.Option("-o", "--output", help="文件；CSV 有几种登记表时为文件夹")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("template")(template)
    app.command("export")(export)
    app.command("import")(import_)
    app.command("try")(try_)


def template(output: Output, registers: Registers = None) -> None:
    """写出空白模板：列名、填写说明、下拉列表。Write an empty workbook to fill in. Needs no database."""
    content = sheets.template_workbook(_known(registers))
    _write(output, content)


def export(
    output: Output,
    registers: Registers = None,
    form: Annotated[Format, typer.Option("--format")] = Format.XLSX,
    encoding: Annotated[Encoding, typer.Option("--encoding", help="CSV 的编码")] = Encoding.UTF8,
    region: RegionName = bootstrap.DEFAULT_REGION,
    on: Day = None,
) -> None:
    """导出某日有效的登记；原样导入不会有任何变化。Write what stands in the registers on a day."""
    wanted = _known(registers)
    bootstrap.ready(region)
    written_as: sheets.Encoding | None = None
    if form is Format.CSV:
        written_as = "gb18030" if encoding is Encoding.GB18030 else "utf-8-sig"
    files = sheets.export_workbook(
        queries.region_of(region), on=_day(region, on), registers=wanted, encoding=written_as
    )
    if len(files) == 1 and not output.is_dir():
        _write(output, files[0].content)
        return
    output.mkdir(parents=True, exist_ok=True)
    for file in files:
        _write(output / file.name, file.content)


def import_(
    files: Files,
    register_: Register = "",
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad/--all-or-nothing", help="跳过有误的行，或一行有误就全不导入")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不导入")] = False,
    as_json: AsJson = False,
    region: RegionName = bootstrap.DEFAULT_REGION,
    on: Day = None,
) -> None:
    """导入登记表。退出码：0 已导入，1 会违反规则，2 文件或行有误。Take files over into the registers."""
    actor = Actor.system("cli")
    with _Told(as_json):
        sources = sources_of(files, register_)
    bootstrap.ready(region)
    day = _day(region, on)
    with _Told(as_json):
        tried = commands.try_files(actor=actor, sources=sources, pack_id=region, on=day)
    stopped = bool(tried.effect["broken"]) or (bool(tried.bad) and not skip_bad)
    taken = False
    if not dry_run and not stopped:
        with _Told(as_json, BROKEN):
            commands.import_files(actor=actor, tried=tried, skip_bad=skip_bad)
        taken = True
    if as_json:
        _json(commands.as_json(tried) | {"taken_over": taken})
    else:
        _print(tried)
        _say_taken(taken, dry_run)
    if tried.effect["broken"]:
        raise typer.Exit(BROKEN)
    if tried.bad and not skip_bad:
        raise typer.Exit(UNUSABLE)


def try_(
    files: Files,
    register_: Register = "",
    region: RegionName = bootstrap.DEFAULT_REGION,
    on: Day = None,
    packs: Packs = None,
    as_json: AsJson = False,
) -> None:
    """试算一组变更会违反哪些规则，不保存。退出码：0 不违反，1 违反，2 文件或行有误。Try changes; nothing is saved."""
    known = load(packs) if packs else None
    with _Told(as_json):
        sources = sources_of(files, register_)
    bootstrap.ready(region if region in mandates.packs().packs else None)
    with _Told(as_json):
        tried = commands.try_files(
            actor=Actor.system("cli"),
            sources=sources,
            pack_id=region,
            on=_day_of(region, on, known),
            packs=known,
        )
    if as_json:
        _json(commands.as_json(tried))
    else:
        _print(tried)
    if tried.bad:
        raise typer.Exit(UNUSABLE)
    if tried.effect["broken"]:
        raise typer.Exit(BROKEN)


class _Told:
    """A refusal inside is told, as JSON where that was asked for, and ends the command."""

    def __init__(self, as_json: bool, code: int = UNUSABLE) -> None:
        self._as_json, self._code = as_json, code

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Refused):
            _tell(error.refusals, self._as_json, self._code)


def _tell(refusals: Sequence[Refusal], as_json: bool, code: int = UNUSABLE) -> NoReturn:
    if as_json:
        _json({"errors": [_refusal(refusal) for refusal in refusals]})
    else:
        for refusal in refusals:
            for language in ("zh", "en"):
                typer.echo(refusal.sentence(language), err=True)
                typer.echo("  " + refusal.way_on(language), err=True)
    raise typer.Exit(code)


def _refusal(refusal: Refusal) -> dict[str, Any]:
    return {
        "code": refusal.code,
        "message": {language: refusal.sentence(language) for language in ("zh", "en")},
        "remedy": {language: refusal.way_on(language) for language in ("zh", "en")},
        "clauses": list(refusal.clauses),
    }


def _known(registers: Iterable[str] | None) -> list[str] | None:
    """The registers asked for, in the order in which they are written.

    Raises:
        Exit: there is no such register.
    """
    if not registers:
        return None
    for key in registers:
        if key not in REGISTERS:
            _tell([commands.unknown_register(key)], as_json=False)
    return [key for key in REGISTERS if key in set(registers)]


def sources_of(files: Iterable[Path], register_: str) -> list[commands.Source]:
    """The files' contents.

    Raises:
        Refused: a file cannot be read or is too large.
    """
    sources = []
    for file in files:
        try:
            if file.stat().st_size > LIMIT_BYTES:
                raise Refused(commands.too_large(file.stat().st_size))
            sources.append(commands.Source(file.name, file.read_bytes(), register_))
        except OSError as error:
            raise Refused(commands.cannot_open(str(file), error.strerror or str(error))) from error
    return sources


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        _tell([commands.cannot_open(str(path), error.strerror or str(error))], as_json=False)
    typer.echo(str(path))


def _day(region: str, on: datetime | None) -> date:
    """The asked day; a demonstration region has one of its own."""
    return on.date() if on else queries.demonstration_day(region) or clock.today()


def _day_of(region: str, on: datetime | None, packs: PackSet | None) -> date:
    """The same for a pack that is not installed: the day of the region that it extends."""
    if packs is not None and region not in mandates.packs().packs and packs.find(region) is not None:
        chain = [pack.id for pack in packs.chain(region)]
        region = next((key for key in chain if queries.demonstration_day(key)), region)
    return _day(region, on)


_MARKS = {"broken": ("✗", "red"), "worsened": ("!", "yellow"), "healed": ("✓", "green")}
_TITLES = {
    "broken": "会违反 would be violated",
    "worsened": "会变差（不妨碍） would stand worse",
    "healed": "会消除 would be healed",
}


def _print(tried: commands.Tried) -> None:
    console = Console(soft_wrap=True)
    answer = commands.as_json(tried)
    console.print(f"\n[bold]{tried.pack}[/] {tried.region} · 截至 as of {tried.on}")
    table = Table("登记表", "行", "可导入", "新增", "变更", "无变化", "作废", "有误")
    for key, counted in answer["rows"].items():
        names = ("rows", "ready", "created", "changed", "unchanged", "voided", "bad")
        table.add_row(REGISTERS[key].name.zh, *(str(counted[name]) for name in names))
    console.print(table)
    for note in answer["notes"]:
        console.print(escape(note["zh"]))
    for part in _MARKS:
        _print_cards(console, part, answer[part])
    _print_bad(console, answer["bad_rows"])
    style = "bold red" if tried.violations else "green"
    console.print(f"[{style}]新增违反 new violations: {tried.violations}[/]")


def _print_cards(console: Console, part: str, cards: Sequence[dict[str, Any]]) -> None:
    if not cards:
        return
    mark, style = _MARKS[part]
    console.print(f"\n[bold {style}]{_TITLES[part]}[/]")
    for card in cards:
        console.print(
            f"[{style}]{mark}[/] [bold]{escape(card['pack'])}/{escape(card['card'])}[/] "
            f"{' '.join(card['clauses'])} · {escape(card['sentence']['zh'])}"
        )
        for name, value in card["parameters"].items():
            source = value["number"] or value["title"]["zh"]
            console.print(
                f"    {escape(name)} {value['op']} {escape(str(value['value']))}"
                f"（{value['clause']} · {escape(source)}）",
                style="dim",
            )
        for finding in card["findings"][:_SHOWN_AT_MOST]:
            console.print(f"  - {escape(finding['message']['zh'])}")
            if part != "healed":
                console.print(f"    办法 {escape(finding['remedy']['zh'])}")
            if finding["rows"]:
                console.print(f"    行 rows {escape('、'.join(finding['rows'][:_SHOWN_AT_MOST]))}")


def _print_bad(console: Console, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    console.print("\n[bold red]有误的行 bad rows[/]")
    for row in rows[:_SHOWN_AT_MOST]:
        columns = REGISTERS[row["register"]].by_key
        for problem in row["problems"]:
            column = columns.get(problem["column"])
            name = f" {column.name.zh}" if column else ""
            text = f"{row['place']}{name}：{problem['message']['zh']}{problem['fix']['zh']}"
            console.print(f"  - {escape(text)}")
    if len(rows) > _SHOWN_AT_MOST:
        console.print(f"  …… 共 {len(rows)} 行 rows in all")


def _say_taken(taken: bool, dry_run: bool) -> None:
    if taken:
        typer.echo("已导入。 Taken over.")
    else:
        typer.echo(
            "只检查，没有导入。 Checked only." if dry_run else "没有导入任何数据。 Nothing was taken over."
        )


def _json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
