"""The pools and wards of demonstration hospitals: made up.

There are as many places as the sample of people who are played can want, and not as many as a hospital has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from .beds import BedSex
from .pools import PoolGiven, WeekGiven
from .vocabulary import Channel, Grade, Kind

MARK = "demo-"
_WORKDAYS = (1, 2, 3, 4, 5)
_EVERY_DAY = (*_WORKDAYS, 6, 7)


@dataclass(frozen=True, slots=True)
class Shape:
    """A pool with its week."""

    given: PoolGiven
    weekdays: tuple[int, ...]
    capacity: int
    starts: time = time(8)
    ends: time = time(12)
    walk_ins: int = 0
    place: str = ""

    @property
    def week(self) -> list[WeekGiven]:
        """Its sessions of every week; what is open every day is open on holidays."""
        always = self.weekdays == _EVERY_DAY
        return [
            WeekGiven(
                day,
                self.starts,
                self.ends,
                self.capacity,
                walk_ins=self.walk_ins,
                place=self.place,
                on_holidays=always,
            )
            for day in self.weekdays
        ]


def _clinic(code: str, name: str, grade: Grade, specialty: str) -> PoolGiven:
    return PoolGiven(MARK + code, f"{name}（演示）", Kind.CLINIC, grade, specialty_code=specialty)


SHAPES: tuple[Shape, ...] = (
    Shape(_clinic("xnk-zj", "心内科专家门诊", Grade.EXPERT, "03.04"), (1, 3, 5), capacity=5),
    Shape(_clinic("nfm-zj", "内分泌科专家门诊", Grade.EXPERT, "03.07"), (2, 4, 5), capacity=5),
    Shape(_clinic("nk", "内科普通门诊", Grade.ORDINARY, "03"), _WORKDAYS, capacity=12),
    Shape(
        PoolGiven(
            f"{MARK}nk-cw", "内科床位（演示）", Kind.BED, Grade.INPATIENT, "03", details={"ward": "内科病区"}
        ),
        _EVERY_DAY,
        capacity=5,
        starts=time(9),
        ends=time(0),
    ),
    Shape(
        PoolGiven(f"{MARK}ct", "CT（演示）", Kind.EXAM, Grade.EXAM, "32", item="CT", slot_minutes=15),
        _WORKDAYS,
        capacity=8,
    ),
)


def _exam(code: str, name: str, minutes: int, **details: object) -> PoolGiven:
    return PoolGiven(
        MARK + code,
        f"{name}（演示）",
        Kind.EXAM,
        Grade.EXAM,
        "32",
        item=name,
        slot_minutes=minutes,
        details=details,
    )


# What the hospital offers beside that in which the demonstration's accounts work.
MORE: tuple[Shape, ...] = (
    Shape(
        _clinic("qk", "全科门诊", Grade.ORDINARY, "02"),
        _EVERY_DAY,
        capacity=24,
        ends=time(17),
        walk_ins=10,
        place="门诊楼 1 层 101",
    ),
    Shape(
        _clinic("ynbz", "疑难病专家门诊", Grade.EXPERT, "03"),
        (2, 4),
        capacity=4,
        starts=time(14),
        ends=time(17),
        place="门诊楼 3 层 308",
    ),
    Shape(
        _exam(
            "mri",
            "核磁共振 MRI",
            30,
            preparation="请去掉手表、首饰、皮带等金属物品；做过的片子请带来。",
            questions=["体内有没有起搏器、支架或金属植入物？", "有没有幽闭恐惧？", "是否怀孕？"],
        ),
        _EVERY_DAY,
        capacity=16,
        ends=time(16),
        place="影像楼 1 层",
    ),
    Shape(
        _exam(
            "wj",
            "胃镜检查",
            30,
            preparation="检查前一晚 8 点后不再进食，当天不喝水；做无痛胃镜的请有人陪同。",
            questions=["有没有麻醉药过敏？", "是否在服用抗凝药？"],
            fasting=True,
        ),
        _WORKDAYS,
        capacity=8,
        place="内镜中心",
    ),
    Shape(
        _exam("cx", "空腹抽血", 5, preparation="前一晚 10 点后不进食，可少量喝水。", fasting=True),
        _EVERY_DAY,
        capacity=36,
        starts=time(7),
        ends=time(10),
        place="门诊楼 2 层采血窗口",
    ),
)
# What the clinic offers in which the demonstration's accounts work: primary care can be booked beside the hospital.
AT_CLINIC = Shape(
    _clinic("jc-qk", "基层全科门诊", Grade.ORDINARY, "02"),
    _EVERY_DAY,
    capacity=30,
    place="门诊 1 诊室",
)
# What a hospital keeps of its own accord where no text promises a share.
OWN_SHARES = {Channel.FAMILY_DOCTOR: 0.2, Channel.MEMBER: 0.1}


@dataclass(frozen=True, slots=True)
class Ward:
    """A ward: how many beds for men, for women and for either, how many of the last to isolate, how many by the hour."""

    name: str
    men: int
    women: int
    either: int
    isolation: int = 0
    day: int = 0

    def beds(self) -> list[tuple[str, BedSex, bool, bool]]:
        """Number, sex, isolation, day of each."""
        sexes = [BedSex.MALE] * self.men + [BedSex.FEMALE] * self.women + [BedSex.ANY] * self.either
        ordinary = len(sexes) - self.isolation
        usual = [(f"{at:02}", sex, at > ordinary, False) for at, sex in enumerate(sexes, start=1)]
        return usual + [(f"日{at}", BedSex.ANY, False, True) for at in range(1, self.day + 1)]


WARDS: tuple[Ward, ...] = (
    Ward("内科一病区", men=18, women=16, either=10, isolation=4),
    Ward("外科一病区", men=14, women=12, either=6, isolation=2),
    Ward("日间病房", men=0, women=0, either=0, day=8),
)
FULL = 0.85
# By what patients are admitted and discharged (XH-66); what the items say is made up.
CRITERIA: dict[tuple[str, str], tuple[str, ...]] = {
    ("肺炎", "ADMISSION"): ("发热超过 3 天", "血氧饱和度低于 93 %", "影像有新的浸润影"),
    ("肺炎", "DISCHARGE"): ("体温正常超过 48 小时", "不吸氧时血氧饱和度不低于 93 %", "可改口服用药"),
    ("2 型糖尿病", "ADMISSION"): ("空腹血糖高于 16.7 mmol/L", "有酮症"),
    ("2 型糖尿病", "DISCHARGE"): ("血糖连续 2 天达标", "会自测血糖、会用药"),
}
PROCEDURES = ("腹腔镜胆囊切除术", "结肠息肉内镜下切除术", "白内障超声乳化摘除术", "腹股沟疝修补术")
DISEASES = ("肺炎", "高血压病", "2 型糖尿病", "慢性阻塞性肺疾病", "胆囊结石", "腰椎间盘突出症")
