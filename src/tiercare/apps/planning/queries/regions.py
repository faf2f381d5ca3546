"""A region as the planner sees it: its places, the leads of its consortia, minutes between them, and today's grids.

People of townships are those of the register (mostly shared out from the county by the number of villages, and marked so there); positions
are of the divisions, minutes an estimate from the straight line (``kernel.geo``). Whoever has a matrix of their own uses it instead
(``ground_tables``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from tiercare.apps.network import queries as network
from tiercare.apps.network.rules import AreaKind, Consortium, Kind, Membership, Network, Role
from tiercare.engines.planning.changing import Open, Unchangeable
from tiercare.engines.planning.regions import Place, Region
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from . import ground_leads as leading
from . import ground_places as placing
from .ground_leads import OF_KIND, Candidate, Service
from .ground_means import kept_services, room_of, with_services, without_services
from .ours import number_in, primary_minutes
from .verdicts import held_in

_NO_GRIDS = Refusal(
    code="planning.no_grids",
    message=Text(
        "这里没有登记网格，无从比较和改划。", "No grids are on record here; there is nothing to divide anew."
    ),
    instead=Text(
        "请先随地区数据登记网格和负责的医联体。",
        "First record grids and who answers for them with the region's data.",
    ),
    status=422,
)
_NO_LEAD = Refusal(
    code="planning.no_lead_of_kind",
    message=Text("这里没有登记可以牵头的{kind}。", "No {kind} that could lead is on record here."),
    instead=Text(
        "请先登记医院的类别、级别和位置；哪一级可以牵头见参数 plan_lead_level。",
        "First record the hospitals' category, level and position; parameter plan_lead_level says which level may lead.",
    ),
    status=422,
)
_NO_POSITION = Refusal(
    code="planning.no_position",
    message=Text(
        "{name}没有登记位置、不在规划的县区，或那里处处都有了牵头医院。",
        "{name} has no position on record, stands outside the areas planned, or each place there has a lead already.",
    ),
    instead=Text(
        "请先在机构登记中补上位置，或细分到村。",
        "First record its position with the institution, or divide villages.",
    ),
    status=422,
)
_KINDS = {
    Service.TCM: Text("中医医院", "TCM hospital"),
    Service.MATERNAL_CHILD: Text("妇幼保健院", "maternal-child hospital"),
}
_VILLAGES = Text(
    "村和社区的位置是示意，人口按所在乡镇平均分摊。",
    "Villages are placed for illustration, and share their township's people equally.",
)
_PEOPLE_ALONE = Text(
    "床位和人力没有可行的划分，这里只按人口。",
    "No division keeps beds and doctors; this one is by people alone.",
)

_GUESSED = Text(
    "{names}没有登记位置，按所在乡镇或县区的位置计算。",
    "No position on record: {names}; that of the township or county stands for it.",
)


class Level(StrEnum):
    """How fine a region is divided."""

    TOWNSHIP = "township"
    VILLAGE = "village"


@dataclass(frozen=True, slots=True)
class Options:
    """What of a region is read: how fine, for what it is divided, and whether needs and means by service (beds, doctors) count."""

    level: Level = Level.TOWNSHIP
    service: Service = Service.AREAL
    services: bool = False


@dataclass(frozen=True, slots=True)
class PrimaryCare:
    """How far primary care is: the limit in minutes, people beyond it and their share, and the places, the farthest first."""

    limit: float
    people: float
    share: float
    beyond: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """A region for the planner, with the network it was read from.

    Attributes:
        region: its leads bear the id of their consortium, or of the hospital where it is divided among those of one kind.
        left_out: names of what is not planned: townships without people or position, leads without a place of their own, consortia
            without a lead, townships that no lead may serve.
        township: the township of each place; primary: how far primary care is, ``None`` where nothing limits it.
        told: what whoever looks at a plan of it should know: illustrative places, tables of their own; lacking: services that cannot be
            kept, with who lacks how much.
        estimated: minutes are estimates from positions, not somebody's own table.
    """

    region: Region
    network: Network
    left_out: tuple[str, ...]
    on: date = date.max
    options: Options = Options()
    township: Mapping[str, str] | None = None
    primary: PrimaryCare | None = None
    told: tuple[Text, ...] = ()
    lacking: tuple[Text, ...] = ()
    estimated: bool = True


def ground_of(code: str, *, on: date, options: Options = Options()) -> Ground:
    """The region of a division code on a day.

    Raises:
        Refused: if no grid is on record there, nobody of the kind that is to lead, or none of them with a position.
    """
    net = network.network_facts(code, on=on)
    if not net.grids:
        raise Refused(_NO_GRIDS)
    net = placing.whole(net, on)
    placed = placing.townships(net, on)
    if options.level is Level.VILLAGE:
        placed = placing.villages(placed, net, on)
    seated = leading.seated(_candidates(net, options, code, on), placed.places, placed.township, on)
    leads = list(seated.leads)
    if not leads:
        raise Refused(replace(_NO_POSITION, fields={"name": "、".join(seated.homeless)}))
    # An area that none of them may serve is not planned here: districts, where only the counties have communities.
    served = _served(net, [lead.areas for lead in leads])
    unserved = [place.name for place in placed.places if place.area not in served]
    places = [place for place in placed.places if place.area in served]
    minutes = leading.minutes_between(net, leads, places)
    known = {place.key for place in places}
    today: Mapping[str, str] = {}
    if options.service is Service.AREAL:
        today = _today(net, {lead.key for lead in leads}, placed.township, known)
    beside = {pair for pair in placed.beside if known >= set(pair)}
    region = Region(places, leads, minutes, beside, today)
    left_out = (*placed.missing, *_leaderless(net, options), *seated.homeless, *unserved)
    told = (*((_VILLAGES,) if options.level is Level.VILLAGE else ()), *_guessed(seated.guessed))
    ground = Ground(
        region, net, left_out, on, options, placed.township, _primary(code, net, places, on), told
    )
    if options.services:
        ground = settled(replace(ground, region=with_services(region, net, code, on)))
    return ground


def unsettled(ground: Ground) -> Ground:
    """The ground with every service again, those too that were left out."""
    if not ground.options.services:
        return ground
    net = ground.network
    return replace(ground, region=with_services(ground.region, net, net.region, ground.on), lacking=())


def settled(ground: Ground) -> Ground:
    """The ground without the services that no division of it could keep; it says which, and who lacks how much."""
    if not ground.options.services:
        return ground
    region, lacking = kept_services(ground.region, ground.network.region, ground.on)
    return replace(ground, region=region, lacking=lacking)


def by_people_alone(ground: Ground) -> Ground:
    """The ground without needs and means by service, where no plan keeps them; it says so."""
    return replace(ground, region=without_services(ground.region), lacking=(*ground.lacking, _PEOPLE_ALONE))


def opening(ground: Ground, institution: str) -> Open:
    """The change by which a hospital of the region answers for a grid: in the nearest place of its area that has no lead.

    Raises:
        Refused: if it has no position, or none of the places is left for it.
        Unchangeable: if it leads here already.
    """
    net, region = ground.network, ground.region
    one = net.institutions[institution]
    if any(
        lead.id == one.id
        for each in region.leads
        if each.key in net.consortia
        for lead in net.leads(each.key)
    ):
        zh, en = f"{one.name}已经是这里的牵头医院。", f"{one.name} is a lead here already."
        raise Unchangeable(Text(zh, en), [one.id])
    county = net.areas[one.division].kind is AreaKind.COUNTY if one.division in net.areas else False
    areas = (
        frozenset({one.division}) if county else leading.areas_of(net, Consortium("", kind=Kind.CITY_GROUP))
    )
    candidate = Candidate(one.id, one, one.division, areas)
    known = leading.positions([one.id], ground.on) or leading.around([candidate], region.places, ground.on)
    at = known.get(one.id)
    township = ground.township or {place.key: place.key for place in region.places}
    taken = {lead.place for lead in region.leads}
    near = leading.seats(candidate, at, region.places, township, taken) if at is not None else []
    if at is None or not near:
        raise Refused(replace(_NO_POSITION, fields={"name": one.name}))
    lead = leading.lead_of(candidate, at, near[0].key)
    if ground.options.services:
        lead = replace(lead, room=room_of(one, region, net.region, ground.on))
    return Open(lead, leading.minutes_from(net, at, region.places))


def with_opened(net: Network, opened: Open) -> Network:
    """The network with a consortium for a lead that is only supposed, so that cards can judge it."""
    lead = opened.lead
    if lead.key in net.consortia or lead.key not in net.institutions:
        return net
    one = net.institutions[lead.key]
    county = one.division in net.areas and net.areas[one.division].kind is AreaKind.COUNTY
    kind = Kind.COUNTY_COMMUNITY if county else Kind.CITY_GROUP
    supposed = Consortium(lead.key, f"{one.name}（设想）", kind, one.division)
    return replace(
        net,
        consortia={**net.consortia, lead.key: supposed},
        memberships=(*net.memberships, Membership(lead.key, lead.key, Role.LEAD, consented=True)),
    )


def _guessed(names: Sequence[str]) -> tuple[Text, ...]:
    if not names:
        return ()
    fields = {"names": "、".join(names)}
    return (Text(_GUESSED.fill(fields), _GUESSED.fill(fields, "en")),)


def _candidates(net: Network, options: Options, code: str, on: date) -> list[Candidate]:
    if options.service not in OF_KIND:
        return leading.areal(net)
    found = leading.of_kind(net, options.service, number_in(code, "plan_lead_level", on=on) or 0)
    if not found:
        raise Refused(replace(_NO_LEAD, fields={"kind": _KINDS[options.service]}))
    return found


def _leaderless(net: Network, options: Options) -> list[str]:
    """Names of consortia that answer for a grid and have no lead on record."""
    if options.service in OF_KIND:
        return []
    return [each.name for each in leading.answering(net) if not net.leads(each.id)]


def _served(net: Network, areas: list[frozenset[str]]) -> set[str]:
    if any(not each for each in areas):
        return set(net.areas)
    return {code for each in areas for code in each}


def _primary(code: str, net: Network, places: list[Place], on: date) -> PrimaryCare | None:
    limit = primary_minutes(code, on=on)
    if limit is None or not places:
        return None
    minutes = leading.to_primary_care(net, places, on)
    far = [(place, float(each)) for place, each in zip(places, minutes, strict=True) if each > limit]
    far.sort(key=lambda each: (-each[1], each[0].key))
    people = sum(place.people for place, _ in far)
    share = people / sum(place.people for place in places)
    return PrimaryCare(limit, people, share, tuple((place.key, each) for place, each in far))


def _today(net: Network, leads: set[str], township: Mapping[str, str], known: set[str]) -> Mapping[str, str]:
    """Who answers for each place today, as far as they lead here."""
    answering = {
        key: next((lead for lead in grid.responsible if lead in leads), "") for key, grid in net.grids.items()
    }
    held = held_in(net, among={key for key, lead in answering.items() if lead})
    return {key: answering[held[town]] for key, town in township.items() if key in known and town in held}
