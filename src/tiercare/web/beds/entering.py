"""Entering a bed or a row of them, and changing what a bed is."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries.beds import own_bed, wards
from tiercare.apps.capacity.queries.keeping import own_place
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web.capacity.typed import Sent, again
from tiercare.web.pages import once, page

from . import presenters, reading
from .bed import KEEP, address, bed_page

_FIELDS = ("ward", "numbers", "sex", "isolation", "day")
_LONGEST = 200


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CAPACITY_KEEP)
def new(request: HttpRequest) -> HttpResponse:
    """``/beds/new?ward=``: one bed, or a row of them that are alike."""
    if request.method != "POST":
        return _form(request, {"ward": request.GET.get("ward", "")[:40]})
    sent = Sent(request.POST)
    ward = sent.text("ward", longest=_LONGEST)

    def work() -> str:
        commands.enter_beds(
            request.actor,
            institution_id=own_place(request.actor),
            ward=ward,
            numbers=sent.text("numbers", longest=_LONGEST),
            sex=reading.sex(sent),
            isolation=bool(sent.text("isolation")),
            day=bool(sent.text("day")),
        )
        return f"{reverse('beds:board')}?{request.frame.query}"

    try:
        return once(request, _("床位已登记。"), work)
    except Refused as refused:
        typed = {name: sent.text(name, longest=_LONGEST) for name in _FIELDS}
        return _form(request, typed, refused)


@require_POST
@page(Right.CAPACITY_KEEP)
def keep(request: HttpRequest, bed_id: UUID) -> HttpResponse:
    """Change what a bed is, or take it out of use; its ward and number stay."""
    sent, bed = Sent(request.POST), own_bed(request.actor, bed_id)
    stopped, why = bool(sent.text("stopped")), sent.text("why", longest=_LONGEST)
    try:
        if stopped and not why:
            raise Refused(_WITHOUT_REASON)

        def work() -> str:
            commands.keep_bed(
                request.actor,
                institution_id=own_place(request.actor),
                ward=bed.ward,
                number=bed.number,
                sex=reading.sex(sent),
                isolation=bool(sent.text("isolation")),
                day=bool(sent.text("day")),
                out_of_use=why if stopped else "",
            )
            return address(request, bed_id)

        return once(request, _("已保存。"), work)
    except Refused as refused:
        names = ("sex", "isolation", "day", "stopped", "why")
        typed = {name: sent.text(name, longest=_LONGEST) for name in names}
        return bed_page(request, bed_id, refused=refused, typed=typed, opened=KEEP)


def _form(request: HttpRequest, typed: dict[str, str], refused: Refused | None = None) -> HttpResponse:
    context = {
        "typed": typed,
        "sexes": presenters.sexes(),
        "wards": [each.ward for each in wards(request.actor)],
    }
    return again(request, "beds/new.html", context, refused)


_WITHOUT_REASON = Refusal(
    code="capacity.bed_out_without_reason",
    message=Text("停用床位要写明原因。", "Taking a bed out of use needs its reason."),
    instead=Text(
        "请写一句话，如“床头设备带维修”。", "Write a sentence, such as “oxygen outlet under repair”."
    ),
    at="why",
    status=422,
)
