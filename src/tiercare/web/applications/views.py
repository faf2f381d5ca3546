"""The region's drafts and applications, and deciding about one. Every POST makes one command call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.network.commands import drafts
from tiercare.apps.network.queries.worklist import application_list, application_seen
from tiercare.apps.network.rules.drafting import Change
from tiercare.apps.network.workflow import State
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web.changes.looking import Look, look
from tiercare.web.pages import once, page, told

from . import presenters
from .grounds import asked_of, grounds

LONGEST_REASON = 2000
_OPEN = (State.DRAFT, State.SUBMITTED, State.RETURNED)
_DONE: Mapping[str, tuple[Callable[..., Any], str]] = {
    "submit": (drafts.submit_draft, gettext_noop("已提交，等待审批。")),
    "apply": (drafts.apply_draft, gettext_noop("已生效，并记入操作留痕。")),
    "discard": (drafts.discard_draft, gettext_noop("已放弃这份草稿。")),
    "approve": (
        drafts.approve_application,
        gettext_noop("已批准，变更按申请的日期生效，并记入操作留痕。"),
    ),
    "withdraw": (drafts.withdraw_application, gettext_noop("已撤回申请。")),
    "undo": (drafts.undo_application, gettext_noop("已起草撤销；生效前请再看一遍。")),
}


@require_safe
@page(Right.NETWORK_READ)
def applications(request: HttpRequest) -> HttpResponse:
    """``/applications``: what waits for the one who looks first, then own drafts, then the others."""
    frame = request.frame
    wanted = {name: request.GET.get(name, "")[:100] for name in presenters.FILTERS}
    listed = application_list(
        request.actor, frame.pack.region, state=wanted["state"], kind=wanted["kind"], text=wanted["q"]
    )
    forbidden = drafts.may_propose(request.actor, frame.pack.region)
    context = {
        "rows": presenters.rows(listed.rows, request.actor, on=frame.on),
        "total": sum(listed.counts.values()),
        "more": listed.more,
        "counts": presenters.counts(listed),
        "kinds": presenters.kinds(),
        "wanted": wanted,
        "forbidden": told(forbidden) if forbidden else None,
        "asked": asked_of(request.actor, frame.pack.region),
    }
    return render(request, "applications/list.html", context)


@require_safe
@page(Right.NETWORK_READ)
def application(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """``/applications/<id>``: what is proposed, and what can be done now."""
    return detail(request, application_id)


@require_POST
@page(Right.NETWORK_READ)
def looked_at(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """The same with what it would do today: tried out and taken back, which only a POST may."""
    found = found_here(request, application_id)
    if found.state not in _OPEN:
        return detail(request, application_id)
    try:
        seen = look(Change.read(found.payload), found.region)
    except Refused as refused:
        return detail(request, application_id, told_=[told(refusal) for refusal in refused.refusals])
    return detail(request, application_id, seen=seen)


@require_POST
@page(Right.NETWORK_READ)
def act(request: HttpRequest, application_id: UUID, act: str) -> HttpResponse:
    """Submit, apply, discard, approve, withdraw, undo."""
    found_here(request, application_id)
    if act not in _DONE:
        raise Refused(_no_such())
    command, done = _DONE[act]

    def do() -> str:
        return address(request, command(actor=request.actor, application_id=application_id).id)

    return _acted(request, application_id, do, _(done))


@require_POST
@page(Right.NETWORK_READ)
def give_back(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Back to the applicant, with what to mend."""
    found_here(request, application_id)
    reason = request.POST.get("reason", "")
    if len(reason) > LONGEST_REASON:
        refusal = told(_too_long())
        return detail(request, application_id, told_=[refusal], reason=reason, status=422)

    def do() -> str:
        drafts.return_application(actor=request.actor, application_id=application_id, reason=reason)
        return address(request, application_id)

    return _acted(request, application_id, do, _("已退回，申请人会看到理由。"), reason=reason)


def _acted(
    request: HttpRequest, application_id: UUID, do: Callable[[], str], done: str, *, reason: str = ""
) -> HttpResponse:
    try:
        return once(request, done, do)
    except Refused as refused:
        refusals = [told(refusal) for refusal in refused.refusals]
        status = refused.refusals[0].status
        return detail(request, application_id, told_=refusals, reason=reason, status=status)


def detail(
    request: HttpRequest,
    application_id: UUID,
    *,
    told_: Sequence[dict[str, Any]] = (),
    seen: Look | None = None,
    reason: str = "",
    status: int = 200,
    typed: QueryDict | None = None,
) -> HttpResponse:
    """The page of one application; ``told_`` and ``typed`` are what was refused and the form it stood in."""
    found = found_here(request, application_id)
    change = Change.read(found.payload)
    changed = presenters.changed_rows(found, change)
    standing = drafts.ready(found, changes=changed)
    context = {
        "row": presenters.rows([found], request.actor, on=request.frame.on)[0],
        "proposal": presenters.proposal(found, change, changed),
        "notes": change.notes,
        "reason_given": found.reason if found.state == State.RETURNED else "",
        "open": found.state in _OPEN,
        "look": seen,
        "acts": presenters.acts(found, changed, request.actor, standing.missing),
        "grounds": grounds(found, standing, request.actor, request.frame.pack.id, typed=typed),
        "typed": typed or {},
        "history": presenters.history(application_id),
        "refusals": told_,
        "at": {error["at"]: error for error in told_},
        "reason": reason,
    }
    return render(request, "applications/detail.html", context, status=status)


def found_here(request: HttpRequest, application_id: UUID) -> Any:
    """The application, if it lies in the page's region and this person may see it."""
    found = application_seen(request.actor, application_id)
    if found is None or found.region != request.frame.pack.region:
        raise Refused(_no_such())
    return found


def address(request: HttpRequest, application_id: UUID) -> str:
    """Where its page is."""
    return f"{reverse('applications:detail', args=[application_id])}?{request.frame.query}"


def _too_long() -> Refusal:
    return Refusal(
        code="too_long",
        message=Text("理由太长。", "The reason is too long."),
        instead=Text("请缩短到 {longest} 字以内。", "Shorten it to {longest} characters."),
        fields={"longest": LONGEST_REASON},
        at="reason",
        status=422,
    )


def _no_such() -> Refusal:
    return Refusal(
        code="no_such_application",
        message=Text("当前地区没有这份申请。", "There is no such application in this region."),
        instead=Text(
            "请从申请列表中选择，或换一个地区。", "Choose one from the list, or choose another region."
        ),
        status=404,
    )
