"""``/centre/new``: whom for (by card, number, or from their page), then what: kind, department, disease, procedure."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries.centre import (
    catalogue,
    criteria_of,
    day_surgery_tier,
    may_admit,
    unit_of,
)
from tiercare.apps.capacity.queries.keeping import own_place, registers_of
from tiercare.apps.capacity.queries.patient import patient
from tiercare.apps.capacity.rules.cases import CaseKind, may_open
from tiercare.apps.residents import commands as residents_commands
from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.rules.card_tokens import is_token
from tiercare.apps.residents.rules.cards import read_card_number
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web import given
from tiercare.web.booking.presenters import banner
from tiercare.web.capacity import choosing
from tiercare.web.capacity.typed import Sent, again
from tiercare.web.pages import once, page, told
from tiercare.web.residents.record import refused_here

from . import words

_LONGEST = 1200  # characters: a card's token is the longest thing that is scanned


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CAPACITY_KEEP)
def new(request: HttpRequest) -> HttpResponse:
    """The box, or with ``resident`` the form; a POST looks up, or opens the case."""
    may_admit(request.actor, request.actor.institution_id)
    if request.method != "POST":
        asked = request.GET.get("resident", "")
        return _form(request, given.key(request.GET, "resident")) if asked else _box(request)
    if "text" in request.POST:
        return _found(request)
    return _open(request, given.key(request.POST, "resident"))


def _found(request: HttpRequest) -> HttpResponse:
    """Who it is, by what was typed or scanned; whether anything may be read of them is asked by the next page."""
    try:
        text = given.text(request.POST, "text", longest=_LONGEST)
        if is_token(text) or read_card_number(text) is not None:
            who = residents_commands.scan(request.actor, text=text).least.id
        else:
            who = residents.one_by_number(request.actor, text, at="text").id
    except Refused as refused:
        return _box(request, refused)
    return HttpResponseRedirect(f"{reverse('centre:new')}?{request.frame.query}&resident={who}")


def _open(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    sent = Sent(request.POST)

    def work() -> str:
        place = own_place(request.actor)
        departments = choosing.departments(registers_of(request.actor).departments)
        department = choosing.chosen(departments, sent.text("department"), at="department")
        if department is None:
            raise Refused(_NO_DEPARTMENT)
        kind = sent.text("kind", longest=20)
        if kind not in set(CaseKind):
            raise Refused(_NO_KIND)
        procedure = sent.text("procedure", longest=40)
        made = commands.open_case(
            request.actor,
            kind=CaseKind(kind),
            institution_id=place,
            resident_id=resident_id,
            department_id=UUID(department),
            procedure_id=given.key(request.POST, "procedure") if procedure else None,
            disease=sent.text("disease", longest=200),
        )
        return f"{reverse('centre:case', args=[made])}?{request.frame.query}"

    try:
        return once(request, _("已开立，步骤都列在这一页。"), work)
    except Refused as refused:
        return _form(request, resident_id, sent, refused)


def _box(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    typed = request.POST.get("text", "").strip()
    return again(request, "centre/find.html", {"typed": "" if is_token(typed) else typed[:40]}, refused)


def _form(
    request: HttpRequest, resident_id: UUID, sent: Sent | None = None, refused: Refused | None = None
) -> HttpResponse:
    try:
        who = patient(request.actor, resident_id)
    except Refused as closed:
        return refused_here(request, resident_id, closed)
    place = own_place(request.actor)
    today, unit = request.today, unit_of(place)
    tier = day_surgery_tier(place, on=today)
    kinds = []
    for each in CaseKind:
        no = may_open(each, unit, tier=tier)
        kinds.append({"code": each.value, "name": words.kind(each), "why_not": told(no) if no else None})
    typed: dict[str, Any] = dict(sent.values.items()) if sent else {}
    open_kinds = [each["code"] for each in kinds if each["why_not"] is None]
    context = banner(who) | {
        "resident_id": resident_id,
        "kinds": kinds,
        "any": bool(open_kinds),
        "departments": choosing.departments(registers_of(request.actor).departments),
        "procedures": catalogue(place, on=today),
        "diseases": sorted({each.disease for each in criteria_of(place)}),
        "typed": {"kind": open_kinds[0] if open_kinds else ""} | typed,
    }
    return again(request, "centre/new.html", context, refused)


_NO_DEPARTMENT = Refusal(
    code="capacity.department_missing",
    message=Text("没有选择科室。", "No department was chosen."),
    instead=Text("请输入科室名称或拼音首字母，再从提示中选择。", "Type its name or initials and choose."),
    at="department",
    status=422,
)
_NO_KIND = Refusal(
    code="capacity.case_kind_missing",
    message=Text("没有选择住院、择期手术还是日间手术。", "It was not said what is to be opened."),
    instead=Text("请选择一种。", "Choose one of them."),
    at="kind",
    status=422,
)
