"""The keeper's pages: pairs by likelihood, one pair with all that merging would mean, temporary entries, the merges.

A GET writes the record of the reading and nothing else; every decision is one command.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.residents import commands, queries
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web import given
from tiercare.web.pages import once, page, told

from . import presenters

PER_PAGE = 20
_LONGEST_NUMBER = 60


@require_safe
@page(Right.RESIDENTS_MERGE)
def pairs(request: HttpRequest) -> HttpResponse:
    """``/duplicates``: pairs that wait for a decision, the likeliest first; ``temporary=1``: with a temporary entry."""
    temporary = request.GET.get("temporary") == "1"
    found = queries.open_pairs(request.actor, after=_after(request), limit=PER_PAGE + 1, temporary=temporary)
    last = found[PER_PAGE - 1] if len(found) > PER_PAGE else None
    context = {
        "rows": presenters.pair_rows(found[:PER_PAGE], on=ledger.today()),
        "more": {"weight": repr(last.weight), "after": last.id} if last else None,
        "first": "after" not in request.GET,
        "temporary": temporary,
        "metrics": queries.metrics(request.actor),
    }
    return render(request, "duplicates/list.html", context)


@require_safe
@page(Right.RESIDENTS_MERGE)
def pair(request: HttpRequest, one: UUID, other: UUID) -> HttpResponse:
    """Two persons side by side, and what merging them would mean."""
    return _pair(request, one, other)


@require_POST
@page(Right.RESIDENTS_MERGE)
def merge(request: HttpRequest, one: UUID, other: UUID) -> HttpResponse:
    """是同一人: the two are one person, led by the entry that was chosen."""

    def work() -> str:
        kept = given.key(request.POST, "kept")
        if kept not in (one, other):
            raise Refused(_NOT_OF_THE_PAIR)
        merged = other if kept == one else one
        commands.merge(request.actor, kept_id=kept, merged_id=merged, reason=request.POST.get("reason", ""))
        return _to(request, "duplicates:list")

    return _decided(request, one, other, _("已合并为同一人；如有误，可在合并记录里撤销。"), work)


@require_POST
@page(Right.RESIDENTS_MERGE)
def dismiss(request: HttpRequest, one: UUID, other: UUID) -> HttpResponse:
    """不是同一人: the pair is not proposed again."""

    def work() -> str:
        remark = request.POST.get("reason", "")
        commands.dismiss(request.actor, first_id=one, second_id=other, remark=remark)
        return _to(request, "duplicates:list")

    return _decided(request, one, other, _("已记为两个人，不再提示。"), work)


@require_safe
@page(Right.RESIDENTS_MERGE)
def merges(request: HttpRequest) -> HttpResponse:
    """``/duplicates/merges``: the merges, the latest first, each with its undoing; and what came of it day by day."""
    return _merges(request)


@require_POST
@page(Right.RESIDENTS_MERGE)
def part(request: HttpRequest, merge_id: UUID) -> HttpResponse:
    """Undo a merge."""

    def work() -> str:
        commands.part(request.actor, merge_id=merge_id, reason=request.POST.get("reason", ""))
        return _to(request, "duplicates:merges")

    try:
        return once(request, _("已拆开，两份档案各自恢复原状。"), work)
    except Refused as refused:
        typed = {"wrong": merge_id, "typed": request.POST.get("reason", "")}
        return _merges(request, refused.refusals, **typed)


@require_safe
@page(Right.RESIDENTS_MERGE)
def unclaimed(request: HttpRequest) -> HttpResponse:
    """``/duplicates/unclaimed``: temporary entries that are nobody's yet, the latest first."""
    return _unclaimed(request)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.RESIDENTS_MERGE)
def claim(request: HttpRequest) -> HttpResponse:
    """Whose temporary entry is it? A number finds the person, and both stand side by side. Nothing is written.

    The number stays in the body; a GET (somebody reloaded) shows the list.
    """
    if request.method != "POST":
        return HttpResponseRedirect(_to(request, "duplicates:unclaimed"))
    try:
        entry = given.key(request.POST, "entry")
        number = given.text(request.POST, "number", longest=_LONGEST_NUMBER)
        found = [each for each in queries.find(request.actor, number=number) if each.id != entry]
        if not found:
            raise Refused(_NOBODY)
    except Refused as refused:
        return _unclaimed(request, refused.refusals)
    if len(found) == 1:
        return HttpResponseRedirect(_to(request, "duplicates:pair", found[0].id, entry))
    return _unclaimed(request, claimed=entry, candidates=presenters.candidates(found, on=ledger.today()))


def _pair(
    request: HttpRequest, one: UUID, other: UUID, refusals: Sequence[Refusal] = (), **more: Any
) -> HttpResponse:
    effect = queries.effect(request.actor, one, other)
    context = presenters.side_by_side(effect, on=ledger.today()) | _refused(refusals) | more
    context |= {"one": one, "other": other}
    return render(request, "duplicates/pair.html", context, status=_status(refusals))


def _decided(
    request: HttpRequest, one: UUID, other: UUID, done: str, work: Callable[[], str]
) -> HttpResponse:
    try:
        return once(request, done, work)
    except Refused as refused:
        sent = request.resolver_match.url_name if request.resolver_match else ""
        typed: dict[str, Any] = {"sent": sent, "reason": request.POST.get("reason", "")}
        if (kept := request.POST.get("kept", "")) in (str(one), str(other)):
            typed["keep"] = UUID(kept)
        return _pair(request, one, other, refused.refusals, **typed)


def _merges(request: HttpRequest, refusals: Sequence[Refusal] = (), **more: Any) -> HttpResponse:
    found = queries.merges(request.actor, before=_before(request), limit=PER_PAGE + 1)
    last = found[PER_PAGE - 1] if len(found) > PER_PAGE else None
    context = {
        "rows": presenters.merge_lines(found[:PER_PAGE], on=ledger.today()),
        "more": {"at": last.at.isoformat(), "before": last.id} if last else None,
        "metrics": queries.metrics(request.actor),
        "days": queries.DAYS,
    }
    context |= _refused(refusals) | more
    return render(request, "duplicates/merges.html", context, status=_status(refusals))


def _unclaimed(request: HttpRequest, refusals: Sequence[Refusal] = (), **more: Any) -> HttpResponse:
    before = given.key(request.GET, "before") if request.GET.get("before") else None
    found = queries.unclaimed(request.actor, before=before, limit=PER_PAGE + 1)
    context = {
        "rows": presenters.unclaimed_rows(found[:PER_PAGE], on=ledger.today()),
        "more": found[PER_PAGE - 1].least.id if len(found) > PER_PAGE else None,
    }
    context |= _refused(refusals) | more
    return render(request, "duplicates/unclaimed.html", context, status=_status(refusals))


def _refused(refusals: Sequence[Refusal]) -> dict[str, Any]:
    shown = [told(refusal) for refusal in refusals]
    return {"refusals": shown, "at": {each["at"]: each for each in shown}}


def _status(refusals: Sequence[Refusal]) -> int:
    return refusals[0].status if refusals else 200


def _to(request: HttpRequest, view: str, *args: UUID) -> str:
    return f"{reverse(view, args=args)}?{request.frame.query}"


def _after(request: HttpRequest) -> tuple[float, UUID] | None:
    """Where the page before this one ended."""
    if "after" not in request.GET:
        return None
    try:
        weight = float(request.GET.get("weight", ""))
    except ValueError:
        raise Refused(_NO_SUCH_PLACE) from None
    if math.isnan(weight):
        raise Refused(_NO_SUCH_PLACE)
    return weight, given.key(request.GET, "after")


def _before(request: HttpRequest) -> tuple[datetime, UUID] | None:
    if "before" not in request.GET:
        return None
    try:
        at = datetime.fromisoformat(request.GET.get("at", ""))
    except ValueError:
        raise Refused(_NO_SUCH_PLACE) from None
    if at.tzinfo is None:
        raise Refused(_NO_SUCH_PLACE)
    return at, given.key(request.GET, "before")


_NO_SUCH_PLACE = Refusal(
    code="duplicates.no_such_page",
    message=Text("没有这一页。", "There is no such page."),
    instead=Text("请从列表的第一页翻起。", "Start from the first page of the list."),
    status=404,
)
_NOT_OF_THE_PAIR = Refusal(
    code="duplicates.not_of_the_pair",
    message=Text("没有选择以哪一份为准。", "It was not chosen which entry leads."),
    instead=Text("请在两份档案中选一份。", "Choose one of the two."),
    at="kept",
    status=422,
)
_NOBODY = Refusal(
    code="duplicates.nobody",
    message=Text("没有别的居民用这个号码。", "Nobody else bears this number."),
    instead=Text(
        "请核对号码；本人还没有正式档案的，请到登记页面更正这份临时档案，补上证件。",
        "Check the number; if the person has no other entry, correct the temporary one and add the document.",
    ),
    at="number",
    status=404,
)
