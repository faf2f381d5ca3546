"""Who answers for requests at an institution: its desk, who stands in for whom, who sees to which."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange

from tiercare.apps.access.queries import scoped, staff_at
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused, refuse

from .. import events
from ..models import Desk, StandIn
from ..queries.requests import standing_of
from ..rules import refusals
from .drafting import SUBJECT

DESK = "exchange.desk"
_ASSIGN = """
UPDATE exchange_request
SET owner_level = CASE WHEN %(account)s::uuid IS NULL THEN 'OFFICE' ELSE 'PERSON' END, owner_account = %(account)s::uuid,
    version = version + 1, changed_at = tiercare_now()
WHERE id = %(request)s AND owner_institution = %(institution)s AND due_at IS NOT NULL
  AND (%(read_version)s::integer IS NULL OR version = %(read_version)s)
RETURNING version
"""


def keep_desk(actor: Actor, *, name: str, phone: str, staff: Collection[UUID]) -> Desk:
    """Name the department of the actor's institution that answers for referrals, and its people (XH-42).

    Raises:
        Refused: if the actor does not run the office, a part is missing, or somebody is not of the institution.
    """
    refuse(may(actor, Right.REQUESTS_DESK, institution_id=actor.institution_id))
    assert actor.institution_id is not None
    if not name.strip() or not staff:
        raise Refused(refusals.DESK_INCOMPLETE)
    _colleagues(actor.institution_id, staff)
    with scoped(actor):
        values = {"name": name.strip(), "phone": phone.strip(), "staff": sorted(staff)}
        desk, _ = Desk.objects.update_or_create(institution_id=actor.institution_id, defaults=values)
        ledger.append(
            actor,
            events.DeskKept(name=desk.name, people=len(staff)),
            subject_type=DESK,
            subject_id=actor.institution_id,
            institution_id=actor.institution_id,
            division_code=actor.division_code,
        )
    return desk


def stand_in(actor: Actor, *, account_id: UUID, deputy_id: UUID, start: date, end: date) -> UUID:
    """While somebody is away, from ``start`` up to and without ``end``, what comes to them comes to their deputy.

    Raises:
        Refused: if the actor neither is that person nor runs the office, or one of the two is no colleague.
        ValueError: if it ends before it begins.
    """
    right = Right.REQUESTS_SEND if account_id == actor.account_id else Right.REQUESTS_DESK
    refuse(may(actor, right, institution_id=actor.institution_id))
    assert actor.institution_id is not None
    if start >= end:
        raise ValueError("it ends before it begins")
    if account_id == deputy_id:
        raise Refused(refusals.NOT_A_COLLEAGUE)
    _colleagues(actor.institution_id, (account_id, deputy_id))
    with scoped(actor):
        row = StandIn.objects.create(
            id=uuid7(),
            institution_id=actor.institution_id,
            account_id=account_id,
            deputy_id=deputy_id,
            period=DateRange(start, end),
        )
        ledger.append(
            actor,
            events.StandInKept(account=account_id, deputy=deputy_id, ended=False),
            subject_type=DESK,
            subject_id=actor.institution_id,
            institution_id=actor.institution_id,
            division_code=actor.division_code,
        )
    return row.id


def assign(actor: Actor, *, request_id: UUID, account_id: UUID | None, version: int | None = None) -> int:
    """Within the institution that owns a request now, give it to somebody, or back to the office; its time stays.

    Raises:
        Refused: if there is no such request, another owns it, somebody was faster, or it is nobody of the house.
    """
    refuse(may(actor, Right.REQUESTS_ANSWER, institution_id=actor.institution_id))
    assert actor.institution_id is not None
    if account_id is not None:
        _colleagues(actor.institution_id, (account_id,))
    with scoped(actor):
        standing = standing_of(request_id)
        if standing is None:
            raise Refused(refusals.NO_SUCH_REQUEST)
        if standing.owner is None or standing.owner.institution_id != actor.institution_id:
            raise Refused(refusals.NOT_YOURS_NOW)
        found = rows(
            _ASSIGN,
            request=request_id,
            account=account_id,
            institution=actor.institution_id,
            read_version=version,
        )
        if not found:
            raise Refused(refusals.CHANGED_MEANWHILE)
        ledger.append(
            actor,
            events.RequestAssigned(to=account_id),
            subject_type=SUBJECT,
            subject_id=request_id,
            institution_id=actor.institution_id,
            division_code=actor.division_code,
        )
    now: int = found[0]["version"]
    return now


def _colleagues(institution_id: UUID, accounts: Collection[UUID]) -> None:
    known = {each.account_id for each in staff_at(institution_id)}
    refuse(None if known.issuperset(accounts) else refusals.NOT_A_COLLEAGUE)
