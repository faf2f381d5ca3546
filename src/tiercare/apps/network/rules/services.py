"""Which services reach the residents of a grid, and who may serve in a grid that is not its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tiercare.engines.policy.verdicts import Outcome
from tiercare.kernel.text import Text

from .facts import (
    CENTRES,
    PRIMARY,
    Affiliation,
    Area,
    AreaKind,
    Category,
    Grid,
    Institution,
    Kind,
    Network,
    Role,
)
from .profiles import words
from .registry import Parameters, about, found, number, outcome, rule, worded

_HOSPITALS = frozenset({Category.GENERAL, Category.TCM, Category.SPECIALTY})


@dataclass(frozen=True, slots=True)
class Offer:
    """How the register shows that an institution offers a service: its kind, a registered specialty (a code
    of the first or second level) or something that it runs."""

    name: Text
    categories: frozenset[Category] = frozenset()
    specialties: tuple[str, ...] = ()
    facilities: frozenset[str] = frozenset()

    def by(self, i: Institution) -> bool:
        """True if this institution offers it."""
        return (
            i.category in self.categories
            or bool(self.facilities & i.facilities)
            or any(code == s or code.startswith(f"{s}.") for code in i.specialties for s in self.specialties)
        )


# The words by which the texts name services (NHC-09, CX-17, TY-11, TY-34, TY-98, XH-11, YN-44).
OFFERS: Mapping[str, Offer] = {
    "prevention": Offer(
        Text("疾病预防", "prevention"), CENTRES | {Category.PUBLIC_HEALTH, Category.MATERNAL_CHILD}, ("01",)
    ),
    "diagnosis": Offer(
        Text("诊断", "diagnosis"), _HOSPITALS, ("30", "31", "32"), frozenset({"lab", "imaging", "ecg"})
    ),
    "treatment": Offer(Text("治疗", "treatment"), _HOSPITALS, ("02", "03", "04", "05", "07", "50")),
    "rehabilitation": Offer(
        Text("康复", "rehabilitation"), frozenset({Category.REHABILITATION}), ("21", "50.15")
    ),
    "nursing": Offer(
        Text("护理", "nursing"), frozenset({Category.NURSING}), facilities=frozenset({"nursing_service"})
    ),
    "nutrition": Offer(Text("营养", "nutrition"), facilities=frozenset({"clinical_nutrition"})),
    "health_management": Offer(
        Text("健康管理", "health management"), facilities=frozenset({"health_management"})
    ),
    "mental_health": Offer(
        Text("心理卫生", "mental health"),
        frozenset({Category.PSYCHIATRIC}),
        ("15",),
        frozenset({"psychiatric_clinic", "social_psychology"}),
    ),
    "chronic": Offer(
        Text("慢性病管理", "chronic disease care"), facilities=frozenset({"chronic_management"})
    ),
    "tcm": Offer(Text("中医药", "TCM"), frozenset({Category.TCM}), ("50", "51", "52")),
    "oral_health": Offer(Text("口腔保健", "oral health"), specialties=("12",)),
    "hospice": Offer(
        Text("安宁疗护（临终关怀）", "hospice care"), specialties=("24",), facilities=frozenset({"hospice"})
    ),
    "long_term_care": Offer(
        Text("长期照护", "long-term care"),
        frozenset({Category.NURSING}),
        facilities=frozenset({"long_term_care"}),
    ),
    "rehab_nursing": Offer(
        Text("康复护理", "rehabilitation and nursing"),
        frozenset({Category.REHABILITATION, Category.NURSING}),
        ("21", "50.15"),
        frozenset({"nursing_service"}),
    ),
    "maternal_child": Offer(
        Text("妇幼保健", "maternal and child care"), frozenset({Category.MATERNAL_CHILD}), ("06", "09")
    ),
}
_NAMES = {word: offer.name for word, offer in OFFERS.items()}


OWN = (Role.LEAD, Role.MEMBER, Role.ENTRUSTED)  # who collaborates or assists stands outside


def not_offered(wanted: Iterable[str], providers: Sequence[Institution]) -> list[str]:
    """The services that none of these institutions offers."""
    return [word for word in wanted if not any(OFFERS[word].by(i) for i in providers)]


def counties(net: Network) -> list[Area]:
    """Counties and districts, in a stable order; development zones are served by those around them."""
    return sorted((a for a in net.areas.values() if a.kind is not AreaKind.ZONE), key=lambda a: a.code)


def inside(net: Network, code: str) -> list[Institution]:
    """Institutions in an area."""
    return [i for i in net.local() if i.division == code]


def _grids(net: Network) -> list[Grid]:
    return sorted((g for g in net.grids.values() if g.responsible), key=lambda g: g.id)


@rule
def grid_residents_get_every_service(net: Network, p: Parameters) -> Outcome:
    """The group or community that answers for a grid has a provider of each service that the text names."""
    grids = _grids(net)
    findings = []
    for grid in grids:
        members = [i for c in grid.responsible for i in net.members(c, *OWN)]
        missing = not_offered(words(p["services"]), members)
        if missing:
            findings.append(
                found(
                    about("grid", grid.id),
                    *(about("consortium", c) for c in grid.responsible),
                    grid=grid.name,
                    consortium=worded([net.consortia[c].name for c in grid.responsible], {}),
                    names=worded(missing, _NAMES),
                )
            )
    return outcome(len(grids), findings)


@rule
def grid_has_maternal_child_care(net: Network, p: Parameters) -> Outcome:
    """A grid's residents get maternal and child care: from a member, from the maternal-child institution of
    their county, or from one of their prefecture or province."""
    del p
    offer = OFFERS["maternal_child"]
    by_area = {
        i.division if i.affiliation is Affiliation.COUNTY else i.division[:4]
        for i in net.local()
        if i.category is Category.MATERNAL_CHILD
    }
    grids = _grids(net)
    findings = [
        found(about("grid", grid.id), *(about("consortium", c) for c in grid.responsible), grid=grid.name)
        for grid in grids
        if not any(offer.by(i) for c in grid.responsible for i in net.members(c))
        and not any(
            {net.consortia[c].division, net.consortia[c].division[:4]} & by_area for c in grid.responsible
        )
    ]
    return outcome(len(grids), findings)


@rule
def group_has_service_networks(net: Network, p: Parameters) -> Outcome:
    """Inside each group there is somebody for each network of services that the text names."""
    groups = net.of_kind(Kind.CITY_GROUP, Kind.COUNTY_COMMUNITY)
    findings = []
    for c in groups:
        missing = not_offered(words(p["networks"]), net.members(c.id, *OWN))
        if missing:
            findings.append(
                found(about("consortium", c.id), consortium=c.name, names=worded(missing, _NAMES))
            )
    return outcome(len(groups), findings)


_CHRONIC_CARE = {
    "primary": PRIMARY,
    "rehab": frozenset({Category.REHABILITATION}),
    "rehab_hospital": frozenset({Category.REHABILITATION}),
    "nursing_home": frozenset({Category.NURSING}),
}


@rule
def continuing_care_offered(net: Network, p: Parameters) -> Outcome:
    """The institutions for stable chronic patients that the text names (primary care, rehabilitation and
    nursing hospitals) together offer, in each county, what it lists."""
    kinds = frozenset[Category]().union(*(_CHRONIC_CARE[word] for word in words(p["providers"])))
    areas = counties(net)
    findings = []
    for area in areas:
        providers = [i for i in inside(net, area.code) if i.category in kinds]
        missing = not_offered(words(p["services"]), providers)
        if missing:
            findings.append(found(about("area", area.code), area=area.name, names=worded(missing, _NAMES)))
    return outcome(len(areas), findings)


@rule
def elderly_care_led_by_county_geriatrics(net: Network, p: Parameters) -> Outcome:
    """In each county a hospital with geriatrics (03.10) leads, and the features that the text names are on
    offer."""
    areas = [a for a in counties(net) if a.kind is AreaKind.COUNTY]
    findings = []
    for area in areas:
        here = inside(net, area.code)
        led = any(not i.primary and "03.10" in i.specialties for i in here)
        missing = [word for word in words(p["lead"]) if not led]
        missing += not_offered(words(p["features"]), here)
        if missing:
            names = worded(
                missing, {**_NAMES, "county_geriatrics": Text("县级老年医学科", "county geriatrics")}
            )
            findings.append(found(about("area", area.code), area=area.name, names=names))
    return outcome(len(areas), findings)


@rule
def level_two_covers_for_primary(net: Network, p: Parameters) -> Outcome:
    """Where a community or township centre has no general practice (02) of its own, a hospital of the named
    level in its consortium has to stand in, with general practice or internal medicine."""
    level = number(p["level"])
    centres = [i for i in net.local() if i.category in CENTRES]
    findings = [
        found(about("institution", i.id), institution=i.name)
        for i in centres
        if "02" not in i.specialties
        and not any(
            not h.primary and h.level >= level and {"02", "03"} & h.specialties
            for c in net.consortia_of(i.id)
            for h in net.members(c.id)
        )
    ]
    return outcome(len(centres), findings)


_MAY_CROSS: Mapping[str, Callable[[Institution], bool]] = {
    "tier3": lambda i: i.level == 3,
    "rehab": lambda i: i.category is Category.REHABILITATION,
    "nursing": lambda i: i.category is Category.NURSING,
    "mch": lambda i: i.category is Category.MATERNAL_CHILD,
    "public_health": lambda i: i.category is Category.PUBLIC_HEALTH,
}
_MAY_CROSS_NAMES = {
    "tier3": Text("三级医院", "tertiary hospitals"),
    "rehab": Text("康复机构", "rehabilitation institutions"),
    "nursing": Text("护理机构", "nursing institutions"),
    "mch": Text("妇幼保健机构", "maternal-child institutions"),
    "public_health": Text("专业公共卫生机构", "public-health institutions"),
}


@rule
def across_grids_only_kinds_named(net: Network, p: Parameters) -> Outcome:
    """Members of a group from another group's grid are of the kinds that the texts let serve across grids.
    The card's parameters are the lists of kinds, one for each text. A lead answers for its grid from
    wherever it stands (a county's TCM hospital from the county town); who collaborates or assists helps without
    belonging: neither counts."""
    allowed = [word for value in p.values() for word in words(value)]
    answering = {c for g in net.grids.values() for c in g.responsible}
    rows = [
        (net.consortia[m.consortium], net.institutions[m.institution])
        for m in net.memberships
        if m.consortium in answering and m.role is Role.MEMBER
    ]
    findings = []
    for c, i in rows:
        home = _home_grids(net, i)
        if not home or any(c.id in g.responsible for g in home) or any(_MAY_CROSS[w](i) for w in allowed):
            continue
        findings.append(
            found(
                about("institution", i.id),
                about("consortium", c.id),
                institution=i.name,
                consortium=c.name,
                names=worded([g.name for g in home], {}),
                allowed=worded(allowed, _MAY_CROSS_NAMES),
            )
        )
    return outcome(len(rows), findings)


def _home_grids(net: Network, i: Institution) -> list[Grid]:
    """Grids in which an institution lies. Where a county is cut by township and its own is not on record, it
    may lie in any of the county's grids."""
    grids = _grids(net)
    exact = [g for g in grids if (i.township and i.township in g.places) or i.division in g.places]
    return exact or [g for g in grids if any(net.consortia[c].division == i.division for c in g.responsible)]
