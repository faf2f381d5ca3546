"""Choosing what to change, trying it, and keeping it. Every POST that keeps makes one command call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.network.commands import drafts
from tiercare.apps.network.queries.candidates import consortia_like, institutions_like
from tiercare.apps.network.queries.worklist import application_seen
from tiercare.apps.network.workflow import Act, State
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.web.pages import once, page, told

from .acts import ActForm
from .catalogue import FORMS, GROUPS, no_such_act
from .fields import PickSeveral, option_value
from .looking import Look, look

_SAVED = {
    "save": gettext_noop("已保存为草稿。"),
    "submit": gettext_noop("已提交，等待审批。"),
    "resubmit": gettext_noop("已修改并再次提交。"),
    "apply": gettext_noop("已生效，并记入操作留痕。"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.NETWORK_READ)
def new(request: HttpRequest) -> HttpResponse:
    """``/changes/new``: what can be changed; ``?act=whole``: the form of one kind of change."""
    act = request.GET.get("act", "")
    if not act:
        return _chooser(request)
    if act not in FORMS:
        raise Refused(no_such_act(act))
    if request.method != "POST":
        offered = {name: text for name, text in request.GET.items() if name in FORMS[act].base_fields}
        return _page(request, FORMS[act](request.frame, initial=offered))
    return _posted(request, act, None)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.NETWORK_READ)
def edit(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """A draft, or an application that was returned, in the form that it was typed into."""
    application = application_seen(request.actor, application_id)
    form = application.payload.get("form", {}) if application else {}
    mending = Act.DISCARD if application and application.state == State.DRAFT else Act.RESUBMIT
    if (
        application is None
        or form.get("act") not in FORMS
        or drafts.why_not(request.actor, application, mending)
    ):
        return HttpResponseRedirect(_address(request, application_id))  # that page says why not
    if request.method != "POST":
        typed = form["typed"] | {"title": application.title}
        return _page(request, FORMS[form["act"]](request.frame, initial=typed), application=application)
    return _posted(request, form["act"], application)


@require_safe
@page(Right.NETWORK_READ)
def find(request: HttpRequest) -> HttpResponse:
    """Options for an input that names an institution or a consortium, while it is typed."""
    text = next((value for name, value in request.GET.items() if name not in _NOT_TYPED), "")[:100]
    region, on = request.frame.pack.region, request.frame.on
    if request.GET.get("kind") == "consortium":
        kinds = [kind for kind in request.GET.get("kinds", "").split(",") if kind]
        found = consortia_like(region, text, on=on, kinds=kinds)
    else:
        found = institutions_like(region, text, on=on)
    options = [(option_value(one, found), f"{one.division} {one.initials}") for one in found]
    return render(request, "changes/_options.html", {"options": options})


_NOT_TYPED = frozenset({"region", "on", "kind", "kinds"})


def _chooser(request: HttpRequest) -> HttpResponse:
    groups = [
        (_(label), [{"act": f.act, "name": f.name, "about": f.about} for f in forms])
        for label, forms in GROUPS
    ]
    return render(request, "changes/choose.html", {"groups": groups, "forbidden": _forbidden(request)})


def _posted(request: HttpRequest, act: str, application: Any) -> HttpResponse:
    """A form sent: tried, or kept and perhaps moved on."""
    data = _with_other(FORMS[act], request.POST)
    form = FORMS[act](request.frame, data)
    do = data.get("do", "try")
    if do == "more" or not form.is_valid():
        status = 200 if do in ("more", "try") else 422
        return _page(request, form, application=application, tried=do == "try", status=status)
    try:
        change = form.built()
        if do == "try":
            return _page(
                request, form, application=application, found=look(change, request.frame.pack.region)
            )
        keep = _keeping(request, do, form.title_given, change, application)
        return once(request, _(_SAVED.get(do, _SAVED["save"])), lambda: _address(request, keep()))
    except Refused as refused:
        return _page(
            request,
            form,
            application=application,
            refusals=refused.refusals,
            tried=do == "try",
            status=200 if do == "try" else refused.refusals[0].status,
        )


def _keeping(request: HttpRequest, do: str, title: str, change: Any, application: Any) -> Callable[[], UUID]:
    """The one command that the button stands for."""
    actor, region = request.actor, request.frame.pack.region
    if application is not None:
        command = drafts.resubmit_application if do == "resubmit" else drafts.change_draft
        return lambda: command(actor=actor, application_id=application.id, title=title, change=change).id
    commands = {
        "save": drafts.draft_changes,
        "submit": drafts.propose_changes,
        "apply": drafts.apply_changes,
    }
    chosen = commands.get(do, drafts.draft_changes)
    return lambda: chosen(actor=actor, region=region, title=title, change=change).id


def _with_other(form: type[ActForm], given: QueryDict) -> QueryDict:
    """What was typed, with another choice in place of the one that was refused (``instead=field=choice``)."""
    name, _sign, choice = given.get("instead", "").partition("=")
    if name not in form.base_fields or isinstance(form.base_fields[name], PickSeveral):
        return given
    changed = given.copy()
    changed[name] = choice
    changed["do"] = "try"
    return changed


def _page(
    request: HttpRequest,
    form: ActForm,
    *,
    application: Any = None,
    found: Look | None = None,
    tried: bool = False,
    refusals: Sequence[Refusal] = (),
    status: int = 200,
) -> HttpResponse:
    said = [told(refusal) for refusal in refusals]
    context = {
        "form": form,
        "application": application,
        "look": found,
        "others": _others(form, found) if found else [],
        "buttons": _buttons(request, application, found),
        "tried": tried,
        "forbidden": _forbidden(request),
        "refusals": said,
        "wrong": form.is_bound and not form.is_valid(),
        "hidden": [(n, form.typed[n]) for n, f in form.fields.items() if getattr(f, "shown", "") == "hidden"],
    }
    return render(request, "changes/form.html", context, status=status)


def _others(form: ActForm, found: Look) -> list[dict[str, Any]]:
    """What would be allowed, each with the field and the choice that its button sets."""
    picked = {
        name: getattr(value, "code", "")
        for name, value in form.cleaned_data.items()
        if hasattr(value, "code")
    }
    offered = []
    for other in found.others:
        if other.old == other.code:
            button = "replace=on" if "replace" in form.fields else ""
        else:
            field = next((name for name, code in picked.items() if code == other.old), "")
            button = f"{field}={other.code}" if field else ""
        offered.append({"told": other.told, "remaining": other.remaining, "button": button})
    return offered


def _buttons(request: HttpRequest, application: Any, found: Look | None) -> list[dict[str, Any]]:
    """What can be done with the form now, each with the reason why not, if so."""
    if application is not None:
        if application.state == State.RETURNED:
            return [{"do": "resubmit", "name": _("修改后再次提交"), "why": None}]
        return [{"do": "save", "name": _("保存草稿"), "why": None}]
    forbidden = _forbidden(request)
    buttons: list[dict[str, Any]] = [{"do": "save", "name": _("保存草稿"), "why": forbidden}]
    if found is None:
        return buttons
    why = {
        act: told(no) if no else None for act, no in drafts.proposed(request.actor, found.examined).items()
    }
    broken = None if found.clean else {"sentence": _("会违反规则或有登记不成立，不能生效。"), "way_on": ""}
    return [
        *buttons,
        {"do": "submit", "name": _("提交审批"), "why": why[Act.SUBMIT]},
        {"do": "apply", "name": _("直接生效"), "why": why[Act.APPLY] or broken},
    ]


def _forbidden(request: HttpRequest) -> dict[str, Any] | None:
    """Why the acting person may not propose changes here, if so."""
    refusal = drafts.may_propose(request.actor, request.frame.pack.region)
    return told(refusal) if refusal else None


def _address(request: HttpRequest, application_id: UUID) -> str:
    return f"{reverse('applications:detail', args=[application_id])}?{request.frame.query}"
