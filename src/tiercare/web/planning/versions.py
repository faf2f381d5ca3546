"""Versions of a region's plan: the list, keeping one, two side by side, and putting one to those whom it concerns."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation import queries as evaluation
from tiercare.apps.evaluation.rules.kinds import KindId
from tiercare.apps.evaluation.rules.standing import Party
from tiercare.apps.evaluation.workflow import State
from tiercare.apps.network import queries as network
from tiercare.apps.network.rules import KIND_NAMES, Kind
from tiercare.apps.planning import commands
from tiercare.apps.planning.queries import plans as kept
from tiercare.apps.planning.rules.plans import GOING_ON, LONGEST_WORDS, SOURCE_NAMES, STAGE_NAMES, Stage
from tiercare.engines.planning.comparing import compared
from tiercare.engines.planning.regions import described
from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refused, refuse
from tiercare.kernel.text import Text
from tiercare.web import given
from tiercare.web.pages import once, page, said, told
from tiercare.web.supervision.presenters import state

from . import asking, figures, picture

# Days that a form proposes; whoever sends it may choose others.
_OPINIONS, _WHOLE = 14, 30
# What the one table's words mean for a plan.
_STATES = {
    State.OPEN: Text("征求意见中", "being discussed"),
    State.SUBMITTED: Text("待审定", "to be approved"),
    State.RETURNED: Text("退回修改", "returned"),
    State.APPROVED: Text("已审定，待施行", "approved, not yet in effect"),
    State.LOCKED: Text("已施行", "in effect"),
    State.CLOSED: Text("已办结", "closed"),
    State.WITHDRAWN: Text("已撤销", "withdrawn"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.NETWORK_READ)
def versions(request: HttpRequest) -> HttpResponse:
    """``/planning/plans``: every version; a form keeps the plan on the screen as a new one."""
    if request.method == "POST":
        return _kept(request)
    region = network.region_of(request.frame.pack.id)
    found = kept.plans(request.actor, region)
    context = {
        "lines": [line(each) for each in found],
        "searches": [
            {"id": each.id, "title": each.title, "stage": said(STAGE_NAMES[each.stage]), "by": each.asked_by}
            for each in kept.searches(request.actor, region)
            if each.stage in GOING_ON or each.stage is Stage.FAILED
        ],
        "drafts": access.may(request.actor, Right.NETWORK_DECIDE) is None,
    }
    return render(request, "planning/versions.html", context)


def _kept(request: HttpRequest) -> HttpResponse:
    refuse(access.may(request.actor, Right.NETWORK_DECIDE))

    def work() -> str:
        look = asking.sent(request)
        parent = request.POST.get("version", "")
        draft = commands.Draft(
            title=given.text(request.POST, "title", longest=1000),
            wishes=look.wishes,
            lead_of=look.plan.lead_of,
            parent=int(parent) if parent.isascii() and parent.isdigit() else None,
            words=given.text(request.POST, "words"),
            what_if=look.what_if,
            on=request.frame.on,
        )
        number = commands.save_plan(request.actor, network.region_of(request.frame.pack.id), draft)
        return f"{reverse('planning:board')}?{request.frame.query}&plan={number}"

    return once(request, _("已存为新版本。"), work)


@require_safe
@page(Right.NETWORK_READ)
def beside(request: HttpRequest) -> HttpResponse:
    """``/planning/compare?a=&b=``: two versions on the ground as it is, by the weights of the second."""
    region = network.region_of(request.frame.pack.id)
    every = kept.plans(request.actor, region)
    numbers = [each.number for each in every]
    chosen = [_number(request, "a", numbers[1:2]), _number(request, "b", numbers[:1])]
    context: dict[str, Any] = {"lines": [line(each) for each in every], "a": chosen[0], "b": chosen[1]}
    if None in chosen:
        return render(request, "planning/beside.html", context)
    first, second = (kept.plan(request.actor, region, int(number or 0)) for number in chosen)
    look = asking.look(request, second.wishes)
    one, other = (asking.on_ground(look, each.lead_of) for each in (first, second))
    look = look.holding(other).against(one)
    marks = figures.numbered(look)
    between = compared(look.region, look.before, look.plan)
    context |= {
        "first": line(first.line),
        "second": line(second.line),
        "picture": picture.picture(look, marks),
        "marks": marks,
        "weighed": {
            "grids": figures.grid_rows(look),
            "between": figures.between_words(between),
            "moves": figures.moves(look, between),
            "score": figures.score(look, None),
        },
        "same": described(look.region, look.wishes, one).parts == look.plan.parts,
    }
    return render(request, "planning/beside.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.NETWORK_DECIDE)
def discuss(request: HttpRequest, number: int) -> HttpResponse:
    """``/planning/plans/<n>/discuss``: who is asked, by when, and from which day the plan would hold."""
    saved = kept.plan(request.actor, network.region_of(request.frame.pack.id), number)
    if request.method != "POST":
        return _discussion(request, saved)

    def work() -> str:
        posted = request.POST
        what = commands.Discussion(
            plan_id=saved.line.id,
            words=given.text(posted, "words", longest=LONGEST_WORDS),
            parties=[_party(each) for each in posted.getlist("party")],
            opinions_by=given.day(posted, "opinions_by"),
            due_on=given.day(posted, "due_on"),
            start=given.day(posted, "start"),
        )
        key = commands.discuss(request.actor, what)
        return f"{reverse('supervision:one', args=[key])}?{request.frame.query}"

    try:
        return once(request, _("已开始征求意见，各单位已能看到。"), work)
    except Refused as refused:
        return _discussion(request, saved, refused)


def _discussion(request: HttpRequest, saved: kept.Saved, refused: Refused | None = None) -> HttpResponse:
    today = request.today
    asked = commands.parties_of(request.actor, saved.line.id)
    context = {
        "line": line(saved.line),
        "parties": [
            {"value": f"{each.party.area}:{each.party.institution_id or ''}", "name": each.name}
            for each in asked
        ],
        "chosen": request.POST.getlist("party") if refused else None,
        "typed": request.POST if refused else {},
        "opinions_by": today + timedelta(days=_OPINIONS),
        "due_on": today + timedelta(days=_WHOLE),
        "refusals": [told(each) for each in refused.refusals] if refused else [],
    }
    return render(
        request, "planning/discuss.html", context, status=refused.refusals[0].status if refused else 200
    )


def line(each: kept.Listed) -> dict[str, Any]:
    """A version in a list."""
    at = each.made_at.astimezone(ZONE)
    return {
        "number": each.number,
        "title": each.title,
        "source": said(SOURCE_NAMES[each.source]),
        "cost": f"{each.cost / 10_000:,.0f}",
        "gap": None if each.gap is None else figures.percent(each.gap),
        "best": each.gap is not None and each.gap < 5e-7,
        "base_on": each.base_on,
        "at": f"{at:%Y-%m-%d %H:%M}",
        "by": each.made_by,
        "matter": each.matter,
        "state": state(each.state) | {"name": said(_STATES[each.state])} if each.state is not None else None,
    }


def head(request: HttpRequest, saved: kept.Saved, look: asking.Look) -> dict[str, Any]:
    """The head of a version on the map: whose it is, how far its discussion has come, whether its ground has changed since."""
    return {
        "line": line(saved.line),
        "words": saved.words,
        "parent": saved.parent,
        "old": asking.is_old(look, saved),
        "layout": layout(saved),
        "opinions": _opinions(request, saved),
    }


def _opinions(request: HttpRequest, saved: kept.Saved) -> list[dict[str, Any]]:
    """What those who were asked have answered, for readers who may see the matter."""
    if saved.line.matter is None or access.may(request.actor, Right.SUPERVISION_ANSWER) is not None:
        return []
    try:
        shown = evaluation.matter(request.actor, matter_id=saved.line.matter)
    except Refused:
        return []
    return [
        {
            "name": each.standing.payload.get("party", ""),
            "said": "agrees" in each.standing.result,
            "agrees": each.standing.result.get("agrees") is True,
            "id": each.id,
            "due": each.standing.due_on,
        }
        for each in shown.children
        if each.standing.kind == KindId.OPINION.value
    ]


def layout(saved: kept.Saved) -> list[dict[str, Any]]:
    """Every consortium of the region as the version was kept with, kind by kind: a version is of all of them together."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for each in saved.layout:
        kinds.setdefault(str(each["kind"]), []).append(dict(each))
    return [
        {
            "name": said(KIND_NAMES[kind]),
            "count": len(kinds.get(kind.value, [])),
            "rows": kinds.get(kind.value, []),
        }
        for kind in Kind
    ]


def _number(request: HttpRequest, name: str, otherwise: list[int]) -> int | None:
    text = request.GET.get(name, "")
    if text.isascii() and text.isdigit():
        return int(text)
    return otherwise[0] if otherwise else None


def _party(text: str) -> Party:
    code, _colon, house = text.partition(":")
    try:
        return Party(code, UUID(house) if house else None)
    except ValueError:
        return Party(code)
