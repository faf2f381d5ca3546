"""``tiercare evaluation bulletin``: the indicators of a period as a paper in a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from tiercare.apps.evaluation.queries import bulletins as queries
from tiercare.apps.evaluation.queries.composing import compose, digest
from tiercare.apps.evaluation.rules import bulletins as rules
from tiercare.cli import bootstrap
from tiercare.cli.bootstrap import Stop
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused
from tiercare.web.bulletins import alone, docx, workbook
from tiercare.web.bulletins.paper import Paper, paper_of


def bulletin(
    pack: Annotated[str, typer.Option("--pack", help="政策包 pack, such as wuhu")],
    out: Annotated[Path, typer.Option("--out", "-o", help="写到 .docx、.xlsx 或 .html the file to write")],
    period: Annotated[
        str, typer.Option("--period", help="时期，如 2025、2025Q3、2025-07，默认按政策包 the period")
    ] = "",
    indicator: Annotated[
        list[str] | None, typer.Option("--indicator", help="哪些指标，默认按政策包 which indicators")
    ] = None,
) -> None:
    """把一个时期的指标写成通报文件，不发送。Write a period's indicators as a bulletin; nothing is sent."""
    form = out.suffix.lower().removeprefix(".")
    if form not in {"docx", "xlsx", "html"}:
        raise Stop("请把文件写成 .docx、.xlsx 或 .html。\nName a file that ends in .docx, .xlsx or .html.")
    bootstrap.ready(pack)
    host = Actor.system("cli")
    try:
        run = queries.newest_run(host, pack)
        choice = queries.first_choice(run, period=period, indicators=indicator or ())
        content = compose(host, choice)
    except Refused as refused:
        first = refused.refusals[0]
        raise Stop(
            f"{first.sentence()}{first.way_on()}\n{first.sentence('en')} {first.way_on('en')}"
        ) from refused
    paper = paper_of(content, sha256=digest(content))
    writers: dict[str, Callable[[Paper], bytes]] = {
        "docx": docx.written,
        "xlsx": lambda made: workbook.written(content, made),
        "html": alone.written,
    }
    out.write_bytes(writers[form](paper))
    said = rules.period_text(choice.period)
    mark = "（模拟数据 made up）" if paper.synthetic else ""
    typer.echo(
        f"已写好 written: {out}  {said.zh} {said.en}，指标 indicators {len(choice.indicators)}{mark}\n"
        f"内容校验 SHA-256 {digest(content)}"
    )
