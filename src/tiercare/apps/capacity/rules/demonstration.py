"""The pools of a demonstration hospital: made up, some wanted by everybody and some by few."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from .pools import PoolGiven, WeekGiven
from .vocabulary import Grade, Kind

MARK = "demo-"
_WORKDAYS = (1, 2, 3, 4, 5)
_EVERY_DAY = (*_WORKDAYS, 6, 7)


@dataclass(frozen=True, slots=True)
class Shape:
    """A pool with its week; ``pull`` is how much it is wanted beside the others."""

    given: PoolGiven
    weekdays: tuple[int, ...]
    capacity: int
    pull: int
    starts: time = time(8)
    ends: time = time(12)

    @property
    def week(self) -> list[WeekGiven]:
        """Its sessions of every week."""
        return [WeekGiven(day, self.starts, self.ends, self.capacity) for day in self.weekdays]


def _clinic(code: str, name: str, grade: Grade, specialty: str) -> PoolGiven:
    return PoolGiven(MARK + code, f"{name}（演示）", Kind.CLINIC, grade, specialty_code=specialty)


SHAPES: tuple[Shape, ...] = (
    Shape(_clinic("xnk-zj", "心内科专家门诊", Grade.EXPERT, "03.04"), (1, 3, 5), capacity=10, pull=14),
    Shape(_clinic("nfm-zj", "内分泌科专家门诊", Grade.EXPERT, "03.07"), (2, 4, 5), capacity=8, pull=1),
    Shape(_clinic("nk", "内科普通门诊", Grade.ORDINARY, "03"), _WORKDAYS, capacity=40, pull=3),
    Shape(
        PoolGiven(
            f"{MARK}nk-cw", "内科床位（演示）", Kind.BED, Grade.INPATIENT, "03", details={"ward": "内科病区"}
        ),
        _EVERY_DAY,
        capacity=6,
        pull=2,
        starts=time(9),
        ends=time(0),
    ),
    Shape(
        PoolGiven(f"{MARK}ct", "CT（演示）", Kind.EXAM, Grade.EXAM, "32", item="CT", slot_minutes=15),
        _WORKDAYS,
        capacity=16,
        pull=4,
    ),
)
