"""``/trials``: the list, the form, one trial while it runs and when it is done."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.network import queries as network
from tiercare.apps.trials import commands
from tiercare.apps.trials.queries import staging
from tiercare.apps.trials.queries import trials as kept
from tiercare.apps.trials.rules.trials import BAD_SEEDS, GOING_ON, MARK, SAME
from tiercare.kernel.refusal import Refused, refuse
from tiercare.web.pages import once, page, said, told

from . import forming, presenters, typing
from .typing import Typed


@require_safe
@page(Right.NETWORK_READ)
def board(request: HttpRequest) -> HttpResponse:
    """The trials of the region, the newest first."""
    region = network.region_of(request.frame.pack.id)
    lines = [presenters.line(each) for each in kept.trials(request.actor, region)]
    return render(
        request, "trials/list.html", {"lines": lines, "tries": _tries(request, region), "mark": said(MARK)}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.NETWORK_DECIDE)
def new(request: HttpRequest) -> HttpResponse:
    """``?from=``: the form as that trial had it. What is sent is asked for, or shown again as it was typed with every fault."""
    region = network.region_of(request.frame.pack.id)
    refuse(access.may(request.actor, Right.NETWORK_DECIDE, division=region))
    staging.playable(region)
    if request.method != "POST":
        return _form(request, region, _begun(request))
    typed = typing.posted(request.POST)

    def work() -> str:
        asked = typed.asked(request.frame)
        if typed.faults:
            at = {each.at for each in typed.faults}
            others = (
                each
                for each in commands.faults_of(region, asked)
                if each.at not in at and each.code != SAME.code
            )
            raise Refused(*typed.faults, *others)
        key = commands.ask_trial(request.actor, region, asked)
        return f"{reverse('trials:one', args=[key])}?{request.frame.query}"

    try:
        return once(request, _("试算已排队，结果算好后在这一页。"), work)
    except Refused as refused:
        return _form(request, region, typed, refused)


@require_safe
@page(Right.NETWORK_READ)
def one(request: HttpRequest, trial_id: UUID) -> HttpResponse:
    """How far it has come, or what came of it; the script asks this page again until it is over."""
    return _one(request, trial_id)


@require_POST
@page(Right.NETWORK_DECIDE)
def stop(request: HttpRequest, trial_id: UUID) -> HttpResponse:
    """End it; nothing of it is kept."""
    commands.stop_trial(request.actor, trial_id)
    return HttpResponseRedirect(f"{reverse('trials:one', args=[trial_id])}?{request.frame.query}")


@require_POST
@page(Right.NETWORK_DECIDE)
def again(request: HttpRequest, trial_id: UUID) -> HttpResponse:
    """The same once more, with as many seeds as are typed."""
    given = request.POST.get("seeds", "").strip()

    def work() -> str:
        if given and not (given.isascii() and given.isdigit() and len(given) < 10):
            raise Refused(BAD_SEEDS)
        key = commands.repeat_trial(request.actor, trial_id, seeds=int(given) if given else None)
        return f"{reverse('trials:one', args=[key])}?{request.frame.query}"

    try:
        return once(request, _("试算已排队，结果算好后在这一页。"), work)
    except Refused as refused:
        return _one(request, trial_id, refused, given)


def _one(
    request: HttpRequest, trial_id: UUID, refused: Refused | None = None, seeds: str = ""
) -> HttpResponse:
    found = kept.trial(request.actor, trial_id)
    context = presenters.whole(found) | {
        "tries": _tries(request, found.line.region),
        "going": found.line.stage in GOING_ON,
        "mark": said(MARK),
        "again_seeds": seeds or presenters.again_seeds(found),
        "refusals": (refusals := [told(each) for each in refused.refusals] if refused else []),
        "wrong": {each["at"]: each for each in refusals},
    }
    return render(request, "trials/one.html", context, status=refused.refusals[0].status if refused else 200)


def _form(request: HttpRequest, region: str, typed: Typed, refused: Refused | None = None) -> HttpResponse:
    resolved = staging.resolved_of(region, on=request.frame.on)
    refusals = [told(each) for each in refused.refusals] if refused else []
    context: dict[str, Any] = forming.form(resolved, typed, refusals) | {
        "refusals": refusals,
        "mark": said(MARK),
        "year": request.frame.on.year,
    }
    return render(request, "trials/new.html", context, status=refused.refusals[0].status if refused else 200)


def _begun(request: HttpRequest) -> Typed:
    given = request.GET.get("from", "")
    try:
        return typing.copied(kept.trial(request.actor, UUID(given))) if given else typing.begun()
    except ValueError:
        return typing.begun()


def _tries(request: HttpRequest, region: str) -> bool:
    return access.may(request.actor, Right.NETWORK_DECIDE, division=region) is None
