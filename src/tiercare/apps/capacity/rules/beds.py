"""Which bed fits whom, and for how long."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from tiercare.kernel.refusal import Refusal, Refused
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
# The index says sex by the codes of GB/T 2261.1.
_BY_CODE: Mapping[str, BedSex] = {"1": BedSex.MALE, "2": BedSex.FEMALE}
# A day bed is left on the day it is taken (日间病房); the widest reading of “day” is 24 hours. Ours.
LONGEST_DAY_STAY = timedelta(hours=24)
# Ours: how late a night's admission may be entered in the morning, and how far ahead anybody plans.
LATEST_ENTRY, FARTHEST_PLAN, LONGEST_STAY = timedelta(hours=24), timedelta(days=366), timedelta(days=366)
# Ours: no ward has more beds than this in one row; more is a slip of the finger.
MOST_AT_ONCE = 60
LONGEST_NUMBER = 12
# 1-20, A1-A8, 加1至加6; what stands before the number is told once or twice. Two of the dashes are long ones.
_ROW = re.compile(r"(\D{0,6}?)(\d{1,4})\s*(?:[-~～至]|\u2013|\u2014)\s*(\D{0,6}?)(\d{1,4})")


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
    if bed.sex is not BedSex.ANY and bed.sex is not _BY_CODE.get(need.sex):
        found.append(replace(_OTHER_SEX, fields=said))
    if need.isolation and not bed.isolation:
        found.append(replace(_NO_ISOLATION, fields=said))
    if need.until is not None and need.until <= need.starts:
        found.append(_ENDS_BEFORE_START)
    elif need.until is not None and need.until - need.starts > LONGEST_STAY:
        found.append(_TOO_LONG)
    elif bed.day and (need.until is None or need.until - need.starts > LONGEST_DAY_STAY):
        found.append(replace(_DAY_BED, fields=said))
    return found


def untimely(starts: datetime, *, now: datetime) -> Refusal | None:
    """A bed is kept from now on, or for a day ahead. What a clerk enters some hours late is let pass."""
    if starts < now - LATEST_ENTRY:
        return _IN_THE_PAST
    return _TOO_FAR if starts > now + FARTHEST_PLAN else None


def wrong_period(first: date, last: date, *, today: date) -> Refusal | None:
    """A period of the report: it ends today at the latest, and a year is the longest."""
    if last < first or last > today:
        return _WRONG_PERIOD
    return _LONG_PERIOD if last - first > LONGEST_STAY else None


def disturbs(was: BedFacts, becomes: BedFacts, *, people: int, first: Text) -> Refusal | None:
    """A bed in which somebody lies, or which is kept for somebody, does not stop fitting them unseen.

    ``people`` are those with a stay that is planned or goes on, ``first`` says since or from when the first has it.
    """
    stopped = bool(becomes.out_of_use) and not was.out_of_use
    narrowed = becomes.sex is not was.sex and becomes.sex is not BedSex.ANY
    opened = was.isolation and not becomes.isolation
    if not people or not (stopped or narrowed or opened or becomes.day is not was.day):
        return None
    return replace(_SOMEBODY_HAS_IT, fields={"bed": was.name, "people": people, "first": first})


def bed_numbers(text: str) -> list[str]:
    """The numbers that a clerk means by ``1-20``, ``A1-A8`` or ``1、2、5-8``, each once, in their order.

    Zeros in front are kept: ``01-12`` are 01, 02, …

    Raises:
        Refused: if it does not read, a row runs backwards, or there are more than ``MOST_AT_ONCE``.
    """
    found: dict[str, None] = {}
    for part in filter(None, (each.strip() for each in re.split(r"[,，、;；\n]", text))):
        for number in _row(part):
            if not (1 <= len(number) <= LONGEST_NUMBER and number.isprintable()):
                raise Refused(replace(_NOT_NUMBERS, fields={"typed": part[:30]}))
            found[number] = None
    if not found:
        raise Refused(replace(_NOT_NUMBERS, fields={"typed": text.strip()[:30]}))
    if len(found) > MOST_AT_ONCE:
        raise Refused(replace(_TOO_MANY, fields={"most": MOST_AT_ONCE}))
    return list(found)


def _row(part: str) -> list[str]:
    read = _ROW.fullmatch(part)
    if read is None:
        return [part]
    before, first, again, last = read.groups()
    if again not in ("", before) or int(last) < int(first):
        raise Refused(replace(_NOT_NUMBERS, fields={"typed": part[:30]}))
    if int(last) - int(first) >= MOST_AT_ONCE:
        raise Refused(replace(_TOO_MANY, fields={"most": MOST_AT_ONCE}))
    return [f"{before}{number:0{len(first)}d}" for number in range(int(first), int(last) + 1)]


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
_IN_THE_PAST = Refusal(
    code="capacity.stay_in_the_past",
    message=Text("入床时间已经过去。", "The stay would begin in the past."),
    instead=Text("请填现在或今后的时间。", "Give a time from now on."),
    at="starts",
    status=422,
)
_TOO_FAR = Refusal(
    code="capacity.stay_too_far_ahead",
    message=Text("入床时间在一年以后。", "The stay would begin more than a year ahead."),
    instead=Text("请核对年份。", "Check the year."),
    at="starts",
    status=422,
)
_TOO_LONG = Refusal(
    code="capacity.stay_too_long",
    message=Text("离床时间比入床时间晚一年以上。", "The stay would last more than a year."),
    instead=Text(
        "请核对年份；还不知道哪天离床的，可以留空。",
        "Check the year, or leave the end open where nobody knows it yet.",
    ),
    at="until",
    status=422,
)
_WRONG_PERIOD = Refusal(
    code="capacity.day_use_wrong_period",
    message=Text("止日早于起日，或在今天之后。", "The last day lies before the first, or after today."),
    instead=Text("请更正起止日期。", "Correct the days."),
    at="last",
    status=422,
)
_LONG_PERIOD = Refusal(
    code="capacity.day_use_long_period",
    message=Text("一次最多看一年。", "A year at most is shown at once."),
    instead=Text("请缩短起止日期。", "Choose a shorter period."),
    at="first",
    status=422,
)
_SOMEBODY_HAS_IT = Refusal(
    code="capacity.bed_has_patients",
    message=Text(
        "{bed}上有 {people} 位患者在床或已预留，最早的一位从{first}起，这样改他们就不合适了。",
        "{people} patients lie in {bed} or have it kept, the first from {first}; they would no longer fit.",
    ),
    instead=Text(
        "请先给他们换床、改期或取消预留，再改这张床。",
        "Change their bed, move or cancel their stay, then change the bed.",
    ),
    at="bed",
)
_NOT_NUMBERS = Refusal(
    code="capacity.bed_numbers_not_read",
    message=Text("“{typed}”不是床号。", "“{typed}” is no number of a bed."),
    instead=Text(
        "请写成 12、1-20、A1-A8，或用顿号隔开，如 1、2、5-8；每个床号 12 字以内。",
        "Write 12, 1-20, A1-A8, or several with commas: 1, 2, 5-8; a number has 12 characters at most.",
    ),
    at="numbers",
    status=422,
)
_TOO_MANY = Refusal(
    code="capacity.too_many_beds_at_once",
    message=Text("一次最多登记 {most} 张床。", "At most {most} beds are entered at once."),
    instead=Text(
        "请核对床号的起止；确有更多的，分几次登记。",
        "Check the first and the last number; enter more in several steps.",
    ),
    at="numbers",
    status=422,
)
