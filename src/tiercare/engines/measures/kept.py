"""Amounts of months kept beside the facts: of what has not changed nothing is scanned again."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import ibis

from .cells import Amounts
from .indicators import Part
from .schema import Level
from .store import Store
from .tallies import in_months

FOLDER = "kept"
WORTH_IT = 500_000  # rows: fewer are counted again sooner than a file is written and read
_DAY = 86_400  # seconds
_COMPUTED = 3  # one more whenever the same definitions over the same rows come to give other amounts


class KeptSums:
    """The amounts that evaluations over a store have computed, by exactly what they were computed from; one for each evaluation.

    The name of a file is the digest of the definitions, the levels, the region and the batches that make up the months. Its first line
    says which rows were looked at besides, and what they were. So a corrected definition or a replaced month is found missing, never
    wrong. Files can be deleted at any time; those of rows that are no more are deleted as soon as something new is kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._folder = store.root / FOLDER
        self._digests: dict[tuple[str, int], str] = {}
        self._swept = False

    def find(
        self, parts: Sequence[Part], levels: Collection[Level], region: str, months: Sequence[int]
    ) -> Amounts | None:
        """As ``cells.Kept``."""
        try:
            with self._file(parts, levels, region, months).open(encoding="utf-8") as file:
                head = json.loads(next(file, ""))
                said = json.loads(next(file, "")) if self._stands(head) else None
        except (FileNotFoundError, ValueError):
            return None  # never written, or cut off when the machine went down: it is computed again
        return None if said is None else {(Level(level), key): _read(each) for level, key, each in said}

    def keep(
        self,
        parts: Sequence[Part],
        levels: Collection[Level],
        region: str,
        months: Sequence[int],
        amounts: Amounts,
        *,
        first: int,
    ) -> None:
        """As ``cells.Kept``; what is half written is never found."""
        self._sweep()
        looked_at = [m for m in self._store.months(parts[0].fact) if first <= m <= max(months)]
        head = self._said(parts[0].fact, first, looked_at)
        body = [[level, key, _written(each)] for (level, key), each in amounts.items()]
        file = self._file(parts, levels, region, months)
        draft = file.with_suffix(f".{os.getpid()}")
        draft.write_text(f"{json.dumps(head)}\n{json.dumps(body)}\n", "utf-8")
        draft.replace(file)

    def tally(
        self,
        parts: Sequence[Part],
        levels: Collection[Level],
        region: str,
        months: Sequence[int],
        made: Callable[[Sequence[int]], Any],
    ) -> Any:
        """As ``cells.Kept``: each file holds the tally of some months, of which those count that are still what they were."""
        if sum(each.rows for each in self._store.parts(parts[0].fact) if each.month in months) < WORTH_IT:
            return made(months)
        name = sha256(json.dumps(_definition(parts, levels, region)).encode()).hexdigest()
        missing, found = list(months), []
        for head, file in self._tallies(name, parts[0].fact):
            still = [m for m in missing if head["rows"].get(str(m)) == self._digest(parts[0].fact, m)]
            if still:
                found.append((file, sorted(map(int, head["rows"])), still))
                missing = [month for month in missing if month not in still]
        if missing:
            found.append((self._keep_tally(name, parts[0].fact, missing, made(missing)), missing, missing))
        return ibis.union(
            *[in_months(self._store.file(file), of, some, len(parts)) for file, of, some in found]
        )

    def _tallies(self, name: str, fact: str) -> list[tuple[dict[str, Any], Path]]:
        """The tallies of a definition, those of most months that still stand first."""
        heads = [(_head(file), file.with_suffix(".parquet")) for file in self._folder.glob(f"{name}-*.tally")]
        there = [(head, file) for head, file in heads if head is not None and file.exists()]
        return sorted(there, key=lambda pair: (-self._standing(pair[0]), pair[1]))

    def _keep_tally(self, name: str, fact: str, months: Sequence[int], tally: Any) -> Path:
        """Write the rows, then the head: without it they are no more than a draft."""
        self._sweep()
        head = self._said(fact, months[0], months)
        rows = sha256(json.dumps(head["rows"]).encode()).hexdigest()
        file = self._folder / f"{name}-{rows[:16]}.parquet"
        draft = file.with_suffix(f".{os.getpid()}")
        self._store.write_parquet(tally, draft)
        draft.replace(file)
        draft.write_text(json.dumps(head), "utf-8")
        draft.replace(file.with_suffix(".tally"))
        return file

    def _file(
        self, parts: Sequence[Part], levels: Collection[Level], region: str, months: Sequence[int]
    ) -> Path:
        rows = [[month, self._digest(parts[0].fact, month)] for month in months]
        said = [*_definition(parts, levels, region), rows]
        return self._folder / f"{sha256(json.dumps(said).encode()).hexdigest()}.json"

    def _said(self, fact: str, first: int, months: Sequence[int]) -> dict[str, Any]:
        """What is written above what is kept: the rows that were looked at."""
        return {
            "computed": _COMPUTED,
            "regions": self._store.regions,
            "fact": fact,
            "first": first,
            "rows": {str(month): self._digest(fact, month) for month in months},
        }

    def _stands(self, head: Mapping[str, Any]) -> bool:
        """Whether the rows that were looked at are still all there is, and what they were."""
        rows, fact = {int(month): digest for month, digest in head["rows"].items()}, head["fact"]
        there = [m for m in self._store.months(fact) if head["first"] <= m <= max(rows, default=0)]
        return there == sorted(rows) and all(self._digest(fact, month) == rows[month] for month in there)

    def _standing(self, head: Mapping[str, Any]) -> int:
        """How many months are still what they were."""
        return sum(self._digest(head["fact"], int(month)) == rows for month, rows in head["rows"].items())

    def _sweep(self) -> None:
        """Delete what can never be found again: other rows, another way to compute, cut off, left behind."""
        if self._swept:
            return
        self._swept = True
        self._folder.mkdir(exist_ok=True)
        for file in self._folder.iterdir():
            if not self._may_be_found(file):
                file.unlink(missing_ok=True)
                if file.suffix == ".tally":
                    file.with_suffix(".parquet").unlink(missing_ok=True)

    def _may_be_found(self, file: Path) -> bool:
        if file.suffix not in {".json", ".tally"}:
            # Rows of a tally are named by its head; a draft may be that of somebody who is writing.
            with suppress(FileNotFoundError):
                return file.with_suffix(".tally").exists() or time.time() - file.stat().st_mtime < _DAY
            return True
        head = _head(file)
        if head is None or head["computed"] != _COMPUTED:
            return False
        if head["regions"] != list(self._store.regions):
            return True  # another store reads other regions of the same folder; what it keeps is its own
        return self._standing(head) > 0 if file.suffix == ".tally" else self._stands(head)

    def _digest(self, fact: str, month: int) -> str:
        """What a month is made of, as it was when this evaluation first asked."""
        found = self._digests.get((fact, month))
        if found is None:
            found = self._digests[fact, month] = self._store.partition_digest(fact, month)
        return found


def _definition(parts: Sequence[Part], levels: Collection[Level], region: str) -> list[Any]:
    return [_COMPUTED, [repr(part) for part in parts], sorted(levels), region]


def _head(file: Path) -> dict[str, Any] | None:
    """The first line of a file; ``None`` if it was cut off."""
    with suppress(FileNotFoundError, ValueError), file.open(encoding="utf-8") as lines:
        head = json.loads(next(lines, ""))
        return head if isinstance(head, dict) and {"computed", "regions", "rows"} <= head.keys() else None
    return None


def _written(amounts: Sequence[int | Fraction]) -> list[int | str]:
    return [int(each) if each == int(each) else str(each) for each in amounts]


def _read(amounts: Sequence[int | str]) -> list[int | Fraction]:
    return [each if isinstance(each, int) else Fraction(each) for each in amounts]
