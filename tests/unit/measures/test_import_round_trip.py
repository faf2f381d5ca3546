"""What is exported can be imported again, and is then the same: every fact table, every format, whatever stands in it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tiercare.engines.measures.importing import Limits, import_file, own_mapping
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.schema import facts
from tiercare.engines.measures.store import Encoding, Format, Store, export

from .made import NOW, REGION, put, row

FORMATS: list[tuple[Format, Encoding]] = [
    (Format.CSV, "utf-8-sig"),
    (Format.CSV, "gb18030"),
    (Format.XLSX, "utf-8-sig"),
    (Format.PARQUET, "utf-8-sig"),
]


def contents(root: Path, fact: str) -> list[dict[str, Any]]:
    with Store(root, memory="500MB", threads=1) as store:
        return sorted(store.run(store.table(fact)), key=repr)


@settings(
    max_examples=3, deadline=None, phases=[Phase.generate]
)  # a smaller example would cost minutes to find
@given(st.sampled_from(sorted(facts())), st.sampled_from(FORMATS), st.integers(0, 10**6))
def test_an_export_comes_back_as_it_went(
    tmp_path_factory: pytest.TempPathFactory, fact: str, written: tuple[Format, Encoding], seed: int
) -> None:
    root, chance, (format_, encoding) = tmp_path_factory.mktemp("trip"), random.Random(seed), written
    starts = {202502: 0, 202503: 9}
    months = {m: [row(chance, facts()[fact], n, m) for n in range(at, at + 9)] for m, at in starts.items()}
    put(root / "a", fact, months)
    file = root / f"out.{format_}"
    with Store(root / "a", memory="500MB", threads=1) as store:
        assert export(store, fact, span("2025"), file, format_, encoding=encoding) == 18
    mapping = own_mapping(fact, REGION, fen=format_ is Format.PARQUET)
    report = import_file(file, mapping, root / "b", at=NOW, limits=Limits("500MB", 1))
    assert {each.code for each in report.findings} <= {"days", "no_admission"}
    assert report.kept == report.came == 18
    assert contents(root / "b", fact) == contents(root / "a", fact)
