"""What happened to mandates, waivers and lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from tiercare.apps.ledger.events import EventPayload


@dataclass(frozen=True, slots=True)
class PackPutInForce(EventPayload):
    """A pack was put in force in an area."""

    KIND: ClassVar[str] = "mandates.pack_put_in_force"
    VERSION: ClassVar[int] = 1
    division_code: str
    pack: str
    digest: str
    start: date


@dataclass(frozen=True, slots=True)
class WaiverGranted(EventPayload):
    """Somebody excepted a subject from a 原则上 rule."""

    KIND: ClassVar[str] = "mandates.waiver_granted"
    VERSION: ClassVar[int] = 1
    pack: str
    card: str
    subject: str
    reason: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class WaiverRevoked(EventPayload):
    """An exception was taken back."""

    KIND: ClassVar[str] = "mandates.waiver_revoked"
    VERSION: ClassVar[int] = 1
    card: str
    subject: str


@dataclass(frozen=True, slots=True)
class ListEdited(EventPayload):
    """A region filled in or changed a named list."""

    KIND: ClassVar[str] = "mandates.list_edited"
    VERSION: ClassVar[int] = 1
    pack: str
    list_id: str
    items: tuple[str, ...]
    start: date
