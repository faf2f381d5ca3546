"""``/reviews``: every emergency access of the area until somebody has looked at it, and the objections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tiercare.apps.access import queries as access_queries
from tiercare.apps.access import rules as access
from tiercare.apps.access.commands.glass import review_glass
from tiercare.apps.access.commands.objections import answer_objection
from tiercare.apps.access.queries import reviews as queries
from tiercare.apps.access.rules import OUTCOME_NAMES, Basis, Right
from tiercare.apps.access.rules.consent import LONGEST_TEXT, NO_OUTCOME
from tiercare.apps.residents.queries.finding import Least, least_of, record
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.web.me.words import what
from tiercare.web.pages import once, page, said, told

_PER_PAGE = 30
_EDITING = ["GET", "HEAD", "POST"]


@require_safe
@page(Right.GLASS_REVIEW)
def reviews(request: HttpRequest) -> HttpResponse:
    """Those that wait, by what is due first; or those reviewed, latest first."""
    done = request.GET.get("done") == "1"
    at = _page_number(request)
    found = queries.reviews(request.actor, reviewed=done, limit=_PER_PAGE + 1, offset=(at - 1) * _PER_PAGE)
    context = {
        "standing": queries.standing(request.actor),
        "rows": [_named(row) for row in found[:_PER_PAGE]],
        "done": done,
        "next": at + 1 if len(found) > _PER_PAGE else None,
    }
    return render(request, "reviews/list.html", context)


@require_http_methods(_EDITING)
@page(Right.GLASS_REVIEW)
def review(request: HttpRequest, glass_id: UUID) -> HttpResponse:
    """One emergency access with what was read under it; a POST says whether it was justified."""
    if request.method != "POST":
        return _review(request, glass_id)

    def decide() -> str:
        review_glass(
            request.actor,
            glass_id=glass_id,
            outcome=request.POST.get("outcome", ""),
            remark=request.POST.get("remark", ""),
        )
        return f"{reverse('reviews:list')}?{request.frame.query}"

    try:
        return once(request, _("审核结论已记录，居民看得到。"), decide)
    except Refused as refused:
        return _review(request, glass_id, refused.refusals)


@require_safe
@page(Right.GLASS_REVIEW)
def objections(request: HttpRequest) -> HttpResponse:
    """Objections that wait for an answer, by what is due first; or those answered, latest first."""
    done = request.GET.get("done") == "1"
    at = _page_number(request)
    found = queries.complaints(request.actor, answered=done, limit=_PER_PAGE + 1, offset=(at - 1) * _PER_PAGE)
    context = {
        "standing": queries.standing(request.actor),
        "rows": found[:_PER_PAGE],
        "done": done,
        "next": at + 1 if len(found) > _PER_PAGE else None,
    }
    return render(request, "reviews/objections.html", context)


@require_http_methods(_EDITING)
@page(Right.GLASS_REVIEW)
def objection(request: HttpRequest, objection_id: UUID) -> HttpResponse:
    """One objection with the reading it is about; a POST answers it."""
    if request.method != "POST":
        return _objection(request, objection_id)

    def answer() -> str:
        if request.POST.get("upheld") not in ("0", "1"):
            raise Refused(replace(NO_OUTCOME, at="upheld"))
        answer_objection(
            request.actor,
            objection_id=objection_id,
            upheld=request.POST.get("upheld") == "1",
            answer=request.POST.get("answer", ""),
        )
        return f"{reverse('reviews:objections')}?{request.frame.query}"

    try:
        return once(request, _("答复已记录，居民看得到。"), answer)
    except Refused as refused:
        return _objection(request, objection_id, refused.refusals)


def _review(request: HttpRequest, glass_id: UUID, refusals: Sequence[Refusal] = ()) -> HttpResponse:
    opened = queries.opened_review(request.actor, glass_id)
    context = {
        **_named(opened.review),
        "who": _who(request, opened.review.resident_id),
        "readings": [_reading(each) for each in opened.readings],
        "own": opened.review.account_id == request.actor.account_id,
        "outcomes": [(code.value, said(name)) for code, name in OUTCOME_NAMES.items()],
        "longest": LONGEST_TEXT,
        "given": request.POST,
        "refusals": [told(refusal) for refusal in refusals],
    }
    return render(request, "reviews/review.html", context, status=refusals[0].status if refusals else 200)


def _objection(request: HttpRequest, objection_id: UUID, refusals: Sequence[Refusal] = ()) -> HttpResponse:
    row, reading, glass = queries.opened_complaint(request.actor, objection_id)
    context = {
        "row": row,
        "who": _who(request, row.resident_id),
        "reading": _reading(reading) if reading else None,
        "glass": _named(glass) if glass else None,
        "longest": LONGEST_TEXT,
        "given": request.POST,
        "refusals": [told(refusal) for refusal in refusals],
    }
    return render(request, "reviews/objection.html", context, status=refusals[0].status if refusals else 200)


def _who(request: HttpRequest, resident_id: UUID) -> Least | None:
    """Whose record it was, masked. That the auditor saw it is recorded, so the resident sees that too."""
    with access_queries.scoped(request.actor, area=request.actor.division_code or ""):
        record(request.actor, "review", Basis.IDENTITY, [resident_id])
    return next(iter(least_of([resident_id])), None)


def _named(review: queries.Review) -> dict[str, Any]:
    return {
        "row": review,
        "reason": said(access.BREAK_GLASS_REASON_NAMES[review.reason]),
        "outcome": said(OUTCOME_NAMES[review.outcome]) if review.outcome else "",
    }


def _reading(reading: Any) -> dict[str, Any]:
    role, basis = reading.actor_role, reading.basis
    return {
        "at": reading.at,
        "who": reading.actor_name,
        "role": said(access.ROLE_NAMES[access.Role(role)]) if role in set(access.Role) else "",
        "what": what(reading.what),
        "basis": said(access.BASIS_NAMES[Basis(basis)]) if basis in set(Basis) else "",
        "refused": reading.refused,
    }


def _page_number(request: HttpRequest) -> int:
    """The page asked for; the first if it is none."""
    text = request.GET.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1
