"""The list of rule cards, and the page of one."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import queries as places
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries import Checked
from tiercare.engines.policy import summarise
from tiercare.web.frame import Frame
from tiercare.web.pages import page
from tiercare.web.verdicts import Viewer

from . import presenters


@require_safe
@page(Right.POLICY_READ)
def rules(request: HttpRequest) -> HttpResponse:
    """``/rules``: every card that holds in the region, with its verdict."""
    frame = request.frame
    checked = _checked(frame)
    wanted = {name: request.GET.get(name, "")[:100] for name in ("state", "force", "pack", "q")}
    rows = presenters.rows(frame.packs, checked)
    context = {
        "rows": presenters.fitting(rows, wanted),
        "total": len(rows),
        "offered": presenters.offered(frame.packs, rows),
        "wanted": wanted,
    }
    return render(request, "rules/list.html", context)


@require_safe
@page(Right.POLICY_READ)
def card(request: HttpRequest, pack_id: str, card_id: str) -> HttpResponse:
    """``/rules/wuhu/one_lead``: the card as an official reads it, and how the region stands."""
    frame = request.frame
    rule = mandates.card(f"{pack_id}/{card_id}")
    checked = _checked(frame)
    verdict = next((v for v in checked.compliance.verdicts if v.card.key == rule.key), None)
    viewer = Viewer(checked, frame.packs, request.actor)
    context = {
        "rule": presenters.rule(frame.packs, rule),
        "card": viewer.card(verdict) if verdict else None,
        "replaced_by": presenters.replaced_by(frame.packs, frame.pack.id, rule),
    }
    return render(request, "rules/card.html", context)


def _checked(frame: Frame) -> Checked:
    """The verdict on the network, with what the cards about places say of the day's offers."""
    checked = network.check(frame.pack.id, on=frame.on)
    told = places.standing(frame.pack.id, on=frame.on, packs=frame.packs)
    verdicts = (*checked.compliance.verdicts, *told)
    return replace(checked, compliance=summarise(frame.packs, frame.pack.id, verdicts, on=frame.on))
