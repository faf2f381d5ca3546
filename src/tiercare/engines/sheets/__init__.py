"""Tables that people upload and download: .xlsx, .xls, CSV.

``read`` gives sheets of lines with the row numbers that people see, and a list of everything in them that
cannot be taken as it stands; ``Unreadable`` is the only thing it raises. ``write_xlsx`` and ``write_csv`` write
the same bytes for the same rows, and nothing a program would run. What the columns mean is the caller's business.
"""

from .dates import as_date
from .model import (
    LIMIT_BYTES,
    LIMIT_ROWS,
    Book,
    Cell,
    Line,
    Problem,
    Sheet,
    Table,
    Unreadable,
    letter,
    normalised,
)
from .reading import read
from .writing import write_csv, write_xlsx

__all__ = [
    "LIMIT_BYTES",
    "LIMIT_ROWS",
    "Book",
    "Cell",
    "Line",
    "Problem",
    "Sheet",
    "Table",
    "Unreadable",
    "as_date",
    "letter",
    "normalised",
    "read",
    "write_csv",
    "write_xlsx",
]
