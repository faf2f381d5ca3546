"""A file of covers: its columns, and how a line is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tiercare.engines.sheets import as_date, normalised
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .cover import NOT_A_DAY, Given, scheme_of
from .file import COLUMN_MISSING, Column

COLUMNS: tuple[Column, ...] = (
    Column("number", Text("居民身份证号", "identity card number"), needed=True),
    Column("scheme", Text("参保类型", "scheme"), needed=True),
    Column("area", Text("参保地区划代码", "insured area"), needed=True),
    Column("since", Text("起始日期", "since"), needed=True),
    Column("until", Text("截止日期", "until")),
)


@dataclass(frozen=True, slots=True)
class CoverLine:
    """A line: whose cover, and what."""

    number: str
    given: Given


def cover_columns_of(header: Sequence[str]) -> Mapping[str, int] | tuple[Refusal, ...]:
    """Which column stands where, or which are missing."""
    places = {normalised(text): place for place, text in reversed(list(enumerate(header)))}
    found = {
        column.field: places[normalised(spelling)]
        for column in COLUMNS
        for spelling in (column.field, column.heading.en, column.heading.zh)
        if normalised(spelling) in places
    }
    missing = [column.heading for column in COLUMNS if column.needed and column.field not in found]
    if missing:
        return tuple(replace(COLUMN_MISSING, fields={"column": heading}) for heading in missing)
    return found


def read_cover_line(cells: Sequence[str], places: Mapping[str, int]) -> CoverLine | tuple[Refusal, ...]:
    """The line, or all that cannot be read in it."""
    given = {field: cells[place].strip() if place < len(cells) else "" for field, place in places.items()}
    scheme = scheme_of(given["scheme"])
    since = _day(given["since"])
    until = _day(given["until"]) if given.get("until") else None
    found = [scheme] if isinstance(scheme, Refusal) else []
    if since is None:
        found.append(NOT_A_DAY)
    if given.get("until") and until is None:
        found.append(replace(NOT_A_DAY, at="until"))
    if found or since is None or isinstance(scheme, Refusal):
        return tuple(found)
    return CoverLine(given["number"], Given(scheme.value, given["area"], since, until))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return as_date(text)
