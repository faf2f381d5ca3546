"""What the random plays of requests share: dice, a look at everything after each step, and how many there were.

A step costs what the act in it costs, not what watching it costs: hypothesis draws a seed an example, and one statement that
the server has planned reads all requests of the play with their steps, grounds and places. Whoever was refused has changed
nothing, and whoever was not has changed their own request alone: that is read from the same statement.
"""

from __future__ import annotations

import os
import secrets
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tiercare.apps.access.queries import EVERYWHERE
from tiercare.apps.exchange.workflow import OPEN, OVER, State
from tiercare.apps.ledger.prepared import prepared

LONG = bool(os.environ.get("TIERCARE_SOAK"))
STEPS = 50  # of an example
DOZEN = 12
_WALL = (
    "SELECT set_config('tiercare.scope', '{}', true), set_config('tiercare.persons', '{}', true),"
    " set_config('tiercare.area', %s, true)"
)
# Places are told with what they are kept for; one whose time ran out is nobody's any more, whether swept or not.
_LOOK = """
SELECT r.id, r.state, r.to_institution, r.owner_level, r.owner_institution, r.due_at, r.booking_id, r.planned_at, r.version,
    r.parties,
    (SELECT count(*) FROM exchange_step s WHERE s.request_id = r.id),
    ARRAY(SELECT c.institution_id FROM access_carerelation c
          WHERE c.source_id = r.id AND c.kind = 'request' AND c.until IS NULL),
    ARRAY(SELECT c.institution_id FROM access_carerelation c
          WHERE c.source_id = r.id AND c.kind <> 'request' AND c.until IS NULL),
    ARRAY(SELECT b.id::text || ' ' || b.state FROM capacity_booking b WHERE b.source_id = r.id ORDER BY b.id),
    (SELECT count(*) FROM capacity_booking b WHERE b.source_id = r.id AND (b.state = 'BOOKED'
        OR b.state = 'HELD' AND (b.held_until IS NULL OR b.held_until > tiercare_now())))
FROM exchange_request r WHERE r.id = ANY(%s::uuid[])
"""


class Seen(NamedTuple):
    """A request as it stands, with what hangs on it."""

    id: UUID
    state: State
    to: UUID | None
    level: str | None
    owner: UUID | None
    due_at: datetime | None
    booking: UUID | None
    planned_at: datetime | None
    version: int
    parties: Sequence[UUID]
    steps: int
    reading: Sequence[UUID]
    sending: Sequence[UUID]
    places: Sequence[str]
    live: int

    @property
    def is_open(self) -> bool:
        """Whether somebody must still see to it."""
        return self.state in OPEN

    def apart_from_time(self) -> Seen:
        """As somebody left it: without what only time changes."""
        return self._replace(live=0)

    def check(self, history: Sequence[str] = ()) -> None:
        """What holds of every request at all times; ``history`` is told with a failure."""
        assert self.is_open == (self.state not in OVER)
        assert self.is_open == (self.level is not None) == (self.due_at is not None), self
        assert self.live <= 1, ("a request has two places", self, history)
        assert self.is_open or not self.live, ("a request that is over keeps a place", self, history)


def look(requests: Collection[UUID]) -> dict[UUID, Seen]:
    """These requests as the platform itself sees them: the wall is opened for one statement and closed again."""
    with prepared() as cursor:
        cursor.execute(_WALL, [EVERYWHERE])
        cursor.execute(_LOOK, [list(requests)])
        found = {row[0]: Seen(row[0], State(row[1]), *row[2:]) for row in cursor.fetchall()}
        cursor.execute(_WALL, [""])
    return found


def changed(before: dict[UUID, Seen], after: dict[UUID, Seen]) -> set[UUID]:
    """Requests that stand otherwise than before, not counting what time alone brings."""
    return {
        key
        for key, now in after.items()
        if key not in before or before[key].apart_from_time() != now.apart_from_time()
    }


# What an example throws its dice with. Drawn step by step, hypothesis repeats and varies what it had, four numbers of five the
# same: good for shrinking a failure, which is not done here, and poor at finding one. Of seeds it never takes one twice.
seeds = st.integers(0, 2**64 - 1)


@dataclass(frozen=True, slots=True)
class Throw:
    """What a step is made of."""

    what: str
    which: int
    pick: int
    where: int


def throw(dice: Random, faces: Sequence[str]) -> Throw:
    """A step; each of ``faces`` as often as it stands there."""
    return Throw(dice.choice(faces), dice.randrange(12), dice.randrange(240), dice.randrange(24))


def play(
    machine: type[RuleBasedStateMachine], counted: Counter[str], config: pytest.Config, *, promised: int
) -> None:
    """Play until at least ``promised`` steps were made; the machine counts them under ``step``.

    A dozen examples after the other, because an example may end before its last step and nobody knows how many will.
    Without shrinking: a failure is told as it was found, with the seed that plays its dozen again (``--hypothesis-seed``).
    """
    run = settings(
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        max_examples=DOZEN,
        stateful_step_count=STEPS,
        phases=(Phase.generate,),
        print_blob=True,
    )
    again = config.getoption("hypothesis_seed") is not None
    while counted["step"] < promised:
        before = counted["step"]
        if not again:
            chosen = secrets.randbelow(2**32)
            print(f"--hypothesis-seed={chosen}")
            seed(chosen)(machine)
        run_state_machine_as_test(machine, settings=run)
        assert counted["step"] > before, "a dozen examples without a step"
        if again:
            pytest.skip(f"the seed's {counted['step']} steps were played again, and nothing was lost")
    print(dict(sorted(counted.items())))
