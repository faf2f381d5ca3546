"""Agreements in a list and on their page, and what can be done with one. Every POST makes one command call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.network.commands import papers
from tiercare.apps.network.queries import duties
from tiercare.apps.network.queries.papers import (
    agreement_page,
    agreement_rows,
    consortia_offered,
    institutions_named,
)
from tiercare.apps.network.rules.papers import Life
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web import given
from tiercare.web.fresh import ask_first, is_fresh
from tiercare.web.pages import once, page, told

from . import presenters


@require_safe
@page(Right.NETWORK_READ)
def agreements(request: HttpRequest) -> HttpResponse:
    """``/agreements``: drafts, what is in force, what ends soon, what ended."""
    frame = request.frame
    found = agreement_rows(frame.pack.region, on=frame.on)
    wanted = {name: request.GET.get(name, "")[:100] for name in presenters.FILTERS}
    context = {
        "rows": presenters.rows(found, wanted),
        "total": len(found),
        "counts": presenters.counts(found),
        "wanted": wanted,
    }
    return render(request, "agreements/list.html", context)


@require_safe
@page(Right.NETWORK_READ)
def agreement(request: HttpRequest, agreement_id: UUID) -> HttpResponse:
    """``/agreements/<id>``: the paper itself, and beside it what can be done now; it prints as a paper."""
    return _detail(request, agreement_id)


@require_safe
@page(Right.NETWORK_READ)
def responsibilities(request: HttpRequest) -> HttpResponse:
    """``/agreements/responsibilities?consortium=``: what policy and agreements ask of lead and members."""
    frame = request.frame
    rows = consortia_offered(frame.pack.region, on=frame.on)
    chosen = next((row for row in rows if str(row.id) == request.GET.get("consortium")), None)
    chosen = chosen or next(iter(rows), None)
    found = duties.responsibilities(chosen.id, chosen.kind, frame.pack.id, on=frame.on) if chosen else None
    context = {
        "consortia": rows,
        "chosen": chosen,
        "responsibilities": presenters.responsibilities(found) if found else None,
    }
    return render(request, "agreements/responsibilities.html", context)


Act = Callable[[HttpRequest, UUID], object]


def _sign(request: HttpRequest, key: UUID) -> object:
    return papers.sign_for_party(
        actor=request.actor,
        agreement_id=key,
        party_id=given.key(request.POST, "party"),
        signed_by=given.text(request.POST, "signed_by", longest=60),
        signed_on=given.day(request.POST, "signed_on"),
    )


def _take_back(request: HttpRequest, key: UUID) -> object:
    return papers.withdraw_signature(
        actor=request.actor, agreement_id=key, party_id=given.key(request.POST, "party")
    )


def _change(request: HttpRequest, key: UUID) -> object:
    return papers.change_draft(
        actor=request.actor,
        agreement_id=key,
        title=given.text(request.POST, "title", longest=200),
        start=given.day(request.POST, "start"),
        end=given.day(request.POST, "end"),
    )


def _add_party(request: HttpRequest, key: UUID) -> object:
    """An institution by name or initials; a code of digits stands for the government of that area."""
    name = given.text(request.POST, "party_name", longest=200)
    if name.isdigit():
        return papers.add_party(actor=request.actor, agreement_id=key, government_of=name)
    return papers.add_party(
        actor=request.actor, agreement_id=key, institution_id=one_institution(request, name, "party_name")
    )


def one_institution(request: HttpRequest, name: str, at: str) -> UUID:
    """The institution that a typed name stands for.

    Raises:
        Refused: if there is none, or several.
    """
    found = institutions_named(name, on=request.frame.on) if name else []
    if len(found) == 1:
        return found[0][0]
    raise Refused(
        Refusal(
            code="no_single_institution",
            message=Text("没有“{name}”这家机构。", "There is no institution “{name}”.")
            if not found
            else Text("“{name}”符合几家机构：{names}。", "Several institutions fit “{name}”: {names}."),
            instead=Text("请写出机构全名。", "Write the full name."),
            fields={"name": name, "names": "、".join(told_name for _id, told_name in found)},
            at=at,
            status=422,
        )
    )


def _remove_party(request: HttpRequest, key: UUID) -> object:
    return papers.remove_party(
        actor=request.actor, agreement_id=key, party_id=given.key(request.POST, "party")
    )


def _add_owed(request: HttpRequest, key: UUID) -> object:
    wording = given.text(request.POST, "text", longest=500)
    return papers.add_obligation(
        actor=request.actor,
        agreement_id=key,
        owed=papers.Owed(
            given.text(request.POST, "debtor", longest=100),
            given.text(request.POST, "creditor", longest=100),
            Text(wording, given.text(request.POST, "text_en", longest=500) or wording),
            given.day(request.POST, "due"),
            given.text(request.POST, "clause", longest=10),
        ),
    )


def _remove_owed(request: HttpRequest, key: UUID) -> object:
    return papers.remove_obligation(
        actor=request.actor, agreement_id=key, obligation_id=given.key(request.POST, "obligation")
    )


def _discard(request: HttpRequest, key: UUID) -> object:
    return papers.discard_draft(actor=request.actor, agreement_id=key)


def _renew(request: HttpRequest, key: UUID) -> object:
    return papers.renew_agreement(
        actor=request.actor, agreement_id=key, end=given.day(request.POST, "renewed_until")
    ).id


def _end(request: HttpRequest, key: UUID) -> object:
    return papers.end_agreement(
        actor=request.actor, agreement_id=key, end=given.day(request.POST, "ended_on")
    )


ACTS: Mapping[str, tuple[Any, Act]] = {
    "sign": (gettext_lazy("已登记签署；各方签齐后协议即生效，文本不再改动。"), _sign),
    "take-back": (gettext_lazy("已撤回签署，草案可以修改。"), _take_back),
    "change": (gettext_lazy("已保存标题和期限。"), _change),
    "add-party": (gettext_lazy("已加入一方。"), _add_party),
    "remove-party": (gettext_lazy("已移除一方。"), _remove_party),
    "add-owed": (gettext_lazy("已加入义务。"), _add_owed),
    "remove-owed": (gettext_lazy("已删除义务。"), _remove_owed),
    "discard": (gettext_lazy("草案已放弃。"), _discard),
    "renew": (gettext_lazy("已起草续签协议，请修改后由各方签署。"), _renew),
    "end": (gettext_lazy("协议将提前终止。"), _end),
}


@require_POST
@page(Right.NETWORK_READ)
def do(request: HttpRequest, agreement_id: UUID, act: str) -> HttpResponse:
    """One thing done with an agreement; refused, its page says why and keeps what was typed."""
    if act not in ACTS:
        raise Refused(_no_such_act(act))
    if act == "sign" and not is_fresh(request):
        return ask_first(request)
    done, work = ACTS[act]

    def acted() -> str:
        result = work(request, agreement_id)
        if act == "discard":
            return f"{reverse('agreements:list')}?{request.frame.query}"
        return address(request, result if isinstance(result, UUID) else agreement_id)

    try:
        return once(request, str(done), acted)
    except Refused as refused:
        if refused.refusals[0].code == "no_such_agreement":
            raise
        return _detail(request, agreement_id, refusals=refused.refusals, act=act)


def _no_such_act(act: str) -> Refusal:
    return Refusal(
        code="no_such_act",
        message=Text("没有“{act}”这种操作。", "There is nothing called “{act}” to do."),
        instead=Text("请在协议页上选择操作。", "Choose on the agreement's page."),
        fields={"act": act[:40]},
        status=404,
    )


@require_POST
@page(Right.NETWORK_READ)
def meet(request: HttpRequest, obligation_id: UUID) -> HttpResponse:
    """An obligation was met; back to its agreement, or to the calendar that it was opened from."""

    def acted() -> str:
        owed = papers.meet_obligation(
            actor=request.actor, obligation_id=obligation_id, met_on=given.day(request.POST, "met_on")
        )
        if request.POST.get("back") == "calendar":
            return f"{reverse('calendar:month')}?{request.frame.query}"
        return address(request, owed.agreement_id)

    return once(request, _("已登记履行。"), acted)


def _detail(
    request: HttpRequest, agreement_id: UUID, *, refusals: Sequence[Refusal] = (), act: str = ""
) -> HttpResponse:
    paper = agreement_page(agreement_id, on=request.frame.on)
    shown = presenters.sections(paper)
    context = {
        "paper": paper,
        "life": presenters.tag("life", paper.life),
        "draft": paper.signed_on is None,
        "ended": paper.life is Life.ENDED,
        "sections": shown,
        "missing": [section for section in shown if section["missing"]],
        "parties": presenters.parties(paper, request.actor),
        "obligations": presenters.obligations(paper, request.actor),
        "why_not": presenters.drafting_refused(paper, request.actor),
        "why_not_end": presenters.ending_refused(paper, request.actor),
        "today": min(request.frame.on, request.frame.today),
        "confirmed": is_fresh(request),
        "refusals": [told(refusal) for refusal in refusals],
        "act": act,
        "typed": request.POST if refusals else {},
    }
    return render(request, "agreements/detail.html", context, status=refusals[0].status if refusals else 200)


def address(request: HttpRequest, agreement_id: UUID) -> str:
    """The agreement's page for the same region and day."""
    return f"{reverse('agreements:detail', args=[agreement_id])}?{request.frame.query}"
