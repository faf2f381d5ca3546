"""Where a number leads: the page of its indicator, at the very period and holder."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from tiercare.apps.evaluation.queries.values import Number
from tiercare.web.frame import Frame


def address(
    frame: Frame, indicator: str, number: Number | None, span: str = "", level: str = "", key: str = ""
) -> str:
    """The page of an indicator at the very number that stands here."""
    asked = {
        "region": frame.pack.id,
        "on": frame.on.isoformat(),
        "span": number.span if number else span,
        "level": number.level if number else level,
        "key": number.key if number else key,
    }
    return f"{reverse('indicators:one', args=[indicator])}?{urlencode(asked)}"
