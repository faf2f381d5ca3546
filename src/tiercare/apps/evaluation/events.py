"""What happened in evaluation. Ids, codes and numbers only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from tiercare.apps.ledger.events import EventPayload


@dataclass(frozen=True, slots=True)
class MatterIssued(EventPayload):
    """Somebody was given something to do by a day."""

    KIND: ClassVar[str] = "evaluation.matter_issued"
    kind: str
    owner_area: str
    owner_institution: UUID | None
    due_on: date
    parent: UUID | None


@dataclass(frozen=True, slots=True)
class MatterMoved(EventPayload):
    """A matter was taken on by one act."""

    KIND: ClassVar[str] = "evaluation.matter_moved"
    kind: str
    act: str
    was: str
    state: str


@dataclass(frozen=True, slots=True)
class MatterEscalated(EventPayload):
    """Nobody did it in time; those above were told."""

    KIND: ClassVar[str] = "evaluation.matter_escalated"
    kind: str
    times: int
    due_on: date


@dataclass(frozen=True, slots=True)
class RunAsked(EventPayload):
    """Somebody asked for the indicators of a pack to be computed."""

    KIND: ClassVar[str] = "evaluation.run_asked"
    pack: str


@dataclass(frozen=True, slots=True)
class RunKept(EventPayload):
    """Indicators were computed and kept."""

    KIND: ClassVar[str] = "evaluation.run_kept"
    pack: str
    digest: str
    values: int


@dataclass(frozen=True, slots=True)
class CasesListed(EventPayload):
    """The cases behind a number were listed, without names."""

    KIND: ClassVar[str] = "evaluation.cases_listed"
    indicator: str
    span: str
    key: str
    cases: int


@dataclass(frozen=True, slots=True)
class PanelMarked(EventPayload):
    """A panel of a scorecard was recorded as complete from a day on, or that was taken back."""

    KIND: ClassVar[str] = "evaluation.panel_marked"
    card: str
    panel: str
    complete: bool
    on: date


@dataclass(frozen=True, slots=True)
class ResultPublished(EventPayload):
    """A result was made public."""

    KIND: ClassVar[str] = "evaluation.result_published"
    audience: str
    period: str
    indicators: int


@dataclass(frozen=True, slots=True)
class ResultWithdrawn(EventPayload):
    """What was public was taken back."""

    KIND: ClassVar[str] = "evaluation.result_withdrawn"
    audience: str
    period: str


@dataclass(frozen=True, slots=True)
class Delivered(EventPayload):
    """Something was handed to somebody."""

    KIND: ClassVar[str] = "evaluation.delivered"
    purpose: str
    to_area: str
    outside: bool


@dataclass(frozen=True, slots=True)
class Received(EventPayload):
    """They said that it came."""

    KIND: ClassVar[str] = "evaluation.received"
    purpose: str


@dataclass(frozen=True, slots=True)
class DeliveryReminded(EventPayload):
    """Those who had not read a paper were reminded."""

    KIND: ClassVar[str] = "evaluation.delivery_reminded"
    purpose: str
    reminded: int


@dataclass(frozen=True, slots=True)
class FactsReceived(EventPayload):
    """A file of facts was uploaded; nothing of it counts yet."""

    KIND: ClassVar[str] = "evaluation.facts_received"
    fact: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class FactsChecked(EventPayload):
    """It was tried: so many rows came, would be taken, would wait."""

    KIND: ClassVar[str] = "evaluation.facts_checked"
    fact: str
    sha256: str
    mode: str
    came: int
    kept: int
    waiting: int


@dataclass(frozen=True, slots=True)
class FactsTaken(EventPayload):
    """Its good rows were taken as a batch; the others wait beside it."""

    KIND: ClassVar[str] = "evaluation.facts_taken"
    fact: str
    batch: str
    sha256: str
    mode: str
    kept: int
    waiting: int


@dataclass(frozen=True, slots=True)
class FactsDropped(EventPayload):
    """Nothing of it was taken."""

    KIND: ClassVar[str] = "evaluation.facts_dropped"
    fact: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SchemeDefined(EventPayload):
    """How an area assesses was laid down, in a new version."""

    KIND: ClassVar[str] = "evaluation.scheme_defined"
    card: str
    version: int
    since: date
    lines: int


@dataclass(frozen=True, slots=True)
class FactorsSet(EventPayload):
    """What an area makes of a score was laid down."""

    KIND: ClassVar[str] = "evaluation.factors_set"
    active: bool
    steps: int
    since: date


@dataclass(frozen=True, slots=True)
class ReviewChanged(EventPayload):
    """What had been decided on a self-report was decided otherwise."""

    KIND: ClassVar[str] = "evaluation.review_changed"
    lines: int
    of_the_unit: int


@dataclass(frozen=True, slots=True)
class SurveyOpened(EventPayload):
    """People of an area were drawn for a survey and invited."""

    KIND: ClassVar[str] = "evaluation.survey_opened"
    survey: str
    version: int
    first: date
    last: date
    drawn: int


@dataclass(frozen=True, slots=True)
class SurveyStopped(EventPayload):
    """A round was ended before its time."""

    KIND: ClassVar[str] = "evaluation.survey_stopped"
    survey: str


@dataclass(frozen=True, slots=True)
class SurveyAnswered(EventPayload):
    """Somebody who was drawn answered, or declined. What they answered is in no event."""

    KIND: ClassVar[str] = "evaluation.survey_answered"
    round: UUID
    how: str
    declined: bool


@dataclass(frozen=True, slots=True)
class PostChanged(EventPayload):
    """Somebody was named to a department, or that ended."""

    KIND: ClassVar[str] = "evaluation.post_changed"
    department: str
    account: UUID
    since: date
    ended: bool


@dataclass(frozen=True, slots=True)
class ClaimRaised(EventPayload):
    """A paid visit that a rule flagged was put before the commission; ``mark`` is a digest of the visit."""

    KIND: ClassVar[str] = "evaluation.claim_raised"
    rule: str
    span: str
    mark: str
    matter: UUID
