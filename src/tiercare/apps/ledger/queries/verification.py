"""Reading the whole chain again, against the events and against the signed checkpoints outside the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from .. import checkpoints, sql
from ..chain import GENESIS, ChainReport, Fault, FaultCode, canonical, link
from ..models import Checkpoint, Unsealed

_PAGE = 5000
_MOST = 20  # of each sort of row outside the chain; the first is what counts


def verify_chain(
    *, on_progress: Callable[[int], None] | None = None, copy: Path | None = None
) -> ChainReport:
    """Read every position in order and say what is wrong, the first bad position of the chain named.

    Edited, deleted, inserted and reordered rows break the chain itself; a cut tail, an older copy of the
    database and a chain computed anew disagree with the signed checkpoints in ``HOME/checkpoints.jsonl``, or
    with those of ``copy``, a copy of that file kept elsewhere, which shows that file an older one as well. Rows
    of reading must say what the events of reading say. Reading the chain stops at its first fault.
    ``on_progress`` is called with the number of positions read.

    Raises:
        PermissionError: if the signing key is lost or open to others (see ``checkpoints.signing_key``).
        OSError: if the copy cannot be read.
    """
    # First the table, then the file, then the chain: each holds at least what the one before it held.
    recorded = list(Checkpoint.objects.order_by("position"))
    signed, faults = _signed_heads()
    faults += _not_in_file(recorded, signed)
    if copy is not None:
        elsewhere, forged = _signed_heads(copy)
        signed, faults = [*signed, *elsewhere], [*faults, *forged]
    reader = _Reader(signed)
    with transaction.atomic():
        reader.read(_positions(), on_progress)
    faults += reader.faults
    reach = max(reader.heads, default=0)
    if reach > reader.position and not reader.faults:
        faults.append(Fault(FaultCode.TRUNCATED, reader.position + 1))
    faults += _faults(sql.STRAYS) + _reading_faults()
    return ChainReport(
        sealed=reader.position,
        signed=min(reach, reader.position),
        unsealed=Unsealed.objects.count(),
        faults=tuple(faults),
    )


def _not_in_file(recorded: list[Checkpoint], signed: list[checkpoints.SignedHead]) -> list[Fault]:
    """A fault for each checkpoint of the table that the file does not hold just so."""
    known = {(head.position, head.hash, datetime.fromisoformat(head.at), head.signature) for head in signed}
    return [
        Fault(FaultCode.CHECKPOINT_MISSING, row.position)
        for row in recorded
        if (row.position, bytes(row.hash), row.at, bytes(row.signature)) not in known
    ]


class _Reader:
    """Walks the chain and remembers the first fault."""

    def __init__(self, signed: Iterable[checkpoints.SignedHead]) -> None:
        self.heads: defaultdict[int, set[bytes]] = defaultdict(set)  # two hashes at one position: a forgery
        for head in signed:
            self.heads[head.position].add(head.hash)
        self.position = 0
        self.trusted = 0  # the last position that a signature vouches for
        self.doubted: UUID | None = None  # the event after it
        self.digest = GENESIS
        self.faults: list[Fault] = []

    def read(self, rows: Iterator[tuple[Any, ...]], on_progress: Callable[[int], None] | None) -> None:
        for position, event_id, previous, digest, *event in rows:
            if position == self.trusted + 1:
                self.doubted = event_id
            code = self._check(position, previous, digest, event)
            if code is not None:
                self.faults.append(self._fault(code, event_id))
                return
            self.position, self.digest = position, digest
            if on_progress and position % _PAGE == 0:
                on_progress(position)

    def _check(self, position: int, previous: bytes, digest: bytes, event: list[object]) -> FaultCode | None:
        """What is wrong with this row, if anything."""
        if position != self.position + 1:
            return FaultCode.POSITION_MISSING
        if previous != self.digest:
            return FaultCode.LINK_BROKEN
        if event[0] is None:
            return FaultCode.EVENT_MISSING
        if link(previous, canonical(event)) != digest:
            return FaultCode.EVENT_CHANGED
        if position in self.heads:
            if self.heads[position] != {bytes(digest)}:
                return FaultCode.REWRITTEN
            self.trusted = position
        return None

    def _fault(self, code: FaultCode, event_id: UUID) -> Fault:
        """The fault with the row it begins at, which is not always the one where it came to light."""
        if code is FaultCode.REWRITTEN:
            return Fault(code, self.trusted + 1, self.doubted)
        return Fault(code, self.position + 1, None if code is FaultCode.POSITION_MISSING else event_id)


def _positions() -> Iterator[tuple[Any, ...]]:
    """The chain with its events, streamed by a cursor of the server."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql.CHAIN)
        while page := cursor.fetchmany(_PAGE):
            yield from page


def _signed_heads(copy: Path | None = None) -> tuple[list[checkpoints.SignedHead], list[Fault]]:
    """The valid lines of the checkpoint file (or of a copy), and a fault for each of the others."""
    heads: list[checkpoints.SignedHead] = []
    faults = []
    name = checkpoints.FILE if copy is None else copy.name
    for number, head in checkpoints.read(settings.HOME, copy):
        if head is None:
            faults.append(Fault(FaultCode.CHECKPOINT_FORGED, place=f"{name}:{number}"))
        else:
            heads.append(head)
    return heads, faults


def _reading_faults() -> list[Fault]:
    """Where rows of reading and events of reading disagree; for that, all rows of the wall are seen."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.AREA)
        before = cursor.fetchone()[0] or ""
        cursor.execute(sql.SET_AREA, ["*"])
        found = _faults(sql.READING_FAULTS)
        cursor.execute(sql.SET_AREA, [before])
    return found


def _faults(statement: str) -> list[Fault]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"limit": _MOST})
        return [
            Fault(FaultCode(code), position, event_id, place)
            for code, position, event_id, place in cursor.fetchall()
        ]
