"""Whether the ways between a lead and its members are open in both directions (CX-05, TY-69, WH-12, WH-22), and how much of an area is
connected (XH-128, XH-129).

A way is open when both of its ends have named who answers for referrals (the desk of XH-42). Desks have no history: they are
those of now, members those of the day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from tiercare.apps.access.rules import Right, may
from tiercare.apps.exchange.queries.desks import people_asked
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.rules.facts import CENTRES, PRIMARY, Category
from tiercare.engines.policy import PackSet, ParameterProblem, Value, carries, parameter
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refused, refuse

from . import channels_sql as sql

_NOBODY = UUID(int=0)
_LEAD = "LEAD"
# Texts that ask for two-way referral in a consortium: of every kind, or of one.
_CLAUSES: Mapping[str, str | None] = {
    "CX-05": None,
    "TY-69": None,
    "WH-12": "CITY_GROUP",
    "WH-22": "COUNTY_COMMUNITY",
}
_LIVE = "live_within_days"


class Way(StrEnum):
    """The direction of a channel, in the packs' own words."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Channel:
    """The ways between the lead and one member: those that are open, and who of the two has yet to name a desk."""

    institution_id: UUID
    name: str
    open: tuple[Way, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Channels:
    """The channels of a consortium: which ways a text asks for and by which clauses; ``lead`` is empty where it has none."""

    lead: str
    ways: tuple[Way, ...]
    clauses: tuple[str, ...]
    channels: tuple[Channel, ...]

    @property
    def kept(self) -> bool | None:
        """Whether every member has every way that is asked for; no answer where there is nobody to reach or no lead."""
        if not self.lead or not self.channels:
            return None
        return all(set(self.ways) <= set(each.open) for each in self.channels)

    @property
    def closed(self) -> tuple[Channel, ...]:
        """Those that lack a way that is asked for."""
        return tuple(each for each in self.channels if not set(self.ways) <= set(each.open))


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a kind of institution is connected: ``missing`` are the others, with what they lack (``desk``,
    ``use``); ``target`` what the clause asks."""

    clause: str
    connected: int
    of: int
    missing: tuple[tuple[UUID, str, str], ...]
    target: float | None
    within_days: int

    @property
    def share(self) -> float | None:
        """Connected ÷ all; no value where there is none."""
        return self.connected / self.of if self.of else None

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; no answer where no text asks or there is nobody."""
        return None if self.share is None or self.target is None else self.share >= self.target


def channels(consortium_id: UUID, *, on: date, packs: PackSet | None = None) -> Channels:
    """The ways between the lead of a consortium and its members on a day. Two queries, however many members."""
    found = rows(sql.MEMBERS, consortium=consortium_id, on=on)
    lead = next((row for row in found if row["role"] == _LEAD), None)
    if lead is None:
        return Channels("", (), (), ())
    known = packs or mandates.packs()
    ways, clauses = _asked(lead["division_code"], lead["kind"], on, known)
    people = max(1, people_asked(lead["division_code"], packs=known))
    made = []
    for row in found:
        if row["id"] == lead["id"]:
            continue
        missing = tuple(each["name"] for each in (lead, row) if each["people"] < people)
        made.append(Channel(row["id"], row["name"], () if missing else tuple(Way), missing))
    return Channels(lead["name"], ways, clauses, tuple(made))


def coverage(actor: Actor, *, on: date, packs: PackSet | None = None) -> tuple[Coverage, ...]:
    """How much of the actor's area is connected: hospitals of levels 2 and 3 (XH-128), township and community centres
    (XH-129). Connected is who has a desk, and whose people sent a request, got one or signed in within the days that the pack says
    (ours; no text says what connected is).

    Raises:
        Refused: if the actor watches over no area.
    """
    area = actor.division_code or ""
    refuse(may(actor, Right.REQUESTS_OVERSEE, division=area, institution_id=actor.institution_id or _NOBODY))
    known = packs or mandates.packs()
    within = _said(area, _LIVE, on, known)
    days = within if isinstance(within, int) else 0
    people = max(1, people_asked(area, packs=known))
    since = datetime(on.year, on.month, on.day, tzinfo=ZONE) - timedelta(days=days)
    return tuple(
        _covered(
            clause,
            key,
            levels,
            categories,
            area=area,
            on=on,
            since=since,
            people=people,
            days=days,
            packs=known,
        )
        for clause, key, levels, categories in _MEASURED
    )


_MEASURED: Sequence[tuple[str, str, list[int] | None, list[str]]] = (
    (
        "XH-128",
        "tier2_tier3_hospital_coverage",
        [2, 3],
        sorted(set(Category) - PRIMARY - {Category.PUBLIC_HEALTH}),
    ),
    ("XH-129", "township_community_coverage", None, sorted(CENTRES)),
)


def _covered(
    clause: str,
    key: str,
    levels: list[int] | None,
    categories: list[str],
    *,
    area: str,
    on: date,
    since: datetime,
    people: int,
    days: int,
    packs: PackSet,
) -> Coverage:
    found = rows(
        sql.CONNECTED,
        area="" if area == "00" else area,
        on=on,
        levels=levels,
        categories=categories,
        since=since,
    )
    missing = tuple(
        (row["id"], row["name"], "desk" if row["people"] < people else "use")
        for row in found
        if row["people"] < people or not row["alive"]
    )
    target = _said(area, f"{clause}.{key}", on, packs)
    return Coverage(
        clause,
        len(found) - len(missing),
        len(found),
        missing,
        float(target) if isinstance(target, int | float) else None,
        days,
    )


def _asked(area: str, kind: str, on: date, packs: PackSet) -> tuple[tuple[Way, ...], tuple[str, ...]]:
    """The ways that the texts in force ask for in a consortium of this kind, and which texts; without any, both are shown."""
    try:
        pack = mandates.pack_in_force(area, on=on)
    except Refused:
        return tuple(Way), ()
    here = {clause.id for each in packs.chain(pack) for clause in each.clauses}
    clauses = tuple(each for each, of in _CLAUSES.items() if each in here and of in {None, kind})
    named = _said(area, "CX-05.directions", on, packs) if "CX-05" in clauses else None
    wanted = {str(each) for each in named} if isinstance(named, tuple) else set(Way)
    return tuple(way for way in Way if way in wanted), clauses


def _said(area: str, key: str, on: date, packs: PackSet) -> Value:
    try:
        pack = mandates.pack_in_force(area, on=on)
        return parameter(packs, key, pack, on=on).value if carries(packs, key, pack) else None
    except (Refused, ParameterProblem):
        return None
