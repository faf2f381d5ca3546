"""One answer for one request, however often it is sent.

An answer may hold what somebody was shown of a resident, and the table stands open: so it lies sealed for whose it is,
and of the request there is a keyed hash, from which nobody finds out by trying what was sent.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.secrecy import CannotOpen, KeyRing, key_ring
from tiercare.kernel.text import Text

from .. import sql
from ..prepared import one_command, prepared

KEEP = timedelta(days=7)
_KEY = re.compile(r"[\x21-\x7e]{8,200}")
_NOBODY = UUID(int=0)
_PORTION = 2_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: status, body, its content type, and where a redirect leads (or ``""``)."""

    status: int
    body: bytes
    content_type: str
    location: str = ""


@dataclass(frozen=True, slots=True)
class KeyedCall:
    """Whose key it is, the key, and a keyed hash of what was asked."""

    owner: UUID
    key: str
    route: str
    fingerprint: bytes


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
        Refused: 400 for a malformed key; 409 while a twin is in flight, or if the work was done and its answer is
            lost; 422 if the key was used for another request.
        RuntimeError: if the work ends without ``call.answer``; it is undone.
    """
    asked = keyed(actor, key=key, route=route, body=body)
    ring = key_ring(settings.HOME)
    with transaction.atomic(), one_command():
        kept = _take(ring, asked)
        call = IdempotentCall(kept)
        yield call
        if kept is None:
            _keep(ring, asked, call.given)


def keyed(actor: Actor, *, key: str, route: str, body: bytes) -> KeyedCall:
    """A request as its key stands for it; for ``idempotent``, and for statements that look after the key themselves.

    Raises:
        Refused: 400 for a malformed key.
    """
    if not _KEY.fullmatch(key):
        raise Refused(_MALFORMED)
    told = hashlib.sha256(route.encode() + b"\0" + body).hexdigest()
    fingerprint = key_ring(settings.HOME).blind("ledger.idempotency", told)
    return KeyedCall(actor.account_id or _NOBODY, key, route, fingerprint)


def _take(ring: KeyRing, asked: KeyedCall) -> Answer | None:
    """Hold the key until the transaction ends, or refuse at once: a twin must not wait, nor run as well.

    Answers what was answered before, if anything was. An answer that does not open any more (the keys were lost) is
    refused: done is done, and is not done again.
    """
    with prepared() as cursor:
        cursor.execute(sql.TAKE_KEY, [asked.owner, asked.key])
        free, body_hash, status, response, content_type, location = cursor.fetchone()
    if not free:
        raise Refused(TWIN)
    if body_hash is None:
        return None
    if bytes(body_hash) != asked.fingerprint:
        raise Refused(OTHER_BODY)
    try:
        given = ring.open_bytes(response, of=_place(asked.owner, asked.key)) if response else b""
    except CannotOpen as error:
        raise Refused(_LOST) from error
    return Answer(status, given, content_type, location)


def _keep(ring: KeyRing, asked: KeyedCall, given: Answer | None) -> None:
    if given is None:
        raise RuntimeError(f"the work behind {asked.route} ended without saying what it answered")
    sealed = ring.seal_bytes(given.body, of=_place(asked.owner, asked.key)) if given.body else b""
    with prepared() as cursor:
        cursor.execute(
            sql.KEEP,
            [
                asked.owner,
                asked.key,
                asked.route,
                asked.fingerprint,
                given.status,
                given.content_type,
                given.location,
                sealed,
            ],
        )


def _place(owner: UUID, key: str) -> str:
    """What an answer is bound to: it opens only for whose it is, under its key."""
    return f"ledger.idempotency:{owner}:{key}"


def reseal_answers() -> int:
    """Seal every kept answer with the present key; returns how many moved. Part of turning the keys, no act of its own.

    Raises:
        CannotOpen: if one does not open.
    """
    ring, moved = key_ring(settings.HOME), 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.KEPT_BEFORE, {"current": ring.current, "limit": _PORTION})
            found = cursor.fetchall()
            places = [(number, _place(owner, key), sealed) for number, owner, key, sealed in found]
            anew = [
                ring.seal_bytes(ring.open_bytes(sealed, of=place), of=place) for _, place, sealed in places
            ]
            cursor.execute(sql.RESEAL, {"ids": [number for number, *_ in found], "sealed": anew})
        moved += len(found)
        if len(found) < _PORTION:
            return moved


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
_LOST = Refusal(
    code="ledger.idempotency_answer_lost",
    message=Text(
        "这次提交已经办理，但答复已不可读。", "This was done, but the answer can no longer be read."
    ),
    instead=Text(
        "请不要重复提交；打开相应的页面查看结果。", "Do not send it again; look at what became of it."
    ),
    at="Idempotency-Key",
    status=409,
)
TWIN_IN_FLIGHT = "ledger.idempotency_twin_in_flight"
TWIN = Refusal(
    code=TWIN_IN_FLIGHT,
    message=Text("同一请求正在处理中。", "The same request is being processed."),
    instead=Text("请稍候片刻，用同一个键重试。", "Wait a moment, then try again with the same key."),
    at="Idempotency-Key",
    status=409,
)
OTHER_BODY = Refusal(
    code="ledger.idempotency_key_reused",
    message=Text(
        "该键已用于另一个内容不同的请求。", "This key was used for another request with other content."
    ),
    instead=Text("请为新的内容换一个新的键。", "Send new content with a new key."),
    at="Idempotency-Key",
    status=422,
)
