"""Writing the fact tables from what the platform knows: each month that is due anew, in the place of what stood there.

A month of a table is read and written whole; it counts as changed only if its rows changed. Killed at any moment, nothing
is lost: what was being written stays due.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as ledger
from tiercare.engines.measures.schema import facts as tables
from tiercare.engines.measures.store import (
    Arrived,
    Mode,
    Origin,
    Writer,
    locked_refusal,
    write_rows,
    writing,
)
from tiercare.engines.measures.store.store import digest_of
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused

from ..queries.fact_sources import SOURCES, Month
from ..queries.facts_due import Due, due, regions
from .marking import mark_day

SOURCE = "平台业务数据 platform"
_TAKE = """
UPDATE evaluation_factsdue SET taken_at = clock_timestamp()
WHERE id = %(id)s AND since_at IS NOT NULL RETURNING taken_at
"""
# What changed in between emptied ``taken_at``: then it stays due.
_DONE = """
UPDATE evaluation_factsdue SET since_at = NULL, taken_at = NULL, written_at = tiercare_now(), rows = %(rows)s, held = ''
WHERE id = %(id)s AND taken_at = %(taken)s
"""
_HOLD = "UPDATE evaluation_factsdue SET held = %(held)s, taken_at = NULL WHERE id = %(id)s"


class Outcome(StrEnum):
    """What became of a month."""

    WRITTEN = "written"
    SAME = "same"  # it stood there already, row for row
    HELD = "held"  # not touched, and why
    FAILED = "failed"  # our own mistake; it is raised once everything else is written


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A month of a table that was due. ``why`` says why it was not written; the mark stays and it is tried again."""

    region: str
    fact: str
    month: int
    outcome: Outcome
    rows: int = 0
    why: Refusal | None = None
    error: Exception | None = None


def refresh(*, region: str | None = None, over: bool = False, root: Path | None = None) -> list[Refreshed]:
    """Write everything that is due: of one region, or of all that have a pack in force.

    Args:
        over: somebody wants the platform's own rows where others sent theirs.
        root: the store; the installation's if none is named.

    Raises:
        Refused: the store of the named region is being written by somebody else (``facts_busy``).
        ExceptionGroup: tables could not be written. All others were, and these stay due.
    """
    today = ledger.today()
    found: list[Refreshed] = []
    for code in [region] if region else regions(on=today):
        with transaction.atomic():
            mark_day(code, on=today)
        try:
            found += _refresh(root or Path(settings.FACTS_ROOT), code, today, over=over)
        except Refused:
            if region:
                raise  # the others are not kept waiting for one that is busy; its marks stay
    if failed := [each.error for each in found if each.error is not None]:
        raise ExceptionGroup("fact tables that could not be written", failed)
    return found


def _refresh(root: Path, region: str, today: date, *, over: bool) -> Iterator[Refreshed]:
    waiting = due(region, on=today)
    if not waiting:
        return
    with writing(root, region) as writer:
        for number, some in groupby(waiting, key=_month_of):
            yield from _write_month(writer, Month(region, number, today), list(some), over=over)


def _write_month(writer: Writer, month: Month, waiting: list[Due], *, over: bool) -> Iterator[Refreshed]:
    """All marks of the month are taken before anything is read, what the tables share above all; each goes when its rows
    lie in the store. Short transactions for both: whoever marks does not wait for a long reading."""
    taken: list[tuple[Due, Arrived, datetime]] = []
    for each in waiting:
        arrived = _arrived(each.fact)
        why = _held(writer, arrived, each.month, over=over)
        if why is not None:
            _said(_HOLD, id=each.id, held=why.code)
            yield Refreshed(month.region, each.fact, each.month, Outcome.HELD, why=why)
        elif (at := _said(_TAKE, id=each.id)) is not None:
            taken.append((each, arrived, at))
    for each, arrived, at in taken:
        try:
            rows, outcome = _write(writer, month, each.fact, arrived, over=over)
        except Exception as error:  # one table's mistake does not keep the others from being written
            error.add_note(f"{each.fact} {month.region} {month.number}")
            yield Refreshed(month.region, each.fact, each.month, Outcome.FAILED, error=error)
            continue
        _said(_DONE, id=each.id, taken=at, rows=rows)
        yield Refreshed(month.region, each.fact, each.month, outcome, rows)


def _write(writer: Writer, month: Month, fact: str, arrived: Arrived, *, over: bool) -> tuple[int, Outcome]:
    draft = writer.folder / f"{fact}-{month.number}.parquet"
    with scoped(Actor.system("job"), area="*"):
        count = write_rows(draft, tables()[fact], SOURCES[fact].rows(month))
    digest = digest_of(draft)
    there = [part for part in writer.manifest.parts(fact) if part.month == month.number]
    if [part.digest for part in there] == [digest] or not (there or count):
        draft.unlink()
        return count, Outcome.SAME
    writer.commit(replace(arrived, sha256=digest, rows_in=count), {month.number: draft}, over=over)
    return count, Outcome.WRITTEN


def _arrived(fact: str) -> Arrived:
    return Arrived(
        fact,
        SOURCE,
        sha256="",
        at=ledger.now(),
        mode=Mode.REPLACE,
        synthetic=ledger.installation().synthetic,
        origin=Origin.PLATFORM,
    )


def _held(writer: Writer, arrived: Arrived, month: int, *, over: bool) -> Refusal | None:
    """Why a month is not touched."""
    if locked := writer.locked({month: arrived}):
        return locked_refusal(locked)
    try:
        writer.check(arrived)
        if not over:
            writer.check_origin(arrived, [month])
    except Refused as refused:
        return refused.refusals[0]
    return None


def _said(statement: str, **values: object) -> datetime | None:
    """What a statement answers, in a transaction of its own."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone() if cursor.description else None
    moment: datetime | None = row[0] if row else None
    return moment


def _month_of(each: Due) -> int:
    return each.month
