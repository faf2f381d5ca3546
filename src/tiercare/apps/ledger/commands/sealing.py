"""Sealing events into the hash chain, and signing its head."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from .. import chain, checkpoints, sql
from ..models import Checkpoint

# Two numbers of our own, so that the lock never meets the one-number locks of idempotency keys.
_SEALER_LOCK = (0x7469, 0x6572)
BATCH = 5000
CHECKPOINT_EVERY = timedelta(seconds=10)


def seal(*, limit: int = BATCH) -> int:
    """Give every committed event that waits its position in the chain, oldest first; returns how many.

    One sealer at a time: a second one finds the lock taken and returns 0. An event whose transaction commits
    late simply gets a later position. The database takes only what continues the chain (migration 0003).
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if not _sealer_lock(cursor):
            return 0
        cursor.execute(sql.SEAL_HEAD)
        position, digest = cursor.fetchone() or (0, chain.GENESIS)
        cursor.execute(sql.UNSEALED, {"limit": limit})
        rows = cursor.fetchall()
        hashes: list[bytes] = []
        for row in rows:
            hashes.append(chain.link(hashes[-1] if hashes else bytes(digest), chain.canonical(row)))
        if rows:
            events = [UUID(row[0]) for row in rows]
            cursor.execute(
                sql.SEAL,
                {"after": position, "previous": bytes(digest), "events": events, "hashes": hashes},
            )
    return len(rows)


def checkpoint(*, every: timedelta = CHECKPOINT_EVERY) -> int | None:
    """Sign the head of the chain if it has moved and the last signature is older than ``every``.

    The line goes to ``HOME/checkpoints.jsonl`` before the row is committed, so the file never holds less than
    the table; the head itself was committed before. Returns the signed position, or ``None`` if there was
    nothing to sign.

    Raises:
        PermissionError: if the signing key is lost or open to others (see ``checkpoints.signing_key``).
        OSError: if the file cannot be written; nothing is signed then.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if not _sealer_lock(cursor):
            return None
        cursor.execute(sql.SEAL_HEAD)
        head = cursor.fetchone()
        last = Checkpoint.objects.order_by("-position").first()
        cursor.execute("SELECT clock_timestamp()")
        (at,) = cursor.fetchone()
        if head is None or (last and (head[0] <= last.position or at - last.at < every)):
            return None
        signed = checkpoints.sign(settings.HOME, position=head[0], digest=bytes(head[1]), at=at)
        checkpoints.append(settings.HOME, signed)
        Checkpoint.objects.create(position=head[0], hash=signed.hash, at=at, signature=signed.signature)
        return signed.position


def _sealer_lock(cursor: CursorWrapper) -> bool:
    """Take the sealer's lock until the transaction ends; the caller reads the head in a later statement."""
    cursor.execute(sql.TRY_SEALER_LOCK, _SEALER_LOCK)
    return bool(cursor.fetchone()[0])
