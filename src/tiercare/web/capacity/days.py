"""Days in an address, and a run of them in weeks from Monday: what the previews and boards stand on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest

from tiercare.apps.terms import queries as terms
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .presenters import weekday

_FIRST, _LAST = date(1949, 10, 1), date(2199, 12, 31)


def asked(request: HttpRequest, name: str, otherwise: date, *, sent: Mapping[str, str] | None = None) -> date:
    """The day that an address or a form names.

    Raises:
        Refused: if it is none.
    """
    text = (sent if sent is not None else request.GET).get(name, "")
    if not text:
        return otherwise
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not _FIRST <= found <= _LAST:
        raise Refused(_not_a_day(name, text))
    return found


def monday(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def heads(first: date, last: date, *, today: date) -> list[dict[str, Any]]:
    """Days with their weekday, and what the calendar calls them: a holiday, or a weekend that is worked."""
    return [
        {
            "day": day,
            "weekday": weekday(day),
            "weekend": day.isoweekday() > 5,
            "holiday": kind.name if kind.holiday else "",
            "made_up": kind.worked and day.isoweekday() > 5,
            "unknown": not kind.published,
            "today": day == today,
        }
        for day, kind in terms.workdays(first, last).items()
    ]


def in_weeks(found: Sequence[dict[str, Any]]) -> list[Sequence[dict[str, Any]]]:
    """The same in pieces of a week at most, each from its Monday."""
    weeks: list[list[dict[str, Any]]] = []
    for each in found:
        if not weeks or each["day"].isoweekday() == 1:
            weeks.append([])
        weeks[-1].append(each)
    return [*weeks]


def _not_a_day(name: str, text: str) -> Refusal:
    return Refusal(
        code="web.not_a_day",
        message=Text("“{day}”不是可用的日期。", "“{day}” is not a usable date."),
        instead=Text("请按 2026-11-23 的样子填写日期。", "Write the date like 2026-11-23."),
        fields={"day": text[:40]},
        at=name,
        status=422,
    )
