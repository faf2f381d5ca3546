"""How messages to residents say things."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tiercare.kernel.clock import ZONE


def spoken(moment: datetime) -> str:
    """A moment as a clerk would say it: 12月3日08:30."""
    local = moment.astimezone(ZONE)
    return f"{local.month}月{local.day}日{local:%H:%M}"


def reminder(
    *,
    starts_at: datetime,
    number: int,
    institution: str,
    pool: str,
    physician: str,
    place: str,
    details: Mapping[str, Any],
) -> str:
    """What somebody is reminded of: where, when, which number, what to bring, how to prepare, and how to cancel.
    ``details`` are those of the pool."""
    who = f"（{physician}）" if physician else ""
    where = f"，地点{place}" if place else ""
    bring = str(details.get("bring", "")).strip()
    told = [
        f"提醒：您约了{spoken(starts_at)}{institution}{pool}{who}，{number} 号{where}",
        f"请带身份证或健康卡{f'，以及{bring}' if bring else ''}",
    ]
    if details.get("fasting") is True:
        told.append("检查前请空腹")
    if preparation := str(details.get("preparation", "")).strip():
        told.append(preparation)
    told.append("来不了请提前在“我的预约”里取消或改约，也可以请帮您预约的机构办理，把号留给别人")
    return "。".join(each.rstrip("。") for each in told) + "。"
