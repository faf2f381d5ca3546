"""What is counted of referrals: how many went where, how they were answered, how long each step took, and how many came back.

A number counts requests that were first sent in the period; each definition stands in ``DEFINITIONS`` and beside the number
on the page. Everything is counted from steps that were taken, past the wall: what and when, not whose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from tiercare.apps.access.rules import Right, may
from tiercare.apps.exchange.workflow import OPEN
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.apps.network.rules.facts import PRIMARY, Category
from tiercare.engines.policy import PackSet, ParameterProblem, carries, parameter
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from . import statistics_sql as sql

# Ours: what is shown at once stays of a size that somebody reads.
LONGEST = timedelta(days=366)
NOBODY = UUID(int=0)
# The kinds that are referrals; readings and prescriptions are counted where they are at home.
KINDS = ["up", "down", "lateral", "advice"]
_LOWER = sorted({*PRIMARY, Category.REHABILITATION, Category.NURSING})
_CLAUSE = "XH-130"


class Side(StrEnum):
    """Which requests: all, those that were sent from there, those that came there."""

    ALL = "all"
    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Scope:
    """Of whom and when it is counted: ``institutions`` are those of an area, or the one; both days belong to it."""

    first: date
    last: date
    institutions: tuple[UUID, ...]
    names: Mapping[UUID, str]
    area: str
    side: Side = Side.ALL

    @property
    def values(self) -> dict[str, Any]:
        """As the statements take it."""
        return {
            "institutions": list(self.institutions),
            "since": _midnight(self.first),
            "until": _midnight(self.last + timedelta(days=1)),
            "side": self.side.value,
            "kinds": KINDS,
            "open": sorted(OPEN),
        }


@dataclass(frozen=True, slots=True)
class Time:
    """How long it took from when a request was sent until it first got there, in seconds: median and ninth decile."""

    step: str
    median: float
    p90: float
    cases: int


@dataclass(frozen=True, slots=True)
class Bounced:
    """Requests that an institution returned or sent on, by what it said."""

    act: str
    code: str
    institution_id: UUID
    institution: str
    department_id: UUID | None
    department: str
    cases: int


@dataclass(frozen=True, slots=True)
class Down:
    """Referrals down of one group of patients (XH-47) to one receiver."""

    group: str
    institution_id: UUID
    institution: str
    sent: int
    accepted: int
    arrived: int


@dataclass(frozen=True, slots=True)
class Growth:
    """Referrals down of a year that arrived, beside those of the same days of the year before (XH-130). ``until`` is the
    last day that was counted; ``target`` what the text asks, where one does."""

    year: int
    until: date
    this: int
    last: int
    target: float | None
    clauses: tuple[str, ...]

    @property
    def rate(self) -> float | None:
        """(this − last) ÷ last; not computable where there was none in the year before."""
        return (self.this - self.last) / self.last if self.last else None

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; no answer where no text asks, or the rate cannot be computed."""
        return None if self.rate is None or self.target is None else self.rate >= self.target


@dataclass(frozen=True, slots=True)
class StageDays:
    """Patients marked as ready to go down in the period: how many were sent down and after how many days, who still
    waits, who left with a reason not to go, and who left without one."""

    stage: str
    marked: int
    sent: int
    waiting: int
    kept: int
    left_without: int
    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Month:
    """Referrals up and down of a month."""

    month: date
    up: int
    down: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """What was counted; ``counts`` by the names of ``MEASURES``."""

    scope: Scope
    counts: Mapping[str, int]
    times: tuple[Time, ...]
    emergency: tuple[Time, ...]
    bounced: tuple[Bounced, ...]
    down: tuple[Down, ...]
    months: tuple[Month, ...]
    stages: tuple[StageDays, ...]

    def share(self, part: str, whole: str) -> float | None:
        """One count over another; no value where there is nothing to divide by."""
        return self.counts[part] / self.counts[whole] if self.counts[whole] else None


@dataclass(frozen=True, slots=True)
class Case:
    """A request behind a number: where from, where to and when; not whose."""

    id: UUID
    number: str
    kind: str
    urgency: int
    state: str
    sender: str
    receiver: str
    department: str
    sent: datetime
    answered: datetime | None
    arrived: datetime | None
    closed: datetime | None


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which of the requests behind a number: returned with a code, by whom, in which department; down of which group, to
    whom. Nothing narrows nothing."""

    code: str = ""
    by: UUID | None = None
    department: UUID | None = None
    group: str | None = None
    to: UUID | None = None


def scope_of(
    actor: Actor,
    *,
    first: date,
    last: date,
    side: Side = Side.ALL,
    institution_id: UUID | None = None,
) -> Scope:
    """Of whom the actor may see numbers: whoever acts for an institution, of that one; whoever watches over an area, of all
    in it or of one of them.

    Raises:
        Refused: if they may see none there, or the period is none or longer than ``LONGEST``.
    """
    if first > last or last - first > LONGEST:
        raise Refused(_NO_PERIOD)
    area = actor.division_code or ""
    refuse(may(actor, Right.REQUESTS_OVERSEE, division=area, institution_id=actor.institution_id or NOBODY))
    if actor.institution_id is not None:
        names = network.names_of_institutions([actor.institution_id], on=min(last, ledger.today()))
        return Scope(first, last, (actor.institution_id,), names, area, side)
    found = rows(sql.INSTITUTIONS, first=first, last=last, area="" if area == "00" else area)
    names = {row["id"]: row["name"] for row in found}
    if institution_id is not None and institution_id not in names:
        raise Refused(_NO_SUCH_INSTITUTION)
    wanted = (institution_id,) if institution_id is not None else tuple(names)
    return Scope(first, last, wanted, names, area, side)


def statistics(scope: Scope) -> Statistics:
    """Everything that is counted of the scope; the number of queries does not hang on how much there is."""
    (found,) = rows(sql.NUMBERS, **scope.values)
    times, bounced, down, months = (found[part] or [] for part in ("times", "bounced", "down", "months"))
    for row in (*bounced, *down):
        row["institution"] = UUID(row["institution"])
    names = _names([row["institution"] for row in (*bounced, *down)], scope)
    return Statistics(
        scope,
        found["counts"],
        _times(row for row in times if row["every"]),
        _times(row for row in times if row["emergency"] and not row["every"]),
        tuple(_bounced(row, names) for row in bounced),
        tuple(_down(row, names) for row in down),
        tuple(Month(date.fromisoformat(row["month"]), row["up"], row["down"]) for row in months),
        _stages(scope),
    )


def _bounced(row: Mapping[str, Any], names: Mapping[UUID, str]) -> Bounced:
    return Bounced(
        row["act"],
        row["code"],
        row["institution"],
        names.get(row["institution"], ""),
        UUID(row["department"]) if row["department"] else None,
        row["department_name"],
        row["cases"],
    )


def _down(row: Mapping[str, Any], names: Mapping[UUID, str]) -> Down:
    to = row["institution"]
    return Down(row["patients"], to, names.get(to, ""), row["sent"], row["accepted"], row["arrived"])


def cases(
    scope: Scope, *, measure: str = "sent", only: Narrowed | None = None, page: int = 1, per_page: int = 50
) -> tuple[list[Case], int]:
    """The requests behind a number, newest first, and how many there are.

    Raises:
        Refused: for a measure that is none.
    """
    if measure not in sql.CASES:
        raise Refused(_NO_SUCH_MEASURE)
    narrowed = only or Narrowed()
    found = rows(
        sql.CASES[measure],
        **scope.values,
        code=narrowed.code,
        by=narrowed.by,
        department=narrowed.department,
        patients=narrowed.group,
        to=narrowed.to,
        limit=per_page,
        skip=(page - 1) * per_page,
    )
    names = _names([row[side] for row in found for side in ("sender", "receiver")], scope)
    listed = [
        Case(
            **{key: row[key] for key in _SHOWN},
            sender=names.get(row["sender"], ""),
            receiver=names.get(row["receiver"], ""),
        )
        for row in found
    ]
    return listed, found[0]["found"] if found else 0


_SHOWN = ("id", "number", "kind", "urgency", "state", "department", "sent", "answered", "arrived", "closed")


def growth(scope: Scope, *, year: int, packs: PackSet | None = None) -> Growth:
    """How many more were referred down in a year than in the one before (XH-130): first sent in the year, from hospitals of
    the levels that the text names to primary care, rehabilitation and nursing, and arrived there. Of a year that is not over
    the same days of both are counted.

    Raises:
        Refused: for a year that has not begun.
    """
    today = ledger.today()
    if not 1950 <= year <= today.year:
        raise Refused(_NO_YEAR)
    end = min(date(year, 12, 31), today)
    before = date(year - 1, 12, 31) if end == date(year, 12, 31) else _same_day(end, year - 1)
    (found,) = rows(
        sql.GROWTH,
        institutions=list(scope.institutions),
        this_since=_midnight(date(year, 1, 1)),
        this_until=_midnight(end + timedelta(days=1)),
        last_since=_midnight(date(year - 1, 1, 1)),
        last_until=_midnight(before + timedelta(days=1)),
        level=2,  # the indicator's own words: hospitals of levels 3 and 2
        lower=_LOWER,
    )
    target = _said(scope.area, f"{_CLAUSE}.down_referral_yoy_growth", packs)
    clauses = (_CLAUSE,) if target is not None else ()
    return Growth(year, end, found["this"], found["last"], target, clauses)


def _said(area: str, key: str, packs: PackSet | None) -> float | None:
    on = ledger.today()
    try:
        pack = mandates.pack_in_force(area, on=on)
        known = packs or mandates.packs()
        value = parameter(known, key, pack, on=on).value if carries(known, key, pack) else None
    except (Refused, ParameterProblem):
        return None
    return float(value) if isinstance(value, int | float) else None


def _stages(scope: Scope) -> tuple[StageDays, ...]:
    return tuple(
        StageDays(
            **{key: row[key] for key in ("stage", "marked", "sent", "waiting", "kept", "left_without")},
            median=row["days"][0] if row["days"] else None,
            p90=row["days"][1] if row["days"] else None,
        )
        for row in rows(sql.STAGES, **{key: scope.values[key] for key in ("institutions", "since", "until")})
    )


_ORDER = ("received", "answered", "accepted", "scheduled", "arrived", "taken_in", "reported", "closed")


def _times(found: Any) -> tuple[Time, ...]:
    made = [Time(row["step"], row["seconds"][0], row["seconds"][1], row["cases"]) for row in found]
    return tuple(sorted(made, key=lambda each: _ORDER.index(each.step)))


def _names(ids: Sequence[UUID | None], scope: Scope) -> Mapping[UUID, str]:
    missing = {each for each in ids if each is not None and each not in scope.names}
    if not missing:
        return scope.names
    return {**network.names_of_institutions(missing, on=min(scope.last, ledger.today())), **scope.names}


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def _same_day(day: date, year: int) -> date:
    """The day of another year; of the 29th of February the one before."""
    return day.replace(year=year, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=year)


def _refusal(code: str, zh: str, en: str, at: str, **fields: object) -> Refusal:
    instead = Text("请更正后再查看。", "Correct it and look again.")
    return Refusal(
        code=f"referrals.{code}", message=Text(zh, en), instead=instead, at=at, status=422, fields=fields
    )


_NO_PERIOD = _refusal(
    "statistics_period",
    "请选择起止日期，一次最多 {days} 天。",
    "Choose a first and a last day, {days} days at most.",
    "last",
    days=LONGEST.days + 1,
)
_NO_SUCH_INSTITUTION = _refusal(
    "no_such_institution",
    "本地区没有这家机构。",
    "There is no such institution in the area.",
    "institution",
)
_NO_SUCH_MEASURE = _refusal("no_such_measure", "没有这个指标。", "There is no such measure.", "measure")
_NO_YEAR = _refusal("no_such_year", "这一年还没有开始。", "That year has not begun.", "year")
