"""A file of residents: its columns, and how a line becomes a registration or says what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import count

from tiercare.engines.population import Household
from tiercare.engines.sheets import as_date, normalised
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .registration import BIRTH_DATE_IMPOSSIBLE, Registration
from .vocabulary import IDENTITY_NAMES, RELATION_NAMES, SEX_NAMES, IdentityKind, Relation, Sex


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the field it fills, its heading, and whether a file must have it."""

    field: str
    heading: Text
    needed: bool = False


COLUMNS: tuple[Column, ...] = (
    Column("name", Text("姓名", "name"), needed=True),
    Column("sex", Text("性别", "sex"), needed=True),
    Column("birth_date", Text("出生日期", "birth date"), needed=True),
    Column("identity_kind", Text("证件类型", "kind of document"), needed=True),
    Column("number", Text("证件号码", "number"), needed=True),
    Column("phone", Text("手机号", "phone")),
    Column("division_code", Text("行政区划代码", "division code"), needed=True),
    Column("address", Text("详细地址", "address")),
    Column("nation", Text("民族代码", "nation code")),
    Column("household", Text("户编号", "household")),
    Column("relation", Text("与户主关系", "relation to head")),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it stands in the file. ``household`` numbers the households of this file, ``""`` for none."""

    number: int
    given: Registration
    household: str = ""
    relation: Relation = Relation.NOT_RELATED


def lines_of(homes: Iterable[Household]) -> Iterator[Line]:
    """The lines of made-up households, numbered as in a file with one line of headings."""
    numbers = count(2)
    for at, home in enumerate(homes, start=1):
        for member in home.members:
            given = Registration(
                name=member.name,
                sex=Sex(member.sex),
                birth_date=member.birth_date,
                division_code=home.division_code,
                identity_kind=IdentityKind(member.identity_kind),
                number=member.identity_number or "",
                phone=member.phone or "",
                address=home.address,
                nation=member.nation or "",
            )
            yield Line(next(numbers), given, str(at), Relation(member.relation))


def columns_of(header: Sequence[str]) -> Mapping[str, int] | tuple[Refusal, ...]:
    """Which column stands where, or which are missing. Headings in Chinese, in English, or the field's name."""
    places = {normalised(text): place for place, text in reversed(list(enumerate(header)))}
    found = {}
    for column in COLUMNS:
        for spelling in (column.heading.zh, column.heading.en, column.field):
            if normalised(spelling) in places:
                found[column.field] = places[normalised(spelling)]
    missing = [column.heading for column in COLUMNS if column.needed and column.field not in found]
    if missing:
        return tuple(replace(COLUMN_MISSING, fields={"column": heading}) for heading in missing)
    return found


def read_line(number: int, cells: Sequence[str], places: Mapping[str, int]) -> Line | tuple[Refusal, ...]:
    """The line with its words turned into codes, or all that cannot be read."""
    given = {field: cells[place].strip() if place < len(cells) else "" for field, place in places.items()}
    found: list[Refusal] = []
    sex = _code(given["sex"], _sexes(), "sex", found)
    kind = _code(given["identity_kind"], _kinds(), "identity_kind", found)
    relation = _code(given.get("relation", "") or Relation.NOT_RELATED.value, _relations(), "relation", found)
    birth_date: date | None = None
    if given["birth_date"]:
        birth_date = _day(given["birth_date"])
        if birth_date is None:
            found.append(BIRTH_DATE_IMPOSSIBLE)
    if found or sex is None or kind is None or relation is None:
        return tuple(found)
    registration = Registration(
        name=given["name"],
        sex=Sex(sex),
        birth_date=birth_date,
        division_code=given["division_code"],
        identity_kind=IdentityKind(kind),
        number=given["number"],
        phone=given.get("phone", ""),
        address=given.get("address", ""),
        nation=given.get("nation", ""),
    )
    return Line(number, registration, given.get("household", ""), Relation(relation))


@lru_cache(maxsize=65_536)
def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return as_date(text)


def _code(text: str, known: Mapping[str, str], field: str, found: list[Refusal]) -> str | None:
    code = known.get(text) or known.get(normalised(text))
    if code is None:
        heading = next(column.heading for column in COLUMNS if column.field == field)
        found.append(replace(UNKNOWN_WORD, fields={"column": heading}, at=field))
    return code


def _spellings(names: Iterable[tuple[str, Text]]) -> dict[str, str]:
    return {
        spelling: str(code)
        for code, name in names
        for spelling in (str(code), name.zh, normalised(name.zh), normalised(name.en))
    }


@lru_cache(maxsize=1)
def _sexes() -> Mapping[str, str]:
    return _spellings(SEX_NAMES.items()) | {"": Sex.UNKNOWN.value}


@lru_cache(maxsize=1)
def _kinds() -> Mapping[str, str]:
    known = _spellings(IDENTITY_NAMES.items())
    return {word: code for word, code in known.items() if code != IdentityKind.PHONE} | {
        "": IdentityKind.NONE.value
    }


@lru_cache(maxsize=1)
def _relations() -> Mapping[str, str]:
    return _spellings(RELATION_NAMES.items())


COLUMN_MISSING = Refusal(
    code="residents.column_missing",
    message=Text("文件缺少“{column}”这一列。", "The file has no column “{column}”."),
    instead=Text(
        "请用 tiercare residents template 写出的表头；列的先后不限。",
        "Use the headings that tiercare residents template writes; their order does not matter.",
    ),
    status=422,
)
UNKNOWN_WORD = Refusal(
    code="residents.unknown_word",
    message=Text(
        "“{column}”这一格的内容不在可填范围内。", "The content of “{column}” is none of those allowed."
    ),
    instead=Text("请按填写说明使用规定的词或代码。", "Use the words or codes of the instructions."),
    status=422,
)
KNOWN_ALREADY = Refusal(
    code="residents.known_already",
    message=Text(
        "这个证件号码已经有人登记，没有重复导入。",
        "This number is registered already; the line was not taken.",
    ),
    instead=Text("要更正资料，请在居民页面上改。", "To correct an entry, use the resident's page."),
    at="number",
)
TWICE_IN_FILE = Refusal(
    code="residents.twice_in_file",
    message=Text(
        "同一证件号码在文件里出现两次，第二行没有导入。",
        "The number stands twice in the file; the second was not taken.",
    ),
    instead=Text("请核对两行，保留正确的一行再导入。", "Compare both lines and import the right one."),
    at="number",
    status=422,
)
