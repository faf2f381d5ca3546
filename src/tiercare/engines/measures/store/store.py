"""The facts as Parquet files, read by DuckDB through Ibis: ``<root>/<fact>/region=<code>/month=<YYYYMM>/<batch>.parquet``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
from ibis.expr.operations import DatabaseTable

from tiercare.engines.measures.schema import Fact, facts

from .manifest import Manifest, Part, path_of, read, regions_in

_BATCH = 10_000
_QUESTIONS = 1024  # several books: one asks some seventy


@lru_cache(maxsize=_QUESTIONS)
def _compiled(question: Any) -> str:
    return str(ibis.duckdb.compile(question.to_expr()))


def _sql(expression: Any, /, **how: Any) -> str:
    """A question as SQL, worked out once a process: over small facts that is most of the work.

    Two questions are the same if their tables have the same names and columns, whatever store they are put to. One about
    anything else that lies in this connection is not remembered: it would keep the connection.
    """
    question = expression.op()
    if any(each is not None for each in how.values()) or question.find(DatabaseTable):
        return str(ibis.duckdb.compile(expression, **how))
    return _compiled(question)


class Store:
    """The tables that ``evaluate`` asks, over the batches of some regions as they stand when they are asked for.

    One store belongs to one thread. What comes while it is open is seen by the next ``table``.

    Args:
        root: the folder; made if it is not there.
        regions: codes of the divisions whose extracts are read; all if none is named.
        memory: how much DuckDB may take, such as ``4GB``; what is more goes to ``root/.work``.
        threads: how many it uses; all the machine's if not said.
    """

    def __init__(
        self, root: Path, *, regions: Sequence[str] = (), memory: str = "4GB", threads: int | None = None
    ) -> None:
        self.root = root
        self._regions = tuple(regions)
        (root / "manifest").mkdir(parents=True, exist_ok=True)
        limits: dict[str, object] = {
            "memory_limit": memory,
            "temp_directory": str(root / ".work" / "spilled"),
        }
        self.connection: Any = ibis.duckdb.connect(**limits, **({"threads": threads} if threads else {}))
        self.connection.compile = _sql
        self._manifests: dict[str, tuple[tuple[int, int] | None, Manifest]] = {}
        self._views: dict[tuple[str, tuple[str, ...]], Any] = {}
        self._files = 0

    def close(self) -> None:
        """Let go of the database in memory."""
        self.connection.disconnect()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions it reads."""
        return self._regions or regions_in(self.root)

    def manifest(self, region: str) -> Manifest:
        """What has come of a region; read again only when it was replaced."""
        path = path_of(self.root, region)
        stat = path.stat() if path.exists() else None
        state = (stat.st_ino, stat.st_mtime_ns) if stat else None
        held = self._manifests.get(region)
        if held is None or held[0] != state:
            held = self._manifests[region] = state, read(self.root, region)
        return held[1]

    @property
    def synthetic(self) -> bool:
        """Whether any of it is made up; then every page and export says so."""
        return any(self.manifest(region).synthetic for region in self.regions)

    def parts(self, fact: str) -> tuple[Part, ...]:
        """The files of a fact table that are read."""
        return tuple(part for region in self.regions for part in self.manifest(region).parts(fact))

    def table(self, fact: str) -> Any:
        """The Ibis table of a fact: its columns, then ``region`` (text) and ``month`` (whole number); of no rows without files.

        Raises:
            KeyError: there is no such fact.
        """
        shape = facts()[fact]
        files = tuple(part.file for part in self.parts(fact))
        found = self._views.get((fact, files))
        if found is None:
            # A name that the next store gives too, and no word of this connection: so questions come again.
            name = f"{fact}_{sum(known == fact for known, _ in self._views)}"
            found = self._views[fact, files] = (
                self._read(shape, files, name) if files else self._none(shape, name)
            )
        return found

    def _none(self, fact: Fact, name: str) -> Any:
        columns = ibis.schema(empty(fact))
        self.connection.create_table(name, schema=columns, temp=True)
        return ibis.table(columns, name=name)

    def _read(self, fact: Fact, files: Sequence[str], name: str) -> Any:
        paths = [str(self.root / each) for each in files]
        there = self.connection.read_parquet(
            paths, table_name=name, union_by_name=True, hive_partitioning=True
        )
        rows = ibis.table(there.schema(), name=name)
        # The month as DuckDB reads it from the path: behind a cast it would no longer spare us the files of other months.
        return rows.select(**columns_of(rows, fact), region=rows.region.cast("string"), month=rows.month)

    def file(self, path: Path) -> Any:
        """The rows of a Parquet file that is none of the facts' own: of extracts under way, rows put aside, sums kept."""
        name = f"file_{self._files}"  # as above: the next store that does the same gives it too
        self._files += 1
        return self._named(self.connection.read_parquet(str(path), table_name=name))

    def view(self, name: str, rows: Any) -> Any:
        """``rows`` under a name, in the place of what had it: what is asked of them is not folded into one with what made them."""
        return self._named(self.connection.create_view(name, rows, overwrite=True))

    @staticmethod
    def _named(there: Any) -> Any:
        """The same table by no more than its name and columns: questions about it are remembered (``_sql``)."""
        return ibis.table(there.schema(), name=there.get_name())

    def months(self, fact: str) -> Sequence[int]:
        """The months of which there are rows, ascending; the manifest knows, no file is opened."""
        return sorted({part.month for part in self.parts(fact)})

    def run(self, expression: Any) -> Iterator[Mapping[str, Any]]:
        """The rows of an Ibis expression; they come as Arrow, and become dictionaries a batch at a time."""
        for batch in self.connection.to_pyarrow(expression).to_batches(max_chunksize=_BATCH):
            yield from batch.to_pylist()

    def write_parquet(self, expression: Any, path: Path) -> None:
        """The rows of an Ibis expression as a file, without ever holding all of them."""
        self.connection.to_parquet(expression, path, compression="zstd")

    def partition_digest(self, fact: str, month: int) -> str:
        """What the rows of a month are made of: as long as it is the same, nothing needs to be computed again."""
        digests = (self.manifest(region).digest(fact, month) for region in self.regions)
        return hashlib.sha256("\n".join(filter(None, digests)).encode()).hexdigest()

    def damaged(self) -> Sequence[str]:
        """Files that the manifest names and that are gone or no longer what they were."""
        return [
            part.file
            for fact in facts()
            for part in self.parts(fact)
            if not (path := self.root / part.file).exists() or digest_of(path) != part.digest
        ]


def columns_of(rows: Any, fact: Fact) -> dict[str, Any]:
    """The columns of ``fact`` from ``rows``; one that came into the schema after all of the files is empty."""
    return {
        each.name: rows[each.name].cast(ibis.dtype(each.type.arrow))
        if each.name in rows.columns
        else ibis.null(ibis.dtype(each.type.arrow))
        for each in fact.columns.values()
    }


def empty(fact: Fact) -> pa.Schema:
    """The columns of a fact's table."""
    return fact.arrow.append(pa.field("region", pa.string())).append(pa.field("month", pa.int64()))


def digest_of(path: Path) -> str:
    """SHA-256 of a file, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
