"""The printed 双向转诊单, and what its code opens for whoever holds it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from tiercare.apps.access.commands.rates import take
from tiercare.apps.access.rules.rates import Rated
from tiercare.apps.capacity.queries.session import sessions_shown
from tiercare.apps.exchange import queries
from tiercare.apps.exchange.queries.houses import department_names
from tiercare.apps.exchange.queries.public import Public
from tiercare.apps.exchange.rules.owners import LEVEL_NAMES
from tiercare.apps.exchange.workflow import OVER, State
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.referrals import queries as referrals
from tiercare.apps.referrals.rules.bringing import to_bring
from tiercare.apps.referrals.rules.vocabulary import Kind
from tiercare.kernel.clock import day_of
from tiercare.kernel.ids import stable_id
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web.booking.presenters import details
from tiercare.web.cards.qr import drawn
from tiercare.web.middleware import residents_too
from tiercare.web.pages import said, told
from tiercare.web.source import source

from . import gate, presenters, shown, words

_FOUR = 4
# Where it stands, said to a resident.
PLAIN = {
    State.DRAFT: gettext_noop("还没有提交。"),
    State.SUBMITTED: gettext_noop("已提交，等接收医院答复。"),
    State.RETURNED: gettext_noop("接收医院没有接收，您的医生正在另作安排。"),
    State.ACCEPTED: gettext_noop("接收医院已同意，正在安排时间。"),
    State.SCHEDULED: gettext_noop("时间已经定好，请按时前往。"),
    State.NO_SHOW: gettext_noop("登记为没有到院。请联系您的医生，重新安排。"),
    State.ARRIVED: gettext_noop("已登记到院，等待接诊。"),
    State.IN_CARE: gettext_noop("正在接收医院诊治。"),
    State.REPORTED: gettext_noop("诊治情况已回复给您的医生，请与医生联系。"),
    State.CLOSED: gettext_noop("已办结，由您的医生继续照顾。"),
    State.WITHDRAWN: gettext_noop("已撤回。"),
    State.CANCELLED: gettext_noop("已取消。"),
    State.DIED: gettext_noop("已结束。"),
}


@require_safe
@gate.working
def sheet(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """``/requests/<id>/sheet``: for the resident's hand and the receiver's file, one side of A4. The name stays masked:
    sheets are lost."""
    of = queries.opened(request.actor, request_id)
    if of.line.sent_at is None:
        raise Refused(NOT_SENT_YET)
    now = ledger.now()
    address = request.build_absolute_uri(reverse("requests:where", args=[of.line.number]))
    context = {
        "line": presenters.line(of.line, request.actor, now=now),
        "case": of,
        "down": of.line.kind == Kind.DOWN,
        "written": shown.written(of.payload),
        "plan": shown.plan(of.payload),
        "grounds": shown.grounds(of.payload, of.basis),
        "report": shown.report(of.report),
        "sent_at": words.stamp(of.line.sent_at),
        "planned_at": words.stamp(of.line.planned_at) if of.line.planned_at else "",
        "place": shown.place(request, of.line.booking_id),
        "bring": [
            said(each)
            for each in to_bring(referrals.along(request.actor, of.line.id, resident_id=of.line.resident_id))
        ],
        "qr": drawn(address),
        "where": address.partition("://")[2],
        "printed_at": words.stamp(now),
    }
    return render(request, "requests/sheet.html", context)


@residents_too
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def where(request: HttpRequest, number: str) -> HttpResponse:
    """``/r/<number>``: the last four of the identity number open where it is, who sees to it, by when, what to bring. What
    is wrong is told in the same words whatever is wrong, and tries are counted."""
    if request.method != "POST":
        return _asking(request, number)
    try:
        last_four = request.POST.get("last_four", "").strip().upper()
        if len(last_four) != _FOUR or not last_four.isascii() or not last_four.isalnum():
            raise Refused(FOUR_SIGNS)
        # Counted before anything is looked up, and for numbers that nobody has as for any other.
        take(
            request.actor,
            what=Rated.SHEET_OPENED,
            source=source(request),
            subject=stable_id("request", number.upper()),
        )
        found = queries.public(number, last_four)
        if found is None:
            raise Refused(NOTHING_FITS)
    except Refused as refused:
        return _asking(request, number, refused)
    now = ledger.now()
    context = {
        "found": found,
        "kind": words.kind(found.kind),
        "state": words.state(found.state),
        "says": _(PLAIN[found.state]),
        "over": found.state in OVER,
        "owner": found.owner_name,
        "level": said(LEVEL_NAMES[found.owner_level]) if found.owner_level else "",
        "due": words.due(found.due_at, now),
        "planned": words.moment(found.planned_at, day_of(now)) if found.planned_at else "",
        **_going(found),
    }
    return _answer(request, number, context)


def _going(found: Public) -> dict[str, Any]:
    """Where to go in the house and what to take along, while it is open."""
    if found.state in OVER:
        return {}
    along, booking = referrals.along_public(found)
    session = sessions_shown([booking.session_id]).get(booking.session_id) if booking else None
    department = department_names([found.department_id]) if found.department_id else {}
    return {
        "bring": [said(each) for each in to_bring(along)],
        "department": next(iter(department.values()), ""),
        "session": session,
        "seat": booking.number if booking else "",
        "details": details(session) if session else [],
    }


def _asking(request: HttpRequest, number: str, refused: Refused | None = None) -> HttpResponse:
    errors = [told(each) for each in refused.refusals] if refused else []
    context = {"refusals": errors, "wrong": {each["at"]: each for each in errors}}
    return _answer(request, number, context, refused.refusals[0].status if refused else 200)


def _answer(request: HttpRequest, number: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, "requests/where.html", context | {"number": number.upper()}, status=status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


FOUR_SIGNS = Refusal(
    code="requests.four_signs",
    message=Text("请填写证件号码的最后四位。", "Give the last four of the identity number."),
    instead=Text("身份证末位是 X 的，连 X 一起填。", "If it ends in X, the X belongs to them."),
    at="last_four",
    status=422,
)
NOTHING_FITS = Refusal(
    code="requests.nothing_fits",
    message=Text("单号与证件号码对不上。", "The number of the sheet and these four do not fit."),
    instead=Text(
        "请核对单上的编号和患者本人证件的最后四位；仍不行请打单上的电话。",
        "Check the number on the sheet and the last four of the patient's own document; else call the number on the sheet.",
    ),
    at="last_four",
    status=404,
)
NOT_SENT_YET = Refusal(
    code="requests.not_sent_yet",
    message=Text("还没有提交，不能打印转诊单。", "It has not been sent: there is no sheet yet."),
    instead=Text("请先写完并提交。", "Finish and send it first."),
    at="request",
)
