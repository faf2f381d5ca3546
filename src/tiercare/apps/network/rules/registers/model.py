"""What a register is made of: columns, and the ones that several registers share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tiercare.kernel.text import Text

from .. import words as w


class Shape(StrEnum):
    """What a cell holds once it is read; ``cells`` reads them."""

    CODE = "CODE"  # lower-case letters, digits, hyphens
    TEXT = "TEXT"
    PARAGRAPH = "PARAGRAPH"  # text with line breaks
    DATE = "DATE"
    TIME = "TIME"  # hour and minute; 24:00 is the midnight at the end of a day
    COUNT = "COUNT"  # whole number from 0
    DEGREES = "DEGREES"  # longitude or latitude
    PERCENT = "PERCENT"  # a share, written in per cent
    YES_NO = "YES_NO"
    WORD = "WORD"  # one of ``words``
    WORDS = "WORDS"  # several of ``words``
    DIVISION = "DIVISION"  # six digits
    TOWNSHIP = "TOWNSHIP"  # nine digits
    SPECIALTY = "SPECIALTY"  # 03 or 03.04
    SPECIALTIES = "SPECIALTIES"
    RANKED = "RANKED"  # specialties with a rank: 03.04=省级
    CREDIT_CODE = "CREDIT_CODE"  # GB 32100, eighteen characters with check digit
    PARTY = "PARTY"  # an institution's code, or gov:<division>
    PARTIES = "PARTIES"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``key`` names it in code and API, ``name`` in files; ``also`` are headers understood besides.
    ``told`` columns are written for the reader and only compared when read."""

    key: str
    name: Text
    shape: Shape
    help: Text
    required: bool = False
    words: w.Words | None = None
    example: str = ""
    longest: int = 120
    also: tuple[str, ...] = ()
    told: bool = False


@dataclass(frozen=True, slots=True)
class Register:
    """A table of the network: ``identity`` are the columns that name a row."""

    key: str
    name: Text
    about: Text
    identity: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, key: str) -> Column:
        """The column of this key.

        Raises:
            KeyError: if there is none.
        """
        return self.by_key[key]

    @property
    def by_key(self) -> Mapping[str, Column]:
        """Columns by key."""
        return {column.key: column for column in self.columns}


class Op(StrEnum):
    """What a row asks for."""

    PUT = "PUT"
    VOID = "VOID"


OP_NAMES: w.Words = {Op.PUT: Text("登记", "Record"), Op.VOID: Text("作废", "Void")}

OP = Column(
    "op",
    Text("操作", "Act"),
    Shape.WORD,
    Text("空白即“登记”；“作废”撤销误登的一行。", "Blank records the row; “Void” takes back a mistaken one."),
    words=OP_NAMES,
)
FROM = Column(
    "from",
    Text("生效日期", "From"),
    Shape.DATE,
    Text("从这一天起有效。", "Holds from this day on."),
    required=True,
    example="2019-07-01",
    also=("起始日期", "开始日期", "start"),
)
TO = Column(
    "to",
    Text("终止日期", "To"),
    Shape.DATE,
    Text("从这一天起不再有效；空白即长期。", "No longer holds from this day on; blank for no end."),
    also=("结束日期", "end"),
)


def institution(key: str = "institution", zh: str = "机构编码", en: str = "Institution code") -> Column:
    """The column that names an institution."""
    return Column(
        key,
        Text(zh, en),
        Shape.CODE,
        Text(
            "机构的编码；也可填当日唯一的机构全称。",
            "Its code, or its full name where only one is called so.",
        ),
        required=True,
        example="wuhu-yijishan",
        also=("机构", "institution_code") if key == "institution" else (),
    )


def consortium(key: str, zh: str, en: str) -> Column:
    """A column that names a consortium."""
    return Column(
        key,
        Text(zh, en),
        Shape.CODE,
        Text("医联体的编码；也可填当日唯一的名称。", "Its code, or its name where only one is called so."),
        required=True,
        example="wuhu-jinghu-group",
        also=("医联体", "consortium_code") if key == "consortium" else (),
    )


def told_column(key: str, zh: str, en: str) -> Column:
    """A column for the reader's eye."""
    return Column(
        key,
        Text(zh, en),
        Shape.TEXT,
        Text("供核对，不作依据。", "To check by; nothing rests on it."),
        told=True,
    )
