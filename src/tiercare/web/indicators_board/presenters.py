"""What the board's template draws, as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Any

from django.utils.translation import gettext

from tiercare.apps.evaluation.queries.boarding import Fall, Seen, Tile, Watched
from tiercare.apps.evaluation.queries.homogeneity import Ranked
from tiercare.apps.evaluation.queries.values import Noted, Number
from tiercare.apps.records.rules.icd import CATEGORIES
from tiercare.engines.measures.boards import Against
from tiercare.engines.measures.indicators import Indicator
from tiercare.engines.measures.targets import Standing
from tiercare.web.frame import Frame
from tiercare.web.pages import english, said

from . import drawing, maps, words
from .addresses import address
from .figures import asks, change, counts, demand, difference, figure, span_name

_SHOWN_DEMANDS, _SHOWN_FALLS = 3, 12
_MONEY = "元"
Names = Mapping[tuple[str, str], str]


def page(seen: Seen, names: Names, frame: Frame, *, on: date) -> dict[str, Any]:
    """The whole context."""
    return {
        "seen": seen,
        "spans": spans(seen.run.spans, seen.asked.span),
        "span_name": span_name(seen.asked.span),
        "before_name": span_name(seen.before),
        "whose": names.get(("consortium", seen.key), seen.key)
        if seen.asked.consortium
        else said(frame.pack.name),
        "consortia": [(key, names.get(("consortium", key), key)) for key in seen.consortia],
        "notices": notices(seen, frame),
        "themes": [
            {"id": theme.id, "name": said(theme.name), "tiles": [_tile(each, seen, frame) for each in tiles]}
            for theme, tiles in seen.themes
        ],
        "visits": visits(seen),
        "referrals": referrals(seen),
        "tiers": tiers(seen),
        "map": maps.draw(seen, names, frame, on=on),
        "quality": _quality(seen, names, frame),
        "year_name": span_name(seen.year),
        "beside": [_beside(each, indicator, noted, frame, seen) for each, indicator, noted in seen.beside],
        "watched": [_watched(each, names, frame) for each in seen.watched],
    }


def spans(every: Sequence[str], chosen: str) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """The periods to choose from, years first, the newest first."""
    groups = (
        (gettext("按年"), [each for each in every if each.isdigit()]),
        (gettext("按季度"), [each for each in every if "Q" in each]),
        (gettext("按月"), [each for each in every if "-" in each]),
    )
    return [
        (name, [(each, span_name(each), each == chosen) for each in sorted(group, reverse=True)])
        for name, group in groups
        if group
    ]


def notices(seen: Seen, frame: Frame) -> list[dict[str, Any]]:
    """Falls of the newest month of the period, for the region: what somebody should look at first."""
    found = []
    for each in seen.watched:
        for fall in each.falls if each.lines else ():
            if fall.now.span == each.month:
                found.append(
                    {**_fall(fall, {}, frame), "clauses": each.watch.clauses, "text": _sentence(fall, each)}
                )
    return found


def _sentence(fall: Fall, watched: Watched) -> str:
    text = {
        Against.MONTH_BEFORE: gettext("%(month)s%(name)s %(now)s，比上月下降 %(gap)s"),
        Against.YEAR_BEFORE: gettext("%(month)s%(name)s %(now)s，比上年同月下降 %(gap)s"),
    }[watched.watch.against]
    return text % {
        "month": span_name(fall.now.span) + (" " if english() else ""),
        "name": said(fall.indicator.name),
        "now": figure(fall.now.value, fall.indicator),
        "gap": _gap(fall),
    }


def _gap(fall: Fall) -> str:
    return difference(Fraction(fall.before.value or 0) - Fraction(fall.now.value or 0), fall.indicator)


def _tile(tile: Tile, seen: Seen, frame: Frame) -> dict[str, Any]:
    indicator = tile.indicator

    # First what is demanded for this very period, then for every one, then for others.
    def far(each: Standing) -> int:
        return 0 if str(each.target.span) == seen.asked.span else 1 if each.target.span is None else 2

    order = sorted(tile.demands, key=far)
    demands = [demand(each, indicator, seen.asked.span) for each in order]
    return {
        "id": indicator.id,
        "name": said(indicator.name),
        "says": said(indicator.says),
        "ours": indicator.ours,
        "value": figure(tile.now.value if tile.now else None, indicator),
        "counts": counts(tile.now, indicator),
        "empty": tile.now is None,
        "zero": tile.now is not None and tile.now.value is None,
        "change": change(tile.now, tile.before, indicator),
        "demands": demands[:_SHOWN_DEMANDS],
        "more": len(demands) - _SHOWN_DEMANDS,
        "line": spark(tile),
        "doubts": [words.doubt(each) for each in tile.doubts],
        "href": address(frame, indicator.id, tile.now, seen.asked.span, seen.level.value, seen.key),
    }


def spark(tile: Tile, *, width: int = 240, height: int = 56) -> drawing.Line | None:
    """The line of a tile, with what is demanded in numbers as dashed lines."""
    levels = [
        (float(each.target.limit), asks(each.target, tile.indicator))
        for each in tile.demands
        if each.target.limit is not None and tile.indicator.unit.zh != _MONEY
    ]
    return drawing.line(
        _values(tile.line, tile.indicator),
        levels,
        shown=partial(_shown, tile.indicator),
        width=width,
        height=height,
    )


def _values(
    numbers: Iterable[Number], indicator: Indicator, fell: frozenset[str] = frozenset()
) -> list[tuple[str, float, str, bool]]:
    return [
        (each.span, float(each.value), figure(each.value, indicator), each.span in fell)
        for each in numbers
        if each.value is not None
    ]


def _shown(indicator: Indicator, value: float) -> str:
    return figure(Fraction(value), indicator)


def visits(seen: Seen, least: int = 0) -> dict[str, Any] | None:
    """How people came to which tier: bands from the way they came to the tier that treated them."""
    counted = drawing.together(seen.flows.get("visits", ()), 0, 1)
    return _bands(counted, words.arrivals(), words.tiers(), lambda a, _: f"band-{a}", least)


def referrals(seen: Seen, least: int = 0) -> dict[str, Any] | None:
    """Referrals from tier to tier, up, down and across."""
    counted = drawing.together(seen.flows.get("referrals", ()), 0, 1, 2)
    ways = words.ways()
    tiers_, flows = words.tiers(), []
    for (source, target, way), count in counted.items():
        if count >= max(1, least):
            text = f"{tiers_.get(source, source)} → {tiers_.get(target, target)}（{ways.get(way, way)}）：{count:,}"
            flows.append(drawing.Went(source, target, count, f"way-{way}", text))
    drawn = drawing.sankey(flows, tiers_, tiers_)
    by_way = drawing.together(seen.flows.get("referrals", ()), 2)
    totals = [(f"way-{way}", name, by_way.get((way,), 0)) for way, name in ways.items()]
    return (
        None if drawn is None else {"drawn": drawn, "totals": totals, "lines": [each.said for each in flows]}
    )


def _bands(
    counted: Mapping[tuple[str, ...], int],
    left: Mapping[str, str],
    right: Mapping[str, str],
    css: Any,
    least: int,
) -> dict[str, Any] | None:
    flows = [
        drawing.Went(a, b, count, css(a, b), f"{left.get(a, a)} → {right.get(b, b)}：{count:,}")
        for (a, b), count in counted.items()
        if count >= max(1, least)
    ]
    drawn = drawing.sankey(flows, left, right)
    return None if drawn is None else {"drawn": drawn, "lines": [each.said for each in flows]}


def tiers(seen: Seen, least: int = 0) -> list[dict[str, Any]]:
    """The structure by tier, of outpatient and emergency visits and of stays apart."""
    counted = drawing.together(seen.flows.get("visits", ()), 2, 1)
    rows = []
    for kinds, name in (
        (("outpatient", "emergency"), gettext("门急诊人次")),
        (("inpatient",), gettext("住院人次")),
    ):
        by_tier = {tier: sum(counted.get((kind, tier), 0) for kind in kinds) for tier in words.tiers()}
        kept = {tier: count for tier, count in by_tier.items() if count >= max(1, least)}
        start, parts = 0.0, []
        for tier, count, share in drawing.shares(kept):
            parts.append(
                {
                    "tier": tier,
                    "name": words.tiers()[tier],
                    "count": count,
                    "share": f"{share * 100:.1f}%",
                    "x": f"{start * 100:.2f}",
                    "width": f"{share * 100:.2f}",
                }
            )
            start += share
        if parts:
            rows.append({"name": name, "parts": parts, "total": sum(kept.values())})
    return rows


def _quality(seen: Seen, names: Names, frame: Frame) -> dict[str, Any] | None:
    """Consortia in rows, indicators of quality in columns: place, value, and how far the members are apart (NHC-14)."""
    if not seen.quality:
        return None
    cells: dict[str, dict[str, Any]] = {}
    for indicator, places in seen.quality:
        for each in places:
            cells.setdefault(each.rank.key, {})[indicator.id] = _place(each, indicator, names, frame)
    heads = [(indicator.id, said(indicator.name)) for indicator, _ in seen.quality]
    order = sorted(cells, key=lambda key: (_mean(cells[key].values()), names.get(("consortium", key), key)))
    return {
        "heads": heads,
        "rows": [
            {
                "key": key,
                "name": names.get(("consortium", key), key),
                "chosen": key == seen.asked.consortium,
                "cells": [(name, cells[key].get(id_)) for id_, name in heads],
            }
            for key in order
        ],
    }


def _mean(places: Iterable[Mapping[str, Any]]) -> float:
    """Rows stand in the order of their mean place; it is shown nowhere."""
    known = [each["place"] for each in places if each["place"] is not None]
    return sum(known) / len(known) if known else 1e9


def _place(each: Ranked, indicator: Indicator, names: Names, frame: Frame) -> dict[str, Any]:
    def member(number: Number | None) -> str:
        if number is None:
            return ""
        return f"{names.get(('institution', number.key), number.key)} {figure(number.value, indicator)}"

    return {
        "place": each.rank.place,
        "why": said(each.rank.reason) if each.rank.reason else "",
        "value": figure(each.number.value, indicator),
        "counts": counts(each.number, indicator),
        "spread": "" if each.spread is None else difference(each.spread, indicator),
        "best": member(each.best),
        "worst": member(each.worst),
        "members": each.members,
        "href": address(frame, indicator.id, each.number),
    }


def _beside(
    each: Any, indicator: Indicator, noted: Sequence[Noted], frame: Frame, seen: Seen
) -> dict[str, Any]:
    """A small chart for each disease: in primary care and in hospitals, quarter by quarter (XH-68)."""
    by_disease: dict[str, dict[str, tuple[int, int]]] = {}
    for quarter in noted:
        for code, here, there in quarter.content["diseases"]:
            by_disease.setdefault(code, {})[quarter.span] = (here, there)
    order = sorted(by_disease, key=lambda code: -sum(map(sum, by_disease[code].values())))[: each.most]
    quarters = [quarter.span for quarter in noted]
    charts = []
    for code in order:
        pairs = [(span[2:], *by_disease[code].get(span, (0, 0))) for span in quarters]
        charts.append(
            {
                "code": code,
                "name": CATEGORIES.get(code, ""),
                "drawn": drawing.columns(pairs),
                "pairs": pairs,
            }
        )
    return {
        "id": each.id,
        "name": said(indicator.name),
        "says": said(indicator.says),
        "clauses": each.clauses,
        "ours": each.ours,
        "charts": charts,
        "href": address(frame, indicator.id, None, seen.asked.span, "region", seen.run.region),
    }


def _watched(each: Watched, names: Names, frame: Frame) -> dict[str, Any]:
    fell = {(fall.now.indicator, fall.now.span) for fall in each.falls}
    lines = []
    for indicator_id, numbers in each.lines.items():
        indicator = each.indicators[indicator_id]
        marked = frozenset(span for id_, span in fell if id_ == indicator_id)
        drawn = drawing.line(
            _values(numbers, indicator, marked),
            shown=partial(_shown, indicator),
            width=640,
            height=150,
            margin=14,
        )
        lines.append(
            {
                "name": said(indicator.name),
                "drawn": drawn,
                "href": address(frame, indicator_id, numbers[-1] if numbers else None),
            }
        )
    return {
        "of": each,
        "month": span_name(each.month),
        "against_year": each.watch.against is Against.YEAR_BEFORE,
        "indicators": [said(indicator.name) for indicator in each.indicators.values()],
        "lines": lines,
        "single": not each.lines,
        "falls": [_fall(fall, names, frame) for fall in each.falls[:_SHOWN_FALLS]],
        "count": len(each.falls),
        "more": max(0, len(each.falls) - _SHOWN_FALLS),
    }


def _fall(fall: Fall, names: Names, frame: Frame) -> dict[str, Any]:
    level = fall.now.level
    return {
        "name": said(fall.indicator.name),
        "whose": names.get((level, fall.now.key), fall.now.key),
        "span": span_name(fall.now.span),
        "now": figure(fall.now.value, fall.indicator),
        "before": figure(fall.before.value, fall.indicator),
        "gap": _gap(fall),
        "href": address(frame, fall.indicator.id, fall.now),
    }
