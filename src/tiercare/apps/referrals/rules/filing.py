"""Filing a referral with the insurer (医保备案): one table of states, how long is waited between tries, and the words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from tiercare.apps.residents.rules.cover import BASIC, Scheme
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

# What the packs say (XH-43, XH-45), and the numbers beside it that are ours.
SERVICES, COORDINATION = "XH-43.services", "insurance_coordination"
PEER, AGENCY = "XH-45.peer", "insurance_agency"


class State(StrEnum):
    """Where a filing stands."""

    WAITING = "WAITING"
    # Handed over at least once, and no answer is known.
    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    FAILED = "FAILED"
    NO_COVER = "NO_COVER"
    UNCONNECTED = "UNCONNECTED"
    BY_HAND = "BY_HAND"
    NOT_NEEDED = "NOT_NEEDED"
    # The referral came to nothing before the patient came: what was filed is taken back.
    TAKING_BACK = "TAKING_BACK"
    NOT_TAKEN_BACK = "NOT_TAKEN_BACK"
    TAKEN_BACK = "TAKEN_BACK"
    DROPPED = "DROPPED"


class Act(StrEnum):
    """What happens to it. ``CLAIM``: a worker hands it over; ``AGAIN``: somebody has it tried again; ``NUMBER``: somebody
    filed by hand and enters the number; ``UNDONE``: somebody took it back by hand; ``END``: the referral is over."""

    CLAIM = "claim"
    ACCEPT = "accept"
    REFUSE = "refuse"
    GIVE_UP = "give_up"
    AGAIN = "again"
    NUMBER = "number"
    UNDONE = "undone"
    END = "end"


_S = State
TRANSITIONS: Mapping[tuple[State, Act], State] = {
    (_S.WAITING, Act.CLAIM): _S.SENT,
    (_S.WAITING, Act.END): _S.DROPPED,
    (_S.SENT, Act.CLAIM): _S.SENT,
    (_S.SENT, Act.ACCEPT): _S.ACCEPTED,
    (_S.SENT, Act.REFUSE): _S.REFUSED,
    (_S.SENT, Act.GIVE_UP): _S.FAILED,
    # Nobody knows whether it arrived: it is taken back as if it had.
    (_S.SENT, Act.END): _S.TAKING_BACK,
    (_S.ACCEPTED, Act.END): _S.TAKING_BACK,
    (_S.REFUSED, Act.AGAIN): _S.WAITING,
    (_S.REFUSED, Act.NUMBER): _S.BY_HAND,
    (_S.REFUSED, Act.END): _S.DROPPED,
    # Under the same key: what had arrived after all is answered as it was.
    (_S.FAILED, Act.AGAIN): _S.SENT,
    (_S.FAILED, Act.NUMBER): _S.BY_HAND,
    (_S.FAILED, Act.END): _S.TAKING_BACK,
    (_S.NO_COVER, Act.AGAIN): _S.WAITING,
    (_S.NO_COVER, Act.NUMBER): _S.BY_HAND,
    (_S.NO_COVER, Act.END): _S.DROPPED,
    (_S.UNCONNECTED, Act.AGAIN): _S.WAITING,
    (_S.UNCONNECTED, Act.NUMBER): _S.BY_HAND,
    (_S.UNCONNECTED, Act.END): _S.DROPPED,
    (_S.NOT_NEEDED, Act.AGAIN): _S.WAITING,
    (_S.NOT_NEEDED, Act.END): _S.DROPPED,
    (_S.BY_HAND, Act.END): _S.NOT_TAKEN_BACK,
    (_S.TAKING_BACK, Act.CLAIM): _S.TAKING_BACK,
    (_S.TAKING_BACK, Act.ACCEPT): _S.TAKEN_BACK,
    (_S.TAKING_BACK, Act.REFUSE): _S.NOT_TAKEN_BACK,
    (_S.TAKING_BACK, Act.GIVE_UP): _S.NOT_TAKEN_BACK,
    (_S.NOT_TAKEN_BACK, Act.AGAIN): _S.TAKING_BACK,
    (_S.NOT_TAKEN_BACK, Act.UNDONE): _S.TAKEN_BACK,
}
# A worker has these to hand over.
DUE = frozenset({_S.WAITING, _S.SENT, _S.TAKING_BACK})
# Somebody of either office has to see to these.
TASKS = frozenset({_S.REFUSED, _S.FAILED, _S.NO_COVER, _S.UNCONNECTED, _S.NOT_TAKEN_BACK})
# Of one request only one filing stands beside these.
OVER = frozenset({_S.TAKING_BACK, _S.NOT_TAKEN_BACK, _S.TAKEN_BACK, _S.DROPPED})
STATE_NAMES: Mapping[State, Text] = {
    _S.WAITING: Text("待发送", "waiting to be sent"),
    _S.SENT: Text("已发送，等待答复", "sent, no answer yet"),
    _S.ACCEPTED: Text("已备案", "filed"),
    _S.REFUSED: Text("医保未通过", "refused by the insurer"),
    _S.FAILED: Text("多次发送无答复", "no answer after many tries"),
    _S.NO_COVER: Text("未登记参保", "no cover on record"),
    _S.UNCONNECTED: Text("未接入：请手工备案", "not connected: file by hand"),
    _S.BY_HAND: Text("已手工备案", "filed by hand"),
    _S.NOT_NEEDED: Text("不属基本医保，无需备案", "not in the basic insurance: nothing to file"),
    _S.TAKING_BACK: Text("正在撤销备案", "being taken back"),
    _S.NOT_TAKEN_BACK: Text("请手工撤销备案", "take it back by hand"),
    _S.TAKEN_BACK: Text("备案已撤销", "taken back"),
    _S.DROPPED: Text("已取消，未备案", "cancelled before it was filed"),
}
WAY_ON: Mapping[State, Text] = {
    _S.REFUSED: Text(
        "请按答复核对参保登记，改正后重新备案；已在医保窗口办理的，填写备案号。",
        "Correct the cover by what the insurer says and file again; filed at its counter, enter the number.",
    ),
    _S.FAILED: Text(
        "医保接口一直没有答复。可重新发送，或到医保经办机构办理后填写备案号。",
        "The insurer does not answer. Send it again, or file at its counter and enter the number.",
    ),
    _S.NO_COVER: Text(
        "请先在居民页面登记参保，再点“重新备案”。",
        "Record the cover on the resident's page, then file again.",
    ),
    _S.UNCONNECTED: Text(
        "参保地的医保经办机构还没有接入。请下载清单到经办机构办理，再填写备案号。",
        "The agency of the insured area is not connected. File there with the list, then enter the number.",
    ),
    _S.NOT_TAKEN_BACK: Text(
        "转诊已取消，请到医保经办机构撤销备案，办好后点“已撤销”。",
        "The referral is off: have it taken back at the agency, then say so here.",
    ),
}


@dataclass(frozen=True, slots=True)
class Waits:
    """How long is waited for an answer, and between tries: the first wait, times ``factor`` with each, up to
    ``longest``; after ``most`` tries it is given up."""

    first: timedelta
    factor: int
    longest: timedelta
    most: int
    answer_within: timedelta

    def after(self, tries: int) -> timedelta:
        """The wait after so many tries, one at least; never shorter than an answer is waited for twice."""
        # A bounded exponent: the longest wait is reached long before.
        wait = min(self.first * self.factor ** min(tries - 1, 32), self.longest)
        return max(wait, 2 * self.answer_within)


def beginning(scheme: Scheme | None, *, connected: bool) -> State:
    """How a filing begins, and begins anew: by what insures the resident, and whether their insurer can be reached."""
    if scheme is None:
        return State.NO_COVER
    if scheme not in BASIC:
        return State.NOT_NEEDED
    return State.WAITING if connected else State.UNCONNECTED


def after(state: State, act: Act) -> State | None:
    """Where an act leads; ``None`` where it is not possible."""
    return TRANSITIONS.get((state, act))


NO_SUCH_FILING = Refusal(
    code="referrals.no_such_filing",
    message=Text("这条转诊没有医保备案。", "There is no filing of this referral."),
    instead=Text("接收以后才会备案；请返回转诊页面查看。", "It is filed once accepted; see the referral."),
    status=404,
)
NOT_NOW = Refusal(
    code="referrals.filing_not_now",
    message=Text(
        "这条备案现在是“{state}”，不能这样办理。", "The filing stands at “{state}”: not possible now."
    ),
    instead=Text("请刷新页面，按当前状态办理。", "Reload the page and go on from there."),
)
NO_NUMBER = Refusal(
    code="referrals.filing_number",
    message=Text("没有填写备案号，或备案号过长。", "The number of the filing is missing or too long."),
    instead=Text("请填写医保经办机构给的备案号。", "Enter the number that the agency gave."),
    at="number",
    status=422,
)
