"""The worklist with its filters and bulk acts, and the triage board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiercare.apps.access.queries import staff_at
from tiercare.apps.access.rules import Right
from tiercare.apps.exchange import commands
from tiercare.apps.exchange.queries import Box, Worklist, worklist
from tiercare.apps.exchange.queries.houses import departments_of
from tiercare.apps.exchange.queries.marks import at_a_glance, mark
from tiercare.apps.exchange.rules.kinds import Urgency, kinds
from tiercare.apps.exchange.workflow import OVER, Act, State
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web import given
from tiercare.web.pages import page, said, told
from tiercare.web.paging import Pager

from . import gate, presenters, words

NOTHING_NEW = 204  # htmx leaves the list, and what has the focus in it, alone
_PER_PAGE, _LAST_PAGE = 20, 99_999
_ON_BOARD = 200  # cards; who has more open requests filters the list
_AT_ONCE = 50
_LONGEST_TEXT = 40
BOX_NAMES: Mapping[Box, str] = {
    Box.IN: gettext_noop("收到的"),
    Box.OUT: gettext_noop("发出的"),
    Box.MINE: gettext_noop("我经办的"),
    Box.ESCALATED: gettext_noop("升级督办"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. ``state`` is a state, ``overdue``, ``unheard``, ``over``, or nothing for all that is open."""

    box: Box
    state: str = ""
    kind: str = ""
    urgency: Urgency | None = None
    department: UUID | None = None
    text: str = ""
    page: int = 1
    boxes: tuple[Box, ...] = field(default=())
    named: bool = True

    @property
    def filtered(self) -> bool:
        """True if something was left out."""
        return bool(self.state or self.kind or self.text or self.department) or self.urgency is not None

    @property
    def states(self) -> tuple[State, ...]:
        """The states of the list; none: whatever is open."""
        if self.state == "over":
            return tuple(sorted(OVER))
        return (State(self.state),) if self.state in set(State) else ()


@require_http_methods(["GET", "HEAD", "POST"])
@gate.working
def requests(request: HttpRequest) -> HttpResponse:
    """``/requests``: a box and its filters. A POST only searches: names stand in no address. ``?since=`` is answered with
    nothing while the box is as it was."""
    asked = _asked(request, request.POST if request.method == "POST" else request.GET)
    since = request.GET.get("since", "")
    if request.htmx and since and mark(request.actor, asked.box) == since:
        return HttpResponse(status=NOTHING_NEW)
    return _list(request, asked)


@require_POST
@page(Right.REQUESTS_ANSWER)
def bulk(request: HttpRequest) -> HttpResponse:
    """``/requests/bulk``: accept, or give to somebody, all that were ticked, each by itself; what was refused says why."""
    asked = _asked(request, request.POST)
    chosen = request.POST.getlist("request")[:_AT_ONCE]
    wanted = request.POST.get("act", "")
    if wanted not in {"accept", "assign"}:
        raise Refused(NO_SUCH_BULK_ACT)
    account = (
        given.key(request.POST, "account") if wanted == "assign" and request.POST.get("account") else None
    )
    results = [_one(request, each, wanted, account) for each in chosen]
    if not results:
        refusal = [told(NOTHING_TICKED)]
        return _list(request, asked, refusals=refusal, status=422)
    return _list(request, asked, results=results)


@require_safe
@page(Right.REQUESTS_ANSWER)
def board(request: HttpRequest) -> HttpResponse:
    """``/requests/board``: what came in and is open, by where it stands."""
    actor, now = request.actor, ledger.now()
    since = request.GET.get("since", "")
    at = mark(actor, Box.IN)
    if request.htmx and since == at:
        return HttpResponse(status=NOTHING_NEW)
    found = worklist(actor, box=Box.IN, states=presenters.COLUMNS, per_page=_ON_BOARD)
    context = {
        "columns": presenters.board(found.rows, actor, now=now),
        "counts": found.counts,
        "more": len(found.rows) == _ON_BOARD,
        "mark": at,
        "now": words.stamp(now),
    }
    return render(request, "requests/board.html", context)


def _one(request: HttpRequest, chosen: str, wanted: str, account: UUID | None) -> dict[str, Any]:
    """One of the ticked: done, or why not. Each is a command of its own, so that one refusal undoes no other."""
    key, _dot, version = chosen.partition(".")
    number = request.POST.get(f"number-{key}", "")[:20]
    try:
        request_id, read = UUID(key), int(version)
        if wanted == "accept":
            commands.turn(request.actor, request_id=request_id, act=Act.ACCEPT, version=read)
        else:
            commands.assign(request.actor, request_id=request_id, account_id=account, version=read)
    except ValueError:
        return {"number": number, "refused": told(NOTHING_TICKED)}
    except Refused as refused:
        return {"number": number, "refused": told(refused.refusals[0])}
    return {"number": number, "refused": None}


def _list(
    request: HttpRequest,
    asked: Asked,
    *,
    results: Sequence[Mapping[str, Any]] = (),
    refusals: Sequence[Mapping[str, Any]] = (),
    status: int = 200,
) -> HttpResponse:
    actor, now = request.actor, ledger.now()
    at, units = at_a_glance(actor, asked.box, asked.boxes)
    if not asked.named and not units[asked.box] and not asked.filtered:
        # Nobody asked for a box: a doctor who only sends finds what was sent rather than an empty list.
        box = next((each for each in asked.boxes if units[each]), asked.box)
        asked, at = replace(asked, box=box), mark(actor, box)
    found = _found(request, asked)
    own = actor.institution_id
    answers = gate.sends(request) and own is not None
    total = _total(asked, found)
    context = {
        "rows": presenters.lines(found.rows, actor, now=now),
        "asked": asked,
        "tabs": [(each.value, _(BOX_NAMES[each]), units[each]) for each in asked.boxes],
        "chips": presenters.chips(found.counts, asked.state),
        "kinds": [(each.id, said(each.name)) for each in kinds().values()],
        "urgencies": [(each.name, words.urgency(each)["name"]) for each in Urgency],
        "departments": departments_of(own, on=request.today) if own and asked.box is Box.IN else [],
        "staff": staff_at(own) if answers and own and asked.box in {Box.IN, Box.MINE} else [],
        "may_bulk": answers and asked.box in {Box.IN, Box.MINE},
        "sends": answers,
        "mark": at,
        "kept": _kept(request, asked),
        "now": words.stamp(now),
        "pager": Pager(
            request, asked.page, max(1, -(-total // _PER_PAGE)) if total is not None else asked.page + 1
        ),
        "results": results,
        "refusals": refusals,
    }
    return render(request, "requests/list.html", context, status=status)


def _found(request: HttpRequest, asked: Asked) -> Worklist:
    return worklist(
        request.actor,
        box=asked.box,
        states=asked.states,
        kinds=[asked.kind] if asked.kind in kinds() else (),
        urgency=asked.urgency,
        overdue=asked.state == "overdue",
        unheard=asked.state == "unheard",
        department=asked.department,
        text=asked.text,
        page=asked.page,
        per_page=_PER_PAGE,
    )


def _kept(request: HttpRequest, asked: Asked) -> str:
    """What the list that renews itself asks for again."""
    wanted = {
        "box": asked.box.value,
        "state": asked.state,
        "kind": asked.kind,
        "urgency": asked.urgency.name if asked.urgency is not None else "",
        "department": str(asked.department or ""),
        "page": str(asked.page) if asked.page > 1 else "",
    }
    return f"{request.frame.query}&{urlencode({name: value for name, value in wanted.items() if value})}"


def _total(asked: Asked, found: Worklist) -> int | None:
    """How many there are, where the counts say so; of narrower lists only whether a page is full is known."""
    narrowed = (
        asked.kind or asked.text or asked.department or asked.urgency is not None or asked.state == "over"
    )
    if not narrowed:
        return found.counts.get(asked.state or "open", 0)
    return None if len(found.rows) == _PER_PAGE else (asked.page - 1) * _PER_PAGE + len(found.rows)


def _asked(request: HttpRequest, typed: QueryDict) -> Asked:
    """What the address or the search says; what it cannot mean is left out."""
    boxes: tuple[Box, ...] = (Box.IN, Box.OUT, Box.MINE) if gate.sends(request) else ()
    boxes = (*boxes, Box.ESCALATED) if gate.oversees(request) or not boxes else boxes
    box, state = typed.get("box", ""), typed.get("state", "")
    urgency, number = typed.get("urgency", ""), typed.get("page", "1")
    page_asked = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    return Asked(
        box=Box(box) if box in set(boxes) else boxes[0],
        state=state if state in {*State, "overdue", "unheard", "over"} else "",
        kind=typed.get("kind", "") if typed.get("kind", "") in kinds() else "",
        urgency=Urgency[urgency] if urgency in Urgency.__members__ else None,
        department=given.key(typed, "department") if typed.get("department") else None,
        text=given.text(typed, "text", longest=_LONGEST_TEXT) if request.method == "POST" else "",
        page=min(max(page_asked, 1), _LAST_PAGE),
        boxes=boxes,
        named=box in set(boxes),
    )


NO_SUCH_BULK_ACT = Refusal(
    code="requests.no_such_bulk_act",
    message=Text("没有这个批量操作。", "There is no such bulk act."),
    instead=Text("请从页面上的按钮选择。", "Choose one of the buttons on the page."),
    status=404,
)
NOTHING_TICKED = Refusal(
    code="requests.nothing_ticked",
    message=Text("没有勾选任何申请。", "No request was ticked."),
    instead=Text("请先在列表里勾选，再批量办理。", "Tick some in the list, then go on."),
    at="request",
    status=422,
)
