"""The page on which a hospital sends somebody down: group, receiver, the plan with its drugs, the dates of its guidance."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from tiercare.apps.access.rules import Right
from tiercare.apps.exchange import queries as exchange
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.records import queries as records
from tiercare.apps.records.rules.formularies import HELD_NAMES, INSTEAD_NAMES, Held
from tiercare.apps.records.rules.vocabulary import STAGE_NAMES, Stage
from tiercare.apps.referrals import queries as referrals
from tiercare.apps.referrals.queries.asked import GROUPS, PARTS
from tiercare.engines.guidelines import Direction
from tiercare.kernel.refusal import Refused
from tiercare.web.pages import page, said, told
from tiercare.web.records.presenters import facts_named
from tiercare.web.residents.record import refused_here

from . import choosing, drafts, files, presenters, typed, words
from .reading import Gone, form_of, gone, person, written
from .writing import book_of

_AT = {"continuing_treatment": "plan", "rehabilitation": "plan", "nursing": "plan", "content": "plan"}
# Rows of the table of drugs and of the dates beyond those that stand in it.
_MORE_DRUGS, _MORE_DATES = 2, 1
_COLOURS = {Held.HAS: "met", Held.ALIKE: "at_risk", Held.LACKS: "violated", Held.UNKNOWN: "not_applicable"}
_FORTNIGHT = timedelta(days=14)


@require_POST
@page(Right.REQUESTS_SEND)
def drugs(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """``/referrals/<id>/drugs``: the table anew for another receiver or another drug; nothing is kept, for htmx."""
    try:
        case = written(request.actor, request_id)
    except Gone as sent:
        return gone(request, sent)
    context = _drug_table(request, typed.key(request.POST.get("to", "")), typed.drugs(request.POST))
    return render(request, "referrals/_drugs.html", context | {"request_id": case.line.id})


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.REQUESTS_SEND)
@files.with_files
def plan(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """``/referrals/<id>/plan``: the form; a POST keeps what was typed, or sends it."""
    if request.method == "POST":
        content = typed.down(request.POST, book_of(request))
        if drafts.saving(request):
            return drafts.save(request, request_id, content)
        return drafts.send(request, request_id, content, again=form)
    return form_of(request, request_id, "referrals:plan", form)


def form(request: HttpRequest, case: exchange.Case, refused: Refused | None = None) -> HttpResponse:
    """The form, with what was typed just now; refused, with why."""
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
        "guidance": [
            *(payload.get("guidance") or ()),
            *({"due_on": "", "words": ""} for _each in range(_MORE_DATES)),
        ],
        "first_day": request.today.isoformat(),
        "fortnight": (request.today + _FORTNIGHT).isoformat(),
        "package": presenters.package(
            who.summary, payload.get("package"), on=request.today, book=facts_named(request)
        ),
        "refusals": [told(each) for each in refused.refusals] if refused else [],
        "at": drafts.by_field(refused, _AT),
    }
    asked = request.POST.dict() if posted else {}
    asked["urgency"] = str(int(Urgency.ROUTINE))
    asked.setdefault("specialty", "")
    context |= choosing.choice(request, case, asked=asked, direction=Direction.DOWN)
    to = context["chosen"].institution_id if context["chosen"] else None
    context |= _drug_table(request, to, _drugs(given_plan, who.summary))
    context |= choosing.held(request, case) | choosing.nonce(case.line.id)
    if not context.get("place") and not context.get("lapsed"):
        first = context["chosen"].first if context["chosen"] else None
        context |= choosing.offered(request, case, first.session_id if first else None, to=to)
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
    """What was written, or what the patient takes."""
    rows = given.get("drugs")
    if rows is None:
        return [{"name": each.name, "dose": each.dose, "code": each.drug_code} for each in found.drugs]
    return list(rows)


def _drug_table(request: HttpRequest, to: UUID | None, rows: list[dict[str, str]]) -> dict[str, Any]:
    """The drugs with how each stands to the list of whoever is chosen, and some empty rows."""
    named = [(each.get("code", ""), each.get("name", "")) for each in rows]
    compared = records.drug_gap(to, named, on=request.today)
    shown = [
        each
        | {
            "held": how.held.value,
            "held_name": said(HELD_NAMES[how.held]),
            "colour": _COLOURS[how.held],
            "listed": f"{how.by.name} {how.by.strength}".strip() if how.by else "",
        }
        for each, how in zip(rows, compared, strict=True)
    ]
    empty: dict[str, str] = {"name": "", "dose": "", "code": ""}
    return {
        "drugs": [*shown, *(dict(empty) for _each in range(_MORE_DRUGS))],
        "insteads": [(each.value, said(name)) for each, name in INSTEAD_NAMES.items()],
        "unlisted": bool(shown) and all(each["held"] == Held.UNKNOWN.value for each in shown),
        "receiver_id": to,
    }
