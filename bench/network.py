"""The network of a synthetic country: the whole verdict, one change, files of rows, and the pages, as it grows.

In a database of its own (var/bench), emptied before. 1× is 12,500 institutions, 2,000 consortia and 50,000
memberships; 4× is the size asked for (50,000, 8,000, 200,000). Seconds are wall time; ``cpu`` is this process
without the database; what can be compared between machines are the ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("TIERCARE_HOME", str(Path(__file__).resolve().parents[1] / "var" / "bench"))

from tiercare.cli import bootstrap  # importing it sets Django up

# isort: split
import synthetic
from django.core.management import call_command
from django.db import connection
from django.test import Client

from tiercare.apps.access.commands import Place, lay_down_demo_accounts
from tiercare.apps.ledger.commands import mark_synthetic
from tiercare.apps.mandates import commands as mandating
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import commands, models, queries
from tiercare.apps.network.commands.registers import check_entries
from tiercare.apps.network.commands.trying import consider
from tiercare.apps.network.queries.registers import register_rows, register_table
from tiercare.apps.network.rules.entries import Entry, match_headers, read_row
from tiercare.apps.network.rules.registers import REGISTERS
from tiercare.apps.terms import queries as terms
from tiercare.apps.terms.commands import lay_down_divisions
from tiercare.engines.sheets import Table, read, write_csv
from tiercare.kernel.actor import Actor

SYSTEM = Actor.system("bench")
WHOLE = synthetic.Scale(50_000, 8_000, 200_000)
BUSY = "bench"


def scaled(factor: float) -> synthetic.Scale:
    """A part of the whole country."""
    return synthetic.Scale(
        *(round(n * factor) for n in (WHOLE.institutions, WHOLE.consortia, WHOLE.memberships))
    )


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of wall time, and of this process's CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def median_ms(runs: int, work: Callable[[], object]) -> float:
    """The median of several runs in milliseconds."""
    return statistics.median(timed(work)[0] for _ in range(runs)) * 1000


def peak_mb() -> int:
    """The most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def verdicts() -> list[dict[str, float]]:
    """The whole verdict at three sizes."""
    rows = []
    print(f"{'size':>5}{'institutions':>14}{'check s':>9}{'cpu s':>8}{'per 1×':>8}{'peak MB':>9}")
    for factor in (0.25, 0.5, 1.0):
        sizes = synthetic.lay_down(scaled(factor))
        wall, cpu = timed(lambda: queries.check("cn", on=synthetic.on()))
        first = rows[0]["check_s"] if rows else wall
        row = {
            "size": factor * 4,
            "institutions": sizes["institution"],
            "memberships": sizes["membership"],
            "check_s": round(wall, 2),
            "cpu_s": round(cpu, 2),
            "to_first": round(wall / first, 2),
            "peak_mb": peak_mb(),
        }
        rows.append(row)
        print(
            f"{row['size']:>4g}×{row['institutions']:>14}{wall:>9.2f}{cpu:>8.2f}{wall / first:>8.2f}{peak_mb():>9}"
        )
    return rows


def one_change(runs: int) -> dict[str, float]:
    """One institution gets other beds: what it would do to the cards of its prefecture."""
    row = models.InstitutionVersion.objects.filter(level=2).select_related("institution").order_by("id")[100]
    (entry,) = register_rows(
        "institutions", row.division_code, on=synthetic.on(), institution_id=row.institution_id
    )
    changed = Entry("institutions", {**entry.values, "beds": 7, "from": synthetic.on()})
    taken = median_ms(runs, lambda: consider(SYSTEM, [changed], pack_id="cn", on=synthetic.on()))
    print(f"one change tried in a country of this size: {taken:.0f} ms")
    return {"one_change_ms": round(taken, 1)}


def files() -> dict[str, float]:
    """Files of twenty thousand institutions: of new ones, and of those that are on record already."""
    header, rows = register_table("institutions", "", on=synthetic.on())
    known = [list(row) for row in rows[:20_000]]
    place = header.index("机构编码")
    fresh = [
        [f"fresh-{n}" if at == place else cell for at, cell in enumerate(r)] for n, r in enumerate(known)
    ]
    return _file("fresh", header, fresh) | _file("known", header, known)


def _file(what: str, header: Sequence[str], lines: list[list[object]]) -> dict[str, float]:
    """Read, checked row by row, held against the register."""
    content = write_csv(Table("机构", header, lines), "utf-8-sig")
    register = REGISTERS["institutions"]

    def work() -> None:
        book = read(content, "机构.csv", is_header=lambda names: not match_headers(register, names).missing)
        sheet = book.sheets[0]
        positions = match_headers(register, sheet.header).positions
        entries = []
        for line in sheet.lines:
            entry, _ = read_row(
                register, {key: line.cells[at] for key, at in positions.items()}, f"{line.number}"
            )
            if entry:
                entries.append(entry)
        checked = check_entries(SYSTEM, entries, region="")
        assert len(checked.ready) == len(lines), checked.problems[:3]

    wall, cpu = timed(work)
    speed = len(lines) / wall
    print(f"{len(lines):,} {what} rows checked: {wall:.1f} s, {speed:,.0f} rows/s ({cpu:.1f} s CPU)")
    return {f"{what}_rows_per_s": round(speed), f"{what}_rows_cpu_s": round(cpu, 2)}


def pages(runs: int) -> list[dict[str, object]]:
    """Server time and queries of the pages, signed in as the commission of the nation."""
    for pack in ("cn",):
        if not mandates.mandate_exists(pack):
            mandating.put_in_force(actor=SYSTEM, pack_id=pack, start=synthetic.START - timedelta(days=300))
    judged, _ = timed(lambda: commands.judge_stale("cn", on=synthetic.on()))
    print(f"every prefecture judged and kept: {judged:.1f} s")
    home = Path(os.environ["TIERCARE_HOME"])
    given = lay_down_demo_accounts(
        SYSTEM, region=BUSY, area=Place("示例国家", "00"), places={}, since=synthetic.START, folder=home
    )
    name = f"{BUSY}.commission"
    client = Client(HTTP_HOST="localhost")
    client.post("/sign-in", {"username": name, "password": given[name]})
    frame = {"region": "cn", "on": synthetic.on().isoformat()}
    institution = models.InstitutionVersion.objects.order_by("id")[500].institution_id
    consortium = models.ConsortiumVersion.objects.order_by("id")[500].consortium_id
    rows = []
    print(f"{'page':>44}{'status':>7}{'ms':>8}{'cpu ms':>8}{'db ms':>8}{'queries':>9}{'kB':>7}")
    for path, asked in (
        ("/", {}),
        ("/compliance", {}),
        ("/compliance", {"area": "44"}),
        ("/compliance", {"area": "4401"}),
        ("/explorer", {}),
        ("/explorer", {"area": "44"}),
        ("/explorer", {"area": "440101"}),
        ("/institutions", {}),
        ("/institutions", {"q": "示例4401"}),
        (f"/institutions/{institution}", {}),
        ("/consortia", {}),
        (f"/consortia/{consortium}", {}),
        ("/agreements", {}),
        ("/calendar", {}),
        ("/imports", {}),
        ("/applications", {}),
    ):
        rows.append(_page(client, path, {**frame, **asked}, runs))
    return rows


def _page(client: Client, path: str, asked: dict[str, str], runs: int) -> dict[str, object]:
    """``cpu ms`` is the server's, ``db ms`` the CPU of the database's process behind it."""
    told = Told()
    with connection.execute_wrapper(told):
        answer = client.get(path, asked)
        queries = told.queries
        before = told.cpu_ms()
        times = [timed(lambda: client.get(path, asked)) for _ in range(runs)]
        spent = (told.cpu_ms() - before) / runs
    shown = path if len(path) < 30 else path[:14] + "…"
    row: dict[str, object] = {
        "page": " ".join([shown, *(f"{k}={v}" for k, v in asked.items() if k not in {"region", "on"})]),
        "status": answer.status_code,
        "ms": round(statistics.median(wall for wall, _ in times) * 1000, 1),
        "cpu_ms": round(statistics.median(cpu for _, cpu in times) * 1000, 1),
        "db_ms": round(spent, 1),
        "queries": queries,
        "kb": round(len(answer.content) / 1024),
    }
    widths = (44, 7, 8, 8, 8, 9, 7)
    print("".join(f"{value!s:>{width}}" for value, width in zip(row.values(), widths, strict=True)))
    return row


class Told:
    """Counts statements, and knows which database processes answered them."""

    def __init__(self) -> None:
        self.queries = 0
        self._servers: set[int] = set()

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """Around every statement."""
        self.queries += 1
        answer = execute(sql, params, many, context)
        self._servers.add(context["connection"].connection.info.backend_pid)
        return answer

    def cpu_ms(self) -> float:
        """CPU time of those processes so far (nanoseconds, as Linux counts them)."""
        spent = [int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in self._servers]
        return sum(spent) / 1e6


def main() -> None:
    """Lay the country down three times, measure, print tables and a line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--pages-only", action="store_true", help="on the country of the last run")
    asked = parser.parse_args()
    bootstrap.attach()
    bootstrap.migrate()
    mark_synthetic()
    if not terms.specialty_names(on=synthetic.on()):
        lay_down_divisions(SYSTEM)  # for its specialties; the divisions are the synthetic country's own
    call_command("collectstatic", interactive=False, verbosity=0)
    result: dict[str, object] = {}
    if not asked.pages_only:
        result["verdicts"] = verdicts()
    result |= one_change(asked.runs) | files()
    result["pages"] = pages(asked.runs)
    bootstrap.release()
    result["load"] = [round(each, 1) for each in os.getloadavg()]
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main())
