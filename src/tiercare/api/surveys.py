"""``/api/surveys``: rounds of an area and what they came to; whom one's institution asks, and what they answered."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from tiercare.apps.evaluation.commands import surveys as commands
from tiercare.apps.evaluation.commands.surveys import Opening
from tiercare.apps.evaluation.queries import surveys as queries
from tiercare.apps.evaluation.queries.survey_results import Results, results
from tiercare.apps.evaluation.rules.surveys import How, Told
from tiercare.engines.measures.rounding import written

from .paging import known_only
from .problems import Problem
from .writes import Body, once

router = Router(tags=["surveys"])
REFUSALS = {401: Problem, 403: Problem, 404: Problem, 422: Problem}
WRITES = {**REFUSALS, 409: Problem, 428: Problem}
_DIGITS = 6


class OpeningIn(Body):
    """A round; ``last`` is the last day on which it can be answered."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "survey": "first_choice",
                    "area": "340223",
                    "first": "2026-12-01",
                    "last": "2026-12-28",
                    "wanted": 600,
                }
            ]
        }
    )

    survey: Annotated[str, Field(max_length=40)]
    area: Annotated[str, Field(max_length=12, pattern=r"^\d+$")]
    first: date
    last: date
    wanted: Annotated[int, Field(ge=1, le=100_000)]


class IdOut(Schema):
    """What was made."""

    id: UUID


class DoneOut(Schema):
    """It was done."""

    done: bool = True


class RoundOut(Schema):
    """A round: how many were drawn with which seed; the same seed over the same register draws the same people."""

    id: UUID
    survey: str
    version: int
    area: str
    first: date
    last: date
    recall_weeks: int
    wanted: int
    drawn: int
    seed: str
    stopped: bool


class RoundsOut(Schema):
    """The latest first."""

    items: list[RoundOut]


class PlaceOut(Schema):
    """A township; ``null`` where a number is too small to show."""

    code: str
    could_be: int
    drawn: int
    answered: int | None
    told: dict[Told, int | None]


class ResultsOut(Schema):
    """What a round came to. ``share`` with its interval of 95 % (Wilson) is ``null`` where too few were ill; numbers that are
    too small, and what they could be computed from, are ``null``. ``sure`` is false where the target lies in the interval."""

    round: RoundOut
    drawn: int
    answered: int
    declined: int
    waiting: int
    over: bool
    told: dict[Told, int | None]
    numerator: int | None
    denominator: int | None
    share: str | None
    low: str | None
    high: str | None
    target: str | None
    clause: str
    met: str
    sure: bool
    places: list[PlaceOut]
    items: list[dict[str, Any]]
    doubts: list[str]


class AskOut(Schema):
    """Somebody whom one's institution registered and asks; ``questions`` by item, in order."""

    id: UUID
    resident: UUID
    round: UUID
    survey: str
    last: date
    questions: list[dict[str, Any]]


class AsksOut(Schema):
    """Those first whose round ends first."""

    items: list[AskOut]


class AnsweredIn(Body):
    """Answers by item, as they were told on the telephone or at the door. Several choices are joined by ``|``, an institution is
    named by its register key."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"how": "TELEPHONE", "answers": {"ill": True, "first": "bought"}}]}
    )

    how: Literal[How.TELEPHONE, How.DOOR]
    answers: dict[str, bool | float | str] = Field(max_length=40)


class DeclinedIn(Body):
    """How they were asked."""

    how: Literal[How.TELEPHONE, How.DOOR]


@router.get("", response={200: RoundsOut, **REFUSALS}, summary="居民调查 · Rounds of an area")
def rounds(request: HttpRequest, area: Annotated[str, Field(max_length=12)] = "") -> RoundsOut:
    """Of one's own area, or of one below."""
    known_only(request, "area")
    return RoundsOut(items=[_round(each) for each in queries.rounds(request.actor, area=area)])


@router.post("", response={201: IdOut, **WRITES}, summary="开始一轮 · Open a round")
def opened(request: HttpRequest, body: OpeningIn) -> HttpResponse:
    """People are drawn in proportion to the townships and told; two rounds of one survey do not overlap."""
    return once(
        request, 201, lambda: IdOut(id=commands.open_round(request.actor, Opening(**body.model_dump())))
    )


@router.get("/asking", response={200: AsksOut, **REFUSALS}, summary="代问名单 · Whom to ask")
def asking(request: HttpRequest) -> AsksOut:
    """Whom one's institution registered and who has not answered yet; that they were read is on record."""
    known_only(request)
    return AsksOut(items=[_ask(each) for each in queries.to_ask(request.actor)])


@router.post(
    "/asking/{uuid:key}/answers", response={200: DoneOut, **WRITES}, summary="记下答卷 · What somebody told"
)
def answers(request: HttpRequest, key: UUID, body: AnsweredIn) -> HttpResponse:
    """Once a person; kept without their name."""

    def work() -> DoneOut:
        commands.answer_for(request.actor, invitation_id=key, how=body.how, answers=body.answers)
        return DoneOut()

    return once(request, 200, work)


@router.post("/asking/{uuid:key}/decline", response={200: DoneOut, **WRITES}, summary="谢绝 · They declined")
def decline(request: HttpRequest, key: UUID, body: DeclinedIn) -> HttpResponse:
    """They are asked no more in this round."""

    def work() -> DoneOut:
        commands.decline_for(request.actor, invitation_id=key, how=body.how)
        return DoneOut()

    return once(request, 200, work)


@router.get("/{uuid:key}", response={200: ResultsOut, **REFUSALS}, summary="结果 · What a round came to")
def one(request: HttpRequest, key: UUID) -> ResultsOut:
    """Counts, not people."""
    known_only(request)
    return _results(results(request.actor, key))


@router.post("/{uuid:key}/stop", response={200: DoneOut, **WRITES}, summary="提前结束 · End a round")
def stop(request: HttpRequest, key: UUID) -> HttpResponse:
    """What was answered stays; nobody else is asked."""

    def work() -> DoneOut:
        commands.stop_round(request.actor, key)
        return DoneOut()

    return once(request, 200, work)


def _round(each: queries.Round) -> RoundOut:
    return RoundOut(
        id=each.id,
        survey=each.survey.id,
        version=each.survey.form.version,
        area=each.area,
        first=each.first,
        last=each.last,
        recall_weeks=each.recall_weeks,
        wanted=each.wanted,
        drawn=each.drawn,
        seed=each.seed,
        stopped=each.stopped_at is not None,
    )


def _ask(each: queries.Invitation) -> AskOut:
    of = each.round
    questions = [
        {
            "item": item.id,
            "ask": item.ask.zh,
            "kind": item.kind.value,
            "required": item.required,
            "choices": {key: text.zh for key, text in item.choices.items()},
            "only_if": {key: sorted(says) for key, says in item.only_if.items()},
        }
        for item in of.form(of.last).items
    ]
    return AskOut(
        id=each.id,
        resident=each.resident_id,
        round=of.id,
        survey=of.survey.id,
        last=of.last,
        questions=questions,
    )


def _results(found: Results) -> ResultsOut:
    share, target = found.share, found.target
    limit = target.limit if target else None
    return ResultsOut(
        round=_round(found.round),
        drawn=found.drawn,
        answered=found.answered,
        declined=found.declined,
        waiting=found.waiting,
        over=found.over,
        told=dict(found.told),
        numerator=share.part if share else None,
        denominator=share.whole if share else None,
        share=str(written(share.value, _DIGITS)) if share else None,
        low=str(written(share.low, _DIGITS)) if share else None,
        high=str(written(share.high, _DIGITS)) if share else None,
        target=None if limit is None else str(written(limit, _DIGITS)),
        clause=target.clause if target else "",
        met=found.met.value,
        sure=found.sure,
        places=[
            PlaceOut(
                code=each.code,
                could_be=each.could_be,
                drawn=each.drawn,
                answered=each.answered,
                told=dict(each.told),
            )
            for each in found.places
        ],
        items=[
            {
                "item": each.item.id,
                "people": each.people,
                "by_value": dict(each.by_value),
                "mean": None if each.mean is None else str(written(each.mean, _DIGITS)),
            }
            for each in found.items
        ],
        doubts=[each.zh for each in found.doubts],
    )
