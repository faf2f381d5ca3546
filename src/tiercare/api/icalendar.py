"""Days as a calendar that other programs subscribe to (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from tiercare.apps.network.queries.calendar import Item

_FOLD = 74  # octets a line, RFC 5545 section 3.1, less the blank that continues it


def icalendar(items: Iterable[Item], on: date, *, synthetic: bool) -> str:
    """The entries as all-day events, as they stand on ``on``; in a demonstration every one says so."""
    mark = "【演示数据】" if synthetic else ""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Tiercare//API//ZH", "CALSCALE:GREGORIAN"]
    for item in items:
        uid = "-".join((item.kind.value.lower(), item.target[1], item.on.isoformat()))
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_escaped(uid)}@tiercare",
            f"DTSTAMP:{on:%Y%m%d}T000000Z",
            f"DTSTART;VALUE=DATE:{item.on:%Y%m%d}",
            f"SUMMARY:{_escaped(mark + item.text.zh)}",
            f"DESCRIPTION:{_escaped(' → '.join(name for _, name in item.parties) + ' ' + item.standing.value)}",
            "END:VEVENT",
        ]
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _escaped(text: str) -> str:
    """Text as RFC 5545 section 3.3.11 wants it: nothing in a name can start another line or value."""
    for sign, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r", ""), ("\n", "\\n")):
        text = text.replace(sign, escaped)
    return text


def _folded(line: str) -> str:
    """Lines of at most 75 octets, never broken inside a sign."""
    parts, width = [""], 0
    for sign in line:
        size = len(sign.encode())
        if width + size > _FOLD:
            parts.append(" ")
            width = 1
        parts[-1] += sign
        width += size
    return "\r\n".join(parts)
