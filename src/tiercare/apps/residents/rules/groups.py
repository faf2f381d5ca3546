"""Key groups (重点人群): which the policies name, which follow from the birth date, and how delicate each is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

CHILD, ELDERLY, CHRONIC, POOR = "child", "elderly", "chronic", "poor"
# Ours: no pack names the age. The national norm of basic public-health services counts the elderly from 65.
ELDERLY_FROM = 65  # years
LONGEST_EVIDENCE = 200


class Delicacy(StrEnum):
    """How closely a group is kept: it decides who sees that somebody belongs to it (个人信息保护法 第二十八条)."""

    OPEN = "open"
    HEALTH = "health"
    SPECIAL = "special"


@dataclass(frozen=True, slots=True)
class Offered:
    """The groups that a region's policies name, ``chronic`` opened up, and the children's ages (years, both count)."""

    groups: tuple[str, ...]
    child_ages: tuple[int, int] | None = None

    @property
    def by_hand(self) -> tuple[str, ...]:
        """Those that somebody enters; the others follow from the birth date."""
        return tuple(group for group in self.groups if group not in (CHILD, ELDERLY))


GROUP_NAMES: Mapping[str, Text] = {
    ELDERLY: Text("老年人", "elderly"),
    "pregnant": Text("孕产妇", "pregnancy and childbirth"),
    CHILD: Text("0—6 岁儿童", "young child"),
    CHRONIC: Text("慢性病患者", "chronic disease"),
    "hypertension": Text("高血压患者", "hypertension"),
    "diabetes": Text("糖尿病患者", "diabetes"),
    "tuberculosis": Text("结核病患者", "tuberculosis"),
    "severe_mental": Text("严重精神障碍患者", "severe mental disorder"),
    "disabled": Text("残疾人", "disability"),
    POOR: Text("脱贫（原建档立卡）人口", "registered poor"),
    "special_family_planning": Text("计划生育特殊家庭成员", "special family-planning household"),
}
_DELICACY: Mapping[str, Delicacy] = {
    ELDERLY: Delicacy.OPEN,
    CHILD: Delicacy.OPEN,
    "disabled": Delicacy.OPEN,
    POOR: Delicacy.OPEN,
    "special_family_planning": Delicacy.HEALTH,
    "pregnant": Delicacy.HEALTH,
    CHRONIC: Delicacy.HEALTH,
    "hypertension": Delicacy.HEALTH,
    "diabetes": Delicacy.HEALTH,
}


def delicacy(group: str) -> Delicacy:
    """How closely the group is kept. A word that a pack brings and nobody has judged is kept closest."""
    return _DELICACY.get(group, Delicacy.SPECIAL)


def group_name(group: str) -> Text:
    """What the group is called; the pack's own word where it has no name here."""
    return GROUP_NAMES.get(group, Text(group, group))


def offered(
    named: Iterable[str], chronic: Iterable[str], child_ages: tuple[int, int] | None = None
) -> Offered:
    """The groups that the policies ``named``, each once, with ``chronic`` replaced by the diseases listed for it."""
    diseases = tuple(chronic)
    opened = (each for word in named for each in (diseases if word == CHRONIC and diseases else (word,)))
    return Offered(tuple(dict.fromkeys(opened)), child_ages)


def age_on(birth_date: date, on: date) -> int:
    """Full years of life on a day; who is born on 29 February comes of age on 1 March."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))


def derived(known: Offered, birth_date: date | None, on: date) -> tuple[str, ...]:
    """The groups of ``known`` to which somebody belongs by age alone."""
    if birth_date is None:
        return ()
    age = age_on(birth_date, on)
    found = []
    if CHILD in known.groups and known.child_ages and known.child_ages[0] <= age <= known.child_ages[1]:
        found.append(CHILD)
    if ELDERLY in known.groups and age >= ELDERLY_FROM:
        found.append(ELDERLY)
    return tuple(found)


def enter_refusal(known: Offered, group: str) -> Refusal | None:
    """Whether somebody may be entered into ``group`` by hand."""
    if group in (CHILD, ELDERLY) and group in known.groups:
        return DERIVED
    return None if group in known.by_hand else NOT_NAMED


NOT_NAMED = Refusal(
    code="residents.group_not_named",
    message=Text(
        "当地的政策文件没有把这一类人列为重点人群。", "The policies of this area name no such key group."
    ),
    instead=Text(
        "请从列表中选择；确有文件依据的，请先把条款补进政策包。",
        "Choose from the list; if a document does name it, the clause belongs into the policy pack first.",
    ),
    at="group",
    status=422,
)
DERIVED = Refusal(
    code="residents.group_by_age",
    message=Text("这一类按出生日期自动归入，不用登记。", "This group follows from the birth date by itself."),
    instead=Text("年龄不对的，请更正出生日期。", "If the age is wrong, correct the birth date."),
    at="group",
    status=422,
)
GROUP_TWICE = Refusal(
    code="residents.group_twice",
    message=Text("已经登记在这一类重点人群里。", "The resident is in this key group already."),
    instead=Text("要改依据的，请先结束原来的登记。", "To change the evidence, end the present entry first."),
    at="group",
)
NO_SUCH_GROUP_ENTRY = Refusal(
    code="residents.group_not_entered",
    message=Text("没有这一条在册的重点人群登记。", "There is no such entry in force."),
    instead=Text("请刷新页面，可能已被同事结束。", "Reload: a colleague may have ended it."),
    status=404,
)
NO_EVIDENCE = Refusal(
    code="residents.group_evidence",
    message=Text("没有写明依据。", "The evidence is missing."),
    instead=Text(
        "请写明凭什么归入，如“2024 年体检，血压连续三次偏高”“残疾人证”，不超过 {most} 个字。",
        "Say on what ground, such as “check-up 2024, blood pressure high three times”, in at most {most} characters.",
    ),
    fields={"most": LONGEST_EVIDENCE},
    at="evidence",
    status=422,
)
NOT_FOR_YOUR_ROLE = Refusal(
    code="residents.group_not_for_role",
    message=Text("这一类重点人群只由诊疗人员登记。", "Groups of this kind are entered by those who treat."),
    instead=Text("请交给医生登记。", "Leave it to the doctor."),
    at="group",
    status=403,
)
