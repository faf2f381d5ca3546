"""Follow-up files of special patients (TY-67): who is in a key group is contacted again and again, planned by the platform
itself where the region's pack says how often."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor

from .. import events
from ..models import PlannedContact
from ..queries.ours import said
from ..rules.vocabulary import ContactKind, Way
from .ground import SUBJECT

SOURCE = "special"
FIRST, EVERY = "special_first_contact_days", "special_contact_every_days"
_MARKED = """
SELECT EXISTS(SELECT FROM residents_keygroupmember
              WHERE resident_id = %(resident)s AND institution_id = %(institution)s AND period @> %(on)s::date) AS marked
"""


def plan_special(*, resident_id: UUID, institution_id: UUID, key: str = FIRST) -> UUID | None:
    """Plan the next contact of a special patient by the institution that marked them, so many days from today as the
    pack says under ``key``; answers its id.

    ``None`` where no text in force says how often, the patient is no longer marked, or one stands open already.
    """
    today = ledger_queries.today()
    days = said(key, institution_id, on=today)
    if days.number is None:
        return None
    system = replace(Actor.system(), institution_id=institution_id)
    with scoped(system):
        (found,) = rows(_MARKED, resident=resident_id, institution=institution_id, on=today)
        mine = {"resident_id": resident_id, "institution_id": institution_id, "source": SOURCE}
        standing = PlannedContact.objects.filter(**mine, done_at=None, cancelled_at=None)
        if not found["marked"] or standing.exists():
            return None
        row = PlannedContact.objects.create(
            **mine,
            planner_id=institution_id,
            kind=ContactKind.FOLLOW_UP.value,
            way=Way.PHONE.value,
            due_on=today + timedelta(days=days.number),
            words="重点人群随访",
        )
        planned = events.ContactPlanned(
            contact_id=row.id,
            kind=row.kind,
            level=row.level,
            due_on=row.due_on,
            by_id=institution_id,
            request_id=None,
        )
        ledger.append(
            system,
            planned,
            subject_type=SUBJECT,
            subject_id=resident_id,
            institution_id=institution_id,
            clauses=days.clauses,
        )
    return row.id
