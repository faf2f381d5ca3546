"""Changes of consortia, each from a day on; history is kept."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from psycopg.types.range import DateRange

from tiercare.apps.access.rights import Right
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.terms.queries import initials
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused
from tiercare.kernel.text import Text

from .. import events, models
from ..rules import Kind, Role
from .standing import not_there, standing_consortium, standing_institution
from .trying import tried


@transaction.atomic
def start_membership(
    *,
    actor: Actor,
    consortium_id: UUID,
    institution_id: UUID,
    role: Role,
    start: date,
    end: date | None = None,
) -> models.Membership:
    """Let an institution join a consortium from ``start`` on (until, not including, ``end``).

    Raises:
        Refused: if either does not exist that day, the shape forbids it (one lead, no overlap), or a card
            of the region's pack would be violated.
    """
    consortium = standing_consortium(consortium_id, start)
    institution = standing_institution(institution_id, start)
    with tried(actor, Right.NETWORK_DECIDE, consortium.division_code, on=start):
        membership = models.Membership.objects.create(
            consortium_id=consortium_id,
            institution_id=institution_id,
            role=role,
            period=DateRange(start, end),
        )
    ledger.append(
        actor,
        events.MembershipStarted(str(consortium_id), str(institution_id), role, start),
        subject_type="consortium",
        subject_id=consortium_id,
        institution_id=institution.institution_id,
        division_code=consortium.division_code,
    )
    return membership


@transaction.atomic
def end_membership(*, actor: Actor, membership_id: UUID, end: date) -> models.Membership:
    """Let a membership end: ``end`` is the first day without it.

    Raises:
        Refused: if it is unknown or did not hold before ``end``, or a card would be violated.
    """
    membership = models.Membership.objects.select_for_update().filter(id=membership_id).first()
    if membership is None or membership.period.lower >= end:
        raise Refused(not_there("membership", Text("成员关系", "membership"), end))
    consortium = standing_consortium(membership.consortium_id, end)
    with tried(actor, Right.NETWORK_DECIDE, consortium.division_code, on=end):
        membership.period = DateRange(membership.period.lower, end)
        membership.save(update_fields=["period"])
    ledger.append(
        actor,
        events.MembershipEnded(str(membership.consortium_id), str(membership.institution_id), end),
        subject_type="consortium",
        subject_id=membership.consortium_id,
        institution_id=membership.institution_id,
        division_code=consortium.division_code,
    )
    return membership


@transaction.atomic
def join_community(*, actor: Actor, parent_id: UUID, child_id: UUID, start: date) -> models.Joining:
    """Let a county community join a group as a whole.

    Raises:
        Refused: as ``start_membership``; among the cards: one tertiary partner, partner caps.
    """
    parent, child = standing_consortium(parent_id, start), standing_consortium(child_id, start)
    with tried(actor, Right.NETWORK_DECIDE, parent.division_code, on=start):
        joining = models.Joining.objects.create(
            parent_id=parent_id, child_id=child_id, period=DateRange(start, None)
        )
    ledger.append(
        actor,
        events.CommunityJoined(str(parent_id), str(child_id), start),
        subject_type="consortium",
        subject_id=child_id,
        division_code=child.division_code,
    )
    return joining


@transaction.atomic
def entrust(
    *, actor: Actor, trustee_id: UUID, entrusted_id: UUID, start: date, agreement_id: UUID | None = None
) -> models.Trusteeship:
    """Entrust an institution to another; ownership stays where it is.

    Raises:
        Refused: if it would close a circle, it is entrusted already, or a card would be violated.
    """
    standing_institution(trustee_id, start)
    entrusted = standing_institution(entrusted_id, start)
    with tried(actor, Right.NETWORK_DECIDE, entrusted.division_code, on=start):
        row = models.Trusteeship.objects.create(
            trustee_id=trustee_id,
            entrusted_id=entrusted_id,
            agreement_id=agreement_id,
            period=DateRange(start, None),
        )
    ledger.append(
        actor,
        events.Entrusted(str(trustee_id), str(entrusted_id), start),
        subject_type="institution",
        subject_id=entrusted_id,
        institution_id=entrusted_id,
        division_code=entrusted.division_code,
    )
    return row


@transaction.atomic
def form_consortium(
    *,
    actor: Actor,
    slug: str,
    name: str,
    kind: Kind,
    division_code: str,
    lead_id: UUID,
    start: date,
    specialty_code: str = "",
    member_ids: tuple[UUID, ...] = (),
    approved_by: str = "",
) -> models.Consortium:
    """Form a consortium with its lead and first members, all from ``start`` on.

    Raises:
        Refused: if an institution does not exist that day, or a card would be violated: who may lead, one
            alliance per specialty, one city consortium per district, approval …
    """
    for institution_id in (lead_id, *member_ids):
        standing_institution(institution_id, start)
    with tried(actor, Right.NETWORK_DECIDE, division_code, on=start):
        consortium = models.Consortium.objects.create(
            slug=slug,
            kind=kind,
            specialty_code=specialty_code,
            approved_on=start if approved_by else None,
            approved_by=approved_by,
        )
        period = DateRange(start, None)
        models.ConsortiumVersion.objects.create(
            consortium=consortium,
            period=period,
            name=name,
            initials=initials(name),
            division_code=division_code,
        )
        roles = [(lead_id, Role.LEAD), *((member, Role.MEMBER) for member in member_ids)]
        models.Membership.objects.bulk_create(
            models.Membership(consortium=consortium, institution_id=key, role=role, period=period)
            for key, role in roles
        )
    ledger.append(
        actor,
        events.ConsortiumFormed(str(consortium.id), kind, str(lead_id), start),
        subject_type="consortium",
        subject_id=consortium.id,
        institution_id=lead_id,
        division_code=division_code,
    )
    return consortium
