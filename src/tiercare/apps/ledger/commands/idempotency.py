"""One answer for one request, however often it is sent."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction

from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .. import sql

KEEP = timedelta(days=7)
_KEY = re.compile(r"[\x21-\x7e]{8,200}")
_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: status, body, its content type, and where a redirect leads (or ``""``)."""

    status: int
    body: bytes
    content_type: str
    location: str = ""


class IdempotentCall:
    """One use of a key. ``replay`` is the earlier answer, or ``None`` if the work is to be done now."""

    def __init__(self, replay: Answer | None) -> None:
        self.replay = replay
        self.given: Answer | None = None

    def answer(self, *, status: int, body: bytes, content_type: str, location: str = "") -> None:
        """Say what was answered; it is kept in the transaction of the work."""
        self.given = Answer(status, body, content_type, location)


@contextmanager
def idempotent(actor: Actor, *, key: str, route: str, body: bytes) -> Iterator[IdempotentCall]:
    """Run the work inside at most once for this actor's key, in one transaction with the record of its answer.

    ::

        with commands.idempotent(actor, key=key, route="POST /api/x", body=request.body) as call:
            if call.replay is None:
                result = do_it(actor, ...)
                call.answer(status=201, body=result, content_type="application/json")
        return response_from(call.replay or call.given)

    If the work raises (a refusal, say), nothing is kept, and the key may be used again.

    Raises:
        Refused: 400 for a malformed key; 409 while a twin is in flight; 422 if the key was used for another
            request.
        RuntimeError: if the work ends without ``call.answer``; it is undone.
    """
    if not _KEY.fullmatch(key):
        raise Refused(_MALFORMED)
    owner = actor.account_id or _NOBODY
    fingerprint = hashlib.sha256(route.encode() + b"\0" + body).digest()
    with transaction.atomic():
        _lock(owner, key)
        with connection.cursor() as cursor:
            cursor.execute(sql.KEPT, [owner, key])
            kept = cursor.fetchone()
        if kept and bytes(kept[0]) != fingerprint:
            raise Refused(_OTHER_BODY)
        call = IdempotentCall(Answer(kept[1], bytes(kept[2]), kept[3], kept[4]) if kept else None)
        yield call
        if kept is None:
            _keep(owner, key, route, fingerprint, call.given)


def _lock(owner: UUID, key: str) -> None:
    """Hold the key until the transaction ends, or refuse at once: a twin must not wait, nor run as well."""
    number = int.from_bytes(hashlib.sha256(owner.bytes + key.encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise Refused(_TWIN)


def _keep(owner: UUID, key: str, route: str, fingerprint: bytes, given: Answer | None) -> None:
    if given is None:
        raise RuntimeError(f"the work behind {route} ended without saying what it answered")
    with connection.cursor() as cursor:
        cursor.execute(
            sql.KEEP,
            [owner, key, route, fingerprint, given.status, given.content_type, given.location, given.body],
        )


def sweep_idempotency_keys(*, keep: timedelta = KEEP) -> int:
    """Forget answers older than ``keep``; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_idempotencykey WHERE created_at < clock_timestamp() - %s", [keep])
        return int(cursor.rowcount)


_MALFORMED = Refusal(
    code="ledger.idempotency_key_malformed",
    message=Text(
        "Idempotency-Key 须为 8 至 200 个可见 ASCII 字符。",
        "The Idempotency-Key must be 8 to 200 visible ASCII characters.",
    ),
    instead=Text(
        "请为每次提交生成一个 UUID 作为键。", "Make a UUID for every submission and send it as the key."
    ),
    at="Idempotency-Key",
    status=400,
)
TWIN_IN_FLIGHT = "ledger.idempotency_twin_in_flight"
_TWIN = Refusal(
    code=TWIN_IN_FLIGHT,
    message=Text("同一请求正在处理中。", "The same request is being processed."),
    instead=Text("请稍候片刻，用同一个键重试。", "Wait a moment, then try again with the same key."),
    at="Idempotency-Key",
    status=409,
)
_OTHER_BODY = Refusal(
    code="ledger.idempotency_key_reused",
    message=Text(
        "该键已用于另一个内容不同的请求。", "This key was used for another request with other content."
    ),
    instead=Text("请为新的内容换一个新的键。", "Send new content with a new key."),
    at="Idempotency-Key",
    status=422,
)
