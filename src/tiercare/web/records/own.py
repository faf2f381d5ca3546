"""Residents answer about their stays, on their own pages."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_safe

from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import queries as network
from tiercare.apps.records import commands, queries
from tiercare.apps.records.queries.surveys import Stay
from tiercare.apps.records.rules.asked import NOT_ASKED_HERE
from tiercare.kernel.refusal import Refused
from tiercare.web.me.own import mine, own_page, to

from . import asking


@require_safe
@mine
def surveys(request: HttpRequest) -> HttpResponse:
    """``/me/surveys``: the stays of the last time, each with whether it was answered about."""
    stays = queries.own_stays(request.actor, request.whose)
    names = network.names_of_institutions({each.institution_id for each in stays}, on=ledger.today())
    lines = [{"of": each, "hospital": names.get(each.institution_id, "")} for each in stays]
    return own_page(request, "records/me/surveys.html", {"stays": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@mine
def survey(request: HttpRequest, encounter_id: UUID) -> HttpResponse:
    """``/me/surveys/<stay>``: one short form; sent, the list."""
    stay = _stay(request, encounter_id)
    form = queries.forms_at(stay.institution_id, on=ledger.today())[stay.form]
    refused: Refused | None = None
    if request.method == "POST":
        try:
            commands.answer_survey(
                request.actor, encounter_id=encounter_id, answers=asking.answers(form, request.POST)
            )
            return HttpResponseRedirect(to(request, "own_records:surveys"))
        except Refused as caught:
            refused = caught
    names = network.names_of_institutions([stay.institution_id], on=ledger.today())
    context = {
        "stay": stay,
        "hospital": names.get(stay.institution_id, ""),
        "asked": asking.shown(form, request.POST, refused),
    }
    return own_page(request, "records/me/survey.html", context, refusals=refused.refusals if refused else ())


def _stay(request: HttpRequest, encounter_id: UUID) -> Stay:
    """One of the person whose page it is.

    Raises:
        Refused: if there is none.
    """
    for each in queries.own_stays(request.actor, request.whose):
        if each.id == encounter_id:
            return each
    raise Refused(NOT_ASKED_HERE)
