"""Appending events."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

from .. import handlers, sql
from ..events import EventPayload, encode
from ..models import Event


def append(
    actor: Actor,
    payload: EventPayload,
    *,
    subject_type: str,
    subject_id: UUID,
    institution_id: UUID | None = None,
    division_code: str | None = None,
    clauses: Sequence[str] = (),
) -> Event:
    """Write what happened, and a delivery for every handler of its kind, in the caller's transaction.

    ``subject_type`` and ``subject_id`` name what it happened to, e.g. ``"network.institution"``;
    ``institution_id`` and ``division_code`` whom it concerns; ``clauses`` the clauses it rests on. The caller
    holds the lock on the subject's row: that is what puts the events of one subject in order.

    Raises:
        RuntimeError: outside a transaction: an event without its change, or a change without its event, must
            not be possible.
        TypeError, ValueError: if the payload holds what an event cannot hold (see ``events.encode``).
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"append({payload.KIND}) needs the transaction of the change that it tells of")
    columns: dict[str, object] = {
        "id": uuid7(),
        "kind": payload.KIND,
        "version": payload.VERSION,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "institution_id": institution_id,
        "division_code": division_code,
        "actor_id": actor.account_id,
        "actor_name": actor.name,
        "actor_role": actor.role,
        "channel": actor.channel,
        "request_id": actor.request_id,
        "clauses": list(clauses),
        "payload": encode(payload),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            sql.APPEND,
            columns | {"payload": Jsonb(columns["payload"]), "handlers": handlers.names_for(payload.KIND)},
        )
        sequence, at, _ = cursor.fetchone()
    return Event(**columns, sequence=sequence, at=at)
