"""Lay the bundled register down, and put a single division right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db import connection, transaction
from django.db.models import Q
from psycopg.types.range import DateRange

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.kernel import geo
from tiercare.kernel.actor import Actor
from tiercare.kernel.divisions import level_of
from tiercare.kernel.ids import stable_id
from tiercare.kernel.period import Period
from tiercare.kernel.refusal import Refused

from .. import bundled, events, rules
from ..models import Adjacency, Division, DivisionSuccession, Outline, Specialty
from ..pinyin import initials

_LOCK = 7_361_402  # advisory lock: two processes that lay the register down go one after the other


@dataclass(frozen=True, slots=True)
class LaidDown:
    """How many rows a call of ``lay_down_divisions`` added; all zero if everything was there."""

    divisions: int
    successions: int
    outlines: int
    adjacencies: int
    specialties: int

    @property
    def total(self) -> int:
        """All rows together."""
        return self.divisions + self.successions + self.outlines + self.adjacencies + self.specialties


def lay_down_divisions(actor: Actor) -> LaidDown:
    """Add to the register what the bundled one has and it lacks; never touch what is there.

    A code that the register knows is left as it is, with its history, so that an edit survives the next call.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        codes = bundled.codes()
        lacking = codes - set(Division.objects.filter(code__in=codes).values_list("code", flat=True))
        return LaidDown(
            divisions=_lay_down_entries(lacking) if lacking else 0,
            outlines=_lay_down_outlines(lacking),
            adjacencies=_lay_down_adjacencies() if lacking else 0,
            successions=_lay_down_successions(),
            specialties=_lay_down_specialties(),
        )


def _lay_down_entries(codes: set[str]) -> int:
    entries = [entry for entry in bundled.entries() if entry.code in codes]
    for _, same_level in groupby(entries, key=lambda entry: entry.level):  # parents come first
        Division.objects.bulk_create([_division(entry) for entry in same_level])
    return len(entries)


def _days(period: Period) -> DateRange:
    return DateRange(period.start, period.end)


def _division(entry: bundled.Entry) -> Division:
    lng, lat = entry.point or (None, None)
    return Division(
        id=entry.id,
        code=entry.code,
        name=entry.name,
        initials=initials(entry.name),
        level=entry.level.value,
        kind=entry.kind,
        parent_id=entry.parent,
        period=_days(entry.period),
        point_lng=lng,
        point_lat=lat,
        point_basis=entry.point_basis,
        population=entry.population,
        population_basis=entry.population_basis,
    )


def _lay_down_successions() -> int:
    rows = [
        DivisionSuccession(
            id=stable_id("succession", row["old_code"], row["new_code"], row["on"]),
            old_code=row["old_code"],
            new_code=row["new_code"],
            changed_on=date.fromisoformat(row["on"]),
            precision=row["precision"],
            kind=row["kind"],
            note=row["note"],
            source=row["source"],
        )
        for row in bundled.successions()
    ]
    known = set(DivisionSuccession.objects.values_list("id", flat=True))
    return len(DivisionSuccession.objects.bulk_create([row for row in rows if row.id not in known]))


def _lay_down_outlines(codes: set[str]) -> int:
    border_of = {code: border for border in bundled.borders() for code in border.codes}
    rows = [
        Outline(
            division=division,
            ring=border_of[division.code].geojson,
            basis=border_of[division.code].basis,
            source=bundled.OUTLINE_SOURCE,
            year=bundled.OUTLINE_YEAR,
        )
        for division in Division.objects.filter(code__in=codes & set(border_of))
    ]
    return len(Outline.objects.bulk_create(rows))


def _lay_down_adjacencies() -> int:
    known = set(Adjacency.objects.values_list("code_a", "code_b"))
    rows = [
        Adjacency(code_a=a, code_b=b, basis=basis)
        for (a, b), basis in sorted(bundled.neighbours().items())
        if (a, b) not in known
    ]
    return len(Adjacency.objects.bulk_create(rows))


def _lay_down_specialties() -> int:
    rows = bundled.rows("specialties.csv")
    key_of = {row["code"]: stable_id("specialty", row["code"], row["valid_from"]) for row in rows}
    known = set(Specialty.objects.values_list("code", flat=True))
    made = [
        Specialty(
            id=stable_id("specialty", row["code"], row["valid_from"]),
            code=row["code"],
            name=row["name"],
            initials=initials(row["name"]),
            parent_id=key_of[row["parent"]] if row["parent"] else None,
            level=int(row["level"]),
            period=_days(bundled.period_of(row)),
            note=row["note"],
        )
        for row in sorted(rows, key=lambda row: int(row["level"]))
        if row["code"] not in known
    ]
    return len(Specialty.objects.bulk_create(made))


def put_division(
    actor: Actor,
    *,
    code: str,
    name: str,
    kind: str,
    parent_code: str | None,
    valid_from: date,
    valid_to: date | None = None,
    point: geo.LngLat | None = None,
    population: int | None = None,
    population_basis: str = "",
) -> Division:
    """From ``valid_from`` on (and until ``valid_to``) the register says this of ``code``; what it said ends there.

    An entry that began on the same day is corrected in place. Divisions below move along: from that day on
    they stand under the new entry, and so does a copy of the outline. A ``point`` counts as from a source.

    Raises:
        Refused: if the actor may not keep the register there, or with everything that stands against the
            entry (see ``rules``); nothing is changed then.
    """
    if refusal := may(actor, Right.TERMS_EDIT, division=code):
        raise Refused(refusal)
    wanted = rules.Proposal(
        code, name.strip(), kind.strip(), parent_code, valid_from, valid_to, point, population
    )
    with transaction.atomic():
        rows = list(Division.objects.select_for_update().filter(code=code).order_by("period"))
        old = next((row for row in rows if valid_from in _period(row)), None)
        parent = Division.objects.filter(code=parent_code or "", period__contains=valid_from).first()
        if found := rules.refusals(wanted, _surroundings(wanted, rows, old, parent)):
            raise Refused(*found)
        new = old
        if new is None or old is None or old.period.lower != valid_from:
            new = Division(id=bundled.entry_id(code, valid_from), code=code)
        new.name, new.kind, new.initials = wanted.name, wanted.kind, initials(wanted.name)
        new.level, new.parent = level_of(code).value, parent
        new.point_lng, new.point_lat = point or (None, None)
        new.point_basis = bundled.SOURCE if point else ""
        new.population, new.population_basis = population, population_basis
        _replace(old, new, valid_from, valid_to)
        ledger.append(
            actor,
            events.DivisionPut(code, wanted.name, valid_from),
            subject_type="division",
            subject_id=new.id,
            division_code=code,
        )
        return new


def _period(row: Division) -> Period:
    return Period(row.period.lower, row.period.upper)


def _surroundings(
    wanted: rules.Proposal, rows: list[Division], old: Division | None, parent: Division | None
) -> rules.Surroundings:
    """The facts that the rules ask for."""
    below = Division.objects.filter(parent=old).values_list("period", flat=True) if old else []
    ends = [period.upper for period in below if period.upper is None or period.upper > wanted.valid_from]
    shape = _outline_around(old, parent)
    return rules.Surroundings(
        parent=_period(parent) if parent else None,
        next_start=min(
            (row.period.lower for row in rows if row.period.lower > wanted.valid_from), default=None
        ),
        children_until=max((end for end in ends if end is not None), default=None),
        children_open=None in ends,
        inside=geo.contains(geo.outline_from(shape.ring), wanted.point) if shape and wanted.point else None,
    )


def _outline_around(old: Division | None, parent: Division | None) -> Outline | None:
    """The outline of the division itself, or else of the one above it (a township has none of its own)."""
    for division in (old, parent):
        found: Outline | None = Outline.objects.filter(division=division).first() if division else None
        if found:
            return found
    return None


def _replace(old: Division | None, new: Division, start: date, end: date | None) -> None:
    """Let ``new`` hold from ``start`` to ``end`` in place of ``old``, with its outline and all that stands under it."""
    if old is not None and old.pk != new.pk:
        old.period = DateRange(old.period.lower, start)
        old.save(update_fields=["period"])
    new.period = DateRange(start, end)
    new.save()
    if old is None or old.pk == new.pk:
        return
    for outline in Outline.objects.filter(division=old):
        Outline.objects.create(
            division=new, ring=outline.ring, basis=outline.basis, source=outline.source, year=outline.year
        )
    below = Division.objects.filter(parent=old)
    for child in below.filter(Q(period__endswith=None) | Q(period__endswith__gt=start)):
        _move_under(new, child, start)


def _move_under(parent: Division, child: Division, day: date) -> None:
    """From ``day`` on ``child`` stands under ``parent``: as it is if it begins then or later, else as a new row."""
    if child.period.lower >= day:
        child.parent = parent
        child.save(update_fields=["parent"])
        return
    end = child.period.upper
    kept = {field.attname: getattr(child, field.attname) for field in Division._meta.concrete_fields}
    later = Division(**(kept | {"id": bundled.entry_id(child.code, day), "parent_id": parent.pk}))
    _replace(child, later, day, end)
