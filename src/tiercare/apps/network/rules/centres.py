"""Centres that are shared: of the county group, of the county, of the prefecture; telemedicine by level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tiercare.engines.policy.model import Value
from tiercare.engines.policy.verdicts import Finding, Outcome
from tiercare.kernel.text import Text

from .facts import CENTRES, Affiliation, AreaKind, Category, Institution, Kind, Network
from .profiles import words
from .registry import Parameters, about, coverage, found, number, outcome, rule, worded
from .services import counties, inside
from .words import FACILITY_NAMES

# Words of the texts that the register writes otherwise (NHC-08, YN-68, XH-20).
_AS_REGISTERED: Mapping[str, str] = {
    "exam_lab": "lab",
    "special_clinical_technique": "special_technique",
    "teleconsultation": "telemedicine_node",
    "telepathology": "pathology",
    "teleimaging": "imaging",
    "teleecg": "ecg",
    "central_lab": "lab",
}


def missing_centres(wanted: Value, places: Iterable[Institution]) -> list[str]:
    """The centres of a text's list that none of these institutions runs, as the register writes them."""
    run = frozenset[str]().union(*(i.facilities for i in places))
    registered = [_AS_REGISTERED.get(word, word) for word in words(wanted)]
    return [word for word in registered if word not in run]


def prefectures(net: Network) -> list[str]:
    """Codes of the prefectures that are judged; a county-level region has none of its own."""
    return sorted({code[:4] for code in net.areas}) if len(net.region) <= 4 else []


def _in_prefecture(net: Network, code: str) -> list[Institution]:
    return [i for i in net.local() if i.division.startswith(code)]


def _of_county_groups(net: Network, wanted: Value) -> Outcome:
    groups = net.of_kind(Kind.COUNTY_COMMUNITY)
    findings = []
    for c in groups:
        missing = missing_centres(wanted, [*net.members(c.id), *inside(net, c.division)])
        if missing:
            names = worded(missing, FACILITY_NAMES)
            findings.append(found(about("consortium", c.id), consortium=c.name, names=names))
    return outcome(len(groups), findings)


@rule
def county_shared_centres(net: Network, p: Parameters) -> Outcome:
    """Each county group has the centres for shared resources, run by a member or by another institution of
    its county."""
    return _of_county_groups(net, p["centres"])


@rule
def county_clinical_centres(net: Network, p: Parameters) -> Outcome:
    """Each county group has the clinical centres that the text names."""
    return _of_county_groups(net, p["centres"])


@rule
def consortium_service_centres(net: Network, p: Parameters) -> Outcome:
    """A consortium may have such centres of its own; those that it does not have are worth a thought."""
    groups = net.of_kind(Kind.CITY_GROUP, Kind.COUNTY_COMMUNITY)
    findings = []
    for c in groups:
        missing = missing_centres(p["centres"], net.members(c.id))
        if missing:
            names = worded(missing, FACILITY_NAMES)
            findings.append(found(about("consortium", c.id), consortium=c.name, names=names))
    return outcome(len(groups), findings)


def _of_prefectures(net: Network, wanted: Value) -> Outcome:
    rows = prefectures(net)
    findings = []
    for code in rows:
        missing = missing_centres(wanted, _in_prefecture(net, code))
        if missing:
            names = worded(missing, FACILITY_NAMES)
            findings.append(found(about("area", code), area=net.area_name(code), names=names))
    return outcome(len(rows), findings)


@rule
def region_shares_resources(net: Network, p: Parameters) -> Outcome:
    """What may be shared in the region has somebody in the prefecture who runs it for all."""
    return _of_prefectures(net, p["shared"])


@rule
def emergency_centres_in_prefecture(net: Network, p: Parameters) -> Outcome:
    """The prefecture has an emergency centre of each kind."""
    return _of_prefectures(net, p["centres"])


@rule
def remote_centres_in_district(net: Network, p: Parameters) -> Outcome:
    """Each district or county has the remote and central services that link its hospitals with primary care."""
    areas = counties(net)
    findings = []
    for area in areas:
        missing = missing_centres(p["centres"], inside(net, area.code))
        if missing:
            findings.append(
                found(about("area", area.code), area=area.name, names=worded(missing, FACILITY_NAMES))
            )
    return outcome(len(areas), findings)


@rule
def psychology_centres_of_two_levels(net: Network, p: Parameters) -> Outcome:
    """There is a centre for social psychology in the city, run by one of its own institutions, and in each
    county or district, as far as the text names the level."""
    levels = words(p["levels"])
    owing: list[tuple[str, Sequence[Institution]]] = []
    if "city" in levels:
        city = {Affiliation.PREFECTURE, Affiliation.PROVINCE}
        owing += [
            (code, [i for i in _in_prefecture(net, code) if i.affiliation in city])
            for code in prefectures(net)
        ]
    if "county" in levels:
        owing += [
            (a.code, [i for i in inside(net, a.code) if i.affiliation is not Affiliation.PREFECTURE])
            for a in counties(net)
        ]
    findings = [
        found(about("area", code), area=net.area_name(code))
        for code, here in owing
        if not any("social_psychology" in i.facilities for i in here)
    ]
    return outcome(len(owing), findings)


def _county_tcm_without(net: Network, facility: str) -> Outcome:
    rows = [i for i in net.local() if i.category is Category.TCM and i.affiliation is Affiliation.COUNTY]
    findings = [
        found(about("institution", i.id), institution=i.name) for i in rows if facility not in i.facilities
    ]
    return outcome(len(rows), findings)


@rule
def tcm_education_base(net: Network, p: Parameters) -> Outcome:
    """County TCM hospitals have a base for TCM health education."""
    del p
    return _county_tcm_without(net, "tcm_education_base")


@rule
def county_tcm_centre(net: Network, p: Parameters) -> Outcome:
    """County TCM hospitals run the county's TCM centre."""
    del p
    return _county_tcm_without(net, "tcm_centre")


@rule
def chronic_centre_grows(net: Network, p: Parameters) -> Outcome:
    """A centre for chronic diseases is made into one for health management."""
    before, after = str(p["before"]), str(p["after"])
    rows = [i for i in net.local() if before in i.facilities]
    findings = [
        found(about("institution", i.id), institution=i.name) for i in rows if after not in i.facilities
    ]
    return outcome(len(rows), findings)


@rule
def named_counties_have_subcentre(net: Network, p: Parameters) -> Outcome:
    """The counties that the document names have a county sub-centre. The card's parameters are the counties'
    codes; their values what is to be built."""
    findings = [
        found(about("area", code), area=net.area_name(code))
        for code in sorted(p)
        if not any(i.subcentre for i in inside(net, code))
    ]
    return outcome(len(p), findings)


@rule
def subcentres_in_county_group(net: Network, p: Parameters) -> Outcome:
    """The lead of the county group guides the sub-centre: the sub-centre belongs to the group."""
    del p
    rows = [i for i in net.local() if i.subcentre]
    findings = [
        found(about("institution", i.id), institution=i.name)
        for i in rows
        if not net.consortia_of(i.id, Kind.COUNTY_COMMUNITY)
    ]
    return outcome(len(rows), findings)


_LEVEL_NAMES = {
    "province": Text("省级", "province"),
    "prefecture": Text("市（州）级", "prefecture"),
    "county": Text("县级", "county"),
    "township": Text("乡镇（社区）", "township"),
    "village": Text("村", "village"),
}
_VILLAGE = frozenset({Category.VILLAGE_CLINIC, Category.COMMUNITY_STATION})


def _node_levels(rows: Iterable[Institution]) -> set[str]:
    """Levels at which one of these institutions has a telemedicine node."""
    found_at = set()
    for i in rows:
        if "telemedicine_node" not in i.facilities:
            continue
        if i.category in _VILLAGE:
            found_at.add("village")
        elif i.category in CENTRES:
            found_at.add("township")
        elif i.affiliation in {Affiliation.PROVINCE, Affiliation.NATION}:
            found_at.add("province")
        elif i.affiliation is Affiliation.PREFECTURE:
            found_at.add("prefecture")
        else:
            found_at.add("county")
    return found_at


@rule
def telemedicine_of_every_level(net: Network, p: Parameters) -> Outcome:
    """The levels that the text names each have a node: province and prefecture for a prefecture (a partner
    outside it counts), county, township and village in each county."""
    levels = words(p["levels"])
    upper = [level for level in levels if level in {"province", "prefecture"}]
    lower = [level for level in levels if level not in upper]
    owing = [(code, upper, net.institutions.values()) for code in prefectures(net)]
    rows = [(code, wanted, _node_levels(there)) for code, wanted, there in owing]
    rows += [(a.code, lower, _node_levels(inside(net, a.code))) for a in counties(net)]
    findings: list[Finding] = []
    for code, wanted, nodes in rows:
        missing = [level for level in wanted if level not in nodes]
        if missing:
            findings.append(
                found(about("area", code), area=net.area_name(code), names=worded(missing, _LEVEL_NAMES))
            )
    return outcome(len(rows), findings)


@rule
def telemedicine_platform_in_counties(net: Network, p: Parameters) -> Outcome:
    """The platform reaches so large a share of counties and districts: one of their hospitals has a node."""
    areas = counties(net)
    findings = [
        found(about("area", a.code), area=a.name)
        for a in areas
        if "county" not in _node_levels(inside(net, a.code))
    ]
    return coverage(areas, findings, p["target"])


@rule
def telemedicine_reaches_townships(net: Network, p: Parameters) -> Outcome:
    """So large a share of townships and streets has a telemedicine node: an institution that stands there runs one. A
    county whose townships nobody entered is one place of which nothing is known, and counts as not reached."""
    connected = {i.township for i in net.local() if "telemedicine_node" in i.facilities}
    places = [(a, code) for a in counties(net) for code in a.townships or ("",)]
    findings = [
        found(
            about("area", code or area.code),
            about("area", area.code),
            area=area.name,
            place=net.area_name(code) if code else _NOT_ENTERED,
        )
        for area, code in places
        if code not in connected or not code
    ]
    return coverage(places, findings, p["target"])


_NOT_ENTERED = Text("（乡镇尚未登记）", "(townships not entered)")

_REACHED: Mapping[str, frozenset[Category]] = {
    "primary": CENTRES | _VILLAGE,
    "remote": frozenset({Category.GENERAL, Category.TCM}) | CENTRES,
    "less_developed": frozenset({Category.GENERAL, Category.TCM}) | CENTRES,
}


@rule
def telemedicine_network_reaches_counties(net: Network, p: Parameters) -> Outcome:
    """A telemedicine network has a member in each county of the kinds that it is for: primary institutions,
    and in remote and less developed places their hospitals too."""
    kinds = frozenset[Category]().union(*(_REACHED[word] for word in words(p["targets"])))
    reached = {
        i.division
        for c in net.of_kind(Kind.TELEMEDICINE_NETWORK)
        for i in net.members(c.id)
        if i.category in kinds
    }
    areas = [a for a in counties(net) if a.kind is AreaKind.COUNTY]
    findings = [found(about("area", a.code), area=a.name) for a in areas if a.code not in reached]
    return outcome(len(areas), findings)


@rule
def feature_department_each_centre(net: Network, p: Parameters) -> Outcome:
    """Every township and community centre has a feature department."""
    wanted = number(p["minimum"])
    rows = [i for i in net.local() if i.category in CENTRES]
    findings = [
        found(about("institution", i.id), institution=i.name)
        for i in rows
        if (1 if "feature_department" in i.facilities else 0) < wanted
    ]
    return outcome(len(rows), findings)
