"""Bulletins and deliveries: what is chosen, which period comes next, and what is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tiercare.engines.measures.periods import NoPeriod, Span, span
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from ..workflow import State

# Purposes of deliveries.
BULLETIN, RESULT, PARTICIPATION, COUNTS = "bulletin", "result", "participation", "counts"
PURPOSES: Mapping[str, Text] = {
    BULLETIN: Text("指标通报", "bulletin"),
    RESULT: Text("考核结果移交", "result handed over"),
    PARTICIPATION: Text("省属医院参与情况", "participation of provincial hospitals"),
    COUNTS: Text("能力达标汇总", "counts of the capability standard"),
}
LONGEST_TITLE, LONGEST_WORDS, LONGEST_REASON, LONGEST_RECEIPT = 100, 3000, 300, 100
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Choice:
    """What a bulletin is to say: of which run and period, which indicators, under which title, with which words first."""

    run: UUID
    period: str
    indicators: tuple[str, ...]
    title: str
    words: str = ""

    def plain(self) -> dict[str, Any]:
        """As it is kept with the matter."""
        return {
            "run": str(self.run),
            "period": self.period,
            "indicators": list(self.indicators),
            "title": self.title,
            "words": self.words,
        }


def choice_of(kept: Mapping[str, Any]) -> Choice:
    """The inverse of ``plain``."""
    return Choice(
        UUID(kept["run"]), kept["period"], tuple(kept["indicators"]), kept["title"], kept.get("words", "")
    )


def newest_of(every: str, spans: Iterable[str], *, today: date) -> str:
    """The newest month, quarter or year among the periods of a run that is over by ``today``; empty where there is none."""
    length, month = _MONTHS.get(every), today.year * 100 + today.month
    known = (_span(text) for text in spans)
    fitting = [each for each in known if each and each.length == length and each.last < month]
    return str(max(fitting, key=lambda each: each.last)) if fitting else ""


def periods_offered(spans: Iterable[str]) -> list[str]:
    """Periods of a run as they are offered: the newest first, years before their quarters, quarters before months."""
    known = [each for each in (_span(text) for text in spans) if each]
    return [str(each) for each in sorted(known, key=lambda each: (-each.last, -each.length))]


def period_text(period: str) -> Text:
    """``2019Q4`` as people say it."""
    found = _span(period)
    if found is None:
        return Text(period, period)
    year, month = divmod(found.first, 100)
    if found.length == 12:
        return Text(f"{year}年", str(year))
    if found.length == 3:
        quarter = month // 3 + 1
        return Text(f"{year}年第{'一二三四'[quarter - 1]}季度", f"quarter {quarter} of {year}")
    return Text(f"{year}年{month}月", f"{year}-{month:02d}")


def default_title(area: str, period: str) -> str:
    """What a bulletin is called unless somebody calls it otherwise."""
    return f"{area}{period_text(period).zh}分级诊疗指标通报"


def _span(text: str) -> Span | None:
    try:
        return span(text)
    except NoPeriod:
        return None


def wrong_with(choice: Choice, offered: Sequence[str], known: Iterable[str]) -> list[Refusal]:
    """What is wrong with a choice; told by field."""
    names = frozenset(known)
    found = []
    if not choice.title.strip() or len(choice.title) > LONGEST_TITLE:
        found.append(NO_TITLE)
    if len(choice.words) > LONGEST_WORDS:
        found.append(WORDS_TOO_LONG)
    if choice.period not in offered:
        found.append(NO_SUCH_PERIOD)
    if not choice.indicators or not names.issuperset(choice.indicators):
        found.append(NO_INDICATORS)
    return found


def sendable(state: State, sent: int) -> Refusal | None:
    """Whether a bulletin can be sent now."""
    if sent:
        return SENT_ALREADY
    return None if state is State.APPROVED else NOT_APPROVED


NO_TITLE = Refusal(
    code="bulletin.no_title",
    message=Text("请写标题，最多 {most} 个字。", "Give it a title of at most {most} characters."),
    instead=Text(
        "例如“芜湖市2019年第四季度分级诊疗指标通报”。",
        "For example “Indicators of the fourth quarter of 2019”.",
    ),
    fields={"most": LONGEST_TITLE},
    at="title",
    status=422,
)
WORDS_TOO_LONG = Refusal(
    code="bulletin.words_too_long",
    message=Text("说明最多 {most} 个字。", "At most {most} characters."),
    instead=Text("请写要点，细节由表格和口径说明。", "Say the main points; the table says the rest."),
    fields={"most": LONGEST_WORDS},
    at="words",
    status=422,
)
NO_SUCH_PERIOD = Refusal(
    code="bulletin.no_such_period",
    message=Text("这次计算里没有所选的时期。", "The run has no such period."),
    instead=Text("请从列表里选一个年、季度或月份。", "Choose a year, quarter or month of the list."),
    at="period",
    status=422,
)
NO_INDICATORS = Refusal(
    code="bulletin.no_indicators",
    message=Text("请至少选一项本地区的指标。", "Choose at least one indicator of this region."),
    instead=Text("勾选要通报的指标；默认项由政策包给出。", "Tick what is to be circulated."),
    at="indicators",
    status=422,
)
NO_RUN = Refusal(
    code="bulletin.no_run",
    message=Text(
        "这个地区还没有算过指标，没有可通报的数。", "No indicators of this region were computed yet."
    ),
    instead=Text(
        "请先计算指标（tiercare evaluation run），再拟通报。", "Compute them, then draft a bulletin."
    ),
    at="run",
    status=409,
)
NO_SUCH_BULLETIN = Refusal(
    code="bulletin.no_such_bulletin",
    message=Text("没有这份通报，或它不是您单位办理的。", "There is no such bulletin, or it is not yours."),
    instead=Text("发给您单位的通报在“收发文”里。", "What was sent to you is among your deliveries."),
    at="bulletin",
    status=404,
)
NOT_APPROVED = Refusal(
    code="bulletin.not_approved",
    message=Text("通报还没有审定，不能发送。", "The bulletin is not approved yet."),
    instead=Text("先报审、审定，再发送。", "Submit and approve it first."),
    at="bulletin",
)
SENT_ALREADY = Refusal(
    code="bulletin.sent_already",
    message=Text("这份通报已经发送过了。", "This bulletin was sent already."),
    instead=Text(
        "没有签收的可以催办；内容有误的请撤回，另拟一份。",
        "Remind those who have not read it; if it is wrong, withdraw it and draft another.",
    ),
    at="bulletin",
)
NOT_SENT = Refusal(
    code="bulletin.not_sent",
    message=Text(
        "没有可催办的：还没有发送，或都已签收。", "Nobody to remind: not sent, or all have read it."
    ),
    instead=Text("发送后，未签收的单位列在右侧。", "Once sent, those who have not read it are listed."),
    at="bulletin",
)
NOBODY = Refusal(
    code="bulletin.nobody",
    message=Text(
        "这个地区没有登记县（市、区）和牵头医院，没有收件单位。",
        "No counties and no lead hospitals are registered here: nobody would receive it.",
    ),
    instead=Text("请先在机构网络中登记。", "Register them first."),
    at="bulletin",
)
REASON_NEEDED = Refusal(
    code="bulletin.reason_needed",
    message=Text("请写明理由，最多 {most} 个字。", "Say why, in at most {most} characters."),
    instead=Text("收件单位会看到这句话。", "Those who received it will read it."),
    fields={"most": LONGEST_REASON},
    at="why",
    status=422,
)
NO_SUCH_DELIVERY = Refusal(
    code="delivery.no_such",
    message=Text("没有这份文件，或它不是发给您单位的。", "There is no such paper, or it is not for you."),
    instead=Text("请从“收发文”清单中打开。", "Open it from the list."),
    at="delivery",
    status=404,
)
NOT_YOURS_TO_SIGN = Refusal(
    code="delivery.not_yours",
    message=Text("这份文件由收件单位签收，您可以查看签收情况。", "Whoever it was sent to says that it came."),
    instead=Text("未签收的，请由发文单位催办。", "The sender can remind them."),
    at="delivery",
    status=403,
)
WITHDRAWN = Refusal(
    code="delivery.withdrawn",
    message=Text("这份文件已被发文单位撤回。", "The sender has withdrawn this."),
    instead=Text("请以发文单位另行发送的为准。", "What they send instead holds."),
    at="delivery",
)
RECEIPT_NEEDED = Refusal(
    code="delivery.receipt_needed",
    message=Text("请填写对方的回执编号。", "Give the number of their receipt."),
    instead=Text("照对方回执上的写，如“芜考收〔2020〕3号”。", "As it stands on the receipt."),
    at="receipt",
    status=422,
)
ON_PLATFORM = Refusal(
    code="delivery.on_platform",
    message=Text("收件单位在平台上，由它自己签收。", "The receiver is on the platform and signs there."),
    instead=Text("没有签收的，可以催办。", "Remind them if they have not."),
    at="receipt",
)
NOT_ASKED_FOR = Refusal(
    code="delivery.not_asked_for",
    message=Text("本地区的政策没有要求这一项报送。", "The texts of this region do not ask for this report."),
    instead=Text("政策包的 bulletins.yaml 写明报送哪些。", "The pack's bulletins.yaml says which there are."),
    at="delivery",
)
NOT_LOCKED = Refusal(
    code="delivery.not_locked",
    message=Text("只有锁定的考核结果可以移交。", "Only a locked assessment can be handed over."),
    instead=Text("先审定并锁定这次考核。", "Approve and lock it first."),
    at="matter",
)
HANDED_ALREADY = Refusal(
    code="delivery.handed_already",
    message=Text("已经移交过了，编号 {number}。", "It was handed over already, number {number}."),
    instead=Text("在“收发文”里查看回执。", "See its receipt among the deliveries."),
    at="matter",
)
NOTHING_TO_REPORT = Refusal(
    code="delivery.nothing",
    message=Text("没有可报送的内容。", "There is nothing to report."),
    instead=Text(
        "机构报送、数据导入后再汇总。", "Draw it up once institutions have reported or facts were imported."
    ),
    at="delivery",
)


def text_of(payload: Mapping[str, Any], name: str) -> str:
    """Something of a payload as text; empty where it is not there."""
    value = payload.get(name)
    return "" if value is None else str(value)


def reason_refusal(why: str) -> Refusal | None:
    """Whether a reason was given, and is short enough."""
    return None if 0 < len(why.strip()) <= LONGEST_REASON else REASON_NEEDED
