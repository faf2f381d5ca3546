"""What the statistics count, in words: each stands beside its number on the page, in the file and in the API. Formulas that no
text gives are ours, and say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tiercare.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Measure:
    """A count: its name, and what belongs to it. ``of``: the count that it is a share of, where it is one."""

    name: Text
    definition: Text
    of: str = ""


MEASURES: Mapping[str, Measure] = {
    "sent": Measure(
        Text("提交", "sent"),
        Text(
            "期间内首次提交的申请；退回后再次提交不重复计。",
            "First sent in the period; sent again after a return it counts once.",
        ),
    ),
    "up": Measure(Text("上转", "up"), Text("其中上转。", "Of these, referrals up."), "sent"),
    "down": Measure(Text("下转", "down"), Text("其中下转。", "Of these, referrals down."), "sent"),
    "lateral": Measure(
        Text("平级转诊", "lateral"), Text("其中平级转诊。", "Of these, lateral referrals."), "sent"
    ),
    "advice": Measure(
        Text("咨询", "advice"), Text("其中先咨询、不转患者。", "Of these, requests for advice."), "sent"
    ),
    "answered": Measure(
        Text("已答复", "answered"),
        Text(
            "接收方接收、退回、转交过，或患者已直接到院。",
            "The receiver accepted, returned or sent it on, or let the patient in.",
        ),
        "sent",
    ),
    "accepted": Measure(
        Text("接收率", "accepted"),
        Text(
            "接收过的 ÷ 已答复的；直接到院的急诊算接收。",
            "Accepted ÷ answered; whoever lets an emergency in has accepted it.",
        ),
        "answered",
    ),
    "bounced": Measure(
        Text("退回转交率", "bounced"),
        Text("至少退回或转交过一次的 ÷ 已答复的。", "Returned or sent on at least once ÷ answered."),
        "answered",
    ),
    "without_place": Measure(
        Text("无号率", "without a place"),
        Text(
            "首次提交时手里没有号源、床位的 ÷ 非急诊、需到院的申请（本平台口径）。",
            "No place in hand when first sent ÷ requests for a visit that are no emergencies (our formula).",
        ),
        "planned",
    ),
    "planned": Measure(
        Text("非急诊到院申请", "planned visits"),
        Text("除急危重症和咨询以外的申请。", "All but emergencies and requests for advice."),
        "sent",
    ),
    "arrived": Measure(Text("已到院", "arrived"), Text("患者到过院的。", "The patient came."), "sent"),
    "missed": Measure(
        Text("未到诊", "did not come"),
        Text("登记过未到或未诊离院的。", "Recorded as not come, or as left unseen."),
        "sent",
    ),
    "lost_place": Measure(
        Text("号源失效", "place lost"),
        Text("停诊、退号等使预约失效过的。", "The place went away, as when a clinic was stopped."),
        "sent",
    ),
    "closed": Measure(
        Text("闭环率", "closed"),
        Text("转出方已确认收到回复的 ÷ 提交的。", "The sender acknowledged the report ÷ sent."),
        "sent",
    ),
    "without_note": Measure(
        Text("了结了没有回复", "over without a note back"),
        Text(
            "患者到过院，已经了结，接诊方没有写回复。", "The patient came, it is over, and nobody wrote back."
        ),
        "sent",
    ),
    "open": Measure(Text("仍未办结", "still open"), Text("到现在还没有办结。", "Not over yet."), "sent"),
    "escalated": Measure(
        Text("升级过", "escalated"),
        Text("某一步逾期，升到上一级督办过的。", "Some step was overdue and went up the line."),
        "sent",
    ),
    "unheard": Measure(
        Text("无人签收", "unheard"),
        Text("规定时间内接收方没有人看到的。", "Nobody at the receiver's saw it in time."),
        "sent",
    ),
    "emergency": Measure(Text("绿色通道", "green channel"), Text("急危重症。", "Emergencies."), "sent"),
}
STEPS: Mapping[str, Text] = {
    "received": Text("对方签收", "seen by the receiver"),
    "answered": Text("首次答复", "first answer"),
    "accepted": Text("接收", "accepted"),
    "scheduled": Text("安排好时间", "scheduled"),
    "arrived": Text("到院", "arrived"),
    "taken_in": Text("开始诊治", "taken into care"),
    "reported": Text("回复结果", "reported"),
    "closed": Text("确认收到", "acknowledged"),
}
TIMES = Text(
    "从首次提交到首次到达这一步，中位数和第 90 百分位；没有到这一步的不计。",
    "From the first sending until it first got there: median and 90th percentile; what did not get there is left out.",
)
BOUNCES = Text(
    "退回和转交的次数，按由谁、说明了什么；科室是申请现在指向的科室。",
    "How often something was returned or sent on, by whom and why; the department is the one that the request is for now.",
)
DOWN = Text(
    "期间内首次提交的下转，按患者类别和接收机构；到院以接收机构登记为准。",
    "Referrals down first sent in the period, by group of patients and receiver; arrival as the receiver recorded it.",
)
GROWTH = Text(
    "（当年 − 上年）÷ 上年：三级、二级医院转往基层、康复、护理机构且已到院的人次；上年为零不可计算；当年未结束的，两年都算到同一天。",
    "(this year − last) ÷ last: patients sent by hospitals of levels 3 and 2 to primary care, rehabilitation and nursing who arrived; "
    "not computable from nothing; of a year that is not over the same days of both are counted.",
)
STAGES = Text(
    "期间内标记为可下转的住院和就诊；天数从标记到首次提交下转。",
    "Visits marked as ready to go down in the period; days from the mark to the first referral down.",
)
COVERED: Mapping[str, Text] = {
    "XH-128": Text("二级、三级医院接入", "hospitals of levels 2 and 3 connected"),
    "XH-129": Text("乡镇卫生院、社区卫生服务中心接入", "township and community centres connected"),
}
CONNECTED = Text(
    "指定了转诊管理部门，且 %(days)s 天内提交、收到过申请或有人登录的 ÷ 全部（文件没有给口径，本平台口径）。",
    "Named who answers for referrals, and sent or got a request or signed in within %(days)s days ÷ all (our formula: no text "
    "gives one).",
)
