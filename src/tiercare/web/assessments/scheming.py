"""``/assessments/schemes``: how an area assesses, in versions, and the form that defines the next one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.commands.schemes import define_scheme
from tiercare.apps.evaluation.queries import assessing
from tiercare.apps.ledger import queries as clock
from tiercare.apps.network.queries.reading import area_names
from tiercare.engines.measures.scoring import Measure, Scorecard
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web import given
from tiercare.web.capacity.typed import again
from tiercare.web.pages import once, page, said

from .lists import runs

_BLANK = 4  # rows for indicators that the card does not have
_MOST = 60
_FIELDS = ("panel", "indicator", "weight", "zero", "full", "knots", "public")


@require_safe
@page(Right.EVALUATION_READ)
def schemes(request: HttpRequest) -> HttpResponse:
    """The schemes of the area, and the cards of the pack that one starts from."""
    actor, areas = request.actor, area_names(on=clock.today())
    today = clock.today()
    found = [
        {
            "id": each.id,
            "name": each.name,
            "version": each.version,
            "area": areas.get(each.division_code, each.division_code),
            "mine": each.division_code == actor.division_code,
            "assessor": each.assessor,
            "period": each.period,
            "in_force": today in each.period,
        }
        for each in assessing.schemes(actor)
    ]
    cards = [_card(each) for each in assessing.cards_of(request.frame.pack.id).values()]
    by_area = actor.institution_id is None
    context = {
        "schemes": found,
        "cards": cards,
        "runs": runs(request),
        "lacking": assessing.counties_without_scheme(actor, actor.division_code or "") if by_area else [],
    }
    return again(request, "assessments/schemes.html", context)


@require_safe
@page(Right.EVALUATION_READ)
def one(request: HttpRequest, scheme_id: UUID) -> HttpResponse:
    """A scheme whole, as it is printed."""
    scheme = next((each for each in assessing.schemes(request.actor) if each.id == scheme_id), None)
    if scheme is None:
        raise Refused(replace(assessing.NO_SUCH_CARD, status=404))
    rows = [
        {**row, "name": said(definition.name) if definition else row["indicator"]}
        for row in rows_of(scheme.definition)
        for definition in [assessing.indicators_of(scheme.pack).get(row["indicator"])]
    ]
    panels = {each["id"]: each["name"]["zh"] for each in scheme.definition["panels"]}
    context = {
        "scheme": scheme,
        "area": area_names(on=clock.today()).get(scheme.division_code, scheme.division_code),
        "rows": [{**row, "panel_name": panels.get(row["panel"], row["panel"])} for row in rows],
        "runs": runs(request) and scheme.division_code == request.actor.division_code,
    }
    return again(request, "assessments/scheme.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.EVALUATION_RUN)
def new(request: HttpRequest) -> HttpResponse:
    """``?card=`` of the pack or ``?scheme=`` of the area to start from: indicators, weights, lines, who assesses, since when."""
    base = _base(request)
    if request.method != "POST":
        return _form(request, base, rows_of(base))
    typed = _typed(request)
    try:

        def work() -> str:
            scheme = define_scheme(
                request.actor,
                division=request.actor.division_code or "",
                pack=request.frame.pack.id,
                definition=built(base, typed, given.text(request.POST, "name", longest=100)),
                assessor=given.text(request.POST, "assessor", longest=200),
                since=given.day(request.POST, "since"),
            )
            return f"{reverse('assessments:scheme', args=[scheme.id])}?{request.frame.query}"

        return once(request, _("考核方案已定，自所选之日起施行。"), work)
    except Refused as refused:
        return _form(request, base, typed, Refused(*_placed(refused.refusals, typed, base)))


def built(base: Mapping[str, Any], typed: Sequence[Mapping[str, str]], name: str) -> dict[str, Any]:
    """The definition that the form comes to, in the shape of a pack's file.

    Raises:
        Refused: for what is no number, at its row.
    """
    panels = []
    targets = {row["indicator"]: row["target"] for row in rows_of(base) if row["target"]}
    for panel in base["panels"]:
        mine = [
            _measure(at, row, targets)
            for at, row in enumerate(typed)
            if _kept(row) and row["panel"] == panel["id"]
        ]
        if mine:
            panels.append({"id": panel["id"], "name": panel["name"], "measures": mine})
    zh = name or base["name"]["zh"]
    return {
        **{key: base[key] for key in ("id", "source", "clauses", "covered", "alpha", "level", "kinds")},
        "version": 1,
        "name": {"zh": zh, "en": base["name"]["en"]},
        "ours": False,
        "panels": panels,
    }


def rows_of(definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A definition as rows of the form."""
    found = []
    for panel in definition["panels"]:
        for each in panel["measures"]:
            curve = each.get("curve") or []
            ends = (curve[0][0], curve[-1][0]) if curve else (each.get("zero", ""), each.get("full", ""))
            if curve and curve[0][1] > curve[-1][1]:
                ends = (ends[1], ends[0])
            found.append(
                {
                    "panel": panel["id"],
                    "indicator": each["indicator"],
                    "weight": _plain(each.get("weight", 0)),
                    "zero": _plain(ends[0]),
                    "full": _plain(ends[1]),
                    "knots": "；".join(f"{_plain(a)}:{_plain(b)}" for a, b in curve[1:-1]),
                    "public": "1" if each.get("public") else "",
                    "target": each.get("target", ""),
                }
            )
    return found


def _card(card: Scorecard) -> dict[str, Any]:
    return {
        "id": card.id,
        "name": said(card.name),
        "source": said(card.source),
        "clauses": card.clauses,
        "weighed": bool(card.weight),
        "lines": len(card.measures),
    }


def _base(request: HttpRequest) -> dict[str, Any]:
    """What the form starts from: a card of the pack, or the area's own scheme."""
    asked = request.GET.get("scheme", "")
    for each in assessing.schemes(request.actor, division=request.actor.division_code or ""):
        if str(each.id) == asked:
            return {"level": "consortium", "kinds": [], **each.definition}
    card = assessing.cards_of(request.frame.pack.id).get(request.GET.get("card", ""))
    if card is None or not card.weight:
        raise Refused(assessing.NO_SUCH_CARD)
    return {
        "id": card.id,
        "name": {"zh": card.name.zh, "en": card.name.en},
        "source": {"zh": card.source.zh, "en": card.source.en},
        "clauses": list(card.clauses),
        "covered": float(card.covered),
        "alpha": float(card.alpha),
        "level": card.level.value,
        "kinds": list(card.kinds),
        "panels": [
            {
                "id": panel.id,
                "name": {"zh": panel.name.zh, "en": panel.name.en},
                "measures": [_line(each) for each in panel.measures if each.curve is not None],
            }
            for panel in card.panels
        ],
    }


def _line(measure: Measure) -> dict[str, Any]:
    assert measure.curve is not None
    curve = [[float(a), float(b)] for a, b in measure.curve.knots]
    return {
        "indicator": measure.indicator,
        "weight": float(measure.weight),
        "curve": curve,
        "public": measure.public,
        **({"target": measure.target.id} if measure.target else {}),
    }


def _measure(at: int, row: Mapping[str, str], targets: Mapping[str, str]) -> dict[str, Any]:
    zero, full = _number(at, "zero", row["zero"]), _number(at, "full", row["full"])
    found: dict[str, Any] = {"indicator": row["indicator"], "weight": _number(at, "weight", row["weight"])}
    if row["public"]:
        found["public"] = True
    if row["indicator"] in targets:
        found["target"] = targets[row["indicator"]]
    knots = []
    for pair in filter(None, row["knots"].replace(";", "；").split("；")):
        a, _colon, b = pair.replace("：", ":").partition(":")
        knots.append([_number(at, "knots", a), _number(at, "knots", b)])
    if knots:
        return found | {"curve": sorted([[zero, 0], *knots, [full, 1]])}
    return found | {"zero": zero, "full": full}


def _kept(row: Mapping[str, str]) -> bool:
    """A line without a weight is left out; so is a row in which nothing was chosen."""
    return bool(row["indicator"]) and row["weight"] not in {"", "0"}


def _number(at: int, name: str, text: str) -> float | int:
    try:
        number = float(text.strip())
    except ValueError:
        raise Refused(_not_a_number(at, name)) from None
    if not abs(number) < 1e9:
        raise Refused(_not_a_number(at, name))
    return int(number) if number.is_integer() else number


def _placed(
    refusals: Sequence[Refusal], typed: Sequence[Mapping[str, str]], base: Mapping[str, Any]
) -> list[Refusal]:
    """Faults of the definition at the rows of the form that they came from."""
    order = [
        [at for at, row in enumerate(typed) if _kept(row) and row["panel"] == panel["id"]]
        for panel in base["panels"]
    ]
    panels = [each for each in order if each]
    found = []
    for each in refusals:
        parts = (each.at or "").split(".")
        if len(parts) >= 4 and parts[0] == "panels" and parts[2] == "measures":
            at, line = int(parts[1]), int(parts[3])
            name = parts[4] if len(parts) > 4 and parts[4] in _FIELDS else "indicator"
            name = "knots" if "curve" in parts else name
            found.append(replace(each, at=f"row-{panels[at][line]}-{name}"))
        else:
            found.append(each)
    return found


def _typed(request: HttpRequest) -> list[dict[str, str]]:
    count = given.text(request.POST, "rows", longest=3)
    most = min(int(count) if count.isascii() and count.isdigit() else 0, _MOST)
    return [
        {name: given.text(request.POST, f"row-{at}-{name}", longest=80) for name in _FIELDS}
        for at in range(most)
    ]


def _form(
    request: HttpRequest,
    base: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    refused: Refused | None = None,
) -> HttpResponse:
    book = assessing.indicators_of(request.frame.pack.id)
    known = [{"id": key, "name": said(each.name), "unit": said(each.unit)} for key, each in book.items()]
    names = {each["id"]: each for each in known}
    wrong = {each.at for each in refused.refusals} if refused else set()
    blank = dict.fromkeys(_FIELDS, "") | {"panel": base["panels"][0]["id"]}
    every = [*rows, *([] if request.method == "POST" else [blank] * _BLANK)]
    context = {
        "base": base,
        "panels": [(each["id"], each["name"]["zh"]) for each in base["panels"]],
        "rows": [
            {
                **row,
                "n": at,
                "named": names.get(row["indicator"]),
                "wrong": [name for name in _FIELDS if f"row-{at}-{name}" in wrong],
            }
            for at, row in enumerate(every)
        ],
        "known": sorted(known, key=lambda each: each["name"]),
        "sum": sum(_weight(row["weight"]) for row in every),
        "typed": request.POST
        or {"name": base["name"]["zh"], "since": (clock.today() + timedelta(days=1)).isoformat()},
        "area": area_names(on=clock.today()).get(request.actor.division_code or "", ""),
    }
    return again(request, "assessments/scheme_form.html", context, refused)


def _weight(text: str) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _not_a_number(at: int, name: str) -> Refusal:
    return Refusal(
        code="evaluation.scheme_number",
        message=Text("第 {row} 行有一格不是数。", "Row {row} has something that is no number."),
        instead=Text(
            "权重写 15；比例写 0.6；折点写“0.6:0.6；0.7:0.9”。",
            "Write a weight as 15, a share as 0.6, knots as 0.6:0.6; 0.7:0.9.",
        ),
        fields={"row": at + 1},
        at=f"row-{at}-{name}",
        status=422,
    )
