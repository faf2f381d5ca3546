"""Scorecards as pages show them: panels, lines with points and curves, ranks and their funnel, records, replays."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tiercare.apps.evaluation.queries.book import book_of
from tiercare.apps.evaluation.queries.marks import Recorded
from tiercare.apps.evaluation.queries.runs import Kept as Run
from tiercare.apps.evaluation.queries.scorecards import Kept, Replayed
from tiercare.apps.evaluation.queries.values import Number, Stood, standings
from tiercare.engines.measures.rounding import shown, written
from tiercare.engines.measures.schema import Level
from tiercare.engines.measures.scoring import WHY, Measure, Scorecard, Why
from tiercare.engines.measures.targets import Met
from tiercare.kernel.actor import Actor
from tiercare.web.indicators import drawing, wording
from tiercare.web.pages import said


def card(of: Scorecard) -> dict[str, Any]:
    """A card's head."""
    return {
        "id": of.id,
        "version": of.version,
        "name": said(of.name),
        "source": said(of.source),
        "clauses": of.clauses,
        "ours": of.ours,
        "weighed": bool(of.weight),
        "covered": shown(of.covered, "%"),
        "alpha": shown(of.alpha, "%"),
        "marked": [panel.id for panel in of.panels if panel.marked],
        "lines": len(of.measures),
        "panels": len(of.panels),
    }


def summary(of: Scorecard, kept: Sequence[Kept]) -> dict[str, Any]:
    """A card in the list, with the region's result of the newest year."""
    region = next((each for each in kept if each.level is Level.REGION), None)
    return {
        **card(of),
        "total": _points(region.total) if region is not None else "",
        "share": shown(Fraction(region.covered), "%") if region is not None and of.weight else "",
        "established": region.content["established"] if region is not None else None,
        "ranked": sum(each.place is not None for each in kept),
        "assessed": sum(each.level is not Level.REGION for each in kept),
    }


def demands(actor: Actor, run: Run, indicators: Collection[str]) -> Mapping[str, Sequence[Stood]]:
    """The demands on a card's indicators by target."""
    found: dict[str, list[Stood]] = {}
    for each in standings(actor, run.id, {*indicators, ""}):
        found.setdefault(each.target, []).append(each)
    return found


def result(
    pack: str,
    of: Scorecard,
    kept: Kept,
    found: Sequence[Number],
    stood: Mapping[str, Sequence[Stood]],
    span: str,
) -> dict[str, Any]:
    """A result whole: its panels with their lines."""
    values = {each.indicator: each for each in found}
    lines = iter(kept.content["lines"])
    panels = []
    for panel, scored in zip(of.panels, kept.content["panels"], strict=True):
        rows = [
            _line(pack, measure, next(lines), values.get(measure.indicator), stood, span)
            for measure in panel.measures
        ]
        panels.append(
            {
                "id": panel.id,
                "name": said(panel.name),
                "points": _points(scored["points"]) if Fraction(scored["of"]) else "",
                "of": _points(scored["of"]),
                "complete": scored["complete"],
                "lines": rows,
            }
        )
    scored_lines = kept.content["lines"]
    return {
        "total": _points(kept.total),
        "covered": shown(Fraction(kept.covered), "%"),
        "known": sum(each["why"] is None for each in scored_lines),
        "all": len(scored_lines),
        "established": kept.content["established"],
        "place": kept.place,
        "no_rank": _either(kept.content["no_rank"]),
        "digest": kept.digest,
        "version": kept.version,
        "panels": panels,
    }


def _line(
    pack: str,
    measure: Measure,
    scored: Mapping[str, Any],
    number: Number | None,
    stood: Mapping[str, Sequence[Stood]],
    span: str,
) -> dict[str, Any]:
    book = book_of(pack)
    versions = book.indicators.get(measure.indicator, ())
    indicator = versions[-1] if versions else None
    points = None if scored["points"] is None else Fraction(scored["points"])
    weight = Fraction(scored["weight"])
    target = measure.target
    told = stood.get(target.id, ()) if target is not None else ()
    asked = next((each for each in told if each.span in {"", span}), next(iter(told), None))
    value = Fraction(number.value) if number is not None and number.value is not None else None
    curve = None
    if measure.curve is not None and indicator is not None:
        curve = drawing.curve(
            measure.curve.knots, value, points / weight if points is not None and weight else None
        )
        curve["words"] = " → ".join(
            f"{wording.value(indicator, v)}: {shown(share, '%')}" for v, share in measure.curve.knots
        )
    return {
        "indicator": measure.indicator,
        "known": indicator is not None,
        "name": said(indicator.name) if indicator is not None else "",
        "clause": target.clause if target is not None else "",
        "number": wording.number(indicator, number) if indicator is not None else None,
        "points": "" if points is None else str(written(points, 1)),
        "weight": f"{written(weight, 1).normalize():f}",
        "weighed": bool(weight),
        "share": 0 if points is None or not weight else int(100 * points / weight),
        "why": said(WHY[Why(scored["why"])]) if scored["why"] else "",
        "curve": curve,
        "demand": wording.demand(book, indicator, asked) if asked is not None else None,
        "met": wording.met(Met(scored["met"])) if scored["met"] else None,
        "small": scored["small"],
        "ordinary": scored["ordinary"],
    }


def order(of: Scorecard, kept: Sequence[Kept], names: Mapping[tuple[str, str], str]) -> list[dict[str, Any]]:
    """Those who are assessed, by rank; who has none comes last, with the reason."""
    if not of.weight:
        return []
    return [
        {
            "level": each.level.value,
            "key": each.key,
            "name": wording.name_of(names, each.level.value, each.key, ""),
            "place": each.place,
            "total": _points(each.total),
            "width": 0 if each.total is None else int(each.total),
            "covered": shown(Fraction(each.covered), "%"),
            "why": _either(each.content["no_rank"]),
            "out": sum(line["ordinary"] is False for line in each.content["lines"]),
        }
        for each in kept
        if each.level is not Level.REGION
    ]


def spread(of: Scorecard, kept: Sequence[Kept], names: Mapping[tuple[str, str], str]) -> list[dict[str, Any]]:
    """The lines in which somebody lies beyond what chance gives, and who: the funnels of the card in words."""
    found: dict[str, list[str]] = {}
    for each in kept:
        for line in each.content["lines"]:
            if line["ordinary"] is False:
                name = wording.name_of(names, each.level.value, each.key, "")
                found.setdefault(line["indicator"], []).append(name)
    measures = [measure.indicator for measure in of.measures if measure.law is not None]
    return [{"indicator": each, "who": found.get(each, [])} for each in measures]


def marked(
    of: Scorecard, standing: Mapping[tuple[str, str], Recorded], kept: Kept | None
) -> list[dict[str, Any]]:
    """The panels that take a record, with the one that counts, and whether the run has it already."""
    counted = {each["panel"]: each["complete"] for each in kept.content["panels"]} if kept is not None else {}
    rows = []
    for panel in of.panels:
        if not panel.marked:
            continue
        last = standing.get((of.id, panel.id))
        complete = last is not None and last.complete
        rows.append(
            {
                "id": panel.id,
                "name": said(panel.name),
                "record": last,
                "complete": complete,
                "counted": counted.get(panel.id),
            }
        )
    return rows


def history(of: Scorecard, marks: Sequence[Recorded]) -> list[dict[str, Any]]:
    """Every record of a card's panels, the newest first."""
    names = {panel.id: said(panel.name) for panel in of.panels}
    return [{"of": each, "name": names.get(each.panel, each.panel)} for each in reversed(marks)]


def replay(found: Replayed) -> dict[str, Any]:
    """What a replay came to."""
    return {"same": found.same, "digest": found.digest, "total": _points(found.result.total)}


def _points(amount: str | Decimal | Fraction | None) -> str:
    return "" if amount is None else str(written(Fraction(amount), 1))


def _either(text: Mapping[str, str] | None) -> str:
    return "" if text is None else wording.either(text)
