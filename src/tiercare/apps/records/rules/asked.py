"""Words of what is asked and proposed: grounds of a proposal to go down, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

# Who follows up a discharged patient, by the words of the packs (``levels_by`` of TY-66).
HOSPITAL, TOWNSHIP, FAMILY_DOCTOR = "hospital", "township", "family_doctor"
# The source of contacts that the platform plans with a discharge.
DISCHARGED = "discharge"
LEVEL_NAMES: Mapping[str, Text] = {
    HOSPITAL: Text("出院医院", "the hospital"),
    TOWNSHIP: Text("乡镇卫生院（社区中心）", "the township"),
    FAMILY_DOCTOR: Text("家庭医生", "the family doctor"),
}


class Ground(StrEnum):
    """Why somebody was shown that a patient can go down."""

    VISIT = "visit"  # a tertiary outpatient visit with a clear diagnosis and a stable condition (NHC-51)
    CRITERIA = "criteria"  # all criteria of discharge are met (XH-66)


class PromptAnswer(StrEnum):
    """What became of the proposal."""

    OPEN = ""
    TAKEN = "TAKEN"
    DECLINED = "DECLINED"


NO_SUCH_PROMPT = Refusal(
    code="records.no_such_prompt",
    message=Text(
        "没有这条下转提示，或它不是本机构的。", "There is no such proposal, or it is not your institution's."
    ),
    instead=Text("请从诊疗记录或“可以下转”中打开。", "Open it from the record or the list."),
    at="prompt",
    status=404,
)
PROMPT_ANSWERED = Refusal(
    code="records.prompt_answered",
    message=Text("这条下转提示已经答复过。", "The proposal was answered already."),
    instead=Text("仍要下转的，请从诊疗记录发起下转。", "To refer down after all, begin it from the record."),
    at="prompt",
)
PROMPT_WITHOUT_REASON = Refusal(
    code="records.prompt_reason",
    message=Text("没有写明为什么不下转。", "Why the patient does not go down was not said."),
    instead=Text("请写一句原因，如“需复查冠脉造影”。", "Say why in a sentence."),
    at="reason",
    status=422,
)
NO_SUCH_ALERT = Refusal(
    code="records.no_such_alert",
    message=Text(
        "没有这条预警，或它不由本机构处理。", "There is no such alert, or it is not yours to handle."
    ),
    instead=Text("请从随访清单的“预警”中打开。", "Open it from the alerts of the list of contacts."),
    at="alert",
    status=404,
)
ALERT_HANDLED = Refusal(
    code="records.alert_handled",
    message=Text("这条预警已经处理过。", "The alert was handled already."),
    instead=Text("需要补充的，请记一次就诊或再安排随访。", "Note a visit, or plan another contact."),
    at="alert",
)
HOW_HANDLED = Refusal(
    code="records.alert_how",
    message=Text("没有写明怎样处理。", "How it was handled was not said."),
    instead=Text("请写一句，如“电话指导加药，三天后复查”。", "Say how in a sentence."),
    at="handling",
    status=422,
)
NOT_ASKED_HERE = Refusal(
    code="records.survey_not_asked",
    message=Text("这次住院没有满意度调查可填。", "There is no survey to be answered about this stay."),
    instead=Text(
        "出院后一年内、没有填过的住院可以评价。",
        "Stays of the last year that were not answered yet can be.",
    ),
    at="stay",
    status=404,
)
ANSWERED_ALREADY = Refusal(
    code="records.survey_answered",
    message=Text("这次住院已经评价过。", "This stay was answered already."),
    instead=Text("每次住院评价一次，谢谢。", "Each stay is answered once. Thank you."),
    at="stay",
)
