"""The residents' referrals, their own and their wards': where it is, who is to act and by when, where to go, what to bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_safe

from tiercare.apps.capacity.queries.mine import my_booking
from tiercare.apps.capacity.queries.session import sessions_shown
from tiercare.apps.exchange.queries.lines import Line
from tiercare.apps.exchange.queries.mine import Mine, mine, my_request
from tiercare.apps.exchange.queries.opening import StepRow
from tiercare.apps.exchange.rules.owners import Level
from tiercare.apps.exchange.workflow import OPEN, Act, State
from tiercare.apps.referrals.queries import along
from tiercare.apps.referrals.rules.bringing import to_bring
from tiercare.kernel.clock import ZONE
from tiercare.web.booking import presenters as booking
from tiercare.web.booking import words as booking_words
from tiercare.web.me.own import mine as own_view
from tiercare.web.me.own import own_page
from tiercare.web.pages import said

from . import words

_ = gettext_noop
# Where it is, for somebody who never worked in a hospital.
WHERE: Mapping[State, str] = {
    State.DRAFT: _("正在填写"),
    State.SUBMITTED: _("申请已送到医院，正在等医院接收"),
    State.RETURNED: _("医院把申请退给了您的医生，请等医生联系您"),
    State.ACCEPTED: _("医院已经接收，正在安排时间"),
    State.SCHEDULED: _("时间已经定好，请按时去"),
    State.NO_SHOW: _("您没有按时到，医生会联系您"),
    State.ARRIVED: _("您已到医院报到"),
    State.IN_CARE: _("正在医院诊治"),
    State.REPORTED: _("医院已把结果告诉您的医生"),
    State.CLOSED: _("已经办完"),
    State.WITHDRAWN: _("您的医生撤回了申请"),
    State.CANCELLED: _("已经取消"),
    State.DIED: _("已经结束"),
}
DONE: Mapping[Act, str] = {
    Act.SUBMIT: _("您的医生送出了申请"),
    Act.ACCEPT: _("医院接收了"),
    Act.RETURN: _("医院退回了申请"),
    Act.REDIRECT: _("转给了另一家医院"),
    Act.SCHEDULE: _("定好了时间"),
    Act.ARRIVE: _("您到医院报到"),
    Act.MISS: _("到时间没有来"),
    Act.LEAVE: _("离开了，没有看成"),
    Act.TAKE_IN: _("开始诊治"),
    Act.REPORT: _("医院写好了结果"),
    Act.ACKNOWLEDGE: _("您的医生看到了结果"),
    Act.WITHDRAW: _("医生撤回了申请"),
    Act.CANCEL: _("申请取消了"),
    Act.DIE: _("已经结束"),
    Act.LOSE_PLACE: _("原来的号没有了，医院会另外安排"),
}
_OWNERS: Mapping[Level, str] = {
    Level.PERSON: _("%(institution)s的经办医生"),
    Level.OFFICE: _("%(institution)s的转诊办公室"),
    Level.LEAD: _("牵头医院%(institution)s"),
    Level.COMMISSION: _("当地卫生健康委"),
}
# The way to a visit, and the way of a question that is answered from afar, as steps of a bar.
_WAY: tuple[State, ...] = (State.SUBMITTED, State.ACCEPTED, State.SCHEDULED, State.ARRIVED, State.REPORTED)
_WAY_NAMES: Mapping[State, str] = {
    State.SUBMITTED: _("送出"),
    State.ACCEPTED: _("接收"),
    State.SCHEDULED: _("定时间"),
    State.ARRIVED: _("到院"),
    State.REPORTED: _("有结果"),
}
_REACHED: Mapping[State, int] = {
    State.SUBMITTED: 0,
    State.RETURNED: 0,
    State.ACCEPTED: 1,
    State.SCHEDULED: 2,
    State.NO_SHOW: 2,
    State.ARRIVED: 3,
    State.IN_CARE: 3,
    State.REPORTED: 4,
    State.CLOSED: 4,
}
_REMOTE = "advice"


@require_safe
@own_view
def referrals(request: HttpRequest) -> HttpResponse:
    """``/me/referrals``: what is on its way, and what was."""
    found = [_line(each) for each in mine(request.actor, request.whose)]
    context = {
        "open": [each for each in found if each["open"]],
        "past": [each for each in found if not each["open"]],
    }
    return own_page(request, "referrals/me/list.html", context)


@require_safe
@own_view
def referral(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """``/me/referrals/<id>``: one of them."""
    found = my_request(request.actor, request.whose, request_id)
    context: dict[str, Any] = {
        "line": _line(found.line),
        "steps": [_step(each) for each in found.steps],
        "way": _way(found.line),
        "desks": _desks(found),
        "place": _place(request, found.line),
        "bring": _bring(request, found.line) if found.line.state in OPEN else [],
    }
    return own_page(request, "referrals/me/one.html", context)


def _line(line: Line) -> dict[str, Any]:
    owner = line.owner
    names = {line.sender: line.sender_name, line.receiver: line.receiver_name}
    who = ""
    if owner is not None:
        institution = names.get(owner.institution_id, "") or line.owner_name
        who = gettext(_OWNERS[owner.level]) % {"institution": institution}
    return {
        "id": line.id,
        "number": line.number,
        "kind": words.kind(line.kind),
        "problem": line.problem,
        "from": line.sender_name,
        "to": line.receiver_name,
        "state": words.state(line.state),
        "where": gettext(WHERE[line.state]),
        "owner": who,
        "due": _moment(line.due_at) if line.due_at else "",
        "overdue": line.overdue,
        "planned": _moment(line.planned_at) if line.planned_at else "",
        "open": line.state in OPEN,
        "sent": line.sent_at,
    }


def _step(step: StepRow) -> dict[str, Any]:
    """A step in plain words; what was written between doctors is theirs, but why it did not go on is said."""
    told = step.act in {Act.RETURN, Act.CANCEL, Act.WITHDRAW, Act.REDIRECT}
    return {
        "at": step.at,
        "what": gettext(DONE[step.act]),
        "institution": step.institution,
        "words": step.words if told else "",
    }


def _way(line: Line) -> list[dict[str, Any]]:
    """How far it has come, as a row of steps; none where it ended otherwise."""
    reached = _REACHED.get(line.state)
    if reached is None:
        return []
    shown: Sequence[State] = (
        (State.SUBMITTED, State.ACCEPTED, State.REPORTED) if line.kind == _REMOTE else _WAY
    )
    return [
        {
            "name": gettext(_WAY_NAMES[state]),
            "done": _REACHED[state] <= reached,
            "here": _REACHED[state] == reached,
        }
        for state in shown
    ]


def _desks(found: Mine) -> list[dict[str, str]]:
    """Whom to call."""
    sides = ((found.desk_to, found.line.receiver_name), (found.desk_from, found.line.sender_name))
    return [
        {"institution": name, "desk": desk.name, "phone": desk.phone}
        for desk, name in sides
        if desk is not None
    ]


def _place(request: HttpRequest, line: Line) -> dict[str, Any] | None:
    """Where and when, and what the clinic asks to bring."""
    if line.planned_at is None or line.state not in OPEN:
        return None
    place: dict[str, Any] = {"when": _moment(line.planned_at), "institution": line.receiver_name}
    if line.booking_id is not None:
        row = my_booking(request.actor, request.whose, line.booking_id)
        shown = sessions_shown([row.session_id])[row.session_id]
        place |= {
            "booking_id": row.id,
            "pool": shown.pool,
            "physician": shown.physician,
            "room": shown.place,
            "number": row.number,
            "details": booking.details(shown),
        }
    return place


def _bring(request: HttpRequest, line: Line) -> list[str]:
    """What to take along; the reading of the request is recorded by then."""
    return [
        said(each) for each in to_bring(along(request.actor, line.id, resident_id=request.whose), sheet=False)
    ]


def _moment(value: Any) -> str:
    local = value.astimezone(ZONE)
    return f"{booking_words.date_in_full(local.date())} {local:%H:%M}"
