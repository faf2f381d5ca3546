"""``/api/indicators``: runs, values with their counts, and how the demands of clauses stand. Reading only; the same right and
the same wall as the board."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from tiercare.apps.evaluation.queries.runs import NO_SUCH_RUN, Kept, newest_runs, run_of
from tiercare.apps.evaluation.queries.values import Number, Stood, Which, count_numbers, numbers, standings
from tiercare.kernel.refusal import Refused

from .paging import PageOut, Paging, day_of, known_only, no_cursor, page, seen
from .problems import Problem

router = Router(tags=["indicators"])
_READ: dict[int, Any] = {401: Problem, 403: Problem, 404: Problem, 422: Problem}
Name = Annotated[str, Field(max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]
Spanned = Annotated[str, Field(max_length=7, pattern=r"^(\d{4}(Q[1-4]|-(0[1-9]|1[0-2]))?)?$")]
Levelled = Annotated[str, Field(pattern=r"^(region|division|consortium|institution)?$")]


class RunOut(Schema):
    """A pack's book evaluated over the facts of its region. ``digest`` is that of all definitions and counts: the same facts
    and pack give the same; ``synthetic`` is true where the facts are made up."""

    id: UUID
    pack: str
    region: str
    spans: list[str]
    digest: str
    synthetic: bool
    made_at: datetime
    made_by: str


class ValueOut(Schema):
    """``value`` is null over a zero denominator: there is none then. Money is in fen, shares are parts of one; numbers come as
    text, so that nothing of them is lost."""

    indicator: str
    version: int
    span: str
    level: str
    key: str
    numerator: str | None
    denominator: str | None
    value: str | None


class ValuePage(PageOut):
    """Values of one run by indicator, level, key and span."""

    run: UUID
    synthetic: bool
    items: list[ValueOut]


class StandingOut(Schema):
    """A clause's demand: ``op`` as it is written, ``met`` one of met, not_met, no_data, not_computable."""

    target: str
    clause: str
    indicator: str
    span: str
    op: str
    limit: str | None
    met: str
    value: str | None
    reason: dict[str, str] | None


class Standings(Schema):
    """How the demands stand for the region."""

    run: UUID
    synthetic: bool
    items: list[StandingOut]


class ValuesAsked(Paging):
    """Which values: of a ``run``, or of the newest one of a ``pack``."""

    pack: Name = ""
    run: UUID | None = None
    indicator: Name = ""
    span: Spanned = ""
    level: Levelled = ""
    key: Name = ""


@router.get("/runs", response={200: list[RunOut], **_READ}, summary="计算批次 · Runs, newest first")
def list_runs(request: HttpRequest, pack: Name, limit: int = Query(20, ge=1, le=200)) -> list[dict[str, Any]]:
    """The runs of a pack that the actor may see."""
    known_only(request, "pack", "limit")
    return [_run(each) for each in newest_runs(request.actor, pack, most=limit)]


@router.get("/values", response={200: ValuePage, **_READ}, summary="指标值 · Values, with their counts")
def list_values(request: HttpRequest, asked: Query[ValuesAsked]) -> HttpResponse:
    """A page of values. Pages that follow one another are of one run, whatever is computed meanwhile."""
    known_only(request, model=ValuesAsked)
    on = day_of(asked.on)
    after = seen(request, asked, on)
    if after and len(after) != 5:
        raise no_cursor()
    run = run_of(request.actor, UUID(after[0])) if after else _asked_run(request, asked.pack, asked.run)
    which = Which(
        _only(asked.indicator),
        _only(asked.level),
        _only(asked.span),
        _only(asked.key),
        (after[1], after[2], after[3], after[4]) if after else ("", "", "", ""),
        asked.limit + 1,
    )
    found = numbers(request.actor, run.id, which)
    shown = found[: asked.limit]
    last = (str(run.id), *shown[-1].place) if len(found) > asked.limit else None
    return page(
        request,
        asked,
        [_value(each) for each in shown],
        on=on,
        last=last,
        total=count_numbers(request.actor, run.id, which) if asked.count else None,
        run=run.id,
        synthetic=run.synthetic,
    )


@router.get("/standings", response={200: Standings, **_READ}, summary="条款要求的判定 · How demands stand")
def list_standings(
    request: HttpRequest, pack: Name = "", run: UUID | None = None, indicator: Name = ""
) -> dict[str, Any]:
    """Every demand of the pack's clauses, with its operator as written, for the region."""
    known_only(request, "pack", "run", "indicator")
    kept = _asked_run(request, pack, run)
    found = standings(request.actor, kept.id, _only(indicator))
    return {"run": kept.id, "synthetic": kept.synthetic, "items": [_standing(each) for each in found]}


def _asked_run(request: HttpRequest, pack: str, run: UUID | None) -> Kept:
    if run is not None:
        return run_of(request.actor, run)
    found = newest_runs(request.actor, pack)
    if not found:
        raise Refused(NO_SUCH_RUN)
    return found[0]


def _only(value: str) -> set[str] | None:
    return {value} if value else None


def _run(each: Kept) -> dict[str, Any]:
    return {name: getattr(each, name) for name in RunOut.model_fields}


def _value(each: Number) -> dict[str, Any]:
    return {
        "indicator": each.indicator,
        "version": each.version,
        "span": each.span,
        "level": each.level,
        "key": each.key,
        "numerator": _text(each.numerator),
        "denominator": _text(each.denominator),
        "value": _text(each.value),
    }


def _standing(each: Stood) -> dict[str, Any]:
    return {
        "target": each.target,
        "clause": each.clause,
        "indicator": each.indicator,
        "span": each.span,
        "op": each.op,
        "limit": _text(each.limit),
        "met": each.met.value,
        "value": _text(each.value),
        "reason": None if each.reason is None else {"zh": each.reason.zh, "en": each.reason.en},
    }


def _text(number: Decimal | None) -> str | None:
    """Without the zeros that the column keeps."""
    return None if number is None else f"{number.normalize():f}"
