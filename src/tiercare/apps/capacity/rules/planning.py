"""From weeks on paper to sessions on days: times cut into slots, places shared out among the channels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any
from uuid import UUID

from tiercare.kernel.clock import ZONE, day_of
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .shares import Offer, promised, resources_of, spread
from .vocabulary import OFFERED, RESERVED, Channel, Grade, Kind

# A session is part of one day, and nobody sees so many in it. Ours: against slips of the finger.
MOST_UNITS = 2_000
# In one publication. Ours: a large hospital's fortnight.
MOST_SESSIONS = 5_000
_MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Planned:
    """A session as it is to be published.

    ``starts`` and ``ends`` carry their zone. ``by_time``: minutes of a slot, or ``None`` where the session goes by
    number; ``per_slot`` places in each. ``units`` are places by channel, filled in by ``share_out`` for those that the
    hospital left open; ``walk_ins`` count apart; ``release`` is how long before the start the rest opens to all.
    """

    pool_id: UUID
    pool_name: str
    kind: Kind
    grade: Grade
    starts: datetime
    ends: datetime
    capacity: int
    by_time: int | None = None
    per_slot: int = 1
    walk_ins: int = 0
    clinician_id: UUID | None = None
    place: str = ""
    shares: Mapping[Channel, float] | None = None
    units: Mapping[Channel, int] | None = None
    release: timedelta = timedelta(0)

    @property
    def day(self) -> date:
        """The day in China on which it starts."""
        return day_of(self.starts)


@dataclass(frozen=True, slots=True)
class Promise:
    """What policy promises of one institution's resources: a share kept for a channel (TY-91, TY-92).

    ``card`` is the rule card that says so.
    """

    card: str
    resources: frozenset[str]
    share: float
    channel: Channel = Channel.FAMILY_DOCTOR


def at(day: date, hour: time, *, after: datetime | None = None) -> datetime:
    """A moment in China; midnight after something on the same day is the end of that day."""
    moment = datetime.combine(day, hour, ZONE)
    return moment + timedelta(days=1) if after is not None and hour == _MIDNIGHT else moment


def slots_of(planned: Planned) -> list[tuple[datetime, datetime, int]]:
    """Start, end and places of each slot. A rest at the end that is shorter than a slot joins the last one."""
    if planned.by_time is None:
        return [(planned.starts, planned.ends, planned.capacity)]
    step = timedelta(minutes=planned.by_time)
    count = max(1, (planned.ends - planned.starts) // step)
    edges = [planned.starts + step * n for n in range(count)] + [planned.ends]
    return [(start, end, planned.per_slot) for start, end in pairwise(edges)]


def faults(planned: Planned, *, now: datetime) -> list[Refusal]:
    """What is wrong with a session by itself, all of it, in the words of the form."""
    found = []
    said = {"pool": planned.pool_name, "day": planned.day}
    if planned.ends <= planned.starts:
        return [replace(_ENDS_BEFORE_START, fields=said)]
    if planned.ends - planned.starts > timedelta(days=1):
        found.append(replace(_TOO_LONG, fields=said))
    if planned.starts <= now:
        found.append(replace(_IN_THE_PAST, fields=said))
    if not 1 <= planned.capacity <= MOST_UNITS:
        found.append(replace(_ABSURD, fields={**said, "most": MOST_UNITS, "capacity": planned.capacity}))
    else:
        found += _slot_faults(planned, said)
    if not 0 <= planned.walk_ins <= MOST_UNITS:
        found.append(replace(_WALK_INS, fields={**said, "most": MOST_UNITS, "walk_ins": planned.walk_ins}))
    return found + _share_faults(planned, said)


def _slot_faults(planned: Planned, said: Mapping[str, object]) -> list[Refusal]:
    minutes, places = planned.by_time, planned.per_slot
    if minutes is not None and not (minutes >= 1 and 1 <= places <= MOST_UNITS):
        fields = {**said, "most": MOST_UNITS, "minutes": minutes, "places": places}
        return [replace(_WRONG_SLOTS, fields=fields)]
    room = sum(places for *_, places in slots_of(planned))
    if room < planned.capacity:
        return [replace(_SLOTS_TOO_FEW, fields={**said, "room": room, "capacity": planned.capacity})]
    return []


def _share_faults(planned: Planned, said: Mapping[str, object]) -> list[Refusal]:
    found = []
    shares = list((planned.shares or {}).values())
    # Added up as they are written: as binary fractions three shares of a hundred percent may come to more.
    if any(not 0 <= share <= 1 for share in shares) or sum(Fraction(str(share)) for share in shares) > 1:
        found.append(replace(_MORE_THAN_ALL, fields={**said, "total": f"{sum(shares) * 100:.0f}"}))
    units = planned.units
    if units is not None and (
        any(places < 0 or channel not in OFFERED for channel, places in units.items())
        or sum(units.values()) != planned.capacity
    ):
        fields = {**said, "units": sum(units.values()), "capacity": planned.capacity}
        found.append(replace(_UNITS_MISFIT, fields=fields))
    return found


def share_out(day: Sequence[Planned], offers: Iterable[Offer], promises: Iterable[Promise]) -> list[Planned]:
    """The places of one institution's sessions of one day by channel, where the hospital has not set them itself.

    Each promise is kept over the day and the resource (reserved ÷ offered units, rounded up), what stands in
    ``offers`` from earlier publications counted in; what is still missing is spread over the new sessions by their
    size. The hospital's own shares come on top of what is less. What nobody is promised is open.
    """
    before = {(each.resource): each for each in offers}
    units = [_own(each) for each in day]
    free = [each.units is None for each in day]
    for promise in promises:
        for resource in sorted(promise.resources):
            part = [n for n, each in enumerate(day) if resource in resources_of(each.kind, each.grade)]
            if not part:
                continue
            known = before.get(resource)
            offered = sum(day[n].capacity for n in part) + (known.offered if known else 0)
            kept = sum(units[n][promise.channel] for n in part)
            kept += known.kept_for([promise.channel]) if known else 0
            missing = promised(offered, promise.share) - kept
            able = [n for n in part if free[n]]
            room = [units[n][Channel.OPEN] for n in able]
            for n, more in zip(able, spread(max(0, min(missing, sum(room))), room), strict=True):
                units[n][promise.channel] += more
                units[n][Channel.OPEN] -= more
    return [replace(each, units=dict(units[n])) for n, each in enumerate(day)]


def _own(planned: Planned) -> dict[Channel, int]:
    """The hospital's own numbers, or its shares rounded up, or everything open."""
    if planned.units is not None:
        return {channel: planned.units.get(channel, 0) for channel in OFFERED}
    shares, left = planned.shares or {}, planned.capacity
    units = {}
    for channel in RESERVED:
        units[channel] = min(left, promised(planned.capacity, shares.get(channel, 0)))
        left -= units[channel]
    return {**units, Channel.OPEN: left}


def shares_of(raw: Mapping[str, Any]) -> dict[Channel, float]:
    """The pool's shares as they lie in its row."""
    return {Channel(name): float(share) for name, share in raw.items()}


_MEND = Text("请更正后重新发布。", "Correct it, then publish again.")
_ENDS_BEFORE_START = Refusal(
    code="capacity.session_ends_before_start",
    message=Text("{day} {pool}：结束时间不晚于开始时间。", "{day} {pool}: it ends before it starts."),
    instead=Text("请更正时间；到半夜为止请填 00:00。", "Correct the times; until midnight is written 00:00."),
    at="ends",
    status=422,
)
_TOO_LONG = Refusal(
    code="capacity.session_too_long",
    message=Text("{day} {pool}：一个场次不能超过一天。", "{day} {pool}: a session lasts a day at most."),
    instead=Text("请按天分开排班。", "Plan each day by itself."),
    at="ends",
    status=422,
)
_IN_THE_PAST = Refusal(
    code="capacity.session_past",
    message=Text(
        "{day} {pool}：开始时间已过，不能发布。", "{day} {pool}: it has begun and cannot be published."
    ),
    instead=Text("请选择以后的日期。", "Choose a later day."),
    at="starts",
    status=422,
)
_ABSURD = Refusal(
    code="capacity.session_capacity",
    message=Text(
        "{day} {pool}：号数须在 1 至 {most} 之间，填的是 {capacity}。",
        "{day} {pool}: a session has 1 to {most} places, not {capacity}.",
    ),
    instead=_MEND,
    at="capacity",
    status=422,
)
_WRONG_SLOTS = Refusal(
    code="capacity.wrong_slots",
    message=Text(
        "{day} {pool}：每个时段至少 1 分钟、1 至 {most} 个号，填的是 {minutes} 分钟、{places} 个号。",
        "{day} {pool}: a slot lasts a minute at least and has 1 to {most} places, not {minutes} minutes and {places}.",
    ),
    instead=_MEND,
    at="slots",
    status=422,
)
_WALK_INS = Refusal(
    code="capacity.walk_ins",
    message=Text(
        "{day} {pool}：现场号须在 0 至 {most} 之间，填的是 {walk_ins}。",
        "{day} {pool}: 0 to {most} places are for walk-ins, not {walk_ins}.",
    ),
    instead=_MEND,
    at="walk_ins",
    status=422,
)
_SLOTS_TOO_FEW = Refusal(
    code="capacity.slots_too_few",
    message=Text(
        "{day} {pool}：各时段合计只有 {room} 个号，不够 {capacity} 个。",
        "{day} {pool}: its slots have {room} places, fewer than {capacity}.",
    ),
    instead=Text(
        "请缩短每号时间、增加每段号数，或减少总号数。",
        "Make slots shorter or larger, or offer fewer places.",
    ),
    at="capacity",
    status=422,
)
_MORE_THAN_ALL = Refusal(
    code="capacity.shares_over_all",
    message=Text(
        "{day} {pool}：各渠道预留合计 {total}%，超过了全部号源。",
        "{day} {pool}: the reserves add up to {total}% of the places.",
    ),
    instead=Text("请把合计降到 100% 以内。", "Bring the sum down to 100% at most."),
    at="shares",
    status=422,
)
_UNITS_MISFIT = Refusal(
    code="capacity.units_misfit",
    message=Text(
        "{day} {pool}：各预约渠道的号数不能为负，合计 {units} 个须等于总号数 {capacity}。",
        "{day} {pool}: booking channels have 0 or more places, {units} together; the session has {capacity}.",
    ),
    instead=Text("请让各渠道之和等于总号数。", "Make the channels add up to the session's places."),
    at="units",
    status=422,
)
