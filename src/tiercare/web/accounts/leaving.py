"""``/accounts/<id>/leave``: everything that will happen, and then its doing."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tiercare.apps.access.commands import leaving as commands
from tiercare.apps.access.queries import staff
from tiercare.apps.access.queries.leaving import leaving_preview
from tiercare.apps.access.rules import BASIS_NAMES, ROLE_NAMES, Right
from tiercare.apps.access.rules.staff import NO_SUCH_SUCCESSOR, StaffState
from tiercare.apps.network.queries.belonging import names_of_institutions
from tiercare.kernel.refusal import Refused
from tiercare.web.access.forms import show
from tiercare.web.fresh import recently_confirmed
from tiercare.web.pages import once, page, said, told

from .forms import LeaveForm


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.ACCESS_MANAGE)
@recently_confirmed()
def leave(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """The preview, and on POST the leaving itself."""
    if request.method != "POST":
        return _page(request, account_id, LeaveForm(initial={"on": request.today}))
    form = LeaveForm(request.POST)
    if not form.is_valid():
        return _page(request, account_id, form, status=422)
    on: date = form.cleaned_data["on"]
    done = _("离岗已办理，账户已停用。") if on == request.today else _("已安排离岗，到那天自动办理。")

    def do() -> str:
        commands.leave(
            request.actor,
            account_id=account_id,
            successor_id=_successor(form.cleaned_data["successor"]),
            on=on,
            to_institution=form.cleaned_data["to_institution"],
        )
        return f"{reverse('accounts:detail', args=[account_id])}?{request.frame.query}"

    try:
        return once(request, done, do)
    except Refused as refused:
        show(form, refused.refusals)
        return _page(request, account_id, form, status=refused.refusals[0].status)


def _successor(username: str) -> UUID | None:
    if not username:
        return None
    known = staff.colleague(username)
    if known is None:
        raise Refused(NO_SUCH_SUCCESSOR)
    return known[0]


def _page(request: HttpRequest, account_id: UUID, form: LeaveForm, status: int = 200) -> HttpResponse:
    seen = leaving_preview(request.actor, account_id)
    why_not = staff.why_not_managed(request.actor, account_id)
    context = {
        "seen": seen,
        "person": seen.person,
        "grants": [{"role": said(ROLE_NAMES[each.role]), "of": each} for each in seen.grants],
        "relations": _relations(seen.relations, request.frame.on),
        "gone": seen.person.state is StaffState.DISABLED,
        "why_not": told(why_not) if why_not else None,
        "form": form,
    }
    return render(request, "accounts/leave.html", context, status=status)


def _relations(relations: Any, on: date) -> list[dict[str, Any]]:
    names = names_of_institutions([each.institution_id for each in relations], on=on)
    return [
        {
            "place": names.get(each.institution_id, ""),
            "kind": said(BASIS_NAMES[each.kind]),
            "count": each.count,
        }
        for each in relations
    ]
