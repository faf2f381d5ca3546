"""Random people with requests and the places that go with them, by the real commands: what the test plays, and the long run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tiercare.apps.access.models import CareRelation
from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import commands as places
from tiercare.apps.capacity.models import Booking, Slot
from tiercare.apps.capacity.queries import drift
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.workflow import Act as PlaceAct
from tiercare.apps.exchange import commands, queries
from tiercare.apps.exchange.models import Request
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.exchange.subscribers import after_booking
from tiercare.apps.exchange.workflow import OPEN, OVER, Act, State
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from ..capacity.conftest import Hospital, later
from .conftest import VISIT

SYSTEM = Actor.system("test")
_LIVE = ("HELD", "BOOKED")
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
numbers = st.integers(0, 10_000)


@dataclass(frozen=True)
class Ground:
    """The hospital with places on three days, the residents, and who acts."""

    hospital: Hospital
    residents: Sequence[UUID]
    slots: Sequence[UUID]

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
    return Ground(
        hospital, residents, tuple(Slot.objects.order_by("during", "id").values_list("id", flat=True))
    )


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
        self.history: list[str] = []  # told with a failure
        self.told = Event.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0

    def teardown(self) -> None:
        try:
            self.everything_ends()
        finally:
            transaction.set_rollback(True)
            self.taking_back.__exit__(None, None, None)

    @initialize(urgency=st.sampled_from(Urgency), whom=numbers, where=numbers)
    def begin(self, urgency: Urgency, whom: int, where: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.draft(urgency, whom)
        self.hold(0, where)

    @rule(what=st.sampled_from(_DICE), which=numbers, pick=numbers, where=numbers)
    def step(self, what: str, which: int, pick: int, where: int) -> None:
        """One thing that somebody does, as often as ``_DICE`` has it: hypothesis alone leaves most rules out of a run."""
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

    def hold(self, which: int, where: int) -> None:
        self._try(
            "hold",
            lambda: commands.hold_place(
                self.actors["doctor"], request_id=self._one(which), slot_id=self._slot(where)
            ),
        )

    def drop(self, which: int) -> None:
        self._try("drop", lambda: commands.drop_place(self.actors["doctor"], request_id=self._one(which)))

    def act(self, which: int, who: str, act: Act, where: int) -> None:
        """Anybody tries anything."""
        self._try(act.value, lambda: self._turn(self._one(which), who, act, where))

    def go_on(self, which: int, pick: int, where: int) -> None:
        """Somebody does what the platform offers them; only the place, a past time or a hold that ran out may be in the way."""
        if not self.requests:
            return
        key = self._one(which)
        offered = []
        for who, actor in self.actors.items():
            try:
                offered += [(who, act) for act in queries.acts_now(actor, request_id=key)]
            except Refused:
                continue
        if not offered:
            assert self._stored(key).state in OVER
            return
        onward = [each for each in offered if each[1] not in _GIVES_UP]
        chosen = onward if onward and pick % 6 else offered
        who, act = chosen[pick % len(chosen)]
        self._try(f"offered {act.value}", lambda: self._turn(key, who, act, where))

    def counter(self, which: int, act: PlaceAct) -> None:
        """The hospital's desk checks somebody in, or gives a place back."""
        self._booking(f"desk {act.value}", self.ground.hospital.desk, which, act)

    def resident_cancels(self, which: int) -> None:
        self._booking("resident cancel", None, which, PlaceAct.CANCEL)

    def resident_moves(self, which: int, where: int) -> None:
        row = self._place(which)
        if row is not None:
            actor = self.ground.hospital.site.resident(row.resident_id)
            self._try("move", lambda: places.move(actor, booking_id=row.id, slot_id=self._slot(where)))

    def stop(self, which: int, move: bool) -> None:
        """A clinic is stopped, and those booked are moved or not."""
        slot = Slot.objects.get(id=self._slot(which))
        self._try(
            "stop",
            lambda: places.stop(
                self.ground.hospital.office, session_id=slot.session_id, reason="医生生病", move=move
            ),
        )

    def time_passes(self, hours: float) -> None:
        """The clock, and what the platform does by the minute."""
        later(hours=hours or self._until_somebody_comes())
        places.sweep_lapsed()
        self.deliver()
        commands.escalate_overdue()
        commands.raise_unheard()
        with scoped(SYSTEM, area=EVERYWHERE):
            assert not Request.objects.filter(state__in=OPEN, due_at__lte=ledger.now()).exists()
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
        with scoped(SYSTEM, area=EVERYWHERE):
            waited_for = Request.objects.filter(
                id__in=self.requests, state="SCHEDULED", booking_id__isnull=False
            )
            kept = Booking.objects.filter(id__in=waited_for.values("booking_id"), state="BOOKED").count()
            assert kept == waited_for.count(), ("somebody is waited for who has no place", self.history[-12:])

    # --- what must hold

    @invariant()
    def everybody_is_looked_after(self) -> None:
        with scoped(SYSTEM, area=EVERYWHERE):
            for row in Request.objects.filter(id__in=self.requests):
                is_open = row.state in OPEN
                assert is_open == (row.owner_level is not None) == (row.due_at is not None), row.state
            live = Counter(
                Booking.objects.filter(source_id__in=self.requests, state__in=_LIVE)
                .exclude(state="HELD", held_until__lte=ledger.now())
                .values_list("source_id", flat=True)
            )
            over = set(
                Request.objects.filter(id__in=self.requests, state__in=OVER).values_list("id", flat=True)
            )
        doubled = {key for key, count in live.items() if count > 1}
        assert not doubled, ("a request has two places", self.history[-12:])
        assert not over & set(live), ("a request that is over keeps a place", self.history[-12:])
        assert drift() == []

    def everything_ends(self) -> None:
        """From wherever it stands, every request comes to an end by what its sides may do; then no place is kept."""
        self.deliver()
        for key in self.requests:
            for _ in range(4):
                row = self._stored(key)
                if row.state in OVER:
                    break
                who, act = _OUT[State(row.state)]
                if who == "receiver":
                    who = "office" if row.to_institution == self.ground.hospital.id else "other"
                self._turn(key, who, act, 0)
            assert self._stored(key).state in OVER
        self.deliver()
        self.everybody_is_looked_after()
        with scoped(SYSTEM, area=EVERYWHERE):
            assert not Booking.objects.filter(source_id__in=self.requests, state__in=_LIVE).exclude(
                state="HELD", held_until__lte=ledger.now()
            )
            left = CareRelation.objects.filter(source_id__in=self.requests, until=None)
            told = [(row.institution_id, Request.objects.get(id=row.source_id).parties) for row in left]
        assert not told, ("over, and still open to read", told, self.history[-30:])

    # --- how it is done

    def _try(self, name: str, work: object) -> None:
        """Done or refused with a reason; whatever else comes is a failure."""
        if not self.requests and name != "stop":
            return
        try:
            work()
        except Refused as refused:
            assert refused.refusals
            name = f"{name}: {refused.refusals[0].code}"
        self.history.append(name)
        self.counted[name] += 1

    def _turn(self, key: UUID, who: str, act: Act, where: int) -> None:
        row = self._stored(key)
        to = None
        if act is Act.REDIRECT:
            hospital, other = self.ground.hospital.id, self.actors["other"].institution_id
            to = other if row.to_institution == hospital else hospital
        slot = self._slot(where) if act is Act.SCHEDULE and where % 3 else None
        at = ledger.now() + timedelta(days=1) if act is Act.SCHEDULE and slot is None and where % 2 else None
        said = Said("other", "写明原因", {"advice": "…"}, to=to, slot=slot, at=at)
        commands.turn(self.actors[who], request_id=key, act=act, said=said)

    def _booking(self, name: str, actor: Actor | None, which: int, act: PlaceAct) -> None:
        row = self._place(which)
        if row is not None:
            by = actor or self.ground.hospital.site.resident(row.resident_id)
            self._try(name, lambda: places.turn(by, booking_id=row.id, act=act))

    def _place(self, which: int) -> Booking | None:
        with scoped(SYSTEM, area=EVERYWHERE):
            found = list(Booking.objects.filter(source_id__in=self.requests).order_by("-made_at", "-id")[:6])
        return found[which % len(found)] if found else None

    def _until_somebody_comes(self) -> float:
        now = ledger.now()
        with scoped(SYSTEM, area=EVERYWHERE):
            waited_for = Booking.objects.filter(source_id__in=self.requests, state="BOOKED")
            starts = [row.slot.during.lower for row in waited_for.select_related("slot")]
        ahead = [(each - now).total_seconds() / 3600 - 0.2 for each in starts]
        return min((each for each in ahead if each > 0), default=0.1)

    def _one(self, which: int) -> UUID:
        return self.requests[-1 - which % min(4, len(self.requests))]

    def _slot(self, where: int) -> UUID:
        """Mostly one of the next that are still to come."""
        ahead = Slot.objects.filter(id__in=self.ground.slots, during__startswith__gt=ledger.now())
        found = list(ahead.order_by("during", "id").values_list("id", flat=True)[:8])
        return (found or self.ground.slots)[where % (len(found) or len(self.ground.slots))]

    def _stored(self, key: UUID) -> Request:
        with scoped(SYSTEM, area=EVERYWHERE):
            return Request.objects.get(id=key)
