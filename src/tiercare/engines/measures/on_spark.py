"""The facts of a store on Spark: the same expressions, on a cluster, once a province outgrows one machine.

Needs PySpark (``tiercare[spark]``) and Java 17; nothing else of the engine does. Ibis writes the statements and Spark's session runs
them: Ibis' own back end for Spark would bring pandas for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import ibis
import pyarrow as pa
from pyspark.sql import SparkSession, functions

from .schema import Fact, facts
from .store import Store

_NAMES = {pa.int64(): "bigint", pa.bool_(): "boolean", pa.date32(): "date", pa.string(): "string"}
_PARTITIONS = {"region": "string", "month": "bigint"}


def session(
    master: str, *, memory: str = "2g", partitions: int = 8, more: Mapping[str, str] | None = None
) -> SparkSession:
    """A Spark session; one on this machine talks to itself only.

    Args:
        master: ``local[2]``, or the address of a cluster.
        partitions: how many pieces a shuffle makes; Spark's own 200 are far too many for cells.
        more: further settings, by Spark's names.
    """
    builder = (
        SparkSession.builder.appName("tiercare")
        .master(master)
        .config("spark.driver.memory", memory)
        .config("spark.sql.shuffle.partitions", str(partitions))
        .config("spark.sql.session.timeZone", "Asia/Shanghai")
        .config("spark.ui.enabled", "false")
    )
    if master.startswith("local"):
        builder = builder.config("spark.driver.bindAddress", "127.0.0.1").config(
            "spark.driver.host", "127.0.0.1"
        )
    for name, value in (more or {}).items():
        builder = builder.config(name, value)
    made = builder.getOrCreate()
    made.sparkContext.setLogLevel("ERROR")
    return made


class SparkTables:
    """The ``Tables`` of ``evaluate`` over the batches of a store; the manifest says what counts, as on DuckDB."""

    def __init__(self, store: Store, using: SparkSession) -> None:
        self._store = store
        self._session = using
        self._made: dict[str, Any] = {}

    def table(self, fact: str) -> Any:
        """As ``Store.table``."""
        if fact not in self._made:
            shape = facts()[fact]
            self._read(shape).createOrReplaceTempView(f"facts_{fact}")
            self._made[fact] = ibis.table(_schema(shape), name=f"facts_{fact}")
        return self._made[fact]

    def months(self, fact: str) -> Sequence[int]:
        """As ``Store.months``."""
        return self._store.months(fact)

    def run(self, expression: Any) -> Iterator[Mapping[str, Any]]:
        """The rows of an Ibis expression."""
        yield from self._session.sql(ibis.to_sql(expression, dialect="pyspark")).toArrow().to_pylist()

    def _read(self, shape: Fact) -> Any:
        """The files of a fact as a Spark frame; a column that came into the schema after all of them is empty."""
        types = _types(shape)
        files = [str(self._store.root / part.file) for part in self._store.parts(shape.name)]
        if not files:
            return self._session.createDataFrame([], ", ".join(f"`{k}` {v}" for k, v in types.items()))
        rows = (
            self._session.read.option("basePath", str(self._store.root / shape.name))
            .option("mergeSchema", "true")
            .parquet(*files)
        )
        return rows.select(
            *(
                (functions.col(name) if name in rows.columns else functions.lit(None)).cast(type_).alias(name)
                for name, type_ in types.items()
            )
        )


def _types(shape: Fact) -> dict[str, str]:
    return {field.name: _NAMES[field.type] for field in shape.arrow} | _PARTITIONS


def _schema(shape: Fact) -> dict[str, str]:
    words = {"bigint": "int64"}
    return {name: words.get(type_, type_) for name, type_ in _types(shape).items()}
