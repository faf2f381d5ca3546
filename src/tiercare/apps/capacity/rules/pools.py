"""What a pool may say of itself, and what a week of it may say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from hashlib import sha256
from typing import Any
from uuid import UUID

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .beds import BedSex
from .vocabulary import GRADES, KIND_NAMES, RESERVED, Channel, Grade, Kind

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
# Ours: nobody plans further ahead, and nothing is kept longer than a fortnight before the day.
LONGEST_RELEASE = 14 * 24
LONGEST_SLOT = 24 * 60
LONGEST_ITEM, LONGEST_PLACE = 80, 80
# What a pool of each kind may say beside its columns; texts by how long they may be. Ours: what fits on a slip.
_TEXTS: Mapping[Kind, Mapping[str, int]] = {
    Kind.CLINIC: {"bring": 500},
    Kind.BED: {"ward": 40, "bring": 500},
    Kind.EXAM: {"preparation": 500, "bring": 500},
}
_TICKS: Mapping[Kind, frozenset[str]] = {
    Kind.CLINIC: frozenset(),
    Kind.BED: frozenset({"isolation"}),
    Kind.EXAM: frozenset({"fasting"}),
}
MOST_QUESTIONS, LONGEST_QUESTION = 20, 120


@dataclass(frozen=True, slots=True)
class PoolGiven:
    """A pool as a page, a file or another system gives it."""

    code: str
    name: str
    kind: Kind
    grade: Grade
    specialty_code: str = ""
    department_id: UUID | None = None
    clinician_id: UUID | None = None
    equipment_id: UUID | None = None
    item: str = ""
    slot_minutes: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    shares: Mapping[Channel, float] = field(default_factory=dict)
    release_hours: int | None = None


@dataclass(frozen=True, slots=True)
class WeekGiven:
    """A session that comes every week; ``ends`` at midnight is the end of the day."""

    weekday: int
    starts: time
    ends: time
    capacity: int
    slot_capacity: int = 1
    walk_ins: int = 0
    clinician_id: UUID | None = None
    place: str = ""
    on_holidays: bool = False
    since: date | None = None


def pool_faults(given: PoolGiven) -> list[Refusal]:
    """Everything that is wrong with a pool by itself."""
    found = []
    if not _CODE.fullmatch(given.code):
        found.append(_wrong("code", _CODE_WORDS))
    if not 1 <= len(given.name.strip()) <= 80 or not given.name.isprintable():
        found.append(_wrong("name", _NAME_WORDS))
    if given.grade not in GRADES[given.kind]:
        found.append(replace(_GRADE_MISFITS, fields={"kind": KIND_NAMES[given.kind]}))
    if given.grade is Grade.NAMED and given.clinician_id is None:
        found.append(_NAMED_WITHOUT_PHYSICIAN)
    if given.kind is Kind.EXAM and not given.item.strip():
        found.append(_EXAM_WITHOUT_ITEM)
    elif len(given.item.strip()) > LONGEST_ITEM or not given.item.isprintable():
        found.append(_wrong("item", _ITEM_WORDS))
    found += _detail_faults(given)
    if given.slot_minutes is not None and not 1 <= given.slot_minutes <= LONGEST_SLOT:
        found.append(_wrong("slot_minutes", _MINUTES_WORDS))
    if given.release_hours is not None and not 0 <= given.release_hours <= LONGEST_RELEASE:
        found.append(_wrong("release_hours", _RELEASE_WORDS))
    shares = given.shares
    if any(not 0 <= share <= 1 for share in shares.values()) or sum(shares.values()) > 1:
        found.append(replace(_SHARES, fields={"total": round(sum(shares.values()) * 100)}))
    if set(shares) - set(RESERVED):
        found.append(_wrong("shares", _SHARE_WORDS))
    return found


def _detail_faults(given: PoolGiven) -> list[Refusal]:
    """What is wrong with that which only some kinds of pool have."""
    found, texts, ticks = [], _TEXTS[given.kind], _TICKS[given.kind]
    for name, value in given.details.items():
        if name in texts:
            if not isinstance(value, str) or len(value) > texts[name] or not _readable(value):
                found.append(replace(_wrong(name, _TEXT_WORDS), fields={"most": texts[name]}))
        elif name in ticks:
            if not isinstance(value, bool):
                found.append(_wrong(name, _TICK_WORDS))
        elif name == "sex" and given.kind is Kind.BED:
            if value not in set(BedSex):
                found.append(_wrong(name, _SEX_WORDS))
        elif name == "questions" and given.kind is Kind.EXAM:
            if not _are_questions(value):
                most = {"most": MOST_QUESTIONS, "longest": LONGEST_QUESTION}
                found.append(replace(_wrong(name, _QUESTION_WORDS), fields=most))
        else:
            found.append(replace(_wrong("details", _DETAIL_WORDS), fields={"name": str(name)[:40]}))
    return found


def _are_questions(value: object) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) <= MOST_QUESTIONS
        and all(
            isinstance(each, str) and each.strip() and len(each) <= LONGEST_QUESTION and each.isprintable()
            for each in value
        )
    )


def _readable(text: str) -> bool:
    """Printable, with line breaks."""
    return all(line.isprintable() for line in text.splitlines())


def week_mark(lines: Iterable[UUID]) -> str:
    """What tells one state of a pool's week from another, from the ids of its lines: a line that changes is made anew."""
    return sha256(" ".join(sorted(map(str, lines))).encode()).hexdigest()[:16]


def week_faults(given: WeekGiven) -> list[Refusal]:
    """Everything that is wrong with a line of a week by itself."""
    found = []
    if not 1 <= given.weekday <= 7:
        found.append(_wrong("weekday", _WEEKDAY_WORDS))
    if given.ends != time(0) and given.ends <= given.starts:
        found.append(_wrong("ends", _ENDS_WORDS))
    for name in ("capacity", "slot_capacity"):
        if not 1 <= getattr(given, name) <= 2_000:
            found.append(_wrong(name, _COUNT_WORDS))
    if not 0 <= given.walk_ins <= 2_000:
        found.append(_wrong("walk_ins", _WALK_IN_WORDS))
    if len(given.place) > LONGEST_PLACE or not given.place.isprintable():
        found.append(_wrong("place", _PLACE_WORDS))
    return found


def _wrong(at: str, words: Text) -> Refusal:
    return Refusal(
        code=f"capacity.wrong_{at}",
        message=words,
        instead=Text("请更正后再保存。", "Correct it, then save again."),
        at=at,
        status=422,
    )


_CODE_WORDS = Text(
    "编号须为 1 至 40 个小写字母、数字、- 或 _。", "The code is 1 to 40 small letters, digits, - or _."
)
_NAME_WORDS = Text("名称须为 1 至 80 个可见字符。", "The name has 1 to 80 visible characters.")
_MINUTES_WORDS = Text("每号时长须在 1 至 1440 分钟之间。", "A slot lasts 1 to 1,440 minutes.")
_RELEASE_WORDS = Text(
    "释放时间须在开诊前 0 至 336 小时之间。", "Release lies 0 to 336 hours before the start."
)
_WALK_IN_WORDS = Text("现场号须在 0 至 2000 之间。", "0 to 2,000 places are for walk-ins.")
_PLACE_WORDS = Text("地点最多 80 个可见字符。", "The place has 80 visible characters at most.")
_ITEM_WORDS = Text(
    "检查项目最多 80 个可见字符。", "The examination's name has 80 visible characters at most."
)
_TEXT_WORDS = Text("文字最多 {most} 字，不含控制字符。", "The text has {most} visible characters at most.")
_TICK_WORDS = Text("这一项只能是“是”或“否”。", "This is yes or no.")
_SEX_WORDS = Text("收治性别须为不限、男或女。", "A ward takes women, men or both.")
_QUESTION_WORDS = Text(
    "核对问题最多 {most} 条，每条 1 至 {longest} 字。",
    "At most {most} questions, each of 1 to {longest} characters.",
)
_DETAIL_WORDS = Text("这种池没有“{name}”这一项。", "A pool of this kind has no “{name}”.")
_SHARE_WORDS = Text(
    "预留只能分给家庭医生转诊、转诊和成员单位。",
    "Reserves are for family-doctor referrals, referrals and member institutions only.",
)
_WEEKDAY_WORDS = Text("星期须为 1（周一）至 7（周日）。", "The weekday is 1 (Monday) to 7 (Sunday).")
_ENDS_WORDS = Text(
    "结束时间须晚于开始时间；到半夜为止请填 00:00。",
    "It ends after it starts; until midnight is written 00:00.",
)
_COUNT_WORDS = Text("号数须在 1 至 2000 之间。", "The number of places is 1 to 2,000.")
_GRADE_MISFITS = Refusal(
    code="capacity.grade_misfits",
    message=Text("所选类别不适用于{kind}。", "This grade does not fit {kind}."),
    instead=Text("请从列表中选择。", "Choose one from the list."),
    at="grade",
    status=422,
)
_NAMED_WITHOUT_PHYSICIAN = Refusal(
    code="capacity.named_without_physician",
    message=Text("名医门诊要写明是哪位医师。", "A named physician's clinic says whose it is."),
    instead=Text("请选择本机构登记的医师。", "Choose one of the institution's physicians."),
    at="clinician",
    status=422,
)
_EXAM_WITHOUT_ITEM = Refusal(
    code="capacity.examination_without_item",
    message=Text("检查池要写明检查项目。", "A pool of examinations says which."),
    instead=Text("请填写项目名称，如“胸部 CT 平扫”。", "Give the name of the examination."),
    at="item",
    status=422,
)
_SHARES = Refusal(
    code="capacity.shares_over_all",
    message=Text(
        "各渠道预留合计 {total}%，须在 0 至 100% 之间。",
        "The reserves add up to {total}%; 0 to 100% is possible.",
    ),
    instead=Text("请更正各渠道的比例。", "Correct the shares."),
    at="shares",
    status=422,
)
