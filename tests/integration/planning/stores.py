"""Facts as somebody sent them: made-up rows of one table and month."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tiercare.apps.ledger import queries as ledger
from tiercare.engines.measures.schema import facts
from tiercare.engines.measures.store import Arrived, write_rows, writing


def told(root: Path, region: str, fact: str, month: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """The rows come as a batch of their own."""
    with writing(root, region) as writer:
        draft = writer.folder / f"{fact}-{month}.parquet"
        write_rows(draft, facts()[fact], rows)
        digest = hashlib.sha256(draft.read_bytes() + f"{fact}{month}".encode()).hexdigest()
        writer.commit(Arrived(fact, "示例医院", digest, ledger.now(), synthetic=True), {month: draft})
