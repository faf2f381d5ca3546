"""From rows of raw cells to a sheet: find the header, clean the cells, tell what is odd."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from tiercare.kernel.text import Text

from .model import (
    DIGITS_KEPT,
    FORMULA_START,
    HEADER_WITHIN,
    SHOWN,
    Cell,
    Line,
    Problem,
    Sheet,
    letter,
    normalised,
)

RawCell = Cell | time | timedelta
Row = tuple[int, Sequence[RawCell]]
IsHeader = Callable[[Sequence[str]], bool]

_REPLACED = "\ufffd"

_NO_HEADER = (
    Text("前 10 个非空行里没有找到表头。", "No header was found in the first 10 non-empty rows."),
    Text(
        "请下载模板，照模板写列名（一行，不合并），放在数据上方。",
        "Download the template and put its column names in one row, not merged, above the data.",
    ),
)
_EMPTY = (
    Text("工作表是空的。", "The sheet is empty."),
    Text("如果不需要，可以忽略。", "Ignore this if it is not needed."),
)
_ONLY_HEADER = (
    Text("表头下面没有数据行。", "There are no rows of data below the header."),
    Text("在表头下面填写数据后再上传。", "Fill in rows below the header and upload again."),
)
_DUPLICATE = Text(
    "请改名或删除其中一列，每个列名只能出现一次。", "Rename or delete one; a column name may appear once."
)
_ILLEGIBLE = (
    Text("单元格里有无法识别的字符。", "The cell holds characters that cannot be read."),
    Text("请重新输入这个单元格的内容。", "Type the content of this cell again."),
)
_DIGITS_LOST = (
    Text(
        "数字超过 15 位，Excel 已经丢失了末尾几位。",
        "The number has more than 15 digits; Excel lost the last ones.",
    ),
    Text(
        "把这一列设为“文本”格式，再从原始资料重新录入。",
        "Give the column the format Text and enter the number again from its source.",
    ),
)
_BEYOND = (
    Text("这个单元格上方没有列名。", "There is no column name above this cell."),
    Text(
        "删除多余的内容；CSV 里含分隔符的文字要用双引号括起来。",
        "Delete what is left over; in a CSV put text that holds the delimiter in double quotes.",
    ),
)


@dataclass(slots=True)
class Findings:
    """Problems of one sheet, of each kind the first ``SHOWN`` told and the rest counted."""

    sheet: str
    header: Sequence[str] = ()
    problems: list[Problem] = field(default_factory=list)
    doubtful: set[int] = field(default_factory=set)
    _counts: dict[Text, tuple[int, Text]] = field(default_factory=dict)

    def column(self, column: int) -> str:
        """The header of a column, its letter where it has none."""
        return (self.header[column] if column < len(self.header) else "") or letter(column)

    def whole(self, what: tuple[Text, Text], *, note: bool = False, value: str = "") -> None:
        """Something about the sheet as a whole."""
        self.problems.append(Problem(self.sheet, None, "", value, *what, note=note))

    def cell(
        self, row: int, column: int, value: str, what: tuple[Text, Text], kind: Text | None = None
    ) -> None:
        """Something about a cell; ``kind`` groups what is counted together (default: the message)."""
        self.doubtful.add(row)
        kind = kind or what[0]
        count = self._counts.get(kind, (0, what[1]))[0] + 1
        self._counts[kind] = (count, what[1])
        if count <= SHOWN:
            self.problems.append(Problem(self.sheet, row, self.column(column), value[:200], *what))

    def closed(self) -> tuple[Problem, ...]:
        """All problems, with a summary of each kind that was too frequent to be told one by one."""
        for kind, (count, fix) in self._counts.items():
            if count > SHOWN:
                more = Text(
                    f"还有 {count - SHOWN} 处同样的问题：{kind.zh}",
                    f"{count - SHOWN} more of the same: {kind.en}",
                )
                self.whole((more, fix))
        return tuple(self.problems)


class _Cleaner:
    """Makes a cell of what was read and remembers in ``odd`` when one of the row needs a second look."""

    __slots__ = ("odd",)

    def __init__(self) -> None:
        self.odd = False

    def __call__(self, value: RawCell) -> Cell:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, float):
            return self.number(value)
        if isinstance(value, time):
            return value.isoformat()
        return str(value) if isinstance(value, timedelta) else value

    def text(self, value: str) -> str | None:
        """Strip; take off the apostrophe that neutralised a formula; one kind of line break."""
        value = value.strip()
        if not value:
            return None
        if value[0] == "'" and FORMULA_START.match(value):
            value = value[1:].strip()
        if "\r" in value:
            value = value.replace("\r\n", "\n").replace("\r", "\n")
        if "\0" in value or _REPLACED in value:
            self.odd = True
            value = value.replace("\0", _REPLACED)
        return value or None

    def number(self, value: float) -> int | float:
        """Codes that Excel made floats are whole numbers again; leading zeros are lost for good."""
        if not value.is_integer():
            return value
        if abs(value) >= DIGITS_KEPT:
            self.odd = True
        return int(value)


def shown(cell: Cell) -> str:
    """A cell as text, for headers and for the ``value`` of a problem."""
    if cell is None:
        return ""
    return cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)


def assemble(rows: Iterable[Row], findings: Findings, is_header: IsHeader) -> Sheet:
    """The sheet that ``rows`` (number, cells) make, without problems: those gather in ``findings``.

    Blank rows are left out. A row may be shorter than the header (programs drop empty cells at its end): it
    is filled up with None. Cells beyond the header are reported and dropped.
    """
    feed = iter(rows)
    at, header, empty = _find_header(feed, is_header)
    if not at:
        findings.whole(_EMPTY if empty else _NO_HEADER, note=empty)
        return Sheet(findings.sheet, 0, (), (), ())
    findings.header = header
    _report_duplicates(findings)
    lines = tuple(_lines(feed, findings))
    if not lines:
        findings.whole(_ONLY_HEADER, note=True)
    return Sheet(findings.sheet, at, header, lines, ())


def finished(sheet: Sheet, findings: Findings) -> Sheet:
    """The sheet with all that was found."""
    return replace(sheet, problems=findings.closed(), doubtful=frozenset(findings.doubtful))


def header_texts(cells: Iterable[RawCell]) -> tuple[str, ...]:
    """A row as a header: texts normalised, empty ones at the end dropped."""
    clean = _Cleaner()
    texts = [normalised(shown(clean(cell))) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def _find_header(rows: Iterator[Row], is_header: IsHeader) -> tuple[int, tuple[str, ...], bool]:
    """Row number (0: none) and texts of the header; whether there was nothing but blank rows."""
    looked_at = 0
    for number, cells in rows:
        texts = header_texts(cells)
        if texts:
            if is_header(texts):
                return number, texts, False
            looked_at += 1
            if looked_at == HEADER_WITHIN:
                break
    return 0, (), not looked_at


def _report_duplicates(findings: Findings) -> None:
    first: dict[str, int] = {}
    for column, text in enumerate(findings.header):
        if text and first.setdefault(text, column) != column:
            places = letter(first[text]), letter(column)
            message = Text(
                "列名重复：{} 列和 {} 列。".format(*places),
                "Columns {} and {} have the same name.".format(*places),
            )
            findings.whole((message, _DUPLICATE), value=text)


def _lines(rows: Iterator[Row], findings: Findings) -> Iterator[Line]:
    width = len(findings.header)
    padding = (None,) * width
    clean = _Cleaner()
    for number, raw in rows:
        cells = tuple([clean(cell) for cell in raw])
        if clean.odd:
            clean.odd = False
            _report_odd(number, cells, findings)
        if len(cells) != width:
            if len(cells) > width:
                _report_beyond(number, cells, width, findings)
            cells = (cells + padding)[:width]
        if cells.count(None) != width:
            yield Line(number, cells)


def _report_odd(number: int, cells: Sequence[Cell], findings: Findings) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, str) and _REPLACED in cell:
            findings.cell(number, column, cell, _ILLEGIBLE)
        elif isinstance(cell, int) and abs(cell) >= DIGITS_KEPT:
            findings.cell(number, column, str(cell), _DIGITS_LOST)


def _report_beyond(number: int, cells: Sequence[Cell], width: int, findings: Findings) -> None:
    for column in range(width, len(cells)):
        if cells[column] is not None:
            findings.cell(number, column, shown(cells[column]), _BEYOND)
