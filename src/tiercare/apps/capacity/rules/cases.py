"""An admission or a day surgery as one list of steps, each with who does it and until when; one mechanism for both."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text


class CaseKind(StrEnum):
    """What is being gone through."""

    ADMISSION = "ADMISSION"
    DAY_SURGERY = "DAY_SURGERY"


class Step(StrEnum):
    """A step, in the words of the texts (TY-63) and of day care (NHC-46)."""

    BOOKING = "booking"
    PRE_ASSESSMENT = "pre_assessment"
    EXAM_BOOKING = "exam_booking"
    INSURANCE_REVIEW = "insurance_review"
    ADMISSION = "admission"
    OPERATION = "operation"
    DISCHARGE = "discharge"
    DISCHARGE_SETTLEMENT = "discharge_settlement"
    HEALTH_EDUCATION = "health_education"
    FOLLOW_UP = "post_discharge_followup"


class StepState(StrEnum):
    """Where a step stands. ``NOT_NEEDED``: left out by name, with the reason."""

    OPEN = "OPEN"
    DONE = "DONE"
    NOT_NEEDED = "NOT_NEEDED"


class CaseState(StrEnum):
    """Where the whole stands."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"


# The order in which a centre goes through what it has; a function that it does not run is no step there.
_ADMISSION: tuple[Step, ...] = (
    Step.EXAM_BOOKING,
    Step.INSURANCE_REVIEW,
    Step.ADMISSION,
    Step.HEALTH_EDUCATION,
    Step.DISCHARGE_SETTLEMENT,
    Step.FOLLOW_UP,
)
# NHC-46 asks for “system and process” without naming them; these are what every case of day surgery passes. Ours.
_DAY_SURGERY: tuple[Step, ...] = (
    Step.BOOKING,
    Step.PRE_ASSESSMENT,
    Step.ADMISSION,
    Step.OPERATION,
    Step.DISCHARGE,
    Step.FOLLOW_UP,
)
# After the step before it. Ours; a text gives none of them.
DUE: Mapping[Step, timedelta] = {
    Step.BOOKING: timedelta(days=1),
    Step.PRE_ASSESSMENT: timedelta(days=7),
    Step.EXAM_BOOKING: timedelta(days=1),
    Step.INSURANCE_REVIEW: timedelta(days=1),
    Step.ADMISSION: timedelta(days=7),
    Step.OPERATION: timedelta(days=1),
    Step.DISCHARGE: timedelta(days=1),
    Step.DISCHARGE_SETTLEMENT: timedelta(days=14),
    Step.HEALTH_EDUCATION: timedelta(days=3),
    Step.FOLLOW_UP: timedelta(days=7),
}
CHECKLIST: Mapping[Step, tuple[Text, ...]] = {
    Step.PRE_ASSESSMENT: (
        Text("麻醉评估合格", "fit for anaesthesia"),
        Text("无急性感染", "no acute infection"),
        Text("有成人陪护，能在 1 小时内返院", "an adult stays with them, and the hospital is within an hour"),
    ),
    Step.OPERATION: (
        Text("核对患者、部位、术式", "patient, side and operation checked"),
        Text("知情同意书已签", "consent signed"),
    ),
    Step.DISCHARGE: (
        Text("生命体征平稳", "vital signs stable"),
        Text("疼痛可控、无活动性出血", "pain controlled, no bleeding"),
        Text("已交代用药和复诊", "medicines and return visit explained"),
    ),
}
STEP_NAMES: Mapping[Step, Text] = {
    Step.BOOKING: Text("预约", "booking"),
    Step.PRE_ASSESSMENT: Text("术前评估", "pre-assessment"),
    Step.EXAM_BOOKING: Text("检查检验预约", "booking of examinations"),
    Step.INSURANCE_REVIEW: Text("医保审核", "insurance review"),
    Step.ADMISSION: Text("办理入院", "admission"),
    Step.OPERATION: Text("手术", "operation"),
    Step.DISCHARGE: Text("出院评估", "discharge"),
    Step.DISCHARGE_SETTLEMENT: Text("出院结算", "discharge settlement"),
    Step.HEALTH_EDUCATION: Text("健康教育", "health education"),
    Step.FOLLOW_UP: Text("随访", "follow-up"),
}


@dataclass(frozen=True, slots=True)
class Unit:
    """What an institution runs: its level, the functions of its admission centre, whether it does day surgery."""

    level: int
    functions: frozenset[str]
    day_surgery: bool


def steps_of(kind: CaseKind, unit: Unit) -> tuple[Step, ...]:
    """The steps of a case there, in order."""
    if kind is CaseKind.DAY_SURGERY:
        return _DAY_SURGERY
    return tuple(step for step in _ADMISSION if step in unit.functions)


def may_open(kind: CaseKind, unit: Unit, *, tier: int | None) -> Refusal | None:
    """Whether the institution opens such cases: day surgery where it is marked for it and of the level that the text
    asks for (NHC-46), admissions where a centre runs."""
    if kind is CaseKind.ADMISSION:
        return None if unit.functions else _NO_CENTRE
    if not unit.day_surgery:
        return _NO_DAY_SURGERY
    return None if tier is None or unit.level >= tier else _TOO_LOW


def unchecked(step: Step, ticked: Collection[int]) -> Refusal | None:
    """Whether everything on the step's list is ticked."""
    wanted = CHECKLIST.get(step, ())
    missing = [text.zh for at, text in enumerate(wanted) if at not in ticked]
    if not missing:
        return None
    return Refusal(
        code="capacity.checklist_incomplete",
        message=Text(
            "“{step}”还有未核对的项目：{missing}。", "“{step}”: not everything is checked: {missing}."
        ),
        instead=Text("请逐项核对后再完成。", "Check each, then finish the step."),
        fields={"step": STEP_NAMES[step], "missing": "、".join(missing)},
        at="checklist",
        status=422,
    )


_NO_CENTRE = Refusal(
    code="capacity.no_admission_centre",
    message=Text("本机构还没有开通入出院服务中心。", "The institution runs no admission centre yet."),
    instead=Text("请先在“入出院服务中心”中勾选已开展的服务。", "Say first which services the centre runs."),
    clauses=("TY-63",),
)
_NO_DAY_SURGERY = Refusal(
    code="capacity.no_day_surgery",
    message=Text("本机构没有登记开展日间手术。", "The institution is not marked for day surgery."),
    instead=Text("符合条件的，请先登记开展日间手术。", "If it qualifies, have it marked first."),
    clauses=("NHC-46",),
)
_TOO_LOW = Refusal(
    code="capacity.day_surgery_level",
    message=Text(
        "日间手术由符合条件的三级医院开展。",
        "Day surgery is for qualified hospitals of the level that the text names.",
    ),
    instead=Text("请转诊到开展日间手术的医院。", "Refer the patient to a hospital that does it."),
    clauses=("NHC-46",),
)
