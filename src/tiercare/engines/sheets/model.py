"""What a table is once it has been read, what may be wrong with it, and how large it may be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

Kind = Literal["xlsx", "csv"]
Cell = str | int | float | bool | date | datetime | None

LIMIT_BYTES = 50 * 1024 * 1024
LIMIT_ROWS = 300_000
DIGITS_KEPT = 10**15  # the first whole number that Excel does not keep exactly
LIMIT_INFLATED = 300 * 1024 * 1024  # what the parts of an xlsx may take unpacked, in bytes
LIMIT_RATIO = 200  # unpacked : packed; Excel's own files stay below 30
LIMIT_CELLS = 16_000_000  # rows x columns of the rectangle a sheet spans: the reader lays it out in memory
HEADER_WITHIN = 10  # the header is looked for in so many non-empty rows
SHOWN = 50  # problems of one kind told one by one; the rest is counted

FORMULA_START = re.compile(r"'*[\s\ufeff\u200b]*[=+\-@\t\r\n＝＋－＠]")
"""A text that a spreadsheet program could run (OWASP, CSV injection), with the apostrophes it may carry."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of data; ``number`` is what the person sees at its left, ``cells`` is as wide as the header."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one place.

    ``row`` is None for a whole sheet; ``column`` is the header where one is known, else a letter such as
    ``B``. A ``note`` tells something worth knowing that spoils no row. Both texts are filled in already and
    hold nothing a user wrote; what the user wrote is in ``value``.
    """

    sheet: str
    row: int | None
    column: str
    value: str
    message: Text
    fix: Text
    note: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its header (NFKC, stripped), the lines below, what is wrong.

    ``header_at`` is the header's row number, 0 where none was found (then there are no lines).
    ``doubtful`` holds the number of every row that a problem touches, also where the problems themselves
    are only counted: such rows must not be taken over as they are.
    """

    name: str
    header_at: int
    header: tuple[str, ...]
    lines: Sequence[Line]
    problems: tuple[Problem, ...]
    doubtful: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Book:
    """All visible sheets of a file.

    ``encoding`` is that of a CSV (``utf-8-sig``, ``utf-8``, ``gb18030``, ``utf-16``), empty for a workbook.
    ``problems`` belong to no sheet (hidden sheets left out). ``from_1904`` tells ``as_date`` how the workbook
    counts its days.
    """

    sheets: tuple[Sheet, ...]
    kind: Kind
    encoding: str
    problems: tuple[Problem, ...] = ()
    from_1904: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table to write.

    ``notes`` and ``choices`` are keyed by header: a comment on the header cell, a drop-down list below it.
    ``widths`` are in characters, one for each column; without them the header decides.
    """

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    notes: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    widths: Sequence[float] = ()


class Unreadable(Exception):
    """A file that cannot be used at all; ``refusal`` says why and what to do."""

    def __init__(self, code: str, message: Text, fix: Text, **fields: object) -> None:
        self.refusal = Refusal(code, message, fix, fields=fields, at="file", status=422)
        super().__init__(f"{code}: {self.refusal.sentence('en')}")


def damaged(kind: str) -> Unreadable:
    """The answer to a file whose inside does not hold together; ``kind`` is its extension."""
    return Unreadable(
        "sheets_damaged",
        Text(
            "文件已损坏，或不是真正的 {kind} 文件。", "The file is damaged, or is not really a {kind} file."
        ),
        Text(
            "用 Excel 或 WPS 打开它，另存为 .xlsx 后再上传；打不开时请重新导出。",
            "Open it in Excel or WPS, save it as .xlsx and upload that; if it does not open, export it again.",
        ),
        kind=kind,
    )


def too_many_rows() -> Unreadable:
    """The answer to more than ``LIMIT_ROWS`` rows in one file."""
    return Unreadable(
        "sheets_too_many_rows",
        Text("文件超过 {limit} 行。", "The file has more than {limit} rows."),
        Text(
            "请按县区或机构拆成几个文件，每个不超过 {limit} 行，各留一行表头，逐个上传。",
            "Split it by county or institution into files of at most {limit} rows, each with the header row, "
            "and upload them one by one.",
        ),
        limit=LIMIT_ROWS,
    )


def normalised(text: str) -> str:
    """The text as codes and headers are compared: full-width forms made plain (NFKC), white space single."""
    return " ".join(unicodedata.normalize("NFKC", text).replace("\ufeff", "").split())


def letter(column: int) -> str:
    """The name of a column counted from 0: A, B ... Z, AA ..."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def column_number(letters: str | bytes) -> int:
    """The column, counted from 0, that ``letters`` name; the inverse of ``letter``."""
    number = 0
    for code in letters.encode() if isinstance(letters, str) else letters:
        number = number * 26 + (code & 31)
    return number - 1
