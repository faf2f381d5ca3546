"""What the resident wishes, what they need, and which department: everything about a destination but its rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.exchange import queries as exchange
from tiercare.apps.exchange.queries.houses import departments_of
from tiercare.apps.network.queries import names_of_institutions
from tiercare.apps.network.queries.candidates import institutions_like
from tiercare.apps.referrals.queries import destinations as ranked
from tiercare.apps.referrals.rules.functions import NEEDED_BELOW, RECEIVES
from tiercare.engines.guidelines import Direction
from tiercare.web import labels
from tiercare.web.pages import page, told

from . import typed
from .reading import Gone, gone, written

_FOUND, _LOOKED_AT = 8, 60
_LONGEST_NAME = 40
_PREFECTURE = 4  # digits of a division code


@require_safe
@page(Right.REQUESTS_SEND)
def departments(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """``/referrals/<id>/departments?to=…``: those of the institution that was just chosen; for htmx."""
    try:
        case = written(request.actor, request_id)
    except Gone as sent:
        return gone(request, sent)
    asked = request.GET.dict()
    to, specialty = typed.key(asked.get("to", "")), asked.get("specialty", "")
    context = departments_at(request, case, to, specialty, asked) | {"request_id": request_id}
    return render(request, "referrals/_department.html", context)


@require_safe
@page(Right.REQUESTS_SEND)
def find(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """``/referrals/<id>/find?find=…``: institutions by name or pinyin initials, wherever they are; each can be wished for.
    Of nobody anything is told; for htmx."""
    text = request.GET.get("find", "").strip()[:_LONGEST_NAME]
    region = (request.actor.division_code or "")[:_PREFECTURE]
    own = request.actor.institution_id
    hits = institutions_like(region, text, on=request.today, limit=_LOOKED_AT) if text else []
    rows = [
        {"id": each.id, "name": each.name, "level": labels.name("level", str(each.about))}
        for each in hits
        if each.id != own and each.place in RECEIVES
    ]
    context = {"request_id": request_id, "rows": rows[:_FOUND], "find": text}
    return render(request, "referrals/_found.html", context)


def wish_of(case: exchange.Case, asked: Mapping[str, Any]) -> UUID | None:
    """The institution that the resident asked for by name: said by the form, else kept; ``None``: no particular wish."""
    kept = case.payload.get("choice") or {}
    return typed.key(str(asked.get("wish", kept.get("wish", ""))))


def needed_of(request: HttpRequest, case: exchange.Case) -> list[str]:
    """What is needed below: said by the form, else kept."""
    said_now = request.POST if request.method == "POST" else request.GET
    if "needing" in said_now:
        return typed.functions(said_now)
    return [each for each in case.payload.get("functions") or () if each in NEEDED_BELOW]


def wished(
    request: HttpRequest,
    case: exchange.Case,
    wish: UUID | None,
    found: Mapping[UUID, ranked.Destination],
    specialty: str,
    direction: Direction,
    needed: Sequence[str],
) -> dict[str, Any]:
    """The wish by name and, where it cannot be met, why not and what else can be done: never a consortium."""
    if wish is None:
        return {"wish": None}
    if wish in found:
        return {"wish": {"id": wish, "name": found[wish].name}}
    refusal = ranked.objection(
        request.actor,
        resident_id=case.standing.resident_id,
        institution_id=wish,
        specialty=specialty,
        direction=direction,
        functions=needed,
    )
    name = names_of_institutions([wish], on=request.today).get(wish, "")
    return {"wish": {"id": wish, "name": name, "refused": told(refusal) if refusal else None}}


def departments_at(
    request: HttpRequest, case: exchange.Case, to: UUID | None, specialty: str, asked: Mapping[str, Any]
) -> dict[str, Any]:
    """The departments of the chosen institution, those of the specialty first; the one that was chosen, if it is there."""
    if to is None:
        return {"departments": []}
    kept = case.line.department_id if to == case.line.receiver else None
    chosen = typed.key(str(asked["department"])) if "department" in asked else kept
    return {
        "departments": [
            (key, name, key == chosen) for key, name in departments_of(to, on=request.today, first=specialty)
        ]
    }
