"""Files that come with a form of a referral: how large one may be, what each is called, what the form offers."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import PurePosixPath
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from tiercare.apps.records import queries as records
from tiercare.apps.records.rules.files import size_refusal
from tiercare.apps.records.rules.vocabulary import DOCUMENT_KIND_NAMES, DocumentKind
from tiercare.apps.referrals import commands
from tiercare.kernel.refusal import Refused, refuse
from tiercare.web import uploads
from tiercare.web.pages import said

from . import typed

View = Callable[..., HttpResponse]
FILE, TITLE, KIND = "file", "file_title", "file_kind"
_LONGEST = 200
# What a form may hold besides the file, in bytes.
_FORM_BESIDES = 1024 * 1024


def with_files(view: View) -> View:
    """A view of a form that may bring files. The check of the form's token reads the whole form, files and all, so it comes after
    that of the size, whose refusal keeps nothing of them."""
    checked = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def sized(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            refuse_endless(request)
        return checked(request, *args, **kwargs)

    return sized


def refuse_endless(request: HttpRequest) -> None:
    """Said before anything of the file is kept.

    Raises:
        Refused: 413 for a form that says it is larger than a file may be where the actor works.
    """
    most = records.document_limit(request.actor)
    too_large = size_refusal(uploads.announced(request) - _FORM_BESIDES, most)
    if too_large is not None:
        uploads.drain(request)
        raise Refused(too_large)


def sent(request: HttpRequest) -> list[commands.NewFile]:
    """The files of a form, each with the kind and title that were typed, or titled as the file is called.

    Raises:
        Refused: if one is larger than a file may be where the actor works.
    """
    given = request.FILES.getlist(FILE)
    most = records.document_limit(request.actor)
    refuse(*(size_refusal(each.size or 0, most) for each in given))
    kind = request.POST.get(KIND, "")
    chosen = DocumentKind(kind) if kind in set(DocumentKind) else DocumentKind.OTHER
    for each in given:
        each.seek(0)  # a sending that was refused has read it already
    return [
        commands.NewFile(chosen, _title(request, each, chosen), each.read(), each.content_type or "")
        for each in given
    ]


def choices(request: HttpRequest) -> dict[str, object]:
    """What the part of the form for a file offers."""
    most = records.document_limit(request.actor)
    return {
        "file_kinds": [(each.value, said(name)) for each, name in DOCUMENT_KIND_NAMES.items()],
        "file_kind": request.POST.get(KIND, ""),
        "file_title": request.POST.get(TITLE, ""),
        "file_most": None if most is None else most // 1_000_000,
        "file_most_bytes": most,
    }


def _title(request: HttpRequest, file: UploadedFile[bytes], kind: DocumentKind) -> str:
    written_down = typed.line(request.POST, TITLE, _LONGEST)
    return written_down or PurePosixPath(file.name or "").stem[:_LONGEST] or said(DOCUMENT_KIND_NAMES[kind])
