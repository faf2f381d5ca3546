"""Inviting a colleague, and giving roles. Every POST makes one command call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tiercare.apps.access import commands
from tiercare.apps.access.commands import invitations
from tiercare.apps.access.queries import staff
from tiercare.apps.access.rules import NO_SUCH_ACCOUNT, SCOPE_OF, Right, Role
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.web.access.forms import show
from tiercare.web.fresh import recently_confirmed
from tiercare.web.pages import once, page

from .forms import PLACE_OF, ColleagueForm, InviteForm, RoleForm
from .slips import shown_once
from .views import account_page

F = TypeVar("F", bound=RoleForm)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.ACCESS_MANAGE)
@recently_confirmed()
def invite(request: HttpRequest) -> HttpResponse:
    """``/accounts/new``: a colleague without an account; answered with the slip."""
    form = _form(request, InviteForm)
    if request.method != "POST":
        return _page(request, "accounts/new.html", form)
    if not form.is_valid():
        return _page(request, "accounts/new.html", form, status=422)
    given = form.cleaned_data
    try:
        return shown_once(
            request,
            lambda: invitations.invite(
                request.actor,
                username=given["username"],
                display_name=given["display_name"],
                **form.granted(),
            ),
        )
    except Refused as refused:
        _show(form, refused.refusals)
        return _page(request, "accounts/new.html", form, status=refused.refusals[0].status)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.ACCESS_MANAGE)
@recently_confirmed()
def grant_colleague(request: HttpRequest) -> HttpResponse:
    """``/accounts/grant``: a role here for somebody whose account was opened elsewhere."""
    form = _form(request, ColleagueForm)
    if request.method != "POST":
        return _page(request, "accounts/grant.html", form)
    if not form.is_valid():
        return _page(request, "accounts/grant.html", form, status=422)
    try:
        known = staff.colleague(form.cleaned_data["username"])
        if known is None:
            raise Refused(NO_SUCH_ACCOUNT)
        return _granted(request, known[0], form)
    except Refused as refused:
        _show(form, refused.refusals, {NO_SUCH_ACCOUNT.code: "username"})
        return _page(request, "accounts/grant.html", form, status=refused.refusals[0].status)


@require_POST
@page(Right.ACCESS_MANAGE)
@recently_confirmed()
def grant_here(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """A further role for an account, from its own page."""
    staff.staff_member(request.actor, account_id)
    form = _form(request, RoleForm)
    if not form.is_valid():
        return account_page(request, account_id, form=form, status=422)
    try:
        return _granted(request, account_id, form)
    except Refused as refused:
        _show(form, refused.refusals)
        return account_page(request, account_id, form=form, status=refused.refusals[0].status)


def _granted(request: HttpRequest, account_id: UUID, form: RoleForm) -> HttpResponse:
    def do() -> str:
        commands.grant(request.actor, account_id=account_id, **form.granted())
        return f"{reverse('accounts:detail', args=[account_id])}?{request.frame.query}"

    return once(request, _("已授予角色，并记入操作留痕。"), do)


def _form(request: HttpRequest, kind: type[F]) -> F:
    area = staff.staff_area(request.actor)
    posted = request.POST if request.method == "POST" else None
    return kind(posted, frame=request.frame, area=area, initial={"start": request.today, "area": area})


def _show(form: RoleForm, refusals: Iterable[Refusal], at: dict[str, str] | None = None) -> None:
    """Put refusals on the form: those about the place at the input that says it."""
    role = form.cleaned_data.get("role")
    places = {"place": PLACE_OF[SCOPE_OF[Role(role)]], "period": "start"} if role else {}
    for refusal in refusals:
        wanted = (at or {}).get(refusal.code) or places.get(refusal.at or "", refusal.at)
        show(form, [replace(refusal, at=wanted)])


def _page(request: HttpRequest, template: str, form: forms.Form, status: int = 200) -> HttpResponse:
    return render(request, template, {"form": form}, status=status)
