"""What a region's texts say about where to refer, read from its pack: nothing here names a clause or a region.

A clause is known by what it sets: ``preferred=own_lead`` with what it forbids to restrict (WH-16, WH-26), the lowest
level and the kinds of hospital to refer to (WH-15), partners (WH-31), alliances without limits of area (WH-45), who in
a group receives (TY-19) and who continues care (TY-20), emergencies to the nearest (XH-48). What no text sets the
nation's pack carries as ours (NHC-37).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache

from tiercare.apps.network.rules import Category, Kind, Role
from tiercare.engines.policy import PackSet, Value, parameter


class Criterion(StrEnum):
    """What a list of destinations may be sorted by; the words of the packs."""

    WISH = "wish"
    DOCTOR = "doctor"
    FIT = "fit"
    FREE = "free"
    OWN_RECEIVER = "own_receiver"
    OWN_MEMBER = "own_member"
    ALLIANCE = "alliance"
    PARTNER = "partner"
    SOONEST = "soonest"
    KEY_SPECIALTY = "key_specialty"
    NEAR = "near"
    COST = "cost"


# What puts a candidate before others because of a consortium.
OF_CONSORTIA = frozenset(
    {Criterion.OWN_RECEIVER, Criterion.OWN_MEMBER, Criterion.ALLIANCE, Criterion.PARTNER}
)

# Of which consortium a clause speaks that says: one's own lead first, but do not restrict … (WH-16 city, WH-26 county).
_SPOKEN_OF = {
    "restrict_other_city_tier3": Kind.CITY_GROUP,
    "restrict_other_county_leads": Kind.COUNTY_COMMUNITY,
}
# The texts' words for hospitals besides public general ones (WH-15 含专科医院、民营医院).
_KINDS: Mapping[str, frozenset[Category]] = {
    "specialty": frozenset(
        {
            Category.SPECIALTY,
            Category.PSYCHIATRIC,
            Category.MATERNAL_CHILD,
            Category.REHABILITATION,
            Category.NURSING,
        }
    ),
}
PRIVATE = "private"
_REFERRAL = "referral"


@dataclass(frozen=True, slots=True)
class Preferences:
    """How destinations are sorted where a pack holds. A mapping or a text names the clause by which something counts;
    empty: no text says so, and it does not count.

    ``level``: the lowest to refer up to; ``kinds``: besides public general hospitals, ``None`` is all of them;
    ``emergency_level``: where emergencies go, ``None``: as the guideline says; ``kmh`` over the straight line.
    """

    order: tuple[Criterion, ...]
    order_down: tuple[Criterion, ...]
    level: int
    within_km: int
    kmh: int
    nearest: bool
    nearest_by: str = ""
    emergency_level: int | None = None
    level_by: str = ""
    kinds: frozenset[str] | None = None
    own_lead: Mapping[Kind, str] = field(default_factory=dict)
    receivers: frozenset[Role] = frozenset()
    receivers_by: str = ""
    partner_by: str = ""
    alliance_by: str = ""
    continuing: frozenset[str] = frozenset()
    continuing_by: str = ""

    def includes(self, category: Category, *, private: bool) -> bool:
        """Whether hospitals of this kind are among those that the text lets refer to."""
        if self.kinds is None:
            return True
        special = next((word for word, kinds in _KINDS.items() if category in kinds), None)
        return (special is None or special in self.kinds) and (not private or PRIVATE in self.kinds)


@lru_cache(maxsize=256)
def preferences_of(packs: PackSet, pack: str, *, on: date) -> Preferences:
    """What holds under this pack on that day; worked out once.

    Raises:
        ParameterProblem: if the packs do not carry what no text sets.
        ValueError: if they carry words for the order that are none.
    """

    def ours(key: str) -> Value:
        return parameter(packs, key, pack, on=on).value

    def number(key: str) -> int:
        value = ours(key)
        if not isinstance(value, int):
            raise ValueError(f"{key} is no whole number: {value!r}")
        return value

    found = Preferences(
        order=_order(ours("destination_order")),
        order_down=_order(ours("destination_order_down")),
        level=number("destination_level"),
        within_km=number("destination_within_km"),
        kmh=number("destination_kmh"),
        nearest=ours("emergency_nearest") is True,
    )
    for clause, said in _said(packs, pack, on):
        found = _with(found, clause, said)
    return found


def _order(value: Value) -> tuple[Criterion, ...]:
    return tuple(Criterion(str(word)) for word in value) if isinstance(value, tuple) else ()


def _said(packs: PackSet, pack: str, on: date) -> Iterator[tuple[str, Mapping[str, Value]]]:
    """Clauses about referral with what they set on that day, the nation's first."""
    for clause in packs.clauses_for(pack):
        if clause.capability == _REFERRAL:
            yield clause.id, {each.key: each.value for each in clause.parameters if on in each.period}


def _with(before: Preferences, clause: str, said: Mapping[str, Value]) -> Preferences:
    """What holds with one clause more; the same if it speaks of something else."""
    found = before
    about = _SPOKEN_OF.get(str(said.get("forbidden")))
    if about is not None and said.get("preferred") == "own_lead":
        found = replace(found, own_lead={**found.own_lead, about: clause})
    level = said.get("target_tier")
    if "includes" in said and isinstance(level, int):
        found = replace(found, level=level, level_by=clause, kinds=_words(said["includes"]))
    if "partner_lead_referral" in _words(said.get("priority")):
        found = replace(found, partner_by=clause)
    if said.get("area_limit") == "none":
        found = replace(found, alliance_by=clause)
    functions = _words(said.get("functions"))
    if "receive_up" in functions:
        roles = frozenset(Role(word.upper()) for word in _words(said.get("roles")))
        found = replace(found, receivers=roles, receivers_by=clause)
    if said.get("role") == "member" and "continuing_care" in functions:
        found = replace(found, continuing=functions, continuing_by=clause)
    if "acute_critical" in _words(said.get("condition")) and "nearest" in said:
        nearest = said["nearest"] is True
        found = replace(found, nearest=nearest, nearest_by=clause if nearest else "")
        found = replace(found, emergency_level=level if isinstance(level, int) else None)
    return found


def _words(value: Value) -> frozenset[str]:
    return frozenset(map(str, value)) if isinstance(value, tuple) else frozenset()
