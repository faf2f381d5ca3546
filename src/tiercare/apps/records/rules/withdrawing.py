"""What can be withdrawn as entered in error, and what is said when it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text


class What(StrEnum):
    """An entry that can be withdrawn; the codes are those of the timeline."""

    VISIT = "visit"
    DOCUMENT = "document"
    CONDITION = "condition"
    READING = "reading"
    DRUG = "drug"


WHAT_NAMES: Mapping[What, Text] = {
    What.VISIT: Text("就诊", "visit"),
    What.DOCUMENT: Text("报告或文件", "report or document"),
    What.CONDITION: Text("诊断", "diagnosis"),
    What.READING: Text("检验或测量值", "result or measurement"),
    What.DRUG: Text("用药", "medicine"),
}
# Said of what a sending system replaced under its own key.
CORRECTED = "来源系统已更正"
LONGEST_REASON = 200
REASON = Text("撤回原因", "reason for the withdrawal")

NO_REASON = Refusal(
    code="records.withdrawn_without_reason",
    message=Text("没有写明撤回的原因。", "The withdrawal does not say why."),
    instead=Text(
        "请写明错在哪里，如“记错患者”“诊断录入错误”。", "Say what is wrong, such as “wrong patient”."
    ),
    at="reason",
    status=422,
)
NO_SUCH_ENTRY = Refusal(
    code="records.no_such_entry",
    message=Text(
        "没有这条记录，或它不是本机构记的。", "There is no such entry, or it is not your institution's."
    ),
    instead=Text(
        "请从诊疗记录中打开；别的机构记的，请电话告知该机构撤回。",
        "Open it from the record; what another institution entered, that institution withdraws: call it.",
    ),
    at="entry",
    status=404,
)
WITHDRAWN_ALREADY = Refusal(
    code="records.withdrawn_already",
    message=Text("这条记录已经撤回。", "This entry was withdrawn already."),
    instead=Text("不用再撤回；正确的内容请另记一条。", "Nothing more to do; enter what is right anew."),
    at="entry",
)
CAME_AGAIN = Refusal(
    code="records.withdrawn_came_again",
    message=Text(
        "来源编号 {key} 的这份内容已经撤回，又原样送来。",
        "What came under the key {key} was withdrawn, and has been sent again unchanged.",
    ),
    instead=Text(
        "请在来源系统中更正后再送；确认无误的，用新的编号送。",
        "Correct it in the sending system first; if it is right after all, send it under a new key.",
    ),
    at="source_key",
)
