"""What happened to requests. Ids and codes only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from tiercare.apps.ledger.events import EventPayload


@dataclass(frozen=True, slots=True)
class RequestDrafted(EventPayload):
    """Somebody began to write a request."""

    KIND: ClassVar[str] = "exchange.request_drafted"
    kind: str
    resident: UUID
    urgency: int
    parent: UUID | None


@dataclass(frozen=True, slots=True)
class RequestAmended(EventPayload):
    """Who writes a request went on writing."""

    KIND: ClassVar[str] = "exchange.request_amended"
    version: int


@dataclass(frozen=True, slots=True)
class RequestAssigned(EventPayload):
    """Within an institution somebody else sees to a request; empty: the office."""

    KIND: ClassVar[str] = "exchange.request_assigned"
    to: UUID | None


@dataclass(frozen=True, slots=True)
class RequestUnheard(EventPayload):
    """Nobody at the receiver's saw in time that a request came: both sides were told."""

    KIND: ClassVar[str] = "exchange.request_unheard"
    sent_at: datetime
    receiver: UUID


@dataclass(frozen=True, slots=True)
class DeskKept(EventPayload):
    """An institution named who answers for referrals."""

    KIND: ClassVar[str] = "exchange.desk_kept"
    name: str
    people: int


@dataclass(frozen=True, slots=True)
class StandInKept(EventPayload):
    """Somebody stands in for somebody who is away; ``ended``: no longer."""

    KIND: ClassVar[str] = "exchange.stand_in_kept"
    account: UUID
    deputy: UUID
    ended: bool


@dataclass(frozen=True, slots=True)
class RequestTurned(EventPayload):
    """A request took a step: ``act`` led from ``was`` to ``state``; who owns it now, and until when."""

    KIND: ClassVar[str] = "exchange.request_turned"
    kind: str
    act: str
    was: str
    state: str
    resident: UUID
    sender: UUID
    receiver: UUID | None
    owner_level: str | None
    owner: UUID | None
    due_at: datetime | None
    code: str


@dataclass(frozen=True, slots=True)
class RequestReceived(EventPayload):
    """The receiver's side has seen that a request came."""

    KIND: ClassVar[str] = "exchange.request_received"
    waited_seconds: int


@dataclass(frozen=True, slots=True)
class RequestEscalated(EventPayload):
    """Nobody saw to a request in time: it went one step up the line."""

    KIND: ClassVar[str] = "exchange.request_escalated"
    state: str
    overdue_since: datetime
    from_level: str
    to_level: str
    owner: UUID | None
    area: str
