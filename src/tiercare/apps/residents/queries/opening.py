"""Opening a resident's record: the one gate through which every reading of a person passes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tiercare.apps.access import queries as access_queries
from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis, Purpose, Right
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import prepared
from tiercare.apps.network import queries as network
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import OnRecord, Refusal

from .. import sql
from .finding import record
from .sharing import kinds_that_share

_KEEPS = """
SELECT EXISTS(SELECT FROM residents_resident WHERE id = ANY (%(persons)s::uuid[])
              AND institution_id = %(institution)s::uuid AND keeps_file),
       EXISTS(SELECT FROM residents_guardianship WHERE resident_id = ANY (%(persons)s::uuid[])
              AND guardian_id = ANY (%(guardians)s::uuid[]) AND period @> %(on)s::date)
"""


@dataclass(frozen=True, slots=True)
class Opened:
    """A record that may be read now. ``persons`` are all entries of the person, the master first."""

    resident_id: UUID
    persons: tuple[UUID, ...]
    basis: Basis
    reading_id: UUID


class Closed(OnRecord):
    """The record stays closed, and that is recorded."""


@contextmanager
def opened(
    actor: Actor, resident_id: UUID, *, what: str = "file", purpose: Purpose = Purpose.TREATMENT
) -> Iterator[Opened]:
    """A transaction that sees this one person's rows, after the ground was found and the reading recorded.

    ``what`` names the part that is read, for the record. A refusal is recorded too; whoever calls this in a
    transaction that the refusal undoes calls ``Closed.leave_record`` afterwards.

    Raises:
        Closed: if nothing allows the actor to read this record now. The same words whether there is such a
            person or not.
    """
    persons = person_of(resident_id)
    basis = _ground(actor, persons, purpose)
    if isinstance(basis, Refusal):

        def leave_record() -> None:
            if persons:
                record(actor, what, None, persons[:1], purpose=purpose.value)

        leave_record()
        raise Closed(basis, leave_record)
    with scoped(actor, persons=persons):
        reading_id = record(actor, what, basis, persons[:1], purpose=purpose.value)
        yield Opened(persons[0], persons, basis, reading_id)


def person_of(entry: UUID) -> tuple[UUID, ...]:
    """All entries of the person to whom ``entry`` belongs, the master first; empty if there is no such entry."""
    with prepared() as cursor:
        cursor.execute(sql.PERSON, {"entry": entry})
        return tuple(cursor.fetchone()[0] or ())


def _ground(actor: Actor, persons: tuple[UUID, ...], purpose: Purpose) -> Basis | Refusal:
    own = actor.resident_id if actor.resident_id in persons else None
    refusal = access.may(
        actor,
        Right.RESIDENTS_READ,
        institution_id=actor.institution_id,
        resident_id=own or (actor.resident_id if persons else None),
    )
    if refusal is not None:
        return refusal
    if not persons:
        return access.NO_BASIS
    today = ledger_queries.today()
    guardians = person_of(actor.resident_id) if actor.resident_id and own is None else ()
    place = None if actor.institution_id is None else network.place_of(actor.institution_id, on=today)
    organisations = (
        () if place is None else place.organisations(kinds_that_share(actor.division_code, on=today))
    )
    with scoped(actor, also=organisations, persons=guardians, whole=True):
        keeps, guards = _keeps(actor, persons, guardians, today)
        facts = access_queries.care_facts(
            actor, persons, organisations=organisations, keeps_file=keeps, is_guardian=guards
        )
    return access.basis_of(facts, purpose=purpose)


def _keeps(
    actor: Actor, persons: tuple[UUID, ...], guardians: tuple[UUID, ...], on: date
) -> tuple[bool, bool]:
    values = {
        "persons": list(persons),
        "institution": actor.institution_id,
        "guardians": list(guardians),
        "on": on,
    }
    with prepared() as cursor:
        cursor.execute(_KEEPS, values)
        keeps, guards = cursor.fetchone()
    return keeps, guards
