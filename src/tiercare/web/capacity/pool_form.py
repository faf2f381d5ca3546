"""The form of a pool: what it offers to choose, what it holds, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tiercare.apps.capacity.queries.keeping import PoolRow, Registers
from tiercare.apps.capacity.rules.beds import BedSex
from tiercare.apps.capacity.rules.pools import PoolGiven
from tiercare.apps.capacity.rules.vocabulary import GRADES, RESERVED, Channel, Grade, Kind
from tiercare.kernel.refusal import Refused

from . import choosing
from .choosing import Option, chosen, value_of
from .typed import Sent

# The inputs of the shares, by channel.
SHARES: Mapping[Channel, str] = {channel: f"share_{channel.value.lower()}" for channel in RESERVED}
_FIELDS = (
    *(
        "name",
        "code",
        "grade",
        "department",
        "specialty",
        "clinician",
        "equipment",
        "item",
        "by",
        "slot_minutes",
    ),
    *("release_hours", "ward", "sex", "isolation", "preparation", "questions", "fasting", *SHARES.values()),
)
_BY_TIME, _BY_NUMBER = "time", "number"
# Ours: what most hospitals cut a clinic's morning into; only what an empty form begins with.
_USUAL_MINUTES = "15"

EMPTY: Mapping[Kind, dict[str, str]] = {
    Kind.CLINIC: {"grade": Grade.EXPERT.value, "by": _BY_TIME, "slot_minutes": _USUAL_MINUTES},
    Kind.BED: {"grade": Grade.INPATIENT.value, "by": _BY_NUMBER, "sex": BedSex.ANY.value},
    Kind.EXAM: {"grade": Grade.EXAM.value, "by": _BY_TIME, "slot_minutes": _USUAL_MINUTES},
}


@dataclass(frozen=True, slots=True)
class Offered:
    """What can be chosen, from the institution's own registers."""

    departments: list[Option]
    physicians: list[Option]
    devices: list[Option]
    specialties: list[Option]
    specialty_of: Mapping[str, str]


def offered(registers: Registers, on: date) -> Offered:
    """The registers as inputs offer them."""
    return Offered(
        choosing.departments(registers.departments),
        choosing.physicians(registers.physicians),
        choosing.devices(registers.devices),
        choosing.specialties(on),
        {str(each.id): each.specialty_code for each in registers.departments},
    )


def typed(sent: Sent) -> dict[str, str]:
    """What was sent, to be shown again."""
    return {name: sent.text(name) for name in _FIELDS}


def of_pool(pool: PoolRow, lists: Offered) -> dict[str, str]:
    """What stands, as the form shows it."""
    details = pool.details
    own = lists.specialty_of.get(str(pool.department_id), "")
    return {
        "name": pool.name,
        "code": pool.code,
        "grade": pool.grade.value,
        "department": value_of(lists.departments, pool.department_id),
        "specialty": "" if pool.specialty_code == own else value_of(lists.specialties, pool.specialty_code),
        "clinician": value_of(lists.physicians, pool.clinician_id),
        "equipment": value_of(lists.devices, pool.equipment_id),
        "item": pool.item,
        "by": _BY_NUMBER if pool.slot_minutes is None else _BY_TIME,
        "slot_minutes": "" if pool.slot_minutes is None else str(pool.slot_minutes),
        "release_hours": "" if pool.release_hours is None else str(pool.release_hours),
        "ward": str(details.get("ward", "")),
        "sex": str(details.get("sex", BedSex.ANY.value)),
        "isolation": "on" if details.get("isolation") else "",
        "preparation": str(details.get("preparation", "")),
        "questions": "\n".join(str(each) for each in details.get("questions", ())),
        "fasting": "on" if details.get("fasting") else "",
        **{name: _percent(pool.shares.get(channel, 0)) for channel, name in SHARES.items()},
    }


def read(sent: Sent, kind: Kind, code: str, lists: Offered) -> PoolGiven:
    """The pool that the form describes.

    Raises:
        Refused: with everything that does not read.
    """
    picked = {
        name: _picked(sent, options, name)
        for name, options in (
            ("department", lists.departments),
            ("clinician", lists.physicians),
            ("equipment", lists.devices),
            ("specialty", lists.specialties),
        )
    }
    by_time = sent.text("by") != _BY_NUMBER
    grade = sent.text("grade")
    given = PoolGiven(
        code=code,
        name=sent.text("name"),
        kind=kind,
        grade=Grade(grade) if grade in set(Grade) else GRADES[kind][0],
        specialty_code=picked["specialty"] or lists.specialty_of.get(picked["department"] or "", ""),
        department_id=_id(picked["department"]),
        clinician_id=_id(picked["clinician"]),
        equipment_id=_id(picked["equipment"]),
        item=sent.text("item"),
        slot_minutes=sent.needed("slot_minutes") if by_time else None,
        details=_details(sent, kind),
        shares={
            channel: share for channel, name in SHARES.items() if (share := sent.share(name, at="shares"))
        },
        release_hours=sent.number("release_hours"),
    )
    sent.judge()
    return given


def _picked(sent: Sent, options: list[Option], name: str) -> str | None:
    try:
        return chosen(options, sent.text(name), at=name)
    except Refused as refused:
        sent.faults += refused.refusals
        return None


def _details(sent: Sent, kind: Kind) -> dict[str, Any]:
    if kind is Kind.BED:
        sex = sent.text("sex")
        return {
            "ward": sent.text("ward"),
            "sex": sex if sex in set(BedSex) else BedSex.ANY.value,
            "isolation": bool(sent.text("isolation")),
        }
    if kind is Kind.EXAM:
        return {
            "preparation": sent.text("preparation"),
            "questions": [line.strip() for line in sent.text("questions").splitlines() if line.strip()],
            "fasting": bool(sent.text("fasting")),
        }
    return {}


def _percent(share: float) -> str:
    return f"{share * 100:g}" if share else ""


def _id(key: str | None) -> UUID | None:
    return UUID(key) if key else None
