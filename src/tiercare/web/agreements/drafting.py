"""Drafting: who signs and for how long on one form, the wording section by section on another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tiercare.apps.access.rules import Right
from tiercare.apps.network.commands import papers
from tiercare.apps.network.queries.governance import governance
from tiercare.apps.network.queries.papers import agreement_page, consortia_offered
from tiercare.apps.network.queries.reading import area_names
from tiercare.apps.network.rules.paper_cards import section_name
from tiercare.apps.network.rules.papers import paper_kinds
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.web import given
from tiercare.web.pages import once, page, said, told

from . import presenters
from .views import address, one_institution

_TERM = 3  # years that the form proposes; ours, and changed in the form


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.NETWORK_READ)
def new(request: HttpRequest) -> HttpResponse:
    """``/agreements/new?consortium=``: choose a consortium, then kind, parties and term."""
    if request.method != "POST":
        return _new_page(request)

    def draft() -> str:
        found = papers.draft_agreement(
            actor=request.actor,
            consortium_id=given.key(request.POST, "consortium"),
            kind=given.text(request.POST, "kind", longest=40),
            title=given.text(request.POST, "title", longest=200),
            start=given.day(request.POST, "start"),
            end=given.day(request.POST, "end"),
            institution_ids=_institutions(request),
            governments=[code for code in request.POST.getlist("governments") if code.isdigit()],
        )
        return address(request, found.id)

    try:
        return once(request, _("已起草，请逐节修改，再由各方签署。"), draft)
    except Refused as refused:
        return _new_page(request, refusals=refused.refusals)


def _institutions(request: HttpRequest) -> list[UUID]:
    """Boxes that were ticked, and other institutions typed one a line."""
    ticked = [UUID(key) for key in request.POST.getlist("institutions") if _is_key(key)]
    lines = given.text(request.POST, "others", longest=2000).splitlines()
    typed = [one_institution(request, line.strip(), "others") for line in lines if line.strip()]
    return list(dict.fromkeys([*ticked, *typed]))


def _is_key(value: str) -> bool:
    try:
        return bool(UUID(value))
    except ValueError:
        return False


def _new_page(request: HttpRequest, *, refusals: Sequence[Refusal] = ()) -> HttpResponse:
    frame = request.frame
    rows = consortia_offered(frame.pack.region, on=frame.on)
    asked = request.POST.get("consortium") or request.GET.get("consortium")
    chosen = next((row for row in rows if str(row.id) == asked), None)
    table = governance(chosen.id, on=frame.on).table if chosen else None
    sent = request.POST
    told_ = [told(refusal) for refusal in refusals]
    context = {
        "consortia": rows,
        "chosen": chosen,
        "area": area_names(on=frame.on).get(chosen.division_code, "") if chosen else "",
        "members": table.of.parties if table else (),
        "kinds": [(kind.key, said(kind.name)) for kind in paper_kinds().values()],
        "typed": {
            "kind": sent.get("kind", ""),
            "title": sent.get("title", ""),
            "start": sent.get("start", frame.on.isoformat()),
            "end": sent.get("end", _years_on(frame.on, _TERM).isoformat()),
            "others": sent.get("others", ""),
            "institutions": sent.getlist("institutions"),
            "governments": sent.getlist("governments"),
        },
        "refusals": told_,
        "at": {error["at"]: error for error in told_},
    }
    return render(request, "agreements/new.html", context, status=refusals[0].status if refusals else 200)


def _years_on(day: date, years: int) -> date:
    return day.replace(year=day.year + years, day=min(day.day, 28))


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.NETWORK_READ)
def section(request: HttpRequest, agreement_id: UUID, word: str) -> HttpResponse:
    """One section of a draft: its wording, or that of each party."""
    if request.method != "POST":
        return _section_page(request, agreement_id, word)

    def write() -> str:
        keys = [name for name in request.POST if name == word or name.startswith(f"{word}@")]
        papers.write_sections(
            actor=request.actor,
            agreement_id=agreement_id,
            texts={name: given.text(request.POST, name) for name in keys},
        )
        return f"{address(request, agreement_id)}#section-{word}"

    try:
        return once(request, _("这一节已保存。"), write)
    except Refused as refused:
        return _section_page(request, agreement_id, word, refusals=refused.refusals)


def _section_page(
    request: HttpRequest, agreement_id: UUID, word: str, *, refusals: Sequence[Refusal] = ()
) -> HttpResponse:
    paper = agreement_page(agreement_id, on=request.frame.on)
    found = next((each for each in presenters.sections(paper) if each["word"] == word), None)
    blank = {"key": word, "party": "", "text": "", "clauses": (), "missing": False}
    shown = found or {"word": word, "parts": [blank], "clauses": ()}
    parts = [{**part, "text": request.POST.get(part["key"], part["text"])} for part in shown["parts"]]
    context = {
        "paper": paper,
        "word": word,
        "name": said(section_name(word, "", names={})),
        "parts": parts,
        "clauses": shown["clauses"],
        "why_not": presenters.drafting_refused(paper, request.actor),
        "refusals": [told(refusal) for refusal in refusals],
    }
    status = refusals[0].status if refusals else 200
    return render(request, "agreements/section.html", context, status=status)
