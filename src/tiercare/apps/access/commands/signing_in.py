"""Signing in and out."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.crypto import salted_hmac

from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused

from .. import events, queries, rules
from ..models import Account, SignInFailures
from .accounts import record


def sign_in(actor: Actor, *, username: str, password: str, source: str) -> Account:
    """The account that ``username`` and ``password`` open, attempted from the address ``source``.

    Unknown names cost the same hashing as known ones and get the same answer; a disabled account is told so
    only to who knows its password. Failures are kept and told to the ledger although the command refuses, so
    it must not be called inside another transaction. Attempts for one name from one source go one by one.

    Raises:
        Refused: 401 for a wrong name or password, 403 for a disabled account, 429 while attempts come too fast.
    """
    now = queries.wall_clock()
    folded = rules.fold(username)
    digest = salted_hmac("tiercare.access.sign_in", folded, algorithm="sha256").digest()
    with transaction.atomic():
        failures = _failures(digest.hex(), source, now)
        wait = rules.wait_after(failures.failures)
        remaining = failures.last_at + wait - now
        if wait and remaining > timedelta(0):
            refusal: Refusal | None = rules.too_many_attempts(remaining)
            account = None
        else:
            account, refusal = _recognise(folded, password)
            subject = account.id if account else UUID(bytes=digest[:16])
            _remember(actor, failures, subject, refusal, now)
    if refusal is not None:
        raise Refused(refusal)
    assert account is not None
    return account


def sign_out(actor: Actor) -> None:
    """Tell the ledger that the person ended the session; a visitor leaves no trace."""
    if actor.account_id is not None:
        with transaction.atomic():
            record(actor, actor.account_id, events.SignedOut())


def _recognise(folded: str, password: str) -> tuple[Account | None, Refusal | None]:
    """The account of that name, if any, and why it may not come in, if so."""
    if len(password) > rules.LONGEST_PASSWORD or rules.username_refusal(folded) is not None:
        return None, rules.WRONG_NAME_OR_PASSWORD
    account = queries.account_by_username(folded)
    if account is None:
        make_password(password)  # the same work as a check, so that time does not tell which names exist
        return None, rules.WRONG_NAME_OR_PASSWORD
    if not account.check_password(password):
        return account, rules.WRONG_NAME_OR_PASSWORD
    return account, None if account.is_active else rules.DISABLED


def _failures(name_hash: str, source: str, now: datetime) -> SignInFailures:
    """The memory of this name and source, locked; one older than a day counts as none.

    An upsert, because a twin that has just succeeded deletes the row between a look and a lock.
    """
    SignInFailures.objects.bulk_create(
        [SignInFailures(name_hash=name_hash, source=source, last_at=now)],
        update_conflicts=True,
        unique_fields=["name_hash", "source"],
        update_fields=["source"],
    )
    row: SignInFailures = SignInFailures.objects.get(name_hash=name_hash, source=source)
    if now - row.last_at >= rules.FORGET_FAILURES_AFTER:
        row.failures = 0
    return row


def _remember(
    actor: Actor, failures: SignInFailures, subject: UUID, refusal: Refusal | None, now: datetime
) -> None:
    """Count a failure or forget the earlier ones, and tell the ledger either way."""
    if refusal is None:
        failures.delete()
        record(actor, subject, events.SignedIn(source=failures.source))
        return
    failures.failures += 1
    failures.last_at = now
    failures.save(update_fields=["failures", "last_at"])
    _forget_old(now)
    failed = events.SignInFailed(source=failures.source, reason=refusal.code, failures=failures.failures)
    record(actor, subject, failed)


def _forget_old(now: datetime) -> None:
    """Drop some memories older than a day, passing over those that another attempt is holding."""
    old = SignInFailures.objects.filter(last_at__lt=now - rules.FORGET_FAILURES_AFTER)
    held_by_none = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:100])
    SignInFailures.objects.filter(pk__in=held_by_none).delete()
