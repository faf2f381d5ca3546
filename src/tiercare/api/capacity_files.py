"""``/api/capacity/imports``: pools, weeks and beds of one's own institution by file; templates and exports."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile

from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries import place_files
from tiercare.apps.capacity.queries.keeping import own_place
from tiercare.apps.capacity.queries.place_files import FileShown
from tiercare.apps.capacity.rules.files import NO_SUCH_FILE, REGISTERS
from tiercare.apps.network.commands.imports import unknown_register
from tiercare.apps.network.queries.sheets import zipped
from tiercare.kernel.refusal import Refused

from .etags import as_bytes
from .imports import ENCODINGS, as_file, content_of, once_of_form
from .problems import Problem
from .writes import once

router = Router(tags=["capacity"])

REFUSALS = {403: Problem, 404: Problem, 422: Problem}
WRITES = {**REFUSALS, 409: Problem, 428: Problem}
_OF_REGISTER: Any = Query("", alias="register")
_SAID: Any = Form("", alias="register")


class FaultOut(Schema):
    """What is wrong in one place; ``column`` is its key, empty for the whole row."""

    place: str
    register_key: str
    column: str
    value: str
    message: dict[str, str]
    fix: dict[str, str]


class FileOut(Schema):
    """An uploaded file: by register its rows and what they would do or did; what is wrong, the first 300."""

    id: UUID
    file: str
    state: str
    rows: dict[str, dict[str, int]]
    bad: int
    changes: int
    faults: list[FaultOut]
    notes: list[dict[str, str]]
    uploaded_at: datetime
    taken_at: datetime | None


class FilesOut(Schema):
    """What was uploaded for the institution, the latest first."""

    items: list[FileOut]


@router.get("/imports", response={200: FilesOut, **REFUSALS}, summary="Files with places")
def listed(request: HttpRequest) -> FilesOut:
    """The institution's own."""
    return FilesOut(items=[_out(each) for each in place_files.own_files(request.actor)])


@router.post(
    "/imports", response={201: FileOut, **WRITES, 413: Problem}, summary="Upload a file to be checked"
)
def upload(request: HttpRequest, file: File[UploadedFile], said: str = _SAID) -> HttpResponse:
    """Multipart: ``file`` (.xlsx, .xls or .csv), and ``register`` where a CSV does not tell. Nothing is taken over yet."""
    own_place(request.actor)
    content = content_of(file)

    def work() -> bytes:
        kept = commands.upload_places(
            request.actor, file_name=file.name or "", content=content, register=said
        )
        return _out(place_files.shown(kept)).model_dump_json().encode()

    return once_of_form(request, as_bytes((file.name, said, hashlib.sha256(content).hexdigest())), work)


@router.get("/imports/template", response={200: None, **REFUSALS}, summary="An empty workbook to fill in")
def template(request: HttpRequest, of: str = _OF_REGISTER) -> HttpResponse:
    """Of one register, or of all; column notes say how to fill them in."""
    own_place(request.actor)
    return as_file(f"{place_files.NAME}-模板.xlsx", place_files.template(_chosen(of)))


@router.get("/imports/export", response={200: None, **REFUSALS}, summary="What stands, as a file")
def export(
    request: HttpRequest,
    of: str = _OF_REGISTER,
    format: Literal["xlsx", "utf-8", "gb18030"] = "xlsx",
) -> HttpResponse:
    """A workbook, or CSV in either encoding (zipped where there are several). What comes back unchanged changes
    nothing."""
    found = place_files.own_export(request.actor, registers=_chosen(of), encoding=ENCODINGS[format])
    if len(found) == 1:
        return as_file(found[0].name, found[0].content)
    return as_file(f"{place_files.NAME}.zip", zipped(found))


@router.get("/imports/{uuid:key}", response={200: FileOut, **REFUSALS}, summary="One file")
def one(request: HttpRequest, key: UUID) -> FileOut:
    """What was found when it was checked, or came of it."""
    found = place_files.own_file(request.actor, key)
    if found is None:
        raise Refused(NO_SUCH_FILE)
    return _out(found)


@router.post(
    "/imports/{uuid:key}/{act}", response={200: FileOut, **WRITES}, summary="Take a file over, or discard it"
)
def act(request: HttpRequest, key: UUID, act: Literal["take-over", "discard"]) -> HttpResponse:
    """All of its rows, or none."""
    command = commands.take_over_places if act == "take-over" else commands.discard_places

    def work() -> FileOut:
        return _out(place_files.shown(command(request.actor, file_id=key)))

    return once(request, 200, work)


def _chosen(register: str) -> Sequence[str] | None:
    if register and register not in REGISTERS:
        raise Refused(unknown_register(register, REGISTERS))
    return [register] if register else None


def _out(file: FileShown) -> FileOut:
    return FileOut(
        id=file.id,
        file=file.file_name,
        state=file.state.value,
        rows={key: dict(counted) for key, counted in file.counts.items()},
        bad=file.bad,
        changes=file.changes,
        faults=[FaultOut(register_key=each["register"], **_without(each)) for each in file.faults],
        notes=[dict(each) for each in file.notes],
        uploaded_at=file.uploaded_at,
        taken_at=file.taken_at,
    )


def _without(fault: Any) -> dict[str, Any]:
    return {name: value for name, value in fault.items() if name != "register"}
