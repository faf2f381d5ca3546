"""The services of primary care that residents ask for (XH-23): which there are, what may be said, and what residents
are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

# The longest that somebody writes about what they need, or why not, in characters: what a short message holds.
LONGEST_WORDS = 200
# Where a text lists services and sets no time for them, they are due at once: nothing stays open without a time.
NO_TIME = timedelta()


class Service(StrEnum):
    """The services, by the words of the packs (XH-23 ``services``)."""

    HOME = "home"
    DOOR_TO_DOOR = "door_to_door"
    MEDICAL_ELDERLY = "medical_elderly"
    HEALTH_MANAGEMENT = "health_management"


SERVICE_NAMES: Mapping[Service, Text] = {
    Service.HOME: Text("家庭服务", "care at home"),
    Service.DOOR_TO_DOOR: Text("上门服务", "a visit at your door"),
    Service.MEDICAL_ELDERLY: Text("医养融合服务", "medical care for the elderly"),
    Service.HEALTH_MANAGEMENT: Text("健康管理服务", "health management"),
}
# In a resident's words; the document names the services and does not describe them.
SERVICE_MEANS: Mapping[Service, Text] = {
    Service.HOME: Text(
        "要长期治疗、护理的，在家里接着治：家庭病床、定期查床。",
        "Longer treatment and nursing in your own bed.",
    ),
    Service.DOOR_TO_DOOR: Text(
        "行动不便的，医生护士上门看病、换药、测血压。", "A doctor or nurse comes if you cannot walk to them."
    ),
    Service.MEDICAL_ELDERLY: Text(
        "老人在家或在养老机构，医生定期巡诊，护理、康复有人管。",
        "Regular rounds, nursing and rehabilitation for old people at home or in a care home.",
    ),
    Service.HEALTH_MANAGEMENT: Text(
        "体检、慢性病随访，饮食和运动有人指导。",
        "Check-ups, follow-up of chronic disease, advice on food and exercise.",
    ),
}


def services_of(words: Iterable[str]) -> tuple[Service, ...]:
    """Those of the pack's words that are services here, in its order."""
    known = set(Service)
    return tuple(Service(word) for word in words if word in known)


def words_refusal(words: str, *, at: str, needed: bool = True) -> Refusal | None:
    """Whether something was written, where it is ``needed``, and not too much."""
    if needed and not words:
        return replace(NO_WORDS, at=at)
    return replace(TOO_LONG, at=at) if len(words) > LONGEST_WORDS else None


def time_refusal(visit_at: datetime, *, now: datetime, furthest: timedelta | None) -> Refusal | None:
    """Whether it can be agreed to come then: not in the past, and not so late that it is no answer."""
    if visit_at <= now:
        return TIME_PAST
    if furthest is not None and visit_at > now + furthest:
        return replace(TIME_TOO_FAR, fields={"days": furthest.days})
    return None


def early_refusal(visit_at: datetime | None, *, now: datetime) -> Refusal | None:
    """Nothing is done before the time that was agreed."""
    if visit_at is None or visit_at <= now:
        return None
    return replace(NOT_YET, fields={"when": spoken(visit_at)})


def told_agreed(service: Service, institution: str, visit_at: datetime, words: str) -> str:
    """What a resident is told when a time was agreed."""
    more = f"{words.rstrip('。')}。" if words else ""
    return (
        f"【分级诊疗】{institution}答应了您的{SERVICE_NAMES[service].zh}申请，约定{spoken(visit_at)}。{more}"
        "时间不合适的，请在“上门与健康服务”里撤回再申请，或给机构打电话。"
    )


def told_declined(service: Service, institution: str, words: str, instead: str) -> str:
    """What a resident is told when it cannot be done: why, and what else."""
    return (
        f"【分级诊疗】{institution}暂时不能提供您申请的{SERVICE_NAMES[service].zh}：{words.rstrip('。')}。"
        f"您可以：{instead.rstrip('。')}。"
    )


def told_done(service: Service, institution: str) -> str:
    """What a resident is told when it is recorded as done, so that they can say otherwise."""
    return (
        f"【分级诊疗】{institution}登记您申请的{SERVICE_NAMES[service].zh}已完成。"
        "没有做到的，请再申请一次并写明情况。"
    )


def spoken(moment: datetime) -> str:
    """A moment as a clerk would say it: 12月3日08:30."""
    local = moment.astimezone(ZONE)
    return f"{local.month}月{local.day}日{local:%H:%M}"


NO_SUCH_SERVICE = Refusal(
    code="residents.care_service",
    message=Text("没有这种服务。", "There is no such service."),
    instead=Text(
        "请从家庭、上门、医养融合、健康管理四种里选一种。",
        "Choose care at home, a visit at the door, medical care for the elderly or health management.",
    ),
    at="service",
    status=422,
)
NOT_OFFERED_HERE = Refusal(
    code="residents.care_not_offered",
    message=Text(
        "您所在地的政策没有列入{service}，平台不受理申请。",
        "The policy in force where you live does not list {service}: it cannot be asked for here.",
    ),
    instead=Text(
        "可以直接预约基层门诊，或打电话问您的家庭医生。",
        "Book a place in primary care, or call your family doctor.",
    ),
    at="service",
    status=422,
)
NO_STATION = Refusal(
    code="residents.care_nobody",
    message=Text(
        "附近没有能受理的基层机构。", "There is no primary-care institution near that could take it."
    ),
    instead=Text(
        "请到最近的卫生院或社区卫生服务中心窗口登记，以后就能申请。",
        "Register at the desk of the nearest health centre; then it can be asked for.",
    ),
    at="service",
)
ASKED_ALREADY = Refusal(
    code="residents.care_asked_already",
    message=Text("您已经申请过这项服务，还没有办完。", "You have asked for this service already."),
    instead=Text(
        "请在下面看办到哪一步；情况有变的，先撤回再申请。",
        "See below where it stands; withdraw it to ask anew.",
    ),
    at="service",
)
DECEASED = Refusal(
    code="residents.care_deceased",
    message=Text("这位居民登记为已故，不能申请。", "The resident is recorded as deceased."),
    instead=Text(
        "登记有误的，请到建档机构更正。", "If that is wrong, have it corrected where the file is kept."
    ),
    at="service",
)
NO_WORDS = Refusal(
    code="residents.care_words",
    message=Text("还没有写。", "Nothing is written yet."),
    instead=Text("请写一两句话。", "Write a sentence or two."),
    status=422,
)
TOO_LONG = Refusal(
    code="residents.care_words_long",
    message=Text("写得太长。", "That is too long."),
    instead=Text(f"请写在 {LONGEST_WORDS} 字以内。", f"Write at most {LONGEST_WORDS} characters."),
    status=422,
)
TIME_PAST = Refusal(
    code="residents.care_time_past",
    message=Text("约定的时间已经过去。", "That time has passed."),
    instead=Text("请选现在以后的时间。", "Choose a time to come."),
    at="visit_at",
    status=422,
)
TIME_TOO_FAR = Refusal(
    code="residents.care_time_far",
    message=Text("约定的时间在 {days} 天以后，太远了。", "That is more than {days} days from now."),
    instead=Text(
        "请约近一点；近期确实不能提供的，点“不能提供”，写明别的办法。",
        "Agree an earlier time, or decline and name another way.",
    ),
    at="visit_at",
    status=422,
)
NOT_YET = Refusal(
    code="residents.care_not_yet",
    message=Text("约定的是{when}，还没有到。", "It was agreed for {when}, which has not come yet."),
    instead=Text(
        "提前去了的，先把约定时间改成实际的时间，再登记完成。",
        "If it was done before, agree the time at which it was, then record it.",
    ),
)
NO_SUCH_REQUEST = Refusal(
    code="residents.no_such_care_request",
    message=Text("没有这条申请，或它不归您办理。", "There is no such request, or it is not yours."),
    instead=Text("请从名单里选择。", "Choose one from the list."),
    status=404,
)
