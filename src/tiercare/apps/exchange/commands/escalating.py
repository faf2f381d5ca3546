"""What nobody saw to in time goes one step up the line, with a new time; it never lapses silently."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor

from .. import events, sql
from ..models import Request
from ..queries.allowed import ESCALATED, due_at
from ..rules.kinds import Urgency
from ..rules.owners import Level, Owner, above
from ..workflow import OPEN, State
from .drafting import SUBJECT
from .telling import tell_of_time

_BATCH = 200
# Whose lead is asked: the nearest of care first.
_KINDS = ["COUNTY_COMMUNITY", "CITY_GROUP", "URBAN_RURAL"]


def escalate_overdue(*, limit: int = _BATCH) -> int:
    """Hand every overdue request to the next on the line; how many there were. The platform's own work, each request in
    a transaction of its own, so that one that fails holds up no other."""
    host = Actor.system("job")
    with scoped(host, area="*"), transaction.atomic():
        found = [row["id"] for row in rows(sql.OVERDUE, open=sorted(OPEN), limit=limit)]
    return sum(_escalate(host, each) for each in found)


def _escalate(host: Actor, request_id: UUID) -> bool:
    with scoped(host, area="*"):
        row = Request.objects.select_for_update().filter(id=request_id, state__in=OPEN).first()
        now = ledger_queries.now()
        if row is None or row.due_at is None or row.due_at > now:
            return False  # somebody has just seen to it
        owner = Owner(Level(row.owner_level), row.owner_institution, row.owner_account, row.owner_area)
        found = rows(sql.LEAD, institution=row.owner_institution, kinds=_KINDS, on=ledger_queries.today())
        lead = found[0]["institution_id"] if found else None
        # What was never sent is nobody else's to read: the office of the house is asked, and asked again.
        unsent = row.state == State.DRAFT
        after = (
            Owner(Level.OFFICE, owner.institution_id)
            if unsent
            else above(owner, lead_id=lead, area=row.area[:6])
        )
        due = due_at(ESCALATED, Urgency(row.urgency), row.area, now=now)
        rows(
            sql.ESCALATE + " RETURNING id",
            request=row.id,
            level=after.level.value,
            institution=after.institution_id,
            area=after.area,
            due=due,
        )
        ledger.append(
            host,
            events.RequestEscalated(
                state=row.state,
                overdue_since=row.due_at,
                from_level=owner.level.value,
                to_level=after.level.value,
                owner=after.institution_id,
                area=after.area,
            ),
            subject_type=SUBJECT,
            subject_id=row.id,
            institution_id=after.institution_id or row.from_institution,
            division_code=row.area,
        )
        houses = [(row.from_institution, row.from_account)]
        if after.institution_id is not None:
            houses.append((after.institution_id, None))
        tell_of_time(row.id, houses, unheard=False)
    return True
