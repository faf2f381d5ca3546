"""Tags of what was answered: so that nothing is sent twice, and nobody overwrites what another has changed.

Lists carry a weak tag made of the counters of change and the question: an unchanged list is answered (304)
without reading its rows. Single things carry a strong one, the hash of their content, which ``If-Match``
compares (RFC 9110, 13.1.1: weak tags never match there).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags
from pydantic_core import to_json

from tiercare import __version__
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

IF_MATCH = "If-Match"


def weak(request: HttpRequest, stamp: str, *asked: object) -> str:
    """The tag of a list: what it depends on, what was asked, and which edition of this program answers."""
    said = "\0".join([__version__, stamp, request.path, *map(str, asked)])
    return f'W/"{hashlib.sha256(said.encode()).hexdigest()[:24]}"'


def strong(body: bytes) -> str:
    """The tag of a single thing: of its content."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def as_bytes(content: Any) -> bytes:
    """Plain values, dates and UUIDs among them, as JSON."""
    return to_json(content)


def not_modified(request: HttpRequest, etag: str) -> HttpResponse | None:
    """304 if the client holds just this already."""
    held = parse_etags(request.headers.get("If-None-Match", ""))
    plain = etag.removeprefix("W/")
    if "*" not in held and plain not in {tag.removeprefix("W/") for tag in held}:
        return None
    response = HttpResponse(status=304)
    response["ETag"] = etag
    return response


def answered(request: HttpRequest, content: Any, *, etag: str | None = None) -> HttpResponse:
    """``content`` as JSON under its tag (``etag``, else that of the content), or 304."""
    body = as_bytes(content)
    tag = etag or strong(body)
    response = not_modified(request, tag) or HttpResponse(body, content_type="application/json")
    response["ETag"] = tag
    return response


def still(request: HttpRequest, now: Callable[[], str], *, required: bool = True) -> Callable[[], None]:
    """A check for inside the transaction that changes a single thing: that it is what the client last read.

    ``now`` tells the tag of the thing as it stands. The check raises ``Refused`` with 412 if it is another one.

    Raises:
        Refused: 428 if the client sent no ``If-Match`` although it is ``required``.
    """
    held = request.headers.get(IF_MATCH)
    if held is None:
        if required:
            raise Refused(MATCH_MISSING)
        return lambda: None
    tags = parse_etags(held)

    def check() -> None:
        if "*" not in tags and now() not in tags:
            raise Refused(CHANGED)

    return check


MATCH_MISSING = Refusal(
    code="api.if_match_missing",
    message=Text("缺少 If-Match 请求头。", "The If-Match header is missing."),
    instead=Text(
        "请先读取这一项，把它的 ETag 放进 If-Match 再提交，以免覆盖他人的更新。",
        "Read it first and send its ETag as If-Match, so that nobody's change is overwritten.",
    ),
    at=IF_MATCH,
    status=428,
)
CHANGED = Refusal(
    code="api.changed_meanwhile",
    message=Text("这一项在您读取之后已被更新。", "It was changed after you read it."),
    instead=Text(
        "请重新读取，核对后用新的 ETag 再提交。", "Read it again, compare, and send it with the new ETag."
    ),
    at=IF_MATCH,
    status=412,
)
