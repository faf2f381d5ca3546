"""A new inspection from a template: of whom, how, by when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.commands import supervision
from tiercare.apps.evaluation.queries.oversight import Roll, roll
from tiercare.engines.measures.oversight import Template
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.pages import once, page, said, told

from . import presenters

_FIELDS = ("template", "mode", "subject", "owner", "due_on", "words", "parent", "period")
GROUPS = (
    ("division", gettext_noop("区县")),
    ("consortium", gettext_noop("医联体")),
    ("institution", gettext_noop("机构")),
)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.SUPERVISION_ISSUE)
def new(request: HttpRequest) -> HttpResponse:
    """``/supervision/new?template=&subject=&parent=``: choose a template, then fill in the rest."""
    if request.method != "POST":
        return _form(request)

    def work() -> str:
        posted = request.POST
        key = supervision.inspect(
            request.actor,
            template=posted.get("template", ""),
            mode=posted.get("mode", ""),
            subject=posted.get("subject", ""),
            owner=posted.get("owner", ""),
            due_on=given.day(posted, "due_on") if posted.get("due_on") else None,
            words=given.text(posted, "words", longest=4000),
            period=given.text(posted, "period", longest=10),
            parent_id=UUID(posted["parent"]) if _is_id(posted.get("parent", "")) else None,
        )
        return f"{reverse('supervision:one', args=[key])}?{request.frame.query}"

    try:
        return once(request, _("检查已下达。请逐项判定。"), work)
    except Refused as refused:
        return _form(request, refused)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def groups(everybody: Roll, allowed: tuple[str, ...]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Whom something can be about, under headings."""
    return [
        (
            _(heading),
            [(each.choice, each.name) for each in everybody.subjects.values() if each.group == group],
        )
        for group, heading in GROUPS
        if group in allowed and any(each.group == group for each in everybody.subjects.values())
    ]


def _form(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    typed = {name: (request.POST or request.GET).get(name, "")[:4000] for name in _FIELDS}
    asked = supervision.asked_of(request.actor)
    mine = [
        each for each in asked.inspections.values() if request.actor.institution_id is None or each.by_lead
    ]
    chosen = next((each for each in mine if each.id == typed["template"]), None)
    everybody = roll(request.actor) if chosen else None
    errors = [told(each) for each in refused.refusals] if refused else []
    context: dict[str, Any] = {
        "templates": [_template(each) for each in mine],
        "chosen": _template(chosen) if chosen else None,
        "groups": groups(everybody, chosen.subjects) if chosen and everybody else [],
        "owners": groups(everybody, ("division", "institution")) if everybody else [],
        "modes": [(each.value, presenters.mode(each.value)) for each in (chosen.modes if chosen else ())],
        "typed": typed,
        "due_on": typed["due_on"]
        or ((request.today + timedelta(days=chosen.days)).isoformat() if chosen else ""),
        "today": request.today,
        "refusals": errors,
        "at": {error["at"]: error for error in errors},
    }
    return render(
        request, "supervision/new.html", context, status=refused.refusals[0].status if refused else 200
    )


def _template(each: Template) -> dict[str, Any]:
    return {
        "id": each.id,
        "name": said(each.name),
        "clauses": each.clauses,
        "modes": [presenters.mode(mode.value) for mode in each.modes],
        "days": each.days,
        "every": each.every,
        "items": [
            {"name": said(item.name), "party": presenters.party(item.party), "goal": item.goal}
            for item in each.items
        ],
    }
