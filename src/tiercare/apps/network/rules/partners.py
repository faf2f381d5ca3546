"""Who may partner with whom, how often, and as a whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import groupby

from tiercare.engines.policy.verdicts import Outcome
from tiercare.kernel.text import Text

from .facts import (
    Affiliation,
    AreaKind,
    Category,
    Consortium,
    Institution,
    Kind,
    Network,
    Owner,
    Role,
    Trusteeship,
)
from .profiles import fits, named
from .registry import Parameters, about, found, listed, number, outcome, rule, worded


@rule
def one_city_consortium_per_district(net: Network, p: Parameters) -> Outcome:
    """One city consortium for a district or development zone."""
    limit = number(p["limit"])
    urban = [a for a in net.areas.values() if a.kind in {AreaKind.DISTRICT, AreaKind.ZONE}]
    findings = []
    for area in sorted(urban, key=lambda a: a.code):
        groups = [c for c in net.of_kind(Kind.CITY_GROUP) if c.division == area.code]
        if len(groups) > limit:
            findings.append(
                found(
                    about("area", area.code),
                    *(about("consortium", c.id) for c in groups),
                    area=area.name,
                    count=len(groups),
                    names=listed(c.name for c in groups),
                )
            )
    return outcome(len(urban), findings)


def _tertiary_partners(net: Network, community: Consortium) -> list[Institution]:
    """City tertiary hospitals with which this community has an urban–rural consortium."""
    leads = [lead for c in net.parents(community.id, Kind.URBAN_RURAL) for lead in net.leads(c.id)]
    return sorted({i.id: i for i in leads if i.level == 3}.values(), key=lambda i: i.id)


@rule
def one_tertiary_partner_per_community(net: Network, p: Parameters) -> Outcome:
    """A county community has one city tertiary hospital as its urban–rural partner."""
    limit = number(p["limit"])
    communities = net.of_kind(Kind.COUNTY_COMMUNITY)
    findings = []
    for c in communities:
        partners = _tertiary_partners(net, c)
        if len(partners) > limit:
            findings.append(
                found(
                    about("consortium", c.id),
                    *(about("institution", i.id) for i in partners),
                    consortium=c.name,
                    count=len(partners),
                    names=listed(i.name for i in partners),
                )
            )
    return outcome(len(communities), findings)


@rule
def tertiary_partner_caps(net: Network, p: Parameters) -> Outcome:
    """A city tertiary hospital partners with so many communities led by county hospitals and so many led by
    county TCM hospitals, at most."""
    by_hospital: dict[str, dict[str, Consortium]] = defaultdict(dict)
    for c in net.of_kind(Kind.COUNTY_COMMUNITY):
        for partner in _tertiary_partners(net, c):
            by_hospital[partner.id][c.id] = c
    findings = []
    for hospital, communities in sorted(by_hospital.items()):
        tcm = [c for c in communities.values() if _led_by_tcm(net, c)]
        county = [c for c in communities.values() if not _led_by_tcm(net, c)]
        if len(county) > number(p["county_led"]) or len(tcm) > number(p["tcm_led"]):
            findings.append(
                found(
                    about("institution", hospital),
                    *(about("consortium", c) for c in communities),
                    institution=net.institutions[hospital].name,
                    county=len(county),
                    tcm=len(tcm),
                    names=listed(c.name for c in communities.values()),
                )
            )
    return outcome(len(by_hospital), findings)


def _led_by_tcm(net: Network, c: Consortium) -> bool:
    return any(lead.category is Category.TCM for lead in net.leads(c.id))


@rule
def one_group_of_same_level_and_type(net: Network, p: Parameters) -> Outcome:
    """A county community joins one group of the same level and type; level and type are those of the
    group's lead (province or prefecture; general, TCM …)."""
    limit = number(p["limit"])
    communities = net.of_kind(Kind.COUNTY_COMMUNITY)
    findings = []
    for c in communities:
        groups = net.parents(c.id, Kind.CITY_GROUP, Kind.URBAN_RURAL)
        for (level, kind), count in Counter(_level_and_type(net, g) for g in groups).items():
            if count > limit:
                same = [g for g in groups if _level_and_type(net, g) == (level, kind)]
                findings.append(
                    found(
                        about("consortium", c.id),
                        *(about("consortium", g.id) for g in same),
                        consortium=c.name,
                        count=count,
                        names=listed(g.name for g in same),
                    )
                )
    return outcome(len(communities), findings)


def _level_and_type(net: Network, group: Consortium) -> tuple[Affiliation, Category]:
    leads = net.leads(group.id)
    return (leads[0].affiliation, leads[0].category) if leads else (Affiliation.NONE, Category.GENERAL)


@rule
def community_joins_as_a_whole(net: Network, p: Parameters) -> Outcome:
    """A county community joins a group as a whole: none of its members belongs to the group by itself."""
    del p
    communities = net.of_kind(Kind.COUNTY_COMMUNITY)
    groups = {g.id for g in net.of_kind(Kind.CITY_GROUP, Kind.URBAN_RURAL)}
    findings = []
    for c in communities:
        whole = {g.id for g in net.parents(c.id)}
        alone = [
            (i, net.consortia[m.consortium])
            for i in net.members(c.id)
            for m in net.by_institution.get(i.id, ())
            if m.consortium in groups and m.consortium not in whole
        ]
        findings += [
            found(
                about("consortium", c.id),
                about("institution", i.id),
                about("consortium", g.id),
                consortium=c.name,
                institution=i.name,
                group=g.name,
            )
            for i, g in alone
        ]
    return outcome(len(communities), findings)


@rule
def one_alliance_per_specialty(net: Network, p: Parameters) -> Outcome:
    """Each specialty has one alliance in the city."""
    limit = number(p["limit"])
    alliances = sorted(net.of_kind(Kind.SPECIALTY_ALLIANCE), key=lambda c: (c.specialty, c.id))
    findings = []
    for specialty, rows in groupby(alliances, key=lambda c: c.specialty):
        same = list(rows)
        if len(same) > limit:
            findings.append(
                found(
                    about("specialty", specialty),
                    *(about("consortium", c.id) for c in same),
                    specialty=net.specialty_names.get(specialty, specialty),
                    count=len(same),
                    names=listed(c.name for c in same),
                )
            )
    return outcome(len(alliances), findings)


@rule
def alliance_approved(net: Network, p: Parameters) -> Outcome:
    """A specialty alliance needs the health commission's approval."""
    del p
    alliances = net.of_kind(Kind.SPECIALTY_ALLIANCE)
    findings = [found(about("consortium", c.id), consortium=c.name) for c in alliances if not c.approved]
    return outcome(len(alliances), findings)


@rule
def group_within_its_area(net: Network, p: Parameters) -> Outcome:
    """Medical groups stay inside their prefecture; so do the county communities that joined them."""
    del p
    groups = net.of_kind(Kind.CITY_GROUP)
    findings = [
        found(
            about("consortium", c.id),
            about("institution", i.id),
            consortium=c.name,
            institution=i.name,
        )
        for c in groups
        for i in [
            *net.members(c.id, Role.LEAD, Role.MEMBER),
            *(lead for child in net.children(c.id) for lead in net.leads(child.id)),
        ]
        if i.division[:4] != c.division[:4]
    ]
    return outcome(len(groups), findings)


@rule
def no_cycle_of_trusteeship(net: Network, p: Parameters) -> Outcome:
    """Nobody is entrusted, through others, to itself. Shape: the database refuses the circle."""
    del p
    trustees: dict[str, list[str]] = defaultdict(list)
    for t in net.trusteeships:
        trustees[t.entrusted].append(t.trustee)
    findings = []
    for start in sorted(trustees):
        if start in _above(trustees, start):
            institution = net.institutions.get(start)
            findings.append(
                found(about("institution", start), institution=institution.name if institution else start)
            )
    return outcome(len(net.trusteeships), findings)


def _above(trustees: dict[str, list[str]], start: str) -> set[str]:
    """Everyone who runs ``start``, directly or through others."""
    seen: set[str] = set()
    waiting = list(trustees.get(start, ()))
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting += trustees.get(current, ())
    return seen


@rule
def trusteeship_has_agreement(net: Network, p: Parameters) -> Outcome:
    """Trusteeship stands on a dated agreement."""
    del p
    findings = [
        found(
            about("institution", t.entrusted),
            about("institution", t.trustee),
            institution=net.institutions[t.entrusted].name,
            trustee=net.institutions[t.trustee].name,
        )
        for t in net.trusteeships
        if not t.agreement
    ]
    return outcome(len(net.trusteeships), findings)


@rule
def county_hospital_trustee(net: Network, p: Parameters) -> Outcome:
    """A county hospital is entrusted to a hospital of the kind that the policy names."""
    rows = [t for t in net.trusteeships if _is_county_hospital(net.institutions[t.entrusted])]
    findings = [
        found(
            about("institution", t.entrusted),
            about("institution", t.trustee),
            institution=net.institutions[t.entrusted].name,
            trustee=net.institutions[t.trustee].name,
            allowed=named(p["trustee"]),
        )
        for t in rows
        if not fits(net.institutions[t.trustee], p["trustee"])
    ]
    return outcome(len(rows), findings)


def _is_county_hospital(i: Institution) -> bool:
    return i.public and i.affiliation is Affiliation.COUNTY and not i.primary


@rule
def public_runs_private(net: Network, p: Parameters) -> Outcome:
    """Where a private hospital is entrusted, its trustee is public, and both belong to the same consortium
    led by a tertiary hospital."""
    del p
    rows = [t for t in net.trusteeships if net.institutions[t.entrusted].owner is Owner.PRIVATE]
    findings = [
        found(
            about("institution", t.entrusted),
            about("institution", t.trustee),
            institution=net.institutions[t.entrusted].name,
            trustee=net.institutions[t.trustee].name,
        )
        for t in rows
        if not net.institutions[t.trustee].public or not _share_tertiary_consortium(net, t)
    ]
    return outcome(len(rows), findings)


def _share_tertiary_consortium(net: Network, t: Trusteeship) -> bool:
    shared = {c.id for c in net.consortia_of(t.trustee)} & {c.id for c in net.consortia_of(t.entrusted)}
    return any(lead.level == 3 for c in shared for lead in net.leads(c))


@rule
def joining_changes_no_ownership(net: Network, p: Parameters) -> Outcome:
    """Joining changes neither affiliation nor ownership nor the channel of funding."""
    del p
    members = [i for i in net.local() if i.id in net.by_institution]
    findings = [
        found(about("institution", i.id), institution=i.name, names=worded(i.changed_on_joining, _UNCHANGED))
        for i in members
        if i.changed_on_joining
    ]
    return outcome(len(members), findings)


_UNCHANGED = {
    "affiliation": Text("隶属关系", "affiliation"),
    "owner": Text("产权归属", "ownership"),
    "funding": Text("财政投入渠道", "channel of public funding"),
}
