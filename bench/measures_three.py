"""Three indicators, as Tiercare's definitions and by hand in DuckDB's SQL, pandas, polars and PostgreSQL.

Primary care's share by county and month; readmission within 30 days by county; referrals down against up by county.
All give the same table, ``{(indicator, county, month): (numerator, denominator)}``, and are held against each other.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from tiercare.engines.measures.derived import columns_of
from tiercare.engines.measures.evaluate import evaluate
from tiercare.engines.measures.expressions import condition
from tiercare.engines.measures.indicators import Direction, Form, Indicator, Part, aggregate
from tiercare.engines.measures.periods import Span, span
from tiercare.engines.measures.schema import Attribution, Level, facts
from tiercare.engines.measures.store import Store
from tiercare.kernel.period import Period
from tiercare.kernel.text import Text
from tiercare.postgres import Cluster, find_binaries

Answer = dict[tuple[str, str, int], tuple[int, int]]
READMITTED = 30  # days: what the usual indicator counts; a bench's, no policy's
NAMES = ("primary_share", "readmission", "down_up")


def definitions() -> list[Indicator]:
    """The three as a pack would write them."""
    soon = f"kind == inpatient and since_stay <= {READMITTED}"
    return [
        _ratio(
            "primary_share", "visits", "visited", "tier == primary", None, "kind in (outpatient, emergency)"
        ),
        _ratio("readmission", "visits", "visited", soon, "kind == inpatient", None),
        _ratio("down_up", "referrals", "sent", "direction == down", "direction == up", None),
    ]


def _ratio(name: str, fact: str, by: str, above: str, below: str | None, where: str | None) -> Indicator:
    columns = columns_of(facts()[fact])
    limit = condition(where, columns, {}) if where else None

    def part(which: str | None) -> Part:
        return Part(
            fact, Attribution(by), aggregate(f"count({which or ''})", facts()[fact], columns, {}, limit)
        )

    words = Text(name, name)
    return Indicator(
        name, 1, words, words, words, (), (part(above),), (part(below),), Form.RATIO, words, 1, Direction.UP, 0, True,
        Period(date.min), {},
    )  # fmt: skip


def ours(store: Store, region: str, year: Span) -> dict[str, Callable[[], Answer]]:
    """Each by the engine, for counties alone."""

    def one(indicator: Indicator) -> Answer:
        spans = (
            [span(f"{m // 100}-{m % 100:02}") for m in year.months()] if indicator.id == NAMES[0] else [year]
        )
        values = evaluate(store, [indicator], spans, region=region, levels=frozenset({Level.DIVISION}))
        return {
            (indicator.id, each.key, each.span.first if len(spans) > 1 else 0): (
                int(each.numerator),
                int(each.denominator),
            )
            for each in values
            if each.level is Level.DIVISION and each.denominator and each.numerator is not None
        }

    return {each.id: partial(one, each) for each in definitions()}


_SQL = {
    "primary_share": (
        "SELECT substr(place, 1, 6), month, count(*) FILTER (WHERE tier = 'primary'), count(*) FROM {visits} "
        "WHERE kind IN ('outpatient', 'emergency') AND place LIKE '{region}%' GROUP BY 1, 2"
    ),
    "readmission": (
        "SELECT substr(place, 1, 6), 0, count(*) FILTER (WHERE admitted - before <= {days}), count(*) FROM ("
        "SELECT place, admitted, lag(date) OVER (PARTITION BY person ORDER BY date) AS before FROM {visits} "
        "WHERE kind = 'inpatient') AS stays WHERE place LIKE '{region}%' GROUP BY 1"
    ),
    "down_up": (
        "SELECT substr(sender_division, 1, 6), 0, count(*) FILTER (WHERE direction = 'down'), "
        "count(*) FILTER (WHERE direction = 'up') FROM {referrals} WHERE sender_division LIKE '{region}%' GROUP BY 1"
    ),
}


def _answer(name: str, rows: Any) -> Answer:
    return {
        (name, county, int(month)): (int(above), int(below)) for county, month, above, below in rows if below
    }


def by_sql(files: Mapping[str, list[str]], region: str, threads: int) -> dict[str, Callable[[], Answer]]:
    """Each by a statement of DuckDB over the same files."""
    connection = duckdb.connect(config={"threads": threads})
    scans = {fact: f"read_parquet({paths!r}, hive_partitioning = true)" for fact, paths in files.items()}

    def one(name: str) -> Answer:
        text = _SQL[name].format(region=region, days=READMITTED, **scans)
        return _answer(name, connection.sql(text).fetchall())

    return {name: partial(one, name) for name in NAMES}


_COLUMNS = {
    "primary_share": ("visits", ["place", "month", "tier", "kind"]),
    "readmission": ("visits", ["place", "person", "kind", "admitted", "date"]),
    "down_up": ("referrals", ["sender_division", "direction"]),
}


def by_pandas(files: Mapping[str, list[str]], region: str) -> dict[str, Callable[[], Answer]]:
    """Each by pandas, reading no column it does not need, words as categories."""
    pd, dataset = import_module("pandas"), import_module("pyarrow.dataset")
    words = {"tier", "kind", "direction", "place", "sender_division"}

    def frame(name: str) -> Any:
        fact, columns = _COLUMNS[name]
        source = dataset.dataset(files[fact], partitioning="hive")
        kind = dataset.field("kind") == "inpatient" if name == "readmission" else None
        table = source.to_table(columns=columns, filter=kind)
        found = table.to_pandas(categories=sorted(words & set(columns)))
        where = "sender_division" if name == "down_up" else "place"
        names = found[where].cat.categories
        found["county"] = found[where].map({each: each[:6] for each in names})
        return found

    def here(found: Any) -> Any:
        return found[found["county"].astype("object").str.startswith(region)]

    def primary() -> Answer:
        found = here(frame("primary_share"))
        found = found[found["kind"] != "inpatient"]
        both = found.assign(hit=found["tier"] == "primary").groupby(["county", "month"], observed=True)["hit"]
        return _answer(
            "primary_share",
            [(c, m, a, n) for (c, m), a, n in zip(both.sum().index, both.sum(), both.size(), strict=True)],
        )

    def readmission() -> Answer:
        found = frame("readmission").sort_values(["person", "date"])
        for column in ("admitted", "date"):
            found[column] = pd.to_datetime(found[column])
        days = (found["admitted"] - found.groupby("person")["date"].shift()).dt.days
        both = here(found.assign(hit=days <= READMITTED)).groupby("county", observed=True)["hit"]
        return _answer(
            "readmission",
            [(c, 0, a, n) for c, a, n in zip(both.sum().index, both.sum(), both.size(), strict=True)],
        )

    def down_up() -> Answer:
        found = (
            here(frame("down_up"))
            .groupby(["county", "direction"], observed=True)
            .size()
            .unstack(fill_value=0)
        )
        return _answer("down_up", [(c, 0, row["down"], row["up"]) for c, row in found.iterrows()])

    return dict(zip(NAMES, (primary, readmission, down_up), strict=True))


def by_polars(files: Mapping[str, list[str]], region: str) -> dict[str, Callable[[], Answer]]:
    """Each by polars' lazy scans."""
    pl = import_module("polars")
    col = pl.col

    def primary() -> Answer:
        rows = pl.scan_parquet(files["visits"], hive_partitioning=True)
        rows = rows.filter(
            col("kind").is_in(["outpatient", "emergency"]) & col("place").str.starts_with(region)
        )
        both = rows.group_by(col("place").str.slice(0, 6), col("month"))
        found = both.agg((col("tier") == "primary").sum().alias("a"), pl.len().alias("n")).collect()
        return _answer("primary_share", found.rows())

    def readmission() -> Answer:
        rows = pl.scan_parquet(files["visits"], hive_partitioning=True).filter(col("kind") == "inpatient")
        rows = rows.select("place", "person", "admitted", "date").sort("date")
        before = rows.with_columns(before=col("date").shift().over("person"))
        before = before.filter(col("place").str.starts_with(region))
        hit = (col("admitted") - col("before")).dt.total_days() <= READMITTED
        found = before.group_by(col("place").str.slice(0, 6)).agg(
            pl.lit(0).alias("m"), hit.sum().alias("a"), pl.len().alias("n")
        )
        return _answer("readmission", [(c, 0, a, n) for c, _, a, n in found.collect().rows()])

    def down_up() -> Answer:
        rows = pl.scan_parquet(files["referrals"]).filter(col("sender_division").str.starts_with(region))
        both = [(col("direction") == each).sum().alias(each) for each in ("down", "up")]
        found = rows.group_by(col("sender_division").str.slice(0, 6)).agg(*both).collect()
        return _answer("down_up", [(c, 0, a, n) for c, a, n in found.rows()])

    return dict(zip(NAMES, (primary, readmission, down_up), strict=True))


class Postgres:
    """A private server with the columns that are needed; loading is not measured."""

    def __init__(self, files: Mapping[str, list[str]], folder: Path) -> None:
        self._cluster = Cluster(folder / "postgres", binaries=find_binaries("embedded"))
        self._connection = psycopg.connect(self._cluster.start(owned=True).owner, autocommit=True)
        columns = "place text, month int, tier text, kind text, person text, admitted date, date date"
        for fact, shape in (("visits", columns), ("referrals", "sender_division text, direction text")):
            self._connection.execute(f"CREATE TABLE {fact} ({shape})")
            names = ", ".join(each.split()[0] for each in shape.split(", "))
            made = folder / f"{fact}.csv"
            duckdb.sql(f"COPY (SELECT {names} FROM read_parquet({files[fact]!r}, hive_partitioning = true)) TO '{made}' (HEADER false)")  # fmt: skip
            with (
                made.open("rb") as source,
                self._connection.cursor().copy(f"COPY {fact} FROM STDIN (FORMAT csv)") as copy,
            ):
                while block := source.read(1 << 20):
                    copy.write(block)
            made.unlink()
            self._connection.execute(f"VACUUM ANALYZE {fact}")

    def each(self, region: str) -> dict[str, Callable[[], Answer]]:
        """Each by a statement; two workers, as the others have two threads."""
        self._connection.execute("SET max_parallel_workers_per_gather = 2")
        self._connection.execute("SET work_mem = '256MB'")

        def one(name: str) -> Answer:
            text = _SQL[name].format(region=region, days=READMITTED, visits="visits", referrals="referrals")
            return _answer(name, self._connection.execute(text).fetchall())

        return {name: partial(one, name) for name in NAMES}

    def close(self) -> None:
        """End the server."""
        self._connection.close()
        self._cluster.stop()


def compared(
    contestants: Mapping[str, Mapping[str, Callable[[], Answer]]], rounds: int
) -> tuple[dict[str, dict[str, float]], bool]:
    """Median seconds of every contestant and indicator, taken in turns; and whether all gave the same."""
    seconds: dict[str, dict[str, list[float]]] = {who: {name: [] for name in NAMES} for who in contestants}
    agreed = True
    for _ in range(rounds):
        for name in NAMES:
            answers = []
            for who, each in contestants.items():
                begin = time.perf_counter()
                answers.append(each[name]())
                seconds[who][name].append(time.perf_counter() - begin)
            agreed &= all(each == answers[0] for each in answers)
    medians = {who: {n: statistics.median(t) for n, t in each.items()} for who, each in seconds.items()}
    return medians, agreed


def there_is(package: str) -> bool:
    """Whether an extra is installed."""
    return find_spec(package) is not None
