"""Rows that wait, to take away, correct and send again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from tiercare.apps.evaluation.queries import importing as queries
from tiercare.engines.measures.store import Encoding
from tiercare.engines.sheets import LIMIT_ROWS, Table, write_csv, write_xlsx
from tiercare.engines.sheets.model import Cell
from tiercare.kernel.refusal import Refused
from tiercare.web.imports.downloads import ENCODINGS, as_file
from tiercare.web.pages import english

_AT_A_TIME = 5_000
_WIDE = 40  # characters of the column with the reasons


def waiting(
    request: HttpRequest, path: Path, fact: str, headers: Mapping[str, str], file_name: str
) -> HttpResponseBase:
    """The rows of a quarantine as they came, with row number, reason and way on before them.

    Raises:
        Refused: a workbook was asked for and they are too many.
    """
    found = queries.waiting(path, fact, headers, "en" if english() else "zh")
    stem = f"{file_name.rpartition('.')[0] or file_name}-{_('待核')}"
    encoding = ENCODINGS.get(request.GET.get("format", "xlsx"))
    if encoding is not None:
        return _csv(f"{stem}.csv", found.header, found.rows, encoding)
    if found.count > LIMIT_ROWS:
        raise Refused(queries.too_many_for_excel(found.count))
    widths = [8, _WIDE, _WIDE, *([14] * (len(found.header) - 3))]
    return as_file(f"{stem}.xlsx", write_xlsx([Table(_("待核"), found.header, found.rows, widths=widths)]))


def _csv(
    name: str, header: Sequence[str], rows: Iterator[Sequence[Cell]], encoding: Encoding
) -> HttpResponseBase:
    """Piece by piece: some hundred thousand rows are not held at once."""
    response = StreamingHttpResponse(_pieces(header, rows, encoding), content_type="text/csv")
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _pieces(header: Sequence[str], rows: Iterable[Sequence[Cell]], encoding: Encoding) -> Iterator[bytes]:
    head = write_csv(Table("", header, ()), encoding)
    yield head
    left = iter(rows)
    while some := list(islice(left, _AT_A_TIME)):
        yield write_csv(Table("", header, some), encoding).removeprefix(head)
