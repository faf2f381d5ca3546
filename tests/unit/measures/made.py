"""Rows of fact tables out of thin air, as they can stand in a store."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from tiercare.engines.measures.schema import Column, Fact, Type, facts
from tiercare.engines.measures.store import Arrived, Batch, Mode, writing

NOW = datetime(2025, 7, 1, tzinfo=UTC)
REGION = "3402"
Row = dict[str, Any]
_TEXTS = (
    "芜湖市第一人民医院",
    "H0001",
    "a,b",
    '说"好"',
    "弋矶山;医院|东区",
    "=1+1",
    "'quoted",
    "𠮷野家",
    "line\nbreak",
    "-7",
    "0012",
    "é",
)


def row(chance: random.Random, fact: Fact, number: int, month: int) -> Row:
    """A row of ``month`` (YYYYMM) whose key is its number, with empty cells where they may be."""
    made = {each.name: _cell(chance, fact, each, number, month) for each in fact.columns.values()}
    if "cost" in made and {"fund", "own"} <= made.keys():
        made["cost"] = made["fund"] + made["own"]
    return made


def _cell(chance: random.Random, fact: Fact, column: Column, number: int, month: int) -> Any:
    if column.name in fact.key and column.type in {Type.KEY, Type.CODE}:
        return f"{chance.choice(_TEXTS)}{number}"
    if column.name in fact.key and column.type is Type.DIVISION:
        return f"3402{number % 100:02}"
    if column.name == fact.dated:
        return date(month // 100, month % 100, 1 + number % 28)
    if column.optional and chance.random() < 0.4:
        return None
    return {
        Type.WORD: chance.choice([word for word in column.words if word != "died"] or [""]),
        Type.FLAG: chance.random() < 0.5,
        Type.CODES: chance.choice(("", "elderly", "elderly|diabetes")),
        Type.DIVISION: chance.choice(("340202", "340202001", "340202001003")),
        Type.DATE: _day(fact, column, month),
        Type.COUNT: chance.randrange(10**6),
        Type.MINUTES: chance.randrange(10**6),
        Type.YUAN: chance.randrange(10**11),
    }.get(column.type, chance.choice(_TEXTS))


def _day(fact: Fact, column: Column, month: int) -> date:
    """One that is in order with the date of the row: before admission nobody is discharged, after sending comes all else."""
    first = date(month // 100, month % 100, 1)
    return first - timedelta(3) if column.name == "admitted" or not fact.dated else first + timedelta(40)


def put(
    root: Path,
    fact: str,
    months: dict[int, list[Row]],
    *,
    seed: str = "0",
    mode: Mode = Mode.ADD,
    synthetic: bool = False,
) -> Batch:
    """Lay rows into a store as one batch."""
    schema = facts()[fact].arrow
    with writing(root, REGION) as writer:
        drafts = {}
        for month, rows in months.items():
            drafts[month] = writer.folder / f"{month}.parquet"
            parquet.write_table(pa.Table.from_pylist(rows, schema), drafts[month])
        arrived = Arrived(fact, "made", sha256(seed.encode()).hexdigest(), NOW, mode, synthetic=synthetic)
        return writer.commit(arrived, drafts)
