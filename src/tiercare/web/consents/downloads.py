"""A moved record as a download."""

from __future__ import annotations

from django.http import HttpResponse

from tiercare.apps.ledger import queries as ledger


def download(file: bytes) -> HttpResponse:
    """The file as an attachment that no cache keeps; its name tells nothing about whose it is.

    In a demonstration it says beside what is signed that nobody in it is real.
    """
    if ledger.installation().synthetic:
        file = b'{"synthetic":true,' + file.removeprefix(b"{")
    response = HttpResponse(file, content_type="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="record-move.json"'
    response.headers["Cache-Control"] = "no-store"
    return response
