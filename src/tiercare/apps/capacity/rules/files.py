"""The registers of places as files (XH-16): pools, their weeks, beds; what a column holds, and what names a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Any

from tiercare.apps.network.rules.cells import CellProblem, Value
from tiercare.apps.network.rules.entries import read_values
from tiercare.apps.network.rules.registers import Column, Register, Shape
from tiercare.engines.sheets import Cell
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .beds import BedSex
from .vocabulary import CHANNEL_NAMES, GRADE_NAMES, KIND_NAMES, RESERVED, Channel


class FileState(StrEnum):
    """Where an uploaded file stands."""

    CHECKED = "CHECKED"
    TAKEN = "TAKEN"
    DISCARDED = "DISCARDED"


STATE_NAMES: Mapping[FileState, Text] = {
    FileState.CHECKED: Text("已检查，未导入", "checked, not taken over"),
    FileState.TAKEN: Text("已导入", "taken over"),
    FileState.DISCARDED: Text("已放弃", "discarded"),
}
WEEKDAYS: Mapping[str, Text] = {
    str(number): Text(f"周{zh}", en)
    for number, (zh, en) in enumerate(
        zip(
            "一二三四五六日",
            ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
            strict=True,
        ),
        1,
    )
}
SEX_NAMES: Mapping[str, Text] = {
    BedSex.ANY.value: Text("不限", "any"),
    BedSex.MALE.value: Text("男", "men"),
    BedSex.FEMALE.value: Text("女", "women"),
}
# The columns of the shares, by channel.
SHARES: Mapping[Channel, str] = {channel: f"share_{channel.value.lower()}" for channel in RESERVED}


def _column(key: str, zh: str, en: str, shape: Shape, help_zh: str, help_en: str, **more: Any) -> Column:
    return Column(key, Text(zh, en), shape, Text(help_zh, help_en), **more)


def _share(channel: Channel) -> Column:
    name = CHANNEL_NAMES[channel]
    return _column(
        SHARES[channel],
        f"{name.zh}预留（%）",
        f"Kept for {name.en} (%)",
        Shape.PERCENT,
        "医院自定的比例；政策要求更多时按政策。",
        "The hospital's own share; policy may ask for more.",
        example="20",
    )


_CODE = ("医院自己的编号：小写字母、数字、- 或 _。", "The hospital's own: small letters, digits, - or _.")
_PHYSICIAN = ("人员编码；也可填本机构唯一的姓名。", "The code, or the name where only one is called so.")
POOLS = Register(
    "pools",
    Text("号源床位检查池", "Pools"),
    Text("门诊号源池、床位池、检查池，一池一行。", "Pools of visits, beds and examinations, one a row."),
    ("code",),
    (
        _column("code", "池编号", "Pool code", Shape.CODE, *_CODE, required=True, example="xnk-zj"),
        _column(
            "name",
            "池名称",
            "Pool",
            Shape.TEXT,
            "居民看到的名称。",
            "As residents see it.",
            required=True,
            longest=80,
            example="心血管内科专家门诊",
            also=("名称",),
        ),
        _column(
            "kind",
            "种类",
            "Kind",
            Shape.WORD,
            "提供什么。",
            "What it offers.",
            required=True,
            words=KIND_NAMES,
        ),
        _column(
            "grade",
            "类别",
            "Grade",
            Shape.WORD,
            "按类别填写。",
            "Of which grade.",
            required=True,
            words=GRADE_NAMES,
        ),
        _column(
            "department",
            "科室",
            "Department",
            Shape.TEXT,
            "本机构登记的科室名称。",
            "A department of the register, by its name.",
            example="心血管内科",
            longest=80,
        ),
        _column(
            "specialty",
            "诊疗科目代码",
            "Specialty code",
            Shape.SPECIALTY,
            "空白即按科室。",
            "Blank: the department's.",
            example="03.04",
        ),
        _column("clinician", "医师", "Physician", Shape.TEXT, *_PHYSICIAN, longest=80),
        _column(
            "equipment",
            "设备",
            "Device",
            Shape.TEXT,
            "本机构登记的设备：类别和型号。",
            "A device of the register: kind and model.",
            longest=120,
        ),
        _column(
            "item",
            "检查项目",
            "Examination",
            Shape.TEXT,
            "检查池必填。",
            "For examinations.",
            longest=80,
            example="胸部 CT 平扫",
        ),
        _column(
            "slot_minutes",
            "每号分钟",
            "Minutes a place",
            Shape.COUNT,
            "空白即按号就诊，不分时段。",
            "Blank: by number, not by time.",
            example="15",
        ),
        *(_share(channel) for channel in RESERVED),
        _column(
            "release_hours",
            "提前释放小时",
            "Released hours before",
            Shape.COUNT,
            "开诊前多少小时把没用的预留放给所有人；空白即按政策包。",
            "Hours before the start at which what is unused opens to all; blank: as the pack says.",
            example="24",
        ),
        _column("ward", "病区", "Ward", Shape.TEXT, "床位池填写。", "For beds.", longest=40),
        _column("sex", "收治性别", "For", Shape.WORD, "床位池填写。", "For beds.", words=SEX_NAMES),
        _column("isolation", "隔离", "Isolation", Shape.YES_NO, "床位池填写。", "For beds."),
        _column(
            "bring", "请携带", "To bring", Shape.PARAGRAPH, "就诊时带什么。", "What to bring.", longest=500
        ),
        _column("fasting", "空腹", "Fasting", Shape.YES_NO, "检查池填写。", "For examinations."),
        _column(
            "preparation",
            "检查准备",
            "Preparation",
            Shape.PARAGRAPH,
            "检查池填写。",
            "For examinations.",
            longest=500,
        ),
        _column(
            "questions",
            "检查前询问",
            "Questions",
            Shape.PARAGRAPH,
            "检查池填写，一行一问。",
            "For examinations, one a line.",
            longest=120,
        ),
    ),
)
WEEKS = Register(
    "weeks",
    Text("周排班", "Weeks"),
    Text(
        "每周的出诊安排，一段一行；文件里有的池，整周按文件。",
        "Weekly sessions, one a row; the week of a pool in the file is wholly the file's.",
    ),
    ("pool", "weekday", "starts"),
    (
        _column(
            "pool", "池编号", "Pool code", Shape.CODE, *_CODE, required=True, example="xnk-zj", also=("池",)
        ),
        _column(
            "weekday",
            "星期",
            "Weekday",
            Shape.WORD,
            "周一至周日。",
            "The day.",
            required=True,
            words=WEEKDAYS,
        ),
        _column(
            "starts",
            "开始",
            "From",
            Shape.TIME,
            "几点开始。",
            "When it begins.",
            required=True,
            example="08:00",
        ),
        _column(
            "ends",
            "结束",
            "Until",
            Shape.TIME,
            "到半夜填 24:00。",
            "Midnight is 24:00.",
            required=True,
            example="12:00",
        ),
        _column(
            "capacity",
            "号数",
            "Places",
            Shape.COUNT,
            "这一段共多少个号。",
            "Places in all.",
            required=True,
            example="20",
        ),
        _column(
            "slot_capacity",
            "每时段号数",
            "Places a slot",
            Shape.COUNT,
            "空白即 1。",
            "Blank: 1.",
            example="1",
        ),
        _column(
            "walk_ins", "现场号", "Walk-ins", Shape.COUNT, "另计，空白即 0。", "Counted apart; blank: 0."
        ),
        _column("clinician", "医师", "Physician", Shape.TEXT, *_PHYSICIAN, longest=80),
        _column("place", "地点", "Place", Shape.TEXT, "诊室。", "The room.", longest=80, also=("诊室",)),
        _column(
            "on_holidays",
            "节假日照常",
            "On holidays",
            Shape.YES_NO,
            "空白即节假日不放。",
            "Blank: not on holidays.",
        ),
        _column(
            "since",
            "起始日期",
            "From day",
            Shape.DATE,
            "以后才开始的填写。",
            "Where it begins later.",
            example="2027-01-01",
        ),
    ),
)
BEDS = Register(
    "beds",
    Text("床位", "Beds"),
    Text("病区的床位，一床一行。", "The beds of wards, one a row."),
    ("ward", "number"),
    (
        _column(
            "ward",
            "病区",
            "Ward",
            Shape.TEXT,
            "病区名称。",
            "Its ward.",
            required=True,
            longest=40,
            example="心内一病区",
        ),
        _column(
            "number",
            "床号",
            "Bed",
            Shape.TEXT,
            "病区内唯一。",
            "Unique in it.",
            required=True,
            longest=12,
            example="12",
        ),
        _column("sex", "收治性别", "For", Shape.WORD, "空白即不限。", "Blank: any.", words=SEX_NAMES),
        _column("isolation", "隔离", "Isolation", Shape.YES_NO, "隔离床位。", "Isolation bed."),
        _column("day", "日间", "Day bed", Shape.YES_NO, "日间床位。", "Day bed."),
        _column(
            "out_of_use",
            "停用原因",
            "Out of use",
            Shape.TEXT,
            "空白即在用。",
            "Why; blank: in use.",
            longest=200,
        ),
    ),
)
# In the order in which rows are taken over: a week names a pool.
REGISTERS: Mapping[str, Register] = {register.key: register for register in (POOLS, WEEKS, BEDS)}


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A row as read: values by column, and where it stands."""

    register: str
    values: Mapping[str, Value]
    place: str

    @property
    def identity(self) -> tuple[Value, ...]:
        """What names it within its register."""
        return tuple(self.values[key] for key in REGISTERS[self.register].identity)

    def text(self, key: str) -> str:
        """The text, code or word of a column; empty where there is none."""
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def count(self, key: str) -> int | None:
        """The number of a column."""
        value = self.values.get(key)
        return value if isinstance(value, int) else None

    def share(self, key: str) -> float:
        """The share of a column; nothing is nothing."""
        value = self.values.get(key)
        return value if isinstance(value, float) else 0.0

    def hour(self, key: str) -> time:
        """The time of a column that must be filled."""
        value = self.values.get(key)
        assert isinstance(value, time), "the column is required"
        return value


def read_place(
    register: Register, cells: Mapping[str, Cell], place: str = ""
) -> tuple[PlaceRow | None, tuple[CellProblem, ...]]:
    """The row in ``cells`` (by column key), or everything that is wrong with it."""
    values, problems = read_values(register, cells)
    return (None, tuple(problems)) if problems else (PlaceRow(register.key, values, place), ())


NO_SUCH_FILE = Refusal(
    "capacity.no_such_file",
    Text("没有这份上传的文件，或它不属于本机构。", "There is no such file, or it is another institution's."),
    Text("请从上传记录中选择。", "Choose one from the list."),
    status=404,
)
