"""The residents' pages. Reading is by queries of the acting resident; each POST makes one command call."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.ledger.queries.windows import Only
from tiercare.apps.residents import queries
from tiercare.apps.residents.commands import cards as card_commands
from tiercare.apps.residents.queries import cards
from tiercare.kernel.refusal import Refused
from tiercare.web.cards.qr import Drawn, drawn
from tiercare.web.pages import once

from . import words
from .own import mine, own_page, to

_PER_PAGE = 20


@require_safe
@mine
def card(request: HttpRequest) -> HttpResponse:
    """``/me``: the health card; one's own with a QR code that changes by itself, a ward's by its number."""
    return _card(request)


@require_safe
@mine
def qr(request: HttpRequest) -> HttpResponse:
    """``/me/card/qr``: a new QR code, asked for by the page each minute."""
    return own_page(request, "me/_qr.html", {"code": _qr(request)})


@require_POST
@mine
def card_act(request: HttpRequest, act: str) -> HttpResponse:
    """Get a card where there is none, block a lost one, or take a new one for it."""

    def do() -> str:
        if act == "issue":
            card_commands.issue_card(request.actor, request.whose)
        elif act == "replace":
            card_commands.replace_card(request.actor, request.whose)
        else:
            card_commands.block_my_card(request.actor)
        return to(request, "card")

    done = {
        "issue": _("健康卡已领取，现在就能用。"),
        "replace": _("旧卡已失效，新卡已生效。"),
        "lost": _("已挂失，旧卡从现在起不能用。"),
    }
    try:
        return once(request, done[act], do)
    except Refused as refused:
        return _card(request, refused)


@require_safe
@mine
def readings(request: HttpRequest) -> HttpResponse:
    """``/me/readings``: who read the record, when, why, and what; refusals and emergencies are marked."""
    wanted = request.GET.get("only", "")
    only = Only(wanted) if wanted in set(Only) else Only.ALL
    own_too = request.GET.get("own") == "1"
    before = request.GET.get("before", "")
    page = queries.my_readings(
        request.actor,
        request.whose,
        only=only,
        own_too=own_too,
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
        limit=_PER_PAGE,
    )
    context = {
        "lines": [words.line(seen) for seen in page.seen],
        "more": page.before,
        "only": only.value,
        "own_too": own_too,
    }
    return own_page(request, "me/readings.html", context)


@require_safe
@mine
def objections(request: HttpRequest) -> HttpResponse:
    """``/me/objections``: what was objected to, and the answers."""
    rows = queries.my_objections(request.actor, request.whose)
    return own_page(request, "me/objections.html", {"rows": rows})


@require_safe
@mine
def family(request: HttpRequest) -> HttpResponse:
    """``/me/family``: for whom the resident decides, each with the same pages."""
    return own_page(request, "me/family.html", {"wards": queries.wards(request.actor)})


def _card(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    found = cards.card_of(request.actor, request.whose)
    own = request.ward is None
    context = {
        "held": found.held,
        "number": _in_fours(found.held.number) if found.held else "",
        "code": _qr(request) if own and found.held else None,
        "least": found.least,
    }
    return own_page(request, "me/card.html", context, refusals=refused.refusals if refused else ())


def _qr(request: HttpRequest) -> Drawn:
    return drawn(cards.show_token(request.actor))


def _in_fours(number: str) -> str:
    parts: Sequence[str] = [number[start : start + 4] for start in range(0, len(number), 4)]
    return " ".join(parts)
