"""The scorecards of a pack over an evaluation: points and targets line by line, consortia in order, as a table or as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tiercare.engines.measures.assessment import Assessment
from tiercare.engines.measures.evaluate import Value
from tiercare.engines.measures.load import Book
from tiercare.engines.measures.rounding import shown, written
from tiercare.engines.measures.scoring import WHY, Outcome, Result, Scored
from tiercare.engines.measures.targets import Met
from tiercare.engines.policy import PackSet

MET = {
    Met.MET: "[green]达到 met[/]",
    Met.NOT_MET: "[red]未达到 not met[/]",
    Met.NO_DATA: "[yellow]无数据 no data[/]",
    Met.NOT_COMPUTABLE: "[dim]算不出 not computable[/]",
}


def show(console: Console, packs: PackSet, found: Assessment, outcome: Outcome) -> None:
    """Print a card: every line with its value, its points and how its target stands."""
    card, result = outcome.card, outcome.region
    total = f"{written(result.total, 1)} / 100" if result.total is not None else "—"
    ours = "（分值定为我们的 weights are ours）" if card.ours and card.weight else ""
    table = Table(
        "项目 line",
        "现值 value",
        "得分 points",
        "条款要求 asked",
        title=f"{escape(card.name.zh)} {result.span} {ours}",
    )
    lines = iter(result.scored)
    for panel, scored in zip(card.panels, result.panels, strict=True):
        mark = {None: "", True: " ✓ 已记为完成", False: " 尚未记为完成 not marked complete"}[scored.complete]
        table.add_row(f"[bold]{escape(panel.name.zh)}[/]{mark}", "", "", "")
        for _ in panel.measures:
            line = next(lines)
            table.add_row(*_line(packs, found.book, line, found.regional(line.indicator, result.span)))
    console.print(table)
    if card.weight:
        console.print(f"总分 total {total}，可算部分 computable {shown(result.covered, '%')}")
    if result.established is not None:
        console.print("全面建立 established" if result.established else "四项未全部记为完成 not established")
    if outcome.ranks:
        order = Table("名次 rank", "医联体 consortium", "总分 total", "说明 why no rank")
        with_total = [rank for rank in outcome.ranks if rank.shown is not None]
        for rank in with_total:
            why = escape(rank.reason.zh) if rank.reason else ""
            order.add_row(str(rank.place or "—"), rank.key, str(rank.shown), why)
        console.print(order)
        if left := len(outcome.ranks) - len(with_total):
            console.print(
                f"另有 {left} 个医联体可计算的权重不足，没有总分。 {left} more have too little that can be computed."
            )


def _line(packs: PackSet, book: Book, line: Scored, value: Value | None) -> tuple[str, str, str, str]:
    versions = book.indicators.get(line.indicator, ())
    # What no indicator computes is named by its clause.
    demand = packs.clause[line.standing.target.clause].gist.zh if line.standing else "—"
    name = escape(versions[-1].name.zh if versions else demand)
    number = (
        shown(value.value, versions[-1].unit.zh) if value is not None and value.value is not None else "—"
    )
    points = f"{written(line.points, 1)} / {written(line.weight, 0)}" if line.points is not None else ""
    if line.weight and line.why is not None:
        points = WHY[line.why].zh
    return f"  {name}", number, points, MET[line.standing.met] if line.standing else ""


def as_json(outcome: Outcome) -> Mapping[str, Any]:
    """A card for a machine."""
    return {
        "id": outcome.card.id,
        "version": outcome.card.version,
        "name": {"zh": outcome.card.name.zh, "en": outcome.card.name.en},
        "clauses": outcome.card.clauses,
        "ours": outcome.card.ours,
        "region": _result(outcome.region),
        "consortia": [_result(each) for each in outcome.consortia],
        "ranks": [
            {"key": each.key, "place": each.place, "total": None if each.shown is None else str(each.shown)}
            for each in outcome.ranks
        ],
    }


def _result(result: Result) -> Mapping[str, Any]:
    return {
        "key": result.key,
        "period": str(result.span),
        "total": None if result.total is None else str(written(result.total, 1)),
        "covered": float(result.covered),
        "established": result.established,
        "digest": result.digest,
        "lines": [
            {
                "indicator": each.indicator,
                "points": None if each.points is None else str(each.points),
                "weight": str(each.weight),
                "met": each.standing.met if each.standing else None,
                "why": each.why,
                "ordinary": each.ordinary,
            }
            for each in result.scored
        ],
        "panels": [{"panel": each.panel, "complete": each.complete} for each in result.panels],
    }
