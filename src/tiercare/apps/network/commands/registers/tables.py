"""Rows into tables, in bulk: what the registers' writers share."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model
from psycopg import sql
from psycopg.types.range import DateRange

from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ... import models
from ...queries.histories import Found
from ...queries.lookups import one_of
from ...rules.histories import Identity, State

# Things whose history changes: what was found of each, and what shall stand.
Changes = Mapping[Identity, tuple[Found, State]]
M = TypeVar("M", bound=Model)
_AT_ONCE = 5000


def upsert(model: type[M], rows: Sequence[M], fields: Sequence[str]) -> None:
    """Insert ``rows``; where the id stands already, set its ``fields``.

    One statement and one parameter for thousands of rows: an UPDATE with a CASE a row, or a placeholder a
    cell, takes ten times as long.
    """
    if not rows:
        return
    columns = model._meta.concrete_fields
    statement = _statement(model, fields)
    with connection.cursor() as cursor:
        for start in range(0, len(rows), _AT_ONCE):
            given = [
                {column.column: getattr(row, column.attname) for column in columns}
                for row in rows[start : start + _AT_ONCE]
            ]
            cursor.execute(statement, [json.dumps(given, default=_plain)])


def _statement(model: type[Model], fields: Sequence[str]) -> str:
    columns = model._meta.concrete_fields
    places = {c.attname: c.column for c in columns} | {c.name: c.column for c in columns}
    names = sql.SQL(", ").join(sql.Identifier(column.column) for column in columns)
    types = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(c.column), sql.SQL(c.db_type(connection) or "text"))
        for c in columns
    )
    sets = sql.SQL(", ").join(
        sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(places[field])) for field in fields
    )
    composed = sql.SQL(
        "INSERT INTO {table} ({names}) SELECT {names} FROM json_to_recordset(%s::json) AS given({types}) "
        "ON CONFLICT (id) DO UPDATE SET {sets}"
    ).format(table=sql.Identifier(model._meta.db_table), names=names, types=types, sets=sets)
    return composed.as_string()


def _plain(value: object) -> str:
    """A value that JSON has no form for, as PostgreSQL reads it."""
    if isinstance(value, DateRange):
        return f"[{value.lower},{value.upper or ''})"
    return str(value)


def remove(model: type[Model], ids: Collection[UUID]) -> None:
    """Delete rows by id."""
    if ids:
        model._default_manager.filter(one_of("id", ids)).delete()


def institution_ids(codes: Iterable[str]) -> dict[str, UUID]:
    """Ids of institutions by code; one query."""
    return _by_slug(models.Institution, codes)


def consortium_ids(codes: Iterable[str]) -> dict[str, UUID]:
    """Ids of consortia by code; one query."""
    return _by_slug(models.Consortium, codes)


def agreement_ids(codes: Iterable[str]) -> dict[str, UUID]:
    """Ids of agreements by code; one query."""
    return _by_slug(models.Agreement, codes)


def clinician_ids(codes: Iterable[str]) -> dict[str, UUID]:
    """Ids of clinicians by code; one query."""
    rows = models.Clinician.objects.filter(one_of("code", codes)).values_list("code", "id")
    return {str(code): key for code, key in rows}


def _by_slug(model: type[Model], codes: Iterable[str]) -> dict[str, UUID]:
    wanted = {code for code in codes if code}
    if not wanted:
        return {}
    return dict(model._default_manager.filter(one_of("slug", wanted)).values_list("slug", "id"))


def known(ids: dict[str, UUID], code: str) -> UUID:
    """The id that ``code`` stands for.

    Raises:
        Refused: if it stands for nothing: the row was not checked, or it has gone since.
    """
    if code not in ids:
        raise Refused(
            Refusal(
                code="network.row_names_nothing",
                message=Text("没有编码为 {code} 的登记。", "Nothing on record has the code {code}."),
                instead=Text("请重新检查后再导入。", "Check the rows again before taking them over."),
                fields={"code": code},
                status=422,
            )
        )
    return ids[code]
