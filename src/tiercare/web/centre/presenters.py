"""Cases as pages show them: who, what for, what comes next, and each step with what was recorded of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tiercare.apps.capacity.queries.cases import CaseShown, OpenCase, StayShown, StepShown
from tiercare.apps.capacity.queries.centre import CriteriaOf
from tiercare.apps.capacity.rules.beds import STAY_NAMES
from tiercare.apps.capacity.rules.cases import (
    CASE_STATE_NAMES,
    KIND_NAMES,
    STEP_NAMES,
    Step,
    StepState,
    checklist,
)
from tiercare.apps.capacity.rules.criteria import STAGE_OF
from tiercare.apps.residents import queries as residents
from tiercare.web.cards.presenters import people
from tiercare.web.pages import said

from . import words


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form of a step sent, to be shown again where it was refused."""

    ticked: frozenset[int] = frozenset()
    met: frozenset[str] = frozenset()
    note: str = ""
    reason: str = ""
    opened: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def masked(ids: Collection[UUID], *, on: date) -> dict[UUID, dict[str, Any]]:
    """These residents as lists show them; that they stood in it is recorded by the list's query."""
    shown = people(residents.least_of(list(dict.fromkeys(ids))), on=on)
    return {each["id"]: each for each in shown}


def lines(found: Sequence[OpenCase], *, on: date) -> list[dict[str, Any]]:
    """Lines of the worklist."""
    who = masked([each.resident_id for each in found], on=on)
    return [
        {
            "of": each,
            "who": who.get(each.resident_id),
            "kind": words.kind(each.kind),
            "what": each.procedure or each.disease,
            "step": words.step(each.step),
            "due": words.day(each.due_at) if each.due_at else "",
            "waited": words.span(each.waited) if each.waits else "",
        }
        for each in found
    ]


def case(shown: CaseShown, criteria: Sequence[CriteriaOf], typed: Typed, *, now: datetime) -> dict[str, Any]:
    """A case with its steps; the one that comes next has its lists to tick."""
    ahead = shown.next
    return {
        "case": shown,
        "case_kind": words.kind(shown.kind),
        "state": said(CASE_STATE_NAMES[shown.state]),
        "what": shown.procedure or shown.disease,
        "waited": words.span((shown.closed_at or now) - shown.requested_at),
        "steps": [_step(each, shown, _list_for(each.step, criteria), typed) for each in shown.steps],
        "next": words.step(ahead.step) if ahead else "",
        "done": sum(each.state is not StepState.OPEN for each in shown.steps),
        "stay": _stay(shown.stay),
        "exams": [{"of": each, "at": words.at(each.starts_at)} for each in shown.exams],
        "typed": typed,
        "waits": any(each.step is Step.ADMISSION and each.state is StepState.OPEN for each in shown.steps),
        "discharged": any(
            each.step is Step.DISCHARGE and each.state is StepState.DONE for each in shown.steps
        ),
    }


def _step(each: StepShown, shown: CaseShown, listed: CriteriaOf | None, typed: Typed) -> dict[str, Any]:
    current = shown.next is not None and each.step is shown.next.step
    return {
        "of": each,
        "name": words.step(each.step),
        "code": each.step.value,
        "icon": words.ICONS[each.state],
        "current": current,
        "left_out": each.state is StepState.NOT_NEEDED,
        "done": words.at(each.done_at) if each.done_at else "",
        "due": words.day(each.due_at) if each.due_at else "",
        "checks": [
            {"number": number, "text": said(text), "ticked": current and number in typed.ticked}
            for number, text in enumerate(checklist(shown.kind, each.step))
        ],
        "criteria": {
            "of": listed,
            "items": [
                {"text": item, "met": item in typed.met if current else item in each.met}
                for item in listed.items
            ],
        }
        if listed is not None and current
        else None,
        "met": [{"text": item, "met": item in each.met} for item in each.items],
        "exam_booking": each.step is Step.EXAM_BOOKING,
        "admission": each.step is Step.ADMISSION,
        "discharge": each.step is Step.DISCHARGE,
        "money": each.step in {Step.INSURANCE_REVIEW, Step.DISCHARGE_SETTLEMENT},
    }


def _list_for(step: Step, criteria: Sequence[CriteriaOf]) -> CriteriaOf | None:
    return next((each for each in criteria if each.stage is STAGE_OF.get(step)), None)


def _stay(stay: StayShown | None) -> dict[str, Any] | None:
    if stay is None:
        return None
    return {
        "of": stay,
        "state": said(STAY_NAMES[stay.state]),
        "place": f"{stay.ward} {stay.number}",
        "starts": words.at(stay.starts_at),
        "ends": words.at(stay.ends_at) if stay.ends_at else "",
    }


def kinds() -> list[tuple[str, str]]:
    """Kinds of cases, with their names."""
    return [(each.value, said(name)) for each, name in KIND_NAMES.items()]


def steps() -> list[tuple[str, str]]:
    """Steps, with their names."""
    return [(each.value, said(name)) for each, name in STEP_NAMES.items()]
