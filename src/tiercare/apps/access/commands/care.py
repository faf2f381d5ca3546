"""Care relations, written by higher apps in their own transactions: a visit, a contract, an open request."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection

from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger.prepared import prepared
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

from .. import events
from ..rules import Basis

SUBJECT = "access.care"
_START = """
INSERT INTO access_carerelation (id, resident_id, institution_id, division_code, account_id, kind, source_id, since, until)
VALUES (%(id)s, %(resident)s, %(institution)s, %(division)s, %(account)s, %(kind)s, %(source)s, tiercare_now(), %(until)s)
ON CONFLICT (kind, source_id, institution_id) DO UPDATE SET until = excluded.until, account_id = excluded.account_id
RETURNING id
"""
_END = """
UPDATE access_carerelation SET until = tiercare_now()
WHERE kind = %(kind)s AND source_id = %(source)s AND (until IS NULL OR until > tiercare_now())
RETURNING resident_id, institution_id, division_code
"""


def relate(
    actor: Actor,
    *,
    resident_id: UUID,
    institution_id: UUID,
    division_code: str,
    kind: Basis,
    source_id: UUID,
    until: datetime | None = None,
    account_id: UUID | None = None,
) -> UUID:
    """The institution looks after the resident because of ``source_id`` from now on; returns the relation's id.

    Called again for the same source it moves the end. The caller is inside ``scoped`` for that institution, and
    has checked that the actor may do what makes the relation.

    Raises:
        ValueError: for a kind that is no care relation.
    """
    if kind.value not in Basis.of_care():
        raise ValueError(f"{kind} is no care relation")
    values = {
        "id": uuid7(),
        "resident": resident_id,
        "institution": institution_id,
        "division": division_code,
        "account": account_id,
        "kind": kind.value,
        "source": source_id,
        "until": until,
    }
    with prepared() as cursor:
        cursor.execute(_START, values)
        relation_id: UUID = cursor.fetchone()[0]
    ledger.append(
        actor,
        events.CareStarted(relation_id=relation_id, kind=kind.value, source_id=source_id, until=until),
        subject_type=SUBJECT,
        subject_id=resident_id,
        institution_id=institution_id,
        division_code=division_code,
    )
    return relation_id


def end_relation(actor: Actor, *, kind: Basis, source_id: UUID) -> int:
    """What ``source_id`` stood for is over: the grounds it gave end at once. Returns how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(_END, {"kind": kind.value, "source": source_id})
        ended = cursor.fetchall()
    for resident_id, institution_id, division_code in ended:
        ledger.append(
            actor,
            events.CareEnded(kind=kind.value, source_id=source_id),
            subject_type=SUBJECT,
            subject_id=resident_id,
            institution_id=institution_id,
            division_code=division_code,
        )
    return len(ended)
