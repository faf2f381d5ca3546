"""What is said of a batch: how many rows came, were taken and wait, why, and how full each column is in each month."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from typing import Any as Expr

import ibis

from tiercare.engines.measures.schema import Fact
from tiercare.engines.measures.store import Store
from tiercare.kernel.text import Text

from .faults import KINDS, SEPARATOR, Aspect, Weight
from .mapping import MONTH
from .rows import FAULTS, ROW_NUMBER, WAITS

_SUSPICIONS = "|".join(f"{code}@" for code, kind in KINDS.items() if kind.weight is Weight.SUSPICION)
PLACES = 5  # of each fault so many rows are named; the rest is counted and lies in quarantine


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of fault in one column.

    Attributes:
        column: ours; empty where it is the row as a whole. ``header`` is what the file calls it.
        rows: how many rows have it; ``places`` are the numbers of the first, as people see them in the file.
        values: what stood there, of the same rows.
        months: of which months it is, where the kind is about whole months.
    """

    code: str
    column: str
    header: str
    rows: int
    places: tuple[int, ...] = ()
    values: tuple[str, ...] = ()
    months: tuple[int, ...] = ()

    @property
    def weight(self) -> Weight:
        """How grave it is."""
        return KINDS[self.code].weight

    @property
    def aspect(self) -> Aspect:
        """Which side of the quality of data it is about."""
        return KINDS[self.code].aspect

    def sentence(self, language: str = "zh") -> str:
        """What is wrong."""
        return KINDS[self.code].message.fill({"column": self.header or self.column}, language)

    @property
    def fix(self) -> Text:
        """The way on."""
        return KINDS[self.code].fix


@dataclass(frozen=True, slots=True)
class Filled:
    """A column in a month (``None``: rows without one): how many rows came, how many have a value that could be read."""

    column: str
    month: int | None
    rows: int
    filled: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of a month: as they came, as they were taken, as they wait."""

    month: int | None
    came: int
    kept: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class Report:
    """The quality of a batch.

    Attributes:
        batch: its id in the store; empty before it came to that.
        refused: why the whole batch was not taken, as a code; empty if it was.
        checked_institutions: whether there was a list to hold them against.
        unread: headers of the file that the mapping does not mention.
        notes: what else is worth knowing of the file.
    """

    batch: str
    fact: str
    region: str
    source: str
    file: str
    sha256: str
    mapping: str
    encoding: str
    header_rows: int
    came: int
    kept: int
    quarantined: int
    suspected: int
    counts: tuple[Counts, ...]
    filled: tuple[Filled, ...]
    findings: tuple[Finding, ...]
    unread: tuple[str, ...] = ()
    checked_institutions: bool = True
    synthetic: bool = False
    refused: str = ""

    def of(self, aspect: Aspect) -> tuple[Finding, ...]:
        """What was found of one side of the quality: duplicates, impossible sequences …"""
        return tuple(each for each in self.findings if each.aspect is aspect)

    def write(self, path: Path) -> None:
        """Keep it as JSON."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1), encoding="utf-8")


def read_report(path: Path) -> Report:
    """A report that was kept."""
    said = json.loads(path.read_text(encoding="utf-8"))
    said["counts"] = tuple(Counts(**each) for each in said["counts"])
    said["filled"] = tuple(Filled(**each) for each in said["filled"])
    said["findings"] = tuple(_kept(each) for each in said["findings"])
    return Report(**said | {"unread": tuple(said["unread"])})


def _kept(said: dict[str, Any]) -> Finding:
    return Finding(**said | {name: tuple(said[name]) for name in ("places", "values", "months")})


@dataclass(frozen=True, slots=True)
class Tally:
    """What one pass over the judged rows counts; ``suspected`` rows were taken with a flag."""

    counts: tuple[Counts, ...]
    filled: tuple[Filled, ...]
    suspected: int

    @property
    def waiting(self) -> int:
        """How many rows wait."""
        return sum(each.quarantined for each in self.counts)


def tallied(judged: Expr, fact: Fact, store: Store) -> Tally:
    """How many rows came, were taken and wait, and how full each column is, by month."""
    waits = judged[WAITS]
    by_month = judged.group_by(MONTH).aggregate(
        _came=judged.count(),
        _waiting=waits.sum(),
        _suspected=(~waits & judged[FAULTS].re_search(_SUSPICIONS)).sum(),
        **{name: judged[name].count() for name in fact.columns},
    )
    rows = sorted(store.run(by_month), key=lambda row: row[MONTH] or 0)
    return Tally(
        tuple(
            Counts(row[MONTH], row["_came"], row["_came"] - row["_waiting"], row["_waiting"]) for row in rows
        ),
        tuple(Filled(name, row[MONTH], row["_came"], row[name]) for name in fact.columns for row in rows),
        sum(row["_suspected"] for row in rows),
    )


def findings(
    judged: Expr, came: Expr, headers: Mapping[str, tuple[str, str]], store: Store
) -> tuple[Finding, ...]:
    """Every kind of fault by column, the most frequent of the gravest first.

    Args:
        headers: our column → what the file calls it, and the column of ``came`` that holds it.
    """
    wrong = judged.filter(judged[FAULTS] != "")
    each = wrong.select(ROW_NUMBER, token=wrong[FAULTS].split(SEPARATOR).unnest())
    each = each.filter(each.token != "")
    order = ibis.window(group_by=each.token, order_by=each[ROW_NUMBER])
    first = each.mutate(_at=ibis.row_number().over(order), _n=each.count().over(group_by=each.token))
    found: dict[str, tuple[int, list[int]]] = {}
    for row in store.run(first.filter(first["_at"] < PLACES).order_by("token", ROW_NUMBER)):
        found.setdefault(row["token"], (row["_n"], []))[1].append(row[ROW_NUMBER])
    texts = _texts(came, {place for _, places in found.values() for place in places}, store)
    said = [_finding(token, count, places, headers, texts) for token, (count, places) in found.items()]
    weights = list(Weight)
    return tuple(sorted(said, key=lambda f: (weights.index(f.weight), -f.rows, f.code, f.column)))


def _finding(
    token: str,
    count: int,
    places: Sequence[int],
    headers: Mapping[str, tuple[str, str]],
    texts: Mapping[int, Mapping[str, str | None]],
) -> Finding:
    code, _, column = token.partition("@")
    header, at = headers.get(column, ("", ""))
    values = tuple(texts[place].get(at) or "" for place in places) if at else ()
    return Finding(code, column, header, count, tuple(places), values)


def _texts(came: Expr, places: set[int], store: Store) -> dict[int, Mapping[str, str | None]]:
    if not places:
        return {}
    return {row["row"]: row for row in store.run(came.filter(came.row.isin(sorted(places))))}
