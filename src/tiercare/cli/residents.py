"""``tiercare residents template | import | generate | cover``: residents in bulk, as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from django.conf import settings
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import queries as network
from tiercare.apps.residents import commands
from tiercare.apps.residents.rules import file as columns
from tiercare.cli import bootstrap
from tiercare.cli.demonstration_people import villages_of
from tiercare.cli.residents_cover import cover
from tiercare.cli.residents_duplicates import duplicates
from tiercare.engines.population import generate
from tiercare.kernel import secrecy
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal

BROKEN, UNUSABLE = 1, 2
_GUESSED = ("utf-8-sig", "gb18030")
_PROBE = 1 << 20  # bytes that decide the encoding: a file that is no UTF-8 shows it within the first names

app = typer.Typer(no_args_is_help=True, help="居民 residents in bulk, as a file")
app.command()(duplicates)
app.command()(cover)


@app.command()
def template(output: Annotated[Path, typer.Option("-o", "--output", help="写到哪里")]) -> None:
    """写出导入文件的表头（CSV）。Write the headings of the file to import. Needs no database."""
    with output.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerow([column.heading.zh for column in columns.COLUMNS])
    typer.echo(f"已写出 wrote {output}")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV，UTF-8 或 GB18030")],
    institution: Annotated[str, typer.Option(help="登记机构编码：地址所在乡镇没有基层机构时由它登记")],
    quarantine: Annotated[Path | None, typer.Option(help="不能导入的行写到这里，默认在原文件旁边")] = None,
    synthetic: Annotated[bool, typer.Option("--synthetic", help="全部是虚构人员")] = False,
) -> None:
    """成批导入居民；不能导入的行连同原因另存，其余照常导入。Import residents; bad lines are set aside with the reason."""
    bootstrap.ready()
    place = network.institution_by_slug(institution, on=ledger.today())
    if place is None:
        _stop(f"没有编码为“{institution}”的机构。 There is no institution {institution!r}.")
    if synthetic and not ledger.installation().synthetic:
        _stop("这个数据库不是演示库。 This database is not a demonstration.")
    header, rows = _rows(file)
    places = columns.columns_of(header)
    if isinstance(places, tuple):
        _stop("\n".join(_said(refusal) for refusal in places))
    with _progress() as progress:
        task = progress.add_task("导入 importing …", total=None)

        def told(result: commands.Imported) -> None:
            progress.update(
                task, description=f"已导入 imported {result.taken:,}，另存 set aside {len(result.bad):,}"
            )

        result = commands.import_residents(
            Actor.system("cli"),
            lines=((number, columns.read_line(number, cells, places)) for number, cells in rows),
            institution_id=place,
            synthetic=synthetic,
            told=told,
        )
    typer.echo(
        f"导入 imported {result.taken:,} · 已有 known {result.known:,} · 另存 set aside {len(result.bad):,}"
    )
    if result.bad:
        beside = quarantine or file.with_name(f"{file.stem}.待更正.csv")
        _set_aside(beside, file, dict(result.bad))
        typer.echo(f"不能导入的行 lines set aside: {beside}")
        raise typer.Exit(BROKEN)


@app.command("generate")
def generate_(
    output: Annotated[Path, typer.Option("-o", "--output", help="写到哪里")],
    people: Annotated[int, typer.Option(min=1, max=10_000_000, help="人数")] = 10_000,
    region: Annotated[str, typer.Option(help="行政区划代码，如 3402")] = "3402",
    seed: Annotated[int, typer.Option(help="同一个种子得到同样的人")] = 1,
) -> None:
    """写出虚构居民（CSV），供演示和测速。Write synthetic residents: nobody of them exists."""
    bootstrap.ready()
    villages = villages_of(region, on=ledger.today())
    if not villages:
        _stop(f"{region} 下没有乡镇。 No townships below {region}.")
    with output.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.heading.zh for column in columns.COLUMNS])
        for at, home in enumerate(generate(seed=seed, villages=villages, people=people), start=1):
            for member in home.members:
                writer.writerow(
                    [
                        member.name,
                        member.sex,
                        member.birth_date.isoformat(),
                        member.identity_kind,
                        member.identity_number or "",
                        member.phone or "",
                        home.division_code,
                        home.address,
                        member.nation or "",
                        at,
                        member.relation,
                    ]
                )
    typer.echo(f"已写出 wrote {people:,} 名虚构居民 synthetic residents: {output}")


@app.command("turn-keys")
def turn_keys() -> None:
    """更换密钥：证件号码、手机号、地址等全部用新密钥重新加密。Turn the keys: seal everything anew with a new one."""
    bootstrap.ready()
    with _progress() as progress:
        task = progress.add_task("重新加密 sealing anew …", total=None)

        def told(moved: int) -> None:
            progress.update(task, description=f"已重新加密 sealed anew {moved:,}")

        moved = commands.turn_keys(Actor.system("cli"), told=told)
    typer.echo(f"已重新加密 sealed anew: {moved:,}。请备份 back up now: {settings.HOME / secrecy.FILE}")


def _rows(file: Path) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """The header and the rows that follow with the number people see (the header is 1), read as they are asked for."""
    try:
        with file.open("rb") as probe:
            start = probe.read(_PROBE)
    except OSError as error:
        _stop(f"打不开 {file}：{error.strerror}。 Cannot open it.")
    rows = _readable(file, _encoding(start, whole=len(start) < _PROBE))
    _, header = next(rows, (1, []))
    return header, rows


def _readable(file: Path, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """Rows by number, empty ones left out; a field without end is where reading has to stop, and is named."""
    with file.open(encoding=encoding, errors="replace", newline="") as source:
        rows = csv.reader(source)
        for number in count(1):
            try:
                cells = next(rows, None)
            except csv.Error as error:
                _stop(f"第 {number} 行读不下去：{error}。 Cannot read on at row {number}.")
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                yield number, cells


def _encoding(start: bytes, *, whole: bool) -> str:
    cut = start if whole else start[: start.rfind(b"\n") + 1]
    found = next((encoding for encoding in _GUESSED if _decodes(cut, encoding)), None)
    if found is None:
        _stop("文件既不是 UTF-8 也不是 GB18030 编码。 Neither UTF-8 nor GB18030.")
    return found


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _set_aside(beside: Path, file: Path, bad: Mapping[int, tuple[Refusal, ...]]) -> None:
    """The lines that were not taken, as they stood, each with its reasons and what to do; ready to be mended."""
    header, rows = _rows(file)
    with beside.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([*header, "行号", "原因"])
        for number, cells in rows:
            if number in bad:
                reasons = " ".join(f"{each.sentence()}{each.way_on()}" for each in bad[number])
                writer.writerow([*(_harmless(cell) for cell in cells), number, reasons])


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet does not run as a formula."""
    return f"'{cell}" if cell[:1] in "=+-@\t" else cell


def _progress() -> Progress:
    parts = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    return Progress(*parts, console=Console(stderr=True), transient=True)


def _said(refusal: Refusal) -> str:
    return f"{refusal.sentence()}{refusal.way_on()} {refusal.sentence('en')} {refusal.way_on('en')}"


def _stop(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(UNUSABLE)
