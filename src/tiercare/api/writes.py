"""What every endpoint that writes shares: strict bodies, and one answer per ``Idempotency-Key``.

::

    @router.post("", response={201: ApplicationOut, 409: Problem})
    def apply(request: HttpRequest, payload: ApplicationIn) -> HttpResponse:
        return once(request, 201, lambda: ApplicationOut.of(commands.apply(request.actor, ...)))
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from ninja import Schema
from pydantic import ConfigDict

from tiercare.apps.ledger import commands as ledger
from tiercare.kernel.refusal import OnRecord, Refusal, Refused
from tiercare.kernel.text import Text

HEADER = "Idempotency-Key"

KEY_MISSING = Refusal(
    code="api.idempotency_key_missing",
    message=Text("缺少 Idempotency-Key 请求头。", "The Idempotency-Key header is missing."),
    instead=Text(
        "请为每次提交生成一个 UUID 作为键；断线重发时用同一个键。",
        "Make a UUID for every submission; when a line drops, send again with the same one.",
    ),
    at=HEADER,
    status=428,
)


class Body(Schema):
    """Base of all bodies: what is not a field is refused (422), so no claim to a role or an owner slips by."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


def once(request: HttpRequest, status: int, work: Callable[[], Schema]) -> HttpResponse:
    """Do ``work`` for this request's key and answer ``status`` with what it returns; again, answer the same.

    ``work`` is exactly one command call. It runs in one transaction with the record of its answer. A replayed
    answer carries ``Idempotency-Replayed: true``.

    Raises:
        Refused: 428 without the key, 400 for a malformed one, 409 while a twin is in flight, 422 if the key
            was used for another request; and whatever the command refuses, after which the key is free again.
    """
    key = request.headers.get(HEADER)
    if key is None:
        raise Refused(KEY_MISSING)
    route = f"{request.method} {request.get_full_path()}"
    try:
        with ledger.idempotent(request.actor, key=key, route=route, body=request.body) as call:
            if call.replay is None:
                body = work().model_dump_json().encode()
                call.answer(status=status, body=body, content_type="application/json")
    except OnRecord as refused:
        refused.leave_record()  # what was refused stays on record; the transaction has undone the first note
        raise
    answer = call.replay or call.given
    assert answer is not None
    response = HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)
    if call.replay is not None:
        response["Idempotency-Replayed"] = "true"
    return response
