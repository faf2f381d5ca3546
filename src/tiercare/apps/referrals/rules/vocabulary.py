"""Words of referrals: kinds, groups that go down, why a referral is returned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tiercare.kernel.text import Text


class Kind(StrEnum):
    """Kinds of request of this app."""

    UP = "up"
    DOWN = "down"
    LATERAL = "lateral"
    ADVICE = "advice"


KIND_NAMES: Mapping[Kind, Text] = {
    Kind.UP: Text("上转", "referral up"),
    Kind.DOWN: Text("下转", "referral down"),
    Kind.LATERAL: Text("平级转诊", "lateral referral"),
    Kind.ADVICE: Text("咨询", "request for advice"),
}


class Group(StrEnum):
    """Whom a hospital sends down (XH-47), by the words of the packs."""

    COMMON = "common"
    FREQUENT = "frequent"
    CHRONIC_STABLE = "chronic_stable"
    CONVALESCENT = "convalescent"


GROUP_NAMES: Mapping[Group, Text] = {
    Group.COMMON: Text("常见病", "common disease"),
    Group.FREQUENT: Text("多发病", "frequent disease"),
    Group.CHRONIC_STABLE: Text("诊断明确、病情稳定的慢性病", "chronic disease, diagnosis clear and stable"),
    Group.CONVALESCENT: Text("康复期", "convalescent"),
}


class Beyond(StrEnum):
    """What an institution cannot do for the patient (XH-46)."""

    ROLE = "role"
    CAPACITY = "capacity"


BEYOND_NAMES: Mapping[Beyond, Text] = {
    Beyond.ROLE: Text("超出本机构功能定位", "beyond the role of this institution"),
    Beyond.CAPACITY: Text("超出本机构服务能力", "beyond what this institution can do"),
}
# As the packs name what an upward referral may rest on (XH-46): severity, or one of the two above.
SEVERITY = "severity"
CRITERIA = {SEVERITY: "severity", "beyond_role": Beyond.ROLE, "beyond_capacity": Beyond.CAPACITY}


@dataclass(frozen=True, slots=True)
class Return:
    """Why a referral comes back; ``elsewhere``: another institution is named with it."""

    name: Text
    elsewhere: bool = False


RETURNS: Mapping[str, Return] = {
    "incomplete": Return(Text("资料不全，请补充", "something is missing")),
    "not_indicated": Return(Text("暂不需要转诊，给出处理意见", "no referral needed now: advice is given")),
    "wrong_specialty": Return(Text("不属于本院诊疗范围", "not of our specialties"), elsewhere=True),
    "no_capacity": Return(Text("近期无号源、床位", "no place in the near future"), elsewhere=True),
    "duplicate": Return(Text("重复申请", "a duplicate")),
    "patient_wish": Return(Text("患者或家属改变意愿", "the patient's wish changed")),
    "other": Return(Text("其他", "something else")),
}
