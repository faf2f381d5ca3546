"""What a consent, an emergency access, its review and an objection must hold; and what is said where one does not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .care import BreakGlassReason, Outcome, Purpose

# All numbers here are ours; no document of a region sets them. A year is the longest that a person can be taken
# to remember what was signed; the law asks for a period and names none (个人信息保护法 第十七、二十三条).
LONGEST_YEARS = 1
LONGEST_EVIDENCE = 200
# Ten characters are the shortest account of an emergency that a reviewer can check ("车祸昏迷，家属未到场").
SHORTEST_EXPLANATION = 10
LONGEST_TEXT = 500
# An objection is answered "及时" (个人信息保护法 第五十条); fifteen days is what we hold ourselves to.
ANSWER_WITHIN = timedelta(days=15)


class GranteeKind(StrEnum):
    """Who is let in: one institution, or whoever is a member of a consortium on the day of the reading."""

    INSTITUTION = "institution"
    CONSORTIUM = "consortium"


class GivenBy(StrEnum):
    """Who consents."""

    RESIDENT = "resident"
    GUARDIAN = "guardian"


@dataclass(frozen=True, slots=True)
class Grantee:
    """Whom a consent lets in, by the name of the day on which it was given."""

    kind: GranteeKind
    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A consent as it was filled in: up to and including the day ``until``.

    ``evidence`` is the number of the signed paper where a desk records what a resident decided.
    """

    purposes: Collection[Purpose]
    until: date | None
    evidence: str = ""


def consent_refusals(asked: Asked, *, today: date, at_desk: bool) -> tuple[Refusal, ...]:
    """All that is wrong with a consent; empty if it can be given."""
    found = []
    if not asked.purposes:
        found.append(NO_PURPOSE)
    if asked.until is None or asked.until < today:
        found.append(UNTIL_PAST)
    elif asked.until > longest_until(today):
        found.append(replace(UNTIL_TOO_LATE, fields={"day": longest_until(today).isoformat()}))
    if at_desk and not asked.evidence.strip():
        found.append(NO_EVIDENCE)
    bad = evidence_refusal(asked.evidence)
    return (*found, bad) if bad else tuple(found)


def evidence_refusal(evidence: str) -> Refusal | None:
    """Whether the number of a signed paper can be kept."""
    return None if len(evidence) <= LONGEST_EVIDENCE and evidence.isprintable() else BAD_EVIDENCE


def longest_until(today: date) -> date:
    """The last day that a consent given ``today`` may name: the same day next year (28 February for the 29th)."""
    try:
        return today.replace(year=today.year + LONGEST_YEARS)
    except ValueError:
        return today.replace(year=today.year + LONGEST_YEARS, day=28)


def end_of(day: date) -> datetime:
    """The moment at which ``day`` is over in China."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=ZONE)


def glass_refusals(reason: str, explanation: str) -> tuple[Refusal, ...]:
    """All that is wrong with the reason given for an emergency access."""
    found = []
    if reason not in set(BreakGlassReason):
        found.append(NO_REASON)
    if len(explanation) < SHORTEST_EXPLANATION:
        found.append(EXPLANATION_SHORT)
    found += _text_refusals(explanation, "explanation")
    return tuple(found)


def review_refusals(outcome: str, remark: str) -> tuple[Refusal, ...]:
    """All that is wrong with a review: whoever finds an access unjustified says why."""
    found = []
    if outcome not in set(Outcome):
        found.append(NO_OUTCOME)
    if outcome == Outcome.UNJUSTIFIED and not remark:
        found.append(REMARK_MISSING)
    found += _text_refusals(remark, "remark")
    return tuple(found)


def words_refusals(text: str, *, at: str) -> tuple[Refusal, ...]:
    """All that is wrong with an objection or its answer, which must not be empty."""
    return (*(() if text else (replace(WORDS_MISSING, at=at),)), *_text_refusals(text, at))


def _text_refusals(text: str, at: str) -> list[Refusal]:
    if len(text) <= LONGEST_TEXT and all(each.isprintable() or each in "\n\r\t" for each in text):
        return []
    return [replace(BAD_TEXT, at=at)]


NO_PURPOSE = Refusal(
    code="access.consent_without_purpose",
    message=Text("没有选择授权的用途。", "No purpose was chosen."),
    instead=Text(
        "请至少选一项：同意别人为什么事查看档案。", "Choose at least one: what the record may be read for."
    ),
    at="purposes",
    status=422,
)
UNTIL_PAST = Refusal(
    code="access.consent_until_past",
    message=Text("授权的截止日期没有填写，或已经过去。", "The last day is missing, or lies in the past."),
    instead=Text("请选择今天或以后的日期。", "Choose today or a later day."),
    at="until",
    status=422,
)
UNTIL_TOO_LATE = Refusal(
    code="access.consent_too_long",
    message=Text("一次授权最长一年，最晚到 {day}。", "A consent lasts a year at most: up to {day}."),
    instead=Text(
        "请选择 {day} 或更早的日期，到期可以再授权。", "Choose {day} or earlier; it can be given again then."
    ),
    fields={"day": ""},
    at="until",
    status=422,
)
NO_EVIDENCE = Refusal(
    code="access.consent_without_evidence",
    message=Text("没有填写授权书编号。", "The number of the signed paper is missing."),
    instead=Text(
        "窗口登记的授权须有居民签字的授权书：请填写编号并留存原件；居民也可以在手机上自己授权。",
        "What a desk records needs a paper that the resident signed: write its number and keep it; or the resident "
        "consents on their own telephone.",
    ),
    at="evidence",
    status=422,
)
BAD_EVIDENCE = Refusal(
    code="access.consent_evidence",
    message=Text(
        "授权书编号太长，或含有看不见的字符。", "The number is too long or holds invisible characters."
    ),
    instead=Text("请照授权书填写编号。", "Write the number as it stands on the paper."),
    at="evidence",
    status=422,
)
NO_SUCH_GRANTEE = Refusal(
    code="access.consent_grantee",
    message=Text(
        "没有选择授权给谁，或这个机构、医联体现在不存在。", "Nobody was chosen, or there is no such body now."
    ),
    instead=Text("请从列表中选择机构或医联体。", "Choose an institution or a consortium from the list."),
    at="grantee",
    status=422,
)
KIND_DOES_NOT_SHARE = Refusal(
    code="access.consent_kind",
    message=Text(
        "本地的规定不向这一类医联体整体授权。",
        "Here no consent is given to a consortium of this kind as a whole.",
    ),
    instead=Text("请直接授权给其中的某一家机构。", "Consent to one of its institutions instead."),
    clauses=("WH-41",),
    at="grantee",
    status=422,
)
NO_SUCH_CONSENT = Refusal(
    code="access.no_such_consent",
    message=Text("没有这项授权，或它已经撤回、到期。", "There is no such consent, or it is over already."),
    instead=Text("列表已刷新，不用再做什么。", "The list is up to date; there is nothing left to do."),
    status=404,
)
NO_REASON = Refusal(
    code="access.glass_reason",
    message=Text("没有选择紧急调阅的理由。", "No reason was chosen."),
    instead=Text("请选择最接近的一项，再写明情况。", "Choose the nearest one, then describe the situation."),
    at="reason",
    status=422,
)
EXPLANATION_SHORT = Refusal(
    code="access.glass_explanation",
    message=Text(
        f"情况说明不足 {SHORTEST_EXPLANATION} 个字。",
        f"The explanation has fewer than {SHORTEST_EXPLANATION} characters.",
    ),
    instead=Text(
        "请写清发生了什么、为什么等不及授权，例如“车祸昏迷送来抢救，家属尚未到场”。",
        "Say what happened and why consent cannot be waited for.",
    ),
    at="explanation",
    status=422,
)
GLASS_NOT_FOR_ONESELF = Refusal(
    code="access.glass_own_record",
    message=Text("紧急调阅不能用于本人的档案。", "Emergency access is not for one's own record."),
    instead=Text("请用自己的健康卡登录居民端查看。", "Sign in with your own health card as a resident."),
    status=403,
)
NO_SUCH_RECORD = Refusal(
    code="access.no_such_record",
    message=Text("没有这份档案。", "There is no such record."),
    instead=Text("请按证件或健康卡重新查找。", "Look the person up again by document or card."),
    status=404,
)
NO_SUCH_REVIEW = Refusal(
    code="access.no_such_review",
    message=Text("您的辖区内没有这条紧急调阅。", "There is no such emergency access in your area."),
    instead=Text("请从审核列表重新打开。", "Open it from the list of reviews."),
    status=404,
)
ALREADY_REVIEWED = Refusal(
    code="access.already_reviewed",
    message=Text("这条紧急调阅已经审核过，结论不再更改。", "It has been reviewed; the outcome stands."),
    instead=Text("如有新情况，请按投诉途径另行处理。", "If there is news, deal with it as a complaint."),
)
NOT_YOUR_REVIEW = Refusal(
    code="access.review_of_oneself",
    message=Text("不能审核自己的紧急调阅。", "Nobody reviews their own emergency access."),
    instead=Text("请由另一位审计人员审核。", "Another auditor reviews it."),
    status=403,
)
NO_OUTCOME = Refusal(
    code="access.review_outcome",
    message=Text("没有选择审核结论。", "No outcome was chosen."),
    instead=Text("请先判断成立还是不成立。", "Decide first whether it holds."),
    at="outcome",
    status=422,
)
REMARK_MISSING = Refusal(
    code="access.review_remark",
    message=Text("结论是“理由不成立”，须写明原因。", "An access that was not justified needs the reason."),
    instead=Text(
        "请写一句居民也能看懂的话：居民会看到它。", "Write a sentence that the resident understands too."
    ),
    at="remark",
    status=422,
)
WORDS_MISSING = Refusal(
    code="access.words_missing",
    message=Text("没有填写内容。", "Nothing was written."),
    instead=Text("请写几句话说明。", "Write a few words."),
    status=422,
)
BAD_TEXT = Refusal(
    code="access.text",
    message=Text(
        f"文字超过 {LONGEST_TEXT} 字，或含有看不见的字符。",
        f"The text has more than {LONGEST_TEXT} characters or holds invisible ones.",
    ),
    instead=Text("请缩短后重新填写。", "Shorten it and write it again."),
    status=422,
)
NO_SUCH_READING = Refusal(
    code="access.no_such_reading",
    message=Text("您的记录里没有这一次查看。", "There is no such reading among those of your record."),
    instead=Text("请从“谁看过我的档案”里选择。", "Choose it from the list of who read your record."),
    status=404,
)
ALREADY_OBJECTED = Refusal(
    code="access.already_objected",
    message=Text("对这一次查看已经提过异议。", "You have objected to this reading already."),
    instead=Text("答复会显示在“我的异议”里。", "The answer appears among your objections."),
)
NO_SUCH_OBJECTION = Refusal(
    code="access.no_such_objection",
    message=Text("您的辖区内没有这条异议。", "There is no such objection in your area."),
    instead=Text("请从列表重新打开。", "Open it from the list."),
    status=404,
)
ALREADY_ANSWERED = Refusal(
    code="access.already_answered",
    message=Text("这条异议已经答复。", "The objection has been answered."),
    instead=Text(
        "居民已能看到答复，不用再做什么。", "The resident sees the answer; there is nothing left to do."
    ),
)
NOT_YOUR_ANSWER = Refusal(
    code="access.answer_for_oneself",
    message=Text("不能答复针对自己的异议。", "Nobody answers an objection to their own reading."),
    instead=Text("请由另一位审计人员答复。", "Another auditor answers it."),
    status=403,
)
WRONG_CODE = Refusal(
    code="access.wrong_code",
    message=Text(
        "验证码不对，或已过期、已试满次数。", "The code is wrong, has run out, or was tried too often."
    ),
    instead=Text(
        "请核对短信里的 6 位数字；不行就返回上一步重新获取。手机号有变的，请到建档的卫生院更正。",
        "Check the six digits of the message, or go back and ask for a new code. If your telephone number has changed, "
        "have it corrected where your file is kept.",
    ),
    at="code",
    status=401,
)
