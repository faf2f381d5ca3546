"""Giving and withdrawing consent. Who the person is, and who may speak for them, the caller has established."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import Refusal, Refused, refuse

from .. import events, rules
from ..models import Consent
from ..rights import Right
from ..rules import consent as consent_rules
from ..rules.consent import Asked, GivenBy, Grantee

SUBJECT = "access.consent"
# Over at once: nothing is read on them from this moment.
_END = """
UPDATE access_consent SET withdrawn_at = tiercare_now()
WHERE resident_id = ANY (%(persons)s) AND grantee_id = %(grantee)s AND withdrawn_at IS NULL AND until > tiercare_now()
RETURNING id
"""
_GRANTEE = """
SELECT grantee_id FROM access_consent
WHERE id = %(id)s AND resident_id = ANY (%(persons)s) AND withdrawn_at IS NULL AND until > tiercare_now()
"""


def give_consent(
    actor: Actor,
    *,
    persons: tuple[UUID, ...],
    division_code: str,
    grantee: Grantee,
    asked: Asked,
    given_by: GivenBy,
) -> UUID:
    """Let ``grantee`` read this person's record for the purposes asked for; what it was let do before ends with it.

    ``persons`` are all entries of the person, the master first; ``division_code`` is the area of the resident. The
    caller is inside ``scoped`` for these persons and has checked that the actor speaks for them, or records at a
    desk that has a ground. Returns the consent's id.

    Raises:
        Refused: if the actor may not record consents, or something is missing (all of it told).
    """
    refuse(_right(actor))
    now = ledger_queries.now()
    refuse(*consent_rules.consent_refusals(asked, today=day_of(now), at_desk=actor.resident_id is None))
    assert asked.until is not None, "checked above"
    replaced = _end(persons, grantee.id)
    consent = Consent.objects.create(
        resident_id=persons[0],
        grantee_id=grantee.id,
        grantee_kind=grantee.kind.value,
        grantee_name=grantee.name[:80],
        division_code=division_code[:6],
        purposes=sorted(purpose.value for purpose in set(asked.purposes)),
        since=now,
        until=consent_rules.end_of(asked.until),
        given_by=given_by.value,
        evidence=asked.evidence.strip(),
        recorded_by=actor.account_id,
        recorded_at_institution=actor.institution_id,
    )
    ledger.append(
        actor,
        events.ConsentGiven(
            consent_id=consent.id,
            grantee_id=grantee.id,
            grantee_kind=grantee.kind.value,
            purposes=tuple(consent.purposes),
            until=consent.until,
            given_by=given_by.value,
            replaced=replaced,
        ),
        subject_type=SUBJECT,
        subject_id=persons[0],
        institution_id=actor.institution_id,
        division_code=consent.division_code,
    )
    return consent.id


def withdraw_consent(
    actor: Actor, *, persons: tuple[UUID, ...], division_code: str, consent_id: UUID
) -> None:
    """Take a consent back: from this moment nobody reads on it. Whoever else holds one is not touched.

    The caller stands as for ``give_consent``.

    Raises:
        Refused: if the actor may not, or the person has no such consent in force.
    """
    refuse(_right(actor))
    with connection.cursor() as cursor:
        cursor.execute(_GRANTEE, {"id": consent_id, "persons": list(persons)})
        row = cursor.fetchone()
    if row is None:
        raise Refused(consent_rules.NO_SUCH_CONSENT)
    ended = _end(persons, row[0])
    ledger.append(
        actor,
        events.ConsentWithdrawn(consents=ended, grantee_id=row[0]),
        subject_type=SUBJECT,
        subject_id=persons[0],
        institution_id=actor.institution_id,
        division_code=division_code[:6],
    )


def _right(actor: Actor) -> Refusal | None:
    return rules.may(
        actor,
        Right.CONSENTS_RECORD,
        institution_id=actor.institution_id,
        resident_id=actor.resident_id,
    )


def _end(persons: tuple[UUID, ...], grantee_id: UUID) -> tuple[UUID, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_END, {"persons": list(persons), "grantee": grantee_id})
        return tuple(sorted(row[0] for row in cursor.fetchall()))
