"""Contacts that are due: whose they are to make, the overdue first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..rules import refusals
from ..rules.vocabulary import ContactKind, ContactOutcome, ContactState, Way

_COLUMNS = """
SELECT c.id, c.resident_id, c.institution_id, c.planner_id, c.account_id, c.plan_id, c.request_id, c.kind, c.level, c.form, c.due_on,
       c.way, c.words, c.done_at, c.done_by_name, c.outcome, c.note, c.answers::json AS answers, c.alerts, c.cancelled_at, c.cancel_reason
FROM records_plannedcontact c
"""
# Keyset on the index of open contacts: due day, then id.
_DUE = (
    _COLUMNS
    + """
WHERE c.institution_id = %(institution)s AND c.done_at IS NULL AND c.cancelled_at IS NULL
  AND (%(until)s::date IS NULL OR c.due_on <= %(until)s::date)
  AND (%(level)s::smallint IS NULL OR c.level = %(level)s::smallint)
  AND (%(day)s::date IS NULL OR (c.due_on, c.id) > (%(day)s::date, %(id)s::uuid))
ORDER BY c.due_on, c.id LIMIT %(limit)s
"""
)
_COUNT = """
SELECT count(*) FILTER (WHERE due_on < %(today)s::date) AS overdue,
       count(*) FILTER (WHERE due_on = %(today)s::date) AS today,
       count(*) FILTER (WHERE due_on > %(today)s::date) AS later
FROM records_plannedcontact WHERE institution_id = %(institution)s AND done_at IS NULL AND cancelled_at IS NULL
"""
_ALERTED = (
    _COLUMNS
    + """
WHERE (c.institution_id = %(institution)s OR c.planner_id = %(institution)s) AND cardinality(c.alerts) > 0
ORDER BY c.done_at DESC, c.id DESC LIMIT %(limit)s
"""
)
_ONE = _COLUMNS + "WHERE c.id = %(id)s"
_OF_REQUEST = _COLUMNS + "WHERE c.request_id = %(request)s ORDER BY c.due_on, c.id"
_MOST = 200


@dataclass(frozen=True, slots=True)
class Contact:
    """A planned contact as it stands; ``late`` days past its day, 0 where it is not."""

    id: UUID
    resident_id: UUID
    institution_id: UUID
    planner_id: UUID
    account_id: UUID | None
    plan_id: UUID | None
    request_id: UUID | None
    kind: ContactKind
    level: int
    form: str
    due_on: date
    way: Way
    words: str
    state: ContactState
    late: int
    done_at: datetime | None
    done_by_name: str
    outcome: ContactOutcome | None
    note: str
    answers: dict[str, Any]
    alerts: tuple[str, ...]
    cancel_reason: str


@dataclass(frozen=True, slots=True)
class Due:
    """A page of contacts, how many there are in all, and where the next page begins."""

    contacts: tuple[Contact, ...]
    overdue: int
    today: int
    later: int
    next: tuple[date, UUID] | None


def contacts_due(
    actor: Actor,
    *,
    until: date | None = None,
    level: int | None = None,
    after: tuple[date, UUID] | None = None,
    limit: int = 50,
) -> Due:
    """The open contacts of the actor's institution, the longest overdue first; the reading is recorded.

    Raises:
        Refused: without the right.
    """
    refuse(access.may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id))
    today, limit = ledger_queries.today(), min(limit, _MOST)
    day, last = after or (None, None)
    with scoped(actor):
        at = {"institution": actor.institution_id}
        found = rows(_DUE, **at, until=until, level=level, day=day, id=last, limit=limit + 1)
        (counts,) = rows(_COUNT, **at, today=today)
        shown = [_contact(row, today) for row in found[:limit]]
        residents.record_listed(actor, "contacts", [each.resident_id for each in shown])
    following = (shown[-1].due_on, shown[-1].id) if len(found) > limit else None
    return Due(tuple(shown), counts["overdue"], counts["today"], counts["later"], following)


def contacts_alerted(actor: Actor, *, limit: int = 50) -> list[Contact]:
    """Contacts of the actor's institution, done or planned by it, whose answers met a criterion of referral; the latest
    first. The reading is recorded.

    Raises:
        Refused: without the right.
    """
    refuse(access.may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id))
    today = ledger_queries.today()
    with scoped(actor):
        found = [
            _contact(row, today)
            for row in rows(_ALERTED, institution=actor.institution_id, limit=min(limit, _MOST))
        ]
        residents.record_listed(actor, "contacts", [each.resident_id for each in found])
    return found


def contact(actor: Actor, contact_id: UUID) -> Contact:
    """One contact that the actor's institution is to make or planned; the reading is recorded.

    Raises:
        Refused: without the right, or if there is none.
    """
    refuse(access.may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id))
    with scoped(actor):
        found = rows(_ONE, id=contact_id)
        if not found:
            raise Refused(refusals.NO_SUCH_CONTACT)
        residents.record_listed(actor, "contacts", [found[0]["resident_id"]])
    return _contact(found[0], ledger_queries.today())


def contacts_of_request(request_id: UUID) -> list[Contact]:
    """The contacts that belong to a request, by day. The caller has recorded the reading and stands in ``scoped``."""
    today = ledger_queries.today()
    return [_contact(row, today) for row in rows(_OF_REQUEST, request=request_id)]


def _contact(row: dict[str, Any], today: date) -> Contact:
    cancelled_at = row.pop("cancelled_at")
    state = ContactState.DUE
    if row["done_at"] is not None:
        state = ContactState.DONE
    elif cancelled_at is not None:
        state = ContactState.CANCELLED
    late = max(0, (today - row["due_on"]).days) if state is ContactState.DUE else 0
    return Contact(
        **{
            **row,
            "kind": ContactKind(row["kind"]),
            "way": Way(row["way"]),
            "outcome": ContactOutcome(row["outcome"]) if row["outcome"] else None,
            "alerts": tuple(row["alerts"]),
            "state": state,
            "late": late,
        }
    )
