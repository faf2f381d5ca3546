"""Agreements, charters, alliances that are owed, and what hospitals must have registered."""

from __future__ import annotations

from tiercare.engines.policy.verdicts import Finding, Outcome
from tiercare.kernel.text import Text

from .facts import CENTRES, Affiliation, AreaKind, Category, Institution, Kind, Network
from .profiles import same_specialty, words
from .registry import Parameters, about, coverage, found, listed, number, outcome, rule, worded


@rule
def district_agreement_signed(net: Network, p: Parameters) -> Outcome:
    """The district government signs with the lead of its city consortium."""
    del p
    groups = net.of_kind(Kind.CITY_GROUP)
    findings = [
        found(about("consortium", c.id), consortium=c.name, area=net.area_name(c.division))
        for c in groups
        if not any(
            a.consortium == c.id
            and f"gov:{c.division}" in a.parties
            and any(lead.id in a.parties for lead in net.leads(c.id))
            for a in net.agreements
        )
    ]
    return outcome(len(groups), findings)


@rule
def charter_adopted(net: Network, p: Parameters) -> Outcome:
    """A city consortium has a charter."""
    del p
    return _chartered(net, Kind.CITY_GROUP)


@rule
def charter_adopted_everywhere(net: Network, p: Parameters) -> Outcome:
    """Every consortium of whatever kind has a charter."""
    del p
    return _chartered(net, *Kind)


def _chartered(net: Network, *kinds: Kind) -> Outcome:
    rows = net.of_kind(*kinds)
    findings = [
        found(
            about("consortium", c.id),
            consortium=c.name,
            names=listed(lead.name for lead in net.leads(c.id)),
        )
        for c in rows
        if not c.charter
    ]
    return outcome(len(rows), findings)


@rule
def urban_rural_agreement_signed(net: Network, p: Parameters) -> Outcome:
    """The city tertiary hospital and the lead of the county community sign an agreement."""
    del p
    pairs = [(c, child) for c in net.of_kind(Kind.URBAN_RURAL) for child in net.children(c.id)]
    findings = [
        found(
            about("consortium", c.id),
            about("consortium", child.id),
            consortium=c.name,
            community=child.name,
        )
        for c, child in pairs
        if not any(
            a.consortium == c.id
            and {lead.id for lead in net.leads(c.id)} & a.parties
            and {lead.id for lead in net.leads(child.id)} & a.parties
            for a in net.agreements
        )
    ]
    return outcome(len(pairs), findings)


@rule
def agreement_names_every_tie(net: Network, p: Parameters) -> Outcome:
    """A group's agreements have, together, a section for each tie that the document names."""
    ties = words(p["ties"])
    groups = net.of_kind(Kind.CITY_GROUP, Kind.URBAN_RURAL)
    findings = []
    for c in groups:
        signed = [a for a in net.agreements if a.consortium == c.id]
        missing = [tie for tie in ties if not any(tie in a.sections for a in signed)]
        if missing:
            findings.append(
                found(
                    about("consortium", c.id),
                    *(about("agreement", a.id) for a in signed),
                    consortium=c.name,
                    names=worded(missing, _TIES),
                )
            )
    return outcome(len(groups), findings)


_TIES = {
    "talent_sharing": Text("人才共享", "sharing of staff"),
    "technical_support": Text("技术支持", "technical support"),
    "exam_recognition": Text("检查互认", "mutual recognition of examinations"),
    "prescription_flow": Text("处方流动", "flow of prescriptions"),
    "service_linkage": Text("服务衔接", "linked services"),
}


def _ranked(i: Institution, *ranks: str) -> list[str]:
    return sorted(specialty for specialty, rank in i.key_specialties.items() if rank in ranks)


def _in_alliance(net: Network, i: Institution, specialty: str, partners: frozenset[Affiliation]) -> bool:
    return any(
        (not specialty or same_specialty(c.specialty, specialty))
        and any(m.affiliation in partners for m in net.members(c.id) if m.id != i.id)
        for c in net.consortia_of(i.id, Kind.SPECIALTY_ALLIANCE)
    )


_COUNTY = frozenset({Affiliation.COUNTY})
_BELOW_PROVINCE = frozenset({Affiliation.PREFECTURE, Affiliation.COUNTY})
_SPECIALTY_HOSPITALS = frozenset({Category.SPECIALTY, Category.PSYCHIATRIC})


def _without_alliance(
    net: Network, obliged: list[tuple[Institution, str]], partners: frozenset[Affiliation]
) -> list[Finding]:
    return [
        found(
            about("institution", i.id),
            institution=i.name,
            specialty=_specialty_name(net, specialty),
        )
        for i, specialty in obliged
        if not _in_alliance(net, i, specialty, partners)
    ]


def _specialty_name(net: Network, code: str) -> Text:
    name = net.specialty_names.get(code, code)
    return Text(name, name) if code else Text("全院", "whole hospital")


@rule
def key_specialties_form_alliances(net: Network, p: Parameters) -> Outcome:
    """Prefecture hospitals' departments with a national or provincial key specialty, and prefecture tertiary
    specialty hospitals, ally with the matching county departments."""
    wanted = words(p["obliged"])
    hospitals = [i for i in net.local() if i.affiliation is Affiliation.PREFECTURE and i.level == 3]
    obliged = []
    if "key_specialty_dept_of_prefecture_tier3" in wanted:
        obliged += [(i, s) for i in hospitals for s in _ranked(i, "NATIONAL", "PROVINCIAL")]
    if "prefecture_tier3_specialty_hospital" in wanted:
        obliged += [(i, "") for i in hospitals if i.category in _SPECIALTY_HOSPITALS]
    return outcome(len(obliged), _without_alliance(net, obliged, _COUNTY))


@rule
def provincial_national_specialties_ally(net: Network, p: Parameters) -> Outcome:
    """Provincial specialty hospitals and provincial departments with a national key specialty ally with
    prefecture or county hospitals."""
    wanted = words(p["obliged"])
    hospitals = [i for i in net.local() if i.affiliation is Affiliation.PROVINCE]
    obliged = []
    if "provincial_dept_national_key_specialty" in wanted:
        obliged += [(i, s) for i in hospitals for s in _ranked(i, "NATIONAL")]
    if "provincial_specialty_hospital" in wanted:
        obliged += [(i, "") for i in hospitals if i.category in _SPECIALTY_HOSPITALS]
    return outcome(len(obliged), _without_alliance(net, obliged, _BELOW_PROVINCE))


@rule
def provincial_specialties_ally(net: Network, p: Parameters) -> Outcome:
    """Provincial departments with a provincial key specialty ally with prefecture or county hospitals."""
    wanted = words(p["obliged"])
    hospitals = [i for i in net.local() if i.affiliation is Affiliation.PROVINCE]
    obliged = [
        (i, s)
        for i in hospitals
        for s in _ranked(i, "PROVINCIAL")
        if "provincial_dept_provincial_key_specialty" in wanted
    ]
    return outcome(len(obliged), _without_alliance(net, obliged, _BELOW_PROVINCE))


@rule
def county_hospitals_have_tertiary_partner(net: Network, p: Parameters) -> Outcome:
    """County (here: district) hospitals have an agreement with a tertiary hospital."""
    rows = [
        i
        for i in net.local()
        if i.affiliation is Affiliation.COUNTY and i.category in {Category.GENERAL, Category.TCM}
    ]
    return coverage(rows, _without_partner(net, rows, 3), p["target"])


@rule
def primary_centres_have_hospital_partner(net: Network, p: Parameters) -> Outcome:
    """Community and township centres have an agreement with a level 2 or 3 hospital."""
    rows = [i for i in net.local() if i.category in CENTRES]
    return coverage(rows, _without_partner(net, rows, 2), p["target"])


def _without_partner(net: Network, rows: list[Institution], level: int) -> list[Finding]:
    return [
        found(about("institution", i.id), institution=i.name)
        for i in rows
        if not any(
            i.id in a.parties
            and any(
                party != i.id and party in net.institutions and net.institutions[party].level >= level
                for party in a.parties
            )
            for a in net.agreements
        )
    ]


@rule
def referral_office_set_up(net: Network, p: Parameters) -> Outcome:
    """Every hospital and every township or community centre has a department or persons for referral;
    stations and village clinics refer through their centre, public-health bodies treat nobody."""
    wanted = number(p["departments"])
    rows = [i for i in net.local() if i.category in CENTRES or _is_hospital(i)]
    findings = [
        found(about("institution", i.id), institution=i.name)
        for i in rows
        if (1 if "referral_office" in i.facilities else 0) < wanted
    ]
    return outcome(len(rows), findings)


@rule
def county_has_management_committee(net: Network, p: Parameters) -> Outcome:
    """County medical communities stand under a management committee of the county."""
    del p
    communities = net.of_kind(Kind.COUNTY_COMMUNITY)
    findings = [
        found(about("consortium", c.id), consortium=c.name, area=net.area_name(c.division))
        for c in communities
        if not c.committee
    ]
    return outcome(len(communities), findings)


@rule
def subcentres_managed_as_level(net: Network, p: Parameters) -> Outcome:
    """An accepted county sub-centre is managed as an institution of the level the document says."""
    level = number(p["level"])
    rows = [i for i in net.local() if i.subcentre]
    findings = [
        found(about("institution", i.id), institution=i.name, actual=i.managed_as_level)
        for i in rows
        if i.managed_as_level != level
    ]
    return outcome(len(rows), findings)


@rule
def leads_run_admission_centre(net: Network, p: Parameters) -> Outcome:
    """Lead hospitals run a one-stop admission and discharge centre."""
    leads = {
        lead.id: lead for c in net.of_kind(Kind.CITY_GROUP, Kind.COUNTY_COMMUNITY) for lead in net.leads(c.id)
    }
    findings = [
        found(about("institution", key), institution=lead.name)
        for key, lead in sorted(leads.items())
        if "one_stop_admission" not in lead.facilities
    ]
    return coverage(leads, findings, p["target"])


@rule
def counties_have_psychiatric_clinic(net: Network, p: Parameters) -> Outcome:
    """Every county has a psychiatric clinic."""
    counties = sorted((a for a in net.areas.values() if a.kind is AreaKind.COUNTY), key=lambda a: a.code)
    with_clinic = {i.division for i in net.local() if any(s.split(".")[0] == "15" for s in i.specialties)}
    findings = [found(about("area", a.code), area=a.name) for a in counties if a.code not in with_clinic]
    return coverage(counties, findings, p["target"])


@rule
def specialties_of_two_levels(net: Network, p: Parameters) -> Outcome:
    """Hospitals of the named level and above have registered specialties of the first and second level."""
    rows = [i for i in net.local() if i.level >= number(p["hospital_level"]) and _is_hospital(i)]
    return _specialty_levels(rows, p)


@rule
def county_hospitals_complete_specialties(net: Network, p: Parameters) -> Outcome:
    """County (district) hospitals have registered specialties of the first and the second level."""
    rows = [i for i in net.local() if i.affiliation is Affiliation.COUNTY and _is_hospital(i)]
    return _specialty_levels(rows, p)


def _is_hospital(i: Institution) -> bool:
    return not i.primary and i.category is not Category.PUBLIC_HEALTH


def _specialty_levels(rows: list[Institution], p: Parameters) -> Outcome:
    """Codes read ``03`` (first level, 内科) and ``03.04`` (second level, 心血管内科专业)."""
    wanted = words(p["levels"])
    findings = []
    for i in rows:
        registered = {str(min(code.count(".") + 1, 2)) for code in i.specialties}
        missing = [level for level in wanted if level not in registered]
        if missing:
            findings.append(
                found(
                    about("institution", i.id), institution=i.name, names=worded(missing, _SPECIALTY_LEVELS)
                )
            )
    return outcome(len(rows), findings)


_SPECIALTY_LEVELS = {
    "1": Text("一级诊疗科目", "first-level specialties"),
    "2": Text("二级诊疗科目", "second-level specialties"),
}


@rule
def geriatrics_registered(net: Network, p: Parameters) -> Outcome:
    """Hospitals with internal medicine and elderly inpatients register geriatrics (03.10) and set beds for it.
    The register says whether there are such beds, not how many; the text gives no number either."""
    rows = [
        i
        for i in net.local()
        if i.level >= number(p["hospital_level"])
        and any(s.split(".")[0] == "03" for s in i.specialties)
        and "elderly_inpatient_service" in i.facilities
    ]
    findings = []
    for i in rows:
        missing = [] if "03.10" in i.specialties else ["subject"]
        if (1 if "geriatric_beds" in i.facilities else 0) <= number(p["beds"]):
            missing.append("beds")
        if missing:
            findings.append(
                found(about("institution", i.id), institution=i.name, names=worded(missing, _GERIATRICS))
            )
    return outcome(len(rows), findings)


_GERIATRICS = {
    "subject": Text("二级诊疗科目“老年病专业”", "the second-level specialty geriatrics"),
    "beds": Text("老年病床位", "geriatric beds"),
}
