"""Spark gives what DuckDB and the slow engine give, to the digit. Where Spark or Java is missing this is skipped, and says so.

One Spark session serves all tests of the process: starting Java costs more than what is asked of it.
"""

from __future__ import annotations

import gc
import shutil
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tiercare.engines.measures.by_hand import evaluate_by_hand
from tiercare.engines.measures.evaluate import evaluate
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.schema import facts
from tiercare.engines.measures.store import Arrived, Mode, Store, writing

from .drawn_rows import drawn
from .frames import REGION, Frames, Row
from .test_engines_agree import BOOK as MIXED
from .test_engines_agree import MONTHS, TABLES, random_facts
from .test_looking_back import BOOK as BACK

pytest.importorskip(
    "pyspark", reason="没有 Spark：运行 make test 会装上。Spark is not installed: make test brings it"
)
if shutil.which("java") is None:
    pytest.skip("没有 Spark 要用的 Java 17。There is no Java 17 for Spark.", allow_module_level=True)
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # PySpark's own sockets
BOOK = [*MIXED, *BACK[:2]]
SPANS = [span("2025-01"), span("2024Q4")]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """The one session, for few rows and many questions: small pieces, and Java compiles no more than it must."""
    from pyspark import SparkContext

    from tiercare.engines.measures.on_spark import session

    lean = {"spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
    lean |= {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
    made = session("local[2]", memory="1g", partitions=1, more=lean)
    yield made
    gateway = SparkContext._gateway
    made.stop()
    # PySpark leaves its sockets and its Java to the end of the process; pytest takes them for forgotten.
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait(timeout=60)
    SparkContext._gateway = SparkContext._jvm = None
    del gateway
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


class OnSpark:
    """Rows in memory as Spark's tables."""

    def __init__(self, session: Any, everything: Mapping[str, Sequence[Row]]) -> None:
        self._session, self._rows = session, everything

    def table(self, fact: str) -> Any:
        schema = facts()[fact].arrow.append(pa.field("month", pa.int64()))
        rows = [{name: row.get(name) for name in schema.names} for row in self._rows.get(fact, ())]
        self._session.createDataFrame(pa.Table.from_pylist(rows, schema=schema)).createOrReplaceTempView(fact)
        return ibis.table(ibis.Schema.from_pyarrow(schema), name=fact)

    def months(self, fact: str) -> Sequence[int]:
        return sorted({row["month"] for row in self._rows.get(fact, ())})

    def run(self, expression: Any) -> Iterator[Mapping[str, Any]]:
        yield from self._session.sql(ibis.to_sql(expression, dialect="pyspark")).toArrow().to_pylist()


def _place(value: Any) -> tuple[Any, ...]:
    return value.indicator, value.span, value.level, value.key


def _agreed(session: Any, everything: Mapping[str, Sequence[Row]]) -> int:
    """How many values there are; the three engines give the same."""
    spark = evaluate(OnSpark(session, everything), BOOK, SPANS, region=REGION)
    assert spark == evaluate(Frames(everything), BOOK, SPANS, region=REGION)
    slow = evaluate_by_hand(everything, BOOK, SPANS, region=REGION)
    assert {_place(v): v for v in spark} == {_place(v): v for v in slow}
    return sum(v.value is not None for v in spark)


def test_spark_gives_what_the_others_give(spark: Any) -> None:
    everything = drawn(5, 150, MONTHS, TABLES)
    everything["visits"] += everything["visits"][:5]  # doubles
    assert _agreed(spark, everything) > 60


# A failing example is told as it is: making it smaller asks Spark for many minutes.
@settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
)
@given(random_facts, st.sampled_from(MONTHS), st.sampled_from(TABLES))
def test_random_facts_with_gaps_doubles_and_nothing(
    spark: Any, everything: dict[str, list[Row]], empty: int, none: str
) -> None:
    """A month of which there are no rows, a table without any, and every row of the first five twice."""
    there = {
        fact: [row for row in rows if row["month"] != empty and fact != none]
        for fact, rows in everything.items()
    }
    _agreed(spark, {fact: [*rows, *rows[:5]] for fact, rows in there.items()})


def _put(root: Path, name: str, months: Mapping[int, list[Row]], without: Sequence[str] = ()) -> None:
    """A batch of visits, if need be without some columns."""
    with writing(root, REGION) as writer:
        files = {}
        for month, rows in months.items():
            files[month] = writer.folder / f"{month}.parquet"
            schema = pa.schema([field for field in facts()["visits"].arrow if field.name not in without])
            plain = [{key: row[key] for key in schema.names} for row in rows]
            pq.write_table(pa.Table.from_pylist(plain, schema=schema), files[month])
        arrived = Arrived("visits", name, name, datetime(2025, 6, 1, tzinfo=UTC), Mode.ADD, synthetic=True)
        writer.commit(arrived, files)


def test_a_store_on_spark(spark: Any, tmp_path: Path) -> None:
    """Batches with a month of no rows, and with a column that came into the schema after one of them."""
    from tiercare.engines.measures.on_spark import SparkTables

    rows = drawn(7, 120, MONTHS, ["visits"])["visits"]
    by_month = {month: [row for row in rows if row["month"] == month] for month in MONTHS}
    _put(tmp_path, "one", {**by_month, MONTHS[0]: []})
    _put(tmp_path, "two", {month: by_month[month][:3] for month in MONTHS[2:]}, ["tcm", "insured"])
    with Store(tmp_path) as store:
        duck = evaluate(store, BOOK, SPANS, region=REGION)
        assert evaluate(SparkTables(store, spark), BOOK, SPANS, region=REGION) == duck
    assert sum(v.value is not None for v in duck) > 20
