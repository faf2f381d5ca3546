"""Signing in, in one step or two; showing again who one is; signing out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from tiercare.apps.ledger.events import EventPayload
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused

from .. import events, queries, rules
from ..models import Account, SecondFactor, SignInFailures
from ..rules import sessions as session_rules
from ..rules.sessions import Device
from .accounts import record
from .second_factor import check_code


@dataclass(frozen=True, slots=True)
class HalfOpen:
    """The password was right, and a code is still to come. ``proof`` dies with the password it was given for."""

    account_id: UUID
    proof: str


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One try at a password: for whom, from where, and what the ledger is told if that is enough."""

    folded: str
    account: Account | None
    source: str
    place: str
    enough: EventPayload

    @property
    def digest(self) -> bytes:
        """The typed name as failures are kept under it; people type passwords into the wrong box."""
        return salted_hmac("tiercare.access.sign_in", self.folded, algorithm="sha256").digest()


def sign_in(
    actor: Actor, *, username: str, password: str, source: str, device: Device | None = None
) -> Account | HalfOpen:
    """The account that ``username`` and ``password`` open, or half of it where a second factor is set up.

    ``source`` is the address of the attempt and ``device`` the browser, if it is known. Unknown names cost the
    same hashing as known ones and get the same answer; a disabled account is told so only to who knows its
    password. Failures are kept and told to the ledger although the command refuses, so it must not be called
    inside another transaction. Attempts for one name from one place go one by one; failures at a device where
    the account is known count there, others at the address.

    Raises:
        Refused: 401 for a wrong name or password, 403 for a disabled account, 429 while attempts come too fast.
    """
    folded = rules.fold(username)
    usable = rules.username_refusal(folded) is None
    account = queries.account_by_username(folded) if usable else None
    place = session_rules.counted_place(source, device, account.id if account else None)
    whole = _attempt(
        actor, _Attempt(folded, account, source, place, events.SignedIn(source=source)), password
    )
    assert account is not None, "without an account the attempt was refused"
    return account if whole else HalfOpen(account.id, account.get_session_auth_hash())


def finish_sign_in(actor: Actor, *, half: HalfOpen, code: str, source: str) -> Account:
    """The account whose password was given a moment ago, with a code of the second factor; codes are throttled.

    Like ``sign_in`` not to be called inside another transaction.

    Raises:
        Refused: 401 for a wrong code, or if the password was changed or the account disabled meanwhile; 429 while
            wrong codes come too fast.
    """
    account: Account | None = Account.objects.filter(pk=half.account_id, is_active=True).first()
    if account is None or not constant_time_compare(account.get_session_auth_hash(), half.proof):
        raise Refused(session_rules.SIGN_IN_ANEW)
    check_code(actor, account_id=account.id, code=code)
    with transaction.atomic():
        record(actor, account.id, events.SignedIn(source=source))
    return account


def confirm(actor: Actor, *, secret: str, source: str, device: Device | None = None) -> None:
    """Show again who one is before something weighty: the code where a second factor is set up, else the password.

    Guesses are counted with those of signing in. Not to be called inside another transaction.

    Raises:
        Refused: if nobody is signed in, 401 for a wrong password or code, 429 while attempts come too fast.
    """
    account: Account | None = Account.objects.filter(pk=actor.account_id, is_active=True).first()
    if account is None:
        raise Refused(rules.SIGN_IN_FIRST)
    if _has_second_factor(account):
        check_code(actor, account_id=account.id, code=secret)
        with transaction.atomic():
            record(actor, account.id, events.Confirmed())
        return
    place = session_rules.counted_place(source, device, account.id)
    _attempt(actor, _Attempt(account.username, account, source, place, events.Confirmed()), secret)


def sign_out(actor: Actor) -> None:
    """Tell the ledger that the person ended the session; a visitor leaves no trace."""
    if actor.account_id is not None:
        with transaction.atomic():
            record(actor, actor.account_id, events.SignedOut())


def _has_second_factor(account: Account) -> bool:
    return bool(SecondFactor.objects.filter(account=account, confirmed_at__isnull=False).exists())


def _attempt(actor: Actor, attempt: _Attempt, password: str) -> bool:
    """Try the password unless tries come too fast; failures are kept although ``Refused`` is raised.

    ``False`` if the password is right and not enough: a second factor is set up.
    """
    now = queries.wall_clock()
    whole = False
    with transaction.atomic():
        failures = _failures(attempt.digest.hex(), attempt.place, now)
        wait = rules.wait_after(failures.failures)
        remaining = failures.last_at + wait - now
        if wait and remaining > timedelta(0):
            refusal: Refusal | None = rules.too_many_attempts(remaining)
        else:
            refusal = _password_refusal(attempt.account, password)
            whole = _remember(actor, attempt, failures, refusal, now)
    if refusal is not None:
        raise Refused(refusal)
    return whole


def _password_refusal(account: Account | None, password: str) -> Refusal | None:
    """Why this password does not open that account, if so."""
    if len(password) > rules.LONGEST_PASSWORD:
        return rules.WRONG_NAME_OR_PASSWORD
    if account is None:
        make_password(password)  # the same work as a check, so that time does not tell which names exist
        return rules.WRONG_NAME_OR_PASSWORD
    if not account.check_password(password):
        return rules.WRONG_NAME_OR_PASSWORD
    return None if account.is_active else rules.DISABLED


def _failures(name_hash: str, place: str, now: datetime) -> SignInFailures:
    """The memory of this name and place, locked; one older than a day counts as none.

    An upsert, because a twin that has just succeeded deletes the row between a look and a lock.
    """
    SignInFailures.objects.bulk_create(
        [SignInFailures(name_hash=name_hash, source=place, last_at=now)],
        update_conflicts=True,
        unique_fields=["name_hash", "source"],
        update_fields=["source"],
    )
    row: SignInFailures = SignInFailures.objects.get(name_hash=name_hash, source=place)
    if now - row.last_at >= rules.FORGET_FAILURES_AFTER:
        row.failures = 0
    return row


def _remember(
    actor: Actor, attempt: _Attempt, failures: SignInFailures, refusal: Refusal | None, now: datetime
) -> bool:
    """Count a failure or forget the earlier ones, and tell the ledger, unless a code is still to come.

    ``True`` if the password was right and is enough.
    """
    if refusal is None and attempt.account is not None:
        failures.delete()
        whole = not _has_second_factor(attempt.account)
        if whole:
            record(actor, attempt.account.id, attempt.enough)
        return whole
    assert refusal is not None, "an account is missing only where the password was refused"
    subject = attempt.account.id if attempt.account else UUID(bytes=attempt.digest[:16])
    failures.failures += 1
    failures.last_at = now
    failures.save(update_fields=["failures", "last_at"])
    _forget_old(now)
    failed = events.SignInFailed(source=attempt.source, reason=refusal.code, failures=failures.failures)
    record(actor, subject, failed)
    return False


def _forget_old(now: datetime) -> None:
    """Drop some memories older than a day, passing over those that another attempt is holding."""
    old = SignInFailures.objects.filter(last_at__lt=now - rules.FORGET_FAILURES_AFTER)
    held_by_none = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:100])
    SignInFailures.objects.filter(pk__in=held_by_none).delete()
