"""Breaking the glass in an emergency, and the review by somebody else that follows every time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from .. import events, rules
from ..models import Account, BreakGlass
from ..queries.scoping import scoped
from ..rights import Right
from ..rules import BREAK_GLASS_LIMIT, REVIEW_WITHIN
from ..rules import consent as consent_rules

SUBJECT = "access.glass"


def break_glass(
    actor: Actor,
    *,
    persons: tuple[UUID, ...],
    institution_name: str,
    reason: str,
    explanation: str,
) -> datetime:
    """Let this account read this one person's record for four hours; answers when that ends.

    ``persons`` are all entries of the person, the master first. Broken again while it lasts, nothing changes.

    Raises:
        Refused: if the actor may not, it is their own record, or the reason does not suffice (all of it told).
    """
    refuse(rules.may(actor, Right.GLASS_BREAK, institution_id=actor.institution_id))
    assert (
        actor.institution_id is not None and actor.account_id is not None
    )  # the right reaches by institution
    told = explanation.strip()
    refuse(*consent_rules.glass_refusals(reason, told))
    if Account.objects.filter(pk=actor.account_id, resident_id__in=persons).exists():
        raise Refused(consent_rules.GLASS_NOT_FOR_ONESELF)
    with scoped(actor):
        now = ledger_queries.now()
        mine = BreakGlass.objects.filter(resident_id__in=persons, account_id=actor.account_id)
        lasting = mine.filter(institution_id=actor.institution_id, since__lte=now, until__gt=now).first()
        if lasting is not None:
            until: datetime = lasting.until
            return until
        glass = BreakGlass.objects.create(
            resident_id=persons[0],
            account_id=actor.account_id,
            account_name=actor.name[:40],
            institution_id=actor.institution_id,
            institution_name=institution_name[:80],
            division_code=actor.division_code or "",
            reason=reason,
            explanation=told,
            since=now,
            until=now + BREAK_GLASS_LIMIT,
            review_due=now + REVIEW_WITHIN,
        )
        ledger.append(
            actor,
            events.GlassBroken(
                glass_id=glass.id, reason=reason, until=glass.until, review_due=glass.review_due
            ),
            subject_type=SUBJECT,
            subject_id=persons[0],
            institution_id=actor.institution_id,
            division_code=actor.division_code,
        )
        return now + BREAK_GLASS_LIMIT


def review_glass(actor: Actor, *, glass_id: UUID, outcome: str, remark: str = "") -> None:
    """Say whether an emergency access was justified; the resident sees the outcome and the remark.

    Raises:
        Refused: if the actor may not review there, broke this glass, or it has been reviewed.
    """
    refuse(rules.may(actor, Right.GLASS_REVIEW, division=actor.division_code))
    said = remark.strip()
    refuse(*consent_rules.review_refusals(outcome, said))
    with scoped(actor, area=actor.division_code or ""):
        glass: BreakGlass | None = BreakGlass.objects.select_for_update().filter(pk=glass_id).first()
        if glass is None:
            raise Refused(consent_rules.NO_SUCH_REVIEW)
        if glass.account_id == actor.account_id:
            raise Refused(consent_rules.NOT_YOUR_REVIEW)
        if glass.reviewed_at is not None:
            raise Refused(consent_rules.ALREADY_REVIEWED)
        glass.reviewed_at = ledger_queries.now()
        glass.reviewed_by, glass.reviewer_name = actor.account_id, actor.name[:40]
        glass.outcome, glass.remark = outcome, said
        glass.save(update_fields=["reviewed_at", "reviewed_by", "reviewer_name", "outcome", "remark"])
        ledger.append(
            actor,
            events.GlassReviewed(glass_id=glass.id, outcome=outcome),
            subject_type=SUBJECT,
            subject_id=glass.resident_id,
            institution_id=glass.institution_id,
            division_code=glass.division_code,
        )
