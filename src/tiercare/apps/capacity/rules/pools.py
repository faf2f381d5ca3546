"""What a pool may say of itself, and what a week of it may say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import Any
from uuid import UUID

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .vocabulary import GRADES, KIND_NAMES, RESERVED, Channel, Grade, Kind

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
# Ours: nobody plans further ahead, and nothing is kept longer than a fortnight before the day.
LONGEST_RELEASE = 14 * 24
LONGEST_SLOT = 24 * 60
WARD_FIELDS = frozenset({"ward", "sex", "isolation"})
EXAM_FIELDS = frozenset({"preparation", "questions", "fasting"})


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
        found.append(_wrong("walk_ins", _COUNT_WORDS))
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
_SHARE_WORDS = Text(
    "预留只能分给家庭医生转诊、转诊和成员单位。",
    "Reserves are for family-doctor referrals, referrals and member institutions only.",
)
_WEEKDAY_WORDS = Text("星期须为 1（周一）至 7（周日）。", "The weekday is 1 (Monday) to 7 (Sunday).")
_ENDS_WORDS = Text(
    "结束时间须晚于开始时间；到半夜为止请填 00:00。",
    "It ends after it starts; until midnight is written 00:00.",
)
_COUNT_WORDS = Text("号数须为正数且不超过 2000。", "The number of places is positive and at most 2,000.")
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
