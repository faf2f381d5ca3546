"""QR codes as paths of an SVG inside a page: nothing more to load, and nothing that could be markup."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import segno

# A code needs four light modules around it to be found (ISO/IEC 18004).
_QUIET = 4


@dataclass(frozen=True, slots=True)
class Drawn:
    """A code for ``cards/_qr.html``: how many modules a side has, the quiet zone included, and the path of the dark ones."""

    size: int
    path: str


def drawn(text: str) -> Drawn:
    """The code of ``text``. Level M bears a scratched screen or a crease."""
    rows = [bytes(row) for row in segno.make_qr(text, error="m").matrix]
    return Drawn(len(rows) + 2 * _QUIET, "".join(_line(row, y) for y, row in enumerate(rows, start=_QUIET)))


def _line(row: bytes, y: int) -> str:
    """The runs of dark modules of a row, as closed boxes."""
    path, x = "", _QUIET
    for dark, run in groupby(row):
        width = len(list(run))
        path += f"M{x} {y}h{width}v1h-{width}z" if dark else ""
        x += width
    return path
