"""The lists that policies name, and the page on which a region fills one in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.mandates import commands
from tiercare.apps.mandates import queries as mandates
from tiercare.kernel.refusal import Refused
from tiercare.web.pages import once, page, said, told

from .forms import ListForm


@require_safe
@page(Right.POLICY_READ)
def lists(request: HttpRequest) -> HttpResponse:
    """``/lists``: every list that holds in the region, and whether somebody still has to fill it in."""
    frame = request.frame
    rows = []
    for named in frame.packs.lists_for(frame.pack.id):
        _named, items = mandates.named_list(frame.pack.id, named.id, on=frame.on)
        rows.append(
            {
                "id": named.id,
                "name": said(named.name),
                "clause": named.clause,
                "pack_name": said(frame.packs.packs[named.pack].name),
                "defined": named.defined_in_text,
                "edited": tuple(items) != named.items,
                "items": [said(item) for item in items],
            }
        )
    return render(request, "lists/list.html", {"rows": rows, "open": sum(not row["items"] for row in rows)})


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.POLICY_READ)
def edit(request: HttpRequest, list_id: str) -> HttpResponse:
    """``/lists/six_unifications``: what it holds on the day; those who may, change it."""
    if request.method != "POST":
        return _page(request, list_id)
    typed = {name: request.POST.get(name, "") for name in ("items", "start")}
    form = ListForm(request.POST)
    if not form.is_valid():
        errors = [
            {"code": "form", "sentence": " ".join(told_), "way_on": "", "clauses": (), "at": field}
            for field, told_ in form.errors.items()
        ]
        return _page(request, list_id, typed=typed, errors=errors, status=422)

    def save() -> str:
        commands.edit_list(
            actor=request.actor,
            pack_id=request.frame.pack.id,
            list_id=list_id,
            items=form.cleaned_data["items"],
            start=form.cleaned_data["start"],
        )
        return f"{reverse('lists:edit', args=[list_id])}?{request.frame.query}"

    try:
        return once(
            request, _("名单已保存，自 %(start)s 起生效。") % {"start": form.cleaned_data["start"]}, save
        )
    except Refused as refused:
        errors = [told(refusal) for refusal in refused.refusals]
        return _page(request, list_id, typed=typed, errors=errors, status=refused.refusals[0].status)


def _page(
    request: HttpRequest,
    list_id: str,
    *,
    typed: dict[str, str] | None = None,
    errors: list[dict[str, Any]] | None = None,
    status: int = 200,
) -> HttpResponse:
    frame = request.frame
    named, items = mandates.named_list(frame.pack.id, list_id, on=frame.on)
    forbidden = access.may(request.actor, Right.MANDATES_EDIT_LIST, division=frame.pack.region)
    lines = "\n".join(item.zh if item.zh == item.en else f"{item.zh} | {item.en}" for item in items)
    context = {
        "named": {
            "id": named.id,
            "name": said(named.name),
            "clause": named.clause,
            "defined": named.defined_in_text,
        },
        "gist": said(frame.packs.clause[named.clause].gist),
        "items": [said(item) for item in items],
        "typed": typed or {"items": lines, "start": frame.on.isoformat()},
        "forbidden": told(forbidden) if forbidden else None,
        "refusals": errors or [],
        "at": {error["at"]: error for error in errors or []},
    }
    return render(request, "lists/edit.html", context, status=status)
