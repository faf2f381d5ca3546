"""CSV that Excel opens as it is and that cannot run formulas in it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from django.http import HttpResponse

from .marks import COLUMN
from .pages import said

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def neutral(value: object) -> str:
    """A cell that a spreadsheet shows as text: what it would read as a formula gets an apostrophe in front.

    OWASP CSV injection, ASVS 5.0 V1.2.10; full-width signs count in Chinese editions of Excel.
    """
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def csv_response(
    name: str, header: Sequence[str], rows: Iterable[Sequence[object]], *, mark: str = ""
) -> HttpResponse:
    """``rows`` under ``header`` as a download; a byte-order mark tells Excel that it is UTF-8.

    ``mark`` (``marks.mark_of``) stands in a last column of every row.
    """
    text = StringIO()
    writer = csv.writer(text)
    more = ((said(COLUMN),), (mark,)) if mark else ((), ())
    writer.writerow([neutral(cell) for cell in (*header, *more[0])])
    writer.writerows([neutral(cell) for cell in (*row, *more[1])] for row in rows)
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
