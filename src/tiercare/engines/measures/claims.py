"""Visits that the insurance paid for and that a rule flags for somebody to look at (YN-96).

Claims themselves are exchanged later; until then the visits of the fact table are checked, of which the fund's part is known. A
flag accuses nobody: each check says what it saw, and there may be a good reason. Days, amounts and which checks there are stand in
the packs. Nobody is named: of a person and of a visit no more leaves than a digest, which tells rows apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

import ibis

from .claim_rules import Check, ClaimRule
from .evaluate import Tables
from .periods import Span

_FACT = "visits"
_FEN = 100
_MARK = 16  # hexadecimal digits: of some hundred million visits no two are likely to share them
_PERSON = 6


@dataclass(frozen=True, slots=True)
class Row:
    """A flagged visit, without who it is about. Money in fen. ``other`` is the visit that it was held against, if any."""

    mark: str
    other: str
    person: str
    kind: str
    day: date
    admitted: date | None
    institution: str
    place: str
    diagnosis: str
    cost: int
    fund: int
    own: int


@dataclass(frozen=True, slots=True)
class Flagged:
    """What a rule flags: how many visits and how much of the fund they took, by institution the most first, and the newest rows."""

    rule: ClaimRule
    total: int
    fund: int
    institutions: Sequence[tuple[str, int]]
    rows: Sequence[Row]


def flagged(
    tables: Tables, rule: ClaimRule, span: Span, *, area: str, institution: str = "", most: int
) -> Flagged:
    """The paid visits of a period that a rule flags, of an area: that happened there, or of those insured there.

    Args:
        institution: only of this one; all if empty.
        most: how many rows; counts are of all.
    """
    visits = tables.table(_FACT)
    months = [each for each in tables.months(_FACT) if span.first <= each <= span.last]
    if not months:
        return Flagged(rule, 0, 0, (), ())
    inside = visits.place.startswith(area) | visits.insured.fill_null("").startswith(area)
    asked = visits.filter(visits.month.between(months[0], months[-1]), visits.fund > 0, inside)
    if institution:
        asked = asked.filter(asked.institution == institution)
    found = _CHECKS[rule.check](asked, visits, rule)
    (sums,) = tables.run(found.aggregate(n=found.count(), fund=found.fund.sum()))
    places = found.group_by("institution").aggregate(n=found.count())
    places = places.order_by([places.n.desc(), places.institution])
    newest = found.order_by([found.date.desc(), found.visit]).limit(most)
    return Flagged(
        rule,
        int(sums["n"]),
        int(sums["fund"] or 0),
        tuple((each["institution"], int(each["n"])) for each in tables.run(places)),
        tuple(_row(each) for each in tables.run(newest)),
    )


def _fund_over_cost(asked: Any, visits: Any, rule: ClaimRule) -> Any:
    return _alone(asked.filter(asked.fund > asked.cost))


def _sums_differ(asked: Any, visits: Any, rule: ClaimRule) -> Any:
    return _alone(asked.filter(asked.fund + asked.own != asked.cost))


def _dear_short_stay(asked: Any, visits: Any, rule: ClaimRule) -> Any:
    stays = asked.filter(asked.kind == "inpatient", asked.days.notnull())
    return _alone(stays.filter(stays.days <= rule.days, stays.cost >= rule.yuan * _FEN))


def _readmitted(asked: Any, visits: Any, rule: ClaimRule) -> Any:
    """A stay that begins within so many days of the discharge from another one at the same place for the same diagnosis: one
    stay may have been split in two, for each is paid by itself."""
    later = asked.filter(asked.kind == "inpatient", asked.admitted.notnull(), asked.diagnosis.notnull())
    before = visits.filter(visits.kind == "inpatient").select(
        person="person", institution="institution", diagnosis="diagnosis", other="visit", left="date"
    )
    both = later.join(before, ["person", "institution", "diagnosis"])
    gone = both.admitted.delta(both.left, unit="day")
    return _once(both.filter(both.visit != both.other, gone >= 0, gone <= rule.days))


def _elsewhere_meanwhile(asked: Any, visits: Any, rule: ClaimRule) -> Any:
    """An outpatient visit on a day between admission and discharge of a stay at another institution; on those two days themselves
    somebody may well be at both."""
    outpatient = asked.filter(asked.kind == "outpatient")
    stays = visits.filter(visits.kind == "inpatient", visits.admitted.notnull()).select(
        person="person", other="visit", came="admitted", left="date", at="institution"
    )
    both = outpatient.join(stays, ["person"])
    return _once(both.filter(both["at"] != both.institution, both.date > both.came, both.date < both.left))


def _alone(found: Any) -> Any:
    return found.mutate(other=ibis.literal("")).select(*_COLUMNS)


def _once(found: Any) -> Any:
    """Each visit once, held against the first of several by its key."""
    chosen = found.select(*_COLUMNS)
    return chosen.group_by([each for each in _COLUMNS if each != "other"]).aggregate(other=chosen.other.min())


_COLUMNS = (
    *("visit", "other", "person", "kind", "date", "admitted", "institution", "place", "diagnosis"),
    *("cost", "fund", "own"),
)
_CHECKS: Mapping[Check, Callable[[Any, Any, ClaimRule], Any]] = {
    Check.FUND_OVER_COST: _fund_over_cost,
    Check.SUMS_DIFFER: _sums_differ,
    Check.READMITTED: _readmitted,
    Check.DEAR_SHORT_STAY: _dear_short_stay,
    Check.ELSEWHERE_MEANWHILE: _elsewhere_meanwhile,
}


def mark_of(visit: str) -> str:
    """By what a visit is told apart, and found again by whoever holds the facts; nothing leads back from it."""
    return sha256(f"{_FACT}|{visit}".encode()).hexdigest()[:_MARK].upper() if visit else ""


def _row(found: Mapping[str, Any]) -> Row:
    return Row(
        mark_of(found["visit"]),
        mark_of(found["other"]),
        sha256(f"person|{found['person']}".encode()).hexdigest()[:_PERSON].upper(),
        found["kind"],
        found["date"],
        found["admitted"],
        found["institution"],
        found["place"],
        found["diagnosis"] or "",
        found["cost"],
        found["fund"],
        found["own"],
    )
