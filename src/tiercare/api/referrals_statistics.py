"""``/api/referrals/statistics``: what became of referrals, in numbers; nothing of any resident."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from tiercare.apps.referrals.queries import statistics as counting
from tiercare.apps.referrals.queries.statistics import Side, Time

from .paging import Day, known_only
from .problems import Problem

router = Router(tags=["referrals"])
REFUSALS = {401: Problem, 403: Problem, 404: Problem, 422: Problem}


class TimeOut(Schema):
    """Seconds from when it was sent until it first got to a step: the median and the ninth decile."""

    step: str
    median: float
    p90: float
    cases: int


class BouncedOut(Schema):
    """What was returned or sent on, by whom, in which department, with which code."""

    act: str
    code: str
    institution: UUID
    name: str
    department: str
    cases: int


class DownOut(Schema):
    """Referrals down of one group of patients (XH-47) to one receiver."""

    group: str
    institution: UUID
    name: str
    sent: int
    accepted: int
    arrived: int


class MonthOut(Schema):
    """Up and down in a month."""

    month: date
    up: int
    down: int


class StageOut(Schema):
    """Patients marked as ready to go down: how many went, after how many days, and who did not (NHC-38)."""

    stage: str
    marked: int
    sent: int
    waiting: int
    kept: int
    left_without: int
    median: float | None
    p90: float | None


class StatisticsOut(Schema):
    """Of requests first sent in the period, both days included. ``counts`` by measure; ``emergency`` are the times of
    emergencies alone; ratios are left to whoever reads: of nothing there is none."""

    first: date
    last: date
    side: str
    institutions: int
    counts: dict[str, int]
    times: list[TimeOut]
    emergency: list[TimeOut]
    bounced: list[BouncedOut]
    down: list[DownOut]
    months: list[MonthOut]
    stages: list[StageOut]


@router.get(
    "/statistics", response={200: StatisticsOut, **REFUSALS}, summary="转诊统计 · What became of referrals"
)
def statistics(
    request: HttpRequest, first: Day, last: Day, side: Side = Side.ALL, institution: UUID | None = None
) -> StatisticsOut:
    """Of your institution; of an area of all in it, or of one of them."""
    known_only(request, "first", "last", "side", "institution")
    scope = counting.scope_of(request.actor, first=first, last=last, side=side, institution_id=institution)
    found = counting.statistics(scope)
    return StatisticsOut(
        first=scope.first,
        last=scope.last,
        side=scope.side.value,
        institutions=len(scope.institutions),
        counts=dict(found.counts),
        times=[_time(each) for each in found.times],
        emergency=[_time(each) for each in found.emergency],
        bounced=[
            BouncedOut(
                act=each.act,
                code=each.code,
                institution=each.institution_id,
                name=each.institution,
                department=each.department,
                cases=each.cases,
            )
            for each in found.bounced
        ],
        down=[
            DownOut(
                group=each.group,
                institution=each.institution_id,
                name=each.institution,
                sent=each.sent,
                accepted=each.accepted,
                arrived=each.arrived,
            )
            for each in found.down
        ],
        months=[MonthOut(month=each.month, up=each.up, down=each.down) for each in found.months],
        stages=[
            StageOut(**{name: getattr(each, name) for name in StageOut.model_fields}) for each in found.stages
        ],
    )


def _time(each: Time) -> TimeOut:
    return TimeOut(step=each.step, median=each.median, p90=each.p90, cases=each.cases)
