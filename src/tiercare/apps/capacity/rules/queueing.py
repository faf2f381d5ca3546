"""The order in which a session's patients are seen: by the region's list of classes, then by time and number.

The classes are the texts' own words (NHC-41 预约转诊, YN-49 签约, TY-93 家庭医生转诊, WH-31 合作医共体牵头医院, XH-48 急危重症);
which come first, and in which order, is a parameter of the pack (``queue_order``). Whoever is in none of them is seen
by time. Nobody is called before they are there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tiercare.kernel.text import Text

from .vocabulary import Channel


class Precedence(StrEnum):
    """Why somebody comes before others; ``OTHER`` is everybody else."""

    ACUTE = "acute_critical"
    REFERRED = "referred_appointment"
    FAMILY_DOCTOR = "family_doctor_referral"
    PARTNER = "partner_lead_referral"
    SIGNED = "signed"
    OTHER = "other"


PRECEDENCE_NAMES: Mapping[Precedence, Text] = {
    Precedence.ACUTE: Text("急危重症", "acute and critical"),
    Precedence.REFERRED: Text("预约转诊", "referred with an appointment"),
    Precedence.FAMILY_DOCTOR: Text("家庭医生转诊", "referred by the family doctor"),
    Precedence.PARTNER: Text("合作医共体牵头医院转诊", "referred by the lead of a partner community"),
    Precedence.SIGNED: Text("签约居民", "signed resident"),
    Precedence.OTHER: Text("其他", "others"),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the order has to know of a booking: when, which number, whether the patient is there, and what speaks for
    them. ``signed``: a family doctor answers for them; ``partner``: the lead of a partner community booked."""

    booking_id: UUID
    starts_at: datetime
    number: int
    present: bool
    channel: Channel
    acute: bool = False
    signed: bool = False
    partner: bool = False


# A family doctor's referral is a booked referral as well.
_REFERRED = frozenset({Channel.FAMILY_DOCTOR, Channel.REFERRAL})
BELONGS: Mapping[Precedence, Callable[[Waiting], bool]] = {
    Precedence.ACUTE: lambda each: each.acute,
    Precedence.REFERRED: lambda each: each.channel in _REFERRED,
    Precedence.FAMILY_DOCTOR: lambda each: each.channel is Channel.FAMILY_DOCTOR,
    Precedence.PARTNER: lambda each: each.partner,
    Precedence.SIGNED: lambda each: each.signed,
    Precedence.OTHER: lambda _: True,
}


@dataclass(frozen=True, slots=True)
class Placed:
    """Somebody's place in the queue, the first being 1, and what put them there."""

    position: int
    waiting: Waiting
    precedence: Precedence

    def reason(self, language: str = "zh") -> str:
        """Why here, in a sentence that can be shown to the patient."""
        return (_THERE if self.waiting.present else _AWAITED).fill(
            {
                "class": PRECEDENCE_NAMES[self.precedence],
                "starts": self.waiting.starts_at,
                "number": self.waiting.number,
            },
            language,
        )


_THERE = Text(
    "已到院；{class}；按时段 {starts:%H:%M} 和 {number} 号。",
    "Here; {class}; by {starts:%H:%M} and number {number}.",
)
_AWAITED = Text(
    "还没有到院；{class}；按时段 {starts:%H:%M} 和 {number} 号。",
    "Not here yet; {class}; by {starts:%H:%M} and number {number}.",
)


def known(order: Iterable[str]) -> tuple[Precedence, ...]:
    """The pack's words as classes, ``OTHER`` last.

    Raises:
        ValueError: for a word that is none.
    """
    named = [Precedence(word) for word in order]
    return (*dict.fromkeys(each for each in named if each is not Precedence.OTHER), Precedence.OTHER)


def in_order(waiting: Iterable[Waiting], order: Sequence[Precedence]) -> list[Placed]:
    """The queue: those who are there before those who are not, each by the first class of ``order`` that they belong
    to, then by time and number. The same facts always give the same queue, in whatever order they come.
    """
    ranked = sorted(
        ((_rank(each, order), each) for each in waiting),
        key=lambda pair: (
            not pair[1].present,
            pair[0],
            pair[1].starts_at,
            pair[1].number,
            str(pair[1].booking_id),
        ),
    )
    return [Placed(at, each, order[rank]) for at, (rank, each) in enumerate(ranked, start=1)]


def _rank(waiting: Waiting, order: Sequence[Precedence]) -> int:
    return next(at for at, each in enumerate(order) if BELONGS[each](waiting))
