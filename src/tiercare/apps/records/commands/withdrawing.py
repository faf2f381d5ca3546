"""Withdrawing what was entered in error. It stays stored; the wall hides it from every reading but that of who made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import connection

from tiercare.apps.access import commands as access_commands
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused, refuse

from .. import events
from ..queries.withdrawn import TABLES, withdrawn_shown
from ..rules import checking, refusals
from ..rules.withdrawing import (
    CAME_AGAIN,
    CORRECTED,
    LONGEST_REASON,
    NO_REASON,
    NO_SUCH_ENTRY,
    REASON,
    WITHDRAWN_ALREADY,
    What,
)
from .episodes import settle
from .ground import SUBJECT, one_at_a_time, own_place

_LOCKED = """
SELECT id, resident_id, withdrawn_at FROM {table} WHERE id = %(id)s AND institution_id = %(institution)s FOR UPDATE
"""
_OUT = """
UPDATE {table} SET withdrawn_at = tiercare_now(), withdrawn_reason = %(reason)s, withdrawn_by_name = %(by)s,
       replaced_by = %(replaced_by)s {more}
WHERE {which} AND institution_id = %(institution)s AND withdrawn_at IS NULL
"""
# The mark that somebody is ready to go down goes with the visit: nobody is ready by a visit that was not theirs.
_MORE = {What.VISIT: ", stage = '', stage_at = NULL"}
# What goes with a visit, in the order in which it must go; with a report go its values.
_WITH: dict[What, tuple[tuple[What, str], ...]] = {
    What.VISIT: (
        (What.CONDITION, "encounter_id = %(id)s"),
        (What.DRUG, "encounter_id = %(id)s"),
        (
            What.READING,
            "(encounter_id = %(id)s OR document_id IN (SELECT id FROM records_document WHERE encounter_id = %(id)s))",
        ),
        (What.DOCUMENT, "encounter_id = %(id)s"),
    ),
    What.DOCUMENT: ((What.READING, "document_id = %(id)s"),),
}
_KEPT = "UPDATE records_document SET encounter_id = %(replaced_by)s WHERE encounter_id = %(id)s AND institution_id = %(institution)s"
# A visit whose main diagnosis was wrong opens no episode of it.
_NO_PROBLEM = """
UPDATE records_encounter SET problem = ''
WHERE id = (SELECT encounter_id FROM records_condition WHERE id = %(id)s AND role = 'MAIN')
"""
_BY_KEY = """
SELECT id, resident_id, digest, withdrawn_at, replaced_by FROM {table}
WHERE institution_id = %(institution)s AND source = %(source)s AND source_key = %(key)s
ORDER BY withdrawn_at DESC NULLS FIRST, id DESC
"""


@dataclass(frozen=True, slots=True)
class Message:
    """What a sending system told: under which key, of whom (all entries), in which words (``digest``); ``corrects`` says
    that it is to stand in the place of what came under this key before."""

    institution_id: UUID
    source: str
    source_key: str
    persons: Sequence[UUID]
    digest: str
    corrects: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """The row for a message: a new id, or that of the row which stands there already."""

    id: UUID
    known: bool


def withdraw(actor: Actor, *, what: What, entry_id: UUID, reason: str) -> int:
    """Withdraw an entry of the actor's institution as entered in error; with a visit goes what was found at it, with a
    report its values. Answers how many lines went with it.

    The ground to read the record that a visit gave ends at once. Requests keep the package that they were sent with;
    their readers see what of it was withdrawn.

    Raises:
        Refused: without the right; without a reason; if it is not the institution's, or was withdrawn already.
    """
    own_place(actor)
    refuse(None if reason.strip() else NO_REASON, *checking.too_long({REASON: (reason, LONGEST_REASON)}))
    with scoped(actor):
        found = _locked(actor, what, entry_id)
        return _out(actor, what, entry_id, found, reason.strip())


def withdraw_by_key(actor: Actor, *, what: What, source: str, source_key: str, reason: str) -> int:
    """The same for a sending system, which knows a visit or a report by its own key.

    Raises:
        Refused: as ``withdraw``.
    """
    own_place(actor)
    with scoped(actor), withdrawn_shown():
        found = _by_key(what, actor.institution_id, source, source_key)
    if not found:
        raise Refused(NO_SUCH_ENTRY)
    return withdraw(actor, what=what, entry_id=found[0]["id"], reason=reason)


def place_for(actor: Actor, what: What, said: Message) -> Place:
    """Where a message goes: the row that it made before, or a new one, for which a corrected one makes room. The caller
    stands in ``scoped``.

    Raises:
        Refused: if the key was used for something else (``records.key_taken``), or for the same that was withdrawn.
    """
    new = Place(uuid7(), known=False)
    if not said.source_key:
        return new
    one_at_a_time(said.institution_id, said.source, said.source_key)
    with withdrawn_shown():
        found = _by_key(what, said.institution_id, said.source, said.source_key)
    for row in found:
        of_them = row["resident_id"] in said.persons
        same = of_them and row["digest"] == said.digest
        if row["withdrawn_at"] is not None:
            # A correction that came back to the first words is one; a repeated message is not.
            refuse(
                replace(CAME_AGAIN, fields={"key": said.source_key}) if same and not said.corrects else None
            )
        elif same:
            return Place(row["id"], known=True)
        elif not said.corrects:
            raise Refused(replace(refusals.KEY_TAKEN, fields={"key": said.source_key}))
        else:
            _out(actor, what, row["id"], row, CORRECTED, replaced_by=new.id, keeps_papers=of_them)
    return new


def _by_key(what: What, institution_id: UUID | None, source: str, source_key: str) -> list[dict[str, Any]]:
    if what not in {What.VISIT, What.DOCUMENT} or not source_key:
        return []
    statement = _BY_KEY.format(table=TABLES[what])
    return rows(statement, institution=institution_id, source=source, key=source_key)


def _locked(actor: Actor, what: What, entry_id: UUID) -> dict[str, Any]:
    with withdrawn_shown():
        found = rows(_LOCKED.format(table=TABLES[what]), id=entry_id, institution=actor.institution_id)
    if not found:
        raise Refused(NO_SUCH_ENTRY)
    if found[0]["withdrawn_at"] is not None:
        raise Refused(WITHDRAWN_ALREADY)
    return found[0]


def _out(
    actor: Actor,
    what: What,
    entry_id: UUID,
    row: dict[str, Any],
    reason: str,
    *,
    replaced_by: UUID | None = None,
    keeps_papers: bool = False,
) -> int:
    """Take it out with what belongs to it. ``keeps_papers``: reports of a corrected visit stay, with the new one."""
    values = {
        "id": entry_id,
        "institution": actor.institution_id,
        "reason": reason,
        "by": actor.name[:50],
        "replaced_by": replaced_by,
    }
    lines = 0
    with withdrawn_shown(), connection.cursor() as cursor:
        if keeps_papers and what is What.VISIT:
            cursor.execute(_KEPT, values)
        for part, which in _WITH.get(what, ()):
            cursor.execute(
                _OUT.format(table=TABLES[part], which=which, more=""), {**values, "replaced_by": None}
            )
            lines += cursor.rowcount
        cursor.execute(_OUT.format(table=TABLES[what], which="id = %(id)s", more=_MORE.get(what, "")), values)
        if what is What.CONDITION:
            cursor.execute(_NO_PROBLEM, values)
    if what in {What.VISIT, What.CONDITION}:
        settle(residents.person_of(row["resident_id"]))
    if what is What.VISIT:
        access_commands.end_relation(actor, kind=Basis.ENCOUNTER, source_id=entry_id)
    ledger.append(
        actor,
        events.EntryWithdrawn(what=what.value, entry_id=entry_id, lines=lines, replaced_by=replaced_by),
        subject_type=SUBJECT,
        subject_id=row["resident_id"],
        institution_id=actor.institution_id,
        division_code=actor.division_code,
    )
    return lines
