"""The clause ledger and the page of one clause."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.queries.book import panels_of
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web.pages import page, said

from . import presenters

PER_PAGE = 50


@require_safe
@page(Right.POLICY_READ)
def ledger(request: HttpRequest) -> HttpResponse:
    """``/clauses``: every clause of every pack, filtered, fifty a page."""
    packs = request.frame.packs
    rows = presenters.rows(packs)
    wanted = {name: request.GET.get(name, "")[:100] for name in presenters.FILTERS}
    found = presenters.fitting(rows, wanted)
    pages = max(1, -(-len(found) // PER_PAGE))
    number = min(max(1, _number(request.GET.get("page", ""))), pages)
    context = {
        "rows": found[(number - 1) * PER_PAGE : number * PER_PAGE],
        "found": len(found),
        "total": len(rows),
        "number": number,
        "pages": pages,
        "wanted": wanted,
        "offered": presenters.offered(packs, rows),
        "counts": presenters.counts(rows),
    }
    return render(request, "clauses/list.html", context)


@require_safe
@page(Right.POLICY_READ)
def clause(request: HttpRequest, clause_id: str) -> HttpResponse:
    """``/clauses/WH-27``: one clause with its parameters, cards, defects and tests."""
    frame = request.frame
    if clause_id not in frame.packs.clause:
        raise Refused(_unknown(clause_id))
    context = presenters.detail(frame.packs, frame.packs.clause[clause_id], on=frame.on)
    held = {each.id for each in frame.packs.clauses_for(frame.pack.id)}
    checked = any(
        card["key"] in {c.key for c in frame.packs.cards_for(frame.pack.id, app="network")}
        for card in context["cards"]
    )
    context |= {"on_board": clause_id in held and checked, "panels": _panels(request, clause_id)}
    return render(request, "clauses/detail.html", context)


def _panels(request: HttpRequest, clause_id: str) -> list[tuple[str, str]]:
    """The tables in which the numbers that a clause asks for stand side by side, for those who may see numbers."""
    if access.may(request.actor, Right.EVALUATION_READ) is not None:
        return []
    known = panels_of(request.frame.pack.id)
    return [(each.id, said(each.name)) for each in known.values() if clause_id in each.clauses]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _unknown(clause_id: str) -> Refusal:
    return Refusal(
        code="no_such_clause",
        message=Text("没有条款“{clause}”。", "There is no clause “{clause}”."),
        instead=Text(
            "条款号的样子是 WH-27，请从条款台账中查找。",
            "Clause ids look like WH-27; look it up in the ledger.",
        ),
        fields={"clause": clause_id[:40]},
        status=404,
    )
