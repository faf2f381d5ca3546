"""Why an act of supervision is refused, and the way on."""

from __future__ import annotations

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text


def refusal(code: str, message: Text, instead: Text, at: str, status: int = 422) -> Refusal:
    return Refusal(code=f"evaluation.{code}", message=message, instead=instead, at=at, status=status)


NO_SUCH_ITEM = refusal(
    "no_such_item",
    Text("这次检查没有这一项。", "The inspection has no such item."),
    Text("请从检查表中选择。", "Choose one of its list."),
    "item",
)
NO_JUDGEMENT = refusal(
    "no_judgement",
    Text("请写明这一项是否符合。", "Say whether the item is met."),
    Text("可选：符合、部分符合、不符合、本次未查。", "Met, partly met, not met, not looked at."),
    "judgement",
)
NO_SEVERITY = refusal(
    "no_severity",
    Text("发现问题的，请选严重程度。", "Say how grave the finding is."),
    Text("整改期限按严重程度定。", "The days to put it right follow from it."),
    "severity",
)
GOAL_NUMBERS = refusal(
    "goal_numbers",
    Text("工作目标要写目标和实际。", "A work goal has its target and the actual number."),
    Text("两处都填；没有数的写明情况。", "Fill in both; say so where there is no number."),
    "actual",
)
NO_NUMBER = refusal(
    "no_number",
    Text("请填一个数。", "Give a number."),
    Text("例如 65% 或 1200。", "Such as 65% or 1200."),
    "actual",
)
PROOF_NEEDED = refusal(
    "proof_needed",
    Text("严重问题的整改要附证明材料。", "A grave finding is closed with a document."),
    Text("请上传照片、扫描件或文件。", "Upload a photo, a scan or a file."),
    "file",
)
DOCUMENT_NEEDED = refusal(
    "document_needed",
    Text("这份报告要附材料。", "This report comes with a document."),
    Text("请上传正文，PDF 或图片。", "Upload it, as PDF or a picture."),
    "file",
)
UNKNOWN_FIELD = refusal(
    "unknown_field",
    Text("有表上没有的内容。", "Something is not on the sheet."),
    Text("请按表填写。", "Fill in the sheet as it is."),
    "figures",
)
NO_OUTCOME = refusal(
    "no_outcome",
    Text("请写明核实结果：属实，或有正当原因。", "Say what it came to: true, or explained."),
    Text(
        "不需要核实的，由下达单位说明理由后撤销。",
        "Where there is nothing to look into, whoever issued it withdraws it with a reason.",
    ),
    "outcome",
)
NOT_ALL_JUDGED = refusal(
    "not_all_judged",
    Text("还有 {count} 项没有判定：{zh}。", "{count} items are not judged yet: {en}."),
    Text("没有看的请选“本次未查”。", "Say “not looked at” for what was not seen."),
    "item",
    409,
)
FINDING_WITHOUT_CHILD = refusal(
    "finding_open",
    Text("还有 {count} 个问题没有下达整改。", "{count} findings have no rectification yet."),
    Text("请逐个下达整改；误记的请更正判定。", "Open one for each, or correct what was judged wrongly."),
    "matter",
    409,
)
CONFIRMED_NEEDS_CHILD = refusal(
    "confirmed_needs_child",
    Text("属实的预警要先开检查或整改。", "An alert that is true leads to an inspection or a rectification."),
    Text("请先从本页开检查或整改，再报核实结果。", "Open one from this page first, then answer."),
    "outcome",
    409,
)

# --- of issuing

_CHOOSE = Text("请从页面列出的选项中选择。", "Choose one of those that the page lists.")
NO_TEMPLATE = refusal(
    "no_template",
    Text("没有这个检查模板，或它不由您下达。", "There is no such template, or it is not yours to use."),
    _CHOOSE,
    "template",
)
NO_MODE = refusal(
    "no_mode", Text("这个模板没有这种检查方式。", "The template has no such mode."), _CHOOSE, "mode"
)
NO_SUBJECT = refusal(
    "no_subject",
    Text(
        "请选择对象；只能选本辖区或本医联体内的。",
        "Choose whom it is about, in your area or your consortium.",
    ),
    _CHOOSE,
    "subject",
)
NO_GOAL = refusal("no_goal", Text("没有这项年度目标。", "There is no such goal."), _CHOOSE, "goal")
SET_ALREADY = refusal(
    "goal_set",
    Text("这项目标本年度已经下达过。", "This goal is set for the year already."),
    Text(
        "请在目标看板中打开它；要改的，先撤销再下达。",
        "Open it on the board; to change it, withdraw it with the reason.",
    ),
    "goal",
    409,
)
NO_TOPIC = refusal("no_topic", Text("没有这种报告。", "There is no such report."), _CHOOSE, "topic")
NO_PERIOD = refusal(
    "no_period",
    Text("报告期写得不对。", "This is no period of the report."),
    Text("请写如 {like}。", "Write it like {like}."),
    "period",
)
NOBODY_OWES = refusal(
    "nobody_owes",
    Text("本辖区没有应报这份报告的单位。", "Nobody in your area owes this report."),
    Text("请先登记机构或医联体。", "Register institutions or consortia first."),
    "topic",
    409,
)
TAKEN_UP = refusal(
    "taken_up",
    Text("这个问题已经下达过整改。", "This finding has its rectification already."),
    Text("请在下面的下级事项中打开。", "Open it below."),
    "entry",
    409,
)
NO_FINDING = refusal(
    "no_finding",
    Text("没有这个问题，或它的判定已经更正。", "There is no such finding, or it was corrected."),
    Text("请刷新页面后再办。", "Reload the page."),
    "entry",
    404,
)
PARENT_OVER = refusal(
    "parent_over",
    Text("这件事项已经办结或撤销。", "This matter is over."),
    Text("请另行下达一次检查。", "Issue a new inspection."),
    "matter",
    409,
)
