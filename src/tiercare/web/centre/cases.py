"""One case on one page: every step is done here, without changing the screen; the bed, the criteria, and the sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries.cases import CaseShown, case_shown
from tiercare.apps.capacity.queries.centre import criteria_of
from tiercare.apps.capacity.queries.patient import patient
from tiercare.apps.capacity.rules.cases import Step
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import queries as network
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web import given
from tiercare.web.booking.presenters import banner
from tiercare.web.capacity.typed import Sent, again
from tiercare.web.pages import once, page

from . import presenters
from .presenters import Typed

_LONGEST = 300
Command = Callable[[], object]


@require_safe
@page(Right.CAPACITY_KEEP)
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """``/centre/cases/<id>``: the steps, the one that comes next with its lists."""
    return _page(request, case_shown(request.actor, case_id))


@require_POST
@page(Right.CAPACITY_KEEP)
def act(request: HttpRequest, case_id: UUID, act: str) -> HttpResponse:
    """Do a step, leave it out, let the patient leave the bed, or end the case; then the same page again."""
    if act not in _ACTS:
        raise Refused(NO_SUCH_ACT)
    prepare, done, section = _ACTS[act]
    shown = case_shown(request.actor, case_id)
    sent = Sent(request.POST)
    try:
        command = prepare(request, shown, sent)

        def work() -> str:
            command()
            return f"{reverse('centre:case', args=[case_id])}?{request.frame.query}#{section}"

        return once(request, gettext(done), work)
    except Refused as refused:
        typed = Typed(
            ticked=_ticked(request),
            met=frozenset(request.POST.getlist("met")),
            note=sent.text("note", longest=_LONGEST),
            reason=sent.text("reason", longest=_LONGEST),
            opened=act,
        )
        return _page(request, case_shown(request.actor, case_id), typed, refused)


@require_safe
@page(Right.CAPACITY_KEEP)
def sheet(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """``/centre/cases/<id>/sheet``: for the patient's hand. The name on it stays masked: sheets are lost."""
    shown = case_shown(request.actor, case_id)
    names = network.names_of_institutions([shown.institution_id], on=request.today)
    context = presenters.case(shown, (), Typed(), now=ledger.now()) | {
        "who": presenters.masked([shown.resident_id], on=request.today).get(shown.resident_id),
        "institution": names.get(shown.institution_id, ""),
        "printed_at": ledger.now(),
    }
    return render(request, "centre/sheet.html", context)


def _page(
    request: HttpRequest, shown: CaseShown, typed: Typed | None = None, refused: Refused | None = None
) -> HttpResponse:
    criteria = criteria_of(shown.institution_id, disease=shown.disease) if shown.disease else []
    context = presenters.case(shown, criteria, typed or Typed(), now=ledger.now()) | _whose(request, shown)
    return again(request, "centre/case.html", context, refused)


def _whose(request: HttpRequest, shown: CaseShown) -> dict[str, Any]:
    """The patient in full for those who may read the record; masked for all others who work on the case."""
    try:
        return banner(patient(request.actor, shown.resident_id)) | {"readable": True}
    except Refused:  # the ground has ended since
        return {"person": presenters.masked([shown.resident_id], on=request.today).get(shown.resident_id)}


def _step(request: HttpRequest, shown: CaseShown, sent: Sent) -> Command:
    step = _named(sent)
    ticked, met = _ticked(request), request.POST.getlist("met")
    note = sent.text("note", longest=_LONGEST)
    return lambda: commands.finish_step(
        request.actor, case_id=shown.id, step=step, ticked=ticked, met=met, note=note
    )


def _leave_out(request: HttpRequest, shown: CaseShown, sent: Sent) -> Command:
    step, reason = _named(sent), sent.text("reason", longest=_LONGEST)
    return lambda: commands.finish_step(
        request.actor, case_id=shown.id, step=step, note=reason, not_needed=True
    )


def _leave_bed(request: HttpRequest, shown: CaseShown, sent: Sent) -> Command:
    stay = given.key(request.POST, "stay")
    if shown.stay is None or shown.stay.id != stay:
        raise Refused(_OTHER_BED)
    return lambda: commands.discharge(request.actor, stay_id=stay)


def _cancel(request: HttpRequest, shown: CaseShown, sent: Sent) -> Command:
    reason = sent.text("reason", longest=_LONGEST)
    return lambda: commands.cancel_case(request.actor, case_id=shown.id, reason=reason)


# Each reads its form and answers the one command call; then what is said, and the section that shows it.
_ACTS: Mapping[str, tuple[Callable[[HttpRequest, CaseShown, Sent], Command], str, str]] = {
    "step": (_step, gettext_noop("已办理，接着办下一步。"), "next"),
    "leave-out": (_leave_out, gettext_noop("已跳过，理由已记下。"), "next"),
    "leave-bed": (_leave_bed, gettext_noop("已离床，床位已空出。"), "bed"),
    "cancel": (_cancel, gettext_noop("已取消，留着的床位已放回。"), "main"),
}


def _named(sent: Sent) -> Step:
    name = sent.text("step", longest=40)
    if name not in set(Step):
        raise Refused(NO_SUCH_ACT)
    return Step(name)


def _ticked(request: HttpRequest) -> frozenset[int]:
    return frozenset(
        int(each) for each in request.POST.getlist("ticked") if each.isascii() and each.isdigit()
    )


NO_SUCH_ACT = Refusal(
    code="capacity.no_such_act",
    message=Text("没有这个操作。", "There is nothing to do by that name."),
    instead=Text("请用页面上的按钮办理。", "Use the buttons of the page."),
    status=404,
)
_OTHER_BED = Refusal(
    code="capacity.case_lies_elsewhere",
    message=Text("患者已不在这张床上。", "The patient is not in that bed any more."),
    instead=Text("请看本页现在的床位，或到床位图办理。", "See the bed as it stands now, or go to the board."),
    at="bed",
)
