"""Who may write into whose record: the right, an open institution, and a ground."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from django.db import connection

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.events import EventPayload
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import Refused, refuse

from ..rules import refusals

SUBJECT = "records.resident"
_BY_REQUEST = """
SELECT EXISTS(SELECT FROM access_carerelation
              WHERE resident_id = ANY (%(persons)s::uuid[]) AND kind = 'request' AND source_id = %(request)s) AS found
"""
_KEY = "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))"


@dataclass(frozen=True, slots=True)
class Desk:
    """At which institution something is written, for whom, and when. ``persons`` are all entries, the master first."""

    institution_id: UUID
    division_code: str
    persons: tuple[UUID, ...]
    now: datetime
    today: date

    @property
    def resident_id(self) -> UUID:
        """The leading entry."""
        return self.persons[0]


def desk(actor: Actor, resident_id: UUID) -> Desk:
    """Where the actor writes; for the institution that looks after the resident, or may read on for another ground.

    Raises:
        Refused: without the right, at a closed institution, or without a ground (``Closed``, on record).
    """
    now = ledger_queries.now()
    today = day_of(now)
    institution_id, division_code = own_place(actor, on=today)
    ground = residents.ground_to_book(resident_id, booker=institution_id, on=today)
    persons = ground.person
    if not persons:
        raise Refused(refusals.NOT_YOUR_RESIDENT)
    if not ground.known:
        with residents.opened(actor, resident_id, what="record") as opened:
            persons = opened.persons
    return Desk(institution_id, division_code, persons, now, today)


def own_place(actor: Actor, *, on: date | None = None) -> tuple[UUID, str]:
    """The institution for which the actor writes, and where it lies.

    Raises:
        Refused: without the right, or if the institution is not open ``on`` that day, today without it.
    """
    refuse(access.may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id))
    if actor.institution_id is None:  # the platform itself, which writes for nobody
        raise Refused(refusals.INSTITUTION_CLOSED)
    place = network.place_of(actor.institution_id, on=on or ledger_queries.today())
    if place is None:
        raise Refused(refusals.INSTITUTION_CLOSED)
    return place.id, place.division_code


def is_of(request_id: UUID, persons: Sequence[UUID], actor: Actor) -> bool:
    """Whether the request is, or was, one for this person, as far as the actor's institution has a part in it."""
    with scoped(actor, persons=persons, whole=True):
        (row,) = rows(_BY_REQUEST, persons=list(persons), request=request_id)
    return bool(row["found"])


class OfResident(Protocol):
    """A row of somebody's record."""

    resident_id: UUID
    institution_id: UUID


def tell(actor: Actor, row: OfResident, payload: EventPayload, *, clauses: Sequence[str] = ()) -> None:
    """What happened to a row of a record, on the trail of whoever it is about."""
    ledger.append(
        actor,
        payload,
        subject_type=SUBJECT,
        subject_id=row.resident_id,
        institution_id=row.institution_id,
        division_code=actor.division_code,
        clauses=clauses,
    )


def one_at_a_time(institution_id: UUID, source: str, source_key: str) -> None:
    """Two messages with one key wait for each other, until the transaction ends; without a key nobody waits."""
    if source_key:
        with connection.cursor() as cursor:
            cursor.execute(_KEY, {"key": f"records {institution_id} {source} {source_key}"})


def digest(*said: object) -> str:
    """What a sending system told, in 64 letters, to tell a repeated message from another one under its key."""
    return sha256("\x1f".join(repr(each) for each in said).encode()).hexdigest()
