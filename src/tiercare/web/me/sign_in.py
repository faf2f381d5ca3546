"""Residents sign in: the card, then the code from the telephone. Neither stands in an address or in a log."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from tiercare.apps.access import commands as access
from tiercare.apps.access import queries as access_queries
from tiercare.apps.access.commands.resident_sign_in import CODE_DIGITS, CODE_LASTS, Browser
from tiercare.apps.residents import commands
from tiercare.apps.residents.rules.telephone import SERVES_AFTER
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web.access.devices import known_device, remember
from tiercare.web.access.starting import start_session
from tiercare.web.pages import told
from tiercare.web.source import source

from .own import LARGE, LETTERS

_HELD = "resident_sign_in"
# A token has 166 characters; whatever is much longer is no card.
_LONGEST = 300
_A_YEAR = 365 * 24 * 3600


@method_decorator((login_not_required, sensitive_post_parameters("card")), name="dispatch")
class Card(View):
    """``/me/sign-in``: the number of the card, or what a scanner reads off it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form."""
        if request.actor.resident_id is not None:
            return HttpResponseRedirect(reverse("me:card"))
        return _page(request, "me/sign_in.html")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Have a code sent, if there is such a card; the answer is the same if there is none."""
        if request.actor.account_id is not None:
            return _page(request, "me/sign_in.html", SIGN_OUT_FIRST)
        shown = request.POST.get("card", "").strip()
        if not shown or len(shown) > _LONGEST:
            return _page(request, "me/sign_in.html", NO_CARD)
        try:
            held = commands.ask_for_code(request.actor, shown=shown, browser=_browser(request))
        except Refused as refused:
            return _page(request, "me/sign_in.html", *refused.refusals)
        except OSError:
            return _page(request, "me/sign_in.html", NOT_SENT)
        request.session.flush()
        request.session[_HELD] = {"code": held.hex, "at": access_queries.wall_clock().timestamp()}
        request.session.set_expiry(2 * CODE_LASTS)
        return HttpResponseRedirect(reverse("me:code"))


@method_decorator((login_not_required, sensitive_post_parameters("code")), name="dispatch")
class Code(View):
    """``/me/sign-in/code``: the code, for whoever has shown a card in this session."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form; without a card, back to that."""
        if _held(request) is None:
            return HttpResponseRedirect(reverse("me:sign-in"))
        return _page(request, "me/code.html")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Sign in under a new session key once the code is right."""
        if _held(request) is None:
            return HttpResponseRedirect(reverse("me:sign-in"))
        try:
            account = commands.sign_in_with_code(
                request.actor, code=request.POST.get("code", "")[:20], browser=_browser(request)
            )
        except Refused as refused:
            return _page(request, "me/code.html", *refused.refusals)
        start_session(request, account)
        response = HttpResponseRedirect(reverse("me:card"))
        remember(request, response, account.pk)
        return response


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """``/me/sign-out``: end the session on the server, then show the residents' way in."""
    access.sign_out(request.actor)
    auth.logout(request)
    return HttpResponseRedirect(reverse("me:sign-in"))


@login_not_required
@require_POST
def letters(request: HttpRequest) -> HttpResponse:
    """``/me/letters``: larger letters and buttons, or the usual ones, remembered on this device."""
    response = HttpResponseRedirect(reverse("me:card" if request.actor.resident_id else "me:sign-in"))
    if request.POST.get("letters") == LARGE:
        response.set_cookie(
            LETTERS, LARGE, max_age=_A_YEAR, secure=request.is_secure(), httponly=True, samesite="Lax"
        )
    else:
        response.delete_cookie(LETTERS)
    return response


def _browser(request: HttpRequest) -> Browser:
    return Browser(source(request), known_device(request), _held(request))


def _held(request: HttpRequest) -> UUID | None:
    """The code that this browser asked for, if it was not too long ago."""
    held = request.session.get(_HELD)
    if held is None:
        return None
    age = access_queries.wall_clock() - datetime.fromtimestamp(held["at"], UTC)
    return UUID(held["code"]) if age < 2 * CODE_LASTS else None


def _page(request: HttpRequest, template: str, *refusals: Refusal) -> HttpResponse:
    context = {
        "refusals": [told(refusal) for refusal in refusals],
        "digits": CODE_DIGITS,
        "minutes": int(CODE_LASTS.total_seconds() // 60),
        "serves_after": int(SERVES_AFTER.total_seconds() // 3600),
        "large": request.COOKIES.get(LETTERS) == LARGE,
    }
    response = render(request, template, context, status=refusals[0].status if refusals else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


NO_CARD = Refusal(
    code="me.no_card",
    message=Text("没有填写健康卡卡号。", "The number of the card is missing."),
    instead=Text(
        "卡号在健康卡正面，16 位数字；也可以扫卡。", "It stands on the front: 16 digits. Or scan the card."
    ),
    at="card",
    status=422,
)
NOT_SENT = Refusal(
    code="me.code_not_sent",
    message=Text("短信暂时发不出去。", "No message can be sent at the moment."),
    instead=Text("请过几分钟再试，或到卫生院窗口办理。", "Try again in a few minutes, or ask at the desk."),
    status=503,
)
SIGN_OUT_FIRST = Refusal(
    code="me.sign_out_first",
    message=Text("这台设备上有工作人员登录着。", "Somebody who works here is signed in on this device."),
    instead=Text("请先退出工作人员的登录，再用健康卡登录。", "Sign out first, then sign in with the card."),
)
