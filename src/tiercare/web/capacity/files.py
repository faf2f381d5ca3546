"""Pools, weeks and beds by file: a template, an upload that is checked first, and taken over all or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries import place_files
from tiercare.apps.capacity.queries.place_files import FileShown
from tiercare.apps.capacity.rules.files import NO_SUCH_FILE, REGISTERS, STATE_NAMES, FileState
from tiercare.apps.network.commands.imports import too_large, unknown_register
from tiercare.apps.network.queries.sheets import zipped
from tiercare.engines.sheets import LIMIT_BYTES
from tiercare.kernel.refusal import Refused
from tiercare.kernel.text import Text
from tiercare.web import uploads
from tiercare.web.imports.downloads import ENCODINGS, as_file
from tiercare.web.pages import once, page, said, told

_ROWS_SHOWN = 100
_TAGS = {
    FileState.CHECKED: ("at_risk", "clock"),
    FileState.TAKEN: ("met", "check"),
    FileState.DISCARDED: ("not_applicable", "minus"),
}


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CAPACITY_KEEP)
def files(request: HttpRequest) -> HttpResponse:
    """``/capacity/files``: what was uploaded, the form, templates and exports; POST checks a file.

    One that is too large is refused by its announced length: the check of the form's token would read all of it.
    """
    if request.method != "POST":
        return _list(request)
    if uploads.too_large(request):
        uploads.drain(request)
        refused = Refused(too_large(uploads.announced(request)))
        return _list(request, refused, status=413)
    return _received(request)


@csrf_protect
def _received(request: HttpRequest) -> HttpResponse:
    try:
        file = uploads.received(request)

        def work() -> str:
            kept = commands.upload_places(
                request.actor,
                file_name=file.name or "",
                content=file.read(),
                register=request.POST.get("register", ""),
            )
            return _address(request, kept.id)

        return once(request, gettext("已检查，尚未导入。"), work)
    except Refused as refused:
        return _list(request, refused, status=refused.refusals[0].status)


def _list(request: HttpRequest, refused: Refused | None = None, *, status: int = 200) -> HttpResponse:
    refusals = refused.refusals if refused else ()
    sent = request.method == "POST" and not uploads.too_large(request)
    context = {
        "files": [_line(each) for each in place_files.own_files(request.actor)],
        "registers": [(register.key, said(register.name)) for register in REGISTERS.values()],
        "chosen": request.POST.get("register", "") if sent else "",
        "refusals": [told(refusal) for refusal in refusals],
        "at": {refusal.at: told(refusal) for refusal in refusals},
        "limit": LIMIT_BYTES // (1024 * 1024),
    }
    return render(request, "capacity/files.html", context, status=status)


@require_safe
@page(Right.CAPACITY_KEEP)
def detail(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """``/capacity/files/<id>``: what the file would do or did, and what is wrong with which cell."""
    return _detail(request, file_id)


@require_POST
@page(Right.CAPACITY_KEEP)
def take_over(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """All of it."""
    return _acted(request, file_id, gettext("已导入，并记入操作留痕。"), commands.take_over_places)


@require_POST
@page(Right.CAPACITY_KEEP)
def discard(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """Nothing of it."""
    return _acted(request, file_id, gettext("已放弃，没有导入任何数据。"), commands.discard_places)


def _acted(request: HttpRequest, file_id: UUID, done: str, command: Callable[..., object]) -> HttpResponse:
    def work() -> str:
        command(request.actor, file_id=file_id)
        return _address(request, file_id)

    try:
        return once(request, done, work)
    except Refused as refused:
        return _detail(request, file_id, refused)


def _detail(request: HttpRequest, file_id: UUID, refused: Refused | None = None) -> HttpResponse:
    file = place_files.own_file(request.actor, file_id)
    if file is None:
        raise Refused(NO_SUCH_FILE)
    context: dict[str, Any] = {
        "file": _line(file),
        "counts": [{"name": said(REGISTERS[key].name), **counted} for key, counted in file.counts.items()],
        "faults": [_fault(each) for each in file.faults[:_ROWS_SHOWN]],
        "more": max(0, len(file.faults) - _ROWS_SHOWN),
        "notes": [said(Text(note["zh"], note["en"])) for note in file.notes],
        "refusals": [told(refusal) for refusal in refused.refusals] if refused else [],
    }
    return render(
        request, "capacity/file.html", context, status=refused.refusals[0].status if refused else 200
    )


def _line(file: FileShown) -> dict[str, Any]:
    tag, icon = _TAGS[file.state]
    return {
        "of": file,
        "open": file.state is FileState.CHECKED,
        "taken": file.state is FileState.TAKEN,
        "state": {"name": said(STATE_NAMES[file.state]), "tag": tag, "icon": icon},
    }


def _fault(fault: Mapping[str, Any]) -> dict[str, str]:
    column = REGISTERS[fault["register"]].by_key.get(fault["column"])
    return {
        "place": fault["place"],
        "column": said(column.name) if column is not None else fault["column"],
        "value": fault["value"],
        "message": said(Text(**fault["message"])),
        "fix": said(Text(**fault["fix"])),
    }


@require_safe
@page(Right.CAPACITY_KEEP)
def template(request: HttpRequest) -> HttpResponse:
    """``/capacity/files/template?register=pools``: an empty workbook; of all registers without one named."""
    chosen = _chosen(request)
    name = REGISTERS[chosen[0]].name.zh if chosen else place_files.NAME
    return as_file(f"{name}-{gettext('模板')}.xlsx", place_files.template(chosen))


@require_safe
@page(Right.CAPACITY_KEEP)
def export(request: HttpRequest) -> HttpResponse:
    """``/capacity/files/export?format=xlsx|utf-8|gb18030&register=``: what stands at one's own institution."""
    encoding = ENCODINGS.get(request.GET.get("format", "xlsx"))
    found = place_files.own_export(request.actor, registers=_chosen(request), encoding=encoding)
    if len(found) == 1:
        stem, _dot, kind = found[0].name.rpartition(".")
        return as_file(f"{stem}-{request.frame.today}.{kind}", found[0].content)
    return as_file(f"{place_files.NAME}-{request.frame.today}.zip", zipped(found))


def _chosen(request: HttpRequest) -> Sequence[str] | None:
    """The register that was asked for.

    Raises:
        Refused: if there is none of that name.
    """
    register = request.GET.get("register", "")
    if register and register not in REGISTERS:
        raise Refused(unknown_register(register, REGISTERS))
    return [register] if register else None


def _address(request: HttpRequest, file_id: UUID) -> str:
    return f"{reverse('capacity:file', args=[file_id])}?{request.frame.query}"
