"""Planned contacts: who is to be called, seen or visited by a day; doing and cancelling them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.rules.territory import Territorial
from tiercare.engines.guidelines import Observed, misread
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import CarePlan, PlannedContact
from ..queries.facts import facts
from ..queries.ours import guidelines_at, said
from ..rules import checking, refusals
from ..rules.contacts import NO_REASON, alerts_of, outcome_refusal, wrong_contact
from ..rules.entries import as_reading
from ..rules.vocabulary import ContactKind, ContactOutcome, Way
from .asking import fill, keep_answer
from .ground import desk, is_of, own_place, tell
from .lines import head_of, write_readings

LEVELS = "followup_levels"
# Contacts are made by who is near: the criteria are those for primary care.
_PRIMARY = 1
# Which kinds are services that stand with the resident's own area.
TERRITORIAL_KINDS: Mapping[ContactKind, Territorial] = {
    ContactKind.PUBLIC: Territorial.BASIC_PUBLIC_HEALTH,
    ContactKind.PREVENTION: Territorial.DISEASE_PREVENTION,
}
_NOTE, _REASON, _WORDS = Text("记录", "note"), Text("原因", "reason"), Text("说明", "words")


def plan_contact(
    actor: Actor,
    *,
    resident_id: UUID,
    kind: ContactKind,
    due_on: date,
    institution_id: UUID | None = None,
    account_id: UUID | None = None,
    level: int = 1,
    way: Way = Way.PHONE,
    words: str = "",
    plan_id: UUID | None = None,
    request_id: UUID | None = None,
) -> UUID:
    """Plan that ``institution_id`` contacts the resident by a day; answers the contact's id. By default one's own does; what stands
    with the resident's own area (WH-03: public health, prevention) is by default done by the institution of that area, or by whom the
    resident chose, and another is allowed.

    ``level`` is one of the region's levels of follow-up (TY-66).

    Raises:
        Refused: without right or ground; for a day that has passed or a level that the region does not have; for a plan
            or a request that is not this resident's.
    """
    at = desk(actor, resident_id)
    levels = said(LEVELS, at.institution_id, on=at.today)
    refuse(
        *wrong_contact(due_on, level, today=at.today, levels=levels.number, clauses=levels.clauses),
        *checking.too_long({_WORDS: (words, 500)}),
        None if request_id is None or is_of(request_id, at.persons, actor) else refusals.NOT_THEIR_REQUEST,
    )
    with scoped(actor, persons=at.persons):
        own_plan = plan_id is None or CarePlan.objects.filter(id=plan_id, resident_id__in=at.persons).exists()
        refuse(None if own_plan else refusals.OTHERS_PLAN)
        service = TERRITORIAL_KINDS.get(kind)
        stands = residents.provider_of(at.persons, service, on=at.today) if service else None
        by_default = stands.institution if stands is not None else None
        row = PlannedContact.objects.create(
            resident_id=at.resident_id,
            institution_id=institution_id or by_default or at.institution_id,
            planner_id=at.institution_id,
            account_id=account_id,
            plan_id=plan_id,
            request_id=request_id,
            kind=kind.value,
            level=level,
            due_on=due_on,
            way=way.value,
            words=words.strip(),
        )
        planned = events.ContactPlanned(
            contact_id=row.id,
            kind=row.kind,
            level=level,
            due_on=due_on,
            by_id=row.institution_id,
            request_id=request_id,
        )
        tell(actor, row, planned, clauses=(*levels.clauses, *((stands.clause,) if stands else ())))
    return row.id


def do_contact(
    actor: Actor,
    *,
    contact_id: UUID,
    outcome: ContactOutcome,
    note: str = "",
    answers: Mapping[str, float | bool | str] | None = None,
    asked: Mapping[str, float | bool | str] | None = None,
) -> tuple[str, ...]:
    """Say that a contact was made and what came of it; answers the criteria of referral that its answers meet.

    ``answers`` are facts of the guidelines by their id; measured ones go into the record as values. ``asked`` are the answers
    to the contact's form: beyond its limits they raise an alert to whoever answers for the resident (TY-68).

    Raises:
        Refused: without the right; if it is not the institution's, or over; if an answer cannot be; without a word on why
            nobody was reached or the resident declined.
    """
    own_place(actor)
    with scoped(actor):
        row = _own(actor, contact_id)
        filled = fill(row, outcome, asked)
        said_now: Observed = {**(answers or {}), **(filled.facts if filled else {})}
        refuse(
            outcome_refusal(outcome, note, {**said_now, **(asked or {})}),
            *checking.too_long({_NOTE: (note, 500)}),
        )
        alerts = _alerts(actor, row, said_now)
        now = ledger_queries.now()
        row.done_at, row.outcome, row.note = now, outcome.value, note.strip()
        row.done_by_name, row.answers, row.alerts = actor.name, dict(said_now), list(alerts)
        row.save(update_fields=["done_at", "done_by_name", "outcome", "note", "answers", "alerts"])
        readings = [as_reading(item, value) for item, value in said_now.items()]
        write_readings(head_of(row, "contact"), readings, taken_at=now)
        if filled is not None:
            keep_answer(actor, row, filled)
        late = max(0, (ledger_queries.today() - row.due_on).days)
        done = events.ContactDone(contact_id=row.id, outcome=row.outcome, late_days=late, alerts=alerts)
        tell(actor, row, done)
    return alerts


def cancel_contact(actor: Actor, *, contact_id: UUID, reason: str) -> None:
    """Say that a planned contact will not be made, and why; its doer and its planner may.

    Raises:
        Refused: without the right; if it is neither's, or over; without a reason.
    """
    own_place(actor)
    refuse(None if reason.strip() else NO_REASON, *checking.too_long({_REASON: (reason, 200)}))
    with scoped(actor):
        row = _own(actor, contact_id, planner=True)
        row.cancelled_at, row.cancel_reason = ledger_queries.now(), reason.strip()
        row.save(update_fields=["cancelled_at", "cancel_reason"])
        tell(actor, row, events.ContactCancelled(contact_id=row.id))


def _own(actor: Actor, contact_id: UUID, *, planner: bool = False) -> PlannedContact:
    row = PlannedContact.objects.select_for_update().filter(id=contact_id).first()
    mine = row is not None and actor.institution_id in (
        {row.institution_id, row.planner_id} if planner else {row.institution_id}
    )
    if row is None or not mine:
        raise Refused(refusals.NO_SUCH_CONTACT)
    if row.done_at is not None or row.cancelled_at is not None:
        raise Refused(refusals.CONTACT_OVER)
    return row


def _alerts(actor: Actor, row: PlannedContact, answers: Observed) -> tuple[str, ...]:
    """What the answers, with what is known of the person, ask for; the record is looked at by the platform, for this
    question only, and nothing of it is shown."""
    today = ledger_queries.today()
    book = guidelines_at(row.institution_id, on=today)
    if not answers:
        return ()
    if book is None:
        raise Refused(refusals.NO_GUIDELINES)
    refuse(*misread(book, answers))
    persons = residents.person_of(row.resident_id)
    with scoped(actor, persons=persons):
        known = facts(persons, on=today, book=book)
    return alerts_of(book, known.diseases, answers, known.observed, tier=_PRIMARY, on=today)
