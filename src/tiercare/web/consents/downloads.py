"""A moved record as a download."""

from __future__ import annotations

from django.http import HttpResponse


def download(file: bytes) -> HttpResponse:
    """The file as an attachment that no cache keeps; its name tells nothing about whose it is."""
    response = HttpResponse(file, content_type="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="record-move.json"'
    response.headers["Cache-Control"] = "no-store"
    return response
