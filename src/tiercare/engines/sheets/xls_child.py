"""The process that reads one .xls: bytes on standard input, visible sheets as JSON on standard output.

Run by path, so it imports nothing of ours; its memory and time are limited where the system can.
"""

from __future__ import annotations

import io
import json
import sys
from datetime import date, datetime, time, timedelta

import python_calamine as calamine

if sys.platform == "win32":
    resource = None
else:
    import resource

_MEMORY = 3 * 1024**3  # bytes of address space


def _limit() -> None:
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, time | timedelta):
        return str(value)
    raise TypeError(type(value))


def _sheet(workbook: calamine.CalamineWorkbook, name: str) -> dict[str, object]:
    sheet = workbook.get_sheet_by_name(name)
    before = [""] * sheet.start[1] if sheet.start else []
    rows = [[*before, *cells] for cells in sheet.iter_rows()] if sheet.start else []
    return {"name": name, "merged": sheet.merged_cell_ranges or [], "rows": rows}


def main() -> None:
    """Read and answer; any status than 0 means that the file does not hold together."""
    _limit()
    workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    visible = [
        sheet.name for sheet in workbook.sheets_metadata if sheet.visible == calamine.SheetVisibleEnum.Visible
    ]
    json.dump([_sheet(workbook, name) for name in visible], sys.stdout, default=_plain)


if __name__ == "__main__":
    main()
