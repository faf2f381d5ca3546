"""What is said when a referral cannot go as it is; one place, so that page, API and tests say the same."""

from __future__ import annotations

from dataclasses import replace

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

NO_REASON = Refusal(
    code="referrals.no_reason",
    message=Text("还没有写转诊理由。", "The reason is missing."),
    instead=Text(
        "请用一两句话写明为什么转、希望对方做什么。", "Say in a sentence or two why, and what is hoped for."
    ),
    at="reason",
    status=422,
)
NO_PROBLEM = Refusal(
    code="referrals.no_problem",
    message=Text("还没有写主要问题。", "The main problem is missing."),
    instead=Text("请选择诊断，或写出主要症状。", "Choose a diagnosis, or name the main complaint."),
    at="problem",
    status=422,
)
NO_QUESTION = Refusal(
    code="referrals.no_question",
    message=Text("还没有写要咨询的问题。", "The question is missing."),
    instead=Text("请写明想请上级医生回答什么。", "Say what you would like to have answered."),
    at="question",
    status=422,
)
_NO_GROUND = Refusal(
    code="referrals.no_ground",
    message=Text(
        "上转必须写明依据：病情分级、转诊标准中的一条，或超出本机构的哪种能力。",
        "A referral up names what it rests on: how severe it is, a criterion, or what is beyond this institution.",
    ),
    instead=Text(
        "请从列出的标准中选择，或选“超出功能定位／服务能力”。",
        "Choose one of the criteria, or what is beyond you.",
    ),
    at="ground",
    status=422,
)
_NO_GROUP = Refusal(
    code="referrals.no_group",
    message=Text("下转必须写明属于哪一类患者。", "A referral down names the group of patients."),
    instead=Text("请在列出的类别中选择一个。", "Choose one of the groups."),
    at="group",
    status=422,
)
_NO_PLAN = Refusal(
    code="referrals.no_plan",
    message=Text("下转还缺少：{missing}。", "The plan for who goes on treating still lacks: {missing}."),
    instead=Text("请写全后再提交，对方按此继续治疗。", "Complete it first: the receiver goes by it."),
    at="plan",
    status=422,
)
NO_REPORT = Refusal(
    code="referrals.no_report",
    message=Text("回复还缺少诊断和处理意见。", "The report lacks the diagnosis and the advice."),
    instead=Text(
        "请写明诊断和给基层医生的意见。",
        "Give the diagnosis, and advice for the doctor who sent the patient.",
    ),
    at="report",
    status=422,
)
NO_ANSWER = Refusal(
    code="referrals.no_answer",
    message=Text("还没有写答复。", "The answer is missing."),
    instead=Text("请写明意见。", "Write your advice."),
    at="advice",
    status=422,
)
UNKNOWN_RETURN = Refusal(
    code="referrals.unknown_return",
    message=Text("退回原因不在列表中。", "This is none of the reasons for a return."),
    instead=Text("请从列表中选择。", "Choose one of the list."),
    at="code",
    status=422,
)
NOT_ANSWERED = Refusal(
    code="referrals.not_answered",
    message=Text(
        "咨询还没有答复，或不是由本机构提出的。", "The question has no answer yet, or is not yours."
    ),
    instead=Text(
        "收到答复后可以一键转为转诊；等不及时请直接转诊。",
        "Convert it once it is answered, or refer directly.",
    ),
    at="request",
)
NOT_THEIR_DOCUMENT = Refusal(
    code="referrals.not_their_document",
    message=Text(
        "勾选的文件中有 {count} 份不在这位患者的档案里：可能是别人的，或已被撤回。",
        "{count} of the files chosen are not in this patient's record: somebody else's, or withdrawn.",
    ),
    instead=Text(
        "没有送出。请在“一起带去的资料”里重新勾选，或重新上传这位患者的文件。",
        "Nothing was sent. Choose again among this patient's files, or upload the right one.",
    ),
    at="package",
    status=422,
)
NO_CANDIDATE = Refusal(
    code="referrals.no_candidate",
    message=Text("这次就诊没有标记为可以下转。", "This stay is not marked as ready to go down."),
    instead=Text("请先在就诊记录中标记恢复或稳定的情形。", "Mark the stage in the visit first."),
    at="encounter",
)
NO_CASE = Refusal(
    code="referrals.no_such_case",
    message=Text(
        "这位患者不在出院标准全部符合的名单里，或已经下转。",
        "The patient is not among those who met all criteria for discharge, or has gone down.",
    ),
    instead=Text("请刷新“可以下转的患者”再看。", "Look at the list again."),
    at="case",
    status=404,
)
PART_NAMES = {
    "continuing_treatment": Text("接续治疗方案", "the treatment that goes on"),
    "rehabilitation": Text("康复方案", "rehabilitation"),
    "nursing": Text("护理方案", "nursing"),
}


def no_ground(clauses: tuple[str, ...]) -> Refusal:
    """Nothing that the clauses ask for is named."""
    return replace(_NO_GROUND, clauses=clauses)


def no_group(clauses: tuple[str, ...]) -> Refusal:
    """No group of the clauses is named."""
    return replace(_NO_GROUP, clauses=clauses)


def no_plan(missing: tuple[str, ...], clauses: tuple[str, ...]) -> Refusal:
    """Parts of the plan that the clauses ask for are empty."""
    names = [PART_NAMES[each] for each in missing]
    told = Text("、".join(each.zh for each in names), ", ".join(each.en for each in names))
    return replace(_NO_PLAN, fields={"missing": told}, clauses=clauses)
