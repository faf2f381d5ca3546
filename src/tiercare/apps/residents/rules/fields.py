"""What each role sees of a resident's record: the least that its work needs (S14), one table, nothing beside it.

A role that does not stand beside a field does not see it, a new role therefore nothing. Numbers are masked for all;
showing one is a click of its own that is recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from tiercare.apps.access.rules import ROLE_NAMES, Role
from tiercare.kernel.text import Text

from .groups import Delicacy


class Field(StrEnum):
    """A part of the record."""

    IDENTITY = "identity"
    NUMBERS = "numbers"
    ADDRESS = "address"
    HOUSEHOLD = "household"
    GUARDIAN = "guardian"
    GROUPS_OPEN = "groups_open"
    GROUPS_HEALTH = "groups_health"
    GROUPS_SPECIAL = "groups_special"
    DOCTOR = "doctor"
    COVER = "cover"
    READINGS_OWN_PLACE = "readings_own_place"
    READINGS_ALL = "readings_all"


FIELD_NAMES: Mapping[Field, Text] = {
    Field.IDENTITY: Text("姓名、性别、出生日期", "name, sex, birth date"),
    Field.NUMBERS: Text("证件与电话（遮盖）", "documents and telephone (masked)"),
    Field.ADDRESS: Text("详细地址", "address"),
    Field.HOUSEHOLD: Text("家庭成员", "household"),
    Field.GUARDIAN: Text("监护人", "guardian"),
    Field.GROUPS_OPEN: Text("重点人群：老年、儿童、残疾、脱贫", "key groups: age, disability, poverty"),
    Field.GROUPS_HEALTH: Text(
        "重点人群：孕产、慢性病、特殊家庭", "key groups: pregnancy, chronic disease, special household"
    ),
    Field.GROUPS_SPECIAL: Text(
        "重点人群：结核、严重精神障碍等", "key groups: tuberculosis, severe mental disorder and the like"
    ),
    Field.DOCTOR: Text("责任医生与网格", "responsible doctor and grid"),
    Field.COVER: Text("医保参保", "insurance cover"),
    Field.READINGS_OWN_PLACE: Text("本机构谁看过", "who read it at the own institution"),
    Field.READINGS_ALL: Text("所有机构谁看过", "who read it anywhere"),
}

_CLINICAL = (Role.CLINICIAN, Role.PRIMARY_DOCTOR)
_STAFF = (*_CLINICAL, Role.REFERRAL_OFFICE, Role.REGISTRAR)
_ALL = (*_STAFF, Role.RESIDENT)
# The desk identifies, reaches and directs people: for that it needs no diagnosis. A referral office prepares an
# admission and needs to know of pregnancy and chronic disease. What can brand a person stays with those who treat.
SEEN_BY: Mapping[Field, tuple[Role, ...]] = {
    Field.IDENTITY: _ALL,
    Field.NUMBERS: _ALL,
    Field.ADDRESS: _ALL,
    Field.HOUSEHOLD: (*_CLINICAL, Role.REGISTRAR, Role.RESIDENT),
    Field.GUARDIAN: _ALL,
    Field.GROUPS_OPEN: _ALL,
    Field.GROUPS_HEALTH: (*_CLINICAL, Role.REFERRAL_OFFICE, Role.RESIDENT),
    Field.GROUPS_SPECIAL: (*_CLINICAL, Role.RESIDENT),
    Field.DOCTOR: _ALL,
    Field.COVER: _ALL,
    Field.READINGS_OWN_PLACE: _CLINICAL,
    Field.READINGS_ALL: (Role.RESIDENT,),
}
_OF_GROUPS: Mapping[Delicacy, Field] = {
    Delicacy.OPEN: Field.GROUPS_OPEN,
    Delicacy.HEALTH: Field.GROUPS_HEALTH,
    Delicacy.SPECIAL: Field.GROUPS_SPECIAL,
}


def sees(role: str, field: Field) -> bool:
    """Whether somebody who acts as ``role`` sees this part of a record that they may read."""
    return role in SEEN_BY[field]


def sees_group(role: str, delicacy: Delicacy) -> bool:
    """Whether ``role`` sees that somebody is in a group of this delicacy; who may not, may not enter it either."""
    return sees(role, _OF_GROUPS[delicacy])


def render_fields() -> str:
    """The table as Markdown in both languages, for ``docs/generated/fields.md``."""
    readers = [role for role in Role if any(role in roles for roles in SEEN_BY.values())]
    head = [
        "# 居民档案：谁看得到什么 · Who sees what of a resident's record",
        "",
        "由 `tiercare/apps/residents/rules/fields.py` 生成，请勿手改。 Generated from the table of fields; do not edit.",
        "",
        "| 内容 Part | "
        + " | ".join(f"{ROLE_NAMES[role].zh} {ROLE_NAMES[role].en}" for role in readers)
        + " |",
        "|---" * (len(readers) + 1) + "|",
    ]
    rows = [
        f"| {FIELD_NAMES[field].zh} {FIELD_NAMES[field].en} | "
        + " | ".join("✓" if role in roles else "—" for role in readers)
        + " |"
        for field, roles in SEEN_BY.items()
    ]
    return "\n".join([*head, *rows, ""])
