"""Papers as downloads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from . import docx, workbook
from .paper import paper_of

MEDIA = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def download(content: Mapping[str, Any], form: str, *, number: str = "", sha256: str = "") -> HttpResponse:
    """A kept content as .docx or .xlsx, called by its title."""
    paper = paper_of(content, number=number, sha256=sha256)
    made = docx.written(paper) if form == "docx" else workbook.written(content, paper)
    response = HttpResponse(made, content_type=MEDIA[form])
    name = f"{paper.title}{f'-{number}' if number else ''}.{form}"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
