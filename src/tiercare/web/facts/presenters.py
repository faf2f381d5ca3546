"""Batches and reports as templates show them: plain values in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from tiercare.apps.evaluation.queries.presence import Came
from tiercare.apps.evaluation.rules import importing as rules
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.measures.importing import Filled, Finding, Report, Weight
from tiercare.engines.measures.load import load_book
from tiercare.engines.measures.schema import Fact, facts
from tiercare.web.pages import said

from . import words

_MOVED = 12  # indicators told at first; the rest is counted
_HUNDRED = 100


def came(found: Came) -> dict[str, Any]:
    """A batch in a list, and at the head of its page."""
    batch = found.batch
    standing = tuple(month for month in batch.months if month not in found.replaced)
    return {
        "id": batch.id,
        "fact": batch.fact,
        "title": said(facts()[batch.fact].title),
        "source": batch.arrived.source,
        "at": batch.arrived.at,
        "months": words.months(batch.months) or "—",
        "rows": batch.rows_kept,
        "came": batch.arrived.rows_in or batch.rows_kept,
        "waiting": batch.arrived.rows_quarantined,
        "mapping": batch.arrived.mapping,
        "replaces": found.replaces,
        "replaced": words.months(tuple(found.replaced & set(batch.months))),
        "gone": bool(batch.parts) and not standing,
        "refused": batch.refused,
        "synthetic": batch.arrived.synthetic,
        "kept_rows": bool(batch.quarantine),
    }


def report(
    found: Report, moved: Sequence[tuple[str, int, int]], pack: str, *, values: bool
) -> dict[str, Any]:
    """The quality of a batch. ``values``: whether the reader may see what stood in the cells."""
    bars = _filled(facts()[found.fact], found.filled)
    return {
        "came": found.came,
        "kept": found.kept,
        "waiting": found.quarantined,
        "suspected": found.suspected,
        "file": found.file,
        "encoding": found.encoding.upper().replace("UTF-8-SIG", "UTF-8"),
        "mapping": found.mapping,
        "checked_institutions": found.checked_institutions,
        "synthetic": found.synthetic,
        "refused": found.refused,
        "unread": found.unread,
        "months": [
            {
                "month": words.month(each.month),
                "came": each.came,
                "kept": each.kept,
                "waiting": each.quarantined,
                "good": _share(each.kept, each.came),
            }
            for each in sorted(found.counts, key=lambda each: each.month or 999_999)
        ],
        "filled": [bar for bar in bars if bar["required"] or bar["full"]],
        "empty": [bar["name"] for bar in bars if not (bar["required"] or bar["full"])],
        "groups": _groups(found, values=values),
        "moved": _moved(moved, pack),
        "moved_more": max(0, len(moved) - _MOVED),
    }


def _groups(found: Report, *, values: bool) -> list[dict[str, Any]]:
    return [
        {"name": _(name), "findings": [_finding(each, values=values) for each in of]}
        for aspect, name in words.ASPECTS.items()
        if (of := found.of(aspect))
    ]


def _finding(found: Finding, *, values: bool) -> dict[str, Any]:
    name, tag, icon = words.WEIGHTS[found.weight]
    shown = [value for value in dict.fromkeys(found.values) if value] if values else []
    return {
        "weight": _(name),
        "tag": tag,
        "icon": icon,
        "fault": found.weight is Weight.FAULT,
        "sentence": words.sentence(found),
        "rows": found.rows,
        "places": _("、").join(map(str, found.places)) + ("…" if found.rows > len(found.places) else ""),
        "values": shown,
        "fix": words.fix_of(found),
        "months": words.months(found.months),
    }


def _filled(fact: Fact, found: Sequence[Filled]) -> list[dict[str, Any]]:
    """How full each column is over all months, required ones first."""
    rows: dict[str, int] = {}
    full: dict[str, int] = {}
    for each in found:
        rows[each.column] = rows.get(each.column, 0) + each.rows
        full[each.column] = full.get(each.column, 0) + each.filled
    bars = [
        {
            "name": said(rules.called(fact, name)),
            "key": name,
            "required": rules.is_required(fact, name),
            "full": full[name],
            "rows": rows[name],
            "share": _share(full[name], rows[name]),
            "said": _percent(full[name], rows[name]),
        }
        for name in rows
    ]
    return sorted(bars, key=lambda bar: not bar["required"])


def _moved(moved: Sequence[tuple[str, int, int]], pack: str) -> list[dict[str, Any]]:
    if not moved:
        return []
    book = load_book(mandates.packs(), pack).indicators
    return [
        {
            "id": name,
            "name": said(book[name][-1].name) if name in book else name,
            "counted": counted,
            "waiting": waiting,
            "share": _share(waiting, counted + waiting),
            "said": _percent(waiting, counted + waiting),
        }
        for name, counted, waiting in moved[:_MOVED]
    ]


def _share(part: int, whole: int) -> str:
    """Hundredths, as a length in a drawing."""
    return f"{_HUNDRED * part / whole:.2f}" if whole else "0"


def _percent(part: int, whole: int) -> str:
    """As people read it: never 100 % of what is not whole, nor 0 % of what is not nothing."""
    if not whole:
        return "—"
    share = _HUNDRED * part / whole
    if 0 < share < 0.1:
        return "<0.1%"
    if 99.9 < share < _HUNDRED:
        return ">99.9%"
    return f"{share:.1f}%".replace(".0%", "%")
