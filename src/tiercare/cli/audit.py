"""``tiercare audit verify | export``: prove that nobody rewrote the trail, and hand it to whoever audits."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tiercare.apps.ledger import queries
from tiercare.apps.ledger.rules import concealed
from tiercare.cli import bootstrap
from tiercare.cli.bootstrap import Stop
from tiercare.engines.sheets import Table, write_csv
from tiercare.kernel.clock import ZONE

app = typer.Typer(no_args_is_help=True, help="留痕 verify, export: the audit trail.")

_SHOWN_AT_MOST = 20
_AT_A_TIME = 2000  # rows of an export held in memory
_COLUMNS = (
    *("sequence", "position", "at", "kind", "subject_type", "subject_id", "institution_id", "division_code"),
    *("actor_id", "actor_name", "actor_role", "channel", "request_id", "clauses", "payload", "id"),
)

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]


@app.command()
def verify(
    checkpoints: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="另一台机器上保存的检查点文件 a copy of checkpoints.jsonl kept on another machine",
        ),
    ] = None,
) -> None:
    """核对留痕是否被改动；有改动时指出第一处，退出码为 1。Find any edit, deletion, insertion, reordering or cut."""
    bootstrap.ready(asked=False)
    begun = time.monotonic()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("核对 verifying", total=None)
        try:
            report = queries.verify_chain(
                on_progress=lambda count: bar.update(task, description=f"核对 verifying {count:,}"),
                copy=checkpoints,
            )
        except OSError as error:
            raise Stop(
                f"检查点的签名无法核对：{error}\nThe signatures of the checkpoints cannot be checked."
            ) from error
    for line in _told(report, time.monotonic() - begun):
        typer.echo(line)
    if not report.intact:
        raise typer.Exit(1)


def _told(report: queries.ChainReport, seconds: float) -> Iterator[str]:
    """The outcome; where there is one, the first bad row first."""
    yield (
        f"已核对 {report.sealed} 条封存的事件，其中 {report.signed} 条有签名；{report.unsealed} 条尚未封存（{seconds:.1f} 秒）。\n"
        f"Read {report.sealed} sealed events, {report.signed} of them signed; {report.unsealed} wait to be sealed "
        f"({seconds:.1f} s)."
    )
    if report.first is None:
        yield "留痕完整，未发现改动。 The trail is intact."
        return
    yield "留痕被改动。第一处： The trail was tampered with. First bad row:"
    yield _line(report.first)
    others = [fault for fault in report.faults if fault is not report.first]
    if others:
        yield "还有 Also:"
    yield from map(_line, others[:_SHOWN_AT_MOST])
    if len(others) > _SHOWN_AT_MOST:
        yield f"  ……共 {len(report.faults)} 处 in all"


def _line(fault: queries.Fault) -> str:
    where = [
        f"封存序号 position {fault.position}" if fault.position is not None else "",
        f"事件 event {fault.event_id}" if fault.event_id is not None else "",
        fault.place,
    ]
    return f"  {' · '.join(filter(None, where))}\n    {fault.sentence.zh}\n    {fault.sentence.en}"


@app.command()
def export(
    out: Annotated[Path, typer.Option(help="CSV 文件，不得已存在 a CSV file that does not exist yet")],
    since: Day = None,
    until: Day = None,
) -> None:
    """导出留痕为 CSV（起止日都包含）。The trail as CSV, both days included; formulas and people's numbers disarmed."""
    if since and until and until < since:
        raise Stop("截止日早于起始日。\nThe last day is before the first.")
    bootstrap.ready(asked=False)
    found = queries.exported(since=_midnight(since), until=_midnight(until, timedelta(days=1)))
    try:
        handle = os.open(
            out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600
        )  # staff by name: for its owner only
    except OSError as error:
        raise Stop(
            f"无法新建 {out}：{error.strerror}。请换一个尚不存在的文件名。\n{out} cannot be made; name a file that does not exist."
        ) from error
    whole = False
    try:
        with os.fdopen(handle, "wb") as file:
            count = _write(file, (_row(event, position) for event, position in found))
        whole = True
    except OSError as error:
        raise Stop(f"写入 {out} 时中断：{error.strerror}。\nWriting {out} broke off.") from error
    finally:
        if not whole:
            out.unlink(missing_ok=True)  # half a trail must not pass for a whole one
    typer.echo(f"已导出 {count} 条到 {out}\nExported {count} events to {out}")


def _write(file: BinaryIO, rows: Iterator[tuple[str | int | None, ...]]) -> int:
    """The rows as one CSV, some at a time; answers how many."""
    head = _csv(())
    file.write(head)
    count = 0
    while some := list(islice(rows, _AT_A_TIME)):
        file.write(_csv(some)[len(head) :])
        count += len(some)
    return count


def _csv(rows: Iterable[tuple[str | int | None, ...]]) -> bytes:
    return write_csv(Table("events", _COLUMNS, rows), "utf-8-sig")


def _row(event: Any, position: int | None) -> tuple[str | int | None, ...]:
    """One event in the order of ``_COLUMNS``; moments as in China, ids as text."""
    values = {column: getattr(event, column) for column in _COLUMNS if column != "position"} | {
        "position": position,
        "at": event.at.astimezone(ZONE).isoformat(),
        "actor_name": concealed(event.actor_name),
        "clauses": " ".join(event.clauses),
        "payload": concealed(json.dumps(event.payload, ensure_ascii=False)),
    }
    cells = (values[column] for column in _COLUMNS)
    return tuple(cell if cell is None or isinstance(cell, int) else str(cell) for cell in cells)


def _midnight(day: datetime | None, later: timedelta = timedelta()) -> datetime | None:
    """The beginning of that day in China, or of a later one.

    Raises:
        Stop: if there is no such day.
    """
    if day is None:
        return None
    try:
        on: date = day.date() + later
    except OverflowError as error:
        raise Stop("没有这一天。\nThere is no such day.") from error
    return datetime.combine(on, datetime.min.time(), tzinfo=ZONE)
