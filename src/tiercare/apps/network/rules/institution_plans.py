"""What an area's plan of institutions allows (XH-12), what stands there, and which applications go beyond it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .cell_problems import CellProblem
from .cells import Value
from .registers import Column, Register, Shape
from .words import CATEGORY_NAMES, EQUIPMENT_NAMES, LEVEL_NAMES

CLAUSE = "XH-12"


class PlanKind(StrEnum):
    """The two plans that the text names; an area may have both in force."""

    HEALTH_SYSTEM = "HEALTH_SYSTEM"
    INSTITUTION_SETTING = "INSTITUTION_SETTING"


class Subject(StrEnum):
    """What a line limits; the packs write these words."""

    INSTITUTIONS = "institutions"
    BEDS = "beds"
    EQUIPMENT = "equipment"


PLAN_KIND_NAMES: Mapping[PlanKind, Text] = {
    PlanKind.HEALTH_SYSTEM: Text("医疗卫生服务体系规划", "Plan of the health service system"),
    PlanKind.INSTITUTION_SETTING: Text("医疗机构设置规划", "Plan of medical institutions"),
}
SUBJECT_NAMES: Mapping[Subject, Text] = {
    Subject.INSTITUTIONS: Text("机构数", "Institutions"),
    Subject.BEDS: Text("床位数", "Beds"),
    Subject.EQUIPMENT: Text("大型设备数", "Large equipment"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A limit: at most ``allowed`` of ``subject`` in ``area`` (a division or township code). ``kind`` is a category, of equipment its
    kind; ``level`` a level of institutions; blank: any."""

    area: str
    subject: Subject
    allowed: int
    kind: str = ""
    level: str = ""
    note: str = ""
    id: str = ""

    @property
    def identity(self) -> tuple[str, ...]:
        """What no two lines of a plan share."""
        return self.area, self.subject.value, self.kind, self.level


@dataclass(frozen=True, slots=True)
class House:
    """An institution as limits see it: ``places`` are the codes of its county and township."""

    code: str
    name: str
    places: tuple[str, ...]
    category: str
    level: str
    beds: int


@dataclass(frozen=True, slots=True)
class Machines:
    """So many machines of a kind in a house."""

    house: House
    kind: str
    count: int


Thing = House | Machines


def amount(line: Line, things: Iterable[Thing]) -> int:
    """How much of what the line limits these things are."""
    return sum(_counts(line, each) for each in things)


def counted(line: Line, things: Iterable[Thing]) -> list[tuple[House, int]]:
    """The houses behind that number, each with its part of it."""
    return [
        (each if isinstance(each, House) else each.house, n) for each in things if (n := _counts(line, each))
    ]


def _counts(line: Line, thing: Thing) -> int:
    house = thing if isinstance(thing, House) else thing.house
    if not any(place.startswith(line.area) for place in house.places):
        return 0
    if isinstance(thing, Machines):
        wanted = line.subject is Subject.EQUIPMENT and line.kind in ("", thing.kind)
        return thing.count if wanted and line.level in ("", house.level) else 0
    if line.subject is Subject.EQUIPMENT or line.kind not in ("", house.category):
        return 0
    if line.level not in ("", house.level):
        return 0
    return house.beds if line.subject is Subject.BEDS else 1


@dataclass(frozen=True, slots=True)
class Mark:
    """An application goes beyond a line: ``existing`` there, ``applied`` on top of it."""

    line: Line
    existing: int
    applied: int

    @property
    def over(self) -> int:
        """By how much it would stand above what is allowed."""
        return self.existing + self.applied - self.line.allowed

    @property
    def plain(self) -> dict[str, Any]:
        """As it is kept with an override."""
        line = self.line
        return {
            "line": line.id,
            "area": line.area,
            "subject": line.subject.value,
            "kind": line.kind,
            "level": line.level,
            "allowed": line.allowed,
            "existing": self.existing,
            "applied": self.applied,
            "over": self.over,
        }


def marks(
    lines: Iterable[Line],
    *,
    limited: Collection[str],
    existing: Sequence[Thing],
    gone: Sequence[Thing],
    come: Sequence[Thing],
) -> list[Mark]:
    """The lines that a change goes beyond: it adds to what they limit, and more than they allow would stand there. What makes an excess
    no larger is not marked. ``limited`` are the subjects that the pack limits."""
    found = []
    for line in lines:
        if line.subject.value not in limited:
            continue
        applied = amount(line, come) - amount(line, gone)
        mark = Mark(line, amount(line, existing), applied)
        if applied > 0 and mark.over > 0:
            found.append(mark)
    return found


def covered(found: Iterable[Mark], overridden: Iterable[Mapping[str, Any]]) -> bool:
    """Whether an override speaks of all these marks, and of no smaller excess."""
    granted = {kept["line"]: kept["over"] for kept in overridden}
    return all(mark.line.id in granted and mark.over <= granted[mark.line.id] for mark in found)


def kind_name(line: Line) -> Text:
    """What a line limits, in words: “二级综合医院”."""
    machines = line.subject is Subject.EQUIPMENT
    anything = Text("全部设备", "All equipment") if machines else Text("全部机构", "All institutions")
    names = EQUIPMENT_NAMES if machines else CATEGORY_NAMES
    kind = names.get(line.kind, anything)
    if not line.level:
        return kind
    level = LEVEL_NAMES[line.level]
    return Text(f"{level.zh}{kind.zh}", f"{kind.en}, {level.en.lower()}")


def exceeds_plan(found: Sequence[Mark], area_names: Mapping[str, str]) -> Refusal:
    """Nobody decides about an application beyond the plan before an override is on record."""
    told = [
        (
            kind_name(mark.line),
            SUBJECT_NAMES[mark.line.subject],
            area_names.get(mark.line.area, mark.line.area),
            mark,
        )
        for mark in found
    ]
    return Refusal(
        code="application_exceeds_plan",
        message=Text("超出区域规划：{what}。", "Beyond the area's plan: {what}."),
        instead=Text(
            "请修改申请；确有必要时，由负责审批的卫生健康行政部门在申请页写明理由，登记“超规划办理”。",
            "Mend the application; where it has to be, the health commission that decides records on its page why it may exceed the plan.",
        ),
        fields={
            "what": Text(
                "；".join(
                    f"{area}{kind.zh}{subject.zh}规划 {m.line.allowed}，现有 {m.existing}，本次增加 {m.applied}"
                    for kind, subject, area, m in told
                ),
                "; ".join(
                    f"{area}: {kind.en}, {subject.en.lower()}: planned {m.line.allowed}, there are {m.existing}, {m.applied} more"
                    for kind, subject, area, m in told
                ),
            )
        },
        clauses=(CLAUSE,),
        at="plan",
        status=409,
    )


# Kinds and levels stand in the words of the registers; which kinds go with which subject is asked of the row.
PLAN_LINES = Register(
    "plan_lines",
    Text("规划指标", "Plan limits"),
    Text(
        "规划在每个地区允许的机构数、床位数和大型设备数，一项一行。",
        "How many institutions, beds and large machines a plan allows in each area, one limit a row.",
    ),
    ("area", "subject", "kind", "level"),
    (
        Column(
            "area",
            Text("区划代码", "Area code"),
            Shape.TEXT,
            Text("县区 6 位或乡镇街道 9 位代码。", "Six digits of a county or nine of a township."),
            required=True,
            example="440705",
            longest=9,
            also=("地区",),
        ),
        Column(
            "subject",
            Text("规划对象", "What is limited"),
            Shape.WORD,
            Text("机构、床位或大型设备。", "Institutions, beds or large equipment."),
            required=True,
            words={each.value: name for each, name in SUBJECT_NAMES.items()},
        ),
        Column(
            "kind",
            Text("类别", "Kind"),
            Shape.WORD,
            Text(
                "机构类别或设备类别；空白即全部。",
                "Category of institutions or kind of equipment; blank for all.",
            ),
            words={**CATEGORY_NAMES, **EQUIPMENT_NAMES},
        ),
        Column(
            "level",
            Text("级别", "Level"),
            Shape.WORD,
            Text("机构级别；空白即不分级。", "Level of institutions; blank for any."),
            words=LEVEL_NAMES,
        ),
        Column(
            "allowed",
            Text("规划数", "Allowed"),
            Shape.COUNT,
            Text("规划允许的总数，含现有。", "The total that the plan allows, with what stands already."),
            required=True,
            example="2",
        ),
        Column("note", Text("备注", "Note"), Shape.TEXT, Text("可空白。", "May be blank."), longest=200),
    ),
)
REGISTERS: Mapping[str, Register] = {PLAN_LINES.key: PLAN_LINES}
_AREA_LENGTHS = (2, 4, 6, 9)


def line_of(values: Mapping[str, Value], *, division: str) -> tuple[Line | None, list[CellProblem]]:
    """A row that was read as a line of ``division``'s plan, or what is wrong with it."""
    area, kind, level = (str(values.get(key) or "") for key in ("area", "kind", "level"))
    subject = Subject(str(values["subject"]))
    allowed = values["allowed"]
    problems = []
    if not area.isdigit() or len(area) not in _AREA_LENGTHS or not area.startswith(division):
        problems.append(CellProblem("area", area, *_NOT_INSIDE))
    known = EQUIPMENT_NAMES if subject is Subject.EQUIPMENT else CATEGORY_NAMES
    if kind and kind not in known:
        problems.append(CellProblem("kind", kind, *_NOT_THIS_KIND))
    if problems:
        return None, problems
    assert isinstance(allowed, int), "the column is required and counts"
    return Line(area, subject, allowed, kind, level, str(values.get("note") or "")), []


_NOT_INSIDE = (
    Text("不是本规划地区内的区划代码。", "This is no code of an area of the plan."),
    Text("请填本地区或所辖县区、乡镇的代码。", "Give the code of the area or of a part of it."),
)
_NOT_THIS_KIND = (
    Text("这个类别与规划对象不符。", "The kind does not go with what is limited."),
    Text(
        "机构和床位填机构类别，大型设备填设备类别。",
        "Institutions and beds have categories, equipment its kinds.",
    ),
)
