"""``/api/network/imports``: files uploaded, mended row by row, taken over or discarded; templates and exports."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile

from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.network import queries as network
from tiercare.apps.network.commands import imports as commands
from tiercare.apps.network.commands import restating
from tiercare.apps.network.queries import imports as queries
from tiercare.apps.network.queries import quarantine, sheets
from tiercare.apps.network.rules.registers import REGISTERS
from tiercare.engines.sheets import LIMIT_BYTES
from tiercare.kernel.refusal import Refused

from .directory import may
from .etags import answered, as_bytes, still, strong
from .import_shapes import BadRowOut, BadRowPage, ImportOut, ImportsOut, Mending, TakingOver, Upload
from .paging import Day, Paging, Words, day_of, known_only, no_cursor, page, seen
from .problems import Problem
from .registers import no_such_register
from .writes import HEADER, KEY_MISSING, once

router = Router(tags=["imports"])
_READ = {304: None, **dict.fromkeys((401, 403, 404, 422), Problem)}
_FILE = dict.fromkeys((401, 403, 404, 422), Problem)
_WRITE = dict.fromkeys((400, 401, 403, 404, 409, 422, 428), Problem)
_FORM = ("file", "region", "register", "on", "csrfmiddlewaretoken")
_OF_REGISTER: Any = Query("", alias="register")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_KINDS = {"xlsx": _XLSX, "csv": "text/csv", "zip": "application/zip"}
ENCODINGS: Mapping[str, sheets.Encoding | None] = {"xlsx": None, "utf-8": "utf-8-sig", "gb18030": "gb18030"}


@router.get(
    "/imports",
    response={200: ImportsOut, **_READ},
    summary="已上传的文件 · Files uploaded for a region",
)
def list_imports(request: HttpRequest, region: Words, limit: int = Query(50, ge=1, le=200)) -> HttpResponse:
    """Those that the acting person may see, the newest first."""
    may(request, Right.NETWORK_REPORT)
    known_only(request, "region", "limit")
    found = queries.import_batches(request.actor, network.region_of(region), limit=limit)
    return answered(request, {"items": [_batch(batch) for batch in found]})


@router.post(
    "/imports",
    response={201: ImportOut, **_WRITE, 413: Problem},
    summary="上传文件 · Upload a file to be checked",
)
def upload(request: HttpRequest, file: File[UploadedFile], said: Form[Upload]) -> HttpResponse:
    """Multipart: ``file`` (.xlsx, .xls or .csv), ``region``, ``register``, ``on``. Bad rows go to quarantine; a file
    that cannot be used as a whole is refused and not kept."""
    may(request, Right.NETWORK_REPORT)
    known_only(request, *_FORM, sent=[*request.POST, *request.FILES])
    content = content_of(file)
    region = network.region_of(said.region)

    def work() -> bytes:
        batch = commands.upload_import(
            actor=request.actor,
            region=region,
            file_name=file.name or "",
            content=content,
            register=said.register_key,
            on=said.on,
        )
        return _shown(batch)

    named = (file.name, region, said.register_key, said.on, hashlib.sha256(content).hexdigest())
    return once_of_form(request, as_bytes(named), work)


def content_of(file: UploadedFile) -> bytes:
    """What the file holds.

    Raises:
        Refused: 413 if it is too large.
    """
    if (file.size or 0) > LIMIT_BYTES:
        raise Refused(replace(commands.too_large(file.size or 0), status=413))
    return file.read()


def once_of_form(request: HttpRequest, named: bytes, work: Callable[[], bytes]) -> HttpResponse:
    """As ``writes.once``, for a body that has been read as a form already: the file counts by its hash in ``named``."""
    key = request.headers.get(HEADER)
    if key is None:
        raise Refused(KEY_MISSING)
    route = f"{request.method} {request.get_full_path()}"
    with ledger.idempotent(request.actor, key=key, route=route, body=named) as call:
        if call.replay is None:
            call.answer(status=201, body=work(), content_type="application/json")
    answer = call.replay or call.given
    assert answer is not None
    response = HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)
    if call.replay is not None:
        response["Idempotency-Replayed"] = "true"
    return response


@router.get(
    "/imports/template",
    response={200: None, **_FILE},
    summary="下载模板 · An empty workbook to fill in",
)
def template(request: HttpRequest, key: Words = _OF_REGISTER) -> HttpResponse:
    """Of one register, or of all; column notes say how to fill them in."""
    may(request, Right.NETWORK_REPORT)
    known_only(request, "register")
    _known(key)
    name = REGISTERS[key].name.zh if key else "全部登记表"
    return as_file(f"{name}-模板.xlsx", sheets.template_workbook([key] if key else None))


@router.get(
    "/imports/export",
    response={200: None, **_FILE},
    summary="导出登记表 · What stands in the registers, as a file",
)
def export(
    request: HttpRequest,
    region: Words,
    on: Day | None = None,
    key: Words = _OF_REGISTER,
    format: Literal["xlsx", "utf-8", "gb18030"] = "xlsx",
) -> HttpResponse:
    """A workbook, or CSV in either encoding (zipped where there are several). What comes back unchanged changes
    nothing."""
    may(request, Right.NETWORK_REPORT)
    known_only(request, "region", "on", "register", "format")
    _known(key)
    code, day = network.region_of(region), day_of(on)
    asked = [key] if key else None
    files = sheets.export_workbook(code, on=day, registers=asked, encoding=ENCODINGS[format])
    if len(files) == 1:
        return as_file(f"{code}-{day}-{files[0].name}", files[0].content)
    return as_file(f"{code}-{day}.zip", sheets.zipped(files))


def _known(key: str) -> None:
    if key and key not in REGISTERS:
        raise Refused(no_such_register(key))


def as_file(name: str, content: bytes) -> HttpResponse:
    """A file to take away, by its extension."""
    response = HttpResponse(content, content_type=_KINDS[name.rpartition(".")[2]])
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


@router.get(
    "/imports/{uuid:key}",
    response={200: ImportOut, **_READ},
    summary="一个文件 · One file: counts, and its effect on the cards",
)
def read_import(request: HttpRequest, key: UUID) -> HttpResponse:
    """What was found when it was last checked."""
    may(request, Right.NETWORK_REPORT)
    known_only(request)
    return answered(request, _batch(_found(request, key)))


@router.get(
    "/imports/{uuid:key}/rows",
    response={200: BadRowPage, **_READ},
    summary="隔离的行 · Rows in quarantine",
)
def list_rows(request: HttpRequest, key: UUID, filters: Query[Paging]) -> HttpResponse:
    """Rows that are still bad; those mended to the good are no longer among them."""
    may(request, Right.NETWORK_REPORT)
    known_only(request, model=Paging)
    batch = _found(request, key)
    on = date.fromisoformat(batch.counts["on"])
    after = seen(request, filters, on)
    if after and (len(after) != 3 or not (after[2].isascii() and after[2].isdigit())):
        raise no_cursor()
    place = (after[0], after[1], int(after[2][:9])) if after else None
    rows, last = quarantine.bad_rows_after(batch.id, after=place, limit=filters.limit)
    total = queries.bad_rows(batch.id, limit=0)[1] if filters.count else None
    ends = tuple(map(str, last)) if last else None
    return page(request, filters, [_row(row) for row in rows], on=on, last=ends, total=total)


@router.get(
    "/imports/{uuid:key}/rows/{uuid:row}",
    response={200: BadRowOut, **_READ},
    summary="隔离的一行 · One row in quarantine",
)
def read_row(request: HttpRequest, key: UUID, row: UUID) -> HttpResponse:
    """Its ETag goes into ``If-Match`` to mend it."""
    may(request, Right.NETWORK_REPORT)
    known_only(request)
    batch = _found(request, key)
    told = _row(quarantine.one_row(batch.id, row))
    return answered(request, told, etag=told["etag"])


@router.patch(
    "/imports/{uuid:key}/rows/{uuid:row}",
    response={200: ImportOut, **_WRITE, 412: Problem},
    summary="更正一行 · Mend a row; the whole file is checked again",
)
def mend(request: HttpRequest, key: UUID, row: UUID, body: Mending) -> HttpResponse:
    """``If-Match`` takes the row's ETag: two people who mend the same row do not overwrite each other."""
    may(request, Right.NETWORK_REPORT)
    _found(request, key)
    check = still(request, lambda: str(_row(quarantine.one_row(key, row))["etag"]))

    def work() -> ImportOut:
        batch = restating.mend_row_read(
            actor=request.actor, batch_id=key, row_id=row, cells=body.cells, still=check
        )
        return ImportOut(**_batch(batch))

    return once(request, 200, work)


@router.post(
    "/imports/{uuid:key}/recheck",
    response={200: ImportOut, **_WRITE},
    summary="重新检查 · Check a file against what is on record now",
)
def recheck(request: HttpRequest, key: UUID) -> HttpResponse:
    """Nothing of it is taken over."""
    may(request, Right.NETWORK_REPORT)
    _found(request, key)
    return once(
        request,
        200,
        lambda: ImportOut(**_batch(commands.recheck_import(actor=request.actor, batch_id=key))),
    )


@router.post(
    "/imports/{uuid:key}/take-over",
    response={200: ImportOut, **_WRITE},
    summary="导入 · Take a file over: all of it, or all but the bad rows",
)
def take_over(request: HttpRequest, key: UUID, body: TakingOver) -> HttpResponse:
    """Checked again first; refused as a whole where a card would be violated."""
    may(request, Right.NETWORK_REPORT)
    _found(request, key)
    return once(
        request,
        200,
        lambda: ImportOut(
            **_batch(commands.take_over_import(actor=request.actor, batch_id=key, skip_bad=body.skip_bad))
        ),
    )


@router.post(
    "/imports/{uuid:key}/discard",
    response={200: ImportOut, **_WRITE},
    summary="放弃 · Take nothing of a file over",
)
def discard(request: HttpRequest, key: UUID) -> HttpResponse:
    """It stays in the list, discarded."""
    may(request, Right.NETWORK_REPORT)
    _found(request, key)
    return once(
        request,
        200,
        lambda: ImportOut(**_batch(commands.discard_import(actor=request.actor, batch_id=key))),
    )


@router.get(
    "/imports/{uuid:key}/bad-rows",
    response={200: None, **_FILE},
    summary="下载有误的行 · The bad rows as a workbook",
)
def bad_rows(request: HttpRequest, key: UUID) -> HttpResponse:
    """Each with what is wrong with it; to be mended and uploaded again."""
    may(request, Right.NETWORK_REPORT)
    known_only(request)
    batch = _found(request, key)
    rows, total = queries.bad_rows(batch.id)
    if not total:
        raise Refused(commands.no_bad_rows())
    stem = batch.file_name.rpartition(".")[0] or batch.file_name
    return as_file(f"{stem}-有误的行.xlsx", sheets.bad_rows_workbook(rows))


def _found(request: HttpRequest, key: UUID) -> Any:
    """The file, if the acting person may see it.

    Raises:
        Refused: 404, also for one that is somebody else's.
    """
    batch = queries.import_batch(request.actor, key)
    if batch is None:
        raise Refused(commands.no_such_batch())
    return batch


def _shown(batch: Any) -> bytes:
    return ImportOut(**_batch(batch)).model_dump_json().encode()


def _batch(batch: Any) -> dict[str, Any]:
    counts = batch.counts
    return {
        "id": batch.id,
        "region": batch.region,
        "pack": counts.get("pack", ""),
        "file": batch.file_name,
        "digest": batch.digest,
        "state": batch.state,
        "on": counts["on"],
        "uploaded_by": batch.uploaded_by,
        "uploaded_at": batch.uploaded_at,
        "applied_at": batch.applied_at,
        "registers": counts.get("registers", {}),
        "notes": counts.get("notes", []),
        "effect": counts.get("effect"),
    }


def _row(row: Any) -> dict[str, Any]:
    told = {
        "id": row.id,
        "register": row.register,
        "sheet": row.sheet,
        "number": row.number,
        "cells": row.cells,
        "problems": row.problems,
        "mended_by": row.mended_by,
    }
    return {**told, "etag": strong(as_bytes(told))}
