"""The hospital that a demonstration shows: its wards with who lies in them, and what is under way there today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Protocol
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import commands as ledger_commands
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.residents import commands as residents
from tiercare.apps.residents.rules.file import lines_of
from tiercare.apps.residents.rules.registration import Registration
from tiercare.apps.residents.rules.vocabulary import Sex
from tiercare.engines.population import Village, generate
from tiercare.engines.population.draws import Chance
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE, day_of

from ..models import Bed, Session, Slot, Stay
from ..rules.beds import BedSex
from ..rules.demonstration import FULL, MARK, WARDS
from ..rules.vocabulary import SessionState
from ..rules.waiting import Urgency
from .beds import admit, discharge, plan_stay
from .booking import NoPlace, book
from .demonstration_centre import Centre
from .demonstration_people import oneself, staff
from .keeping_beds import keep_bed
from .stopping import stop
from .waiting import wait

# Ours: how the wards are made up.
_ROUND = time(8)
_LEAVES, _STAYS = 1 / 16, 1 / 12  # each morning: before the day that was planned, and beyond it
_LONGEST = 12  # days
_DAYS = 14  # before today; what lies further back nobody sees on a board
_DAY_BEDS_TURN, _CLOSES, _IN_USE = (time(8), time(11), time(14), time(17)), time(17), 0.75
_PLANNED, _WAIT, _MOVED = 6, 4, 8
_YOUNGEST = 18  # years
_PEOPLE = 1200  # of whom as many are registered as come
_SEXES = {BedSex.MALE: Sex.MALE, BedSex.FEMALE: Sex.FEMALE}


class Near(Protocol):
    """A clinic whose residents come here: those with a family doctor there first."""

    @property
    def doctor(self) -> Actor: ...
    @property
    def residents(self) -> Sequence[UUID]: ...


@transaction.atomic
def show_house(actor: Actor, hospital: UUID, *, township: str, near: Sequence[Near], seed: int) -> None:
    """Play the last fortnight of a hospital up to now: its wards and its examination centre, and what is under way today.

    Everything in one transaction: ended on the way it leaves nothing, and the clock as it was.

    Args:
        township: nine digits; where those live who lie in its beds.
        near: clinics whose residents come there, at least one.
    """
    before, now = ledger.installation().clock_override, ledger.now()
    house = House(hospital, township, seed)
    for day in (day_of(now) - timedelta(days=ago) for ago in range(_DAYS, -1, -1)):
        for at in (datetime.combine(day, each, ZONE) for each in _DAY_BEDS_TURN):
            if at <= now:
                ledger_commands.set_clock(actor, at=at)
                house.tick(at)
    ledger_commands.set_clock(actor, at=before)
    house.finish(near)


class House:
    """The hospital, day by day; the same for the same draws.

    Args:
        hospital: the institution.
        township: nine digits; where those live who lie in its beds.
        seed: of the draws.
    """

    def __init__(self, hospital: UUID, township: str, seed: int) -> None:
        self.id = hospital
        self._draws = Chance(seed + 2)
        self._office = staff(Role.REFERRAL_OFFICE, hospital)
        self._desk = staff(Role.REGISTRAR, hospital, township)
        self._coming = self._patients(township, seed + 3)
        self._beds: list[Bed] = []
        self._lying: dict[UUID, Stay] = {}
        self._centre = Centre(self._office, self._draws, self._anybody, self._lay_for)

    def tick(self, now: datetime) -> None:
        """What is done at this moment of a day."""
        if not self._beds:
            self._beds = self._enter_beds()
            self._centre.begin()
        at = now.astimezone(ZONE).time()
        if at == _ROUND:
            self._round(now)
            self._centre.day(now)
        if at in _DAY_BEDS_TURN:
            self._turn_day_beds(now, closes=at == _CLOSES)

    def finish(self, clinics: Sequence[Near]) -> None:
        """What is under way now, by the clock that runs."""
        now = ledger.now()
        today = day_of(now)
        free = [bed for bed in self._ordinary() if bed.id not in self._lying]
        for n, bed in enumerate(free[:_PLANNED]):
            starts = datetime.combine(today + timedelta(days=1 + n % 3), time(9), ZONE)
            self._plan(bed, starts, starts + timedelta(days=3 + n))
        for n, bed in enumerate(each for each in self._beds if each.day):
            starts = datetime.combine(today + timedelta(days=1), time(8 + 3 * (n % 3)), ZONE)
            self._plan(bed, starts, starts + timedelta(hours=3))
        self._line(clinics, today)
        self._stop_one(clinics[0], today)

    # -- beds -----------------------------------------------------------------------------------------------

    def _enter_beds(self) -> list[Bed]:
        beds = [
            keep_bed(
                self._office,
                institution_id=self.id,
                ward=ward.name,
                number=number,
                sex=sex,
                isolation=isolation,
                day=day,
            )
            for ward in WARDS
            for number, sex, isolation, day in ward.beds()
        ]
        broken = next(bed for bed in beds if bed.sex == BedSex.ANY and not bed.isolation)
        keep_bed(
            self._office,
            institution_id=self.id,
            ward=broken.ward,
            number=broken.number,
            out_of_use="床头呼叫器维修",
        )
        return [bed for bed in beds if bed.id != broken.id]

    def _ordinary(self) -> list[Bed]:
        return [bed for bed in self._beds if not bed.day]

    def _round(self, now: datetime) -> None:
        """In the morning some leave, and as many come as the wards are to be full."""
        beds = self._ordinary()
        for bed in beds:
            stay = self._lying.get(bed.id)
            if stay is not None and self._draws.random() < self._readiness(stay, now):
                self._leave(bed)
        free = [bed for bed in beds if bed.id not in self._lying]
        wanted = max(0, round(FULL * len(beds)) - (len(beds) - len(free)))
        for bed in self._draws.sample(free, min(wanted, len(free))):
            # The day on which they will leave is not known of everybody.
            until = now + timedelta(days=self._draws.randint(3, _LONGEST), hours=2)
            self._lay(bed, now, until if self._draws.random() < FULL else None)

    @staticmethod
    def _readiness(stay: Stay, now: datetime) -> float:
        until = stay.during.upper
        return 1 - _STAYS if until is not None and until <= now + timedelta(hours=2) else _LEAVES

    def _turn_day_beds(self, now: datetime, *, closes: bool) -> None:
        for bed in (each for each in self._beds if each.day):
            if bed.id in self._lying:
                self._leave(bed)
            if not closes and self._draws.random() < _IN_USE:
                self._lay(bed, now, now + timedelta(hours=2, minutes=40))

    def _lay(self, bed: Bed, starts: datetime, until: datetime | None) -> None:
        stay = self._plan(bed, starts, until)
        self._lying[bed.id] = admit(self._office, stay_id=stay.id)

    def _lay_for(self, case_id: UUID, resident: UUID, sex: Sex, now: datetime) -> None:
        """Lay the patient of a case into a free bed that is for them, if there is one."""
        wanted = {sex, None}
        free = [
            bed
            for bed in self._ordinary()
            if bed.id not in self._lying and _SEXES.get(BedSex(bed.sex)) in wanted
        ]
        if free:
            until = now + timedelta(days=self._draws.randint(2, _LONGEST))
            stay = plan_stay(
                self._office,
                bed_id=free[0].id,
                resident_id=resident,
                starts=now,
                until=until,
                case_id=case_id,
            )
            self._lying[free[0].id] = admit(self._office, stay_id=stay.id)

    def _plan(self, bed: Bed, starts: datetime, until: datetime | None) -> Stay:
        patient = self._patient(BedSex(bed.sex))
        return plan_stay(self._office, bed_id=bed.id, resident_id=patient, starts=starts, until=until)

    def _leave(self, bed: Bed) -> None:
        discharge(self._office, stay_id=self._lying.pop(bed.id).id)

    # -- patients -------------------------------------------------------------------------------------------

    @staticmethod
    def _patients(township: str, seed: int) -> Iterator[Registration]:
        """Adults of the township whom nobody has registered yet."""
        year = ledger.today().year
        homes = generate(seed=seed, villages=[Village(f"{township}200", "示例村")], people=_PEOPLE)
        for line in lines_of(homes):
            born = line.given.birth_date
            if born is not None and born.year + _YOUNGEST < year:
                yield line.given

    def _patient(self, sex: BedSex) -> UUID:
        """Somebody new for whom the bed is."""
        return self._register(None if sex is BedSex.ANY else _SEXES[sex])[0]

    def _anybody(self) -> tuple[UUID, Sex]:
        return self._register(None)

    def _register(self, sex: Sex | None) -> tuple[UUID, Sex]:
        """The next who come, registered at the hospital's desk; of this sex if it matters."""
        for given in self._coming:
            if sex in {None, given.sex}:
                try:
                    known = residents.register(self._desk, given=given, synthetic=True)
                except residents.AlreadyKnown:
                    continue
                return known.resident_id, given.sex
        raise RuntimeError("more patients than were made up")

    # -- places ---------------------------------------------------------------------------------------------

    def _line(self, clinics: Sequence[Near], today: date) -> None:
        """The next clinic of the rarest expert is full, and some wait for it."""
        session = self._next("ynbz", today + timedelta(days=1))
        if session is None:
            return
        people = [(each.doctor, resident) for each in clinics for resident in each.residents]
        self._draws.shuffle(people)
        slots = list(Slot.objects.filter(session=session).order_by("during").values_list("id", flat=True))
        waiting: list[tuple[Actor, UUID]] = []
        for doctor, resident in people:
            if len(waiting) == _WAIT:
                break
            try:
                book(doctor, slot_id=slots[0], resident_id=resident)
            except NoPlace:
                waiting.append((doctor, resident))
        for n, (doctor, resident) in enumerate(waiting):
            wait(
                doctor if n % 2 else oneself(resident),
                pool_id=session.pool_id,
                resident_id=resident,
                first=session.day,
                last=session.day,
                urgency=Urgency.SOON if n == _WAIT - 1 else Urgency.ROUTINE,
            )

    def _stop_one(self, clinic: Near, today: date) -> None:
        """A physician falls ill: everybody booked is moved and told, some of them those who have cards."""
        session = self._next("nk", today + timedelta(days=3))
        if session is None:
            return
        slot = Slot.objects.filter(session=session).order_by("during").first()
        assert slot is not None  # every session has one
        for resident in clinic.residents[:_MOVED]:
            with suppress(NoPlace):  # who has a place there is moved as well
                book(clinic.doctor, slot_id=slot.id, resident_id=resident)
        stop(self._office, session_id=session.id, reason="出诊医师临时停诊")

    def _next(self, code: str, first: date) -> Session | None:
        return (
            Session.objects.filter(
                institution_id=self.id,
                pool__code=MARK + code,
                day__gte=first,
                state=SessionState.PUBLISHED.value,
            )
            .order_by("day", "during")
            .first()
        )
