"""A resident objects to a reading of their record; an auditor of the area answers."""

from __future__ import annotations

from uuid import UUID

from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.queries.windows import reading_of
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from .. import events, rules
from ..models import Objection
from ..queries.scoping import scoped
from ..rights import Right
from ..rules import consent as consent_rules

SUBJECT = "access.objection"


def object_to(
    actor: Actor,
    *,
    persons: tuple[UUID, ...],
    event_id: UUID,
    institution_name: str,
    division_code: str,
    text: str,
) -> UUID:
    """Object to one reading of this person's record; it is answered within fifteen days. Returns the id.

    The caller is inside ``scoped`` for these persons and has checked that the actor speaks for them.
    ``division_code`` says whose auditor answers where the reading itself names no area.

    Raises:
        Refused: if the actor is no resident, the reading is not one of theirs, or was objected to before.
    """
    refuse(rules.may(actor, Right.READS_OF_MINE, resident_id=actor.resident_id))
    told = text.strip()
    refuse(*consent_rules.words_refusals(told, at="text"))
    reading = reading_of(persons, event_id)
    if reading is None:
        raise Refused(consent_rules.NO_SUCH_READING)
    now = ledger_queries.now()
    objection = Objection(
        resident_id=persons[0],
        event_id=event_id,
        institution_id=reading.institution_id,
        institution_name=institution_name[:80],
        division_code=reading.division_code or division_code[:6],
        text=told,
        made_at=now,
        due=now + consent_rules.ANSWER_WITHIN,
    )
    before = Objection.objects.filter(resident_id__in=persons, event_id=event_id)
    made = Objection.objects.bulk_create([objection], ignore_conflicts=True)
    if before.exclude(pk=made[0].pk).exists():  # another entry of the person, or a twin that was quicker
        raise Refused(consent_rules.ALREADY_OBJECTED)
    ledger.append(
        actor,
        events.ObjectionMade(objection_id=objection.id, event_id=event_id, due=objection.due),
        subject_type=SUBJECT,
        subject_id=persons[0],
        institution_id=objection.institution_id,
        division_code=objection.division_code,
    )
    return objection.id


def answer_objection(actor: Actor, *, objection_id: UUID, upheld: bool, answer: str) -> None:
    """Answer an objection in words that the resident sees; ``upheld`` if the reading should not have been.

    Raises:
        Refused: if the actor may not answer there, it is about the actor's own reading, or it has been answered.
    """
    refuse(rules.may(actor, Right.GLASS_REVIEW, division=actor.division_code))
    said = answer.strip()
    refuse(*consent_rules.words_refusals(said, at="answer"))
    with scoped(actor, area=actor.division_code or ""):
        row: Objection | None = Objection.objects.select_for_update().filter(pk=objection_id).first()
        if row is None:
            raise Refused(consent_rules.NO_SUCH_OBJECTION)
        if row.answered_at is not None:
            raise Refused(consent_rules.ALREADY_ANSWERED)
        reading = reading_of((row.resident_id,), row.event_id)
        if reading is not None and reading.actor_id == actor.account_id:
            raise Refused(consent_rules.NOT_YOUR_ANSWER)
        row.answered_at = ledger_queries.now()
        row.answered_by, row.answerer_name = actor.account_id, actor.name[:40]
        row.upheld, row.answer = upheld, said
        row.save(update_fields=["answered_at", "answered_by", "answerer_name", "upheld", "answer"])
        ledger.append(
            actor,
            events.ObjectionAnswered(objection_id=row.id, upheld=upheld),
            subject_type=SUBJECT,
            subject_id=row.resident_id,
            institution_id=row.institution_id,
            division_code=row.division_code,
        )
