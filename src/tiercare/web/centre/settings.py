"""``/centre/settings``: what the centre runs, day surgery with its catalogue, and the criteria by disease."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries.centre import (
    by_year,
    catalogue,
    catalogue_versions,
    criteria_of,
    day_surgery_tier,
    unit_of,
)
from tiercare.apps.capacity.queries.keeping import own_place
from tiercare.apps.capacity.rules.cases import FUNCTIONS, CaseKind, Step, may_open
from tiercare.apps.capacity.rules.criteria import STAGE_NAMES, Stage
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.capacity.typed import Sent, again
from tiercare.web.pages import once, page, said, told

from . import words
from .cases import NO_SUCH_ACT

Command = Callable[[], object]


@require_safe
@page(Right.CAPACITY_KEEP)
def settings(request: HttpRequest) -> HttpResponse:
    """The page as it stands."""
    return _page(request)


@require_POST
@page(Right.CAPACITY_KEEP)
def act(request: HttpRequest, act: str) -> HttpResponse:
    """Keep one of its parts; then the same page again."""
    if act not in _ACTS:
        raise Refused(NO_SUCH_ACT)
    prepare, done, section = _ACTS[act]
    sent = Sent(request.POST)
    try:
        command = prepare(request, sent)

        def work() -> str:
            command()
            return f"{reverse('centre:settings')}?{request.frame.query}#{section}"

        return once(request, gettext(done), work)
    except Refused as refused:
        return _page(request, {**dict(sent.values.items()), "act": act}, refused)


def _unit(request: HttpRequest, sent: Sent) -> Command:
    functions = [step for step in FUNCTIONS if step.value in request.POST.getlist("functions")]
    day_surgery, place = sent.text("day_surgery") == "on", own_place(request.actor)
    return lambda: commands.keep_unit(
        request.actor, institution_id=place, functions=functions, day_surgery=day_surgery
    )


def _procedure(request: HttpRequest, sent: Sent) -> Command:
    name, place = sent.text("name"), own_place(request.actor)
    return lambda: commands.enter_procedure(request.actor, institution_id=place, name=name)


def _retire(request: HttpRequest, sent: Sent) -> Command:
    key = given.key(request.POST, "procedure")
    return lambda: commands.retire_procedure(request.actor, procedure_id=key)


def _criteria(request: HttpRequest, sent: Sent) -> Command:
    stage = sent.text("stage", longest=20)
    if stage not in set(Stage):
        raise Refused(NO_SUCH_ACT)
    disease, items, place = sent.text("disease"), sent.text("items").splitlines(), own_place(request.actor)
    return lambda: commands.keep_criteria(
        request.actor, institution_id=place, disease=disease, stage=Stage(stage), items=items
    )


def _end(request: HttpRequest, sent: Sent) -> Command:
    key = given.key(request.POST, "criteria")
    return lambda: commands.end_criteria(request.actor, criteria_id=key)


_ACTS: Mapping[str, tuple[Callable[[HttpRequest, Sent], Command], str, str]] = {
    "unit": (_unit, gettext_noop("已保存，从今天起生效。"), "unit"),
    "procedure": (_procedure, gettext_noop("已加入目录。"), "catalogue"),
    "retire": (_retire, gettext_noop("已停用；办理中的不受影响。"), "catalogue"),
    "criteria": (_criteria, gettext_noop("已保存为新版本。"), "criteria"),
    "end": (_end, gettext_noop("已停用；原来的记录保留。"), "criteria"),
}


def _page(
    request: HttpRequest, typed: Mapping[str, Any] | None = None, refused: Refused | None = None
) -> HttpResponse:
    place, today = own_place(request.actor), request.today
    unit, versions = unit_of(place), catalogue_versions(place)
    tier = day_surgery_tier(place, on=today)
    no = may_open(CaseKind.DAY_SURGERY, unit, tier=tier) if unit.day_surgery else None
    context = {
        "functions": [
            {"code": step.value, "name": words.step(step), "on": step.value in unit.functions}
            for step in FUNCTIONS
        ],
        "running": sum(step.value in unit.functions for step in FUNCTIONS),
        "unit": unit,
        "tier": tier,
        "why_not": told(no) if no else None,
        "procedures": catalogue(place, on=today),
        "years": list(reversed(by_year(versions, today=today))),
        "versions": list(reversed(versions)),
        "criteria": [{"of": each, "stage": said(STAGE_NAMES[each.stage])} for each in criteria_of(place)],
        "stages": [(each.value, said(name)) for each, name in STAGE_NAMES.items()],
        "typed": typed or {},
        "admission": Step.ADMISSION.value,
    }
    return again(request, "centre/settings.html", context, refused)
