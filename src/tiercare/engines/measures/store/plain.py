"""Rows that a program says, as a Parquet draft of a store: the same rows in the same order are the same file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from tiercare.engines.measures.schema import Column, Fact

_BATCH = 20_000


def write_rows(path: Path, fact: Fact, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write ``rows`` with the columns of ``fact``; what a row does not say is empty. A batch is in memory at a time.

    Whoever writes rows over and over sorts them by the key, so that nothing looks changed that is not.

    Returns:
        How many there were.

    Raises:
        ValueError: a row names a column that the table has not, or a word that the column does not take, or has no key.
    """
    count = 0
    with parquet.ParquetWriter(path, fact.arrow, compression="zstd", store_schema=False) as file:
        coming = iter(rows)
        while some := tuple(islice(coming, _BATCH)):
            file.write_table(_table(fact, some))
            count += len(some)
    return count


def _table(fact: Fact, rows: tuple[Mapping[str, Any], ...]) -> pa.Table:
    for row in rows:
        if not row.keys() <= fact.columns.keys():
            raise ValueError(f"{fact.name} has no column {sorted(row.keys() - fact.columns.keys())}")
        if empty := [name for name in fact.key if row.get(name) is None]:
            raise ValueError(f"{fact.name}: a row without {empty}")
    columns = {name: [row.get(name) for row in rows] for name in fact.columns}
    for name, values in columns.items():
        _check_words(fact, fact.columns[name], values)
    return pa.table(columns, schema=fact.arrow)


def _check_words(fact: Fact, column: Column, values: list[Any]) -> None:
    if column.words and (strange := set(values) - {*column.words, None}):
        raise ValueError(f"{fact.name}.{column.name} takes no {sorted(map(str, strange))}")
