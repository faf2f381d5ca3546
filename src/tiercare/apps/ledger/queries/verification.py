"""Reading the whole chain again, against the events and against the signed checkpoints outside the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from .. import checkpoints, sql
from ..chain import GENESIS, ChainReport, Fault, FaultCode, canonical, link
from ..models import Checkpoint, Unsealed

_PAGE = 5000
_MOST_STRAYS = 20


def verify_chain(*, on_progress: Callable[[int], None] | None = None) -> ChainReport:
    """Read every position in order and say what is wrong, the first bad position of the chain named.

    Edited, deleted, inserted and reordered rows break the chain itself; a cut tail, an older copy of the
    database and a chain computed anew disagree with the signed checkpoints in ``HOME/checkpoints.jsonl``.
    Reading the chain stops at its first fault. ``on_progress`` is called with the number of positions read.

    Raises:
        PermissionError: if the signing key is lost or open to others (see ``checkpoints.signing_key``).
    """
    # First the table, then the file, then the chain: each holds at least what the one before it held.
    recorded = list(Checkpoint.objects.order_by("position").values_list("position", "signature"))
    signed, faults = _signed_heads()
    heads = {head.position: head for head in signed}
    known = {(head.position, head.signature) for head in signed}
    faults += [
        Fault(FaultCode.CHECKPOINT_MISSING, position)
        for position, signature in recorded
        if (position, bytes(signature)) not in known
    ]
    reader = _Reader(heads)
    with transaction.atomic():
        reader.read(_positions(), on_progress)
    faults += reader.faults
    reach = max(heads, default=0)
    if reach > reader.position and not reader.faults:
        faults.append(Fault(FaultCode.TRUNCATED, reader.position + 1))
    faults += _strays()
    return ChainReport(
        sealed=reader.position,
        signed=min(reach, reader.position),
        unsealed=Unsealed.objects.count(),
        faults=tuple(faults),
    )


class _Reader:
    """Walks the chain and remembers the first fault."""

    def __init__(self, heads: dict[int, checkpoints.SignedHead]) -> None:
        self.heads = heads
        self.position = 0
        self.trusted = 0  # the last position that a signature vouches for
        self.digest = GENESIS
        self.faults: list[Fault] = []

    def read(self, rows: Iterator[tuple[Any, ...]], on_progress: Callable[[int], None] | None) -> None:
        for position, event_id, previous, digest, *event in rows:
            code = self._check(position, previous, digest, event)
            if code is not None:
                place = self.trusted + 1 if code is FaultCode.REWRITTEN else self.position + 1
                self.faults.append(Fault(code, place, event_id))
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
        head = self.heads.get(position)
        if head is not None:
            if head.hash != digest:
                return FaultCode.REWRITTEN
            self.trusted = position
        return None


def _positions() -> Iterator[tuple[Any, ...]]:
    """The chain with its events, streamed by a cursor of the server."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql.CHAIN)
        while page := cursor.fetchmany(_PAGE):
            yield from page


def _signed_heads() -> tuple[list[checkpoints.SignedHead], list[Fault]]:
    """The valid lines of the checkpoint file, and a fault for each of the others."""
    heads: list[checkpoints.SignedHead] = []
    faults = []
    for number, head in checkpoints.read(settings.HOME):
        if head is None:
            faults.append(Fault(FaultCode.CHECKPOINT_FORGED, place=f"{checkpoints.FILE}:{number}"))
        else:
            heads.append(head)
    return heads, faults


def _strays() -> list[Fault]:
    with connection.cursor() as cursor:
        cursor.execute(sql.STRAYS, {"limit": _MOST_STRAYS})
        return [Fault(FaultCode.EVENT_STRAY, event_id=row[0]) for row in cursor.fetchall()]
