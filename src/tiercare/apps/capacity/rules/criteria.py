"""By what a hospital admits and discharges patients of a disease, and what follows from having met it (XH-66)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .cases import Step

LONGEST_ITEM, MOST_ITEMS, LONGEST_DISEASE = 120, 30, 80  # characters, items, characters. Ours.


class Stage(StrEnum):
    """Where criteria are asked."""

    ADMISSION = "ADMISSION"
    DISCHARGE = "DISCHARGE"


STAGE_NAMES: Mapping[Stage, Text] = {
    Stage.ADMISSION: Text("入院标准", "criteria for admission"),
    Stage.DISCHARGE: Text("出院标准", "criteria for discharge"),
}
STAGE_OF: Mapping[Step, Stage] = {Step.ADMISSION: Stage.ADMISSION, Step.DISCHARGE: Stage.DISCHARGE}


def proposes_down_referral(stage: Stage, items: Sequence[str], met: Collection[str]) -> bool:
    """Whether the patient is ready for the institution below: every criterion of discharge is met."""
    return stage is Stage.DISCHARGE and bool(items) and set(items) <= set(met)


def unmet(stage: Stage, items: Sequence[str], met: Collection[str], note: str) -> Refusal | None:
    """Whether what is recorded cannot stand: criteria of another version; or admission without any met, or discharge
    without all, and no word why."""
    if not set(met) <= set(items):
        return _OTHER_VERSION
    enough = bool(set(met)) if stage is Stage.ADMISSION else set(items) <= set(met)
    if enough or note:
        return None
    return _NOT_ADMITTED if stage is Stage.ADMISSION else _NOT_DISCHARGED


def unusable(disease: str, items: Sequence[str]) -> Refusal | None:
    """Whether this is no list: without a disease, without items, or with one that nobody would read."""
    if not 1 <= len(disease) <= LONGEST_DISEASE or not disease.isprintable():
        return _NO_DISEASE
    if not 1 <= len(items) <= MOST_ITEMS or len(set(items)) != len(items):
        return _NO_ITEMS
    return next((_LONG_ITEM for item in items if len(item) > LONGEST_ITEM or not item.isprintable()), None)


_OTHER_VERSION = Refusal(
    code="capacity.criteria_changed",
    message=Text(
        "标准刚刚改过，勾选的内容已不在其中。",
        "The criteria have changed since: what was ticked is not among them.",
    ),
    instead=Text("请按现在的标准重新勾选。", "Tick again by the list as it stands now."),
    clauses=("XH-66",),
    at="criteria",
)
_NOT_ADMITTED = Refusal(
    code="capacity.no_criterion_met",
    message=Text("没有符合任何一条入院标准。", "None of the criteria for admission is met."),
    instead=Text(
        "请勾选符合的标准；仍需入院的，在备注中写明理由。",
        "Tick those that are met, or write why they are admitted.",
    ),
    clauses=("XH-66",),
    at="criteria",
    status=422,
)
_NOT_DISCHARGED = Refusal(
    code="capacity.criteria_of_discharge_not_met",
    message=Text("出院标准没有全部符合。", "Not all criteria for discharge are met."),
    instead=Text(
        "请等全部符合再办理；仍要出院的，在备注中写明理由。",
        "Wait until all are met, or write why they leave.",
    ),
    clauses=("XH-66",),
    at="criteria",
    status=422,
)
_NO_DISEASE = Refusal(
    code="capacity.criteria_without_disease",
    message=Text("请填写病种（80 字以内）。", "Give the disease (80 characters)."),
    instead=Text("如“急性阑尾炎”。", "Such as “acute appendicitis”."),
    at="disease",
    status=422,
)
_NO_ITEMS = Refusal(
    code="capacity.criteria_without_items",
    message=Text(
        "请写 1 到 {most} 条标准，每行一条，不要重复。", "Write 1 to {most} criteria, one a line, none twice."
    ),
    instead=Text("不再使用这个病种的标准，请点“停用”。", "To stop using the list, end it."),
    fields={"most": MOST_ITEMS},
    at="items",
    status=422,
)
_LONG_ITEM = Refusal(
    code="capacity.criterion_too_long",
    message=Text("每条标准最多 {most} 字，且只能是文字。", "A criterion has {most} characters at most."),
    instead=Text("请拆成几条，每行一条。", "Write it as several, one a line."),
    fields={"most": LONGEST_ITEM},
    at="items",
    status=422,
)
