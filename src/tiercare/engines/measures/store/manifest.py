"""What a store holds: the batches of a region and the periods that are locked, in one file that is replaced whole.

Readers go by the manifest alone. A file that no manifest names is no part of the store, however it came there.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from tiercare.engines.measures.periods import Span

_FORMAT = 1
FOLDER = "manifest"


class Mode(StrEnum):
    """What a batch does to the months it brings."""

    ADD = "add"  # its rows stand beside those that are there
    REPLACE = "replace"  # what was there of these months is no longer read


class Origin(StrEnum):
    """Who speaks in a batch; of a month's rows of a fact table one does, so that nothing is counted twice."""

    EXTRACT = "extract"  # somebody sent a file
    PLATFORM = (
        "platform"  # written from the platform's own events, each time in place of what it wrote before
    )


@dataclass(frozen=True, slots=True)
class Part:
    """A batch's rows of one month: the file (relative to the store) and the digest of its content."""

    month: int
    file: str
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """What is known of a batch when it comes.

    Attributes:
        source: how people call where it comes from.
        sha256: of the input as it came; the same input is not taken twice.
        mapping: which mapping, in which version, read it; empty for what needed none.
        at: when it came, with a time zone.
    """

    fact: str
    source: str
    sha256: str
    at: datetime
    mode: Mode = Mode.ADD
    mapping: str = ""
    rows_in: int = 0
    rows_quarantined: int = 0
    synthetic: bool = False
    origin: Origin = Origin.EXTRACT


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that came.

    Attributes:
        quarantine: the file with the rows that were not taken, empty if all were.
        report: the file that says how good its data are.
        refused: why none of it was taken, empty if it was.
    """

    id: str
    region: str
    arrived: Arrived
    parts: tuple[Part, ...]
    quarantine: str = ""
    report: str = ""
    refused: str = ""

    @property
    def fact(self) -> str:
        """The fact table it belongs to."""
        return self.arrived.fact

    @property
    def months(self) -> tuple[int, ...]:
        """The months of which it brought rows, ascending."""
        return tuple(sorted(part.month for part in self.parts))

    @property
    def rows_kept(self) -> int:
        """How many rows were taken."""
        return sum(part.rows for part in self.parts)


@dataclass(frozen=True, slots=True)
class Locked:
    """Months that were reported and approved: no batch touches them until the lock is lifted."""

    span: Span
    at: datetime
    by: str
    lifted: datetime | None = None
    lifted_by: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """All batches of a region in the order they came, and its locks."""

    region: str
    batches: tuple[Batch, ...] = ()
    locks: tuple[Locked, ...] = ()

    @property
    def synthetic(self) -> bool | None:
        """Whether the rows are synthetic; ``None`` while there are none."""
        return next((each.arrived.synthetic for each in self.batches if not each.refused), None)

    def known(self, arrived: Arrived) -> Batch | None:
        """The batch that took this input already, so that taking it once more would change nothing or double it.

        What was put aside whole may come again. So may, in the place of what is there, an input of which rows were put
        aside, or that another mapping reads: they may be good now. The platform may come back to what stood before.
        """
        if arrived.origin is Origin.PLATFORM:
            return None
        for each in reversed(self.batches):
            if (each.fact, each.arrived.sha256) == (arrived.fact, arrived.sha256) and each.parts:
                better = each.arrived.rows_quarantined > 0 or each.arrived.mapping != arrived.mapping
                return None if arrived.mode is Mode.REPLACE and better else each
        return None

    def parts(self, fact: str) -> tuple[Part, ...]:
        """The files that are read, by month and as they came."""
        return tuple(part for _, part in self._read(fact))

    def origins(self, fact: str) -> dict[int, Origin]:
        """By month of which there are rows, who speaks there."""
        return {part.month: batch.arrived.origin for batch, part in self._read(fact) if part.rows}

    def senders(self, fact: str) -> tuple[str, ...]:
        """What the batches that are read say of where they come from, each once."""
        return tuple(dict.fromkeys(batch.arrived.source for batch, part in self._read(fact) if part.rows))

    def _read(self, fact: str) -> list[tuple[Batch, Part]]:
        found: dict[int, list[tuple[Batch, Part]]] = {}
        for batch in self.batches:
            for part in batch.parts if batch.fact == fact else ():
                if batch.arrived.mode is Mode.REPLACE:
                    found[part.month] = []
                found.setdefault(part.month, []).append((batch, part))
        return [each for month in sorted(found) for each in found[month]]

    def thinned(self, before: datetime) -> Manifest:
        """Without what the platform wrote before that moment and has written anew since: it can write it again, and a file
        every few minutes would fill the disk. What others sent stays."""
        left = [
            replace(each, parts=tuple(part for part in each.parts if part.month not in self.superseded(each)))
            if each.arrived.origin is Origin.PLATFORM and each.arrived.at < before
            else each
            for each in self.batches
        ]
        kept = (each for each in left if each.parts or each.arrived.origin is Origin.EXTRACT)
        return replace(self, batches=tuple(kept))

    def superseded(self, batch: Batch) -> frozenset[int]:
        """The months of ``batch`` that a later one has replaced."""
        return frozenset(
            month for each in self._later(batch) if each.arrived.mode is Mode.REPLACE for month in each.months
        )

    def came_again(self, batch: Batch) -> bool:
        """Whether the same input came later: what waits of it waits there."""
        return any(each.arrived.sha256 == batch.arrived.sha256 for each in self._later(batch))

    def _later(self, batch: Batch) -> list[Batch]:
        later = self.batches[self.batches.index(batch) + 1 :]
        return [each for each in later if each.fact == batch.fact]

    def lock(self, month: int) -> Locked | None:
        """The lock that holds a month."""
        return next((each for each in self.locks if month in each.span and each.lifted is None), None)

    def digest(self, fact: str, month: int) -> str:
        """What the rows of a month are, whatever the order in which their batches came; empty if there are none."""
        digests = sorted(part.digest for part in self.parts(fact) if part.month == month)
        return hashlib.sha256("\n".join([self.region, *digests]).encode()).hexdigest() if digests else ""

    def with_batch(self, batch: Batch) -> Manifest:
        """With one batch more."""
        return replace(self, batches=(*self.batches, batch))


def path_of(root: Path, region: str) -> Path:
    """Where the manifest of a region lies."""
    return root / FOLDER / f"{region}.json"


def regions_in(root: Path) -> tuple[str, ...]:
    """The regions that a store knows."""
    return tuple(sorted(path.stem for path in (root / FOLDER).glob("*.json")))


def read(root: Path, region: str) -> Manifest:
    """The manifest of a region; an empty one if nothing has come yet.

    Raises:
        ValueError: it was written by a later version of the platform.
    """
    try:
        said = json.loads(path_of(root, region).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Manifest(region)
    if said["format"] != _FORMAT:
        raise ValueError(f"{path_of(root, region)}: format {said['format']}, this version reads {_FORMAT}")
    return Manifest(region, tuple(map(_batch, said["batches"])), tuple(map(_lock, said["locks"])))


def write(root: Path, manifest: Manifest) -> None:
    """Put ``manifest`` in the place of the one before: whole, on the disk, or not at all."""
    path = path_of(root, manifest.region)
    draft = path.with_suffix(".draft")
    said = {"format": _FORMAT, **asdict(manifest)}
    with draft.open("w", encoding="utf-8") as file:
        json.dump(said, file, ensure_ascii=False, indent=1, default=str)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    settle([path.parent])


def settle(folders: Iterable[Path]) -> None:
    """See that names in ``folders`` survive a power cut."""
    for folder in folders:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _batch(said: dict[str, Any]) -> Batch:
    arrived = said.pop("arrived")
    arrived |= {
        "at": datetime.fromisoformat(arrived["at"]),
        "mode": Mode(arrived["mode"]),
        "origin": Origin(arrived.get("origin", Origin.EXTRACT)),
    }
    parts = tuple(Part(**each) for each in said.pop("parts"))
    return Batch(arrived=Arrived(**arrived), parts=parts, **said)


def _lock(said: dict[str, Any]) -> Locked:
    span = Span(**said.pop("span"))
    lifted = said.pop("lifted")
    at = datetime.fromisoformat(said.pop("at"))
    return Locked(span, at, lifted=datetime.fromisoformat(lifted) if lifted else None, **said)
