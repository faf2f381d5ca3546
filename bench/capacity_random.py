"""Capacity under random operations: eight processes hold, book, confirm, cancel, move, check in; the clock runs on.

Afterwards every counter is held against the bookings, and every booking against what was kept for others at its time.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from capacity_ground import (
    FAMILY,
    MEMBER,
    OPEN,
    SEED,
    SYSTEM,
    Ground,
    deadlocks,
    eaten,
    oversold,
    sessions,
)
from django.db import Error

from tiercare.apps.capacity import queries
from tiercare.apps.capacity.commands import book, move, turn
from tiercare.apps.capacity.queries.promises import bound
from tiercare.apps.capacity.workflow import Act
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.cli import bootstrap
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

PROCESSES = 8
USUAL = 100_000
_KNOWN, _RECENT = 4_096, 256  # bookings that all processes may act on; the last of them stand apart as well
_STEP = timedelta(seconds=25)  # of the clock: a hold lapses after a dozen of them
_BEAT = 0.25  # seconds of the machine between two steps
# How often each is tried. Nearly all places are taken nearly always, so most that want one do not get it.
_WEIGHTS = {
    "book": 22,
    "hold": 24,
    "confirm": 14,
    "cancel": 18,
    "move": 12,
    "arrive": 3,
    "attend": 1,
    "miss": 1,
}


@dataclass
class _Hand:
    """One process at work: a few people it books for, and bookings that it or others made."""

    ground: Ground
    slots: Sequence[UUID]
    board: Any
    dice: random.Random
    counts: Counter[str] = field(default_factory=Counter)

    def note(self, booking: UUID) -> None:
        """Let others find it."""
        for at in (self.dice.randrange(_KNOWN), _KNOWN + self.dice.randrange(_RECENT)):
            self.board[at * 16 : at * 16 + 16] = booking.bytes

    def some(self) -> UUID:
        """A booking that somebody made, every second time of late; or none that exists."""
        late = self.dice.random() < 0.5
        at = _KNOWN + self.dice.randrange(_RECENT) if late else self.dice.randrange(_KNOWN)
        return UUID(bytes=bytes(self.board[at * 16 : at * 16 + 16]))

    def once(self) -> None:
        """One operation; refused or done, it is counted with its outcome."""
        name = self.dice.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        try:
            _OPERATIONS[name](self)
            self.counts[f"{name}: done"] += 1
        except Refused as refused:
            self.counts[f"{name}: {refused.refusals[0].code}"] += 1
        except Error as error:  # of the database: a broken CHECK, a deadlock; none may come
            self.counts[f"ERROR {name}: {error}"] += 1

    def who(self) -> Actor:
        """Mostly the township's doctor; else the hospital's desk, which sees the same bookings from the other side."""
        return self.ground.doctor() if self.dice.random() < 0.8 else self.ground.desk()


def _take(hand: _Hand, *, hold: bool) -> None:
    slot, resident = hand.dice.choice(hand.slots), hand.dice.choice(hand.ground.residents)
    hand.note(book(hand.ground.doctor(), slot_id=slot, resident_id=resident, hold=hold).booking_id)


def _move(hand: _Hand) -> None:
    hand.note(
        move(hand.ground.doctor(), booking_id=hand.some(), slot_id=hand.dice.choice(hand.slots)).booking_id
    )


def _turn(act: Act) -> Callable[[_Hand], None]:
    hosts = act in {Act.ARRIVE, Act.ATTEND, Act.MISS}

    def run(hand: _Hand) -> None:
        turn(hand.ground.desk() if hosts else hand.who(), booking_id=hand.some(), act=act)

    return run


_OPERATIONS: dict[str, Callable[[_Hand], None]] = {
    "book": lambda hand: _take(hand, hold=False),
    "hold": lambda hand: _take(hand, hold=True),
    "move": _move,
    **{act.value: _turn(act) for act in (Act.CONFIRM, Act.CANCEL, Act.ARRIVE, Act.ATTEND, Act.MISS)},
}


def random_operations(ground: Ground, count: int) -> dict[str, Any]:
    """Cell 5 (A3): so many random operations by 8 processes while the clock runs and reserves are released."""
    units = {FAMILY: 12, MEMBER: 8, OPEN: 16}
    size = max(1, round(count / USUAL))
    # They begin a day and up to five hours ahead: what is kept is released while this runs, in one after the other.
    binding = bound(ground.hospital, on=ledger_queries.today())
    assert binding is not None
    opens = ledger_queries.now() + binding.release
    slots = sessions(ground, "a3", [units] * 160 * size, pools=16 * size, specialty="10", opens=opens)
    before = deadlocks()
    began_at = ledger_queries.now()
    bootstrap.release()
    context = multiprocessing.get_context("fork")
    board, answers, over = (
        context.Array("c", (_KNOWN + _RECENT) * 16, lock=False),
        context.Queue(),
        context.Event(),
    )
    share = -(-count // PROCESSES)
    hands = [
        context.Process(
            target=_work,
            args=(_Hand(ground, slots, board, random.Random(SEED + at)), share, answers),
            daemon=True,
        )
        for at in range(PROCESSES)
    ]
    began = time.monotonic()
    for each in hands:
        each.start()
    clock = context.Process(target=_run_clock, args=(over, _STEP / size), daemon=True)
    clock.start()
    counts: Counter[str] = Counter()
    for _ in hands:
        counts.update(answers.get())
    taken = time.monotonic() - began
    over.set()
    for each in (*hands, clock):
        each.join()
    ended_at = ledger_queries.now()
    ledger.set_clock(SYSTEM, at=None)
    time.sleep(1)  # the server counts deadlocks a moment later
    found = queries.drift()
    told = {
        "operations": sum(counts.values()),
        "done": sum(number for name, number in counts.items() if name.endswith(": done")),
        "seconds": round(taken, 1),
        "per_s": round(sum(counts.values()) / taken),
        "clock_hours": round((ended_at - began_at).total_seconds() / 3600, 1),
        "drift": len(found),
        "oversold": oversold(slots),
        "reserve_eaten": eaten(),
        "deadlocks": deadlocks() - before,
        "errors": {name: number for name, number in counts.items() if name.startswith("ERROR")},
        "outcomes": dict(sorted(counts.items())),
    }
    print("A3 random operations:", {name: told[name] for name in told if name != "outcomes"}, flush=True)
    return told


def _work(hand: _Hand, count: int, answers: Any) -> None:
    for _ in range(count):
        hand.once()
    answers.put(hand.counts)


def _run_clock(over: Any, step: timedelta) -> None:
    """Time passes in steps, far faster than the machine's."""
    at = ledger_queries.now()
    while not over.wait(_BEAT):
        at += step
        ledger.set_clock(SYSTEM, at=at)
