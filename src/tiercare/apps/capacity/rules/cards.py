"""The rules about what is kept for others, each once: pure predicates over the offers of a day, found by their card's id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tiercare.apps.network.rules import Category, Role
from tiercare.engines.policy import Finding, Outcome, Value

from .planning import Promise
from .shares import INPATIENT_BED, OUTPATIENT_SLOT, RESOURCE_NAMES, Offer, keeps, promised
from .vocabulary import REFERRED, Channel

# Kinds of consortium in which a county's hospitals lead and assist (县级医疗集团).
HOSPITALS = frozenset({Category.GENERAL, Category.TCM, Category.SPECIALTY})


@dataclass(frozen=True, slots=True)
class Hospital:
    """What a rule has to know of an institution: its roles in consortia today, and its level."""

    id: UUID
    name: str
    category: Category
    level: int
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class MonthKept:
    """Clinic visits that an institution kept for primary care in a month that is over, and in the one before it."""

    institution_id: UUID
    month: date
    before: int
    kept: int


@dataclass(frozen=True, slots=True)
class DayOffers:
    """What the institutions of a region offer on one day; ``months`` only where the day is asked about its past."""

    on: date
    hospitals: Mapping[UUID, Hospital]
    offers: tuple[Offer, ...]
    months: tuple[MonthKept, ...] = ()


Parameters = Mapping[str, Value]
PREDICATES: dict[str, Callable[[DayOffers, Parameters], Outcome]] = {}
# By card: whom its promise binds. What such a card demands is also what ``planning.share_out`` fills in.
BOUND: dict[str, Callable[[Hospital], bool]] = {}
# By card: the resources of which it leaves the share to the hospital, which then has to set one.
OWN_SHARE: dict[str, Callable[[Hospital, Parameters], frozenset[str]]] = {}


def _is(role: Role) -> Callable[[Hospital], bool]:
    return lambda hospital: role in hospital.roles


def _share(card: str, bound: Callable[[Hospital], bool]) -> None:
    """Enter a card that promises a share of some resources to family doctors' referrals."""

    def predicate(facts: DayOffers, parameters: Parameters) -> Outcome:
        share, resources = _number(parameters["share"]), _names(parameters["resources"])
        looked = [each for each in facts.offers if each.resource in resources and _binds(facts, each, bound)]
        return Outcome(
            len(looked), tuple(_short(facts, each, share) for each in looked if not _kept(each, share))
        )

    PREDICATES[card], BOUND[card] = predicate, bound


def promise_of(card: str, parameters: Parameters, hospital: Hospital) -> Promise | None:
    """What this card promises of the hospital's places; ``None`` where it does not bind it."""
    bound = BOUND.get(card)
    if bound is None or not bound(hospital):
        return None
    return Promise(card, _names(parameters["resources"]), _number(parameters["share"]))


def _binds(facts: DayOffers, offer: Offer, bound: Callable[[Hospital], bool]) -> bool:
    hospital = facts.hospitals.get(offer.institution_id)
    return hospital is not None and bound(hospital)


def _kept(offer: Offer, share: float) -> bool:
    return keeps(offer.offered, offer.kept_for([Channel.FAMILY_DOCTOR]), share)


def _short(facts: DayOffers, offer: Offer, share: float) -> Finding:
    return _finding(
        facts, offer, kept=offer.kept_for([Channel.FAMILY_DOCTOR]), needed=promised(offer.offered, share)
    )


def _finding(facts: DayOffers, offer: Offer, **fields: object) -> Finding:
    hospital = facts.hospitals[offer.institution_id]
    key = f"institution:{hospital.id}"
    said = {
        "institution": hospital.name,
        "day": facts.on,
        "resource": RESOURCE_NAMES[offer.resource],
        "offered": offer.offered,
    }
    return Finding(key, {**said, **fields}, (key,))


_share("lead_hospital_keeps_share", _is(Role.LEAD))
_share("assisting_hospital_keeps_share", _is(Role.ASSISTING))


def second_level_keeps_some(facts: DayOffers, parameters: Parameters) -> Outcome:
    """XH-41: hospitals of the second level keep some visits and beds for referrals, how many is theirs to set."""
    looked = [
        each
        for each in facts.offers
        if (hospital := facts.hospitals.get(each.institution_id)) is not None
        and each.resource in _of_second_level(hospital, parameters)
    ]
    return Outcome(
        len(looked), tuple(_finding(facts, each) for each in looked if each.kept_for(REFERRED) == 0)
    )


def _of_second_level(hospital: Hospital, parameters: Parameters) -> frozenset[str]:
    bound = hospital.category in HOSPITALS and hospital.level == _number(parameters["tier"])
    return frozenset({OUTPATIENT_SLOT, INPATIENT_BED}) if bound else frozenset()


def own_share_of(card: str, parameters: Parameters, hospital: Hospital) -> frozenset[str]:
    """The resources of which this card has the hospital keep a share that is the hospital's own to set."""
    asked = OWN_SHARE.get(card)
    return frozenset() if asked is None else asked(hospital, parameters)


PREDICATES["second_level_keeps_some"] = second_level_keeps_some
OWN_SHARE["second_level_keeps_some"] = _of_second_level

# Upper hospitals of groups and communities (上级医院), by what they are there.
UPPER = frozenset({Role.LEAD, Role.ASSISTING, Role.COLLABORATOR})


def reserved_slots_rise(facts: DayOffers, parameters: Parameters) -> Outcome:
    """NHC-40: the visits that upper hospitals keep for primary care grow, month over month."""
    rising = parameters["direction"] == "up"
    looked = [
        each
        for each in facts.months
        if each.institution_id in facts.hospitals and facts.hospitals[each.institution_id].roles & UPPER
    ]
    turned = [each for each in looked if each.kept != each.before and (each.kept < each.before) is rising]
    return Outcome(len(looked), tuple(_of_month(facts, each) for each in turned))


def _of_month(facts: DayOffers, kept: MonthKept) -> Finding:
    hospital = facts.hospitals[kept.institution_id]
    key = f"institution:{hospital.id}"
    said = {
        "institution": hospital.name,
        "month": f"{kept.month:%Y-%m}",
        "before": kept.before,
        "kept": kept.kept,
    }
    return Finding(key, said, (key,))


PREDICATES["reserved_slots_rise"] = reserved_slots_rise


def _number(value: Value) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"a number was expected, the pack says {value!r}")
    return value


def _names(value: Value) -> frozenset[str]:
    if not isinstance(value, Iterable) or isinstance(value, str):
        raise TypeError(f"a list was expected, the pack says {value!r}")
    return frozenset(str(each) for each in value)
