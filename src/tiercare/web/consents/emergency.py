"""The dialog of emergency access, on the page of a record that stays closed or as a page of its own."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tiercare.apps.access.rules import (
    BREAK_GLASS_LIMIT,
    BREAK_GLASS_REASON_NAMES,
    REVIEW_WITHIN,
    Right,
)
from tiercare.apps.access.rules.consent import LONGEST_TEXT, SHORTEST_EXPLANATION
from tiercare.apps.residents import commands
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.web.pages import once, page, said, told


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.GLASS_BREAK)
def glass(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """``/consents/<id>/glass``: what it means and why it is asked; a POST opens the record. Reads nothing of it."""
    if request.method != "POST":
        return _glass(request, resident_id)

    def break_it() -> str:
        commands.break_glass(
            request.actor,
            resident_id,
            reason=request.POST.get("reason", ""),
            explanation=request.POST.get("explanation", ""),
        )
        return f"{reverse('residents:detail', args=[resident_id])}?{request.frame.query}"

    try:
        return once(request, _("档案已为您打开，到时自动关闭；这次调阅会有人审核，居民也看得到。"), break_it)
    except Refused as refused:
        return _glass(request, resident_id, refused.refusals)


def _glass(request: HttpRequest, resident_id: UUID, refusals: Sequence[Refusal] = ()) -> HttpResponse:
    context = {
        "resident_id": resident_id,
        "reasons": [(code.value, said(name)) for code, name in BREAK_GLASS_REASON_NAMES.items()],
        "hours": int(BREAK_GLASS_LIMIT.total_seconds() // 3600),
        "review_hours": int(REVIEW_WITHIN.total_seconds() // 3600),
        "shortest": SHORTEST_EXPLANATION,
        "longest": LONGEST_TEXT,
        "given": request.POST,
        "refusals": [told(refusal) for refusal in refusals],
    }
    return render(request, "consents/glass.html", context, status=refusals[0].status if refusals else 200)
