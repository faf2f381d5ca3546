"""What follows a discharge: contacts at the levels that the region's text has (TY-66), each with its form."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of

from .. import events
from ..models import Encounter, PlannedContact
from ..queries.ours import said
from ..rules.asked import DISCHARGED, FAMILY_DOCTOR, TOWNSHIP
from ..rules.vocabulary import ContactKind, VisitKind, Way
from .asking import AnswersFor, who_answers_for
from .contacts import LEVELS
from .ground import SUBJECT

BY, AFTER, FORMS = "levels_by", "levels_after_days", "levels_form"
_KIND_OF = {"nursing": ContactKind.NURSING, "rehabilitation": ContactKind.REHAB}


def follow_up_discharge(*, encounter_id: UUID, institution_id: UUID) -> tuple[UUID, ...]:
    """Plan the contacts that follow a stay of the institution, one a level: who makes it, how many days after the discharge
    and by which form the text in force there says. Told twice it plans them once; answers those that it planned.

    Nothing where no text has levels, where it was no stay, or the resident has died.
    """
    today = ledger_queries.today()
    levels, by, after, forms = (said(key, institution_id, on=today) for key in (LEVELS, BY, AFTER, FORMS))
    if levels.number is None:
        return ()
    system = replace(Actor.system(), institution_id=institution_id)
    with scoped(system):
        stay = Encounter.objects.filter(id=encounter_id, institution_id=institution_id).first()
        if stay is None or stay.ended_at is None or stay.kind != VisitKind.INPATIENT.value:
            return ()
        (least,) = residents.least_of([stay.resident_id])
        if least.deceased:
            return ()
        who = who_answers_for(stay.resident_id)
        made = []
        for number, (level, days, form) in enumerate(
            list(zip(by.words, after.words, forms.words, strict=False))[: levels.number], start=1
        ):
            row, created = PlannedContact.objects.get_or_create(
                institution_id=_doer(level, who, institution_id),
                source=DISCHARGED,
                source_key=f"{encounter_id}#{number}",
                defaults={
                    "resident_id": stay.resident_id,
                    "planner_id": institution_id,
                    "kind": _KIND_OF.get(form, ContactKind.FOLLOW_UP).value,
                    "level": number,
                    "form": form,
                    "way": Way.PHONE.value,
                    "due_on": _due(day_of(stay.ended_at), int(days), today),
                    "words": "出院随访",
                },
            )
            if created:
                made.append(row.id)
                _tell(system, row, levels.clauses)
    return tuple(made)


def _doer(level: str, who: AnswersFor, hospital: UUID) -> UUID:
    """Who is to make it; where a resident has no such institution the next one up does, so that nobody is left out."""
    if level == FAMILY_DOCTOR:
        return who.doctors_at or who.keeper or hospital
    return who.keeper or who.doctors_at or hospital if level == TOWNSHIP else hospital


def _due(ended: date, days: int, today: date) -> date:
    return max(ended + timedelta(days=days), today)


def _tell(system: Actor, row: PlannedContact, clauses: tuple[str, ...]) -> None:
    planned = events.ContactPlanned(
        contact_id=row.id,
        kind=row.kind,
        level=row.level,
        due_on=row.due_on,
        by_id=row.institution_id,
        request_id=None,
    )
    ledger.append(
        system,
        planned,
        subject_type=SUBJECT,
        subject_id=row.resident_id,
        institution_id=row.planner_id,
        clauses=clauses,
    )
