"""How batches come into a store: whole or not at all, one writer of a region at a time."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from pyarrow import parquet

from tiercare.engines.measures.periods import Span
from tiercare.engines.measures.schema import facts
from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .manifest import (
    FOLDER,
    Arrived,
    Batch,
    Locked,
    Manifest,
    Mode,
    Origin,
    Part,
    path_of,
    read,
    settle,
    write,
)
from .store import digest_of

QUARANTINE = "quarantine"
_WORK = ".work"
# Ours: whoever reads a file that the platform has written anew is done with it by then.
_READ_ON = timedelta(hours=1)


@contextmanager
def writing(root: Path, region: str) -> Iterator[Writer]:
    """Be the one who writes into a region; what an earlier writer left unfinished is swept away first.

    Raises:
        Refused: somebody else is writing (``facts_busy``).
    """
    if not region.isdigit():
        raise ValueError(f"no division: {region!r}")
    (root / FOLDER).mkdir(parents=True, exist_ok=True)
    with path_of(root, region).with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(
                lock, fcntl.LOCK_EX | fcntl.LOCK_NB
            )  # the kernel drops it with its holder: never stale
        except BlockingIOError:
            raise Refused(_busy(region)) from None
        writer = Writer(root, region)
        writer.sweep()
        writer.folder.mkdir(parents=True)
        try:
            yield writer
        finally:
            shutil.rmtree(writer.folder, ignore_errors=True)


class Writer:
    """Writes into one region of a store; made by ``writing``.

    Attributes:
        folder: where drafts are laid before they are taken; on the same disk as the store, gone afterwards.
    """

    def __init__(self, root: Path, region: str) -> None:
        self.root, self.region = root, region
        self.folder = root / _WORK / f"region={region}"

    @property
    def manifest(self) -> Manifest:
        """What has come so far."""
        return read(self.root, self.region)

    def check(self, arrived: Arrived) -> None:
        """Whether a batch may come at all.

        Raises:
            Refused: as ``check_new``; or synthetic and real rows would mix (``facts_mixed``).
        """
        self.check_new(arrived)
        synthetic = self.manifest.synthetic
        if synthetic not in {None, arrived.synthetic}:
            raise Refused(_mixed(self.region, synthetic is True))

    def check_new(self, arrived: Arrived) -> None:
        """Whether its input has not come before.

        Raises:
            Refused: it has (``facts_batch_known``).
        """
        if (known := self.manifest.known(arrived)) is not None:
            raise Refused(_known(known))

    def check_origin(self, arrived: Arrived, months: Iterable[int]) -> None:
        """Whether nobody else speaks in these months. An extract that replaces takes the platform's place, by somebody's
        choice; the platform never takes the place of an extract by itself.

        Raises:
            Refused: somebody else does (``facts_other_source``).
        """
        if arrived.origin is Origin.EXTRACT and arrived.mode is Mode.REPLACE:
            return
        there = self.manifest.origins(arrived.fact)
        others = [month for month in sorted(months) if there.get(month, arrived.origin) is not arrived.origin]
        if others:
            raise Refused(other_source(arrived, others))

    def commit(
        self,
        arrived: Arrived,
        drafts: Mapping[int, Path],
        quarantine: Path | None = None,
        report: Path | None = None,
        *,
        over: bool = False,
    ) -> Batch:
        """Take a batch: its Parquet drafts by month (in ``folder``; they are moved), its rows that wait, what is said of it.
        ``over``: somebody wants it in the place of what others sent.

        Killed at any moment, it leaves the store as it was or with the whole batch in it.

        Raises:
            Refused: as ``check`` and ``check_origin``; or a month is locked (``facts_month_locked``), then nothing of the
                batch is taken.
        """
        self.check(arrived)
        if not over:
            self.check_origin(arrived, drafts)
        if locked := self.locked(drafts):
            raise Refused(locked_refusal(locked))
        name = self._name(arrived)
        parts = tuple(self._move(arrived.fact, month, draft, name) for month, draft in sorted(drafts.items()))
        return self._keep(Batch(name, self.region, arrived, parts, *self._beside(name, quarantine, report)))

    def refuse(
        self, arrived: Arrived, why: str, quarantine: Path | None, report: Path | None = None
    ) -> Batch:
        """Put on record that a batch came and none of it was taken; all its rows wait in quarantine."""
        name = self._name(arrived)
        beside = self._beside(name, quarantine, report)
        return self._keep(Batch(name, self.region, arrived, (), *beside, refused=why))

    def locked(self, months: Mapping[int, object]) -> dict[int, Locked]:
        """Those of ``months`` that are locked."""
        manifest = self.manifest
        return {month: held for month in sorted(months) if (held := manifest.lock(month)) is not None}

    def lock(self, span: Span, *, at: datetime, by: str) -> None:
        """Close months that were approved."""
        manifest = self.manifest
        write(self.root, replace(manifest, locks=(*manifest.locks, Locked(span, at, by))))

    def lift(self, span: Span, *, at: datetime, by: str, why: str) -> None:
        """Open months again, with the reason on record.

        Raises:
            KeyError: these months are not locked as one.
        """
        manifest = self.manifest
        if not any(each.span == span and each.lifted is None for each in manifest.locks):
            raise KeyError(str(span))
        locks = tuple(
            replace(each, lifted=at, lifted_by=by, why=why)
            if each.span == span and each.lifted is None
            else each
            for each in manifest.locks
        )
        write(self.root, replace(manifest, locks=locks))

    def sweep(self) -> list[str]:
        """Remove what a writer left that was killed: drafts, and files that the manifest does not name."""
        shutil.rmtree(self.folder, ignore_errors=True)
        batches = self.manifest.batches
        named = {part.file for batch in batches for part in batch.parts}
        named |= {name for batch in batches for name in (batch.quarantine, batch.report)}
        of_region = f"region={self.region}"
        lying = [
            *(path for fact in facts() for path in (self.root / fact / of_region).glob("month=*/*.parquet")),
            *(self.root / QUARANTINE / of_region).glob("*.*"),
        ]
        left = [path for path in lying if path.relative_to(self.root).as_posix() not in named]
        for path in left:
            path.unlink()
        return [path.relative_to(self.root).as_posix() for path in left]

    def _name(self, arrived: Arrived) -> str:
        last = max((int(each.id.partition("-")[0]) for each in self.manifest.batches), default=0)
        return f"{last + 1:05}-{arrived.sha256[:8]}"

    def _move(self, fact: str, month: int, draft: Path, name: str) -> Part:
        file = f"{fact}/region={self.region}/month={month}/{name}.parquet"
        rows = parquet.read_metadata(draft).num_rows
        part = Part(month, file, rows, digest_of(draft))
        self._into_place(draft, file)
        return part

    def _beside(self, name: str, quarantine: Path | None, report: Path | None) -> tuple[str, str]:
        """Where the rows that wait and the report come to lie; empty for what there is not."""
        files = []
        for draft in (quarantine, report):
            file = f"{QUARANTINE}/region={self.region}/{name}{draft.suffix}" if draft else ""
            if draft:
                self._into_place(draft, file)
            files.append(file)
        return files[0], files[1]

    def _into_place(self, draft: Path, file: str) -> None:
        place = self.root / file
        place.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(place)
        above = [place.parent, place.parent.parent, place.parent.parent.parent]
        settle(folder for folder in above if folder.is_relative_to(self.root))

    def _keep(self, batch: Batch) -> Batch:
        write(self.root, self.manifest.with_batch(batch).thinned(batch.arrived.at - _READ_ON))
        return batch


def locked_refusal(locked: Mapping[int, Locked]) -> Refusal:
    """Why a batch that touches locked months is not taken."""
    first = next(iter(locked.values()))
    return Refusal(
        "facts_month_locked",
        Text(
            "这批数据涉及已锁定的月份 {months}（{by}于 {day} 锁定），整批没有入库。",
            "This batch touches locked months: {months} (locked by {by} on {day}). None of it was taken.",
        ),
        Text(
            "确需更正的，请先由锁定人解锁并写明理由，再重新导入；不涉及这些月份的行可以另存一份先导入。",
            "To correct them, ask whoever locked them to lift the lock with a reason and import again; rows of other "
            "months can be saved apart and imported now.",
        ),
        fields={"months": ", ".join(map(_shown, locked)), "by": first.by, "day": first.at.date()},
        at="file",
    )


def other_source(arrived: Arrived, months: Sequence[int]) -> Refusal:
    """Why a batch is not taken where somebody else speaks: the same visit would be counted twice."""
    shown = ", ".join(map(_shown, months))
    if arrived.origin is Origin.PLATFORM:
        return Refusal(
            "facts_other_source",
            Text(
                "{months} 的这张表用的是导入的数据，平台没有另写一份，以免重复计数。",
                "Of {months} this table holds imported data; the platform did not write its own beside them, lest "
                "anything be counted twice.",
            ),
            Text(
                "要改用平台自己的业务数据，请执行 tiercare facts refresh，加上 --over。",
                "To use the platform's own data instead, run tiercare facts refresh with --over.",
            ),
            fields={"months": shown},
            at="file",
        )
    return Refusal(
        "facts_other_source",
        Text(
            "{months} 的这张表由平台业务数据自动生成，再加上这份文件会重复计数，整批没有入库。",
            "Of {months} this table is written from the platform's own events; with this file beside them things would be "
            "counted twice. None of it was taken.",
        ),
        Text(
            "这份文件更完整、要以它为准的，请选择“替换”再导入；平台数据不足一部分的，请把那部分补录到平台。",
            "If the file is the more complete and should count, import it again with “replace”; if the platform only lacks "
            "a part, enter that part in the platform.",
        ),
        fields={"months": shown},
        at="file",
    )


def _shown(month: int) -> str:
    return f"{month // 100}-{month % 100:02}"


def _busy(region: str) -> Refusal:
    return Refusal(
        "facts_busy",
        Text("区划 {region} 正在导入另一批数据。", "Another batch of region {region} is being imported."),
        Text(
            "请等它结束后再试，不会丢失任何数据。", "Wait until it has ended and try again; nothing is lost."
        ),
        fields={"region": region},
    )


def _known(batch: Batch) -> Refusal:
    return Refusal(
        "facts_batch_known",
        Text(
            "同样内容的文件已在 {at} 导入过（批次 {batch}，{rows} 行），这次没有重复入库。",
            "A file with the same content was imported at {at} (batch {batch}, {rows} rows). Nothing was taken twice.",
        ),
        Text(
            "数据、映射或机构名单有更正，要重新收下待核的行，请再次导入并选择“替换”。",
            "If the data, the mapping or the list of institutions were corrected, import again with “replace”.",
        ),
        fields={
            "at": f"{batch.arrived.at.astimezone(ZONE):%Y-%m-%d %H:%M}",
            "batch": batch.id,
            "rows": batch.rows_kept,
        },
        at="file",
    )


def _mixed(region: str, synthetic: bool) -> Refusal:
    there, came = ("模拟", "真实") if synthetic else ("真实", "模拟")
    there_en, came_en = ("synthetic", "real") if synthetic else ("real", "synthetic")
    return Refusal(
        "facts_mixed",
        Text(
            f"区划 {{region}} 已有{there}数据，不能再放入{came}数据。",
            f"Region {{region}} holds {there_en} data; {came_en} data do not come into it.",
        ),
        Text(
            "请另选一个数据目录；确为模拟数据的，请在映射文件写 synthetic: true。",
            "Choose another folder; if the data are synthetic, say “synthetic: true” in the mapping file.",
        ),
        fields={"region": region},
    )
