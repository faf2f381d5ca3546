"""The one page on which a referral up or across is written: why, where to, what goes with it, sent with a place."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from tiercare.apps.access.rules import Right
from tiercare.apps.exchange import queries as exchange
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.records import queries as records
from tiercare.apps.referrals import queries as referrals
from tiercare.apps.referrals.queries import Proposal
from tiercare.engines.guidelines import Direction, Guidelines
from tiercare.kernel.refusal import Refused
from tiercare.web.pages import page, told
from tiercare.web.records.presenters import facts_named
from tiercare.web.residents.record import refused_here

from . import choosing, drafts, files, presenters, typed, words
from .reading import Gone, Person, form_of, gone, person, written

# Where the page shows what is refused under another name than the field's.
_AT = {"content": "reason", "at": "slot", "problem_code": "problem"}
_ASKED = 6


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.REQUESTS_SEND)
@files.with_files
def write(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """``/referrals/<id>/write``: the form; a POST keeps what was typed, or sends it."""
    if request.method == "POST":
        content = typed.referral(request.POST, book_of(request))
        if drafts.saving(request):
            return drafts.save(request, request_id, content)
        return drafts.send(request, request_id, content, again=form)
    return form_of(request, request_id, "referrals:write", form)


@require_POST
@page(Right.REQUESTS_SEND)
def criteria(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """``/referrals/<id>/criteria``: the criteria anew with what was just answered; nothing is kept, for htmx."""
    try:
        case = written(request.actor, request_id)
    except Gone as sent_already:
        return gone(request, sent_already)
    told_of = _told(request, case)
    values = _values(case, request.POST, told_of)
    context = {
        "line": presenters.line(case.line),
        "values": values,
        "criteria": presenters.criteria(told_of.held, told_of.book, values["criterion"]),
        "questions": _questions(told_of, values["observed"]),
    }
    return render(request, "referrals/_criteria.html", context)


def book_of(request: HttpRequest) -> Guidelines | None:
    """The criteria in force at the actor's institution: what can be observed, and which values are possible."""
    assert request.actor.institution_id is not None
    return records.guidelines_at(request.actor.institution_id, on=request.today)


def _told(request: HttpRequest, case: exchange.Case) -> Proposal:
    """What the criteria say, with the answers of the form, or of the draft."""
    answers: dict[str, Any] = dict(case.payload.get("observed") or {})
    code = case.line.problem_code
    if request.method == "POST":
        answers = typed.observed(request.POST, book_of(request))
        code = typed.line(request.POST, "problem_code", 10).upper()
    return referrals.proposal(
        request.actor, case.standing.resident_id, direction=Direction.UP, observed=answers, problem_code=code
    )


def form(request: HttpRequest, case: exchange.Case, refused: Refused | None = None) -> HttpResponse:
    """The form, with what was typed just now; refused, with why."""
    try:
        who = person(request.actor, case.standing.resident_id)
        told_of = _told(request, case)
    except Refused as closed:
        return refused_here(request, case.standing.resident_id, closed)
    context = shown(request, case, who, told_of)
    context |= {
        "refusals": [told(each) for each in refused.refusals] if refused else [],
        "at": drafts.by_field(refused, _AT),
        "lapsed_choice": bool(refused and any(each.at == "slot" for each in refused.refusals)),
    }
    status = refused.refusals[0].status if refused else 200
    template = "referrals/emergency.html" if context["is_emergency"] else "referrals/write.html"
    return render(request, template, context, status=status)


def shown(request: HttpRequest, case: exchange.Case, who: Person, told_of: Proposal) -> dict[str, Any]:
    """Everything that the page shows: what was typed just now, else what is kept."""
    given = request.POST if request.method == "POST" else None
    values = _values(case, given, told_of)
    direction = Direction.UP
    emergency = (request.POST if given is not None else request.GET).get("emergency") == "1"
    urgency = Urgency.EMERGENCY if emergency else values["urgency"]
    asked = (given.dict() if given is not None else {}) | {"urgency": str(int(urgency))}
    context: dict[str, Any] = who.banner | {
        "case": case,
        "line": presenters.line(case.line),
        "state": words.state(case.line.state),
        "kind_name": words.kind(case.line.kind),
        "resident_id": case.standing.resident_id,
        "values": values,
        "version": case.line.version,
        "returned": _returned(case),
        "urgencies": presenters.urgencies(
            urgency, Urgency(told_of.urgency) if told_of.urgency is not None else None
        ),
        "criteria": presenters.criteria(told_of.held, told_of.book, values["criterion"]),
        "questions": _questions(told_of, values["observed"]),
        "beyond": presenters.beyond(),
        "package": presenters.package(
            who.summary, values["package"], on=request.today, book=facts_named(request)
        ),
        "is_emergency": emergency and case.line.kind != "advice",
        "up": case.line.kind == "up",
    }
    context |= choosing.choice(request, case, asked=asked, direction=direction, tier=told_of.tier)
    context |= choosing.held(request, case) | choosing.nonce(case.line.id)
    if not context.get("place") and not context.get("lapsed"):
        first = context["chosen"].first if context["chosen"] else None
        to = context["chosen"].institution_id if context["chosen"] else None
        context |= choosing.offered(request, case, first.session_id if first else None, to=to)
    return context


def _values(case: exchange.Case, given: Any, told_of: Proposal) -> dict[str, Any]:
    """The fields as they stand: typed, kept, or proposed."""
    payload, ground = case.payload, case.payload.get("ground") or {}
    values: dict[str, Any] = {
        "problem": case.line.problem,
        "problem_code": case.line.problem_code,
        **{name: str(payload.get(name, "")) for name in typed.TEXTS},
        "criterion": str(ground.get("criterion", "")),
        "severity": _severity(ground),
        "beyond": str(ground.get("beyond", "")),
        "needs_admission": bool(payload.get("needs_admission")),
        "choice": str((payload.get("choice") or {}).get("by", "")) or "resident",
        "again": str(payload.get("again", "")),
        "observed": dict(payload.get("observed") or {}),
        "package": payload.get("package"),
        "urgency": case.line.urgency,
        "to": case.line.receiver,
    }
    if given is not None:
        values |= {name: given.get(name, "") for name in values if name in given}
        values["needs_admission"] = given.get("needs_admission") == "1"
        values["observed"] = typed.observed(given, told_of.book)
        urgency = typed.urgency(given)
        values["urgency"] = case.line.urgency if urgency is None else urgency
        if "packing" in given:
            values["package"] = {part: given.getlist(f"with-{part}") for part in typed.PARTS}
    return values


def _severity(ground: Any) -> str:
    """What somebody wrote; the name of the criterion's urgency stands with the criterion."""
    words_of = str(ground.get("severity", ""))
    return "" if words_of in {each.name.lower() for each in Urgency} else words_of


def _questions(told_of: Proposal, answered: dict[str, Any]) -> list[dict[str, Any]]:
    """What to ask: of the most urgent rows that may hold, a few at a time."""
    missing = dict.fromkeys(name for each in told_of.unsure for name in each.missing)
    return presenters.questions(list(missing)[:_ASKED], told_of.book, answered)


def _returned(case: exchange.Case) -> dict[str, Any] | None:
    """Why it came back, where it did, and what is proposed instead."""
    if case.line.state.value != "RETURNED":
        return None
    step = next((each for each in reversed(case.steps) if each.target.value == "RETURNED"), None)
    return None if step is None else {"step": step, "instead": step.alternative or {}}
