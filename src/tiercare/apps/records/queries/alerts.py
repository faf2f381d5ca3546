"""Alerts that answers raised: whose they are to handle, those past their time first (TY-68)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.engines.forms import Form, Item
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import Refused, refuse

from ..rules.asked import NO_SUCH_ALERT
from .forms import forms_at
from .ours import said

CHANNEL, GREEN = "TY-68.channel", "green"
_COLUMNS = """
SELECT a.id, a.resident_id, a.institution_id, a.raiser_id, a.doctor_name, a.form, a.items::json AS items, a.raised_at, a.due_at, a.handled_at,
       a.handled_by_name, a.handling, a.request_id
FROM records_followupalert a
"""
_LIST = (
    _COLUMNS
    + """
WHERE a.institution_id = %(institution)s OR a.raiser_id = %(institution)s
ORDER BY a.handled_at IS NOT NULL, a.due_at IS NULL, a.due_at, a.id LIMIT %(limit)s
"""
)
_OWED = (
    _COLUMNS
    + """
WHERE a.institution_id = %(institution)s AND a.handled_at IS NULL
ORDER BY a.due_at IS NULL, a.due_at, a.id LIMIT %(limit)s
"""
)
_ONE = _COLUMNS + "WHERE a.id = %(id)s"
_MOST = 200


@dataclass(frozen=True, slots=True)
class Alert:
    """Answers beyond the limits. ``overdue``: not handled in the set time; ``mine``: the actor's institution handles it;
    ``green``: the text has it go by the green channel."""

    id: UUID
    resident_id: UUID
    institution_id: UUID
    raiser_id: UUID
    doctor_name: str
    form: Form | None
    items: tuple[tuple[Item | None, Any], ...]
    raised_at: datetime
    due_at: datetime | None
    handled_at: datetime | None
    handled_by_name: str
    handling: str
    request_id: UUID | None
    overdue: bool
    mine: bool
    green: bool


def followup_alerts(actor: Actor, *, overdue: bool = False, limit: int = _MOST) -> list[Alert]:
    """The alerts of the actor's institution, to handle or raised by it; the open ones first, by when they are due; with
    ``overdue`` only those that were not handled in time. The reading is recorded.

    Raises:
        Refused: without the right.
    """
    refuse(access.may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id))
    with scoped(actor):
        found = _alerts(actor, rows(_LIST, institution=actor.institution_id, limit=limit))
        found = [each for each in found if each.overdue or not overdue]
        residents.record_listed(actor, "contacts", [each.resident_id for each in found])
    return found


def alerts_owed(actor: Actor, *, limit: int = _MOST) -> list[Alert]:
    """The alerts that the actor's institution has to handle and has not, by when they are due. The reading is recorded.

    Raises:
        Refused: without the right.
    """
    refuse(access.may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id))
    with scoped(actor):
        found = _alerts(actor, rows(_OWED, institution=actor.institution_id, limit=limit))
        residents.record_listed(actor, "contacts", [each.resident_id for each in found])
    return found


def followup_alert(actor: Actor, alert_id: UUID) -> Alert:
    """One of them; the reading is recorded.

    Raises:
        Refused: without the right, or if there is none.
    """
    refuse(access.may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id))
    with scoped(actor):
        found = rows(_ONE, id=alert_id)
        if not found:
            raise Refused(NO_SUCH_ALERT)
        residents.record_listed(actor, "contacts", [found[0]["resident_id"]])
    return _alerts(actor, found)[0]


def _alerts(actor: Actor, found: Sequence[dict[str, Any]]) -> list[Alert]:
    """What the packs say is asked once an institution, however many alerts there are."""
    now = ledger_queries.now()
    on = day_of(now)
    books = {house: forms_at(house, on=on) for house in {row["raiser_id"] for row in found}}
    green = {
        house
        for house in {row["institution_id"] for row in found}
        if said(CHANNEL, house, on=on).value == GREEN
    }
    return [
        Alert(
            **{
                **row,
                "form": (form := books[row["raiser_id"]].get(row["form"])),
                "items": _in_order(row["items"], form),
            },
            overdue=row["handled_at"] is None and row["due_at"] is not None and row["due_at"] <= now,
            mine=row["institution_id"] == actor.institution_id,
            green=row["institution_id"] in green,
        )
        for row in found
    ]


def _in_order(items: dict[str, Any], form: Form | None) -> tuple[tuple[Item | None, Any], ...]:
    """By the form's order; what the form no longer asks comes last."""
    asked = [each.id for each in form.items] if form else []
    keys = sorted(items, key=lambda key: asked.index(key) if key in asked else len(asked))
    return tuple((form.item(key) if form else None, items[key]) for key in keys)
