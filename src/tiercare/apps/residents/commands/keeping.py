"""Key groups and the responsible doctor, by the institution that keeps the resident or has them before it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import connection

from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refusal, Refused, refuse

from .. import events
from ..queries.family import doctors_offered, offered_groups
from ..queries.finding import SUBJECT
from ..queries.territory import area_of, territorial
from ..rules import tidy
from ..rules.families import NO_DOCTOR_ASSIGNED, NO_SUCH_DOCTOR, NOT_PRIMARY_CARE
from ..rules.fields import sees_group
from ..rules.groups import (
    GROUP_TWICE,
    LONGEST_EVIDENCE,
    NO_EVIDENCE,
    NO_SUCH_GROUP_ENTRY,
    NOT_FOR_YOUR_ROLE,
    delicacy,
    enter_refusal,
)
from ..rules.territory import Territorial
from .correcting import changing

BY_PAGE = "page"
_AREA = "SELECT division_code FROM residents_resident WHERE id = %(id)s FOR UPDATE"
_ENTERED = """
SELECT k.id, k.group FROM residents_keygroupmember k
WHERE k.resident_id = ANY (%(persons)s) AND k.period @> %(on)s::date FOR UPDATE
"""
_ENTER = """
INSERT INTO residents_keygroupmember (id, resident_id, "group", institution_id, evidence, period)
VALUES (%(id)s, %(resident)s, %(group)s, %(institution)s, %(evidence)s, daterange(%(on)s::date, NULL))
"""
_END_ENTRY = """
UPDATE residents_keygroupmember SET period = daterange(lower(period), %(on)s::date) WHERE id = %(id)s
"""
_END_DOCTOR = """
UPDATE residents_responsibledoctor SET period = daterange(lower(period), %(on)s::date)
WHERE resident_id = ANY (%(persons)s) AND period @> %(on)s::date
"""
_ASSIGN = """
INSERT INTO residents_responsibledoctor (id, resident_id, institution_id, clinician_id, doctor_name, source, period)
VALUES (%(id)s, %(resident)s, %(institution)s, %(clinician)s, %(name)s, %(source)s, daterange(%(on)s::date, NULL))
"""


def enter_group(actor: Actor, *, resident_id: UUID, group: str, evidence: str) -> UUID:
    """Enter the resident into a key group that the policies of their area name, on evidence; answers the entry's id.

    Raises:
        Refused: if no policy names the group, it follows from age, the resident is in it already, or the actor's
            role does not see such groups.
    """
    today = ledger_queries.today()
    evidence = tidy(evidence)
    with changing(actor, resident_id, what="groups") as record:
        area = rows(_AREA, id=record.resident_id)[0]["division_code"]
        found = enter_refusal(offered_groups(area, on=today), group)
        refuse(found if found else _unseen(actor, group))
        refuse(None if 1 <= len(evidence) <= LONGEST_EVIDENCE and evidence.isprintable() else NO_EVIDENCE)
        entered = rows(_ENTERED, persons=list(record.persons), on=today)
        refuse(GROUP_TWICE if any(row["group"] == group for row in entered) else None)
        key = uuid7()
        values = {
            "id": key,
            "resident": record.resident_id,
            "group": group,
            "institution": actor.institution_id,
            "evidence": evidence,
            "on": today,
        }
        with connection.cursor() as cursor:
            cursor.execute(_ENTER, values)
        _told(actor, events.KeyGroupChanged(entry_id=key, ended=False), record.resident_id)
    return key


def end_group(actor: Actor, *, resident_id: UUID, entry_id: UUID) -> None:
    """The resident is no longer in a key group, from today.

    Raises:
        Refused: if there is no such entry in force, or the actor's role does not see such groups.
    """
    today = ledger_queries.today()
    with changing(actor, resident_id, what="groups") as record:
        entered = {row["id"]: row["group"] for row in rows(_ENTERED, persons=list(record.persons), on=today)}
        # The same answer for what is not there and what is not shown.
        if entry_id not in entered or _unseen(actor, entered[entry_id]):
            raise Refused(NO_SUCH_GROUP_ENTRY)
        with connection.cursor() as cursor:
            cursor.execute(_END_ENTRY, {"id": entry_id, "on": today})
        _told(actor, events.KeyGroupChanged(entry_id=entry_id, ended=True), record.resident_id)


def assign_doctor(actor: Actor, *, resident_id: UUID, clinician_id: UUID) -> None:
    """A doctor of the actor's institution answers for the resident from today, instead of whoever did. Another institution than the
    area's own may, where a text lays signing down for the area (WH-03): the event then names the clause.

    Raises:
        Refused: if the institution has no doctor who can, it is none of them, or the actor may not.
    """
    today = ledger_queries.today()
    with changing(actor, resident_id, what="doctor") as record:
        known = {each.id: each for each in doctors_offered(actor, on=today)}
        refuse(None if known else NOT_PRIMARY_CARE)
        if clinician_id not in known:
            raise Refused(NO_SUCH_DOCTOR)
        values = {
            "id": uuid7(),
            "resident": record.resident_id,
            "institution": actor.institution_id,
            "clinician": clinician_id,
            "name": known[clinician_id].name,
            "source": BY_PAGE,
            "on": today,
        }
        with connection.cursor() as cursor:
            cursor.execute(_AREA, {"id": record.resident_id})  # two desks at once: one after the other
            cursor.execute(_END_DOCTOR, {"persons": list(record.persons), "on": today})
            cursor.execute(_ASSIGN, values)
        event = events.DoctorAssigned(clinician_id=clinician_id, source=BY_PAGE, ended=False)
        _told(actor, event, record.resident_id, clauses=_signed_elsewhere(actor, record.persons, today))


def end_doctor(actor: Actor, *, resident_id: UUID) -> None:
    """Nobody answers for the resident by name, from today.

    Raises:
        Refused: if nobody does, or the actor may not.
    """
    today = ledger_queries.today()
    with changing(actor, resident_id, what="doctor") as record:
        with connection.cursor() as cursor:
            cursor.execute(_END_DOCTOR, {"persons": list(record.persons), "on": today})
            if not cursor.rowcount:
                raise Refused(NO_DOCTOR_ASSIGNED)
        _told(actor, events.DoctorAssigned(clinician_id=None, source=BY_PAGE, ended=True), record.resident_id)


def _unseen(actor: Actor, group: str) -> Refusal | None:
    """Who may not see a group may not enter it either."""
    return None if sees_group(actor.role, delicacy(group)) else NOT_FOR_YOUR_ROLE


def _signed_elsewhere(actor: Actor, persons: Sequence[UUID], on: date) -> tuple[str, ...]:
    """The clause by which signing stands with the resident's own area, where this is another institution."""
    area = area_of(persons)
    clause = territorial(area, on=on).get(Territorial.FAMILY_DOCTOR_SIGNING)
    own = network.primary_care_of(area, on=on) if clause else None
    return (clause,) if clause and own is not None and own != actor.institution_id else ()


def _told(
    actor: Actor,
    event: events.KeyGroupChanged | events.DoctorAssigned,
    resident_id: UUID,
    *,
    clauses: tuple[str, ...] = (),
) -> None:
    ledger.append(
        actor,
        event,
        subject_type=SUBJECT,
        subject_id=resident_id,
        institution_id=actor.institution_id,
        division_code=actor.division_code,
        clauses=clauses,
    )
