"""Where to refer: candidates in an order that the region's pack sets, each with its reasons. Sorted, never blocked.

Only four things stand against a destination: it is where the patient already is, it is not open, it is not licensed
for the specialty (going down: does not offer what is needed), or the resident has died. A consortium stands against
nothing (WH-15, WH-16, WH-26): it moves a candidate up the list and does nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import ceil
from uuid import UUID

from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.exchange.rules.refusals import DECEASED, RECEIVER_CLOSED, TO_ONESELF
from tiercare.apps.network.rules import Affiliation, Category, Kind, Owner, Role
from tiercare.engines.guidelines import Direction
from tiercare.engines.payment import Estimate
from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .preferences import OF_CONSORTIA, Criterion, Preferences


class Standing(StrEnum):
    """How a candidate belongs to a consortium that the sender is in: in it as well, in the group that the sender's
    consortium joined as a whole, or in another consortium that joined the same."""

    OWN = "own"
    ABOVE = "above"
    BESIDE = "beside"


class Tie(StrEnum):
    """What a destination is to the sender or to the resident."""

    OWN_LEAD = "own_lead"
    OWN_COLLABORATOR = "own_collaborator"
    OWN_MEMBER = "own_member"
    PARTNER = "partner"
    FELLOW = "fellow"
    ALLIANCE = "alliance"
    DOCTOR = "doctor"


# Who belongs to a group of the sender's (本医联体成员), itself or with a consortium that joined it as a whole.
OWN = frozenset({Tie.OWN_MEMBER, Tie.OWN_LEAD, Tie.FELLOW})
_CONTINUING = "continuing_care"  # 接续性服务: what everybody needs who is sent down
# Consortia in which patients are referred; the others are about one specialty or about telemedicine.
OF_CARE = frozenset({Kind.CITY_GROUP, Kind.COUNTY_COMMUNITY, Kind.URBAN_RURAL})


@dataclass(frozen=True, slots=True)
class Belonging:
    """One consortium that sender and candidate share, and the candidate's part in it."""

    kind: Kind
    role: Role
    standing: Standing


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of an institution before it is chosen. ``licensed``: for the specialty, or where none is asked;
    ``offers``: words of what it does for patients who come down; ``alliance``: leads one for the specialty;
    ``leads_county``: leads a county community; ``emergency``: has a registered emergency department; ``km`` over the
    straight line; ``first_at``: its first free place for this resident."""

    institution_id: UUID
    name: str
    level: int
    category: Category
    owner: Owner
    affiliation: Affiliation
    division: str
    licensed: bool = True
    open: bool = True
    offers: frozenset[str] = frozenset()
    key_rank: str = ""
    belongings: tuple[Belonging, ...] = ()
    alliance: bool = False
    leads_county: bool = False
    emergency: bool = False
    doctor: bool = False
    wished: bool = False
    km: float | None = None
    first_at: datetime | None = None
    estimate: Estimate | None = None

    @property
    def ties(self) -> frozenset[Tie]:
        """What it is to the sender and the resident."""
        found = {tie for each in self.belongings if (tie := _tie(each)) is not None}
        return frozenset(
            found | ({Tie.ALLIANCE} if self.alliance else set()) | ({Tie.DOCTOR} if self.doctor else set())
        )


def _tie(belonging: Belonging) -> Tie | None:
    if belonging.kind not in OF_CARE:
        return None
    match belonging.standing, belonging.role:
        case Standing.OWN, Role.LEAD:
            return Tie.OWN_LEAD
        case Standing.OWN, Role.COLLABORATOR | Role.ASSISTING:
            return Tie.OWN_COLLABORATOR
        case Standing.OWN, _:
            return Tie.OWN_MEMBER
        case Standing.ABOVE, Role.LEAD:
            return Tie.PARTNER
    return Tie.FELLOW


@dataclass(frozen=True, slots=True)
class Ask:
    """What is looked for. ``division`` is the sender's; ``tier`` the level that the guideline names; ``functions`` what is
    needed below, in the words of the texts (``rehabilitation``, ``chronic`` …); ``grouped``: the sender belongs to a
    consortium of care; ``open_by`` the clause by which every qualified provider stands open alike (``competition``)."""

    sender_id: UUID
    direction: Direction
    urgency: Urgency
    division: str = ""
    tier: int | None = None
    functions: frozenset[str] = frozenset()
    grouped: bool = True
    open_by: str = ""

    @property
    def emergency(self) -> bool:
        """Whether paperwork and places wait (XH-48 简化手续)."""
        return self.direction is Direction.UP and self.urgency is Urgency.EMERGENCY


def objection(candidate: Candidate, ask: Ask, *, deceased: bool = False) -> Refusal | None:
    """Why this resident cannot be sent to this institution at all; consortia and levels are no reason."""
    if deceased:
        return DECEASED
    if candidate.institution_id == ask.sender_id:
        return TO_ONESELF
    if not candidate.open:
        return closed(candidate.name)
    if ask.direction is Direction.UP and not candidate.licensed:
        return not_licensed(candidate.name)
    if ask.direction is Direction.DOWN and ask.functions - candidate.offers:
        return not_offered(candidate.name)
    return None


def closed(name: str) -> Refusal:
    """It is not open today."""
    return Refusal(
        RECEIVER_CLOSED.code,
        RECEIVER_CLOSED.message,
        RECEIVER_CLOSED.instead,
        {"to": name},
        at=RECEIVER_CLOSED.at,
        status=RECEIVER_CLOSED.status,
    )


def not_licensed(name: str) -> Refusal:
    """It has no licence for the specialty."""
    return Refusal(
        code="referrals.not_licensed",
        message=Text("{to}没有登记这个诊疗科目。", "{to} is not licensed for this specialty."),
        instead=Text("请从列表中另选机构，或改选科目。", "Choose another institution or another specialty."),
        fields={"to": name},
        at="to",
    )


def not_offered(name: str) -> Refusal:
    """It does not do what the patient needs below."""
    return Refusal(
        code="referrals.not_offered",
        message=Text("{to}没有登记患者所需的接续服务。", "{to} does not offer the care needed."),
        instead=Text(
            "请从列表中另选机构；该机构已开展的，请其先更新登记。",
            "Choose another institution; if it does offer it, have its register corrected first.",
        ),
        fields={"to": name},
        at="to",
    )


def listed(candidate: Candidate, ask: Ask, preferences: Preferences) -> bool:
    """Whether a list of destinations shows it. What the resident wishes is always shown, and down their own doctor.

    Up: hospitals of the level, and of the kinds, that the region's text lets refer to (WH-15). Down: where a text says
    who continues care (TY-20), of what it names only what members of the sender's own groups offer. Where the service stands
    open to all who are qualified (WH-04), neither narrows.
    """
    if objection(candidate, ask) is not None:
        return False
    if candidate.wished or ask.open_by:
        return True
    if ask.direction is Direction.UP:
        private = candidate.owner is Owner.PRIVATE
        return candidate.level >= lowest(ask, preferences) and preferences.includes(
            candidate.category, private=private
        )
    needed = ask.functions or {_CONTINUING}
    restricted = ask.grouped and bool(needed & preferences.continuing) and not candidate.doctor
    return not restricted or bool(candidate.ties & OWN)


def in_order(candidates: Iterable[Candidate], ask: Ask, preferences: Preferences) -> list[Candidate]:
    """Those that a list shows, the best first: by the pack's criteria one after the other, then by name. The same
    facts give the same order, in whatever order they come."""
    criteria = order_of(ask, preferences)

    def key(each: Candidate) -> tuple[tuple[float, ...], str, str]:
        return (
            tuple(_KEYS[criterion](each, ask, preferences) for criterion in criteria),
            each.name,
            str(each.institution_id),
        )

    return sorted((each for each in candidates if listed(each, ask, preferences)), key=key)


def order_of(ask: Ask, preferences: Preferences) -> tuple[Criterion, ...]:
    """The criteria, foremost first. An emergency goes to the nearest that is able, where the region's text or the
    nation's pack says so; everything else only decides between equals. Where the service stands open to all (WH-04), no
    consortium counts."""
    order = _order_of(ask, preferences)
    return tuple(each for each in order if each not in OF_CONSORTIA) if ask.open_by else order


def _order_of(ask: Ask, preferences: Preferences) -> tuple[Criterion, ...]:
    if ask.direction is Direction.DOWN:
        return preferences.order_down
    if ask.emergency and preferences.nearest:
        return tuple(dict.fromkeys((Criterion.FIT, Criterion.NEAR, *preferences.order)))
    return preferences.order


def wanted_level(ask: Ask, preferences: Preferences) -> int | None:
    """The level that is meant to treat this: in an emergency what the region's text names, else the guideline's."""
    if ask.emergency and preferences.emergency_level is not None:
        return preferences.emergency_level
    return ask.tier


def lowest(ask: Ask, preferences: Preferences) -> int:
    """The lowest level that a list shows going up: the region's, or a lower one that is meant to treat this; any that is licensed
    where the service stands open to all."""
    if ask.open_by:
        return 0
    wanted = wanted_level(ask, preferences)
    return preferences.level if wanted is None else min(preferences.level, wanted)


def minutes(candidate: Candidate, preferences: Preferences) -> int | None:
    """By road, at the pack's speed over the straight line, rounded up; an estimate, never a promise."""
    return None if candidate.km is None else ceil(candidate.km * 60 / preferences.kmh)


def is_own_receiver(candidate: Candidate, preferences: Preferences) -> str:
    """The clause by which it receives first in the sender's own consortium; empty if none does."""
    for each in candidate.belongings:
        if each.standing is Standing.OWN and each.kind in OF_CARE:
            if each.role is Role.LEAD and each.kind in preferences.own_lead:
                return preferences.own_lead[each.kind]
            if each.role in preferences.receivers:
                return preferences.receivers_by
    return ""


_FAR = float("inf")
_RANKS = ("NATIONAL", "PROVINCIAL", "PREFECTURE")
Key = Callable[[Candidate, Ask, Preferences], float]


def able(each: Candidate, ask: Ask, preferences: Preferences) -> bool:
    """Whether it is of the level that is meant to treat this and, in an emergency, has an emergency department."""
    wanted = wanted_level(ask, preferences)
    return (wanted is None or each.level >= wanted) and (each.emergency or not ask.emergency)


def _fit(each: Candidate, ask: Ask, preferences: Preferences) -> float:
    return float(not able(each, ask, preferences))


def _cost(each: Candidate, ask: Ask, preferences: Preferences) -> float:
    del ask, preferences
    known = each.estimate.out_of_pocket if each.estimate is not None else None
    return _FAR if known is None else float(known.fen)


def _near(each: Candidate, ask: Ask, preferences: Preferences) -> float:
    del ask
    away = minutes(each, preferences)
    return _FAR if away is None else float(away)


# Lower is better.
_KEYS: Mapping[Criterion, Key] = {
    Criterion.WISH: lambda each, *_: not each.wished,
    Criterion.DOCTOR: lambda each, *_: not each.doctor,
    Criterion.FIT: _fit,
    Criterion.FREE: lambda each, *_: each.first_at is None,
    Criterion.OWN_RECEIVER: lambda each, _, preferences: not is_own_receiver(each, preferences),
    Criterion.OWN_MEMBER: lambda each, *_: not (each.ties & OWN),
    Criterion.ALLIANCE: lambda each, _, preferences: not (each.alliance and preferences.alliance_by),
    Criterion.PARTNER: lambda each, _, preferences: not (Tie.PARTNER in each.ties and preferences.partner_by),
    Criterion.SOONEST: lambda each, *_: (
        _FAR if each.first_at is None else float(day_of(each.first_at).toordinal())
    ),
    Criterion.KEY_SPECIALTY: lambda each, *_: (
        float(_RANKS.index(each.key_rank)) if each.key_rank in _RANKS else _FAR
    ),
    Criterion.NEAR: _near,
    Criterion.COST: _cost,
}
