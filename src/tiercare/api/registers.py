"""``GET /api/network/registers``: the ten registers, their columns, and what stands in them on a day."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Schema
from pydantic import Field

from tiercare.apps.access.rules import Right
from tiercare.apps.network import queries
from tiercare.apps.network.queries import directory, sheets
from tiercare.apps.network.queries.registers import register_rows
from tiercare.apps.network.rules.entries import Entry, plain
from tiercare.apps.network.rules.registers import REGISTERS, Column
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from . import tries
from .directory import LISTED, may
from .etags import answered, not_modified, weak
from .paging import PageOut, Paging, Words, cut, day_of, known_only, no_cursor, page, preferred, seen
from .problems import Problem
from .tries import Both

# The same addresses answer GET and POST: one router knows them, those of ``tries`` first.
router = tries.router


class ColumnOut(Schema):
    """A column: ``key`` names it here, ``name`` in files; ``words`` are the codes that it may hold, with their names.
    ``told`` columns are for the eye and not read."""

    key: str
    name: Both
    help: Both
    shape: str
    required: bool
    told: bool
    longest: int
    example: str
    words: dict[str, Both]


class RegisterOut(Schema):
    """A register; ``identity`` are the columns that name a row."""

    key: str
    name: Both
    about: Both
    identity: list[str]
    columns: list[ColumnOut]


class RegisterQuery(Paging):
    """``region`` is a pack id or division code; ``institution`` narrows the rows to one."""

    region: Words
    institution: UUID | None = None


class RegisterPage(PageOut):
    """Rows as texts by column key, as ``POST /api/network/registers`` takes them back; empty cells left out."""

    register_key: str = Field(alias="register")
    items: list[dict[str, str]]


@router.get(
    "/registers",
    response={200: list[RegisterOut], 304: None, 401: Problem, 403: Problem, 422: Problem},
    summary="登记表及其列 · The registers and their columns",
)
def list_registers(request: HttpRequest) -> HttpResponse:
    """In the order in which rows can be taken over."""
    may(request, Right.NETWORK_READ)
    known_only(request)
    told = [
        {
            "key": register.key,
            "name": _both(register.name),
            "about": _both(register.about),
            "identity": register.identity,
            "columns": [_column(column) for column in register.columns],
        }
        for register in REGISTERS.values()
    ]
    return answered(request, told)


def _column(column: Column) -> dict[str, Any]:
    return {
        "key": column.key,
        "name": _both(column.name),
        "help": _both(column.help),
        "shape": column.shape.value,
        "required": column.required,
        "told": column.told,
        "longest": column.longest,
        "example": column.example,
        "words": {code: _both(name) for code, name in (column.words or {}).items()},
    }


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


@router.get(
    "/registers/{key}",
    response={200: RegisterPage, **LISTED, 404: Problem, 406: Problem},
    summary="登记表的内容 · What stands in a register on a day",
)
def read_register(request: HttpRequest, key: str, filters: Query[RegisterQuery]) -> HttpResponse:
    """JSON, a page at a time; with ``Accept: text/csv`` the whole register as the file that is exported."""
    may(request, Right.NETWORK_READ)
    known_only(request, model=RegisterQuery)
    if key not in REGISTERS:
        raise Refused(no_such_register(key))
    kind = preferred(request, "application/json", "text/csv")
    region, on = queries.region_of(filters.region), day_of(filters.on)
    after = seen(request, filters, on)
    asked = (on, filters.wanted(), filters.cursor, filters.limit, filters.count, kind)
    etag = weak(request, directory.stamp(), *asked)
    response = not_modified(request, etag)
    if response is None and kind == "text/csv":
        response = _csv(key, region, on, filters.institution)
    elif response is None:
        response = _page(request, key, region, on, filters, after, etag)
    response["ETag"] = etag
    response["Vary"] = "Accept, Cookie"
    return response


def _page(
    request: HttpRequest,
    register: str,
    region: str,
    on: date,
    filters: RegisterQuery,
    after: tuple[str, ...],
    etag: str,
) -> HttpResponse:
    rows = register_rows(register, region, on=on, institution_id=filters.institution)
    places = [_place(row) for row in rows]
    if after and len(after) != 1 + len(REGISTERS[register].identity):
        raise no_cursor()
    shown, last = cut(rows, places, after, filters.limit)
    total = len(rows) if filters.count else None
    items = [plain(row) for row in shown]
    return page(request, filters, items, on=on, last=last, total=total, etag=etag, register=register)


def _place(row: Entry) -> tuple[str, ...]:
    """What names a row, and its first day."""
    return (*("" if part is None else str(part) for part in row.identity), row.start.isoformat())


def _csv(register: str, region: str, on: date, institution: UUID | None) -> HttpResponse:
    (file,) = sheets.export_workbook(
        region, on=on, registers=[register], encoding="utf-8-sig", institution_id=institution
    )
    return HttpResponse(file.content, content_type="text/csv; charset=utf-8")


def no_such_register(key: str) -> Refusal:
    """A register was asked for that does not exist."""
    return Refusal(
        code="network.no_such_register",
        message=Text("没有这种登记表。", "There is no such register."),
        instead=Text("可选：{registers}。", "Choose from: {registers}."),
        fields={"registers": "、".join(REGISTERS), "key": key[:40]},
        at="key",
        status=404,
    )
