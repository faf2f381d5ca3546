"""A file that goes along, added where the referral is written: it comes with everything typed so far, and nothing of that
is lost whether the file can be kept or not."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tiercare.apps.access.rules import Right
from tiercare.apps.exchange import queries as exchange
from tiercare.apps.records.rules.files import NEITHER
from tiercare.apps.referrals import commands
from tiercare.apps.referrals.rules.vocabulary import Kind
from tiercare.kernel.refusal import Refused
from tiercare.web.pages import once, page

from . import advising, drafts, files, planning, typed, writing
from .reading import Gone, gone, page_of, written

Again = Callable[..., HttpResponse]


@require_POST
@page(Right.REQUESTS_SEND)
@files.with_files
def attach(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """``/referrals/<id>/attach``: the form with a file; then the form again, with the file among what goes along."""
    try:
        case = written(request.actor, request_id)
    except Gone as sent:
        return gone(request, sent)
    down = case.line.kind == Kind.DOWN
    again: Again = planning.form if down else advising.form if case.line.kind == Kind.ADVICE else writing.form
    content = (typed.down if down else typed.referral)(request.POST, writing.book_of(request))

    def work() -> str:
        sent = files.sent(request)
        if not sent:
            raise Refused(NEITHER)
        made = commands.attach(
            request.actor,
            request_id=request_id,
            file=sent[0],
            content=drafts.fitting(content.content),
            version=content.version,
        )
        return f"{page_of(request, request_id, case.line.kind)}#file-{made.document_id}"

    try:
        return once(request, _("文件已添加，会一起送去。"), work)
    except Refused as refused:
        return drafts.twin_waits(request, refused) or again(
            request, exchange.opened(request.actor, request_id), refused
        )
