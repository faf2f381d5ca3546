"""Inviting a colleague: an account without a password, and a slip with which its owner sets one.

The same slip lets somebody back in who forgot the password, or whose account is opened again: so no operator
ever knows another person's password.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.period import Period
from tiercare.kernel.refusal import Refused, refuse

from .. import events, queries, rules
from ..models import Account, Invitation
from ..rights import Right, Role
from ..rules import staff
from .accounts import create_account, managed, password_refusal, record
from .grants import grant, grant_misfits
from .sessions import end_sessions


@dataclass(frozen=True, slots=True)
class Invited:
    """A slip, just made. ``token`` (in groups, as printed) is told here and nowhere else, ever."""

    account_id: UUID
    username: str
    display_name: str
    token: str
    expires_at: datetime


def invite(
    actor: Actor,
    *,
    username: str,
    display_name: str,
    role: Role,
    place_name: str,
    division_code: str,
    period: Period,
    institution_id: UUID | None = None,
    consortium_id: UUID | None = None,
) -> Invited:
    """Open an account for a colleague, with one role (as in ``grant``) and a slip to set the password with.

    Raises:
        Refused: if the actor does not manage that area, a name cannot be used, or the place does not fit the
            role, all of them told.
    """
    refuse(rules.may(actor, Right.ACCESS_MANAGE, division=division_code))
    refuse(
        rules.username_refusal(rules.fold(username)),
        rules.display_name_refusal(display_name),
        grant_misfits(
            role,
            place_name=place_name,
            division_code=division_code,
            institution_id=institution_id,
            consortium_id=consortium_id,
        ),
    )
    with transaction.atomic():
        account = create_account(actor, username=username, display_name=display_name, password=None)
        grant(
            actor,
            account_id=account.id,
            role=role,
            place_name=place_name,
            division_code=division_code,
            period=period,
            institution_id=institution_id,
            consortium_id=consortium_id,
        )
        return _slip(actor, account)


def invite_again(actor: Actor, *, account_id: UUID) -> Invited:
    """A new slip in the place of the one before. The password of before ends, and so does every session.

    Raises:
        Refused: if the actor does not manage this account, it is disabled, or of a demonstration.
    """
    with transaction.atomic():
        account = managed(actor, account_id)
        refuse(
            staff.SYNTHETIC_STAYS if account.synthetic else None,
            None if account.is_active else staff.DISABLED_FIRST_OPEN,
        )
        return _slip(actor, account)


def reopen(actor: Actor, *, account_id: UUID) -> Invited:
    """Open a disabled account again, with a new slip; roles that were taken back stay so until granted anew.

    Raises:
        Refused: if the actor does not manage this account, it is not disabled, or of a demonstration.
    """
    with transaction.atomic():
        account = managed(actor, account_id)
        refuse(
            staff.SYNTHETIC_STAYS if account.synthetic else None,
            staff.NOT_DISABLED if account.is_active else None,
        )
        account.is_active = True
        account.save(update_fields=["is_active"])
        record(actor, account.id, events.AccountEnabled(username=account.username))
        return _slip(actor, account)


def withdraw(actor: Actor, *, account_id: UUID) -> None:
    """Make the open slip of an account void.

    Raises:
        Refused: if the actor does not manage this account, or no slip is open.
    """
    with transaction.atomic():
        managed(actor, account_id)
        if not _void(actor, account_id, queries.wall_clock()):
            raise Refused(staff.NO_OPEN_INVITATION)


def accept(actor: Actor, *, token: str, password: str) -> Account:
    """Set the password of the account that the slip opens, which uses the slip up. The person then signs in.

    Raises:
        Refused: one and the same for a slip that is unknown, used, withdrawn or too old, or whose account is
            disabled; for a slip that opens, if the password cannot be used.
    """
    now = queries.wall_clock()
    with transaction.atomic():
        slip = (
            Invitation.objects.select_for_update(of=("self", "account"))
            .select_related("account")
            .filter(
                token_hash=_hash(staff.typed(token)),
                used_at=None,
                revoked_at=None,
                expires_at__gt=now,
                account__is_active=True,
            )
            .first()
        )
        if slip is None:
            raise Refused(staff.NO_SUCH_INVITATION)
        account: Account = slip.account
        refuse(password_refusal(password, account.username))
        slip.used_at = now
        slip.save(update_fields=["used_at"])
        account.set_password(password)
        account.must_change_password = False
        account.save(update_fields=["password", "must_change_password"])
        record(actor, account.id, events.InvitationAccepted(invitation_id=slip.id))
    return account


def _slip(actor: Actor, account: Account) -> Invited:
    """A new slip for the account, whose password and sessions end."""
    now = queries.wall_clock()
    _void(actor, account.id, now)
    account.set_unusable_password()
    account.must_change_password = False
    account.save(update_fields=["password", "must_change_password"])
    end_sessions(account.id)
    token = "".join(secrets.choice(staff.ALPHABET) for _ in range(staff.TOKEN_LENGTH))
    invitation_id, expires_at = uuid7(), now + staff.INVITATION_LASTS
    Invitation.objects.create(
        id=invitation_id,
        account=account,
        token_hash=_hash(token),
        made_by=actor.account_id,
        made_at=now,
        expires_at=expires_at,
    )
    record(actor, account.id, events.InvitationMade(invitation_id=invitation_id, expires_at=expires_at))
    return Invited(account.id, account.username, account.display_name, staff.printed(token), expires_at)


def _void(actor: Actor, account_id: UUID, now: datetime) -> bool:
    """Withdraw the open slips of an account; whether there was one."""
    slips = Invitation.objects.filter(account_id=account_id, used_at=None, revoked_at=None)
    keys = list(slips.values_list("id", flat=True))
    slips.update(revoked_at=now)
    for key in keys:
        record(actor, account_id, events.InvitationWithdrawn(invitation_id=key))
    return bool(keys)


def _hash(token: str) -> bytes:
    """140 random bits need no key and no salt."""
    return hashlib.sha256(token.encode()).digest()
