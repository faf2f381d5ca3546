"""The plan that goes down with a patient: which parts it must have."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

PART_NAMES: Mapping[str, Text] = {
    "continuing_treatment": Text("接续治疗", "continuing treatment"),
    "rehabilitation": Text("康复治疗", "rehabilitation"),
    "nursing": Text("护理", "nursing"),
}


def plan_refusals(
    parts: Mapping[str, str],
    *,
    demanded: Collection[str],
    next_visit_on: date | None,
    today: date,
    clauses: tuple[str, ...] = (),
) -> list[Refusal]:
    """Parts of the plan that are empty though the region demands them (XH-50), and a next visit in the past.

    A plan without treatment is none anywhere.
    """
    found = [
        replace(
            _PART, fields={"part": PART_NAMES[part]}, at=part, clauses=clauses if part in demanded else ()
        )
        for part in PART_NAMES
        if not parts.get(part, "").strip() and (part in demanded or part == "continuing_treatment")
    ]
    if next_visit_on is not None and next_visit_on < today:
        found.append(_VISIT_PAST)
    return found


_PART = Refusal(
    code="records.plan_part",
    message=Text("方案缺少“{part}”。", "The plan has no {part}."),
    instead=Text(
        "请写明；确实不需要的请写“不需要”及理由。", "Fill it in; where none is needed, say so and why."
    ),
    status=422,
)
_VISIT_PAST = Refusal(
    code="records.next_visit_past",
    message=Text("下次就诊日期已经过去。", "The day of the next visit has passed."),
    instead=Text("请选今天或以后的日期。", "Choose today or later."),
    at="next_visit_on",
    status=422,
)
