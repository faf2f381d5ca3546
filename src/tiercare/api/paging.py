"""Lists a page at a time, the same for every list: typed filters, a cursor that survives what others write
meanwhile, and a link to the next page.

A cursor names the last row seen by what the list is ordered by, never its number: rows added or taken away
between two pages neither hide a row nor show one twice.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Schema
from pydantic import BeforeValidator, Field

from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .etags import answered

LARGEST = 200
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _only_iso(value: object) -> object:
    """Pydantic would read ``20190701`` as seconds since 1970."""
    if isinstance(value, str) and not _ISO_DAY.fullmatch(value.strip()):
        return "?"
    return value


Day = Annotated[date, BeforeValidator(_only_iso)]
# 2, 4, 6 or 9 digits; 00 is the nation. Anything else is told to be of the wrong format.
Area = Annotated[str, Field(pattern=r"^(\d{2}(\d{2}(\d{2}(\d{3})?)?)?)?$", max_length=9)]
Words = Annotated[str, Field(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Paging(Schema):
    """Parameters of every list. ``on`` is the day asked about (today if left out); ``count=true`` asks for the
    total, which costs a second look."""

    on: Day | None = None
    limit: int = Field(50, ge=1, le=LARGEST)
    cursor: str = Field("", max_length=600, pattern=r"^[A-Za-z0-9_-]*$")
    count: bool = False

    def wanted(self) -> dict[str, Any]:
        """The filters that were given, by name."""
        given = self.model_dump(mode="json", exclude={"on", "limit", "cursor", "count"})
        return {name: value for name, value in given.items() if value not in ("", None)}


def day_of(asked: Day | None) -> date:
    """The day asked about."""
    return asked or ledger.today()


def known_only(
    request: HttpRequest, *names: str, model: type[Schema] | None = None, sent: Iterable[str] | None = None
) -> None:
    """A parameter (or a field of a form, ``sent``) that is none is refused: a misspelt filter must not answer with
    everything.

    Raises:
        Refused: 422, naming each of them.
    """
    known = {*names, *(model.model_fields if model else ())}
    unknown = [name for name in (request.GET if sent is None else sent) if name not in known]
    if unknown:
        raise Refused(*(_unknown(name, sorted(known)) for name in unknown[:20]))


def _unknown(name: str, known: Sequence[str]) -> Refusal:
    return Refusal(
        code="api.unknown_parameter",
        message=Text("没有“{name}”这个查询参数。", "There is no parameter “{name}”."),
        instead=Text("可用的参数：{known}。", "The parameters are: {known}."),
        fields={"name": _printable(name[:40]), "known": "、".join(known)},
        at=_printable(name[:40]),
        status=422,
    )


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def preferred(request: HttpRequest, *kinds: str) -> str:
    """Which of these the client would rather have.

    Raises:
        Refused: 406 if it wants none of them.
    """
    kind = request.get_preferred_type(kinds)
    if kind is None:
        raise Refused(
            Refusal(
                code="api.not_acceptable",
                message=Text("这里不能按所要的格式回答。", "This cannot be answered in the form asked for."),
                instead=Text("请把 Accept 设为：{kinds}。", "Send an Accept header with one of: {kinds}."),
                fields={"kinds": "、".join(kinds)},
                at="Accept",
                status=406,
            )
        )
    return kind


def seen(request: HttpRequest, paging: Paging, on: date) -> tuple[str, ...]:
    """What the cursor says was the last row, empty on the first page.

    Raises:
        Refused: 422 for a cursor that is none, or that belongs to another list, other filters or another day.
    """
    if not paging.cursor:
        return ()
    try:
        raw = base64.urlsafe_b64decode(paging.cursor + "=" * (-len(paging.cursor) % 4))
        *place, mark = json.loads(raw)
    except (binascii.Error, ValueError, TypeError) as error:
        raise no_cursor() from error
    told = [part for part in place if isinstance(part, str) and "\x00" not in part]
    if mark != _mark(request, paging, on) or len(told) != len(place) or not place:
        raise no_cursor()
    return tuple(told)


def no_cursor() -> Refused:
    """The cursor is none, or belongs to another list."""
    return Refused(
        Refusal(
            code="api.cursor_unknown",
            message=Text(
                "“cursor”不是这个列表在这些条件下给出的。",
                "This “cursor” was not given by this list and filters.",
            ),
            instead=Text(
                "请照 next 给出的地址翻页，或去掉 cursor 从头开始。",
                "Follow the address in next, or leave cursor out and start again.",
            ),
            at="cursor",
            status=422,
        )
    )


def _mark(request: HttpRequest, paging: Paging, on: date) -> str:
    """Which list, filters and day a cursor belongs to."""
    said = json.dumps([request.path, paging.wanted(), on], default=str, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def page(
    request: HttpRequest,
    paging: Paging,
    rows: Sequence[Any],
    *,
    on: date,
    last: Sequence[str] | None,
    total: int | None = None,
    etag: str | None = None,
    **besides: Any,
) -> HttpResponse:
    """A page of a list: ``items``, the day, the address of the next page (also as ``Link``), the total if asked.

    ``last`` is the place of the last row, ``None`` if no more follow; ``etag`` what stands for the page, else
    its content does.
    """
    body: dict[str, Any] = {**besides, "items": rows, "on": on, "next": None}
    if total is not None:
        body["total"] = total
    if last is not None:
        said = json.dumps([*last, _mark(request, paging, on)], ensure_ascii=False, separators=(",", ":"))
        query = request.GET.copy()
        query["on"] = on.isoformat()
        query["cursor"] = base64.urlsafe_b64encode(said.encode()).rstrip(b"=").decode()
        body["next"] = f"{request.path}?{query.urlencode()}"
    response = answered(request, body, etag=etag)
    if body["next"]:
        response["Link"] = f'<{body["next"]}>; rel="next"'
    return response


def cut(
    rows: Sequence[Any], places: Sequence[tuple[str, ...]], after: tuple[str, ...], limit: int
) -> tuple[Sequence[Any], tuple[str, ...] | None]:
    """A page of rows that are all in memory, in the order of their ``places``; and where it ends, if more follow."""
    order = sorted(range(len(rows)), key=lambda n: places[n])
    rest = [n for n in order if not after or places[n] > after]
    shown = rest[:limit]
    return [rows[n] for n in shown], places[shown[-1]] if len(rest) > limit else None


class PageOut(Schema):
    """What every list answers besides its ``items``."""

    on: date
    next: str | None
    total: int | None = Field(None, description="only with count=true")
