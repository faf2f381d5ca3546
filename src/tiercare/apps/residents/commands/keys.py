"""Turning the keys: everything sealed with an older key is sealed anew, then the older keys are forgotten.

Can be stopped at any moment and run again: each value says with which key it was sealed, and all keys open until the
last value has moved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from psycopg import sql

from tiercare.apps.access import commands as access
from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.ledger import commands as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.secrecy import add_key, drop_keys
from tiercare.kernel.text import Text

from .. import events
from ..queries import vault
from ..queries.finding import SUBJECT

_PORTION = 2_000


@dataclass(frozen=True, slots=True)
class _Column:
    """A sealed column; ``entry`` and ``field`` are the columns, or the word, that say what a value is bound to."""

    table: str
    column: str
    entry: str
    field: str


SEALED: tuple[_Column, ...] = (
    _Column("residents_resident", "address_sealed", "id", "'address'"),
    _Column("residents_resident", "identity_sealed", "id", "identity_kind"),
    _Column("residents_resident", "phone_sealed", "id", "'phone'"),
    _Column("residents_identifier", "sealed", "resident_id", "kind"),
    _Column("residents_guardianship", "phone_sealed", "id", "'phone'"),
)
_OLD = """
SELECT id, {entry}, {field}, {column} FROM {table}
WHERE {column} IS NOT NULL AND get_byte({column}, 0) * 256 + get_byte({column}, 1) < %(current)s
ORDER BY id LIMIT %(limit)s FOR UPDATE
"""
_NEW = """
UPDATE {table} t SET {column} = new.sealed FROM unnest(%(ids)s::uuid[], %(sealed)s::bytea[]) AS new (id, sealed)
WHERE t.id = new.id
"""


def turn_keys(actor: Actor, *, told: Callable[[int], None] = lambda _: None) -> int:
    """Make a new key, seal everything anew with it, forget the older ones; returns how many values moved.

    Blind indexes keep their key. ``told`` is called after every portion with the number so far.

    Raises:
        Refused: if the actor is not the platform itself.
        CannotOpen: if a value does not open; nothing is forgotten then.
    """
    if actor.account_id is not None:
        raise Refused(BY_THE_PLATFORM)
    add_key(settings.HOME)
    current, moved = vault.ring().current, access.reseal_second_factors() + ledger.reseal_answers()
    for column in SEALED:
        while portion := _move(actor, column, current):
            moved += portion
            told(moved)
    drop_keys(settings.HOME, before=current)
    with scoped(actor):
        ledger.append(
            actor,
            events.KeysTurned(number=current, values=moved),
            subject_type=SUBJECT,
            subject_id=stable_id("residents", "keys"),
        )
    return moved


def _move(actor: Actor, column: _Column, current: int) -> int:
    """One portion of a column, in a transaction of its own; 0 when nothing older is left."""
    ring = vault.ring()
    parts = {
        "table": sql.Identifier(column.table),
        "column": sql.Identifier(column.column),
        "entry": sql.Identifier(column.entry),
        "field": sql.SQL(column.field),
    }
    with scoped(actor, area=EVERYWHERE), connection.cursor() as cursor:
        cursor.execute(sql.SQL(_OLD).format(**parts), {"current": current, "limit": _PORTION})
        found = cursor.fetchall()
        places = [(key, vault.place(entry, field), sealed) for key, entry, field, sealed in found]
        anew = [ring.seal(ring.open(sealed, of=place), of=place) for _, place, sealed in places]
        cursor.execute(sql.SQL(_NEW).format(**parts), {"ids": [key for key, *_ in found], "sealed": anew})
    return len(found)


BY_THE_PLATFORM = Refusal(
    code="residents.keys_by_platform",
    message=Text("更换密钥只能在服务器上进行。", "Keys are turned on the server only."),
    instead=Text("请运行 tiercare residents turn-keys。", "Run tiercare residents turn-keys there."),
    status=403,
)
