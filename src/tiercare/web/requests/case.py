"""One request: how it stands, what was sent, what was done, and what whoever looks may do now."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.capacity.queries.patient import patient
from tiercare.apps.exchange import queries
from tiercare.apps.exchange.queries import Case
from tiercare.apps.exchange.queries.houses import department_names
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.exchange.workflow import OPEN, WRITTEN, Act, State
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.referrals import queries as referrals
from tiercare.apps.referrals.rules.vocabulary import Kind
from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import Refused
from tiercare.web.booking.presenters import banner
from tiercare.web.pages import told
from tiercare.web.records.presenters import facts_named

from . import choosing, filed, gate, presenters, shown, words

# Acts that need nothing said stand as buttons; the others open a form.
PLAIN = frozenset({Act.ACCEPT, Act.ARRIVE, Act.MISS, Act.TAKE_IN, Act.ACKNOWLEDGE})
# What is most likely next comes first and large.
_FIRST = (Act.ACKNOWLEDGE, Act.ACCEPT, Act.SCHEDULE, Act.ARRIVE, Act.TAKE_IN, Act.REPORT)
_SCHEDULED = (Act.ARRIVE, Act.SCHEDULE)
_NOT_THEIRS = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
_UNDER_WAY = frozenset({State.SUBMITTED, State.ACCEPTED, State.SCHEDULED, State.ARRIVED, State.IN_CARE})
_LAST = frozenset({Act.WITHDRAW, Act.CANCEL, Act.DIE})
_ICONS: Mapping[Act, str] = {
    Act.ACCEPT: "check",
    Act.RETURN: "undo",
    Act.REDIRECT: "switch",
    Act.SCHEDULE: "calendar",
    Act.ARRIVE: "pin",
    Act.MISS: "ban",
    Act.LEAVE: "ban",
    Act.TAKE_IN: "bed",
    Act.REPORT: "edit",
    Act.ACKNOWLEDGE: "check",
    Act.WITHDRAW: "undo",
    Act.CANCEL: "ban",
    Act.DIE: "minus",
}


@require_safe
@gate.working
def one(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """``/requests/<id>``; ``?act=`` opens the form of an act."""
    return case_page(request, request_id, opened=request.GET.get("act", ""))


def case_page(
    request: HttpRequest, request_id: UUID, *, opened: str = "", refused: Refused | None = None
) -> HttpResponse:
    """The page; where an act was refused, with its form open, what was typed in it, and why. Whose act it is not is told
    only that.

    Raises:
        Refused: what was refused, where the act is not theirs; if there is no such request for them.
    """
    if refused and refused.refusals[0].status in _NOT_THEIRS:
        raise refused
    actor, now = request.actor, ledger.now()
    of = queries.opened(actor, request_id)
    today = day_of(now)
    answers = gate.sends(request)
    shown_line = presenters.line(of.line, actor, now=now)
    errors = [told(each) for each in refused.refusals] if refused else []
    buttons = _buttons(of, own=actor.institution_id)
    context: dict[str, Any] = {
        "line": shown_line,
        "case": of,
        "waits_for": shown.waits_for(of),
        "steps": (steps := shown.steps(of, today=today)),
        # Why it came back and what to do instead stands first for whoever must go on with it.
        "returned": steps[0] if of.line.state is State.RETURNED and steps else None,
        "written": shown.written(of.payload),
        "plan": shown.plan(of.payload),
        "grounds": shown.grounds(of.payload, of.basis),
        "report": shown.report(of.report),
        "reported": of.report,
        "desks": shown.desks(of),
        "department": _department(of),
        "place": shown.place(request, of.line.booking_id),
        "buttons": buttons,
        "sends": answers,
        "bell_loaded": answers,  # the page itself says what is seen, and is answered with the bell
        # Seen by the receiver's people: the page says so itself, a GET writes nothing.
        "to_receive": shown_line["unheard"] and actor.institution_id == of.line.receiver and answers,
        "here": actor.institution_id == of.line.receiver,
        "may_assign": answers
        and of.line.owner is not None
        and of.line.owner.institution_id == actor.institution_id
        and of.line.state not in WRITTEN,
        "advice": of.line.kind == Kind.ADVICE,
        **_senders(request, of),
        "refusals": errors,
        "wrong": {each["at"]: each for each in errors},
        "typed": request.POST if refused else {},
        **_record(request, of),
        **filed.of_case(request, of),
        **_whose(request, of),
        **choosing.opened(request, of, opened),
    }
    return render(
        request, "requests/case.html", context, status=refused.refusals[0].status if refused else 200
    )


def _buttons(of: Case, *, own: UUID | None) -> list[dict[str, Any]]:
    """What may be done now: the likely first, what ends it last. Large is only what whoever looks must see to. Sending is
    done where it is written."""
    theirs = of.line.owner is not None and of.line.owner.institution_id == own
    acts = [each for each in of.acts if each in words.DONE]
    # Who has a time comes next; another time is the exception.
    likely = _SCHEDULED if of.line.state is State.SCHEDULED else _FIRST
    acts.sort(key=lambda each: (each in _LAST, likely.index(each) if each in likely else len(likely)))
    return [
        {
            "code": each.value,
            "name": words.act(each),
            "icon": _ICONS[each],
            "plain": each in PLAIN,
            "first": theirs and place == 0 and each in likely,
            "ends": each in _LAST,
        }
        for place, each in enumerate(acts)
    ]


def _senders(request: HttpRequest, of: Case) -> dict[str, bool]:
    """What the sender may do besides: the paperwork of an emergency (XH-48), and a referral out of an answer."""
    line = of.line
    own = request.actor.institution_id == line.sender and gate.sends(request)
    return {
        "to_supplement": own and line.urgency is Urgency.EMERGENCY and line.state in _UNDER_WAY,
        "to_convert": own and line.kind == Kind.ADVICE and of.report is not None,
    }


def _department(of: Case) -> str:
    key = of.line.department_id
    return department_names([key]).get(key, "") if key else ""


def _record(request: HttpRequest, of: Case) -> dict[str, Any]:
    """The part of the record that went with it, for those whose roles read it."""
    if of.line.sent_at is None or request.actor.institution_id not in of.standing.houses:
        return {}
    try:
        found = referrals.package_of(request.actor, of.line.id)
    except Refused as refused:
        return {"package_refused": [told(each) for each in refused.refusals]}
    return {
        "package": shown.package(found, facts_named(request)),
        "package_hidden": found.hidden if found else 0,
    }


def _whose(request: HttpRequest, of: Case) -> dict[str, Any]:
    """The patient in full for either side while it is open and the ground stands; masked for all others."""
    involved = request.actor.institution_id in of.standing.houses
    if (
        not involved
        or of.line.state not in OPEN
        or (of.line.state is State.DRAFT and not gate.sends(request))
    ):
        return {}
    try:
        return banner(patient(request.actor, of.line.resident_id))
    except Refused:  # no ground, or a role that reads no records
        return {}
