"""Fill the registers of a demonstration's institutions: departments, equipment, clinicians, and their ages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as database
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.terms import queries as terms
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.ids import stable_id
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .. import events, models
from ..queries.freshness import CONFIRMABLE
from ..queries.lookups import one_of
from ..rules import Category
from ..rules import demonstration as made_up
from ..rules.cells import Value
from ..rules.demonstration import Place
from ..rules.entries import Entry
from ..rules.registers import CLINICIANS, DEPARTMENTS, EQUIPMENT, OWN_REGISTERS
from .fences import fenced
from .institutions import NO_REREGISTRATION
from .judging import lock_prefectures
from .registers import write_entries

_REGISTERED, _AGREEMENT = "REGISTERED", "AGREEMENT"  # as the column ``ground`` writes them
BY = "演示·机构填报人"  # who is said to have confirmed; never a person
_OF_REGISTER: Mapping[str, Any] = {
    DEPARTMENTS.key: models.Department,
    EQUIPMENT.key: models.Equipment,
    CLINICIANS.key: models.PracticeSite,
}


@dataclass(frozen=True, slots=True)
class Filled:
    """How many rows were written; all nought where the registers had been filled before."""

    departments: int = 0
    equipment: int = 0
    clinicians: int = 0
    second_sites: int = 0


@transaction.atomic
def lay_down_registers(*, actor: Actor, region: str, on: date) -> Filled:
    """Give the institutions of ``region`` (its pack, laid down before) what stands in their registers on
    ``on``, all of it made up: so many departments, machines and people as suit them, some long unconfirmed.

    A register in which somebody has entered anything stays as it is, and a second call changes nothing.

    Raises:
        Refused: if this database is not marked synthetic, the region is not laid down, or the actor may not.
    """
    if not database.installation().synthetic:
        raise Refused(_NOT_SYNTHETIC)
    laid = models.LaidDown.objects.select_for_update().filter(pack=region).first()
    if laid is None:
        raise Refused(mandates.region_without_pack(region))
    if models.Clinician.objects.filter(synthetic=True, code__startswith=_code(region, "")).exists():
        return Filled()
    divisions, places = places_of(region, on)
    for division in sorted({laid.region, *divisions}):  # hospitals outside that its consortia include as well
        refusal = may(actor, Right.NETWORK_DECIDE, division=division)
        if refusal:
            raise Refused(refusal)
    rows = registers_of(region, places, on)
    lock_prefectures(divisions)
    with fenced():
        write_entries(rows.all)
    people = {entry.text("code") for entry in rows.clinicians}
    models.Clinician.objects.filter(one_of("code", people)).update(synthetic=True)
    _report(places, rows.filled, on)
    ledger.append(
        actor,
        events.RegistersChanged(len(rows.all), 0, 0, tuple(f"{key} {n}" for key, n in rows.counts.items())),
        subject_type="region",
        subject_id=stable_id("region", region),
        division_code=laid.region,
    )
    return Filled(len(rows.departments), len(rows.equipment), len(people), len(rows.clinicians) - len(people))


_NOT_SYNTHETIC = Refusal(
    code="network.registers_not_synthetic",
    message=Text(
        "这个数据库不是演示库，不能铺设演示的科室、设备和医务人员。",
        "This database is not a demonstration: no made-up departments, equipment and clinicians here.",
    ),
    instead=Text(
        "请用“导入导出”登记真实的科室、设备和医务人员。",
        "Enter the real departments, equipment and clinicians by import.",
    ),
)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows to write, and which registers (institution, register) they fill."""

    departments: tuple[Entry, ...]
    equipment: tuple[Entry, ...]
    clinicians: tuple[Entry, ...]
    filled: frozenset[tuple[str, str]]

    @property
    def all(self) -> tuple[Entry, ...]:
        """Every row."""
        return (*self.departments, *self.equipment, *self.clinicians)

    @property
    def counts(self) -> dict[str, int]:
        """Rows by register."""
        return {
            DEPARTMENTS.key: len(self.departments),
            EQUIPMENT.key: len(self.equipment),
            CLINICIANS.key: len(self.clinicians),
        }


def registers_of(region: str, places: Sequence[Place], on: date) -> Rows:
    """The rows of the registers that are still empty of these institutions."""
    names = terms.specialty_names(on=on)
    taken = _kept_already(places)
    units = {place.code: made_up.departments(place, names) for place in places}
    empty = {key: [place for place in places if (place.code, key) not in taken] for key in _OF_REGISTER}
    departments = tuple(row for place in empty[DEPARTMENTS.key] for row in _departments(place, units, on))
    equipment = tuple(row for place in empty[EQUIPMENT.key] for row in _equipment(place, on))
    people = _clinicians(region, empty[CLINICIANS.key], units, on)
    second = _second_sites(region, empty[CLINICIANS.key], people, units, on)
    filled = frozenset((place.code, key) for key, rows in empty.items() for place in rows)
    return Rows(departments, equipment, (*people, *second), filled)


def places_of(region: str, on: date) -> tuple[set[str], list[Place]]:
    """The institutions that the region's pack laid down and that stand on ``on``, by code, and their divisions."""
    versions = models.InstitutionVersion.objects.filter(institution__slug__startswith=f"{region}-")
    since: dict[Any, date] = {}
    for key, period in versions.values_list("institution_id", "period"):
        since[key] = min(since.get(key, period.lower), period.lower)
    licences: dict[Any, list[str]] = {}
    licensed = models.LicensedSpecialty.objects.filter(
        institution__slug__startswith=f"{region}-", period__contains=on
    )
    for key, code in licensed.values_list("institution_id", "code"):
        licences.setdefault(key, []).append(code)
    standing = versions.filter(period__contains=on).select_related("institution")
    rows = standing.order_by("institution__slug")
    return {row.division_code for row in rows}, [
        Place(
            row.institution.slug,
            Category(row.category),
            row.level,
            row.beds,
            tuple(sorted(licences.get(row.institution_id, ()))),
            since[row.institution_id],
        )
        for row in rows
    ]


def _kept_already(places: Iterable[Place]) -> set[tuple[str, str]]:
    """Institution and register where somebody has entered something, on whatever day."""
    codes = [place.code for place in places]
    return {
        (slug, key)
        for key, model in _OF_REGISTER.items()
        for slug in model.objects.filter(one_of("institution__slug", codes))
        .values_list("institution__slug", flat=True)
        .distinct()
    }


def _departments(place: Place, units: Mapping[str, Sequence[made_up.Unit]], on: date) -> Iterable[Entry]:
    last = made_up.kept(place, DEPARTMENTS.key, on).last
    for unit in units[place.code]:
        values = {"institution": place.code, "name": unit.name, "specialty": unit.specialty}
        yield Entry(DEPARTMENTS.key, {**values, "from": made_up.began(place, last, unit.name)})


def _equipment(place: Place, on: date) -> Iterable[Entry]:
    last = made_up.kept(place, EQUIPMENT.key, on).last
    for kind, count in made_up.equipment(place):
        values: dict[str, Value] = {"institution": place.code, "kind": kind, "count": count}
        yield Entry(EQUIPMENT.key, {**values, "from": made_up.began(place, last, kind)})


def _clinicians(
    region: str, places: Iterable[Place], units: Mapping[str, Sequence[made_up.Unit]], on: date
) -> tuple[Entry, ...]:
    """Everybody at the institution where they are registered; codes that real rows bear are passed over."""
    used = set(
        models.Clinician.objects.filter(code__startswith=_code(region, "")).values_list("code", flat=True)
    )
    rows: list[Entry] = []
    number = 0
    for place in places:
        last = made_up.kept(place, CLINICIANS.key, on).last
        for n, person in enumerate(made_up.staff(place, units[place.code])):
            number += 1
            while _code(region, f"{number:04}") in used:
                number += 1
            values: dict[str, Value] = {
                "code": _code(region, f"{number:04}"),
                "name": person.name,
                "title": person.title,
                "scope": person.scope,
                "institution": place.code,
                "ground": _REGISTERED,
                "from": made_up.began(place, last, "person", n),
            }
            rows.append(Entry(CLINICIANS.key, values))
    return tuple(rows)


def _code(region: str, number: str) -> str:
    return f"{region}-d{number}"


def _second_sites(
    region: str,
    places: Sequence[Place],
    people: Sequence[Entry],
    units: Mapping[str, Sequence[made_up.Unit]],
    on: date,
) -> tuple[Entry, ...]:
    """Experts who practise at a partner under an agreement as well, where that needs no new registration."""
    if all(clause.id != NO_REREGISTRATION for clause in mandates.packs().clauses_for(region)):
        return ()
    known = {place.code: place for place in places}
    experts: dict[str, list[Entry]] = {}
    for row in people:
        if row.text("title") in made_up.EXPERTS:
            experts.setdefault(row.text("institution"), []).append(row)
    rows: dict[str, Entry] = {}
    for agreement, period, parties in _agreements(known, on):
        sender = max(parties, key=lambda code: (known[code].level, known[code].beds, code))
        by_code = {row.text("code"): row for row in experts.get(sender, ())}
        for receiver in sorted(parties - {sender}):
            able = [c for c, row in by_code.items() if made_up.belongs(row.text("scope"), units[receiver])]
            for code in made_up.sent(sender, receiver, agreement, able, rows):
                rows[code] = _under(by_code[code], known[receiver], agreement, period)
    return tuple(rows[code] for code in sorted(rows))


def _under(row: Entry, receiver: Place, agreement: str, period: Any) -> Entry:
    """The same person at ``receiver``, for as long as the agreement holds."""
    return Entry(
        CLINICIANS.key,
        {
            **row.values,
            "institution": receiver.code,
            "ground": _AGREEMENT,
            "agreement": agreement,
            "from": max(period.lower, row.start, receiver.since),
            "to": period.upper,
        },
    )


def _agreements(known: Collection[str], on: date) -> list[tuple[str, Any, set[str]]]:
    """Code, period and institutions of the agreements between several of ``known`` in force on ``on``."""
    found = (
        models.Agreement.objects.filter(period__contains=on, signed_on__lte=on)
        .filter(one_of("parties__institution__slug", known))
        .values_list("slug", "period", "parties__institution__slug")
        .order_by("slug")
    )
    parties: dict[tuple[str, Any], set[str]] = {}
    for slug, period, institution in found:
        parties.setdefault((slug, period), set()).add(institution)
    return [(slug, period, codes) for (slug, period), codes in parties.items() if len(codes) > 1]


def _report(places: Iterable[Place], filled: Collection[tuple[str, str]], on: date) -> None:
    """When each register was confirmed, where it ever was; what a person confirmed before stays."""
    ids = dict(
        models.Institution.objects.filter(one_of("slug", [place.code for place in places])).values_list(
            "slug", "id"
        )
    )
    reports = []
    for place in places:
        for register in CONFIRMABLE:
            if register in OWN_REGISTERS and (place.code, register) not in filled:
                continue
            kept = made_up.kept(place, register, on)
            if kept.reported:
                at = datetime.combine(kept.last, time(9), ZONE) + timedelta(
                    minutes=made_up.between(0, 480, place.code, register, "minute")
                )
                reports.append(
                    models.Reported(institution_id=ids[place.code], register=register, at=at, by=BY)
                )
    models.Reported.objects.bulk_create(reports, ignore_conflicts=True, batch_size=1000)
