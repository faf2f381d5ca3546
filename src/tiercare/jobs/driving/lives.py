"""What becomes of a request or a booking next, and when: pure; the same for the same draws.

Whoever acts looks at how things stand, never at what the drive remembers: a process that was killed leaves nothing to be known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from tiercare.apps.capacity.workflow import Act as PlaceAct
from tiercare.apps.capacity.workflow import State as PlaceState
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.exchange.workflow import Act, State
from tiercare.apps.referrals.rules.vocabulary import Kind as RequestKind
from tiercare.engines.population.draws import Chance

from .script import CLOSES, OPENS, Rates

_CLOSING = timedelta(hours=17, minutes=40)
_PATIENCE = timedelta(hours=3)
_REDIRECTS = 3  # steps after which nobody passes a request on any more


class Side(StrEnum):
    """Whose turn it is."""

    SENDER = "sender"
    RECEIVER = "receiver"


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it stands; ``since`` its last step, ``steps`` how many it took."""

    id: UUID
    kind: str
    state: State
    urgency: int
    resident_id: UUID
    problem_code: str
    problem: str
    sender: UUID
    receiver: UUID | None
    planned_at: datetime | None
    booking_id: UUID | None
    due_at: datetime | None
    owner_level: str | None
    received: bool
    version: int
    made_at: datetime
    since: datetime
    steps: int

    @property
    def name(self) -> str:
        """Told apart from all others, and the same in every run of the seed, as ids are not."""
        return f"{self.kind}:{self.sender}:{self.problem_code}:{self.made_at.isoformat()}"


@dataclass(frozen=True, slots=True)
class Next:
    """Somebody does this at that time. ``more``: what the act goes with (a place is sought, the patient goes down, lies in)."""

    at: datetime
    side: Side
    act: Act
    more: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking without a request, as it stands."""

    id: UUID
    resident_id: UUID
    host: UUID
    state: PlaceState
    number: int
    pool: str
    starts_at: datetime
    arrived_at: datetime | None


def next_of(seen: Seen, *, now: datetime, seed: int, rates: Rates) -> Next | None:
    """What happens next to a request, if nothing comes between, when somebody is there; ``None`` where it is over.

    Whoever meets with refusals for hours does what can be done instead.
    """
    draws = Chance(f"life:{seed}:{seen.name}:{seen.state}:{seen.steps}")
    wanted = _NEXT.get(seen.state)
    if wanted is None:
        return None
    found = wanted(seen, draws, rates)
    found = replace(found, at=working(found.at))
    if now - found.at <= _PATIENCE:
        return found
    if found.act is Act.SUBMIT:
        return replace(found, act=Act.WITHDRAW)
    return replace(found, more=frozenset())


def _draft(seen: Seen, draws: Chance, rates: Rates) -> Next:
    """What could not be sent is given up, by name."""
    return Next(seen.since + timedelta(minutes=draws.randint(*rates.schedules)), Side.SENDER, Act.WITHDRAW)


def _returned(seen: Seen, draws: Chance, rates: Rates) -> Next:
    at, mended = seen.since + _span(draws, rates.answers), draws.random() < rates.mended
    return Next(at, Side.SENDER, Act.SUBMIT if mended else Act.WITHDRAW)


def _no_show(seen: Seen, draws: Chance, rates: Rates) -> Next:
    at, again = seen.since + _span(draws, rates.answers), draws.random() < rates.comes_again
    return Next(at, Side.SENDER, Act.SCHEDULE if again else Act.CANCEL)


def _arrived(seen: Seen, draws: Chance, rates: Rates) -> Next:
    at = seen.since + timedelta(minutes=draws.choice(rates.waits))
    if draws.random() < rates.left:
        return Next(at, Side.RECEIVER, Act.LEAVE)
    lies = seen.kind == RequestKind.UP and draws.random() < rates.lies
    return Next(at, Side.RECEIVER, Act.TAKE_IN, frozenset({"lies"}) if lies else frozenset())


def _in_care(seen: Seen, draws: Chance, rates: Rates) -> Next:
    goes = seen.kind == RequestKind.UP and draws.random() < rates.down
    more = frozenset({"down"}) if goes else frozenset()
    return Next(seen.since + _span(draws, rates.reports), Side.RECEIVER, Act.REPORT, more)


def _reported(seen: Seen, draws: Chance, rates: Rates) -> Next:
    return Next(seen.since + _span(draws, rates.answers), Side.SENDER, Act.ACKNOWLEDGE)


def _submitted(seen: Seen, draws: Chance, rates: Rates) -> Next:
    lowest, highest = rates.decides
    if seen.urgency == Urgency.EMERGENCY and seen.kind == RequestKind.UP:
        # An emergency does not wait to be accepted.
        return Next(seen.since + timedelta(minutes=lowest), Side.RECEIVER, Act.ARRIVE)
    drawn = draws.random()
    at = seen.since + _span(draws, (lowest, highest if seen.urgency == Urgency.ROUTINE else lowest * 3))
    if drawn < rates.withdrawn:
        return Next(seen.since + timedelta(minutes=lowest), Side.SENDER, Act.WITHDRAW)
    if drawn < rates.withdrawn + rates.returned:
        return Next(at, Side.RECEIVER, Act.RETURN)
    passed_on = drawn < rates.withdrawn + rates.returned + rates.redirected
    if passed_on and seen.kind == RequestKind.UP and seen.steps < _REDIRECTS:
        return Next(at, Side.RECEIVER, Act.REDIRECT)
    return Next(at, Side.RECEIVER, Act.ACCEPT)


def _accepted(seen: Seen, draws: Chance, rates: Rates) -> Next:
    if seen.kind == RequestKind.ADVICE:
        return Next(seen.since + _span(draws, rates.answers), Side.RECEIVER, Act.REPORT)
    at = seen.since + _span(draws, rates.schedules)
    if draws.random() < rates.given_up:
        return Next(at, Side.SENDER, Act.CANCEL)
    place = frozenset({"place"}) if draws.random() < rates.place_in_hand else frozenset()
    return Next(at, Side.RECEIVER, Act.SCHEDULE, place)


def _scheduled(seen: Seen, draws: Chance, rates: Rates) -> Next:
    expected = seen.planned_at or seen.since + timedelta(days=1)
    drawn = draws.random()
    if drawn < rates.given_up:
        return Next(seen.since + timedelta(hours=1), Side.SENDER, Act.CANCEL)
    if drawn < rates.given_up + rates.missed:
        return Next(expected + timedelta(hours=2), Side.RECEIVER, Act.MISS)
    return Next(expected + timedelta(minutes=draws.choice(rates.late)), Side.RECEIVER, Act.ARRIVE)


_NEXT: Mapping[State, Callable[[Seen, Chance, Rates], Next]] = {
    State.DRAFT: _draft,
    State.SUBMITTED: _submitted,
    State.RETURNED: _returned,
    State.ACCEPTED: _accepted,
    State.SCHEDULED: _scheduled,
    State.NO_SHOW: _no_show,
    State.ARRIVED: _arrived,
    State.IN_CARE: _in_care,
    State.REPORTED: _reported,
}


def next_of_booking(seen: Booked, *, now: datetime, seed: int, rates: Rates) -> tuple[datetime, PlaceAct]:
    """What happens next to a booking, and when; of whom nobody registered on their day it is said afterwards that they missed it."""
    if seen.state is PlaceState.BOOKED and now.date() > seen.starts_at.date():
        return now, PlaceAct.MISS
    at, act = _fate(seen, seed, rates)
    return working(at), act


def _fate(seen: Booked, seed: int, rates: Rates) -> tuple[datetime, PlaceAct]:
    draws = Chance(f"booking:{seed}:{seen.host}:{seen.pool}:{seen.starts_at.isoformat()}:{seen.number}")
    fate, early = draws.random(), draws.random()
    late, waits = draws.choice(rates.late), draws.choice(rates.waits)
    closing = seen.starts_at.replace(hour=0, minute=0) + _CLOSING
    if seen.state is PlaceState.ARRIVED:
        return (seen.arrived_at or seen.starts_at) + timedelta(minutes=waits), PlaceAct.ATTEND
    if fate < rates.cancelled:
        return seen.starts_at - timedelta(minutes=30 + early * 20 * 60), PlaceAct.CANCEL
    if fate < rates.cancelled + rates.missed:
        return max(closing, seen.starts_at + timedelta(hours=1)), PlaceAct.MISS
    return seen.starts_at + timedelta(minutes=late), PlaceAct.ARRIVE


def working(moment: datetime, *, opens: int = OPENS, closes: int = CLOSES) -> datetime:
    """The first moment from then on at which somebody is there: minutes of the day in the moment's own zone."""
    minute = moment.hour * 60 + moment.minute
    start = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if minute < opens:
        return start + timedelta(minutes=opens)
    if minute >= closes:
        return start + timedelta(days=1, minutes=opens)
    return moment.replace(second=0, microsecond=0)


def _span(draws: Chance, between: tuple[int, int]) -> timedelta:
    return timedelta(minutes=draws.randint(*between))
