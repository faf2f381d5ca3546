"""Several places in one act (组合预约): a visit with its examinations in one morning; all or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from ..queries.places import SlotTime, times_of
from ..rules import refusals
from ..rules.vocabulary import Kind
from ..workflow import State
from .booking import Taken, channel_for, may_book, take
from .turning import lock

# Ours: what is done in one visit to a hospital.
MOST_TOGETHER = 8


def book_together(
    actor: Actor, *, resident_id: UUID, slots: Sequence[UUID], source_id: UUID | None = None
) -> list[Taken]:
    """Book all these places for a resident, in the order of their times, or none of them.

    Raises:
        Refused: if there are too few or too many, one is named twice, or two of them overlap in time; as ``book``.
        NoPlace: about the first place that is not to be had; nothing is booked.
    """
    refuse(may_book(actor))
    if not 2 <= len(set(slots)) == len(slots) <= MOST_TOGETHER:
        raise Refused(_HOW_MANY)
    with scoped(actor):
        times = times_of(slots)
        if len(times) < len(slots):
            raise Refused(refusals.NOT_TAKEN["unknown"])
        refuse(*_overlaps(times))
        lock([], slots)
        together, taken = uuid7(), []
        for each in times:
            channel, person = channel_for(actor, each.slot_id, resident_id, source_id)
            taken.append(
                take(
                    actor,
                    channel=channel,
                    slot_id=each.slot_id,
                    resident_id=person[0],
                    state=State.BOOKED,
                    source_id=source_id,
                    together=together,
                    swept=True,
                )
            )
    return taken


def _overlaps(times: Sequence[SlotTime]) -> list[Refusal]:
    """Nobody is in two rooms at once; a bed is held over the day and by-number sessions leave their hour open."""
    exact = [each for each in times if each.kind is not Kind.BED and each.by_time]
    return [
        replace(_OVERLAP, fields={"one": one.pool, "other": other.pool})
        for one, other in pairwise(exact)
        if other.starts_at < one.ends_at
    ]


_HOW_MANY = Refusal(
    code="capacity.together_how_many",
    message=Text(
        "组合预约须选 2 至 {most} 个不同的时段。", "2 to {most} different slots are booked together."
    ),
    instead=Text(
        "请增减后重新提交；只约一个请用普通预约。", "Add or take some away; a single one is booked by itself."
    ),
    fields={"most": MOST_TOGETHER},
    at="slots",
    status=422,
)
_OVERLAP = Refusal(
    code="capacity.together_overlap",
    message=Text("{one}和{other}的时间重叠，来不及去两处。", "{one} and {other} overlap in time."),
    instead=Text("请错开其中一个的时间。", "Choose another time for one of them."),
    at="slots",
    status=422,
)
