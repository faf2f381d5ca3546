"""Specialty alliances: for which specialties there should be one, and how far they reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tiercare.engines.policy.model import Value
from tiercare.engines.policy.verdicts import Outcome
from tiercare.kernel.text import Text

from .centres import prefectures
from .facts import Affiliation, Category, Consortium, Institution, Kind, Network
from .neighbours import NEIGHBOURS
from .profiles import SPECIALISED, same_specialty, words
from .registry import Parameters, about, found, outcome, rule, worded

# The words of NHC-16 and NHC-17, and the specialties of the national list that are meant.
_SPECIALTIES: Mapping[str, tuple[str, ...]] = {
    "oncology": ("19",),
    "cardiovascular": ("03.04",),
    "cerebrovascular": ("03.03", "04.02"),
    "respiratory": ("03.01",),
    "infection": ("16",),
    "major_communicable": ("16.03", "17"),
    "paediatrics": ("07",),
    "anaesthesia": ("26",),
    "pathology": ("31",),
    "psychiatry": ("15",),
}
_SPECIALTY_NAMES: Mapping[str, Text] = {
    "oncology": Text("肿瘤", "oncology"),
    "cardiovascular": Text("心血管", "cardiovascular disease"),
    "cerebrovascular": Text("脑血管", "cerebrovascular disease"),
    "respiratory": Text("呼吸", "respiratory disease"),
    "infection": Text("感染性疾病", "infection"),
    "major_communicable": Text("重大传染病", "major communicable disease"),
    "paediatrics": Text("儿科", "paediatrics"),
    "anaesthesia": Text("麻醉", "anaesthesia"),
    "pathology": Text("病理", "pathology"),
    "psychiatry": Text("精神", "psychiatry"),
}


def _alliances(net: Network) -> list[Consortium]:
    """Those of other areas too: they serve the members that they have here."""
    return [c for c in net.consortia.values() if c.kind is Kind.SPECIALTY_ALLIANCE]


def _touches(net: Network, c: Consortium, prefecture: str) -> bool:
    """True if an alliance has somebody in the prefecture."""
    return any(i.division.startswith(prefecture) for i in net.members(c.id))


def _matrix(net: Network, wanted: Value) -> Outcome:
    """Prefectures by specialties: one finding for each pair without an alliance."""
    pairs = [(code, word) for code in prefectures(net) for word in words(wanted)]
    findings = [
        found(
            about("area", f"{code}:{word}"),
            about("area", code),
            area=net.area_name(code),
            specialty=_SPECIALTY_NAMES[word],
        )
        for code, word in pairs
        if not any(
            _touches(net, c, code) and any(same_specialty(c.specialty, s) for s in _SPECIALTIES[word])
            for c in _alliances(net)
        )
    ]
    return outcome(len(pairs), findings)


@rule
def alliances_for_major_diseases(net: Network, p: Parameters) -> Outcome:
    """There is an alliance for each of the major diseases that the text puts first."""
    return _matrix(net, p["specialties"])


@rule
def alliances_for_scarce_specialties(net: Network, p: Parameters) -> Outcome:
    """There is an alliance for each of the scarce specialties that the text puts first."""
    return _matrix(net, p["specialties"])


_FORMS = {
    "specialty_alliance": (Kind.SPECIALTY_ALLIANCE, Text("专科联盟", "a specialty alliance")),
    "telemedicine_network": (Kind.TELEMEDICINE_NETWORK, Text("远程医疗协作网", "a telemedicine network")),
}


@rule
def key_specialties_bring_networks(net: Network, p: Parameters) -> Outcome:
    """Hospitals with a key specialty of the named ranks take part in each form of cooperation that the text
    names; an alliance must be one of that specialty."""
    ranks = {str(word).upper() for word in words(p["ranks"])}
    holders = [
        (i, specialty)
        for i in net.local()
        for specialty, rank in sorted(i.key_specialties.items())
        if rank in ranks
    ]
    findings = []
    for i, specialty in holders:
        missing = [form for form in words(p["forms"]) if not _takes_part(net, i, _FORMS[form][0], specialty)]
        if missing:
            findings.append(
                found(
                    about("institution", i.id),
                    institution=i.name,
                    specialty=net.specialty_names.get(specialty, specialty),
                    names=worded(missing, {word: name for word, (_, name) in _FORMS.items()}),
                )
            )
    return outcome(len(holders), findings)


def _takes_part(net: Network, i: Institution, kind: Kind, specialty: str) -> bool:
    rows = net.consortia_of(i.id, kind)
    return any(kind is not Kind.SPECIALTY_ALLIANCE or same_specialty(c.specialty, specialty) for c in rows)


_LEVELS = {"prefecture": Affiliation.PREFECTURE, "county": Affiliation.COUNTY}


@rule
def alliances_with_other_provinces(net: Network, p: Parameters) -> Outcome:
    """Specialty hospitals, and general hospitals with a key specialty, of the named levels ally with a
    hospital of another province. Which regions are “developed” the text leaves open, so any other counts."""
    levels = {_LEVELS[word] for word in words(p["levels"])}
    rows = [
        i
        for i in net.local()
        if i.affiliation in levels and (i.category in SPECIALISED or i.key_specialties) and not i.primary
    ]
    findings = [
        found(about("institution", i.id), institution=i.name)
        for i in rows
        if not any(
            partner.division[:2] != i.division[:2]
            for c in net.consortia_of(i.id, Kind.SPECIALTY_ALLIANCE)
            for partner in net.members(c.id)
        )
    ]
    return outcome(len(rows), findings)


def _prefectures_allied(net: Network, partner: Callable[[str, str], bool]) -> Outcome:
    rows = prefectures(net)
    findings = [
        found(about("area", code), area=net.area_name(code))
        for code in rows
        if not any(
            _touches(net, c, code) and any(partner(code, i.division) for i in net.members(c.id))
            for c in _alliances(net)
        )
    ]
    return outcome(len(rows), findings)


@rule
def alliances_with_neighbour_provinces(net: Network, p: Parameters) -> Outcome:
    """The prefecture's hospitals have an alliance with a hospital of a neighbouring province."""
    if "neighbouring_province" not in words(p["scope"]):
        return outcome(0, ())
    return _prefectures_allied(net, lambda own, other: other[:2] in NEIGHBOURS.get(own[:2], frozenset()))


@rule
def alliances_across_regions(net: Network, p: Parameters) -> Outcome:
    """The prefecture's hospitals belong to an alliance that reaches beyond it."""
    if "cross_region" not in words(p["scope"]):
        return outcome(0, ())
    return _prefectures_allied(net, lambda own, other: other[:4] != own)


@rule
def alliances_reach_counties(net: Network, p: Parameters) -> Outcome:
    """An alliance has members in county hospitals or below, whose power to treat it is to raise."""
    del p
    alliances = net.of_kind(Kind.SPECIALTY_ALLIANCE)
    findings = [
        found(about("consortium", c.id), consortium=c.name)
        for c in alliances
        if not any(
            i.primary or (i.affiliation is Affiliation.COUNTY and i.category is not Category.PUBLIC_HEALTH)
            for i in net.members(c.id)
        )
    ]
    return outcome(len(alliances), findings)
