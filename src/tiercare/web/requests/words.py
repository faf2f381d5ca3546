"""States, urgencies, owners and times of requests in the words of the pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext, gettext_noop

from tiercare.apps.exchange.rules.kinds import URGENCY_NAMES, Urgency, kinds
from tiercare.apps.exchange.rules.owners import LEVEL_NAMES, Level, Owner
from tiercare.apps.exchange.workflow import ACT_NAMES, STATE_NAMES, Act, State
from tiercare.kernel.clock import ZONE, day_of
from tiercare.web.booking import words as days
from tiercare.web.pages import said

_ = gettext_noop
# Colour and icon of each state; the word stands beside them always.
TAGS: Mapping[State, tuple[str, str]] = {
    State.DRAFT: ("not_in_force", "edit"),
    State.SUBMITTED: ("at_risk", "clock"),
    State.RETURNED: ("missed", "undo"),
    State.ACCEPTED: ("advice", "check"),
    State.SCHEDULED: ("advice", "calendar"),
    State.NO_SHOW: ("violated", "ban"),
    State.ARRIVED: ("waived", "pin"),
    State.IN_CARE: ("waived", "bed"),
    State.REPORTED: ("at_risk", "book"),
    State.CLOSED: ("met", "check"),
    State.WITHDRAWN: ("not_applicable", "minus"),
    State.CANCELLED: ("not_applicable", "minus"),
    State.DIED: ("not_applicable", "minus"),
}
URGENCY_TAGS: Mapping[Urgency, tuple[str, str]] = {
    Urgency.EMERGENCY: ("violated", "alert"),
    Urgency.URGENT: ("at_risk", "flag"),
    Urgency.ROUTINE: ("not_applicable", "minus"),
}
# What is said once it is done.
DONE: Mapping[Act, str] = {
    Act.ACCEPT: _("已接收。"),
    Act.RETURN: _("已退回，对方会看到原因和可以怎么办。"),
    Act.REDIRECT: _("已转交，申请方会收到通知。"),
    Act.SCHEDULE: _("已安排时间，双方都会收到通知。"),
    Act.ARRIVE: _("已登记到院。"),
    Act.MISS: _("已登记未到，由申请方联系患者。"),
    Act.LEAVE: _("已登记离院未诊，由申请方联系患者。"),
    Act.TAKE_IN: _("已开始诊治，由您负责到回复为止。"),
    Act.REPORT: _("已回复，申请医生会收到通知。"),
    Act.ACKNOWLEDGE: _("已确认收到，这条申请办结了。"),
    Act.WITHDRAW: _("已撤回。"),
    Act.CANCEL: _("已取消，占用的号源已放回。"),
    Act.DIE: _("已登记去世，这条申请到此结束。"),
}


def state(value: State) -> dict[str, str]:
    """A state as a tag."""
    colour, icon = TAGS[value]
    return {"code": value.value, "name": said(STATE_NAMES[value]), "colour": colour, "icon": icon}


def urgency(value: Urgency) -> dict[str, str]:
    """An urgency as a tag."""
    colour, icon = URGENCY_TAGS[value]
    return {"code": value.name, "name": said(URGENCY_NAMES[value]), "colour": colour, "icon": icon}


def kind(code: str) -> str:
    """上转, 下转, …"""
    known = kinds().get(code)
    return said(known.name) if known else code


def act(value: Act) -> str:
    """接收, 退回, …"""
    return said(ACT_NAMES[value])


def due(due_at: datetime | None, now: datetime) -> dict[str, Any]:
    """By when: how long still, or how long over, and the moment itself."""
    if due_at is None:
        return {}
    left = due_at - now
    over = left <= timedelta(0)
    shown = span(-left if over else left)
    text = gettext("已超 %(span)s") if over else gettext("还剩 %(span)s")
    return {
        "words": text % {"span": shown},
        "at": moment(due_at, day_of(now)),
        "over": over,
        "near": near(left),
        "today": not over and day_of(due_at) == day_of(now),
    }


def near(left: timedelta) -> bool:
    """True where less than half an hour is left: the eye should find it. A way of showing, no limit of any document."""
    return timedelta(0) < left <= timedelta(minutes=30)


def span(value: timedelta) -> str:
    """25 分, 3 小时, 2 天: the two largest parts would be more than an eye takes in."""
    minutes = max(1, round(value.total_seconds() / 60))
    if minutes < 100:
        return gettext("%(n)s 分") % {"n": minutes}
    hours = round(minutes / 60)
    if hours < 48:
        return gettext("%(n)s 小时") % {"n": hours}
    return gettext("%(n)s 天") % {"n": round(hours / 24)}


def moment(value: datetime, today: date) -> str:
    """今天 14:05, 11-24 周二 08:30."""
    return f"{days.day(value.astimezone(ZONE).date(), today)} {days.clock(value)}"


def stamp(value: datetime) -> str:
    """2026-11-22 14:05, as it stands on paper and in timelines."""
    return f"{value.astimezone(ZONE):%Y-%m-%d %H:%M}"


def owner(of: Owner | None, name: str) -> str:
    """示例医院 · 转诊办公室, or the person."""
    if of is None:
        return ""
    level = said(LEVEL_NAMES[of.level])
    if of.level is Level.PERSON:
        return name or level
    return f"{name} · {level}" if name else level
