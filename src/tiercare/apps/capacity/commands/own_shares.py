"""Taking the share that the platform proposes (XH-41): the pools that have none set keep it for referrals."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from tiercare.apps.ledger import queries as ledger_queries
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ..models import Pool
from ..queries.proposals import Proposal, proposed_shares
from ..rules.planning import shares_of
from ..rules.pools import PoolGiven
from ..rules.vocabulary import Channel, Grade, Kind
from .pools import keep_pool


@dataclass(frozen=True, slots=True)
class Adopted:
    """The share that was taken, and the pools that keep it now."""

    share: float
    pools: tuple[UUID, ...]


def adopt_share(actor: Actor, *, institution_id: UUID, resource: str) -> Adopted:
    """Have every pool of the resource without a share of its own keep the proposed one for referrals, from the next
    publication on. The share is reckoned anew here, never taken from who asks.

    Raises:
        Refused: if the actor does not keep these places, no card asks for a share, nothing was booked from which to
            propose one, or every pool has its share.
    """
    today = ledger_queries.today()
    with transaction.atomic():
        known = proposed_shares(actor, institution_id=institution_id, on=today)
        proposal = next((each for each in known if each.resource == resource), None)
        if proposal is None:
            raise Refused(_NOT_ASKED)
        share = _share(proposal)
        wanted = [key for key, _name in proposal.without]
        for row in Pool.objects.filter(id__in=wanted).order_by("id"):
            given = _as_given(row, {**shares_of(row.shares), Channel.REFERRAL: share})
            keep_pool(actor, institution_id=institution_id, given=given, pool_id=row.id, seen=row.changed_at)
    return Adopted(share, tuple(wanted))


def _share(proposal: Proposal) -> float:
    if proposal.share is None:
        raise Refused(_NOTHING_BOOKED)
    if not proposal.without:
        raise Refused(_ALL_SET)
    return proposal.share


def _as_given(row: Pool, shares: dict[Channel, float]) -> PoolGiven:
    return PoolGiven(
        code=row.code,
        name=row.name,
        kind=Kind(row.kind),
        grade=Grade(row.grade),
        specialty_code=row.specialty_code,
        department_id=row.department_id,
        clinician_id=row.clinician_id,
        equipment_id=row.equipment_id,
        item=row.item,
        slot_minutes=row.slot_minutes,
        details=row.details,
        shares=shares,
        release_hours=row.release_hours,
    )


_NOT_ASKED = Refusal(
    code="capacity.no_share_asked",
    message=Text(
        "本地区的政策没有要求医院为这类资源自定预留比例。",
        "No rule here has the hospital set a share of this resource itself.",
    ),
    instead=Text("如要预留，请在池里填写比例。", "To keep some all the same, set a share in the pool."),
    at="resource",
    status=422,
)
_NOTHING_BOOKED = Refusal(
    code="capacity.nothing_to_propose_from",
    message=Text("这段时间没有预约，无从建议比例。", "Nothing was booked from which to propose a share."),
    instead=Text(
        "请在池里自己填写一个比例，有了预约再按建议调整。",
        "Set a share in the pool yourself; adjust it once there are bookings.",
    ),
    at="resource",
)
_ALL_SET = Refusal(
    code="capacity.shares_all_set",
    message=Text("这类资源的池都已设了预留比例。", "Every pool of this resource has its share."),
    instead=Text("要修改比例，请打开那个池。", "To change one, open the pool."),
    at="resource",
)
