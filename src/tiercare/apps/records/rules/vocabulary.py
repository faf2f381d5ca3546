"""The words of the record: codes as they stand in the database and in the API, and their names."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from tiercare.kernel.text import Text

# The source of what was typed into our own pages; any other is the code of a sending system.
HERE = "here"


class VisitKind(StrEnum):
    """How a resident was seen."""

    OUTPATIENT = "OUTPATIENT"
    EMERGENCY = "EMERGENCY"
    INPATIENT = "INPATIENT"
    HOME = "HOME"
    REMOTE = "REMOTE"


class Stage(StrEnum):
    """Who is ready to go down: the three groups of NHC-38 and YN-52, and the stable chronic patients of XH-56."""

    NONE = ""
    ACUTE_RECOVERY = "ACUTE_RECOVERY"
    POSTOP_RECOVERY = "POSTOP_RECOVERY"
    CRITICAL_STABLE = "CRITICAL_STABLE"
    CHRONIC_STABLE = "CHRONIC_STABLE"


class ConditionRole(StrEnum):
    """The main diagnosis of a visit, or one beside it."""

    MAIN = "MAIN"
    OTHER = "OTHER"


class ConditionStatus(StrEnum):
    """How a disease stands."""

    ACTIVE = "ACTIVE"
    STABLE = "STABLE"
    RESOLVED = "RESOLVED"


class Flag(StrEnum):
    """How a result stands to its reference range; empty: nobody said."""

    NONE = ""
    LOW = "LOW"
    HIGH = "HIGH"
    NORMAL = "NORMAL"
    ABNORMAL = "ABNORMAL"


class DocumentKind(StrEnum):
    """What a document is."""

    SUMMARY = "SUMMARY"
    DISCHARGE = "DISCHARGE"
    REPORT = "REPORT"
    IMAGE = "IMAGE"
    LETTER = "LETTER"
    OTHER = "OTHER"


class ContactKind(StrEnum):
    """What a planned contact is for."""

    FOLLOW_UP = "FOLLOW_UP"
    GUIDANCE = "GUIDANCE"
    REHAB = "REHAB"
    NURSING = "NURSING"
    RECALL = "RECALL"
    PUBLIC = "PUBLIC"
    PREVENTION = "PREVENTION"


class Way(StrEnum):
    """How a contact is made."""

    VISIT = "VISIT"
    HOME = "HOME"
    PHONE = "PHONE"
    VIDEO = "VIDEO"
    MESSAGE = "MESSAGE"


class ContactOutcome(StrEnum):
    """What came of a contact."""

    REACHED = "REACHED"
    NOT_REACHED = "NOT_REACHED"
    REFUSED = "REFUSED"
    SENT_ON = "SENT_ON"


class ContactState(StrEnum):
    """Where a planned contact stands."""

    DUE = "DUE"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


VISIT_KIND_NAMES: Mapping[VisitKind, Text] = {
    VisitKind.OUTPATIENT: Text("门诊", "outpatient"),
    VisitKind.EMERGENCY: Text("急诊", "emergency"),
    VisitKind.INPATIENT: Text("住院", "inpatient"),
    VisitKind.HOME: Text("上门", "at home"),
    VisitKind.REMOTE: Text("远程", "remote"),
}
STAGE_NAMES: Mapping[Stage, Text] = {
    Stage.NONE: Text("未标记", "not marked"),
    Stage.ACUTE_RECOVERY: Text("急性病恢复期", "recovering from an acute illness"),
    Stage.POSTOP_RECOVERY: Text("术后恢复期", "recovering from surgery"),
    Stage.CRITICAL_STABLE: Text("危重症稳定期", "critical, now stable"),
    Stage.CHRONIC_STABLE: Text("慢性病稳定期", "chronic and stable"),
}
# The codes by which clauses name the groups (``down_groups`` of NHC-38 and YN-52, ``down`` of XH-56).
STAGE_IN_PACK: Mapping[str, frozenset[Stage]] = {
    "acute_recovery": frozenset({Stage.ACUTE_RECOVERY}),
    "postop_recovery": frozenset({Stage.POSTOP_RECOVERY}),
    "critical_stable": frozenset({Stage.CRITICAL_STABLE}),
    "chronic_stable": frozenset({Stage.CHRONIC_STABLE}),
    "convalescent": frozenset({Stage.ACUTE_RECOVERY, Stage.POSTOP_RECOVERY, Stage.CRITICAL_STABLE}),
}
CONDITION_STATUS_NAMES: Mapping[ConditionStatus, Text] = {
    ConditionStatus.ACTIVE: Text("活动", "active"),
    ConditionStatus.STABLE: Text("稳定", "stable"),
    ConditionStatus.RESOLVED: Text("已愈", "resolved"),
}
FLAG_NAMES: Mapping[Flag, Text] = {
    Flag.NONE: Text("", ""),
    Flag.LOW: Text("偏低", "low"),
    Flag.HIGH: Text("偏高", "high"),
    Flag.NORMAL: Text("正常", "normal"),
    Flag.ABNORMAL: Text("异常", "abnormal"),
}
DOCUMENT_KIND_NAMES: Mapping[DocumentKind, Text] = {
    DocumentKind.SUMMARY: Text("病历摘要", "summary"),
    DocumentKind.DISCHARGE: Text("出院小结", "discharge summary"),
    DocumentKind.REPORT: Text("检查检验报告", "report"),
    DocumentKind.IMAGE: Text("影像", "image"),
    DocumentKind.LETTER: Text("信函", "letter"),
    DocumentKind.OTHER: Text("其他", "other"),
}
CONTACT_KIND_NAMES: Mapping[ContactKind, Text] = {
    ContactKind.FOLLOW_UP: Text("随访", "follow-up"),
    ContactKind.GUIDANCE: Text("随诊指导", "guidance"),
    ContactKind.REHAB: Text("康复", "rehabilitation"),
    ContactKind.NURSING: Text("护理", "nursing"),
    ContactKind.RECALL: Text("召回复诊", "recall"),
    ContactKind.PUBLIC: Text("公共卫生随访", "public-health follow-up"),
    ContactKind.PREVENTION: Text("疾病预防（接种、筛查）", "prevention (vaccination, screening)"),
}
WAY_NAMES: Mapping[Way, Text] = {
    Way.VISIT: Text("到院", "visit"),
    Way.HOME: Text("上门", "at home"),
    Way.PHONE: Text("电话", "telephone"),
    Way.VIDEO: Text("视频", "video"),
    Way.MESSAGE: Text("短信", "message"),
}
OUTCOME_NAMES: Mapping[ContactOutcome, Text] = {
    ContactOutcome.REACHED: Text("已完成", "done"),
    ContactOutcome.NOT_REACHED: Text("未联系上", "not reached"),
    ContactOutcome.REFUSED: Text("居民不愿接受", "declined"),
    ContactOutcome.SENT_ON: Text("已转诊或请其就诊", "sent on"),
}
