"""An extract tried to the end without a trace: taken into a shadow of the store, which then goes.

The shadow has the store's manifest and, for every file that it names, a link: so what is said of the extract, down to the
rows that would wait and the indicators that they may move, is what taking it would come to. The store is not locked meanwhile.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tiercare.apps.mandates import queries as mandates
from tiercare.engines.measures.importing import FromFile, Report, import_file, load_mapping, touched
from tiercare.engines.measures.load import load_book
from tiercare.engines.measures.periods import Span
from tiercare.engines.measures.store import Manifest, Mode, Store, read
from tiercare.engines.measures.store.manifest import FOLDER, write
from tiercare.engines.policy.load import PackErrors
from tiercare.engines.policy.reader import Problem
from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ..queries.importing import MAPPING, QUARANTINE, REPORT, root
from ..queries.presence import moved

_SHADOW = "shadow"


@dataclass(frozen=True, slots=True)
class Tried:
    """What a trial came to; ``moved`` are indicators with the rows counted and waiting."""

    report: Report
    moved: list[tuple[str, int, int]]


def mapping_of(content: Mapping[str, Any], folder: Path) -> FromFile:
    """The content of a mapping as the engine reads it, from a file in ``folder``.

    Raises:
        Refused: one refusal for each thing that is wrong with it.
    """
    path = folder / MAPPING
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True), "utf-8")
    try:
        return load_mapping(path)
    except PackErrors as errors:
        raise Refused(*map(_problem, errors.problems)) from errors


def _problem(found: Problem) -> Refusal:
    return Refusal(
        "facts_mapping",
        Text("{what}", "{what}"),
        Text("{fix}", "{fix}"),
        fields={"what": found.message, "fix": found.fix},
        at=found.key.rpartition(".")[2],
        status=422,
    )


def tried(
    path: Path,
    mapping: FromFile,
    folder: Path,
    *,
    pack: str,
    at: datetime,
    mode: Mode,
    institutions: Collection[str] | None,
) -> Tried:
    """Try an extract; the report and the rows that would wait are then in ``folder``.

    Raises:
        Refused: as ``import_file``.
    """
    shadow = folder / _SHADOW
    shutil.rmtree(shadow, ignore_errors=True)
    for name in (REPORT, QUARANTINE):
        (folder / name).unlink(missing_ok=True)
    try:
        _cast(read(root(), mapping.region), shadow)
        report = import_file(path, mapping, shadow, at=at, mode=mode, institutions=institutions)
        found = _moved(shadow, report, pack, at)
        batch = next(each for each in read(shadow, mapping.region).batches if each.id == report.batch)
        if batch.quarantine:
            (shadow / batch.quarantine).replace(folder / QUARANTINE)
        report.write(folder / REPORT)
        return Tried(report, found)
    finally:
        shutil.rmtree(shadow, ignore_errors=True)


def _cast(manifest: Manifest, shadow: Path) -> None:
    """Lay the shadow of a store: its manifest, and links to the files that it names."""
    (shadow / FOLDER).mkdir(parents=True)
    write(shadow, manifest)
    for batch in manifest.batches:
        for name in filter(None, (*(part.file for part in batch.parts), batch.quarantine, batch.report)):
            link = shadow / name
            link.parent.mkdir(parents=True, exist_ok=True)
            if not link.is_symlink():
                link.symlink_to((root() / name).resolve())


def _moved(shadow: Path, report: Report, pack: str, at: datetime) -> list[tuple[str, int, int]]:
    months = [each.month for each in report.counts if each.month]
    if not report.quarantined or not months:
        return []
    indicators = load_book(mandates.packs(), pack).on(day_of(at))
    with Store(shadow, regions=[report.region]) as store:
        return moved(touched(store, indicators, Span(min(months), max(months)), batches=[report.batch]))
