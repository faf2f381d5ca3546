"""``tiercare residents cover``: what insures residents, from a file of the insurance agency."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated

import typer

from tiercare.apps.residents import commands
from tiercare.apps.residents.rules import cover_file
from tiercare.cli import bootstrap
from tiercare.kernel.actor import Actor

BROKEN, UNUSABLE = 1, 2


def cover(
    file: Annotated[Path, typer.Argument(help="CSV，UTF-8 或 GB18030", exists=True, dir_okay=False)],
    check: Annotated[bool, typer.Option("--check", help="只核对，不导入")] = False,
) -> None:
    """导入医保参保（居民身份证号、参保类型、参保地区划代码、起始日期、截止日期）。Take over covers; --check keeps nothing."""
    bootstrap.ready()
    header, *lines = _lines(file) or [[]]
    places = cover_file.cover_columns_of(header)
    if isinstance(places, tuple):
        for refusal in places:
            typer.echo(f"{refusal.sentence()}{refusal.way_on()}", err=True)
        raise typer.Exit(UNUSABLE)
    result = commands.import_covers(
        Actor.system("cli"),
        lines=((at, cover_file.read_cover_line(cells, places)) for at, cells in enumerate(lines, start=2)),
        check=check,
    )
    done = "可导入 good" if check else "导入 imported"
    typer.echo(
        f"{done} {result.taken:,} · 已有 known {result.known:,} · 不能导入 refused {len(result.bad):,}"
    )
    for number, why in result.bad:
        words = " ".join(f"{each.sentence()}{each.way_on()}" for each in why)
        typer.echo(f"第 {number} 行 line {number}: {words}", err=True)
    if result.bad:
        raise typer.Exit(BROKEN)


def _lines(file: Path) -> list[list[str]]:
    """The rows; what is no UTF-8 is read as GB18030."""
    content = file.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    return [row for row in csv.reader(text.splitlines()) if any(cell.strip() for cell in row)]
