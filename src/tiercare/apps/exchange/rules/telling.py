"""Whom an act on a request concerns besides whoever did it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from tiercare.kernel.text import Text

from ..workflow import Act


class To(StrEnum):
    """Whose inbox: the doctor who sent it; the office of the receiver; of the one who was to receive it until now."""

    SENDER = "sender"
    RECEIVER = "receiver"
    WAS = "was"


ESCALATED = "escalated"
UNHEARD = "unheard"
FILING = "filing"
RECORD_GONE = "record_gone"
_WHOM: Mapping[Act, tuple[To, ...]] = {
    Act.SUBMIT: (To.RECEIVER,),
    Act.ACCEPT: (To.SENDER,),
    Act.RETURN: (To.SENDER,),
    Act.REDIRECT: (To.RECEIVER, To.SENDER, To.WAS),
    Act.SCHEDULE: (To.SENDER, To.RECEIVER),
    Act.ARRIVE: (To.SENDER,),
    Act.MISS: (To.SENDER,),
    Act.LEAVE: (To.SENDER,),
    Act.TAKE_IN: (To.SENDER,),
    Act.REPORT: (To.SENDER,),
    Act.ACKNOWLEDGE: (To.RECEIVER,),
    Act.WITHDRAW: (To.RECEIVER,),
    Act.CANCEL: (To.RECEIVER,),
    Act.DIE: (To.SENDER, To.RECEIVER),
    Act.LOSE_PLACE: (To.SENDER, To.RECEIVER),
}
NOTICE_NAMES: Mapping[str, Text] = {
    Act.SUBMIT: Text("收到一条新的申请", "a new request came"),
    Act.ACCEPT: Text("对方已接收", "accepted"),
    Act.RETURN: Text("对方已退回", "returned"),
    Act.REDIRECT: Text("已转交其他机构", "redirected"),
    Act.SCHEDULE: Text("已安排时间", "scheduled"),
    Act.ARRIVE: Text("患者已到院", "the patient has arrived"),
    Act.MISS: Text("患者没有到院", "the patient did not come"),
    Act.LEAVE: Text("患者未诊离院", "the patient left unseen"),
    Act.TAKE_IN: Text("已开始诊治", "taken into care"),
    Act.REPORT: Text("已回复结果", "the report is there"),
    Act.ACKNOWLEDGE: Text("对方已确认收到", "acknowledged"),
    Act.WITHDRAW: Text("对方已撤回", "withdrawn"),
    Act.CANCEL: Text("对方已取消", "cancelled"),
    Act.DIE: Text("患者已去世", "the patient died"),
    Act.LOSE_PLACE: Text("预约已失效，请重新安排", "the place went away: schedule again"),
    ESCALATED: Text("逾期未办，已升级", "overdue: it went up the line"),
    RECORD_GONE: Text(
        "随附病历中有记录被撤回，请重新查看",
        "an entry of the record that was sent along was withdrawn: look again",
    ),
    FILING: Text("医保备案需要处理", "the filing with the insurer needs somebody"),
    UNHEARD: Text("提交后一直没有签收", "nobody has seen that it came"),
}


def whom(act: Act) -> tuple[To, ...]:
    """The sides that learn of an act, whoever did it left out by the caller."""
    return _WHOM.get(act, ())
