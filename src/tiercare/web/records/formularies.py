"""The drug list of one's own institution: looked at by whoever sends patients there, kept one by one or by file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.network.commands.imports import too_large
from tiercare.apps.records import commands, queries
from tiercare.apps.records.commands.formularies import Taken
from tiercare.apps.records.queries.formularies import NAME
from tiercare.apps.records.rules.formularies import DRUGS
from tiercare.engines.sheets import LIMIT_BYTES
from tiercare.kernel.refusal import Refused
from tiercare.kernel.text import Text
from tiercare.web import given, uploads
from tiercare.web.imports.downloads import ENCODINGS, as_file
from tiercare.web.pages import once, page, said, told

_ROWS_SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.RECORDS_WRITE)
def formulary(request: HttpRequest) -> HttpResponse:
    """``/formulary``: what the institution has; POST puts a drug on the list."""
    if request.method != "POST":
        return _list(request)

    def work() -> str:
        sent = request.POST
        commands.keep_drug(
            request.actor,
            name=given.text(sent, "name", longest=200),
            strength=given.text(sent, "strength", longest=200),
            code=given.text(sent, "code", longest=60),
        )
        return f"{reverse('formulary:list')}?{request.frame.query}"

    try:
        return once(request, _("已列入药品目录。"), work)
    except Refused as refused:
        return _list(request, refused)


@require_POST
@page(Right.RECORDS_WRITE)
def end(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Take a drug off the list from today on."""

    def work() -> str:
        commands.end_drug(request.actor, item_id=item_id)
        return f"{reverse('formulary:list')}?{request.frame.query}"

    try:
        return once(request, _("今天起不再列入目录。"), work)
    except Refused as refused:
        return _list(request, refused)


@csrf_exempt
@require_POST
@page(Right.RECORDS_WRITE)
def upload(request: HttpRequest) -> HttpResponse:
    """Check a file, or take it over; one that is too large is refused by its announced length."""
    if uploads.too_large(request):
        uploads.drain(request)
        return _list(request, Refused(too_large(uploads.announced(request))), status=413)
    return _received(request)


@csrf_protect
def _received(request: HttpRequest) -> HttpResponse:
    whole = request.POST.get("whole") == "1"
    try:
        file = uploads.received(request)
        content = file.read()
        asked = {"file_name": file.name or "", "content": content, "whole": whole}
        checked = commands.import_drugs(request.actor, **asked, check=True)
        if request.POST.get("do") != "take" or checked.bad:
            return _list(request, checked=checked)

        def work() -> str:
            commands.import_drugs(request.actor, **asked)
            return f"{reverse('formulary:list')}?{request.frame.query}"

        return once(request, _("已导入药品目录。"), work)
    except Refused as refused:
        return _list(request, refused)


@require_safe
@page(Right.RECORDS_WRITE)
def template(request: HttpRequest) -> HttpResponse:
    """``/formulary/template``: an empty workbook."""
    return as_file(f"{NAME}-{_('模板')}.xlsx", queries.formulary_template())


@require_safe
@page(Right.RECORDS_WRITE)
def export(request: HttpRequest) -> HttpResponse:
    """``/formulary/export?format=xlsx|utf-8|gb18030``: the list as it stands today."""
    assert request.actor.institution_id is not None
    encoding = ENCODINGS.get(request.GET.get("format", "xlsx"))
    file = queries.formulary_export(request.actor.institution_id, on=request.today, encoding=encoding)
    stem, _dot, kind = file.name.rpartition(".")
    return as_file(f"{stem}-{request.today}.{kind}", file.content)


def _list(
    request: HttpRequest,
    refused: Refused | None = None,
    *,
    checked: Taken | None = None,
    status: int | None = None,
) -> HttpResponse:
    assert request.actor.institution_id is not None
    small = request.method == "POST" and not uploads.too_large(request)
    context: dict[str, Any] = {
        "items": queries.formulary(request.actor.institution_id, on=request.today),
        "typed": {name: request.POST.get(name, "") if small else "" for name in ("name", "strength", "code")},
        "whole": small and request.POST.get("whole") == "1",
        "checked": checked,
        "faults": [_fault(each) for each in checked.faults[:_ROWS_SHOWN]] if checked else [],
        "notes": [said(each) for each in checked.notes] if checked else [],
        "limit": LIMIT_BYTES // (1024 * 1024),
        "refusals": [told(each) for each in refused.refusals] if refused else [],
        "at": {each.at: told(each) for each in refused.refusals} if refused else {},
    }
    wrong = refused.refusals[0].status if refused else 422 if checked and checked.bad else 200
    return render(request, "records/formulary.html", context, status=status or wrong)


def _fault(fault: Any) -> dict[str, str]:
    column = DRUGS.by_key.get(fault["column"])
    return {
        "place": fault["place"].rpartition("!")[2],
        "column": said(column.name) if column is not None else fault["column"],
        "value": fault["value"],
        "message": said(Text(**fault["message"])),
        "fix": said(Text(**fault["fix"])),
    }
