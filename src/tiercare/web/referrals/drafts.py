"""Keeping what is typed: the page sends it every few seconds, and again until it is answered; nothing is done twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.queries.desks import is_department
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.referrals import commands
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused
from tiercare.web.booking import words
from tiercare.web.pages import FORM_KEY, once, told

from . import files
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
                    request.actor,
                    request_id=request_id,
                    content=fitting(content.content),
                    version=content.version,
                )
                told_now = {"version": version, "at": words.clock(ledger_queries.now())}
                call.answer(status=200, body=json.dumps(told_now).encode(), content_type="application/json")
    except Refused as refused:
        return _refusals(refused)
    answer = call.replay or call.given
    assert answer is not None
    return HttpResponse(answer.body, content_type=answer.content_type)


def twin_waits(request: HttpRequest, refused: Refused) -> HttpResponse | None:
    """The answer to a script whose first sending is still being worked on: it waits, and asks again with the same key. Whoever
    has no script is shown the form."""
    under_way = refused.refusals[0].code == ledger.TWIN_IN_FLIGHT
    return _refusals(refused) if under_way and request.META.get(BY_SCRIPT) else None


def _refusals(refused: Refused) -> HttpResponse:
    return JsonResponse(
        {"refusals": [told(each) for each in refused.refusals]}, status=refused.refusals[0].status
    )


def fitting(content: exchange.Content) -> exchange.Content:
    """Without a department that is another institution's: the list of departments may still be on its way when another
    institution was chosen. Sending says so instead."""
    to, department = content.to_institution, content.to_department
    if department is None or (to is not None and is_department(department, of=to)):
        return content
    return replace(content, to_department=None, any_department=True)


def send(request: HttpRequest, request_id: UUID, content: Typed, *, again: Again) -> HttpResponse:
    """Send it with what was typed last, once however often the form comes; what is refused shows the form ``again``. A file
    that was chosen and not uploaded yet goes along: without a script nothing uploads it before."""

    def work() -> str:
        whole, _documents = _with_files(request, request_id, content)
        commands.send(
            request.actor,
            request_id=request_id,
            content=whole.content,
            to=whole.to,
            department=whole.department,
            without_place=request.POST.get("without_place") == "1",
            version=whole.version,
        )
        return f"{reverse('requests:one', args=[request_id])}?{request.frame.query}"

    try:
        return _followed(request, once(request, _("已送出。对方办理的每一步，您都会收到通知。"), work))
    except Refused as refused:
        waits = twin_waits(request, refused)
        if waits is not None:
            return waits
        _keep_files(request, request_id, content)
        try:
            return again(request, written(request.actor, request_id), refused)
        except Gone as sent_already:
            return gone(request, sent_already)


def _with_files(request: HttpRequest, request_id: UUID, content: Typed) -> tuple[Typed, list[str]]:
    """What was typed with the files of the form among what goes along, and the ids of their documents."""
    documents = []
    for file in files.sent(request):
        made = commands.attach(
            request.actor,
            request_id=request_id,
            file=file,
            content=fitting(content.content),
            version=content.version,
        )
        documents.append(str(made.document_id))
        payload = dict(content.content.payload or {})
        package = payload.get("package")
        if package and package.get("documents") is not None:
            payload["package"] = {**package, "documents": [*package["documents"], documents[-1]]}
        content = replace(content, content=replace(content.content, payload=payload), version=made.version)
    return content, documents


def _keep_files(request: HttpRequest, request_id: UUID, content: Typed) -> None:
    """The sending was refused, and its file with it: no form can bring a file back into its field, so it stays with the draft,
    ticked. Where the file itself is what is wrong, the refusal says so already."""
    if not request.FILES:
        return
    try:
        with transaction.atomic():
            _whole, documents = _with_files(request, request_id, content)
    except Refused:
        return
    shown = request.POST.copy()
    shown.setlist("with-documents", [*shown.getlist("with-documents"), *documents])
    shown.pop(files.TITLE, None)
    request.POST = shown


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
