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
