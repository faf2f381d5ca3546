"""The region page as plain values: days, what happened, filters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext

from tiercare.apps.network.queries.explorer import Happened
from tiercare.apps.network.queries.listing import Wanted
from tiercare.apps.network.rules.reach import REACH_NAMES, Reach
from tiercare.web import labels
from tiercare.web.frame import Frame
from tiercare.web.pages import said

_LONGEST = 100
_PAGES = 100_000
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the slider; ``note`` says why it is offered where nothing happened on it."""

    on: date
    note: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Line:
    """Things of one kind that happened on the day: ``view`` and ``id`` open what ``name`` names."""

    view: str
    id: UUID
    name: str
    what: str
    names: tuple[str, ...]


def wanted(request: HttpRequest, page: str = "page") -> Wanted:
    """The filters of the address; what no filter offers narrows nothing."""

    def one_of(name: str, group: str) -> str:
        value = request.GET.get(name, "")
        return value if value in labels.GROUPS[group] and value else ""

    number = request.GET.get(page, "")
    reach = request.GET.get("reach", "")
    licence = request.GET.get("licence", "")
    institution = request.GET.get("institution", "")
    return Wanted(
        text=request.GET.get("q", "").strip()[:_LONGEST].replace("\x00", ""),
        category=one_of("category", "category"),
        level=one_of("level", "level"),
        owner=one_of("owner", "owner"),
        kind=one_of("kind", "kind"),
        reach=reach if reach in (Reach.PROVINCES, Reach.PREFECTURES) else "",
        licence=licence if licence in ("expired", "soon") else "",
        member=UUID(institution) if _UUID.fullmatch(institution) else None,
        page=min(int(number), _PAGES) if number.isascii() and number.isdigit() and int(number) else 1,
    )


def offered() -> dict[str, list[tuple[str, str]]]:
    """What each filter can be set to."""
    return {
        **{group: labels.choices(group) for group in ("category", "level", "owner", "kind")},
        "reach": [(reach.value, said(REACH_NAMES[reach])) for reach in (Reach.PREFECTURES, Reach.PROVINCES)],
    }


def days(found: Sequence[date], frame: Frame) -> list[Day]:
    """The days to choose from: those on which something began or ended, the demonstration's day, today, and
    the day that is shown."""
    notes: dict[date, str] = dict.fromkeys(found, "")
    for on, note in (
        (frame.on, gettext("所选日期")),
        (frame.verdict_days.get(frame.pack.id), gettext("演示日")),
        (frame.today, gettext("今天")),
    ):
        if on is not None and on not in found:
            notes[on] = note
    return [Day(on, note, on == frame.on) for on, note in sorted(notes.items())]


def happened(found: Sequence[Happened]) -> list[Line]:
    """What happened on the day; many members that joined one consortium are one thing that happened."""

    def same(each: Happened) -> tuple[str, bool, str, str]:
        return each.what, each.began, str(each.id), each.role or ""

    lines = []
    for _, group in groupby(
        sorted(found, key=lambda each: (_ORDER[each.what], not each.began, same(each))), same
    ):
        rows = list(group)
        first = rows[0]
        view = "institutions:detail" if first.what == "institution" else "consortia:detail"
        names = tuple(each.other for each in rows if each.other)
        lines.append(Line(view, first.id, first.name, _word(first, len(names)), names))
    return lines


_ORDER = {"consortium": 0, "joined": 1, "member": 2, "institution": 3}


def _word(first: Happened, count: int) -> str:
    if first.what == "member":
        role = labels.name("role", first.role or "")
        text = gettext("%(role)s %(count)d 家加入") if first.began else gettext("%(role)s %(count)d 家退出")
        return text % {"role": role, "count": count}
    if first.what == "joined":
        text = gettext("%(count)d 个医联体整体加入") if first.began else gettext("%(count)d 个医联体整体退出")
        return text % {"count": count}
    if first.former is not None and first.former != first.name:
        return gettext("由“%(former)s”更名") % {"former": first.former}
    if first.former is not None:
        return gettext("登记内容变更")
    if first.what == "consortium":
        return gettext("成立") if first.began else gettext("终止")
    return gettext("设立") if first.began else gettext("关闭")
