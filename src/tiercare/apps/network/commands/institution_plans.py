"""Keeping an area's plan of institutions (XH-12): a new version typed in or from a file; the one before ends as it begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from psycopg.types.range import DateRange

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.apps.terms import queries as terms
from tiercare.engines.sheets import Cell
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events, models
from ..rules.cell_problems import CellProblem
from ..rules.entries import read_values
from ..rules.institution_plans import PLAN_LINES, REGISTERS, Line, PlanKind, line_of
from ..rules.registers import Register
from .imports import Source
from .imports.staging import stage_as

# Ours: what a page can show of what is wrong.
_TOLD_AT_MOST = 300


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """What a version says besides its limits; ``start`` is the first day on which it holds."""

    title: str
    adopted_on: date
    start: date
    document: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class ReadLines:
    """The limits in a file or a form, and what is wrong with which cell: mappings of ``place``, ``column``, ``value`` and, in both
    languages, ``message`` and ``fix``."""

    lines: tuple[Line, ...]
    faults: tuple[Mapping[str, Any], ...]


def read_lines(rows: Sequence[tuple[str, Mapping[str, Cell]]], *, division: str) -> ReadLines:
    """Rows by their place (``#1``), each as cells by column key, as limits of ``division``'s plan."""
    lines: list[Line] = []
    faults: list[Mapping[str, Any]] = []
    seen: dict[tuple[str, ...], str] = {}
    for place, cells in rows:
        line, problems = _line(PLAN_LINES, cells, division)
        if line is not None and line.identity in seen:
            problems = (CellProblem("area", line.area, *_twice(seen[line.identity])),)
        elif line is not None:
            seen[line.identity] = place
            lines.append(line)
        faults += [_fault(place, problem) for problem in problems]
    unknown = _unknown_areas(lines)
    faults += [_fault(seen[line.identity], CellProblem("area", line.area, *_NO_AREA)) for line in unknown]
    return ReadLines(tuple(lines), tuple(faults[:_TOLD_AT_MOST]))


def read_file(file_name: str, content: bytes, *, division: str) -> ReadLines:
    """The limits in a file.

    Raises:
        Refused: if the file as a whole cannot be used.
    """

    def read(
        register: Register, cells: Mapping[str, Cell], place: str
    ) -> tuple[tuple[str, Mapping[str, Cell]] | None, tuple[CellProblem, ...]]:
        del register
        return (place, dict(cells)), ()

    staged = stage_as([Source(file_name, content)], REGISTERS, read)
    found = read_lines(staged.entries, division=division)
    doubtful = [_fault(str(row.place), problem) for row in staged.bad for problem in row.problems]
    return ReadLines(found.lines, (*doubtful, *found.faults)[:_TOLD_AT_MOST])


@transaction.atomic
def keep_institution_plan(
    *, actor: Actor, division: str, kind: PlanKind, draft: PlanDraft, read: ReadLines
) -> models.InstitutionPlan:
    """Put the next version of ``division``'s plan on record; the version before ends on its first day and stays to be read.

    Raises:
        Refused: if the actor may not decide there, anything of it is wrong, there is no limit in it, it has no title, or it does not begin
            after the version before.
    """
    refuse(may(actor, Right.NETWORK_DECIDE, division=division))
    if read.faults:
        raise Refused(_lines_are_bad(len({fault["place"] for fault in read.faults})))
    title = " ".join(draft.title.split())
    refuse(None if title else _NO_TITLE, None if read.lines else _NO_LINES)
    mine = models.InstitutionPlan.objects.select_for_update().filter(division_code=division, kind=kind.value)
    before = mine.order_by("-number").first()
    if before is not None and draft.start <= before.period.lower:
        raise Refused(_not_after(before))
    if before is not None:
        before.period = DateRange(before.period.lower, draft.start)
        before.save(update_fields=["period"])
    plan = models.InstitutionPlan.objects.create(
        division_code=division,
        kind=kind.value,
        number=before.number + 1 if before else 1,
        title=title[:200],
        document=draft.document.strip()[:200],
        adopted_on=draft.adopted_on,
        period=DateRange(draft.start, None),
        words=draft.words.strip(),
        recorded_by=actor.name,
        recorded_at=clock.now(),
    )
    models.InstitutionPlanLine.objects.bulk_create(
        models.InstitutionPlanLine(
            plan=plan,
            area=line.area,
            subject=line.subject.value,
            kind=line.kind,
            level=line.level,
            allowed=line.allowed,
            note=line.note,
        )
        for line in read.lines
    )
    ledger.append(
        actor,
        events.InstitutionPlanKept(division, kind.value, plan.number, draft.start, len(read.lines)),
        subject_type="institution_plan",
        subject_id=plan.id,
        division_code=division,
    )
    return plan


def _line(
    register: Register, cells: Mapping[str, Cell], division: str
) -> tuple[Line | None, tuple[CellProblem, ...]]:
    values, problems = read_values(register, cells)
    if problems:
        return None, tuple(problems)
    line, wrong = line_of(values, division=division)
    return line, tuple(wrong)


def _unknown_areas(lines: Sequence[Line]) -> list[Line]:
    codes = {line.area for line in lines if len(line.area) in (6, 9)}
    known = terms.divisions(sorted(codes), on=clock.today()) if codes else {}
    return [line for line in lines if line.area in codes and line.area not in known]


def _fault(place: str, problem: CellProblem) -> dict[str, Any]:
    return {
        "place": place,
        "column": problem.column,
        "value": problem.value,
        "message": {"zh": problem.message.zh, "en": problem.message.en},
        "fix": {"zh": problem.fix.zh, "en": problem.fix.en},
    }


def _twice(first: str) -> tuple[Text, Text]:
    where = first.rpartition("!")[2].lstrip("#")
    return (
        Text(f"与第 {where} 行是同一项指标。", f"The same limit as row {where}."),
        Text("请合并成一行。", "Put both into one row."),
    )


_NO_AREA = (
    Text("今天的行政区划里没有这个代码。", "No division has this code today."),
    Text("请核对区划代码。", "Check the code."),
)
_NO_TITLE = Refusal(
    code="institution_plan_without_title",
    message=Text("规划没有名称。", "The plan has no title."),
    instead=Text("请填写规划名称。", "Give its title."),
    at="title",
    status=422,
)
_NO_LINES = Refusal(
    code="institution_plan_without_lines",
    message=Text("规划没有一项指标。", "The plan limits nothing."),
    instead=Text("请至少填写一项：地区、对象和规划数。", "Give at least one limit: area, what, how many."),
    at="lines",
    status=422,
)


def _lines_are_bad(count: int) -> Refusal:
    return Refusal(
        code="institution_plan_lines_are_bad",
        message=Text(
            "有 {count} 项指标有误，没有保存。", "{count} limits cannot be taken; nothing was kept."
        ),
        instead=Text("请照说明改好再保存。", "Mend them as told, and save again."),
        fields={"count": count},
        at="lines",
        status=422,
    )


def _not_after(before: models.InstitutionPlan) -> Refusal:
    return Refusal(
        code="institution_plan_not_after",
        message=Text(
            "第 {number} 版自 {day} 起执行，新版要晚于这一天。",
            "Version {number} holds from {day}; the next one begins later.",
        ),
        instead=Text("请把执行日期填得晚一些。", "Give a later first day."),
        fields={"number": before.number, "day": before.period.lower},
        at="start",
        status=422,
    )
