"""What facts there are of a region: by table and month, from which batches, made up or not, locked; read from the manifest
alone, no data file is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tiercare.apps.mandates import queries as mandates
from tiercare.engines.measures.importing import Report, Touched, read_report, touched
from tiercare.engines.measures.load import load_book
from tiercare.engines.measures.periods import Span
from tiercare.engines.measures.schema import Fact, facts
from tiercare.engines.measures.store import Batch, Manifest, Mode, Store, read
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from ..rules import importing as rules
from .importing import read_refusal, root


@dataclass(frozen=True, slots=True)
class Cell:
    """A table in a month: its rows, the batches they came with, and whether the month is locked."""

    month: int
    rows: int = 0
    batches: tuple[Batch, ...] = ()
    locked: bool = False

    @property
    def synthetic(self) -> bool:
        """Whether any of it is made up."""
        return any(each.arrived.synthetic for each in self.batches)


@dataclass(frozen=True, slots=True)
class Line:
    """A table: its months, those missing between its first month and the region's last, and when it came last."""

    fact: Fact
    cells: Mapping[int, Cell]
    missing: tuple[int, ...] = ()
    rows: int = 0
    came_at: datetime | None = None

    @property
    def last(self) -> int | None:
        """The last month of which there are rows."""
        return max((month for month, cell in self.cells.items() if cell.rows), default=None)


@dataclass(frozen=True, slots=True)
class Presence:
    """All tables of a region. ``months`` runs without gaps from the first to the last of any table."""

    region: str
    lines: Sequence[Line] = ()
    months: Sequence[int] = ()
    synthetic: bool = False
    locks: Sequence[Span] = field(default=())


def manifest_of(actor: Actor, region: str) -> Manifest:
    """What has come of a region.

    Raises:
        Refused: it is not the actor's to see.
    """
    if refusal := read_refusal(actor, region):
        raise Refused(refusal)
    return read(root(), region)


def presence(actor: Actor, region: str) -> Presence:
    """Tables by months.

    Raises:
        Refused: it is not the actor's to see.
    """
    manifest = manifest_of(actor, region)
    found = {name: manifest.parts(name) for name in facts()}
    known = {part.month for parts in found.values() for part in parts}
    months = Span(min(known), max(known)).months() if known else ()
    return Presence(
        region,
        [_line(manifest, fact, months) for fact in facts().values()],
        months,
        bool(manifest.synthetic),
        [each.span for each in manifest.locks if each.lifted is None],
    )


def _line(manifest: Manifest, fact: Fact, months: Sequence[int]) -> Line:
    of_file = {part.file: batch for batch in manifest.batches for part in batch.parts}
    rows: dict[int, int] = {}
    came: dict[int, list[Batch]] = {}
    for part in manifest.parts(fact.name):
        rows[part.month] = rows.get(part.month, 0) + part.rows
        came.setdefault(part.month, []).append(of_file[part.file])
    cells = {
        month: Cell(month, rows.get(month, 0), tuple(came.get(month, ())), manifest.lock(month) is not None)
        for month in months
    }
    first = min(rows, default=None)
    missing = tuple(
        month
        for month in months
        if first is not None and month > first and fact.due(month) and month not in rows
    )
    at = max((each.arrived.at for batches in came.values() for each in batches), default=None)
    return Line(fact, cells, missing, sum(rows.values()), at)


@dataclass(frozen=True, slots=True)
class Came:
    """A batch as it stands in a list: ``replaced`` are those of its months that a later one stands in for."""

    batch: Batch
    replaced: frozenset[int] = frozenset()

    @property
    def replaces(self) -> bool:
        """Whether it took the place of what was there."""
        return self.batch.arrived.mode is Mode.REPLACE


def batches(actor: Actor, region: str, *, fact: str = "", month: int | None = None) -> list[Came]:
    """Batches of a region, the newest first, of one table or month if named.

    Raises:
        Refused: they are not the actor's to see.
    """
    manifest = manifest_of(actor, region)
    return [
        Came(each, manifest.superseded(each))
        for each in reversed(manifest.batches)
        if fact in {"", each.fact} and (month is None or month in each.months)
    ]


def batch(actor: Actor, region: str, key: str) -> Came:
    """One batch.

    Raises:
        Refused: there is none, or it is not the actor's to see.
    """
    found = next((each for each in batches(actor, region) if each.batch.id == key), None)
    if found is None:
        raise Refused(rules.NO_SUCH_BATCH)
    return found


def report_kept(found: Came) -> Report | None:
    """What was said of a batch when it came; nothing for what came without a check (made up, or the platform's own)."""
    path = root() / found.batch.report
    return read_report(path) if found.batch.report and path.exists() else None


def touched_by(found: Came, pack: str) -> list[tuple[str, int, int]]:
    """Indicators of a pack that the waiting rows of a batch may still move: id, rows counted, rows waiting. It reads the
    facts: a second or more."""
    months = found.batch.months
    if not found.batch.quarantine or not months:
        return []
    book = load_book(mandates.packs(), pack)
    with Store(root(), regions=[found.batch.region]) as store:
        of_all = touched(
            store,
            book.on(found.batch.arrived.at.date()),
            Span(min(months), max(months)),
            batches=[found.batch.id],
        )
    return moved(of_all)


def moved(of_all: Sequence[Touched]) -> list[tuple[str, int, int]]:
    """Those of ``touched`` that rows wait for, the most uncertain first; those of which no row counts yet have no value that
    could move, and stand last."""
    found = sorted(
        (each for each in of_all if each.waiting),
        key=lambda each: (not each.counted, -(each.share or 0), each.indicator),
    )
    return [(each.indicator, each.counted, each.waiting) for each in found]
