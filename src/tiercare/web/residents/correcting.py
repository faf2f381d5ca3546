"""Correcting an entry: the form with what stands now, and what another desk changed meanwhile."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.rules import KEEP, Correction, IdentityKind
from tiercare.apps.residents.rules.telephone import SERVES_AFTER
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.pages import once, page

from . import presenters
from .areas import deepest, picker, values_of
from .record import address, refused_here
from .typed import Typed, choices, day_of, refusals_told


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.RESIDENTS_REGISTER)
def correct(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """``/residents/<id>/correct``: numbers are not shown; an empty box leaves them as they are."""
    if request.method != "POST":
        return _form(request, resident_id, None)
    typed = Typed.read(request.POST, on=ledger.today())

    def work() -> str:
        commands.correct(
            request.actor, resident_id=resident_id, version=_version(request), change=_change(request, typed)
        )
        return address(request, resident_id)

    try:
        return once(request, gettext("已保存。"), work)
    except commands.AlreadyKnown as known:
        queries.candidates_shown(request.actor, known.candidates)
        context = refusals_told(known.refusals)
        context["candidates"] = presenters.least_lines(known.candidates, (), on=ledger.today())
        return _form(request, resident_id, typed, known.refusals[0].status, **context)
    except commands.ChangedMeanwhile as changed:
        context = refusals_told(changed.refusals) | {"changed": changed.fields}
        return _form(request, resident_id, typed, changed.refusals[0].status, **context)
    except Refused as refused:
        context = refusals_told(refused.refusals)
        return _form(request, resident_id, typed, refused.refusals[0].status, **context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.RESIDENTS_REGISTER)
def double(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """报告为重复: two entries seem to be one person; the keepers of the index decide."""
    if request.method != "POST":
        return HttpResponseRedirect(address(request, resident_id))

    def work() -> str:
        other = given.key(request.POST, "other")
        commands.report_same(request.actor, resident_id=resident_id, other_id=other)
        return address(request, resident_id)

    try:
        return once(request, gettext("已报告，主索引管理员会核对并合并。"), work)
    except Refused as refused:
        return _form(
            request, resident_id, None, refused.refusals[0].status, **refusals_told(refused.refusals)
        )


def _version(request: HttpRequest) -> int:
    sent = request.POST.get("version", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0


def _change(request: HttpRequest, typed: Typed) -> Correction:
    """What the form says; the numbers only where something was typed for them."""
    phone: Any = typed.texts["phone"] or ("" if request.POST.get("no_phone") else KEEP)
    document: Any = (typed.kind, typed.number) if typed.texts["number"] else KEEP
    died = day_of(request.POST.get("deceased_on", "").strip(), at="deceased_on")
    return Correction(
        name=typed.texts["name"],
        sex=typed.sex,
        birth_date=typed.birth_date,
        division_code=deepest(typed.levels),
        address=typed.texts["address"],
        phone=phone,
        document=document,
        deceased_on=died,
    )


def _form(
    request: HttpRequest, resident_id: UUID, typed: Typed | None, status: int = 200, **more: Any
) -> HttpResponse:
    """The form: what was typed, beside what stands now where the two differ."""
    try:
        sheet = queries.sheet(request.actor, resident_id, what="correction")
    except Refused as refused:
        return refused_here(request, resident_id, refused)
    who, on = sheet.who, sheet.on
    stands = {
        "name": who.name,
        "sex": who.sex,
        "birth_date": who.birth_date.isoformat() if who.birth_date else "",
        "address": who.address,
        "deceased_on": who.deceased_on.isoformat() if who.deceased_on else "",
    }
    texts = stands | {"phone": "", "number": "", "child": "1", "identity_kind": who.identity_kind}
    if who.identity_kind == IdentityKind.NONE.value:
        texts["identity_kind"] = IdentityKind.ID_CARD.value
    levels = picker(values_of(who.division_code, on=on), on=on)
    if typed is not None:
        texts |= typed.texts | {"deceased_on": request.POST.get("deceased_on", "")[:20]}
        levels = typed.levels
    changed = more.get("changed", ())
    context = choices() | {
        **presenters.record(sheet),
        "typed": texts,
        "levels": levels,
        "now": {name: value for name, value in stands.items() if name in changed and texts[name] != value},
        "no_phone": bool(request.POST.get("no_phone")),
        "serves_after": int(SERVES_AFTER.total_seconds() // 3600),
    }
    return render(request, "residents/correct.html", context | more, status=status)
