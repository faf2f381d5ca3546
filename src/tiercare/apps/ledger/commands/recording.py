"""Appending events, those of reading among them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

from .. import handlers, sql
from ..events import READ, EventPayload, encode
from ..models import Event
from ..prepared import prepared


def append(
    actor: Actor,
    payload: EventPayload,
    *,
    subject_type: str,
    subject_id: UUID,
    institution_id: UUID | None = None,
    division_code: str | None = None,
    clauses: Sequence[str] = (),
    residents: Sequence[UUID] = (),
) -> Event:
    """Write what happened, and a delivery for every handler of its kind, in the caller's transaction.

    ``subject_type`` and ``subject_id`` name what it happened to, e.g. ``"network.institution"``;
    ``institution_id`` and ``division_code`` whom it concerns; ``clauses`` the clauses it rests on;
    ``residents`` whose records were read by it (see ``record_read``). The caller holds the lock on the
    subject's row: that is what puts the events of one subject in order.

    Raises:
        RuntimeError: outside a transaction: an event without its change, or a change without its event, must
            not be possible.
        TypeError, ValueError: if the payload holds what an event cannot hold (see ``events.encode``), or names
            other residents than ``residents``.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"append({payload.KIND}) needs the transaction of the change that it tells of")
    columns = _columns(actor, payload, residents) | {
        "subject_type": subject_type,
        "subject_id": subject_id,
        "institution_id": institution_id,
        "division_code": division_code,
        "clauses": list(clauses),
    }
    sequence, at = _send(sql.APPEND, columns, residents)
    return Event(**columns, sequence=sequence, at=at)


def record_read(
    actor: Actor,
    payload: EventPayload,
    *,
    residents: Sequence[UUID],
    subject_type: str,
    subject_id: UUID,
    institution_id: UUID | None = None,
    division_code: str | None = None,
) -> UUID:
    """Write that the records of ``residents`` were read, or were asked for in vain; answers the event's id.

    The one thing that a request which only looks may write; inside a transaction or as one of its own. Whose
    records they were stands in the payload under ``residents`` (where the chain covers it; it is put there if
    the payload has no such field), and in ``Reading``, one row a person, where ``queries.readings`` finds it.

    Raises:
        TypeError, ValueError: as ``append``.
    """
    columns = _columns(actor, payload, residents) | {
        "subject_type": subject_type,
        "subject_id": subject_id,
        "institution_id": institution_id,
        "division_code": division_code,
        "clauses": [],
    }
    _send(sql.APPEND_READING, columns, residents)
    return columns["id"]


def _columns(actor: Actor, payload: EventPayload, residents: Sequence[UUID]) -> dict[str, Any]:
    """The columns of an event that its actor and payload fill."""
    return {
        "id": uuid7(),
        "kind": payload.KIND,
        "version": payload.VERSION,
        "actor_id": actor.account_id,
        "actor_name": actor.name,
        "actor_role": actor.role,
        "channel": actor.channel,
        "request_id": actor.request_id,
        "payload": _naming(encode(payload), payload.KIND, residents),
    }


def _naming(encoded: dict[str, object], kind: str, residents: Sequence[UUID]) -> dict[str, object]:
    """The payload with whose records were read, each once, in order.

    A list called ``residents`` is that of the people whose records were read, in every payload; a number may
    be called so too.
    """
    told = encoded.get(READ)
    named = [str(each) for each in sorted(set(residents))]
    if isinstance(told, list) and set(told) != set(named):
        raise ValueError(f"{kind}: {READ} names others than those whose records were read; pass residents=")
    if named and told is not None and not isinstance(told, list):
        raise ValueError(f"{kind}: {READ} is not the list of those whose records were read")
    return encoded | {READ: named} if named else encoded


def _send(statement: str, columns: dict[str, Any], residents: Sequence[UUID]) -> tuple[int, datetime]:
    """One round trip; answers the event's number and moment."""
    sent = {
        "payload": Jsonb(columns["payload"]),
        "handlers": handlers.names_for(columns["kind"]),
        "residents": sorted(set(residents)),
    }
    with prepared() as cursor:
        cursor.execute(statement, columns | sent)
        sequence, at = cursor.fetchone()
    return sequence, at
