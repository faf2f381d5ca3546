"""What the lists of who can go down look like in the API, and what begins a referral down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field

from tiercare.apps.capacity.queries.discharge import MetAll
from tiercare.apps.records.queries import LeftElsewhere, Prompt
from tiercare.apps.records.queries.going_down import Ready

from .requests_shapes import Line
from .writes import Body

_SOME_ID = "0199f0a2-7c1e-7d3a-9b1c-3f6a2e5d8c41"


class DownIn(Body):
    """Somebody of ``/ready``: by the stay that is marked, by the case at the admission centre that met all criteria, or by the
    proposal at the end of a visit; one of the three."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"visit": _SOME_ID}]})

    visit: UUID | None = None
    case: UUID | None = None
    prompt: UUID | None = None
    again: Line = Field("", max_length=300)


class ReadyOut(Schema):
    """A patient who is marked as recovered or stable; ``days`` since the mark."""

    visit: UUID
    resident: UUID
    kind: str
    stage: str
    since: datetime
    days: int
    ended_at: datetime | None
    department: UUID | None
    clinician: str
    code: str
    name: str


class MetOut(Schema):
    """A patient who met all criteria for discharge (XH-66)."""

    case: UUID
    resident: UUID
    disease: str
    met_at: datetime
    criteria: list[str]


class PromptOut(Schema):
    """A proposal at the end of a visit that nobody has answered (NHC-51)."""

    prompt: UUID
    visit: UUID
    resident: UUID
    code: str
    name: str
    shown_at: datetime


class ElsewhereOut(Schema):
    """A resident for whom you answer, who left a hospital without a plan (XH-49)."""

    resident: UUID
    hospital: UUID
    stage: str
    ended_at: datetime
    days: int


class ReadyListOut(Schema):
    """``items`` are still in the house; ``discharged`` have left without a request, a plan or a reason (XH-49); ``met`` and
    ``prompts`` are proposed; ``elsewhere`` are your residents who left another hospital without a plan."""

    items: list[ReadyOut]
    discharged: list[ReadyOut]
    met: list[MetOut]
    prompts: list[PromptOut]
    elsewhere: list[ElsewhereOut]


def ready_out(found: Ready) -> dict[str, Any]:
    """A patient who is ready, as ``ReadyOut`` has it."""
    return {
        "visit": found.encounter_id,
        "resident": found.resident_id,
        "kind": found.kind.value,
        "stage": found.stage.value,
        "since": found.since,
        "days": found.days,
        "ended_at": found.ended_at,
        "department": found.department_id,
        "clinician": found.clinician_name,
        "code": found.code,
        "name": found.name,
    }


def proposed_out(
    met: Sequence[MetAll], prompts: Sequence[Prompt], elsewhere: Sequence[LeftElsewhere]
) -> dict[str, Any]:
    """What is proposed, and who left elsewhere, as ``ReadyListOut`` has it."""
    return {
        "met": [
            {
                "case": each.case_id,
                "resident": each.resident_id,
                "disease": each.disease,
                "met_at": each.met_at,
                "criteria": list(each.items),
            }
            for each in met
        ],
        "prompts": [
            {
                "prompt": each.id,
                "visit": each.source_id,
                "resident": each.resident_id,
                "code": each.code,
                "name": each.name,
                "shown_at": each.shown_at,
            }
            for each in prompts
        ],
        "elsewhere": [
            {
                "resident": each.resident_id,
                "hospital": each.institution_id,
                "stage": each.stage.value,
                "ended_at": each.ended_at,
                "days": each.days,
            }
            for each in elsewhere
        ],
    }
