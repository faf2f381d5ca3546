"""Who may lead what, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tiercare.engines.policy.verdicts import Finding, Outcome

from .facts import AreaKind, Category, Consortium, Institution, Kind, Network, Owner, Role
from .profiles import SPECIALISED, fits, named, same_specialty, words
from .registry import Parameters, about, found, listed, number, outcome, rule


def _leads_fit(
    net: Network, kind: Kind, p: Parameters, fit: Callable[[Consortium, Institution], bool]
) -> Outcome:
    consortia = net.of_kind(kind)
    findings = [
        found(
            about("consortium", c.id),
            about("institution", lead.id),
            consortium=c.name,
            institution=lead.name,
            allowed=named(p["allowed"]),
        )
        for c in consortia
        for lead in net.leads(c.id)
        if not fit(c, lead)
    ]
    return outcome(len(consortia), findings)


@rule
def who_may_lead_city_group(net: Network, p: Parameters) -> Outcome:
    """The lead of a city group is one of the hospitals the region names (private leads: see below)."""
    return _leads_fit(net, Kind.CITY_GROUP, p, lambda _, lead: _private_or_fits(lead, p))


@rule
def who_may_lead_county_community(net: Network, p: Parameters) -> Outcome:
    """The lead of a county community is one of the hospitals the region names."""
    return _leads_fit(net, Kind.COUNTY_COMMUNITY, p, lambda _, lead: _private_or_fits(lead, p))


def _private_or_fits(lead: Institution, p: Parameters) -> bool:
    """Private leads are no hospital of any level of government: ``private_lead_qualified`` judges them."""
    return lead.owner is Owner.PRIVATE or fits(lead, p["allowed"])


@rule
def who_may_lead_alliance(net: Network, p: Parameters) -> Outcome:
    """A specialty alliance is led by a leading specialty hospital or a tertiary hospital's feature specialty;
    the feature must be the alliance's own specialty."""

    def fit(c: Consortium, lead: Institution) -> bool:
        feature = any(same_specialty(code, c.specialty) for code in lead.key_specialties)
        return fits(lead, p["allowed"]) and (lead.category in SPECIALISED or feature)

    return _leads_fit(net, Kind.SPECIALTY_ALLIANCE, p, fit)


@rule
def lead_of_urban_level(net: Network, p: Parameters) -> Outcome:
    """Where the region's own top level is level 2, its urban consortia are led by hospitals of that level or above."""
    level = number(p["level"])
    groups = net.of_kind(Kind.CITY_GROUP)
    findings = [
        found(
            about("consortium", c.id),
            about("institution", lead.id),
            consortium=c.name,
            institution=lead.name,
            actual=lead.level,
        )
        for c in groups
        for lead in net.leads(c.id)
        if lead.level < level
    ]
    return outcome(len(groups), findings)


@rule
def private_lead_qualified(net: Network, p: Parameters) -> Outcome:
    """A private institution that leads needs a recorded decision that it is qualified."""
    del p
    return _private_leads(net, *Kind)


@rule
def private_community_lead_qualified(net: Network, p: Parameters) -> Outcome:
    """A private hospital that leads a county community needs a recorded decision that it is qualified."""
    del p
    return _private_leads(net, Kind.COUNTY_COMMUNITY)


def _private_leads(net: Network, *kinds: Kind) -> Outcome:
    led = [(c, lead) for c in net.of_kind(*kinds) for lead in net.leads(c.id) if lead.owner is Owner.PRIVATE]
    findings = [
        found(
            about("consortium", c.id),
            about("institution", lead.id),
            consortium=c.name,
            institution=lead.name,
        )
        for c, lead in led
        if not lead.qualified
    ]
    return outcome(len(led), findings)


@rule
def private_institutions_included(net: Network, p: Parameters) -> Outcome:
    """Planning includes the hospitals that society runs."""
    owner = Owner(str(p["ownership"]).upper())
    hospitals = [i for i in net.local() if i.owner is owner and i.category is not Category.CLINIC]
    findings = [
        found(about("institution", i.id), institution=i.name) for i in hospitals if not net.consortia_of(i.id)
    ]
    return outcome(len(hospitals), findings)


@rule
def one_lead_per_consortium(net: Network, p: Parameters) -> Outcome:
    """One institution answers for a consortium. Shape: the database refuses a second one."""
    del p
    return outcome(len(net.of_kind(*Kind)), _not_exactly_one_lead(net))


def _not_exactly_one_lead(net: Network) -> Iterator[Finding]:
    for c in net.of_kind(*Kind):
        leads = net.leads(c.id)
        if len(leads) != 1:
            yield found(
                about("consortium", c.id),
                consortium=c.name,
                count=len(leads),
                names=listed(lead.name for lead in leads),
            )


@rule
def county_hospitals_each_lead(net: Network, p: Parameters) -> Outcome:
    """In each county the hospitals that the policy names lead a county community each."""
    rows = [i for i in net.local() if i.public and fits(i, p["leads"])]
    findings = [
        found(about("institution", i.id), institution=i.name, area=net.area_name(i.division))
        for i in rows
        if not any(
            m.role is Role.LEAD and net.consortia[m.consortium].kind is Kind.COUNTY_COMMUNITY
            for m in net.by_institution.get(i.id, ())
        )
    ]
    return outcome(len(rows), findings)


@rule
def lead_inside_its_area(net: Network, p: Parameters) -> Outcome:
    """The unit of planning is the prefecture city for city groups and the county for county communities
    (as far as the policy names them); the lead lies in its unit."""
    units = words(p["unit"])
    territorial = [c for c in net.of_kind(*_UNIT) if _UNIT[c.kind][0] in units]
    findings = [
        found(
            about("consortium", c.id),
            about("institution", lead.id),
            consortium=c.name,
            institution=lead.name,
            area=net.area_name(c.division),
        )
        for c in territorial
        for lead in net.leads(c.id)
        if not lead.division.startswith(c.division[: _UNIT[c.kind][1]])
    ]
    return outcome(len(territorial), findings)


# The unit's word in the packs, and how many digits of a division code name it.
_UNIT = {Kind.CITY_GROUP: ("prefecture_city", 4), Kind.COUNTY_COMMUNITY: ("county", 6)}


@rule
def named_district_leads(net: Network, p: Parameters) -> Outcome:
    """The districts whose lead the document names are led by just that hospital. The card's parameters are
    the districts' codes; their values the hospitals' short names."""
    findings = []
    for code, hospital in sorted(p.items()):
        groups = [c for c in net.of_kind(Kind.CITY_GROUP) if c.division == code]
        expected = next((i for i in net.institutions.values() if i.slug == hospital), None)
        leads = [lead for c in groups for lead in net.leads(c.id)]
        if not leads or any(lead.slug != hospital for lead in leads):
            findings.append(
                found(
                    about("area", code),
                    *(about("consortium", c.id) for c in groups),
                    area=net.area_name(code),
                    expected=expected.name if expected else str(hospital),
                    names=listed(lead.name for lead in leads),
                )
            )
    return outcome(len(p), findings)


@rule
def free_areas_choose_their_lead(net: Network, p: Parameters) -> Outcome:
    """Areas without a tertiary general hospital choose among the city's tertiary general hospitals, of
    which there are as many as the document says."""
    candidates = {
        i.id
        for i in net.local()
        if i.level == 3
        and i.public
        and i.affiliation.value in {"PREFECTURE", "PROVINCE"}
        and i.category in {Category.GENERAL, Category.TCM}
    }
    free = [
        c
        for c in net.of_kind(Kind.CITY_GROUP)
        if c.division in net.areas
        and net.areas[c.division].kind is not AreaKind.COUNTY
        and not _has_tertiary(net, c.division)
    ]
    findings = [
        found(
            about("consortium", c.id),
            about("institution", lead.id),
            consortium=c.name,
            institution=lead.name,
            area=net.area_name(c.division),
            count=len(candidates),
        )
        for c in free
        for lead in net.leads(c.id)
        if lead.id not in candidates or len(candidates) != number(p["candidates"])
    ]
    return outcome(len(free), findings)


def _has_tertiary(net: Network, code: str) -> bool:
    return any(
        i.level == 3 and i.category in {Category.GENERAL, Category.TCM} and i.division == code
        for i in net.local()
    )


@rule
def collaborator_is_of_grade(net: Network, p: Parameters) -> Outcome:
    """A collaborating hospital of a city group is a tertiary grade-A general hospital; it may help several."""
    wanted = words(p["collaborator"])
    rows = [
        (c, i)
        for c in net.of_kind(Kind.CITY_GROUP)
        for i in net.members(c.id, Role.COLLABORATOR, Role.ASSISTING)
    ]
    findings = [
        found(
            about("consortium", c.id),
            about("institution", i.id),
            consortium=c.name,
            institution=i.name,
        )
        for c, i in rows
        if "grade_3a_general" in wanted
        and not (i.level == 3 and i.grade == "A" and i.category in {Category.GENERAL, Category.TCM})
    ]
    return outcome(len(rows), findings)
