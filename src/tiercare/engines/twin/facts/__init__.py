"""A simulated year as the fact tables of Measures, so that every indicator and scorecard reads it as it reads a region's own extracts.

What the twin plays comes from its own records: visits, referrals, places and what became of them, beds, remote consultations, contracts, the course
of chronic diseases, the fund. What it does not play (staff, equipment, agreements, surveys, …) is drawn as for synthetic facts, from the same
people and institutions, whatever the policy. Nobody and nothing of it exists: keys begin with ``SYN``, every batch is marked synthetic.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from tiercare.engines.measures.store import writing
from tiercare.engines.measures.synth.writing import Drafts, in_memory
from tiercare.engines.twin.running import Year

from .monthly import Months

SOURCE = "模拟数据 simulated"


def tables(year: Year) -> dict[str, pa.Table]:
    """All fact tables in memory, with ``region`` and ``month`` (YYYYMM) beside their columns; for small regions."""
    made, months = Months(year), year.world.calendar.months
    every = (piece for month in range(len(months)) for piece in made.pieces(month))
    return in_memory(every, months, year.world.profile.region)


def write_facts(
    year: Year, root: Path, *, at: datetime | None = None, progress: Callable[[int], None] | None = None
) -> Mapping[str, int]:
    """Put the fact tables into a store, one batch each, month by month; the same year makes the same files.

    Args:
        root: folder of a ``store.Store``.
        at: when it counts as having come; now if not said.
        progress: told the month (YYYYMM) up to which everything is made.

    Returns:
        Rows by fact table.

    Raises:
        Refused: the store already holds these very facts, real ones, or locked months (``store.writing``).
    """
    made, months = Months(year), year.world.calendar.months
    rows: dict[str, int] = {}
    with writing(root, year.world.profile.region) as writer:
        drafts = Drafts(writer, months, SOURCE)
        for month, named in enumerate(months):
            for piece in made.pieces(month):
                rows[piece.fact] = rows.get(piece.fact, 0) + piece.rows
                drafts.write(piece)
            drafts.close_months()
            if progress is not None:
                progress(named)
        drafts.commit(_named(year), at or datetime.now(UTC))
    return rows


def _named(year: Year) -> str:
    """What tells this year from every other: two of one name are the same to the last byte."""
    played = hashlib.sha256()
    for table in (year.visits, year.sent, year.residents):
        played.update(table.view(np.uint8).data)
    return f"{year.world.profile!r} {year.levers!r} {sorted(year.given.values.items())} {year.seed} {played.hexdigest()}"
