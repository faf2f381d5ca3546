"""What supervision adds to the calendar: matters on the day they are due, regular inspections, and the quantified targets of the
texts on the last day of the year or month that they are for (NHC-87)."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from django.http import HttpRequest

from tiercare.apps.evaluation.queries.book import book_of
from tiercare.apps.evaluation.queries.matters import Listed
from tiercare.apps.evaluation.queries.oversight import names
from tiercare.apps.evaluation.queries.regular import Regular, calendar_of
from tiercare.apps.evaluation.rules.kinds import NAMES, KindId
from tiercare.apps.network.queries.calendar import Item, ItemKind
from tiercare.apps.network.rules.papers import Standing
from tiercare.engines.measures.rounding import shown
from tiercare.engines.measures.targets import Target
from tiercare.engines.policy import PackSet
from tiercare.kernel.text import Text

_SIGNS = {">=": "≥", "<=": "≤", "=": "=", "~=": "≈", "<": "<", ">": ">"}


class DueKind(StrEnum):
    """What has its day besides what the network knows."""

    MATTER = "MATTER"
    REGULAR = "REGULAR"
    TARGET = "TARGET"


@dataclass(frozen=True, slots=True)
class Due:
    """An entry, as ``Item`` of the network is one."""

    kind: DueKind
    on: date
    text: Text
    standing: Standing
    target: tuple[str, str]
    parties: tuple[tuple[str, str], ...] = ()
    clause: str = ""
    warned_from: date | None = field(default=None)


Entry = Item | Due


def with_supervision(request: HttpRequest, items: list[Item], *, first: date, last: date) -> list[Entry]:
    """The network's entries and those of supervision in one list, the earliest first."""
    told = {(item.clause, item.on) for item in items if item.kind is ItemKind.DEADLINE}
    lines, regular = calendar_of(request.actor, request.frame.pack.id, first=first, last=last)
    found: list[Entry] = [
        *items,
        *_matters(request, lines, first, last),
        *(_planned(each) for each in regular if first <= each.due <= last),
        *(
            each
            for each in _targets(request.frame.packs, request.frame.pack.id, first, last)
            if (each.clause, each.on) not in told
        ),
    ]
    return sorted(found, key=lambda each: (each.on, each.kind, each.text.zh))


def _matters(request: HttpRequest, lines: list[Listed], first: date, last: date) -> Iterator[Due]:
    on = request.frame.on
    if not lines:
        return
    known = names([each.standing.owner for each in lines], on=request.today)
    for each in lines:
        standing = each.standing
        due = standing.due_on
        inside = standing.owner.area.startswith(_prefix(request)) and due is not None
        if due is None or not inside or not (first <= due <= last or due < on):
            continue
        kind = NAMES[KindId(standing.kind)]
        owner = known.party(standing.owner)
        house = standing.owner.institution_id
        yield Due(
            DueKind.MATTER,
            due,
            Text(standing.title, f"{kind.en}: {standing.title}"),
            Standing.OVERDUE if due < on else Standing.DUE,
            ("matter", str(each.id)),
            ((f"institution:{house}" if house else f"gov:{standing.owner.area}", owner.zh),),
            each.clauses[0] if each.clauses else "",
        )


def _prefix(request: HttpRequest) -> str:
    region = str(request.frame.pack.region)
    return "" if region == "00" else region


def _planned(each: Regular) -> Due:
    """A regular inspection of the reader's commission; one never done is due today."""
    name = each.template.name
    return Due(
        DueKind.REGULAR,
        each.due,
        Text(f"应安排：{name.zh}", f"To be planned: {name.en}"),
        Standing.OVERDUE if each.late else Standing.DUE,
        ("template", each.template.id),
        clause=each.template.clauses[0] if each.template.clauses else "",
    )


def _targets(packs: PackSet, pack: str, first: date, last: date) -> Iterator[Due]:
    book = book_of(pack)
    for each in book.targets:
        if each.span is None or each.limit is None:
            continue
        month = each.span.months()[-1]
        day = date(month // 100, month % 100, calendar.monthrange(month // 100, month % 100)[1])
        versions = book.indicators.get(each.indicator, ())
        if first <= day <= last and versions:
            sign = _SIGNS.get(each.op, each.op)
            zh, en = (_amount(each, unit) for unit in (versions[-1].unit.zh, versions[-1].unit.en))
            yield Due(
                DueKind.TARGET,
                day,
                Text(f"{versions[-1].name.zh} {sign} {zh}", f"{versions[-1].name.en} {sign} {en}"),
                Standing.DUE,
                ("clause", each.clause),
                clause=each.clause,
            )


def _amount(target: Target, unit: str) -> str:
    assert target.limit is not None, "asked before"
    low = shown(Fraction(target.limit), unit)
    return low if target.upper is None else f"{low} – {shown(target.upper, unit)}"
