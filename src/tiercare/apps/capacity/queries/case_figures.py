"""How long people wait, how many are operated on by day, how fast a centre works, and where one is missing.

Everything is counted from steps that were done (``capacity_steps_done``, past the wall: what and when, not whose), by
hospital, for whoever may see the proofs there. A value of nothing is no value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy import PackSet, ParameterAnswer, ParameterProblem, parameter
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from ..rules.cases import FUNCTIONS, Step
from .places import NOBODY
from .promises import GROUPS

# Ours: what is shown at once stays of a size that somebody reads.
LONGEST = timedelta(days=366)

# Hospitals of the area that ran a centre or day surgery on some day of the period.
_HOSPITALS = """
SELECT DISTINCT v.institution_id FROM network_institutionversion v
JOIN capacity_careunit u ON u.institution_id = v.institution_id
    AND u.period && daterange(%(first)s::date, %(until)s::date)
WHERE v.period && daterange(%(first)s::date, %(until)s::date)
  AND (v.institution_id = %(institution)s::uuid
       OR %(institution)s::uuid IS NULL AND starts_with(v.division_code, %(area)s::text))
"""
# Days from the request to admission, and from the booking of the operation to the operation (NHC-49).
_WAITS = """
SELECT v.name AS hospital, coalesce(d.name, '') AS department,
       date_trunc('month', t.at AT TIME ZONE 'Asia/Shanghai')::date AS month, t.step,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM t.at - t.since) / 86400.0) AS days,
       count(*)::integer AS cases
FROM (SELECT s.*, CASE s.step WHEN 'admission' THEN s.requested_at ELSE s.booked_at END AS since
      FROM capacity_steps_done(%(institutions)s::uuid[], %(first)s::date, %(until)s::date) s
      WHERE s.step IN ('admission', 'operation')) t
JOIN network_institutionversion v ON v.institution_id = t.institution AND v.period @> %(on)s::date
LEFT JOIN network_department d ON d.id = t.department
WHERE t.since IS NOT NULL
GROUP BY 1, 2, 3, 4 ORDER BY 1, 3, 2, 4
"""
# Operations done, by day or as elective surgery of inpatients (NHC-48).
_OPERATIONS = """
SELECT v.name AS hospital, date_trunc('month', s.at AT TIME ZONE 'Asia/Shanghai')::date AS month,
       count(*) FILTER (WHERE s.kind = 'DAY_SURGERY')::integer AS day, count(*)::integer AS elective
FROM capacity_steps_done(%(institutions)s::uuid[], %(first)s::date, %(until)s::date) s
JOIN network_institutionversion v ON v.institution_id = s.institution AND v.period @> %(on)s::date
WHERE s.step = 'operation' AND s.kind IN ('DAY_SURGERY', 'ELECTIVE_SURGERY')
GROUP BY 1, 2 ORDER BY 1, 2
"""
# Hours from when a function came next to when it was done; what was done out of turn did not come next (TY-63).
_TIMES = """
SELECT v.name AS hospital, s.step,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM s.at - s.came_at) / 3600.0) AS hours,
       count(*)::integer AS cases
FROM capacity_steps_done(%(institutions)s::uuid[], %(first)s::date, %(until)s::date) s
JOIN network_institutionversion v ON v.institution_id = s.institution AND v.period @> %(on)s::date
WHERE s.came_at <= s.at AND s.step = ANY (%(functions)s::text[])
GROUP BY 1, 2
"""
# Hospitals that lead a group or community on that day, and what their centres ran then.
_LEADS = """
SELECT v.institution_id AS id, v.name, coalesce(u.functions, '{}') AS functions
FROM network_institutionversion v
LEFT JOIN capacity_careunit u ON u.institution_id = v.institution_id AND u.period @> %(on)s::date
WHERE v.period @> %(on)s::date
  AND (v.institution_id = %(institution)s::uuid
       OR %(institution)s::uuid IS NULL AND starts_with(v.division_code, %(area)s::text))
  AND EXISTS (SELECT FROM network_membership m JOIN network_consortium c ON c.id = m.consortium_id
              WHERE m.institution_id = v.institution_id AND m.role = 'LEAD' AND m.period @> %(on)s::date
                AND c.kind = ANY (%(kinds)s::text[]))
ORDER BY v.name
"""


@dataclass(frozen=True, slots=True)
class Wait:
    """How long people waited for a step of a department's in a month: the median in days, over so many cases."""

    hospital: str
    department: str
    month: date
    step: Step
    days: float
    cases: int


@dataclass(frozen=True, slots=True)
class Operations:
    """Elective operations of a month: ``elective`` of them in all, ``day`` of these without a night in hospital."""

    hospital: str
    month: date
    day: int
    elective: int

    @property
    def share(self) -> float | None:
        """Day surgeries ÷ elective surgeries; no value where there was none."""
        return self.day / self.elective if self.elective else None


@dataclass(frozen=True, slots=True)
class FunctionTime:
    """How long a function of the centre took once it came next: the median in hours, over so many cases."""

    hospital: str
    step: Step
    hours: float
    cases: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted from ``first`` to ``last``."""

    first: date
    last: date
    waits: tuple[Wait, ...]
    operations: tuple[Operations, ...]
    times: tuple[FunctionTime, ...]


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead hospital, and which functions its centre does not run."""

    id: UUID
    name: str
    missing: tuple[Step, ...]

    @property
    def runs(self) -> bool:
        """Whether all of them are on."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class Centres:
    """The lead hospitals of an area on a day, and what the text asks of them (TY-65), where one does."""

    on: date
    leads: tuple[Lead, ...]
    deadline: date | None
    target: float | None

    @property
    def share(self) -> float | None:
        """Lead hospitals whose centre runs all functions ÷ all lead hospitals; no value where there is none."""
        return sum(each.runs for each in self.leads) / len(self.leads) if self.leads else None

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; no answer where no text asks, or nobody leads."""
        return None if self.share is None or self.target is None else self.share >= self.target


def figures(actor: Actor, *, first: date, last: date) -> Figures:
    """Waits, the share of day surgery and the time per function, of the actor's institution or area.

    Raises:
        Refused: if the actor may not see it, or the period is none or longer than ``LONGEST``.
    """
    area = _reach(actor)
    if first > last or last - first > LONGEST:
        raise Refused(_NO_PERIOD)
    until = last + timedelta(days=1)
    period: dict[str, Any] = {"first": first, "until": until}
    found = rows(_HOSPITALS, institution=actor.institution_id, area=area, **period)
    period |= {"institutions": [row["institution_id"] for row in found], "on": min(last, ledger.today())}
    waits = [
        Wait(**{**row, "step": Step(row["step"]), "days": float(row["days"])})
        for row in rows(_WAITS, **period)
    ]
    functions = [each.value for each in FUNCTIONS]
    times = [
        FunctionTime(**{**row, "step": Step(row["step"]), "hours": float(row["hours"])})
        for row in rows(_TIMES, functions=functions, **period)
    ]
    times.sort(key=lambda each: (each.hospital, FUNCTIONS.index(each.step)))
    operations = [Operations(**row) for row in rows(_OPERATIONS, **period)]
    return Figures(first, last, tuple(waits), tuple(operations), tuple(times))


def centres(actor: Actor, *, on: date | None = None, packs: PackSet | None = None) -> Centres:
    """Which lead hospitals of the actor's area run a centre with all its functions on a day; without one on the last day
    that the text leaves them, or today before it.

    Raises:
        Refused: if the actor may not see it.
    """
    area, today = _reach(actor), ledger.today()
    said = _asked(actor, packs or mandates.packs(), today)
    deadline, target, functions = (said.get(key) for key in _KEYS)
    due = deadline if isinstance(deadline, date) else None
    day = on or (min(due, today) if due else today)
    wanted = _wanted(functions)
    found = rows(_LEADS, institution=actor.institution_id, area=area, on=day, kinds=GROUPS)
    leads = tuple(
        Lead(row["id"], row["name"], tuple(step for step in wanted if step not in row["functions"]))
        for row in found
    )
    return Centres(day, leads, due, float(target) if isinstance(target, int | float) else None)


_KEYS = ("TY-65.deadline", "TY-65.lead_hospitals_with_center", "TY-63.functions")


def _asked(actor: Actor, packs: PackSet, on: date) -> Mapping[str, object]:
    """What the pack of the actor's area says of centres; nothing where it says nothing."""
    try:
        pack = mandates.pack_in_force(actor.division_code or "", on=on)
    except Refused:
        return {}
    answers: dict[str, ParameterAnswer] = {}
    for key in _KEYS:
        try:
            answers[key] = parameter(packs, key, pack, on=on)
        except ParameterProblem:
            continue
    return {key: answer.value for key, answer in answers.items()}


def _wanted(functions: object) -> tuple[Step, ...]:
    """The functions that a text names, in our order; all that we know where none does."""
    named: Iterable[object] = functions if isinstance(functions, tuple) else FUNCTIONS
    known = {str(each) for each in named}
    return tuple(step for step in FUNCTIONS if step.value in known)


def _reach(actor: Actor) -> str:
    """The area that the actor may see; the nation's is everything. Whoever acts for an institution sees that one, its
    own desk too.

    Raises:
        Refused: if they may see none.
    """
    area, own = actor.division_code or "", actor.institution_id or NOBODY
    if may(actor, Right.CAPACITY_KEEP, institution_id=own) is not None:
        refuse(may(actor, Right.CAPACITY_PROVE, division=area, institution_id=own))
    return "" if area == "00" else area


_NO_PERIOD = Refusal(
    code="capacity.figures_period",
    message=Text(
        "请选择起止日期，一次最多 {days} 天。", "Choose a first and a last day, {days} days at most."
    ),
    instead=Text("请更正日期，或分几次查看。", "Correct the days, or look in parts."),
    fields={"days": LONGEST.days + 1},
    at="last",
    status=422,
)
