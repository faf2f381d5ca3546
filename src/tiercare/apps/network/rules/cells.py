"""What stands in a cell: text, numbers and dates as people type them, read into what the column holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import Decimal, InvalidOperation

from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from tiercare.engines.sheets import Cell, as_date, normalised

from .cell_problems import CellProblem, Unreadable, missing, wrong
from .registers import Column, Shape

__all__ = ["CellProblem", "Value", "as_text", "cell_text", "read_cell"]

Value = str | int | float | bool | date | time | tuple[str, ...] | None

_APART = re.compile(r"[、;；,，|\s]+")
_CODE = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,78}[a-z0-9])?")
_DIVISION = re.compile(r"\d{2}(?:\d{2}(?:\d{2})?)?")
_SPECIALTY = re.compile(r"\d{2}(?:\.\d{2}){0,2}")
_COUNT_AT_MOST = 2_000_000_000


def read_cell(column: Column, cell: Cell) -> tuple[Value, CellProblem | None]:
    """What the cell holds, or what is wrong with it; an empty cell holds ``None`` (``()`` where the column
    takes several, ``False`` where it takes yes or no, ``""`` for text)."""
    text = as_text(cell)
    if not text:
        if column.required:
            return None, missing(column)
        return _EMPTY.get(column.shape), None
    try:
        return _READERS[column.shape](column, cell, text), None
    except Unreadable as error:
        return None, CellProblem(column.key, text[:200], error.message, error.fix)


def as_text(cell: Cell) -> str:
    """The cell as somebody would read it aloud: no outer blanks, whole numbers without a tail."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        day = as_date(cell)
        return day.isoformat() if day else cell.isoformat()
    return str(cell).strip()


def cell_text(column: Column, value: Value) -> str:
    """``value`` as it is written into a file, in a form that ``read_cell`` reads back to the same."""
    if value is None or value == ():
        return ""
    if isinstance(value, bool):
        return "是" if value else ""
    if isinstance(value, tuple):
        return "、".join(_word_text(column, item) for item in value)
    if isinstance(value, date | time):
        return value.isoformat("minutes") if isinstance(value, time) else value.isoformat()
    if isinstance(value, float):
        return f"{value * 100 if column.shape is Shape.PERCENT else value:.10g}"
    return _word_text(column, str(value))


def _word_text(column: Column, item: str) -> str:
    if column.words is None:
        return item
    if column.shape is Shape.RANKED:
        code, _, rank = item.partition("=")
        return f"{code}={column.words[rank].zh}"
    return column.words[item].zh if item in column.words else item


_EMPTY: Mapping[Shape, Value] = {
    Shape.TEXT: "",
    Shape.PARAGRAPH: "",
    Shape.CODE: "",
    Shape.PARTY: "",
    Shape.WORD: "",
    Shape.SPECIALTY: "",
    Shape.DIVISION: "",
    Shape.TOWNSHIP: "",
    Shape.CREDIT_CODE: "",
    Shape.WORDS: (),
    Shape.SPECIALTIES: (),
    Shape.RANKED: (),
    Shape.PARTIES: (),
    Shape.YES_NO: False,
}


def _text(column: Column, cell: Cell, text: str) -> str:
    del cell
    kept = "".join(c if c.isprintable() else " " for c in text).strip()
    if len(kept) > column.longest:
        raise wrong(
            column,
            text,
            f"超过 {column.longest} 个字。",
            f"is longer than {column.longest} characters.",
            "请缩短。",
            "Shorten it.",
        )
    return kept


def _code(column: Column, cell: Cell, text: str) -> str:
    """A code, or a name that whoever resolves it may know: only the owner of a code must write one."""
    del cell
    found = normalised(text).lower()
    if _CODE.fullmatch(found):
        return found
    if column.key != "code":
        return _text(column, text, text)
    raise wrong(
        column,
        text,
        "不是可用的编码。",
        "cannot be a code.",
        f"编码只用小写字母、数字、连字符和下划线，如 {column.example}。",
        f"Use lower-case letters, digits, hyphens and underscores, as in {column.example}.",
    )


def _date(column: Column, cell: Cell, text: str) -> date:
    day = as_date(cell if not isinstance(cell, str) else text)
    if day is None or not date(1900, 1, 1) <= day <= date(2199, 12, 31):
        raise wrong(
            column,
            text,
            "不是可用的日期。",
            "is not a usable date.",
            "请写成 2019-07-01 的样子。",
            "Write it like 2019-07-01.",
        )
    return day


def _count(column: Column, cell: Cell, text: str) -> int:
    del cell
    found = normalised(text).replace(",", "")
    if not found.isascii() or not found.isdigit() or int(found) > _COUNT_AT_MOST:
        raise wrong(
            column,
            text,
            "不是非负整数。",
            "is not a whole number from 0.",
            "请只填数字，不带单位，如 120。",
            "Write digits only, no unit, as in 120.",
        )
    return int(found)


def _degrees(column: Column, cell: Cell, text: str) -> float:
    del cell
    bound = 180 if column.key == "lng" else 90
    try:
        found = float(normalised(text))
    except ValueError:
        found = float("nan")
    if not -bound <= found <= bound:
        raise wrong(
            column,
            text,
            f"不是 −{bound} 至 {bound} 之间的度数。",
            f"is not between −{bound} and {bound} degrees.",
            "请填十进制度数，如 118.38。",
            "Write decimal degrees, as in 118.38.",
        )
    return found


def _paragraph(column: Column, cell: Cell, text: str) -> str:
    return "\n".join(kept for line in text.splitlines() if (kept := _text(column, cell, line)))


def _time(column: Column, cell: Cell, text: str) -> time:
    """As people write it, or the part of a day as which a spreadsheet keeps it."""
    found = normalised(text)
    try:
        if isinstance(cell, float | int) and 0 <= cell < 1:
            hour, minute = divmod(round(cell * 24 * 60), 60)
        else:
            hour, minute, *_ = (int(part) for part in found.split(":"))
        return time(0) if (hour, minute) == (24, 0) else time(hour, minute)
    except ValueError as error:
        raise wrong(
            column,
            text,
            "不是时间。",
            "is no time of day.",
            "请写成 08:30 的样子；到半夜为止请填 24:00。",
            "Write it like 08:30; until midnight is written 24:00.",
        ) from error


def _percent(column: Column, cell: Cell, text: str) -> float:
    """A spreadsheet keeps 20% as 0.2: what lies between 0 and 1 could be either, so it must be written as text."""
    del cell
    found = normalised(text)
    try:
        number = Decimal(found.removesuffix("%").strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 <= number <= 100 or (0 < number <= 1 and not found.endswith("%")):
        raise wrong(
            column,
            text,
            "不是 1 至 100 的百分数。",
            "is no percentage from 1 to 100.",
            "请只填数字，如 20 表示 20%；单元格格式用“常规”，不要用“百分比”。",
            "Write the number only: 20 for 20%; give the cell the format General, not Percentage.",
        )
    return float(number / 100)


_YES = {"是", "有", "y", "yes", "true", "1", "√", "✓"}
_NO = {"否", "无", "n", "no", "false", "0", "×", "x"}


def _yes_no(column: Column, cell: Cell, text: str) -> bool:
    del cell
    found = normalised(text).lower()
    if found not in _YES | _NO:
        raise wrong(
            column, text, "不是“是”或“否”。", "is neither yes nor no.", "请填“是”或“否”。", "Write yes or no."
        )
    return found in _YES


_KNOWN: dict[int, dict[str, str]] = {}


def _known_words(column: Column) -> dict[str, str]:
    """Every spelling of the column's words; made once for each list of words, which are constants."""
    words = column.words or {}
    known = _KNOWN.get(id(words))
    if known is None:
        known = {code.lower(): code for code in words}
        for code, name in words.items():
            known |= {normalised(name.zh).lower(): code, name.en.lower(): code}
        if column.words:
            _KNOWN[id(words)] = known
    return known


def _word(column: Column, cell: Cell, text: str) -> str:
    del cell
    code = _known_words(column).get(normalised(text).lower())
    if code is None:
        names = list((column.words or {}).values())
        raise wrong(
            column,
            text,
            f"不是可填的{column.name.zh}。",
            f"is no {column.name.en.lower()} on the list.",
            "可填：" + "、".join(name.zh for name in names) + "。",
            "Choose from: " + ", ".join(name.en for name in names) + ".",
        )
    return str(code)


def _several(read: Callable[[Column, Cell, str], str]) -> Callable[[Column, Cell, str], tuple[str, ...]]:
    def reader(column: Column, cell: Cell, text: str) -> tuple[str, ...]:
        del cell
        parts = [part for part in _APART.split(text) if part]
        return tuple(sorted({read(column, part, part) for part in parts}))

    return reader


def _words(column: Column, cell: Cell, text: str) -> tuple[str, ...]:
    """Names may hold blanks, so only signs part them here."""
    del cell
    parts = [part.strip() for part in re.split(r"[、;；,，|]+", text) if part.strip()]
    return tuple(sorted({_word(column, part, part) for part in parts}))


def _division(column: Column, cell: Cell, text: str) -> str:
    del cell
    found = normalised(text)
    if len(found) == 6 and found.endswith("0000"):
        found = found[:2]
    elif len(found) == 6 and found.endswith("00"):
        found = found[:4]
    if not _DIVISION.fullmatch(found):
        raise wrong(
            column,
            text,
            "不是行政区划代码。",
            "is not a division code.",
            f"请填六位数字，如 {column.example or '340202'}。",
            f"Write six digits, as in {column.example or '340202'}.",
        )
    return found


def _township(column: Column, cell: Cell, text: str) -> str:
    del cell
    found = normalised(text)
    if len(found) == 12 and found.endswith("000"):
        found = found[:9]
    if not re.fullmatch(r"\d{9}", found):
        raise wrong(
            column,
            text,
            "不是九位的乡镇街道代码。",
            "is not nine digits.",
            "请填九位数字，或留空。",
            "Write nine digits or nothing.",
        )
    return found


def _specialty(column: Column, cell: Cell, text: str) -> str:
    """Excel turns 03.04 into 3.04 and 02 into 2: a lost zero in front can be told, one behind cannot."""
    del cell
    found = normalised(text)
    found = f"0{found}" if re.fullmatch(r"\d(?:\.\d{2})*", found) else found
    if not _SPECIALTY.fullmatch(found):
        raise wrong(
            column,
            text,
            "不是诊疗科目代码。",
            "is not a specialty code.",
            "请填两位一级代码或带点的二级代码，如 03、03.04；单元格请设为文本。",
            "Write two digits, or four with a dot, as in 03 or 03.04; format the cell as text.",
        )
    return found


def _ranked(column: Column, cell: Cell, text: str) -> tuple[str, ...]:
    del cell
    found = set()
    for part in (p.strip() for p in re.split(r"[、;；,，|]+", text) if p.strip()):
        code, sign, rank = normalised(part).partition("=")
        if not sign:
            raise wrong(
                column,
                part,
                "没有写明级别。",
                "names no rank.",
                f"请写成 {column.example}。",
                "Write it like 03.04=PROVINCIAL.",
            )
        found.add(f"{_specialty(column, code, code.strip())}={_word(column, rank, rank.strip())}")
    return tuple(sorted(found))


def _credit_code(column: Column, cell: Cell, text: str) -> str:
    del cell
    found = normalised(text).upper()
    try:
        return str(uscc.validate(found))
    except ValidationError as error:
        raise wrong(
            column,
            text,
            "不是有效的统一社会信用代码（18 位，末位为校验码）。",
            "is not a valid social credit code (18 characters with a check character).",
            "请对照登记证书核对，或留空。",
            "Compare it with the certificate, or leave it blank.",
        ) from error


def _party(column: Column, cell: Cell, text: str) -> str:
    found = normalised(text)
    if found.lower().startswith("gov:"):
        return f"gov:{_division(column, cell, found[4:])}"
    return _code(column, cell, text)


_READERS: Mapping[Shape, Callable[[Column, Cell, str], Value]] = {
    Shape.CODE: _code,
    Shape.TEXT: _text,
    Shape.PARAGRAPH: _paragraph,
    Shape.TIME: _time,
    Shape.PERCENT: _percent,
    Shape.DATE: _date,
    Shape.COUNT: _count,
    Shape.DEGREES: _degrees,
    Shape.YES_NO: _yes_no,
    Shape.WORD: _word,
    Shape.WORDS: _words,
    Shape.DIVISION: _division,
    Shape.TOWNSHIP: _township,
    Shape.SPECIALTY: _specialty,
    Shape.SPECIALTIES: _several(_specialty),
    Shape.RANKED: _ranked,
    Shape.CREDIT_CODE: _credit_code,
    Shape.PARTY: _party,
    Shape.PARTIES: _several(_party),
}
