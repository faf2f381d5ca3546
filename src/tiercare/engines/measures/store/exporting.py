"""Facts as files for people and other programs; what is written here can be read in again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import ibis
from pyarrow.parquet import ParquetFile

from tiercare.engines.measures.periods import Span
from tiercare.engines.measures.schema import Fact, Type, facts
from tiercare.engines.sheets import LIMIT_ROWS, Table, write_csv, write_xlsx
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .store import Store

Encoding = Literal["utf-8-sig", "gb18030"]
_BATCH = 20_000
SYNTHETIC = "synthetic"  # the column that stands in a file of made-up rows


class Format(StrEnum):
    """What an export may be."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


def export(
    store: Store,
    fact: str,
    span: Span,
    path: Path,
    format_: Format,
    *,
    encoding: Encoding = "utf-8-sig",
) -> int:
    """Write the rows of ``span``: region, month, then the columns as ``facts.yaml`` names them.

    Money is in yuan for people (CSV, Excel) and in whole fen in Parquet. Synthetic rows are marked in a last column.

    Args:
        encoding: of a CSV.

    Returns:
        How many rows were written.

    Raises:
        Refused: more rows than a sheet is read with (``facts_export_too_long``).
    """
    shape = facts()[fact]
    rows = store.table(fact)
    rows = rows.filter(rows.month.between(span.first, span.last)).order_by("region", "month", *shape.key)
    rows = rows.select("region", "month", *shape.columns)
    if store.synthetic:
        rows = rows.mutate(**{SYNTHETIC: ibis.literal(True)})
    parts, draft = path.with_name(f".{path.name}.parts"), path.with_name(f".{path.name}.draft")
    try:
        store.write_parquet(rows, parts)
        count = int(ParquetFile(parts).metadata.num_rows)
        match format_:
            case Format.CSV:
                _csv(parts, shape, draft, encoding)
            case Format.XLSX:
                _xlsx(parts, shape, draft, store.synthetic)
            case Format.PARQUET:
                parts.replace(draft)
        draft.replace(path)
    finally:
        parts.unlink(missing_ok=True)
        draft.unlink(missing_ok=True)
    return count


def _csv(parts: Path, fact: Fact, path: Path, encoding: Encoding) -> None:
    """A batch of rows in memory at a time."""
    rows = ParquetFile(parts)
    names = rows.schema_arrow.names
    head = write_csv(Table(fact.name, names, ()), encoding)
    with path.open("wb") as file:
        file.write(head)
        for batch in rows.iter_batches(_BATCH):
            part = Table(fact.name, names, _lines(batch.to_pylist(), fact))
            file.write(write_csv(part, encoding).removeprefix(head))


def _xlsx(parts: Path, fact: Fact, path: Path, synthetic: bool) -> None:
    rows = ParquetFile(parts)
    if rows.metadata.num_rows > LIMIT_ROWS:
        raise Refused(_too_long(rows.metadata.num_rows))
    lines = (line for batch in rows.iter_batches(_BATCH) for line in _lines(batch.to_pylist(), fact))
    name = f"{fact.name} 模拟数据 SYNTHETIC" if synthetic else fact.name
    path.write_bytes(write_xlsx([Table(name, rows.schema_arrow.names, lines)]))


def _lines(rows: Iterable[Mapping[str, Any]], fact: Fact) -> Iterator[tuple[Any, ...]]:
    money = {each.name for each in fact.columns.values() if each.type is Type.YUAN}
    for row in rows:
        yield tuple(_yuan(value) if name in money else value for name, value in row.items())


def _yuan(fen: int | None) -> float | None:
    """Exact below 10¹³ yuan: a float keeps fifteen digits."""
    return None if fen is None else fen / 100


def _too_long(count: int) -> Refusal:
    return Refusal(
        "facts_export_too_long",
        Text(
            "共 {count} 行，Excel 文件最多放 {limit} 行。",
            "There are {count} rows; an Excel file takes {limit} at most.",
        ),
        Text("请缩短时间范围，或导出为 CSV、Parquet。", "Choose a shorter period, or export CSV or Parquet."),
        fields={"count": count, "limit": LIMIT_ROWS},
    )
