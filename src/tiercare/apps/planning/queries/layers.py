"""What lies on the land before anything is divided: resources beside demand, public health, disease control, information systems, per area.

Which layers there are is the packs' to say: WH-01 lists the inputs of a plan, NHC-01 what is set beside what. Figures come from the register
of the day and from the newest run of indicators; where either has none, the layer says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tiercare.apps.access.rules import Right, may
from tiercare.apps.evaluation.queries.indicator import newest_run
from tiercare.apps.evaluation.queries.values import Which, numbers
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.apps.network.rules import Category, Network
from tiercare.apps.terms import queries as terms
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse
from tiercare.kernel.text import Text

from .ours import said_in

RESOURCES, DEMAND = "resources", "demand"
_INPUTS = "WH-01.inputs"  # of a plan, where a text lists them
_BESIDE = {RESOURCES: "NHC-01.plan_resources", DEMAND: "NHC-01.plan_demand"}
# Clinicians by the institution that they are registered with.
_STAFF = """
SELECT v.division_code AS area, count(DISTINCT c.id) AS n
FROM network_clinician c
JOIN network_practicesite s ON s.clinician_id = c.id AND s.period @> %(on)s::date
JOIN network_institutionversion v ON v.institution_id = s.institution_id AND v.period @> %(on)s::date
WHERE v.division_code = ANY (%(areas)s::text[]) GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Item:
    """A figure of a layer. ``per``: so many people it is also divided by; ``indicator`` names what a run counts, ``part`` which side of it
    (``value``: the ratio), and is empty for what the register holds."""

    id: str
    name: Text
    unit: Text
    per: int = 0
    indicator: str = ""
    part: str = ""
    categories: frozenset[Category] = frozenset()


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer with its figures by item and area; ``clauses`` are those that ask for it. An area without a figure is missing."""

    id: str
    name: Text
    clauses: tuple[str, ...]
    items: tuple[Item, ...]
    figures: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Layers:
    """All layers of a region on a day; ``people`` by area; ``span`` is the period of the indicators, empty where nothing was computed or
    the reader may not see them."""

    net: Network
    layers: tuple[Layer, ...]
    people: Mapping[str, int]
    span: str


_SHARE = Text("%", "%")
_NAMES: Mapping[str, Text] = {
    RESOURCES: Text("资源布局", "Resources"),
    DEMAND: Text("服务需求", "Demand"),
    "public_health": Text("公共卫生", "Public health"),
    "disease_control": Text("疾病预防控制", "Disease control"),
    "information": Text("信息化", "Information systems"),
}
_ITEMS: Mapping[str, tuple[Item, ...]] = {
    RESOURCES: (
        Item("institutions", Text("医疗卫生机构", "Institutions"), Text("家", ""), 10_000),
        Item("beds", Text("床位", "Beds"), Text("张", ""), 1_000),
        Item("staff", Text("执业人员", "Clinicians"), Text("人", ""), 1_000),
    ),
    DEMAND: (
        Item("population", Text("常住人口", "Residents"), Text("人", "")),
        Item(
            "visits",
            Text("居民就诊", "Visits of residents"),
            Text("人次", ""),
            1_000,
            "disease_visits_per_1000",
            "numerator",
        ),
    ),
    "public_health": (
        Item(
            "public_health_houses",
            Text("专业公卫与妇幼机构", "Public-health and maternal-child institutions"),
            Text("家", ""),
            categories=frozenset({Category.PUBLIC_HEALTH, Category.MATERNAL_CHILD}),
        ),
        Item(
            "signing",
            Text("家医签约率", "Signed with a family doctor"),
            _SHARE,
            0,
            "signing_coverage",
            "value",
        ),
        Item(
            "managed",
            Text("慢病规范管理率", "Chronic disease managed to standard"),
            _SHARE,
            0,
            "standard_management_rate",
            "value",
        ),
    ),
    "disease_control": (
        Item(
            "control_houses",
            Text("疾控等专业公卫机构", "Disease-control institutions"),
            Text("家", ""),
            categories=frozenset({Category.PUBLIC_HEALTH}),
        ),
        Item(
            "communicable",
            Text("传染病就诊", "Visits for communicable disease"),
            Text("人次", ""),
            1_000,
            "communicable_in_county_share",
            "denominator",
        ),
        Item(
            "controlled",
            Text("慢病控制率", "Chronic disease under control"),
            _SHARE,
            0,
            "chronic_control_rate",
            "value",
        ),
    ),
    "information": (
        Item("telemedicine", Text("远程医疗节点", "Telemedicine nodes"), Text("个", "")),
        Item(
            "centres_connected",
            Text("基层机构联网率", "Primary institutions connected"),
            _SHARE,
            0,
            "connected_centre_share",
            "value",
        ),
        Item(
            "hospitals_connected",
            Text("医院联网率", "Hospitals connected"),
            _SHARE,
            0,
            "connected_hospital_share",
            "value",
        ),
    ),
}


def layers_of(actor: Actor, pack: str, *, on: date) -> Layers:
    """The layers that the pack in force asks for, with figures per area of the region.

    Raises:
        Refused: if the actor may not see networks there.
    """
    region = network.region_of(pack)
    refuse(may(actor, Right.NETWORK_READ, division=region))
    net = network.network_facts(region, on=on)
    asked = _asked(pack, on)
    wanted = {item.indicator: None for layer in asked for item in layer.items if item.indicator}
    counted, span = _counted(actor, pack, list(wanted), net, on)
    staff = {row["area"]: float(row["n"]) for row in rows(_STAFF, areas=sorted(net.areas), on=on)}
    found = tuple(
        Layer(
            each.id,
            each.name,
            each.clauses,
            each.items,
            {item.id: _figures(item, net, staff, counted) for item in each.items},
        )
        for each in asked
    )
    return Layers(net, found, {code: area.population for code, area in net.areas.items()}, span)


def _asked(pack: str, on: date) -> list[Layer]:
    """Resources beside demand where a text sets one beside the other, and every input of a plan that a text lists."""
    inputs = _words(said_in(pack, _INPUTS, on=on))
    found = []
    for each in dict.fromkeys([*_BESIDE, *inputs]):
        if each not in _ITEMS:
            continue
        clauses = [
            name.partition(".")[0]
            for name in (_BESIDE.get(each, ""), _INPUTS if each in inputs else "")
            if name
        ]
        items = _ITEMS[each]
        if each in _BESIDE:
            kept = _words(said_in(pack, _BESIDE[each], on=on))
            items = tuple(item for item in items if item.id in kept)
        if items:
            found.append(Layer(each, _NAMES[each], tuple(clauses), items))
    return found


def _words(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, list | tuple) else ()


def _counted(
    actor: Actor, pack: str, indicators: Sequence[str], net: Network, on: date
) -> tuple[Mapping[tuple[str, str], tuple[float, float, float | None]], str]:
    """Numerator, denominator and value of indicators by area, of the last whole year of the newest run."""
    if not indicators or may(actor, Right.EVALUATION_READ) is not None:
        return {}, ""
    run = newest_run(actor, pack)
    if run is None:
        return {}, ""
    span = run.shown_first
    found = numbers(actor, run.id, Which(indicators=indicators, levels=("division",), spans=(span,)))
    area_of = {key: _area(key, net, on) for key in {each.key for each in found}}
    return {
        (each.indicator, area): (
            float(each.numerator or 0),
            float(each.denominator or 0),
            None if each.value is None else float(each.value),
        )
        for each in found
        if (area := area_of[each.key])
    }, span


def _area(key: str, net: Network, on: date) -> str:
    """The area of the day that a code of the run's year means; empty where it was divided otherwise then."""
    if key in net.areas or len(key) != len("340202"):
        return key if key in net.areas else ""
    meant = [each for each in terms.resolve(key, on=on).codes if each in net.areas]
    return meant[0] if len(meant) == 1 else ""


def _figures(
    item: Item,
    net: Network,
    staff: Mapping[str, float],
    counted: Mapping[tuple[str, str], tuple[float, float, float | None]],
) -> dict[str, float]:
    if item.indicator:
        side = ("numerator", "denominator", "value").index(item.part)
        found = {
            area: counted[item.indicator, area][side]
            for area in net.areas
            if (item.indicator, area) in counted
        }
        return {area: value for area, value in found.items() if value is not None}
    return {area: _registered(item, net, area, staff) for area in net.areas}


def _registered(item: Item, net: Network, area: str, staff: Mapping[str, float]) -> float:
    """What the register of the day holds in an area."""
    mine = [each for each in net.local() if each.division == area]
    if item.id == "population":
        return float(net.areas[area].population)
    if item.id == "staff":
        return staff.get(area, 0.0)
    if item.id == "beds":
        return float(sum(each.beds for each in mine))
    if item.id == "telemedicine":
        return float(sum("telemedicine_node" in each.facilities for each in mine))
    if item.categories:
        return float(sum(each.category in item.categories for each in mine))
    return float(len(mine))
