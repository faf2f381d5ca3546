"""The history of a pool (XH-16): who changed what and when, as the ledger tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.actor import Actor

from ..events import PoolKept, WeekKept
from .keeping import pool_of

# Ours: what fits below a form; the whole trail is the auditor's.
MOST = 50


@dataclass(frozen=True, slots=True)
class Change:
    """A field of a pool before and after; empty is nothing. Shares and details are JSON, references ids."""

    field: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One act: the pool entered (``new``) or changed, or lines of its week taken out and put in."""

    at: datetime
    who: str
    new: bool
    changes: tuple[Change, ...]
    removed: tuple[str, ...]
    added: tuple[str, ...]


def pool_history(actor: Actor, pool_id: UUID, *, limit: int = MOST) -> list[Entry]:
    """What was done to a pool and its week, latest first.

    Raises:
        Refused: as ``keeping.pool_of``.
    """
    pool_of(actor, pool_id)
    return [
        _entry(event)
        for event in ledger.events(kind="capacity.", subject_id=pool_id, limit=limit)
        if event.kind in {PoolKept.KIND, WeekKept.KIND}
    ]


def _entry(event: Any) -> Entry:
    told = event.payload
    was, now = told.get("was") or {}, told.get("now") or {}
    return Entry(
        at=event.at,
        who=event.actor_name,
        new=event.kind == PoolKept.KIND and not was,
        # Of events from before their content was kept the names of the fields are known.
        changes=tuple(
            Change(name, was.get(name, ""), now.get(name, "")) for name in told.get("fields", now) if was
        ),
        removed=tuple(told.get("removed", ())),
        added=tuple(told.get("added", ())),
    )
