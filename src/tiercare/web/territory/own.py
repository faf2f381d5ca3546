"""``/me/providers``: who provides what stands with my area; another is chosen here, after the notice, and given up again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tiercare.apps.residents import commands, queries
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.me.own import mine, own_page, to
from tiercare.web.pages import once

from . import presenters


@require_http_methods(["GET", "HEAD", "POST"])
@mine
def providers(request: HttpRequest) -> HttpResponse:
    """The page; a POST chooses, or with ``back`` goes back to the area's own."""
    if request.method != "POST":
        return _shown(request)

    def work() -> str:
        back = request.POST.get("back") == "1"
        commands.choose_provider(
            request.actor,
            resident_id=request.whose,
            service=request.POST.get("service", ""),
            institution_id=None if back else given.key(request.POST, "institution"),
        )
        return to(request, "own_territory:providers")

    try:
        return once(request, _("已登记您的选择。"), work)
    except Refused as refused:
        return _shown(request, refused)


def _shown(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    found = queries.my_providers(request.actor, request.whose)
    context = {
        "lines": presenters.lines(found.provided, found.names, staff=False),
        "groups": presenters.groups(found.offered),
        "chosen": request.POST.get("institution", ""),
        "service": request.POST.get("service", ""),
    }
    return own_page(
        request, "territory/providers.html", context, refusals=refused.refusals if refused else ()
    )
