"""Proposing a change of the network, and deciding it. Every POST makes one command call and redirects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.network import commands
from tiercare.apps.network import queries as network
from tiercare.apps.network.workflow import Act, State
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web import labels
from tiercare.web.pages import once, page, told

from . import presenters
from .choices import Choices
from .forms import FORMS, ConsortiumForm, JoiningForm, ReasonForm, errors
from .preview import preview


@require_safe
@page(Right.NETWORK_READ)
def applications(request: HttpRequest) -> HttpResponse:
    """``/applications``: all of the region, the newest first, with the numbers above."""
    frame = request.frame
    rows = presenters.rows(network.applications(frame.pack.region), on=frame.on)
    wanted = {name: request.GET.get(name, "")[:100] for name in presenters.FILTERS}
    context = {
        "rows": presenters.fitting(rows, wanted),
        "total": len(rows),
        "counts": presenters.counts(rows),
        "kinds": _kinds(),
        "wanted": wanted,
        "forbidden": _forbidden(request),
    }
    return render(request, "applications/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.NETWORK_READ)
def new(request: HttpRequest) -> HttpResponse:
    """``/applications/new?kind=form_consortium``: the form of one kind of change."""
    kind = request.GET.get("kind") or next(iter(FORMS))
    if kind not in FORMS:
        raise Refused(_no_such_kind(kind))
    choices = Choices(request.frame)
    if request.method != "POST":
        return _form_page(request, kind, choices, presenters.first_values(kind, choices, request.actor))

    def submit(form: ConsortiumForm | JoiningForm) -> UUID:
        key: UUID = commands.submit_application(
            actor=request.actor,
            region=request.frame.pack.region,
            kind=kind,
            title=form.title_given,
            payload=form.payload,
        ).id
        return key

    return _posted(request, kind, choices, _("已提交，等待卫生健康行政部门审批。"), submit)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.NETWORK_READ)
def resubmit(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """A returned application, to be mended and submitted again."""
    application = _found(request, application_id)
    choices = Choices(request.frame)
    if request.method != "POST":
        mending = presenters.acts(application, request.actor).get(Act.RESUBMIT)
        if mending is None or mending["why_not"]:
            return HttpResponseRedirect(_address(request, application_id))  # that page says why not
        typed = presenters.typed_before(application, choices)
        return _form_page(request, application.kind, choices, typed, application=application)

    def submit(form: ConsortiumForm | JoiningForm) -> UUID:
        commands.resubmit_application(
            actor=request.actor, application_id=application_id, title=form.title_given, payload=form.payload
        )
        return application_id

    return _posted(
        request, application.kind, choices, _("已修改并再次提交。"), submit, application=application
    )


@require_safe
@page(Right.NETWORK_READ)
def application(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """``/applications/<id>``: what is proposed, what it would break, and what can be done now."""
    return _detail(request, application_id)


@require_POST
@page(Right.NETWORK_READ)
def approve(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """The change takes effect, unless a rule forbids it: then the page says which."""
    return _acted(
        request,
        application_id,
        lambda: commands.approve_application(actor=request.actor, application_id=application_id),
        _("已批准，变更按申请的日期生效，并记入操作留痕。"),
    )


@require_POST
@page(Right.NETWORK_READ)
def give_back(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Back to the applicant, with what to mend."""
    reason = request.POST.get("reason", "")
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _detail(request, application_id, told_=errors(form), reason=reason, status=422)
    return _acted(
        request,
        application_id,
        lambda: commands.return_application(
            actor=request.actor, application_id=application_id, reason=form.cleaned_data["reason"]
        ),
        _("已退回，申请人会看到理由。"),
        reason=reason,
    )


@require_POST
@page(Right.NETWORK_READ)
def withdraw(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Taken back by the one who applied."""
    return _acted(
        request,
        application_id,
        lambda: commands.withdraw_application(actor=request.actor, application_id=application_id),
        _("已撤回申请。"),
    )


def _acted(
    request: HttpRequest, application_id: UUID, do: Callable[[], object], done: str, *, reason: str = ""
) -> HttpResponse:
    def act() -> str:
        do()
        return _address(request, application_id)

    try:
        return once(request, done, act)
    except Refused as refused:
        refusals = [told(refusal) for refusal in refused.refusals]
        status = refused.refusals[0].status
        return _detail(request, application_id, told_=refusals, reason=reason, status=status)


def _detail(
    request: HttpRequest,
    application_id: UUID,
    *,
    told_: Sequence[dict[str, Any]] = (),
    reason: str = "",
    status: int = 200,
) -> HttpResponse:
    found = _found(request, application_id)
    acts = presenters.acts(found, request.actor)
    context = {
        "row": presenters.rows([found], on=request.frame.on)[0],
        "proposal": presenters.proposal(found),
        "reason_given": found.reason if found.state == State.RETURNED else "",
        "result": presenters.result(found),
        "preview": preview(found.region, found.kind, found.payload, key=str(found.id)) if acts else None,
        "acts": acts,
        "history": presenters.history(application_id),
        "refusals": told_,
        "at": {error["at"]: error for error in told_},
        "reason": reason,
    }
    return render(request, "applications/detail.html", context, status=status)


def _posted(
    request: HttpRequest,
    kind: str,
    choices: Choices,
    done: str,
    submit: Callable[[ConsortiumForm | JoiningForm], UUID],
    *,
    application: Any = None,
) -> HttpResponse:
    """A form sent: submitted, or shown again with everything that was typed."""
    typed = {name: request.POST.get(name, "") for name in FORMS[kind].base_fields}
    typed["members"] = request.POST.getlist("members")
    if "find" in request.POST:  # looking for members is not yet submitting
        return _form_page(request, kind, choices, typed, application=application)
    form = FORMS[kind](request.POST, choices, application.payload.get("slug", "") if application else "")
    if not form.is_valid():
        return _form_page(
            request, kind, choices, typed, application=application, told_=errors(form), status=422
        )
    try:
        return once(request, done, lambda: _address(request, submit(form)))
    except Refused as refused:
        refusals = [told(refusal) for refusal in refused.refusals]
        status = refused.refusals[0].status
        return _form_page(
            request, kind, choices, typed, application=application, told_=refusals, status=status
        )


def _form_page(
    request: HttpRequest,
    kind: str,
    choices: Choices,
    typed: dict[str, Any],
    *,
    application: Any = None,
    told_: Sequence[dict[str, Any]] = (),
    status: int = 200,
) -> HttpResponse:
    forming = kind == "form_consortium"
    context = {
        "kind": kind,
        "kinds": _kinds(),
        "application": application,
        "choices": choices,
        "consortium_kinds": labels.choices("kind"),
        "members": choices.members(
            typed.get("members", ()), request.POST.get("search", "")[:100], typed.get("division", "")
        )
        if forming
        else None,
        "typed": typed,
        "forbidden": _forbidden(request),
        "refusals": told_,
        "at": {error["at"]: error for error in told_},
    }
    return render(request, "applications/form.html", context, status=status)


def _found(request: HttpRequest, application_id: UUID) -> Any:
    """The application, if it lies in the page's region."""
    found = network.application(application_id)
    if found is None or found.region != request.frame.pack.region:
        raise Refused(_no_such())
    return found


def _forbidden(request: HttpRequest) -> dict[str, Any] | None:
    """Why the acting person may not propose changes here, if so."""
    actor = request.actor
    refusal = access.may(
        actor,
        Right.NETWORK_APPLY,
        division=request.frame.pack.region,
        institution_id=actor.institution_id,
    )
    return told(refusal) if refusal else None


def _kinds() -> list[tuple[str, str]]:
    return [(code, _(name)) for code, name in presenters.KINDS.items()]


def _address(request: HttpRequest, application_id: UUID) -> str:
    return f"{reverse('applications:detail', args=[application_id])}?{request.frame.query}"


def _no_such() -> Refusal:
    return Refusal(
        code="no_such_application",
        message=Text("当前地区没有这份申请。", "There is no such application in this region."),
        instead=Text(
            "请从申请列表中选择，或换一个地区。", "Choose one from the list, or choose another region."
        ),
        status=404,
    )


def _no_such_kind(kind: str) -> Refusal:
    return Refusal(
        code="no_such_kind_of_change",
        message=Text("没有“{kind}”这种变更。", "There is no kind of change “{kind}”."),
        instead=Text("请从申请列表点“提出申请”。", "Open the list of applications and choose “Propose”."),
        fields={"kind": kind[:40]},
        status=404,
    )
