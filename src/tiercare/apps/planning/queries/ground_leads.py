"""Who leads in a region: the hospitals that answer for its grids, or those of one kind where it is divided among them; where they stand,
how far they are, what their consortia have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network.rules import (
    CENTRES,
    Affiliation,
    AreaKind,
    Category,
    Consortium,
    Institution,
    Kind,
    Network,
)
from tiercare.apps.terms import queries as terms
from tiercare.engines.planning.regions import Lead, Place
from tiercare.engines.planning.tasks import Floats
from tiercare.kernel.geo import EARTH_RADIUS_KM, LngLat, Terrain, distance_km, travel_minutes

# Those that answer for grids.
AREAL = (Kind.CITY_GROUP, Kind.COUNTY_COMMUNITY)
_POSITIONS = """
SELECT institution_id::text AS id, lng, lat, place_is_illustrative AS illustrative FROM network_institutionversion
WHERE institution_id = ANY (%(ids)s::uuid[]) AND period @> %(on)s::date AND lng IS NOT NULL AND lat IS NOT NULL
"""


class Service(StrEnum):
    """For what a region is divided: among those that answer for its grids, or once more among hospitals of one kind."""

    AREAL = "areal"
    TCM = "tcm"
    MATERNAL_CHILD = "maternal_child"


OF_KIND = {Service.TCM: Category.TCM, Service.MATERNAL_CHILD: Category.MATERNAL_CHILD}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A hospital that may lead: the key of its grid, the area it belongs to, and those it may serve (all where empty)."""

    key: str
    institution: Institution
    division: str
    areas: frozenset[str]


@dataclass(frozen=True, slots=True)
class Seated:
    """Leads with their seats; names of those that have none, and of those placed where their township or area is."""

    leads: Sequence[Lead]
    homeless: tuple[str, ...]
    guessed: tuple[str, ...]


def areal(net: Network) -> list[Candidate]:
    """The lead of each consortium that answers for a grid."""
    return [
        Candidate(each.id, institution, each.division, areas_of(net, each))
        for each in answering(net)
        for institution in net.leads(each.id)[:1]
    ]


def answering(net: Network) -> list[Consortium]:
    """The consortia that answer for grids, those for areas only, in a stable order."""
    keys = sorted({key for grid in net.grids.values() for key in grid.responsible})
    return [net.consortia[key] for key in keys if net.consortia[key].kind in AREAL]


def of_kind(net: Network, service: Service, level: float) -> list[Candidate]:
    """The hospitals of one kind from this level up: a county's serves its county, all others every area."""
    wanted = OF_KIND[service]
    return [
        Candidate(each.id, each, each.division, _reach(each))
        for each in net.local()
        if each.category is wanted and each.level >= level
    ]


def _reach(each: Institution) -> frozenset[str]:
    return frozenset({each.division}) if each.affiliation is Affiliation.COUNTY else frozenset()


def areas_of(net: Network, consortium: Consortium) -> frozenset[str]:
    """A county's community serves its county; the groups of a city may serve any district and zone of it."""
    if consortium.kind is Kind.COUNTY_COMMUNITY:
        return frozenset({consortium.division})
    return frozenset(area.code for area in net.areas.values() if area.kind is not AreaKind.COUNTY)


def seated(
    candidates: Sequence[Candidate],
    places: Sequence[Place],
    township: Mapping[str, str],
    on: date,
) -> Seated:
    """Leads in the place nearest to each inside its own area."""
    # Where two stand in one township the larger has it for its seat.
    ordered = sorted(candidates, key=lambda each: (-each.institution.beds, each.institution.id))
    recorded = positions([each.institution.id for each in ordered], on)
    at_of = {
        **around([each for each in ordered if each.institution.id not in recorded], places, on),
        **recorded,
    }
    found: list[Lead] = []
    homeless = []
    taken: set[str] = set()
    for each in ordered:
        at = at_of.get(each.institution.id)
        near = seats(each, at, places, township, taken) if at is not None else []
        if at is None or not near:
            homeless.append(each.institution.name)
            continue
        taken.add(near[0].key)
        # Two that stand for the same point would stand on one spot: the seat of each is its own.
        spot = at if each.institution.id in recorded else near[0].at
        found.append(lead_of(each, spot, near[0].key))
    guessed = [each.institution.name for each in ordered if each.institution.id not in recorded]
    return Seated(found, tuple(homeless), tuple(name for name in guessed if name not in homeless))


def around(candidates: Sequence[Candidate], places: Sequence[Place], on: date) -> Mapping[str, LngLat]:
    """For hospitals without a position that of their township, else of their area, else of the largest place of it."""
    codes = {each.institution.id: (each.institution.township, each.division) for each in candidates}
    known = (
        terms.divisions({code for pair in codes.values() for code in pair if code}, on=on) if codes else {}
    )
    found: dict[str, LngLat] = {}
    for each in candidates:
        points = [known[code].point for code in codes[each.institution.id] if code in known]
        inside = [place for place in places if place.area == each.division]
        largest = sorted(inside, key=lambda place: (-place.people, place.key))[:1]
        at = next((point for point in (*points, *(place.at for place in largest)) if point is not None), None)
        if at is not None:
            found[each.institution.id] = at
    return found


def lead_of(candidate: Candidate, at: LngLat, place: str) -> Lead:
    """A candidate as a lead; its share is its beds, one at least, so that nobody's is nothing."""
    share = float(max(candidate.institution.beds, 1))
    return Lead(candidate.key, candidate.institution.name, place, at, share, areas=candidate.areas)


def seats(
    candidate: Candidate,
    at: LngLat,
    places: Sequence[Place],
    township: Mapping[str, str],
    taken: set[str],
) -> list[Place]:
    """Places that could be the seat, the nearest first; those of a township on record before any other."""
    inside = [place for place in places if place.area == candidate.division and place.key not in taken]
    own = candidate.institution.township
    return sorted(inside, key=lambda place: (township[place.key] != own, distance_km(at, place.at)))


def positions(ids: Sequence[str], on: date) -> Mapping[str, LngLat]:
    """Where institutions stand on a day: longitude and latitude; those without a position are left out."""
    found = rows(_POSITIONS, ids=list(ids), on=on)
    return {row["id"]: (float(row["lng"]), float(row["lat"])) for row in found}


def minutes_from(net: Network, at: LngLat, places: Sequence[Place]) -> Floats:
    """An estimate to each place; inside districts and zones traffic is that of a city."""
    return _minutes(net, [at], places)[0]


def minutes_between(net: Network, leads: Sequence[Lead], places: Sequence[Place]) -> Floats:
    """The same for every lead, leads × places."""
    return _minutes(net, [lead.at for lead in leads], places)


def to_primary_care(net: Network, places: Sequence[Place], on: date) -> Floats:
    """Minutes from each place to the nearest township or community centre on record, estimated; infinite where there is none."""
    every = positions([each.id for each in net.local() if each.category in CENTRES], on)
    if not every:
        return np.full(len(places), np.inf)
    return np.asarray(_minutes(net, list(every.values()), places).min(axis=0))


def _minutes(net: Network, starts: Sequence[LngLat], places: Sequence[Place]) -> Floats:
    """From each start (rows) to each place, as ``kernel.geo`` estimates them one by one."""
    urban = [net.areas[place.area].kind is not AreaKind.COUNTY for place in places]
    a_km = [travel_minutes(1.0, Terrain.URBAN if each else Terrain.PLAIN) for each in urban]
    return np.asarray(_distances_km(starts, [place.at for place in places]) * np.array(a_km)[None, :])


def _distances_km(starts: Sequence[LngLat], ends: Sequence[LngLat]) -> Floats:
    """``kernel.geo.distance_km`` of every pair, starts × ends."""
    one, other = np.radians(np.array(starts)), np.radians(np.array(ends))
    lng_a, lat_a, lng_b, lat_b = one[:, :1], one[:, 1:], other[None, :, 0], other[None, :, 1]
    half = np.sin((lat_b - lat_a) / 2) ** 2
    half = half + np.cos(lat_a) * np.cos(lat_b) * np.sin((lng_b - lng_a) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, np.sqrt(half))))
