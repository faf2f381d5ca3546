"""Residents sign in with a one-time code sent to the telephone on their record; no password is kept.

Whether there is such a card is never told: asking and answering look and cost the same for one that nobody has.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from tiercare.apps.ledger import commands as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from .. import events, queries, rules
from ..models import Account, SignInCode
from ..rules.consent import WRONG_CODE
from ..rules.rates import Rated
from .accounts import record
from .rates import take
from .short_messages import sender

# Our own numbers (ASVS 5.0 V6.6): a text message arrives within a minute, and of a million codes five guesses find
# one in 200,000 times.
CODE_DIGITS = 6
CODE_LASTS = timedelta(minutes=5)
MOST_ATTEMPTS = 5
_SUBJECT = "access.resident_sign_in"


def send_code(actor: Actor, *, resident_id: UUID, phone: str, source: str) -> None:
    """Send a new code to ``phone``; the one before is worth nothing any more.

    ``resident_id`` is the person, or any id that is always the same for what was typed where nobody bears it;
    ``phone`` is empty then. Not to be called inside another transaction: the count of attempts must stand.

    Raises:
        Refused: 429 while codes are asked for too often.
        OSError: if the message cannot be handed over.
    """
    take(actor, what=Rated.SIGN_IN_CODE, source=source, subject=resident_id)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    now = queries.wall_clock()
    with transaction.atomic():
        SignInCode.objects.filter(expires_at__lt=now - CODE_LASTS).delete()
        SignInCode.objects.update_or_create(
            resident_id=resident_id,
            defaults={
                "code_hash": _hash(resident_id, code),
                "sent_at": now,
                "expires_at": now + CODE_LASTS,
                "attempts": 0,
            },
        )
        if phone:
            ledger.append(actor, events.SignInCodeSent(), subject_type=_SUBJECT, subject_id=resident_id)
    if phone:
        minutes = int(CODE_LASTS.total_seconds() // 60)
        sender().send(
            phone, f"【分级诊疗】验证码 {code}，{minutes} 分钟内有效。工作人员不会向您索要，请勿告诉他人。"
        )


def open_with_code(
    actor: Actor, *, resident_id: UUID, display_name: str, known: bool, code: str, source: str
) -> Account:
    """The account of the resident to whom ``code`` was sent; made at the first sign-in.

    ``known`` says whether there is such a resident. A wrong attempt is counted although the command refuses, so it
    must not be called inside another transaction.

    Raises:
        Refused: 401 for a wrong, old or worn-out code, all in the same words; 403 for a disabled account.
    """
    if not _right_code(resident_id, code) or not known:
        with transaction.atomic():
            failed = events.SignInFailed(source=source, reason=WRONG_CODE.code, failures=1)
            record(actor, resident_id, failed)
        raise Refused(WRONG_CODE)
    with transaction.atomic():
        account = _account(actor, resident_id, display_name)
        if not account.is_active:
            raise Refused(rules.DISABLED)
        record(actor, account.id, events.SignedIn(source=source))
    return account


def _right_code(resident_id: UUID, code: str) -> bool:
    """Whether the code is the one that was sent and still counts. It counts once, and each try is counted first."""
    now: datetime = queries.wall_clock()
    given = _hash(resident_id, code.strip())
    with transaction.atomic():
        row = SignInCode.objects.select_for_update().filter(resident_id=resident_id).first()
        if row is None:
            return False
        usable = row.attempts < MOST_ATTEMPTS and now < row.expires_at
        right = hmac.compare_digest(bytes(row.code_hash), given) and usable
        if right:
            row.delete()
        else:
            SignInCode.objects.filter(resident_id=resident_id, attempts__lt=MOST_ATTEMPTS).update(
                attempts=F("attempts") + 1
            )
        return right


def _account(actor: Actor, resident_id: UUID, display_name: str) -> Account:
    """The resident's account, made if it is the first time; called as the entry is called today."""
    account, made = Account.objects.get_or_create(
        resident_id=resident_id,
        defaults={"username": f"r.{resident_id.hex}", "display_name": display_name[:40], "password": "!"},
    )
    if made:
        record(actor, account.id, events.ResidentAccountOpened(resident_id=resident_id))
    return account


def _hash(resident_id: UUID, code: str) -> bytes:
    """Keyed with the installation's secret: six digits alone would be tried out in no time."""
    return salted_hmac(_SUBJECT, f"{resident_id}:{code}", algorithm="sha256").digest()
