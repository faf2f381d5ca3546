"""Publishing a result: what would be shown and what is hidden, taking it back, and the page that the sector reads."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.commands import publishing as commands
from tiercare.apps.evaluation.queries import publishing as queries
from tiercare.apps.evaluation.queries.publishing import Audience
from tiercare.apps.mandates import queries as mandates
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.capacity.typed import again
from tiercare.web.pages import once, page, said

from . import presenters
from .lists import runs


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.EVALUATION_RUN)
def publish(request: HttpRequest, matter_id: UUID) -> HttpResponse:
    """``?audience=RESIDENTS``: what would be shown, what is hidden and why; then publish it."""
    audience = _audience(request)
    if request.method != "POST":
        return _page(request, matter_id, audience)

    def work() -> str:
        chosen = request.POST.getlist("indicators") if audience is Audience.RESIDENTS else None
        key = commands.publish(request.actor, assessment_id=matter_id, audience=audience, indicators=chosen)
        return f"{reverse('assessments:publication', args=[key])}?{request.frame.query}"

    try:
        return once(request, _("已公布。"), work)
    except Refused as refused:
        return _page(request, matter_id, audience, refused)


@require_safe
@page(Right.POLICY_READ)
def published(request: HttpRequest) -> HttpResponse:
    """Results that were published where whoever looks works; the newest first."""
    found = [_listed(each) for each in queries.publications(request.actor)]
    return again(request, "assessments/published.html", {"found": found, "runs": runs(request)})


@require_safe
@page(Right.POLICY_READ)
def publication(request: HttpRequest, publication_id: UUID) -> HttpResponse:
    """One of them whole, as it is printed."""
    return _publication(request, publication_id)


@require_POST
@page(Right.EVALUATION_RUN)
def back(request: HttpRequest, publication_id: UUID) -> HttpResponse:
    """Take back what was published, with the reason."""

    def work() -> str:
        why = given.text(request.POST, "why", longest=1000)
        commands.take_back(request.actor, publication_id=publication_id, why=why)
        return f"{reverse('assessments:published')}?{request.frame.query}"

    try:
        return once(request, _("已撤回，公众页面不再显示。"), work)
    except Refused as refused:
        return _publication(request, publication_id, refused)


def _page(
    request: HttpRequest, matter_id: UUID, audience: Audience, refused: Refused | None = None
) -> HttpResponse:
    chosen = request.GET.getlist("indicators") or None
    found = queries.preview(request.actor, assessment_id=matter_id, audience=audience, indicators=chosen)
    held = [
        {"name": each.name, "indicator": said(each.indicator), "why": said(each.why)} for each in found.held
    ]
    context: dict[str, Any] = {
        "matter_id": matter_id,
        "audience": audience.value,
        "residents": audience is Audience.RESIDENTS,
        "content": presenters.content(found.content),
        "held": held,
        "switched": [
            {"id": key, "name": said(name), "on": on, "chosen": key in found.indicators}
            for key, name, on in found.switched
        ],
    }
    return again(request, "assessments/publish.html", context, refused)


def _publication(request: HttpRequest, publication_id: UUID, refused: Refused | None = None) -> HttpResponse:
    found = queries.publication(request.actor, publication_id)
    context = {
        "found": _listed(found),
        "content": presenters.content(found.content),
        "runs": runs(request) and found.withdrawn_at is None,
    }
    return again(request, "assessments/publication.html", context, refused)


def _listed(found: queries.Shown) -> dict[str, Any]:
    packs = mandates.packs().packs.values()
    return {
        "of": found,
        "title": found.content.get("title", ""),
        "region": found.content.get("region", ""),
        "residents": found.audience is Audience.RESIDENTS,
        "public": next((each.id for each in packs if found.region.startswith(each.region)), ""),
    }


def _audience(request: HttpRequest) -> Audience:
    asked = request.GET.get("audience", "")
    return Audience(asked) if asked in set(Audience) else Audience.SECTOR
