"""Pieces as Parquet drafts of a store: a file a fact and month, a row group a piece."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from tiercare.engines.measures.schema import facts
from tiercare.engines.measures.store import Arrived, Mode, Writer

from .columns import Piece

SOURCE = "合成数据 synthetic"


def table_of(piece: Piece) -> pa.Table:
    """A piece with the columns of its fact, in their order; what is not made and may be empty is empty.

    Raises:
        KeyError: a column that may not be empty is missing.
    """
    found = {}
    for column in facts()[piece.fact].columns.values():
        values = piece.columns.get(column.name)
        if values is None and not column.optional:
            raise KeyError(f"{piece.fact}.{column.name}")
        found[column.name] = pa.nulls(piece.rows, column.type.arrow) if values is None else values
    return pa.table(found)


def in_memory(pieces: Iterable[Piece], months: tuple[int, ...], region: str) -> dict[str, pa.Table]:
    """Pieces as one table a fact, with ``region`` and ``month`` (YYYYMM) beside their columns; in the order of ``facts.yaml``."""
    parts: dict[str, list[pa.Table]] = {fact: [] for fact in facts()}
    of = np.array(months, np.int64)
    for piece in pieces:
        table = table_of(piece).append_column("region", pa.array([region] * piece.rows))
        parts[piece.fact].append(table.append_column("month", pa.array(of[piece.month])))
    return {fact: pa.concat_tables(found).unify_dictionaries() for fact, found in parts.items() if found}


class Drafts:
    """Files on their way into a store, all of a fact in one batch."""

    def __init__(self, writer: Writer, months: tuple[int, ...], source: str = SOURCE) -> None:
        self._writer, self._months, self._source = writer, months, source
        self._open: dict[tuple[str, int], Any] = {}
        self._files: dict[str, dict[int, Path]] = {}
        self._rows: dict[str, int] = {}

    def write(self, piece: Piece) -> None:
        """Append the rows of a piece to the files of their months."""
        table = table_of(piece)
        first, last = int(piece.month[0]), int(piece.month[-1])
        edges = np.searchsorted(piece.month, np.arange(first, last + 2))
        self._rows[piece.fact] = self._rows.get(piece.fact, 0) + piece.rows
        for month, begin, end in zip(range(first, last + 1), edges[:-1], edges[1:], strict=True):
            if end > begin:
                part = table.slice(begin, end - begin)
                self._file(piece.fact, self._months[month], table.schema).write_table(part)

    def close_months(self) -> None:
        """The months so far are complete."""
        for file in self._open.values():
            file.close()
        self._open = {}

    def commit(self, what: str, at: datetime) -> None:
        """Put everything into the store, fact by fact, in place of what there was of these months."""
        self.close_months()
        for fact, drafts in self._files.items():
            digest = hashlib.sha256(f"{fact} {what}".encode()).hexdigest()
            rows = self._rows[fact]
            self._writer.commit(
                Arrived(fact, self._source, digest, at, Mode.REPLACE, rows_in=rows, synthetic=True), drafts
            )

    def _file(self, fact: str, month: int, schema: pa.Schema) -> Any:
        found = self._open.get((fact, month))
        if found is None:
            path = self._writer.folder / f"{fact}-{month}.parquet"
            self._files.setdefault(fact, {})[month] = path
            found = parquet.ParquetWriter(
                path, schema, compression="zstd", compression_level=1, store_schema=False,
                use_dictionary=[field.name for field in schema if pa.types.is_dictionary(field.type)],
            )  # fmt: skip
            self._open[fact, month] = found
        return found
