"""Taking over residents in bulk: read, staged by COPY, then INSERT … SELECT; bad lines are set aside with the reason.

Row security makes row-by-row writing dear, and a million lines must not take an afternoon: lines are read in
portions, and while one is being written the next is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection, connections

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.network import queries as network
from tiercare.apps.terms import queries as terms
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.secrecy import KeyRing
from tiercare.kernel.text import Text

from .. import events
from ..queries import vault
from ..queries.finding import SUBJECT
from ..rules import Entry, IdentityKind, read_registration
from ..rules.file import KNOWN_ALREADY, TWICE_IN_FILE, Line
from . import importing_sql as sql
from .registering import UNKNOWN_DIVISION

PORTION = 5_000
Read = tuple[int, Line | tuple[Refusal, ...]]
# Rows ready to be staged.
_Portion = list[tuple[Any, ...]]


@dataclass(slots=True)
class Imported:
    """What came of a file: lines taken, lines known already, and the bad ones each with its reasons."""

    taken: int = 0
    known: int = 0
    bad: list[tuple[int, tuple[Refusal, ...]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Written:
    """How many lines became entries, and the numbers of the lines that were known."""

    taken: int
    known: list[int]


@dataclass(frozen=True, slots=True)
class _Where:
    """What reading needs to know of the world on the day."""

    today: date
    institution: UUID
    keepers: Mapping[str, UUID]
    divisions: frozenset[str]
    ring: KeyRing


def import_residents(
    actor: Actor,
    *,
    lines: Iterable[Read],
    institution_id: UUID,
    synthetic: bool = False,
    told: Callable[[Imported], None] = lambda _: None,
) -> Imported:
    """Take over the residents of a file, portion by portion; a portion is written whole or not at all.

    ``institution_id`` registers whoever lives where no primary-care institution is known. Imported twice, a line with
    a number counts as known. ``told`` is called after every portion.

    Raises:
        Refused: if the actor is not the platform itself.
    """
    if actor.account_id is not None:
        raise Refused(ONLY_THE_PLATFORM)
    today = ledger_queries.today()
    keepers = network.primary_care_by_township(on=today)
    where = _Where(today, institution_id, keepers, terms.codes(on=today), vault.ring())
    result, seen = Imported(), set[bytes]()
    portions = _portions(lines, where, seen, result, synthetic)
    if connection.in_atomic_block:  # the caller's transaction is seen by this thread only
        for portion in portions:
            _count(result, _write(actor, portion), told)
        return result
    with ThreadPoolExecutor(max_workers=1) as writer:
        waiting: Future[_Written] | None = None
        for portion in portions:
            if waiting is not None:
                _count(result, waiting.result(), told)
            waiting = writer.submit(_write_apart, actor, portion)
        if waiting is not None:
            _count(result, waiting.result(), told)
    return result


def _portions(
    lines: Iterable[Read], where: _Where, seen: set[bytes], result: Imported, synthetic: bool
) -> Iterator[_Portion]:
    """The good lines, ready to be written; the bad ones go to ``result``."""
    source = iter(lines)
    households: dict[str, UUID] = {}
    while taken := list(islice(source, PORTION)):
        rows: _Portion = []
        for number, line in taken:
            row = line if isinstance(line, tuple) else _row(line, where, seen, households, synthetic)
            if row and isinstance(row[0], Refusal):
                result.bad.append((number, row))
            else:
                rows.append(row)
        yield rows


def _row(
    line: Line, where: _Where, seen: set[bytes], households: dict[str, UUID], synthetic: bool
) -> tuple[Any, ...]:
    """The row to be staged (``importing_sql.STAGE``), or the refusals of the line."""
    entry = read_registration(line.given, today=where.today)
    if not isinstance(entry, Entry):
        return entry
    code = entry.division_code
    if code not in where.divisions and not (len(code) == 12 and code[:9] in where.divisions):
        return (UNKNOWN_DIVISION,)
    ring, key = where.ring, uuid7()
    blind = sealed = None
    if entry.identity is not None:
        blind = ring.blind(entry.identity_kind.value, entry.identity.value)
        if blind in seen:
            return (TWICE_IN_FILE,)
        seen.add(blind)
        sealed = ring.seal(entry.identity.value, of=vault.place(key, entry.identity_kind.value))
    phone = phone_blind = None
    if entry.phone is not None:
        phone = ring.seal(entry.phone.value, of=vault.place(key, IdentityKind.PHONE.value))
        phone_blind = ring.blind(IdentityKind.PHONE.value, entry.phone.value)
    address = ring.seal(entry.address, of=vault.place(key, "address")) if entry.address else None
    keeper = where.keepers.get(code[:9])
    home = households.setdefault(line.household, uuid7()) if line.household else None
    return (
        line.number, key, entry.name, entry.sex.value, entry.birth_date, entry.nation, code, address,
        entry.identity_kind.value, sealed, blind, uuid7(), phone, phone_blind, uuid7(),
        keeper or where.institution, keeper is not None, entry.temporary, synthetic,
        ["", *entry.tokens], list(entry.keys), home, line.relation.value,
    )  # fmt: skip


def _write_apart(actor: Actor, portion: _Portion) -> _Written:
    """Write in a thread of its own, on a connection of its own."""
    try:
        return _write(actor, portion)
    finally:
        connections["default"].close()


def _write(actor: Actor, portion: _Portion) -> _Written:
    """Stage the portion, set aside whoever is known, write the rest, tell the ledger: one transaction."""
    with scoped(actor, area=EVERYWHERE), connection.cursor() as cursor:
        cursor.execute(sql.CREATE_STAGE)
        assert connection.connection is not None
        with connection.connection.cursor().copy(sql.COPY_STAGE) as copy:
            copy.set_types(sql.STAGE_TYPES)
            for row in portion:
                copy.write_row(row)
        cursor.execute(sql.DROP_KNOWN)
        known = [number for (number,) in cursor.fetchall()]
        for statement in sql.WRITE:
            cursor.execute(statement)
        taken = len(portion) - len(known)
        ledger.append(
            actor,
            events.ResidentsImported(taken=taken, known=len(known)),
            subject_type=SUBJECT,
            subject_id=uuid7(),
        )
    return _Written(taken, known)


def _count(result: Imported, written: _Written, told: Callable[[Imported], None]) -> None:
    result.taken += written.taken
    result.known += len(written.known)
    result.bad += [(number, (KNOWN_ALREADY,)) for number in written.known]
    told(result)


ONLY_THE_PLATFORM = Refusal(
    code="residents.import_by_platform",
    message=Text("成批导入只能在服务器上进行。", "Bulk imports are run on the server only."),
    instead=Text(
        "请由平台管理员运行 tiercare residents import。", "Ask the operator to run tiercare residents import."
    ),
    status=403,
)
