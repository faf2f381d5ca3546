"""Recording what insures a resident. Nothing is deleted: what was entered by mistake ends on its first day."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import connection

from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.period import Period
from tiercare.kernel.refusal import Refusal, Refused, refuse

from .. import events
from ..queries.finding import SUBJECT
from ..rules.cover import (
    END_NOT_WITHIN,
    NO_SUCH_COVER,
    CoverSource,
    Given,
    Scheme,
    cover_refusals,
    scheme_of,
)
from .correcting import changing
from .registering import area_exists

# The row of the person is the lock: two desks that record at once come one after the other.
_PERSON = """
SELECT birth_date, deceased_on FROM residents_resident WHERE id = ANY (%(persons)s::uuid[])
ORDER BY id = %(first)s::uuid DESC FOR UPDATE
"""
_STANDING = """
SELECT c.id, c.scheme, c.insured_area, lower(c.period) AS since, upper(c.period) AS until FROM residents_cover c
WHERE c.resident_id = ANY (%(persons)s::uuid[]) AND NOT isempty(c.period)
"""
_RECORD = """
INSERT INTO residents_cover (id, resident_id, scheme, insured_area, source, institution_id, period)
VALUES (%(id)s, %(resident)s, %(scheme)s, %(area)s, %(source)s, %(institution)s, daterange(%(since)s::date, %(until)s::date))
"""
_END = "UPDATE residents_cover SET period = daterange(lower(period), %(on)s::date) WHERE id = %(id)s"


def record_cover(actor: Actor, *, resident_id: UUID, given: Given) -> UUID:
    """Record what insures the resident from a day on; answers the id of the spell.

    Raises:
        Refused: for a scheme that there is not, an area that is not known, days that cannot be or that overlap with what
            stands, somebody who had died; or if the actor may not change the entry.
    """
    with changing(actor, resident_id, what="cover") as record:
        scheme = judged(record.persons, given)
        return keep(actor, record.resident_id, given, scheme, CoverSource.DESK)


def end_cover(actor: Actor, *, resident_id: UUID, cover_id: UUID, ended_on: date | None = None) -> None:
    """The spell ends: ``ended_on`` is the first day without it, today unless said. Ended on its first day it never was.

    Raises:
        Refused: if there is no such spell, it would end before it began, or the actor may not.
    """
    day = ended_on or ledger_queries.today()
    with changing(actor, resident_id, what="cover") as record:
        rows(_PERSON, persons=list(record.persons), first=record.resident_id)
        found = {row["id"]: row for row in rows(_STANDING, persons=list(record.persons))}
        if cover_id not in found or found[cover_id]["until"] is not None:
            raise Refused(NO_SUCH_COVER)
        refuse(END_NOT_WITHIN if day < found[cover_id]["since"] else None)
        with connection.cursor() as cursor:
            cursor.execute(_END, {"id": cover_id, "on": day})
        _told(actor, cover_id, record.resident_id, CoverSource.DESK, ended=True)


def judged(persons: tuple[UUID, ...], given: Given) -> Scheme:
    """The scheme of what was given; the person stays locked. The caller is scoped to them.

    Raises:
        Refused: with all that speaks against recording it.
    """
    who = rows(_PERSON, persons=list(persons), first=persons[0])
    standing = rows(_STANDING, persons=list(persons))
    scheme = scheme_of(given.scheme)
    refuse(
        *cover_refusals(
            given,
            scheme,
            area_known=bool(given.area) and area_exists(given.area, ledger_queries.today()),
            born_on=who[0]["birth_date"],
            deceased_on=who[0]["deceased_on"],
            standing=[Period(row["since"], row["until"]) for row in standing],
        )
    )
    assert not isinstance(scheme, Refusal)  # refused above
    return scheme


def keep(actor: Actor, resident_id: UUID, given: Given, scheme: Scheme, source: CoverSource) -> UUID:
    """Write the spell that was judged, and its event."""
    key = uuid7()
    values = {
        "id": key,
        "resident": resident_id,
        "scheme": scheme.value,
        "area": given.area,
        "source": source.value,
        "institution": actor.institution_id,
        "since": given.since,
        "until": given.until,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, values)
    _told(actor, key, resident_id, source, ended=False)
    return key


def _told(actor: Actor, cover_id: UUID, resident_id: UUID, source: CoverSource, *, ended: bool) -> None:
    ledger.append(
        actor,
        events.CoverChanged(cover_id=cover_id, source=source.value, ended=ended),
        subject_type=SUBJECT,
        subject_id=resident_id,
        institution_id=actor.institution_id,
        division_code=actor.division_code,
    )
