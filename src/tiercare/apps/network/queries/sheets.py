"""The registers as files: what stands there on a day, empty templates, and rows that were not taken over.

The same rows give the same bytes, so that an exported file that comes back unchanged can be told from one that
was worked on.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from tiercare.engines.sheets import Cell, Table, write_csv, write_xlsx
from tiercare.kernel.text import Text

from .. import models
from ..rules.registers import REGISTERS, Column, Register, Shape
from .registers import register_table

Encoding = Literal["utf-8-sig", "gb18030"]
PROBLEMS = Text("问题", "Problems")
"""The extra column of a file of bad rows; it is left out when read."""

_NUMBERS: Mapping[Shape, type[int] | type[float]] = {Shape.COUNT: int, Shape.DEGREES: float}
_BORN = (2000, 1, 1, 0, 0, 0)  # no clock in an archive
_YES_OR_NO = ("是", "否")


@dataclass(frozen=True, slots=True)
class SheetFile:
    """A file to download or to write: its name and its bytes."""

    name: str
    content: bytes


def export_workbook(
    region: str,
    *,
    on: date,
    registers: Sequence[str] | None = None,
    encoding: Encoding | None = None,
    institution_id: UUID | None = None,
) -> tuple[SheetFile, ...]:
    """What stands in the registers (all ten without ``registers``) of ``region``, a division code, on ``on``.

    One workbook with a sheet for each register; with an ``encoding`` a CSV for each.

    Raises:
        KeyError: if there is no such register.
    """
    tables = [
        table_of(REGISTERS[key], *register_table(key, region, on=on, institution_id=institution_id))
        for key in registers or REGISTERS
    ]
    return sheet_files(tables, encoding=encoding, name="登记表")


def sheet_files(tables: Sequence[Table], *, encoding: Encoding | None, name: str) -> tuple[SheetFile, ...]:
    """One workbook of these tables, called ``name`` where there are several; with an ``encoding`` a CSV for each."""
    if encoding:
        return tuple(SheetFile(f"{table.name}.csv", write_csv(table, encoding)) for table in tables)
    called = tables[0].name if len(tables) == 1 else name
    return (SheetFile(f"{called}.xlsx", write_xlsx(tables)),)


def table_of(register: Register, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A register's rows as a sheet: texts, but for counts and degrees, which a spreadsheet should add up and not mistake for formulas."""
    shapes = [_NUMBERS.get(column.shape) for column in register.columns]
    cells: list[list[Cell]] = [
        [shape(text) if shape and text else text for shape, text in zip(shapes, row, strict=True)]
        for row in rows
    ]
    asked = list(register.columns)
    return Table(
        register.name.zh,
        header,
        cells,
        notes={column.name.zh: note_of(column) for column in asked},
        choices=_choices(asked),
    )


def template_workbook(registers: Sequence[str] | None = None) -> bytes:
    """Empty sheets of these registers (all without): column names, notes on how to fill them in, drop-down lists.

    A column marked ``*`` must be filled in every row. The examples stand in the notes, so that an untouched
    template holds no rows.

    Raises:
        KeyError: if there is no such register.
    """
    return write_xlsx([template_of(REGISTERS[key]) for key in registers or REGISTERS])


def template_of(register: Register) -> Table:
    """An empty sheet of a register."""
    asked = [column for column in register.columns if not column.told]
    titles = {column.key: f"{column.name.zh}*" if column.required else column.name.zh for column in asked}
    choices = _choices(asked)
    return Table(
        register.name.zh,
        list(titles.values()),
        (),
        notes={titles[column.key]: note_of(column) for column in asked},
        choices={
            titles[column.key]: choices[column.name.zh] for column in asked if column.name.zh in choices
        },
    )


def _choices(columns: Iterable[Column]) -> dict[str, Sequence[str]]:
    """Drop-down lists, by header, of columns that hold one word of a list."""
    found: dict[str, Sequence[str]] = {}
    for column in columns:
        if column.shape is Shape.WORD and column.words:
            found[column.name.zh] = [name.zh for name in column.words.values() if name.zh]
        elif column.shape is Shape.YES_NO:
            found[column.name.zh] = _YES_OR_NO
    return found


def note_of(column: Column) -> str:
    """How a column is filled in: in Chinese and English, with its words and an example."""
    lines = [column.help.zh, f"{column.name.en}. {column.help.en}"]
    if column.required:
        lines.append("必填 Required")
    if column.words and column.shape is not Shape.WORD:
        lines.append("可填 Words: " + "、".join(name.zh for name in column.words.values() if name.zh))
    if column.example:
        lines.append(f"例 For instance: {column.example}")
    return "\n".join(lines)


def bad_rows_workbook(rows: Iterable[models.ImportRow]) -> bytes:
    """Only these rows, a sheet for each register, with what is wrong in a last column that is not read again.

    Raises:
        ValueError: if there are no rows.
    """
    by_register: dict[str, list[models.ImportRow]] = {}
    for row in rows:
        by_register.setdefault(row.register, []).append(row)
    return write_xlsx([_bad(REGISTERS[key], by_register[key]) for key in REGISTERS if key in by_register])


def _bad(register: Register, rows: Sequence[models.ImportRow]) -> Table:
    asked = [column for column in register.columns if not column.told]
    return Table(
        register.name.zh,
        [*(column.name.zh for column in asked), PROBLEMS.zh],
        [[*(row.cells.get(column.key, "") for column in asked), _what(register, row)] for row in rows],
        notes={column.name.zh: note_of(column) for column in asked},
        choices=_choices(asked),
    )


def _what(register: Register, row: models.ImportRow) -> str:
    return "\n".join(f"{row}：{_named(register, problem)}" for problem in row.problems)


def _named(register: Register, problem: Mapping[str, Any]) -> str:
    column = register.by_key.get(problem["column"])
    name = f"{column.name.zh}：" if column else ""
    return f"{name}{problem['message']['zh']}{problem['fix']['zh']}"


def zipped(files: Iterable[SheetFile]) -> bytes:
    """Several files as one archive, the same bytes for the same files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.writestr(zipfile.ZipInfo(file.name, _BORN), file.content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
