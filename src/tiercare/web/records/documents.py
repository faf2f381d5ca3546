"""Documents: adding a file or an address, and taking a file away."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.records import commands, queries
from tiercare.apps.records.rules.files import SUFFIXES, size_refusal
from tiercare.apps.records.rules.refusals import NO_SUCH_DOCUMENT
from tiercare.apps.records.rules.vocabulary import DOCUMENT_KIND_NAMES, DocumentKind
from tiercare.kernel.refusal import Refused, refuse
from tiercare.web import given, uploads
from tiercare.web.pages import once, page, said, told
from tiercare.web.residents.record import refused_here

from . import presenters

# What a form may hold besides the file, in bytes.
_FORM_BESIDES = 1024 * 1024


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.RECORDS_WRITE)
def add(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """``/residents/<id>/record/document``: a file or where it lies; sent, the timeline."""
    if request.method != "POST":
        return _form(request, resident_id)
    most = queries.document_limit(request.actor)
    too_large = size_refusal(uploads.announced(request) - _FORM_BESIDES, most)
    if too_large is not None:  # said before anything of it is kept
        uploads.drain(request)
        return _form(request, resident_id, Refused(too_large), sent=False)

    def work() -> str:
        file = request.FILES.get("file")
        refuse(size_refusal(file.size or 0, most) if file else None)
        kind = request.POST.get("kind", "")
        commands.add_document(
            request.actor,
            resident_id=resident_id,
            kind=DocumentKind(kind) if kind in set(DocumentKind) else DocumentKind.OTHER,
            title=given.text(request.POST, "title", longest=200),
            content=file.read() if file else None,
            media_type=(file.content_type or "") if file else "",
            reference=given.text(request.POST, "reference", longest=500),
        )
        return f"{reverse('records:timeline', args=[resident_id])}?{request.frame.query}"

    try:
        return once(request, _("文件已存入健康档案。"), work)
    except Refused as refused:
        return _form(request, resident_id, refused)


@require_safe
@page(Right.RESIDENTS_READ)
def download(request: HttpRequest, resident_id: UUID, document_id: UUID) -> HttpResponse:
    """The file as an attachment that no cache keeps; its name tells nothing about whose it is."""
    try:
        found = queries.document(request.actor, resident_id, document_id)
    except Refused as refused:
        return refused_here(request, resident_id, refused)
    return _taken(found)


@require_safe
@page(Right.RECORDS_WRITE)
def withdrawn(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """``/record-entries/document/<id>/file``: the file of a withdrawn document, for the institution that wrote it."""
    return _taken(queries.withdrawn_document(request.actor, document_id))


def _taken(found: queries.File) -> HttpResponse:
    if not found.content:
        raise Refused(NO_SUCH_DOCUMENT)
    response = HttpResponse(found.content, content_type=found.media_type)
    name = f"{found.id.hex[-8:]}{SUFFIXES.get(found.media_type, '')}"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def _form(
    request: HttpRequest, resident_id: UUID, refused: Refused | None = None, *, sent: bool = True
) -> HttpResponse:
    try:
        known = queries.patient(request.actor, resident_id)
    except Refused as closed:
        return refused_here(request, resident_id, closed)
    most = queries.document_limit(request.actor)
    values = request.POST if sent else {}
    context = presenters.banner(known.who) | {
        "resident_id": resident_id,
        "kinds": [(each.value, said(name)) for each, name in DOCUMENT_KIND_NAMES.items()],
        "most": None if most is None else most // 1_000_000,
        "typed": {name: values.get(name, "") for name in ("kind", "title", "reference")},
        "at": {each.at: True for each in refused.refusals} if refused else {},
        "refusals": [told(each) for each in refused.refusals] if refused else [],
    }
    status = refused.refusals[0].status if refused else 200
    return render(request, "records/document.html", context, status=status)
