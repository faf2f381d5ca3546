"""An extract comes into the store: looked at, laid down, judged row by row and across rows, taken or put aside, reported."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any as Expr

import ibis

from tiercare.engines.measures.schema import Fact
from tiercare.engines.measures.store import SYNTHETIC, Arrived, Batch, Mode, Store, Writer, writing
from tiercare.kernel.clock import day_of

from . import across, quality
from .across import TOLD
from .faults import GRAVE, SEPARATOR, token
from .files import Input, identify
from .header import check_header
from .mapping import MONTH, FromFile
from .quality import Finding, Report
from .rows import FAULTS, ROW_NUMBER, SINCE, WAITS, Plausible, came, judged_alone
from .staging import ROW, Staged, stage


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a run may take: memory of the database, and its threads (all of the machine's if not said)."""

    memory: str = "2GB"
    threads: int | None = None


_LIMITS = Limits()


def import_file(
    path: Path,
    mapping: FromFile,
    root: Path,
    *,
    at: datetime,
    mode: Mode = Mode.ADD,
    institutions: Collection[str] | None = None,
    since: int = SINCE,
    limits: Limits = _LIMITS,
    take: bool = True,
) -> Report:
    """Take an extract into the store at ``root``: its good rows, its bad ones into quarantine; whole or not at all.

    A batch of which a row belongs to a locked month is put into quarantine whole; the report says so in ``refused``.

    Args:
        at: now; no date in the extract lies after this day.
        mode: whether its months stand beside what is there or take its place.
        institutions: the keys that are known; without them those of the store's institutions of the region, if any.
        since: the first month of which there can be an extract.
        take: whether to take it; if not, the report says what would be, and nothing stays.

    Raises:
        Refused: the file is no table, is empty, lacks columns, came before, or another batch of the region is under way.
    """
    file = identify(path)
    with (
        writing(root, mapping.region) as writer,
        Store(root, regions=[mapping.region], memory=limits.memory, threads=limits.threads) as store,
    ):
        arrived = Arrived(
            mapping.fact.name,
            mapping.source,
            file.sha256,
            at,
            mode,
            mapping.label,
            synthetic=mapping.synthetic,
        )
        writer.check_new(arrived)  # before a large file is read
        staged = stage(file, mapping, writer.folder)
        check_header(staged.names, mapping)
        if SYNTHETIC in staged.names:  # an export of made-up rows stays made up, whoever forgets to say so
            mapping, arrived = replace(mapping, synthetic=True), replace(arrived, synthetic=True)
        writer.check(arrived)
        run = _Run(file, staged, mapping, store, writer, mode, Plausible(day_of(at), since))
        return run.finish(arrived, _known(store, institutions), take=take)


def _known(store: Store, given: Collection[str] | None) -> Collection[str] | None:
    if given is not None:
        return given
    if not store.months("institutions"):
        return None
    keys = store.table("institutions")
    found = store.run(keys.select(key=keys.institution).distinct())
    return {row["key"] for row in found}


@dataclass(slots=True)
class _Run:
    """One import under way."""

    file: Input
    staged: Staged
    mapping: FromFile
    store: Store
    writer: Writer
    mode: Mode
    plausible: Plausible

    @property
    def fact(self) -> Fact:
        """The table it is for."""
        return self.mapping.fact

    def finish(self, arrived: Arrived, institutions: Collection[str] | None, *, take: bool) -> Report:
        """Judge, write, report.

        Raises:
            Refused: the platform itself writes these months (``facts_other_source``).
        """
        rows = came(self.store, self.staged)
        judged = self._judged(rows, institutions)
        tally = quality.tallied(judged, self.fact, self.store)
        months = [each.month for each in tally.counts if each.month and each.kept]
        self.writer.check_origin(arrived, months)  # a dry run says so too
        refused = ""
        if self.writer.locked(dict.fromkeys(months)):
            judged, refused = self._closed(judged, months), "month_locked"
            tally = quality.tallied(judged, self.fact, self.store)
        report = Report(
            batch="",
            fact=self.fact.name,
            region=self.mapping.region,
            source=self.mapping.source,
            file=self.file.path.name,
            sha256=self.file.sha256,
            mapping=self.mapping.label,
            encoding=self.file.encoding,
            header_rows=self.staged.header_rows,
            came=self.staged.rows,
            kept=self.staged.rows - tally.waiting,
            quarantined=tally.waiting,
            suspected=tally.suspected,
            counts=tally.counts,
            filled=tally.filled,
            findings=self._findings(judged, rows),
            unread=tuple(name for name in self.staged.names if name and name not in self.mapping.theirs),
            checked_institutions=institutions is not None,
            synthetic=self.mapping.synthetic,
            refused=refused,
        )
        if not take:
            return report
        batch = self._keep(
            replace(arrived, rows_in=report.came, rows_quarantined=tally.waiting),
            judged,
            rows,
            report,
            months,
        )
        return replace(report, batch=batch.id)

    def _judged(self, rows: Expr, institutions: Collection[str] | None) -> Expr:
        """All rows read and judged; kept on disk between the steps, so that none is read twice from text."""
        alone = judged_alone(
            self.store,
            rows,
            self.staged,
            self.mapping,
            self.plausible,
            legible=not self.file.illegible,
        )
        alone = self._on_disk(alone, "alone")
        region = self.mapping.region
        found = across.accused(alone, self.fact, region, self.store, institutions)
        without = self._months_replaced(alone)
        if set(self.store.months(self.fact.name)) - set(without):
            found = ibis.union(found, across.in_store(alone, self.fact, region, self.store, without))
        found = self._on_disk(found, "across")
        if not self._count(found):
            return alone
        said = found.group_by(ROW_NUMBER).aggregate(
            _said=found[TOLD].group_concat(SEPARATOR, order_by=found[TOLD]),
            _grave=found[TOLD].split("@")[0].isin(sorted(GRAVE)).any(),
        )
        said = said.rename(_of=ROW_NUMBER)
        met = alone.left_join(said, alone[ROW_NUMBER] == said["_of"])
        more = ibis.coalesce(met["_said"] + SEPARATOR, "")
        both = met.mutate(**{FAULTS: met[FAULTS] + more, WAITS: met[WAITS] | met["_grave"].fill_null(False)})
        return self._on_disk(both.drop("_said", "_grave", "_of").order_by(ROW_NUMBER), "judged")

    def _months_replaced(self, alone: Expr) -> list[int]:
        if self.mode is Mode.ADD:
            return []
        return [row[MONTH] for row in self.store.run(alone.filter(~alone[WAITS]).select(MONTH).distinct())]

    def _closed(self, judged: Expr, months: list[int]) -> Expr:
        """All rows wait: those of locked months for that reason, the others because the batch is one."""
        locked = judged[MONTH].isin(list(self.writer.locked(dict.fromkeys(months))))
        why = ibis.ifelse(locked.fill_null(False), token("month_locked"), token("batch_refused")) + SEPARATOR
        return judged.mutate(**{FAULTS: judged[FAULTS] + why, WAITS: ibis.literal(True)})

    def _findings(self, judged: Expr, rows: Expr) -> tuple[Finding, ...]:
        headers = self._headers()
        apart = across.months_apart(judged, self.fact, self.store)
        of_months = {
            column: [month for name, month in apart if name == column]
            for column in dict.fromkeys(c for c, _ in apart)
        }
        units = tuple(
            Finding(
                "units",
                column,
                headers[column][0],
                self._count(judged.filter(judged[MONTH].isin(months) & ~judged[WAITS])),
                months=tuple(months),
            )
            for column, months in of_months.items()
        )
        return (*quality.findings(judged, rows, headers, self.store), *units)

    def _headers(self) -> Mapping[str, tuple[str, str]]:
        """Our column → what the file calls it, and the column that holds its text."""
        names = self.staged.names
        return {
            ours: (theirs, f"c{names.index(theirs)}" if theirs in names else "")
            for ours, theirs in ((n, self.mapping.columns.get(n, n)) for n in (*self.fact.columns, MONTH))
        }

    def _keep(self, arrived: Arrived, judged: Expr, rows: Expr, report: Report, months: list[int]) -> Batch:
        folder = self.writer.folder
        said = folder / "report.json"
        report.write(said)
        waiting = None
        if report.quarantined:
            waiting = folder / "quarantine.parquet"
            self.store.write_parquet(self._waiting(judged, rows), waiting)
        if report.refused:
            return self.writer.refuse(arrived, report.refused, waiting, said)
        drafts: dict[int, Path] = {}
        for month in months:
            good = judged.filter(~judged[WAITS] & (judged[MONTH] == month)).select(*self.fact.columns)
            drafts[month] = folder / f"{month}.parquet"
            self.store.write_parquet(good, drafts[month])
        return self.writer.commit(arrived, drafts, waiting, said)

    def _waiting(self, judged: Expr, rows: Expr) -> Expr:
        """Rows in quarantine: where they stood, why they wait, as they came, and as far as they could be read."""
        bad = judged.filter(judged[WAITS])
        names = [name or f"({at + 1})" for at, name in enumerate(self.staged.names)]
        met = bad.join(rows, bad[ROW_NUMBER] == rows[ROW])
        return met.select(
            row=met[ROW_NUMBER],
            month=met[MONTH],
            faults=met[FAULTS],
            names=ibis.literal(names, type="array<string>"),
            came=ibis.array([met[f"c{at}"] for at in range(len(names))]),
            read=ibis.struct({name: met[name] for name in self.fact.columns}),
        ).order_by("row")

    def _on_disk(self, rows: Expr, name: str) -> Expr:
        path = self.writer.folder / f"{name}.parquet"
        self.store.write_parquet(rows, path)
        return self.store.file(path)

    def _count(self, rows: Expr) -> int:
        return int(self.store.connection.to_pyarrow(rows.count()).as_py())
