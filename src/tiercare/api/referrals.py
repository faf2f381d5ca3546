"""``/api/referrals``: what the criteria say, where to, begin, send with the record package, who is ready to go down.

What becomes of a referral once it is begun stands in ``/api/requests``, as for every kind of request.
"""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.records import queries as records
from tiercare.apps.referrals import commands, queries
from tiercare.apps.referrals.queries import destinations as ranking
from tiercare.apps.referrals.rules.refusals import NO_CANDIDATE
from tiercare.engines.guidelines import Direction
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from . import referrals_down as down
from . import referrals_shapes as shapes
from . import requests_shapes
from .etags import as_bytes
from .paging import known_only
from .requests import CHANGES, REFUSALS, WRITES, tagged, version_read, with_acts
from .requests_told import made_out, turned_out
from .writes import once

router = Router(tags=["referrals"])
_FUNCTIONS: list[str] = Query([], alias="function", max_length=10)
_MOST = 60


@router.get(
    "/proposal", response={200: shapes.ProposalOut, **REFUSALS}, summary="转诊标准 · What the criteria say"
)
def proposal(
    request: HttpRequest,
    resident: UUID,
    direction: Literal["up", "down"] = "up",
    problem_code: requests_shapes.ProblemCode = "",
) -> HttpResponse:
    """Of this resident, by the tables in force at your institution, with the facts that would have to be known. The
    reading of the record is recorded."""
    known_only(request, "resident", "direction", "problem_code")
    told = queries.proposal(
        request.actor, resident, direction=Direction(direction), problem_code=problem_code
    )
    return _json(shapes.proposal_out(told))


@router.get(
    "/destinations", response={200: shapes.DestinationsOut, **REFUSALS}, summary="转往何处 · Where to"
)
def destinations(
    request: HttpRequest,
    resident: UUID,
    specialty: requests_shapes.Specialty = "",
    urgency: requests_shapes.UrgencyWord = "ROUTINE",
    direction: Literal["up", "down"] = "up",
    tier: int | None = Query(None, ge=0, le=3),
    functions: list[str] = _FUNCTIONS,
    wish: UUID | None = None,
    requested: bool = True,
    limit: int = Query(20, ge=1, le=_MOST),
) -> HttpResponse:
    """The institutions that come into question, the best first, each with its reasons and the first place free for this
    resident. It says nothing of who the resident is."""
    names = ("specialty", "urgency", "direction", "tier", "function", "wish", "requested", "limit")
    known_only(request, "resident", *names)
    found = ranking.destinations(
        request.actor,
        resident_id=resident,
        specialty=specialty,
        urgency=Urgency[urgency],
        direction=Direction(direction),
        tier=tier,
        functions=functions,
        wish=wish,
        requested=requested,
        limit=limit,
    )
    return _json({"items": [shapes.destination_out(each) for each in found]})


@router.get("/ready", response={200: down.ReadyListOut, **REFUSALS}, summary="可下转 · Ready to go down")
def ready(request: HttpRequest) -> HttpResponse:
    """Patients of your institution who are marked as recovered or stable and for whom nothing is on the way."""
    found = queries.who_goes_down(request.actor)
    return _json(
        {
            "items": [down.ready_out(each) for each in found.inside],
            "discharged": [down.ready_out(each) for each in found.left],
            **down.proposed_out(
                queries.criteria_met(request.actor),
                records.open_prompts(request.actor),
                records.left_elsewhere(request.actor),
            ),
        }
    )


@router.post("", response={201: requests_shapes.MadeOut, **WRITES}, summary="发起转诊 · Begin a referral")
def start(request: HttpRequest, body: shapes.StartIn) -> HttpResponse:
    """Prefilled from the record and the criteria; everything can be changed until it is sent."""

    def work() -> requests_shapes.MadeOut:
        row = commands.start(
            request.actor,
            resident_id=body.resident,
            kind=body.kind,
            problem_code=body.problem_code,
            problem=body.problem,
            encounter_id=body.visit,
            again=body.again,
        )
        return made_out(row)

    return once(request, 201, work)


@router.post(
    "/down", response={201: requests_shapes.MadeOut, **WRITES}, summary="发起下转 · Begin to send down"
)
def go_down(request: HttpRequest, body: down.DownIn) -> HttpResponse:
    """Somebody of ``/ready``."""

    def work() -> requests_shapes.MadeOut:
        actor, again = request.actor, body.again
        if body.case is not None:
            return made_out(commands.go_down_by_criteria(actor, case_id=body.case, again=again))
        if body.prompt is not None:
            return made_out(commands.go_down_at_visit(actor, prompt_id=body.prompt, again=again))
        if body.visit is None:
            raise Refused(NO_CANDIDATE)
        return made_out(commands.go_down(actor, encounter_id=body.visit, again=again))

    return once(request, 201, work)


@router.post(
    "/{uuid:key}/send",
    response={200: requests_shapes.TurnedOut, **CHANGES, 409: requests_shapes.NotNowProblem},
    summary="提交 · Send",
)
def send(request: HttpRequest, key: UUID, body: shapes.SendIn) -> HttpResponse:
    """Keep what was written last and send it; the record package goes along. All that is missing is told at once. The place
    that is held is booked by this."""
    version = version_read(request)
    wrote = body.model_fields_set - {"without_place"}

    def work() -> requests_shapes.TurnedOut:
        turned = commands.send(
            request.actor,
            request_id=key,
            content=body.content() if wrote else None,
            without_place=body.without_place,
            version=version,
        )
        return turned_out(turned)

    return with_acts(request, key, lambda: tagged(once(request, 200, work)))


@router.post(
    "/{uuid:key}/supplement",
    response={200: requests_shapes.VersionOut, **WRITES},
    summary="补充资料 · Add to what was sent",
)
def supplement(request: HttpRequest, key: UUID, body: requests_shapes.SupplementIn) -> HttpResponse:
    """The paperwork of an emergency, done afterwards (XH-48); the package is made anew."""

    def work() -> requests_shapes.VersionOut:
        kept = commands.supplement(request.actor, request_id=key, content=body.content.told())
        return requests_shapes.VersionOut(id=key, version=kept)

    return tagged(once(request, 200, work))


@router.post(
    "/{uuid:key}/convert",
    response={201: requests_shapes.MadeOut, **WRITES},
    summary="咨询转为转诊 · Make a referral of an answered question",
)
def convert(request: HttpRequest, key: UUID, body: shapes.ConvertIn) -> HttpResponse:
    """With everything that stands in it; nothing is typed again."""

    def work() -> requests_shapes.MadeOut:
        return made_out(commands.convert(request.actor, request_id=key, kind=body.kind))

    return once(request, 201, work)


@router.get(
    "/{uuid:key}/package", response={200: shapes.PackageOut, **REFUSALS}, summary="资料包 · What went along"
)
def package(request: HttpRequest, key: UUID) -> HttpResponse:
    """For both sides; the reading is recorded."""
    found = queries.package_of(request.actor, key)
    if found is None:
        raise Refused(NOT_SENT)
    return _json(shapes.package_out(found))


def _json(content: dict[str, Any]) -> HttpResponse:
    return HttpResponse(as_bytes(content), content_type="application/json")


NOT_SENT = Refusal(
    code="referrals.not_sent",
    message=Text("这条转诊还没有提交，没有资料包。", "It has not been sent: nothing went along yet."),
    instead=Text("资料在提交时打包。", "The package is made when it is sent."),
    at="request",
    status=404,
)
