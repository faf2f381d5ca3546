"""``/referrals/statistics/first-contact``: where care begins, each share beside its definition and before the list behind it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.records.rules.icd import CATEGORIES
from tiercare.apps.records.rules.vocabulary import VISIT_KIND_NAMES, VisitKind
from tiercare.apps.referrals.queries import first_contact as counting
from tiercare.apps.referrals.queries.first_contact import Contact, FirstContact, Line
from tiercare.apps.referrals.queries.statistics import Scope
from tiercare.apps.referrals.rules.first_contact import (
    DEFINITIONS,
    GROUP_NAMES,
    NAMES,
    PROBLEM_NAMES,
    Section,
)
from tiercare.kernel.refusal import Refused
from tiercare.web.capacity.typed import again
from tiercare.web.pages import page, said
from tiercare.web.paging import Pager

from . import presenters
from .asking import asked_of, id_of, number_of, wrong

PAGE = 50
_COUNTED = {"yes": True, "no": False}


@require_safe
@page(Right.REQUESTS_OVERSEE)
def numbers(request: HttpRequest) -> HttpResponse:
    """``?first=&last=&institution=``: the last quarter unless another period is asked for."""
    context: dict[str, Any] = {"first": presenters.quarter(request.today), "last": request.today}
    try:
        asked = asked_of(request)
        scope = asked.scope(request)
    except Refused as refused:
        return again(request, "referral_statistics/first_contact.html", context, refused)
    found = counting.first_contact(scope)
    context |= {**asked.query, "found": found, "sections": [_section(found, each) for each in found.sections]}
    if request.actor.institution_id is None:
        context["institutions"] = list(scope.names.items())
    return again(request, "referral_statistics/first_contact.html", context)


@require_safe
@page(Right.REQUESTS_OVERSEE)
def behind(request: HttpRequest) -> HttpResponse:
    """``/cases?section=&consortium=&group=&counted=``: the visits behind a number, newest first; where and when, not whose."""
    asked = asked_of(request)
    scope = asked.scope(request)
    section, number = _section_of(request), number_of(request)
    consortium, group = id_of(request, "consortium"), request.GET.get("group", "")[:30]
    counted = request.GET.get("counted", "")
    listed, found = counting.first_contact_cases(
        scope,
        section=section,
        consortium_id=consortium,
        group=group,
        counted=_COUNTED.get(counted),
        page=number,
        per_page=PAGE,
    )
    known = counting.asked_at(scope.area, on=asked.last)
    context = {
        **asked.query,
        "section": {"id": section.value, "name": said(NAMES[section])},
        "definition": _definition(section, known),
        "group": _group(group) if group else "",
        "counted": counted,
        "consortium": consortium or "",
        "group_id": group,
        "found": found,
        "contacts": [_contact(each) for each in listed],
        "pages": Pager(request, number, max(1, -(-found // PAGE))),
    }
    return again(request, "referral_statistics/first_contact_cases.html", context)


def _section_of(request: HttpRequest) -> Section:
    typed = request.GET.get("section", "")
    if typed not in set(Section):
        raise Refused(wrong("section"))
    return Section(typed)


def _section(found: FirstContact, section: Section) -> dict[str, Any]:
    """A table: whose share in a row, the months (or quarters) in columns."""
    lines = found.sections[section]
    months = sorted({each.since for each in lines})
    rows: dict[tuple[UUID | None, str], dict[date, Line]] = {}
    for each in lines:
        rows.setdefault((each.consortium_id, each.group), {})[each.since] = each
    if section is Section.GROUPS:
        for group in ("", *found.asked.groups):
            rows.setdefault((None, group), {})
    return {
        "id": section.value,
        "name": said(NAMES[section]),
        "definition": _definition(section, found.asked),
        "clauses": found.asked.clauses[section],
        "months": [_month(each, section) for each in months],
        "rows": [_row(key, rows[key], months, section, found.scope) for key in _ordered(rows, found)],
    }


def _ordered(
    rows: dict[tuple[UUID | None, str], dict[date, Line]], found: FirstContact
) -> Iterable[tuple[UUID | None, str]]:
    """All first; then consortia by name, groups in the order of the text."""
    groups = ("", *found.asked.groups)

    def rank(key: tuple[UUID | None, str]) -> tuple[bool, int, str]:
        name = next((each.name for each in rows[key].values()), "")
        return key != (None, ""), groups.index(key[1]) if key[1] in groups else len(groups), name

    return sorted(rows, key=rank)


def _row(
    key: tuple[UUID | None, str],
    cells: dict[date, Line],
    months: Iterable[date],
    section: Section,
    scope: Scope,
) -> dict[str, Any]:
    consortium, group = key
    return {
        "name": next((each.name for each in cells.values()), "") if consortium else _group(group),
        "consortium": consortium,
        "group": group,
        "total": key == (None, ""),
        "cells": [_cell(cells.get(month), month, section, scope) for month in months],
    }


def _cell(line: Line | None, month: date, section: Section, scope: Scope) -> dict[str, Any] | None:
    """A share, and the days of its list: those of the month that belong to the period."""
    if line is None:
        return None
    until = _last_day(month, months=3 if section is Section.SPECIALIST else 1)
    return {
        "of": line,
        "share": presenters.per_cent(line.share),
        "label": _month(month, section),
        "first": max(month, scope.first),
        "last": min(until, scope.last),
    }


def _last_day(month: date, *, months: int) -> date:
    at = month.year * 12 + month.month - 1 + months
    return date.fromordinal(date(at // 12, at % 12 + 1, 1).toordinal() - 1)


def _month(since: date, section: Section) -> str:
    if section is Section.SPECIALIST:
        return f"{since.year} Q{(since.month + 2) // 3}"
    return f"{since:%Y-%m}"


def _definition(section: Section, asked: counting.Asked) -> str:
    text = DEFINITIONS[section]
    return said(text).format(gap=asked.gap, level=asked.level, least=asked.least)


def _group(group: str) -> str:
    return said(GROUP_NAMES[group]) if group in GROUP_NAMES else group


def _contact(each: Contact) -> dict[str, Any]:
    """A line of the list; a problem is a disease of the guidelines or an ICD-10 category."""
    known = PROBLEM_NAMES.get(each.problem)
    return {
        "of": each,
        "kind": said(VISIT_KIND_NAMES[VisitKind(each.kind)]),
        "problem": said(known) if known else CATEGORIES.get(each.problem, ""),
        "code": "" if known else each.problem,
    }
