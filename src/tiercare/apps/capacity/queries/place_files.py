"""The registers of places as files: what stands there today, empty templates, and what was uploaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network.queries.sheets import Encoding, SheetFile, sheet_files, table_of, template_of
from tiercare.apps.network.rules.cells import Value, cell_text
from tiercare.apps.network.rules.words import EQUIPMENT_NAMES
from tiercare.engines.sheets import write_xlsx
from tiercare.kernel.actor import Actor

from ..models import Bed, PlaceFile, Pool, Template
from ..rules.beds import BedSex
from ..rules.files import REGISTERS, SHARES, FileState
from . import keeping_sql as sql
from .keeping import own_place

NAME = "号源床位登记"
_LISTED = 50


@dataclass(frozen=True, slots=True)
class Named:
    """What the institution's registers call things today, both ways. A name that several have finds nobody."""

    called: Mapping[UUID, str] = field(default_factory=dict)
    ids: Mapping[str, UUID] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Names:
    """Departments by name, physicians by code or name, devices by kind and model; departments' specialties."""

    departments: Named
    physicians: Named
    devices: Named
    specialties: Mapping[UUID, str]


def names_of(institution_id: UUID, on: date) -> Names:
    """What stands in the institution's registers on that day."""
    asked = {"institution": institution_id, "on": on}
    departments = rows(sql.DEPARTMENTS, **asked)
    return Names(
        _named((row["id"], row["name"], "") for row in departments),
        _named((row["id"], row["code"] or row["name"], row["name"]) for row in rows(sql.PHYSICIANS, **asked)),
        _named(
            (row["id"], device_name(row["kind"], row["model"]), "") for row in rows(sql.EQUIPMENT, **asked)
        ),
        {row["id"]: row["specialty_code"] for row in departments},
    )


def device_name(kind: str, model: str) -> str:
    """What a device is called in files."""
    name = EQUIPMENT_NAMES[kind].zh if kind in EQUIPMENT_NAMES else kind
    return f"{name} {model}".strip()


def _named(found: Iterable[tuple[UUID, str, str]]) -> Named:
    listed = list(found)
    often: dict[str, set[UUID]] = {}
    for key, *called in listed:
        for name in called:
            if name:
                often.setdefault(name, set()).add(key)
    ids = {name: next(iter(keys)) for name, keys in often.items() if len(keys) == 1}
    return Named({key: name for key, name, _ in listed}, ids)


def template(registers: Sequence[str] | None = None) -> bytes:
    """Empty sheets of these registers (all without): names, notes on how to fill them in, drop-down lists.

    Raises:
        KeyError: if there is no such register.
    """
    return write_xlsx([template_of(REGISTERS[key]) for key in registers or REGISTERS])


def own_export(
    actor: Actor, *, registers: Sequence[str] | None = None, encoding: Encoding | None = None
) -> tuple[SheetFile, ...]:
    """What stands in the registers of the actor's institution.

    Raises:
        Refused: if the actor keeps no places.
    """
    return export(own_place(actor), registers=registers, encoding=encoding)


def export(
    institution_id: UUID, *, registers: Sequence[str] | None = None, encoding: Encoding | None = None
) -> tuple[SheetFile, ...]:
    """What stands today in these registers (all without): one workbook, or with an ``encoding`` a CSV for each.

    The same rows give the same bytes; taken over again they change nothing.

    Raises:
        KeyError: if there is no such register.
    """
    on = ledger.today()
    names = names_of(institution_id, on)
    tables = []
    for key in registers or REGISTERS:
        register = REGISTERS[key]
        found = [
            [cell_text(column, values.get(column.key)) for column in register.columns]
            for values in _ROWS[key](institution_id, on, names)
        ]
        tables.append(table_of(register, [column.name.zh for column in register.columns], found))
    return sheet_files(tables, encoding=encoding, name=NAME)


Values = dict[str, Value]


def _pools(institution_id: UUID, on: date, names: Names) -> list[Values]:
    found = Pool.objects.filter(institution_id=institution_id, period__contains=on).order_by("kind", "code")
    return [pool_values(pool, names) for pool in found]


def pool_values(pool: Pool, names: Names) -> Values:
    """A pool as a row of its file; what left the register since is left blank."""
    details: Mapping[str, Any] = pool.details
    own = names.specialties.get(pool.department_id, "") if pool.department_id else ""
    sex = str(details.get("sex", BedSex.ANY.value))
    return {
        "code": pool.code,
        "name": pool.name,
        "kind": pool.kind,
        "grade": pool.grade,
        "department": _called(names.departments, pool.department_id),
        "specialty": "" if pool.specialty_code == own else pool.specialty_code,
        "clinician": _called(names.physicians, pool.clinician_id),
        "equipment": _called(names.devices, pool.equipment_id),
        "item": pool.item,
        "slot_minutes": pool.slot_minutes,
        **{name: float(pool.shares.get(channel.value, 0)) or None for channel, name in SHARES.items()},
        "release_hours": pool.release_hours,
        "ward": str(details.get("ward", "")),
        "sex": "" if sex == BedSex.ANY else sex,
        "isolation": bool(details.get("isolation")),
        "bring": _lines(str(details.get("bring", ""))),
        "fasting": bool(details.get("fasting")),
        "preparation": _lines(str(details.get("preparation", ""))),
        "questions": "\n".join(str(each).strip() for each in details.get("questions", ())),
    }


def _lines(text: str) -> str:
    """As a file gives it back: no blank lines, no blanks around one."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _called(named: Named, key: UUID | None) -> str:
    return named.called.get(key, "") if key is not None else ""


def _weeks(institution_id: UUID, on: date, names: Names) -> list[Values]:
    found = (
        Template.objects.filter(pool__institution_id=institution_id, pool__period__contains=on)
        .select_related("pool")
        .order_by("pool__kind", "pool__code", "weekday", "starts", "id")
    )
    return [
        _line_values(line, on, names) for line in found if line.period.upper is None or line.period.upper > on
    ]


def _line_values(line: Template, on: date, names: Names) -> Values:
    return {
        "pool": line.pool.code,
        "weekday": str(line.weekday),
        "starts": line.starts,
        "ends": line.ends,
        "capacity": line.capacity,
        "slot_capacity": line.slot_capacity,
        "walk_ins": line.walk_ins,
        "clinician": _called(names.physicians, line.clinician_id),
        "place": line.place,
        "on_holidays": line.on_holidays,
        "since": line.period.lower if line.period.lower > on else None,
    }


def _beds(institution_id: UUID, on: date, names: Names) -> list[Values]:
    del on, names
    return [
        bed_values(bed)
        for bed in Bed.objects.filter(institution_id=institution_id).order_by("ward", "number")
    ]


def bed_values(bed: Bed) -> Values:
    """A bed as a row of its file."""
    return {
        "ward": bed.ward,
        "number": bed.number,
        "sex": "" if bed.sex == BedSex.ANY else bed.sex,
        "isolation": bed.isolation,
        "day": bed.day,
        "out_of_use": bed.out_of_use,
    }


_ROWS = {"pools": _pools, "weeks": _weeks, "beds": _beds}


@dataclass(frozen=True, slots=True)
class FileShown:
    """An uploaded file: by register how many rows and what they would do or did, and what is wrong with which row.

    ``faults`` are mappings of ``place``, ``register``, ``column`` (a key, empty for the row), ``value`` and, in both
    languages, ``message`` and ``fix``; ``bad`` counts the rows, also those of which only the number is kept.
    """

    id: UUID
    file_name: str
    state: FileState
    counts: Mapping[str, Mapping[str, int]]
    faults: Sequence[Mapping[str, Any]]
    notes: Sequence[Mapping[str, str]]
    uploaded_by: str
    uploaded_at: datetime
    taken_at: datetime | None

    @property
    def rows(self) -> int:
        """Rows of data in all."""
        return sum(each["rows"] for each in self.counts.values())

    @property
    def bad(self) -> int:
        """Rows that cannot be taken."""
        return sum(each["bad"] for each in self.counts.values())

    @property
    def changes(self) -> int:
        """Rows that change something."""
        return sum(each["created"] + each["changed"] for each in self.counts.values())


def own_files(actor: Actor) -> list[FileShown]:
    """What was uploaded for the actor's institution, the latest first.

    Raises:
        Refused: if the actor keeps no places.
    """
    found = PlaceFile.objects.filter(institution_id=own_place(actor)).defer("content")
    return [shown(each) for each in found.order_by("-uploaded_at", "-id")[:_LISTED]]


def own_file(actor: Actor, file_id: UUID) -> FileShown | None:
    """One of them; ``None`` if there is none, or it is another institution's.

    Raises:
        Refused: as ``own_files``.
    """
    found = PlaceFile.objects.filter(institution_id=own_place(actor), id=file_id).defer("content").first()
    return None if found is None else shown(found)


def shown(file: PlaceFile) -> FileShown:
    """A row as it is shown."""
    return FileShown(
        file.id,
        file.file_name,
        FileState(file.state),
        file.counts,
        file.faults,
        file.notes,
        file.uploaded_by,
        file.uploaded_at,
        file.taken_at,
    )
