"""Simulated years as the fact tables of Measures, so that every indicator and scorecard reads them as it reads a region's own extracts.

What the twin plays comes from its own records: visits, referrals, places and what became of them, beds, remote consultations, contracts, the course
of chronic diseases, the fund. What it does not play (staff, equipment, agreements, surveys, …) is drawn as for synthetic facts, from the same
people and institutions, whatever the policy. Nobody and nothing of it exists: keys begin with ``SYN``, every batch is marked synthetic.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from tiercare.engines.measures.store import writing
from tiercare.engines.measures.synth.columns import Calendar, Piece
from tiercare.engines.measures.synth.world import World
from tiercare.engines.measures.synth.writing import Drafts, in_memory
from tiercare.engines.twin.running import Year

from .monthly import Months


def tables(*years: Year) -> dict[str, pa.Table]:
    """All fact tables in memory, with ``region`` and ``month`` (YYYYMM) beside their columns; for small regions."""
    world = _world(years)
    every = (piece for _, pieces in _monthly(years, world) for piece in pieces)
    return in_memory(every, world.calendar.months, world.profile.region)


def write_facts(
    years: Year | Sequence[Year],
    root: Path,
    *,
    policy: str = "",
    at: datetime | None = None,
    progress: Callable[[int], None] | None = None,
) -> Mapping[str, int]:
    """Put the fact tables into a store, one batch each, month by month; the same years make the same files.

    Args:
        years: one, or several in a row as ``twin.years`` plays them.
        root: folder of a ``store.Store``.
        policy: whose policy was played, told with the batches.
        at: when it counts as having come; now if not said.
        progress: told the month (YYYYMM) up to which everything is made.

    Returns:
        Rows by fact table.

    Raises:
        ValueError: the years do not follow one another, or are not of the same people.
        Refused: the store already holds these very facts, real ones, or locked months (``store.writing``).
    """
    years = (years,) if isinstance(years, Year) else years
    world, rows = _world(years), Counter[str]()
    with writing(root, world.profile.region) as writer:
        drafts = Drafts(writer, world.calendar.months, source_of(years[0], policy))
        for month, pieces in _monthly(years, world):
            for piece in pieces:
                rows[piece.fact] += piece.rows
                drafts.write(piece)
            drafts.close_months()
            if progress is not None:
                progress(month)
        drafts.commit(" ".join(map(_named, years)), at or datetime.now(UTC))
    return rows


def source_of(year: Year, policy: str = "") -> str:
    """What batches say of themselves in both languages, Chinese first: made up, of how many people, by which seed, under whose policy."""
    people, seed = f"{year.people.count:,}", year.world.seed
    zh, en = (
        (f"，政策 {policy}（各年年中有效的）", f", policy of {policy} in force at midyear")
        if policy
        else ("", "")
    )
    return (
        f"区域推演（模拟数据）：虚构居民 {people} 人，种子 {seed}{zh}，未推演基层住院 / "
        f"simulated region: {people} invented residents, seed {seed}{en}, no stays in primary care"
    )


def _world(years: Sequence[Year]) -> World:
    """Of all the years; of one it is its own."""
    first = years[0].world
    if len(years) == 1:
        return first
    for nth, year in enumerate(years):
        of, begun = year.world, first.calendar.first_year + nth
        if (of.profile, of.seed, of.calendar.first_year) != (first.profile, first.seed, begun) or (
            year.people.count != years[0].people.count
        ):
            raise ValueError("not years in a row of the same people")
    return World(first.profile, Calendar(first.calendar.first_year, len(years)), first.seed, ())


def _monthly(years: Sequence[Year], world: World) -> Iterator[tuple[int, Iterator[Piece]]]:
    """Each month (YYYYMM) with its rows."""
    made: Months | None = None
    for year in years:
        made = Months(year, world, made)
        for month, named in enumerate(year.world.calendar.months):
            yield named, made.pieces(month)


def _named(year: Year) -> str:
    """What tells this year from every other: two of one name are the same to the last byte."""
    played = hashlib.sha256()
    for table in (year.visits, year.sent, year.residents):
        played.update(table.view(np.uint8).data)
    return f"{year.world.profile!r} {year.levers!r} {sorted(year.given.values.items())} {year.seed} {played.hexdigest()}"
