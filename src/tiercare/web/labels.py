"""What codes are called. Policy wordings come from the engine; these are the words of the network and of clauses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.utils.translation import gettext, gettext_noop

from tiercare.engines.policy import State, Strength
from tiercare.engines.policy.model import Value
from tiercare.web.event_labels import EVENTS

_ = gettext_noop

GROUPS: Mapping[str, Mapping[str, str]] = {
    "kind": {
        "CITY_GROUP": _("城市医联体"),
        "COUNTY_COMMUNITY": _("县域医共体"),
        "URBAN_RURAL": _("城乡医联体"),
        "SPECIALTY_ALLIANCE": _("专科联盟"),
        "TELEMEDICINE_NETWORK": _("远程医疗协作网"),
    },
    "role": {
        "LEAD": _("牵头医院"),
        "MEMBER": _("成员单位"),
        "COLLABORATOR": _("协作医院"),
        "ASSISTING": _("协助医院"),
        "ENTRUSTED": _("受托管单位"),
    },
    "category": {
        "GENERAL": _("综合医院"),
        "TCM": _("中医（民族医）医院"),
        "SPECIALTY": _("专科医院"),
        "PSYCHIATRIC": _("精神卫生机构"),
        "MATERNAL_CHILD": _("妇幼保健院"),
        "REHABILITATION": _("康复医院"),
        "NURSING": _("护理院"),
        "PUBLIC_HEALTH": _("专业公共卫生机构"),
        "TOWNSHIP_CENTRE": _("乡镇卫生院"),
        "COMMUNITY_CENTRE": _("社区卫生服务中心"),
        "COMMUNITY_STATION": _("社区卫生服务站"),
        "VILLAGE_CLINIC": _("村卫生室"),
        "CLINIC": _("诊所、门诊部"),
    },
    "owner": {"PUBLIC": _("公立"), "PRIVATE": _("社会办")},
    "grade": {"A": _("甲等"), "B": _("乙等"), "C": _("丙等"), "": ""},
    "level": {"0": _("未定级"), "1": _("一级"), "2": _("二级"), "3": _("三级")},
    "basis": {
        "DOCUMENT": _("文件载明"),
        "PUBLIC": _("公开信息"),
        "DEMO": _("演示数据"),
        "ENTERED": _("机构填报"),
    },
    "standing": {"MET": _("已履行"), "DUE": _("未到期"), "OVERDUE": _("逾期未履行")},
    "life": {
        "DRAFT": _("待签署"),
        "SIGNED": _("已签署，未到起始日"),
        "IN_FORCE": _("生效中"),
        "ENDING": _("即将到期"),
        "ENDED": _("已终止"),
    },
    "calendar_kind": {
        "OBLIGATION": _("协议义务"),
        "MILESTONE": _("方案节点"),
        "AGREEMENT_END": _("协议到期"),
        "LICENCE": _("执业许可证到期"),
        "DEADLINE": _("政策期限"),
        "MATTER": _("督导事项"),
        "REGULAR": _("定期检查"),
        "TARGET": _("政策目标"),
    },
    "duty_of": {"LEAD": _("牵头单位"), "MEMBERS": _("成员单位和政府")},
    "pack_level": {
        "nation": _("国家"),
        "province": _("省"),
        "prefecture": _("市（州）"),
        "county": _("县（区）"),
    },
    "clause_kind": {
        "rule": _("规则"),
        "workflow": _("流程"),
        "indicator": _("指标"),
        "structure": _("组织结构"),
        "service": _("服务"),
        "target": _("目标"),
        "money": _("经费与支付"),
        "governance": _("治理"),
        "data": _("数据"),
    },
    "capability": {
        "consortium": _("医联体建设"),
        "evaluation": _("考核评价"),
        "planning": _("规划布局"),
        "referral": _("双向转诊"),
        "insurance-payment": _("医保支付"),
        "workforce": _("人才队伍"),
        "telehealth": _("远程医疗"),
        "family-doctor": _("家庭医生签约"),
        "chronic-disease": _("慢病管理"),
        "performance-pay": _("绩效薪酬"),
        "agreement": _("协议与章程"),
        "tcm": _("中医药"),
        "supervision": _("督导"),
        "registry": _("机构登记"),
        "capacity-booking": _("号源与床位"),
        "prescription": _("处方与药品"),
        "training": _("培训"),
        "public-health": _("公共卫生"),
        "pricing": _("价格"),
        "elderly-rehab-hospice": _("老年、康复与安宁"),
        "recognition": _("结果互认"),
        "shared-centers": _("共享中心"),
        "day-care": _("日间服务"),
        "remote-diagnosis": _("远程诊断"),
        "mental-health": _("精神卫生"),
        "admission-discharge": _("出入院标准"),
        "identity-card": _("身份与健康卡"),
        "follow-up": _("随访"),
        "health-record": _("健康档案"),
        "emergency-centers": _("急诊急救中心"),
        "disclosure": _("信息公开"),
        "maternal-child": _("妇幼健康"),
        "ai-assist": _("智能辅助"),
        "surveillance-report": _("监测报告"),
        "security-privacy": _("安全与隐私"),
        "resident-portal": _("居民服务"),
        "other:coordination": _("其他：部门协同"),
        "other:interop": _("其他：互联互通"),
        "other:publicity": _("其他：宣传"),
        "other:fiscal": _("其他：财政"),
        "other:clinical-pathway": _("其他：临床路径"),
        "other:finance": _("其他：财务"),
    },
    "work": {"working": _("已实现"), "planned": _("计划中")},
    "parameter_type": {
        "integer": _("整数"),
        "ratio": _("比例"),
        "number": _("数值"),
        "boolean": _("是否"),
        "date": _("日期"),
        "year": _("年份"),
        "text": _("文字"),
        "list": _("清单"),
        "range": _("区间"),
        "missing": _("原文未载明"),
    },
    "outside_role": {"system": _("系统"), "visitor": _("访客"), "unassigned": _("未选角色")},
    "event": EVENTS,
}

# Icons of ``icons.svg`` beside the words, so that no state is told by colour alone.
STATE_ICONS: Mapping[State, str] = {
    State.MET: "check",
    State.VIOLATED: "ban",
    State.AT_RISK: "alert",
    State.MISSED: "clock-x",
    State.WAIVED: "waiver",
    State.ADVICE: "bulb",
    State.NOT_APPLICABLE: "minus",
    State.NOT_IN_FORCE: "dashed",
}

_STRENGTHS = {
    Strength.BINDING: _("强制：违反即不合规，不能豁免"),
    Strength.WAIVABLE: _("原则上：默认必须遵守，可由有权限的人限期豁免"),
    Strength.TARGET: _("目标：按期限衡量，不阻断办理"),
    Strength.ADVISORY: _("倡导：给出改进建议"),
}


def name(group: str, code: str) -> str:
    """What ``code`` is called in the reader's language; the code itself where it has no name."""
    known = GROUPS[group].get(code)
    return gettext(known) if known else code


def choices(group: str) -> list[tuple[str, str]]:
    """Codes of a group with their names, in order."""
    return [(code, gettext(known)) for code, known in GROUPS[group].items() if known]


def strength(value: Strength) -> str:
    """What a wording does."""
    return gettext(_STRENGTHS[value])


def period(start: date, end: date | None) -> str:
    """A half-open period in words, the last day included."""
    if end is None:
        return gettext("%(start)s 起") % {"start": start.isoformat()}
    last = end - timedelta(days=1)
    return gettext("%(start)s 至 %(last)s") % {"start": start.isoformat(), "last": last.isoformat()}


def number(value: float) -> str:
    """A number without a tail of zeros."""
    return f"{value:g}"


def shown(value: Value, kind: str, op: str = "=") -> str:
    """A parameter's value as people read it: 20% for a ratio of 0.2, 8–12 for a range."""
    sign = {"=": "", ">=": "≥ ", "<=": "≤ ", ">": "> ", "<": "< ", "~=": gettext("约 ")}[op]
    if value is None:
        return gettext("原文未载明数值")
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, tuple):
        joined = "–" if kind == "range" else "、"
        return sign + joined.join(shown(item, "text") for item in value)
    if isinstance(value, int | float):
        return sign + (f"{number(value * 100)}%" if kind == "ratio" else number(value))
    return sign + str(value)


def share(numerator: int, denominator: int) -> str:
    """A share in per cent with one decimal, or a dash where nothing was to be counted."""
    return f"{numerator / denominator * 100:.1f}%" if denominator else "—"
