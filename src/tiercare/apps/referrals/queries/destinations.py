"""Where a resident can be sent: the institutions that come into question, in the region's order, with their reasons.

Five statements whatever the number of institutions: where the sender is, its pack, whose the resident is, the
candidates, their first places.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.capacity.queries.places import NOBODY
from tiercare.apps.capacity.queries.search import AHEAD
from tiercare.apps.capacity.rules.channels import Evidence, channel_of, draws
from tiercare.apps.capacity.rules.vocabulary import Channel, Grade
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.exchange.rules.refusals import DECEASED, NOT_YOUR_RESIDENT
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.apps.network.rules import Affiliation, Category, Kind, Owner, Role
from tiercare.engines.guidelines import Direction
from tiercare.engines.payment import (
    Benefits,
    Care,
    Cover,
    Estimate,
    InsuranceKind,
    Referral,
    estimate,
    typical_case,
)
from tiercare.engines.payment.estimating import NO_BENEFIT, NOT_IN_BASIC, NOT_ON_RECORD
from tiercare.engines.policy import PackSet
from tiercare.kernel.actor import Actor
from tiercare.kernel.geo import distance_km
from tiercare.kernel.refusal import Refusal, Refused, refuse

from ..rules.competition import Competition, competition_of
from ..rules.functions import ABOVE, BELOW, RECEIVES, offered
from ..rules.preferences import Preferences, preferences_of
from ..rules.ranking import (
    OF_CARE,
    Ask,
    Belonging,
    Candidate,
    Standing,
    Tie,
    closed,
    in_order,
    lowest,
    minutes,
)
from ..rules.ranking import objection as objection_to
from ..rules.reasons import Reason, reasons
from . import destinations_sql as sql


@dataclass(frozen=True, slots=True)
class FirstPlace:
    """The first free place for this resident: ``free`` places of the slot through ``channel``."""

    slot_id: UUID
    session_id: UUID
    pool_id: UUID
    pool: str
    grade: Grade
    physician: str
    starts_at: datetime
    ends_at: datetime
    free: int
    channel: Channel


@dataclass(frozen=True, slots=True)
class Destination:
    """An institution that can be chosen. ``km`` over the straight line and ``minutes`` by road are estimates;
    ``departments`` are those of the specialty, by id and name; ``reasons`` say why it stands here."""

    institution_id: UUID
    name: str
    level: int
    category: Category
    owner: Owner
    affiliation: Affiliation
    division_code: str
    km: float | None
    minutes: int | None
    ties: frozenset[Tie]
    key_rank: str
    wished: bool
    departments: tuple[tuple[UUID, str], ...]
    first: FirstPlace | None
    estimate: Estimate
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known before candidates are looked for."""

    on: date
    division: str
    signed_at: UUID | None
    preferences: Preferences
    competition: Competition
    benefits: Benefits
    scheme: str | None = None

    @property
    def cover(self) -> Cover | None:
        """What insures the resident, where it is the basic insurance."""
        return Cover(InsuranceKind(self.scheme)) if self.scheme in set(InsuranceKind) else None


def destinations(
    actor: Actor,
    *,
    resident_id: UUID,
    specialty: str,
    urgency: Urgency,
    direction: Direction,
    tier: int | None = None,
    functions: Collection[str] = (),
    wish: UUID | None = None,
    requested: bool = False,
    cover: Cover | None = None,
    care: Care = Care.OUTPATIENT,
    limit: int | None = None,
    packs: PackSet | None = None,
) -> list[Destination]:
    """Where the actor's institution can send this resident, the best first; all of them unless ``limit`` cuts.

    ``specialty`` is a licensed one, empty for any; ``tier`` the level that the guideline names; ``functions`` what is
    needed below; ``wish`` what the resident asked for; ``requested``: a request brings them, so that places kept for
    referrals count; ``cover`` reckons with another cover than the one on record, ``care`` says what the bill would be
    for. In an emergency places are not looked at. It tells nothing of who the resident is, so it is no reading of a
    record.

    Raises:
        Refused: if the actor sends no requests, does not look after the resident, or they have died; or no pack is in
            force where the institution is.
    """
    refuse(access.may(actor, Right.REQUESTS_SEND, institution_id=actor.institution_id))
    assert actor.institution_id is not None  # nobody else sends requests
    known, deceased = _known(actor, resident_id, packs)
    refuse(DECEASED if deceased else None)
    is_open = known.competition.asked(specialty=specialty, functions=functions)
    ask = Ask(
        actor.institution_id,
        direction,
        urgency,
        known.division,
        tier,
        frozenset(functions),
        open_by=is_open.clause if is_open else "",
    )
    own_doctor = known.signed_at if direction is Direction.DOWN else None
    always = [each for each in (wish, own_doctor) if each is not None]
    found = _candidates(ask, known, specialty, always)
    ask = replace(ask, grouped=any(kind in OF_CARE for row in found for kind, *_ in row["belongings"] or ()))
    firsts = {} if ask.emergency else _firsts(actor, found, known, requested)
    candidates = [
        _candidate(
            row,
            ask,
            known,
            wish=wish,
            first=firsts.get(row["institution_id"]),
            cover=cover or known.cover,
            care=care,
        )
        for row in found
    ]
    by_id = {row["institution_id"]: row for row in found}
    return [
        _destination(each, ask, known, by_id[each.institution_id], firsts.get(each.institution_id))
        for each in in_order(candidates, ask, known.preferences)[:limit]
    ]


def objection(
    actor: Actor,
    *,
    resident_id: UUID,
    institution_id: UUID,
    specialty: str,
    direction: Direction,
    functions: Collection[str] = (),
) -> Refusal | None:
    """Why this resident cannot be sent there at all, asked again when the request is sent: never a consortium.

    Raises:
        Refused: as ``destinations``, but that the resident died is answered.
    """
    assert actor.institution_id is not None
    (ground,) = rows(sql.GROUND, resident=resident_id, sender=actor.institution_id)
    parts = specialty.split(".") if specialty else []
    (row,) = rows(
        sql.ONE,
        sender=actor.institution_id,
        to=institution_id,
        on=ground["today"],
        specialty=specialty,
        codes=[".".join(parts[: n + 1]) for n in range(len(parts))],
    )
    if not row["sends"] or not ground["person"] or not ground["known"]:
        raise Refused(NOT_YOUR_RESIDENT)
    if row["category"] is None:
        names = network.names_of_institutions([institution_id], on=ground["today"])
        return DECEASED if ground["deceased"] else closed(names.get(institution_id, ""))
    category = Category(row["category"])
    candidate = Candidate(
        institution_id,
        row["name"],
        row["level"],
        category,
        Owner(row["owner"]),
        Affiliation(row["affiliation"]),
        row["division"],
        licensed=row["licence"] is not None or not specialty,
        offers=offered(category, row["specialties"], row["facilities"]),
    )
    ask = Ask(
        actor.institution_id, direction, Urgency.ROUTINE, row["division"], functions=frozenset(functions)
    )
    return objection_to(candidate, ask, deceased=ground["deceased"])


def _known(actor: Actor, resident_id: UUID, packs: PackSet | None) -> tuple[_Known, bool]:
    """What holds where the sender is, and whose the resident is; and whether they have died."""
    assert actor.institution_id is not None
    (ground,) = rows(sql.GROUND, resident=resident_id, sender=actor.institution_id)
    today = ground["today"]
    place = network.place_of(actor.institution_id, on=today)
    if place is None or not ground["person"] or not ground["known"]:
        raise Refused(NOT_YOUR_RESIDENT)
    pack = mandates.pack_in_force(place.division_code, on=today)
    sets = packs or mandates.packs()
    return (
        _Known(
            on=today,
            division=place.division_code,
            signed_at=ground["signed_at"],
            preferences=preferences_of(sets, pack, on=today),
            competition=competition_of(sets, pack, on=today),
            benefits=mandates.benefits(pack, sets),
            scheme=ground["scheme"],
        ),
        ground["deceased"],
    )


def _candidates(ask: Ask, known: _Known, specialty: str, always: list[UUID]) -> list[dict[str, Any]]:
    """Institutions that come into question, each with its distance; ``always`` among them, if they are open."""
    preferences, up = known.preferences, ask.direction is Direction.UP
    kinds = RECEIVES if ask.open_by else ABOVE if up else BELOW
    parts = specialty.split(".") if specialty else []
    found = rows(
        sql.CANDIDATES,
        sender=ask.sender_id,
        on=known.on,
        specialty=specialty,
        codes=[".".join(parts[: n + 1]) for n in range(len(parts))],
        always=always,
        categories=[each.value for each in kinds],
        lowest=lowest(ask, preferences) if up else 0,
        alliances=up and bool(preferences.alliance_by),
        far=preferences.within_km if up else 0,
        offers=not up,
    )
    for row in found:
        here, there = (row["from_lng"], row["from_lat"]), (row["lng"], row["lat"])
        row["km"] = None if None in here or None in there else distance_km(here, there)
    return found


def _firsts(
    actor: Actor, found: Iterable[Mapping[str, Any]], known: _Known, requested: bool
) -> dict[UUID, FirstPlace]:
    """The first free place of each within the days for which places are looked for, through the channel that the
    evidence gives this actor there."""
    able = [row for row in found if row["institution_id"] != actor.institution_id]
    channels = [
        channel_of(
            Evidence(
                known=True,
                signed_at=known.signed_at,
                requested=requested,
                fellows=row["belongings"] is not None,
            ),
            role=actor.role,
            institution_id=actor.institution_id,
            host_id=row["institution_id"],
        )
        for row in able
    ]
    firsts = rows(
        sql.FIRST,
        institutions=[row["institution_id"] for row in able],
        channels=[each.value for each in channels],
        licences=[row["licence"] or "" for row in able],
        family=[each.value for each in draws(Channel.FAMILY_DOCTOR)],
        referral=[each.value for each in draws(Channel.REFERRAL)],
        member=[each.value for each in draws(Channel.MEMBER)],
        nobody=NOBODY,
        sender=actor.institution_id,
        first=known.on,
        last=known.on + AHEAD,
    )
    return {row.pop("institution_id"): _first(row) for row in firsts}


def _first(row: dict[str, Any]) -> FirstPlace:
    return FirstPlace(**{**row, "grade": Grade(row["grade"]), "channel": Channel(row["channel"])})


def _candidate(
    row: Mapping[str, Any],
    ask: Ask,
    known: _Known,
    *,
    wish: UUID | None,
    first: FirstPlace | None,
    cover: Cover | None,
    care: Care,
) -> Candidate:
    category = Category(row["category"])
    down = ask.direction is Direction.DOWN
    return Candidate(
        institution_id=row["institution_id"],
        name=row["name"],
        level=row["level"],
        category=category,
        owner=Owner(row["owner"]),
        affiliation=Affiliation(row["affiliation"]),
        division=row["division"],
        licensed=row["licence"] is not None or not row["licence_asked"],
        offers=offered(category, row["specialties"], row["facilities"]) if down else frozenset(),
        key_rank=row["key_rank"] or "",
        belongings=tuple(
            Belonging(Kind(kind), Role(role), Standing(standing))
            for kind, role, standing in row["belongings"] or ()
        ),
        alliance=row["alliance"],
        leads_county=row["leads_county"],
        emergency=row["emergency"],
        doctor=row["institution_id"] == known.signed_at,
        wished=row["institution_id"] == wish,
        km=row["km"],
        first_at=first.starts_at if first else None,
        estimate=_estimate(cover, care, row["level"], ask, known),
    )


def _estimate(cover: Cover | None, care: Care, level: int, ask: Ask, known: _Known) -> Estimate:
    """Of the usual case at this level; nothing known without a cover."""
    if cover is None:
        return NOT_ON_RECORD if known.scheme is None else NOT_IN_BASIC
    referral = Referral.DOWN if ask.direction is Direction.DOWN else Referral.UP
    case = typical_case(known.benefits, cover.kind, care=care, level=level, referral=referral, on=known.on)
    return NO_BENEFIT if case is None else estimate(cover, case, known.benefits, on=known.on)


def _destination(
    candidate: Candidate, ask: Ask, known: _Known, row: Mapping[str, Any], first: FirstPlace | None
) -> Destination:
    return Destination(
        institution_id=candidate.institution_id,
        name=candidate.name,
        level=candidate.level,
        category=candidate.category,
        owner=candidate.owner,
        affiliation=candidate.affiliation,
        division_code=candidate.division,
        km=None if candidate.km is None else round(candidate.km, 1),
        minutes=minutes(candidate, known.preferences),
        ties=candidate.ties,
        key_rank=candidate.key_rank,
        wished=candidate.wished,
        departments=tuple((UUID(key), name) for key, name in row["departments"] or ()),
        first=first,
        estimate=candidate.estimate or NOT_ON_RECORD,
        reasons=reasons(candidate, ask, known.preferences),
    )
