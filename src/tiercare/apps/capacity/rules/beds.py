"""Which bed fits whom, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text


class BedSex(StrEnum):
    """For whom a bed is."""

    MALE = "M"
    FEMALE = "F"
    ANY = "ANY"


class StayState(StrEnum):
    """Where a stay stands."""

    PLANNED = "PLANNED"
    IN = "IN"
    OUT = "OUT"
    CANCELLED = "CANCELLED"


STAY_NAMES: Mapping[StayState, Text] = {
    StayState.PLANNED: Text("已预留", "planned"),
    StayState.IN: Text("在床", "in the bed"),
    StayState.OUT: Text("已离床", "gone"),
    StayState.CANCELLED: Text("已取消", "cancelled"),
}
# A day bed is left on the day it is taken (日间病房); the widest reading of “day” is 24 hours. Ours.
LONGEST_DAY_STAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class BedFacts:
    """What a bed is."""

    name: str
    sex: BedSex
    isolation: bool
    day: bool
    out_of_use: str


@dataclass(frozen=True, slots=True)
class Need:
    """Who is to lie in it, and how long; ``until`` is open where nobody knows yet. ``sex`` as the index has it."""

    sex: str
    isolation: bool
    starts: datetime
    until: datetime | None


def misfits(bed: BedFacts, need: Need) -> list[Refusal]:
    """Everything that speaks against this bed for them."""
    said = {"bed": bed.name}
    found = []
    if bed.out_of_use:
        found.append(replace(_OUT_OF_USE, fields={**said, "why": bed.out_of_use}))
    if bed.sex is not BedSex.ANY and need.sex != bed.sex:
        found.append(replace(_OTHER_SEX, fields=said))
    if need.isolation and not bed.isolation:
        found.append(replace(_NO_ISOLATION, fields=said))
    if need.until is not None and need.until <= need.starts:
        found.append(_ENDS_BEFORE_START)
    elif bed.day and (need.until is None or need.until - need.starts > LONGEST_DAY_STAY):
        found.append(replace(_DAY_BED, fields=said))
    return found


_ANOTHER = Text("请在床位图中另选一张空床。", "Choose another free bed on the board.")
_OUT_OF_USE = Refusal(
    code="capacity.bed_out_of_use",
    message=Text("{bed}停用中：{why}。", "{bed} is out of use: {why}."),
    instead=_ANOTHER,
    at="bed",
)
_OTHER_SEX = Refusal(
    code="capacity.bed_other_sex",
    message=Text("{bed}所在病室收治另一性别的患者。", "{bed} is in a room for the other sex."),
    instead=_ANOTHER,
    at="bed",
)
_NO_ISOLATION = Refusal(
    code="capacity.bed_no_isolation",
    message=Text("{bed}不是隔离床位。", "{bed} is no isolation bed."),
    instead=Text("请选择隔离床位。", "Choose an isolation bed."),
    at="bed",
)
_ENDS_BEFORE_START = Refusal(
    code="capacity.stay_ends_before_start",
    message=Text("离床时间须晚于入床时间。", "The stay ends before it starts."),
    instead=Text("请更正时间。", "Correct the times."),
    at="until",
    status=422,
)
_DAY_BED = Refusal(
    code="capacity.day_bed_too_long",
    message=Text(
        "{bed}是日间床位，须写明 24 小时以内的离床时间。",
        "{bed} is a day bed: the stay ends within 24 hours.",
    ),
    instead=Text("请填写离床时间，或选择普通床位。", "Give the end, or choose an ordinary bed."),
    at="until",
    status=422,
)
