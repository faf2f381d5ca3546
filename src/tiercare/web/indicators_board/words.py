"""Names of tiers, ways and doubts."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext

from tiercare.apps.evaluation.queries.values import Noted
from tiercare.web.pages import english


def tiers() -> Mapping[str, str]:
    """Where somebody is treated, from below."""
    return {
        "primary": gettext("基层"),
        "secondary": gettext("二级"),
        "tertiary": gettext("三级"),
        "other": gettext("其他机构"),
    }


def arrivals() -> Mapping[str, str]:
    """How somebody came."""
    return {
        "self": gettext("自行就诊"),
        "referred_up": gettext("上转而来"),
        "referred_down": gettext("下转而来"),
        "emergency": gettext("急诊"),
    }


def ways() -> Mapping[str, str]:
    """Which way a referral goes."""
    return {"up": gettext("上转"), "down": gettext("下转"), "lateral": gettext("平转")}


def doubt(noted: Noted) -> str:
    """What was noticed beside a number, in a sentence."""
    return str(noted.content.get("en" if english() else "zh", noted.name))
