"""What must be known of an xlsx before the reader in Rust may see it.

``unpacked`` refuses bombs and gives the XML parts; ``scan_sheet`` finds, without building anything, how large
a rectangle a sheet spans (the reader lays the whole rectangle out in memory, so that a single cell in
``XFD1048576`` would end the process), where formulas and where errors stand (the reader hides both).

Two ways give the same answer: a regular expression for the form that Excel, WPS and LibreOffice write, and
expat wherever anything looks otherwise. No DTD is allowed, so no entity is ever expanded.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from tiercare.kernel.text import Text

from .model import (
    LIMIT_CELLS,
    LIMIT_INFLATED,
    LIMIT_RATIO,
    LIMIT_ROWS,
    Unreadable,
    column_number,
    damaged,
    letter,
    too_many_rows,
)

_CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"')
_FORMULA = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^<>]*>\s*<f[\s/>]')
_ERROR = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^<>]*\st="e"[^<>]*>')
_ERROR_VALUE = re.compile(rb"\s*(?:<f[^<>]*/>|<f[^<>]*>[^<]*</f>)?\s*<v>([^<]*)<")
# With and without a prefix apart: a pattern that begins with a fixed letter is found twice as fast.
_ANY_CELL = (re.compile(rb"<c[\s/>]"), re.compile(rb":c[\s/>]"))
_ANY_FORMULA = (re.compile(rb"<f[\s/>]"), re.compile(rb":f[\s/>]"))
_ANY_ERROR = re.compile(rb"""t\s*=\s*["']e["']""")
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_UNREAD = ("xl/media/", "xl/drawings/", "xl/charts/", "xl/theme/", "xl/pivot", "xl/embeddings/", "docprops/")


@dataclass(slots=True)
class Scan:
    """What a sheet holds: the rectangle from A1 on, rows with cells, formulas and errors as (row, column).

    Rows are counted from 1 as people see them, columns from 0.
    """

    rows: int = 0
    columns: int = 0
    filled: int = 0
    formulas: list[tuple[int, int]] = field(default_factory=list)
    errors: list[tuple[int, int, str]] = field(default_factory=list)

    @property
    def too_large(self) -> bool:
        """Whether it must not be laid out in memory."""
        return self.filled > LIMIT_ROWS or self.rows * self.columns > LIMIT_CELLS

    def meet(self, row: int, column: int) -> None:
        """Widen the rectangle to hold this cell."""
        self.rows = max(self.rows, row)
        self.columns = max(self.columns, column + 1)


def unpacked(content: bytes) -> dict[str, bytes]:
    """The XML parts of a workbook by name, with nothing in them that must not be read.

    Raises:
        Unreadable: not a zip, not a workbook, encrypted, a bomb, or a part with a document type.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _refuse_bomb(entries, len(content))
            _refuse_other_kinds({entry.filename.lower() for entry in entries})
            return {entry.filename: _part(archive, entry) for entry in entries if _wanted(entry.filename)}
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        RuntimeError,
        ValueError,
        ArithmeticError,
    ) as error:
        raise damaged(".xlsx") from error


def _refuse_bomb(entries: list[zipfile.ZipInfo], packed: int) -> None:
    """Judge by the sizes that the archive declares; ``ZipFile`` never unpacks more than those."""
    size = sum(entry.file_size for entry in entries)
    if size > LIMIT_INFLATED or size > packed * LIMIT_RATIO:
        raise Unreadable(
            "sheets_bomb",
            Text(
                "文件解压后有 {size} MB，远大于正常的表格，不予读取。",
                "Unpacked the file takes {size} MB, far more than a table does; it is not read.",
            ),
            Text(
                "请只保留数据（去掉图片、整列格式和空白行），另存为 .xlsx，或拆成几个文件后再上传。",
                "Keep the data only (no pictures, no whole-column formats, no blank rows), save as .xlsx or split "
                "the file, and upload again.",
            ),
            size=size // (1024 * 1024),
        )


def _refuse_other_kinds(names: set[str]) -> None:
    if "xl/workbook.xml" in names:
        return
    if "word/document.xml" in names:
        kind = Text("Word 文档", "a Word document")
    elif "ppt/presentation.xml" in names:
        kind = Text("PPT 演示文稿", "a PowerPoint presentation")
    elif "xl/workbook.bin" in names:
        kind = Text("二进制工作簿（.xlsb）", "a binary workbook (.xlsb)")
    elif "content.xml" in names:
        kind = Text("OpenDocument 文件", "an OpenDocument file")
    else:
        kind = Text("普通压缩包（zip）", "an ordinary zip archive")
    raise not_a_table(kind)


def not_a_table(kind: Text) -> Unreadable:
    """The answer to a file of another kind, whatever its name says."""
    return Unreadable(
        "sheets_not_a_table",
        Text("这是{kind}，不是 .xlsx 或 CSV 表格。", "This is {kind}, not an .xlsx or CSV table."),
        Text(
            "请上传表格：压缩包先解压；其他格式先用 Excel 或 WPS 打开，另存为 .xlsx。",
            "Upload a table: unpack an archive first; open other formats in Excel or WPS and save as .xlsx.",
        ),
        kind=kind,
    )


def _wanted(name: str) -> bool:
    lower = name.lower()
    return lower.endswith((".xml", ".rels")) and not lower.startswith(_UNREAD)


def _part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise damaged(".xlsx")
    data = archive.read(entry)
    start = data[:3].removeprefix(b"\xef\xbb\xbf")[:1] or data[3:4]
    if data and (start != b"<" or b"\0" in data or _DOCTYPE.search(data)):
        raise damaged(".xlsx")  # no program that makes tables writes UTF-16 parts or document types
    return data


def scan_sheet(data: bytes) -> Scan:
    """Scan one worksheet part.

    Raises:
        Unreadable: the XML is not well formed (where it had to be parsed), or the sheet is too large.
    """
    scan = _quick(data)
    if scan is None or scan.too_large:  # the quick way also counts cells that only carry a format
        scan = _Thorough().scan(data)
    if scan.filled > LIMIT_ROWS:
        raise too_many_rows()
    if scan.too_large:
        raise _too_wide(scan)
    return scan


def _too_wide(scan: Scan) -> Unreadable:
    return Unreadable(
        "sheets_too_wide",
        Text(
            "工作表一直用到单元格 {cell}，范围太大，无法读取。",
            "The sheet reaches as far as cell {cell}; the range is too large to read.",
        ),
        Text(
            "请删除数据以外的行和列（按 Ctrl+End 可跳到最后一个单元格），或拆成几个文件后再上传。",
            "Delete the rows and columns beyond the data (Ctrl+End jumps to the last cell), or split the file, "
            "and upload again.",
        ),
        cell=f"{letter(max(scan.columns - 1, 0))}{scan.rows}",
    )


def _quick(data: bytes) -> Scan | None:
    """The scan by regular expressions, or None where the sheet is not in the usual form.

    It is in the usual form when as many cells, formulas and errors were understood as there are places that
    could, under whatever prefix or spacing, be one.
    """
    scan = Scan()
    names: set[bytes] = set()
    cells, last = 0, b""
    for name, number in _CELL.findall(data):
        cells += 1
        names.add(name)
        if number != last:
            last = number
            scan.filled += 1
            scan.rows = max(scan.rows, int(number))
    if cells != _count(_ANY_CELL, data):
        return None
    scan.columns = max((column_number(name) + 1 for name in names), default=0)
    if formulas := _count(_ANY_FORMULA, data):
        scan.formulas = [(int(number), column_number(name)) for name, number in _FORMULA.findall(data)]
    scan.errors = list(_quick_errors(data))
    usual = len(scan.formulas) == formulas
    return scan if usual and len(scan.errors) == len(_ANY_ERROR.findall(data)) else None


def _count(patterns: tuple[re.Pattern[bytes], ...], data: bytes) -> int:
    return sum(len(pattern.findall(data)) for pattern in patterns)


def _quick_errors(data: bytes) -> Iterator[tuple[int, int, str]]:
    if b't="e"' in data:
        for found in _ERROR.finditer(data):
            value = _ERROR_VALUE.match(data, found.end())
            yield int(found[2]), column_number(found[1]), value[1].decode("utf-8", "replace") if value else ""


class _Thorough:
    """The scan by expat: any prefix, any spacing, cells without a reference; only cells that hold something.

    Numbers rows and columns the way the reader does: a reference rules, without one the next place counts.
    """

    def __init__(self) -> None:
        self.found = Scan()
        self.row = self.column = 0  # where the next cell without a reference stands; row counted from 1
        self.cell: tuple[int, int] | None = None
        self.is_error = False
        self.value: list[str] | None = None
        self.last_filled = 0

    def scan(self, data: bytes) -> Scan:
        parser = parser_without_dtd()
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parse(parser, data)
        return self.found

    def start(self, element: str, attributes: dict[str, str]) -> None:
        name = element.rpartition(":")[2]
        if name == "row":
            given = attributes.get("r")
            self.row = self.row + 1 if given is None else _number(given)
            self.column = 0
        elif name == "c":
            given = attributes.get("r")
            self.cell = (self.row, self.column) if given is None else _place(given)
            self.column = self.cell[1] + 1
            self.is_error = attributes.get("t") == "e"
            if self.is_error:
                self.found.errors.append((*self.cell, ""))
        elif self.cell is not None and name in ("v", "is", "f"):
            self.fill(self.cell, is_formula=name == "f")
            self.value = [] if name == "v" and self.is_error else None

    def fill(self, cell: tuple[int, int], *, is_formula: bool) -> None:
        row, column = cell
        self.found.rows = max(self.found.rows, row)
        self.found.columns = max(self.found.columns, column + 1)
        if row != self.last_filled:
            self.last_filled = row
            self.found.filled += 1
        if is_formula:
            self.found.formulas.append(cell)

    def text(self, data: str) -> None:
        if self.value is not None:
            self.value.append(data)

    def end(self, element: str) -> None:
        name = element.rpartition(":")[2]
        if name == "v" and self.value is not None and self.cell is not None:
            self.found.errors[-1] = (*self.cell, "".join(self.value))
            self.value = None
        elif name == "c":
            self.cell, self.is_error = None, False


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,7}", text):
        raise damaged(".xlsx")
    return int(text)


def _place(reference: str) -> tuple[int, int]:
    """Row and column of a cell; the reader would follow a reference of any length."""
    place = _REFERENCE.fullmatch(reference)
    if not place:
        raise damaged(".xlsx")
    return int(place[2]), column_number(place[1].upper())


def parser_without_dtd() -> expat.XMLParserType:
    """A parser for parts that ``unpacked`` has let through: those have no document type, hence no entities.

    They are read as UTF-8 whatever they declare, which is what the reader in Rust does.
    """
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    return parser


def parse(parser: expat.XMLParserType, data: bytes) -> None:
    """Run ``parser`` over a part.

    Raises:
        Unreadable: the XML is not well formed.
    """
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError) as error:
        raise damaged(".xlsx") from error
