"""What happened in records. Ids and codes only; what a record says stays behind the wall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from tiercare.apps.ledger.events import EventPayload


@dataclass(frozen=True, slots=True)
class VisitNoted(EventPayload):
    """A visit was noted, with so many diagnoses, values and medicines."""

    KIND: ClassVar[str] = "records.visit_noted"
    encounter_id: UUID
    visit: str
    source: str
    conditions: int
    readings: int
    drugs: int
    stage: str
    request_id: UUID | None


@dataclass(frozen=True, slots=True)
class StageSet(EventPayload):
    """A patient was marked as ready to go down, or no longer."""

    KIND: ClassVar[str] = "records.stage_set"
    encounter_id: UUID
    was: str
    stage: str


@dataclass(frozen=True, slots=True)
class EncounterEnded(EventPayload):
    """A visit or stay ended; ``kept``: one who was ready leaves without going down."""

    KIND: ClassVar[str] = "records.encounter_ended"
    encounter_id: UUID
    stage: str
    kept: bool


@dataclass(frozen=True, slots=True)
class ResultsRecorded(EventPayload):
    """A report came with so many values, so many of them out of range."""

    KIND: ClassVar[str] = "records.results_recorded"
    document_id: UUID
    source: str
    readings: int
    abnormal: int


@dataclass(frozen=True, slots=True)
class DocumentAdded(EventPayload):
    """A document was added; ``size`` in bytes, 0 of a reference."""

    KIND: ClassVar[str] = "records.document_added"
    document_id: UUID
    kind: str
    media_type: str
    size: int
    sha256: str
    request_id: UUID | None


@dataclass(frozen=True, slots=True)
class PlanMade(EventPayload):
    """A plan was written for who goes on treating."""

    KIND: ClassVar[str] = "records.plan_made"
    plan_id: UUID
    receiver_id: UUID | None
    request_id: UUID | None


@dataclass(frozen=True, slots=True)
class ContactPlanned(EventPayload):
    """Somebody is to be contacted by a day."""

    KIND: ClassVar[str] = "records.contact_planned"
    contact_id: UUID
    kind: str
    level: int
    due_on: date
    by_id: UUID
    request_id: UUID | None


@dataclass(frozen=True, slots=True)
class ContactDone(EventPayload):
    """A planned contact was made; ``alerts`` are the criteria of referral that its answers meet."""

    KIND: ClassVar[str] = "records.contact_done"
    contact_id: UUID
    outcome: str
    late_days: int
    alerts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContactCancelled(EventPayload):
    """A planned contact will not be made."""

    KIND: ClassVar[str] = "records.contact_cancelled"
    contact_id: UUID


@dataclass(frozen=True, slots=True)
class EntryWithdrawn(EventPayload):
    """An entry was withdrawn as entered in error, with so many lines; ``replaced_by`` came in its place."""

    KIND: ClassVar[str] = "records.entry_withdrawn"
    what: str
    entry_id: UUID
    lines: int
    replaced_by: UUID | None


@dataclass(frozen=True, slots=True)
class DemonstrationFilled(EventPayload):
    """A made-up year of synthetic residents was laid down, in a demonstration only."""

    KIND: ClassVar[str] = "records.demonstration_filled"
    people: int
    visits: int
    readings: int


@dataclass(frozen=True, slots=True)
class FormularyChanged(EventPayload):
    """The drug list of an institution changed: so many drugs new, with another code or name, and ended."""

    KIND: ClassVar[str] = "records.formulary_changed"
    created: int
    changed: int
    ended: int


@dataclass(frozen=True, slots=True)
class FormAnswered(EventPayload):
    """A form was answered, at a contact or about a stay; ``beyond`` are the items that go beyond its limits."""

    KIND: ClassVar[str] = "records.form_answered"
    answer_id: UUID
    form: str
    version: int
    contact_id: UUID | None
    by_resident: bool
    beyond: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlertHandled(EventPayload):
    """An alert was handled, so many seconds after it was raised; ``request_id`` is the referral that came of it."""

    KIND: ClassVar[str] = "records.alert_handled"
    alert_id: UUID
    took_seconds: int
    request_id: UUID | None


@dataclass(frozen=True, slots=True)
class PromptShown(EventPayload):
    """Somebody was shown that a patient can go down."""

    KIND: ClassVar[str] = "records.prompt_shown"
    prompt_id: UUID
    ground: str


@dataclass(frozen=True, slots=True)
class PromptAnswered(EventPayload):
    """The proposal to refer down was taken up or declined."""

    KIND: ClassVar[str] = "records.prompt_answered"
    prompt_id: UUID
    ground: str
    taken: bool
