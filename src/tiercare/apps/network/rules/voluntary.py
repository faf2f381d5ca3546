"""Who joins of its own will, who is invited to, and how a group is made up."""

from __future__ import annotations

from collections.abc import Mapping

from tiercare.engines.policy.verdicts import Outcome
from tiercare.kernel.text import Text

from .centres import prefectures
from .facts import (
    CENTRES,
    KIND_NAMES,
    Affiliation,
    AreaKind,
    Category,
    Consortium,
    Institution,
    Kind,
    Membership,
    Network,
    Owner,
    Role,
)
from .profiles import PROFILE_NAMES, PROFILES, words
from .registry import Parameters, about, found, outcome, rule, worded
from .services import OFFERS, counties, inside


def joined_freely(net: Network, m: Membership) -> bool:
    """Its own consent is on record, or its signature under an agreement about this consortium."""
    return m.consented or any(
        a.consortium == m.consortium and m.institution in a.parties for a in net.agreements
    )


def _unwilling(net: Network, rows: list[Membership]) -> Outcome:
    findings = [
        found(
            about("institution", m.institution),
            about("consortium", m.consortium),
            institution=net.institutions[m.institution].name,
            consortium=net.consortia[m.consortium].name,
        )
        for m in rows
        if not joined_freely(net, m)
    ]
    return outcome(len(rows), findings)


@rule
def alliance_members_joined_freely(net: Network, p: Parameters) -> Outcome:
    """Specialty alliances and telemedicine networks are formed by those who want to: each member's consent
    is on record."""
    if p["formation"] != "voluntary":
        return outcome(0, ())
    free = {c.id for c in net.of_kind(Kind.SPECIALTY_ALLIANCE, Kind.TELEMEDICINE_NETWORK)}
    return _unwilling(net, [m for m in net.memberships if m.consortium in free and m.role is not Role.LEAD])


@rule
def private_members_by_own_wish(net: Network, p: Parameters) -> Outcome:
    """A private institution belongs to a consortium because it asked to."""
    if "voluntary_application" not in words(p["condition"]):
        return outcome(0, ())
    rows = [
        m
        for m in net.memberships
        if net.institutions[m.institution].owner is Owner.PRIVATE and m.role is not Role.LEAD
    ]
    return _unwilling(net, rows)


_GRASSROOTS = frozenset({Category.COMMUNITY_CENTRE, Category.COMMUNITY_STATION})


@rule
def private_community_centres_join(net: Network, p: Parameters) -> Outcome:
    """Community centres and stations in the urban districts that government does not run join a tight group."""
    del p
    urban = {a.code for a in net.areas.values() if a.kind is not AreaKind.COUNTY}
    rows = [i for i in net.local() if not i.public and i.category in _GRASSROOTS and i.division in urban]
    findings = [
        found(about("institution", i.id), institution=i.name, area=net.area_name(i.division))
        for i in rows
        if not any(c.tight for c in net.consortia_of(i.id, Kind.CITY_GROUP))
    ]
    return outcome(len(rows), findings)


_CARE = {
    "nursing_home": (Category.NURSING, Text("护理院", "nursing hospital")),
    "rehab": (Category.REHABILITATION, Text("康复医院", "rehabilitation hospital")),
    "rehab_hospital": (Category.REHABILITATION, Text("康复医院", "rehabilitation hospital")),
}


@rule
def rehab_and_nursing_join(net: Network, p: Parameters) -> Outcome:
    """Nursing and rehabilitation hospitals belong to a consortium."""
    kinds = {_CARE[word][0] for word in words(p["members"])}
    rows = [i for i in net.local() if i.category in kinds]
    findings = [
        found(about("institution", i.id), institution=i.name) for i in rows if not net.consortia_of(i.id)
    ]
    return outcome(len(rows), findings)


@rule
def group_has_continuing_care(net: Network, p: Parameters) -> Outcome:
    """A tight city group has a member of the kinds into which level-2 hospitals may be turned."""
    kinds = {_CARE[word][0] for word in words(p["types"])}
    groups = [c for c in net.of_kind(Kind.CITY_GROUP) if c.tight]
    findings = [
        found(
            about("consortium", c.id),
            consortium=c.name,
            names=worded(words(p["types"]), {word: name for word, (_, name) in _CARE.items()}),
        )
        for c in groups
        if not any(i.category in kinds for i in net.members(c.id))
    ]
    return outcome(len(groups), findings)


@rule
def provincial_hospitals_join_locally(net: Network, p: Parameters) -> Outcome:
    """A provincial public hospital takes part in a consortium of the place where it stands, besides whatever
    it does elsewhere."""
    rows = [
        i
        for i in net.local()
        if p["local"] is True and i.public and i.affiliation is Affiliation.PROVINCE and not i.primary
    ]
    findings = [
        found(about("institution", i.id), institution=i.name, area=net.area_name(i.division[:4]))
        for i in rows
        if not any(c.division[:4] == i.division[:4] for c in net.consortia_of(i.id))
    ]
    return outcome(len(rows), findings)


_SEVERAL = 2  # 多种形式: more than one, as the word says; the text sets no number


@rule
def prefectures_pilot_several_forms(net: Network, p: Parameters) -> Outcome:
    """Each prefecture tries consortia of several kinds."""
    del p
    rows = prefectures(net)
    findings = []
    for code in rows:
        kinds = sorted({c.kind for c in net.consortia.values() if c.division.startswith(code)})
        if len(kinds) < _SEVERAL:
            findings.append(
                found(about("area", code), area=net.area_name(code), names=worded(kinds, _BY_KIND))
            )
    return outcome(len(rows), findings)


_BY_KIND: Mapping[str, Text] = {kind.value: name for kind, name in KIND_NAMES.items()}


@rule
def consortia_manage_as_one(net: Network, p: Parameters) -> Outcome:
    """Consortia led by a tertiary public hospital run something as one."""
    if p["management"] != "unified":
        return outcome(0, ())
    rows = [
        c
        for c in net.of_kind(Kind.CITY_GROUP, Kind.COUNTY_COMMUNITY)
        if any(lead.public and lead.level == 3 for lead in net.leads(c.id))
    ]
    findings = [found(about("consortium", c.id), consortium=c.name) for c in rows if not c.unified]
    return outcome(len(rows), findings)


_LINKS = {
    "specialty_alliance": Text("专科联盟", "specialty alliance"),
    "medical_consortium": Text("医联体", "consortium"),
    "telemedicine_network": Text("远程医疗协作网", "telemedicine network"),
}


@rule
def groups_linked_to_tertiary(net: Network, p: Parameters) -> Outcome:
    """A city group has a tie with a tertiary hospital outside it: an alliance, a consortium (its collaborator
    counts) or a telemedicine network, or the group is entrusted to one as a whole."""
    links = words(p["links"])
    groups = net.of_kind(Kind.CITY_GROUP)
    findings = [
        found(about("consortium", c.id), consortium=c.name, names=worded(links, _LINKS))
        for c in groups
        if not any(_linked(net, c, link) for link in links) and not _entrusted(net, c)
    ]
    return outcome(len(groups), findings)


def _linked(net: Network, c: Consortium, link: str) -> bool:
    if link == "medical_consortium":
        helpers = net.members(c.id, Role.COLLABORATOR, Role.ASSISTING, Role.LEAD)
        above = [lead for parent in net.parents(c.id) for lead in net.leads(parent.id)]
        return any(i.level == 3 for i in [*helpers, *above])
    kind = Kind.SPECIALTY_ALLIANCE if link == "specialty_alliance" else Kind.TELEMEDICINE_NETWORK
    return any(
        i.level == 3
        for lead in net.leads(c.id)
        for other in net.consortia_of(lead.id, kind)
        for i in net.members(other.id)
    )


def _entrusted(net: Network, c: Consortium) -> bool:
    leads = {lead.id for lead in net.leads(c.id)}
    return any(
        t.entrusted in leads and t.trustee in net.institutions and net.institutions[t.trustee].level == 3
        for t in net.trusteeships
    )


@rule
def tcm_hospitals_lead(net: Network, p: Parameters) -> Outcome:
    """TCM hospitals are encouraged to lead a consortium."""
    kinds = {Category.TCM} if "tcm_hospital" in words(p["lead"]) else set()
    rows = [i for i in net.local() if i.category in kinds]
    findings = [
        found(about("institution", i.id), institution=i.name)
        for i in rows
        if not any(m.role is Role.LEAD for m in net.by_institution.get(i.id, ()))
    ]
    return outcome(len(rows), findings)


_PARTS: Mapping[str, frozenset[Category]] = {
    "township_center": frozenset({Category.TOWNSHIP_CENTRE}),
    "community_center": frozenset({Category.COMMUNITY_CENTRE}),
    "village_clinic": frozenset({Category.VILLAGE_CLINIC}),
    "community_station": frozenset({Category.COMMUNITY_STATION}),
}
_PART_NAMES = {
    "head": PROFILE_NAMES["county_hospital"],
    "hub": Text("乡镇卫生院（社区卫生服务中心）", "township or community centre"),
    "base": Text("村卫生室（站）", "village clinic or station"),
}


def _is_head(i: Institution) -> bool:
    """县级医院: also a maternal-child hospital of the county, which YN-24 lets lead."""
    return PROFILES["county_hospital"](i) or PROFILES["county_mch"](i)


@rule
def county_town_village_as_one(net: Network, p: Parameters) -> Outcome:
    """A county community has a county hospital as head, centres as hubs and village clinics as base."""
    groups = net.of_kind(Kind.COUNTY_COMMUNITY)
    wanted = {
        part: frozenset[Category]().union(*(_PARTS[w] for w in words(p[part]))) for part in ("hub", "base")
    }
    findings = []
    for c in groups:
        here = {i.category for i in net.members(c.id)}
        missing = [] if any(_is_head(lead) for lead in net.leads(c.id)) else ["head"]
        missing += [part for part, kinds in wanted.items() if not kinds & here]
        if missing:
            findings.append(
                found(about("consortium", c.id), consortium=c.name, names=worded(missing, _PART_NAMES))
            )
    return outcome(len(groups), findings)


_TCM_TIERS = {
    "centre": Text("县级中医医院", "county TCM hospital"),
    "link": Text("提供中医药服务的乡镇卫生院", "township centre with TCM"),
    "village_clinic": Text("提供中医药服务的村卫生室", "village clinic with TCM"),
}


@rule
def tcm_network_of_three_tiers(net: Network, p: Parameters) -> Outcome:
    """A county's TCM network: the county TCM hospital as centre, township centres as link, village clinics as
    base."""
    tcm = OFFERS["tcm"]
    areas = [a for a in counties(net) if a.kind is AreaKind.COUNTY]
    findings = []
    for area in areas:
        here = [i for i in inside(net, area.code) if tcm.by(i)]
        kinds = {i.category for i in here}
        missing = [] if any(PROFILES["county_tcm_hospital"](i) for i in here) else ["centre"]
        missing += [] if kinds & CENTRES else ["link"]
        missing += [word for word in words(p["base"]) if not _PARTS[word] & kinds]
        if missing:
            findings.append(
                found(about("area", area.code), area=area.name, names=worded(missing, _TCM_TIERS))
            )
    return outcome(len(areas), findings)
