"""``/api/assessments/uses``: decisions that rest on a result, and pay runs with the factor of each unit, to read (YN-91)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from tiercare.apps.evaluation.queries import uses as queries
from tiercare.apps.evaluation.queries.matters import Listed
from tiercare.apps.evaluation.rules.kinds import KindId
from tiercare.apps.evaluation.workflow import State

from .paging import known_only
from .problems import Problem

router = Router(tags=["assessments"])
REFUSALS = {401: Problem, 403: Problem, 404: Problem, 422: Problem}


class ResultOut(Schema):
    """A result as it stood when it was used. ``points`` have one decimal, ``total`` twelve; ``digest`` is of all it rests on.
    ``locked_on`` is empty where it was approved and not yet locked."""

    assessment: UUID
    assessed: UUID
    title: str
    period: str
    level: str
    key: str
    name: str
    points: str
    total: str
    place: int | None
    digest: str
    locked_on: date | None


class PayLineOut(Schema):
    """What a unit is set down for and gets, in fen; the factor has four decimals."""

    level: str
    key: str
    name: str
    set_down_fen: int
    factor: str
    paid_fen: int
    result: ResultOut | None


class UseOut(Schema):
    """A decision (``RESULT_USE``) or a pay run (``PAY_RUN``). ``use``, ``person``, ``outcome`` and ``result`` are of a decision,
    ``lines`` of a pay run."""

    id: UUID
    kind: str
    title: str
    period: str
    state: State
    due_on: date | None
    unit_level: str = ""
    unit: str = ""
    use: str = ""
    person: str = ""
    outcome: str = ""
    why_against: str = ""
    result: ResultOut | None = None
    lines: list[PayLineOut] = Field(default_factory=list)


class UsesOut(Schema):
    """The newest first."""

    items: list[UseOut]


@router.get("/uses", response={200: UsesOut, **REFUSALS}, summary="结果的运用 · Uses of results")
def uses(request: HttpRequest) -> UsesOut:
    """Decisions and pay runs that you may see."""
    known_only(request)
    found = [
        line
        for kind in (KindId.RESULT_USE, KindId.PAY_RUN)
        for line in queries.uses(request.actor, kind=kind)
    ]
    return UsesOut(items=[_told(each) for each in found])


@router.get("/uses/{uuid:key}", response={200: UseOut, **REFUSALS}, summary="一项运用 · One use of a result")
def use(request: HttpRequest, key: UUID) -> UseOut:
    """One of them."""
    known_only(request)
    return _told(queries.use(request.actor, key).line)


def _told(line: Listed) -> UseOut:
    standing, payload = line.standing, line.standing.payload
    told: dict[str, Any] = {
        "id": line.id,
        "kind": standing.kind,
        "title": standing.title,
        "period": standing.period,
        "state": standing.state,
        "due_on": standing.due_on,
    }
    if standing.kind == KindId.PAY_RUN:
        return UseOut(**told, lines=[_line(each) for each in payload["lines"]])
    return UseOut(
        **told,
        unit_level=standing.subject_type,
        unit=standing.subject_name,
        use=payload["use"],
        person=payload.get("person", {}).get("name", ""),
        outcome=standing.result.get("outcome", ""),
        why_against=standing.result.get("why", ""),
        result=_result(payload.get("result")),
    )


def _line(kept: dict[str, Any]) -> PayLineOut:
    return PayLineOut(
        level=kept["level"],
        key=kept["key"],
        name=kept["name"],
        set_down_fen=kept["set_down"],
        factor=kept["factor"],
        paid_fen=kept["paid"],
        result=_result(kept["result"]),
    )


def _result(kept: dict[str, Any] | None) -> ResultOut | None:
    return None if kept is None else ResultOut(**kept)
