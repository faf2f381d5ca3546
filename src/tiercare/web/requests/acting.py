"""What is done to a request: each POST takes it one step by the table, and says what was done or why not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tiercare.apps.access.rules import Right
from tiercare.apps.exchange import commands
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network.queries import names_of_institutions
from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web import given
from tiercare.web.pages import once, page

from . import gate, words
from .case import case_page
from .inbox import bell_shown
from .lists import NOTHING_NEW

_LONGEST = 1000
_REPORT = ("diagnosis", "diagnosis_code", "findings", "treatment", "advice", "next_visit_on")
ASSIGN = "assign"
# What pages offer; sending it is done where it is written.
OFFERED: Mapping[str, Act] = {each.value: each for each in words.DONE}


@require_POST
@gate.working
def act(request: HttpRequest, request_id: UUID, act: str) -> HttpResponse:
    """``/requests/<id>/<act>``: one step, on what the page showed (``version``); then the request, or the list again."""
    step = OFFERED.get(act)
    if step is None:
        raise Refused(NO_SUCH_ACT)
    version = _version(request.POST)
    try:
        said_with = _said(request.POST, step)
        account = _account(request.POST) if step is Act.ACCEPT else None

        def work() -> str:
            turned = commands.turn(
                request.actor, request_id=request_id, act=step, said=said_with, version=version
            )
            if account is not None:
                commands.assign(
                    request.actor, request_id=request_id, account_id=account, version=turned.version
                )
            return _back(request, request_id)

        return once(request, _(words.DONE[step]), work)
    except Refused as refused:
        return case_page(request, request_id, opened=step.value, refused=refused)


@require_POST
@page(Right.REQUESTS_ANSWER)
def assign(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """``/requests/<id>/assign``: within the house, give it to somebody, or back to the office."""

    def work() -> str:
        commands.assign(
            request.actor,
            request_id=request_id,
            account_id=_account(request.POST),
            version=_version(request.POST),
        )
        return _back(request, request_id)

    try:
        return once(request, _("已改派经办人。"), work)
    except Refused as refused:
        return case_page(request, request_id, opened=ASSIGN, refused=refused)


@require_POST
@page(Right.REQUESTS_ANSWER)
def receive(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """``/requests/<id>/receive``: the receiver's side has seen it; sent by the page itself when it is opened there."""
    commands.receive(request.actor, request_id=request_id)
    if request.htmx:
        return HttpResponse(status=NOTHING_NEW)
    return once(request, _("已签收。"), lambda: _back(request, request_id))


@require_POST
@page(Right.REQUESTS_SEND)
def seen(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """``/requests/<id>/seen``: what its reader was told of it is no news any more; answers the bell."""
    commands.see_notices(request.actor, request_id=request_id)
    return bell_shown(request)


def _said(typed: QueryDict, step: Act) -> Said:
    """What comes with the step.

    Raises:
        Refused: for a field that is too long, an id that is none, a time that cannot be.
    """
    words_said = given.text(typed, "words", longest=_LONGEST)
    if step is Act.RETURN:
        return Said(code=typed.get("code", "")[:30], words=words_said, alternative=_alternative(typed))
    if step is Act.REDIRECT:
        to = given.key(typed, "to") if typed.get("to") else None
        return Said(words=words_said, to=to)
    if step is Act.SCHEDULE:
        slot = given.key(typed, "slot") if typed.get("slot") else None
        return Said(slot=slot, at=None if slot else _moment(typed, "at"))
    if step is Act.REPORT:
        return Said(content=_content(typed))
    if step is Act.ACCEPT:
        department = given.key(typed, "department") if typed.get("department") else None
        return Said(words=words_said, department=department)
    return Said(words=words_said)


def _alternative(typed: QueryDict) -> dict[str, str]:
    """What can be done instead, as far as it was given."""
    found = {name: given.text(typed, name, longest=_LONGEST) for name in ("advice", "missing")}
    if typed.get("to"):
        to = given.key(typed, "to")
        names = names_of_institutions([to], on=ledger.today())
        found |= {"institution": str(to), "institution_name": names.get(to, "")}
    return {name: value for name, value in found.items() if value}


def _content(typed: QueryDict) -> dict[str, Any]:
    found = {name: given.text(typed, name, longest=_LONGEST * 4) for name in _REPORT}
    if found["next_visit_on"]:
        found["next_visit_on"] = given.day(typed, "next_visit_on").isoformat()
    return {name: value for name, value in found.items() if value}


def _moment(typed: QueryDict, name: str) -> datetime | None:
    """A time as the page's field gives it, in China."""
    text = typed.get(name, "").strip()
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZONE)
    except ValueError:
        raise Refused(NOT_A_TIME) from None


def _account(typed: QueryDict) -> UUID | None:
    return given.key(typed, "account") if typed.get("account") else None


def _version(typed: QueryDict) -> int | None:
    text = typed.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _back(request: HttpRequest, request_id: UUID) -> str:
    """To the request; to the list where it was done from there."""
    if request.POST.get("from") == "list":
        box = request.POST.get("box", "")
        return f"{reverse('requests:list')}?{request.frame.query}&box={box if box.isalpha() else ''}"
    return f"{reverse('requests:one', args=[request_id])}?{request.frame.query}"


NO_SUCH_ACT = Refusal(
    code="requests.no_such_act",
    message=Text("没有这个操作。", "There is no such act."),
    instead=Text("请从页面上的按钮选择。", "Choose one of the buttons on the page."),
    status=404,
)
NOT_A_TIME = Refusal(
    code="requests.not_a_time",
    message=Text("时间填得不对。", "This is no time."),
    instead=Text("请按 2026-11-24 08:30 的样子填写。", "Write it like 2026-11-24 08:30."),
    at="at",
    status=422,
)
