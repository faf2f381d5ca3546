"""Reads of what people upload: the files that wait, what was found in them, how files were read before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from pyarrow.parquet import ParquetFile

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.engines.measures.importing import KINDS, Report, read_report
from tiercare.engines.measures.importing.faults import GRAVE, SEPARATOR
from tiercare.engines.measures.schema import Fact, facts
from tiercare.engines.measures.store import locked_refusal, read
from tiercare.engines.sheets import LIMIT_ROWS
from tiercare.kernel.actor import Actor
from tiercare.kernel.divisions import is_within
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ..models import FactMapping, FactUpload
from ..rules import importing as rules
from .matters import area_of

UPLOADS = "uploads"
DRAFT, REPORT, QUARANTINE, MAPPING = "draft.json", "report.json", "quarantine.parquet", "mapping.json"
_BATCH = 10_000


def root() -> Path:
    """Where the facts lie."""
    return Path(settings.FACTS_ROOT)


def folder_of(region: str, upload_id: UUID) -> Path:
    """Where an upload lies until it is decided."""
    return root() / UPLOADS / region / str(upload_id)


def run_refusal(actor: Actor, region: str) -> Refusal | None:
    """Why the actor may not import facts of ``region``, if so."""
    refusal = may(actor, Right.EVALUATION_RUN)
    return refusal or may(actor, Right.EVALUATION_RUN, division=region, institution_id=actor.institution_id)


def read_refusal(actor: Actor, region: str) -> Refusal | None:
    """Why the actor may not see what facts there are of ``region``, if so: it must hold, or lie around, where they work.

    Nothing of it is about one resident: counts of rows, and what was wrong with how many.
    """
    refusal, own = may(actor, Right.EVALUATION_READ), actor.division_code
    if refusal is not None or own is None or is_within(region, own) or is_within(own, region):
        return refusal
    return rules.OTHER_AREA


def uploads(actor: Actor, region: str, *, limit: int = 50) -> list[FactUpload]:
    """Uploads of a region that are not decided, the newest first."""
    if run_refusal(actor, region):
        return []
    with scoped(actor, area=area_of(actor)):
        waiting = [FactUpload.State.DRAFT, FactUpload.State.CHECKED]
        found = FactUpload.objects.filter(region=region, state__in=waiting)
        return list(found.order_by("-uploaded_at", "-id")[:limit])


def upload(actor: Actor, upload_id: UUID) -> FactUpload:
    """One upload.

    Raises:
        Refused: there is none that the actor may see (404), or importing is not their right.
    """
    if refusal := may(actor, Right.EVALUATION_RUN):
        raise Refused(refusal)
    with scoped(actor, area=area_of(actor)):
        found = FactUpload.objects.filter(id=upload_id).first()
    if found is None or run_refusal(actor, found.region):
        raise Refused(rules.NO_SUCH_UPLOAD)
    return found


def upload_of_batch(actor: Actor, region: str, batch: str) -> FactUpload | None:
    """The upload by which a batch came, if it came by one that the actor may see."""
    with scoped(actor, area=area_of(actor)):
        return FactUpload.objects.filter(region=region, batch=batch).first()


def kept_mappings(actor: Actor, region: str) -> list[FactMapping]:
    """How files of a region were read before, by table and source."""
    with scoped(actor, area=area_of(actor)):
        return list(FactMapping.objects.filter(region=region).order_by("fact", "source"))


def fitting(actor: Actor, region: str, fact: str, headers: Sequence[str]) -> FactMapping | None:
    """The kept mapping that reads a file with these headers, of the table if one is named; the fullest, then the newest."""
    kept = kept_mappings(actor, region)
    fit = [each for each in kept if fact in {"", each.fact} and rules.fits(each.content, headers)]
    return max(fit, key=lambda each: (len(each.content["columns"]), each.saved_at), default=None)


@dataclass(frozen=True, slots=True)
class Draft:
    """What was seen of an uploaded file: headers with what stands below them, and headers that only look like ours."""

    values: Mapping[str, Sequence[str]]
    unsure: frozenset[str]


def draft(found: FactUpload) -> Draft:
    """What was seen of an upload.

    Raises:
        Refused: its file is gone.
    """
    said = json.loads(_lying(found, DRAFT).read_text("utf-8"))
    return Draft(said["values"], frozenset(said["unsure"]))


def report_of(found: FactUpload) -> Report:
    """What the trial of an upload said.

    Raises:
        Refused: there was none, or its file is gone.
    """
    if found.state != FactUpload.State.CHECKED:
        raise Refused(rules.NOT_CHECKED)
    return read_report(_lying(found, REPORT))


def _lying(found: FactUpload, name: str) -> Path:
    path = folder_of(found.region, found.id) / name
    if not path.exists():
        raise Refused(rules.FILE_GONE)
    return path


def locked(found: FactUpload) -> Refusal | None:
    """Why nothing of an upload can be taken, where it touches months that are locked: the store's own words."""
    manifest = read(root(), found.region)
    months = found.counts.get("months", ())
    held = {month: lock for month in months if (lock := manifest.lock(month)) is not None}
    return locked_refusal(held) if held else None


def quarantine_of(found: FactUpload) -> Path:
    """The rows of an upload that would wait.

    Raises:
        Refused: it was not tried, or none would.
    """
    if found.state != FactUpload.State.CHECKED:
        raise Refused(rules.NOT_CHECKED)
    if not found.counts.get("waiting"):
        raise Refused(rules.NOTHING_WAITS)
    return _lying(found, QUARANTINE)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rows that wait, to be corrected and sent again: the number of the row and why stand before what came."""

    header: Sequence[str]
    rows: Iterator[Sequence[str | int | None]]
    count: int


def waiting(path: Path, fact: str, headers: Mapping[str, str], language: str = "zh") -> Waiting:
    """The rows of a quarantine file as they came, each with what is wrong and the way on.

    Args:
        headers: our column → what the file calls it.
    """
    file = ParquetFile(path)
    first = next(file.iter_batches(1, columns=["names"])).to_pylist()[0]["names"]
    said = {"zh": ("原行号", "问题", "怎么办"), "en": ("row", "what is wrong", "the way on")}[language]
    table = facts()[fact]

    def lines() -> Iterator[Sequence[str | int | None]]:
        for batch in file.iter_batches(_BATCH, columns=["row", "faults", "came"]):
            for row in batch.to_pylist():
                told = [_told(each, headers, table, language) for each in _reasons(row["faults"])]
                why = " ".join(dict.fromkeys(what for what, _ in told))
                fix = " ".join(dict.fromkeys(fix for _, fix in told))
                yield (row["row"], why, fix, *row["came"])

    return Waiting((*said, *first), lines(), int(file.metadata.num_rows))


def _reasons(faults: str) -> list[str]:
    """Why a row waits; what was merely noted of it besides does not keep it back."""
    return [each for each in faults.split(SEPARATOR) if each and each.partition("@")[0] in GRAVE]


def _told(token: str, headers: Mapping[str, str], fact: Fact, language: str) -> tuple[str, str]:
    code, _, column = token.partition("@")
    kind = KINDS[code]
    name = headers.get(column) or (rules.called(fact, column).in_language(language) if column else "")
    return kind.message.fill({"column": name}, language), kind.fix.in_language(language)


def too_many_for_excel(count: int) -> Refusal:
    """More rows than a workbook is read with."""
    return Refusal(
        "facts_quarantine_too_long",
        Text(
            "待核的有 {count} 行，Excel 文件最多 {limit} 行。", "{count} rows wait; a workbook takes {limit}."
        ),
        Text("请下载 CSV。", "Download the CSV."),
        fields={"count": count, "limit": LIMIT_ROWS},
    )


def headers_of(content: Mapping[str, Any]) -> dict[str, str]:
    """Our column → theirs, of a mapping's content."""
    return {ours: theirs for theirs, ours in content.get("columns", {}).items()}
