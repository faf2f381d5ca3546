"""Choosing another institution than the area's own for a service that stands with the area, and going back (WH-03)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection

from tiercare.apps.access import rules as access
from tiercare.apps.access.commands.care import end_relation, relate
from tiercare.apps.access.rules import Basis, Right
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused, refuse

from .. import events
from ..queries.finding import SUBJECT
from ..queries.opening import Opened, opened
from ..queries.territory import WHAT, Provided, area_of, provided
from ..rules import territory as rules
from ..rules.territory import Territorial
from .correcting import changing

# The row of the person is the lock: two desks at once come one after the other.
_LOCK = "SELECT id FROM residents_resident WHERE id = %(leading)s FOR UPDATE"
_END = """
UPDATE residents_chosenprovider SET period = daterange(lower(period), %(on)s::date)
WHERE resident_id = ANY (%(persons)s::uuid[]) AND service = %(service)s AND period @> %(on)s::date RETURNING id
"""
_CHOOSE = """
INSERT INTO residents_chosenprovider (id, resident_id, service, institution_id, entered_at, period)
VALUES (%(id)s, %(resident)s, %(service)s, %(institution)s, %(desk)s, daterange(%(on)s::date, NULL))
"""


def choose_provider(
    actor: Actor, *, resident_id: UUID, service: str, institution_id: UUID | None
) -> Provided:
    """Another institution provides the service from today, or again the area's own (``None``, or its id); answers how it stands
    then. The one chosen may read the record until the choice ends. By the resident, their guardian, or a desk that keeps the file
    or has them before it.

    Raises:
        Refused: without right or ground; if no text in force lays the service down for the area; if the area's own institution is not
            known; if it is no open institution of primary care; if a family doctor was signed with.
    """
    today = ledger_queries.today()
    with _ground(actor, resident_id) as ground:
        rows(_LOCK, leading=ground.resident_id)
        area = area_of(ground.persons)
        before = next(
            (each for each in provided(ground.persons, area, on=today) if each.service == service), None
        )
        if before is None:
            raise Refused(rules.NOT_TERRITORIAL)
        if before.own is None:
            raise Refused(rules.NO_OWN_PROVIDER)
        refuse(rules.SIGNED_ALREADY if before.signed else None)
        chosen = None if institution_id in (None, before.own) else institution_id
        if chosen is not None:
            place = network.place_of(chosen, on=today)
            refuse(None if place is not None and place.primary_care else rules.NO_SUCH_PROVIDER)
        if chosen == before.chosen:
            return before  # it stands so already
        for key in _end(ground, before.service):
            end_relation(actor, kind=Basis.REQUEST, source_id=key)
        if chosen is not None:
            _choose(actor, ground, before.service, chosen)
        payload = events.ProviderChosen(
            service=before.service.value, provider_id=chosen or before.own, elsewhere=chosen is not None
        )
        ledger.append(
            actor,
            payload,
            subject_type=SUBJECT,
            subject_id=ground.resident_id,
            institution_id=chosen or before.own,
            division_code=area[:6],
            clauses=(before.clause,),
        )
    return Provided(before.service, before.own, chosen, before.clause, today if chosen else None)


@contextmanager
def _ground(actor: Actor, resident_id: UUID) -> Iterator[Opened]:
    """The record, open for the person themself, their guardian, or a desk that may change it."""
    if actor.resident_id is None:
        with changing(actor, resident_id, what=WHAT) as record:
            yield record
    else:
        refuse(access.may(actor, Right.READS_OF_MINE, resident_id=actor.resident_id))
        with opened(actor, resident_id, what=WHAT) as record:
            yield record


def _end(ground: Opened, service: Territorial) -> list[UUID]:
    """The choice that stood, if any, ends today."""
    values = {"persons": list(ground.persons), "service": service.value, "on": ledger_queries.today()}
    with connection.cursor() as cursor:
        cursor.execute(_END, values)
        return [key for (key,) in cursor.fetchall()]


def _choose(actor: Actor, ground: Opened, service: Territorial, institution_id: UUID) -> None:
    key, today = uuid7(), ledger_queries.today()
    values = {
        "id": key,
        "resident": ground.resident_id,
        "service": service.value,
        "institution": institution_id,
        "desk": actor.institution_id,
        "on": today,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CHOOSE, values)
    place = network.place_of(institution_id, on=today)
    relate(
        actor,
        resident_id=ground.resident_id,
        institution_id=institution_id,
        division_code=place.division_code if place else "",
        kind=Basis.REQUEST,
        source_id=key,
    )
