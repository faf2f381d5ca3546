"""How ``tiercare twin`` prints levers, scenarios and outcomes. Nothing simulated is shown without its mark."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, isfinite, isnan, log10
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tiercare.engines.twin.from_packs import Origin, Resolved
from tiercare.engines.twin.levers import LEVERS, Lever
from tiercare.engines.twin.readiness import Staged
from tiercare.engines.twin.values import plain
from tiercare.kernel.text import Text

if TYPE_CHECKING:  # it is compiled, and no other command should wait for that
    from tiercare.engines.twin.outcomes import Measure

MARK = "模拟结果，不是真实数据 simulated, not real"
_UNITS = {
    "share": Text("比例", "share"),
    "points": Text("百分点", "points"),
    "hours": Text("小时", "hours"),
    "weeks": Text("周", "weeks"),
    "doctors": Text("人", "doctors"),
    "flag": Text("是或否", "true or false"),
    "word": Text("选一", "one of"),
}
_NOTHING = 5e-7  # smaller than any figure of a year of a few million people
_DIRECTIONS = {"up": "↑ 高为好", "down": "↓ 低为好"}


def levers_table(resolved: Resolved | None) -> Table:
    """Every lever with its range; with a pack also its value and where that comes from."""
    title = "政策杠杆 levers" if resolved is None else f"政策杠杆 levers · {resolved.pack} · {resolved.on}"
    table = Table("杠杆 lever", "名称 name", "范围 range", title=title)
    if resolved is not None:
        table.add_column("取值 value")
        table.add_column("依据 by", overflow="fold")
    for name, lever in LEVERS.items():
        row = [name, f"{lever.name.zh}\n{lever.name.en}", _range(lever)]
        if resolved is not None:
            row += [str(plain(getattr(resolved.levers, name))), escape(said_by(resolved.origins[name]))]
        table.add_row(*row)
    return table


def said_by(origin: Origin) -> str:
    """Where a value comes from, in both languages; ours is always called so."""
    said = []
    if origin.clause is not None:
        said.append(f"{origin.clause.id} {origin.clause.force.label.zh} {origin.clause.gist.zh}")
    elif origin.source is not None:
        said.append(f"{origin.source.zh} {origin.source.en}")
    if origin.why is not None:
        said.append(f"平台缺省 ours：{origin.why.zh} {origin.why.en}")
    if origin.silent:
        said.append(f"未写数值或未到期 without a number, or not yet: {' '.join(origin.silent)}")
    return "\n".join(said)


def levers_told(resolved: Resolved | None) -> dict[str, Any]:
    """The levers for programs."""
    return {
        "pack": resolved.pack if resolved else None,
        "on": resolved.on.isoformat() if resolved else None,
        "levers": {
            name: {
                "name": {"zh": lever.name.zh, "en": lever.name.en},
                "unit": lever.unit,
                **({"words": list(lever.words)} if lever.words else {}),
                **({"low": lever.low, "high": lever.high} if lever.unit not in {"word", "flag"} else {}),
                **(_set(resolved, name) if resolved else {}),
            }
            for name, lever in LEVERS.items()
        },
    }


def scenario_told(staged: Staged) -> dict[str, Any]:
    """A scenario for programs."""
    scenario = staged.scenario
    return {
        "simulated": True,
        "name": {"zh": scenario.name.zh, "en": scenario.name.en},
        "pack": scenario.pack,
        "on": scenario.on.isoformat(),
        "year": scenario.year,
        "residents": scenario.residents,
        "region": "invented" if scenario.invented else scenario.pack,
        "changes": dict(scenario.changes),
        "assumptions": dict(scenario.changed_assumptions),
        "levers": {name: plain(getattr(scenario.levers, name)) for name in LEVERS},
        "notices": [{"zh": each.zh, "en": each.en} for each in staged.notices],
    }


def run_told(
    staged: Staged, seed: int, measures: Mapping[str, Measure], found: Mapping[str, float]
) -> dict[str, Any]:
    """A run for programs."""
    return {
        "scenario": scenario_told(staged),
        "simulated": True,
        "seed": seed,
        "outcomes": {
            key: {
                "name": {"zh": measures[key].name.zh, "en": measures[key].name.en},
                "definition": {"zh": measures[key].definition.zh, "en": measures[key].definition.en},
                "unit": measures[key].unit,
                "direction": measures[key].direction,
                "value": None if isnan(value) else value,
            }
            for key, value in found.items()
        },
    }


def print_scenario(console: Console, staged: Staged) -> None:
    """What is played: the region, and every lever that differs from its pack."""
    scenario = staged.scenario
    where = "虚拟地区 an invented region" if scenario.invented else scenario.pack
    console.print(
        f"[bold]{escape(scenario.name.zh)}[/] {escape(scenario.name.en)} [yellow]（模拟情景 simulated）[/]"
    )
    console.print(
        f"{where} · 政策 policy {scenario.pack} {scenario.on} · {scenario.year} 年 · {scenario.residents:,} 名模拟居民 residents"
    )
    base = scenario.resolved.levers
    for name in scenario.changes:
        console.print(
            f"  {LEVERS[name].name.zh} {name}: {plain(getattr(base, name))} → [bold]{plain(getattr(scenario.levers, name))}[/]"
        )
    for name, value in scenario.changed_assumptions.items():
        console.print(f"  假设 assumption {name}: {value:g}")
    for each in staged.notices:
        console.print(f"[yellow]注意[/] {escape(each.zh)} {escape(each.en)}")


def print_outcomes(
    console: Console, seed: int, measures: Mapping[str, Measure], found: Mapping[str, float]
) -> None:
    """What came of one run."""
    table = Table(title=f"{MARK} · seed {seed}")
    table.add_column("结果 outcome", overflow="fold")
    table.add_column("值 value", justify="right", no_wrap=True)
    table.add_column("怎么算 definition", overflow="fold")
    for key, measure in measures.items():
        said = _DIRECTIONS.get(measure.direction, "")
        table.add_row(
            f"{escape(measure.name.zh)} {key}\n{escape(measure.name.en)}",
            f"{amount(found[key], measure.unit)}\n{said}",
            f"{escape(measure.definition.zh)}\n{escape(measure.definition.en)}",
        )
    console.print(table)
    console.print(
        "一次模拟只是一种可能：比较两种政策请用 tiercare twin compare。 One run is one chance: compare many."
    )


def amount(value: float, unit: str, *, signed: bool = False) -> str:
    """A value in its unit; ``signed`` for differences, shares of which are points. Small ones keep two digits that say something."""
    if isnan(value):
        return "—"
    if unit == "share":
        return f"{_number(value * 100, signed=signed)} {'个百分点' if signed else '%'}"
    return _number(value, signed=signed) + {"days": " 天", "yuan": " 元"}.get(unit, "")


def interval(low: float, high: float, unit: str) -> str:
    """The two ends of an interval of differences, in the unit that stands beside it."""
    ends = (value * 100 if unit == "share" else value for value in (low, high))
    return f"[{', '.join(_number(value, signed=True) if isfinite(value) else '—' for value in ends)}]"


def _number(value: float, *, signed: bool) -> str:
    size = abs(value)
    digits = 2 if size >= 0.1 or size < _NOTHING else 1 - floor(log10(size))
    digits = 0 if size >= 100 and not signed else digits
    return f"{0.0 if size < _NOTHING else value:{'+' if signed else ''},.{digits}f}"


def _range(lever: Lever) -> str:
    unit = _UNITS[lever.unit]
    if lever.words:
        return "\n".join(lever.words)
    if lever.unit == "flag":
        return f"{unit.zh} {unit.en}"
    return f"{lever.low:g}–{lever.high:g} {unit.zh} {unit.en}"


def _set(resolved: Resolved, name: str) -> dict[str, Any]:
    origin = resolved.origins[name]
    return {
        "value": plain(getattr(resolved.levers, name)),
        "clause": origin.clause.id if origin.clause else None,
        "force": origin.clause.force.value if origin.clause else None,
        "source": {"zh": origin.source.zh, "en": origin.source.en} if origin.source else None,
        "ours": origin.ours,
        "why": {"zh": origin.why.zh, "en": origin.why.en} if origin.why else None,
        "silent": list(origin.silent),
    }
