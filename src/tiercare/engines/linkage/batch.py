"""The hunt for duplicates through a whole register, by Splink on DuckDB."""

from __future__ import annotations

import duckdb

from .levels import COMPARISONS, relatives
from .model import Pair, Parameters, shipped
from .register import Table, database, lay_down
from .splinked import gamma, linker, settings

# Ours: between 0.99 of precision and 0.95 of recall on the labelled million of bench/linkage.py, clear of both.
AT_LEAST = 0.65


def propose(
    table: Table,
    *,
    at_least: float = AT_LEAST,
    parameters: Parameters | None = None,
    threads: int = 2,
    memory: str = "4GB",
) -> list[Pair]:
    """Pairs of records that are one person with a probability of ``at_least``, the surest first.

    table: a path to CSV or Parquet, a pyarrow Table or a DuckDB relation with the columns of
    ``register.COLUMNS`` (see ``Person``; birth_date a date or YYYY-MM-DD; null and empty: unknown). parameters:
    the shipped ones unless given. memory: what DuckDB may hold before it spills to a private folder.
    The same table gives the same pairs. A pair that may as well be twins or other relatives (``levels.relatives``)
    is kept out, however much speaks for it; at the desk a clerk sees it as "perhaps".
    ValueError as of ``register.lay_down``.
    """
    with database(threads=threads, memory=memory) as connection:
        count = lay_down(connection, table)
        if count < 2:
            return []
        hunt = linker(connection, settings(parameters or shipped(), count))
        found = hunt.inference.predict(threshold_match_probability=at_least, warning_mode="never")
        return _pairs(connection, found.as_duckdbpyrelation())


def _pairs(connection: duckdb.DuckDBPyConnection, found: duckdb.DuckDBPyRelation) -> list[Pair]:
    fields = [f"gamma_{comparison.field}" for comparison in COMPARISONS]
    keys = [{gamma(c, level): level.key for level in c.levels} for c in COMPARISONS]
    found.project(f"record_l, record_r, match_probability, match_weight, {', '.join(fields)}").create("found")
    rows = connection.execute(_FOUND).fetchall()
    pairs = []
    for id_a, id_b, probability, weight, *levels in rows:
        reasons = tuple(
            key for names, value in zip(keys, levels, strict=True) if (key := names.get(value)) is not None
        )
        if not relatives(reasons):
            pairs.append(Pair(id_a, id_b, probability, weight, reasons))
    return pairs


_FOUND = """
SELECT a.id, b.id, found.* EXCLUDE (record_l, record_r)
FROM found JOIN people a ON a.record = found.record_l JOIN people b ON b.record = found.record_r
ORDER BY match_weight DESC, found.record_l, found.record_r
"""
