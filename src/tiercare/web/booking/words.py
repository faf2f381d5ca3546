"""Days, channels and states of bookings in the words of the pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.utils.translation import gettext, gettext_noop

from tiercare.apps.capacity.rules.vocabulary import CHANNEL_NAMES, Channel
from tiercare.apps.capacity.workflow import STATE_NAMES, State
from tiercare.kernel.clock import ZONE
from tiercare.web.pages import said

_ = gettext_noop
_WEEKDAYS = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
# Why a booking goes through this channel; the first words of each are the tag.
KEPT: Mapping[Channel, str] = {
    Channel.FAMILY_DOCTOR: _("家庭医生转诊预留"),
    Channel.REFERRAL: _("转诊预留"),
    Channel.MEMBER: _("成员单位预留"),
    Channel.OPEN: _("公开号源"),
    Channel.WALK_IN: _("现场号"),
    Channel.OVERBOOK: _("加号"),
}
WHY: Mapping[Channel, str] = {
    Channel.FAMILY_DOCTOR: _(
        "居民由本机构的家庭医生负责，转到外院可先用为家庭医生转诊预留的号源，用完再用其他号源。"
    ),
    Channel.REFERRAL: _("有进行中的转诊申请，可用为转诊预留的号源。"),
    Channel.MEMBER: _("本机构与接诊机构在同一医联体，可用为成员单位预留的号源。"),
    Channel.OPEN: _("可用对所有人开放的号源；为转诊预留的，到释放时间没用完也会开放。"),
}
TAGS: Mapping[State, tuple[str, str]] = {
    State.HELD: ("at_risk", "clock-x"),
    State.BOOKED: ("advice", "calendar"),
    State.ARRIVED: ("waived", "check"),
    State.ATTENDED: ("met", "check"),
    State.NO_SHOW: ("violated", "ban"),
    State.CANCELLED: ("not_applicable", "minus"),
    State.MOVED: ("not_applicable", "switch"),
    State.STOPPED: ("missed", "ban"),
    State.LAPSED: ("not_applicable", "clock-x"),
}


def day(value: date, today: date) -> str:
    """今天, 明天, or the day with its weekday: 11-24 周二."""
    near = {0: gettext("今天"), 1: gettext("明天"), 2: gettext("后天")}.get((value - today).days)
    weekday = gettext(_WEEKDAYS[value.weekday()])
    shown = f"{value:%m-%d}" if value.year == today.year else value.isoformat()
    return f"{near} {shown} {weekday}" if near else f"{shown} {weekday}"


def date_in_full(value: date) -> str:
    """For paper, which is read on another day: 2026-11-24 周二."""
    return f"{value.isoformat()} {gettext(_WEEKDAYS[value.weekday()])}"


def clock(value: datetime) -> str:
    """08:30 in China."""
    return f"{value.astimezone(ZONE):%H:%M}"


def moment(value: datetime) -> str:
    """11-22 08:30 in China."""
    return f"{value.astimezone(ZONE):%m-%d %H:%M}"


def half(value: datetime) -> str:
    """上午, 下午 or 晚上: how people name a session."""
    hour = value.astimezone(ZONE).hour
    return gettext("上午") if hour < 12 else gettext("下午") if hour < 18 else gettext("晚上")


def channel(value: Channel) -> str:
    """家庭医生转诊, …"""
    return said(CHANNEL_NAMES[value])


def kept(value: Channel) -> str:
    """家庭医生转诊预留, …"""
    return gettext(KEPT[value])


def why(value: Channel) -> str:
    """Why the booking goes through this channel."""
    return gettext(WHY[value]) if value in WHY else ""


def state(value: State) -> dict[str, str]:
    """A state as a tag: word, colour and icon."""
    colour, icon = TAGS[value]
    return {"code": value.value, "name": said(STATE_NAMES[value]), "colour": colour, "icon": icon}


def left(units: int) -> str:
    """余 3."""
    return gettext("余 %(units)s") % {"units": units}
