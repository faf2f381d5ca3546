"""Two who write into a store: files that somebody sends, and the platform, which writes over what it wrote before."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from tiercare.engines.measures.schema import facts
from tiercare.engines.measures.store import Arrived, Mode, Origin, Store, Writer, write_rows, writing
from tiercare.kernel.refusal import Refused

AT = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
MONTH = 202603


def answer(number: int, score: int | None = 80) -> dict[str, object]:
    """A row of the smallest table."""
    return {
        "answer": f"a{number:03}",
        "subject": "satisfaction",
        "division": "340223",
        "date": date(2026, 3, 2),
        "score": score,
    }


def put(
    writer: Writer,
    rows: list[dict[str, object]],
    origin: Origin,
    mode: Mode,
    at: datetime,
    *,
    over: bool = False,
) -> str:
    draft = writer.folder / "draft.parquet"
    write_rows(draft, facts()["surveys"], rows)
    sha = sha256(f"{rows} {at} {origin}".encode()).hexdigest()
    return writer.commit(Arrived("surveys", "x", sha, at, mode, origin=origin), {MONTH: draft}, over=over).id


def told(root: Path) -> list[str]:
    with Store(root, regions=["3402"], threads=1) as store:
        return sorted(row["answer"] for row in store.run(store.table("surveys")))


def test_the_platform_writes_over_its_own_rows_and_what_nobody_reads_goes(tmp_path: Path) -> None:
    names = []
    for hour in range(5):
        with writing(tmp_path, "3402") as writer:
            rows = [answer(number) for number in range(hour + 1)]
            names.append(put(writer, rows, Origin.PLATFORM, Mode.REPLACE, AT + timedelta(hours=2 * hour)))
    assert told(tmp_path) == [f"a{number:03}" for number in range(5)]
    assert len(set(names)) == 5, "no name comes twice"
    with writing(tmp_path, "3402") as writer:
        kept = [each.id for each in writer.manifest.batches]
    assert kept == names[-1:], "what was superseded long ago is on no record"
    assert len(list((tmp_path / "surveys").rglob("*.parquet"))) == 1


def test_what_was_superseded_a_moment_ago_can_still_be_read(tmp_path: Path) -> None:
    with writing(tmp_path, "3402") as writer:
        put(writer, [answer(1)], Origin.PLATFORM, Mode.REPLACE, AT)
        put(writer, [answer(1), answer(2)], Origin.PLATFORM, Mode.REPLACE, AT + timedelta(minutes=10))
    with writing(tmp_path, "3402"):
        pass  # sweeps
    assert len(list((tmp_path / "surveys").rglob("*.parquet"))) == 2


def test_the_platform_may_come_back_to_what_stood_before(tmp_path: Path) -> None:
    with writing(tmp_path, "3402") as writer:
        draft = writer.folder / "same.parquet"
        for step, rows in enumerate(([answer(1)], [], [answer(1)])):
            write_rows(draft, facts()["surveys"], rows)
            arrived = Arrived(
                *("surveys", "x", f"{len(rows):064}", AT + timedelta(minutes=step), Mode.REPLACE),
                origin=Origin.PLATFORM,
            )
            writer.commit(arrived, {MONTH: draft})
    assert told(tmp_path) == ["a001"]


def test_one_speaks_in_a_month(tmp_path: Path) -> None:
    with writing(tmp_path, "3402") as writer:
        put(writer, [answer(1)], Origin.PLATFORM, Mode.REPLACE, AT)
        with pytest.raises(Refused, match="facts_other_source") as refused:
            put(writer, [answer(2), answer(3)], Origin.EXTRACT, Mode.ADD, AT)
        assert "2026-03" in refused.value.refusals[0].sentence()
        put(writer, [answer(2), answer(3)], Origin.EXTRACT, Mode.REPLACE, AT)
        assert writer.manifest.origins("surveys") == {MONTH: Origin.EXTRACT}
        with pytest.raises(Refused, match="facts_other_source"):
            put(writer, [answer(4)], Origin.PLATFORM, Mode.REPLACE, AT + timedelta(hours=9))
    assert told(tmp_path) == ["a002", "a003"]
    with writing(tmp_path, "3402") as writer:
        put(writer, [answer(4)], Origin.PLATFORM, Mode.REPLACE, AT + timedelta(hours=9), over=True)
    assert told(tmp_path) == ["a004"]
    files = {path.name for path in (tmp_path / "surveys").rglob("*.parquet")}
    assert len(files) >= 2, "what somebody sent is kept, read or not"


def test_a_month_of_no_rows_belongs_to_nobody(tmp_path: Path) -> None:
    with writing(tmp_path, "3402") as writer:
        put(writer, [], Origin.PLATFORM, Mode.REPLACE, AT)
        put(writer, [answer(1)], Origin.EXTRACT, Mode.ADD, AT)
    assert told(tmp_path) == ["a001"]


def test_the_same_rows_are_the_same_file(tmp_path: Path) -> None:
    rows = [answer(number, None if number % 3 else number) for number in range(50_000)]
    one, other = tmp_path / "one.parquet", tmp_path / "other.parquet"
    assert (
        write_rows(one, facts()["surveys"], rows)
        == write_rows(other, facts()["surveys"], iter(rows))
        == 50_000
    )
    assert one.read_bytes() == other.read_bytes()
    with Store(tmp_path / "store") as store:
        read = store.connection.read_parquet(str(one))
        assert int(store.connection.to_pyarrow(read.score.notnull().sum()).as_py()) == 16_667


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": "王小明"}, "has no column"),
        ({"subject": "weather"}, "takes no"),
        ({"answer": None}, "without"),
    ],
)
def test_a_row_that_the_table_does_not_take(tmp_path: Path, wrong: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        write_rows(tmp_path / "x.parquet", facts()["surveys"], [answer(1) | wrong])
