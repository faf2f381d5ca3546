"""What a hospital's office sees of its pools, their weeks, and the registers from which it chooses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from ..rules.planning import shares_of
from ..rules.vocabulary import Channel, Grade, Kind
from . import keeping_sql as sql

NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A pool with the names of what it refers to, and how fresh it is: its last change, the sessions ahead, the next
    free slot. ``lines`` and ``units`` are those of its week."""

    id: UUID
    code: str
    name: str
    kind: Kind
    grade: Grade
    specialty_code: str
    item: str
    slot_minutes: int | None
    details: Mapping[str, Any]
    shares: Mapping[Channel, float]
    release_hours: int | None
    changed_at: datetime
    synthetic: bool
    department_id: UUID | None
    clinician_id: UUID | None
    equipment_id: UUID | None
    department: str
    clinician: str
    equipment_kind: str
    equipment_model: str
    lines: int
    units: int
    sessions: int
    last_day: date | None
    next_free: datetime | None


@dataclass(frozen=True, slots=True)
class WeekLine:
    """A session of a pool's week. ``since`` may lie ahead: then it does not count yet."""

    id: UUID
    weekday: int
    starts: time
    ends: time
    capacity: int
    slot_capacity: int
    walk_ins: int
    clinician_id: UUID | None
    clinician: str
    place: str
    on_holidays: bool
    since: date


@dataclass(frozen=True, slots=True)
class Department:
    """A department of the register."""

    id: UUID
    name: str
    specialty_code: str


@dataclass(frozen=True, slots=True)
class Physician:
    """Somebody who practises at the institution."""

    id: UUID
    name: str
    initials: str
    title: str
    code: str
    scope_code: str


@dataclass(frozen=True, slots=True)
class Device:
    """Equipment of one kind and model; ``count`` of them."""

    id: UUID
    kind: str
    model: str
    count: int


@dataclass(frozen=True, slots=True)
class Registers:
    """What a pool may name: what stands in the institution's own registers today."""

    departments: tuple[Department, ...]
    physicians: tuple[Physician, ...]
    devices: tuple[Device, ...]


def own_place(actor: Actor) -> UUID:
    """The institution whose places the actor keeps.

    Raises:
        Refused: if the actor keeps none.
    """
    own = actor.institution_id
    refuse(access.may(actor, Right.CAPACITY_KEEP, institution_id=own or NOBODY))
    assert own is not None  # the right never reaches further than one's own institution
    return own


def own_pools(actor: Actor) -> list[PoolRow]:
    """The pools of the actor's institution, by kind and department.

    Raises:
        Refused: if the actor keeps none.
    """
    found = rows(sql.POOLS, institution=own_place(actor), on=ledger.today(), pool=None)
    return [_pool(row) for row in found]


def pool_of(actor: Actor, pool_id: UUID) -> PoolRow:
    """One of them.

    Raises:
        Refused: if there is no such pool, or it is another institution's.
    """
    owner = rows(sql.INSTITUTION_OF_POOL, pool=pool_id)
    if not owner:
        raise Refused(NO_SUCH_POOL)
    refuse(access.may(actor, Right.CAPACITY_KEEP, institution_id=owner[0]["institution_id"]))
    found = rows(sql.POOLS, institution=owner[0]["institution_id"], on=ledger.today(), pool=pool_id)
    if not found:
        raise Refused(NO_SUCH_POOL)
    return _pool(found[0])


def week_of(actor: Actor, pool_id: UUID) -> tuple[PoolRow, list[WeekLine]]:
    """A pool and its week, with lines that begin later.

    Raises:
        Refused: as ``pool_of``.
    """
    pool = pool_of(actor, pool_id)
    return pool, [WeekLine(**row) for row in rows(sql.LINES, pool=pool_id, on=ledger.today())]


def registers_of(actor: Actor) -> Registers:
    """What stands in the registers of the actor's institution today.

    Raises:
        Refused: as ``own_place``.
    """
    values: dict[str, Any] = {"institution": own_place(actor), "on": ledger.today()}
    return Registers(
        tuple(Department(**row) for row in rows(sql.DEPARTMENTS, **values)),
        tuple(Physician(**row) for row in rows(sql.PHYSICIANS, **values)),
        tuple(Device(**row) for row in rows(sql.EQUIPMENT, **values)),
    )


def physicians_of(actor: Actor) -> tuple[Physician, ...]:
    """Only the physicians.

    Raises:
        Refused: as ``own_place``.
    """
    found = rows(sql.PHYSICIANS, institution=own_place(actor), on=ledger.today())
    return tuple(Physician(**row) for row in found)


def pool_with_code(institution_id: UUID, code: str) -> UUID | None:
    """The institution's pool of this code, an ended one too."""
    found = rows(sql.POOL_WITH_CODE, institution=institution_id, code=code)
    return found[0]["id"] if found else None


def codes_like(actor: Actor, begins: str) -> dict[str, str]:
    """Codes of the institution's pools that begin so, ended ones too, each with its pool's name.

    Raises:
        Refused: as ``own_place``.
    """
    like = begins.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return {row["code"]: row["name"] for row in rows(sql.CODES, institution=own_place(actor), like=like)}


def _pool(row: dict[str, Any]) -> PoolRow:
    return PoolRow(
        **{
            **row,
            "kind": Kind(row["kind"]),
            "grade": Grade(row["grade"]),
            "details": json.loads(row["details"]),
            "shares": shares_of(json.loads(row["shares"])),
        }
    )


NO_SUCH_POOL = Refusal(
    code="capacity.no_such_pool",
    message=Text("没有这个池。", "There is no such pool."),
    instead=Text("请从本机构的列表中重新选择。", "Choose again from your institution's list."),
    at="pool",
    status=404,
)
