"""The facts on disk: Parquet by region and month, a manifest that alone says what counts, locks, exports."""

from .exporting import SYNTHETIC, Encoding, Format, export
from .manifest import Arrived, Batch, Locked, Manifest, Mode, Origin, Part, read
from .plain import write_rows
from .store import Store
from .writing import Writer, locked_refusal, writing

__all__ = [
    "SYNTHETIC",
    "Arrived",
    "Batch",
    "Encoding",
    "Format",
    "Locked",
    "Manifest",
    "Mode",
    "Origin",
    "Part",
    "Store",
    "Writer",
    "export",
    "locked_refusal",
    "read",
    "write_rows",
    "writing",
]
