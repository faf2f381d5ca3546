"""Writes tables for download: .xlsx and CSV, the same bytes for the same rows.

What may stand in a cell: a text that a program could take for a formula gets a leading apostrophe (``read``
takes exactly that one off again); control characters other than tab and line feed, and code points that are
no characters, become U+FFFD, because XML cannot hold them; every line break becomes a line feed; white space
at the end of a text goes; a text of more than 32,767 characters, which Excel cannot hold, is cut and ends with
an ellipsis. Days are written as text, ``2019-07-01``; whole numbers of more than 15 digits as text, because
Excel would lose the last ones; numbers that are not finite as an empty cell.
"""

from __future__ import annotations

import io
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Literal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from .model import DIGITS_KEPT, FORMULA_START, Cell, Table, letter

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_QUOTED = re.compile(r"[,;|\t\"\n]|^\s|\s$")
_NOT_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_LONGEST = 32_767  # characters in a cell of Excel
_LONGEST_NAME = 31  # characters in the name of a sheet
_ROWS = 1_048_576  # of a sheet, the header among them
_BORN = datetime(2000, 1, 1, tzinfo=UTC)  # no clock in the document's properties
_LISTS = "lists"


def write_csv(table: Table, encoding: Literal["utf-8-sig", "gb18030"]) -> bytes:
    """The table as CSV (RFC 4180, CR LF; the byte order mark of ``utf-8-sig`` is for Excel).

    A text with a delimiter of any locale in it is quoted, so that none can be split into a formula.
    """
    out = io.StringIO()
    out.write(_record(table.header))
    for row in table.rows:
        out.write(_record(row))
    return out.getvalue().encode(encoding)


def _record(row: Sequence[Cell]) -> str:
    return ",".join([_field(cell) for cell in row]) + "\r\n"


def _field(cell: Cell) -> str:
    value = _writable(cell)
    if value is None:
        return ""
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"' if _QUOTED.search(value) else value
    return str(value).upper() if isinstance(value, bool) else repr(value)


def _writable(cell: Cell) -> str | int | float | bool | None:
    """The cell as both formats write it; texts are safe to open."""
    if isinstance(cell, str):
        return _safe(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        return _finite(cell)
    return _safe(str(cell)) if isinstance(cell, int) and abs(cell) >= DIGITS_KEPT else cell


def _finite(number: float) -> str | int | float | None:
    if not math.isfinite(number):
        return None
    return _writable(int(number)) if number.is_integer() else number


def _safe(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _UNWRITABLE.sub("\ufffd", text).rstrip()
    if FORMULA_START.match(text):
        text = "'" + text
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def write_xlsx(sheets: Sequence[Table]) -> bytes:
    """A workbook with one sheet for each table: header bold and frozen, notes as comments, drop-down lists.

    Columns have the format Text, so that what is typed below keeps its leading zeros. The entries of the
    drop-down lists stand on a sheet that only programs see.

    Raises:
        ValueError: no table, or one of more rows than a sheet has.
    """
    if not sheets:
        raise ValueError("a workbook needs a table")
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": _BORN})
        formats = _Formats(book)
        names = _sheet_names(sheets)
        lists: list[Sequence[str]] = []
        for table, name in zip(sheets, names, strict=True):
            sheet = book.add_worksheet(name)
            _write_header(sheet, table, formats)
            _write_rows(sheet, table, formats)
            _add_choices(sheet, table, lists)
        if lists:
            _write_lists(book.add_worksheet(_LISTS), lists)
    return out.getvalue()


class _Formats:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.header: Format = book.add_format(
            {"bold": True, "num_format": "@", "bg_color": "#E8EEF4", "bottom": 1}
        )
        self.text: Format = book.add_format({"num_format": "@"})
        self.number: Format = book.add_format()


def _sheet_names(sheets: Sequence[Table]) -> list[str]:
    """Names that Excel accepts, each once whatever its case, none that of the lists."""
    taken = {_LISTS, "history"}
    names = []
    for table in sheets:
        plain = _NOT_IN_SHEET_NAME.sub("_", table.name).strip("' ") or "Sheet"
        name, copy = plain[:_LONGEST_NAME], 1
        while name.lower() in taken:
            copy += 1
            name = f"{plain[: _LONGEST_NAME - 6]} ({copy})"
        taken.add(name.lower())
        names.append(name)
    return names


def _write_header(sheet: Worksheet, table: Table, formats: _Formats) -> None:
    sheet.freeze_panes(1, 0)
    for column, text in enumerate(table.header):
        width = table.widths[column] if table.widths else min(_columns_wide(text) + 4, 40)
        sheet.set_column(column, column, width, formats.text)
        sheet.write_string(0, column, _safe(text), formats.header)
        if note := table.notes.get(text):
            sheet.write_comment(0, column, _UNWRITABLE.sub("\ufffd", note), {"x_scale": 2})


def _columns_wide(text: str) -> int:
    """How many narrow characters wide the text is; Chinese characters are two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _write_rows(sheet: Worksheet, table: Table, formats: _Formats) -> None:
    for number, row in enumerate(table.rows, 1):
        if number >= _ROWS:
            raise ValueError(f"{table.name}: more rows than a sheet has")
        for column, cell in enumerate(row):
            value = _writable(cell)
            if isinstance(value, str):
                if value:
                    sheet.write_string(number, column, value, formats.text)
            elif isinstance(value, bool):
                sheet.write_boolean(number, column, value, formats.number)
            elif value is not None:
                sheet.write_number(number, column, value, formats.number)


def _add_choices(sheet: Worksheet, table: Table, lists: list[Sequence[str]]) -> None:
    for column, choices in _chosen(table):
        lists.append(choices)
        source = letter(len(lists) - 1)
        sheet.data_validation(
            1,
            column,
            _ROWS - 1,
            column,
            {"validate": "list", "source": f"={_LISTS}!${source}$1:${source}${len(choices)}"},
        )


def _chosen(table: Table) -> Iterator[tuple[int, Sequence[str]]]:
    for column, text in enumerate(table.header):
        if choices := table.choices.get(text):
            yield column, choices


def _write_lists(sheet: Worksheet, lists: Sequence[Sequence[str]]) -> None:
    sheet.very_hidden()
    for column, choices in enumerate(lists):
        for row, choice in enumerate(choices):
            sheet.write_string(row, column, _safe(choice))
