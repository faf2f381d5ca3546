"""Random people with requests and the places that go with them, by the real commands: what the test plays, and the long run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import ClassVar
from uuid import UUID

from django.db import connection, transaction
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import commands as places
from tiercare.apps.capacity.models import Booking, Slot
from tiercare.apps.capacity.queries import drift
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.workflow import Act as PlaceAct
from tiercare.apps.exchange import commands, queries
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.exchange.subscribers import after_booking
from tiercare.apps.exchange.workflow import OVER, Act, State
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from ..capacity.conftest import Hospital, later
from .conftest import VISIT
from .playing import Seen, changed, look, seeds, throw

SYSTEM = Actor.system("test")
# The shortest way to the end of each state, as somebody who wants to be done would take it.
_OUT = {
    State.DRAFT: ("doctor", Act.WITHDRAW),
    State.SUBMITTED: ("doctor", Act.WITHDRAW),
    State.RETURNED: ("doctor", Act.WITHDRAW),
    State.ACCEPTED: ("doctor", Act.CANCEL),
    State.SCHEDULED: ("doctor", Act.CANCEL),
    State.NO_SHOW: ("doctor", Act.CANCEL),
    State.ARRIVED: ("receiver", Act.REPORT),
    State.IN_CARE: ("receiver", Act.REPORT),
    State.REPORTED: ("doctor", Act.ACKNOWLEDGE),
}
_DICE = [
    *["draft"] * 3,
    *["hold"] * 3,
    *["go_on"] * 14,
    *["act"] * 4,
    *["counter"] * 4,
    *["resident"] * 2,
    *["deliver"] * 2,
    *["time"] * 3,
    *("drop", "stop"),
]
_GIVES_UP = {Act.WITHDRAW, Act.CANCEL, Act.DIE}
_WHO = ("doctor", "office", "other")
_COUNTER = (PlaceAct.ARRIVE, PlaceAct.ATTEND, PlaceAct.MISS, PlaceAct.CANCEL)
# Hours; nought: until shortly before the next of those who have a place is expected.
_HOURS = (0.05, 0.05, 0.05, 0.2, 1, 30, 0, 0)
# What may change more than the request that somebody acts on: the messenger, time, and a clinic that is stopped. What the desk
# or the resident does to a place reaches its request with the messenger.
_MANY = {"deliver", "time", "stop"}


@dataclass(frozen=True)
class Ground:
    """The hospital with places on three days, the residents, and who acts."""

    hospital: Hospital
    residents: Sequence[UUID]
    slots: Sequence[tuple[UUID, datetime]]

    @property
    def actors(self) -> dict[str, Actor]:
        """Who has a part in it: the doctor who sends, the office that receives, the one it may be redirected to."""
        other = self.hospital.site.actor(Role.REFERRAL_OFFICE, "stranger")
        return {"doctor": self.hospital.family_doctor, "office": self.hospital.office, "other": other}


def lay_ground(hospital: Hospital, residents: Sequence[UUID]) -> Ground:
    """Few places: sessions on a fortnight with two times each, so that people get in each other's way."""
    for number, day in enumerate((1, 1, 2, 2, 3, 5, 8, 13)):
        pool = hospital.pool(f"pool-{number}")
        units = {Channel.REFERRAL: 1, Channel.OPEN: 1}
        hospital.offer(hospital.planned(pool, days=day, capacity=2, per_slot=1, by_time=120, units=units))
    slots = tuple((row.id, row.during.lower) for row in Slot.objects.order_by("during", "id"))
    return Ground(hospital, residents, slots)


class WithPlaces(RuleBasedStateMachine):
    """Requests of a township and the places of its hospital; time, clinics that are stopped, and a slow messenger."""

    ground: ClassVar[Ground]
    counted: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.taking_back = transaction.atomic()
        self.taking_back.__enter__()
        self.actors = self.ground.actors
        self.requests: list[UUID] = []
        self.seen: dict[UUID, Seen] = {}
        self.touched: set[UUID] = set()  # by whoever was not refused
        self.now = ledger.now()
        self.history: list[str] = []  # told with a failure
        self.told = Event.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0

    def teardown(self) -> None:
        try:
            self.everything_ends()
        finally:
            transaction.set_rollback(True)
            self.taking_back.__exit__(None, None, None)

    @initialize(seed=seeds)
    def begin(self, seed: int) -> None:
        self.dice = Random(seed)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        thrown = throw(self.dice, ["draft"])
        self.draft(list(Urgency)[thrown.pick % 3], thrown.which)
        self.hold(0, thrown.where)
        self.seen = look(self.requests)
        self.everybody_is_looked_after()

    @rule()
    def step(self) -> None:
        """One thing that somebody does, as often as ``_DICE`` has it; who was refused changed nothing."""
        self.counted["step"] += 1
        thrown = throw(self.dice, _DICE)
        self.touched = set()
        self._do(thrown.what, thrown.which, thrown.pick, thrown.where)
        before, self.seen = self.seen, look(self.requests)
        found = changed(before, self.seen)
        if thrown.what not in _MANY:
            assert found <= self.touched, ("somebody else's request changed", self.history[-12:])
        if found or thrown.what in _MANY:
            self.everybody_is_looked_after()
        if thrown.what in {"deliver", "time"}:
            self.whoever_is_waited_for_has_a_place()

    def _do(self, what: str, which: int, pick: int, where: int) -> None:
        match what:
            case "draft":
                self.draft(list(Urgency)[pick % 3], which)
                self.hold(0, where)
            case "hold":
                self.hold(which, where)
            case "drop":
                self.drop(which)
            case "act":
                self.act(which, _WHO[where % 3], list(Act)[pick % len(Act)], where)
            case "go_on":
                self.go_on(which, pick, where)
            case "counter":
                self.counter(which, _COUNTER[pick % 4])
            case "resident":
                self.resident_cancels(which) if pick % 2 else self.resident_moves(which, where)
            case "stop":
                self.stop(where, bool(pick % 3))
            case "deliver":
                self.deliver()
            case "time":
                self.time_passes(_HOURS[pick % len(_HOURS)])

    # --- what people do

    def draft(self, urgency: Urgency, whom: int) -> None:
        row = commands.draft(
            self.actors["doctor"],
            kind=VISIT.id,
            resident_id=self.ground.residents[whom % len(self.ground.residents)],
            urgency=urgency,
            problem_code="I10",
            problem="原发性高血压",
            to_institution=self.ground.hospital.id,
            again="另一条",
        )
        self.requests.append(row.id)
        self.touched.add(row.id)
        self.seen |= look([row.id])

    def hold(self, which: int, where: int) -> None:
        key, slot = self._one(which), self._slot(where)
        self._try(
            "hold", key, lambda: commands.hold_place(self.actors["doctor"], request_id=key, slot_id=slot)
        )

    def drop(self, which: int) -> None:
        key = self._one(which)
        self._try("drop", key, lambda: commands.drop_place(self.actors["doctor"], request_id=key))

    def act(self, which: int, who: str, act: Act, where: int) -> None:
        """Anybody tries anything."""
        key = self._one(which)
        self._try(act.value, key, lambda: self._turn(key, who, act, where))

    def go_on(self, which: int, pick: int, where: int) -> None:
        """Somebody does what the platform offers them; only the place, a past time or a hold that ran out may be in the way."""
        key = self._one(which)
        ways: list[tuple[str, Act]] = []
        for turn in range(3):
            who = _WHO[(where + turn) % 3]
            try:
                ways += [(who, act) for act in queries.acts_now(self.actors[who], request_id=key)]
            except Refused:
                continue
            onward = [way for way in ways if way[1] not in _GIVES_UP]
            if onward or (ways and not pick % 6):
                ways = onward if pick % 6 else ways
                break
        if not ways:
            assert self.seen[key].state in OVER
            return
        who, act = ways[pick // 6 % len(ways)]
        self._try(f"offered {act.value}", key, partial(self._turn, key, who, act, where))

    def counter(self, which: int, act: PlaceAct) -> None:
        """The hospital's desk checks somebody in, or gives a place back."""
        self._booking(f"desk {act.value}", self.ground.hospital.desk, which, act)

    def resident_cancels(self, which: int) -> None:
        self._booking("resident cancel", None, which, PlaceAct.CANCEL)

    def resident_moves(self, which: int, where: int) -> None:
        row = self._place(which)
        if row is not None:
            actor = self.ground.hospital.site.resident(row.resident_id)
            slot = self._slot(where)
            self._try("move", row.source_id, lambda: places.move(actor, booking_id=row.id, slot_id=slot))

    def stop(self, which: int, move: bool) -> None:
        """A clinic is stopped, and those booked are moved or not."""
        slot = Slot.objects.get(id=self._slot(which))
        self._try(
            "stop",
            None,
            lambda: places.stop(
                self.ground.hospital.office, session_id=slot.session_id, reason="医生生病", move=move
            ),
        )

    def time_passes(self, hours: float) -> None:
        """The clock, and what the platform does by the minute."""
        later(hours=hours or self._until_somebody_comes())
        self.now = ledger.now()
        places.sweep_lapsed()
        self.deliver()
        commands.escalate_overdue()
        commands.raise_unheard()
        late = [
            row for row in look(self.requests).values() if row.due_at is not None and row.due_at <= self.now
        ]
        assert not late, self.history[-12:]
        self.counted["time"] += 1

    def deliver(self) -> None:
        """What happened to places is told, in its order; now and then twice."""
        found = Event.objects.filter(kind="capacity.booking_turned", sequence__gt=self.told).order_by(
            "sequence"
        )
        for event in found:
            after_booking(event)
            after_booking(event)
            self.told = event.sequence
            self.counted["delivered"] += 1

    # --- what must hold

    def everybody_is_looked_after(self) -> None:
        """Of every request, and of the counters of the places; who is waited for has a place, once that was told."""
        for row in self.seen.values():
            assert row.live <= 1, ("a request has two places", self.history[-12:])
            row.check(self.history[-30:])
        assert drift() == []

    def whoever_is_waited_for_has_a_place(self) -> None:
        """After everything was told: before that a place may be gone of which the request does not know yet."""
        for row in self.seen.values():
            if row.state is State.SCHEDULED and row.booking is not None:
                assert f"{row.booking} BOOKED" in row.places, ("no place", self.history[-12:])

    def everything_ends(self) -> None:
        """From wherever it stands, every request comes to an end by what its sides may do; then no place is kept."""
        self.deliver()
        self.seen = look(self.requests)
        self.whoever_is_waited_for_has_a_place()
        for key in self.requests:
            row = self.seen[key]
            for _ in range(4):
                if row.state in OVER:
                    break
                who, act = _OUT[row.state]
                if who == "receiver":
                    who = "office" if row.to == self.ground.hospital.id else "other"
                row = row._replace(state=self._turn(key, who, act, 0))
                self.counted["to its end"] += 1
        self.deliver()
        self.seen = look(self.requests)
        self.everybody_is_looked_after()
        for row in self.seen.values():
            assert row.state in OVER and not row.live
            assert not row.reading and not row.sending, (
                "over, and still open to read",
                row,
                self.history[-30:],
            )

    # --- how it is done

    def _try(self, name: str, key: UUID | None, work: Callable[[], object]) -> None:
        """Done or refused with a reason; whatever else comes is a failure."""
        try:
            work()
        except Refused as refused:
            assert refused.refusals
            name = f"{name}: {refused.refusals[0].code}"
        else:
            self.touched |= {key} if key else set()
        self.history.append(name)
        self.counted[name] += 1

    def _turn(self, key: UUID, who: str, act: Act, where: int) -> State:
        to = None
        if act is Act.REDIRECT:
            hospital, other = self.ground.hospital.id, self.actors["other"].institution_id
            to = other if self.seen[key].to == hospital else hospital
        slot = self._slot(where) if act is Act.SCHEDULE and where % 3 else None
        at = self.now + timedelta(days=1) if act is Act.SCHEDULE and slot is None and where % 2 else None
        said = Said("other", "写明原因", {"advice": "…"}, to=to, slot=slot, at=at)
        return commands.turn(self.actors[who], request_id=key, act=act, said=said).state

    def _booking(self, name: str, actor: Actor | None, which: int, act: PlaceAct) -> None:
        row = self._place(which)
        if row is not None:
            by = actor or self.ground.hospital.site.resident(row.resident_id)
            self._try(name, row.source_id, lambda: places.turn(by, booking_id=row.id, act=act))

    def _place(self, which: int) -> Booking | None:
        with scoped(SYSTEM, area=EVERYWHERE):
            found = list(Booking.objects.filter(source_id__in=self.requests).order_by("-made_at", "-id")[:6])
        return found[which % len(found)] if found else None

    def _until_somebody_comes(self) -> float:
        with scoped(SYSTEM, area=EVERYWHERE):
            waited_for = Booking.objects.filter(source_id__in=self.requests, state="BOOKED")
            starts = [row.slot.during.lower for row in waited_for.select_related("slot")]
        ahead = [(each - self.now).total_seconds() / 3600 - 0.2 for each in starts]
        return min((each for each in ahead if each > 0), default=0.1)

    def _one(self, which: int) -> UUID:
        return self.requests[-1 - which % min(4, len(self.requests))]

    def _slot(self, where: int) -> UUID:
        """Mostly one of the next that are still to come."""
        ahead = [slot for slot, start in self.ground.slots if start > self.now][:8]
        found = ahead or [slot for slot, _ in self.ground.slots]
        return found[where % len(found)]
