"""A file as it came, laid down as text with the number of each row, so that checks can go over it as often as they like.

Text and workbooks are copied to Parquet piece by piece; a Parquet file is read where it lies.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from tiercare.engines.sheets import LIMIT_BYTES, Sheet, Unreadable, normalised, read
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .cells import WIDE as WIDE_ROW
from .faults import token
from .files import Input, Kind, empty_file, refused
from .header import WITHIN, Header, find_header, header_only
from .mapping import FromFile

Cells = Sequence[str]
Row = tuple[int, list[str]]
Emit = Callable[[int, Cells, str | None], None]
ROW, ODD, WIDE = "row", "odd", "wide"
_SEPARATORS = (",", ";", "\t", "|")
_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Staged:
    """A file laid down.

    Attributes:
        path: Parquet with ``c0`` … (text as it came), ``row`` (as people count, the header included), ``odd``
            (what is wrong with the row as a whole, as in ``faults.token``) and ``wide`` (see ``cells.WIDE``); or the
            Parquet file that came.
        names: the header, normalised; the name of ``c0`` first.
        direct: whether ``path`` is the Parquet file that came, with its own columns.
    """

    path: Path
    names: tuple[str, ...]
    rows: int
    header_rows: int = 1
    direct: bool = False


def stage(file: Input, mapping: FromFile, folder: Path) -> Staged:
    """Lay ``file`` down in ``folder``.

    Raises:
        Refused: it has no rows, cannot be read as a table, or a quote in it is never closed.
    """
    match file.kind:
        case Kind.PARQUET:
            return _parquet(file.path)
        case Kind.WORKBOOK:
            staged = _workbook(file, mapping, folder / "came.parquet")
        case Kind.TEXT:
            staged = _delimited(file, mapping, folder / "came.parquet")
    if not staged.rows:
        raise Refused(header_only())
    return staged


def first_rows(file: Input, separator: str) -> tuple[list[Cells], str]:
    """The first rows that are not blank, and the separator: the given one or that which makes most of them."""
    tried = [(_looked_at(file, each), each) for each in ([separator] if separator else _SEPARATORS)]
    return max(tried, key=lambda found: max(map(len, found[0]), default=0))


def sampled(file: Input, rows: int) -> list[Cells]:
    """The first rows of a text."""
    looked, separator = first_rows(file, "")
    if not looked:
        raise Refused(empty_file())
    with _opened(file, separator) as records:
        return [cells for _, cells in islice(records, rows)]


def _looked_at(file: Input, separator: str) -> list[Cells]:
    looked: list[Cells] = []
    with _opened(file, separator) as rows, suppress(Refused):  # told when all records are read
        looked.extend(cells for _, cells in islice(rows, WITHIN + 1))
    return looked


@contextmanager
def _opened(file: Input, separator: str) -> Iterator[Iterator[Row]]:
    with file.path.open(encoding=file.encoding, errors="replace", newline="") as text:
        yield _records(text, separator)


def _records(text: Iterable[str], separator: str) -> Iterator[Row]:
    """Records that are not blank with the number of their first line, which is what an editor shows."""
    reader = csv.reader(text, delimiter=separator)
    first = 1
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                yield first, cells
            first = reader.line_num + 1
    except csv.Error as error:  # a field of more than 131,072 characters: a quote that was never closed
        raise Refused(_open_quote(first)) from error


def _delimited(file: Input, mapping: FromFile, path: Path) -> Staged:
    looked, separator = first_rows(file, mapping.separator)
    if not looked:
        with _opened(file, separator) as rows:
            next(rows, None)  # raises if a quote is open from the first row on
        raise Refused(empty_file())
    header = find_header(looked[: WITHIN + 1], mapping.theirs)
    with _opened(file, separator) as rows, _laid(path, len(header.names)) as emit:
        count = _copy(islice(rows, header.at + 1, None), looked, header, emit)
    return Staged(path, header.names, count, header.rows)


def _copy(rows: Iterable[Row], looked: Sequence[Cells], header: Header, emit: Emit) -> int:
    """Write all rows as wide as the header; what stands beyond it makes the row odd."""
    width, count = len(header.names), 0
    padding = [""] * width
    again = [list(row) for row in looked[header.at - header.rows + 1 : header.at + 1]]
    for number, cells in rows:
        odd = None
        if cells in again:
            odd = token("header_again")
        elif any(map(str.strip, cells[width:])):
            odd = token("beyond")
        emit(number, cells if len(cells) == width else (cells + padding)[:width], odd)
        count += 1
    return count


@contextmanager
def _laid(path: Path, width: int) -> Iterator[Emit]:
    """A Parquet file that takes row after row and keeps a batch of them in memory."""
    fields = [pa.field(f"c{at}", pa.string()) for at in range(width)]
    schema = pa.schema(
        [*fields, pa.field(ROW, pa.int64()), pa.field(ODD, pa.string()), pa.field(WIDE, pa.bool_())]
    )
    rows: list[tuple[Any, ...]] = []
    wide = WIDE_ROW.search
    with parquet.ParquetWriter(path, schema, compression="zstd", compression_level=1) as writer:

        def flush() -> None:
            columns = [
                pa.array(each, field.type)
                for each, field in zip(zip(*rows, strict=True), schema, strict=True)
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema))
            rows.clear()

        def emit(number: int, texts: Cells, odd: str | None) -> None:
            rows.append((*texts, number, odd, wide("\x1f".join(texts)) is not None))
            if len(rows) == _BATCH:
                flush()

        yield emit
        if rows:
            flush()


def _parquet(path: Path) -> Staged:
    try:
        file = parquet.ParquetFile(path)
    except pa.ArrowException as error:
        raise Refused(_damaged()) from error
    if not file.metadata.num_rows:
        raise Refused(header_only())
    return Staged(
        path, tuple(normalised(name) for name in file.schema_arrow.names), file.metadata.num_rows, direct=True
    )


def _workbook(file: Input, mapping: FromFile, path: Path) -> Staged:
    if file.path.stat().st_size > LIMIT_BYTES:
        raise Refused(_too_large())
    try:
        book = read(file.path.read_bytes(), file.path.name, is_header=_like_header(mapping.theirs))
    except Unreadable as error:
        raise refused(error) from error
    sheet = _chosen(book.sheets, mapping)
    lines = [[*map(_as_text, line.cells)] for line in sheet.lines[:1]]
    header = find_header([sheet.header, *lines], mapping.theirs)
    with _laid(path, len(header.names)) as emit:
        for line in sheet.lines[header.at :]:
            cells = [*map(_as_text, line.cells)]
            again = tuple(map(normalised, cells)) == sheet.header
            odd = (
                token("header_again")
                if again
                else token("doubtful")
                if line.number in sheet.doubtful
                else None
            )
            emit(line.number, cells, odd)
    return Staged(path, header.names, len(sheet.lines) - header.at, header.rows)


def _like_header(wanted: frozenset[str]) -> Callable[[Sequence[str]], bool]:
    return lambda texts: bool(wanted.intersection(texts)) or not wanted


def _chosen(sheets: Sequence[Sheet], mapping: FromFile) -> Sheet:
    """The sheet that the mapping names, or the one that has most of its columns."""
    named = [sheet for sheet in sheets if not mapping.sheet or sheet.name == mapping.sheet]
    best = max(named, key=lambda sheet: len(mapping.theirs & set(sheet.header)), default=None)
    if best is None or not best.header_at:
        raise Refused(_no_sheet(mapping.sheet or "、".join(sheet.name for sheet in sheets)))
    return best


def _as_text(cell: object) -> str:
    if cell is None:
        return ""
    return cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)


def _open_quote(line: int) -> Refusal:
    return Refusal(
        "facts_open_quote",
        Text("第 {line} 行起有一个双引号没有闭合。", "A double quote opened in line {line} is never closed."),
        Text(
            '在该行补上缺少的双引号；文字里的双引号要写两个（""）。',
            'Add the missing double quote in that line; a double quote within text is written twice ("").',
        ),
        fields={"line": line},
        at="file",
        status=422,
    )


def _damaged() -> Refusal:
    return Refusal(
        "facts_parquet_damaged",
        Text("Parquet 文件不完整或已损坏。", "The Parquet file is incomplete or damaged."),
        Text("请重新导出或重新传送，再核对文件大小。", "Export or send it again and compare the size."),
        at="file",
        status=422,
    )


def _too_large() -> Refusal:
    return Refusal(
        "facts_workbook_too_large",
        Text("Excel 文件超过 {limit} MB。", "The Excel file has more than {limit} MB."),
        Text(
            "请另存为 CSV（UTF-8）或 Parquet 再导入，那样没有大小限制。",
            "Save it as CSV (UTF-8) or Parquet and import that; those have no limit.",
        ),
        fields={"limit": LIMIT_BYTES // (1024 * 1024)},
        at="file",
        status=422,
    )


def _no_sheet(name: str) -> Refusal:
    return Refusal(
        "facts_no_sheet",
        Text(
            "工作表“{name}”里没有映射文件写的任何一列。",
            "The sheet “{name}” has none of the columns of the mapping.",
        ),
        Text("请核对是否选对了文件和映射。", "Check that file and mapping belong together."),
        fields={"name": name},
        at="file",
        status=422,
    )
