"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes on paper."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import pyotp
from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.secrecy import KeyRing, key_ring

from .. import events, queries, rules
from ..models import RecoveryCode, SecondFactor, SignInFailures
from ..queries.second_factor import sealed_for
from ..rules import staff
from .accounts import locked, managed, record

# The source under which wrong codes are counted. Only who has given the password (or sits at an open session)
# gets to try codes, so a wait for the account from anywhere keeps no stranger's victim out.
_SOURCE = "second factor"


def begin(actor: Actor) -> None:
    """A new secret for one's own account. It counts once ``confirm`` has been given a code of it.

    Raises:
        Refused: if nobody is signed in, a resident is, or a second factor is set up already.
    """
    account_id = _own(actor)
    if actor.resident_id is not None:
        raise Refused(staff.NOT_FOR_RESIDENTS)
    with transaction.atomic():
        locked(account_id)
        if SecondFactor.objects.filter(account_id=account_id, confirmed_at__isnull=False).exists():
            raise Refused(staff.FACTOR_IS_SET)
        sealed = _ring().seal(pyotp.random_base32(), of=sealed_for(account_id))
        SecondFactor.objects.update_or_create(
            account_id=account_id, defaults={"secret_sealed": sealed, "last_step": 0}
        )


def confirm(actor: Actor, *, code: str) -> tuple[str, ...]:
    """Show that the app has the secret; answers the recovery codes, which are never shown again.

    Raises:
        Refused: if nothing was begun, or the code does not fit.
    """
    account_id = _own(actor)
    with transaction.atomic():
        factor = (
            SecondFactor.objects.select_for_update()
            .filter(account_id=account_id, confirmed_at__isnull=True)
            .first()
        )
        if factor is None:
            raise Refused(staff.NO_ENROLMENT)
        now = queries.wall_clock()
        step = _step_of(factor, staff.typed(code), now)
        if step is None:
            raise Refused(staff.CODE_DOES_NOT_FIT)
        factor.last_step, factor.confirmed_at = step, now
        factor.save(update_fields=["last_step", "confirmed_at"])
        codes = _new_codes(account_id)
        record(actor, account_id, events.SecondFactorSet())
    return codes


def check_code(actor: Actor, *, account_id: UUID, code: str) -> None:
    """Take a code of the app (the present step or one beside it) or an unused recovery code, each once.

    A failure is kept although the command refuses, so it must not be called inside another transaction; codes
    for one account are tried one by one.

    Raises:
        Refused: 401 for a code that does not count or an account without a second factor; 429 while wrong codes
            come too fast.
    """
    now = queries.wall_clock()
    with transaction.atomic():
        refusal = _judge(actor, account_id, staff.typed(code), now)
    refuse(refusal)  # outside: the failure has been counted


def renew_codes(actor: Actor, *, code: str) -> tuple[str, ...]:
    """New recovery codes for oneself; those of before are void.

    Raises:
        Refused: as ``check_code``.
    """
    account_id = _own(actor)
    check_code(actor, account_id=account_id, code=code)
    with transaction.atomic():
        locked(account_id)
        codes = _new_codes(account_id)
        record(actor, account_id, events.RecoveryCodesRenewed())
    return codes


def switch_off(actor: Actor, *, code: str) -> None:
    """Do without from now on, or begin anew on another telephone. Whose role asks for one is led there at once.

    Raises:
        Refused: as ``check_code``.
    """
    account_id = _own(actor)
    check_code(actor, account_id=account_id, code=code)
    with transaction.atomic():
        locked(account_id)
        _remove(actor, account_id, by_owner=True)


def remove(actor: Actor, *, account_id: UUID) -> None:
    """Take the second factor of a colleague who lost both telephone and recovery codes.

    Raises:
        Refused: if the actor does not manage this account, or it has none.
    """
    with transaction.atomic():
        managed(actor, account_id)
        if not _remove(actor, account_id, by_owner=False):
            raise Refused(staff.NO_FACTOR)


def _own(actor: Actor) -> UUID:
    if actor.account_id is None:
        raise Refused(rules.SIGN_IN_FIRST)
    return actor.account_id


def _ring() -> KeyRing:
    return key_ring(settings.HOME)


def _step_of(factor: SecondFactor, code: str, now: datetime) -> int | None:
    """The time step, later than the last one taken, whose code this is."""
    totp = pyotp.TOTP(
        _ring().open(factor.secret_sealed, of=sealed_for(factor.account_id)),
        digits=staff.CODE_DIGITS,
        interval=staff.STEP,
    )
    for step in staff.steps_around(now.timestamp(), after=factor.last_step):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            return step
    return None


def _judge(actor: Actor, account_id: UUID, code: str, now: datetime) -> Refusal | None:
    factor = (
        SecondFactor.objects.select_for_update()
        .filter(account_id=account_id, confirmed_at__isnull=False)
        .first()
    )
    if factor is None:
        return staff.WRONG_CODE
    failures = _failures(account_id, now)
    remaining = failures.last_at + rules.wait_after(failures.failures) - now
    if rules.wait_after(failures.failures) and remaining > timedelta(0):
        return staff.too_many_codes(remaining)
    if _taken(actor, factor, code, now):
        failures.delete()
        return None
    failures.failures += 1
    failures.last_at = now
    failures.save(update_fields=["failures", "last_at"])
    record(actor, account_id, events.CodeRefused(failures=failures.failures))
    return staff.WRONG_CODE


def _taken(actor: Actor, factor: SecondFactor, code: str, now: datetime) -> bool:
    """Use the code up, if it counts."""
    step = _step_of(factor, code, now)
    if step is not None:
        factor.last_step = step
        factor.save(update_fields=["last_step"])
        return True
    unused = RecoveryCode.objects.filter(account_id=factor.account_id, used_at=None)
    if unused.filter(code_hash=_hash(factor.account_id, code)).update(used_at=now):
        record(actor, factor.account_id, events.RecoveryCodeUsed(left=unused.count()))
        return True
    return False


def _failures(account_id: UUID, now: datetime) -> SignInFailures:
    """Wrong codes in a row, under the lock of the factor's row; older than a day they count as none."""
    name = salted_hmac("tiercare.access.second_factor", str(account_id), algorithm="sha256").hexdigest()
    row: SignInFailures
    row, _ = SignInFailures.objects.get_or_create(name_hash=name, source=_SOURCE, defaults={"last_at": now})
    if now - row.last_at >= rules.FORGET_FAILURES_AFTER:
        row.failures = 0
    return row


def _new_codes(account_id: UUID) -> tuple[str, ...]:
    """Recovery codes in the place of those there were."""
    codes: set[str] = set()
    while len(codes) < staff.RECOVERY_CODES:
        codes.add("".join(secrets.choice(staff.ALPHABET) for _ in range(staff.RECOVERY_LENGTH)))
    RecoveryCode.objects.filter(account_id=account_id).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(account_id=account_id, code_hash=_hash(account_id, code)) for code in codes
    )
    return tuple(staff.printed(code) for code in sorted(codes))


def _hash(account_id: UUID, code: str) -> bytes:
    """Keyed, because fifty bits can be tried out by whoever holds a copy of the table."""
    return _ring().blind("access.recovery_code", f"{account_id}:{code}")


def _remove(actor: Actor, account_id: UUID, *, by_owner: bool) -> bool:
    RecoveryCode.objects.filter(account_id=account_id).delete()
    removed, _ = SecondFactor.objects.filter(account_id=account_id).delete()
    if removed:
        record(actor, account_id, events.SecondFactorRemoved(by_owner=by_owner))
    return bool(removed)
