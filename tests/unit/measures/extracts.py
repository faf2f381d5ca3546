"""Extracts as other systems send them, brought into a store of their own."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from tiercare.engines.measures.importing import Finding, FromFile, Limits, Report, import_file, own_mapping
from tiercare.engines.measures.store import Store, read
from tiercare.kernel.refusal import Refusal, Refused

from .made import NOW, REGION

SMALL = Limits("300MB", 1)
VISITS, QUOTAS, PEOPLE, ORDERS = (
    own_mapping(fact, REGION) for fact in ("visits", "quotas", "population", "recognition")
)
STAY = {
    "person": "P1",
    "kind": "inpatient",
    "date": "2025-03-05",
    "admitted": "2025-03-01",
    "days": "4",
    "institution": "H1",
    "tier": "secondary",
    "place": "340202",
    "home": "340202001",
    "critical": "否",
    "difficult": "0",
    "tcm": "是",
    "arrival": "self",
    "discharge": "home",
    "cost": "1234.50",
    "fund": "800",
    "own": "434.5",
}
RESERVE = {
    "institution": "H1",
    "division": "340202",
    "resource": "slot",
    "offered": "9",
    "reserved": "3",
    "used": "1",
}


SEEN = ("visit", "person", "date", "discharge")


def written(path: Path, rows: list[dict[str, str]], encoding: str = "utf-8", separator: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(
            file, list(dict.fromkeys(name for row in rows for name in row)), delimiter=separator
        )
        writer.writeheader()
        writer.writerows(rows)
    return path


def reserves(path: Path, *rows: dict[str, str]) -> Path:
    return written(path, [{**RESERVE, "released": "0", **row} for row in rows])


def people(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(["division,group,month,persons", *rows]), encoding="utf-8")
    return path


def taken(path: Path, root: Path, mapping: FromFile = PEOPLE, **how: Any) -> Report:
    return import_file(path, mapping, root, at=NOW, limits=SMALL, **how)


def contents(root: Path, fact: str) -> list[dict[str, Any]]:
    with Store(root, memory="200MB", threads=1) as store:
        return list(store.run(store.table(fact)))


def refusals(path: Path, root: Path, mapping: FromFile = PEOPLE) -> tuple[Refusal, ...]:
    with pytest.raises(Refused) as refused:
        taken(path, root, mapping)
    assert read(root, REGION).batches == ()
    return refused.value.refusals


def known(path: Path, root: Path, mapping: FromFile = PEOPLE, **how: Any) -> tuple[Refusal, ...]:
    with pytest.raises(Refused, match="facts_batch_known") as refused:
        taken(path, root, mapping, **how)
    return refused.value.refusals


def codes(report: Report) -> dict[str, tuple[int, ...]]:
    return {f"{each.code}@{each.column}": each.places for each in report.findings}


def finding(report: Report, code: str) -> Finding:
    (found,) = (each for each in report.findings if each.code == code)
    return found


ORDER = {"institution": "H1", "division": "340202", "source": "H2", "item": "CT", "recognised": "1"}
