"""Objecting to a recorded absence, and answering the objection."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.messages import commands as messages
from tiercare.apps.messages.commands import Word
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import Appeal
from ..queries.bookings import seen
from ..rules import refusals
from ..rules.absence import LONGEST_WORDS, AppealState
from ..workflow import State

SUBJECT = "capacity.booking"
_LONGEST_MESSAGE = 500


def appeal(actor: Actor, *, booking_id: UUID, words: str) -> UUID:
    """A resident says why they did not come, or their guardian says it.

    Raises:
        Refused: if it is not their booking, they were not recorded as absent, or have objected before.
    """
    words = _said(words)
    with seen(actor, booking_id) as (found, persons):
        if found.resident_id not in persons:
            raise Refused(refusals.NO_SUCH_BOOKING)
        if found.state is not State.NO_SHOW:
            raise Refused(_NOT_ABSENT)
        try:
            with transaction.atomic():
                row = Appeal.objects.create(
                    booking_id=booking_id,
                    resident_id=found.resident_id,
                    institution_id=found.institution_id,
                    words=words,
                    state=AppealState.OPEN.value,
                )
        except IntegrityError as error:
            raise Refused(_ONCE) from error
        _tell(actor, row)
    return row.id


def decide_appeal(actor: Actor, *, appeal_id: UUID, excused: bool, answer: str) -> None:
    """Excuse the absence, or let it stand; the resident is told either way.

    Raises:
        Refused: if the actor does not keep the institution's schedule, or it is answered already.
    """
    answer = _said(answer)
    with scoped(actor):
        row = Appeal.objects.select_for_update().filter(id=appeal_id).first()
        if row is None or row.state != AppealState.OPEN:
            raise Refused(_NOT_OPEN)
        refuse(may(actor, Right.CAPACITY_KEEP, institution_id=row.institution_id))
        row.state = (AppealState.EXCUSED if excused else AppealState.UPHELD).value
        row.decided_by, row.decided_at, row.answer = actor.account_id, ledger_queries.now(), answer
        row.save(update_fields=["state", "decided_by", "decided_at", "answer"])
        _tell(actor, row)
        outcome = "已予谅解，不再计入" if excused else "维持原登记"
        text = f"【分级诊疗】您对未到诊登记的申诉{outcome}：{answer}"
        messages.tell(
            actor,
            [Word(row.resident_id, text[:_LONGEST_MESSAGE], SUBJECT, row.booking_id)],
            institution_id=row.institution_id,
        )


def _tell(actor: Actor, row: Appeal) -> None:
    ledger.append(
        actor,
        events.AppealTurned(resident=row.resident_id, state=row.state),
        subject_type=SUBJECT,
        subject_id=row.booking_id,
        institution_id=row.institution_id,
        division_code=actor.division_code,
    )


def _said(words: str) -> str:
    words = words.strip()
    if not 1 <= len(words) <= LONGEST_WORDS:
        raise Refused(_WORDLESS)
    return words


_WORDLESS = Refusal(
    code="capacity.appeal_without_words",
    message=Text("请写明原因（{longest} 字以内）。", "Give the reason, in at most {longest} characters."),
    instead=Text("写一两句话即可。", "A sentence or two will do."),
    fields={"longest": LONGEST_WORDS},
    at="words",
    status=422,
)
_NOT_ABSENT = Refusal(
    code="capacity.not_absent",
    message=Text("这条预约没有登记为未到。", "This booking was not recorded as missed."),
    instead=Text("只有登记为“爽约”的预约可以申诉。", "Only missed bookings can be objected to."),
    at="booking",
)
_ONCE = Refusal(
    code="capacity.appeal_once",
    message=Text("这条预约已经申诉过。", "You have objected already."),
    instead=Text("处理结果会用短信告诉您。", "You will be told the outcome."),
    at="booking",
)
_NOT_OPEN = Refusal(
    code="capacity.appeal_not_open",
    message=Text("没有这条申诉，或已有人答复。", "There is no such objection, or it is answered."),
    instead=Text("请刷新申诉列表。", "Reload the list."),
    at="appeal",
    status=404,
)
