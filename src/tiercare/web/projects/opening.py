"""``/projects/new``: a project in two steps, which programme and then for whom, with what plan and by when; a yearly sheet for all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.commands.projects import Opening, ask_yearly, open_project
from tiercare.apps.evaluation.queries import projects as queries
from tiercare.apps.evaluation.queries.oversight import Roll, Subject, roll
from tiercare.apps.evaluation.queries.standards import gap_name
from tiercare.apps.network.queries.members import consortia_with_members
from tiercare.apps.network.queries.reading import area_names
from tiercare.engines.measures.programmes import Programme, Works
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.pages import once, page, said, told

from . import presenters

_FIELDS = ("programme", "subject", "due_on", "title", "words", "gap", "year")
_PLAN = "plan."
_PREFECTURE = 4


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.SUPERVISION_ISSUE)
def new(request: HttpRequest) -> HttpResponse:
    """``?programme=&subject=&gap=``."""
    if request.method != "POST":
        return _form(request)

    def work() -> str:
        posted = request.POST
        key = open_project(
            request.actor,
            Opening(
                posted.get("programme", "")[:60],
                posted.get("subject", "")[:140],
                given.day(posted, "due_on") if posted.get("due_on") else None,
                given.text(posted, "title", longest=80),
                given.text(posted, "words", longest=4000),
                {
                    name.removeprefix(_PLAN): given.text(posted, name, longest=500)
                    for name in posted
                    if name.startswith(_PLAN)
                },
                posted.get("gap", "")[:140],
                posted.get("year", "")[:4],
            ),
        )
        return f"{reverse('supervision:one', args=[key])}?{request.frame.query}"

    try:
        return once(request, _("已立项，承办单位已能看到。"), work)
    except Refused as refused:
        return _form(request, refused)


@require_POST
@page(Right.SUPERVISION_ISSUE)
def yearly(request: HttpRequest) -> HttpResponse:
    """Everybody of a yearly programme is asked for the sheet of a year, each once."""
    programme = request.POST.get("programme", "")[:60]

    def work() -> str:
        ask_yearly(
            request.actor,
            programme=programme,
            year=request.POST.get("year", "")[:4],
            due_on=given.day(request.POST, "due_on") if request.POST.get("due_on") else None,
        )
        return f"{reverse('projects:list')}?{request.frame.query}&programme={programme}"

    try:
        return once(request, _("年度表已下达，没有收到过的单位已能看到。"), work)
    except Refused as refused:
        return _form(request, refused)


def _form(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    source = request.POST or request.GET
    typed = {name: source.get(name, "")[:4000] for name in _FIELDS}
    works = queries.works_for(request.actor)
    chosen = works.programmes.get(typed["programme"])
    errors = [told(each) for each in refused.refusals] if refused else []
    context: dict[str, Any] = {
        "programmes": _under_tops(works),
        "chosen": presenters.programme(chosen) if chosen else None,
        "typed": typed,
        "refusals": errors,
        "at": {error["at"]: error for error in errors},
        "today": request.today,
    }
    if chosen:
        context |= _second(request, works, chosen, typed)
    status = refused.refusals[0].status if refused else 200
    return render(request, "projects/new.html", context, status=status)


def _second(request: HttpRequest, works: Works, chosen: Programme, typed: dict[str, str]) -> dict[str, Any]:
    everybody = roll(request.actor)
    subjects = queries.eligible(everybody, chosen)
    about = next((each for each in subjects if each.choice == typed["subject"]), None)
    source = request.POST or request.GET
    plan = {name.removeprefix(_PLAN): value for name, value in source.items() if name.startswith(_PLAN)}
    gap = _gap(works, typed["gap"])
    due = typed["due_on"] or (request.today + timedelta(days=chosen.days)).isoformat()
    return {
        "groups": presenters.by_area(subjects, area_names(on=request.today)),
        "found": len(subjects),
        "fields": presenters.blanks(
            chosen, _proposed(works, chosen, typed["gap"]) | plan, _leads(request, everybody, about)
        ),
        "gap": gap,
        "due_on": due,
        "year": typed["year"] or str(request.today.year),
        "told_all": ngettext("共 %(n)d 家", "共 %(n)d 家", len(subjects)) % {"n": len(subjects)},
    }


def _proposed(works: Works, chosen: Programme, gap: str) -> dict[str, str]:
    """What a gap says of the plan: the standard's own words, and the measure by its name where the plan asks for it."""
    name, _slash, rest = gap.partition("/")
    standard = works.standards.get(name)
    need, _slash, measure = rest.partition("/")
    found = next((each for each in standard.needs if each.id == need), None) if standard else None
    if found is None:
        return {}
    answers = {blank.field.id: {one.id for one in blank.field.answers} for blank in chosen.plan}
    proposed = dict(found.answers) | {"measure": measure}
    return {key: value for key, value in proposed.items() if value in answers.get(key, ())}


def _gap(works: Works, gap: str) -> str:
    standard = works.standards.get(gap.partition("/")[0])
    try:
        return said(gap_name(standard, gap)) if standard else ""
    except (KeyError, ValueError):
        return ""


def _leads(request: HttpRequest, everybody: Roll, about: Subject | None) -> list[tuple[str, str]]:
    """Lead hospitals of the consortia to which the subject belongs; of all those here while nobody is chosen."""
    somebody = about or next(iter(everybody.subjects.values()), None)
    area = somebody.party.area if somebody else request.actor.division_code or ""
    found = {}
    for each in consortia_with_members(area[:_PREFECTURE], on=request.today):
        if each.lead is not None and (about is None or any(one.key == about.key for one in each.members)):
            found[str(each.lead)] = each.lead_name
    slugs = {
        str(each.party.institution_id): each.key
        for each in everybody.subjects.values()
        if each.group == "institution"
    }
    return [(slugs[lead], name) for lead, name in found.items() if lead in slugs]


def _under_tops(works: Works) -> list[tuple[str, list[dict[str, Any]]]]:
    """Programmes to choose from, under their priorities where a text sets some."""
    heads = any(each.priority for each in works.programmes.values())
    found: dict[str, list[dict[str, Any]]] = {}
    for name in (each for each in works.programmes if works.tops[each] == each):
        heading = said(works.programmes[name].name) if heads else ""
        found.setdefault(heading, []).extend(presenters.programme(each) for each in works.below(name))
    return list(found.items())
