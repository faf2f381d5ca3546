"""The store: what was taken is there whole, what was not leaves nothing, and the manifest alone says which is which."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from tiercare.engines.measures.periods import span
from tiercare.engines.measures.schema import facts
from tiercare.engines.measures.store import Arrived, Mode, Store, read, writing
from tiercare.kernel.refusal import Refused

from .made import NOW, REGION, Row, put, row

POPULATION = facts()["population"]


def people(persons: int, division: str = "340202") -> list[Row]:
    return [{"division": division, "group": "permanent", "persons": persons}]


def persons(root: Path) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    with Store(root, memory="200MB", threads=1) as store:
        for each in store.run(store.table("population")):
            found.setdefault(each["month"], []).append(each["persons"])
    return {month: sorted(each) for month, each in found.items()}


def refusal(call: Any) -> str:
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.refusals[0].code


def test_a_fact_without_files_is_an_empty_table_of_its_shape(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        table = store.table("visits")
        assert store.months("visits") == []
        assert list(store.run(table)) == []
        assert table.columns == (*facts()["visits"].columns, "region", "month")
        assert str(table.schema()["cost"]) == "int64"
        assert str(table.schema()["admitted"]) == "date"


def test_region_and_month_come_from_where_a_file_lies(tmp_path: Path) -> None:
    put(tmp_path, "population", {202501: people(5), 202502: people(6)})
    with Store(tmp_path) as store:
        assert store.months("population") == [202501, 202502]
        (first, _) = sorted(store.run(store.table("population")), key=lambda each: each["month"])
        assert first == {
            "division": "340202",
            "group": "permanent",
            "persons": 5,
            "region": "3402",
            "month": 202501,
        }


def test_a_column_that_came_into_the_schema_later_is_empty_in_older_files(tmp_path: Path) -> None:
    with writing(tmp_path, REGION) as writer:
        draft = writer.folder / "old.parquet"
        parquet.write_table(pa.table({"division": ["340202"], "persons": pa.array([7], pa.int64())}), draft)
        writer.commit(Arrived("population", "old", "0" * 64, NOW), {202501: draft})
    with Store(tmp_path) as store:
        (found,) = store.run(store.table("population"))
    assert (found["persons"], found["group"]) == (7, None)


def test_adding_leaves_a_month_and_replacing_takes_its_place(tmp_path: Path) -> None:
    put(tmp_path, "population", {202501: people(1), 202502: people(2)}, seed="1")
    put(tmp_path, "population", {202502: people(20, "340203")}, seed="2")
    assert persons(tmp_path) == {202501: [1], 202502: [2, 20]}
    put(tmp_path, "population", {202502: people(200)}, seed="3", mode=Mode.REPLACE)
    assert persons(tmp_path) == {202501: [1], 202502: [200]}


def test_the_same_input_is_taken_once(tmp_path: Path) -> None:
    put(tmp_path, "population", {202501: people(1)})
    assert refusal(lambda: put(tmp_path, "population", {202501: people(1)})) == "facts_batch_known"
    assert persons(tmp_path) == {202501: [1]}
    put(tmp_path, "milestones", {})  # of another table it is another batch


def test_a_locked_month_is_not_touched_until_the_lock_is_lifted(tmp_path: Path) -> None:
    with writing(tmp_path, REGION) as writer:
        writer.lock(span("2025Q1"), at=NOW, by="卫健委")
    both = {202503: people(3), 202504: people(4)}
    assert refusal(lambda: put(tmp_path, "population", both)) == "facts_month_locked"
    assert persons(tmp_path) == {}
    with writing(tmp_path, REGION) as writer:
        writer.lift(span("2025Q1"), at=NOW, by="卫健委", why="更正三月人口")
        with pytest.raises(KeyError):
            writer.lift(span("2025Q1"), at=NOW, by="卫健委", why="again")
    put(tmp_path, "population", both)
    assert persons(tmp_path) == {202503: [3], 202504: [4]}
    (lock,) = read(tmp_path, REGION).locks
    assert (lock.by, lock.lifted, lock.why) == ("卫健委", NOW, "更正三月人口")


def test_made_up_rows_never_mix_with_real_ones(tmp_path: Path) -> None:
    put(tmp_path, "population", {202501: people(1)}, synthetic=True)
    assert refusal(lambda: put(tmp_path, "population", {202502: people(2)}, seed="1")) == "facts_mixed"
    with Store(tmp_path) as store:
        assert store.synthetic


def test_two_do_not_write_into_a_region_at_once(tmp_path: Path) -> None:
    with writing(tmp_path, REGION):
        assert refusal(lambda: writing(tmp_path, REGION).__enter__()) == "facts_busy"
        with writing(tmp_path, "53") as other:
            assert other.folder.is_dir(), "another region is another matter"


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
import pyarrow as pa
from pyarrow import parquet
from tiercare.engines.measures.store import Arrived, writing
sys.modules[writing.__module__].write = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
with writing(Path(sys.argv[1]), "3402") as writer:
    draft = writer.folder / "x.parquet"
    parquet.write_table(pa.table({"persons": [9]}), draft)
    writer.commit(Arrived("population", "killed", "9" * 64, datetime.now(UTC)), {202502: draft})
"""


def test_a_writer_killed_between_files_and_manifest_leaves_nothing(tmp_path: Path) -> None:
    put(tmp_path, "population", {202501: people(1)})
    child = subprocess.run([sys.executable, "-W", "ignore", "-c", KILLED, str(tmp_path)], check=False)
    assert child.returncode == -signal.SIGKILL
    left = tmp_path / "population/region=3402/month=202502/00002-99999999.parquet"
    assert left.exists()  # the file lies there, and nobody reads it
    assert persons(tmp_path) == {202501: [1]}
    with writing(tmp_path, REGION):
        assert not left.exists()
    put(tmp_path, "population", {202502: people(9)}, seed="9")
    assert persons(tmp_path) == {202501: [1], 202502: [9]}


def test_a_manifest_that_cannot_be_written_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "population", {202501: people(1)})

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("tiercare.engines.measures.store.manifest.os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            put(tmp_path, "population", {202502: people(2)}, seed="2")
    assert persons(tmp_path) == {202501: [1]}


def test_a_file_that_was_changed_or_lost_is_named(tmp_path: Path) -> None:
    batch = put(tmp_path, "population", {202501: people(1), 202502: people(2), 202503: people(3)})
    (tmp_path / batch.parts[0].file).unlink()
    (tmp_path / batch.parts[1].file).write_bytes(b"PAR1")
    with Store(tmp_path) as store:
        assert store.damaged() == [batch.parts[0].file, batch.parts[1].file]


came = st.lists(
    st.tuples(st.sampled_from([202501, 202502]), st.integers(0, 9)), min_size=1, max_size=4, unique=True
)


@settings(max_examples=5, deadline=None)
@given(came, st.randoms(use_true_random=False))
def test_the_order_in_which_batches_are_added_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, batches: list[tuple[int, int]], chance: random.Random
) -> None:
    digests, rows = [], []
    for order in (batches, chance.sample(batches, len(batches))):
        root = tmp_path_factory.mktemp("store")
        for month, number in order:
            made = row(random.Random(number), POPULATION, number, month)
            put(root, "population", {month: [made]}, seed=f"{month}{number}")
        with Store(root, memory="200MB", threads=1) as store:
            digests.append([store.partition_digest("population", month) for month in (202501, 202502)])
            rows.append(sorted(map(repr, store.run(store.table("population")))))
    assert digests[0] == digests[1]
    assert rows[0] == rows[1]


def test_a_digest_changes_with_the_rows_of_its_month_only(tmp_path: Path) -> None:
    put(tmp_path, "population", {202501: people(1), 202502: people(2)}, seed="1")
    with Store(tmp_path) as store:
        before = [store.partition_digest("population", month) for month in (202501, 202502, 202503)]
        put(tmp_path, "population", {202502: people(3)}, seed="2", mode=Mode.REPLACE)
        after = [store.partition_digest("population", month) for month in (202501, 202502, 202503)]
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, True]
