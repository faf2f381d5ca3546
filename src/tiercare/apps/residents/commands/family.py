"""Households and guardians. Nothing is deleted: what was entered by mistake today ends with an empty period."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refusal, Refused, refuse

from .. import events, sql
from ..queries import vault
from ..queries.finding import SUBJECT
from ..queries.opening import Opened, opened, person_of
from ..rules import IdentityKind, Relation, read_number, tidy
from ..rules.families import (
    ALREADY_IN_HOUSEHOLD,
    GUARDIAN_NOWHERE,
    GUARDIAN_ONESELF,
    HEAD_CANNOT_LEAVE,
    HEAD_TAKEN,
    HOUSEHOLD_KEPT_ELSEWHERE,
    NO_SUCH_GUARDIAN,
    NOT_IN_HOUSEHOLD,
    guardian_refusal,
    until_of_age,
)
from .correcting import changing

_ENTRY = "SELECT institution_id, division_code FROM residents_resident WHERE id = %(id)s FOR UPDATE"
_CURRENT = """
SELECT m.id, m.household_id, m.resident_id, m.relation, m.institution_id, lower(m.period) AS since
FROM residents_householdmember m
WHERE m.resident_id = ANY (%(persons)s) AND m.period @> %(on)s::date
FOR UPDATE
"""
_MEMBERS = """
SELECT m.id, m.household_id, m.resident_id, m.relation FROM residents_householdmember m
WHERE m.household_id = %(household)s AND m.period @> %(on)s::date
ORDER BY m.id FOR UPDATE
"""
_HOUSEHOLD = "INSERT INTO residents_household (id, institution_id, division_code) VALUES (%(id)s, %(institution)s, %(division)s)"
_JOIN = """
INSERT INTO residents_householdmember (id, household_id, resident_id, institution_id, relation, period)
VALUES (%(id)s, %(household)s, %(resident)s, %(institution)s, %(relation)s, daterange(%(on)s::date, NULL))
"""
# The day on which something ends no longer belongs to it; ended on its first day, the period is empty.
_END = "UPDATE {table} SET period = daterange(lower(period), %(on)s::date) WHERE id = %(id)s"
_END_MEMBER = _END.format(table="residents_householdmember")
_END_GUARDIAN = _END.format(table="residents_guardianship")
_GUARDIAN = """
INSERT INTO residents_guardianship (id, resident_id, guardian_id, guardian_name, phone_sealed, relation, institution_id, period)
VALUES (%(id)s, %(resident)s, %(guardian)s, %(name)s, %(phone)s, %(relation)s, %(institution)s, daterange(%(on)s::date, %(until)s::date))
"""
_BORN = "SELECT birth_date FROM residents_resident WHERE id = %(id)s"
_GUARDIAN_OF = """
SELECT id FROM residents_guardianship
WHERE id = %(id)s AND resident_id = ANY (%(persons)s) AND period @> %(on)s::date FOR UPDATE
"""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a household is kept."""

    institution_id: UUID
    division_code: str
    on: date


def add_member(actor: Actor, *, resident_id: UUID, member_id: UUID, relation: Relation) -> UUID:
    """Put a resident into the household of another; without one, the other becomes the head of a new one.

    Whoever lived in another household has moved here. Both records are opened, and both readings recorded.
    Answers the household's id.

    Raises:
        Refused: if the actor may not change either, if there is a head already, or they live together already.
    """
    with _household_kept(actor, resident_id) as (record, place), _also(actor, record, member_id) as other:
        mine, theirs = _current(record.persons, place.on), _current(other.persons, place.on)
        if mine and theirs and mine["household_id"] == theirs["household_id"]:
            raise Refused(ALREADY_IN_HOUSEHOLD)
        if relation is Relation.HEAD and (mine is None or _heads(mine["household_id"], place.on)):
            raise Refused(HEAD_TAKEN)
        if theirs:
            _leave(actor, theirs, other.resident_id, place, act="moved")
        household_id = mine["household_id"] if mine else _found(actor, record.resident_id, place)
        _join(actor, household_id, other.resident_id, relation, place)
    return household_id


def change_relation(
    actor: Actor, *, resident_id: UUID, member_id: UUID, relation: Relation, former_head: Relation
) -> None:
    """Say anew how a member of the resident's household is related; a new head makes the former one ``former_head``.

    Raises:
        Refused: if they do not live together, or the actor may not change the household.
    """
    with _household_kept(actor, resident_id) as (record, place):
        mine = _current(record.persons, place.on)
        members = (
            {}
            if mine is None
            else {row["resident_id"]: row for row in _members(mine["household_id"], place.on)}
        )
        persons = [each for each in person_of(member_id) if each in members]
        if not persons:
            raise Refused(NOT_IN_HOUSEHOLD)
        changes = [(members[persons[0]], relation)]
        heads = [row for row in members.values() if row["relation"] == Relation.HEAD.value]
        if relation is Relation.HEAD:
            changes = [(row, former_head) for row in heads if row["resident_id"] != persons[0]] + changes
            refuse(HEAD_TAKEN if former_head is Relation.HEAD and len(changes) > 1 else None)
        elif members[persons[0]]["relation"] == Relation.HEAD.value and len(members) > 1:
            raise Refused(HEAD_CANNOT_LEAVE)
        for row, _ in changes:
            _end(_END_MEMBER, row["id"], place.on)
        for row, new in changes:
            _join(actor, row["household_id"], row["resident_id"], new, place, act="relation")


def leave_household(actor: Actor, *, resident_id: UUID, member_id: UUID) -> None:
    """A member of the resident's household lives there no longer, from today.

    Raises:
        Refused: if they do not live there, the head would leave others behind, or the actor may not.
    """
    with _household_kept(actor, resident_id) as (record, place):
        mine = _current(record.persons, place.on)
        members = [] if mine is None else _members(mine["household_id"], place.on)
        persons = person_of(member_id)
        leaving = next((row for row in members if row["resident_id"] in persons), None)
        if leaving is None:
            raise Refused(NOT_IN_HOUSEHOLD)
        if leaving["relation"] == Relation.HEAD.value and len(members) > 1:
            raise Refused(HEAD_CANNOT_LEAVE)
        _leave(actor, leaving, leaving["resident_id"], place, act="left")


def set_guardian(
    actor: Actor, *, resident_id: UUID, guardian_id: UUID | None, name: str, phone: str, relation: str
) -> UUID:
    """Record who decides for the resident: somebody of the index (who then reads the record), or by name and phone.

    Answers the id of the guardianship. A minor's ends by itself on the day on which they come of age; somebody grown is
    decided for until the guardianship is ended.

    Raises:
        Refused: if it is the resident, a minor, somebody of another name, or somebody who cannot be reached.
    """
    today = ledger_queries.today()
    name, relation = tidy(name), tidy(relation)
    with changing(actor, resident_id, what="guardian") as record:
        known = rows(sql.LEAST, entries=[guardian_id])[0] if guardian_id else None
        refuse(
            GUARDIAN_ONESELF if guardian_id in record.persons else None,
            GUARDIAN_NOWHERE if guardian_id is None and not phone.strip() else None,
            guardian_refusal(
                name=name,
                relation=relation,
                known_name=known["name"] if known else None,
                known_birth_date=known["birth_date"] if known else None,
                on=today,
            ),
        )
        key = uuid7()
        values = {
            "id": key,
            "resident": record.resident_id,
            "guardian": guardian_id,
            "name": name,
            "phone": _sealed_phone(key, phone, today),
            "relation": relation,
            "institution": actor.institution_id,
            "on": today,
            "until": until_of_age(rows(_BORN, id=record.resident_id)[0]["birth_date"], on=today),
        }
        with connection.cursor() as cursor:
            cursor.execute(_GUARDIAN, values)
        _told(actor, events.GuardianSet(guardianship_id=key, guardian_id=guardian_id), record.resident_id)
    return key


def end_guardian(actor: Actor, *, resident_id: UUID, guardianship_id: UUID) -> None:
    """Somebody no longer decides for the resident, and no longer reads the record, from today.

    Raises:
        Refused: if there is no such guardian in force, or the actor may not.
    """
    today = ledger_queries.today()
    with changing(actor, resident_id, what="guardian") as record:
        if not rows(_GUARDIAN_OF, id=guardianship_id, persons=list(record.persons), on=today):
            raise Refused(NO_SUCH_GUARDIAN)
        _end(_END_GUARDIAN, guardianship_id, today)
        _told(actor, events.GuardianEnded(guardianship_id=guardianship_id), record.resident_id)


@contextmanager
def _household_kept(actor: Actor, resident_id: UUID) -> Iterator[tuple[Opened, _Place]]:
    """The record and where its household is kept: at the institution that keeps the file, and only there changed."""
    with changing(actor, resident_id, what="household") as record:
        row = rows(_ENTRY, id=record.resident_id)[0]
        if row["institution_id"] != actor.institution_id:
            raise Refused(HOUSEHOLD_KEPT_ELSEWHERE)
        yield record, _Place(row["institution_id"], row["division_code"], ledger_queries.today())


@contextmanager
def _also(actor: Actor, record: Opened, member_id: UUID) -> Iterator[Opened]:
    """The second person of a change, opened on a ground of its own, beside the first."""
    refuse(access.may(actor, Right.RESIDENTS_REGISTER, institution_id=actor.institution_id))
    with opened(actor, member_id, what="household") as other:
        pass
    if other.resident_id == record.resident_id:
        raise Refused(ALREADY_IN_HOUSEHOLD)
    with scoped(actor, persons=(*record.persons, *other.persons)):
        yield other


def _current(persons: tuple[UUID, ...], on: date) -> dict[str, Any] | None:
    found = rows(_CURRENT, persons=list(persons), on=on)
    return found[0] if found else None


def _members(household_id: UUID, on: date) -> list[dict[str, Any]]:
    return rows(_MEMBERS, household=household_id, on=on)


def _heads(household_id: UUID, on: date) -> bool:
    return any(row["relation"] == Relation.HEAD.value for row in _members(household_id, on))


def _found(actor: Actor, head_id: UUID, place: _Place) -> UUID:
    """A new household, its first member the head."""
    household_id = uuid7()
    values = {"id": household_id, "institution": place.institution_id, "division": place.division_code}
    with connection.cursor() as cursor:
        cursor.execute(_HOUSEHOLD, values)
    _join(actor, household_id, head_id, Relation.HEAD, place)
    return household_id


def _join(
    actor: Actor,
    household_id: UUID,
    resident_id: UUID,
    relation: Relation,
    place: _Place,
    *,
    act: str = "joined",
) -> None:
    values = {
        "id": uuid7(),
        "household": household_id,
        "resident": resident_id,
        "institution": place.institution_id,
        "relation": relation.value,
        "on": place.on,
    }
    with connection.cursor() as cursor:
        cursor.execute(_JOIN, values)
    _told(
        actor,
        events.HouseholdChanged(household_id=household_id, act=act, relation=relation.value),
        resident_id,
    )


def _leave(actor: Actor, row: dict[str, Any], resident_id: UUID, place: _Place, *, act: str) -> None:
    _end(_END_MEMBER, row["id"], place.on)
    event = events.HouseholdChanged(household_id=row["household_id"], act=act, relation=row["relation"])
    _told(actor, event, resident_id)


def _end(statement: str, key: UUID, on: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"id": key, "on": on})


def _sealed_phone(key: UUID, phone: str, today: date) -> bytes | None:
    """Raises: Refused for what is no telephone."""
    if not phone.strip():
        return None
    number = read_number(IdentityKind.PHONE, phone, today=today)
    if isinstance(number, Refusal):
        raise Refused(_at(number, "guardian_phone"))
    return vault.ring().seal(number.value, of=vault.place(key, IdentityKind.PHONE.value))


def _at(refusal: Refusal, name: str) -> Refusal:
    return Refusal(
        refusal.code, refusal.message, refusal.instead, refusal.fields, refusal.clauses, name, refusal.status
    )


def _told(actor: Actor, event: Any, resident_id: UUID) -> None:
    ledger.append(
        actor,
        event,
        subject_type=SUBJECT,
        subject_id=resident_id,
        institution_id=actor.institution_id,
        division_code=actor.division_code,
    )
