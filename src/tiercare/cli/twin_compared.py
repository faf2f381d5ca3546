"""How ``tiercare twin compare`` prints a comparison. Every figure is simulated, and said to be."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tiercare.cli.twin_shown import MARK, amount, interval, print_scenario, scenario_told
from tiercare.engines.twin.levers import LEVERS
from tiercare.engines.twin.readiness import Staged
from tiercare.engines.twin.scenarios import differences
from tiercare.kernel.text import Text

if TYPE_CHECKING:  # compiled: only who compares waits for it
    from tiercare.engines.twin.comparing import Comparison, Difference, Lean, Loser
    from tiercare.engines.twin.paired import Band

VERDICTS = {
    "better": Text("更好", "better"),
    "worse": Text("更差", "worse"),
    "more": Text("更多", "more"),
    "less": Text("更少", "less"),
    "same": Text("没有差别", "the same"),
    "unclear": Text("看不出差别", "no difference to be seen"),
    "none": Text("没有可比的值", "nothing to compare"),
}
_COLOURS = {"better": "green", "worse": "red", "more": "cyan", "less": "cyan"}
_WORKLOAD = Text("工作量", "workload")
_LOSERS_SHOWN = 15
_HOW_TO_READ = Text(
    "方括号：平均差别的 95% 区间；≈ 只是平均如此，换一组假设可能反号。",
    "Brackets: the 95 % interval of the average; ≈ on average only, other assumptions may turn it.",
)
_TOGETHER = Text(
    "{many} 项一起判断（Holm）：说有差别的全部属实的把握不低于 95%；* 只是单看像有差别。",
    "{many} outcomes judged together (Holm): with 95 % all that are called different are; * seems so only by itself.",
)


def show(console: Console, found: Comparison, a: Staged, b: Staged) -> None:
    """What differs, how sure that is, what it leans on, and who loses."""
    print_scenario(console, a)
    print_scenario(console, b)
    for name, (one, other) in differences(a.scenario, b.scenario).items():
        console.print(f"  {LEVERS[name].name.zh} {name}: {one} → [bold]{other}[/]")
    drawn = "假设随种子抽取 assumptions drawn" if found.question.uncertain else "假设不变 assumptions fixed"
    seeds = f"{len(found.seeds)} 对模拟 pairs of years · {drawn}"
    table = Table(title=f"{MARK} · {seeds}")
    for head in ("结果 outcome", "基准 a", "试 b", "平均差别 difference", "结论 verdict", "最靠 leans on"):
        table.add_column(head, overflow="fold")
    for each in found.differences:
        table.add_row(*_row(each))
    console.print(table)
    console.print(f"{_HOW_TO_READ.zh} {_HOW_TO_READ.en}")
    console.print(f"{_TOGETHER.zh} {_TOGETHER.en}".format(many=found.compared))
    if found.stopped:
        console.print("[yellow]提前停止，种子少于所要的。 Stopped before all seeds were played.[/]")
    print_losers(console, found)


def print_losers(console: Console, found: Comparison) -> None:
    """Who surely pays or waits more, the hardest hit first; how many more may only have had bad luck."""
    sure = [each for each in found.losers if each.sure]
    if not sure:
        console.print("没有哪一组人可以确定吃亏。 Nobody surely loses.")
    else:
        console.print(_losing(found, sure[:_LOSERS_SHOWN]))
    more, by_luck = len(sure) - _LOSERS_SHOWN, len(found.losers) - len(sure)
    if more > 0:
        console.print(f"另有 {more} 组，见 --json。 {more} more groups: --json.")
    if by_luck:
        console.print(
            f"还有 {by_luck} 组可能只是碰巧，见 --json。 {by_luck} more, perhaps by chance: --json."
        )


def _losing(found: Comparison, losers: Sequence[Loser]) -> Table:
    table = Table(title=f"谁吃亏 who loses · {MARK}")
    for head in ("谁 who", "什么 what", "从 from", "到 to", "多少次 how often"):
        table.add_column(head, overflow="fold")
    for each in losers:
        table.add_row(
            f"{escape(each.group.zh)}\n{escape(each.group.en)}",
            _what(found, each.outcome).zh,
            amount(each.before, _unit(found, each.outcome)),
            amount(each.after, _unit(found, each.outcome)),
            f"{each.times}/{len(found.seeds)}",
        )
    return table


def told(found: Comparison, a: Staged, b: Staged) -> dict[str, Any]:
    """A comparison for programs; shares are 0–1, money is yuan."""
    return {
        "simulated": True,
        "a": scenario_told(a),
        "b": scenario_told(b),
        "differs": {key: list(pair) for key, pair in differences(a.scenario, b.scenario).items()},
        "seeds": list(found.seeds),
        "stopped": found.stopped,
        "assumptions_drawn": found.question.uncertain,
        "compared": found.compared,
        "outcomes": {each.outcome: _told(each) for each in found.differences},
        "losers": [_loser(each) for each in found.losers],
    }


def _row(each: Difference) -> tuple[str, ...]:
    unit = each.measure.unit
    colour = _COLOURS.get(each.verdict)
    doubt = " ≈" if each.certain and not each.robust else " *" if each.alone else ""
    said = f"{VERDICTS[each.verdict].zh}{doubt}"
    return (
        f"{escape(each.measure.name.zh)} {each.outcome}\n{escape(each.measure.name.en)}",
        amount(each.a.mean, unit),
        amount(each.b.mean, unit),
        f"{amount(each.mean, unit, signed=True)}\n{escape(interval(each.low, each.high, unit))}",
        f"[{colour}]{said}[/]" if colour else said,
        "\n".join(_lean(one) for one in each.leans_on[:1]),
    )


def _lean(each: Lean) -> str:
    return f"{escape(each.assumption.text.zh)} ({each.correlation:+.2f}{'' if each.sure else ' ?'})"


def _what(found: Comparison, outcome: str) -> Text:
    return next((each.measure.name for each in found.differences if each.outcome == outcome), _WORKLOAD)


def _unit(found: Comparison, outcome: str) -> str:
    return next((each.measure.unit for each in found.differences if each.outcome == outcome), "count")


def _told(each: Difference) -> dict[str, Any]:
    return {
        "name": {"zh": each.measure.name.zh, "en": each.measure.name.en},
        "unit": each.measure.unit,
        "direction": each.measure.direction,
        "a": _band(each.a),
        "b": _band(each.b),
        "difference": _number(each.mean),
        "interval": [_number(each.low), _number(each.high)],
        "band": _band(each.band),
        "seeds": each.seeds,
        "p": each.p,
        "p_among_all": each.among,
        "certain": each.certain,
        "robust": each.robust,
        "verdict": each.verdict,
        "by_chance": each.by_chance,
        "leans_on": [
            {
                "assumption": one.assumption.name,
                "name": {"zh": one.assumption.text.zh, "en": one.assumption.text.en},
                "correlation": one.correlation,
                "sure": one.sure,
            }
            for one in each.leans_on
        ],
    }


def _loser(each: Loser) -> dict[str, Any]:
    return {
        "group": {"zh": each.group.zh, "en": each.group.en},
        "outcome": each.outcome,
        "before": _number(each.before),
        "after": _number(each.after),
        "times": each.times,
        "sure": each.sure,
    }


def _band(band: Band) -> dict[str, float | None]:
    return {"mean": _number(band.mean), "low": _number(band.low), "high": _number(band.high)}


def _number(value: float) -> float | None:
    """JSON has no nan."""
    return value if isfinite(value) else None
