"""``/api/supervision``: matters of supervision and what is done to them; templates, goals, reports and alert rules of the pack.

Files are proofs that people upload on the page; an act here carries words, a number or the fields of a report's sheet.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from tiercare.apps.access.rules import Right, may
from tiercare.apps.evaluation import commands, queries
from tiercare.apps.evaluation.commands import reporting, supervision
from tiercare.apps.evaluation.queries.boards import KINDS, Asked, Box, board
from tiercare.apps.evaluation.queries.goals import goals
from tiercare.apps.evaluation.queries.matters import Listed, Noted
from tiercare.apps.evaluation.rules.kinds import KindId
from tiercare.apps.evaluation.rules.standing import Party, Said
from tiercare.apps.evaluation.workflow import Act
from tiercare.kernel.refusal import refuse

from .etags import as_bytes
from .problems import Problem
from .supervision_shapes import (
    ActIn,
    AskedOut,
    CaseOut,
    GoalIn,
    GoalsOut,
    InspectionIn,
    JudgementIn,
    MadeOut,
    MattersOut,
    MovedOut,
    RectificationIn,
    ReportsIn,
    TemplatesOut,
)
from .writes import once

router = Router(tags=["supervision"])
REFUSALS = {403: Problem, 404: Problem, 422: Problem}
WRITES = {**REFUSALS, 409: Problem, 412: Problem, 428: Problem}
_KIND = r"^(|" + "|".join(each.value for each in KINDS) + r")$"
_YEAR: int = Query(..., ge=1950, le=2199)


@router.get("/templates", response={200: TemplatesOut, **REFUSALS}, summary="What supervision does here")
def templates(request: HttpRequest) -> HttpResponse:
    """Inspections, goals, reports and alert rules of the pack in force where the asker stands."""
    refuse(may(request.actor, Right.SUPERVISION_ANSWER))
    asked = supervision.asked_of(request.actor)
    return _json(
        {
            "inspections": [
                {
                    "id": each.id,
                    "zh": each.name.zh,
                    "en": each.name.en,
                    "clauses": each.clauses,
                    "modes": [mode.value for mode in each.modes],
                    "subjects": each.subjects,
                    "days": each.days,
                    "every": each.every,
                    "items": [
                        {"id": i.id, "party": i.party, "zh": i.name.zh, "en": i.name.en, "goal": i.goal}
                        for i in each.items
                    ],
                }
                for each in asked.inspections.values()
            ],
            "goals": [
                {
                    "id": each.id,
                    "zh": each.name.zh,
                    "en": each.name.en,
                    "clauses": each.clauses,
                    "indicator": each.indicator,
                    "op": each.op,
                    "target": None if each.target is None else str(each.target),
                }
                for each in asked.goals.values()
            ],
            "reports": [
                {
                    "id": each.id,
                    "zh": each.name.zh,
                    "en": each.name.en,
                    "clauses": each.clauses,
                    "by": each.by,
                    "per": each.per,
                    "sheet": [
                        {"id": f.id, "type": f.type, "answers": [one.id for one in f.answers]}
                        for f in each.sheet
                    ],
                }
                for each in asked.reports.values()
            ],
            "alerts": [
                {"id": each.id, "zh": each.name.zh, "en": each.name.en, "clauses": each.clauses}
                for each in asked.alerts.values()
            ],
        }
    )


@router.get("/matters", response={200: MattersOut, **REFUSALS}, summary="Matters")
def matters(
    request: HttpRequest,
    box: Box = Box.MINE,
    kind: str = Query("", pattern=_KIND),
    period: str = Query("", max_length=10),
    clause: str = Query("", max_length=10),
    page: int = Query(1, ge=1, le=9999),
) -> HttpResponse:
    """``mine``: one's turn; ``issued``: given to others; ``late``; ``raised``: went up the line; ``all`` open; ``over``."""
    found = board(request.actor, Asked(box, kind, period, "", clause, "", page))
    return _json(
        {
            "items": [_line(each) for each in found.lines],
            "counts": {each.value: number for each, number in found.counts.items()},
            "more": found.more,
        }
    )


@router.get("/matters/{uuid:key}", response={200: CaseOut, **REFUSALS}, summary="One matter")
def one(request: HttpRequest, key: UUID) -> HttpResponse:
    """With its history, what came from it, and the acts that the asker may do now."""
    found = queries.matter(request.actor, matter_id=key)
    return _json(
        {
            **_line(found.line),
            "payload": found.standing.payload,
            "result": found.standing.result,
            "acts": [row.act.value for row in found.steps],
            "entries": [_entry(each) for each in found.entries],
            "children": [_line(each) for each in found.children],
        }
    )


@router.get("/goals", response={200: GoalsOut, **REFUSALS}, summary="Goals of a year")
def goals_of(request: HttpRequest, year: int = _YEAR) -> HttpResponse:
    """Target, actual number, what the plan asks, and who owes a word; red ones first."""
    return _json(
        {
            "items": [
                {
                    "matter": each.line.id,
                    "title": each.line.standing.title,
                    "op": each.line.standing.payload["op"],
                    "target": str(each.target),
                    "actual": None if each.actual is None else str(each.actual),
                    "planned": f"{each.planned:.6f}",
                    "behind": each.behind,
                    "owes": each.owes,
                    "next_word": each.next_word,
                }
                for each in goals(request.actor, year=year)
            ]
        }
    )


@router.post("/inspections", response={201: MadeOut, **WRITES}, summary="Plan an inspection")
def inspect(request: HttpRequest, body: InspectionIn) -> HttpResponse:
    """From a template; ``parent`` is an alert that it looks into."""
    given = body.model_dump(exclude={"parent"})
    return once(
        request,
        201,
        lambda: MadeOut(id=supervision.inspect(request.actor, parent_id=body.parent, **given)),
    )


@router.post("/goals", response={201: MadeOut, **WRITES}, summary="Set a goal")
def set_goal(request: HttpRequest, body: GoalIn) -> HttpResponse:
    """Give somebody a number to reach in a year."""
    return once(request, 201, lambda: MadeOut(id=supervision.set_goal(request.actor, **body.model_dump())))


@router.post("/reports", response={201: AskedOut, **WRITES}, summary="Ask for reports")
def ask_reports(request: HttpRequest, body: ReportsIn) -> HttpResponse:
    """Everybody who owes one is asked once for each period."""
    return once(
        request, 201, lambda: AskedOut(asked=reporting.ask_reports(request.actor, **body.model_dump()))
    )


@router.post("/matters/{uuid:key}/judgements", response={200: MadeOut, **WRITES}, summary="Judge an item")
def judge(request: HttpRequest, key: UUID, body: JudgementIn) -> HttpResponse:
    """Say of an item of an inspection whether it is met."""

    def work() -> MadeOut:
        given = body.model_dump(exclude={"instead_of"})
        supervision.judge(
            request.actor, matter_id=key, instead_of=str(body.instead_of) if body.instead_of else "", **given
        )
        return MadeOut(id=key)

    return once(request, 200, work)


@router.post(
    "/matters/{uuid:key}/rectifications", response={201: MadeOut, **WRITES}, summary="Have put right"
)
def rectify(request: HttpRequest, key: UUID, body: RectificationIn) -> HttpResponse:
    """What a finding says, or what a report or an alert tells, is to be put right."""

    def work() -> MadeOut:
        given = body.model_dump(exclude={"entry"})
        return MadeOut(id=supervision.rectify(request.actor, matter_id=key, entry_id=body.entry, **given))

    return once(request, 201, work)


@router.post("/matters/{uuid:key}/acts/{act}", response={200: MovedOut, **WRITES}, summary="Take a matter on")
def do(request: HttpRequest, key: UUID, act: Act, body: ActIn) -> HttpResponse:
    """One step of the table: note, submit, return, close, extend, withdraw."""

    def work() -> MovedOut:
        told = {"actual": body.actual, "outcome": body.outcome}
        figures = {name: value for name, value in told.items() if value} | body.sheet
        state = commands.act(
            request.actor,
            matter_id=key,
            act=act,
            said=Said(body.words, figures, due_on=body.due_on),
            version=body.version,
        )
        return MovedOut(id=key, state=state.value)

    return once(request, 200, work)


def _line(each: Listed) -> dict[str, Any]:
    standing = each.standing
    return {
        "id": standing.id,
        "kind": KindId(standing.kind).value,
        "state": standing.state.value,
        "title": standing.title,
        "words": each.words,
        "clauses": each.clauses,
        "pack": standing.pack,
        "period": standing.period,
        "owner": _party(standing.owner),
        "issuer": _party(standing.issuer),
        "turn": each.turn.value if each.turn else None,
        "due_on": standing.due_on,
        "first_due_on": standing.first_due_on,
        "overdue": standing.overdue,
        "escalated": each.escalated,
        "subject_type": standing.subject_type,
        "subject_key": standing.subject_key,
        "subject_name": standing.subject_name,
        "parent": standing.parent_id,
        "open_children": standing.open_children,
        "version": standing.version,
        "made_at": each.made_at,
        "over_at": each.over_at,
    }


def _party(each: Party) -> dict[str, Any]:
    return {"area": each.area, "institution": each.institution_id}


def _entry(each: Noted) -> dict[str, Any]:
    return {
        "id": each.id,
        "at": each.at,
        "act": each.act.value,
        "state": each.state.value,
        "by": each.by,
        "side": each.side,
        "words": each.words,
        "figures": each.figures,
        "proofs": each.proofs,
    }


def _json(content: Any) -> HttpResponse:
    return HttpResponse(as_bytes(content), content_type="application/json")
