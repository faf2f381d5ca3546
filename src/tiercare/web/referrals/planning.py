"""The page on which a hospital sends somebody down: group, receiver, the plan with its drugs, the dates of its guidance."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from tiercare.apps.access.rules import Right
from tiercare.apps.exchange import queries as exchange
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.records.rules.vocabulary import STAGE_NAMES, Stage
from tiercare.apps.referrals import queries as referrals
from tiercare.apps.referrals.queries.asked import GROUPS, PARTS
from tiercare.engines.guidelines import Direction
from tiercare.kernel.refusal import Refused
from tiercare.web.pages import page, said, told
from tiercare.web.residents.record import refused_here

from . import choosing, drafts, presenters, typed, words
from .reading import form_of, person
from .writing import book_of

_AT = {"continuing_treatment": "plan", "rehabilitation": "plan", "nursing": "plan", "content": "plan"}
# Rows of the table of drugs and of the dates beyond those that stand in it.
_MORE_DRUGS, _MORE_DATES = 2, 1
_FORTNIGHT = timedelta(days=14)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.REQUESTS_SEND)
def plan(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """``/referrals/<id>/plan``: the form; a POST keeps what was typed, or sends it."""
    if request.method == "POST":
        form = typed.down(request.POST, book_of(request))
        if drafts.saving(request):
            return drafts.save(request, request_id, form)
        return drafts.send(request, request_id, form, again=_form)
    return form_of(request, request_id, "referrals:plan", _form)


def _form(request: HttpRequest, case: exchange.Case, refused: Refused | None = None) -> HttpResponse:
    try:
        who = person(request.actor, case.standing.resident_id)
    except Refused as closed:
        return refused_here(request, case.standing.resident_id, closed)
    posted = request.method == "POST"
    payload = dict(case.payload)
    if posted:
        content = typed.down(request.POST, book_of(request)).content
        payload |= dict(content.payload or {})
    given_plan = payload.get("plan") or {}
    house = case.standing.sender
    stage = str(payload.get("stage") or "")
    context: dict[str, Any] = who.banner | {
        "case": case,
        "state": words.state(case.line.state),
        "resident_id": case.standing.resident_id,
        "version": case.line.version,
        "values": {
            "problem": (request.POST if posted else {}).get("problem", case.line.problem),
            "problem_code": (request.POST if posted else {}).get("problem_code", case.line.problem_code),
            "reason": payload.get("reason", ""),
            "group": payload.get("group", ""),
            "again": payload.get("again", ""),
            "choice": str((payload.get("choice") or {}).get("by", "")) or "resident",
            "plan": given_plan,
            "warnings": "\n".join(given_plan.get("warnings") or ()),
        },
        "stage": said(STAGE_NAMES[Stage(stage)]) if stage in set(Stage) - {Stage.NONE} else "",
        "groups": _groups(house, payload.get("group", "")),
        "parts": referrals.asked(PARTS, house),
        "drugs": _drugs(given_plan, who.summary),
        "guidance": [
            *(payload.get("guidance") or ()),
            *({"due_on": "", "words": ""} for _each in range(_MORE_DATES)),
        ],
        "first_day": request.today.isoformat(),
        "fortnight": (request.today + _FORTNIGHT).isoformat(),
        "package": presenters.package(who.summary, payload.get("package"), on=request.today),
        "refusals": [told(each) for each in refused.refusals] if refused else [],
        "at": drafts.by_field(refused, _AT),
    }
    asked = request.POST.dict() if posted else {}
    asked["urgency"] = str(int(Urgency.ROUTINE))
    asked.setdefault("specialty", "")
    context |= choosing.choice(request, case, asked=asked, direction=Direction.DOWN)
    status = refused.refusals[0].status if refused else 200
    return render(request, "referrals/plan.html", context, status=status)


def _groups(house: UUID, chosen: str) -> dict[str, Any]:
    """The groups that the region's text names, or all where none does; with the clause."""
    named = referrals.asked(GROUPS, house)
    return {
        "clauses": named.clauses,
        "choices": [
            (code, name, code == chosen)
            for code, name in presenters.groups()
            if not named.words or code in named.words
        ],
    }


def _drugs(given: dict[str, Any], found: Any) -> list[dict[str, str]]:
    """What was written, or what the patient takes; with some empty rows."""
    rows = given.get("drugs")
    if rows is None:
        rows = [{"name": each.name, "dose": each.dose, "code": each.drug_code} for each in found.drugs]
    return [*rows, *({"name": "", "dose": "", "code": ""} for _each in range(_MORE_DRUGS))]
