"""Numbers as the page shows them: shares, hours and days, and where each leads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from tiercare.apps.exchange.rules.kinds import URGENCY_NAMES, Urgency, kinds
from tiercare.apps.exchange.workflow import ACT_NAMES, STATE_NAMES, Act, State
from tiercare.apps.records.rules.vocabulary import STAGE_NAMES, Stage
from tiercare.apps.referrals.queries.channels import Coverage
from tiercare.apps.referrals.queries.statistics import (
    Bounced,
    Case,
    Down,
    Growth,
    Month,
    Narrowed,
    Statistics,
    Time,
)
from tiercare.apps.referrals.rules import measures
from tiercare.apps.referrals.rules.vocabulary import GROUP_NAMES, RETURNS, Group
from tiercare.web.pages import said

# In the order of the page: how many went, how they were answered, what went wrong.
_HEADS = ("sent", "up", "down", "lateral", "advice", "emergency")
_SHARES = ("accepted", "bounced", "without_place", "closed", "arrived", "missed")
_WARNINGS = ("open", "without_note", "escalated", "unheard", "lost_place")
# The chart: a column of two bars a month in a drawing of 600 by 150.
_WIDTH, _HEIGHT, _LEFT, _TOP, _NAMED = 560, 110, 36, 12, 6
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def page(found: Statistics, growth: Growth) -> dict[str, Any]:
    """The whole context."""
    up, down = found.counts["up"], found.counts["down"]
    return {
        "found": found,
        "heads": [_count(found, name) for name in _HEADS],
        "shares": [_count(found, name) for name in _SHARES],
        "warnings": [_count(found, name) for name in _WARNINGS],
        "ratio": f"{up / down:.1f} : 1" if down else "",
        "times": [_time(each) for each in found.times],
        "emergency": [_time(each) for each in found.emergency],
        "bounced": [_bounced(each) for each in found.bounced],
        "down": [_down(each) for each in found.down],
        "stages": [
            {
                "of": each,
                "name": said(STAGE_NAMES[Stage(each.stage)]),
                "median": _decimal(each.median),
                "p90": _decimal(each.p90),
            }
            for each in found.stages
        ],
        "growth": {"of": growth, "rate": per_cent(growth.rate), "target": per_cent(growth.target)},
        "chart": chart(found.months),
        "words": {
            name: said(getattr(measures, name)) for name in ("TIMES", "BOUNCES", "DOWN", "GROWTH", "STAGES")
        },
    }


def coverage(found: Sequence[Coverage]) -> list[dict[str, Any]]:
    """How much of an area is connected, and who is not."""
    return [
        {
            "of": each,
            "name": said(measures.COVERED[each.clause]),
            "share": per_cent(each.share),
            "target": per_cent(each.target),
            "definition": said(measures.CONNECTED) % {"days": each.within_days},
        }
        for each in found
        if each.of
    ]


def quarter(today: date) -> date:
    """The first day of the month two months before."""
    at = today.year * 12 + today.month - 3
    return date(at // 12, at % 12 + 1, 1)


def per_cent(share: float | None) -> str:
    """A share as it is read; nothing where there is none."""
    return "" if share is None else f"{share * 100:.1f}%"


def measure(name: str) -> dict[str, str]:
    """A count's name and words."""
    known = measures.MEASURES[name]
    return {"id": name, "name": said(known.name), "definition": said(known.definition)}


def return_name(code: str) -> str:
    """What a code of a return means; the code itself where it is none of ours."""
    return said(RETURNS[code].name) if code in RETURNS else code


def group_name(group: str) -> str:
    """A group of patients; empty where nobody said."""
    return said(GROUP_NAMES[Group(group)]) if group in set(Group) else ""


def narrowed(only: Narrowed) -> list[str]:
    """What a list was narrowed by, in words."""
    return [
        each for each in (return_name(only.code) if only.code else "", group_name(only.group or "")) if each
    ]


def case(each: Case) -> dict[str, Any]:
    """A line of the list behind a number."""
    known = kinds()
    return {
        "of": each,
        "kind": said(known[each.kind].name) if each.kind in known else each.kind,
        "state": said(STATE_NAMES[State(each.state)]),
        "urgency": said(URGENCY_NAMES[Urgency(each.urgency)]),
        "emergency": each.urgency == Urgency.EMERGENCY,
    }


def how_long(seconds: float) -> tuple[str, str]:
    """A time and its unit (``m``, ``h``, ``d``), as somebody would say it."""
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f}", "m"
    if seconds < 2 * _DAY:
        return f"{seconds / _HOUR:.1f}", "h"
    return f"{seconds / _DAY:.1f}", "d"


def chart(months: Sequence[Month]) -> dict[str, Any] | None:
    """Up and down by month as bars; nothing for less than two months."""
    if len(months) < 2:
        return None
    most = max(max(each.up, each.down) for each in months) or 1
    step, every = _WIDTH / len(months), -(-len(months) // _NAMED)
    wide = round(min(24, step / 3), 1)
    columns = []
    for number, each in enumerate(months):
        left = _LEFT + step * number + step / 2
        columns.append(
            {
                "month": f"{each.month:%Y-%m}" if number % every == 0 else "",
                "middle": round(left),
                "bars": [
                    {
                        "way": way,
                        "x": round(x, 1),
                        "y": round(_TOP + _HEIGHT * (1 - count / most), 1),
                        "height": round(_HEIGHT * count / most, 1),
                    }
                    for way, count, x in (("up", each.up, left - wide), ("down", each.down, left))
                ],
            }
        )
    return {"columns": columns, "most": most, "wide": wide}


def _count(found: Statistics, name: str) -> dict[str, Any]:
    known = measures.MEASURES[name]
    share = found.share(name, known.of) if known.of else None
    return {
        **measure(name),
        "count": found.counts[name],
        "of": found.counts[known.of] if known.of else None,
        "share": per_cent(share),
    }


def _time(each: Time) -> dict[str, Any]:
    return {
        "name": said(measures.STEPS[each.step]),
        "median": how_long(each.median),
        "p90": how_long(each.p90),
        "cases": each.cases,
    }


def _bounced(each: Bounced) -> dict[str, Any]:
    return {"of": each, "act": said(ACT_NAMES[Act(each.act)]), "reason": return_name(each.code)}


def _down(each: Down) -> dict[str, Any]:
    return {"of": each, "group": group_name(each.group)}


def _decimal(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
