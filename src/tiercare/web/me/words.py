"""Who read what and why, in words for somebody who never worked in a hospital."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext, gettext_noop

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Basis
from tiercare.apps.residents.queries.mine import Seen
from tiercare.web.pages import said

_ = gettext_noop
WHY: dict[str, str] = {
    Basis.SELF: _("您自己查看"),
    Basis.GUARDIAN: _("监护人查看"),
    Basis.REGISTRATION: _("您的档案建在这家机构，由它保管"),
    Basis.CONTRACT: _("您与这家机构的家庭医生签了约"),
    Basis.ENCOUNTER: _("您到这家机构看病或登记过"),
    Basis.REQUEST: _("这家机构正在办理您的转诊、会诊或服务申请"),
    Basis.SENT: _("这家机构为您发出的转诊、会诊或服务申请还在办"),
    Basis.CONSENT: _("您授权过这家机构"),
    Basis.EMERGENCY: _("紧急情况，没有等到您同意就查看，事后有人审核"),
    Basis.IDENTITY: _("核对您是谁（只看到部分隐去的姓名和证件号）"),
    Basis.LISTING: _("查看本机构的居民名单，名单里有您"),
}
WHAT: dict[str, str] = {
    "file": _("档案"),
    "identity": _("身份信息（部分隐去）"),
    "list": _("居民名单里的一行"),
    "number": _("完整的证件号码或手机号"),
    "household": _("家庭成员名单"),
    "card": _("电子健康卡"),
    "arrivals": _("当天到院名单里的一行"),
    "booking": _("预约"),
    "bookings": _("预约名单里的一行"),
    "beds": _("床位图里的一格"),
    "care": _("基层服务申请"),
    "case": _("入院或手术的办理记录"),
    "cases": _("入院和手术办理名单里的一行"),
    "record": _("就诊、检查和用药记录"),
    "document": _("一份病历文件"),
    "contacts": _("随访名单里的一行"),
    "survey": _("居民调查的名单或问卷（看不到您答了什么）"),
    "going_down": _("可转回基层患者名单里的一行"),
    "control": _("慢性病控制情况名单里的一行"),
    "readings": _("“谁看过我的档案”"),
    "consents": _("授权记录"),
    "objections": _("异议记录"),
    "family": _("家人"),
    "move": _("整份档案（办理迁出）"),
    "print": _("打印的档案摘要"),
    "correction": _("更正信息时的档案"),
    "pair": _("核对两份档案是不是同一人"),
    "request": _("一条转诊或咨询申请"),
    "requests": _("转诊申请名单里的一行"),
    "criteria": _("病情数据（对照转诊标准）"),
    "package": _("随转诊带去的资料"),
    "review": _("身份信息（审核紧急调阅或异议时）"),
}
_OTHER = _("档案的一部分")
_WHY_NOT = _("想看但没有依据，平台没有让看")


@dataclass(frozen=True, slots=True)
class Line:
    """A reading as the page shows it; ``mark`` is ``refused``, ``emergency`` or empty."""

    id: UUID
    at: datetime
    who: str
    role: str
    institution: str
    what: str
    why: str
    mark: str
    mine: bool
    glass: Any
    glass_reason: str
    outcome: str
    objection: Any


def what(part: str) -> str:
    """What was read, in words."""
    return gettext(WHAT.get(part, _OTHER))


def line(seen: Seen) -> Line:
    """One reading in words."""
    reading, glass = seen.reading, seen.glass
    role = reading.actor_role
    known = role in set(access.Role)
    emergency = reading.basis == Basis.EMERGENCY
    return Line(
        id=reading.id,
        at=reading.at,
        who=reading.actor_name,
        role=said(access.ROLE_NAMES[access.Role(role)]) if known else "",
        institution=seen.institution,
        what=what(reading.what),
        why=gettext(_WHY_NOT if reading.refused else WHY.get(reading.basis, "")),
        mark="refused" if reading.refused else "emergency" if emergency else "",
        mine=seen.mine,
        glass=glass,
        glass_reason=said(access.BREAK_GLASS_REASON_NAMES[glass.reason]) if glass else "",
        outcome=said(access.OUTCOME_NAMES[glass.outcome]) if glass and glass.outcome else "",
        objection=seen.objection,
    )
