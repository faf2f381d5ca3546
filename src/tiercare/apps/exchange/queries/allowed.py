"""How long each step may take, from the pack that holds where the sender is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tiercare.apps.mandates import queries as mandates
from tiercare.apps.terms.workdays import worked_from
from tiercare.engines.policy import PackSet, parameter
from tiercare.kernel.clock import day_of

from ..rules.acting import Standing
from ..rules.due import Allowed, Unit, due, read
from ..rules.kinds import Urgency
from ..workflow import State

# The nation's NHC-37 asks for a process with defined steps; the times there are ours, no text gives them. A region's pack may
# carry others under the same keys: the most local text answers.
WITHIN: Mapping[State, str] = {
    State.DRAFT: "draft_within",
    State.SUBMITTED: "decide_within",
    State.RETURNED: "mend_within",
    State.ACCEPTED: "schedule_within",
    State.SCHEDULED: "come_within",
    State.NO_SHOW: "chase_within",
    State.ARRIVED: "take_in_within",
    State.IN_CARE: "report_within",
    State.REPORTED: "acknowledge_within",
}
ESCALATED = "answer_escalation_within"
RECEIVE = "receive_within"
_AHEAD = timedelta(days=60)
# Keys, areas and days: a nation's townships for some steps. When there are more, it is asked anew.
_MOST = 100_000


def due_in(state: State, standing: Standing, *, planned_at: datetime | None) -> datetime:
    """By when a request that comes to ``state`` now must be seen to. Who has a time is waited for until then, and for
    as long after it as taking somebody in may take.

    Raises:
        As ``due_at``.
    """
    urgency, area, now = Urgency(standing.urgency), standing.area, standing.now
    if state is State.SCHEDULED and planned_at is not None:
        return due_at(WITHIN[State.ARRIVED], urgency, area, now=now, since=max(planned_at, now))
    return due_at(WITHIN[state], urgency, area, now=now)


def due_at(
    key: str, urgency: Urgency, area: str, *, now: datetime, since: datetime | None = None
) -> datetime:
    """The moment by which what ``key`` names must be done, by the pack that is in force ``now``; its time begins at
    ``since``, now without it.

    Raises:
        Refused: if no pack is in force in the area.
        ParameterProblem, ValueError: if the pack does not carry the times, or not as spans of time.
    """
    allowed = _spans(key, area, day_of(now))[urgency]
    first = day_of(since or now)
    if allowed.unit is not Unit.WORKDAYS:
        return due(allowed, since or now, worked=lambda _: True)
    return due(allowed, since or now, worked=worked_from(first, first + _AHEAD))


def _spans(key: str, area: str, on: date) -> tuple[Allowed, ...]:
    """What the pack allows for ``key``, by urgency. Asked once a day, area and process: a pack that is put in force today
    counts for what is sent from tomorrow on."""
    packs = mandates.packs()
    if _known.packs is not packs or len(_known.spans) >= _MOST:
        _known.packs, _known.spans = packs, {}
    if (key, area, on) not in _known.spans:
        answer = parameter(packs, key, mandates.pack_in_force(area, on=on), on=on)
        assert isinstance(answer.value, tuple)
        _known.spans[key, area, on] = tuple(read(str(each)) for each in answer.value)
    return _known.spans[key, area, on]


@dataclass
class _Known:
    """What was asked of these packs."""

    packs: PackSet | None = None
    spans: dict[tuple[str, str, date], tuple[Allowed, ...]] = field(default_factory=dict)


_known = _Known()
