"""What residents asked of primary care, for themselves and for the institution that answers; and who would answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.nearest import nearest_primary
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse

from ..rules.care import Service
from ..workflow import OPEN, CareState
from .family import Doctor, doctor_of
from .finding import record_listed
from .first_contact import FirstContact, first_contact_at
from .opening import opened

WHAT = "care"  # under which name a reading stands on record
_COLUMNS = """
SELECT c.id, c.resident_id, c.institution_id, c.doctor_name, c.signed, c.service, c.state, c.asked_words, c.words,
       c.instead, c.visit_at, c.due_at, c.asked_at, c.changed_at,
       coalesce(c.due_at < tiercare_now(), false) AS overdue
FROM residents_carerequest c"""
_MINE = " ".join(
    (
        _COLUMNS,
        """WHERE c.resident_id = ANY (%(persons)s::uuid[])
ORDER BY c.state IN ('ASKED', 'AGREED') DESC, c.asked_at DESC, c.id DESC LIMIT %(limit)s""",
    )
)
# What is due first, and what was closed lately after it.
_OF_STATION = " ".join(
    (
        _COLUMNS,
        """WHERE c.institution_id = %(institution)s
  AND (c.state IN ('ASKED', 'AGREED') OR c.changed_at > tiercare_now() - interval '7 days')
ORDER BY c.due_at NULLS LAST, c.changed_at DESC, c.id LIMIT %(limit)s""",
    )
)
_ONE = " ".join((_COLUMNS, "WHERE c.id = %(request)s"))
_KEEPER = """
SELECT institution_id, deceased_on FROM residents_resident WHERE id = %(leading)s
"""
_MOST = 200


@dataclass(frozen=True, slots=True)
class CareRow:
    """A request. ``due_at`` is when the institution answers, or enters what came of the visit; none once it is closed.
    ``words`` and ``instead`` are the institution's."""

    id: UUID
    resident_id: UUID
    institution_id: UUID
    institution: str
    doctor_name: str
    signed: bool
    service: Service
    state: CareState
    asked_words: str
    words: str
    instead: str
    visit_at: datetime | None
    due_at: datetime | None
    asked_at: datetime
    changed_at: datetime
    overdue: bool

    @property
    def open(self) -> bool:
        """Whether somebody still waits for something."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class Station:
    """Who would answer: the institution of the signed team, by name its doctor, or the nearest of primary care."""

    institution_id: UUID
    name: str
    signed: bool
    clinician_id: UUID | None = None
    doctor_name: str = ""
    km: float = 0.0


@dataclass(frozen=True, slots=True)
class CareOffer:
    """What can be asked for and of whom."""

    station: Station
    said: FirstContact


def care_offer(*, signed_at: UUID | None, keeper: UUID, on: date) -> CareOffer | None:
    """What somebody could ask for who has signed at ``signed_at`` and whose file ``keeper`` keeps; nothing of who they
    are. ``None`` where no text in force asks for it, or nobody of primary care is near."""
    station = _station(signed_at, keeper, on)
    if station is None:
        return None
    said = first_contact_at(station.institution_id, on=on)
    return CareOffer(station, said) if said is not None and said.services else None


def station_of(persons: Sequence[UUID], *, on: date) -> Station | None:
    """Who would answer this person. Inside ``opened``."""
    doctor = doctor_of(persons, on=on)
    (entry,) = rows(_KEEPER, leading=persons[0])
    station = _station(doctor.institution_id if doctor else None, entry["institution_id"], on)
    return _by_name(station, doctor) if station and station.signed else station


@dataclass(frozen=True, slots=True)
class MyCare:
    """What the resident asked for, open ones first; and what can be asked for now, of whom."""

    requests: tuple[CareRow, ...]
    station: Station | None
    said: FirstContact | None


def my_care(actor: Actor, resident_id: UUID, *, limit: int = 20) -> MyCare:
    """What the resident, or a ward of theirs, asked for; recorded as their reading.

    Raises:
        Refused: if it is neither the person nor their guardian.
    """
    refuse(access.may(actor, Right.READS_OF_MINE, resident_id=actor.resident_id))
    today = ledger_queries.today()
    with opened(actor, resident_id, what=WHAT) as ground:
        found = _rows(rows(_MINE, persons=list(ground.persons), limit=limit), today)
        station = station_of(ground.persons, on=today)
    said = first_contact_at(station.institution_id, on=today) if station else None
    return MyCare(found, station, said)


def care_asked(actor: Actor, *, limit: int = _MOST) -> tuple[CareRow, ...]:
    """What was asked of the actor's institution: what is due first, then what was closed in the last week; the reading
    is recorded.

    Raises:
        Refused: if the actor answers no requests.
    """
    refuse(access.may(actor, Right.REQUESTS_ANSWER, institution_id=actor.institution_id))
    with scoped(actor):
        found = rows(_OF_STATION, institution=actor.institution_id, limit=limit)
        record_listed(actor, WHAT, [row["resident_id"] for row in found])
    return _rows(found, ledger_queries.today())


def care_request(request_id: UUID) -> CareRow | None:
    """One request if the wall shows it; the caller stands in ``scoped``."""
    found = _rows(rows(_ONE, request=request_id), ledger_queries.today())
    return found[0] if found else None


def _station(signed_at: UUID | None, keeper: UUID, on: date) -> Station | None:
    """A team answers where it is; who signed at a hospital, or nowhere, is answered by the nearest."""
    place = network.place_of(signed_at, on=on) if signed_at else None
    if place is not None and place.primary_care:
        return Station(place.id, place.name, True)
    near = nearest_primary(keeper, on=on)
    return None if near is None else Station(near.institution_id, near.name, False, km=round(near.km, 1))


def _by_name(station: Station, doctor: Doctor | None) -> Station:
    if doctor is None:
        return station
    return replace(station, clinician_id=doctor.clinician_id, doctor_name=doctor.name)


def _rows(found: Iterable[dict[str, Any]], on: date) -> tuple[CareRow, ...]:
    listed = list(found)
    names = network.names_of_institutions({row["institution_id"] for row in listed}, on=on) if listed else {}
    return tuple(
        CareRow(
            **{
                **row,
                "institution": names.get(row["institution_id"], ""),
                "service": Service(row["service"]),
                "state": CareState(row["state"]),
            }
        )
        for row in listed
    )
