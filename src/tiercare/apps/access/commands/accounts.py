"""Opening, closing and re-keying accounts."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger.events import EventPayload
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse

from .. import events, rules
from ..models import Account
from ..queries.staff import managing_refusal
from ..rights import Right
from .sessions import end_sessions

SUBJECT = "access.account"


def create_account(
    actor: Actor, *, username: str, display_name: str, password: str | None, synthetic: bool = False
) -> Account:
    """Open an account with a first password, which its owner must change at the first sign-in.

    Without a password nobody can sign in until an invitation sets one. Only the platform itself
    (``Actor.system``) opens synthetic accounts; these keep their password.

    Raises:
        Refused: if the actor may not manage access, or a name or the password cannot be used, all of them told.
    """
    folded = rules.fold(username)
    refuse(rules.may(actor, Right.ACCESS_MANAGE))
    refuse(
        rules.username_refusal(folded),
        rules.display_name_refusal(display_name),
        None if password is None else password_refusal(password, folded),
        rules.SYNTHETIC_BY_SYSTEM if synthetic and actor.role != rules.SYSTEM else None,
    )
    taken = replace(rules.USERNAME_TAKEN, fields={"username": folded})
    account = Account(
        username=folded, display_name=display_name, synthetic=synthetic, must_change_password=not synthetic
    )
    account.set_password(password)
    if Account.objects.filter(username=folded).exists():
        raise Refused(taken)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
            record(
                actor,
                account.id,
                events.AccountCreated(username=folded, display_name=display_name, synthetic=synthetic),
            )
    except IntegrityError as error:
        if "access_account_username" in str(error):
            raise Refused(taken) from error
        raise
    return account


def change_password(actor: Actor, *, current: str, password: str, session_key: str | None = None) -> Account:
    """Change one's own password; every session of the account ends but the one under ``session_key``.

    Raises:
        Refused: if nobody is signed in, ``current`` is wrong, or the new password cannot be used.
    """
    if actor.account_id is None:
        raise Refused(rules.SIGN_IN_FIRST)
    with transaction.atomic():
        account = locked(actor.account_id)
        if len(current) > rules.LONGEST_PASSWORD or not account.check_password(current):
            raise Refused(rules.WRONG_CURRENT_PASSWORD)
        refuse(
            password_refusal(password, account.username),
            rules.SAME_PASSWORD if account.check_password(password) else None,
        )
        account.set_password(password)
        account.must_change_password = False
        account.save(update_fields=["password", "must_change_password"])
        end_sessions(account.id, except_key=session_key)
        record(actor, account.id, events.PasswordSet(by_owner=True))
    return account


def set_password(actor: Actor, *, account_id: UUID, password: str) -> None:
    """Give somebody who forgot theirs a new password, to be changed at the next sign-in; all sessions end.

    Raises:
        Refused: if the actor does not manage this account, or the password cannot be used.
    """
    with transaction.atomic():
        account = managed(actor, account_id)
        refuse(password_refusal(password, account.username))
        account.set_password(password)
        account.must_change_password = True
        account.save(update_fields=["password", "must_change_password"])
        end_sessions(account.id)
        record(actor, account.id, events.PasswordSet(by_owner=False))


def disable_account(actor: Actor, *, account_id: UUID) -> None:
    """Close an account and end its sessions at once. Doing it twice changes nothing.

    Raises:
        Refused: if the actor does not manage this account.
    """
    with transaction.atomic():
        account = managed(actor, account_id)
        if not account.is_active:
            return
        account.is_active = False
        account.save(update_fields=["is_active"])
        end_sessions(account.id)
        record(actor, account.id, events.AccountDisabled(username=account.username))


def enable_account(actor: Actor, *, account_id: UUID, password: str) -> None:
    """Open a disabled account again. The new password keeps sessions of before from coming back to life.

    Raises:
        Refused: if the actor does not manage this account, or the password cannot be used.
    """
    with transaction.atomic():
        account = managed(actor, account_id)
        refuse(password_refusal(password, account.username))
        account.set_password(password)
        account.is_active = True
        account.must_change_password = True
        account.save(update_fields=["password", "is_active", "must_change_password"])
        end_sessions(account.id)
        record(actor, account.id, events.AccountEnabled(username=account.username))


def locked(account_id: UUID) -> Account:
    """The account, its row held until the transaction ends.

    Raises:
        Refused: if there is none.
    """
    account: Account | None = Account.objects.select_for_update().filter(pk=account_id).first()
    if account is None:
        raise Refused(rules.NO_SUCH_ACCOUNT)
    return account


def record(
    actor: Actor, account_id: UUID, payload: EventPayload, *, division_code: str | None = None
) -> None:
    """Append an event about an account."""
    ledger.append(actor, payload, subject_type=SUBJECT, subject_id=account_id, division_code=division_code)


def managed(actor: Actor, account_id: UUID) -> Account:
    """The account, locked, if the actor manages it (``queries.staff.managing_refusal``).

    Raises:
        Refused: if the actor does not, is the account itself, or it is a resident's.
    """
    refuse(rules.may(actor, Right.ACCESS_MANAGE))
    account = locked(account_id)
    refuse(managing_refusal(actor, account))
    return account


def password_refusal(password: str, username: str) -> Refusal | None:
    """Whether a new password is long enough, not the login name, and not among the common ones."""
    try:
        CommonPasswordValidator().validate(password)
    except ValidationError:
        return rules.password_refusal(password, username=username, common=True)
    return rules.password_refusal(password, username=username, common=False)
