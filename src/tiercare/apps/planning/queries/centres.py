"""Planned medical centres (NHC-24): what is proposed by what residents seek outside the province, and what is kept with its versions."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from tiercare.apps.access.rules import Right, may
from tiercare.apps.evaluation.queries.panels import laid
from tiercare.apps.evaluation.queries.runs import Kept
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.rules import Category
from tiercare.engines.policy import ParameterProblem, carries, parameter
from tiercare.kernel.actor import Actor
from tiercare.kernel.geo import LngLat
from tiercare.kernel.refusal import refuse

from ..rules.centres import NO_SUCH_CENTRE, Demand, Hospital, Measure, Proposal, State, proposals
from .ours import number_in, pack_of

_PANEL = "cross_province_by_specialty"
KINDS = "NHC-24.center_types"
_PROVINCE = 2  # digits
# Everybody of the region who is licensed for the specialty, one below it, or the one above where that is not divided.
_HOSPITALS = """
SELECT a.specialty, v.institution_id::text AS id, v.name, v.division_code AS division, v.level,
       coalesce((SELECT k.rank FROM network_keyspecialty k WHERE k.institution_id = v.institution_id
                 AND k.period @> %(on)s::date AND (k.code = a.specialty OR k.code LIKE a.specialty || '.%%')
                 ORDER BY array_position(ARRAY['NATIONAL', 'PROVINCIAL', 'PREFECTURE'], k.rank::text) LIMIT 1), '') AS rank,
       (SELECT count(DISTINCT c.id) FROM network_practicesite s JOIN network_clinician c ON c.id = s.clinician_id
        WHERE s.institution_id = v.institution_id AND s.period @> %(on)s::date
          AND (c.scope_code = a.specialty OR c.scope_code LIKE a.specialty || '.%%'))::integer AS specialists
FROM unnest(%(specialties)s::text[]) AS a (specialty)
JOIN network_institutionversion v ON v.period @> %(on)s::date AND v.division_code LIKE %(region)s || '%%'
     AND v.category = ANY (%(categories)s::text[])
WHERE EXISTS (SELECT FROM network_licensedspecialty l WHERE l.institution_id = v.institution_id AND l.period @> %(on)s::date
              AND (l.code = a.specialty OR l.code LIKE a.specialty || '.%%'))
ORDER BY v.level DESC, v.name
"""
_HOSPITAL_KINDS = (
    Category.GENERAL,
    Category.TCM,
    Category.SPECIALTY,
    Category.MATERNAL_CHILD,
    Category.PSYCHIATRIC,
    Category.REHABILITATION,
)
# The newest version of each series that concerns the region: planned for it, above it or inside it, or serving some of it.
_KEPT = """
SELECT DISTINCT ON (c.series) c.* FROM planning_centre c
WHERE starts_with(c.region, %(region)s) OR starts_with(%(region)s, c.region)
ORDER BY c.series, c.version DESC
"""
_POSITIONS = """
SELECT institution_id AS id, lng, lat FROM network_institutionversion
WHERE institution_id = ANY (%(ids)s::uuid[]) AND period @> %(on)s::date AND lng IS NOT NULL AND lat IS NOT NULL
"""
_ONE = "SELECT * FROM planning_centre WHERE series = %(series)s ORDER BY version DESC"


@dataclass(frozen=True, slots=True)
class Proposed:
    """What is proposed on a run, and from when on: ``kinds`` and ``measure`` are the pack's; none where it has no such clause."""

    run: Kept
    span: str
    area: str
    kinds: tuple[str, ...]
    measure: Measure | None
    proposals: tuple[Proposal, ...]
    looked_at: int


@dataclass(frozen=True, slots=True)
class CentreVersion:
    """A version of a planned centre."""

    id: UUID
    series: UUID
    version: int
    region: str
    kind: str
    specialty: str
    institution_id: UUID
    area: tuple[str, ...]
    state: State
    words: str
    demand: Mapping[str, Any]
    made_at: datetime
    made_by_name: str


def kinds_in(pack: str, *, on: date) -> tuple[str, ...]:
    """The kinds of centres that a text in force names; none where there is none."""
    known = mandates.packs()
    if not carries(known, KINDS, pack):
        return ()
    try:
        said = parameter(known, KINDS, pack, on=on).value
    except ParameterProblem:
        return ()
    return tuple(map(str, said)) if isinstance(said, tuple | list) else ()


def measure_in(pack: str, *, on: date) -> Measure | None:
    """From when on a specialty is proposed; ``None`` where the pack does not say."""
    visits, share, load = (
        number_in(pack, f"centre_{key}_from", on=on) for key in ("visits", "share", "load")
    )
    if visits is None or share is None or load is None:
        return None
    return Measure(int(visits), Fraction(str(share)), Fraction(str(load)))


def proposed(actor: Actor, run: Kept, *, span: str = "", area: str = "", on: date) -> Proposed:
    """The specialties for which a centre is proposed by a run's newest year, unless another period or area is asked for.

    Raises:
        Refused: if the actor sees no indicators, or not those of the area, or there is no such period.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    found = laid(actor, run, _PANEL, span=span, area=area)
    kinds, measure = kinds_in(run.pack, on=on), measure_in(run.pack, on=on)
    demands = []
    for line in found.lines:
        number = line.numbers[0]
        code = line.specialty or (line.key[0] if line.key else "")
        if code and not number.hidden and number.numerator is not None and number.denominator is not None:
            demands.append(Demand(code, int(number.numerator), int(number.denominator)))
    made: list[Proposal] = []
    if measure is not None:
        capacity = hospitals_for([each.specialty for each in demands], found.area, on=on)
        made = proposals(demands, capacity, measure=measure, kinds=kinds)
    return Proposed(run, found.span, found.area, kinds, measure, tuple(made), len(demands))


def hospitals_for(specialties: list[str], region: str, *, on: date) -> Mapping[str, list[Hospital]]:
    """The hospitals of the region that are licensed for each specialty, with what the register has of them."""
    found: dict[str, list[Hospital]] = {code: [] for code in specialties}
    if not specialties:
        return found
    for row in rows(
        _HOSPITALS,
        specialties=specialties,
        region=region,
        categories=[each.value for each in _HOSPITAL_KINDS],
        on=on,
    ):
        found[row.pop("specialty")].append(Hospital(**row))
    return found


def positions(institutions: Collection[UUID], *, on: date) -> Mapping[UUID, LngLat]:
    """Where institutions stand, as far as the register says."""
    found = rows(_POSITIONS, ids=sorted(institutions), on=on)
    return {row["id"]: (float(row["lng"]), float(row["lat"])) for row in found}


def centres(actor: Actor, region: str, *, dropped: bool = False) -> list[CentreVersion]:
    """The planned centres that concern a region, each in its newest version; those given up only with ``dropped``.

    Raises:
        Refused: if the actor may not see networks.
    """
    refuse(may(actor, Right.NETWORK_READ, division=region))
    found = [_version(row) for row in rows(_KEPT, region=region)]
    kept = [each for each in found if dropped or each.state is not State.DROPPED]
    return sorted(kept, key=lambda each: (each.kind, each.specialty, str(each.series)))


def centre(actor: Actor, series: UUID) -> list[CentreVersion]:
    """All versions of a centre, the newest first.

    Raises:
        Refused: 404 if there is none, or if the actor may not see networks.
    """
    refuse(may(actor, Right.NETWORK_READ))
    found = [_version(row) for row in rows(_ONE, series=series)]
    refuse(None if found else NO_SUCH_CENTRE)
    return found


def province_of(region: str) -> str:
    """The province that a region lies in, or is."""
    return region[:_PROVINCE]


def pack_here(region: str, *, on: date) -> str:
    """The pack in force there; empty without."""
    return pack_of(region, on=on) or ""


def _version(row: dict[str, Any]) -> CentreVersion:
    return CentreVersion(
        id=row["id"],
        series=row["series"],
        version=row["version"],
        region=row["region"],
        kind=row["kind"],
        specialty=row["specialty"],
        institution_id=row["institution_id"],
        area=tuple(row["area"]),
        state=State(row["state"]),
        words=row["words"],
        demand=json.loads(row["demand"]),  # a plain cursor leaves it as it is written
        made_at=row["made_at"],
        made_by_name=row["made_by_name"],
    )
