"""What policy promises of an institution's places on a day, and what is on offer there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.rules import Category, Role
from tiercare.apps.network.rules import Kind as ConsortiumKind
from tiercare.engines.policy import (
    PackSet,
    ParameterProblem,
    RuleCard,
    Verdict,
    evaluate,
    parameter,
    parameters_of,
)

from ..rules.cards import PREDICATES, DayOffers, Hospital, own_share_of, promise_of
from ..rules.planning import Promise
from ..rules.shares import Offer, resources_of
from ..rules.vocabulary import Channel, Grade, Kind

APP = "capacity"
RELEASE = "release_hours"
# Whose lead and assisting hospitals the texts mean (县级医疗集团): groups and communities, no alliance of a specialty.
GROUPS = [ConsortiumKind.CITY_GROUP.value, ConsortiumKind.COUNTY_COMMUNITY.value]

_HOSPITALS = """
SELECT v.institution_id, v.name, v.category, v.level, v.division_code,
       array(SELECT DISTINCT m.role FROM network_membership m JOIN network_consortium c ON c.id = m.consortium_id
             WHERE m.institution_id = v.institution_id AND m.period @> %(on)s::date
               AND c.kind = ANY (%(kinds)s::text[])) AS roles
FROM network_institutionversion v
WHERE v.institution_id = ANY (%(institutions)s::uuid[]) AND v.period @> %(on)s::date
"""
# By session, since one session may count under several names of resources.
_OFFERED = """
SELECT s.institution_id, s.day, s.kind, s.grade, q.channel, sum(q.cap)::integer AS units
FROM capacity_session s JOIN capacity_quota q ON q.session_id = s.id
WHERE s.institution_id = ANY (%(institutions)s::uuid[]) AND s.day BETWEEN %(first)s::date AND %(last)s::date
  AND s.state = 'PUBLISHED' AND q.channel NOT IN ('WALK_IN', 'OVERBOOK') AND s.id <> ALL (%(without)s::uuid[])
GROUP BY s.institution_id, s.day, s.kind, s.grade, q.channel
"""


@dataclass(frozen=True, slots=True)
class Bound:
    """An institution as policy sees it on a day: what it is, its pack, and what is promised of its places. ``own`` are
    the cards that leave it to the hospital how much is kept, with the resources of which it has to set a share."""

    hospital: Hospital
    pack: str
    promises: tuple[Promise, ...]
    release: timedelta
    own: tuple[tuple[RuleCard, frozenset[str]], ...] = ()


def bound(institution_id: UUID, *, on: date, packs: PackSet | None = None) -> Bound | None:
    """What binds the institution on that day; ``None`` if it is not open then."""
    found = hospitals([institution_id], on)
    if not found:
        return None
    (hospital, division) = found[0]
    known = packs or mandates.packs()
    pack = mandates.pack_in_force(division, on=on)
    given = [
        (card, parameters)
        for card in cards(known, pack)
        if (parameters := parameters_of(known, card, on)) is not None
    ]
    promises = [
        promise
        for card, parameters in given
        if (promise := promise_of(card.id, parameters, hospital)) is not None
    ]
    own = [
        (card, resources)
        for card, parameters in given
        if (resources := own_share_of(card.id, parameters, hospital))
    ]
    return Bound(hospital, pack, tuple(promises), _release(known, pack, on), tuple(own))


def _release(packs: PackSet, pack: str, on: date) -> timedelta:
    """How long before the start what is kept and unused opens to all. Texts say 优先 (first), not until when: the number
    in the packs is marked as ours; where none holds yet, nothing opens before the start."""
    try:
        hours = parameter(packs, RELEASE, pack, on=on).value
    except ParameterProblem:
        return timedelta(0)
    return timedelta(hours=hours) if isinstance(hours, int) else timedelta(0)


def cards(packs: PackSet, pack: str) -> list[RuleCard]:
    """The cards of the pack that are about places."""
    return [card for card in packs.cards_for(pack) if card.app == APP]


def offers(
    institutions: Collection[UUID], first: date, last: date, *, without: Collection[UUID] = ()
) -> dict[date, tuple[Offer, ...]]:
    """What these institutions have published, by day and resource; the sessions ``without`` left out."""
    found: dict[tuple[date, UUID, str], dict[Channel, int]] = {}
    asked = {"institutions": list(institutions), "first": first, "last": last, "without": list(without)}
    for row in rows(_OFFERED, **asked):
        for resource in resources_of(Kind(row["kind"]), Grade(row["grade"])):
            units = found.setdefault((row["day"], row["institution_id"], resource), {})
            channel = Channel(row["channel"])
            units[channel] = units.get(channel, 0) + row["units"]
    days: dict[date, list[Offer]] = {}
    for (day, institution, resource), units in sorted(found.items(), key=lambda each: str(each[0])):
        days.setdefault(day, []).append(Offer(institution, resource, sum(units.values()), units))
    return {day: tuple(each) for day, each in days.items()}


def verdicts(
    binding: Bound, offered: Sequence[Offer], *, on: date, packs: PackSet | None = None
) -> list[Verdict]:
    """How the institution's offers of that day stand under the cards of its pack, waivers counted."""
    known = packs or mandates.packs()
    facts = DayOffers(on, {binding.hospital.id: binding.hospital}, tuple(offered))
    return evaluate(
        known,
        cards(known, binding.pack),
        PREDICATES,
        facts,
        on=on,
        waivers=mandates.waivers(binding.pack, on=on),
    )


def hospitals(institutions: Collection[UUID], on: date) -> list[tuple[Hospital, str]]:
    """These institutions as policy sees them on that day, each with its division; those not open then are left out."""
    return [
        (
            Hospital(
                row["institution_id"],
                row["name"],
                Category(row["category"]),
                row["level"],
                frozenset(Role(role) for role in row["roles"]),
            ),
            row["division_code"],
        )
        for row in rows(_HOSPITALS, institutions=list(institutions), on=on, kinds=GROUPS)
    ]
