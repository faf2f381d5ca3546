"""Bulletins and deliveries as templates show them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from tiercare.apps.evaluation.queries.book import book_of
from tiercare.apps.evaluation.queries.bulletins import Line, circulation_of
from tiercare.apps.evaluation.queries.deliveries import Sent
from tiercare.apps.evaluation.queries.matters import Noted
from tiercare.apps.evaluation.rules.bulletins import PURPOSES, period_text
from tiercare.apps.evaluation.workflow import ACT_NAMES, STATE_NAMES, Act, State
from tiercare.kernel.text import Text
from tiercare.web.pages import said
from tiercare.web.requests.words import stamp

# A bulletin's states in its own words, with the colour and icon of the tag.
_DRAFT = Text("草稿", "draft")
_SENT = Text("已发送", "sent")
_READY = Text("已审定，待发送", "approved, to be sent")
_FILED = Text("已归档", "filed away")
_TAGS = {
    State.OPEN: ("at", "edit"),
    State.RETURNED: ("missed", "edit"),
    State.SUBMITTED: ("advice", "clock"),
    State.APPROVED: ("advice", "check"),
    State.LOCKED: ("met", "check"),
    State.WITHDRAWN: ("not", "ban"),
}
_OTHERS = Text("本地区的其他指标", "other indicators of the region")
_DEFAULT = Text("默认指标（政策包）", "the pack's own set")


def period(text: str) -> str:
    """``2019Q4`` in words."""
    return said(period_text(text))


def line(each: Line) -> dict[str, Any]:
    """A bulletin in the list."""
    standing = each.of.standing
    return {
        "id": standing.id,
        "title": standing.title,
        "period": period(standing.period),
        "state": _state(standing.state, each.sent),
        "due_on": standing.due_on,
        "overdue": standing.overdue,
        "sent": each.sent,
        "read": each.read,
        "by": each.of.made_by,
        "day": stamp(each.of.made_at),
    }


def state(of: State, sent: Sequence[Sent]) -> dict[str, str]:
    """Where a bulletin stands."""
    return _state(of, len(sent))


def _state(of: State, sent: int) -> dict[str, str]:
    tag, icon = _TAGS.get(of, ("at", "clock"))
    name = STATE_NAMES[of]
    if of is State.OPEN:
        name = _DRAFT
    elif of is State.LOCKED:
        name = _FILED
    elif of is State.APPROVED:
        name, tag = (_SENT, "met") if sent else (_READY, tag)
    return {"name": said(name), "tag": tag, "icon": icon}


def sent(each: Sent) -> dict[str, Any]:
    """A delivery in a list."""
    return {
        "of": each,
        "purpose": said(PURPOSES[each.purpose]) if each.purpose in PURPOSES else each.purpose,
        "sent_at": stamp(each.sent_at),
        "read_at": stamp(each.read_at) if each.read_at else "",
        "reminded_at": stamp(each.reminded_at) if each.reminded_at else "",
        "withdrawn_at": stamp(each.withdrawn_at) if each.withdrawn_at else "",
    }


def entry(each: Noted) -> dict[str, Any]:
    """A line of the history."""
    act = _SENT_BACK.get(each.act, ACT_NAMES[each.act])
    return {"at": stamp(each.at), "act": said(act), "by": each.by, "words": each.words}


_SENT_BACK = {
    Act.ISSUE: Text("拟稿", "drafted"),
    Act.NOTE: Text("修改", "changed"),
    Act.SUBMIT: Text("报审", "submitted"),
    Act.LOCK: Text("归档", "filed away"),
    Act.WITHDRAW: Text("撤回", "withdrawn"),
}


def indicator_groups(pack: str, chosen: Collection[str]) -> list[dict[str, Any]]:
    """The region's indicators to tick: the pack's own set first, then the others."""
    book = book_of(pack)
    circular = circulation_of(pack).circular
    first = [each for each in (circular.indicators if circular else ()) if each in book.indicators]
    groups = []
    for name, keys in ((_DEFAULT, first), (_OTHERS, [key for key in book.indicators if key not in first])):
        lines = []
        for key in keys:
            newest = book.indicators[key][-1]
            lines.append(
                {
                    "key": key,
                    "name": said(newest.name),
                    "says": said(newest.says),
                    "clauses": newest.clauses,
                    "chosen": key in chosen,
                }
            )
        groups.append({"name": said(name), "lines": lines, "open": name is _DEFAULT})
    return groups
