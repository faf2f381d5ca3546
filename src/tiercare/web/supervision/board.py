"""``/supervision``: what is mine to do, what I gave to others, what is late or went up the line; filters above a table."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.queries.boards import KINDS, Asked, Board, Box, board
from tiercare.apps.evaluation.queries.regular import due_templates
from tiercare.apps.evaluation.rules.kinds import NAMES, KindId
from tiercare.web.pages import page, said

from . import presenters

BOXES = {
    Box.MINE: gettext_noop("我要办的"),
    Box.ISSUED: gettext_noop("我下达的"),
    Box.LATE: gettext_noop("逾期"),
    Box.RAISED: gettext_noop("逾期上报"),
    Box.ALL: gettext_noop("全部在办"),
    Box.OVER: gettext_noop("已办结"),
}


@require_safe
@page(Right.SUPERVISION_ANSWER)
def matters(request: HttpRequest) -> HttpResponse:
    """The board; ``?box=&kind=&period=&q=&clause=&page=``."""
    asked = asked_for(request)
    found = board(request.actor, asked)
    return render(request, "supervision/board.html", _context(request, asked, found))


def asked_for(request: HttpRequest) -> Asked:
    """What the address narrows the list to; what it cannot mean is left out."""
    given = request.GET
    box, kind = given.get("box", ""), given.get("kind", "")
    number = given.get("page", "1")
    return Asked(
        box=Box(box) if box in set(Box) else Box.MINE,
        kind=kind if kind in {each.value for each in KINDS} else "",
        period=given.get("period", "")[:10],
        text=given.get("q", "").strip()[:60],
        clause=given.get("clause", "")[:10],
        subject=given.get("subject", "")[:140],
        page=int(number) if number.isdecimal() and 0 < int(number[:6]) < 10_000 else 1,
    )


def _context(request: HttpRequest, asked: Asked, found: Board) -> dict[str, Any]:
    issues = access.may(request.actor, Right.SUPERVISION_ISSUE) is None
    return {
        "asked": asked,
        "boxes": [(box.value, name, found.counts[box]) for box, name in BOXES.items()],
        "kinds": [(each.value, said(NAMES[KindId(each)])) for each in KINDS],
        "lines": presenters.lines(found.lines, on=request.today),
        "filtered": bool(asked.kind or asked.period or asked.text or asked.clause or asked.subject),
        "more": found.more,
        "before": asked.page - 1,
        "after": asked.page + 1,
        "issues": issues,
        "regular": due_templates(request.actor, within=timedelta(days=30)) if issues else [],
    }
