"""Filing with the insurer, as both offices see to it: the list, its file, and three small acts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.referrals import commands, queries
from tiercare.apps.referrals.queries import Task
from tiercare.apps.referrals.rules.filing import STATE_NAMES, WAY_ON, Act
from tiercare.apps.residents.rules.cover import SCHEME_NAMES
from tiercare.engines.sheets.model import Table
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web import given
from tiercare.web.imports.downloads import as_file
from tiercare.web.marks import write_xlsx
from tiercare.web.pages import once, page, said

from . import words
from .case import case_page
from .filed import said_by, tag

_LONGEST = 60


@require_safe
@page(Right.REQUESTS_SEND)
def filings(request: HttpRequest) -> HttpResponse:
    """``/requests/filings``: what waits for either office; ``?format=xlsx`` as a list to take to the counter."""
    found = queries.filings_to_see_to(request.actor)
    if request.GET.get("format") == "xlsx":
        return as_file(f"{_('医保备案清单')}-{ledger.today()}.xlsx", _workbook(found))
    rows = [_row(each, ledger.today()) for each in found]
    return render(request, "requests/filings.html", {"rows": rows, "sends": True})


@require_POST
@page(Right.REQUESTS_SEND)
def act(request: HttpRequest, request_id: UUID, step: str) -> HttpResponse:
    """``/requests/<id>/filing/<again|number|undone>``; refused, the case again with why."""
    if step not in _ACTS:
        raise Refused(NO_SUCH_ACT)
    command, done = _ACTS[step]

    def work() -> str:
        command(request, request_id)
        return f"{reverse('requests:one', args=[request_id])}?{request.frame.query}#filing"

    try:
        return once(request, _(done), work)
    except Refused as refused:
        return case_page(request, request_id, refused=refused)


def _again(request: HttpRequest, request_id: UUID) -> None:
    commands.file_again(request.actor, request_id=request_id)


def _number(request: HttpRequest, request_id: UUID) -> None:
    number = given.text(request.POST, "number", longest=_LONGEST)
    commands.filed_by_hand(request.actor, request_id=request_id, number=number)


def _undone(request: HttpRequest, request_id: UUID) -> None:
    commands.taken_back_by_hand(request.actor, request_id=request_id)


_ACTS: Mapping[str, tuple[Callable[[HttpRequest, UUID], None], str]] = {
    Act.AGAIN.value: (_again, gettext_noop("已重新提交备案。")),
    Act.NUMBER.value: (_number, gettext_noop("已登记备案号。")),
    Act.UNDONE.value: (_undone, gettext_noop("已登记撤销。")),
}


def _row(each: Task, today: date) -> dict[str, Any]:
    return {
        "request": each.request_id,
        "number": each.request_number,
        "kind": words.kind(each.kind),
        "state": tag(each.state),
        "words": said_by(each.words, answered=each.answered),
        "way_on": said(WAY_ON[each.state]),
        "who": each.who.name if each.who else "",
        "sender": each.sender,
        "receiver": each.receiver,
        "since": words.moment(each.made_at, today),
    }


def _workbook(found: list[Task]) -> bytes:
    """The list for the counter; names and numbers masked: the sheet may be lost, the case has them in full."""
    header = (
        *(_("转诊单号"), _("类别"), _("患者"), _("证件号码"), _("参保类型"), _("参保地")),
        *(_("转出机构"), _("接收机构"), _("状态"), _("医保答复"), _("备案号")),
    )
    rows = [
        (
            each.request_number,
            words.kind(each.kind),
            each.who.name if each.who else "",
            each.who.number if each.who else "",
            said(SCHEME_NAMES[each.scheme]) if each.scheme else "",
            each.area,
            each.sender,
            each.receiver,
            said(STATE_NAMES[each.state]),
            said_by(each.words, answered=each.answered),
            "",
        )
        for each in found
    ]
    return write_xlsx([Table(_("医保备案清单"), header, rows)])


NO_SUCH_ACT = Refusal(
    code="requests.no_such_filing_act",
    message=Text("没有这个操作。", "There is no such act."),
    instead=Text("请从页面上的按钮选择。", "Choose one of the buttons on the page."),
    status=404,
)
