"""Withdrawn entries: the one place where the wall shows them, and what is asked about them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import prepared, rows
from tiercare.apps.ledger.queries.windows import readings_of
from tiercare.apps.network import queries as network
from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.queries.finding import Least
from tiercare.apps.residents.queries.record import identity_of
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..rules.withdrawing import NO_SUCH_ENTRY, What
from .ours import guidelines_at

_SHOW = "SELECT set_config('tiercare.withdrawn', %s, true)"
TABLES: Mapping[What, str] = {
    What.VISIT: "records_encounter",
    What.DOCUMENT: "records_document",
    What.CONDITION: "records_condition",
    What.READING: "records_observation",
    What.DRUG: "records_medication",
}
# What an entry is called, in one line.
_TITLES: Mapping[What, str] = {
    What.VISIT: "concat_ws(' · ', nullif(e.complaint, ''), (SELECT string_agg(c.code || ' ' || c.name, '；' ORDER BY c.role, c.id)"
    " FROM records_condition c WHERE c.encounter_id = e.id))",
    What.DOCUMENT: "e.title",
    What.CONDITION: "e.code || ' ' || e.name",
    What.READING: "concat_ws(' ', coalesce(nullif(e.name, ''), %(facts)s::jsonb ->> e.item, e.item),"
    " trim_scale(e.value)::text, nullif(e.words, ''), e.unit)",
    What.DRUG: "concat_ws(' ', e.name, e.dose)",
}
_DAYS: Mapping[What, str] = {
    What.VISIT: "e.started_at",
    What.DOCUMENT: "e.dated_at",
    What.CONDITION: "e.noted_at",
    What.READING: "e.taken_at",
    What.DRUG: "e.made_at",
}
# Whether the platform holds a file of it.
_FILES: Mapping[What, str] = {What.DOCUMENT: "e.content IS NOT NULL"}
_ONE = """
SELECT e.id, e.resident_id, e.source, e.made_at, {at} AS at, {title} AS title, e.withdrawn_at, e.withdrawn_reason,
       e.withdrawn_by_name, e.replaced_by, e.institution_id, {file} AS file
FROM {table} e WHERE e.id = %(id)s AND e.institution_id = %(institution)s
"""
# A visit takes with it what was found at it, a report its values.
_PARTS: Mapping[What, Mapping[What, str]] = {
    What.VISIT: {
        What.CONDITION: "e.encounter_id = %(id)s",
        What.READING: "e.encounter_id = %(id)s",
        What.DRUG: "e.encounter_id = %(id)s",
        What.DOCUMENT: "e.encounter_id = %(id)s",
    },
    What.DOCUMENT: {What.READING: "e.document_id = %(id)s"},
}
_PART = """
SELECT e.id, {title} AS title, e.withdrawn_at AS at, e.withdrawn_reason AS reason, e.institution_id,
       {file} AS file
FROM {table} e WHERE {which} AND e.institution_id = %(institution)s ORDER BY e.id
"""
_AMONG = "SELECT id, at, reason, institution_id FROM records_withdrawn(%(ids)s::uuid[])"
_WITH = """
SELECT %(id)s::uuid AS id
UNION SELECT id FROM records_condition WHERE encounter_id = %(id)s AND withdrawn_at IS NOT NULL
UNION SELECT id FROM records_medication WHERE encounter_id = %(id)s AND withdrawn_at IS NOT NULL
UNION SELECT id FROM records_document WHERE encounter_id = %(id)s AND withdrawn_at IS NOT NULL
UNION SELECT id FROM records_observation WHERE withdrawn_at IS NOT NULL
    AND (encounter_id = %(id)s OR document_id = %(id)s
         OR document_id IN (SELECT id FROM records_document WHERE encounter_id = %(id)s))
"""
# The parts of a record in which an entry shows.
_SHOWN_IN = frozenset(
    {"record", "package", "document", "criteria", "control", "going_down", "case", "request"}
)
_READERS = 200


@dataclass(frozen=True, slots=True)
class Gone:
    """That an entry was withdrawn, and why."""

    at: datetime
    reason: str
    institution_id: UUID


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who had the record open while the entry stood in it; the last time."""

    name: str
    institution: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """What belongs to an entry and can be withdrawn by itself; ``file``: a document that the platform holds."""

    what: What
    id: UUID
    title: str
    gone: Gone | None
    file: bool


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """An entry of the actor's institution: what it is and has (``parts``), whether it stands, and who else has read the
    record since it was made. ``gone`` is empty while it stands; ``replaced_by`` came in its place; ``file`` as in ``Part``."""

    what: What
    id: UUID
    who: Least
    resident_id: UUID
    at: datetime
    made_at: datetime
    title: str
    parts: tuple[Part, ...]
    gone: Gone | None
    by_name: str
    replaced_by: UUID | None
    file: bool
    readers: tuple[Reader, ...]


@contextmanager
def withdrawn_shown() -> Iterator[None]:
    """Within it the wall shows withdrawn entries too. The caller stands in ``scoped``; the setting ends with it."""
    with prepared() as cursor:
        cursor.execute(_SHOW, ["shown"])
    yield
    with prepared() as cursor:  # a transaction that fails takes it back by itself
        cursor.execute(_SHOW, [""])


def withdrawn_among(ids: Collection[UUID]) -> Mapping[UUID, Gone]:
    """Which of these entries were withdrawn. The caller holds a copy of them, which somebody was shown before: nothing is
    told here but that they no longer hold, and why."""
    return {
        row["id"]: Gone(row["at"], row["reason"], row["institution_id"])
        for row in (rows(_AMONG, ids=list(ids)) if ids else ())
    }


def withdrawn_with(entry_id: UUID) -> frozenset[UUID]:
    """The withdrawn entry and all that went with it. The caller stands in ``scoped`` to the person."""
    with withdrawn_shown():
        return frozenset(row["id"] for row in rows(_WITH, id=entry_id))


def own_entry(actor: Actor, what: What, entry_id: UUID) -> OwnEntry:
    """An entry that the actor's institution made, standing or withdrawn; the reading is recorded.

    Raises:
        Refused: without the right, or if it is not the institution's.
    """
    refuse(access.may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id))
    assert actor.institution_id is not None
    book = guidelines_at(actor.institution_id, on=ledger.today())
    facts = {} if book is None else {key: each.name.zh for key, each in book.facts.items()}
    asked = {"id": entry_id, "institution": actor.institution_id, "facts": json.dumps(facts)}
    statement = _ONE.format(
        table=TABLES[what], title=_TITLES[what], at=_DAYS[what], file=_FILES.get(what, "false")
    )
    with scoped(actor), withdrawn_shown():
        found = rows(statement, **_only(statement, asked))
        if not found:
            raise Refused(NO_SUCH_ENTRY)
        (row,) = found
        parts = tuple(
            Part(part, each["id"], each["title"], _gone(each), each["file"])
            for part, which in _PARTS.get(what, {}).items()
            for each in _parts(part, which, asked)
        )
    persons, who = whose(actor, row["resident_id"], what="record")
    with scoped(actor, persons=persons):
        readers = _readers(actor, persons, row["made_at"], row["withdrawn_at"])
    return OwnEntry(
        what=what,
        id=row["id"],
        who=who,
        resident_id=row["resident_id"],
        at=row["at"],
        made_at=row["made_at"],
        title=row["title"],
        parts=parts,
        gone=_gone({**row, "at": row["withdrawn_at"], "reason": row["withdrawn_reason"]}),
        by_name=row["withdrawn_by_name"],
        replaced_by=row["replaced_by"],
        file=row["file"],
        readers=readers,
    )


def whose(actor: Actor, resident_id: UUID, *, what: str) -> tuple[tuple[UUID, ...], Least]:
    """Whose an entry of the actor's institution is, all entries of the person and their name: in full while the institution
    looks after them, masked afterwards. The reading (of ``what``) is recorded; nothing else of the record opens by it."""
    ground = residents.ground_to_book(resident_id, booker=actor.institution_id, on=ledger.today())
    persons = residents.person_of(resident_id)
    (least,) = residents.least_of(persons[:1])
    if ground.known:
        with residents.opened(actor, resident_id, what=what) as opened:
            return persons, replace(least, name=identity_of(opened, ledger.today()).name)
    with scoped(actor):
        residents.record_listed(actor, what, [resident_id])
    return persons, least


def _readers(
    actor: Actor, persons: Sequence[UUID], since: datetime, until: datetime | None
) -> tuple[Reader, ...]:
    """Who else had it before their eyes, each once with the last time."""
    found: dict[Any, Any] = {}
    for each in readings_of(persons, not_by=actor.account_id, limit=_READERS):
        inside = since <= each.at and (until is None or each.at < until)
        if inside and not each.refused and each.what in _SHOWN_IN:
            found.setdefault((each.actor_id, each.institution_id), each)
    places = {each.institution_id for each in found.values() if each.institution_id is not None}
    names = network.names_of_institutions(places, on=ledger.today())
    return tuple(
        Reader(each.actor_name, names.get(each.institution_id, ""), each.at) for each in found.values()
    )


def _parts(part: What, which: str, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    statement = _PART.format(
        table=TABLES[part], title=_TITLES[part], which=which, file=_FILES.get(part, "false")
    )
    return rows(statement, **_only(statement, asked))


def _only(statement: str, offered: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in offered.items() if f"%({key})s" in statement}


def _gone(row: Mapping[str, Any]) -> Gone | None:
    return None if row["at"] is None else Gone(row["at"], row["reason"], row["institution_id"])
