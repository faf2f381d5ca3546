"""What happened to accounts, roles and sessions. No password, and no typed name that belongs to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
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
class SecondFactorSet(EventPayload):
    """The account signs in with a second factor from now on."""

    KIND: ClassVar[str] = "access.second_factor_set"


@dataclass(frozen=True, slots=True)
class SecondFactorRemoved(EventPayload):
    """The second factor and its recovery codes are gone: by its owner with a code, or by an operator."""

    KIND: ClassVar[str] = "access.second_factor_removed"
    by_owner: bool


@dataclass(frozen=True, slots=True)
class RecoveryCodesRenewed(EventPayload):
    """The recovery codes of before are worth nothing any more."""

    KIND: ClassVar[str] = "access.recovery_codes_renewed"


@dataclass(frozen=True, slots=True)
class RecoveryCodeUsed(EventPayload):
    """A code from the paper stood in for the telephone; ``left`` are still good."""

    KIND: ClassVar[str] = "access.recovery_code_used"
    left: int


@dataclass(frozen=True, slots=True)
class CodeRefused(EventPayload):
    """A wrong code was given for the second factor, the ``failures``-th in a row."""

    KIND: ClassVar[str] = "access.code_refused"
    failures: int


@dataclass(frozen=True, slots=True)
class InvitationMade(EventPayload):
    """A slip was printed with which the account's owner sets a password; slips of before are void."""

    KIND: ClassVar[str] = "access.invitation_made"
    invitation_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class InvitationWithdrawn(EventPayload):
    """The open slip opens nothing any more."""

    KIND: ClassVar[str] = "access.invitation_withdrawn"
    invitation_id: UUID


@dataclass(frozen=True, slots=True)
class InvitationAccepted(EventPayload):
    """The slip was used to set a password."""

    KIND: ClassVar[str] = "access.invitation_accepted"
    invitation_id: UUID


@dataclass(frozen=True, slots=True)
class LeavingPlanned(EventPayload):
    """A person leaves on a later day: the roles end then, the rest is done when the day has come."""

    KIND: ClassVar[str] = "access.leaving_planned"
    on: date
    successor_id: UUID | None
    to_institution: bool


@dataclass(frozen=True, slots=True)
class AccountLeft(EventPayload):
    """A person left: roles ended, account closed, ``relations`` passed to the successor or the institution."""

    KIND: ClassVar[str] = "access.account_left"
    successor_id: UUID | None
    grants: int
    relations: int


@dataclass(frozen=True, slots=True)
class CareHandedOver(EventPayload):
    """Somebody else of the institution (or nobody by name) looks after the resident because of the same thing."""

    KIND: ClassVar[str] = "access.care_handed_over"
    relation_id: UUID
    from_account_id: UUID
    to_account_id: UUID | None


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
class Confirmed(EventPayload):
    """A signed-in person showed again who they are, before something weighty."""

    KIND: ClassVar[str] = "access.confirmed"


@dataclass(frozen=True, slots=True)
class SessionsEnded(EventPayload):
    """A person ended sessions of theirs from another one, as after leaving a machine without signing out."""

    KIND: ClassVar[str] = "access.sessions_ended"
    count: int


@dataclass(frozen=True, slots=True)
class SignedOut(EventPayload):
    """A person ended the session."""

    KIND: ClassVar[str] = "access.signed_out"


@dataclass(frozen=True, slots=True)
class RecordRead(EventPayload):
    """Somebody saw, or was refused, what the index or a record holds about these residents (entries, not names).

    ``what`` is the part that was seen (``file``, ``identity``, ``list``, ``number``); ``basis`` the ground on which
    it was allowed (``rules.Basis``), empty if it was refused; ``result`` is ``shown`` or ``refused``.
    """

    KIND: ClassVar[str] = "access.record_read"
    what: str
    basis: str
    purpose: str
    result: str
    residents: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class CareStarted(EventPayload):
    """An institution looks after a resident from now on, until a moment or until it is ended."""

    KIND: ClassVar[str] = "access.care_started"
    relation_id: UUID
    kind: str
    source_id: UUID
    until: datetime | None


@dataclass(frozen=True, slots=True)
class CareEnded(EventPayload):
    """The contract, visit or request is over, and with it the ground to read the record."""

    KIND: ClassVar[str] = "access.care_ended"
    kind: str
    source_id: UUID


@dataclass(frozen=True, slots=True)
class ConsentGiven(EventPayload):
    """A resident lets an institution or a consortium read; earlier consents to the same one ended with it."""

    KIND: ClassVar[str] = "access.consent_given"
    consent_id: UUID
    grantee_id: UUID
    grantee_kind: str
    purposes: tuple[str, ...]
    until: datetime
    given_by: str
    replaced: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn(EventPayload):
    """From this moment the consents allow no reading; what was read before stays in the record of readings."""

    KIND: ClassVar[str] = "access.consent_withdrawn"
    consents: tuple[UUID, ...]
    grantee_id: UUID


@dataclass(frozen=True, slots=True)
class GlassBroken(EventPayload):
    """A member of staff opened one person's record in an emergency, until a moment; the review is due."""

    KIND: ClassVar[str] = "access.glass_broken"
    glass_id: UUID
    reason: str
    until: datetime
    review_due: datetime


@dataclass(frozen=True, slots=True)
class GlassReviewed(EventPayload):
    """Somebody else looked at an emergency access and found it justified, or not."""

    KIND: ClassVar[str] = "access.glass_reviewed"
    glass_id: UUID
    outcome: str


@dataclass(frozen=True, slots=True)
class ObjectionMade(EventPayload):
    """A resident objects to one reading of their record."""

    KIND: ClassVar[str] = "access.objection_made"
    objection_id: UUID
    event_id: UUID
    due: datetime


@dataclass(frozen=True, slots=True)
class ObjectionAnswered(EventPayload):
    """An objection was answered; ``upheld`` if the reading should not have been."""

    KIND: ClassVar[str] = "access.objection_answered"
    objection_id: UUID
    upheld: bool


@dataclass(frozen=True, slots=True)
class SignInCodeSent(EventPayload):
    """A one-time code went to the telephone on a resident's record."""

    KIND: ClassVar[str] = "access.sign_in_code_sent"


@dataclass(frozen=True, slots=True)
class ResidentAccountOpened(EventPayload):
    """A resident signed in for the first time and has an account of their own from now on."""

    KIND: ClassVar[str] = "access.resident_account_opened"
    resident_id: UUID
