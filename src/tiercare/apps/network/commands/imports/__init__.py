"""Files that people upload: checked as a whole, bad rows in quarantine until mended, taken over all or in part."""

from .batches import discard_import, mend_row, recheck_import, take_over_import, upload_import
from .direct import Tried, as_json, import_files, try_files
from .faults import cannot_open, no_bad_rows, no_such_batch, too_large, unknown_register
from .staging import Source

__all__ = [
    "Source",
    "Tried",
    "as_json",
    "cannot_open",
    "discard_import",
    "import_files",
    "mend_row",
    "no_bad_rows",
    "no_such_batch",
    "recheck_import",
    "take_over_import",
    "too_large",
    "try_files",
    "unknown_register",
    "upload_import",
]
