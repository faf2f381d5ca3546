"""The player: what is planned and what comes due, in the order of the clock, by the platform's own commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import commands as capacity
from tiercare.apps.capacity.commands.demonstration_people import oneself, staff
from tiercare.apps.capacity.workflow import Act as PlaceAct
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.commands import Content
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.referrals import commands as referrals
from tiercare.apps.referrals.rules.vocabulary import Kind as RequestKind
from tiercare.engines.population.draws import Chance
from tiercare.jobs.dispatcher import deliver_due
from tiercare.kernel.actor import Actor

from .absences import Absences
from .calls import Answer, Asked, Caller, Carrier, Clock, Tally
from .cases import Case, cases
from .faults import Faults
from .ground import Clinic, Ground, Place
from .lives import Booked, next_of, next_of_booking
from .looking import bookings_near, open_requests
from .requests import API, Turning
from .script import CLOSES, OPENS, Kind, Planned, Rates

_MINUTES = 60
WINDOW = timedelta(minutes=_MINUTES)  # between two windows the platform's own work is done
_WITHIN = timedelta(days=7)  # places are wanted at most so far ahead
_TRIES = 3


def windows_of_day() -> range:
    """The windows of a day by the minute in which each begins."""
    return range(OPENS, CLOSES, _MINUTES)


def of_window(planned: Iterable[Planned], minute: int) -> list[Planned]:
    """What is begun in the window that begins then."""
    return [each for each in planned if minute <= each.minute < minute + _MINUTES]


@dataclass
class Player:
    """Plays on a ground; ``window`` counts through the whole drive, for the faults."""

    ground: Ground
    seed: int
    call: Caller
    rates: Rates
    faults: Faults
    window: int = 0

    @classmethod
    def of(
        cls,
        ground: Ground,
        *,
        seed: int,
        most: int,
        tally: Tally,
        faults: Faults,
        rates: Rates,
        wire: Carrier | None = None,
    ) -> Player:
        """One that has done nothing yet; over ``wire`` goes what it carries."""
        run = f"{ground.first:%Y%m%d}-{ground.days}-{seed}{'-http' if wire else ''}"
        call = Caller(run, most=most, tally=tally, clock=Clock(), faults=faults, wire=wire)
        return cls(ground, seed, call, rates, faults)

    @property
    def tally(self) -> Tally:
        """What was done so far."""
        return self.call.tally

    # -- a window of a day ------------------------------------------------------------------------------------

    def play(self, day: int, minute: int, planned: Sequence[Planned]) -> None:
        """Everything of one window. Played again after it broke off, what was done is answered as before."""
        self.window = day * len(windows_of_day()) + (minute - OPENS) // _MINUTES
        starts = self.ground.moment(day, minute)
        ends = starts + WINDOW
        self.call.clock.to(starts)
        todo: list[tuple[datetime, str, Callable[[], None]]] = [
            (
                self.ground.moment(day, each.minute),
                f"0-{number}",
                partial(self._begin, each, f"{day}-{minute}-{number}"),
            )
            for number, each in enumerate(of_window(planned, minute))
        ]
        todo += [each for each in self._due(starts) if each[0] < ends]
        # By time, and where that is the same by name: never by what the database happens to answer first.
        for at, _, work in sorted(todo, key=lambda each: each[:2]):
            if self.call.spent:
                break
            self.call.clock.to(max(at, starts))
            work()
        self.call.clock.to(ends)

    def housekeeping(self, *, deliver: bool = True) -> None:
        """What the platform does by the minute, once: holds, messages, those nobody saw to."""
        other = self.tally.other
        other["holds lapsed"] += capacity.sweep_lapsed()
        if deliver:
            other["deliveries"] += deliver_due()
        other["asked from the line"] += capacity.ask_waiting()
        while (found := exchange.escalate_overdue()) > 0:
            other["escalated"] += found
        other["unheard"] += exchange.raise_unheard()

    def _due(self, now: datetime) -> Iterator[tuple[datetime, str, Callable[[], None]]]:
        turning = Turning(self.ground, self.call, self.rates, self.free_place)
        for seen in open_requests(self.ground.accounts()):
            found = next_of(seen, now=now, seed=self.seed, rates=self.rates)
            if found is not None and not self._away(turning.house(seen, found)):
                yield max(found.at, now), f"1-{seen.name}", partial(turning.turn, seen, found)
        for booked in bookings_near(self.ground.hospitals, now, since=self.ground.moment(0, 0)):
            at, act = next_of_booking(booked, now=now, seed=self.seed, rates=self.rates)
            who = (
                oneself(booked.resident_id) if act is PlaceAct.CANCEL else staff(Role.CLINICIAN, booked.host)
            )
            if act is not PlaceAct.CANCEL and self._away(booked.host):
                continue
            name = f"{booked.host}:{booked.pool}:{booked.starts_at.isoformat()}:{booked.number}"
            yield max(at, now), f"2-{name}", partial(self._turn_booking, who, booked, act, name)
        absences = Absences(self.call, self.seed, self.rates)
        for number, (at, host, answer) in enumerate(absences.to_answer(self.ground, now)):
            if not self._away(host):
                yield max(at, now), f"3-{number:04d}", answer

    def _away(self, house: UUID) -> bool:
        """Whether nobody of this hospital is there."""
        hospitals = self.ground.hospitals
        return house in hospitals and self.faults.is_offline(hospitals.index(house), self.window)

    # -- what is planned ----------------------------------------------------------------------------------------

    def _begin(self, planned: Planned, key: str) -> None:
        clinic = self.ground.clinics.get(UUID(planned.site))
        if clinic is None:
            self.tally.other["planned for nobody"] += 1
            return
        resident = clinic.people[planned.person % len(clinic.people)].id
        if planned.kind in {Kind.REFER, Kind.ASK}:
            self._refer(planned, key, clinic, resident)
            return
        booker = oneself(resident) if planned.kind is Kind.BOOK_SELF else clinic.doctor
        for at, place in enumerate(self._wanted(UUID(planned.target), planned.code, key, planned.after)):
            if self._book(booker, f"{key}-{at}", place, resident):
                return

    def _book(self, booker: Actor, key: str, place: Place, resident: UUID) -> bool:
        def work() -> Answer:
            taken = capacity.book(booker, slot_id=place.slot, resident_id=resident)
            return {"booking": str(taken.booking_id)}

        body = {"slot": str(place.slot), "resident": str(resident)}
        asked = Asked("/api/capacity/bookings", body, {"booking": "id"})
        return self.call(booker, "book", key, work, asked=asked) is not None

    def _refer(self, planned: Planned, key: str, clinic: Clinic, resident: UUID) -> None:
        """A draft, a place in hand where one is to be had, and off it goes."""
        doctor, target = clinic.doctor, UUID(planned.target)
        case = cases()[planned.code]
        up = planned.kind is Kind.REFER

        def start() -> Answer:
            row = referrals.start(
                doctor,
                resident_id=resident,
                kind=RequestKind.UP if up else RequestKind.ADVICE,
                problem_code=case.code,
                problem=case.problem,
            )
            return {"request": str(row.id)}

        said = _said(case, up=up)
        begun = self.call(doctor, "start", key, start, asked=_draft(planned, case, resident, said))
        if begun is None:
            return
        request = UUID(begun["request"])
        draws = Chance(f"place:{self.seed}:{key}")
        if up and planned.urgency != Urgency.EMERGENCY and draws.random() < self.rates.place_in_hand:
            pool = case.pool_at(self.ground.places.get(target, ()))
            for at, place in enumerate(self._wanted(target, pool, key, planned.after)):
                if self._hold(doctor, f"{key}-{at}", request, place):
                    break
        content = Content(
            to_institution=target,
            urgency=Urgency(planned.urgency),
            specialty=case.specialty,
            payload=said,
        )
        asked = Asked(f"{API}/{request}/acts/submit", {"to": planned.target}, {"state": "state"})
        self.call(doctor, "send", key, lambda: _sent(doctor, request, content), asked=asked)

    def _hold(self, doctor: Actor, key: str, request: UUID, place: Place) -> bool:
        def work() -> Answer:
            taken = exchange.hold_place(doctor, request_id=request, slot_id=place.slot)
            return {"booking": str(taken.booking_id)}

        asked = Asked(f"{API}/{request}/place", {"slot": str(place.slot)}, {"booking": "id"})
        return self.call(doctor, "hold", key, work, asked=asked) is not None

    # -- places -------------------------------------------------------------------------------------------------

    def _wanted(self, hospital: UUID, pool: str, key: str, after: int = -1) -> Iterable[Place]:
        """The places that somebody tries, one after the other: from a day on, or the soonest, or a day of their own."""
        able = self._able(hospital, pool)
        draws = Chance(f"wanted:{self.seed}:{key}")
        if not able:
            return []
        first = 0 if draws.random() < self.rates.soonest else draws.randrange(len(able))
        if after >= 0 and self.call.clock.at is not None:
            day = (self.call.clock.at + timedelta(days=after)).date()
            first = next((at for at, each in enumerate(able) if each.at.date() >= day), 0)
        return [able[(first + at * 3) % len(able)] for at in range(min(_TRIES, len(able)))]

    def free_place(self, hospital: UUID, key: str) -> UUID | None:
        """A place that the office of a hospital would name; taken or not the command finds out."""
        found = list(self._wanted(hospital, "demo-nk", key))
        return found[0].slot if found else None

    def _able(self, hospital: UUID, pool: str) -> list[Place]:
        now = self.call.clock.at
        assert now is not None  # a window sets it first
        places, within = (
            self.ground.places.get(hospital, {}).get(pool, ()),
            min(_WITHIN, timedelta(days=self.ground.days)),
        )
        return [each for each in places if now < each.at <= now + within]

    def _turn_booking(self, who: Actor, booked: Booked, act: PlaceAct, name: str) -> None:
        def work() -> Answer:
            after = capacity.turn(who, booking_id=booked.id, act=act)
            return {"state": str(after.state)}

        asked = Asked(f"/api/capacity/bookings/{booked.id}/{act.value}", {}, {"state": "state"})
        turned = self.call(who, f"booking {act.value}", booked.id.hex, work, asked=asked)
        if act is PlaceAct.MISS and turned is not None:
            Absences(self.call, self.seed, self.rates).object_to(booked, name)


def _sent(doctor: Actor, request: UUID, content: Content) -> Answer:
    turned = referrals.send(doctor, request_id=request, content=content)
    return {"state": turned.state.value}


def _said(case: Case, *, up: bool) -> dict[str, Any]:
    """What stands in a request; marked, so that whoever reads it sees that a drive made it."""
    said: dict[str, Any] = {"driven": True, "reason": case.complaint, "wanted": "请协助诊治"}
    if up:
        return {**said, "ground": {"criterion": "", "severity": "urgent", "beyond": "capacity"}}
    return {**said, "question": f"{case.complaint}，下一步如何处理？"}


def _draft(planned: Planned, case: Case, resident: UUID, said: Mapping[str, Any]) -> Asked:
    """A request begun by HTTP says everything at once."""
    body = {
        "kind": (RequestKind.UP if planned.kind is Kind.REFER else RequestKind.ADVICE).value,
        "resident": str(resident),
        "urgency": Urgency(planned.urgency).name,
        "problem_code": case.code,
        "problem": case.problem,
        "to": planned.target,
        "specialty": case.specialty,
        "payload": dict(said),
    }
    return Asked(API, body, {"request": "id"})
