"""An admission or a day surgery as one list of steps, each with who does it and until when; one mechanism for both."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text


class CaseKind(StrEnum):
    """What is being gone through."""

    ADMISSION = "ADMISSION"
    ELECTIVE_SURGERY = "ELECTIVE_SURGERY"
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


# What a one-stop centre may run, in the words of TY-63; which of them it has to is the pack's to say.
FUNCTIONS: tuple[Step, ...] = (
    Step.ADMISSION,
    Step.INSURANCE_REVIEW,
    Step.DISCHARGE_SETTLEMENT,
    Step.EXAM_BOOKING,
    Step.FOLLOW_UP,
    Step.HEALTH_EDUCATION,
)
# The order in which a hospital goes through what it has; a function that its centre does not run is no step there.
# Ours: NHC-46 asks for “system and process” without naming the steps.
_ORDER: Mapping[CaseKind, tuple[Step, ...]] = {
    CaseKind.ADMISSION: (
        Step.EXAM_BOOKING,
        Step.INSURANCE_REVIEW,
        Step.ADMISSION,
        Step.HEALTH_EDUCATION,
        Step.DISCHARGE,
        Step.DISCHARGE_SETTLEMENT,
        Step.FOLLOW_UP,
    ),
    CaseKind.ELECTIVE_SURGERY: (
        Step.BOOKING,
        Step.PRE_ASSESSMENT,
        Step.EXAM_BOOKING,
        Step.INSURANCE_REVIEW,
        Step.ADMISSION,
        Step.OPERATION,
        Step.HEALTH_EDUCATION,
        Step.DISCHARGE,
        Step.DISCHARGE_SETTLEMENT,
        Step.FOLLOW_UP,
    ),
    CaseKind.DAY_SURGERY: (
        Step.BOOKING,
        Step.PRE_ASSESSMENT,
        Step.ADMISSION,
        Step.OPERATION,
        Step.DISCHARGE,
        Step.FOLLOW_UP,
    ),
}
# Without these it would be no admission and no operation, whatever the centre runs.
_ALWAYS: Mapping[CaseKind, frozenset[Step]] = {
    CaseKind.ADMISSION: frozenset({Step.ADMISSION, Step.DISCHARGE}),
    CaseKind.ELECTIVE_SURGERY: frozenset(_ORDER[CaseKind.DAY_SURGERY]) - {Step.FOLLOW_UP},
    CaseKind.DAY_SURGERY: frozenset(_ORDER[CaseKind.DAY_SURGERY]),
}
_WHO = Text("核对姓名和证件，戴好腕带", "name and document checked, wristband on")
_ALLERGIES = Text("问过药物过敏", "asked about allergies")
_STABLE = Text("生命体征平稳", "vital signs stable")
_EXPLAINED = Text("已交代用药和复诊", "medicines and return visit explained")
# What is checked at a step. Ours, as the steps are.
_OPERATION_LISTS: Mapping[Step, tuple[Text, ...]] = {
    Step.BOOKING: (
        Text("手术日期已告知患者", "the day of the operation is known to the patient"),
        Text("已交代术前准备（禁食、停用的药）", "preparation explained: fasting, medicines to leave off"),
    ),
    Step.PRE_ASSESSMENT: (
        Text("麻醉评估合格", "fit for anaesthesia"),
        Text("无急性感染", "no acute infection"),
        Text("有成人陪护，能在 1 小时内返院", "an adult stays with them, and the hospital is within an hour"),
    ),
    Step.ADMISSION: (_WHO, _ALLERGIES),
    Step.OPERATION: (
        Text("核对患者、部位、术式", "patient, side and operation checked"),
        Text("知情同意书已签", "consent signed"),
    ),
    Step.DISCHARGE: (
        _STABLE,
        Text("疼痛可控、无活动性出血", "pain controlled, no bleeding"),
        _EXPLAINED,
    ),
    Step.FOLLOW_UP: (
        Text("伤口和体温问过", "asked about wound and temperature"),
        Text("有不适知道找谁", "they know whom to call"),
    ),
}
_ADMISSION_LISTS: Mapping[Step, tuple[Text, ...]] = {
    Step.ADMISSION: (_WHO, _ALLERGIES),
    Step.DISCHARGE: (_STABLE, _EXPLAINED),
}
KIND_NAMES: Mapping[CaseKind, Text] = {
    CaseKind.ADMISSION: Text("住院", "admission"),
    CaseKind.ELECTIVE_SURGERY: Text("择期手术", "elective surgery"),
    CaseKind.DAY_SURGERY: Text("日间手术", "day surgery"),
}
CASE_STATE_NAMES: Mapping[CaseState, Text] = {
    CaseState.OPEN: Text("办理中", "under way"),
    CaseState.CLOSED: Text("已办结", "done"),
    CaseState.CANCELLED: Text("已取消", "cancelled"),
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
    return tuple(step for step in _ORDER[kind] if step in _ALWAYS[kind] or step in unit.functions)


def checklist(kind: CaseKind, step: Step) -> tuple[Text, ...]:
    """What is checked at a step of such a case."""
    return (_ADMISSION_LISTS if kind is CaseKind.ADMISSION else _OPERATION_LISTS).get(step, ())


def may_open(kind: CaseKind, unit: Unit, *, tier: int | None) -> Refusal | None:
    """Whether the institution opens such cases: day surgery where it is marked for it and of the level that the text
    asks for (NHC-46), all others where a centre runs."""
    if kind is not CaseKind.DAY_SURGERY:
        return None if unit.functions else _NO_CENTRE
    if not unit.day_surgery:
        return _NO_DAY_SURGERY
    return None if tier is None or unit.level >= tier else _TOO_LOW


def unchecked(kind: CaseKind, step: Step, ticked: Collection[int]) -> Refusal | None:
    """Whether everything on the step's list is ticked."""
    missing = [text.zh for at, text in enumerate(checklist(kind, step)) if at not in ticked]
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
