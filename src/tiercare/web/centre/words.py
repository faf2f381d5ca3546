"""Waits, days and steps in words; shared by the pages of the centre."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext

from tiercare.apps.capacity.rules.cases import KIND_NAMES, STEP_NAMES, CaseKind, Step, StepState
from tiercare.kernel.clock import ZONE
from tiercare.web.pages import said

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
ICONS = {StepState.DONE: "check", StepState.NOT_NEEDED: "minus", StepState.OPEN: "dashed"}


def span(wait: timedelta) -> str:
    """3 天 4 小时; under an hour in minutes."""
    if wait >= _DAY:
        days, hours = wait.days, (wait - timedelta(days=wait.days)) // _HOUR
        return (
            gettext("%(days)s 天 %(hours)s 小时") % {"days": days, "hours": hours}
            if hours
            else gettext("%(days)s 天") % {"days": days}
        )
    if wait >= _HOUR:
        return gettext("%(hours)s 小时") % {"hours": wait // _HOUR}
    return gettext("%(minutes)s 分钟") % {"minutes": max(wait // timedelta(minutes=1), 0)}


def at(value: datetime) -> str:
    """11-24 08:30 in China."""
    return f"{value.astimezone(ZONE):%m-%d %H:%M}"


def day(value: datetime) -> str:
    """11-24: what is due is due on a day."""
    return f"{value.astimezone(ZONE):%m-%d}"


def kind(value: CaseKind) -> str:
    """住院, 择期手术, 日间手术."""
    return said(KIND_NAMES[value])


def step(value: Step) -> str:
    """预约, 术前评估, …"""
    return said(STEP_NAMES[value])
