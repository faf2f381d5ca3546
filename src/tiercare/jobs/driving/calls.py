"""One command a call, each with its key and a transaction of its own, as an endpoint makes it; what went wrong is counted."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from django.db import connection

from tiercare.apps.ledger import commands as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import OnRecord, Refused

from .faults import Faults

Answer = Mapping[str, str]
# A twin in flight is that of a process that was killed: the server sees within moments that it is gone.
_PATIENCE, _PAUSE = 20.0, 0.02
_SYSTEM = Actor.system("cli")


@dataclass(frozen=True, slots=True)
class Asked:
    """The same act for the API: the path, the body, and which field of the answer tells what."""

    path: str
    body: Mapping[str, Any]
    told: Mapping[str, str]


class Carrier(Protocol):
    """Whoever carries acts to a server."""

    def stand_in(self, actor: Actor) -> Actor | None:
        """Who acts over a line in this actor's place, if anybody does."""

    def send(self, actor: Actor, asked: Asked, key: str) -> tuple[Answer, bool]:
        """One act; what was answered, and whether it had been before."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that should not be: on which day of the drive, which invariant, and what was seen."""

    day: int
    invariant: str
    seen: str


@dataclass
class Tally:
    """What was done: acts by name, refusals by code and by act and code, faults by name, what was found, what was acknowledged."""

    acts: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    refused_acts: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    other: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    requests: set[UUID] = field(default_factory=set)
    bookings: set[UUID] = field(default_factory=set)
    day: int = 0

    @property
    def count(self) -> int:
        """Commands that were sent, refused ones too."""
        return self.acts.total() + self.refused.total()

    def acknowledged(self, answer: Answer) -> None:
        """What somebody was told is there."""
        if "request" in answer:
            self.requests.add(UUID(answer["request"]))
        if "booking" in answer:
            self.bookings.add(UUID(answer["booking"]))

    def find(self, invariant: str, seen: object) -> None:
        """Something should not be."""
        self.findings.append(Finding(self.day, invariant, str(seen)[:500]))


class Clock:
    """The platform's clock, set only where it stands elsewhere."""

    def __init__(self) -> None:
        self.at: datetime | None = None

    def to(self, moment: datetime) -> None:
        """Move it."""
        if moment != self.at:
            ledger.set_clock(_SYSTEM, at=moment)
            self.at = moment

    @contextmanager
    def ahead(self, much: timedelta) -> Iterator[None]:
        """One act by a clock that is ahead."""
        before = self.at
        assert before is not None
        if much:
            self.to(before + much)
        try:
            yield
        finally:
            self.to(before)


class Caller:
    """Sends commands, at most ``most`` of them, each once for its key; what it is told twice it compares."""

    def __init__(
        self,
        run: str,
        *,
        most: int,
        tally: Tally,
        clock: Clock,
        faults: Faults,
        told: Callable[[Answer], None] = lambda _: None,
        wire: Carrier | None = None,
    ) -> None:
        self.run, self.most, self.told, self.wire = run, most, told, wire
        self.tally, self.clock, self.faults = tally, clock, faults

    @property
    def spent(self) -> bool:
        """Whether the drive has done as much as it may."""
        return self.tally.count >= self.most

    def _name(self, key: str, act: str) -> str:
        """The key that goes with the command: of visible ASCII, as the platform asks."""
        return f"{self.run}-{key}-{act}".replace(" ", "_")

    def _drawn(self, actor: Actor, act: str) -> str:
        """What its faults are drawn by: the same in every run of the seed, as keys with ids in them are not."""
        return f"{self.run}-{self.clock.at}-{act}-{actor.institution_id or actor.resident_id}"

    def __call__(
        self, actor: Actor, act: str, key: str, work: Callable[[], Answer], *, asked: Asked | None = None
    ) -> Answer | None:
        """One command; ``None`` where it was refused, or the drive is over. ``asked`` is the same for a server, if one is used.

        An error that is no refusal is a finding, not an end: the drive goes on as the users would.
        """
        if self.spent:
            return None
        name, drawn = self._name(key, act), self._drawn(actor, act)
        skew = self.faults.skew(drawn)
        with self.clock.ahead(skew):
            self.tally.faults["clock ahead"] += bool(skew)
            answer = self._counted(actor, act, name, work, asked)
        if answer is not None and self.faults.twice(drawn):
            self._again(actor, act, name, answer, asked)
        return answer

    def late_twin(self, actor: Actor, act: str, key: str, work: Callable[[], object]) -> None:
        """What was done comes once more, without its key and from somebody who saw the state before: it must be refused."""
        if not self.faults.late_twin(self._drawn(actor, act)) or self.spent:
            return
        self.tally.faults["late twin"] += 1
        try:
            work()
        except Refused as refused:
            self.tally.other[f"late twin refused: {refused.refusals[0].code}"] += 1
        except Exception as error:
            self._broken(act, error)
        else:
            self.tally.find("done once", f"{act} {key}: a late copy was taken")

    def _counted(
        self, actor: Actor, act: str, name: str, work: Callable[[], Answer], asked: Asked | None
    ) -> Answer | None:
        try:
            answer, replayed = self._sent(actor, act, name, work, asked)
        except Refused as refused:
            if isinstance(refused, OnRecord):
                refused.leave_record()  # the transaction has undone the first note
            code = refused.refusals[0].code
            self.tally.refused[code] += 1
            self.tally.refused_acts[f"{act}: {code}"] += 1
            return None
        except Exception as error:
            self._broken(act, error)
            return None
        self.tally.acts[act] += not replayed
        self.tally.other["answered as before"] += replayed
        self.tally.acknowledged(answer)
        self.told(answer)
        return answer

    def _sent(
        self, actor: Actor, act: str, name: str, work: Callable[[], Answer], asked: Asked | None
    ) -> tuple[Answer, bool]:
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                sender = self.wire.stand_in(actor) if self.wire is not None and asked is not None else None
                if self.wire is not None and asked is not None and sender is not None:
                    self.tally.other["over HTTP"] += 1
                    return self.wire.send(sender, asked, name)
                return _commanded(actor, act, name, work)
            except Refused as refused:
                if refused.refusals[0].code != ledger.TWIN_IN_FLIGHT or time.monotonic() > until:
                    raise
                time.sleep(_PAUSE)

    def _again(self, actor: Actor, act: str, name: str, answer: Answer, asked: Asked | None) -> None:
        """The answer was lost on its way: sent again with the key, the same is answered and nothing is done."""
        self.tally.faults["sent twice"] += 1

        def never() -> Answer:
            raise RuntimeError("the work was done before")

        try:
            told, replayed = self._sent(actor, act, name, never, asked)
        except Exception as error:
            self._broken(act, error)
            return
        if not replayed or dict(told) != dict(answer):
            self.tally.find("done once", f"{name}: answered {answer}, then {told}")

    def _broken(self, act: str, error: Exception) -> None:
        self.tally.find("no errors", f"{act}: {type(error).__name__}: {error}")
        if not connection.in_atomic_block:
            connection.close()  # it may be what is broken


def _commanded(actor: Actor, act: str, name: str, work: Callable[[], Answer]) -> tuple[Answer, bool]:
    """As an endpoint does it: in one transaction with the record of its answer."""
    with ledger.idempotent(actor, key=name, route=f"DRIVE {act}", body=name.encode()) as call:
        if call.replay is None:
            body = json.dumps(dict(work())).encode()
            call.answer(status=200, body=body, content_type="application/json")
    told = call.replay or call.given
    assert told is not None  # idempotent raises for work without an answer
    return json.loads(told.body), call.replay is not None
