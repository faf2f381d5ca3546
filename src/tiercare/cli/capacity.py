"""``tiercare capacity proof | reconcile``: that reserves are kept, that counters are right."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from tiercare.apps.capacity import queries
from tiercare.apps.capacity.rules.proof import Line, resource_name, total
from tiercare.apps.network import queries as network
from tiercare.cli import bootstrap, capacity_files
from tiercare.cli.bootstrap import Stop
from tiercare.cli.policy import AsJson, Packs, load
from tiercare.engines.policy import State
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE

app = typer.Typer(no_args_is_help=True, help="号源、床位与检查 Places: the proof that reserves are kept.")
capacity_files.register(app)

RegionName = Annotated[str, typer.Option("--region", help="政策包 id，如 taiyuan")]
First = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="起始日")]
Last = Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="截止日，包含在内")]
_SHOWN_AT_MOST = 20
_WIDE = 120  # columns that the table needs, also where there is no terminal


@app.command()
def proof(
    first: First,
    last: Last,
    region: RegionName = bootstrap.DEFAULT_REGION,
    institution: Annotated[str, typer.Option("--institution", help="机构编码，默认全地区")] = "",
    packs: Packs = None,
    as_json: AsJson = False,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="写成 Excel 文件")] = None,
) -> None:
    """预留兑现证明：承诺、开放、使用、释放；有未兑现时退出码为 1。The proof that reserves were kept."""
    known = load(packs) if packs else None
    bootstrap.ready(region)
    where = _institution(institution, last.date()) if institution else None
    found = queries.proof(
        Actor.system("cli"),
        first=first.date(),
        last=last.date(),
        institution_id=where,
        area="" if where else network.region_of(region),
        packs=known,
    )
    if xlsx is not None:
        _write(xlsx, queries.as_workbook(found))
    if as_json:
        typer.echo(json.dumps(queries.as_json(found), ensure_ascii=False, indent=2))
    else:
        _print(found)
    if not found.kept:
        raise typer.Exit(1)


@app.command()
def reconcile(as_json: AsJson = False) -> None:
    """核对每个计数与它所数的预约；有出入时退出码为 1。Recompute every counter; any drift is shown."""
    bootstrap.ready(asked=False)
    found = queries.drift()
    if as_json:
        rows = [{"counter": d.counter, "place": d.place, "told": d.told, "counted": d.counted} for d in found]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    elif not found:
        typer.echo("计数与预约一致。 Every counter is right.")
    else:
        table = Table("计数", "位置", "记为", "实为", title="计数有出入 drift")
        for each in found:
            table.add_row(each.counter, each.place, str(each.told), str(each.counted))
        Console().print(table)
    if found:
        raise typer.Exit(1)


def _institution(slug: str, on: date) -> UUID:
    found = network.institution_by_slug(slug, on=on)
    if found is None:
        raise Stop(f"没有编码为“{slug}”的机构。\nThere is no institution {slug!r}.")
    return found


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Stop(f"写不了 {file}：{error.strerror}。\nCannot write {file}.") from error
    typer.echo(f"已写出 wrote {file}", err=True)


def _print(found: queries.Proof) -> None:
    """What a reader needs first: the sum by institution and resource, then every breach."""
    console = Console(width=max(Console().width, _WIDE))
    console.print(
        f"\n[bold]预留兑现 reserves[/] {found.first} — {found.last} · {found.asked_at.astimezone(ZONE):%Y-%m-%d %H:%M}"
    )
    table = Table(
        "机构",
        "资源",
        "天数",
        "开放",
        "应留/实留",
        "应得者用",
        "释放",
        "释放后用",
        "他人先用",
        "未约到",
        "结论",
    )
    for (name, resource), lines in sorted(_grouped(found.lines).items()):
        use = total(line.use for line in lines)
        owed = [each for line in lines for each in line.owed]
        kept = f"{sum(each.units or 0 for each in owed)}/{sum(line.reserved for line in lines)}"
        table.add_row(
            name,
            resource_name(resource).zh,
            str(len(lines)),
            str(sum(line.offered for line in lines)),
            kept if owed else "—",
            *(str(count) for count in (use.entitled, use.released, use.late, use.early, use.refused)),
            _judged(lines),
        )
    console.print(table)
    _print_breaches(console, found)
    for fallen in found.falling:
        for finding in fallen.findings:
            console.print(f"[yellow]{fallen.state.label.zh}[/] {fallen.sentence(finding)}")


def print_sum(found: queries.Proof) -> None:
    """The proof in a few lines, one for each resource, then every breach: what ``make run`` shows."""
    console = Console(width=max(Console().width, _WIDE))
    console.print(f"\n[bold]预留兑现 reserves[/] {found.first} — {found.last}")
    table = Table(
        "资源", "医院", "医院·日", "开放", "应留/实留", "应得者用", "释放", "释放后用", "未约到", "结论"
    )
    for resource in sorted({line.resource for line in found.lines}):
        lines = [line for line in found.lines if line.resource == resource]
        use = total(line.use for line in lines)
        owed = [each.units or 0 for line in lines for each in line.owed]
        table.add_row(
            resource_name(resource).zh,
            str(len({line.institution_id for line in lines})),
            str(len(lines)),
            str(sum(line.offered for line in lines)),
            f"{sum(owed) if owed else '—'}/{sum(line.reserved for line in lines)}",
            *(str(count) for count in (use.entitled, use.released, use.late, use.refused)),
            _judged(lines),
        )
    console.print(table)
    _print_breaches(console, found)


def _judged(lines: Sequence[Line]) -> str:
    """Whether every day kept what was owed; of some resources no text of the region promises a share."""
    broken = sum(any(each.state is State.VIOLATED for each in line.owed) for line in lines)
    if broken:
        return f"[bold red]{broken} 天未兑现[/]"
    return "[green]每日兑现[/]" if any(line.owed for line in lines) else "政策未定比例"


def _print_breaches(console: Console, found: queries.Proof) -> None:
    for each in found.breaches[:_SHOWN_AT_MOST]:
        pools = "、".join(each.pools)
        console.print(
            f"[bold red]{each.day} {each.institution}[/] {pools}：{each.said.zh}（{' '.join(each.clauses)}）"
        )
    if len(found.breaches) > _SHOWN_AT_MOST:
        console.print(f"……共 {len(found.breaches)} 处 in all")


def _grouped(lines: tuple[Line, ...]) -> dict[tuple[str, str], list[Line]]:
    grouped: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        grouped.setdefault((line.institution, line.resource), []).append(line)
    return grouped
