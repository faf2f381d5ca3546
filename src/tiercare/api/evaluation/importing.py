"""``/api/evaluation/facts``: extracts of facts checked, taken or dropped; the batches that came."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field, ValidationError

from tiercare.api.directory import may
from tiercare.api.etags import answered, as_bytes
from tiercare.api.imports import once_of_form
from tiercare.api.paging import Words, known_only
from tiercare.api.problems import Problem
from tiercare.api.writes import Body, once
from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.commands import importing as commands
from tiercare.apps.evaluation.queries import importing as queries
from tiercare.apps.evaluation.queries import presence
from tiercare.apps.network import queries as network
from tiercare.engines.measures.importing import Finding, Report
from tiercare.engines.measures.store import Mode
from tiercare.engines.sheets import normalised
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

router = Router(tags=["facts"])
_READ = {304: None, **dict.fromkeys((401, 403, 404, 422), Problem)}
_WRITE = dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 428), Problem)
_FORM = ("file", "region", "fact", "mode", "mapping", "csrfmiddlewaretoken")
_FEW = 40  # findings of a report that are told one by one: there are hardly ever more kinds


class MappingIn(Body):
    """A mapping file's content: their column → ours, and how what stands there is read."""

    fact: Words
    source: str = Field(min_length=1, max_length=120)
    columns: dict[str, str] = Field(max_length=200)
    constants: dict[str, str] = Field(default_factory=dict)
    defaults: dict[str, str] = Field(default_factory=dict)
    words: dict[str, dict[str, str]] = Field(default_factory=dict)
    dates: dict[str, str] = Field(default_factory=dict)
    units: dict[str, str] = Field(default_factory=dict)


class FindingOut(Schema):
    """One kind of fault in one column: how many rows, the numbers of the first, what stood there, the way on."""

    code: str
    weight: Literal["fault", "suspicion", "note"]
    column: str
    header: str
    rows: int
    places: list[int]
    values: list[str]
    message: str
    way_on: str


class MonthOut(Schema):
    """Rows of a month; without one they could not be dated."""

    month: int | None
    came: int
    kept: int
    quarantined: int


class MovedOut(Schema):
    """An indicator whose value the waiting rows may still move."""

    indicator: str
    counted: int
    waiting: int


class QualityOut(Schema):
    """What was found in an extract."""

    came: int
    kept: int
    quarantined: int
    suspected: int
    refused: str
    mapping: str
    encoding: str
    months: list[MonthOut]
    filled: dict[str, int]
    findings: list[FindingOut]
    unread: list[str]


class UploadOut(Schema):
    """An extract that was sent. ``DRAFT``: its mapping is a guess to be checked and sent with it; ``CHECKED``: it was tried,
    nothing of it counts yet."""

    id: UUID
    region: str
    fact: str
    file: str
    sha256: str
    state: Literal["DRAFT", "CHECKED", "TAKEN", "DROPPED"]
    mode: Literal["add", "replace"]
    mapping: dict[str, Any]
    uploaded_by: str
    uploaded_at: datetime
    checked_at: datetime | None
    batch: str
    quality: QualityOut | None
    moved: list[MovedOut]


class BatchOut(Schema):
    """A batch that came. ``replaced``: months that a later one stands in for."""

    id: str
    fact: str
    source: str
    at: datetime
    mode: Literal["add", "replace"]
    months: list[int]
    replaced: list[int]
    rows: int
    quarantined: int
    refused: str
    synthetic: bool
    mapping: str


class BatchesOut(Schema):
    """Batches of a region, the newest first."""

    items: list[BatchOut]


class OneBatchOut(BatchOut):
    """One batch with what was said of its quality; nothing for what came without a check."""

    quality: QualityOut | None


class Sent(Body):
    """What is said of a file: for which region (pack id or division code), of which table (guessed without), beside what is
    there or in its place, and how it is read (JSON, as a mapping file; without, as it was read before)."""

    region: Words
    fact: Words = ""
    mode: Literal["add", "replace"] = "add"
    mapping: str = Field("", max_length=100_000)


@router.post(
    "/facts/check",
    response={201: UploadOut, **_WRITE},
    summary="检查一份事实数据 · Send an extract to be checked",
)
def check(request: HttpRequest, file: File[UploadedFile], said: Form[Sent]) -> HttpResponse:
    """Multipart. Tried to the end, and nothing of it counts; without a mapping that fits, the answer holds a draft of one."""
    may(request, Right.EVALUATION_RUN)
    known_only(request, *_FORM, sent=[*request.POST, *request.FILES])
    region = network.region_of(said.region)
    content = _content(said.mapping)
    digest = hashlib.sha256()
    for piece in file.chunks():
        digest.update(piece)

    def work() -> bytes:
        found = commands.receive_facts(
            actor=request.actor,
            region=region,
            file_name=file.name or "",
            pieces=file.chunks(),
            fact=said.fact,
            mode=Mode(said.mode),
            content=content,
        )
        return UploadOut(**_upload(found)).model_dump_json().encode()

    named = (file.name, region, said.fact, said.mode, said.mapping, digest.hexdigest())
    return once_of_form(request, as_bytes(named), work)


def _content(text: str) -> Mapping[str, Any] | None:
    if not text:
        return None
    try:
        said = MappingIn.model_validate_json(text)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise Refused(_no_mapping(where)) from error
    columns = {normalised(theirs): ours for theirs, ours in said.columns.items()}
    return {**said.model_dump(), "columns": columns, "version": 1}


def _no_mapping(where: str) -> Refusal:
    return Refusal(
        "facts_mapping",
        Text(
            "mapping 不是映射文件的内容（{where}）。", "“mapping” is not what a mapping file holds ({where})."
        ),
        Text(
            "请写成 JSON：fact、source、columns（它们的列名 → 我们的列名），可选 constants、defaults、words、dates、units。",
            "Write JSON: fact, source, columns (their header → our column); optional: constants, defaults, words, dates, units.",
        ),
        fields={"where": where or "JSON"},
        at="mapping",
        status=422,
    )


@router.get(
    "/facts/uploads/{uuid:key}",
    response={200: UploadOut, **_READ},
    summary="一份上传 · One extract that was sent",
)
def read_upload(request: HttpRequest, key: UUID) -> HttpResponse:
    """As it was when it was last checked."""
    may(request, Right.EVALUATION_RUN)
    known_only(request)
    return answered(request, UploadOut(**_upload(queries.upload(request.actor, key))).model_dump())


@router.post(
    "/facts/uploads/{uuid:key}/take",
    response={200: UploadOut, **_WRITE},
    summary="入库 · Take what is good, keep the rest in quarantine",
)
def take(request: HttpRequest, key: UUID) -> HttpResponse:
    """Checked again first. Its ``batch`` then names what came of it."""
    may(request, Right.EVALUATION_RUN)
    return once(
        request, 200, lambda: UploadOut(**_upload(commands.take_facts(actor=request.actor, upload_id=key)))
    )


@router.post(
    "/facts/uploads/{uuid:key}/drop",
    response={200: UploadOut, **_WRITE},
    summary="放弃 · Take nothing of it",
)
def drop(request: HttpRequest, key: UUID) -> HttpResponse:
    """Its file goes."""
    may(request, Right.EVALUATION_RUN)
    return once(
        request, 200, lambda: UploadOut(**_upload(commands.drop_facts(actor=request.actor, upload_id=key)))
    )


@router.get("/facts/batches", response={200: BatchesOut, **_READ}, summary="批次 · Batches of a region")
def list_batches(
    request: HttpRequest,
    region: Words,
    fact: Words = "",
    month: int | None = Query(None, ge=190_001, le=299_912),
) -> HttpResponse:
    """Of one table or month, if named (YYYYMM)."""
    may(request, Right.EVALUATION_READ)
    known_only(request, "region", "fact", "month")
    found = presence.batches(request.actor, network.region_of(region), fact=fact, month=month)
    return answered(request, {"items": [_batch(each) for each in found]})


@router.get(
    "/facts/batches/{key}",
    response={200: OneBatchOut, **_READ},
    summary="一个批次 · One batch and its quality",
)
def read_batch(request: HttpRequest, key: Words, region: Words) -> HttpResponse:
    """What stood in the cells is for those who import."""
    may(request, Right.EVALUATION_READ)
    known_only(request, "region")
    code = network.region_of(region)
    found = presence.batch(request.actor, code, key)
    kept = presence.report_kept(found)
    values = queries.run_refusal(request.actor, code) is None
    return answered(request, {**_batch(found), "quality": _quality(kept, values=values) if kept else None})


def _upload(found: Any) -> dict[str, Any]:
    tried = found.state == "CHECKED"
    return {
        "id": found.id,
        "region": found.region,
        "fact": found.fact,
        "file": found.file_name,
        "sha256": found.sha256,
        "state": found.state,
        "mode": found.mode,
        "mapping": found.mapping,
        "uploaded_by": found.uploaded_by_name,
        "uploaded_at": found.uploaded_at,
        "checked_at": found.checked_at,
        "batch": found.batch,
        "quality": _quality(queries.report_of(found), values=True) if tried else None,
        "moved": [
            {"indicator": name, "counted": counted, "waiting": waiting}
            for name, counted, waiting in found.counts.get("moved", ())
        ],
    }


def _batch(found: presence.Came) -> dict[str, Any]:
    batch = found.batch
    return {
        "id": batch.id,
        "fact": batch.fact,
        "source": batch.arrived.source,
        "at": batch.arrived.at,
        "mode": batch.arrived.mode.value,
        "months": list(batch.months),
        "replaced": sorted(found.replaced & set(batch.months)),
        "rows": batch.rows_kept,
        "quarantined": batch.arrived.rows_quarantined,
        "refused": batch.refused,
        "synthetic": batch.arrived.synthetic,
        "mapping": batch.arrived.mapping,
    }


def _quality(report: Report, *, values: bool) -> dict[str, Any]:
    filled: dict[str, int] = {}
    for each in report.filled:
        filled[each.column] = filled.get(each.column, 0) + each.filled
    return {
        "came": report.came,
        "kept": report.kept,
        "quarantined": report.quarantined,
        "suspected": report.suspected,
        "refused": report.refused,
        "mapping": report.mapping,
        "encoding": report.encoding,
        "months": [
            {"month": each.month, "came": each.came, "kept": each.kept, "quarantined": each.quarantined}
            for each in report.counts
        ],
        "filled": filled,
        "findings": [_finding(each, values=values) for each in report.findings[:_FEW]],
        "unread": list(report.unread),
    }


def _finding(found: Finding, *, values: bool) -> dict[str, Any]:
    return {
        "code": found.code,
        "weight": found.weight.value,
        "column": found.column,
        "header": found.header,
        "rows": found.rows,
        "places": list(found.places),
        "values": list(found.values) if values else [],
        "message": found.sentence("zh"),
        "way_on": found.fix.zh,
    }
