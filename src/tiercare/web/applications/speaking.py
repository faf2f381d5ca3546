"""What people put on record on an application's page before it is decided. Every POST makes one command call."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tiercare.apps.access.rules import Right
from tiercare.apps.network.commands import drafts
from tiercare.apps.planning.queries.proposals import judged_of
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.pages import once, page, told

from . import views
from .grounds import typed_of


@require_POST
@page(Right.NETWORK_READ)
def override(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """It may exceed the plan, and why."""
    views.found_here(request, application_id)

    def do() -> str:
        reason = given.text(request.POST, "override", longest=views.LONGEST_REASON)
        drafts.override_plan(actor=request.actor, application_id=application_id, reason=reason)
        return f"{views.address(request, application_id)}#plan"

    try:
        return once(request, _("已登记超规划办理的理由。"), do)
    except Refused as refused:
        return _again(request, application_id, refused)


@require_POST
@page(Right.NETWORK_READ)
def confirm(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """An institution chooses the proposal too, or does not."""
    views.found_here(request, application_id)
    agreed = request.POST.get("agreed") == "yes"

    def do() -> str:
        drafts.confirm_choice(
            actor=request.actor,
            application_id=application_id,
            agreed=agreed,
            words=given.text(request.POST, "words", longest=views.LONGEST_REASON),
        )
        return f"{views.address(request, application_id)}#choice"

    done = _("已确认，申请人和审批部门都能看到。") if agreed else _("已答复不同意，申请人会看到理由。")
    try:
        return once(request, done, do)
    except Refused as refused:
        return _again(request, application_id, refused)


@require_POST
@page(Right.NETWORK_READ)
def scores(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """How it stands to the criteria: data as they stand now, and what was typed where they say nothing."""
    found = views.found_here(request, application_id)

    def do() -> str:
        standing = drafts.ready(found)
        asked = standing.proposal.asked if standing.proposal else ()
        said = {each: typed_of(request.POST, *each) for each in asked}
        judged = judged_of(standing, request.frame.pack.id, said=said)
        drafts.score_proposal(actor=request.actor, application_id=application_id, judged=judged)
        return f"{views.address(request, application_id)}#scores"

    try:
        return once(request, _("评分和依据已保存。"), do)
    except Refused as refused:
        return _again(request, application_id, refused)


def _again(request: HttpRequest, application_id: UUID, refused: Refused) -> HttpResponse:
    refusals = [told(refusal) for refusal in refused.refusals]
    status = refused.refusals[0].status
    return views.detail(request, application_id, told_=refusals, status=status, typed=request.POST)
