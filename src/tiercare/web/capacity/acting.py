"""What the office does to a session and to those booked in it: each POST makes one command call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries.keeping import physicians_of
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.workflow import Act
from tiercare.apps.residents import queries as residents
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web import given
from tiercare.web.pages import once, page

from .choosing import chosen, physicians
from .sessions import sheet_page
from .typed import Sent

_TYPED = ("reason", "how", "clinician", "source", "target", "units", "channel", "capacity")
_LONGEST = 300
Command = Callable[[], object]


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CAPACITY_KEEP)
def act(request: HttpRequest, session_id: UUID, act: str) -> HttpResponse:
    """One of ``_ACTS``; refused, the session's page again with what was typed."""
    address = f"{reverse('capacity:session', args=[session_id])}?{request.frame.query}"
    if request.method != "POST":
        return HttpResponseRedirect(address)
    if act not in _ACTS:
        raise Refused(_NO_SUCH_ACT)
    prepare, done, section = _ACTS[act]
    sent = Sent(request.POST)
    try:
        command = prepare(request, session_id, sent)

        def work() -> str:
            command()
            return f"{address}#{section}"

        return once(request, gettext(done), work)
    except Refused as refused:
        typed = {name: sent.text(name, longest=_LONGEST) for name in _TYPED}
        return sheet_page(request, session_id, refused=refused, typed=typed, opened=act)


def _stop(request: HttpRequest, session_id: UUID, sent: Sent) -> Command:
    return partial(
        commands.stop,
        request.actor,
        session_id=session_id,
        reason=sent.text("reason"),
        move=sent.text("how") != "tell",
    )


def _substitute(request: HttpRequest, session_id: UUID, sent: Sent) -> Command:
    found = chosen(physicians(physicians_of(request.actor)), sent.text("clinician"), at="clinician")
    if found is None:
        raise Refused(_NOBODY_CHOSEN)
    return partial(
        commands.substitute,
        request.actor,
        session_id=session_id,
        clinician_id=UUID(found),
        reason=sent.text("reason"),
    )


def _resize(request: HttpRequest, session_id: UUID, sent: Sent) -> Command:
    capacity = sent.needed("capacity")
    sent.judge()
    return partial(
        commands.resize,
        request.actor,
        session_id=session_id,
        capacity=capacity,
        reason=sent.text("reason"),
        move=sent.text("how") == "move",
    )


def _lend(request: HttpRequest, session_id: UUID, sent: Sent) -> Command:
    units = sent.needed("units")
    sent.judge()
    return partial(
        commands.lend,
        request.actor,
        session_id=session_id,
        source=_channel(sent, "source"),
        target=_channel(sent, "target"),
        units=units,
        reason=sent.text("reason"),
    )


def _extra(request: HttpRequest, session_id: UUID, sent: Sent) -> Command:
    units = sent.needed("units")
    sent.judge()
    return partial(
        commands.allow_extra,
        request.actor,
        session_id=session_id,
        channel=_channel(sent, "channel"),
        units=units,
        reason=sent.text("reason"),
    )


def _walk_in(request: HttpRequest, session_id: UUID, sent: Sent) -> Command:
    # Looked up outside the command's transaction: that somebody asked stays recorded when the command refuses.
    who = residents.one_by_number(request.actor, sent.text("number", longest=_LONGEST), at="number")
    return partial(commands.walk_in, request.actor, session_id=session_id, resident_id=who.id)


def _turn(request: HttpRequest, session_id: UUID, sent: Sent) -> Command:
    wanted = sent.text("do", longest=20)
    if wanted not in _TURNS:
        raise Refused(_NO_SUCH_ACT)
    booking = given.key(request.POST, "booking")
    return partial(
        commands.turn,
        request.actor,
        booking_id=booking,
        act=Act(wanted),
        reason=sent.text("reason", longest=200),
    )


# Each reads its form and answers the one command call; then what is said, and the section that shows it.
_ACTS: Mapping[str, tuple[Callable[[HttpRequest, UUID, Sent], Command], str, str]] = {
    "stop": (_stop, gettext_noop("已停诊，约好的居民都已改约或通知。"), "people"),
    "substitute": (_substitute, gettext_noop("已替诊，约好的居民都会收到通知。"), "main"),
    "resize": (_resize, gettext_noop("号数已改。"), "quotas"),
    "lend": (_lend, gettext_noop("已调剂，并记入兑现证明。"), "quotas"),
    "extra": (_extra, gettext_noop("已保存。"), "quotas"),
    "walk-in": (_walk_in, gettext_noop("已挂现场号，并签到。"), "people"),
    "turn": (_turn, gettext_noop("已办理。"), "people"),
}
_TURNS = frozenset({Act.CONFIRM.value, Act.CANCEL.value, Act.ARRIVE.value, Act.ATTEND.value, Act.MISS.value})


def _channel(sent: Sent, name: str) -> Channel:
    found = sent.text(name, longest=20)
    if found not in set(Channel):
        raise Refused(_NO_CHANNEL)
    return Channel(found)


_NO_SUCH_ACT = Refusal(
    code="capacity.no_such_act",
    message=Text("没有这个操作。", "There is nothing to do by that name."),
    instead=Text("请用页面上的按钮办理。", "Use the buttons of the page."),
    status=404,
)
_NOBODY_CHOSEN = Refusal(
    code="capacity.nobody_chosen",
    message=Text("没有选择替诊的医师。", "No physician was chosen."),
    instead=Text("请输入姓名或拼音首字母，再从提示中选择。", "Type a name or initials and choose."),
    at="clinician",
    status=422,
)
_NO_CHANNEL = Refusal(
    code="capacity.no_such_channel",
    message=Text("没有选择渠道。", "No channel was chosen."),
    instead=Text("请从列表中选择。", "Choose from the list."),
    at="source",
    status=422,
)
