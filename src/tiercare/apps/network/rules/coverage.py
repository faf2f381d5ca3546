"""Coverage: everybody is in a grid that is answered for, in a consortium, reached by telemedicine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tiercare.engines.policy.verdicts import Finding, Outcome
from tiercare.kernel.text import Text

from .facts import (
    CENTRES,
    PRIMARY,
    Affiliation,
    Area,
    AreaKind,
    Category,
    Consortium,
    Institution,
    Kind,
    Network,
    Role,
)
from .profiles import words
from .registry import Parameters, about, coverage, found, listed, number, outcome, rule, worded

TERRITORIAL = (Kind.CITY_GROUP, Kind.COUNTY_COMMUNITY)
MEDICAL_GROUPS = (Kind.CITY_GROUP, Kind.URBAN_RURAL)


@rule
def one_responsible_consortium_per_grid(net: Network, p: Parameters) -> Outcome:
    """Every grid is answered for by as many medical groups or county communities as the policy says."""
    wanted = number(p["wanted"])
    findings = []
    for grid in sorted(net.grids.values(), key=lambda g: g.id):
        responsible = [net.consortia[c] for c in grid.responsible if net.consortia[c].kind in TERRITORIAL]
        if len(responsible) != wanted:
            findings.append(
                found(
                    about("grid", grid.id),
                    *(about("consortium", c.id) for c in responsible),
                    grid=grid.name,
                    count=len(responsible),
                    names=listed(c.name for c in responsible),
                )
            )
    return outcome(len(net.grids), findings)


@rule
def every_place_in_one_grid(net: Network, p: Parameters) -> Outcome:
    """Every area, or all of its townships, lies in exactly one grid for which somebody answers."""
    places = [(area, code) for area in _areas(net) for code in _places(net, area)]
    holding: dict[str, list[str]] = {}
    for grid in net.grids.values():
        for code in grid.places if grid.responsible else ():
            holding.setdefault(code, []).append(grid.name)
    findings = []
    for area, code in places:
        grids = [name for key in {code, area.code} for name in holding.get(key, ())]
        if len(grids) != 1:
            findings.append(
                found(about("area", code), area=area.name, place=code, count=len(grids), names=listed(grids))
            )
    return coverage(places, findings, p["target"])


def _areas(net: Network, *kinds: AreaKind) -> list[Area]:
    return sorted((a for a in net.areas.values() if not kinds or a.kind in kinds), key=lambda a: a.code)


def _places(net: Network, area: Area) -> Sequence[str]:
    """Townships where a grid cuts the area, else the area as one place."""
    cut = any(code in area.townships for grid in net.grids.values() for code in grid.places)
    return area.townships if cut else (area.code,)


def _outside(institutions: Iterable[Institution], net: Network, *kinds: Kind) -> list[Finding]:
    return [
        found(about("institution", i.id), institution=i.name)
        for i in institutions
        if not net.consortia_of(i.id, *kinds)
    ]


@rule
def counties_begin_communities(net: Network, p: Parameters) -> Outcome:
    """A first share of counties, county-level cities and districts has a county medical community."""
    return _with_community(net, p)


@rule
def counties_have_a_community(net: Network, p: Parameters) -> Outcome:
    """Counties, county-level cities and districts have a county medical community."""
    return _with_community(net, p)


def _with_community(net: Network, p: Parameters) -> Outcome:
    areas = _areas(net, AreaKind.COUNTY, AreaKind.DISTRICT)
    with_community = {c.division for c in net.of_kind(Kind.COUNTY_COMMUNITY)}
    findings = [found(about("area", a.code), area=a.name) for a in areas if a.code not in with_community]
    return coverage(areas, findings, p["target"])


@rule
def counties_have_a_tight_community(net: Network, p: Parameters) -> Outcome:
    """All counties have a tight community; where the document says how many counties there are, those that
    nobody entered are missing too."""
    areas = _areas(net, AreaKind.COUNTY)
    tight = {c.division for c in net.of_kind(Kind.COUNTY_COMMUNITY) if c.tight}
    findings = [found(about("area", a.code), area=a.name) for a in areas if a.code not in tight]
    if len(areas) < number(p.get("counties", 0)):
        not_entered = Text("尚未登记的县", "a county that nobody entered")
        findings.append(found(about("region", net.region), area=not_entered))
    return outcome(len(areas), findings)


@rule
def community_has_three_tiers(net: Network, p: Parameters) -> Outcome:
    """A county community reaches from the county hospital to the township and the village."""
    communities = net.of_kind(Kind.COUNTY_COMMUNITY)
    findings = []
    for c in communities:
        here = {i.category for i in net.members(c.id)}
        missing = [tier for tier in words(p["levels"]) if not _TIERS[tier] & here]
        if missing:
            names = worded(missing, _TIER_NAMES)
            findings.append(found(about("consortium", c.id), consortium=c.name, names=names))
    return outcome(len(communities), findings)


_VILLAGE = frozenset({Category.VILLAGE_CLINIC, Category.COMMUNITY_STATION})
_TIERS = {
    "county": frozenset(Category) - PRIMARY,
    "town": CENTRES,
    "township_center": CENTRES,
    "village": _VILLAGE,
    "village_clinic": _VILLAGE,
}
_TIER_NAMES = {
    "county": Text("县级医院", "county hospital"),
    "town": Text("乡镇卫生院（社区卫生服务中心）", "township or community centre"),
    "township_center": Text("乡镇卫生院（社区卫生服务中心）", "township or community centre"),
    "village": Text("村卫生室（站）", "village clinic or station"),
    "village_clinic": Text("村卫生室（站）", "village clinic or station"),
}


@rule
def township_centres_in_community(net: Network, p: Parameters) -> Outcome:
    """Township centres and community centres run by government belong to a county community."""
    return _centres_inside(net, p, tight_only=False)


@rule
def township_centres_in_tight_community(net: Network, p: Parameters) -> Outcome:
    """Township centres belong to a tight county community."""
    return _centres_inside(net, p, tight_only=True)


def _centres_inside(net: Network, p: Parameters, *, tight_only: bool) -> Outcome:
    wanted = {Category.TOWNSHIP_CENTRE} if tight_only else CENTRES
    centres = [i for i in net.local() if i.category in wanted and i.public]
    findings = [
        found(about("institution", i.id), institution=i.name)
        for i in centres
        if not any(c.tight or not tight_only for c in net.consortia_of(i.id, Kind.COUNTY_COMMUNITY))
    ]
    return coverage(centres, findings, p["target"])


@rule
def communities_in_medical_groups(net: Network, p: Parameters) -> Outcome:
    """Medical groups built around tertiary hospitals cover every county community."""
    communities = net.of_kind(Kind.COUNTY_COMMUNITY)
    findings = [
        found(about("consortium", c.id), consortium=c.name)
        for c in communities
        if not any(lead.level == 3 for g in net.parents(c.id, *MEDICAL_GROUPS) for lead in net.leads(g.id))
    ]
    return coverage(communities, findings, p["target"])


@rule
def tertiary_public_take_part(net: Network, p: Parameters) -> Outcome:
    """Every tertiary public hospital takes part in some consortium."""
    return _tertiary_public_inside(net, p)


@rule
def tertiary_public_have_started(net: Network, p: Parameters) -> Outcome:
    """Every tertiary public hospital has started, that is: stands in a consortium on record."""
    return _tertiary_public_inside(net, p)


def _tertiary_public_inside(net: Network, p: Parameters) -> Outcome:
    hospitals = [i for i in net.local() if i.level == 3 and i.public]
    return coverage(hospitals, _outside(hospitals, net), p["target"])


@rule
def tertiary_hospitals_have_built(net: Network, p: Parameters) -> Outcome:
    """Every tertiary hospital has built a consortium, that is: leads one."""
    hospitals = [i for i in net.local() if i.level == 3]
    findings = [
        found(about("institution", i.id), institution=i.name)
        for i in hospitals
        if not any(m.role is Role.LEAD for m in net.by_institution.get(i.id, ()))
    ]
    return coverage(hospitals, findings, p["target"])


@rule
def level_two_public_take_part(net: Network, p: Parameters) -> Outcome:
    """All level-2 public hospitals take part."""
    hospitals = [i for i in net.local() if i.public and i.level == 2 and not i.primary]
    return coverage(hospitals, _outside(hospitals, net), p["target"])


@rule
def government_primary_take_part(net: Network, p: Parameters) -> Outcome:
    """All primary institutions run by government take part."""
    primary = [i for i in net.local() if i.public and i.primary]
    return coverage(primary, _outside(primary, net), p["target"])


@rule
def founders_take_part(net: Network, p: Parameters) -> Outcome:
    """Prefecture, county and maternal-child hospitals build or join consortia."""
    wanted = set(words(p["eligible"]))
    rows = [i for i in net.local() if _founder(i, wanted)]
    return outcome(len(rows), _outside(rows, net))


def _founder(i: Institution, wanted: set[str]) -> bool:
    hospital = i.category in {Category.GENERAL, Category.TCM}
    return i.public and (
        ("prefecture_hospital" in wanted and hospital and i.affiliation is Affiliation.PREFECTURE)
        or ("county_hospital" in wanted and hospital and i.affiliation is Affiliation.COUNTY)
        or ("mch_hospital" in wanted and i.category is Category.MATERNAL_CHILD)
    )


@rule
def prefectures_have_effective_consortia(net: Network, p: Parameters) -> Outcome:
    """Each prefecture has so many consortia that were found effective."""
    return _per_prefecture(net, [c for c in net.consortia.values() if c.effective], p)


@rule
def prefectures_have_tertiary_groups(net: Network, p: Parameters) -> Outcome:
    """Each prefecture has so many medical groups led by a tertiary public hospital."""
    led = [
        c
        for c in net.of_kind(*MEDICAL_GROUPS)
        if any(lead.level == 3 and lead.public for lead in net.leads(c.id))
    ]
    return _per_prefecture(net, led, p)


def _per_prefecture(net: Network, consortia: Sequence[Consortium], p: Parameters) -> Outcome:
    prefectures = sorted({code[:4] for code in net.areas})
    minimum = number(p["minimum"])
    findings = []
    for code in prefectures:
        here = [c for c in consortia if c.division.startswith(code)]
        if len(here) < minimum:
            findings.append(found(about("area", code), area=net.area_name(code), count=len(here)))
    return outcome(len(prefectures), findings)


@rule
def named_leads_reach_counties(net: Network, p: Parameters) -> Outcome:
    """Each named hospital has built consortia with county hospitals of so many counties: a milestone (the
    lower end of the range), no cap."""
    low = number(p["counties"][0]) if isinstance(p["counties"], tuple) else number(p["counties"])
    findings = []
    for slug in words(p["leads"]):
        hospital = next((i for i in net.institutions.values() if i.slug == slug), None)
        counties = _counties_reached(net, hospital.id) if hospital else set()
        if len(counties) < low:
            findings.append(
                found(
                    about("institution", hospital.id if hospital else slug),
                    institution=hospital.name if hospital else slug,
                    count=len(counties),
                )
            )
    return outcome(len(words(p["leads"])), findings)


def _counties_reached(net: Network, hospital: str) -> set[str]:
    led = [m.consortium for m in net.by_institution.get(hospital, ()) if m.role is Role.LEAD]
    partners = [i for c in led for i in net.members(c)]
    partners += [lead for c in led for child in net.children(c) for lead in net.leads(child.id)]
    kinds = {Category.GENERAL, Category.TCM}
    return {i.division for i in partners if i.affiliation is Affiliation.COUNTY and i.category in kinds}


@rule
def telemedicine_covers_consortia(net: Network, p: Parameters) -> Outcome:
    """Telemedicine reaches every medical group and county community: its lead has a node."""
    return _leads_have_node(net, net.of_kind(*TERRITORIAL), p)


@rule
def telemedicine_covers_all_kinds(net: Network, p: Parameters) -> Outcome:
    """Telemedicine reaches every consortium of whatever kind: its lead has a node."""
    return _leads_have_node(net, net.of_kind(*Kind), p)


def _leads_have_node(net: Network, groups: Sequence[Consortium], p: Parameters) -> Outcome:
    findings = [
        found(about("consortium", c.id), consortium=c.name)
        for c in groups
        if not any("telemedicine_node" in lead.facilities for lead in net.leads(c.id))
    ]
    return coverage(groups, findings, p["target"])


@rule
def telemedicine_covers_primary_care(net: Network, p: Parameters) -> Outcome:
    """Telemedicine reaches the township and community centres inside consortia."""
    rows = [i for i in net.local() if i.category in CENTRES and net.consortia_of(i.id)]
    findings = [
        found(about("institution", i.id), institution=i.name)
        for i in rows
        if "telemedicine_node" not in i.facilities
    ]
    return coverage(rows, findings, p["target"])


@rule
def group_members_cover_functions(net: Network, p: Parameters) -> Outcome:
    """A city group's members cover prevention, treatment, rehabilitation or nursing, and mental health."""
    groups = net.of_kind(Kind.CITY_GROUP)
    findings = []
    for c in groups:
        missing = [f for f in words(p["functions"]) if not any(_covers(i, f) for i in net.members(c.id))]
        if missing:
            names = worded(missing, _FUNCTION_NAMES)
            findings.append(found(about("consortium", c.id), consortium=c.name, names=names))
    return outcome(len(groups), findings)


_FUNCTION_NAMES = {
    "prevention": Text("预防", "prevention"),
    "treatment": Text("诊疗", "treatment"),
    "rehab_nursing": Text("康复护理", "rehabilitation and nursing"),
    "mental_health": Text("心理卫生", "mental health"),
}


def _covers(i: Institution, function: str) -> bool:
    match function:
        case "prevention":
            return i.category in {Category.PUBLIC_HEALTH, Category.MATERNAL_CHILD} or i.category in CENTRES
        case "treatment":
            return i.category in {Category.GENERAL, Category.TCM, Category.SPECIALTY}
        case "rehab_nursing":
            return i.category in {Category.REHABILITATION, Category.NURSING} or "21" in i.specialties
        case "mental_health":
            return i.category is Category.PSYCHIATRIC or any(s.split(".")[0] == "15" for s in i.specialties)
    return False


@rule
def urban_districts_have_a_group(net: Network, p: Parameters) -> Outcome:
    """As many urban districts as the document says have a tight city group."""
    districts = _areas(net, AreaKind.DISTRICT)
    grouped = {c.division for c in net.of_kind(Kind.CITY_GROUP) if c.tight}
    findings = [found(about("area", a.code), area=a.name) for a in districts if a.code not in grouped]
    reached = len(districts) - len(findings)
    if reached >= number(p["districts"]):
        return outcome(len(districts), ())
    if not findings:
        not_entered = Text("尚未登记的区", "a district that nobody entered")
        findings = [found(about("region", net.region), area=not_entered)]
    return outcome(len(districts), findings)
