"""Who is ready to go down and has nobody who takes them over yet (NHC-38, YN-52, XH-49)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.capacity.queries.discharge import MetAll, discharge_criteria_met
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.records import queries as records
from tiercare.apps.records.queries.going_down import SHOWN_DAYS, Ready
from tiercare.apps.records.rules.asked import Ground, PromptAnswer
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse

# Somebody for whom a downward request was sent from here since they were marked is on the way, or has gone.
_SENT = """
SELECT DISTINCT r.resident_id FROM exchange_request r
WHERE r.from_institution = %(house)s AND r.kind = 'down'
  AND r.state NOT IN ('DRAFT', 'WITHDRAWN', 'CANCELLED', 'RETURNED')
  AND (r.over_at IS NULL OR EXISTS (
      SELECT FROM records_encounter e WHERE e.resident_id = r.resident_id AND e.institution_id = %(house)s
        AND e.stage <> '' AND e.stage_at <= r.made_at))
"""
# When the last downward request that stands was sent for each.
_SENT_AT = """
SELECT resident_id, max(sent_at) AS at FROM exchange_request
WHERE from_institution = %(house)s AND kind = 'down' AND sent_at IS NOT NULL
  AND state NOT IN ('DRAFT', 'WITHDRAWN', 'CANCELLED', 'RETURNED')
GROUP BY resident_id
"""


@dataclass(frozen=True, slots=True)
class GoingDown:
    """Patients who are marked as recovered or stable and for whom no downward request is on the way, the longest marked first:
    ``inside`` are in the house still, ``left`` have gone with neither a plan nor a reason (XH-49), as far as the text in
    force has the sending side see them."""

    inside: tuple[Ready, ...]
    left: tuple[Ready, ...]


def who_goes_down(actor: Actor) -> GoingDown:
    """Both lists of the actor's institution, asked for once; the reading is recorded.

    Raises:
        Refused: if the actor sees no such list.
    """
    found = _of(actor)
    assert actor.institution_id is not None  # the right is one of institutions
    left = tuple(each for each in found if each.ended_at is not None)
    if left and records.SENDER not in records.left_shown_to(actor.institution_id, on=ledger.today()):
        left = ()
    return GoingDown(inside=tuple(each for each in found if each.ended_at is None), left=left)


def ready_to_go_down(actor: Actor) -> list[Ready]:
    """Those of ``who_goes_down`` who are in the house still.

    Raises:
        Refused: as ``who_goes_down``.
    """
    return list(who_goes_down(actor).inside)


def discharged_without_plan(actor: Actor) -> list[Ready]:
    """Those of ``who_goes_down`` who have left already. The institution that answers for them sees them too
    (``records.left_elsewhere``).

    Raises:
        Refused: as ``who_goes_down``.
    """
    return list(who_goes_down(actor).left)


def _of(actor: Actor) -> list[Ready]:
    with scoped(actor):
        sent = [row["resident_id"] for row in rows(_SENT, house=actor.institution_id)]
    return records.going_down(actor, without=sent)


def criteria_met(actor: Actor) -> list[MetAll]:
    """Patients of the actor's institution who met all criteria for discharge (XH-66), for whom nothing was sent down since,
    and nobody said why they stay; for as long as those who left without a plan are shown. The reading is recorded.

    Raises:
        Refused: if the actor sees no such list.
    """
    refuse(may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id))
    assert actor.institution_id is not None
    days = records.said(SHOWN_DAYS, actor.institution_id, on=ledger.today()).number
    if days is None:
        return []
    found = discharge_criteria_met(actor, since=ledger.now() - timedelta(days=days))
    answers = records.prompt_answers(actor, Ground.CRITERIA, [each.case_id for each in found])
    with scoped(actor):
        sent = {row["resident_id"]: row["at"] for row in rows(_SENT_AT, house=actor.institution_id)}
    return [
        each
        for each in found
        if answers.get(each.case_id) is not PromptAnswer.DECLINED
        and not (each.resident_id in sent and sent[each.resident_id] >= each.met_at)
    ]
