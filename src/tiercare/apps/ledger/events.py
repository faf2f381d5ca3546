"""What an event says: frozen payload classes, and their strict form as JSON.

A payload is a frozen dataclass with two class variables, written once in the ``events.py`` of the app that
emits it::

    @dataclass(frozen=True, slots=True)
    class MembershipStarted(EventPayload):
        KIND: ClassVar[str] = "network.membership_started"
        VERSION: ClassVar[int] = 1
        consortium_id: UUID
        period: Period
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import ClassVar
from uuid import UUID

from tiercare.kernel.money import Money

# In a payload, the ids of the residents whose records were read.
READ = "residents"
_KIND = re.compile(r"[a-z]+\.[a-z][a-z_]*")
# NUL, and half a surrogate pair.
_UNKEPT = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class EventPayload:
    """Base of all payloads.

    Raises:
        TypeError: when a subclass names no ``KIND`` of the form ``app.something_happened``.
    """

    KIND: ClassVar[str]
    VERSION: ClassVar[int] = 1

    def __init_subclass__(cls) -> None:
        if not _KIND.fullmatch(getattr(cls, "KIND", "")):
            raise TypeError(f"{cls.__name__} needs KIND = 'app.something_happened'")


@dataclass(frozen=True, slots=True)
class ClockSet(EventPayload):
    """The clock of a synthetic database was set, or released (``after`` is ``None``)."""

    KIND: ClassVar[str] = "ledger.clock_set"
    before: datetime | None
    after: datetime | None


@dataclass(frozen=True, slots=True)
class MonthBegun(EventPayload):
    """A demonstration begins to play days of a region."""

    KIND: ClassVar[str] = "ledger.month_begun"
    region: str
    first: date
    days: int
    acts: int
    seed: int


@dataclass(frozen=True, slots=True)
class MonthPlayed(EventPayload):
    """The days of a region that a demonstration began to play were played to the last."""

    KIND: ClassVar[str] = "ledger.month_played"
    region: str
    first: date


@dataclass(frozen=True, slots=True)
class DeadLetterRetried(EventPayload):
    """Somebody ordered another round of attempts for a delivery that had been given up."""

    KIND: ClassVar[str] = "ledger.dead_letter_retried"
    delivery_id: int
    handler: str
    error: str


def encode(payload: EventPayload) -> dict[str, object]:
    """The payload as plain JSON values: dates ISO 8601, moments in UTC, decimals and UUIDs as strings, money in fen.

    Raises:
        TypeError: for a value of any other type (floats among them), naming the place, e.g.
            ``network.site_moved: position[0] is a float``.
        ValueError: for a moment without time zone, a decimal that is no number, or text that PostgreSQL
            cannot hold.
    """
    return {
        field.name: _plain(getattr(payload, field.name), f"{payload.KIND}: {field.name}")
        for field in fields(payload)
    }


def _plain(value: object, place: str) -> object:
    """One value as JSON; ``place`` is for the message."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, Money):
        value = value.fen
    if isinstance(value, UUID):
        value = str(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _text(value, place)
    if isinstance(value, date | Decimal):
        return _quantity(value, place)
    return _compound(value, place)


def _text(value: str, place: str) -> str:
    if _UNKEPT.search(value):
        raise ValueError(
            f"{place} holds a character that PostgreSQL cannot store (NUL or half a surrogate pair)"
        )
    return value


def _quantity(value: date | Decimal, place: str) -> str:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{place} is not a finite number: {value}")
        return format(value, "f")
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{place} is a moment without time zone: {value}")
        return value.astimezone(UTC).isoformat()
    return value.isoformat()


def _compound(value: object, place: str) -> object:
    if isinstance(value, tuple | list):
        return [_plain(item, f"{place}[{number}]") for number, item in enumerate(value)]
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"{place} has the key {key!r}; keys must be text")
        return {_text(key, place): _plain(item, f"{place}.{key}") for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _plain(getattr(value, field.name), f"{place}.{field.name}") for field in fields(value)
        }
    raise TypeError(
        f"{place} is a {type(value).__name__}; an event holds text, whole numbers, decimals, dates, moments, "
        "UUIDs, money, and lists or dataclasses of these"
    )
