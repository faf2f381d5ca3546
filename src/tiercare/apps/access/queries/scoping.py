"""The second wall: what row-level security lets this transaction see.

The serving role owns no table; policies on every table with residents' data (ledger migration 0002) compare
columns of a row with three settings of the transaction. Unset, they show nothing; set locally, they end with
the transaction, so a pooled connection carries nothing over to the next request.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from tiercare.apps.ledger.prepared import in_one_command, prepared
from tiercare.kernel.actor import Actor

_SET = (
    "SELECT set_config('tiercare.scope', %s, true), set_config('tiercare.persons', %s, true),"
    " set_config('tiercare.area', %s, true)"
)
_NAME = "tiercare_wall"
# Only for the platform's own work on the whole index (importing, hunting duplicates, turning keys).
EVERYWHERE = "*"


@dataclass(frozen=True, slots=True)
class _Wall:
    scope: frozenset[UUID] = frozenset()
    persons: frozenset[UUID] = frozenset()
    area: str = ""


@contextmanager
def scoped(
    actor: Actor,
    *,
    also: Collection[UUID] = (),
    persons: Collection[UUID] = (),
    area: str = "",
    whole: bool = False,
) -> Iterator[None]:
    """A transaction that sees the rows of the actor's institution, of these persons and of this area.

    ``also`` are further organisations the actor acts for (the consortia of the institution, as the caller has
    looked them up); ``persons`` the entries of the one person that may be read now; ``area`` a division code
    for those whose right reaches by area. Inside another ``scoped`` the inner one counts until it ends. ``whole``: what it
    stands in, another one or the transaction of a single command, fails with it; no savepoint is laid, which costs more
    than most statements.

    Raises:
        ValueError: if ``area`` is everywhere and the actor is not the platform itself.
    """
    if area == EVERYWHERE and actor.account_id is not None:
        raise ValueError("only the platform itself works on the whole index")
    inside = connection.in_atomic_block
    before: _Wall = getattr(connection, _NAME, _Wall()) if inside else _Wall()
    wall = _Wall(frozenset((*_own(actor), *also)), frozenset(persons), area)
    with transaction.atomic(savepoint=not (whole and (before != _Wall() or in_one_command()))):
        try:
            if wall != before:
                _raise_wall(wall)
            yield
            if (
                inside and wall != before
            ):  # a transaction of our own, or one that fails, takes its settings back by itself
                _raise_wall(before)
        finally:
            setattr(connection, _NAME, before)


def wall_of(actor: Actor, *, persons: Collection[UUID] = ()) -> tuple[str, str]:
    """The settings ``tiercare.scope`` and ``tiercare.persons`` of ``scoped``, for a statement that sets them itself.

    Such a statement is a transaction of its own, so they end with it.
    """
    return _array(_own(actor)), _array(persons)


def _own(actor: Actor) -> tuple[UUID, ...]:
    return () if actor.institution_id is None else (actor.institution_id,)


def _raise_wall(wall: _Wall) -> None:
    with prepared() as cursor:
        cursor.execute(_SET, [_array(wall.scope), _array(wall.persons), wall.area])
    setattr(connection, _NAME, wall)


def _array(ids: Collection[UUID]) -> str:
    return "{" + ",".join(str(each) for each in ids) + "}"
