"""The code lists of capacity, each with the words that users read."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from tiercare.kernel.text import Text


class Kind(StrEnum):
    """What a pool offers: visits (号源池), admissions (床位池) or examinations (检查池)."""

    CLINIC = "CLINIC"
    BED = "BED"
    EXAM = "EXAM"


class Grade(StrEnum):
    """Of a clinic: a department's ordinary visit, an expert's, a named physician's; of a bed: whole days or a day bed."""

    ORDINARY = "ORDINARY"
    EXPERT = "EXPERT"
    NAMED = "NAMED"
    INPATIENT = "INPATIENT"
    DAY = "DAY"
    EXAM = "EXAM"


GRADES: Mapping[Kind, tuple[Grade, ...]] = {
    Kind.CLINIC: (Grade.ORDINARY, Grade.EXPERT, Grade.NAMED),
    Kind.BED: (Grade.INPATIENT, Grade.DAY),
    Kind.EXAM: (Grade.EXAM,),
}


class Channel(StrEnum):
    """For whom a place is kept. The last two are counted apart from what a session offers."""

    FAMILY_DOCTOR = "FAMILY_DOCTOR"
    REFERRAL = "REFERRAL"
    MEMBER = "MEMBER"
    OPEN = "OPEN"
    WALK_IN = "WALK_IN"
    OVERBOOK = "OVERBOOK"


# From the narrowest promise to the widest: whoever may use a channel may also use those after it.
OFFERED: tuple[Channel, ...] = (Channel.FAMILY_DOCTOR, Channel.REFERRAL, Channel.MEMBER, Channel.OPEN)
RESERVED = OFFERED[:-1]
# Those through which a referral comes; a partner may book without one.
REFERRED: tuple[Channel, ...] = (Channel.FAMILY_DOCTOR, Channel.REFERRAL)
EXTRA: tuple[Channel, ...] = (Channel.WALK_IN, Channel.OVERBOOK)


class SessionState(StrEnum):
    """Where a session stands: in preparation, on offer, or stopped (停诊)."""

    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    STOPPED = "STOPPED"


KIND_NAMES: Mapping[Kind, Text] = {
    Kind.CLINIC: Text("门诊号源", "clinic visits"),
    Kind.BED: Text("住院床位", "beds"),
    Kind.EXAM: Text("检查", "examinations"),
}
GRADE_NAMES: Mapping[Grade, Text] = {
    Grade.ORDINARY: Text("普通门诊", "ordinary clinic"),
    Grade.EXPERT: Text("专家门诊", "expert clinic"),
    Grade.NAMED: Text("名医门诊", "named physician"),
    Grade.INPATIENT: Text("住院", "inpatient"),
    Grade.DAY: Text("日间", "day bed"),
    Grade.EXAM: Text("检查", "examination"),
}
CHANNEL_NAMES: Mapping[Channel, Text] = {
    Channel.FAMILY_DOCTOR: Text("家庭医生转诊", "family-doctor referral"),
    Channel.REFERRAL: Text("转诊", "referral"),
    Channel.MEMBER: Text("成员单位", "member institutions"),
    Channel.OPEN: Text("公开预约", "open to everybody"),
    Channel.WALK_IN: Text("现场", "walk-in"),
    Channel.OVERBOOK: Text("加号", "beyond the offer"),
}
SESSION_NAMES: Mapping[SessionState, Text] = {
    SessionState.DRAFT: Text("未发布", "in preparation"),
    SessionState.PUBLISHED: Text("已发布", "on offer"),
    SessionState.STOPPED: Text("已停诊", "stopped"),
}
