"""Measures: the whole book over synthetic visits, three indicators against others, and a month that changed.

``book``: every indicator of a pack over a region-year, seconds and peak of memory of a process of its own.
``three``: primary share, readmission and down/up by our definitions, by hand in SQL, and by pandas, polars and PostgreSQL where they
are (``--against``; nothing is installed for it). ``increment``: December comes anew for every fact, and the book is evaluated again.
``--visits 100000000`` is the size that is asked for; ``--soak`` measures that and a tenth of it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from measures_three import NAMES, Postgres, by_pandas, by_polars, by_sql, compared, ours, there_is
from pyarrow import parquet

from tiercare.engines.measures.evaluate import Value, evaluate
from tiercare.engines.measures.kept import FOLDER as KEPT
from tiercare.engines.measures.kept import KeptSums
from tiercare.engines.measures.load import load_book
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.store import Arrived, Mode, Store, writing
from tiercare.engines.measures.synth import Profile, synth
from tiercare.engines.policy import load_packs

SEED, YEAR, REGION, PACK, THREADS = 20240101, span("2024"), "9999", "wuhu", 2
WHOLE = 100_000_000
TARGETS = {"book_seconds": 60, "book_peak_mb": 6_144, "three_ratio": 1.3, "increment_share": 0.1}
CELLS = ("book", "three", "increment")


def main() -> None:
    """Measure, print tables and a line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--visits", type=int, default=5_000_000, help="rows of the table of visits")
    parser.add_argument("--cells", default=",".join(CELLS), help="what to measure")
    parser.add_argument("--against", default="pandas,polars", help="of three: pandas, polars, postgres")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--store", type=Path, help="where the facts are, or are to be kept")
    parser.add_argument(
        "--soak", action="store_true", help="100 million visits, and 10 million to see how it grows"
    )
    parser.add_argument("--child", choices=("facts", "book", "increment"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps({"facts": facts, "book": book, "increment": increment}[asked.child](asked)))
        return
    sizes = [WHOLE // 10, WHOLE] if asked.soak else [asked.visits]
    results = [measured(asked, size) for size in sizes]
    if asked.soak:
        results[-1]["growth"] = round(results[1]["book"]["seconds"] / results[0]["book"]["seconds"], 1)
    print(json.dumps(results[-1] if len(results) == 1 else {"sizes": results}))


def measured(asked: argparse.Namespace, visits: int) -> dict[str, Any]:
    """All cells at one size."""
    with tempfile.TemporaryDirectory() as name:
        root = (asked.store or Path(name)) / f"{visits}"
        result: dict[str, Any] = {"visits": visits}
        if not (root / "manifest").is_dir():
            result["facts"] = child("facts", asked, root, visits)
            told("facts", result["facts"], {})
        wanted = asked.cells.split(",")
        if "book" in wanted:
            result["book"] = child("book", asked, root, visits)
            told(
                "book",
                result["book"],
                {"seconds": TARGETS["book_seconds"], "peak_mb": TARGETS["book_peak_mb"]},
            )
        if "three" in wanted:
            result["three"] = three(asked, root, Path(name))
        if "increment" in wanted:
            result["increment"] = child("increment", asked, root, visits)
            told("increment", result["increment"], {"share": TARGETS["increment_share"]})
        return result


def child(what: str, asked: argparse.Namespace, root: Path, visits: int) -> dict[str, Any]:
    """Measured in a process of its own, so that the peak of memory is its own."""
    arguments = [sys.executable, __file__, "--child", what, "--store", str(root), "--visits", str(visits)]
    out = subprocess.run(arguments, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


def told(title: str, result: Mapping[str, Any], targets: Mapping[str, float]) -> None:
    """A table of a cell; what is asked for at 100 million visits stands beside it."""
    print(f"\n{title:<28}{'measured':>14}{'wanted':>12}")
    for key, value in result.items():
        if not isinstance(value, list):
            print(f"{key:<28}{value:>14,}{'<= ' + str(targets[key]) if key in targets else '':>12}")
    for seconds, rows, columns in result.get("slowest", []):
        print(f"    {seconds:>7.2f} s {rows:>8,} rows of {columns}")


def peak() -> int:
    """Peak of memory of this process in MB. Not getrusage: what it tells lives on through exec."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) // 1024


def facts(asked: argparse.Namespace) -> dict[str, Any]:
    """Write the region-year."""
    begin = time.perf_counter()
    truth = synth(asked.store, Profile.invented(1, 8, townships=8), 1, asked.visits, SEED)
    seconds = time.perf_counter() - begin
    size = sum(path.stat().st_size for path in asked.store.rglob("*.parquet"))
    rows = sum(truth.rows.values())
    return {
        "seconds": round(seconds, 1),
        "peak_mb": peak(),
        "rows": rows,
        "visits": truth.rows["visits"],
        "mb": size >> 20,
    }


class Watched(Store):
    """A store that remembers how long each scan took."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, threads=THREADS)
        self.scans: list[tuple[float, int, str]] = []

    def run(self, expression: Any) -> Any:
        """The rows, and a note of the time."""
        begin = time.perf_counter()
        rows = list(super().run(expression))
        columns = ", ".join(name for name in expression.columns if name[1:].isdigit() is False)
        many = len(expression.columns) - columns.count(",") - 1
        self.scans.append(
            (round(time.perf_counter() - begin, 2), len(rows), f"{columns} + {many} aggregates")
        )
        return rows


def whole_book(store: Store, kept: KeptSums | None = None) -> list[Value]:
    """Every indicator in force at the end of the year."""
    indicators = load_book(load_packs(), PACK).on(date(2024, 12, 31))
    return evaluate(store, indicators, [YEAR], region=REGION, kept=kept)


def book(asked: argparse.Namespace) -> dict[str, Any]:
    """The book, once, with nothing kept."""
    with Watched(asked.store) as store:
        begin, busy = time.perf_counter(), time.process_time()
        values = whole_book(store)
        seconds, busy = time.perf_counter() - begin, time.process_time() - busy
        return {
            "seconds": round(seconds, 1),
            "cpu_seconds": round(busy, 1),
            "peak_mb": peak(),
            "indicators": len({each.indicator for each in values}),
            "values": len(values),
            "scans": len(store.scans),
            "slowest": sorted(store.scans, reverse=True)[:6],
        }


def three(asked: argparse.Namespace, root: Path, scratch: Path) -> dict[str, Any]:
    """Ours and the others in turns; the ratio is that of the sums of the three."""
    extras = [each for each in asked.against.split(",") if each]
    with Store(root, threads=THREADS) as store:
        files = {
            fact: [str(root / part.file) for part in store.parts(fact)] for fact in ("visits", "referrals")
        }
        contestants: dict[str, Mapping[str, Callable[[], Any]]] = {
            "tiercare": ours(store, REGION, YEAR),
            "duckdb": by_sql(files, REGION, THREADS),
        }
        for name, make in (("pandas", by_pandas), ("polars", by_polars)):
            if name in extras and there_is(name):
                contestants[name] = make(files, REGION)
        server = Postgres(files, scratch) if "postgres" in extras else None
        if server is not None:
            contestants["postgres"] = server.each(REGION)
        try:
            seconds, agreed = compared(contestants, asked.rounds)
        finally:
            if server is not None:
                server.close()
    sums = {who: sum(each.values()) for who, each in seconds.items()}
    print(
        f"\n{'seconds':<12}{''.join(f'{name:>16}' for name in NAMES)}{'sum':>10}{'to SQL':>9}{'to ours':>9}"
    )
    for who, each in seconds.items():
        cells = "".join(f"{each[name]:>16.3f}" for name in NAMES)
        print(
            f"{who:<12}{cells}{sums[who]:>10.3f}{sums[who] / sums['duckdb']:>8.2f}x{sums[who] / sums['tiercare']:>8.2f}x"
        )
    for name in extras:
        if name not in contestants:
            print(f"{name}: not measured, the package is missing 缺少 {name}，未测")
    ratio = sums["tiercare"] / sums["duckdb"]
    print(
        f"{'all the same' if agreed else 'THE ANSWERS DIFFER'}; overhead {ratio:.2f}, wanted <= {TARGETS['three_ratio']}"
    )
    return {"seconds": seconds, "ratio": round(ratio, 3), "agreed": agreed}


def increment(asked: argparse.Namespace) -> dict[str, Any]:
    """The book with sums kept; then December comes anew, and the book again."""
    shutil.rmtree(asked.store / KEPT, ignore_errors=True)
    whole, busy_whole, _ = once_more(asked.store)
    replaced(asked.store)
    again, busy, slowest = once_more(asked.store)
    return {
        "whole": round(whole, 1),
        "again": round(again, 1),
        "whole_cpu_seconds": round(busy_whole, 1),
        "again_cpu_seconds": round(busy, 1),
        "peak_mb": peak(),
        "share": round(again / whole, 3),
        "cpu_share": round(busy / busy_whole, 3),
        "slowest": slowest,
    }


def once_more(root: Path) -> tuple[float, float, list[tuple[float, int, str]]]:
    """The book with what is kept: seconds, seconds of the processors (others may use them too), and the slowest scans."""
    begin, busy = time.perf_counter(), time.process_time()
    with Watched(root) as store:
        whole_book(store, KeptSums(store))
        slowest = sorted(store.scans, reverse=True)[:6]
    return time.perf_counter() - begin, time.process_time() - busy, slowest


def replaced(root: Path) -> None:
    """December once more for every fact, a row shorter."""
    with Store(root) as store:
        parts = {fact: [p for p in store.parts(fact) if p.month == YEAR.last] for fact in store_facts(root)}
    for fact, found in parts.items():
        with writing(root, REGION) as writer:
            table = parquet.read_table(root / found[-1].file, partitioning=None)
            draft = writer.folder / f"{fact}.parquet"
            parquet.write_table(table.slice(0, table.num_rows - 1), draft, compression="zstd")
            seen = sha256(f"{fact} {time.time_ns()} {os.getpid()}".encode()).hexdigest()
            arrived = Arrived(fact, "bench", seen, datetime.now(UTC), Mode.REPLACE, synthetic=True)
            writer.commit(arrived, {YEAR.last: draft})


def store_facts(root: Path) -> list[str]:
    """The facts that the store holds."""
    return sorted(
        path.name
        for path in root.iterdir()
        if any(path.glob("region=*")) and path.name[0].isalpha() and path.name != "quarantine"
    )


if __name__ == "__main__":
    main()
