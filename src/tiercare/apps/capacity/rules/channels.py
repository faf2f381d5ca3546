"""Which channel somebody books through: derived from what the platform knows, never from what is sent."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tiercare.apps.access.rules import Role
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .vocabulary import OFFERED, Channel


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the platform knows of a resident, of whoever books for them, and of the institution that offers the place.

    ``own``: the resident books for themself. ``known``: the booking institution looks after the resident (their list,
    a visit, a contract, an open request). ``signed_at`` is the institution of the responsible doctor; ``requested``
    whether an open request brings the resident to the offering institution; ``fellows`` whether the booking
    institution and the offering one stand in one consortium today.
    """

    own: bool = False
    known: bool = False
    signed_at: UUID | None = None
    requested: bool = False
    fellows: bool = False


def channel_of(evidence: Evidence, *, role: str, institution_id: UUID | None, host_id: UUID) -> Channel:
    """The narrowest channel that the evidence carries (TY-93: 家庭医生转诊的患者 first; XH-41, NHC-40: 为基层转诊).

    A family doctor's referral is a booking by a primary-care doctor of the institution that answers for the
    resident, at another institution. A resident at home and the hospital's own desk book openly.
    """
    if evidence.own or institution_id is None:
        return Channel.REFERRAL if evidence.requested else Channel.OPEN
    elsewhere = institution_id != host_id
    if elsewhere and role == Role.PRIMARY_DOCTOR and evidence.signed_at == institution_id:
        return Channel.FAMILY_DOCTOR
    if evidence.requested:
        return Channel.REFERRAL
    return Channel.MEMBER if elsewhere and evidence.fellows else Channel.OPEN


def draws(channel: Channel) -> tuple[Channel, ...]:
    """The quotas that a channel may use, in order: its own first, then wider ones; extra channels only their own."""
    return OFFERED[OFFERED.index(channel) :] if channel in OFFERED else (channel,)


def may_book_for(evidence: Evidence) -> Refusal | None:
    """Whether there is a ground to book for this resident: themself, or an institution that looks after them."""
    return None if evidence.own or evidence.known or evidence.requested else NOT_YOUR_RESIDENT


NOT_YOUR_RESIDENT = Refusal(
    code="capacity.not_your_resident",
    message=Text(
        "本机构与这位居民没有诊疗关系，不能代为预约。", "Your institution does not look after this resident."
    ),
    instead=Text(
        "请先扫电子健康卡或在“居民”中登记到院，再预约。",
        "Scan the health card or register the visit first, then book.",
    ),
    at="resident",
    status=403,
)
