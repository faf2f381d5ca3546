"""The mark of what is made up, on whatever leaves the platform: a header, the name of a file, a column of a table, a line over a fragment.

Pages carry the banner of ``shell/base.html``, and on paper ``synthetic.css`` puts it at the head of every sheet. What is made up is either the
whole database (a demonstration: ``ledger.installation().synthetic``) or, in a real one, facts that say so themselves (``simulated=True``) and
trials, whose pages and files carry a mark of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from django.db import DatabaseError, connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.http import content_disposition_header, parse_header_parameters
from psycopg import Error as Unreachable

from tiercare.apps.ledger import queries as ledger
from tiercare.engines import sheets
from tiercare.engines.sheets import Cell, Table
from tiercare.kernel.text import Text

from .pages import said

HEADER = "Tiercare-Synthetic"
"""``true`` on every answer of the API and every file of a database in which nobody is real; absent elsewhere."""

_ASKED = "SELECT synthetic, EXISTS (SELECT FROM ledger_event) FROM ledger_installation"
Handler = Callable[[HttpRequest], HttpResponseBase]
DEMONSTRATION = Text("演示数据（合成）", "Demonstration data (synthetic)")
SIMULATED = Text("模拟数据，不是真实数据", "Simulated, not real")
COLUMN = Text("标识", "mark")


class Marked:
    """Marks what a demonstration gives out: answers of the API, files, and fragments of pages that somebody opens alone.

    Whether the database is one is asked once a server, beside the statements of the request: the mark is set while the ledger is
    empty and never taken away, so that the answer stands as soon as it is yes, or anything has happened.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self._settled: bool | None = None

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_file = "Content-Disposition" in response.headers
        alone = not is_file and _is_fragment(request, response)
        called = request.path_info.startswith("/api/") and response.status_code < 500
        if (is_file or alone or called) and self._synthetic():
            response.headers[HEADER] = "true"
            if is_file:
                _name(response)
            elif alone:
                _head(response)
        return response

    def _synthetic(self) -> bool:
        if self._settled is not None:
            return self._settled
        try:
            connection.ensure_connection()
            found, used = connection.connection.execute(_ASKED).fetchone()
        except (DatabaseError, Unreachable):  # then nothing of it stands in the answer either
            return False
        if found or used:
            self._settled = found
        return bool(found)


def _is_fragment(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether this is a part of a page, in a window of its own: only for a window do browsers ask for safe lines."""
    html = response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming
    if not html or response.status_code != 200 or "Upgrade-Insecure-Requests" not in request.headers:
        return False
    return not response.content.lstrip()[:15].lower().startswith(b"<!doctype html")


def _name(response: HttpResponseBase) -> None:
    """The mark before the name of the file."""
    kind, told = parse_header_parameters(response.headers["Content-Disposition"])
    marked = f"{said(DEMONSTRATION)}-{told.get('filename', '')}"
    response.headers["Content-Disposition"] = (
        content_disposition_header(kind == "attachment", marked) or "attachment"
    )


def _head(response: HttpResponseBase) -> None:
    """The banner of the pages before the fragment."""
    banner = render_to_string("shell/_synthetic.html")
    response.content = banner.encode() + response.content


def write_xlsx(tables: Iterable[Table], *, simulated: bool = False) -> bytes:
    """As ``sheets.write_xlsx``; made-up rows say so in a last column, so that a row copied elsewhere takes it along."""
    mark = mark_of(simulated)
    return sheets.write_xlsx([marked(each, mark) for each in tables])


def write_csv(table: Table, encoding: Literal["utf-8-sig", "gb18030"], *, simulated: bool = False) -> bytes:
    """As ``sheets.write_csv``, marked in the same way."""
    return sheets.write_csv(marked(table, mark_of(simulated)), encoding)


def mark_of(simulated: bool = False) -> str:
    """What stands on what is handed out now: of a demonstration, of simulated facts, nothing on what is real."""
    if ledger.installation().synthetic:
        return said(DEMONSTRATION)
    return said(SIMULATED) if simulated else ""


def marked(table: Table, mark: str) -> Table:
    """The table with ``mark`` at the end of every row, or as it is without one or where it has such a column already."""
    name = said(COLUMN)
    if not mark or name in table.header:
        return table
    widths = (*table.widths, float(2 * len(mark) + 2)) if table.widths else ()
    return replace(table, header=(*table.header, name), rows=_rows(table.rows, mark), widths=widths)


def _rows(rows: Iterable[Sequence[Cell]], mark: str) -> Iterator[tuple[Cell, ...]]:
    return ((*row, mark) for row in rows)
