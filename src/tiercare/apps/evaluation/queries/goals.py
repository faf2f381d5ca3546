"""The goals of a year: what is wanted, what there is, whether it goes as planned, and who owes a word about it (NHC-87)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.engines.measures.periods import span
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of

from ..rules import oversight as rules
from ..rules.kinds import KindId
from ..workflow import OPEN
from .boards import of_kind
from .matters import Listed, area_of

_TOLD = """
SELECT e.matter_id, e.at, e.act, e.figures ->> 'actual' AS actual FROM evaluation_entry e
WHERE e.matter_id = ANY (%(matters)s::uuid[]) AND e.act IN ('note', 'submit') ORDER BY e.at, e.id
"""
# The newest run whose region holds the goal's place, of whichever pack computed it last.
_VALUES = """
SELECT v.indicator, v.level, v.key, v.span, v.value FROM evaluation_value v
WHERE v.run_id = (SELECT r.id FROM evaluation_run r WHERE starts_with(%(area)s, r.region) OR starts_with(r.region, %(area)s)
                  ORDER BY r.made_at DESC, r.id DESC LIMIT 1)
  AND v.indicator = ANY (%(indicators)s::text[]) AND starts_with(v.span, %(year)s) AND v.value IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Point:
    """What a goal stood at on a day; ``counted`` where the indicator says it, otherwise somebody told it."""

    on: date
    actual: Decimal
    counted: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A goal and how it stands today.

    Attributes:
        points: what it stood at, the earliest first.
        planned: what the plan asks of the day of the last point, of today where there is none.
        behind: under plan; ``owes``: nothing was said of it within the interval.
    """

    line: Listed
    points: Sequence[Point]
    target: Decimal
    planned: Decimal
    behind: bool
    owes: bool
    last_word: date
    next_word: date

    @property
    def actual(self) -> Decimal | None:
        """What it stands at."""
        return self.points[-1].actual if self.points else None

    @property
    def red(self) -> bool:
        """Whether somebody has to look."""
        return self.behind or self.owes or self.line.standing.overdue


def goals(actor: Actor, *, year: int) -> list[Standing]:
    """The goals of a year that the actor may see, red ones first.

    Raises:
        Refused: if the actor has no part in supervision.
    """
    lines = of_kind(actor, KindId.GOAL, period=str(year))
    return sorted(_standings(actor, lines, year), key=lambda each: not each.red)


def goal(actor: Actor, line: Listed) -> Standing:
    """One goal, as it stands."""
    return _standings(actor, [line], int(line.standing.period))[0]


def _standings(actor: Actor, lines: Sequence[Listed], year: int) -> list[Standing]:
    today = clock.today()
    told: dict[UUID, list[Mapping[str, Any]]] = {each.id: [] for each in lines}
    with scoped(actor, area=area_of(actor)):
        for row in rows(_TOLD, matters=list(told)):
            told[row["matter_id"]].append(row)
        counted = {
            area: _counted(area, [each for each in lines if each.standing.owner.area == area], year)
            for area in {each.standing.owner.area for each in lines}
        }
    return [_standing(each, told[each.id], counted[each.standing.owner.area], year, today) for each in lines]


def _counted(
    area: str, lines: Sequence[Listed], year: int
) -> Mapping[tuple[str, str], list[Mapping[str, Any]]]:
    wanted = sorted({each.standing.payload["indicator"] for each in lines} - {""})
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows(_VALUES, area=area, indicators=wanted, year=str(year)) if wanted else ():
        found.setdefault((row["indicator"], row["key"]), []).append(row)
    return found


def _standing(
    line: Listed,
    told: Sequence[Mapping[str, Any]],
    counted: Mapping[tuple[str, str], Sequence[Mapping[str, Any]]],
    year: int,
    today: date,
) -> Standing:
    payload = line.standing.payload
    values = counted.get((payload["indicator"], payload["key"]), ())
    points = [Point(min(_last_day(each["span"]), today), each["value"], True) for each in _finest(values)]
    if not points:
        typed = ((day_of(each["at"]), rules.number(each["actual"])) for each in told if each["actual"])
        points = [Point(on, actual, False) for on, actual in typed if actual is not None]
    points.sort(key=lambda each: each.on)
    # The plan is asked for the day of the last number: a number of March is not late against November.
    planned = rules.planned(payload, year=year, on=points[-1].on if points else today)
    last = max((day_of(each["at"]) for each in told), default=day_of(line.made_at))
    following = last + timedelta(days=int(payload["interval"]))
    still = line.standing.state in OPEN
    return Standing(
        line,
        points,
        Decimal(payload["target"]),
        planned,
        still and bool(points) and not rules.reached(payload, points[-1].actual, planned),
        still and following < today,
        last,
        following,
    )


def _finest(values: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The year so far; where only parts of it were computed, its quarters, or its months."""
    for fits in (lambda s: len(s) == 4, lambda s: "Q" in s, lambda s: "-" in s):
        found = [each for each in values if fits(each["span"])]
        if found:
            return found
    return []


def _last_day(text: str) -> date:
    month = span(text).months()[-1]
    return date(month // 100 + month % 100 // 12, month % 100 % 12 + 1, 1) - timedelta(days=1)
