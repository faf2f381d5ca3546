"""What residents decide: consents, objections, taking the record along. Each POST makes one command call."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tiercare.apps.access.rules.consent import (
    ANSWER_WITHIN,
    LONGEST_TEXT,
    NO_SUCH_READING,
    longest_until,
)
from tiercare.apps.access.rules.sessions import FRESH_MINUTES
from tiercare.apps.residents import commands, queries
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text
from tiercare.web.consents.downloads import download
from tiercare.web.consents.forms import Given, choices, purposes
from tiercare.web.fresh import is_fresh
from tiercare.web.pages import once

from . import words
from .own import mine, own_page, to


@require_http_methods(["GET", "HEAD", "POST"])
@mine
def consents(request: HttpRequest) -> HttpResponse:
    """``/me/consents``: whom the person lets in; a POST lets somebody in."""
    if request.method != "POST":
        return _consents(request)
    given = Given.read(request.POST)

    def give() -> str:
        commands.give_consent(
            request.actor,
            request.whose,
            grantee_id=given.grantee_id,
            purposes=given.purposes,
            until=given.until,
        )
        return to(request, "consents")

    try:
        return once(request, _("授权已生效。您可以随时撤回。"), give)
    except Refused as refused:
        return _consents(request, given, refused.refusals)


@require_POST
@mine
def find_grantee(request: HttpRequest) -> HttpResponse:
    """Institutions and consortia of the name that was typed, to choose from."""
    found = choices(request.actor, request.POST)
    return own_page(request, "consents/_choices.html", {"choices": found, "searched": True})


@require_POST
@mine
def withdraw(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    """Take a consent back, at once."""

    def take_back() -> str:
        commands.withdraw_consent(request.actor, request.whose, consent_id=consent_id)
        return to(request, "consents")

    try:
        return once(request, _("已撤回，从现在起对方不能再查看。"), take_back)
    except Refused as refused:
        return _consents(request, refusals=refused.refusals)


@require_http_methods(["GET", "HEAD", "POST"])
@mine
def reading(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """``/me/readings/<id>``: one reading, and the form to object to it."""
    if request.method != "POST":
        return _reading(request, event_id)
    text = request.POST.get("text", "")

    def object_to() -> str:
        commands.object_to_reading(request.actor, request.whose, event_id=event_id, text=text)
        return to(request, "objections")

    try:
        return once(request, _("异议已提交，答复会显示在这里。"), object_to)
    except Refused as refused:
        return _reading(request, event_id, text, refused.refusals)


@require_http_methods(["GET", "HEAD", "POST"])
@mine
def move(request: HttpRequest) -> HttpResponse:
    """``/me/move``: take the record to another region; the POST answers with the file itself, once.

    Only soon after signing in: whoever finds a telephone open does not walk off with the record. Said at once, so that
    nothing is typed in vain. The page of a ward shows the masked name, which is recorded.
    """
    late = None if is_fresh(request) else SIGN_IN_AGAIN
    if request.method != "POST":
        if request.ward is not None:
            queries.ward_shown(request.actor, request.whose)
        return own_page(request, "me/move.html", {"destination": "", "late": late})
    destination = request.POST.get("destination", "")
    try:
        refuse(late)
        moved = commands.move_out(request.actor, request.whose, destination=destination)
    except Refused as refused:
        context = {"destination": destination[:100], "late": late}
        return own_page(request, "me/move.html", context, refusals=refused.refusals)
    return download(moved.download)


def _consents(
    request: HttpRequest, given: Given | None = None, refusals: Sequence[Refusal] = ()
) -> HttpResponse:
    shared = queries.shared(request.actor, request.whose)
    context = {
        "in_force": [each for each in shared.consents if each.in_force],
        "over": [each for each in shared.consents if not each.in_force],
        "choices": shared.choices,
        "purposes": purposes(),
        "given": given or Given(None, (), None),
        "first": shared.today,
        "last": longest_until(shared.today),
    }
    return own_page(request, "me/consents.html", context, refusals=refusals)


def _reading(
    request: HttpRequest, event_id: UUID, text: str = "", refusals: Sequence[Refusal] = ()
) -> HttpResponse:
    seen = queries.my_reading(request.actor, request.whose, event_id)
    if seen is None:
        raise Refused(NO_SUCH_READING)
    context = {
        "line": words.line(seen),
        "text": text[: 2 * LONGEST_TEXT],
        "longest": LONGEST_TEXT,
        "days": ANSWER_WITHIN.days,
    }
    return own_page(request, "me/reading.html", context, refusals=refusals)


SIGN_IN_AGAIN = Refusal(
    code="me.sign_in_again",
    message=Text(
        "登录已超过 {minutes} 分钟，请重新登录再办理，以免别人用您的手机取走档案。",
        "You signed in more than {minutes} minutes ago; sign in again, so that nobody else takes the record.",
    ),
    instead=Text(
        "请先退出，再用健康卡和验证码登录，登录后马上办理。",
        "Sign out, sign in with your card and a code, then come straight back here.",
    ),
    fields={"minutes": FRESH_MINUTES},
    status=403,
)
