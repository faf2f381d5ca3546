"""The proof that what was promised was kept: per day and resource, judged by the cards, with the pools that broke it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.apps.network.rules import Category, Role
from tiercare.engines.policy import PackSet, Verdict, evaluate
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from ..rules.cards import PREDICATES, DayOffers, Hospital, MonthKept
from ..rules.proof import Breach, Line, PoolDay, Use, total
from ..rules.shares import resources_of
from ..rules.vocabulary import OFFERED, RESERVED, Channel, Grade, Kind
from ..workflow import COUNTED
from . import proof_sql as sql
from .places import NOBODY
from .promises import GROUPS, cards
from .proof_judging import Judge

# A year at a time. Ours: what is shown and exported stays of a size that somebody reads.
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Proof:
    """What was promised, offered and used from ``first`` to ``last``, as known at ``asked_at``.

    ``falling`` are the verdicts on months of the period that are over, where fewer visits were kept for primary care
    than in the month before (NHC-40).
    """

    first: date
    last: date
    asked_at: datetime
    lines: tuple[Line, ...]
    breaches: tuple[Breach, ...]
    falling: tuple[Verdict, ...]

    @property
    def kept(self) -> bool:
        """Whether every promise was held on every day; of nothing offered nothing was promised."""
        return not self.breaches

    def of_resource(self, resource: str) -> Proof:
        """Only what it says of one resource; without one, all of it."""
        if not resource:
            return self
        lines = tuple(each for each in self.lines if each.resource == resource)
        return replace(self, lines=lines, breaches=tuple(b for b in self.breaches if b.is_about(resource)))


def proof(
    actor: Actor,
    *,
    first: date,
    last: date,
    institution_id: UUID | None = None,
    area: str = "",
    packs: PackSet | None = None,
) -> Proof:
    """The proof for one institution, or for an area (a division code); without either, for the actor's own.

    The number of queries does not hang on how many days, institutions or bookings there are.

    Raises:
        Refused: if the actor may not see it there, or the period is none or longer than ``LONGEST``.
    """
    refuse(_period(first, last))
    if institution_id is None and not area:
        institution_id, area = actor.institution_id, actor.division_code or ""
    _allowed(actor, institution_id, area, last)
    return _Proving(packs or mandates.packs(), first, last, institution_id, area).run()


@dataclass(frozen=True, slots=True)
class Months:
    """Visits that institutions kept for primary care, by institution and first day of the month; ``falling`` as in a
    proof of the same months."""

    names: Mapping[UUID, str]
    kept: Mapping[tuple[UUID, date], int]
    falling: tuple[Verdict, ...]


def months(
    actor: Actor,
    *,
    first: date,
    last: date,
    institution_id: UUID | None = None,
    area: str = "",
    packs: PackSet | None = None,
) -> Months:
    """The months from that of ``first`` to that of ``last``, of whom ``proof`` would be (NHC-40).

    Raises:
        Refused: as ``proof``.
    """
    refuse(_period(first, last))
    if institution_id is None and not area:
        institution_id, area = actor.institution_id, actor.division_code or ""
    _allowed(actor, institution_id, area, last)
    return _Proving(packs or mandates.packs(), first, last, institution_id, area).months()


def offering(actor: Actor, *, first: date, last: date, area: str = "") -> dict[UUID, str]:
    """The institutions of an area that offered places in the period, by name; without an area, of the actor's own.

    Raises:
        Refused: as ``proof``.
    """
    refuse(_period(first, last))
    institution_id = None if area else actor.institution_id
    area = area or actor.division_code or ""
    _allowed(actor, institution_id, area, last)
    known = _versions_of(institution_id, area, first, last)
    names = {row["institution_id"]: row["name"] for row in sorted(known, key=lambda row: row["since"])}
    return dict(sorted(names.items(), key=lambda each: each[1]))


def _allowed(actor: Actor, institution_id: UUID | None, area: str, on: date) -> None:
    """Raises ``Refused`` if the actor may not see the proof there."""
    division = area
    if institution_id is not None:
        place = network.place_of(institution_id, on=on)
        if place is None:
            raise Refused(_NO_SUCH_INSTITUTION)
        division = place.division_code
    refuse(
        access.may(actor, Right.CAPACITY_PROVE, division=division, institution_id=institution_id or NOBODY)
    )


def _period(first: date, last: date) -> Refusal | None:
    if first > last:
        return _ENDS_BEFORE_START
    return _TOO_LONG if last - first > LONGEST else None


@dataclass(frozen=True, slots=True)
class _Version:
    """An institution for as long as what is known of it stays the same."""

    hospital: Hospital
    division: str
    since: date
    until: date | None

    def holds(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


class _Proving:
    """One proof in the making: everything is asked first, then judged day by day in memory."""

    def __init__(
        self, packs: PackSet, first: date, last: date, institution_id: UUID | None, area: str
    ) -> None:
        self.packs, self.first, self.last = packs, first, last
        self.versions = self._versions(institution_id, area)
        divisions = {each.division for known in self.versions.values() for each in known}
        self.pack_of = mandates.packs_over(divisions, first, last)
        self.waivers = mandates.waivers_over(packs.packs)

    def run(self) -> Proof:
        """The lines and breaches of every day, then the months."""
        places = self._places()
        lines: list[Line] = []
        breaches: list[Breach] = []
        for day, institution in sorted(places, key=lambda key: (key[0], str(key[1]))):
            known = self._known(institution, day)
            if known is not None:
                hospital, pack = known
                judge = Judge(self.packs, pack, hospital, day, self.waivers.get(pack, ()))
                found, broken = judge.day_of(places[day, institution])
                lines += found
                breaches += broken
        falling = self._falling(ledger.today())
        return Proof(self.first, self.last, ledger.now(), tuple(lines), tuple(breaches), tuple(falling))

    def _known(self, institution_id: UUID, day: date) -> tuple[Hospital, str] | None:
        """The institution as it is on that day, and the pack that holds there."""
        version = next((each for each in self.versions[institution_id] if each.holds(day)), None)
        pack = self.pack_of(version.division, day) if version else None
        return (version.hospital, pack) if version is not None and pack is not None else None

    def _versions(self, institution_id: UUID | None, area: str) -> dict[UUID, list[_Version]]:
        period = {"first": self.first, "last": self.last}
        found = _versions_of(institution_id, area, self.first, self.last)
        ids = list({row["institution_id"] for row in found})
        roles: dict[UUID, list[dict[str, Any]]] = {}
        for row in rows(sql.ROLES, institutions=ids, kinds=GROUPS, **period):
            roles.setdefault(row["institution_id"], []).append(row)
        versions: dict[UUID, list[_Version]] = {}
        for row in found:
            key = row["institution_id"]
            versions.setdefault(key, []).extend(_cut(row, roles.get(key, ())))
        return versions

    def _places(self) -> dict[tuple[date, UUID], list[PoolDay]]:
        # Counts of bookings, none of a resident: past the wall, whoever asks.
        with scoped(Actor.system(), area=EVERYWHERE):
            found = rows(
                sql.PLACES,
                institutions=list(self.versions),
                first=self.first,
                last=self.last,
                counted=[state.value for state in COUNTED],
                offered=[channel.value for channel in OFFERED],
                reserved=[channel.value for channel in RESERVED],
                nobody=NOBODY,
            )
        turned_away = self._refused()
        pools: dict[tuple[date, UUID, UUID], list[dict[str, Any]]] = {}
        for row in found:
            pools.setdefault((row["day"], row["institution_id"], row["pool_id"]), []).append(row)
        places: dict[tuple[date, UUID], list[PoolDay]] = {}
        for (day, institution, _), of_pool in pools.items():
            pool = _pool_day(of_pool, turned_away.get((day, institution, of_pool[0]["pool_id"]), Use()))
            places.setdefault((day, institution), []).append(pool)
        return places

    def _refused(self) -> dict[tuple[date, UUID, UUID], Use]:
        """How often somebody got no place, by day, institution and pool."""
        found = rows(
            sql.REFUSED,
            institutions=list(self.versions),
            first=self.first,
            last=self.last,
            reserved=[channel.value for channel in RESERVED],
        )
        return {
            (row["day"], row["institution_id"], row["pool_id"]): Use(
                refused=row["refused"], refused_reserved=row["refused_reserved"]
            )
            for row in found
        }

    def months(self) -> Months:
        """Only what was kept month by month."""
        names = {
            key: max(known, key=lambda each: each.since).hospital.name for key, known in self.versions.items()
        }
        return Months(names, self._months(), tuple(self._falling(ledger.today())))

    def _falling(self, today: date) -> list[Verdict]:
        """What the cards say of months that are over: the last day of each lies in the period and before today."""
        kept = self._months()
        verdicts: list[Verdict] = []
        for institution, month in sorted(kept, key=lambda key: (key[1], str(key[0]))):
            end = _next(month) - timedelta(days=1)
            before = kept.get((institution, _previous(month)))
            known = self._known(institution, end) if self.first <= end <= self.last and end < today else None
            if before is None or known is None:
                continue
            hospital, pack = known
            both = MonthKept(institution, month, before, kept[institution, month])
            found = evaluate(
                self.packs,
                cards(self.packs, pack),
                PREDICATES,
                DayOffers(end, {institution: hospital}, (), (both,)),
                on=end,
                waivers=self.waivers.get(pack, ()),
            )
            verdicts += [verdict for verdict in found if verdict.findings]
        return verdicts

    def _months(self) -> dict[tuple[UUID, date], int]:
        """Visits kept for primary care by institution and month, from the month before the period on."""
        found = rows(
            sql.MONTHS,
            institutions=list(self.versions),
            first=_previous(self.first),
            last=self.last,
            reserved=[channel.value for channel in RESERVED],
        )
        return {(row["institution_id"], row["month"]): row["kept"] for row in found}


def _versions_of(institution_id: UUID | None, area: str, first: date, last: date) -> list[dict[str, Any]]:
    # The nation's area is everything.
    return rows(
        sql.VERSIONS, institution=institution_id, area="" if area == "00" else area, first=first, last=last
    )


def _cut(row: dict[str, Any], roles: Iterable[dict[str, Any]]) -> list[_Version]:
    """A version of an institution, cut where one of its roles begins or ends."""
    known = list(roles)
    edges = {row["since"]} | {
        edge
        for each in known
        for edge in (each["since"], each["until"])
        if edge is not None and row["since"] < edge and (row["until"] is None or edge < row["until"])
    }
    starts = sorted(edges)
    return [
        _Version(
            Hospital(
                row["institution_id"],
                row["name"],
                Category(row["category"]),
                row["level"],
                frozenset(Role(each["role"]) for each in known if _within(each, start)),
            ),
            row["division_code"],
            start,
            end,
        )
        for start, end in zip(starts, [*starts[1:], row["until"]], strict=True)
    ]


def _within(period: dict[str, Any], day: date) -> bool:
    starts, ends = period["since"], period["until"]
    return (starts is None or starts <= day) and (ends is None or day < ends)


def _pool_day(of_pool: Sequence[dict[str, Any]], refused: Use) -> PoolDay:
    row = of_pool[0]
    reserved = [each for each in of_pool if Channel(each["channel"]) in RESERVED]
    return PoolDay(
        day=row["day"],
        institution_id=row["institution_id"],
        pool_id=row["pool_id"],
        pool=row["pool"],
        resources=resources_of(Kind(row["kind"]), Grade(row["grade"])),
        places={Channel(each["channel"]): each["units"] for each in of_pool},
        use=refused
        + total(
            Use(each["entitled"], each["early"], each["released"], each["late"], each["lent"])
            for each in reserved
        ),
    )


def _previous(day: date) -> date:
    """The first day of the month before."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def _next(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


_NO_SUCH_INSTITUTION = Refusal(
    code="capacity.no_such_institution",
    message=Text(
        "在所选期间的最后一天没有这家机构。", "There is no such institution on the last day of the period."
    ),
    instead=Text("请从机构列表中选择。", "Choose it from the list of institutions."),
    at="institution",
    status=404,
)
_ENDS_BEFORE_START = Refusal(
    code="capacity.proof_ends_before_start",
    message=Text("截止日早于起始日。", "The last day is before the first."),
    instead=Text("请更正起止日期。", "Correct the two days."),
    at="last",
    status=422,
)
_TOO_LONG = Refusal(
    code="capacity.proof_too_long",
    message=Text("一次最多证明 {days} 天。", "A proof covers {days} days at most."),
    instead=Text("请分几次查看。", "Ask for it in parts."),
    fields={"days": LONGEST.days + 1},
    at="last",
    status=422,
)
