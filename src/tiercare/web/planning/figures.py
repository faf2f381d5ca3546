"""What a plan comes to, in the reader's words: its cost in minutes for each person, grid by grid, township by township."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tiercare.apps.planning.queries import verdict_of
from tiercare.apps.planning.queries.verdicts import following
from tiercare.engines.planning.comparing import Compared, compared
from tiercare.engines.planning.judging import Broken, Weight, broken
from tiercare.engines.planning.regions import Lead, Parts, Plan, Region, grids, prepared
from tiercare.engines.policy import Verdict
from tiercare.web.frame import Frame
from tiercare.web.pages import english, said

from .asking import Look

# The parts of a cost, in the order in which they are drawn and said.
PARTS = (
    ("travel", gettext_noop("路程")),
    ("uneven", gettext_noop("负担不均")),
    ("change", gettext_noop("改换")),
    ("border", gettext_noop("跨县区")),
    ("far", gettext_noop("超时")),
)
MOVES = 12  # townships that gain or lose most, before "all of them"
_LARGE = 40_000  # pairs of leads and places up to which the bound is reckoned at every move (a few thousandths of a second)
_BAR = 300.0  # units of a bar's picture
_FINDINGS = 3


@dataclass(frozen=True, slots=True)
class Numbered:
    """A lead with its number on the map, its hue and its hatching: of two that look alike the number tells them apart."""

    lead: Lead
    no: int
    hue: int
    hatch: int
    consortium: str
    area: str


HUES, HATCHES = 12, 3
# A grid that is not there: one that a what-if opens today, or closes in the plan.
NOTHING: Mapping[str, Any] = {
    "keys": frozenset(),
    "places": 0,
    "living": 0,
    "people": "0",
    "beds": None,
    "mean": None,
    "farthest": None,
}


def numbered(look: Look) -> list[Numbered]:
    """Leads in the order of their areas, districts before counties as the texts name them."""
    net, areas = look.ground.network, look.ground.network.areas
    known = {lead.key for lead in look.base.region.leads}
    every = [*look.base.region.leads, *(lead for lead in look.region.leads if lead.key not in known)]

    def place(lead: Lead) -> tuple[bool, str, str, float, str]:
        of = net.consortia[lead.key]
        return lead.key not in known, of.kind.value, of.division, -lead.share, lead.key

    return [
        Numbered(
            lead,
            at + 1,
            at % HUES,
            at // HUES % HATCHES,
            net.consortia[lead.key].name,
            areas[net.consortia[lead.key].division].name if net.consortia[lead.key].division in areas else "",
        )
        for at, lead in enumerate(sorted(every, key=place))
    ]


def bound_of(look: Look) -> float | None:
    """What no plan undercuts by these weights; ``None`` where that would take too long, or nothing is possible."""
    if len(look.region.leads) * len(look.region.places) > _LARGE:
        return None
    # HiGHS is loaded with the first plan that is weighed: no other page waits for it.
    dividing: Any = import_module("tiercare.engines.planning.dividing")
    tasks: Any = import_module("tiercare.engines.planning.tasks")
    try:
        bound, _shares = dividing.relaxed(prepared(look.region, look.wishes))
    except tasks.Impossible:
        return None
    return float(bound)


def weighed(look: Look, frame: Frame, *, bound: float | None) -> dict[str, Any]:
    """Everything the page says of the plan on the screen."""
    found = broken(look.region, look.wishes, look.plan)
    cards = verdict_of(frame.pack.id, look.ground.network, look.plan.lead_of, on=frame.on)
    between = compared(look.region, look.before, look.plan)
    least = max((each for each in (bound, bound_of(look)) if each is not None), default=None)
    return {
        "score": score(look, least),
        "rules": [_broken(each) for each in found if each.kind is Weight.RULE],
        "wishes": [_broken(each) for each in found if each.kind is Weight.WISH],
        "cards_broken": [_card(each, frame) for each in (*cards.broken, *cards.worsened)],
        "cards_healed": [_card(each, frame) for each in cards.healed],
        "following": len(following(look.ground.network, look.plan.lead_of)),
        "between": between_words(between),
        "changed": sum(1 for key, lead in look.plan.lead_of.items() if look.today[key] != lead),
        "moves": moves(look, between),
        "grids": grid_rows(look),
        "most": MOVES,
    }


def score(look: Look, bound: float | None) -> dict[str, Any]:
    """The cost for each person with its parts beside today's, and how far the best can be."""
    people = sum(place.people for place in look.region.places) or 1.0
    now, before = look.plan.parts, look.before.parts
    widest = max(now.total, before.total) / _BAR or 1.0
    gap = None
    if bound is not None and bound > 0:
        gap = max(0.0, now.total - bound) / bound
    return {
        "each": _minutes(now.total / people),
        "each_before": _minutes(before.total / people),
        "change": _signed((now.total - before.total) / people),
        "better": now.total < before.total - 1e-6,
        "worse": now.total > before.total + 1e-6,
        "total": f"{now.total / 10_000:,.0f}",
        "people": f"{people:,.0f}",
        "bars": [_bar(now, widest), _bar(before, widest)],
        "parts": [
            {
                "key": key,
                "name": _(name),
                "now": _minutes(getattr(now, key) / people),
                "before": _minutes(getattr(before, key) / people),
            }
            for key, name in PARTS
        ],
        "gap": None if gap is None else percent(gap),
        "best": gap is not None and gap < 5e-7,
    }


def percent(part: float) -> str:
    """A part of a hundred with two decimals; what is not nothing never reads as nothing."""
    return "< 0.01%" if 0 < part < 0.0001 else f"{100 * part:.2f}%"


def between_words(between: Compared) -> dict[str, Any]:
    """Who gains and who loses, and how evenly both plans treat people."""
    return {
        "gain": people(between.gain),
        "lose": people(between.lose),
        "moved": people(between.moved),
        "even": [
            {
                "name": name,
                "before": shown(before),
                "after": shown(after),
                "better": after < before - 5e-4,
                "worse": after > before + 5e-4,
            }
            for name, before, after, shown in (
                (_("平均路程（分钟）"), between.before.mean, between.after.mean, _minutes),
                (_("最远一成人的路程（分钟）"), between.before.worst, between.after.worst, _minutes),
                (_("基尼系数（0 为人人一样远）"), between.before.gini, between.after.gini, "{:.3f}".format),
            )
        ],
    }


def moves(look: Look, between: Compared) -> list[dict[str, Any]]:
    """Townships whose people gain or lose, those first to whom it means most."""
    places = {place.key: place for place in look.region.places}
    leads = {each.lead.key: each for each in numbered(look)}
    return [
        {
            "key": each.place,
            "name": places[each.place].name,
            "area": _area(look, places[each.place].area),
            "people": people(each.people),
            "before": leads[each.before],
            "after": leads[each.after],
            "moved": each.before != each.after,
            "minutes": _signed(each.minutes),
            "from": f"{look.before.minutes[each.place]:.0f}",
            "to": f"{look.plan.minutes[each.place]:.0f}",
            "better": each.minutes < 0,
        }
        for each in between.changes
    ]


def grid_rows(look: Look) -> list[dict[str, Any]]:
    """Each grid today and in the plan."""
    seats = {place.key: place.name for place in look.region.places}
    then, now = figures_of(look.base.region, look.before), figures_of(look.region, look.plan)
    found = []
    for each in numbered(look):
        before, after = then.get(each.lead.key, NOTHING), now.get(each.lead.key, NOTHING)
        changed = before["keys"] != after["keys"]
        found.append(
            {"of": each, "seat": seats[each.lead.place], "before": before, "after": after, "changed": changed}
        )
    return found


def figures_of(region: Region, plan: Plan) -> Mapping[str, Mapping[str, Any]]:
    """Places, people, beds per 1,000, mean and farthest minutes of each lead's grid; figures as numbers and as words."""
    count = {place.key: place.people for place in region.places}
    held = grids(plan)
    found = {}
    for lead in region.leads:
        mine = held.get(lead.key, [])
        living = sum(count[key] for key in mine)
        mean = sum(plan.minutes[key] * count[key] for key in mine) / living if living else None
        farthest = max((plan.minutes[key] for key in mine), default=None)
        beds = 1000 * lead.share / living if living else None
        found[lead.key] = {
            "keys": frozenset(mine),
            "places": len(mine),
            "living": living,
            "people": people(living),
            "beds": None if beds is None else round(beds, 1),
            "mean": None if mean is None else round(mean),
            "farthest": None if farthest is None else round(farthest),
        }
    return found


def people(count: float) -> str:
    """A number of people as they are spoken of."""
    if english() or count < 10_000:
        return f"{count:,.0f}"
    return f"{count / 10_000:,.1f}万"


def _bar(parts: Parts, unit: float) -> dict[str, Any]:
    """The parts side by side; ``x`` and ``width`` in units of the picture."""
    pieces, x = [], 0.0
    for key, _name in PARTS:
        width = getattr(parts, key) / unit
        pieces.append({"key": key, "x": f"{x:.1f}", "width": f"{width:.1f}"})
        x += width
    return {"pieces": pieces, "end": f"{x:.1f}"}


def _broken(each: Broken) -> dict[str, Any]:
    return {"text": said(each.text), "lead": each.lead, "places": " ".join(each.places), "rule": each.rule}


def _card(verdict: Verdict, frame: Frame) -> dict[str, Any]:
    language = "en" if english() else "zh"
    return {
        "pack": verdict.card.pack,
        "id": verdict.card.id,
        "clauses": verdict.card.clauses,
        "name": said(verdict.card.sentence),
        "findings": [verdict.sentence(finding, language) for finding in verdict.findings[:_FINDINGS]],
        "more": max(0, len(verdict.findings) - _FINDINGS),
    }


def _area(look: Look, code: str) -> str:
    area = look.ground.network.areas.get(code)
    return area.name if area is not None else code


def _minutes(value: float) -> str:
    return f"{value:.1f}"


def _signed(value: float) -> str:
    if abs(value) < 0.05:
        return "0"
    return f"{value:+.1f}".replace("-", "−")


def leads_by_key(marks: Sequence[Numbered]) -> Mapping[str, Numbered]:
    """Numbered leads by the key of their lead."""
    return {each.lead.key: each for each in marks}
