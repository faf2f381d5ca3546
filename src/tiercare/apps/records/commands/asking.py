"""Forms that are asked: filled in at a contact, with an alert where an answer goes beyond the form's limits (TY-66, TY-68);
and the survey after a stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.engines.forms import Answers, Form, beyond, wrong_answers
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import FollowUpAlert, FormAnswer, PlannedContact
from ..queries.forms import forms_at
from ..queries.ours import said
from ..queries.surveys import stay_to_ask
from ..rules import asked, checking
from ..rules.vocabulary import ContactOutcome
from .ground import SUBJECT, one_at_a_time, own_place

TYPES, WITHIN = "TY-68.types", "alert_handle_within_hours"
_ANSWERS_FOR = "SELECT institution, doctor, keeper FROM records_answers_for(%(resident)s, %(on)s::date)"
_HANDLING = Text("处理", "handling")


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was filled in; ``facts`` are the answers that the guidelines know."""

    form: Form
    answers: Answers

    @property
    def facts(self) -> Mapping[str, float | bool | str]:
        """By the guidelines' names."""
        found = {item.fact: self.answers.get(item.id) for item in self.form.items if item.fact}
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class AnswersFor:
    """Who answers for a resident: the institution of the responsible doctor with the doctor's name, and the one that keeps the
    file."""

    doctors_at: UUID | None
    doctor: str
    keeper: UUID | None


def who_answers_for(resident_id: UUID) -> AnswersFor:
    """As of today, past the wall; it tells nothing of who the resident is."""
    (row,) = rows(_ANSWERS_FOR, resident=resident_id, on=ledger_queries.today())
    return AnswersFor(row["institution"], row["doctor"] or "", row["keeper"])


def fill(row: PlannedContact, outcome: ContactOutcome, answers: Answers | None) -> Filled | None:
    """The form of a contact, as it was answered; ``None`` where it asks none, or nobody answered.

    Raises:
        Refused: for answers that cannot be, or that are missing where somebody was reached.
    """
    form = forms_at(row.institution_id, on=ledger_queries.today()).get(row.form) if row.form else None
    if form is None or (outcome is not ContactOutcome.REACHED and not answers):
        return None
    given = dict(answers or {})
    refuse(*wrong_answers(form, given))
    return Filled(form, given)


def keep_answer(actor: Actor, row: PlannedContact, filled: Filled) -> UUID | None:
    """Keep what was answered at a contact; answers the alert that it raised, if it did. The caller stands in ``scoped``."""
    answer = _keep(actor, row.resident_id, row.institution_id, filled, contact_id=row.id)
    over = beyond(filled.form, filled.answers)
    types = said(TYPES, row.institution_id, on=ledger_queries.today())
    if not over or (types.clauses and filled.form.id not in types.words):
        return None
    who = who_answers_for(row.resident_id)
    handles = who.doctors_at or who.keeper or row.institution_id
    hours = said(WITHIN, handles, on=ledger_queries.today()).number
    now = ledger_queries.now()
    alert = FollowUpAlert.objects.create(
        resident_id=row.resident_id,
        institution_id=handles,
        raiser_id=row.institution_id,
        doctor_name=who.doctor,
        answer=answer,
        form=filled.form.id,
        items={item.id: filled.answers[item.id] for item in over},
        raised_at=now,
        due_at=None if hours is None else now + timedelta(hours=hours),
    )
    return alert.id


def handle_alert(actor: Actor, *, alert_id: UUID, handling: str, request_id: UUID | None = None) -> None:
    """Say how an alert was handled; ``request_id`` is the referral that was begun for it.

    Raises:
        Refused: without the right; if it is not the actor's institution's to handle, or handled already; without a word.
    """
    own_place(actor)
    refuse(None if handling.strip() else asked.HOW_HANDLED, *checking.too_long({_HANDLING: (handling, 500)}))
    with scoped(actor):
        row = (
            FollowUpAlert.objects.select_for_update()
            .filter(id=alert_id, institution_id=actor.institution_id)
            .first()
        )
        if row is None:
            raise Refused(asked.NO_SUCH_ALERT)
        refuse(asked.ALERT_HANDLED if row.handled_at is not None else None)
        row.handled_at, row.handled_by_name = ledger_queries.now(), actor.name
        row.handling, row.request_id = handling.strip(), request_id
        row.save(update_fields=["handled_at", "handled_by_name", "handling", "request_id"])
        took = int((row.handled_at - row.raised_at).total_seconds())
        _tell(actor, row.resident_id, events.AlertHandled(row.id, took, request_id))


def answer_survey(actor: Actor, *, encounter_id: UUID, answers: Answers) -> UUID:
    """Answer the survey about a stay: the resident (or their guardian) by their own page, or the hospital's staff for them.

    Raises:
        Refused: if there is no such stay to be asked about, it was answered already, or an answer cannot be.
        Closed: if the record is closed to the actor.
    """
    stay = stay_to_ask(actor, encounter_id)
    if stay is None:
        raise Refused(asked.NOT_ASKED_HERE)
    form = forms_at(stay.institution_id, on=ledger_queries.today())[stay.form]
    refuse(*wrong_answers(form, answers))
    own = actor.resident_id is not None
    with scoped(actor, persons=residents.person_of(stay.resident_id) if own else ()):
        one_at_a_time(stay.institution_id, "survey", str(encounter_id))  # the resident and the staff at once
        again = FormAnswer.objects.filter(about_id=encounter_id, form=form.id).exists()
        refuse(asked.ANSWERED_ALREADY if again else None)
        row = _keep(
            actor, stay.resident_id, stay.institution_id, Filled(form, answers), about_id=encounter_id
        )
    return row.id


def _keep(
    actor: Actor,
    resident_id: UUID,
    institution_id: UUID,
    filled: Filled,
    *,
    contact_id: UUID | None = None,
    about_id: UUID | None = None,
) -> FormAnswer:
    own = actor.resident_id is not None
    row = FormAnswer.objects.create(
        resident_id=resident_id,
        institution_id=institution_id,
        form=filled.form.id,
        version=filled.form.version,
        contact_id=contact_id,
        about_id=about_id,
        year=ledger_queries.today().year,
        answers=dict(filled.answers),
        by_resident=own,
        by_name="" if own else actor.name,
    )
    told = events.FormAnswered(
        answer_id=row.id,
        form=row.form,
        version=row.version,
        contact_id=contact_id,
        by_resident=own,
        beyond=tuple(item.id for item in beyond(filled.form, filled.answers)),
    )
    _tell(actor, resident_id, told, institution_id=institution_id)
    return row


def _tell(
    actor: Actor,
    resident_id: UUID,
    payload: events.FormAnswered | events.AlertHandled,
    *,
    institution_id: UUID | None = None,
) -> None:
    ledger.append(
        actor,
        payload,
        subject_type=SUBJECT,
        subject_id=resident_id,
        institution_id=institution_id or actor.institution_id,
        division_code=actor.division_code,
    )
