"""The proof as its page shows it: a verdict, a grid of days by resource, the lines behind it, and what was broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.utils.translation import gettext, ngettext

from tiercare.apps.capacity.queries import Proof
from tiercare.apps.capacity.rules.proof import Breach, Line, Owed, resource_name
from tiercare.apps.capacity.rules.shares import RESOURCE_NAMES
from tiercare.apps.capacity.rules.vocabulary import RESERVED
from tiercare.engines.policy import State
from tiercare.web.pages import english, said

# Ours: a grid of more columns than that is not read on one page; then its columns are months.
MOST_DAYS = 62
_ORDER = {name: place for place, name in enumerate(RESOURCE_NAMES)}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the page says first: on how many days a promise was not kept, and what was looked at."""

    broken: int
    days: int
    institutions: int
    owed: int
    short: int


def verdict(proof: Proof) -> Verdict:
    """Counted over all lines of the proof."""
    owed = [each for line in proof.lines for each in line.owed]
    return Verdict(
        broken=len({each.day for each in proof.breaches}),
        days=len({line.day for line in proof.lines if line.owed}),
        institutions=len({line.institution_id for line in proof.lines if line.owed}),
        owed=len(owed),
        short=sum(each.state is State.VIOLATED for each in owed),
    )


def grids(proof: Proof) -> list[dict[str, Any]]:
    """Tables with a row for each institution and resource: a table a month with a column a day; one with a column a
    month where several institutions are shown over more than ``MOST_DAYS``."""
    several = len({line.institution_id for line in proof.lines}) > 1
    if several and (proof.last - proof.first).days >= MOST_DAYS:
        return [_table(proof, _months(proof.first, proof.last), lambda day: day.replace(day=1), months=True)]
    days = [proof.first + timedelta(days=n) for n in range((proof.last - proof.first).days + 1)]
    return [
        _table(proof, list(of_month), lambda day: day, months=False)
        for _, of_month in groupby(days, key=lambda day: (day.year, day.month))
    ]


def _months(first: date, last: date) -> list[date]:
    found, month = [], first.replace(day=1)
    while month <= last:
        found.append(month)
        month = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    return found


def _table(proof: Proof, columns: Sequence[date], column_of: Any, *, months: bool) -> dict[str, Any]:
    early = {
        (breach.institution_id, breach.resource, breach.day) for breach in proof.breaches if not breach.card
    }
    lines: dict[tuple[UUID, str], dict[date, list[Line]]] = {}
    names: dict[UUID, str] = {}
    for line in proof.lines:
        column = column_of(line.day)
        if column in columns:
            names[line.institution_id] = line.institution
            lines.setdefault((line.institution_id, line.resource), {}).setdefault(column, []).append(line)
    ordered = sorted(lines, key=lambda key: (names[key[0]], str(key[0]), _ORDER[key[1]]))
    rows = [
        {
            "institution": institution,
            "name": names[institution],
            "first": place == 0,
            "resource": said(resource_name(resource)),
            "code": resource,
            "cells": [
                _cell(column, lines[institution, resource].get(column, ()), early, months)
                for column in columns
            ],
        }
        for institution, of in groupby(ordered, key=lambda key: key[0])
        for place, (_, resource) in enumerate(of)
    ]
    return {"columns": columns, "rows": rows, "months": months, "several": len(names) > 1}


def _cell(
    column: date, lines: Sequence[Line], early: set[tuple[UUID, str, date]], months: bool
) -> dict[str, Any]:
    """What a day (or a month) of a resource is shown as: ``state`` is its colour, ``short`` the text in it, ``whole``
    the sentence that is read out."""
    if not lines:
        return {"column": column, "state": "", "short": "", "whole": ""}
    broken = sorted({line.day for line in lines if _broken(line, early)})
    owed = [each for line in lines for each in line.owed]
    end = _months_end(column) if months else column
    base = {"column": column, "until": end}
    if broken:
        lack = sum(_lack(each) for each in owed)
        short = str(len(broken)) if months else (f"−{lack}" if lack else "!")
        return {
            **base,
            "state": "violated",
            "short": short,
            "whole": _broken_words(lines, len(broken), lack, months),
        }
    if not owed:
        return {**base, "state": "not_in_force", "short": "·", "whole": gettext("没有规定比例")}
    if any(each.state is State.WAIVED for each in owed):
        return {**base, "state": "waived", "short": "○", "whole": gettext("有例外批准")}
    kept = sum(max((each.kept for each in line.owed), default=0) for line in lines)
    offered = sum(line.offered for line in lines)
    whole = gettext("兑现：放出 %(offered)s，预留 %(kept)s") % {"offered": offered, "kept": kept}
    return {**base, "state": "met", "short": "✓" if months else str(kept), "whole": whole}


def _months_end(column: date) -> date:
    return (column.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _broken(line: Line, early: set[tuple[UUID, str, date]]) -> bool:
    used = (line.institution_id, line.resource, line.day) in early
    return used or any(each.state is State.VIOLATED for each in line.owed)


def _lack(owed: Owed) -> int:
    """Places short of what the card wants; where it leaves the number open, one."""
    if owed.state is not State.VIOLATED:
        return 0
    return 1 if owed.units is None else max(0, owed.units - owed.kept)


def _broken_words(lines: Sequence[Line], days: int, lack: int, months: bool) -> str:
    if months:
        return ngettext("%(days)s 天未兑现", "%(days)s 天未兑现", days) % {"days": days}
    if not lack:
        return gettext("未兑现：预留的号在释放前被他人使用")
    offered = sum(line.offered for line in lines)
    return gettext("未兑现：放出 %(offered)s，少留 %(lack)s") % {"offered": offered, "lack": lack}


def in_order(lines: Sequence[Line]) -> list[Line]:
    """By day and institution, the resources as the texts name them."""
    return sorted(
        lines, key=lambda line: (line.day, line.institution, str(line.institution_id), _ORDER[line.resource])
    )


def line(each: Line) -> dict[str, Any]:
    """A line of the proof: what was promised by which card, and what became of what was kept."""
    return {
        "of": each,
        "resource": said(resource_name(each.resource)),
        "kept": [each.kept.get(channel, 0) for channel in RESERVED],
        "owed": [owed_of(owed) for owed in each.owed],
    }


def owed_of(owed: Owed) -> dict[str, Any]:
    """What one card owes of a line, as a tag."""
    return {
        "of": owed,
        "share": "" if owed.share is None else f"{owed.share * 100:g}%",
        "short": owed.state is State.VIOLATED,
        "card": owed.card.split("/"),
    }


def breach(each: Breach, own: UUID | None) -> dict[str, Any]:
    """A broken promise with its pools; ``own`` is the institution whose pools whoever looks can open."""
    return {
        "of": each,
        "sentence": said(each.said),
        "way_on": said(each.remedy),
        "card": each.card.split("/") if each.card else None,
        "pools": [
            {"id": key, "name": name, "own": each.institution_id == own}
            for key, name in zip(each.pool_ids, each.pools, strict=True)
        ],
    }


def falling(proof: Proof) -> list[dict[str, Any]]:
    """The months in which fewer visits were kept than in the one before."""
    language = "en" if english() else "zh"
    return [
        {
            "sentence": each.sentence(finding, language),
            "way_on": each.remedy(finding, language),
            "clauses": each.card.clauses,
        }
        for each in proof.falling
        for finding in each.findings
    ]


def resources(lines: Sequence[Line], wanted: str) -> list[tuple[str, str]]:
    """The resources to choose from: those that occur, and the one that is chosen."""
    found: Mapping[str, None] = dict.fromkeys(
        [*(each.resource for each in lines), *([wanted] if wanted else [])]
    )
    return [(name, said(resource_name(name))) for name in sorted(found, key=lambda name: _ORDER[name])]
