"""The days of a demonstration: who comes for what they booked, who does not, and who says why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.access.rules import Role
from tiercare.engines.population.draws import Chance
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE, day_of
from tiercare.kernel.ids import stable_id, uuid7

from ..models import Booking
from ..workflow import Act, State
from .absence import appeal, decide_appeal
from .turning import turn

# Between two looks at the clock, from opening to closing. Ours, as are the shares below.
TICK = timedelta(minutes=20)
OPENING, CLOSING = time(8), time(17, 40)
_MISSED, _OBJECTS, _EXCUSED = 0.06, 0.4, 0.7
_LATE = (0, 0, 0, 1, 2)  # ticks after the time
_WAITS = (1, 1, 2, 3)  # ticks until they are seen
_ANSWERED = timedelta(days=5)
_WORDS = (
    "家里老人突发急病，来不及取消。",
    "那天大雪停了班车。",
    "记错了日期，非常抱歉。",
    "住院了，没能来。",
)
_ANSWERS = {True: "情况属实，这次不计。下次来不了，请提前取消。", False: "当天有公交可到，维持登记。"}


def opening(day: date) -> datetime:
    """When the doors open."""
    return datetime.combine(day, OPENING, ZONE)


def ticks(day: date) -> Iterator[datetime]:
    """The moments of a day, from opening to closing."""
    at, closing = opening(day), datetime.combine(day, CLOSING, ZONE)
    while at <= closing:
        yield at
        at += TICK


@dataclass(frozen=True, slots=True)
class _Due:
    """What a booking comes to, and when."""

    at: datetime
    act: Act
    booking: UUID
    host: UUID
    resident: UUID


class Coming:
    """People who come to the hospitals for what they booked; the same for the same draws.

    Checking in is played at the one that is ``shown``: elsewhere nobody looks at how long people waited.
    """

    def __init__(self, hospitals: Sequence[UUID], shown: UUID | None, seed: int) -> None:
        self._hospitals = list(hospitals)
        self._shown = shown
        self._draws = Chance(seed + 1)
        self._known: set[UUID] = set()
        self._due: list[_Due] = []
        self._objections: list[tuple[datetime, UUID, UUID]] = []

    def expect(self, now: datetime) -> None:
        """Think of what is booked for this day by now."""
        for row in self._new(now):
            self._due += self._fate(*row)

    def tick(self, now: datetime) -> None:
        """Do what is due by now on this day."""
        due = sorted((each for each in self._due if each.at <= now), key=lambda each: each.at)
        self._due = [each for each in self._due if each.at > now]
        for each in due:
            self._do(each, now)
        answered = [each for each in self._objections if each[0] <= now]
        self._objections = [each for each in self._objections if each[0] > now]
        for _, host, objection in answered:
            excused = self._draws.random() < _EXCUSED
            decide_appeal(
                staff(Role.REFERRAL_OFFICE, host),
                appeal_id=objection,
                excused=excused,
                answer=_ANSWERS[excused],
            )

    def _do(self, due: _Due, now: datetime) -> None:
        turn(staff(Role.CLINICIAN, due.host), booking_id=due.booking, act=due.act)
        if due.act is Act.MISS and self._draws.random() < _OBJECTS:
            words = self._draws.choice(_WORDS)
            objection = appeal(oneself(due.resident), booking_id=due.booking, words=words)
            self._objections.append((now + _ANSWERED, due.host, objection))

    def _new(self, now: datetime) -> list[tuple[UUID, UUID, UUID, datetime]]:
        """Bookings of the day that nobody has thought of yet."""
        with scoped(Actor.system(), area=EVERYWHERE):
            found = list(
                Booking.objects.filter(
                    institution_id__in=self._hospitals,
                    session__day=day_of(now),
                    state=State.BOOKED.value,
                )
                .order_by("slot__during", "number", "session_id")
                .values_list("id", "institution_id", "resident_id", "slot__during")
            )
        new = [row for row in found if row[0] not in self._known]
        self._known |= {row[0] for row in new}
        return [(key, host, resident, during.lower) for key, host, resident, during in new]

    def _fate(self, booking: UUID, host: UUID, resident: UUID, starts: datetime) -> list[_Due]:
        closing = datetime.combine(day_of(starts), CLOSING, ZONE)
        if self._draws.random() < _MISSED:
            return [_Due(closing, Act.MISS, booking, host, resident)]
        comes = min(starts + self._draws.choice(_LATE) * TICK, closing)
        seen = min(comes + self._draws.choice(_WAITS) * TICK, closing)
        attends = [_Due(seen, Act.ATTEND, booking, host, resident)]
        return (
            [_Due(comes, Act.ARRIVE, booking, host, resident), *attends] if host == self._shown else attends
        )


def staff(role: Role, institution: UUID, division: str = "") -> Actor:
    """Somebody who works there."""
    return Actor(
        account_id=stable_id("demonstration", role.value, str(institution)),
        name="演示",
        role=role.value,
        institution_id=institution,
        division_code=division or None,
        channel="cli",
        request_id=uuid7(),
    )


def oneself(resident: UUID) -> Actor:
    """The resident themself."""
    return Actor(
        account_id=stable_id("demonstration", "resident", str(resident)),
        name="演示",
        role=Role.RESIDENT.value,
        resident_id=resident,
        channel="cli",
        request_id=uuid7(),
    )
