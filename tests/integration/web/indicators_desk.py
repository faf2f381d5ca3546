"""A mixed bag of facts for the pages of indicators: every hand-checked example of a region and year side by side, a year before
with a third of them, and packs that somebody has altered. What must come out is worked out by the slow engine, row by row."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from zlib import crc32

import pyarrow as pa
from pyarrow import parquet

from tiercare.apps.evaluation.commands.running import Computed, compute
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.measures.by_hand import evaluate_by_hand
from tiercare.engines.measures.evaluate import Value
from tiercare.engines.measures.load import load_book
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.schema import Level, Type, facts
from tiercare.engines.measures.store import Arrived, Mode, writing
from tiercare.engines.policy.load import own_folder

from ...unit.measures.examples import read_examples
from ...unit.measures.made import NOW

Rows = dict[str, list[dict[str, Any]]]
THIS, BEFORE = 2025, 2024


@cache
def _bag() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The rows of all examples of 3402 in 2025, people and rows with keys of their own, at a dozen institutions."""
    found: Rows = {}
    for number, example in enumerate(read_examples()):
        if example.region != "3402" or str(example.span)[:4] != str(THIS):
            continue
        for fact, rows in example.rows.items():
            for row in rows:
                if row["month"] // 100 == THIS:
                    own = {name: _key(fact, name, value, number) for name, value in row.items()}
                    found.setdefault(fact, []).append(own)
    return found


def _key(fact: str, name: str, value: Any, number: int) -> Any:
    """A key in the bag: rows and people stay apart, institutions and consortia are put together."""
    if name == "consortium" and value is None:
        return f"c{number % 5:02}"  # few examples say whose, where that does not matter to them
    if name == "month" or value is None or facts()[fact].columns[name].type is not Type.KEY:
        return value
    if name == "person" or (facts()[fact].dated and name in facts()[fact].key):
        return f"e{number}.{value}"
    which = crc32(f"{number} {value}".encode())
    return f"c{which % 5:02}" if "consortium" in name else f"h{which % 12:02}"


@cache
def bag(digits: str) -> Rows:
    """Both years in the region that begins with these four digits; of the year before two rows of three are left out."""
    found: Rows = {}
    for fact, rows in _bag().items():
        here = [{name: _moved(fact, name, value, digits, 0) for name, value in row.items()} for row in rows]
        then = [{n: _moved(fact, n, value, digits, 1) for n, value in row.items()} for row in rows[::3]]
        found[fact] = [*here, *then]
    return found


def _moved(fact: str, name: str, value: Any, digits: str, years: int) -> Any:
    if name == "month":
        return value - 100 * years
    kind = facts()[fact].columns[name].type
    if kind is Type.DIVISION and isinstance(value, str) and value.startswith("3402"):
        return digits + value[4:]
    if kind is Type.DATE and value is not None and years:
        return value.replace(year=value.year - years, day=min(value.day, 28))
    own = facts()[fact].dated and name in facts()[fact].key
    return f"b.{value}" if own and years and value is not None and kind is Type.KEY else value


def lay(root: Path, region: str, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> Path:
    """Lay rows into a store as batches of a region, marked synthetic."""
    for fact, several in rows.items():
        months: dict[int, list[dict[str, Any]]] = {}
        for row in several:
            months.setdefault(row["month"], []).append({n: v for n, v in row.items() if n != "month"})
        with writing(root, region) as writer:
            drafts = {}
            for month, mine in months.items():
                drafts[month] = writer.folder / f"{month}.parquet"
                parquet.write_table(pa.Table.from_pylist(mine, facts()[fact].arrow), drafts[month])
            digest = sha256(f"{fact} {region}".encode()).hexdigest()
            writer.commit(Arrived(fact, "made", digest, NOW, Mode.ADD, synthetic=True), drafts)
    return root


@contextmanager
def altered(settings: Any, folder: Path, edits: Mapping[str, Mapping[str, str]]) -> Iterator[None]:
    """Copies of packs in which files are changed: pack → {pattern: what takes its place}, each found at least once."""
    for pack, changes in edits.items():
        copy = folder / pack
        shutil.copytree(own_folder() / pack, copy)
        texts = {path: path.read_text("utf-8") for path in copy.rglob("*.yaml")}
        for pattern, better in changes.items():
            found = 0
            for path, text in texts.items():
                texts[path], count = re.subn(pattern, better, text)
                found += count
            assert found, pattern
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
    settings.POLICY_PACKS = [folder]
    mandates.reload_packs()
    try:
        yield
    finally:
        settings.POLICY_PACKS = []
        mandates.reload_packs()


_COMPUTED: dict[tuple[str, str], Computed] = {}


def computed(name: str, pack: str, root: Path, years: Sequence[int]) -> Computed:
    """Computed once in a process by its name; keeping it is each test's own."""
    if (name, pack) not in _COMPUTED:
        _COMPUTED[name, pack] = compute(pack, root=root, years=years)
    return _COMPUTED[name, pack]


_BY_HAND: dict[Any, Mapping[tuple[str, Level, str], Value]] = {}


def by_hand(
    pack: str, rows: Mapping[str, Sequence[Mapping[str, Any]]], indicators: Sequence[str], at: str
) -> Mapping[tuple[str, Level, str], Value]:
    """The values of a period by the slow engine and the pack in force, by indicator, level and key."""
    packs = mandates.packs()
    known = pack, packs, id(rows), tuple(indicators), at  # packs that were read anew are others
    if known not in _BY_HAND:
        book = load_book(packs, pack)
        asked = [book.indicators[each][-1] for each in indicators]
        found = evaluate_by_hand(rows, asked, [span(at)], region=packs.packs[pack].region)
        _BY_HAND[known] = {(each.indicator, each.level, each.key): each for each in found}
    return _BY_HAND[known]
