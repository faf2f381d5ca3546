"""``tiercare facts refresh``: the fact tables written from what the platform knows, now instead of within ten minutes."""

from __future__ import annotations

from typing import Annotated

import typer
from django.db import transaction
from rich.console import Console
from rich.table import Table

from tiercare.apps.evaluation.commands import facts, marking
from tiercare.apps.evaluation.queries import facts_due
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.cli import bootstrap
from tiercare.cli.bootstrap import Stop
from tiercare.engines.measures.periods import NoPeriod, span
from tiercare.engines.measures.schema import facts as tables

app = typer.Typer()
_OUTCOMES = {
    facts.Outcome.WRITTEN: "[green]已更新 written[/]",
    facts.Outcome.SAME: "没有变化 unchanged",
    facts.Outcome.HELD: "[yellow]未动 not touched[/]",
}


@app.command("refresh")
def refresh(
    region: Annotated[str, typer.Option("--region", help="政策包或区划代码，如 wuhu、3402；默认全部")] = "",
    since: Annotated[
        str, typer.Option("--since", help="从哪个月起全部重写，如 2026-01；不给则只写有变化的")
    ] = "",
    over: Annotated[
        bool, typer.Option("--over", help="导入的数据也用平台自己的取代 in place of imported ones too")
    ] = False,
) -> None:
    """把平台业务数据写成事实表，没有变化的月份不动。Write the fact tables from the platform's own events."""
    bootstrap.ready()
    today = ledger.today()
    code = _code(region)
    if since:
        try:
            first = span(since).first
        except NoPeriod as error:
            raise Stop(f"“{error}”不是月份，请写成 2026-01。No month: write 2026-01.") from error
        with transaction.atomic():
            for each in [code] if code else facts_due.regions(on=today):
                marking.mark_all(each, since=first, on=today)
    console = Console()
    with console.status("写事实表 writing …"):
        found = facts.refresh(region=code or None, over=over)
    mark = "演示数据（合成） demonstration, nobody is real" if ledger.installation().synthetic else None
    table = Table("表 table", "区划 region", "月份 month", "行 rows", "结果 outcome", title=mark)
    for done in found:
        why = f"：{done.why.sentence()}{done.why.way_on()}" if done.why else ""
        title = tables()[done.fact].title.zh
        table.add_row(
            f"{title} {done.fact}",
            done.region,
            str(done.month),
            f"{done.rows:,}",
            _OUTCOMES[done.outcome] + why,
        )
    console.print(table if found else "没有要更新的 nothing is due")


def _code(region: str) -> str:
    if not region or region.isdigit():
        return region
    pack = mandates.packs().packs.get(region)
    if pack is None:
        raise Stop(f"没有政策包“{region}”。There is no pack “{region}”.")
    return pack.region
