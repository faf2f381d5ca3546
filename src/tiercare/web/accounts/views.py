"""The list of accounts, and the page of one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from tiercare.apps.access import queries as access
from tiercare.apps.access.queries import leaving, staff
from tiercare.apps.access.queries.staff import Narrowed
from tiercare.apps.access.rules import Right, Role
from tiercare.web.pages import page, told

from . import presenters
from .forms import RoleForm


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.ACCESS_MANAGE)
def accounts(request: HttpRequest) -> HttpResponse:
    """``/accounts``: the staff of the area. Names to search for are sent by POST, so that no address holds one."""
    given = request.POST if request.method == "POST" else request.GET
    wanted = {name: given.get(name, "")[:100] for name in ("q", "state", "role", "page")}
    found = staff.staff_list(
        request.actor,
        text=wanted["q"],
        narrowed=Narrowed(wanted["state"]) if wanted["state"] in set(Narrowed) else None,
        role=Role(wanted["role"]) if wanted["role"] in set(Role) else None,
        page=presenters.page_number(wanted["page"]),
    )
    context = {
        "found": found,
        "rows": presenters.rows(found.rows),
        "tiles": presenters.tiles(found),
        "roles": presenters.roles_to_choose(),
        "wanted": wanted,
        "narrowed": bool(wanted["q"] or wanted["state"] or wanted["role"]),
    }
    return render(request, "accounts/list.html", context)


@require_safe
@page(Right.ACCESS_MANAGE)
def account(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """``/accounts/<id>``: who it is, which roles, what they allow, and what can be done."""
    return account_page(request, account_id)


def account_page(
    request: HttpRequest,
    account_id: UUID,
    *,
    refusals: list[dict[str, Any]] | None = None,
    form: RoleForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, also where a form on it was refused.

    Raises:
        Refused: if the actor sees no such account.
    """
    person, at = staff.staff_member(request.actor, account_id), access.wall_clock()
    why_not, slip = staff.why_not_managed(request.actor, account_id), staff.slip_of(account_id, at=at)
    context = {
        "person": person,
        "state": presenters.tag(presenters.STATES[person.state]),
        "held": presenters.held_rows(person.held, why_not),
        "may_do": presenters.may_do(person),
        "slip": slip,
        "sessions": staff.sessions_of(account_id, at=at),
        "planned": leaving.planned_leaving(account_id, request.today),
        "acts": presenters.acts(person, slip, why_not),
        "why_not": told(why_not) if why_not else None,
        "form": form or empty_role_form(request),
        "form_open": form is not None,
        "refusals": refusals or [],
    }
    return render(request, "accounts/detail.html", context, status=status)


def empty_role_form(request: HttpRequest) -> RoleForm:
    """The form for a further role, from today on."""
    area = staff.staff_area(request.actor)
    return RoleForm(frame=request.frame, area=area, initial={"start": request.today, "area": area})
