"""Plans of institutions (XH-12): their versions, what they allow against what stands and what is applied for, and who goes beyond."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from tiercare.apps.ledger.prepared import rows
from tiercare.engines.policy import PackSet
from tiercare.engines.sheets import Table, write_xlsx

from .. import models
from ..rules.drafting import Change
from ..rules.entries import Entry
from ..rules.institution_plans import (
    PLAN_LINES,
    House,
    Line,
    Machines,
    Mark,
    PlanKind,
    Subject,
    Thing,
    amount,
    counted,
    marks,
)
from ..rules.registers import EQUIPMENT, INSTITUTIONS
from ..rules.sentences import RowChange
from ..workflow import State
from . import ours
from .drafts import row_changes
from .sheets import Encoding, SheetFile, sheet_files, table_of, template_of

LIMITS = "plan_limits"
"""The parameter that says which subjects a plan limits."""
NAME = "规划指标"
_HOUSES = """
SELECT i.slug AS code, v.name, v.division_code AS division, v.township_code AS township, v.category, v.level, v.beds,
       coalesce((SELECT jsonb_object_agg(k.kind, k.n) FROM (
           SELECT e.kind, sum(e.count)::integer AS n FROM network_equipment e
           WHERE e.institution_id = v.institution_id AND e.period @> %(on)s::date GROUP BY e.kind) k), '{}') AS machines
FROM network_institutionversion v JOIN network_institution i ON i.id = v.institution_id
WHERE v.period @> %(on)s::date AND (starts_with(v.division_code, %(region)s) OR i.slug = ANY (%(codes)s::text[]))
ORDER BY i.slug
"""


@dataclass(frozen=True, slots=True)
class Version:
    """A numbered version of a plan with its limits; ``end`` is the day on which the next one began."""

    id: UUID
    division: str
    kind: PlanKind
    number: int
    title: str
    document: str
    adopted_on: date
    start: date
    end: date | None
    words: str
    recorded_by: str
    recorded_at: datetime
    lines: tuple[Line, ...]

    def holds(self, on: date) -> bool:
        """Whether it is in force on the day."""
        return self.start <= on and (self.end is None or on < self.end)


def versions(region: str) -> list[Version]:
    """Every version of the plans of ``region`` and the areas in it, the newest first."""
    return _read(Q(division_code__startswith="" if region == "00" else region))


def version(plan_id: UUID) -> Version | None:
    """One version."""
    return next(iter(_read(Q(id=plan_id))), None)


def in_force(region: str, *, on: date) -> list[Version]:
    """What limits ``region`` on the day: its own plans, those of areas above it and inside it."""
    above = [region[:length] for length in (2, 4, 6) if length <= len(region)]
    own = Q(division_code__startswith="" if region == "00" else region) | Q(division_code__in=above)
    return _read(own & Q(period__contains=on))


def _read(wanted: Q) -> list[Version]:
    found = models.InstitutionPlan.objects.filter(wanted).prefetch_related("lines")
    return [_version(row) for row in found.order_by("division_code", "kind", "-number")]


def _version(row: models.InstitutionPlan) -> Version:
    lines = sorted(row.lines.all(), key=lambda each: (each.area, each.subject, each.kind, each.level))
    return Version(
        id=row.id,
        division=row.division_code,
        kind=PlanKind(row.kind),
        number=row.number,
        title=row.title,
        document=row.document,
        adopted_on=row.adopted_on,
        start=row.period.lower,
        end=row.period.upper,
        words=row.words,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
        lines=tuple(
            Line(
                each.area, Subject(each.subject), each.allowed, each.kind, each.level, each.note, str(each.id)
            )
            for each in lines
        ),
    )


# What stands, and what a change adds -----------------------------------------------------------------------


def things(region: str, *, on: date, codes: Sequence[str] = ()) -> list[Thing]:
    """Institutions of ``region`` on the day, with their machines; and those of ``codes``, wherever they stand."""
    found: list[Thing] = []
    for row in rows(_HOUSES, on=on, region="" if region == "00" else region, codes=list(codes)):
        house = House(
            row["code"],
            row["name"],
            tuple(filter(None, (row["division"], row["township"]))),
            row["category"],
            str(row["level"]),
            row["beds"],
        )
        found.append(house)
        found += [Machines(house, kind, n) for kind, n in sorted(json.loads(row["machines"]).items())]
    return found


def _moved(changes: Sequence[RowChange], standing: Iterable[Thing]) -> tuple[list[Thing], list[Thing]]:
    """What goes and what comes with these rows."""
    houses = {each.code: each for each in standing if isinstance(each, House)}
    houses |= {
        change.after.text("code"): _house(change.after)
        for change in changes
        if change.after is not None and change.after.register == INSTITUTIONS.key
    }
    gone = [thing for change in changes if (thing := _thing(change.before, houses)) is not None]
    come = [thing for change in changes if (thing := _thing(change.after, houses)) is not None]
    return gone, come


def _thing(entry: Entry | None, houses: Mapping[str, House]) -> Thing | None:
    if entry is None:
        return None
    if entry.register == INSTITUTIONS.key:
        return _house(entry)
    house = houses.get(entry.text("institution"))
    if entry.register != EQUIPMENT.key or house is None:
        return None
    return Machines(house, entry.text("kind"), _count(entry, "count"))


def _house(entry: Entry) -> House:
    places = tuple(filter(None, (entry.text("division"), entry.text("township"))))
    return House(
        entry.text("code"),
        entry.text("name"),
        places,
        entry.text("category"),
        entry.text("level"),
        _count(entry, "beds"),
    )


def _count(entry: Entry, key: str) -> int:
    value = entry.values.get(key)
    return value if isinstance(value, int) else 0


def marks_of(
    changes: Sequence[RowChange], region: str, pack: str, *, on: date, packs: PackSet | None = None
) -> list[Mark]:
    """The limits that these rows go beyond on their first day; none where the pack limits nothing or no plan is in force."""
    limited = ours.words(LIMITS, pack, on=on, packs=packs)
    registers = {change.entry.register for change in changes}
    if not limited or not registers & {INSTITUTIONS.key, EQUIPMENT.key}:
        return []
    plans = in_force(region, on=on)
    if not plans:
        return []
    codes = {change.entry.text("institution") for change in changes} - {""}
    standing = things(region, on=on, codes=sorted(codes))
    gone, come = _moved(changes, standing)
    lines = [line for plan in plans for line in plan.lines]
    return marks(lines, limited=limited, existing=standing, gone=gone, come=come)


# Allowed, existing, applied for ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Applied:
    """An application that waits and adds to what a line limits."""

    id: UUID
    title: str
    adds: int


@dataclass(frozen=True, slots=True)
class Compared:
    """A limit, what stands (``houses``, each with its part), and what is applied for; ``limits``: whether the pack marks an excess."""

    plan: Version
    line: Line
    existing: int
    houses: tuple[tuple[House, int], ...]
    applied: tuple[Applied, ...]
    limits: bool

    @property
    def adds(self) -> int:
        """What all applications that wait add together."""
        return sum(each.adds for each in self.applied)

    @property
    def left(self) -> int:
        """What the plan still allows; negative where more stands or is applied for."""
        return self.line.allowed - self.existing - self.adds


def compared(region: str, pack: str, *, on: date) -> list[Compared]:
    """Each limit in force in ``region`` on the day against what stands there and what waits for a decision."""
    plans = in_force(region, on=on)
    if not plans:
        return []
    limited = ours.words(LIMITS, pack, on=on)
    standing = things(region, on=on)
    waiting = _waiting(region, standing)
    return [
        Compared(
            plan,
            line,
            amount(line, standing),
            tuple(counted(line, standing)),
            tuple(
                Applied(row.id, row.title, adds)
                for row, gone, come in waiting
                if (adds := amount(line, come) - amount(line, gone))
            ),
            line.subject.value in limited,
        )
        for plan in plans
        for line in plan.lines
    ]


def _waiting(region: str, standing: Sequence[Thing]) -> list[tuple[Any, list[Thing], list[Thing]]]:
    found = models.Application.objects.filter(region=region, state=State.SUBMITTED).order_by("id")
    return [(row, *_moved(row_changes(Change.read(row.payload).entries), standing)) for row in found]


# Overrides, files ------------------------------------------------------------------------------------------


def overrides(application_id: UUID) -> list[models.PlanOverride]:
    """Overrides of an application, the newest first."""
    return list(models.PlanOverride.objects.filter(application_id=application_id).order_by("-at", "-id"))


def lines_file(lines: Sequence[Line], *, encoding: Encoding | None = None) -> SheetFile:
    """The limits of a version as a file; kept again it says the same."""
    header = [column.name.zh for column in PLAN_LINES.columns]
    cells = [_cells(line) for line in lines]
    (file,) = sheet_files([table_of(PLAN_LINES, header, cells)], encoding=encoding, name=NAME)
    return file


def _cells(line: Line) -> list[str]:
    names = {column.key: column.words or {} for column in PLAN_LINES.columns}

    def word(key: str, code: str) -> str:
        return names[key][code].zh if code in names[key] else code

    return [
        line.area,
        word("subject", line.subject.value),
        word("kind", line.kind),
        word("level", line.level),
        str(line.allowed),
        line.note,
    ]


def lines_template() -> bytes:
    """An empty sheet to fill in."""
    table: Table = template_of(PLAN_LINES)
    return write_xlsx([table])
