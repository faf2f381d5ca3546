"""What happened to accounts, roles and sessions. No password, and no typed name that belongs to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from tiercare.apps.ledger.events import EventPayload


@dataclass(frozen=True, slots=True)
class AccountCreated(EventPayload):
    """A person (or a demonstration) can sign in from now on."""

    KIND: ClassVar[str] = "access.account_created"
    username: str
    display_name: str
    synthetic: bool


@dataclass(frozen=True, slots=True)
class AccountDisabled(EventPayload):
    """The account can no longer sign in; its sessions end."""

    KIND: ClassVar[str] = "access.account_disabled"
    username: str


@dataclass(frozen=True, slots=True)
class AccountEnabled(EventPayload):
    """The account can sign in again, with a new password."""

    KIND: ClassVar[str] = "access.account_enabled"
    username: str


@dataclass(frozen=True, slots=True)
class PasswordSet(EventPayload):
    """The password was changed by its owner, or set by an operator; all other sessions end."""

    KIND: ClassVar[str] = "access.password_set"
    by_owner: bool


@dataclass(frozen=True, slots=True)
class RoleGranted(EventPayload):
    """An account was given a role somewhere, for a period."""

    KIND: ClassVar[str] = "access.role_granted"
    grant_id: UUID
    role: str
    scope: str
    place_name: str
    consortium_id: UUID | None
    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class RoleRevoked(EventPayload):
    """A role was taken back, at once."""

    KIND: ClassVar[str] = "access.role_revoked"
    grant_id: UUID
    role: str
    place_name: str


@dataclass(frozen=True, slots=True)
class RoleChosen(EventPayload):
    """A person picked the role to act in."""

    KIND: ClassVar[str] = "access.role_chosen"
    grant_id: UUID
    role: str


@dataclass(frozen=True, slots=True)
class SignedIn(EventPayload):
    """An account signed in from a source address."""

    KIND: ClassVar[str] = "access.signed_in"
    source: str


@dataclass(frozen=True, slots=True)
class SignInFailed(EventPayload):
    """Somebody failed to sign in. The subject is the account, or a keyed hash of a name that nobody has."""

    KIND: ClassVar[str] = "access.sign_in_failed"
    source: str
    reason: str
    failures: int


@dataclass(frozen=True, slots=True)
class SignedOut(EventPayload):
    """A person ended the session."""

    KIND: ClassVar[str] = "access.signed_out"
