"""``tiercare network``: the verdict on a region's network, and the network as it was on a day."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tiercare.apps.ledger import queries as clock
from tiercare.apps.network import queries, rules
from tiercare.cli import bootstrap, divisions, network_files
from tiercare.cli.policy import AsJson, Day, Packs, load
from tiercare.engines.policy import State, Verdict

app = typer.Typer(no_args_is_help=True, help="机构、医联体与合规结论 The network and its verdict.")
divisions.register(app)
network_files.register(app)

RegionName = Annotated[str, typer.Option("--region", help="政策包 id，如 wuhu")]
STYLES = {
    State.MET: "green",
    State.VIOLATED: "bold red",
    State.MISSED: "red",
    State.AT_RISK: "yellow",
    State.WAIVED: "cyan",
    State.ADVICE: "blue",
}
_TOLD = (State.VIOLATED, State.MISSED, State.AT_RISK, State.ADVICE, State.WAIVED)
_COUNTED = (State.MET, State.VIOLATED, State.AT_RISK, State.MISSED)
_NAMES_AT_MOST = 3


@app.command()
def check(
    region: RegionName = bootstrap.DEFAULT_REGION,
    on: Day = None,
    packs: Packs = None,
    as_json: AsJson = False,
) -> None:
    """按当地政策包检查医联体网络；有违反时退出码为 1。Hold a region's network against its pack."""
    known = load(packs) if packs else None
    bootstrap.ready(region)
    checked = queries.check(region, on=_day(region, on), packs=known)
    if as_json:
        answer = queries.as_json(checked, known)
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        _print(checked)
    if checked.compliance.violations:
        raise typer.Exit(1)


@app.command("as-of")
def as_of(region: RegionName = bootstrap.DEFAULT_REGION, on: Day = None, as_json: AsJson = False) -> None:
    """某日的医联体：牵头、成员与整体加入的医共体。The consortia as they were on a day."""
    bootstrap.ready(region)
    day = _day(region, on)
    asked = queries.region_of(region)
    facts = queries.network_facts("" if asked == "00" else asked, on=day)
    if as_json:
        rows = [_consortium(facts, c) for c in facts.of_kind(*rules.Kind)]
        typer.echo(json.dumps({"on": day.isoformat(), "consortia": rows}, ensure_ascii=False, indent=2))
        return
    table = Table("医联体", "类型", "牵头", "成员", "整体加入", title=f"{region} {day}")
    for c in facts.of_kind(*rules.Kind):
        table.add_row(
            c.name,
            rules.KIND_NAMES[c.kind].zh,
            "、".join(i.name for i in facts.leads(c.id)) or "—",
            str(len(facts.members(c.id))),
            "、".join(child.name for child in facts.children(c.id)) or "—",
        )
    Console().print(table)


def _consortium(facts: rules.Network, c: rules.Consortium) -> dict[str, object]:
    return {
        "id": c.id,
        "name": c.name,
        "kind": c.kind.value,
        "division": c.division,
        "tight": c.tight,
        "members": [
            {"institution": facts.institutions[m.institution].name, "role": m.role.value}
            for m in facts.by_consortium.get(c.id, ())
        ],
        "communities": [child.name for child in facts.children(c.id)],
    }


def print_verdict(region: str, on: date) -> None:
    """The main job's result: the region's verdict, in a few lines."""
    _print(queries.check(region, on=on))


def _day(region: str, on: datetime | None) -> date:
    """The asked day; a demonstration region has one of its own."""
    return on.date() if on else queries.demonstration_day(region) or clock.today()


def _print(checked: queries.Checked) -> None:
    console, compliance = Console(), checked.compliance
    console.print(
        f"\n[bold]{checked.pack}[/] {checked.region} · 截至 as of {checked.on} · {compliance.digest}"
    )
    size = checked.size
    console.print(
        f"医联体 consortia {size.consortia} · 机构 institutions {size.institutions} · "
        f"网格 grids {size.grids} · 规则卡 cards {len(compliance.verdicts)}"
    )
    clauses = compliance.clause_states()
    parts = [
        f"[{STYLES.get(s, 'dim')}]{s.label.zh} {s.label.en} {clauses[s]}[/]"
        for s in State
        if clauses[s] or s in _COUNTED
    ]
    console.print("条款 clauses: " + " · ".join(parts))
    console.print(
        f"[{'bold red' if compliance.violations else 'green'}]违反 violations: {compliance.violations}[/]"
    )
    _print_findings(console, compliance.verdicts)


def _print_findings(console: Console, verdicts: Iterable[Verdict]) -> None:
    told = sorted((v for v in verdicts if v.state in _TOLD), key=lambda v: _TOLD.index(v.state))
    if not told:
        return
    table = Table("结论", "规则卡", "条款", "事实与办法", show_lines=False)
    for v in told:
        lines = [v.sentence(f) for f in v.findings[:_NAMES_AT_MOST]]
        if v.found > _NAMES_AT_MOST:
            lines.append(f"……等 {v.found} 处")
        lines += [
            f"{f.fields.get('consortium', f.subject)}：{w.reason}（至 {w.period.end}）" for f, w in v.waived
        ]
        share = f" {v.measure.numerator}/{v.measure.denominator}" if v.measure else ""
        label = f"[{STYLES[v.state]}]{v.state.label.zh}[/]{share}"
        table.add_row(label, v.card.key, " ".join(v.card.clauses), "\n".join(lines))
    console.print(table)
