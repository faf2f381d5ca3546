"""The month as a grid of weeks, what is overdue above it, and the same as iCalendar text."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from tiercare.apps.network.queries.calendar import ItemKind
from tiercare.apps.network.rules.papers import Standing
from tiercare.web import labels
from tiercare.web.agreements.presenters import tag
from tiercare.web.frame import Frame
from tiercare.web.pages import said

from .supervised import DueKind, Entry

FILTERS = ("kind", "party")
_KIND_ICONS: Mapping[ItemKind | DueKind, str] = {
    ItemKind.OBLIGATION: "list",
    ItemKind.MILESTONE: "flag",
    ItemKind.AGREEMENT_END: "undo",
    ItemKind.LICENCE: "shield",
    ItemKind.DEADLINE: "scale",
    DueKind.MATTER: "edit",
    DueKind.REGULAR: "search",
    DueKind.TARGET: "scale",
}
# Days that are only told: whether they were kept, the board says.
_PLAIN = frozenset({ItemKind.DEADLINE, DueKind.TARGET})


def bounds(month: date) -> tuple[date, date]:
    """The first and the last day that the grid of this month shows: whole weeks from Monday."""
    first = month.replace(day=1)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    return first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())


def beside(month: date) -> tuple[str, str]:
    """The months before and after, as addresses write them."""
    before = month.replace(day=1) - timedelta(days=1)
    after = month.replace(day=28) + timedelta(days=4)
    return before.strftime("%Y-%m"), after.strftime("%Y-%m")


def fitting(items: Iterable[Entry], wanted: Mapping[str, str]) -> list[Entry]:
    """Entries that fit the filters."""
    return [
        item
        for item in items
        if wanted.get("kind") in ("", None, item.kind.value)
        and (not wanted.get("party") or wanted["party"] in {key for key, _ in item.parties})
    ]


def offered(items: Sequence[Entry]) -> dict[str, list[tuple[str, str]]]:
    """What the filters can be set to: kinds and parties that occur, the busiest party first."""
    parties = Counter(party for item in items for party in item.parties)
    return {
        "kind": labels.choices("calendar_kind"),
        "party": [party for party, _ in sorted(parties.items(), key=lambda pair: (-pair[1], pair[0][1]))],
    }


def weeks(items: Sequence[Entry], month: date, frame: Frame) -> list[list[dict[str, Any]]]:
    """Weeks of days, each with its entries."""
    first, last = bounds(month)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    cells = [
        {
            "day": day,
            "inside": day.month == month.month,
            "today": day == frame.on,
            "items": [shown(item, frame) for item in items if item.on == day],
        }
        for day in days
    ]
    return [cells[n : n + 7] for n in range(0, len(cells), 7)]


def overdue(items: Sequence[Entry], frame: Frame) -> list[dict[str, Any]]:
    """What is overdue on the day, the oldest first."""
    return [shown(item, frame) for item in items if item.standing is Standing.OVERDUE]


def shown(item: Entry, frame: Frame) -> dict[str, Any]:
    """An entry with the address of the thing that mends it."""
    late = item.kind is ItemKind.AGREEMENT_END and item.standing is Standing.OVERDUE
    state = tag("standing", item.standing)
    return {
        "of": item,
        "kind": item.kind.value,
        "kind_name": labels.name("calendar_kind", item.kind),
        "icon": _KIND_ICONS[item.kind],
        "text": said(item.text),
        "who": item.parties[0][1] if item.parties else "",
        "parties": " → ".join(name for _, name in item.parties),
        "state": {**state, "name": gettext("该续签了")} if late else state,
        "plain": item.kind in _PLAIN,
        "href": address(item, frame),
        "mend": _MENDS[item.kind](),
    }


_MENDS: Mapping[ItemKind | DueKind, Callable[[], str]] = {
    ItemKind.OBLIGATION: lambda: gettext("登记履行"),
    ItemKind.MILESTONE: lambda: gettext("登记完成"),
    ItemKind.AGREEMENT_END: lambda: gettext("起草续签"),
    ItemKind.LICENCE: lambda: gettext("更新许可证"),
    ItemKind.DEADLINE: lambda: gettext("查看规则"),
    DueKind.MATTER: lambda: gettext("打开事项"),
    DueKind.REGULAR: lambda: gettext("安排检查"),
    DueKind.TARGET: lambda: gettext("查看条款"),
}


def address(item: Entry, frame: Frame) -> str:
    """Where the entry can be mended."""
    what, key = item.target
    key, _, anchor = key.partition("#")
    if what == "agreement":
        path = reverse("agreements:detail", args=[key])
    elif what == "milestone":
        path, anchor = reverse("calendar:plans"), f"stage-{key}"
    elif what == "matter":
        path = reverse("supervision:one", args=[key])
    elif what == "template":
        return f"{reverse('supervision:new')}?{frame.query}&template={key}"
    elif what == "clause":
        path = reverse("clauses:detail", args=[key])
    elif what == "card":
        path = reverse("rules:card", args=key.split("/"))
    else:
        path = reverse("institutions:detail", args=[key])
    return f"{path}?{frame.query}" + (f"#{anchor}" if anchor else "")


# --- iCalendar (RFC 5545) ------------------------------------------------------------------------------

_FOLD = 74  # octets a line, RFC 5545 section 3.1, less the blank that continues it


def icalendar(items: Sequence[Entry], frame: Frame, *, site: str, synthetic: bool) -> str:
    """The entries as all-day events; in a synthetic installation every one says so."""
    mark = gettext("【演示数据】") if synthetic else ""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Tiercare//Calendar//ZH", "CALSCALE:GREGORIAN"]
    for item in items:
        told = shown(item, frame)
        uid = "-".join((item.kind.value.lower(), item.target[1], item.on.isoformat()))
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_escaped(uid)}@tiercare",
            f"DTSTAMP:{frame.on:%Y%m%d}T000000Z",
            f"DTSTART;VALUE=DATE:{item.on:%Y%m%d}",
            f"SUMMARY:{_escaped(mark + told['kind_name'] + ' ' + told['text'])}",
            f"DESCRIPTION:{_escaped(told['parties'] + ' ' + told['state']['name'])}",
            f"URL:{site}{told['href']}",
            "END:VEVENT",
        ]
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _escaped(text: str) -> str:
    """Text as RFC 5545 section 3.3.11 wants it: nothing in a name can start another line or value."""
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "".join("\\n" if c in "\r\n\u2028\u2029\x85" else c for c in plain if c in "\r\n" or c >= " ")


def _folded(line: str) -> str:
    """A long line in pieces, none of which cuts a character."""
    pieces, piece = [], ""
    for character in line:
        if len((piece + character).encode()) > _FOLD:
            pieces.append(piece)
            piece = ""
        piece += character
    return "\r\n ".join([*pieces, piece])
