"""What may be waived, by whom it was decided in ``access``; here: whether the wording allows it at all."""

from __future__ import annotations

from datetime import date

from tiercare.engines.policy import RuleCard
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text


def may_be_waived(card: RuleCard) -> Refusal | None:
    """Only 原则上 allows an exception."""
    if card.waivable:
        return None
    return Refusal(
        code="waiver_not_allowed",
        message=Text(
            "“{sentence}”的措辞是“{force}”，不能豁免。",
            "“{sentence}” is worded “{force}” and cannot be waived.",
        ),
        instead=Text(
            "请改正网络本身；若政策已变，请由政策包维护人更新条款并注明日期。",
            "Mend the network itself; if the policy has changed, have the pack updated with its date.",
        ),
        fields={"sentence": card.sentence, "force": card.force.label},
        clauses=card.clauses,
        at="card",
        status=422,
    )


def waiver_is_complete(reason: str, start: date, end: date | None) -> Refusal | None:
    """A waiver says why and until when."""
    if not reason.strip():
        return Refusal(
            code="waiver_without_reason",
            message=Text("豁免要写明理由。", "A waiver needs its reason."),
            instead=Text("请写一句话说明为什么例外。", "Say in a sentence why."),
            at="reason",
            status=422,
        )
    if end is None or end <= start:
        return Refusal(
            code="waiver_without_end",
            message=Text("豁免要有截止日期，且晚于开始日期。", "A waiver needs an end later than its start."),
            instead=Text("请填写截止日期。", "Give the day on which it ends."),
            at="end",
            status=422,
        )
    return None
