"""Who supports whom in a region (TY-60): a tertiary hospital for each county, one of level 2 for each township, the group's lead for the rest.

Which levels support what, who falls back on whom, and how many one hospital can take stand in the region's pack; the rest is reckoned from the
network of the day: minutes estimated from positions (a hospital without one is taken to stand in the middle of its area's people), people,
and who works together already because they share a consortium.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from importlib import import_module
from typing import Any

import numpy as np

from tiercare.apps.network import queries as network
from tiercare.apps.network.rules import AreaKind, Institution, Network
from tiercare.engines.planning.regions import Place
from tiercare.engines.planning.tasks import Floats
from tiercare.kernel.geo import LngLat
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from . import ground_leads as leading
from . import ground_places as placing
from .ours import number_in, said_in

CLAUSE = "TY-60"
LEVELS = (1, 2, 3)  # of hospitals
_COUNTY = 6  # digits
GROUP = "group"  # the fallback that the text names: the lead of the consortium that answers there
_SILENT = Refusal(
    code="planning.no_sponsoring",
    message=Text("这里的政策没有规定对口支援。", "No text in force here rules who supports whom."),
    instead=Text(
        "请改看有这条规定的地区，如太原（TY-60）；或在本地政策包中写明。",
        "Look at a region whose text does, such as Taiyuan (TY-60), or write it into the pack here.",
    ),
    status=422,
)
_NOBODY = Refusal(
    code="planning.no_sponsors",
    message=Text("排不出对口支援：{why}", "Nobody can be found for all: {why}"),
    instead=Text(
        "请登记更多医院或它们的位置，或在政策包中放宽名额、指定兜底。",
        "Record more hospitals or their positions, or let the pack give more room or name a fallback.",
    ),
    status=422,
)


class Covered(StrEnum):
    """What a hospital supports."""

    COUNTY = "county"
    TOWNSHIP = "township"


@dataclass(frozen=True, slots=True)
class Sponsored:
    """A county or township with its sponsor.

    Attributes:
        sponsor: the institution, ``None`` where nobody can and no group answers; level: its level.
        minutes: to it, estimated; ``None`` without a position.
        fallen: nobody able has room, so the group's lead takes it; together: they share a consortium already.
    """

    covered: Covered
    code: str
    name: str
    area: str
    people: float
    sponsor: str | None
    sponsor_name: str
    level: int
    minutes: float | None
    fallen: bool
    together: bool


@dataclass(frozen=True, slots=True)
class Sponsors:
    """Who supports whom on a day.

    Attributes:
        rows: counties first, then townships by county.
        gap: how far the minutes lie above the fewest possible at most; 0: proven.
        taken: how many each sponsor supports, with how many it can take, by id.
        unplaced: hospitals that could support but have no position on record, and townships without people or position.
    """

    region: str
    on: date
    rows: tuple[Sponsored, ...]
    gap: float
    taken: Mapping[str, tuple[str, int, float]]
    unplaced: tuple[str, ...]

    @property
    def fallen(self) -> list[Sponsored]:
        """Those that the group's lead takes because nobody else could."""
        return [row for row in self.rows if row.fallen]


def sponsors_of(code: str, *, on: date) -> Sponsors:
    """The sponsors of a region of this division code on a day.

    Raises:
        Refused: if no text in force there rules it, or somebody can have no sponsor and no fallback.
    """
    tiers = {covered: _tiers(code, covered, on) for covered in Covered}
    if all(levels is None for levels in tiers.values()):
        raise Refused(_SILENT)
    net = network.network_facts(code, on=on)
    placed = placing.townships(net, on)
    rows: list[Sponsored] = []
    taken: dict[str, tuple[str, int, float]] = {}
    unplaced = list(placed.missing)
    gap = 0.0
    for covered, levels in tiers.items():
        if levels is None:
            continue
        ground = _ground(net, placed.places, covered, code, on, levels)
        unplaced += ground.homeless
        found, mine, worst = _paired(ground)
        rows += found
        taken |= mine
        gap = max(gap, worst)
    return Sponsors(code, on, tuple(rows), gap, taken, tuple(dict.fromkeys(unplaced)))


def is_ruled(code: str, *, on: date) -> bool:
    """Whether a text in force in the region says who supports whom."""
    return any(_tiers(code, covered, on) is not None for covered in Covered)


def _tiers(code: str, covered: Covered, on: date) -> frozenset[int] | None:
    """The levels of hospitals that support such areas; ``None`` where the text wants none of them supported."""
    least = number_in(code, f"{CLAUSE}.sender_tier", on=on)
    named = {level for level in LEVELS if said_in(code, f"{CLAUSE}.tier{level}_covers", on=on) == covered}
    if least is None or not named:
        return None
    return frozenset(level for level in named if level >= least)


@dataclass(frozen=True, slots=True)
class _Ground:
    """One kind of area with those who may support it."""

    net: Network
    covered: Covered
    hospitals: Sequence[Institution]
    clients: Sequence[Place]
    minutes: Floats
    together: frozenset[tuple[str, str]]
    fallback: Mapping[str, str]
    room: float
    change: float
    homeless: tuple[str, ...]


def _ground(
    net: Network, places: Sequence[Place], covered: Covered, code: str, on: date, levels: frozenset[int]
) -> _Ground:
    kinds = said_in(code, f"{CLAUSE}.sponsor_categories", on=on)
    wanted = kinds if isinstance(kinds, tuple | list) else ()
    able = [
        each
        for each in net.local()
        if each.level in levels
        and each.public
        and not each.primary
        and (not wanted or each.category in wanted)
    ]
    at = _standing(able, places, on)
    hospitals = [each for each in able if each.id in at]
    rural = [place for place in places if _kind(net, place.area) is AreaKind.COUNTY]
    far = np.array([leading.minutes_from(net, at[each.id], rural) for each in hospitals]).reshape(
        len(hospitals), len(rural)
    )
    if covered is Covered.TOWNSHIP:
        towns = [j for j, place in enumerate(rural) if not _street(place.key)]
        clients, minutes = [rural[j] for j in towns], far[:, towns]
    else:
        clients, minutes = _counties(net, rural, far, hospitals)
    key = "sponsor_townships_most" if covered is Covered.TOWNSHIP else "sponsor_counties_most"
    room = number_in(code, f"{CLAUSE}.{key}", on=on)
    group = said_in(code, f"{CLAUSE}.fallback", on=on) == GROUP
    return _Ground(
        net,
        covered,
        hospitals,
        clients,
        minutes,
        _together(net, hospitals, clients),
        _leads(net, clients) if group else {},
        float("inf") if room is None else room,
        number_in(code, f"{CLAUSE}.sponsor_change_minutes", on=on) or 0.0,
        tuple(each.name for each in able if each.id not in at),
    )


def _standing(hospitals: Sequence[Institution], places: Sequence[Place], on: date) -> Mapping[str, LngLat]:
    """Where hospitals stand: as recorded, else in the middle of their county's or district's people."""
    known = leading.positions([each.id for each in hospitals], on)
    found = dict(known)
    for each in hospitals:
        around = [place for place in places if place.area == each.division]
        if each.id not in known and around:
            people = sum(place.people for place in around)
            lng = sum(place.at[0] * place.people for place in around) / people
            found[each.id] = (lng, sum(place.at[1] * place.people for place in around) / people)
    return found


def _street(code: str) -> bool:
    """Whether a township-level division is a street: 001 to 099 below its county (GB/T 10114)."""
    return len(code) > _COUNTY and code[_COUNTY:] < "100"


def _kind(net: Network, area: str) -> AreaKind | None:
    return net.areas[area].kind if area in net.areas else None


def _counties(
    net: Network, rural: Sequence[Place], far: Floats, hospitals: Sequence[Institution]
) -> tuple[list[Place], Floats]:
    """The counties as places, and minutes to each as its people have them. A county's own hospital is no support from outside."""
    codes = sorted({place.area for place in rural})
    people = np.array([place.people for place in rural])
    clients, columns = [], []
    for code in codes:
        inside = np.array([place.area == code for place in rural])
        clients.append(
            Place(
                code, net.area_name(code), rural[int(inside.argmax())].at, code, float(people[inside].sum())
            )
        )
        column = far[:, inside] @ people[inside] / people[inside].sum()
        column[[each.division == code for each in hospitals]] = np.inf
        columns.append(column)
    return clients, np.array(columns).reshape(len(codes), len(hospitals)).T


def _together(
    net: Network, hospitals: Sequence[Institution], clients: Sequence[Place]
) -> frozenset[tuple[str, str]]:
    """Who works together already: the hospital shares a consortium, or the one that this joined as a whole, with somebody there."""
    there: dict[str, set[str]] = {}
    for each in net.local():
        own = {consortium.id for consortium in net.consortia_of(each.id)}
        own |= {parent.id for key in own for parent in net.parents(key)}
        for key in (each.division, each.township):
            there.setdefault(key, set()).update(own)
    return frozenset(
        (hospital.id, place.key)
        for hospital in hospitals
        for place in clients
        if there.get(place.key, set()) & {consortium.id for consortium in net.consortia_of(hospital.id)}
    )


def _leads(net: Network, clients: Sequence[Place]) -> Mapping[str, str]:
    """The lead of the consortium that answers for each area: for its township before that for its county."""
    found: dict[str, str] = {}
    grids = sorted(net.grids.values(), key=lambda grid: grid.id)
    for place in clients:
        for key in (place.key, place.area):
            answering = [lead for grid in grids if key in grid.places for lead in grid.responsible]
            led = [lead.id for consortium in answering for lead in net.leads(consortium)]
            if led:
                found[place.key] = led[0]
                break
    return found


def _paired(ground: _Ground) -> tuple[list[Sponsored], Mapping[str, tuple[str, int, float]], float]:
    # HiGHS is loaded when somebody asks for it.
    solver: Any = import_module("tiercare.engines.planning.pairing")
    partners = [solver.Partner(each.id, each.name, each.level, room=ground.room) for each in ground.hospitals]
    clients = [
        solver.Client(place.key, place.name, weight=place.people, fallback=ground.fallback.get(place.key, ""))
        for place in ground.clients
    ]
    try:
        found = solver.paired(
            solver.Pairing(partners, clients, ground.minutes, ground.together, ground.change)
        )
    except solver.Impossible as problem:
        why = Text(
            "".join(each.zh for each in problem.reasons), " ".join(each.en for each in problem.reasons)
        )
        raise Refused(replace(_NOBODY, fields={"why": why})) from problem
    fallen = set(found.fallen)
    rows = [
        _row(ground, place, found.partners_of[place.key][0], place.key in fallen) for place in ground.clients
    ]
    count = Counter(row.sponsor for row in rows if row.sponsor and not row.fallen)
    taken = {each.id: (each.name, count[each.id], ground.room) for each in ground.hospitals}
    return rows, taken, float(found.gap)


def _row(ground: _Ground, place: Place, sponsor: str, fallen: bool) -> Sponsored:
    net, at = ground.net, {each.id: i for i, each in enumerate(ground.hospitals)}
    one = net.institutions[sponsor]
    j = next(j for j, each in enumerate(ground.clients) if each.key == place.key)
    minutes = float(ground.minutes[at[sponsor], j]) if sponsor in at else float("inf")
    return Sponsored(
        ground.covered,
        place.key,
        place.name,
        net.area_name(place.area),
        place.people,
        sponsor,
        one.name,
        one.level,
        minutes if np.isfinite(minutes) else None,
        fallen,
        (sponsor, place.key) in ground.together,
    )
