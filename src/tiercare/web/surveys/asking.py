"""Staff ask whom their institution registered, on the telephone or at the door, and write down what they are told."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.commands import surveys as commands
from tiercare.apps.evaluation.queries import surveys as queries
from tiercare.apps.evaluation.rules.surveys import BY_STAFF, HOW_ASKED, HOW_NAMES, How
from tiercare.apps.residents import queries as residents
from tiercare.apps.terms import queries as terms
from tiercare.kernel.refusal import Refused
from tiercare.web.booking.presenters import masked
from tiercare.web.pages import once, page, said, told

from .presenters import asked, given


@require_safe
@page(Right.RECORDS_WRITE)
def listed(request: HttpRequest) -> HttpResponse:
    """``/asking``: whom to ask, those first whose round ends first."""
    found = queries.to_ask(request.actor)
    people = {each.id: each for each in residents.least_of({each.resident_id for each in found})}
    places = terms.divisions({each.place for each in found}, on=request.today)
    lines = [
        {
            "id": each.id,
            "person": masked(people[each.resident_id]),
            "place": places[each.place].name if each.place in places else "",
            "survey": said(each.round.survey.form.name),
            "last": each.round.last,
        }
        for each in found
        if each.resident_id in people
    ]
    return render(request, "surveys/asking.html", {"lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.RECORDS_WRITE)
def one(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """``/asking/<invitation>``: the questions; a POST keeps what was told."""
    if request.method != "POST":
        return _one(request, invitation_id)

    def work() -> str:
        found = queries.one_to_ask(request.actor, invitation_id)
        commands.answer_for(
            request.actor,
            invitation_id=invitation_id,
            how=_how(request),
            answers=given(found.round, request.POST),
        )
        return f"{reverse('survey_asking:list')}?{request.frame.query}"

    try:
        return once(request, _("已记下，答卷不留姓名。"), work)
    except Refused as refused:
        return _one(request, invitation_id, refused)


@require_POST
@page(Right.RECORDS_WRITE)
def call(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """The same with the telephone in the clear, which is on record."""
    return _one(request, invitation_id, number=queries.number_to_ask(request.actor, invitation_id))


@require_POST
@page(Right.RECORDS_WRITE)
def decline(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """They would rather not."""

    def work() -> str:
        commands.decline_for(request.actor, invitation_id=invitation_id, how=_how(request))
        return f"{reverse('survey_asking:list')}?{request.frame.query}"

    try:
        return once(request, _("已记下谢绝，不再询问。"), work)
    except Refused as refused:
        return _one(request, invitation_id, refused)


def _how(request: HttpRequest) -> How:
    try:
        return How(request.POST.get("how", ""))
    except ValueError:
        raise Refused(HOW_ASKED) from None


def _one(
    request: HttpRequest, invitation_id: UUID, refused: Refused | None = None, *, number: str | None = None
) -> HttpResponse:
    found = queries.one_to_ask(request.actor, invitation_id)
    (person,) = residents.least_of([found.resident_id])
    context = {
        "id": invitation_id,
        "person": masked(person),
        "number": number,
        "asked_for": number is not None,
        "last": found.round.last,
        "lead": said(found.round.survey.lead),
        "asked": asked(found.round, request.POST, refused),
        "hows": [(each.value, said(HOW_NAMES[each])) for each in BY_STAFF],
        "how": request.POST.get("how", ""),
        "how_missing": refused is not None and any(each.at == "how" for each in refused.refusals),
        "refusals": [told(each) for each in refused.refusals] if refused else [],
    }
    status = refused.refusals[0].status if refused else 200
    return render(request, "surveys/one_asked.html", context, status=status)
