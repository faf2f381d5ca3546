"""What is done on the page of a project beside the steps of every matter: how far a part of it is."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation import commands
from tiercare.apps.evaluation.rules.standing import Said
from tiercare.apps.evaluation.workflow import Act
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.pages import once, page
from tiercare.web.supervision.acting import files_of
from tiercare.web.supervision.case import case


@require_POST
@page(Right.SUPERVISION_ANSWER)
def part(request: HttpRequest, matter_id: UUID) -> HttpResponse:
    """A part is under way, done or dropped."""
    name = request.POST.get("part", "")[:60]

    def work() -> str:
        figures = {"part": name, "state": request.POST.get("state", "")[:20]}
        words = given.text(request.POST, "words", longest=4000)
        said = Said(words, figures, files_of(request))
        commands.act(request.actor, matter_id=matter_id, act=Act.NOTE, said=said)
        return f"{reverse('supervision:one', args=[matter_id])}?{request.frame.query}#part-{name}"

    try:
        return once(request, _("已登记进展。"), work)
    except Refused as refused:
        return case(request, matter_id, refused, f"part-{name}")
