"""Beds, hospitals, general practitioners and TCM for the people of a county or district.

Where the population is not on record the county is named as not yet judged: nothing is estimated here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tiercare.engines.policy.verdicts import Finding, Outcome
from tiercare.kernel.text import Text

from .facts import Affiliation, Area, Category, Institution, Network, Owner
from .profiles import words
from .registry import Parameters, about, coverage, found, number, outcome, rule, worded
from .services import OFFERS, counties, inside

_NO_POPULATION = Text("常住人口没有登记，无法计算", "its permanent residents are not on record")
_NO_BEDS = Text("床位没有登记，无法计算", "its beds are not on record")


def _per(net: Network, amount: Callable[[Sequence[Institution]], int], people: int, target: float) -> Outcome:
    """Amounts per so many residents, county by county, against the target."""
    areas = counties(net)
    findings = []
    for area in areas:
        rate = amount(inside(net, area.code)) * people / area.population if area.population else None
        if rate is None or rate < target:
            actual = _NO_POPULATION if rate is None else Text(f"{rate:.2f}", f"{rate:.2f}")
            findings.append(found(about("area", area.code), area=area.name, actual=actual))
    return outcome(len(areas), findings)


def _beds(rows: Sequence[Institution]) -> int:
    return sum(i.beds for i in rows)


def _general_practitioners(rows: Sequence[Institution]) -> int:
    return sum(i.general_practitioners for i in rows)


@rule
def beds_per_thousand(net: Network, p: Parameters) -> Outcome:
    """Beds per thousand permanent residents."""
    return _per(net, _beds, 1000, number(p["target"]))


@rule
def general_practitioners_per_ten_thousand(net: Network, p: Parameters) -> Outcome:
    """General practitioners per ten thousand permanent residents."""
    return _per(net, _general_practitioners, 10000, number(p["target"]))


@rule
def general_practitioners_of_city_residents(net: Network, p: Parameters) -> Outcome:
    """General practitioners per ten thousand city residents. The register knows residents by district and not
    by town and country, so everybody in a district counts as a city resident."""
    return _per(net, _general_practitioners, 10000, number(p["target"]))


@rule
def private_bed_share(net: Network, p: Parameters) -> Outcome:
    """The share of a county's beds that society runs."""
    target = number(p["target"])
    areas = counties(net)
    findings = []
    for area in areas:
        rows = inside(net, area.code)
        total = _beds(rows)
        share = _beds([i for i in rows if i.owner is Owner.PRIVATE]) / total if total else None
        if share is None or share < target:
            actual = _NO_BEDS if share is None else Text(f"{share:.1%}", f"{share:.1%}")
            findings.append(found(about("area", area.code), area=area.name, actual=actual))
    return outcome(len(areas), findings)


def _for_people(net: Network, p: Parameters, counts: Callable[[Institution], bool]) -> Outcome:
    """So many hospitals for every ``people`` residents, and so many in any county."""
    areas = counties(net)
    findings = []
    for area in areas:
        finding = _short_of(area, [i for i in inside(net, area.code) if counts(i)], p)
        if finding:
            findings.append(finding)
    return outcome(len(areas), findings)


def _short_of(area: Area, rows: Sequence[Institution], p: Parameters) -> Finding | None:
    wanted = int(number(p["minimum"])) * max(1, area.population // int(number(p["people"])))
    if area.population and len(rows) >= wanted:
        return None
    actual = Text(f"登记{len(rows)}，需要{wanted}", f"{len(rows)} on record of {wanted}")
    return found(
        about("area", area.code), area=area.name, actual=actual if area.population else _NO_POPULATION
    )


def _second_grade_a(i: Institution) -> bool:
    """Level 2 grade A, or above."""
    return i.level > 2 or (i.level == 2 and i.grade == "A")


@rule
def general_hospitals_for_people(net: Network, p: Parameters) -> Outcome:
    """General hospitals of level 2 grade A or above."""
    return _for_people(net, p, lambda i: i.category is Category.GENERAL and _second_grade_a(i))


@rule
def tcm_hospitals_for_people(net: Network, p: Parameters) -> Outcome:
    """TCM hospitals of level 2 grade A or above."""
    return _for_people(net, p, lambda i: i.category is Category.TCM and _second_grade_a(i))


@rule
def maternal_child_for_people(net: Network, p: Parameters) -> Outcome:
    """Maternal-child institutions of level 2 or above."""
    return _for_people(net, p, lambda i: i.category is Category.MATERNAL_CHILD and i.level >= 2)


@rule
def township_centres_have_general_practitioners(net: Network, p: Parameters) -> Outcome:
    """Every township centre has so many general practitioners."""
    minimum = number(p["minimum"])
    rows = [i for i in net.local() if i.category is Category.TOWNSHIP_CENTRE]
    findings = [
        found(about("institution", i.id), institution=i.name, count=i.general_practitioners)
        for i in rows
        if i.general_practitioners < minimum
    ]
    return outcome(len(rows), findings)


@rule
def general_practice_registered(net: Network, p: Parameters) -> Outcome:
    """A hospital with a licensed general practitioner registers general practice (02). Whether it meets the
    basic standard the register does not say; who does not is to say so in the application."""
    del p
    rows = [
        i
        for i in net.local()
        if not i.primary and i.category is not Category.PUBLIC_HEALTH and i.general_practitioners
    ]
    findings = [
        found(about("institution", i.id), institution=i.name, count=i.general_practitioners)
        for i in rows
        if "02" not in i.specialties
    ]
    return outcome(len(rows), findings)


def _with_tcm(net: Network, p: Parameters, *kinds: Category) -> Outcome:
    rows = [i for i in net.local() if i.category in kinds]
    findings = [
        found(about("institution", i.id), institution=i.name) for i in rows if not OFFERS["tcm"].by(i)
    ]
    return coverage(rows, findings, p["target"])


@rule
def township_centres_offer_tcm(net: Network, p: Parameters) -> Outcome:
    """The share of township centres that offer TCM: the first value of a text with more values than types."""
    return _with_tcm(net, p, Category.TOWNSHIP_CENTRE)


@rule
def community_centres_offer_tcm(net: Network, p: Parameters) -> Outcome:
    """The share of community centres that offer TCM: the second value."""
    return _with_tcm(net, p, Category.COMMUNITY_CENTRE)


@rule
def village_stations_offer_tcm(net: Network, p: Parameters) -> Outcome:
    """The share of village clinics that offer TCM: the third value."""
    return _with_tcm(net, p, Category.VILLAGE_CLINIC)


_TCM_SPECIALTIES = {
    "internal": ("50.01", Text("中医内科", "TCM internal medicine")),
    "surgery": ("50.02", Text("中医外科", "TCM surgery")),
    "gynaecology": ("50.03", Text("中医妇科", "TCM gynaecology")),
    "paediatrics": ("50.04", Text("中医儿科", "TCM paediatrics")),
    "acupuncture": ("50.13", Text("针灸", "acupuncture")),
    "tuina": ("50.14", Text("推拿", "tuina")),
    "orthopaedics": ("50.10", Text("中医骨伤", "TCM orthopaedics")),
    "oncology": ("50.09", Text("中医肿瘤", "TCM oncology")),
}


@rule
def tcm_hospital_specialties(net: Network, p: Parameters) -> Outcome:
    """The district's TCM hospital has the specialties that the text names."""
    rows = [i for i in net.local() if i.category is Category.TCM and i.affiliation is Affiliation.COUNTY]
    findings = []
    for i in rows:
        missing = [word for word in words(p["specialties"]) if _TCM_SPECIALTIES[word][0] not in i.specialties]
        if missing:
            names = worded(missing, {word: name for word, (_, name) in _TCM_SPECIALTIES.items()})
            findings.append(found(about("institution", i.id), institution=i.name, names=names))
    return outcome(len(rows), findings)
