"""Residents sign in with a one-time code sent to the telephone on their record; no password is kept.

Whether there is such a card is never told: asking and answering look and cost the same for one that nobody has. Nor can
whoever knows a number of a card keep its owner out: each browser has a code of its own, and a device on which the
resident has signed in before is counted apart.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
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
from ..rules.sessions import Device
from .accounts import record
from .rates import take
from .short_messages import sender

# Our own numbers (ASVS 5.0 V6.6): a text message arrives within a minute, and of a million codes five guesses find
# one in 200,000 times. How many codes and guesses there are in an hour and a day stands in ``rules.rates``.
CODE_DIGITS = 6
CODE_LASTS = timedelta(minutes=5)
MOST_ATTEMPTS = 5
_SUBJECT = "access.resident_sign_in"


@dataclass(frozen=True, slots=True)
class Browser:
    """Where somebody asks from: the address, the device if its cookie tells, and the code that it holds already."""

    source: str
    device: Device | None = None
    code_id: UUID | None = None


def send_code(actor: Actor, *, resident_id: UUID, phone: str, browser: Browser) -> UUID:
    """Send a new code to ``phone``; answers its id, which ``browser`` is to keep to itself.

    The code that this browser asked for before is worth nothing any more; those of others stay.
    ``resident_id`` is the person, or any id that is always the same for what was typed where nobody bears it;
    ``phone`` is empty then. Not to be called inside another transaction: the count of attempts must stand.

    Raises:
        Refused: 429 while codes are asked for too often.
        OSError: if the message cannot be handed over.
    """
    _count(actor, resident_id, browser, (Rated.SIGN_IN_CODE, Rated.SIGN_IN_CODE_AT_HOME))
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    now = queries.wall_clock()
    with transaction.atomic():
        SignInCode.objects.filter(expires_at__lt=now - CODE_LASTS).delete()
        SignInCode.objects.filter(pk=browser.code_id).delete()
        made = SignInCode(resident_id=resident_id, sent_at=now, expires_at=now + CODE_LASTS)
        made.code_hash = _hash(made.id, code)
        made.save(force_insert=True)
        if phone:
            ledger.append(actor, events.SignInCodeSent(), subject_type=_SUBJECT, subject_id=resident_id)
    if phone:
        minutes = int(CODE_LASTS.total_seconds() // 60)
        sender().send(
            phone, f"【分级诊疗】验证码 {code}，{minutes} 分钟内有效。工作人员不会向您索要，请勿告诉他人。"
        )
    return made.id


def asked_about(code_id: UUID) -> UUID | None:
    """Whom the code of this id is about; ``None`` once it has counted, or is long past."""
    found: UUID | None = SignInCode.objects.filter(pk=code_id).values_list("resident_id", flat=True).first()
    return found


def open_with_code(
    actor: Actor, *, resident_id: UUID, display_name: str, known: bool, code: str, browser: Browser
) -> Account:
    """The account of the resident to whom the code of ``browser`` was sent; made at the first sign-in.

    ``known`` says whether there is such a resident. Every try is counted although the command refuses, so it
    must not be called inside another transaction.

    Raises:
        Refused: 401 for a wrong, old or worn-out code, all in the same words; 429 while codes are tried too often;
            403 for a disabled account.
    """
    _count(actor, resident_id, browser, (Rated.CODE_TRIED, Rated.CODE_TRIED_AT_HOME))
    if not _right_code(resident_id, browser.code_id, code) or not known:
        with transaction.atomic():
            failed = events.SignInFailed(source=browser.source, reason=WRONG_CODE.code, failures=1)
            record(actor, resident_id, failed)
        raise Refused(WRONG_CODE)
    with transaction.atomic():
        account = _account(actor, resident_id, display_name)
        if not account.is_active:
            raise Refused(rules.DISABLED)
        record(actor, account.id, events.SignedIn(source=browser.source))
    return account


def _count(actor: Actor, resident_id: UUID, browser: Browser, budgets: tuple[Rated, Rated]) -> None:
    """Count one more against the strangers' budget of this resident, or that of a device of theirs.

    Raises:
        Refused: 429 while it is used up.
    """
    account = Account.objects.filter(resident_id=resident_id).values_list("id", flat=True).first()
    strangers, own = budgets
    device = browser.device
    if device is not None and account in device.accounts:
        take(actor, what=own, subject=resident_id, device=device.id)
    else:
        take(actor, what=strangers, subject=resident_id, source=browser.source)


def _right_code(resident_id: UUID, code_id: UUID | None, code: str) -> bool:
    """Whether the code is the one that was sent and still counts. It counts once, and each try is counted first."""
    now: datetime = queries.wall_clock()
    with transaction.atomic():
        row = SignInCode.objects.select_for_update().filter(pk=code_id, resident_id=resident_id).first()
        if row is None:
            return False
        usable = row.attempts < MOST_ATTEMPTS and now < row.expires_at
        right = hmac.compare_digest(bytes(row.code_hash), _hash(row.id, code.strip())) and usable
        if right:
            row.delete()
        else:
            SignInCode.objects.filter(pk=row.id, attempts__lt=MOST_ATTEMPTS).update(
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


def _hash(code_id: UUID, code: str) -> bytes:
    """Keyed with the installation's secret: six digits alone would be tried out in no time."""
    return salted_hmac(_SUBJECT, f"{code_id}:{code}", algorithm="sha256").digest()
