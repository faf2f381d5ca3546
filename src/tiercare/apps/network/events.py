"""What happened in the network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from tiercare.apps.ledger.events import EventPayload


@dataclass(frozen=True, slots=True)
class RegionLaidDown(EventPayload):
    """A region's network was laid down from its pack."""

    KIND: ClassVar[str] = "network.region_laid_down"
    VERSION: ClassVar[int] = 1
    pack: str
    digest: str
    institutions: int
    consortia: int


@dataclass(frozen=True, slots=True)
class MembershipStarted(EventPayload):
    """An institution joined a consortium."""

    KIND: ClassVar[str] = "network.membership_started"
    VERSION: ClassVar[int] = 1
    consortium: str
    institution: str
    role: str
    start: date


@dataclass(frozen=True, slots=True)
class MembershipEnded(EventPayload):
    """An institution left a consortium."""

    KIND: ClassVar[str] = "network.membership_ended"
    VERSION: ClassVar[int] = 1
    consortium: str
    institution: str
    end: date


@dataclass(frozen=True, slots=True)
class CommunityJoined(EventPayload):
    """A county community joined a group as a whole."""

    KIND: ClassVar[str] = "network.community_joined"
    VERSION: ClassVar[int] = 1
    parent: str
    child: str
    start: date


@dataclass(frozen=True, slots=True)
class Entrusted(EventPayload):
    """An institution was entrusted to another."""

    KIND: ClassVar[str] = "network.entrusted"
    VERSION: ClassVar[int] = 1
    trustee: str
    entrusted: str
    start: date


@dataclass(frozen=True, slots=True)
class InstitutionChanged(EventPayload):
    """An institution was recorded, changed or closed from a day on."""

    KIND: ClassVar[str] = "network.institution_changed"
    VERSION: ClassVar[int] = 1
    institution: str
    start: date
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsortiumFormed(EventPayload):
    """A consortium was formed."""

    KIND: ClassVar[str] = "network.consortium_formed"
    VERSION: ClassVar[int] = 1
    consortium: str
    kind: str
    lead: str
    start: date


@dataclass(frozen=True, slots=True)
class ApplicationMoved(EventPayload):
    """An application was submitted, approved, returned, resubmitted or withdrawn."""

    KIND: ClassVar[str] = "network.application_moved"
    VERSION: ClassVar[int] = 1
    title: str
    act: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImportTakenOver(EventPayload):
    """An uploaded file was taken over; ``left_out`` counts rows that stayed in quarantine."""

    KIND: ClassVar[str] = "network.import_taken_over"
    VERSION: ClassVar[int] = 1
    file: str
    digest: str
    created: int
    changed: int
    unchanged: int
    voided: int
    left_out: int


@dataclass(frozen=True, slots=True)
class RegistersChanged(EventPayload):
    """Rows of the registers were taken over: how many did what, and the first of them by place."""

    KIND: ClassVar[str] = "network.registers_changed"
    VERSION: ClassVar[int] = 1
    created: int
    changed: int
    voided: int
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AgreementSigned(EventPayload):
    """An agreement was signed."""

    KIND: ClassVar[str] = "network.agreement_signed"
    VERSION: ClassVar[int] = 1
    title: str
    consortium: str
    signed_on: date
    end: date


@dataclass(frozen=True, slots=True)
class CharterAdopted(EventPayload):
    """A consortium adopted a charter."""

    KIND: ClassVar[str] = "network.charter_adopted"
    VERSION: ClassVar[int] = 1
    consortium: str
    adopted_on: date


@dataclass(frozen=True, slots=True)
class RegisterConfirmed(EventPayload):
    """Somebody confirmed that a register of an institution is right as it stands."""

    KIND: ClassVar[str] = "network.register_confirmed"
    VERSION: ClassVar[int] = 1
    institution: str
    register: str


@dataclass(frozen=True, slots=True)
class AgreementDrafted(EventPayload):
    """An agreement was drafted, by itself or to follow another one."""

    KIND: ClassVar[str] = "network.agreement_drafted"
    VERSION: ClassVar[int] = 1
    title: str
    consortium: str
    renews: str


@dataclass(frozen=True, slots=True)
class AgreementRevised(EventPayload):
    """A draft was changed: ``changed`` names sections, ``parties``, ``obligations``, ``title`` or ``term``."""

    KIND: ClassVar[str] = "network.agreement_revised"
    VERSION: ClassVar[int] = 1
    title: str
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DraftDiscarded(EventPayload):
    """A draft was given up."""

    KIND: ClassVar[str] = "network.draft_discarded"
    VERSION: ClassVar[int] = 1
    title: str


@dataclass(frozen=True, slots=True)
class PartySigned(EventPayload):
    """A party signed, or (without a day) took its signature back before the last one had signed."""

    KIND: ClassVar[str] = "network.party_signed"
    VERSION: ClassVar[int] = 1
    title: str
    party: str
    signed_by: str
    signed_on: date | None


@dataclass(frozen=True, slots=True)
class AgreementEnded(EventPayload):
    """An agreement was ended before its day; ``end`` is the first day without it."""

    KIND: ClassVar[str] = "network.agreement_ended"
    VERSION: ClassVar[int] = 1
    title: str
    end: date


@dataclass(frozen=True, slots=True)
class ObligationMet(EventPayload):
    """An obligation of an agreement was met."""

    KIND: ClassVar[str] = "network.obligation_met"
    VERSION: ClassVar[int] = 1
    agreement: str
    text: str
    met_on: date


@dataclass(frozen=True, slots=True)
class SeatTaken(EventPayload):
    """Somebody took a seat in a council or committee."""

    KIND: ClassVar[str] = "network.seat_taken"
    VERSION: ClassVar[int] = 1
    consortium: str
    office: str
    held_by: str
    start: date


@dataclass(frozen=True, slots=True)
class CentreLinked(EventPayload):
    """A specialty alliance was linked to a provincial centre from a day on."""

    KIND: ClassVar[str] = "network.centre_linked"
    VERSION: ClassVar[int] = 1
    consortium: str
    institution: str
    specialty: str
    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class CentreUnlinked(EventPayload):
    """The link of a specialty alliance to a provincial centre ends; ``end`` is the first day without it."""

    KIND: ClassVar[str] = "network.centre_unlinked"
    VERSION: ClassVar[int] = 1
    consortium: str
    institution: str
    end: date


@dataclass(frozen=True, slots=True)
class SeatLeft(EventPayload):
    """A seat in a council or committee was left."""

    KIND: ClassVar[str] = "network.seat_left"
    VERSION: ClassVar[int] = 1
    consortium: str
    office: str
    held_by: str
    end: date


@dataclass(frozen=True, slots=True)
class PlanRecorded(EventPayload):
    """A government's plan was recorded with its goal and schedule."""

    KIND: ClassVar[str] = "network.plan_recorded"
    VERSION: ClassVar[int] = 1
    division: str
    kind: str
    finished_on: date
    milestones: int


@dataclass(frozen=True, slots=True)
class MilestoneMet(EventPayload):
    """A milestone of a plan was met."""

    KIND: ClassVar[str] = "network.milestone_met"
    VERSION: ClassVar[int] = 1
    text: str
    met_on: date


@dataclass(frozen=True, slots=True)
class GridsRedrawn(EventPayload):
    """The grids of a region were drawn anew, from a day on; ``moved`` places changed theirs."""

    KIND: ClassVar[str] = "network.grids_redrawn"
    VERSION: ClassVar[int] = 1
    region: str
    start: date
    grids: int
    moved: int


@dataclass(frozen=True, slots=True)
class InstitutionPlanKept(EventPayload):
    """A version of an area's plan of institutions was put on record."""

    KIND: ClassVar[str] = "network.institution_plan_kept"
    VERSION: ClassVar[int] = 1
    division: str
    plan: str
    number: int
    start: date
    lines: int


@dataclass(frozen=True, slots=True)
class PlanOverridden(EventPayload):
    """An application may exceed the plan: how many of its limits, and why."""

    KIND: ClassVar[str] = "network.plan_overridden"
    VERSION: ClassVar[int] = 1
    title: str
    limits: int
    reason: str


@dataclass(frozen=True, slots=True)
class ChoiceSaid(EventPayload):
    """An institution confirmed a proposal that names it, or declined."""

    KIND: ClassVar[str] = "network.choice_said"
    VERSION: ClassVar[int] = 1
    title: str
    institution: str
    agreed: bool
    words: str


@dataclass(frozen=True, slots=True)
class ProposalScored(EventPayload):
    """A proposal was held against the criteria of the pack."""

    KIND: ClassVar[str] = "network.proposal_scored"
    VERSION: ClassVar[int] = 1
    title: str
    criteria: int
