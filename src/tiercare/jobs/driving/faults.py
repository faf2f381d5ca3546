"""What goes wrong in a drive, by its seed: pure, the same for the same arguments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tiercare.engines.population.draws import Chance

# Ours: how often each goes wrong.
_KILLS_A_WEEK, _DELAYED, _REPEATED = (
    4,
    0.15,
    0.3,
)  # in a window: the outbox stands still, deliveries come again
_TWICE, _LATE_TWIN, _SKEWED = 0.08, 0.05, 0.04  # of acts
_OFFLINE_A_WEEK = 2
_AHEAD = (1, 2, 5, 9)  # hours


@dataclass(frozen=True, slots=True)
class Offline:
    """A hospital whose people do nothing from one window of the drive to another, the last included."""

    hospital: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Faults:
    """Windows are counted through the whole drive; acts are known by the key under which they are sent."""

    seed: int
    kills: frozenset[int] = frozenset()
    delayed: frozenset[int] = frozenset()
    repeated: frozenset[int] = frozenset()
    offline: tuple[Offline, ...] = ()
    on: bool = False

    def twice(self, drawn: str) -> bool:
        """Whether the answer was lost, and the same is sent again under its key."""
        return self.on and Chance(f"twice:{self.seed}:{drawn}").random() < _TWICE

    def late_twin(self, drawn: str) -> bool:
        """Whether a copy without the key comes late, of somebody who still sees the state before."""
        return self.on and Chance(f"late:{self.seed}:{drawn}").random() < _LATE_TWIN

    def skew(self, drawn: str) -> timedelta:
        """How far ahead the clock of the one who acts is."""
        draws = Chance(f"skew:{self.seed}:{drawn}")
        if not self.on or draws.random() >= _SKEWED:
            return timedelta()
        return timedelta(hours=draws.choice(_AHEAD))

    def is_offline(self, hospital: int, window: int) -> bool:
        """Whether the people of this hospital do nothing now."""
        return any(each.hospital == hospital and each.first <= window <= each.last for each in self.offline)


def no_faults(seed: int) -> Faults:
    """All goes well."""
    return Faults(seed)


def faults_of(seed: int, *, days: int, windows: int, hospitals: int) -> Faults:
    """What goes wrong in a drive of so many days with so many windows each; at least one of everything."""
    draws, count = Chance(f"faults:{seed}"), days * windows
    every = range(count)
    kills = draws.sample(every, min(count, max(1, round(_KILLS_A_WEEK * days / 7))))
    offline = []
    for _ in range(max(1, round(_OFFLINE_A_WEEK * days / 7))):
        first = draws.randrange(count)
        offline.append(
            Offline(draws.randrange(hospitals), first, first + draws.randint(windows // 2, 2 * windows))
        )
    return Faults(
        seed,
        frozenset(kills),
        frozenset(each for each in every if draws.random() < _DELAYED),
        frozenset(each for each in every if draws.random() < _REPEATED),
        tuple(offline),
        on=True,
    )
