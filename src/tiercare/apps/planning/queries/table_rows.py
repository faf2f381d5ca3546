"""Rows of a table that somebody brings, with what is wrong in them gathered by kind."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tiercare.engines.sheets import Unreadable, normalised, read
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

_SHOWN = 5  # rows that a sentence names
_ROWS = Text("第 {rows} 行：", "Row {rows}: ")
# What is wrong, and what to do about it; {what} are the words that the rows hold.
_SAID: Mapping[str, tuple[Text, Text]] = {
    "planning.minutes_unknown": (
        Text("不认识的地方或牵头医院：{what}。", "Unknown places or leads: {what}."),
        Text("写地方的代码，或页面上牵头医院的全名。", "Write a place's code, or a lead's full name as the page has it."),
    ),
    "planning.minutes_number": (
        Text("分钟数不是数或小于零：{what}。", "Minutes are no number, or below zero: {what}."),
        Text("改成 0 或更大的分钟数。", "Give minutes, 0 or more."),
    ),
    "planning.minutes_twice": (
        Text("同一对写了两次而时间不同：{what}。", "A pair stands twice with different minutes: {what}."),
        Text("只留一行。", "Keep one of the rows."),
    ),
    "planning.minutes_holes": (
        Text("时间表缺 {count} 对：{what}。", "The table lacks {count} pairs: {what}."),
        Text(
            "补齐每个地方到每家牵头医院的分钟数；到不了的写一个很大的数。",
            "Give minutes from every place to every lead; a very large number where there is no way.",
        ),
    ),
    "planning.positions_unknown": (
        Text("不认识的代码：{what}。", "Unknown codes: {what}."),
        Text("写地方的代码，或牵头医院的全名。", "Write a place's code, or a lead's full name."),
    ),
    "planning.positions_number": (
        Text("经纬度不是数：{what}。", "Coordinates are no numbers: {what}."),
        Text("写十进制的度数，如 118.38、31.33。", "Write decimal degrees, such as 118.38 and 31.33."),
    ),
    "planning.swapped": (
        Text("经度和纬度像是写反了：{what}。", "Longitude and latitude seem swapped: {what}."),
        Text("先写经度（73–136），再写纬度（3–54）。", "Longitude (73–136) comes first, then latitude (3–54)."),
    ),
    "planning.outside": (
        Text("坐标不在中国范围内：{what}。", "Coordinates lie outside China: {what}."),
        Text("请核对后改正。", "Check and correct them."),
    ),
    "planning.pairs_unknown": (
        Text("不认识的地方或牵头医院：{what}。", "Unknown places or leads: {what}."),
        Text("写地方的代码，或页面上牵头医院的全名。", "Write a place's code, or a lead's full name as the page has it."),
    ),
    "planning.pairs_rule": (
        Text("规定只能写“固定”或“不得”：{what}。", "The rule is “fixed” or “never”: {what}."),
        Text("改成其中之一。", "Write one of the two."),
    ),
    "planning.pairs_twice": (
        Text("同一个地方固定给了两家牵头医院：{what}。", "A place is fixed to two leads: {what}."),
        Text("只留一行。", "Keep one of the rows."),
    ),
    "planning.links_unknown": (
        Text("不认识的地方：{what}。", "Unknown places: {what}."),
        Text("写地方的代码或全名。", "Write a place's code, or its full name."),
    ),
    "planning.links_itself": (
        Text("一个地方连到了自己：{what}。", "A place is joined to itself: {what}."),
        Text("两头写不同的地方。", "Name two different places."),
    ),
    "planning.ways_unknown": (
        Text("不认识的县区或标准：{what}。", "Unknown areas or standards: {what}."),
        Text(
            "县区写代码或名称，标准写 tiercare plan gaps 列出的代号。",
            "Write an area's code or name, and a standard's id as tiercare plan gaps lists it.",
        ),
    ),
    "planning.ways_number": (
        Text("数量、价钱或次数不对：{what}。", "Amounts, prices or numbers of times are wrong: {what}."),
        Text("每次增加要大于零，价钱不小于零，次数是整数。", "A way gives more than nothing, costs nothing or more, and is taken whole times."),
    ),
}  # fmt: skip
_COLUMNS = Text("表里缺少这些列：{columns}。", "The table lacks the columns {columns}.")
_HEAD = Text("第一行写列名：{all}。", "The first row names the columns: {all}.")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file: its number as people see it, and its texts by column."""

    number: int
    texts: Mapping[str, str]


@dataclass(slots=True)
class Lines:
    """The rows, and what was found wrong in them."""

    rows: Sequence[Line]
    _wrong: dict[str, list[tuple[Line | None, str]]] = field(default_factory=dict)

    def wrong(self, code: str, line: Line | None, what: str) -> None:
        """Note a fault; ``line`` is ``None`` for what no row holds."""
        self._wrong.setdefault(code, []).append((line, what))

    def known(self, line: Line, column: str, known: Mapping[str, str], code: str) -> str | None:
        """The key that the text means; ``None``, and a fault noted, where it means none."""
        found = known.get(line.texts[column])
        if found is None:
            self.wrong(code, line, line.texts[column])
        return found

    def number(self, line: Line, column: str, code: str) -> float | None:
        """The number, 0 or more; ``None``, and a fault noted, where it is none."""
        found = number(line.texts[column])
        if found is None or found < 0:
            self.wrong(code, line, line.texts[column])
            return None
        return found

    def refuse(self) -> None:
        """Refuse the file if anything was wrong in it.

        Raises:
            Refused: one refusal for each kind of fault, with its rows.
        """
        if self._wrong:
            raise Refused(*(_refusal(code, found) for code, found in self._wrong.items()))


def rows_of(content: bytes, name: str, columns: Mapping[str, Sequence[str]]) -> Lines:
    """The rows of the first sheet; ``columns`` are the headers that each may bear.

    Raises:
        Refused: if the file cannot be read, or a column is missing.
    """
    wanted = {word for words in columns.values() for word in words}
    try:
        book = read(content, name, is_header=lambda cells: bool(wanted & {_plain(each) for each in cells}))
    except Unreadable as problem:
        raise Refused(problem.refusal) from problem
    sheet = book.sheets[0] if book.sheets else None
    header = [_plain(each) for each in sheet.header] if sheet else []
    at = {
        key: next((header.index(word) for word in words if word in header), None)
        for key, words in columns.items()
    }
    lacking = [key for key, place in at.items() if place is None]
    if sheet is None or lacking:
        fields = {"columns": "、".join(lacking), "all": "、".join(columns)}
        raise Refused(Refusal("planning.columns", _COLUMNS, _HEAD, fields=fields, at="file", status=422))
    places = {key: place for key, place in at.items() if place is not None}
    found = [
        Line(line.number, {key: _text(line.cells[place]) for key, place in places.items()})
        for line in sheet.lines
    ]
    return Lines([line for line in found if any(line.texts.values())])


def number(text: str) -> float | None:
    """A number that is one; ``None`` for anything else."""
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _plain(text: str) -> str:
    return normalised(text).casefold()


def _text(cell: object) -> str:
    if cell is None:
        return ""
    # A code of digits comes back from a workbook as a number.
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return normalised(str(cell))


def _refusal(code: str, found: Sequence[tuple[Line | None, str]]) -> Refusal:
    message, instead = _SAID[code]
    numbers = [str(line.number) for line, _ in found if line is not None]
    more = "…" if len(found) > _SHOWN else ""
    fields = {
        "rows": "、".join(dict.fromkeys(numbers[:_SHOWN])) + more,
        "what": "、".join(what for _, what in found[:_SHOWN]) + more,
        "count": len(found),
    }
    if numbers:
        message = Text(_ROWS.zh + message.zh, _ROWS.en + message.en)
    return Refusal(code, message, instead, fields=fields, at="file", status=422)
