"""Reads .xlsx: what is checked (``scan``) is packed anew and only that is given to the reader in Rust."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from xml.parsers import expat

import python_calamine as calamine

from tiercare.kernel.text import Text

from .assemble import Findings, IsHeader, Row, assemble, finished
from .model import LIMIT_ROWS, Book, Problem, Sheet, Unreadable, damaged, letter, too_many_rows
from .scan import Scan, parse, parser_without_dtd, scan_sheet, unpacked

Range = tuple[tuple[int, int], tuple[int, int]]
"""A merged range: top left and bottom right as (row, column), both counted from 0 and included."""

_FORMULA = Text("单元格含有公式", "cells with formulas")
_FORMULA_FIX = Text(
    "选中这些单元格，复制，再用“选择性粘贴 → 数值”粘贴回原处。",
    "Select the cells, copy, and Paste Special → Values in place.",
)
_ERROR = Text("单元格是错误值", "cells with error values")
_ERROR_FIX = Text("改正公式或直接填写数值。", "Mend the formula or type the value.")
_MERGED = Text("行在合并单元格内", "rows within merged cells")
_MERGED_FIX = Text(
    "选中该区域，取消“合并后居中”，再在每一行填写各自的值。",
    "Select the range, switch off Merge & Center, then fill in the value of each row.",
)
_HIDDEN = Text("隐藏的工作表没有读取。", "A hidden sheet was not read.")
_HIDDEN_FIX = Text("需要导入时请取消隐藏后再上传。", "Unhide it and upload again if it is to be imported.")


@dataclass(slots=True)
class _Plan:
    """Which part holds which sheet, and from where days are counted."""

    parts: dict[str, str] = field(default_factory=dict)
    from_1904: bool = False


def read_workbook(content: bytes, is_header: IsHeader) -> Book:
    """Read an .xlsx.

    Raises:
        Unreadable: see ``scan.unpacked`` and ``scan.scan_sheet``; or no sheet is visible.
    """
    parts = unpacked(content)
    plan = _plan(parts)
    scans = {name: scan_sheet(data) for name, data in parts.items() if b"sheetData" in data}
    if sum(scan.filled for scan in scans.values()) > LIMIT_ROWS:
        raise too_many_rows()
    with _guarded():
        workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(_repacked(parts)))
        metadata = workbook.sheets_metadata
    sheets = tuple(
        _sheet(workbook, name, scans.get(plan.parts.get(name, ""), Scan()), is_header)
        for name in _visible(metadata)
    )
    return Book(sheets, "xlsx", "", tuple(_hidden(metadata)), plan.from_1904)


def _repacked(parts: dict[str, bytes]) -> bytes:
    """The checked parts as an archive of their own: no difference between two readers of zip can matter."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return packed.getvalue()


def _plan(parts: dict[str, bytes]) -> _Plan:
    lower = {name.lower(): name for name in parts}
    targets: dict[str, str] = {}
    plan = _Plan()

    def relation(element: str, attributes: dict[str, str]) -> None:
        if element.rpartition(":")[2] == "Relationship":
            path = posixpath.normpath(posixpath.join("/xl", attributes.get("Target", "").replace("\\", "/")))
            targets[attributes.get("Id", "")] = lower.get(path.removeprefix("/").lower(), "")

    def sheet(element: str, attributes: dict[str, str]) -> None:
        name = element.rpartition(":")[2]
        if name == "workbookPr":
            plan.from_1904 = attributes.get("date1904") in ("1", "true")
        elif name == "sheet":
            ids = [value for key, value in attributes.items() if key.endswith(":id")]
            plan.parts[attributes.get("name", "")] = targets.get(ids[0], "") if ids else ""

    for path, handler in (("xl/_rels/workbook.xml.rels", relation), ("xl/workbook.xml", sheet)):
        parser: expat.XMLParserType = parser_without_dtd()
        parser.StartElementHandler = handler
        if path not in lower:
            raise damaged(".xlsx")
        parse(parser, parts[lower[path]])
    return plan


@contextmanager
def _guarded() -> Iterator[None]:
    """Whatever goes wrong inside the reader comes out as ``Unreadable``.

    A panic of Rust code arrives as an exception that is no ``Exception`` and cannot be imported.
    """
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:
        raise damaged(".xlsx") from error


def _visible(metadata: list[calamine.SheetMetadata]) -> list[str]:
    """Names of the sheets that hold cells and can be seen.

    Raises:
        Unreadable: there is none.
    """
    names = [
        sheet.name
        for sheet in metadata
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet
        and sheet.visible == calamine.SheetVisibleEnum.Visible
    ]
    if not names:
        raise none_visible()
    return names


def none_visible() -> Unreadable:
    """The answer to a workbook without a visible sheet."""
    return Unreadable(
        "sheets_none_visible",
        Text("文件里没有可见的工作表。", "The file has no visible sheet."),
        Text("取消隐藏要导入的工作表，保存后再上传。", "Unhide the sheet to import, save and upload again."),
    )


def _hidden(metadata: list[calamine.SheetMetadata]) -> Iterator[Problem]:
    """A note for each sheet that somebody hid; "very hidden" ones are made by programs, such as our lists."""
    for sheet in metadata:
        if sheet.visible == calamine.SheetVisibleEnum.Hidden:
            yield Problem(sheet.name, None, "", "", _HIDDEN, _HIDDEN_FIX, note=True)


def _sheet(workbook: calamine.CalamineWorkbook, name: str, scan: Scan, is_header: IsHeader) -> Sheet:
    with _guarded():
        source = workbook.get_sheet_by_name(name)
        merged = source.merged_cell_ranges or []
    return sheet_of(name, _rows(source), merged, scan, is_header)


def sheet_of(
    name: str, rows: Iterable[Row], merged: Iterable[Range], scan: Scan, is_header: IsHeader
) -> Sheet:
    """The sheet that ``rows`` make, with the problems that only a workbook can have."""
    findings = Findings(name)
    sheet = assemble(rows, findings, is_header)
    if sheet.header_at:
        last = sheet.lines[-1].number if sheet.lines else sheet.header_at
        _report_formulas(scan, sheet.header_at, findings)
        _report_errors(scan, sheet.header_at, findings)
        _report_merged(merged, range(sheet.header_at + 1, last + 1), findings)
    return finished(sheet, findings)


def _rows(source: calamine.CalamineSheet) -> Iterator[Row]:
    """Rows from the first on, cells from column A on."""
    if source.start is None:
        return
    before = [None] * source.start[1]
    rows = source.iter_rows()
    number = 0
    while True:
        with _guarded():
            batch = list(islice(rows, 1000))
        if not batch:
            return
        for cells in batch:
            number += 1
            yield number, [*before, *cells]


def _report_formulas(scan: Scan, header_at: int, findings: Findings) -> None:
    """The value that was calculated last stays in the line, but nobody vouches for it: the row is doubtful."""
    for row, column in scan.formulas:
        if row > header_at:
            place = f"{letter(column)}{row}"
            message = Text(f"单元格 {place} 是公式。", f"Cell {place} is a formula.")
            findings.cell(row, column, "", (message, _FORMULA_FIX), _FORMULA)


def _report_errors(scan: Scan, header_at: int, findings: Findings) -> None:
    for row, column, value in scan.errors:
        if row > header_at:
            place = f"{letter(column)}{row}"
            message = Text(f"单元格 {place} 是错误值。", f"Cell {place} is an error value.")
            findings.cell(row, column, value, (message, _ERROR_FIX), _ERROR)


def _report_merged(merged: Iterable[Range], data: range, findings: Findings) -> None:
    """Each row of data that a merged range covers; its value stands in the first row only and is not guessed."""
    for (top, left), (bottom, right) in merged:
        place = f"{letter(left)}{top + 1}:{letter(right)}{bottom + 1}"
        message = Text(f"合并单元格 {place} 覆盖了数据行。", f"The merged cells {place} cover rows of data.")
        for row in range(max(top + 1, data.start), min(bottom + 2, data.stop)):
            findings.cell(row, left, place, (message, _MERGED_FIX), _MERGED)
