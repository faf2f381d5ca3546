"""What is said when something cannot stand in the record; one place, so that page, API and tests say the same."""

from __future__ import annotations

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

NOT_YOUR_RESIDENT = Refusal(
    code="records.not_your_resident",
    message=Text(
        "本机构目前与这位居民没有诊疗关系。", "Your institution does not look after this resident now."
    ),
    instead=Text(
        "请先扫电子健康卡登记到院，或请居民授权，再填写。",
        "Scan the health card to register the visit, or ask for consent, then enter it.",
    ),
    at="resident",
    status=403,
)
INSTITUTION_CLOSED = Refusal(
    code="records.institution_closed",
    message=Text("本机构今天不在开业状态。", "Your institution is not open today."),
    instead=Text("请核对机构登记的起止日期。", "Check the dates of the institution in the register."),
    status=409,
)
DECEASED = Refusal(
    code="records.deceased",
    message=Text(
        "这位居民已登记死亡，不能再记新的就诊。",
        "The resident is registered as dead; no new visit can be noted.",
    ),
    instead=Text(
        "补记生前就诊请填写实际就诊时间；登记有误请由建档机构更正。",
        "Give the true time of a visit before death, or have the institution that keeps the file correct the entry.",
    ),
    at="resident",
)
NO_SUCH_ENCOUNTER = Refusal(
    code="records.no_such_encounter",
    message=Text(
        "没有这次就诊，或它不是本机构的。", "There is no such visit, or it is not your institution's."
    ),
    instead=Text("请从患者的就诊记录中打开。", "Open it from the patient's record."),
    at="encounter",
    status=404,
)
ENCOUNTER_OVER = Refusal(
    code="records.encounter_over",
    message=Text("这次就诊已经结束。", "This visit has ended already."),
    instead=Text("需要补充的，请新记一次就诊或上传文件。", "Note a new visit or add a document."),
    at="encounter",
)
NO_SUCH_CONTACT = Refusal(
    code="records.no_such_contact",
    message=Text(
        "没有这项随访，或它不是本机构的。", "There is no such contact, or it is not your institution's."
    ),
    instead=Text("请从随访清单中打开。", "Open it from the list of contacts."),
    at="contact",
    status=404,
)
CONTACT_OVER = Refusal(
    code="records.contact_over",
    message=Text("这项随访已完成或已取消。", "This contact was done or cancelled already."),
    instead=Text("需要再次联系的，请另行安排一项。", "Plan another one."),
    at="contact",
)
NO_SUCH_DOCUMENT = Refusal(
    code="records.no_such_document",
    message=Text(
        "没有这份文件，或您现在不能查看。", "There is no such document, or you may not read it now."
    ),
    instead=Text("请从患者的健康档案中打开。", "Open it from the patient's record."),
    at="document",
    status=404,
)
KEY_TAKEN = Refusal(
    code="records.key_taken",
    message=Text(
        "来源编号 {key} 已送过另一份内容，这次的内容不同。",
        "The source has sent other content under the key {key}.",
    ),
    instead=Text(
        "确是更正的，送时注明更正（correction），原来那份随即撤回备查；不是更正的请用新的编号。",
        "If it is a correction, say so (correction): the first one is withdrawn and kept. If not, use a key of its own.",
    ),
    at="source_key",
)
NOT_THEIR_REQUEST = Refusal(
    code="records.others_request",
    message=Text(
        "这条申请不是这位居民的，或与本机构无关。",
        "The request is not this resident's, or your institution has no part in it.",
    ),
    instead=Text(
        "请从这位居民自己的申请中安排随访，或不注明申请。",
        "Plan the contact from the resident's own request, or leave the request out.",
    ),
    at="request",
    status=422,
)
OTHERS_PLAN = Refusal(
    code="records.others_plan",
    message=Text("这份接续方案不是这位居民的。", "This plan is not the resident's."),
    instead=Text(
        "请从这位居民的诊疗记录中安排随访，或不注明接续方案。",
        "Plan the contact from this resident's record, or leave the plan out.",
    ),
    at="plan",
)
NOTHING_SAID = Refusal(
    code="records.nothing_said",
    message=Text(
        "没有填写主诉、诊断或任何结果。", "Neither a complaint, a diagnosis nor any result was given."
    ),
    instead=Text("请至少填写主诉或一项诊断。", "Give at least the complaint or a diagnosis."),
    at="complaint",
    status=422,
)
IN_FUTURE = Refusal(
    code="records.in_future",
    message=Text("时间在将来。", "The time lies in the future."),
    instead=Text(
        "请填写实际发生的时间；将来的安排请用“安排随访”。",
        "Give the true time; what is to come is a planned contact.",
    ),
    at="started_at",
    status=422,
)
ENDS_BEFORE_START = Refusal(
    code="records.ends_before_start",
    message=Text("结束早于开始。", "It ends before it starts."),
    instead=Text("请核对两个时间。", "Check the two times."),
    at="ended_at",
    status=422,
)
NOT_ICD = Refusal(
    code="records.not_icd10",
    message=Text("“{code}”不是 ICD-10 编码。", "“{code}” is no ICD-10 code."),
    instead=Text(
        "请按拼音或名称选择，编码如 I10、E11.900。",
        "Choose by pinyin or name; a code looks like I10 or E11.900.",
    ),
    at="code",
    status=422,
)
ONE_MAIN = Refusal(
    code="records.one_main",
    message=Text("主要诊断只能有一个。", "There can be one main diagnosis."),
    instead=Text("其余的请填为其他诊断。", "Enter the rest as other diagnoses."),
    at="conditions",
    status=422,
)
NO_VALUE = Refusal(
    code="records.no_value",
    message=Text("“{item}”没有数值，也没有文字结果。", "{item} has neither a number nor words."),
    instead=Text("请填写结果，或去掉这一项。", "Give the result, or leave the item out."),
    at="readings",
    status=422,
)
RANGE_UPSIDE_DOWN = Refusal(
    code="records.range",
    message=Text("“{item}”的参考范围上下限颠倒。", "The reference range of {item} is upside down."),
    instead=Text("请核对参考范围。", "Check the range."),
    at="readings",
    status=422,
)
NO_RESULTS = Refusal(
    code="records.no_results",
    message=Text("报告中没有任何结果。", "The report has no result."),
    instead=Text(
        "请至少填写一项；只有文件的报告请上传文件。", "Give at least one, or add the report as a document."
    ),
    at="readings",
    status=422,
)
NO_DRUG_NAME = Refusal(
    code="records.no_drug_name",
    message=Text("有一种药没有名称。", "A medicine has no name."),
    instead=Text("请填写药品通用名。", "Give its generic name."),
    at="drugs",
    status=422,
)
TAKEN_TOO_SHORT = Refusal(
    code="records.drug_ends_before_start",
    message=Text("“{name}”的停药日期早于开始日期。", "{name} ends before it starts."),
    instead=Text("请核对两个日期。", "Check the two dates."),
    at="drugs",
    status=422,
)
TOO_LONG = Refusal(
    code="records.too_long",
    message=Text("“{field}”最多 {most} 字。", "{field} takes {most} characters at most."),
    instead=Text("请精简，详情可作为文件上传。", "Shorten it; details can go as a document."),
    status=422,
)
NO_TEXT = Refusal(
    code="records.no_text",
    message=Text("文字中有无法保存的控制字符。", "The text has a control character that cannot be kept."),
    instead=Text("请重新输入这段文字，不要从别处粘贴乱码。", "Type it again rather than paste it."),
    status=422,
)
NO_GUIDELINES = Refusal(
    code="records.no_guidelines",
    message=Text(
        "本地区还没有政策包，随访的测量值无从核对。",
        "No pack is in force here, so answers cannot be checked.",
    ),
    instead=Text(
        "请只写文字记录，或请平台管理员启用政策包。", "Write words only, or have a pack put in force."
    ),
    at="answers",
)
NOT_STAGED = Refusal(
    code="records.kept_without_reason",
    message=Text(
        "患者已标记为“{stage}”，出院时没有下转。",
        "The patient is marked as {stage} and leaves without going down.",
    ),
    instead=Text("请先办理下转，或写明不下转的原因。", "Send the patient down first, or say why not."),
    at="kept_reason",
    status=422,
)
