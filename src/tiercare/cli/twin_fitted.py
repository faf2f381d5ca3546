"""How ``tiercare twin calibrate | sensitivity`` print a fit and swings, and write a fit as a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tiercare.cli.twin_shown import MARK, amount, interval, print_scenario, scenario_told
from tiercare.engines.twin.readiness import Staged
from tiercare.engines.twin.scenarios import written
from tiercare.kernel.text import Text

if TYPE_CHECKING:  # compiled: only who calibrates waits for it
    from tiercare.engines.twin.fits import Fit
    from tiercare.engines.twin.outcomes import Measure
    from tiercare.engines.twin.sensitivity import Sensitivity

_WIDEST = 3  # swings shown of each outcome
_CONFIDENCE = {
    "high": Text("已核对", "checked"),
    "medium": Text("推算", "computed"),
    "low": Text("不可靠", "not sure"),
}


def show(console: Console, staged: Staged, fit: Fit) -> None:
    """Which totals are met, what moved, and what the totals cannot tell."""
    print_scenario(console, staged)
    table = Table(title=f"总量 totals · {MARK}")
    for head in ("总量 total", "目标 wanted", "原来 before", "校准后 reached", "合否 met", "来源 source"):
        table.add_column(head, overflow="fold")
    for each in fit.met:
        target = each.target
        table.add_row(
            f"{escape(target.text.zh)}\n{escape(target.text.en)}",
            f"{target.value:g} ± {target.tolerance:g}",
            f"{each.before:.3f}",
            f"{each.reached:.3f}",
            "✓" if each.met else "[red]✗[/]",
            escape(f"{_CONFIDENCE[target.confidence].zh}：{target.source or '本平台 ours'}"),
        )
    console.print(table)
    for target in fit.without:
        console.print(
            f"[yellow]这个地区算不出：{target.text.zh}[/] This region has no such total: {target.text.en}"
        )
    moved = Table(title="假设 assumptions")
    for head in ("假设 assumption", "原来 before", "校准后 value", "95%", "由总量确定 pinned"):
        moved.add_column(head, overflow="fold")
    for one in fit.moved:
        moved.add_row(
            f"{escape(one.parameter.text.zh)} {one.parameter.name}",
            f"{one.before:.3f}",
            f"{one.value:.3f}",
            f"{one.low:.3f} – {one.high:.3f}",
            f"{one.pinned:.0%}",
        )
    console.print(moved)
    for text in fit.notices:
        console.print(f"[yellow]注意[/] {escape(text.zh)} {escape(text.en)}")
    for text in fit.loose:
        console.print(f"[yellow]分不清[/] {escape(text.zh)} {escape(text.en)}")
    if not fit.settled:
        console.print("[yellow]还没有收敛，再跑几轮可能更近。 Not settled: more rounds may come closer.[/]")


def told(staged: Staged, fit: Fit) -> dict[str, Any]:
    """A fit for programs."""
    return {
        "simulated": True,
        "scenario": scenario_told(staged),
        "totals": {
            each.target.name: {
                "wanted": each.target.value,
                "tolerance": each.target.tolerance,
                "confidence": each.target.confidence,
                "source": each.target.source,
                "before": _number(each.before),
                "reached": _number(each.reached),
                "met": each.met,
            }
            for each in fit.met
        },
        "without": [each.name for each in fit.without],
        "moved": {
            one.parameter.name: {
                "before": one.before,
                "value": one.value,
                "low": one.low,
                "high": one.high,
                "pinned": one.pinned,
            }
            for one in fit.moved
        },
        "assumptions": dict(fit.assumptions),
        "singular": list(fit.singular),
        "loose": [{"zh": each.zh, "en": each.en} for each in fit.loose],
        "notices": [{"zh": each.zh, "en": each.en} for each in fit.notices],
        "settled": fit.settled,
        "seeds": list(fit.seeds),
        "runs": fit.runs,
    }


def as_scenario(staged: Staged, fit: Fit) -> str:
    """The scenario with the assumptions that were found, as a file."""
    scenario = staged.scenario
    name = Text(f"{scenario.name.zh}（校准）", f"{scenario.name.en} (calibrated)")
    assumed = {**scenario.changed_assumptions, **fit.assumptions}
    return written(replace(scenario, name=name, changed_assumptions=assumed))


def show_swings(
    console: Console, found: Sensitivity, measures: Mapping[str, Measure], outcome: str | None
) -> None:
    """Which assumptions move an outcome most; of one outcome all that do."""
    many = len(found.seeds)
    table = Table(title=f"{MARK} · {many} 个种子 seeds · {len(found.looked_at)} 个假设 assumptions")
    for head in ("结果 outcome", "基准 base", "假设 assumption", "低 low", "高 high", "摆动 swing [95%]"):
        table.add_column(head, overflow="fold")
    for each in found.tornados:
        if outcome not in {None, each.outcome}:
            continue
        measure, signed = measures[each.outcome], found.against is not None
        for n, swing in enumerate(each.swings if outcome else each.swings[:_WIDEST]):
            unit = measure.unit
            table.add_row(
                "" if n else f"{escape(measure.name.zh)} {each.outcome}",
                "" if n else amount(each.base, unit, signed=signed),
                f"{escape(swing.assumption.text.zh)} {swing.assumption.name}",
                amount(swing.low, unit, signed=signed),
                amount(swing.high, unit, signed=signed),
                escape(
                    f"{amount(swing.size, unit, signed=True)}{'' if swing.certain else ' ?'} {interval(swing.least, swing.most, unit)}"
                ),
            )
    console.print(table)
    console.print(
        "每次只动一个假设；几个假设一起变动的影响见 compare。 One at a time; what they do together is in compare."
    )


def swings_told(staged: Staged, found: Sensitivity) -> dict[str, Any]:
    """Swings for programs."""
    return {
        "simulated": True,
        "scenario": scenario_told(staged),
        "difference": found.against is not None,
        "seeds": list(found.seeds),
        "assumptions": [each.name for each in found.looked_at],
        "outcomes": {
            each.outcome: {
                "base": _number(each.base),
                "swings": [
                    {
                        "assumption": swing.assumption.name,
                        "low": _number(swing.low),
                        "high": _number(swing.high),
                        "swing": _number(swing.size),
                        "interval": [_number(swing.least), _number(swing.most)],
                        "certain": swing.certain,
                    }
                    for swing in each.swings
                ],
            }
            for each in found.tornados
        },
    }


def _number(value: float) -> float | None:
    """JSON has no nan."""
    return value if isfinite(value) else None
