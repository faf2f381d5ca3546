"""A slip on paper: shown in the answer to the form that made it, and nowhere again."""

from __future__ import annotations

from collections.abc import Callable

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tiercare.apps.access.commands.invitations import Invited
from tiercare.apps.ledger import commands as ledger
from tiercare.kernel.ids import uuid7
from tiercare.web.pages import FORM_KEY


def shown_once(request: HttpRequest, work: Callable[[], Invited]) -> HttpResponse:
    """Do the command, once however often the form is sent, and show the slip it made.

    Only the first answer can show it (no token is kept): a form sent twice leads to the account's page, which
    says how to get a new one.

    Raises:
        Refused: what the command refuses.
    """
    sent = request.POST.copy()
    sent.pop("csrfmiddlewaretoken", None)
    made: Invited | None = None
    with ledger.idempotent(
        request.actor,
        key=sent.get(FORM_KEY) or str(uuid7()),
        route=f"{request.method} {request.path}",
        body=sent.urlencode().encode(),
    ) as call:
        if call.replay is None:
            made = work()
            address = f"{reverse('accounts:detail', args=[made.account_id])}?{request.frame.query}"
            call.answer(status=302, body=b"", content_type="text/html", location=address)
    if made is None:
        assert call.replay is not None, "either the work was done or its answer was kept"
        messages.warning(request, _("邀请单只显示一次，刚才已经显示过；没有抄下的，请重新发一张。"))
        return HttpResponseRedirect(call.replay.location)
    return _slip(request, made)


def _slip(request: HttpRequest, made: Invited) -> HttpResponse:
    """The code stands behind the ``#`` of the address in the QR code: browsers keep that part to themselves."""
    page = request.build_absolute_uri(reverse("own:invitation"))
    picture = segno.make(f"{page}#{made.token}", error="m", micro=False)
    context = {"slip": made, "page": page, "picture": picture.svg_data_uri(scale=4, border=2)}
    return render(request, "accounts/slip.html", context)
