"""``/centre``: the open cases of the institution, the green channel first."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right, may
from tiercare.apps.capacity.queries.cases import open_cases
from tiercare.apps.capacity.queries.centre import unit_of
from tiercare.apps.capacity.queries.keeping import own_place, registers_of
from tiercare.apps.capacity.rules.cases import CaseKind, Step
from tiercare.web.pages import page
from tiercare.web.paging import Pager

from . import presenters

_PER_PAGE = 50


@require_safe
@page(Right.CAPACITY_KEEP)
def worklist(request: HttpRequest) -> HttpResponse:
    """What is to be done next, for whom; by kind, step and department."""
    if (
        may(request.actor, Right.CAPACITY_BOOK) is not None
    ):  # keeps what the centre runs, and sees nobody in it
        return HttpResponseRedirect(f"{reverse('centre:settings')}?{request.frame.query}")
    kind, step = request.GET.get("kind", ""), request.GET.get("step", "")
    department, number = _key(request.GET.get("department", "")), request.GET.get("page", "1")
    shown = int(number) if number.isascii() and number.isdigit() and 0 < len(number) < 6 else 1
    found = open_cases(
        request.actor,
        kind=CaseKind(kind) if kind in set(CaseKind) else None,
        step=Step(step) if step in set(Step) else None,
        department_id=department,
        page=max(shown, 1),
        per_page=_PER_PAGE,
    )
    unit = unit_of(own_place(request.actor))
    context = {
        "lines": presenters.lines(found.cases, on=request.today),
        "found": found,
        "kinds": presenters.kinds(),
        "steps": presenters.steps(),
        "departments": registers_of(request.actor).departments,
        "kind": kind,
        "step": step,
        "department": department,
        "filtered": bool(kind or step or department),
        "runs": bool(unit.functions) or unit.day_surgery,
        "pager": Pager(request, max(shown, 1), max(1, -(-found.total // _PER_PAGE))),
    }
    return render(request, "centre/list.html", context)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
