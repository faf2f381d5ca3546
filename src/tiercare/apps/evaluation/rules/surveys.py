"""Surveys: how many of each township are drawn, what a sheet comes to, and when something cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction

from tiercare.engines.forms import Answers
from tiercare.engines.forms.surveys import Survey
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

PRIMARY = "primary"


class State(StrEnum):
    """What became of an invitation. One that waits when its round is over has lapsed; nobody has to do that."""

    WAITING = "WAITING"
    ANSWERED = "ANSWERED"
    DECLINED = "DECLINED"


class How(StrEnum):
    """How somebody answered, or declined."""

    OWN = "OWN"
    TELEPHONE = "TELEPHONE"
    DOOR = "DOOR"


HOW_NAMES: Mapping[How, Text] = {
    How.OWN: Text("本人在手机上", "by themself, online"),
    How.TELEPHONE: Text("电话询问", "asked by telephone"),
    How.DOOR: Text("上门询问", "asked at the door"),
}
# What staff may say of how they asked.
BY_STAFF = (How.TELEPHONE, How.DOOR)


class Told(StrEnum):
    """What a sheet comes to."""

    CHOSE_PRIMARY = "primary"
    CHOSE_OTHER = "other"
    WELL = "well"


TOLD_NAMES: Mapping[Told, Text] = {
    Told.CHOSE_PRIMARY: Text("患病，首选基层", "ill, chose primary care first"),
    Told.CHOSE_OTHER: Text("患病，没有首选基层", "ill, did not"),
    Told.WELL: Text("没有患病", "not ill"),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as the fact table says it. ``chose_primary`` is unknown of somebody who was well, or went nowhere."""

    ill: bool
    institution: str | None
    chose_primary: bool | None

    @property
    def told(self) -> Told:
        """In the words of the results. Whoever was ill and went nowhere did not choose primary care."""
        if not self.ill:
            return Told.WELL
        return Told.CHOSE_PRIMARY if self.chose_primary else Told.CHOSE_OTHER


def read(survey: Survey, answers: Answers, tiers: Mapping[str, str]) -> Sheet:
    """What somebody's answers say.

    Args:
        tiers: of each institution by its register key, as the fact tables say it.
    """
    ill, first = bool(answers.get(survey.ill)), answers.get(survey.first)
    if not ill:
        return Sheet(False, None, None)
    if not isinstance(first, str):
        return Sheet(True, None, None)
    return Sheet(True, first, tiers.get(first) == PRIMARY)


def shared_out(frame: Mapping[str, int], wanted: int) -> Mapping[str, int]:
    """How many of each township are drawn: in proportion to those who live there, the largest remainders first; never more
    than there are, all where as many are wanted."""
    people = sum(frame.values())
    if wanted >= people:
        return dict(frame)
    exact = {place: Fraction(wanted * many, people) for place, many in frame.items()}
    found = {place: int(share) for place, share in exact.items()}
    rest = sorted(exact, key=lambda place: (found[place] - exact[place], place))
    for place in rest[: wanted - sum(found.values())]:
        found[place] += 1
    return {place: many for place, many in found.items() if many}


def wrong_days(first: date, last: date, *, today: date) -> Refusal | None:
    """A round begins today at the earliest, and does not end before it begins."""
    if first < today:
        return BEGUN
    return ENDS_FIRST if last < first else None


def wrong_sample(survey: Survey, wanted: int) -> Refusal | None:
    """How many are drawn stays within what the pack sets."""
    _, least, most = survey.sample
    if least <= wanted <= most:
        return None
    return replace(SAMPLE, fields={"least": least, "most": most})


NO_SUCH_SURVEY = Refusal(
    code="surveys.no_such_survey",
    message=Text("这个地区的政策包里没有这项调查。", "The pack of this region has no such survey."),
    instead=Text("请在“居民调查”页面上选一项。", "Choose one on the page of surveys."),
    at="survey",
    status=404,
)
NO_SUCH_ROUND = Refusal(
    code="surveys.no_such_round",
    message=Text("没有这轮调查，或它不在您的辖区。", "There is no such round, or it is not of your area."),
    instead=Text("请从“居民调查”中打开。", "Open it from the list of surveys."),
    at="round",
    status=404,
)
NOT_INVITED = Refusal(
    code="surveys.not_invited",
    message=Text("这轮调查没有抽到您。", "You were not drawn for this round."),
    instead=Text(
        "调查对象是按人口随机抽的，不用您办什么；想反映情况请找您的家庭医生。",
        "People are drawn at random; you need do nothing. To tell us something, ask your family doctor.",
    ),
    at="round",
    status=404,
)
NOT_YOURS_TO_ASK = Refusal(
    code="surveys.not_yours_to_ask",
    message=Text(
        "没有这条询问，或它不由本机构去问。", "There is nobody of that key whom your institution asks."
    ),
    instead=Text("请从“代问调查”名单中打开。", "Open it from the list of whom to ask."),
    at="invitation",
    status=404,
)
ANSWERED_ALREADY = Refusal(
    code="surveys.answered",
    message=Text(
        "这轮调查已经答过了，每人只答一次。", "This round was answered already; each person answers once."
    ),
    instead=Text("谢谢，不用再答。", "Thank you; there is nothing left to do."),
    at="round",
)
DECLINED_ALREADY = Refusal(
    code="surveys.declined",
    message=Text("已经谢绝了这轮调查。", "This round was declined already."),
    instead=Text("下一轮抽到时可以再答。", "You can answer when you are drawn another time."),
    at="round",
)
OVER = Refusal(
    code="surveys.over",
    message=Text("这轮调查已于 {last} 结束。", "This round ended on {last}."),
    instead=Text("谢谢，不用再答；以后抽到时再请您帮忙。", "Thank you; there is nothing left to answer."),
    at="round",
)
NOT_BEGUN = Refusal(
    code="surveys.not_begun",
    message=Text("这轮调查从 {first} 开始。", "This round begins on {first}."),
    instead=Text("请到那天再答。", "Please answer from that day on."),
    at="round",
)
NOBODY = Refusal(
    code="surveys.nobody",
    message=Text("这个地区没有可以抽的居民。", "There is nobody in this area who could be drawn."),
    instead=Text(
        "请先登记居民，或换一个有居民登记的地区。",
        "Register residents first, or choose an area that has some.",
    ),
    at="area",
    status=422,
)
OVERLAPS = Refusal(
    code="surveys.overlaps",
    message=Text(
        "这些天里，这个地区已有一轮同样的调查（{first} 至 {last}）。",
        "There is such a round of this area on those days already ({first} to {last}).",
    ),
    instead=Text(
        "请等它结束，或先结束它，或改日期。", "Wait until it ends, end it first, or choose other days."
    ),
    at="first",
)
BEGUN = Refusal(
    code="surveys.begun",
    message=Text("开始日期已经过去。", "The first day has passed."),
    instead=Text("请从今天或以后开始。", "Begin today or later."),
    at="first",
    status=422,
)
ENDS_FIRST = Refusal(
    code="surveys.ends_first",
    message=Text("最后一天早于第一天。", "The last day lies before the first."),
    instead=Text("请改最后一天。", "Change the last day."),
    at="last",
    status=422,
)
SAMPLE = Refusal(
    code="surveys.sample",
    message=Text("抽 {least} 到 {most} 人。", "Draw {least} to {most} people."),
    instead=Text(
        "请改人数；居民不足时全部都问。", "Change the number; where there are fewer, all are asked."
    ),
    at="wanted",
    status=422,
)
HOW_ASKED = Refusal(
    code="surveys.how",
    message=Text(
        "没有写明是电话问的还是上门问的。", "It was not said whether this was by telephone or at the door."
    ),
    instead=Text("请选一种。", "Choose one."),
    at="how",
    status=422,
)
ENDED = Refusal(
    code="surveys.ended",
    message=Text("这轮调查已经结束。", "This round has ended."),
    instead=Text("结果在本页，可以导出。", "Its results stand on this page and can be exported."),
    at="round",
)
