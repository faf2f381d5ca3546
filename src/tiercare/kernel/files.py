"""Files that are made once."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile


def write_once(path: Path, content: bytes) -> None:
    """Make ``path`` with ``content``, readable by its owner only, unless there is one already.

    Whole or not at all: of two processes that start at once one wins, and both find the same file.
    """
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.") as draft:  # 0600 from the start
        draft.write(content)
        draft.flush()
        os.fsync(draft.fileno())
        with suppress(FileExistsError):
            os.link(draft.name, path)
