"""Keeping what is typed: the page sends it every few seconds, and again until it is answered; nothing is done twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from tiercare.apps.exchange import commands as exchange
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.referrals import commands
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused
from tiercare.web.booking import words
from tiercare.web.pages import FORM_KEY, once, told

from .reading import Gone, gone, written
from .typed import Typed

# The script of the page says with this that it reads the answer itself.
BY_SCRIPT = "HTTP_X_DRAFT"
# The form again, with why it was refused.
Again = Callable[..., HttpResponse]


def saving(request: HttpRequest) -> bool:
    """Whether the page only keeps what was typed so far."""
    return request.META.get(BY_SCRIPT) == "save"


def save(request: HttpRequest, request_id: UUID, content: Typed) -> HttpResponse:
    """Keep it; answers the version and the time. Sent again with its key it answers the same."""
    sent = request.POST.copy()
    sent.pop("csrfmiddlewaretoken", None)
    key = sent.get(FORM_KEY) or str(uuid7())
    try:
        with ledger.idempotent(
            request.actor, key=key, route=f"SAVE {request.path}", body=sent.urlencode().encode()
        ) as call:
            if call.replay is None:
                version = exchange.amend(
                    request.actor, request_id=request_id, content=content.content, version=content.version
                )
                told_now = {"version": version, "at": words.clock(ledger_queries.now())}
                call.answer(status=200, body=json.dumps(told_now).encode(), content_type="application/json")
    except Refused as refused:
        return JsonResponse(
            {"refusals": [told(each) for each in refused.refusals]}, status=refused.refusals[0].status
        )
    answer = call.replay or call.given
    assert answer is not None
    return HttpResponse(answer.body, content_type=answer.content_type)


def send(request: HttpRequest, request_id: UUID, content: Typed, *, again: Again) -> HttpResponse:
    """Send it with what was typed last, once however often the form comes; what is refused shows the form ``again``."""

    def work() -> str:
        commands.send(
            request.actor,
            request_id=request_id,
            content=content.content,
            to=content.to,
            department=content.department,
            without_place=request.POST.get("without_place") == "1",
            version=content.version,
        )
        return f"{reverse('requests:one', args=[request_id])}?{request.frame.query}"

    try:
        return _followed(request, once(request, _("已送出。对方办理的每一步，您都会收到通知。"), work))
    except Refused as refused:
        try:
            return again(request, written(request.actor, request_id), refused)
        except Gone as sent_already:
            return gone(request, sent_already)


def _followed(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """A redirect as the page's script can follow it: it sends again where the line dropped, and then goes there."""
    if not isinstance(answer, HttpResponseRedirect) or request.META.get(BY_SCRIPT) != "send":
        return answer
    return JsonResponse({"location": answer.url})


def by_field(refused: Refused | None, aliases: dict[str, str]) -> dict[str, object]:
    """The first refusal of each field, by the name under which the page shows it."""
    found: dict[str, object] = {}
    for each in refused.refusals if refused else ():
        at = each.at or ""
        found.setdefault(aliases.get(at, at), told(each))
    return found
