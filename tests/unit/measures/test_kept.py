"""Sums that were kept are found for exactly the rows and definitions they were computed from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiercare.engines.measures import kept
from tiercare.engines.measures.by_hand import evaluate_by_hand
from tiercare.engines.measures.evaluate import evaluate
from tiercare.engines.measures.indicators import Form
from tiercare.engines.measures.kept import KeptSums
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.schema import facts
from tiercare.engines.measures.store import Arrived, Mode, Store, writing

from .frames import Row, filled, rows_of
from .test_engines_agree import BOOK, indicator, part

AT = datetime(2025, 6, 1, tzinfo=UTC)
ADDITIVE = [each for each in BOOK if not each.of and all(part.aggregate.additive for part in each.parts)]


class Watched(Store):
    """A store that counts what it is asked."""

    asked = 0

    def run(self, expression: Any) -> Iterable[Mapping[str, Any]]:
        self.asked += 1
        return super().run(expression)


def put(root: Path, months: Mapping[int, list[dict[str, Any]]], name: str, mode: Mode = Mode.ADD) -> None:
    with writing(root, "3402") as writer:
        files = {}
        for month, rows in months.items():
            files[month] = writer.folder / f"{month}.parquet"
            schema = facts()["visits"].arrow
            plain = [{key: row[key] for key in schema.names} for row in rows]
            pq.write_table(pa.Table.from_pylist(plain, schema=schema), files[month])
        arrived = Arrived(
            "visits",
            name,
            sha256=name,
            at=AT,
            mode=mode,
            rows_in=sum(map(len, months.values())),
            synthetic=True,
        )
        writer.commit(arrived, files)


def visits(month: int, *tiers: str) -> list[dict[str, Any]]:
    return [
        filled(
            "visits",
            visit=f"{month}{nth}",
            tier=tier,
            date=date(month // 100, month % 100, 1 + nth),
            person="a",
        )
        for nth, tier in enumerate(tiers)
    ]


def test_only_what_changed_is_asked_again(tmp_path: Path) -> None:
    put(tmp_path, {202501: visits(202501, "primary"), 202502: visits(202502, "primary", "tertiary")}, "one")
    whole = [span("2025")]

    def values(*, keeps: bool) -> tuple[list[Any], int]:
        with Watched(tmp_path) as store:
            found = evaluate(store, ADDITIVE, whole, region="3402", kept=KeptSums(store) if keeps else None)
            return found, store.asked

    plain, asked = values(keeps=False)
    assert values(keeps=True) == (plain, asked), "the first time nothing is there"
    assert values(keeps=True) == (plain, 0), "then everything"
    put(tmp_path, {202502: visits(202502, "primary", "primary")}, "two", Mode.REPLACE)
    corrected, _ = values(keeps=False)
    assert corrected != plain
    found, again = values(keeps=True)
    assert found == corrected and 0 < again <= asked + 1, "one more, to see how far back it matters"
    for file in (tmp_path / "kept").iterdir():
        file.write_text("")
    assert values(keeps=True) == (corrected, asked), "what was cut off is computed again"
    for file in (tmp_path / "kept").iterdir():
        file.unlink()
    assert values(keeps=True) == (corrected, asked), "what is kept can be thrown away"


def stays(month: int, *people: str) -> list[dict[str, Any]]:
    return [
        filled(
            "visits",
            visit=f"{month}s{nth}",
            person=person,
            kind="inpatient",
            date=date(month // 100, month % 100, 9),
            wait_days=nth,
            institution=f"h{nth % 2}",
        )
        for nth, person in enumerate(people)
    ]


PEOPLE = [
    indicator(
        "people",
        [part("visits", "visited", "distinct(person, kind == inpatient)")],
        [part("visits", "visited", "distinct(person)")],
    ),
    indicator(
        "waits",
        [part("visits", "visited", "median(wait_days, kind == inpatient)")],
        [part("visits", "visited", "count(kind == inpatient)")],
        Form.MEDIAN,
    ),
    indicator("seen_first", [part("visits", "visited", "count(since_primary <= 14)")], [], Form.NUMBER),
    indicator("back_soon", [part("visits", "visited", "count(since_stay <= 40)")], [], Form.NUMBER),
]
WITHIN = [span("2025"), span("2025-02")]


def agreed(root: Path) -> tuple[int, int]:
    """How often was asked with what is kept, and without; both and the slow engine give the same."""
    with Watched(root) as store:
        plain = evaluate(store, PEOPLE, WITHIN, region="3402")
        without = store.asked
        rows = list(store.run(store.table("visits")))
    slow = evaluate_by_hand({"visits": rows}, PEOPLE, WITHIN, region="3402")
    assert sorted(plain, key=repr) == sorted(slow, key=repr)
    found, asked = from_kept(root)
    assert found == plain
    return asked, without


def from_kept(root: Path) -> tuple[list[Any], int]:
    """What comes out with what is kept, and how often was asked for it."""
    with Watched(root) as store:
        return evaluate(store, PEOPLE, WITHIN, region="3402", kept=KeptSums(store)), store.asked


def kept_files(root: Path) -> set[str]:
    return {file.name for file in (root / "kept").iterdir()}


@pytest.fixture(params=[0, kept.WORTH_IT])
def enough(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """From how many rows on tallies are kept: from the first on, or not these few."""
    monkeypatch.setattr(kept, "WORTH_IT", request.param)
    return int(request.param)


def test_people_and_medians_are_kept_too(tmp_path: Path, enough: int) -> None:
    months = {
        202412: [*stays(202412, "a"), *visits(202412, "primary")],
        202501: [*stays(202501, "a", "b", "c"), *visits(202501, "primary", "tertiary")],
        202502: [*stays(202502, "b", "d"), *visits(202502, "tertiary")],
        202503: stays(202503, "a"),
    }
    put(tmp_path, months, "one")
    first, without = agreed(tmp_path)
    assert first <= without + 1
    assert agreed(tmp_path)[0] == 0, "nothing has changed"
    assert any(name.endswith(".tally") for name in kept_files(tmp_path)) is (enough == 0)
    put(tmp_path, {202503: stays(202503, "a", "e")}, "two", Mode.REPLACE)
    before = kept_files(tmp_path)
    again, _ = agreed(tmp_path)
    assert 0 < again < first
    assert before - kept_files(tmp_path), "what is of the March that was is gone"
    put(tmp_path, {202412: stays(202412, "a", "b")}, "three", Mode.REPLACE)
    back, _ = agreed(tmp_path)
    assert 0 < back < first, "what looks back that far, and nothing of the months themselves"
    put(tmp_path, {202502: stays(202502, "z")}, "four", Mode.REPLACE)
    put(tmp_path, {202504: stays(202504, "z", "b")}, "five")
    agreed(tmp_path)
    assert agreed(tmp_path)[0] == 0


def test_a_month_before_all_others_that_comes_later_is_looked_back_at(tmp_path: Path, enough: int) -> None:
    """What looks back depends on months that were not there, too."""
    late = filled("visits", visit="late", person="a", date=date(2025, 1, 5))
    put(tmp_path, {202501: [late]}, "one")
    agreed(tmp_path)
    stay = filled("visits", visit="stay", person="a", kind="inpatient", date=date(2024, 12, 1))
    put(tmp_path, {202412: [stay]}, "two")
    agreed(tmp_path)
    assert agreed(tmp_path)[0] == 0
    put(tmp_path, {202411: [{**stay, "date": date(2024, 11, 27), "kind": "outpatient"}]}, "three")
    agreed(tmp_path)


MONTHS = (202411, 202412, 202501, 202502)
some_visits = st.lists(rows_of(facts()["visits"], MONTHS), min_size=1, max_size=10)


@settings(max_examples=8, deadline=None)
@given(some_visits, some_visits, st.sampled_from(MONTHS))
def test_a_month_that_comes_anew_and_all_of_it_computed_again(
    rows: list[Row], others: list[Row], month: int
) -> None:
    """Whatever the rows and whichever the month, what is kept of the others changes no value."""
    before = {
        each: [row for row in rows if row["month"] == each] for each in sorted({row["month"] for row in rows})
    }
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept, "WORTH_IT", 0)
        put(Path(name), before, "one")
        agreed(Path(name))
        anew = [{**row, "month": month, "date": _in_month(row["date"], month)} for row in others]
        put(Path(name), {month: anew}, "two", Mode.REPLACE)
        agreed(Path(name))
        assert from_kept(Path(name))[1] == 0


def _in_month(day: date, month: int) -> date:
    """A row lies in the month of its day: a store that says otherwise is none that an import writes."""
    return date(month // 100, month % 100, min(day.day, 28))


def test_nothing_is_left_that_can_never_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "WORTH_IT", 0)
    put(tmp_path, {month: stays(month, "a", "b") for month in (202501, 202502)}, "one")
    agreed(tmp_path)
    folder = tmp_path / "kept"
    half = folder / "half.json"
    half.write_text('{"computed":', "utf-8")
    old, writing_now = folder / "left.4711", folder / "new.4712"
    for each in (old, writing_now):
        each.write_text("", "utf-8")
    os.utime(old, (0, 0))
    for file in folder.glob("*.tally"):
        file.with_suffix(".parquet").unlink()
    last = 0
    for nth in range(2):
        put(tmp_path, {m: stays(m, "a", *"bcd"[nth:]) for m in (202501, 202502)}, f"again{nth}", Mode.REPLACE)
        agreed(tmp_path)
        counted = len(kept_files(tmp_path) - {writing_now.name})
        assert not half.exists() and not old.exists() and writing_now.exists()
        assert nth == 0 or counted == last, "as many as ever"
        last = counted
