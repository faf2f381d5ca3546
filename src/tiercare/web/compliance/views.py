"""Pages of the compliance board."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.mandates import commands
from tiercare.apps.network import queries as network
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web import labels
from tiercare.web.marks import mark_of
from tiercare.web.pages import once, page, said, told
from tiercare.web.spreadsheets import csv_response
from tiercare.web.verdicts import Viewer

from . import presenters
from .forms import WaiverForm
from .places import about_places


@require_safe
@page(Right.POLICY_READ)
def board(request: HttpRequest) -> HttpResponse:
    """``/compliance``: every clause that rule cards check, filtered, the numbers above."""
    frame = request.frame
    checked = _checked(request)
    wanted = _wanted(request)
    below, trail = presenters.drill(checked, wanted["area"])
    context = {
        "below": below,
        "trail": trail,
        "pending": len(checked.pending),
        "rows": presenters.rows(frame.packs, checked, wanted),
        "total": len(checked.compliance.clauses),
        "violations": checked.compliance.violations,
        "states": presenters.states(checked),
        "offered": presenters.offered(frame.packs, checked),
        "wanted": wanted,
        "digest": checked.compliance.digest,
        "about_places": about_places(frame.packs.cards_for(frame.pack.id)),
    }
    return render(request, "compliance/board.html", context)


@require_safe
@page(Right.POLICY_READ)
def export(request: HttpRequest) -> HttpResponse:
    """``/compliance.csv``: the rows of the board, with the same filters."""
    frame = request.frame
    checked = _checked(request)
    header = [
        *(_("条款"), _("要点"), _("文件"), _("措辞"), _("状态"), _("规则")),
        *(_("已达到"), _("应达到"), _("比例"), _("期限"), _("问题数"), _("已豁免"), _("截至")),
    ]
    lines = [
        [
            *(row.id, row.gist, row.document, said(row.force.label), said(row.state.label)),
            " ".join(f"{pack}/{card}" for pack, card, _sentence in row.cards),
            *(row.numerator, row.denominator, row.share, row.deadline, row.findings, row.waived, frame.on),
        ]
        for row in presenters.rows(frame.packs, checked, _wanted(request))
    ]
    return csv_response(f"compliance-{frame.pack.id}-{frame.on}", header, lines, mark=mark_of())


@require_safe
@page(Right.POLICY_READ)
def clause(request: HttpRequest, clause_id: str) -> HttpResponse:
    """``/compliance/WH-27``: one clause, its cards, every finding and what can be done about it."""
    return _clause_page(request, clause_id)


@require_POST
@page(Right.POLICY_READ)
def waive(request: HttpRequest, clause_id: str) -> HttpResponse:
    """Grant an exception for one finding; a refusal comes back with everything that was typed."""
    frame = request.frame
    form = WaiverForm(request.POST)
    typed = {name: request.POST.get(name, "") for name in form.fields}
    if not form.is_valid():
        return _clause_page(request, clause_id, typed=typed, errors=_errors(form), status=422)
    given = form.cleaned_data
    names = network.things_named([given["subject"]], on=frame.on)

    def grant() -> str:
        commands.grant_waiver(
            actor=request.actor,
            pack_id=frame.pack.id,
            card_key=given["card"],
            subject=given["subject"],
            subject_name=names.get(given["subject"], given["subject"]),
            reason=given["reason"],
            start=given["start"],
            end=given["end"] + timedelta(days=1) if given["end"] else None,  # people name the last day
        )
        return f"{reverse('compliance:clause', args=[clause_id])}?{frame.query}"

    try:
        return once(request, _("已批准例外，并记入操作留痕。"), grant)
    except Refused as refused:
        errors = [told(refusal) for refusal in refused.refusals]
        return _clause_page(request, clause_id, typed=typed, errors=errors, status=refused.refusals[0].status)


# A page judges so many prefectures at most by itself; the background process does the rest within seconds.
JUDGED_HERE = 2


def _checked(request: HttpRequest) -> network.Checked:
    """The verdict on the region, or on the area of it that is asked for."""
    frame, area = request.frame, request.GET.get("area", "")[:9]
    checked = network.check(frame.pack.id, on=frame.on, at_most=JUDGED_HERE, area=area)
    return network.narrowed(checked, area)


def _wanted(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "")[:100] for name in presenters.FILTERS}


def _errors(form: WaiverForm) -> list[dict[str, Any]]:
    return [
        {"code": "form", "sentence": " ".join(errors), "way_on": "", "clauses": (), "at": field}
        for field, errors in form.errors.items()
    ]


def _clause_page(
    request: HttpRequest,
    clause_id: str,
    *,
    typed: dict[str, str] | None = None,
    errors: list[dict[str, Any]] | None = None,
    status: int = 200,
) -> HttpResponse:
    frame = request.frame
    known = {each.id: each for each in frame.packs.clauses_for(frame.pack.id)}
    if clause_id not in known:
        raise Refused(_no_such_clause(clause_id, said(frame.pack.name)))
    checked = _checked(request)
    verdicts = presenters.verdicts_of(checked, clause_id)
    viewer = Viewer(checked, frame.packs, request.actor)
    shown = known[clause_id]
    document = frame.packs.document[shown.document]
    context = {
        "clause": shown,
        "gist": said(shown.gist),
        "document": said(document.title),
        "capability": labels.name("capability", shown.capability),
        "state": verdicts[0].state if verdicts else None,
        "cards": [viewer.card(verdict) for verdict in verdicts],
        "about_places": about_places(
            card for card in frame.packs.cards_for(frame.pack.id) if clause_id in card.clauses
        ),
        "typed": typed or {},
        "refusals": errors or [],
        "at": {error["at"]: error for error in errors or []},
    }
    return render(request, "compliance/clause.html", context, status=status)


def _no_such_clause(clause_id: str, region: str) -> Refusal:
    return Refusal(
        code="no_such_clause",
        message=Text("{region}没有条款“{clause}”。", "There is no clause “{clause}” in {region}."),
        instead=Text(
            "请从条款台账中查找，或换一个地区。", "Look it up in the clause ledger, or choose another region."
        ),
        fields={"clause": clause_id[:40], "region": region},
        status=404,
    )
