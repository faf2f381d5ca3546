"""Programmes, projects and standards as the pages show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from tiercare.apps.evaluation.queries.matters import Listed
from tiercare.apps.evaluation.queries.oversight import Names, Subject
from tiercare.apps.evaluation.queries.projects import Count, Dashboard, Line
from tiercare.apps.evaluation.queries.standards import Cell, Table
from tiercare.apps.evaluation.rules.projects import DONE_ON
from tiercare.engines.measures.oversight import Field
from tiercare.engines.measures.programmes import MEASURE_NAMES, OF_NAMES, Blank, Measure, Need, Programme
from tiercare.web.pages import said
from tiercare.web.supervision.presenters import both, line
from tiercare.web.supervision.project import value


def counts(each: Count) -> dict[str, Any]:
    """Numbers of a line with how long its bar is."""
    return {
        "open": each.open,
        "done": each.done,
        "overdue": each.overdue,
        "whole": each.whole,
        "percent": round(100 * each.done / each.whole) if each.whole else 0,
    }


def board(found: Dashboard) -> dict[str, Any]:
    """Programmes as rows, counties as rows with the top-level programmes as columns."""
    tops = []
    for top in found.tops:
        below = [_line(each, found) for each in top.below if each.id != top.line.id]
        own = next((each for each in top.below if each.id == top.line.id), None)
        if own is not None and below:
            below.insert(0, _line(own, found) | {"name": _("其他任务")})
        tops.append(_line(top.line, found) | {"below": below})
    return {
        "tops": tops,
        "areas": [
            {
                "code": code,
                "name": name,
                "cells": [
                    {"top": top.line.id, "name": said(top.line.name)}
                    | counts(top.line.counts.get(code, Count()))
                    for top in found.tops
                ],
                "whole": counts(sum((each.line.counts.get(code, Count()) for each in found.tops), Count())),
            }
            for code, name in found.areas
        ],
        "whole": counts(found.whole),
    }


def _line(each: Line, found: Dashboard) -> dict[str, Any]:
    programme = found.works.programmes.get(each.id)
    return {
        "id": each.id,
        "name": said(each.name),
        "says": said(programme.says) if programme else _("现行政策包里已没有这项，原来的项目继续办完。"),
        "clauses": programme.clauses if programme else (),
        "standing": each.standing,
    } | counts(each.whole)


def programme(each: Programme) -> dict[str, Any]:
    """A programme as a form or a list heads it."""
    return {
        "id": each.id,
        "name": said(each.name),
        "says": said(each.says),
        "clauses": each.clauses,
        "of": said(OF_NAMES[each.of]),
        "yearly": each.yearly,
        "days": each.days,
        "ordered": each.ordered,
        "parts": [{"name": said(part.name), "file": part.file} for part in each.parts],
        "plan": [said(blank.field.name) for blank in each.plan],
    }


def row(each: Listed, known: Names) -> dict[str, Any]:
    """A project as a row: what its plan says, the planned day and the real one."""
    standing, payload = each.standing, each.standing.payload
    return line(each, known) | {
        "subject": standing.subject_name,
        "programme": both(payload["programme_name"]),
        "top": both(payload["top_name"]),
        "plan": [value(field, field["value"]) for field in payload["plan"]],
        "planned": standing.first_due_on,
        "done_on": standing.result.get(DONE_ON, ""),
        "gap": both(payload["gap_name"]) if payload.get("gap_name") else "",
        "consortium": payload.get("consortium_name", ""),
    }


def blanks(
    each: Programme, typed: Mapping[str, str], known: Sequence[tuple[str, str]]
) -> list[dict[str, Any]]:
    """The fields of a plan as a form shows them; institutions are chosen from ``known``."""
    return [_blank(blank, typed.get(blank.field.id, ""), known) for blank in each.plan]


def _blank(each: Blank, typed: str, known: Sequence[tuple[str, str]]) -> dict[str, Any]:
    field: Field = each.field
    answers = [(one.id, said(one.name)) for one in field.answers]
    return {
        "id": field.id,
        "name": said(field.name),
        "type": "answer" if field.type == "institution" else field.type,
        "optional": field.optional,
        "answers": list(known) if field.type == "institution" else answers,
        "value": typed,
    }


def by_area(subjects: Sequence[Subject], areas: Mapping[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Whom a project may be for, under their counties."""
    found: dict[str, list[tuple[str, str]]] = {}
    for each in subjects:
        heading = areas.get(each.party.area, "") if each.group == "institution" else _("县市区")
        found.setdefault(heading, []).append((each.choice, each.name))
    return list(found.items())


def standard(found: Table) -> dict[str, Any]:
    """A standard, hospital by hospital."""
    rows: dict[str, dict[str, Any]] = {}
    for each in found.rows:
        house = rows.setdefault(
            each.subject.choice,
            {"name": each.subject.name, "choice": each.subject.choice, "lines": [], "gaps": 0},
        )
        house["lines"].append(
            {"name": said(each.need.name), "cells": [_cell(c, each.need) for c in each.cells]}
        )
        house["gaps"] += sum(cell.lacking for cell in each.cells)
    return {
        "id": found.standard.id,
        "name": said(found.standard.name),
        "says": said(found.standard.says),
        "clauses": found.standard.clauses,
        "columns": [said(MEASURE_NAMES[each]) for each in found.standard.columns],
        "houses": list(rows.values()),
        "gaps": found.gaps,
        "taken": found.taken,
    }


def _cell(each: Cell, need: Need) -> dict[str, Any]:
    if not each.asked:
        shown = "—"
    elif each.measure is Measure.SPECIALTY:
        shown = _("已登记") if each.has else _("没有登记")
    elif each.measure is Measure.ALLIANCE:
        shown = "、".join(each.names) or _("没有加入")
    elif each.measure is Measure.TALENT:
        shown = _("%(n)d 人") % {"n": each.has}
    else:
        shown = _("%(n)d 台") % {"n": each.has}
    least = each.least if each.measure in {Measure.TALENT, Measure.EQUIPMENT} else 0
    return {
        "shown": shown,
        "column": said(MEASURE_NAMES[each.measure]),
        "lacking": each.lacking,
        "least": least,
        "gap": each.gap,
        "project": each.project,
        "need": said(need.name),
    }
