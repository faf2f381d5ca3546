"""``/api/network/institution-plans`` and what is put on record about an application before it is decided: the plan that it may exceed, both
sides' word, the criteria; the lists of hospitals with too many beds and of what flows where."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.commands import drafts
from tiercare.apps.network.commands import institution_plans as commands
from tiercare.apps.network.queries import institution_plans as plans
from tiercare.apps.network.queries import proposals
from tiercare.apps.network.queries.worklist import application_seen
from tiercare.apps.network.rules.institution_plans import PLAN_LINES
from tiercare.apps.network.rules.pairing import Grade, total
from tiercare.apps.planning.queries import flows as flowing
from tiercare.apps.planning.queries import surplus as turning
from tiercare.apps.planning.queries.proposals import judged_of
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .changes import REFUSALS
from .directory import READ, may
from .etags import answered
from .institution_plans_shapes import (
    ChoiceIn,
    ComparisonOut,
    FlowOut,
    FlowsOut,
    GroundsOut,
    InstitutionPlanIn,
    InstitutionPlanOut,
    InstitutionPlansOut,
    OverrideIn,
    PlanKeptOut,
    ScoresIn,
    SideOut,
    SumOut,
    SurplusOut,
)
from .paging import Day, Words, day_of, known_only
from .problems import Problem
from .writes import once

router = Router(tags=["network"])
WRITE = {401: Problem, **REFUSALS}


def _code(region: str) -> str:
    """The division code of a pack's id, or the code itself."""
    pack = mandates.packs().find(region)
    if pack is None and not region.isdigit():
        raise Refused(mandates.region_without_pack(region))
    return pack.region if pack else region


def _pack(region: str) -> str:
    pack = mandates.packs().find(region)
    if pack is None:
        raise Refused(mandates.region_without_pack(region))
    return pack.id


@router.get(
    "/institution-plans",
    response={200: InstitutionPlansOut, **READ},
    summary="规划版本 · Versions of the plan",
)
def read_plans(request: HttpRequest, region: Words) -> HttpResponse:
    """Every version of the plans of ``region`` (a pack's id or a division code) and the areas in it."""
    may(request, Right.NETWORK_READ)
    known_only(request, "region")
    return answered(request, {"items": [_plan(each) for each in plans.versions(_code(region))]})


@router.get(
    "/institution-plans/comparison",
    response={200: ComparisonOut, **READ},
    summary="规划、现有、申请对照 · Allowed, existing, applied for",
)
def read_comparison(request: HttpRequest, region: Words, on: Day | None = None) -> HttpResponse:
    """Each limit in force on the day against what stands and what waits for a decision."""
    may(request, Right.NETWORK_READ)
    known_only(request, "region", "on")
    day = day_of(on)
    found = [
        {
            **_line(each.line),
            "plan": each.plan.id,
            "existing": each.existing,
            "adds": each.adds,
            "left": each.left,
            "limits": each.limits,
            "applied": [{"id": one.id, "title": one.title, "adds": one.adds} for one in each.applied],
        }
        for each in plans.compared(_code(region), _pack(region), on=day)
    ]
    return answered(request, {"on": day, "items": found})


@router.get(
    "/institution-plans/surplus",
    response={200: SurplusOut, **READ},
    summary="县级医院床位使用 · County hospitals by use of beds",
)
def read_surplus(request: HttpRequest, region: Words, on: Day | None = None) -> HttpResponse:
    """In the twelve months up to the day; those without numbers last (XH-120)."""
    may(request, Right.EVALUATION_READ)
    known_only(request, "region", "on")
    found = turning.surplus(request.actor, _pack(region), on=day_of(on))
    names = ("id", "code", "name", "area", "category", "beds", "used", "open", "share", "months", "surplus")
    items = [{name: getattr(each, name) for name in names} for each in found.rows]
    return answered(
        request, {"low": found.low, "targets": [each.value for each in found.targets], "items": items}
    )


@router.get(
    "/institution-plans/flows",
    response={200: FlowsOut, **READ},
    summary="流向基层和边远贫困地区 · Flows to remote and poor areas",
)
def read_flows(
    request: HttpRequest, region: Words, first: Day | None = None, last: Day | None = None
) -> HttpResponse:
    """Staff days and remote sessions from ``first`` to ``last``, both inside, each with its id (YN-16); this year up to
    today where no days are named."""
    may(request, Right.EVALUATION_READ)
    known_only(request, "region", "first", "last")
    until = day_of(last)
    since = first or until.replace(month=1, day=1)
    found = flowing.flows_of(request.actor, _pack(region), first=since, last=until)
    return answered(
        request,
        {
            "first": since,
            "last": until,
            "listed": dict(found.listed),
            "sums": [SumOut.from_orm(each).dict() for each in found.sums],
            "items": [FlowOut.from_orm(each).dict() for each in found.flows],
        },
    )


@router.get(
    "/institution-plans/{uuid:key}",
    response={200: InstitutionPlanOut, **READ},
    summary="一版规划 · One version",
)
def read_plan(request: HttpRequest, key: UUID) -> HttpResponse:
    """With its limits."""
    may(request, Right.NETWORK_READ)
    known_only(request)
    found = plans.version(key)
    if found is None:
        raise Refused(_NO_SUCH_PLAN)
    return answered(request, _plan(found))


@router.post(
    "/institution-plans", response={201: PlanKeptOut, **WRITE}, summary="登记新版规划 · Keep a version"
)
def keep_plan(request: HttpRequest, body: InstitutionPlanIn) -> HttpResponse:
    """The version before ends as it begins. Limits that cannot be taken are told by their number, and nothing is kept."""
    refuse(access.may(request.actor, Right.NETWORK_DECIDE, division=body.division))
    read = commands.read_lines(
        [(f"#{n}", line.model_dump()) for n, line in enumerate(body.lines, start=1)], division=body.division
    )
    if read.faults:
        raise Refused(*(_fault(fault) for fault in read.faults[:20]))
    draft = commands.PlanDraft(body.title, body.adopted_on, body.start, body.document, body.words)
    return once(request, 201, lambda: _kept(request, body, draft, read))


def _kept(
    request: HttpRequest, body: InstitutionPlanIn, draft: commands.PlanDraft, read: commands.ReadLines
) -> PlanKeptOut:
    plan = commands.keep_institution_plan(
        actor=request.actor, division=body.division, kind=body.kind, draft=draft, read=read
    )
    return PlanKeptOut(id=plan.id, number=plan.number)


@router.get(
    "/applications/{uuid:key}/grounds",
    response={200: GroundsOut, **READ},
    summary="审批前须有的记录 · What has to be on record",
)
def read_grounds(request: HttpRequest, key: UUID) -> HttpResponse:
    """The limits that an application goes beyond, who has confirmed it, how it stands to the criteria, and what is still missing."""
    may(request, Right.NETWORK_READ)
    known_only(request)
    application = application_seen(request.actor, key)
    if application is None:
        raise Refused(_NO_SUCH_APPLICATION)
    standing = drafts.ready(application)
    kept = {}
    for row in reversed(proposals.scores(application.id)):
        if standing.proposal is not None and row.digest == standing.proposal.digest:
            kept[row.clause, row.criterion] = (Grade(row.grade) if row.grade else None, row.words)
    judged = judged_of(standing, _pack(application.region), said=kept)
    mean, _scored = total(judged)
    return answered(
        request,
        {
            "marks": [mark.plain for mark in standing.marks],
            "overridden": standing.overridden,
            "sides": [SideOut.from_orm(side).dict() for side in standing.sides],
            "scores": [
                {
                    "clause": each.clause,
                    "criterion": each.measured.criterion,
                    "met": each.measured.met,
                    "of": len(each.measured.grounds),
                    "grade": each.grade or "",
                    "words": each.words,
                    "share": None if each.share is None else float(each.share),
                    "ground": [one.plain for one in (*each.measured.grounds, *each.measured.figures)],
                }
                for each in judged
            ],
            "mean": None if mean is None else float(mean),
            "missing": [refusal.code for refusal in standing.missing],
        },
    )


@router.post(
    "/applications/{uuid:key}/override",
    response={201: PlanKeptOut, **WRITE},
    summary="同意超规划办理 · Let it exceed the plan",
)
def override(request: HttpRequest, key: UUID, body: OverrideIn) -> HttpResponse:
    """By the commission that decides about it, with a reason that is kept (XH-12)."""
    may(request, Right.NETWORK_DECIDE)
    return once(
        request,
        201,
        lambda: PlanKeptOut(
            id=drafts.override_plan(actor=request.actor, application_id=key, reason=body.reason).id
        ),
    )


@router.post(
    "/applications/{uuid:key}/confirmation",
    response={201: PlanKeptOut, **WRITE},
    summary="双向选择的确认 · Confirm a proposal",
)
def confirm(request: HttpRequest, key: UUID, body: ChoiceIn) -> HttpResponse:
    """For one's own institution (YN-01)."""
    may(request, Right.NETWORK_REPORT)
    return once(
        request,
        201,
        lambda: PlanKeptOut(
            id=drafts.confirm_choice(
                actor=request.actor, application_id=key, agreed=body.agreed, words=body.words
            ).id
        ),
    )


@router.post(
    "/applications/{uuid:key}/scores",
    response={201: PlanKeptOut, **WRITE},
    summary="保存评分 · Keep the scores of a proposal",
)
def keep_scores(request: HttpRequest, key: UUID, body: ScoresIn) -> HttpResponse:
    """Every criterion of the pack as data say it now, with what is said here where they say nothing (YN-01, YN-16)."""
    may(request, Right.NETWORK_APPLY, Right.NETWORK_DECIDE)
    return once(request, 201, lambda: _scored(request, key, body))


def _scored(request: HttpRequest, key: UUID, body: ScoresIn) -> PlanKeptOut:
    application = application_seen(request.actor, key)
    if application is None:
        raise Refused(_NO_SUCH_APPLICATION)
    said = {
        (each.clause, each.criterion): (Grade(each.grade) if each.grade else None, each.words)
        for each in body.said
    }
    judged = judged_of(drafts.ready(application), _pack(application.region), said=said)
    drafts.score_proposal(actor=request.actor, application_id=key, judged=judged)
    return PlanKeptOut(id=key, number=len(judged))


def _line(line: Any) -> dict[str, Any]:
    return {name: getattr(line, name) for name in ("area", "subject", "kind", "level", "allowed", "note")}


def _plan(each: plans.Version) -> dict[str, Any]:
    names = ("id", "division", "kind", "number", "title", "document", "adopted_on", "start", "end")
    return {name: getattr(each, name) for name in names} | {"lines": [_line(line) for line in each.lines]}


def _fault(fault: Any) -> Refusal:
    column = PLAN_LINES.by_key.get(fault["column"])
    return Refusal(
        code="institution_plan_line",
        message=Text("第 {row} 项{column}：{why}", "Limit {row}, {column}: {why}"),
        instead=Text("{fix}", "{fix}"),
        fields={
            "row": fault["place"].lstrip("#"),
            "column": column.name if column else fault["column"],
            "why": Text(**fault["message"]),
            "fix": Text(**fault["fix"]),
        },
        at=f"lines.{fault['place'].lstrip('#')}.{fault['column']}",
        status=422,
    )


_NO_SUCH_PLAN = Refusal(
    code="no_such_institution_plan",
    message=Text("没有这一版规划。", "There is no such version of a plan."),
    instead=Text("请从版本列表中选择。", "Choose one from the list."),
    status=404,
)
_NO_SUCH_APPLICATION = Refusal(
    code="no_such_application",
    message=Text("没有这份申请。", "There is no such application."),
    instead=Text("请从申请列表中选择。", "Choose one from the list."),
    status=404,
)
