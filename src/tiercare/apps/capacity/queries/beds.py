"""The board of a hospital's beds, and how well its day beds are used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse

from ..rules.beds import BedSex, StayState

# Each bed with who lies in it now, or is planned next.
_BOARD = """
SELECT b.id, b.ward, b.number, b.sex, b.isolation, b.day, b.out_of_use, s.id AS stay_id, s.resident_id, s.state,
       lower(s.during) AS starts_at, upper(s.during) AS ends_at
FROM capacity_bed b LEFT JOIN LATERAL (
    SELECT * FROM capacity_stay t
    WHERE t.bed_id = b.id AND (t.state = 'IN' OR t.state = 'PLANNED')
      AND (upper_inf(t.during) OR upper(t.during) > tiercare_now())
    ORDER BY t.state = 'IN' DESC, lower(t.during) LIMIT 1
) s ON true
WHERE b.institution_id = %(institution)s
ORDER BY b.ward, length(b.number), b.number
"""
_DAY_USE = """
SELECT d.day::date AS day, (SELECT count(*) FROM capacity_bed b WHERE b.institution_id = %(institution)s AND b.day
                            AND b.out_of_use = '')::integer AS beds,
       count(s.id)::integer AS patients
FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS d (day)
LEFT JOIN (capacity_stay s JOIN capacity_bed b ON b.id = s.bed_id AND b.day)
       ON s.institution_id = %(institution)s AND s.state IN ('IN', 'OUT')
      AND (lower(s.during) AT TIME ZONE 'Asia/Shanghai')::date = d.day::date
GROUP BY d.day ORDER BY d.day
"""


@dataclass(frozen=True, slots=True)
class BedOnBoard:
    """A bed and who has it: now, or next if nobody does."""

    id: UUID
    ward: str
    number: str
    sex: BedSex
    isolation: bool
    day: bool
    out_of_use: str
    stay_id: UUID | None
    resident_id: UUID | None
    state: StayState | None
    starts_at: datetime | None
    ends_at: datetime | None

    @property
    def free(self) -> bool:
        """Nobody lies in it, and it can be used."""
        return self.state is not StayState.IN and not self.out_of_use


@dataclass(frozen=True, slots=True)
class DayUse:
    """A day of the day beds: how many there are, and how many patients were laid into them (NHC-50)."""

    day: date
    beds: int
    patients: int

    @property
    def per_bed(self) -> float | None:
        """Patients a bed; no value where there is no bed."""
        return self.patients / self.beds if self.beds else None


def bed_board(actor: Actor) -> list[BedOnBoard]:
    """The beds of the actor's institution, by ward and number; whose names are asked for is recorded.

    Raises:
        Refused: if the actor does not keep its beds.
    """
    refuse(may(actor, Right.CAPACITY_KEEP, institution_id=actor.institution_id))
    with scoped(actor):
        found = [
            BedOnBoard(
                **{
                    **row,
                    "sex": BedSex(row["sex"]),
                    "state": StayState(row["state"]) if row["state"] else None,
                }
            )
            for row in rows(_BOARD, institution=actor.institution_id)
        ]
        residents.record_listed(actor, "beds", [each.resident_id for each in found if each.resident_id])
    return found


def day_use(actor: Actor, *, first: date, last: date) -> Sequence[DayUse]:
    """How the day beds of the actor's institution were used, day by day.

    Raises:
        Refused: if the actor does not keep its beds.
    """
    refuse(may(actor, Right.CAPACITY_KEEP, institution_id=actor.institution_id))
    with scoped(actor):
        return [
            DayUse(**row) for row in rows(_DAY_USE, institution=actor.institution_id, first=first, last=last)
        ]
