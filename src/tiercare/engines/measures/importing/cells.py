"""How the text of a cell becomes a value, as Ibis expressions: a value or nothing, and what is wrong where there is none.

What is unambiguous is read however it is written: full-width digits, ``2025年3月1日``, ``1,234.50``, ``￥12``. The rest is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import add, or_
from typing import Any as Expr

import ibis

from tiercare.engines.measures.schema import Column, Type
from tiercare.engines.sheets import normalised

from .faults import GRAVE, SEPARATOR, token
from .files import REPLACED
from .mapping import FEN, MONTH, FromFile, Order

WIDE = re.compile("[！-～\u3000\xa0\ufeff\t\r\n]")
"""What makes a row wide: ``tidied`` and what reads numbers and dates look closer at such rows only."""
_WIDE = "０１２３４５６７８９／－．：，　％ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ＋"
_NARROW = "0123456789/-.:, %ABCDEFGHIJKLMNOPQRSTUVWXYZ+"
_AROUND = r"^[\s\x{3000}\x{a0}\x{feff}]+|[\s\x{3000}\x{a0}\x{feff}]+$"
_YES = ("true", "1", "是", "有", "y", "yes", "t", "√", "对")
_NO = ("false", "0", "否", "无", "n", "no", "f", "×", "没有")
FLAG_WORDS = frozenset((*_YES, *_NO))
_LARGEST = 10**12  # nothing that is counted or paid in a row comes near; beyond it a cell is damaged
_SERIALS = (18_264, 73_415)  # Excel's days from 1950 to 2100
_EPOCH = date(1899, 12, 30)
_TIME = r"(?:[ T]+\d{1,2}[:时].*)?"
_DAYS = {
    Order.YMD: (rf"^(\d{{4}})[-/.年](\d{{1,2}})[-/.月](\d{{1,2}})日?{_TIME}$", r"\1-\2-\3"),
    Order.DMY: (rf"^(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}){_TIME}$", r"\3-\2-\1"),
    Order.MDY: (rf"^(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}){_TIME}$", r"\3-\1-\2"),
}
_RUN_TOGETHER = (r"^(\d{4})(\d{2})(\d{2})(?:\d{4}|\d{6})?$", r"\1-\2-\3")
_ISO = "____-__-__"
_A_DAY = r"^\d{4}-\d{1,2}-\d{1,2}$"
_DECIMAL = "decimal(28, 8)"
_THOUSANDS = r"^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)(E[+-]?\d{1,2})?$"
_DESTROYED = r"^\d(\.\d+)?[Ee]\+\d+$"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that may be wrong with a row, and where it is; an open condition accuses nobody."""

    code: str
    condition: Expr
    column: str = ""


Normal = Callable[[Expr, Expr], Expr]
Value = Callable[[Expr, Column, FromFile], Expr]
Doubts = Callable[[Expr, Expr, Expr, Column, FromFile], "Iterator[Doubt]"]


@dataclass(frozen=True, slots=True)
class Reader:
    """How a type of column is read, in three steps that lie in three layers of a query: an expression that holds the
    one before it several times over would be planned longer than it runs.

    Attributes:
        normal: tidied text, whether the row is wide → text in the one form that is understood. What has that form
            already, as most does, is found by a cheap test and spared the regular expressions.
        value: normal text → value, or nothing.
        doubts: tidied text, normal text, value → what may be wrong.
    """

    normal: Normal
    value: Value
    doubts: Doubts


def tidied(text: Expr, wide: Expr) -> Expr:
    """Without white space around; what is then empty is nothing; without the apostrophe that neutralised a formula.

    Args:
        wide: whether the row has any white space but blanks, or full-width letters.
    """
    text = ibis.ifelse(wide, text.re_replace(_AROUND, ""), text.strip())
    bare = text.re_replace(r"^'('*\s*[=+\-@＝＋－＠].*)$", r"\1")
    return ibis.ifelse(text.startswith("'"), bare, text).nullif("")


def normal(column: Column, text: Expr, wide: Expr, mapping: FromFile) -> Expr:
    """The first step, from tidied text."""
    if column.name in mapping.orders:
        return _written(text, wide, mapping.orders[column.name])
    return _of(column).normal(text, wide)


def value(column: Column, plain: Expr, mapping: FromFile) -> Expr:
    """The second step, from normal text."""
    return _of(column).value(plain, column, mapping)


def doubts(
    column: Column, text: Expr, plain: Expr, found: Expr, mapping: FromFile, *, legible: bool
) -> Iterator[Doubt]:
    """The third step; ``legible`` says that no character of the file was lost."""
    yield from _of(column).doubts(text, plain, found, column, mapping)
    if not column.optional and column.type is not Type.CODES:
        yield Doubt("empty", text.isnull(), column.name)
    if not legible:
        yield Doubt("illegible", text.contains(REPLACED), column.name)


def normal_month(text: Expr, wide: Expr) -> Expr:
    """A month written 2025-3: from 202503, 2025-03, 2025年3月 or any day in it."""
    plain = _plain(text, wide).re_replace(r"^(\d{4})(\d{2})(?:\d{2})?$", r"\1-\2")
    return plain.re_replace(rf"^(\d{{4}})[-/.年](\d{{1,2}})(?:月|[-/.月]\d{{1,2}}日?{_TIME})?$", r"\1-\2")


def value_month(plain: Expr) -> Expr:
    """As YYYYMM."""
    year = plain.re_extract(r"^(\d{4})-\d{1,2}$", 1).try_cast("int64")
    month = plain.re_extract(r"^\d{4}-(\d{1,2})$", 1).try_cast("int64")
    return ibis.ifelse(month.between(1, 12), year * 100 + month, None)


def doubts_month(text: Expr, found: Expr) -> Iterator[Doubt]:
    """What may be wrong with it."""
    yield Doubt("no_month", text.notnull() & found.isnull(), MONTH)
    yield Doubt("empty", text.isnull(), MONTH)


def _of(column: Column) -> Reader:
    return _READERS.get(column.type, _TEXT)


def _unread(code: str) -> Doubts:
    """Doubts of what either can be read or cannot."""

    def doubts_of(text: Expr, _: Expr, found: Expr, column: Column, __: FromFile) -> Iterator[Doubt]:
        yield Doubt(code, text.notnull() & found.isnull(), column.name)

    return doubts_of


def _plain(text: Expr, wide: Expr) -> Expr:
    return ibis.ifelse(wide, text.translate(_WIDE, _NARROW), text)


def _as_it_is(text: Expr, _: Expr) -> Expr:
    return text


def _destroyed(text: Expr, _: Expr, __: Expr, column: Column, ___: FromFile) -> Iterator[Doubt]:
    suspect = text.contains("E+") | text.contains("e+")
    yield Doubt("digits_lost", ibis.ifelse(suspect, text.re_search(_DESTROYED), False), column.name)


def _short(text: Expr, wide: Expr) -> Expr:
    """Statistical codes of twelve digits end in zeros where they name a county or a township; ours do without."""
    plain = _plain(text, wide)
    short = plain.re_replace(r"^(\d{6})000000$", r"\1").re_replace(r"^(\d{9})000$", r"\1")
    return ibis.ifelse(plain.endswith("000"), short, plain)


def _division(plain: Expr, _: Column, __: FromFile) -> Expr:
    return ibis.ifelse(plain.re_search(r"^(\d{6}|\d{9}|\d{12})$"), plain, None)


def _word(plain: Expr, column: Column, mapping: FromFile) -> Expr:
    said = {**{word: word for word in column.words}, **mapping.words.get(column.name, {})}
    return _translated(plain, said)


def _lower(text: Expr, wide: Expr) -> Expr:
    return _plain(text, wide).lower()


def _flag(plain: Expr, column: Column, mapping: FromFile) -> Expr:
    said = {normalised(theirs).lower(): ours for theirs, ours in mapping.words.get(column.name, {}).items()}
    known = {**dict.fromkeys(_YES, "true"), **dict.fromkeys(_NO, "false"), **said}
    return _translated(plain, known) == "true"


def _translated(text: Expr, said: Mapping[str, str]) -> Expr:
    return text.cases(*said.items(), else_=ibis.null("string"))


def _written(text: Expr, wide: Expr, order: Order = Order.YMD) -> Expr:
    """A day written 2025-3-1, a day of Excel as its number, anything else as it is."""
    hows = dict.fromkeys((_DAYS[order], _RUN_TOGETHER, _DAYS[Order.YMD]))
    written = reduce(lambda found, how: found.re_replace(*how), hows, _plain(text, wide))
    return ibis.ifelse(text.like(_ISO), text, written)


def _date(plain: Expr, _: Column, __: FromFile) -> Expr:
    day = ibis.cases((plain.like(_ISO), plain), (plain.re_search(_A_DAY), plain)).try_cast("date")
    counted = ibis.ifelse(plain.like("_____") | plain.like("_____.0%"), plain.left(5), None).try_cast("int64")
    from_excel = ibis.literal(_EPOCH) + ibis.ifelse(counted.between(*_SERIALS), counted, None).as_interval(
        "D"
    )
    # Twice, because DuckDB adds days to a date as a moment and Ibis, which knows it as a date, would leave out the cast.
    return ibis.coalesce(day, from_excel.cast("timestamp").cast("date"))


def _no_date(text: Expr, plain: Expr, found: Expr, column: Column, _: FromFile) -> Iterator[Doubt]:
    none = text.notnull() & found.isnull()
    yield Doubt("no_day", ibis.ifelse(none, plain.re_search(_A_DAY), False), column.name)
    yield Doubt("no_date", ibis.ifelse(none, ~plain.re_search(_A_DAY), False), column.name)


def _digits(text: Expr, wide: Expr) -> Expr:
    """A number without its currency and its thousands separators; nothing where it is none, or could mean two."""
    plain = _plain(text, wide).upper().re_replace(r"^[¥￥] *|[ 元]+$", "")
    bare = ibis.ifelse(plain.re_search(_THOUSANDS), plain.replace(",", ""), plain)
    return ibis.ifelse(text.try_cast(_DECIMAL).notnull(), text, bare.re_extract(_NUMBER, 0).nullif(""))


def _exact(plain: Expr) -> Expr:
    """An exact decimal. One too large to be multiplied would end the run, not the row."""
    number = plain.try_cast(_DECIMAL)
    return ibis.ifelse(number.between(-_LARGEST, _LARGEST), number, None)


def _whole(plain: Expr, _: Column, __: FromFile) -> Expr:
    number = _exact(plain)
    return ibis.ifelse(number == number.round(0), number.round(0).cast("int64"), None)


def _not_whole(text: Expr, plain: Expr, found: Expr, column: Column, _: FromFile) -> Iterator[Doubt]:
    number = _exact(plain)
    yield Doubt("no_number", text.notnull() & number.isnull(), column.name)
    yield Doubt("not_whole", number.notnull() & found.isnull(), column.name)
    yield from _amount(text, found, column)


def _fen(plain: Expr, column: Column, mapping: FromFile) -> Expr:
    return (_exact(plain) * _factor(column, mapping)).round(0).cast("int64")


def _no_money(text: Expr, plain: Expr, found: Expr, column: Column, mapping: FromFile) -> Iterator[Doubt]:
    yield Doubt("no_number", text.notnull() & found.isnull(), column.name)
    yield Doubt("rounded", _exact(plain) * _factor(column, mapping) != found, column.name)
    yield from _amount(text, found, column)


def _amount(text: Expr, found: Expr, column: Column) -> Iterator[Doubt]:
    yield Doubt("negative", found < 0, column.name)
    yield Doubt("thousands", found.notnull() & (text.contains(",") | text.contains("，")), column.name)


def _factor(column: Column, mapping: FromFile) -> int:
    return mapping.factors.get(column.name, FEN["yuan"])


def _same(plain: Expr, _: Column, __: FromFile) -> Expr:
    return plain


def _none_if_empty(plain: Expr, _: Column, __: FromFile) -> Expr:
    """Codes that bars separate: an empty cell says that there are none, which is something known."""
    return plain.fill_null("")


_TEXT = Reader(_as_it_is, _same, _destroyed)
_READERS = {
    Type.CODES: Reader(_as_it_is, _none_if_empty, _destroyed),
    Type.DIVISION: Reader(_short, _division, _unread("no_division")),
    Type.WORD: Reader(_as_it_is, _word, _unread("unknown_word")),
    Type.FLAG: Reader(_lower, _flag, _unread("no_flag")),
    Type.DATE: Reader(_written, _date, _no_date),
    Type.COUNT: Reader(_digits, _whole, _not_whole),
    Type.MINUTES: Reader(_digits, _whole, _not_whole),
    Type.YUAN: Reader(_digits, _fen, _no_money),
}


def tokens(doubts: Sequence[Doubt]) -> Expr:
    """What is wrong with a row as one text, each token followed by a separator; empty where nothing is."""
    said = [
        ibis.cases((each.condition, token(each.code, each.column) + SEPARATOR), else_="") for each in doubts
    ]
    return ibis.ifelse(_any(doubts), reduce(add, said, ibis.literal("")), "")


def grave(doubts: Sequence[Doubt]) -> Expr:
    """Whether a row must wait."""
    return _any([each for each in doubts if each.code in GRAVE])


def _any(doubts: Sequence[Doubt]) -> Expr:
    return reduce(or_, [each.condition for each in doubts], ibis.literal(False)).fill_null(False)
