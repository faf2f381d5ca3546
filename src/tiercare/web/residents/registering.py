"""Registering a resident: one form, checked while it is typed; likely doubles side by side before anything is made."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import queries as network
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.rules import LIKELY_DOUBLE, IdentityKind, Number, fold_number, read_number
from tiercare.kernel.refusal import Refused
from tiercare.web.pages import once, page, told

from .areas import picker, values_of
from .presenters import kind_name, least_lines, sex_name
from .typed import HAN, TEXTS, Typed, choices, refusals_told

_DIGITS = 18  # of an identity card: below, somebody is still typing


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.RESIDENTS_REGISTER)
def new(request: HttpRequest) -> HttpResponse:
    """``/residents/new``: the form; sent, the new entry's page, or the form as it was with what is wrong."""
    if request.method != "POST":
        return _form(request, _empty(request))
    typed = Typed.read(request.POST, on=ledger.today())

    def work() -> str:
        made = commands.register(request.actor, given=typed.registration(), despite=typed.despite)
        return f"{reverse('residents:detail', args=[made.resident_id])}?{request.frame.query}"

    try:
        return once(request, gettext("已登记。请核对页面上的信息；现在可以发卡或打印。"), work)
    except commands.AlreadyKnown as known:
        queries.candidates_shown(request.actor, known.candidates)
        return _known(request, typed, known)
    except Refused as refused:
        return _form(request, typed, refused.refusals[0].status, **refusals_told(refused.refusals))


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.RESIDENTS_REGISTER)
def new_from(request: HttpRequest) -> HttpResponse:
    """The form with the number for which nobody was found; carried over in the body, never in the address."""
    typed = _empty(request)
    sent = Typed.read(request.POST, on=ledger.today())
    asked, number = request.POST.get("identity_kind", ""), sent.texts["number"]
    if asked == IdentityKind.PHONE.value:
        typed.texts["phone"] = number
    elif number:
        typed.texts |= {"identity_kind": sent.kind.value, "number": number}
        _fill(typed)
    else:
        typed.texts["name"] = sent.texts["name"]
    return _form(request, typed)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.RESIDENTS_REGISTER)
def check(request: HttpRequest) -> HttpResponse:
    """What a number says while it is typed: birth date and sex where these are open, or which digit to look at."""
    typed = Typed.read(request.POST, on=ledger.today())
    before = (typed.texts["birth_date"], typed.texts["sex"])
    context = choices() | _told_of_number(request, typed) | {"typed": typed.texts, "swap": True}
    context["filled"] = before != (typed.texts["birth_date"], typed.texts["sex"])
    return render(request, "residents/_number_told.html", context)


def _told_of_number(request: HttpRequest, typed: Typed) -> dict[str, Any]:
    kind, number = typed.kind, fold_number(typed.texts["number"]).replace("-", "")
    if kind is IdentityKind.NONE or not number:
        return {}
    if kind is IdentityKind.BY_MOTHER:
        return _mother(request, number)
    if kind is IdentityKind.ID_CARD and len(number) < _DIGITS:
        return {"missing": _DIGITS - len(number)}
    found = read_number(kind, number, today=ledger.today())
    if not isinstance(found, Number):
        return {"wrong": told(found)}
    _fill(typed)
    return {"right": True, "born": found.birth_date, "sex": sex_name(found.sex) if found.sex else ""}


def _mother(request: HttpRequest, number: str) -> dict[str, Any]:
    """Whether the mother is registered: looked up once her number is whole, as every look-up recorded."""
    whole = read_number(IdentityKind.ID_CARD, number, today=ledger.today())
    if len(number) < _DIGITS:
        return {"missing": _DIGITS - len(number)}
    if not isinstance(whole, Number):
        return {"wrong": told(whole)}
    try:
        found = queries.find(request.actor, number=number)
    except Refused as refused:  # looked up too often, say: told beside the box, the form goes on
        return {"wrong": told(refused.refusals[0])}
    return {"mother": found[0] if found else None, "mother_asked": True}


def _fill(typed: Typed) -> None:
    """Birth date and sex from the number, where nobody has said otherwise."""
    found = read_number(typed.kind, typed.number, today=ledger.today())
    if not isinstance(found, Number):
        return
    if found.birth_date is not None and not typed.texts["birth_date"]:
        typed.texts["birth_date"] = found.birth_date.isoformat()
    if found.sex is not None and not typed.texts["sex"]:
        typed.texts["sex"] = found.sex.value


def _empty(request: HttpRequest) -> Typed:
    """A form for somebody of the desk's own area: its township at a primary-care desk, otherwise its county."""
    on = ledger.today()
    place = _place(request)
    values = values_of(place.division_code, on=on) if place else {}
    if place is None or not place.primary_care:
        values.pop("township", None)
    texts = dict.fromkeys(TEXTS, "") | {
        "identity_kind": IdentityKind.ID_CARD.value,
        "child": "1",
        "nation": HAN,
    }
    return Typed(texts, picker(values, on=on))


def _place(request: HttpRequest) -> network.Place | None:
    """The institution at whose desk somebody registers."""
    key = request.actor.institution_id
    return None if key is None else network.place_of(key, on=ledger.today())


def _known(request: HttpRequest, typed: Typed, known: commands.AlreadyKnown) -> HttpResponse:
    """The entries that seem to be this person, beside what was typed; nothing of it is lost."""
    on = ledger.today()
    context = refusals_told(known.refusals) | {
        "candidates": least_lines(known.candidates, (), on=on),
        "despite": [*typed.despite, *(each.id for each in known.candidates)],
        "may_go_on": known.refusals[0].code == LIKELY_DOUBLE.code,
        "said": {
            "name": typed.texts["name"],
            "sex": sex_name(typed.sex.value),
            "kind": kind_name(typed.kind.value),
            "born": typed.texts["birth_date"][:4] or "—",
            "place": next((dict(level.options).get(level.value, "") for level in typed.levels[2:3]), ""),
        },
    }
    return _form(request, typed, known.refusals[0].status, **context)


def _form(request: HttpRequest, typed: Typed, status: int = 200, **more: Any) -> HttpResponse:
    place = _place(request)
    context = choices() | {
        "typed": typed.texts,
        "levels": typed.levels,
        "despite": typed.despite,
        "place_name": place.name if place else "",
    }
    return render(request, "residents/form.html", context | more, status=status)
