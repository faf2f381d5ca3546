"""Days as people type them and as Excel counts them."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from .model import Cell, normalised

_WRITTEN = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})"
    r"|年(\d{1,2})月(\d{1,2})日?|(\d{2})(\d{2}))(?:[ T]00:00(?::00(?:\.0+)?)?)?"
)
_SERIAL = re.compile(r"(\d{4,5})(?:\.0+)?")
_EPOCH = date(1899, 12, 30)  # of the 1900 system; right from 1900-03-01 on (Excel believes in 1900-02-29)
_EPOCH_1904 = date(1904, 1, 1)
_FIRST, _LAST = date(1950, 1, 1), date(2100, 12, 31)


def as_date(cell: Cell, *, from_1904: bool = False) -> date | None:
    """The day a cell means, or None where it means none or leaves a doubt.

    Understood: dates; datetimes at midnight; ``2019-07-01``, ``2019/7/1``, ``2019.7.1``, ``2019年7月1日`` and
    ``20190701`` as text (full-width digits too) or whole number; Excel's serial numbers from 1950 to 2100, as
    number or text, counted from 1904 where the workbook says so (``Book.from_1904``). A time of day other
    than midnight, a serial number with a fraction and a day that no calendar has give None.
    """
    if isinstance(cell, datetime):
        return cell.date() if cell.time() == time() else None
    if isinstance(cell, date):
        return cell
    if cell is None or isinstance(cell, bool):
        return None
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return _from_text(normalised(str(cell)), _EPOCH_1904 if from_1904 else _EPOCH)


def _from_text(text: str, epoch: date) -> date | None:
    if written := _WRITTEN.fullmatch(text):
        try:
            return date(*(int(part) for part in written.groups() if part))
        except ValueError:
            return None
    if counted := _SERIAL.fullmatch(text):
        found = epoch + timedelta(days=int(counted[1]))
        return found if _FIRST <= found <= _LAST else None
    return None
