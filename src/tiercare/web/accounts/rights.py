"""Who may do what: the table of rights, and who holds a right at a place."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access.queries import staff
from tiercare.apps.access.rights import SCOPE_OF, Reach, holders, reach
from tiercare.apps.access.rules import RIGHT_NAMES, ROLE_NAMES, Right, Role
from tiercare.apps.network.queries.candidates import Named, institutions_like
from tiercare.web.pages import english, page, said
from tiercare.web.paging import Pager

from . import presenters
from .forms import areas_of

_FEW = 5


@require_safe
@page(Right.ACCESS_MANAGE)
def matrix(request: HttpRequest) -> HttpResponse:
    """``/accounts/rights``: every role against every right."""
    context = {
        "roles": [{"name": said(ROLE_NAMES[role]), "scope": SCOPE_OF[role].value} for role in Role],
        "rows": presenters.matrix(),
    }
    return render(request, "accounts/rights.html", context)


@require_safe
@page(Right.ACCESS_MANAGE)
def who_can(request: HttpRequest) -> HttpResponse:
    """``/accounts/holders``: who holds a right here, in an area or at an institution of it."""
    wanted = {name: request.GET.get(name, "")[:200] for name in ("right", "area", "institution", "page")}
    right = Right(wanted["right"]) if wanted["right"] in set(Right) else Right.ACCESS_MANAGE
    areas = areas_of(staff.staff_area(request.actor), request.frame)
    area = wanted["area"] if wanted["area"] in dict(areas) else areas[0][0]
    named, several = _institution(request, wanted["institution"])
    asked = not wanted["institution"].strip() or named is not None
    found = None
    if asked:
        found = staff.who_holds(
            request.actor,
            right,
            division_code=named.division if named else area,
            institution_id=_id(named),
            page=presenters.page_number(wanted["page"]),
        )
    context = {
        "right": right,
        "right_name": said(RIGHT_NAMES[right]),
        "rights": [(each.value, said(RIGHT_NAMES[each])) for each in Right],
        "areas": areas,
        "area": area,
        "place": named.name if named else dict(areas)[area],
        "named": named,
        "several": several,
        "wanted": wanted,
        "found": found,
        "rows": _rows(found),
        "pages": Pager(request, found.page, found.pages) if found else None,
        "own_only": named is None and any(reach(role, right) is Reach.OWN for role in holders(right)),
        "roles": (", " if english() else "、").join(said(ROLE_NAMES[role]) for role in holders(right)),
    }
    return render(request, "accounts/holders.html", context)


def _institution(request: HttpRequest, text: str) -> tuple[Named | None, list[Named]]:
    """The institution that is meant, or those that may be."""
    if not text.strip():
        return None, []
    found = institutions_like(request.frame.pack.region, text, on=request.frame.on, limit=_FEW)
    return (found[0], []) if len(found) == 1 else (None, found)


def _id(named: Named | None) -> UUID | None:
    return named.id if named else None


def _rows(found: staff.Holders | None) -> list[dict[str, object]]:
    return [
        {
            "of": holder,
            "held": [{"role": said(ROLE_NAMES[e.role]), "place": e.place_name} for e in holder.held],
        }
        for holder in (found.rows if found else ())
    ]
