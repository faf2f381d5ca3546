"""Files to take away: templates, the registers of a region on a day, rows that were not taken over."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.network.commands import imports as commands
from tiercare.apps.network.queries import imports as queries
from tiercare.apps.network.queries import sheets
from tiercare.apps.network.rules.registers import REGISTERS
from tiercare.kernel.refusal import Refused
from tiercare.web.pages import page

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ENCODINGS: Mapping[str, sheets.Encoding | None] = {"xlsx": None, "utf-8": "utf-8-sig", "gb18030": "gb18030"}


@require_safe
@page(Right.NETWORK_REPORT)
def template(request: HttpRequest) -> HttpResponse:
    """``/imports/template?register=institutions``: an empty workbook; of all registers without one named."""
    register = request.GET.get("register", "")
    if register and register not in REGISTERS:
        raise Refused(commands.unknown_register(register))
    name = REGISTERS[register].name.zh if register else _("全部登记表")
    return as_file(f"{name}-{_('模板')}.xlsx", sheets.template_workbook([register] if register else None))


@require_safe
@page(Right.NETWORK_REPORT)
def export(request: HttpRequest) -> HttpResponse:
    """``/imports/export?format=xlsx|utf-8|gb18030&register=``: what holds on the page's day in the page's region."""
    frame = request.frame
    register = request.GET.get("register", "")
    if register and register not in REGISTERS:
        raise Refused(commands.unknown_register(register))
    encoding = ENCODINGS.get(request.GET.get("format", "xlsx"))
    files = sheets.export_workbook(
        frame.pack.region, on=frame.on, registers=[register] if register else None, encoding=encoding
    )
    if len(files) == 1:
        stem, _dot, kind = files[0].name.rpartition(".")
        return as_file(f"{frame.pack.id}-{stem}-{frame.on}.{kind}", files[0].content)
    return as_file(f"{frame.pack.id}-{frame.on}.zip", sheets.zipped(files))


@require_safe
@page(Right.NETWORK_REPORT)
def bad_rows(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Only the bad rows of an uploaded file, each with what is wrong with it; to be mended and uploaded again."""
    batch = queries.import_batch(request.actor, batch_id)
    if batch is None or batch.region != request.frame.pack.region:
        raise Refused(commands.no_such_batch())
    rows, total = queries.bad_rows(batch_id)
    if not total:
        raise Refused(commands.no_bad_rows())
    stem = batch.file_name.rpartition(".")[0] or batch.file_name
    return as_file(f"{stem}-{_('有误的行')}.xlsx", sheets.bad_rows_workbook(rows))


def as_file(name: str, content: bytes) -> HttpResponse:
    """A file to take away, by its extension."""
    kinds = {"xlsx": _XLSX, "csv": "text/csv", "zip": "application/zip"}
    response = HttpResponse(content, content_type=kinds[name.rpartition(".")[2]])
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
