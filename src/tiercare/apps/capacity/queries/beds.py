"""The board of a hospital's beds, which of them fit whom, and how well its day beds are used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refusal, Refused, refuse

from ..models import Stay
from ..rules import refusals
from ..rules.beds import BedFacts, BedSex, Need, StayState, misfits, wrong_period
from ..rules.stays import NO_SUCH_BED, NO_SUCH_STAY, STANDS_ELSEWHERE
from . import beds_sql as sql

LISTED = "beds"  # under which a reading is recorded
_PAST_SHOWN = 10
# Ours: who lies beyond the planned end will not have left within these hours for sure.
_SOON = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class StayRow:
    """Who has a bed and when; ``ends_at`` is empty where nobody knows yet. ``resident_id`` is empty for those who count
    beds, but do not deal with patients."""

    id: UUID
    bed_id: UUID
    resident_id: UUID | None
    state: StayState
    isolation: bool
    case_id: UUID | None
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class BedOnBoard:
    """A bed, who lies in it now, who is planned next, and how many are planned at all."""

    id: UUID
    ward: str
    number: str
    sex: BedSex
    isolation: bool
    day: bool
    out_of_use: str
    now: StayRow | None
    next: StayRow | None
    planned: int

    @property
    def free(self) -> bool:
        """Nobody lies in it, and it can be used."""
        return self.now is None and not self.out_of_use

    @property
    def facts(self) -> BedFacts:
        """As the rules take it."""
        return BedFacts(f"{self.ward} {self.number}", self.sex, self.isolation, self.day, self.out_of_use)


@dataclass(frozen=True, slots=True)
class WardCounts:
    """How a ward stands: its beds, the free ones, those out of use; who should leave and who is expected today."""

    ward: str
    beds: int
    free: int
    out_of_use: int
    leaving: int
    planned: int


@dataclass(frozen=True, slots=True)
class OwnBed:
    """What a bed is called."""

    id: UUID
    ward: str
    number: str


@dataclass(frozen=True, slots=True)
class BedSheet:
    """One bed with everybody who is planned in it, and who lay there last."""

    bed: BedOnBoard
    planned: tuple[StayRow, ...]
    past: tuple[StayRow, ...]


@dataclass(frozen=True, slots=True)
class DayBed:
    """A day bed and who has it on a day, by time."""

    id: UUID
    ward: str
    number: str
    sex: BedSex
    isolation: bool
    out_of_use: str
    stays: tuple[StayRow, ...]


@dataclass(frozen=True, slots=True)
class FreeBed:
    """A bed that nobody has in the time asked for; ``free_until`` somebody else has it, if anybody."""

    id: UUID
    ward: str
    number: str
    sex: BedSex
    isolation: bool
    day: bool
    free_until: datetime | None


@dataclass(frozen=True, slots=True)
class DayUse:
    """A day of the day beds: how many there were in use, and how many patients were laid into them (NHC-50)."""

    day: date
    beds: int
    patients: int

    @property
    def per_bed(self) -> float | None:
        """Patients a bed; no value where there is no bed."""
        return self.patients / self.beds if self.beds else None


def bed_board(
    actor: Actor, *, ward: str = "", free: bool = False, sex: BedSex = BedSex.ANY, isolation: bool = False
) -> list[BedOnBoard]:
    """The beds of the actor's institution by ward and number; whose stays are among them is recorded.

    Filters: one ward, only free ones, those that take this sex, those for isolation.

    Raises:
        Refused: if the actor does not keep its beds.
    """
    refuse(may(actor, Right.CAPACITY_KEEP, institution_id=actor.institution_id))
    with scoped(actor):
        found = rows(
            sql.BOARD,
            institution=actor.institution_id,
            ward=ward,
            free=free,
            sex="" if sex is BedSex.ANY else sex.value,
            isolation=isolation,
        )
        return [_bed(row) for row in _listed(actor, found, "now_resident", "next_resident")]


def wards(actor: Actor) -> list[WardCounts]:
    """The wards of the actor's institution with their counts of this moment.

    Raises:
        Refused: as ``bed_board``.
    """
    refuse(may(actor, Right.CAPACITY_KEEP, institution_id=actor.institution_id))
    with scoped(actor):
        found = rows(sql.WARDS, institution=actor.institution_id, tomorrow=_begin(ledger.today(), 1))
    return [WardCounts(**row) for row in found]


def bed_sheet(actor: Actor, bed_id: UUID) -> BedSheet:
    """One bed with its stays; the reading is recorded.

    Raises:
        Refused: if there is no such bed at the actor's institution.
    """
    refuse(may(actor, Right.CAPACITY_KEEP, institution_id=actor.institution_id))
    with scoped(actor):
        found = rows(sql.ONE, institution=actor.institution_id, bed=bed_id)
        if not found:
            raise Refused(NO_SUCH_BED)
        planned, past = rows(sql.PLANNED, bed=bed_id), rows(sql.PAST, bed=bed_id, limit=_PAST_SHOWN)
        _listed(actor, [*found, *planned, *past], "now_resident", "next_resident", "resident_id")
        return BedSheet(_bed(found[0]), tuple(map(_stay, planned)), tuple(map(_stay, past)))


def own_bed(actor: Actor, bed_id: UUID) -> OwnBed:
    """What a bed of the actor's institution is called; nothing of who has it.

    Raises:
        Refused: if there is no such bed there.
    """
    found = rows(sql.NAMED, institution=actor.institution_id, bed=bed_id)
    if not found:
        raise Refused(NO_SUCH_BED)
    return OwnBed(**found[0])


def bed_of_stay(actor: Actor, stay_id: UUID) -> UUID:
    """The bed of a stay at the actor's institution.

    Raises:
        Refused: if there is no such stay there.
    """
    with scoped(actor):
        found = rows(sql.STAY, institution=actor.institution_id, stay=stay_id)
    if not found:
        raise Refused(NO_SUCH_STAY)
    return UUID(str(found[0]["bed_id"]))


def day_beds(actor: Actor, *, day: date) -> list[DayBed]:
    """The day beds of the actor's institution and who has each on that day; the reading is recorded.

    Raises:
        Refused: as ``bed_board``.
    """
    refuse(may(actor, Right.CAPACITY_KEEP, institution_id=actor.institution_id))
    with scoped(actor):
        stays = rows(sql.DAY, institution=actor.institution_id, starts=_begin(day), until=_begin(day, 1))
        _listed(actor, stays, "resident_id")
        found = rows(sql.DAY_BEDS, institution=actor.institution_id)
    return [
        DayBed(
            id=row["id"],
            ward=row["ward"],
            number=row["number"],
            sex=BedSex(row["sex"]),
            isolation=row["isolation"],
            out_of_use=row["out_of_use"],
            stays=tuple(_stay(each) for each in stays if each["bed_id"] == row["id"]),
        )
        for row in found
    ]


def fitting(
    actor: Actor, *, resident_id: UUID, starts: datetime, until: datetime | None, isolation: bool = False
) -> list[FreeBed]:
    """The beds of the actor's institution that nobody has then and that fit this resident.

    Raises:
        Refused: if the actor does not deal with patients there, or the institution does not look after the resident.
    """
    refuse(_may_lay(actor))
    ground = residents.ground_to_book(resident_id, booker=actor.institution_id, on=ledger.today())
    if not ground.person:
        raise Refused(refusals.NOBODY)
    if not ground.known:
        raise Refused(refusals.NOT_YOUR_RESIDENT)
    if until is not None and until <= starts:
        return []
    with scoped(actor):
        return _free(actor, Need(residents.least_of(ground.person[:1])[0].sex, isolation, starts, until))


def beds_for_stay(actor: Actor, stay_id: UUID) -> tuple[StayRow, list[FreeBed]]:
    """A stay and the beds to which it can change: of who lies for the time that is left, of who is planned for theirs;
    the reading is recorded.

    Raises:
        Refused: if there is no such stay at the actor's institution, it is over, or the actor does not deal with patients.
    """
    refuse(_may_lay(actor))
    with scoped(actor):
        found = rows(sql.STAY, institution=actor.institution_id, stay=stay_id)
        if not found:
            raise Refused(NO_SUCH_STAY)
        stay = _stay(_listed(actor, found, "resident_id")[0])
        if stay.state not in (StayState.PLANNED, StayState.IN) or stay.resident_id is None:
            raise Refused(STANDS_ELSEWHERE)
        starts = ledger.now() if stay.state is StayState.IN else stay.starts_at
        until = None if stay.ends_at is not None and stay.ends_at <= starts else stay.ends_at
        sex = residents.least_of([stay.resident_id])[0].sex
        free = _free(actor, Need(sex, stay.isolation, starts, until))
    return stay, [each for each in free if each.id != stay.bed_id]


def day_use(actor: Actor, *, first: date, last: date) -> Sequence[DayUse]:
    """How the day beds of the actor's institution were used, day by day; not beyond today.

    Raises:
        Refused: if the actor does not keep its beds, or the period makes no sense.
    """
    refuse(
        may(actor, Right.CAPACITY_KEEP, institution_id=actor.institution_id),
        wrong_period(first, last, today=ledger.today()),
    )
    with scoped(actor):
        found = rows(sql.DAY_USE, institution=actor.institution_id, first=first, last=last)
    return [DayUse(**row) for row in found]


def _may_lay(actor: Actor) -> Refusal | None:
    return may(actor, Right.CAPACITY_KEEP, institution_id=actor.institution_id) or may(
        actor, Right.CAPACITY_BOOK, institution_id=actor.institution_id
    )


def _free(actor: Actor, need: Need) -> list[FreeBed]:
    """Call it ``scoped``: who has a bed stands behind the wall."""
    found = rows(sql.FREE, institution=actor.institution_id, starts=need.starts, until=need.until, soon=_SOON)
    beds = [FreeBed(**{**row, "sex": BedSex(row["sex"])}) for row in found]
    return [
        bed
        for bed in beds
        if not misfits(BedFacts(bed.number, bed.sex, bed.isolation, bed.day, out_of_use=""), need)
    ]


def row_of(stay: Stay) -> StayRow:
    """A stay as a command answered it."""
    return StayRow(
        id=stay.id,
        bed_id=stay.bed_id,
        resident_id=stay.resident_id,
        state=StayState(stay.state),
        isolation=stay.isolation,
        case_id=stay.case_id,
        starts_at=stay.during.lower,
        ends_at=stay.during.upper,
    )


def _begin(day: date, later: int = 0) -> datetime:
    return datetime.combine(day + timedelta(days=later), time(0), ZONE)


def _listed(actor: Actor, found: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    """The same rows: recorded as read; without residents for those who do not deal with patients."""
    if may(actor, Right.CAPACITY_BOOK, institution_id=actor.institution_id) is not None:
        for row in found:
            row.update({name: None for name in names if name in row})
    people = [row[name] for row in found for name in names if row.get(name)]
    residents.record_listed(actor, LISTED, people)
    return found


def _bed(row: dict[str, Any]) -> BedOnBoard:
    return BedOnBoard(
        id=row["id"],
        ward=row["ward"],
        number=row["number"],
        sex=BedSex(row["sex"]),
        isolation=row["isolation"],
        day=row["day"],
        out_of_use=row["out_of_use"],
        now=_of_bed(row, "now", StayState.IN),
        next=_of_bed(row, "next", StayState.PLANNED),
        planned=row["planned"],
    )


def _of_bed(row: dict[str, Any], which: str, state: StayState) -> StayRow | None:
    if row[f"{which}_id"] is None:
        return None
    return StayRow(
        id=row[f"{which}_id"],
        bed_id=row["id"],
        resident_id=row[f"{which}_resident"],
        state=state,
        isolation=row[f"{which}_isolation"],
        case_id=row[f"{which}_case"],
        starts_at=row[f"{which}_starts"],
        ends_at=row[f"{which}_ends"],
    )


def _stay(row: dict[str, Any]) -> StayRow:
    return StayRow(**{**row, "state": StayState(row["state"])})
