"""What is said when an act on a request is refused; one place, so that page, API and tests say the same."""

from __future__ import annotations

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from ..workflow import ACT_NAMES, STATE_NAMES, Act, State

NO_SUCH_REQUEST = Refusal(
    code="exchange.no_such_request",
    message=Text(
        "没有这条申请，或它与本机构无关。", "There is no such request, or your institution has no part in it."
    ),
    instead=Text("请从工作列表中打开。", "Open it from your worklist."),
    at="request",
    status=404,
)
NOT_YOUR_RESIDENT = Refusal(
    code="exchange.not_your_resident",
    message=Text("本机构与这位居民没有诊疗关系。", "Your institution does not look after this resident."),
    instead=Text("请先扫电子健康卡或登记到院。", "Scan the health card or register the visit first."),
    at="resident",
    status=403,
)
CHANGED_MEANWHILE = Refusal(
    code="exchange.changed_meanwhile",
    message=Text(
        "您打开后，这条申请已有新的进展。", "Somebody has gone on with this request since you opened it."
    ),
    instead=Text("请刷新后核对最新情况，再办理。", "Reload it, see how it stands, then go on."),
    at="request",
    status=412,
)
SENDER_ONLY = Refusal(
    code="exchange.sender_only",
    message=Text("这一步由申请方办理。", "This is for the side that sent it."),
    instead=Text("需要时请联系申请医生。", "Call the doctor who sent it if need be."),
    at="request",
    status=403,
)
RECEIVER_ONLY = Refusal(
    code="exchange.receiver_only",
    message=Text("这一步由接收方办理。", "This is for the side that receives it."),
    instead=Text(
        "可以在申请里看到由谁负责、到什么时候。", "The request shows who is to see to it, and by when."
    ),
    at="request",
    status=403,
)
TO_ONESELF = Refusal(
    code="exchange.to_oneself",
    message=Text("不能向本机构提出申请。", "A request goes to another institution."),
    instead=Text("院内会诊或转科请在本院系统中办理；转出请另选机构。", "Choose another institution."),
    at="to",
    status=422,
)
NO_RECEIVER = Refusal(
    code="exchange.no_receiver",
    message=Text("还没有选择接收机构。", "No receiving institution is chosen yet."),
    instead=Text("请从推荐列表中选择。", "Choose one from the list."),
    at="to",
    status=422,
)
RECEIVER_CLOSED = Refusal(
    code="exchange.receiver_closed",
    message=Text("{to}现在没有开业。", "{to} is not open."),
    instead=Text("请另选机构。", "Choose another institution."),
    at="to",
)
RETURN_WITHOUT_REASON = Refusal(
    code="exchange.return_without_reason",
    message=Text("退回要选原因并写明。", "A return names its reason, in words too."),
    instead=Text("请选择原因，再写一句话。", "Choose a reason and write a sentence."),
    at="words",
    status=422,
)
RETURN_WITHOUT_ALTERNATIVE = Refusal(
    code="exchange.return_without_alternative",
    message=Text(
        "退回必须告诉对方可以怎么办：建议的机构、处理意见或需要补充的材料。",
        "A return says what to do instead: another institution, advice, or what is missing.",
    ),
    instead=Text("请至少写明一项。", "Give one of them at least."),
    at="alternative",
    status=422,
)
WITHOUT_REASON = Refusal(
    code="exchange.without_reason",
    message=Text("{act}要写明原因。", "{act} needs its reason."),
    instead=Text("请写一句话。", "Write a sentence."),
    at="words",
    status=422,
)

NO_TIME = Refusal(
    code="exchange.no_time",
    message=Text("还没有选择时间。", "No time is chosen yet."),
    instead=Text(
        "请选一个号源，或写明与患者约定的时间。", "Choose a place, or give the time agreed with the patient."
    ),
    at="at",
    status=422,
)
TIME_PAST = Refusal(
    code="exchange.time_past",
    message=Text("约定的时间已经过去。", "The agreed time has passed."),
    instead=Text("请选择以后的时间。", "Choose a later time."),
    at="at",
    status=422,
)
PLACE_LAPSED = Refusal(
    code="exchange.place_lapsed",
    message=Text("为患者保留的号源已超时释放。", "The place that was held has run out."),
    instead=Text(
        "填写的内容都还在，请重新选一个号源再提交。",
        "Nothing you wrote is lost: choose a place again, then send.",
    ),
    at="slot",
)
PLACE_ELSEWHERE = Refusal(
    code="exchange.place_elsewhere",
    message=Text("号源不是接收机构的。", "The place is not one of the receiving institution."),
    instead=Text(
        "请在接收机构的号源中选择，或改选接收机构。",
        "Choose a place there, or another receiving institution.",
    ),
    at="slot",
    status=422,
)
NOT_WRITTEN_ANY_MORE = Refusal(
    code="exchange.not_written_any_more",
    message=Text("申请已经提交，内容不能再改。", "It has been sent: what stands in it cannot be changed."),
    instead=Text(
        "需要补充时请联系接收机构退回，或撤回后重新提交。",
        "Have it returned, or withdraw it and send it anew.",
    ),
    at="request",
)
NOT_A_DEPARTMENT = Refusal(
    code="exchange.not_a_department",
    message=Text("接收机构没有这个科室。", "The receiving institution has no such department."),
    instead=Text("请在接收机构的科室中选择，或不指定科室。", "Choose one of its departments, or none."),
    at="department",
    status=422,
)
NOT_SUPPLEMENTED = Refusal(
    code="exchange.not_supplemented",
    message=Text("这条申请没有在办，不能补充。", "It is not under way: nothing can be added."),
    instead=Text(
        "草稿请直接修改；已办结的请另提申请。", "Change a draft itself; for one that is over make another."
    ),
    at="request",
)
DECEASED = Refusal(
    code="exchange.deceased",
    message=Text("这位居民已登记去世。", "This resident is recorded as deceased."),
    instead=Text("如登记有误，请先在居民档案中更正。", "If that is wrong, correct the record first."),
    at="resident",
    status=422,
)
OPEN_ALREADY = Refusal(
    code="exchange.open_already",
    message=Text(
        "这位居民因同一问题已有在办的申请：{to}，{state}。",
        "There is an open request for the same problem: {to}, {state}.",
    ),
    instead=Text(
        "请继续办理那一条；确需另提，请写明理由。", "Go on with that one; if another is needed, say why."
    ),
    at="again",
)
NO_DESK = Refusal(
    code="exchange.no_desk",
    message=Text(
        "{who}还没有登记转诊管理部门和负责人员，不能收发转诊。",
        "{who} has named no referral desk and nobody who answers for it: it neither sends nor receives.",
    ),
    instead=Text(
        "请该机构先在“转诊”的“设置”中登记。", "The institution enters it under Referrals, Settings."
    ),
    clauses=("XH-42",),
    at="to",
)
DESK_INCOMPLETE = Refusal(
    code="exchange.desk_incomplete",
    message=Text("请写明转诊管理部门，并至少选一名负责人员。", "Name the desk and at least one person."),
    instead=Text("人员从本机构的账户中选择。", "Choose people from the accounts of the institution."),
    at="staff",
    status=422,
)
NOT_A_COLLEAGUE = Refusal(
    code="exchange.not_a_colleague",
    message=Text("这个人不是本机构的工作人员。", "This is nobody of your institution."),
    instead=Text("请从本机构的人员中选择。", "Choose somebody of your institution."),
    at="account",
    status=422,
)
NOT_YOURS_NOW = Refusal(
    code="exchange.not_yours_now",
    message=Text("这条申请现在不由本机构负责。", "Your institution is not the one that must see to it now."),
    instead=Text("申请里写着由谁负责、到什么时候。", "The request shows who is, and by when."),
    at="request",
)


def not_now(act: Act, state: State) -> Refusal:
    """The request stands where the act does not lead on."""
    return Refusal(
        code="exchange.not_in_this_state",
        message=Text(
            "这条申请现在是“{state}”，不能{act}。", "The request is “{state}”: {act} is not possible."
        ),
        instead=_WAYS_ON.get((act, state), _RELOAD),
        fields={"state": STATE_NAMES[state], "act": ACT_NAMES[act]},
        at="request",
    )


_RELOAD = Text("请刷新后按页面上可用的按钮办理。", "Reload the page and use what it offers.")
_REFER_BACK = Text(
    "患者已到院，不能撤回；需要时请与接收医院联系，由其回复结果。",
    "The patient has arrived; call the hospital, which will report.",
)
_WAYS_ON = {
    (act, state): _REFER_BACK
    for act in (Act.WITHDRAW, Act.CANCEL)
    for state in (State.ARRIVED, State.IN_CARE, State.REPORTED)
} | {
    (Act.REPORT, State.SCHEDULED): Text(
        "请先登记到院，再回复结果。", "Record the arrival first, then report."
    ),
    (Act.REPORT, State.ACCEPTED): Text(
        "请先登记到院，再回复结果。", "Record the arrival first, then report."
    ),
    (Act.ACCEPT, State.ACCEPTED): Text("已经接收过了，请安排时间。", "It is accepted already; schedule it."),
}
