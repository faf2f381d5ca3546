"""The private PostgreSQL: made at first use, started, adopted, guarded, saved and brought back.

No Django and no domain here; ``cli``, ``jobs`` and the tests use it (``docs/adr/0002-supervisor-beside-the-kernel.md``).
"""

from .backup import Restored, Verification, backup, restore, verify
from .binaries import Binaries, find_binaries
from .cluster import Cluster, Status
from .manifest import Manifest, read_manifest
from .problems import Message, PostgresProblem
from .roles import Urls

__all__ = [
    "Binaries",
    "Cluster",
    "Manifest",
    "Message",
    "PostgresProblem",
    "Restored",
    "Status",
    "Urls",
    "Verification",
    "backup",
    "find_binaries",
    "read_manifest",
    "restore",
    "verify",
]
