"""Showing that a patient can go down, and what was made of it: at the end of a tertiary outpatient visit (NHC-51), and where
all criteria of discharge are met (XH-66)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import DownPrompt, Encounter
from ..queries.facts import diseases_of, facts
from ..queries.ours import guidelines_in, said_in
from ..rules import asked, checking
from ..rules.asked import Ground, PromptAnswer
from ..rules.control import Control
from ..rules.entries import Diagnosis
from ..rules.prompting import CLEAR, STABLE, is_disease, proposes_down
from ..rules.vocabulary import ConditionRole, ConditionStatus, Stage, VisitKind
from .ground import Desk, own_place, tell

CONDITION = "NHC-51.condition"
_TERTIARY = 3  # 三级: what the level of a tertiary hospital is, not a number of policy
_KNOWN = """
SELECT EXISTS(SELECT FROM records_condition WHERE resident_id = ANY (%(persons)s::uuid[]) AND left(code, 3) = %(head)s
              AND encounter_id IS DISTINCT FROM %(visit)s::uuid AND status <> 'RESOLVED') AS known
"""
_REASON = Text("原因", "reason")


def prompt_at_visit(
    actor: Actor, visit: Encounter, conditions: Sequence[Diagnosis], *, at: Desk
) -> UUID | None:
    """After a visit was noted with these diagnoses: show the doctor that the patient can go down, where the visit is one of
    a tertiary outpatient clinic and the text's condition holds; answers the prompt's id. The caller stands in ``scoped``.

    The record is looked at by the platform, for this question only, and nothing of it is shown.
    """
    main = next((each for each in conditions if each.role is ConditionRole.MAIN), None)
    if visit.kind != VisitKind.OUTPATIENT.value or main is None:
        return None
    condition = str(said_in(CONDITION, at.division_code, on=at.today).value or "")
    place = network.place_of(visit.institution_id, on=at.today) if condition else None
    if place is None or place.level < _TERTIARY:
        return None
    if not proposes_down(condition, _facts(actor, visit, main, at, condition)):
        return None
    row = _show(actor, Ground.VISIT, visit.id, visit.resident_id, code=main.code, name=main.name)
    return row.id


def answer_prompt(
    actor: Actor,
    *,
    ground: Ground,
    source_id: UUID,
    taken: bool,
    reason: str = "",
    resident_id: UUID | None = None,
    name: str = "",
) -> None:
    """Take the proposal up, or decline it with the reason. One on met criteria is shown in a list and kept with its answer:
    ``resident_id`` and ``name`` (of the disease) are those of the case.

    Raises:
        Refused: without the right; if there is no such proposal of the actor's institution, it was declined already, or
            is declined without a reason.
    """
    own_place(actor)
    refuse(
        None if taken or reason.strip() else asked.PROMPT_WITHOUT_REASON,
        *checking.too_long({_REASON: (reason, 200)}),
    )
    with scoped(actor):
        mine = {"ground": ground.value, "source_id": source_id, "institution_id": actor.institution_id}
        row = DownPrompt.objects.select_for_update().filter(**mine).first()
        if row is None and ground is Ground.CRITERIA and resident_id is not None:
            row = _show(actor, ground, source_id, resident_id, name=name[:100])
        if row is None:
            raise Refused(asked.NO_SUCH_PROMPT)
        if row.answer == PromptAnswer.TAKEN.value and taken:
            return
        refuse(asked.PROMPT_ANSWERED if row.answer else None)
        row.answer = (PromptAnswer.TAKEN if taken else PromptAnswer.DECLINED).value
        row.reason, row.answered_at = reason.strip(), ledger_queries.now()
        row.answered_by_name = actor.name
        row.save(update_fields=["answer", "reason", "answered_at", "answered_by_name"])
        tell(actor, row, events.PromptAnswered(row.id, row.ground, taken))


def _facts(actor: Actor, visit: Encounter, main: Diagnosis, at: Desk, condition: str) -> dict[str, bool]:
    """What the terms ask: a disease that was known before, or is noted as stable; and that it is stable, by the doctor's
    word, the mark, or readings under control. The readings are looked through only where they can still decide."""
    noted_stable = main.status is ConditionStatus.STABLE
    persons = list(at.persons)
    with scoped(actor, persons=persons, whole=True):
        (found,) = rows(_KNOWN, persons=persons, head=main.code[:3], visit=visit.id)
        clear = is_disease(main.code) and (found["known"] or noted_stable)
        stable = noted_stable or visit.stage == Stage.CHRONIC_STABLE.value
        if not stable and (clear or CLEAR not in condition):
            stable = _controlled(main.code, at)
    return {CLEAR: clear, STABLE: stable}


def _controlled(code: str, at: Desk) -> bool:
    book = guidelines_in(at.division_code, on=at.today)
    if book is None:
        return False
    here = set(diseases_of([code], book))
    standings = facts(at.persons, on=at.today, book=book).standings
    return any(each.control is Control.STABLE and each.disease in here for each in standings)


def _show(
    actor: Actor, ground: Ground, source_id: UUID, resident_id: UUID, *, code: str = "", name: str = ""
) -> DownPrompt:
    row = DownPrompt.objects.create(
        resident_id=resident_id,
        institution_id=actor.institution_id,
        ground=ground.value,
        source_id=source_id,
        code=code,
        name=name,
    )
    tell(actor, row, events.PromptShown(row.id, row.ground))
    return row
