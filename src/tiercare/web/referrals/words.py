"""Words of the pages of referrals: states as tags, how sure a source is, signs of comparisons."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_noop

from tiercare.apps.exchange.workflow import STATE_NAMES, State
from tiercare.apps.referrals.rules.vocabulary import KIND_NAMES, Kind
from tiercare.engines.guidelines import Confidence
from tiercare.web.pages import said

_ = gettext_noop
CONFIDENCE: Mapping[Confidence, str] = {
    Confidence.SEEN: _("原文核对"),
    Confidence.HIGH: _("把握高"),
    Confidence.MEDIUM: _("把握中等"),
    Confidence.OURS: _("本平台设定"),
}
YES_NO: Mapping[str, str] = {"yes": _("有"), "no": _("无")}
SIGNS: Mapping[str, str] = {">=": "≥", "<=": "≤", "==": "=", "!=": "≠"}
TAGS: Mapping[State, tuple[str, str]] = {
    State.DRAFT: ("not_in_force", "edit"),
    State.SUBMITTED: ("advice", "clock"),
    State.RETURNED: ("at_risk", "undo"),
    State.ACCEPTED: ("advice", "check"),
    State.SCHEDULED: ("advice", "calendar"),
    State.NO_SHOW: ("missed", "alert"),
    State.ARRIVED: ("waived", "check"),
    State.IN_CARE: ("waived", "bed"),
    State.REPORTED: ("met", "flag"),
    State.CLOSED: ("met", "check"),
    State.WITHDRAWN: ("not_applicable", "minus"),
    State.CANCELLED: ("not_applicable", "minus"),
    State.DIED: ("not_applicable", "minus"),
}


def state(value: State) -> dict[str, str]:
    """A state as a tag."""
    colour, icon = TAGS[value]
    return {"code": value.value, "name": said(STATE_NAMES[value]), "colour": colour, "icon": icon}


def kind(value: str) -> str:
    """上转, 下转, …"""
    return said(KIND_NAMES[Kind(value)]) if value in set(Kind) else value
