"""What people put on record about an application before somebody decides: that it may exceed the plan, that they choose it too, how it
stands to the criteria."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from ... import events, models
from ...queries.proposals import partner_ids
from ...queries.ranges import NATION
from ...rules.choosing import DECLINED_WITHOUT_WORDS, NOT_WAITING, not_asked
from ...rules.pairing import Judged, unscored
from ...workflow import Act, State
from .readiness import ready
from .shared import locked, may_propose, no_such, why_not

_OPEN = (State.DRAFT, State.SUBMITTED, State.RETURNED)
_NO_INSTITUTION = UUID(int=0)


@transaction.atomic
def override_plan(*, actor: Actor, application_id: UUID, reason: str) -> models.PlanOverride:
    """Record that an application may exceed the plan of institutions, by as much as it does now (XH-12).

    Raises:
        Refused: if the actor may not decide about it now (as of the decision itself: nobody about what they submitted), it exceeds nothing,
            or no reason is given.
    """
    application = locked(application_id)
    refuse(cannot_override(actor, application))
    if not reason.strip():
        raise Refused(_OVERRIDE_WITHOUT_REASON)
    found = ready(application).marks
    if not found:
        raise Refused(_NOTHING_EXCEEDED)
    assert actor.account_id is not None, "the system decides nothing"
    kept = models.PlanOverride.objects.create(
        application=application,
        marks=[mark.plain for mark in found],
        reason=reason.strip(),
        by_id=actor.account_id,
        by_name=actor.name,
        at=clock.now(),
    )
    _record(actor, application, events.PlanOverridden(application.title, len(found), kept.reason))
    return kept


def cannot_override(actor: Actor, application: models.Application) -> Refusal | None:
    """Why the actor may not let an application exceed the plan, if so: whoever may decide about it now, may."""
    act = Act.APPLY if application.state == State.DRAFT else Act.APPROVE
    return why_not(actor, application, act)


@transaction.atomic
def confirm_choice(
    *, actor: Actor, application_id: UUID, agreed: bool, words: str = ""
) -> models.Confirmation:
    """Say for one's own institution that it chooses the proposal too, or does not (YN-01). Of several words the last one counts; another
    partner, part or day is another proposal and is asked anew.

    Raises:
        Refused: if the actor does not keep the registers of an institution that the proposal ties together, the application does not wait
            for a decision, or it is declined without a reason.
    """
    application = locked(application_id)
    if application.state != State.SUBMITTED:
        raise Refused(NOT_WAITING)
    institution = actor.institution_id
    if institution is None:
        raise Refused(not_asked(actor.name))
    refuse(
        may(actor, Right.NETWORK_REPORT, division=actor.division_code or NATION, institution_id=institution)
    )
    standing = ready(application)
    asked = {side.code for side in standing.sides}
    known = partner_ids(standing.proposal) if standing.proposal else {}
    if institution not in {known.get(code) for code in asked}:
        raise Refused(not_asked(actor.name))
    if not agreed and not words.strip():
        raise Refused(DECLINED_WITHOUT_WORDS)
    assert actor.account_id is not None and standing.proposal is not None
    kept = models.Confirmation.objects.create(
        application=application,
        institution_id=institution,
        digest=standing.proposal.digest,
        agreed=agreed,
        words=words.strip(),
        by_id=actor.account_id,
        by_name=actor.name,
        at=clock.now(),
    )
    _record(actor, application, events.ChoiceSaid(application.title, str(institution), agreed, kept.words))
    return kept


@transaction.atomic
def score_proposal(
    *, actor: Actor, application_id: UUID, judged: Sequence[Judged]
) -> list[models.ProposalScore]:
    """Keep how a proposal stands to every criterion of the pack, with its ground; saved again it is kept anew, and the newest counts.

    Raises:
        Refused: if the actor may neither propose nor decide there, it was decided, it ties nobody together, or data say nothing about a
            criterion and nobody judged it.
    """
    application = _open(application_id)
    if application.state == State.DRAFT and application.applicant_id != actor.account_id:
        raise Refused(no_such())
    decides = may(actor, Right.NETWORK_DECIDE, division=application.decided_by_division)
    if decides is not None and application.applicant_id != actor.account_id:
        raise Refused(decides)
    refuse(may_propose(actor, application.region) if decides is not None else None)
    proposed = ready(application).proposal
    if proposed is None or not proposed.asked:
        raise Refused(_NOTHING_TO_SCORE)
    given = [each for each in judged if (each.clause, each.measured.criterion) in proposed.asked]
    refuse(*unscored(given))
    assert actor.account_id is not None, "the system judges nothing"
    kept = models.ProposalScore.objects.bulk_create(
        models.ProposalScore(
            application=application,
            digest=proposed.digest,
            clause=each.clause,
            criterion=each.measured.criterion,
            met=each.measured.met,
            of=len(each.measured.grounds) or None,
            grade=each.grade.value if each.grade else "",
            words=each.words.strip(),
            ground=[ground.plain for ground in (*each.measured.grounds, *each.measured.figures)],
            by_id=actor.account_id,
            by_name=actor.name,
            at=clock.now(),
        )
        for each in given
    )
    _record(actor, application, events.ProposalScored(application.title, len(kept)))
    return kept


def _open(application_id: UUID) -> models.Application:
    application = locked(application_id)
    if application.state not in _OPEN:
        raise Refused(_DECIDED)
    return application


def _record(
    actor: Actor,
    application: models.Application,
    event: events.PlanOverridden | events.ChoiceSaid | events.ProposalScored,
) -> None:
    ledger.append(
        actor,
        event,
        subject_type="application",
        subject_id=application.id,
        institution_id=application.institution_id,
        division_code=application.region,
    )


_OVERRIDE_WITHOUT_REASON = Refusal(
    code="override_without_reason",
    message=Text("超规划办理要写明理由。", "Exceeding the plan needs a reason."),
    instead=Text("请写明为什么确有必要。", "Say why it has to be."),
    at="override",
    status=422,
)
_NOTHING_EXCEEDED = Refusal(
    code="override_of_nothing",
    message=Text("这份申请没有超出规划。", "The application does not exceed the plan."),
    instead=Text("可以直接审批。", "It can be decided as it is."),
    status=409,
)
_NOTHING_TO_SCORE = Refusal(
    code="nothing_to_score",
    message=Text(
        "这份申请不组建医联体，也不增加成员。", "The application neither forms a consortium nor adds to one."
    ),
    instead=Text("不需要评分。", "There is nothing to score."),
    status=409,
)
_DECIDED = Refusal(
    code="application_decided",
    message=Text("这份申请已经办结。", "The application was decided."),
    instead=Text("需要再变更时，请提出新的申请。", "For another change make a new application."),
    status=409,
)
