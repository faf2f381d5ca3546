"""What codes are called. Policy wordings come from the engine; these are the words of the network and of clauses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.utils.translation import gettext, gettext_noop

from tiercare.engines.policy import State, Strength
from tiercare.engines.policy.model import Value

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
    "event": {
        "mandates.pack_put_in_force": _("政策包生效"),
        "mandates.waiver_granted": _("批准例外"),
        "mandates.waiver_revoked": _("撤销例外"),
        "mandates.list_edited": _("修改名单"),
        "ledger.clock_set": _("调整演示时钟"),
        "ledger.dead_letter_retried": _("重试投递"),
        "access.account_created": _("新建账户"),
        "access.account_disabled": _("停用账户"),
        "access.account_enabled": _("启用账户"),
        "access.account_left": _("办理离岗"),
        "access.care_handed_over": _("交接居民"),
        "access.care_started": _("建立诊疗关系"),
        "access.care_ended": _("结束诊疗关系"),
        "access.record_read": _("查看居民信息"),
        "access.code_refused": _("验证码不对"),
        "access.invitation_accepted": _("使用邀请单"),
        "access.invitation_made": _("发出邀请单"),
        "access.invitation_withdrawn": _("作废邀请单"),
        "access.leaving_planned": _("安排离岗"),
        "access.recovery_code_used": _("使用恢复码"),
        "access.recovery_codes_renewed": _("更换恢复码"),
        "access.second_factor_removed": _("停用第二步验证"),
        "access.second_factor_set": _("启用第二步验证"),
        "access.password_set": _("设置口令"),
        "access.role_chosen": _("选择角色"),
        "access.role_granted": _("授予角色"),
        "access.role_revoked": _("收回角色"),
        "access.sign_in_failed": _("登录失败"),
        "access.signed_in": _("登录"),
        "access.consent_given": _("居民授权"),
        "access.consent_withdrawn": _("撤回居民授权"),
        "access.glass_broken": _("紧急调阅"),
        "access.glass_reviewed": _("审核紧急调阅"),
        "access.objection_made": _("提出异议"),
        "access.objection_answered": _("答复异议"),
        "access.sign_in_code_sent": _("发送居民登录验证码"),
        "access.resident_account_opened": _("开通居民账户"),
        "residents.moved_out": _("迁出居民档案"),
        "access.signed_out": _("退出登录"),
        "access.confirmed": _("再次确认身份"),
        "access.sessions_ended": _("结束其他登录"),
        "network.agreement_signed": _("签订协议"),
        "network.agreement_drafted": _("起草协议"),
        "network.agreement_revised": _("修改协议草案"),
        "network.draft_discarded": _("放弃协议草案"),
        "network.party_signed": _("一方签署协议"),
        "network.agreement_ended": _("提前终止协议"),
        "network.obligation_met": _("履行义务"),
        "network.seat_taken": _("任职理事会、管委会"),
        "network.seat_left": _("离任理事会、管委会"),
        "network.plan_recorded": _("登记建设方案"),
        "network.milestone_met": _("完成方案节点"),
        "network.application_moved": _("办理申请"),
        "network.charter_adopted": _("通过章程"),
        "network.community_joined": _("医共体整体加入"),
        "network.consortium_formed": _("组建医联体"),
        "network.entrusted": _("托管"),
        "network.import_taken_over": _("导入文件"),
        "network.institution_changed": _("变更机构"),
        "network.membership_ended": _("成员退出"),
        "network.membership_started": _("成员加入"),
        "network.registers_changed": _("登记变更"),
        "network.region_laid_down": _("载入地区数据"),
        "network.register_confirmed": _("核对登记册无变化"),
        "residents.arrived": _("扫卡到院"),
        "residents.card_doubted": _("卡号核对不符"),
        "residents.card_ended": _("健康卡作废"),
        "residents.card_issued": _("发健康卡"),
        "residents.duplicates_hunted": _("全库查重"),
        "residents.merged": _("合并居民档案"),
        "residents.pair_dismissed": _("判定不是同一人"),
        "residents.parted": _("拆分居民档案"),
        "terms.division_put": _("变更行政区划"),
        "terms.divisions_loaded": _("导入全国区划"),
        "residents.imported": _("成批导入居民"),
        "residents.keys_turned": _("更换密钥"),
        "residents.registered": _("登记居民"),
        "residents.corrected": _("更正居民信息"),
        "residents.telephone_replaced": _("更换居民手机号"),
        "terms.day_entered": _("登记工作日或假日"),
        "words.message_written": _("通知居民"),
        "exchange.request_drafted": _("开始填写申请"),
        "exchange.request_amended": _("修改或补充申请"),
        "exchange.request_turned": _("办理申请"),
        "exchange.request_received": _("签收申请"),
        "exchange.request_assigned": _("分派申请"),
        "exchange.request_escalated": _("申请逾期升级"),
        "exchange.request_unheard": _("申请未签收告警"),
        "exchange.desk_kept": _("登记转诊管理部门"),
        "exchange.stand_in_kept": _("设置代办人"),
        "records.visit_noted": _("记录就诊"),
        "records.stage_set": _("下转标记"),
        "records.encounter_ended": _("就诊结束或出院"),
        "records.results_recorded": _("录入检验结果"),
        "records.document_added": _("存入病历文件"),
        "records.plan_made": _("制定接续方案"),
        "records.contact_planned": _("安排随访"),
        "records.contact_done": _("完成随访"),
        "records.contact_cancelled": _("取消随访"),
        "records.demonstration_filled": _("推演诊疗记录（虚构）"),
        "capacity.pool_kept": _("登记或修改池"),
        "capacity.week_kept": _("修改每周排班"),
        "capacity.places_imported": _("导入号源床位登记"),
        "capacity.feed_taken": _("接收医院系统号源"),
        "capacity.slots_answered": _("处理号源不一致"),
        "capacity.sessions_published": _("放号"),
        "capacity.session_stopped": _("停诊"),
        "capacity.session_substituted": _("替诊"),
        "capacity.session_resized": _("调整号数"),
        "capacity.quota_lent": _("调剂号源"),
        "capacity.extra_allowed": _("设置现场号、加号"),
        "capacity.taken": _("占用号源"),
        "capacity.held": _("占号"),
        "capacity.booked": _("预约"),
        "capacity.booking_turned": _("预约办理"),
        "capacity.called": _("叫号"),
        "capacity.holds_lapsed": _("占号过期"),
        "capacity.waiting_turned": _("候补办理"),
        "capacity.appeal_turned": _("爽约申诉"),
        "capacity.unit_kept": _("登记入出院服务和日间手术"),
        "capacity.procedure_entered": _("日间手术目录增加术式"),
        "capacity.procedure_retired": _("日间手术目录停用术式"),
        "capacity.criteria_kept": _("维护入、出院标准"),
        "capacity.case_turned": _("入院或日间手术办理"),
        "capacity.bed_kept": _("登记或修改床位"),
        "capacity.stay_turned": _("床位办理"),
        "residents.double_reported": _("报告重复档案"),
        "residents.household_changed": _("变更家庭成员"),
        "residents.guardian_set": _("登记监护人"),
        "residents.guardian_ended": _("监护关系结束"),
        "residents.key_group_changed": _("变更重点人群"),
        "residents.doctor_assigned": _("指定责任医生"),
        "terms.": _("行政区划"),
        "access.": _("账户与登录"),
        "residents.": _("居民"),
        "network.": _("机构网络"),
        "mandates.": _("政策执行"),
        "ledger.": _("留痕系统"),
    },
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
